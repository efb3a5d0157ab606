#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the interface answers is what it says of itself in /api/v1/openapi.json."""
import json
import re
import unittest
import urllib.error
import urllib.request

import house
from spread import over, spread

FILM, MUSIC = 'sintel-trailer', 'vibe-ace'
TYPES = {'object': dict, 'array': list, 'string': str, 'integer': int, 'number': (int, float), 'boolean': bool, 'null': type(None)}
# (method and path as they are described, path, body, status)
CASES = {
    'a_page_of_titles': ('get /api/v1/catalogue', '/api/v1/catalogue?limit=1', None, 200),
    'a_limit_that_is_none': ('get /api/v1/catalogue', '/api/v1/catalogue?limit=many', None, 400),
    'a_film': ('get /api/v1/catalogue/{id}', f'/api/v1/catalogue/{FILM}', None, 200),
    'a_track': ('get /api/v1/catalogue/{id}', f'/api/v1/catalogue/{MUSIC}', None, 200),
    'a_title_that_never_was': ('get /api/v1/catalogue/{id}', '/api/v1/catalogue/nothing', None, 404),
    'a_picture_that_is_none': ('get /api/v1/catalogue/{id}/picture', f'/api/v1/catalogue/{FILM}/picture', None, 404),
    'albums': ('get /api/v1/albums', '/api/v1/albums?q=&limit=3', None, 200),
    'albums_with_a_cursor_that_is_none': ('get /api/v1/albums', '/api/v1/albums?cursor=x', None, 400),
    'an_album_that_is_none': ('get /api/v1/albums/{id}', '/api/v1/albums/0123456789abcdef', None, 404),
    'artists': ('get /api/v1/artists', '/api/v1/artists', None, 200),
    'a_playback_with_subtitles_that_are_none': ('post /api/v1/playbacks', '/api/v1/playbacks',
                                                {'item': FILM, 'subtitles': {'language': 'es', 'mode': 'burn'}}, 422),
    'a_playback': ('post /api/v1/playbacks', '/api/v1/playbacks', {'item': FILM, 'video': {'max_height': 360}}, 201),
    'a_wish_that_cannot_be_met': ('post /api/v1/playbacks', '/api/v1/playbacks', {'item': FILM, 'video': {'codec': 'theora'}}, 422),
    'a_body_that_is_none': ('post /api/v1/playbacks', '/api/v1/playbacks', [], 400),
    'life': ('get /healthz', '/healthz', None, 200),
    'readiness': ('get /readyz', '/readyz', None, 200),
    'itself': ('get /api/v1/openapi.json', '/api/v1/openapi.json', None, 200),
}


def complaints(document, schema, value, where='answer'):
    """What of JSON Schema the document uses, no more; an unknown word is a complaint, so that none is passed over."""
    if '$ref' in schema:
        return complaints(document, document['components']['schemas'][schema['$ref'].rpartition('/')[2]], value, where)
    known = {'type', 'properties', 'required', 'items', 'enum', 'pattern', 'minimum', 'maximum', 'minLength', 'maxLength', 'format',
             'description', 'default'}
    found = [f'{where}: no check knows "{word}"' for word in schema if word not in known]
    types = schema.get('type', list(TYPES))
    types = [types] if isinstance(types, str) else types
    if not any(isinstance(value, TYPES[name]) and (name == 'boolean') == isinstance(value, bool) for name in types):
        return found + [f'{where}: {value!r} is none of {types}']
    if 'enum' in schema and value not in schema['enum']:
        found.append(f'{where}: {value!r} is none of {schema["enum"]}')
    if 'pattern' in schema and not re.search(schema['pattern'], value):
        found.append(f'{where}: {value!r} does not match {schema["pattern"]}')
    if isinstance(value, int) and not schema.get('minimum', value) <= value <= schema.get('maximum', value):
        found.append(f'{where}: {value} is out of range')
    if isinstance(value, dict):
        found += [f'{where}: lacks {name}' for name in schema.get('required', []) if name not in value]
        properties = schema.get('properties')
        for name, inner in value.items() if properties else ():
            found += complaints(document, properties[name], inner, f'{where}.{name}') if name in properties else \
                [f'{where}.{name} is not described']
    if isinstance(value, list):
        for i, inner in enumerate(value):
            found += complaints(document, schema.get('items', {}), inner, f'{where}[{i}]')
    return found


@spread
class Interface(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = house.House([house.DEMO / 'video' / f'{FILM}.mp4', house.DEMO / 'audio' / f'{MUSIC}.ogg'])
        cls.house.__enter__()
        cls.addClassCleanup(cls.house.__exit__, None, None, None)
        cls.document = json.loads(cls.house.fetch('/api/v1/openapi.json'))

    def ask(self, path, body):
        data = None if body is None else json.dumps(body).encode()
        try:
            with urllib.request.urlopen(urllib.request.Request(self.house.base + path, data), timeout=30) as reply:
                return reply.status, reply.headers.get_content_type(), json.load(reply)
        except urllib.error.HTTPError as error:
            return error.code, error.headers.get_content_type(), json.load(error)

    @over(CASES)
    def test_an_answer_is_as_described(self, case):
        described, path, body, expected = case
        method, _, route = described.partition(' ')
        status, kind, answer = self.ask(path, body)
        self.assertEqual(status, expected)
        content = self.document['paths'][route][method]['responses'][str(status)]['content']
        self.assertIn(kind, content)
        self.assertEqual(complaints(self.document, content[kind]['schema'], answer), [])

    def test_the_check_itself_notices_what_is_wrong(self):
        item = json.loads(self.house.fetch(f'/api/v1/catalogue/{FILM}'))
        schema = {'$ref': '#/components/schemas/Item'}
        self.assertEqual(complaints(self.document, schema, item), [])
        for change in ({'id': 3}, {'kind': 'book'}, {'duration_ms': -1}, {'more': 1}, {'price': {'amount': 1, 'currency': 'euro'}}, {'owned': 1}):
            self.assertNotEqual(complaints(self.document, schema, {**item, **change}), [], change)
        del item['slug']
        self.assertNotEqual(complaints(self.document, schema, item), [])


if __name__ == '__main__':
    unittest.main(verbosity=1)
