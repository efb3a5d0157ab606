# SPDX-License-Identifier: LGPL-2.1-or-later
"""The interface as a client with a session uses it. Each answer is held against /api/v1/openapi.json."""
import http.client
import json
import re

from interface import complaints


class Reply:
    def __init__(self, answer):
        self.status, self.headers, text = answer.status, answer.headers, answer.read()
        self.json = json.loads(text) if text else None


class Api:
    def __init__(self, house):
        self.house = house
        self.document = json.loads(house.fetch('/api/v1/openapi.json'))

    def ask(self, method, path, body=None, token=None, **headers):
        """One request on a connection of its own."""
        headers = {name.replace('_', '-'): value for name, value in headers.items()}
        if token:
            headers['Authorization'] = f'Bearer {token}'
        connection = http.client.HTTPConnection('127.0.0.1', self.house.port, timeout=30)
        try:
            connection.request(method, path, None if body is None else json.dumps(body), headers)
            reply = Reply(connection.getresponse())
        finally:
            connection.close()
        self._hold_against_description(method, path.partition('?')[0], reply)
        return reply

    def _hold_against_description(self, method, path, reply):
        # A path without a variable goes before one that would take its last word for one.
        for route in sorted(self.document['paths'], key=lambda route: route.count('{')):
            if re.fullmatch(re.sub(r'{\w+}', '[^/]+', route), path):
                described = self.document['paths'][route][method.lower()]['responses']
                assert str(reply.status) in described, f'{method} {route} says nothing of {reply.status}: {reply.json}'
                for content in described[str(reply.status)].get('content', {}).values():
                    found = complaints(self.document, content['schema'], reply.json)
                    assert not found, found
                return
        raise AssertionError(f'{path} is not described')

    def log_in(self, who, **more):
        """The token of a new session."""
        reply = self.ask('POST', '/api/v1/sessions', {'email': who['email'], 'password': who['password'], **more})
        assert reply.status == 201, reply.json
        return reply.json['token']
