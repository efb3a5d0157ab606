#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""RTSP requests that no player sends: each gets a clear answer, leaves the connection usable, and AppS without a word of
complaint from the libraries below it.
"""
import re
import socket
import unittest

import house
import rough
from rtsp_client import Client
from spread import over, spread

FILM = 'sintel-trailer'
WISHES = {'video': {'codec': 'h264', 'max_height': 240}}
TCP, UDP = 'RTP/AVP/TCP;unicast', 'RTP/AVP;unicast'

REFUSED_TRANSPORTS = {
    'nothing': '', 'blank': '  ', 'commas': ',,,', 'semicolons': ';;;', 'half': 'RTP/', 'unknown_profile': 'RTP/AVP/XYZ',
    'multicast_by_default': 'RTP/AVP', 'multicast': 'RTP/AVP;multicast;destination=224.1.1.1;port=5000-5001;ttl=5',
    'multicast_over_tcp': 'RTP/AVP/TCP;multicast;interleaved=0-1', 'encrypted': 'RTP/SAVP/TCP;unicast;interleaved=0-1',
    'feedback': 'RTP/AVPF/TCP;unicast;interleaved=0-1', 'raw': 'RAW/RAW/UDP;unicast;client_port=5000-5001', 'real': 'x-real-rdt/udp;client_port=6970',
    'udp_without_ports': UDP, 'udp_on_channels': 'RTP/AVP/UDP;unicast;interleaved=0-1', 'port_zero': f'{UDP};client_port=0-0',
    'second_port_zero': f'{UDP};client_port=5000-0', 'one_port': f'{UDP};client_port=5000', 'ports_below_zero': f'{UDP};client_port=-5--4',
    'ports_too_high': f'{UDP};client_port=65535-65536', 'ports_huge': f'{UDP};client_port=99999999999-99999999999', 'ports_of_letters': f'{UDP};client_port=a-b',
    'channel_too_high': f'{TCP};interleaved=255-256', 'channel_far_too_high': f'{TCP};interleaved=300-1', 'channels_below_zero': f'{TCP};interleaved=-1--1',
    'one_channel_for_both': f'{TCP};interleaved=7-7', 'three_channels': f'{TCP};interleaved=0-1-2', 'channels_in_hex': f'{TCP};interleaved=0x0-0x1',
    'channels_twice': f'{TCP};interleaved=0-1;interleaved=4-5', 'to_record': f'{TCP};interleaved=0-1;mode=RECORD', 'unknown_mode': f'{TCP};interleaved=0-1;mode=x',
    'ttl_too_high': f'{TCP};interleaved=0-1;ttl=999',
}
TAKEN_TRANSPORTS = {
    'tcp_alone': 'RTP/AVP/TCP', 'without_channels': TCP, 'one_channel': f'{TCP};interleaved=4', 'reversed_channels': f'{TCP};interleaved=9-8',
    'highest_channels': f'{TCP};interleaved=254-255', 'many_semicolons': 'RTP/AVP/TCP' + ';' * 500, 'ports_over_tcp': f'{TCP};client_port=5000-5001',
    'ssrc_of_letters': f'{TCP};interleaved=0-1;ssrc=ZZZZ', 'ssrc_too_long': f'{TCP};interleaved=0-1;ssrc=123456789ABC', 'append': f'{TCP};interleaved=0-1;append',
    'to_play_and_record': f'{TCP};interleaved=0-1;mode="PLAY,RECORD"', 'destination_of_letters': f'{TCP};interleaved=0-1;destination=' + 'a' * 2000,
}
# Only the address that asks is sent anything.
ELSEWHERE = {'destination': 'destination=127.0.0.9', 'source': 'source=127.0.0.9;server_port=1-2'}

REFUSED_RANGES = {
    'infinite': ('npt=inf-', 457), 'no_number': ('npt=nan-', 457), 'to_infinity': ('npt=0-inf', 457), 'to_no_number': ('npt=0-nan', 457),
    'huge': ('npt=1e308-', 457), 'twenty_digits': ('npt=99999999999999999999-', 457), 'three_thousand_digits': (f'npt={"1" * 3000}-', 457),
    'below_zero': ('npt=-1-', 457), 'far_below_zero': ('npt=--5', 400), 'empty': ('npt=5-5', 457), 'hours': ('npt=99:99:99-', 457),
    'smpte': ('smpte=0:00:01-', 457), 'smpte_25': ('smpte-25=0:0:1-', 457), 'smpte_drop': ('smpte-30-drop=00:00:10:00-', 457),
    'clock': ('clock=19960213T143205Z-', 457), 'broken_clock': ('clock=garbage', 400), 'unknown_unit': ('foo=1-', 400), 'nothing': ('npt=', 400),
    'no_unit': ('=', 400), 'neither_end': ('npt=-', 400), 'time_to_begin': ('npt=10-;time=19970123T143720Z', 457),
}
TAKEN_RANGES = {'now': ('npt=now-', 0), 'exponent': ('npt=1e1-', 10), 'with_hours': ('npt=0:00:10-', 10), 'tiny': ('npt=0.0000000001-', 0), 'hex': ('npt=0x10-', 16)}

SPEEDS = {f'{name}_{word}': (name, value, status) for name in ('scale', 'speed') for word, value, status in (
    ('zero', '0', 400), ('of_letters', 'x', 400), ('no_number', 'nan', 200), ('infinite', 'inf', 200), ('huge', '1e308', 200), ('empty', '', 200))}
SPEEDS |= {'scale_backwards': ('scale', '-1', 200), 'speed_backwards': ('speed', '-1', 400)}

HEADERS = {
    'blocksize_1': ('Blocksize', '1'), 'blocksize_0': ('Blocksize', '0'), 'blocksize_below_zero': ('Blocksize', '-1'), 'blocksize_huge': ('Blocksize', '999999999999'),
    'keys_of_letters': ('KeyMgmt', 'x'), 'keys': ('KeyMgmt', 'prot=mikey; uri=""; data="AAAA"'), 'long_keys': ('KeyMgmt', f'prot=mikey;data="{"A" * 3000}"'),
    'ranges': ('Accept-Ranges', 'npt'), 'unknown_ranges': ('Accept-Ranges', 'x'), 'pipelined': ('Pipelined-Requests', 'x'), 'seek_style': ('Seek-Style', 'RAP'),
    'unknown_seek_style': ('Seek-Style', 'x' * 3000), 'bandwidth': ('Bandwidth', '-1'), 'if_match': ('If-Match', '"x"'), 'rate_control': ('Rate-Control', 'no'),
    'frames': ('Frames', 'intra/0'),
}

BODIES = {'a_name': (b'position\r\n', 451), 'a_value': (b'x: y\r\n', 451), 'no_text': (b'\xff\xfe', 451), 'colons': (b':::', 451), 'an_empty_line': (b'\r\n', 451),
          'the_longest': (b'a' * 4096, 451), 'a_zero': (b'\0', 200), 'zeros_first': (b'\0\0\0abc', 200)}

SESSIONS = {'of_letters': 'x', 'long': '0' * 3000, 'with_time': 'a;timeout=60', 'of_digits': '1234567890123456', 'percent': '%00', 'star': '*'}

URLS = {'without_path': 'rtsp://h', 'slash': 'rtsp://h/', 'query': 'rtsp://h?x', 'three_slashes': 'rtsp:///', 'two_slashes': 'rtsp://', 'open_bracket': 'rtsp://[::1',
        'port_too_high': 'rtsp://h:99999/x', 'port_of_letters': 'rtsp://h:x/s/a', 'user': 'rtsp://u:p@h/s/a', 'path_alone': '/s/abc', 'only_slashes': '//', 'a_word': 'x',
        'http': 'http://h/s/a', 'rtspt': 'rtspt://h/s/a', 'rtsps': 'rtsps://h/s/a', 'sdp': 'rtsp-sdp://h/a', 'long': 'rtsp://h/' + 'a' * 3500, 'escapes': 'rtsp://h/%00%ff',
        'empty_ticket': 'rtsp://h/s//', 'star': '*'}
TRACKS = {'none': '', 'slash': '/', 'unknown': '/stream=9', 'below_zero': '/stream=-1', 'empty': '/stream=', 'longer': '/streamx',
          'query': '?x=y', 'huge': '/stream=99999999999999999999'}
METHODS = ('DESCRIBE', 'SETUP', 'PLAY', 'PAUSE', 'TEARDOWN', 'ANNOUNCE', 'RECORD', 'REDIRECT', 'NONSENSE')


@spread
class Odd(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = rough.RoughHouse([house.DEMO / 'video' / f'{FILM}.mp4'], ['workers.count=2', 'workers.thumbnails_ahead=false', 'rtsp.connections_per_address=200'], peaceful=True)
        cls.house.__enter__()
        cls.addClassCleanup(cls.house.__exit__, None)
        cls.url = cls.house.play(FILM, **WISHES)['rtsp_url']
        cls.pid = cls.house.pid('butaca-apps')

    def setUp(self):
        self.before = len(self.complaints())
        self.client = Client(self.url, 10)
        self.addCleanup(self.client.__exit__)

    def tearDown(self):
        self.client.link.close()
        house.wait_for(lambda: self.house.metrics()['butaca_rtsp_connections'] == 0, 'the client is gone', 20)
        self.assertEqual(self.house.pids('butaca-apps'), [self.pid], 'AppS lives')
        self.assertEqual(self.complaints()[self.before:], [])

    def complaints(self):
        """What GLib and GStreamer say of how they are used, and what they print."""
        return [line for line in self.house.logs().splitlines() if re.search(r'event=glib\.message|RTSP request message|^ +key: ', line)]

    def plays(self):
        """The connection is good for a session from the beginning to the end."""
        self.client.session = None
        self.client.open()
        self.assertEqual(self.client.play(0).status, 200)
        self.goes_on()
        self.assertEqual(self.client.ask('TEARDOWN').status, 200)

    def goes_on(self, channel=0):
        self.client.packets.clear()
        # More than what may have been on its way.
        self.client.until(channel, 30)

    def setup(self, transport, track='/stream=0', **headers):
        return self.client.ask('SETUP', self.url + track, Transport=transport, **headers)

    def playing(self):
        self.client.open()
        self.assertEqual(self.client.play(0).status, 200)
        self.client.until(0, 5)

    # Transport

    @over(REFUSED_TRANSPORTS)
    def test_a_transport_that_cannot_be_is_refused(self, transport):
        self.assertEqual(self.setup(transport).status, 461)
        self.plays()

    @over(TAKEN_TRANSPORTS)
    def test_a_transport_with_oddities_is_taken(self, transport):
        answer = self.setup(transport)
        self.assertEqual(answer.status, 200)
        channel = int(re.search(r'interleaved=(\d+)-\d+', answer.headers['transport'])[1])
        self.assertEqual(self.client.play(0).status, 200)
        while self.client.peek() != b'$' or self.client.need(2) or self.client.buffer[1] != channel:
            self.client.frame()

    @over(ELSEWHERE)
    def test_nobody_else_can_be_sent_packets(self, words):
        with socket.socket(type=socket.SOCK_DGRAM) as here, socket.socket(type=socket.SOCK_DGRAM) as there:
            here.bind(('127.0.0.1', 0))
            port = here.getsockname()[1]
            there.bind(('127.0.0.9', port))
            self.assertEqual(self.setup(f'{UDP};client_port={port}-{port};{words}').status, 200)
            self.assertEqual(self.client.play(0).status, 200)
            here.settimeout(10)
            self.assertGreater(len(here.recv(2048)), 12)
            there.setblocking(False)
            with self.assertRaises(BlockingIOError):
                there.recv(2048)

    def test_a_track_may_be_set_up_again_before_it_plays(self):
        for transport in (f'{UDP};client_port=5000-5001', f'{TCP};interleaved=0-1', f'{UDP};client_port=5002-5003', f'{TCP};interleaved=6-7'):
            self.assertEqual(self.setup(transport).status, 200)
        self.assertEqual(self.client.play(0).status, 200)
        self.goes_on(channel=6)

    def test_tracks_that_want_the_same_channels_get_different_ones(self):
        answers = [self.setup(f'{TCP};interleaved=0-1', f'/stream={track}') for track in (0, 1)]
        self.assertEqual([answer.status for answer in answers], [200, 200])
        self.assertEqual(len({re.search(r'interleaved=(\S+?);', answer.headers['transport'])[1] for answer in answers}), 2)
        self.assertEqual(self.client.play(0).status, 200)
        self.goes_on()

    @over(TRACKS)
    def test_a_track_that_there_is_not_is_not_found(self, track):
        self.assertEqual(self.setup(TCP, track).status, 404)
        self.plays()

    # Range, Scale and Speed

    @over(REFUSED_RANGES)
    def test_a_range_that_cannot_be_is_refused_and_the_film_goes_on(self, case):
        wish, status = case
        self.client.open()
        self.assertEqual(self.client.play(None, Range=wish).status, status)
        self.assertEqual(self.client.play(0).status, 200)
        self.assertEqual(self.client.play(None, Range=wish).status, status)
        self.goes_on()

    @over(TAKEN_RANGES)
    def test_a_range_in_other_words_is_taken(self, case):
        wish, place_s = case
        self.client.open()
        begin, _ = self.client.play(None, Range=wish).range_s()
        self.assertTrue(place_s - 2.6 < begin <= place_s, begin)
        self.goes_on()

    @over(SPEEDS)
    def test_an_odd_speed_is_refused_or_not_promised(self, case):
        name, value, status = case
        self.client.open()
        self.assertEqual(self.client.play(0).status, 200)
        answer = self.client.play(None, Range='npt=5-', **{name.title(): value})
        self.assertEqual(answer.status, status)
        self.assertIn(answer.headers.get(name), (None, '1.000'))
        self.goes_on()

    # Headers and bodies

    @over(HEADERS)
    def test_what_is_asked_for_in_headers_of_no_use_here_is_not_heard(self, header):
        name, value = header
        extra = {name.replace('-', '_'): value}
        self.assertEqual(self.client.ask('DESCRIBE', **extra).status, 200)
        self.assertEqual(self.setup(f'{TCP};interleaved=0-1', **extra).status, 200)
        self.assertEqual(self.client.play(5, **extra).status, 200)
        self.goes_on()

    def test_what_is_required_and_not_known_is_refused(self):
        for method in ('OPTIONS', 'DESCRIBE', 'PLAY'):
            self.assertEqual(self.client.ask(method, Require='play.everything').status, 551)
        self.plays()

    @over(BODIES)
    def test_parameters_are_not_known_and_no_parameters_are_a_sign_of_life(self, case):
        body, status = case
        for method in ('GET_PARAMETER', 'SET_PARAMETER'):
            self.assertEqual(self.client.ask(method, body=body).status, status)
        self.playing()
        for method in ('GET_PARAMETER', 'SET_PARAMETER'):
            self.assertEqual(self.client.ask(method, body=body, Content_Type='text/parameters').status, status)
        self.goes_on()

    @over(URLS)
    def test_an_address_that_is_none_opens_nothing(self, url):
        for method in METHODS:
            self.assertIn(self.client.ask(method, url, Transport=TCP).status, (400, 403, 404, 405, 454, 501), method)
        self.playing()
        for method in METHODS:
            self.assertIn(self.client.ask(method, url, Transport=TCP).status, (400, 403, 404, 405, 454, 459, 501), method)
        self.goes_on()

    # Sessions and order

    @over(SESSIONS)
    def test_a_forged_session_is_not_found(self, session):
        self.client.ask('DESCRIBE')
        for method in ('SETUP', 'PLAY', 'PAUSE', 'TEARDOWN', 'GET_PARAMETER', 'OPTIONS'):
            self.assertEqual(self.client.ask(method, Session=session, Transport=TCP).status, 454, method)
        self.plays()

    def test_a_session_belongs_to_its_connection(self):
        self.playing()
        with Client(self.url) as other:
            other.session = self.client.session
            for method in ('PAUSE', 'PLAY', 'GET_PARAMETER', 'TEARDOWN'):
                self.assertEqual(other.ask(method).status, 454, method)
            self.assertEqual(other.setup(0).status, 454)
        self.goes_on()

    def test_without_setup_there_is_nothing_to_play(self):
        for _ in range(2):
            for method in ('PLAY', 'PAUSE', 'TEARDOWN', 'RECORD'):
                self.assertEqual(self.client.ask(method).status, 454, method)
            self.assertEqual(self.client.ask('DESCRIBE').status, 200)
        self.plays()

    def test_after_the_first_play_nothing_is_set_up_any_more(self):
        self.assertEqual(self.setup(f'{TCP};interleaved=0-1').status, 200)
        self.assertEqual(self.client.play(0).status, 200)
        for _ in range(2):
            for track in (0, 1):
                self.assertEqual(self.setup(f'{TCP};interleaved=6-7', f'/stream={track}').status, 455)
            self.assertEqual(self.client.ask('PAUSE').status, 200)
            self.assertEqual(self.setup(f'{TCP};interleaved=6-7').status, 455)
            self.assertEqual(self.client.play(10).status, 200)
        self.goes_on()

    def test_one_track_alone_is_neither_played_nor_left(self):
        self.playing()
        for method in ('PLAY', 'PAUSE', 'TEARDOWN'):
            self.assertEqual(self.client.ask(method, self.url + '/stream=0').status, 460)
        self.goes_on()

    def test_what_stands_still_is_not_paused_and_what_is_left_is_not_left_again(self):
        self.client.open()
        self.assertEqual(self.client.ask('PAUSE').status, 455)
        self.assertEqual(self.client.play(0).status, 200)
        self.assertEqual([self.client.ask('PAUSE').status for _ in range(2)], [200, 455])
        self.assertEqual(self.client.ask('TEARDOWN').status, 200)
        self.assertEqual([self.client.ask(method).status for method in ('TEARDOWN', 'PLAY')], [454, 454])
        self.plays()

    def test_a_session_does_not_mind_being_described_again(self):
        self.client.open()
        for _ in range(3):
            self.assertEqual(self.client.ask('DESCRIBE').status, 200)
            self.assertEqual(self.client.play(0).status, 200)
            self.goes_on()

    def test_frames_that_nobody_waits_for_are_not_minded(self):
        report, goodbye = b'\x80\xc8\0\1abcd', b'\x81\xcb\0\1abcd'
        frames = b''.join(b'$' + bytes([channel]) + len(data).to_bytes(2, 'big') + data for channel in (0, 1, 7, 255)
                          for data in (b'', b'a', b'abcd', report, goodbye, b'\x80\x60\0\1' + bytes(8), bytes(4000), b'\xff' * 1500))

        def send():
            self.client.link.sendall(frames)
        send()
        self.client.open()
        send()
        self.assertEqual(self.client.play(0).status, 200)
        send()
        self.goes_on()
        self.assertEqual(self.client.ask('TEARDOWN').status, 200)
        send()
        self.client.session = None
        self.assertEqual(self.client.ask('OPTIONS').status, 200)
        self.plays()


if __name__ == '__main__':
    unittest.main(verbosity=1)
