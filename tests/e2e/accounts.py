#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Accounts and sessions as people and hostile clients use them."""
import json
import os
import re
import unittest
import unittest.mock

import house
from api import Api

ADMIN = {'email': 'boss@example.com', 'password': 'the boss has a password'}
ANA = {'email': 'ana@example.com', 'password': 'contraseña de Ana', 'name': 'Ana'}
# Cheap, for there are many; and many attempts, but for the tests of their limits.
SETTINGS = ['accounts.hash_passes=1', 'accounts.hash_memory_bytes=64KiB', 'accounts.attempts_per_client=1000', 'workers.thumbnails_ahead=false']
UNKNOWN = '0' * 16


class Accounts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        with unittest.mock.patch.dict(os.environ, BUTACA_ADMIN_EMAIL=ADMIN['email'], BUTACA_ADMIN_PASSWORD=ADMIN['password']):
            cls.house = house.House([house.DEMO / 'audio' / 'vibe-ace.ogg'], SETTINGS)
            cls.house.__enter__()
        cls.addClassCleanup(cls.house.__exit__, None)
        cls.api = Api(cls.house)
        cls.admin = cls.api.log_in(ADMIN)

    def ask(self, *words, **headers):
        return self.api.ask(*words, **headers)

    def log_in(self, *words, **more):
        return self.api.log_in(*words, **more)

    def new_account(self, name):
        who = {'email': f'{name}@example.com', 'password': f'the password of {name}', 'name': name}
        reply = self.ask('POST', '/api/v1/accounts', who)
        self.assertEqual(reply.status, 201, reply.json)
        return {**who, 'id': reply.json['id']}

    def assert_ended(self, token):
        self.assertEqual(self.ask('GET', '/api/v1/me', token=token).status, 401)

    def test_a_person_signs_up_logs_in_and_out(self):
        reply = self.ask('POST', '/api/v1/accounts', ANA)
        self.assertEqual((reply.status, reply.json['email'], reply.json['name'], reply.json['role']), (201, ANA['email'], 'Ana', 'viewer'))
        self.assertEqual(self.ask('POST', '/api/v1/accounts', {**ANA, 'email': 'ANA@example.com'}).status, 409)
        token = self.log_in(ANA)
        self.assertGreaterEqual(len(token), 43)  # 256 bits
        me = self.ask('GET', '/api/v1/me', token=token)
        self.assertEqual((me.status, me.json['id'], me.json['email']), (200, reply.json['id'], ANA['email']))
        self.assertEqual(me.headers['Cache-Control'], 'no-store')
        self.assertEqual(self.ask('PATCH', '/api/v1/me', {'name': ' Ana María '}, token).json['name'], 'Ana María')
        self.assertEqual(self.ask('DELETE', '/api/v1/sessions/current', token=token).status, 204)
        self.assert_ended(token)

    def test_what_is_told_has_to_make_sense(self):
        for change in ({'email': 'nobody'}, {'email': '@example.com'}, {'email': 'a b@example.com'}, {'email': 'a@b@c'}, {'email': 7},
                       {'email': 'x' * 250 + '@example.com'}, {'password': 'short'}, {'password': 'x' * 1025}, {'password': None},
                       {'name': ''}, {'name': ' '}, {'name': 'x' * 101}, {'name': 'a\nb'}):
            reply = self.ask('POST', '/api/v1/accounts', {**ANA, 'email': 'new@example.com', **change})
            self.assertEqual(reply.status, 400, change)
        for body in ([], 'text', {'email': 'ana@example.com'}, {'email': 'ana@example.com', 'password': ''}):
            self.assertEqual(self.ask('POST', '/api/v1/sessions', body).status, 400, body)
        self.assertEqual(self.ask('POST', '/api/v1/accounts', {**ANA, 'name': 'x' * 9000}).status, 413)

    def test_a_wrong_password_and_an_unknown_address_get_the_same_answer(self):
        who = self.new_account('carla')
        answers = [self.ask('POST', '/api/v1/sessions', {'email': email, 'password': 'not this one'}) for email in (who['email'], 'nobody@example.com')]
        self.assertEqual([answer.status for answer in answers], [401, 401])
        for answer in answers:
            del answer.json['instance']
        self.assertEqual(answers[0].json, answers[1].json)
        self.assertEqual(answers[0].headers['WWW-Authenticate'], 'Bearer')

    def test_who_guesses_has_to_wait(self):
        for email in (self.new_account('diego')['email'], 'never@example.com'):
            statuses = [self.ask('POST', '/api/v1/sessions', {'email': email.upper() if i % 2 else email, 'password': 'a guess'}) for i in range(6)]
            self.assertEqual([reply.status for reply in statuses], [401] * 5 + [429], email)
            self.assertGreaterEqual(int(statuses[-1].headers['Retry-After']), 1)

    def test_sessions_are_listed_and_ended_by_their_owner_only(self):
        who, other = self.new_account('elena'), self.new_account('eve')
        here, there = self.log_in(who, device='the telephone'), self.log_in(who)
        sessions = self.ask('GET', '/api/v1/sessions', token=here).json['items']
        self.assertEqual({session['device'] for session in sessions}, {'the telephone', ''})
        current, = (session for session in sessions if session['current'])
        self.assertEqual(current['device'], 'the telephone')
        elsewhere, = (session['id'] for session in sessions if not session['current'])
        self.assertEqual(self.ask('DELETE', f'/api/v1/sessions/{elsewhere}', token=self.log_in(other)).status, 404)
        self.assertEqual(self.ask('GET', '/api/v1/me', token=there).status, 200)
        self.assertEqual(self.ask('DELETE', f'/api/v1/sessions/{elsewhere}', token=here).status, 204)
        self.assert_ended(there)
        more = [self.log_in(who) for _ in range(2)]
        self.assertEqual(self.ask('DELETE', '/api/v1/sessions', token=here).status, 204)
        for token in more:
            self.assert_ended(token)
        self.assertEqual(self.ask('GET', '/api/v1/me', token=here).status, 200)

    def test_a_new_password_takes_the_old_one_and_ends_other_sessions(self):
        who = self.new_account('fabio')
        here, there = self.log_in(who), self.log_in(who)
        change = {'password': 'not this one', 'new_password': 'a better one'}
        self.assertEqual(self.ask('PUT', '/api/v1/me/password', change, here).status, 403)
        change['password'] = who['password']
        self.assertEqual(self.ask('PUT', '/api/v1/me/password', {**change, 'new_password': 'short'}, here).status, 400)
        self.assertEqual(self.ask('PUT', '/api/v1/me/password', change, here).status, 204)
        self.assert_ended(there)
        self.assertEqual(self.ask('GET', '/api/v1/me', token=here).status, 200)
        self.assertEqual(self.ask('POST', '/api/v1/sessions', who | {'name': None}).status, 401)
        self.log_in({**who, 'password': 'a better one'})

    def test_an_administrator_hands_out_a_reset_that_is_good_once(self):
        who = self.new_account('gema')
        token = self.log_in(who)
        path = f'/api/v1/admin/accounts/{who["id"]}/password-reset'
        self.assertEqual(self.ask('POST', path, token=token).status, 403)
        reset = self.ask('POST', path, token=self.admin)
        self.assertEqual(reset.status, 201)
        body = {'token': reset.json['token'], 'password': 'quite another one'}
        self.assertEqual(self.ask('PUT', '/api/v1/password-resets', {**body, 'token': 'guessed'}).status, 401)
        self.assertEqual(self.ask('PUT', '/api/v1/password-resets', body).status, 204)
        self.assertEqual(self.ask('PUT', '/api/v1/password-resets', body).status, 401)
        self.assert_ended(token)
        self.log_in({**who, 'password': body['password']})
        self.assertEqual(self.ask('POST', f'/api/v1/admin/accounts/{UNKNOWN}/password-reset', token=self.admin).status, 404)

    def test_an_administrator_finds_disables_and_promotes(self):
        who = self.new_account('hugo')
        token = self.log_in(who)
        found = self.ask('GET', '/api/v1/admin/accounts?q=HUGO@', token=self.admin).json['items']
        self.assertEqual([account['id'] for account in found], [who['id']])
        path = f'/api/v1/admin/accounts/{who["id"]}'
        self.assertEqual(self.ask('PATCH', path, {'role': 'owner'}, self.admin).status, 400)
        self.assertEqual(self.ask('PATCH', path, {'disabled': True}, self.admin).json['disabled'], True)
        self.assert_ended(token)
        self.assertEqual(self.ask('POST', '/api/v1/sessions', {key: who[key] for key in ('email', 'password')}).status, 401)
        self.assertEqual(self.ask('PATCH', path, {'disabled': False, 'role': 'administrator'}, self.admin).json['role'], 'administrator')
        self.assertEqual(self.ask('GET', '/api/v1/admin/accounts', token=self.log_in(who)).status, 200)
        self.assertEqual(self.ask('PATCH', path, {'role': 'viewer'}, self.admin).status, 200)
        boss = self.ask('GET', '/api/v1/me', token=self.admin).json['id']
        self.assertEqual(self.ask('PATCH', f'/api/v1/admin/accounts/{boss}', {'role': 'viewer'}, self.admin).status, 409)

    def test_an_administrator_gives_credit_which_its_owner_sees(self):
        who = self.new_account('maria')
        token = self.log_in(who)
        self.assertEqual(self.ask('GET', '/api/v1/me', token=token).json['balance'], {'amount': 0, 'currency': 'EUR'})
        path = f'/api/v1/admin/accounts/{who["id"]}/credit'
        for wrong in ({'amount': 0}, {'amount': -5}, {'amount': 1.5}, {'amount': '5'}, {'amount': 10**12 + 1}, {'currency': ''}, {'note': 7}):
            self.assertEqual(self.ask('POST', path, {'amount': 5, 'currency': 'EUR', **wrong}, self.admin).status, 400, wrong)
        self.assertEqual(self.ask('POST', path, {'amount': 5, 'currency': 'USD'}, self.admin).status, 422)
        self.assertEqual(self.ask('POST', path, {'amount': 5, 'currency': 'EUR'}, token).status, 403)
        given = self.ask('POST', path, {'amount': 1250, 'currency': 'EUR', 'note': '¡Bienvenida!'}, self.admin)
        self.assertEqual((given.status, given.json), (201, {'balance': {'amount': 1250, 'currency': 'EUR'}}))
        self.assertEqual(self.ask('POST', path, {'amount': 50, 'currency': 'EUR'}, self.admin).json['balance']['amount'], 1300)
        self.assertEqual(self.ask('GET', '/api/v1/me', token=token).json['balance']['amount'], 1300)
        wallet = self.ask('GET', '/api/v1/me/wallet?limit=1', token=token).json
        self.assertEqual([entry['amount']['amount'] for entry in wallet['items']], [50])
        wallet = self.ask('GET', f'/api/v1/me/wallet?cursor={wallet["next"]}', token=token).json
        self.assertEqual([(entry['amount']['amount'], entry['note']) for entry in wallet['items']], [(1250, '¡Bienvenida!')])
        self.assertIsNone(wallet['next'])
        self.assertEqual(self.ask('POST', f'/api/v1/admin/accounts/{UNKNOWN}/credit', {'amount': 5, 'currency': 'EUR'}, self.admin).status, 404)

    def test_an_administrator_makes_accounts_that_a_reset_opens(self):
        made = self.ask('POST', '/api/v1/admin/accounts', {'email': 'nora@example.com', 'name': 'Nora'}, self.admin)
        self.assertEqual((made.status, made.json['role']), (201, 'viewer'))
        self.assertEqual(self.ask('POST', '/api/v1/admin/accounts', {'email': 'NORA@example.com', 'name': 'Nora'}, self.admin).status, 409)
        self.assertEqual(self.ask('POST', '/api/v1/sessions', {'email': 'nora@example.com', 'password': 'none'}).status, 401)
        reset = self.ask('POST', f'/api/v1/admin/accounts/{made.json["id"]}/password-reset', token=self.admin).json['token']
        self.assertEqual(self.ask('PUT', '/api/v1/password-resets', {'token': reset, 'password': 'one of her own'}).status, 204)
        self.log_in({'email': 'nora@example.com', 'password': 'one of her own'})

    def test_an_account_is_exported_and_deleted_with_its_password(self):
        who = self.new_account('ines')
        token = self.log_in(who)
        export = self.ask('GET', '/api/v1/me/export', token=token)
        self.assertEqual((export.status, export.json['account']['email'], len(export.json['sessions'])), (200, who['email'], 1))
        self.assertNotIn('argon2', json.dumps(export.json))
        self.assertEqual(self.ask('DELETE', '/api/v1/me', {'password': 'a guess'}, token).status, 403)
        self.assertEqual(self.ask('DELETE', '/api/v1/me', {'password': who['password']}, token).status, 204)
        self.assert_ended(token)
        self.new_account('ines')

    def test_the_page_has_its_token_in_a_cookie_that_other_sites_cannot_use(self):
        who = self.new_account('jorge')
        ours = f'http://127.0.0.1:{self.house.port}'
        body = {'email': who['email'], 'password': who['password'], 'cookie': True}
        for foreign in ({}, {'Origin': 'http://evil.example'}, {'Sec_Fetch_Site': 'cross-site'}):
            reply = self.ask('POST', '/api/v1/sessions', body, **foreign)
            self.assertEqual((reply.status, reply.headers['Set-Cookie']), (403, None), foreign)
        reply = self.ask('POST', '/api/v1/sessions', body, Origin=ours)
        cookie = reply.headers['Set-Cookie']
        for word in ('HttpOnly', 'SameSite=Strict', 'Path=/'):
            self.assertIn(word, cookie)
        cookie = cookie.partition(';')[0]
        self.assertEqual(self.ask('GET', '/api/v1/me', Cookie=f'a=b; {cookie}; c=d').status, 200)
        for foreign in ({}, {'Origin': 'http://evil.example'}, {'Origin': 'null'}, {'Sec_Fetch_Site': 'cross-site', 'Origin': ours},
                        {'Sec_Fetch_Site': 'same-site'}, {'Sec_Fetch_Site': 'none'}):
            self.assertEqual(self.ask('PATCH', '/api/v1/me', {'name': 'Mallory'}, Cookie=cookie, **foreign).status, 403, foreign)
        self.assertEqual(self.ask('PATCH', '/api/v1/me', {'name': 'J'}, Cookie=cookie, Origin=ours).json['name'], 'J')
        self.assertEqual(self.ask('PATCH', '/api/v1/me', {'name': 'K'}, Cookie=cookie, Sec_Fetch_Site='same-origin').json['name'], 'K')
        out = self.ask('DELETE', '/api/v1/sessions/current', Cookie=cookie, Origin=ours)
        self.assertEqual(out.status, 204)
        self.assertIn('Max-Age=0', out.headers['Set-Cookie'])
        self.assertEqual(self.ask('GET', '/api/v1/me', Cookie=cookie).status, 401)

    def test_each_route_lets_in_whom_it_says(self):
        """With no token, with one that never was, and as a viewer. What needs no session says so."""
        viewer = self.log_in(self.new_account('karla'))
        walked = 0
        for route, methods in self.api.document['paths'].items():
            for method, described in methods.items():
                if not described.get('security'):
                    continue
                path, body = re.sub(r'{\w+}', UNKNOWN, route), {}
                for token in (None, 'f' * 64, 'x'):
                    reply = self.ask(method.upper(), path, self.valid(described), token)
                    self.assertEqual(reply.status, 401, (method, route, token))
                if '/admin/' in route:
                    self.assertEqual(self.ask(method.upper(), path, self.valid(described), viewer).status, 403, (method, route))
                walked += 1
        self.assertGreater(walked, 10)
        for method, route in (('GET', '/api/v1/me'), ('GET', '/api/v1/admin/accounts')):
            self.assertTrue(self.api.document['paths'][route][method.lower()]['security'])

    @staticmethod
    def valid(described):
        """A body of the right form."""
        if 'requestBody' not in described:
            return None
        properties = described['requestBody']['content']['application/json']['schema']['properties']
        values = {'name': 'X', 'role': 'viewer', 'disabled': False, 'amount': 1, 'currency': 'EUR', 'email': 'x@example.com'}
        return {name: values.get(name, 'some long text') for name in properties}

    def test_nothing_secret_is_written_into_a_log(self):
        who = self.new_account('luis')
        token = self.log_in(who)
        self.ask('GET', '/api/v1/me', token=token)
        logs = self.house.logs()
        for secret in (who['password'], token, ADMIN['password'], 'argon2'):
            self.assertNotIn(secret, logs)


class FirstAdministrator(unittest.TestCase):
    def test_is_made_and_its_password_shown_once(self):
        at_home = house.House([house.DEMO / 'audio' / 'vibe-ace.ogg'], SETTINGS)
        with at_home:
            said = (at_home.folder / 'said').read_text()
            found = re.search(r'(\S+@\S+) .* ((?:[0-9a-f]{4}-){4}[0-9a-f]{4}) ', said)
            self.assertTrue(found, said)
            api = Api(at_home)
            token = api.log_in({'email': found[1], 'password': found[2]})
            self.assertEqual(api.ask('GET', '/api/v1/me', token=token).json['role'], 'administrator')
            self.assertFalse((at_home.data / 'administrator').exists())
            self.assertNotIn(found[2], ''.join(path.read_text(errors='replace') for path in (at_home.data / 'log').glob('*.log')))
            at_home.process.terminate()
            at_home.process.wait(60)
            at_home.process.stdout.close()
            at_home.start()
            self.assertEqual((at_home.folder / 'said').read_text().count(found[2]), 1)


if __name__ == '__main__':
    unittest.main(verbosity=1)
