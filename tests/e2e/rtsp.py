#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""A film over RTSP: to players that we did not write, and to a client that looks at each header and packet."""
import concurrent.futures
import math
import re
import tempfile
import unittest
import urllib.parse

import house
import measure
import playing
from rtsp_client import Client
from spread import over, spread

FILM, MUSIC = 'sintel-trailer', 'vibe-ace'
FPS, CLOCK, SOUND_CLOCK = 24, 90000, 48000
WISHES = {'video': {'codec': 'h264', 'max_height': 480}, 'audio': {'codec': 'aac', 'bitrate': 96}}
MODERN = {'video': {'codec': 'hevc', 'max_height': 240}, 'audio': {'codec': 'opus'}}
TRANSPORTS = {'tcp': 'tcp', 'udp': 'udp'}
PLACES_S = (0, 0.5, 12.34, 30, 51.9)
# Made-up gray pictures, small enough to compare whole films of them.
SMALL = ['-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-s', '64x36', '-pix_fmt', 'gray']
SMALL_BYTES = 64 * 36


@spread
class Rtsp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = house.House([house.DEMO / 'video' / f'{FILM}.mp4', house.DEMO / 'audio' / f'{MUSIC}.ogg'])
        cls.house.__enter__()
        cls.addClassCleanup(cls.house.__exit__, None)
        cls.playback = cls.house.play(FILM, **WISHES)
        cls.url = cls.playback['rtsp_url']
        cls.length_s = cls.house.catalogue()[FILM]['duration_ms'] / 1000

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='butaca-rtsp-')
        self.addCleanup(self.folder.cleanup)

    def ffmpeg(self, url, *words, before=()):
        path = f'{self.folder.name}/{len(list(house.pathlib.Path(self.folder.name).iterdir()))}'
        code, _, err = house.run(['ffmpeg', '-v', 'warning', '-nostdin', '-y', *before, '-i', url, *words, path])
        self.assertEqual((code, re.sub(playing.RTSP_JUMPED, '', err).strip()), (0, ''))
        return house.pathlib.Path(path).read_bytes()

    def pictures(self, url, *before):
        data = self.ffmpeg(url, *SMALL, before=before)
        return [data[at:at + SMALL_BYTES] for at in range(0, len(data), SMALL_BYTES)]

    # What is told

    def test_the_url_has_the_host_that_was_asked_and_the_port_of_rtsp(self):
        self.assertEqual(urllib.parse.urlsplit(self.url)[:2], ('rtsp', f'127.0.0.1:{self.house.rtsp}'))
        self.assertEqual(self.url.split('/s/')[1], self.playback['hls_url'].split('/s/')[1].split('/')[0])

    def test_what_rtp_does_not_carry_has_no_url(self):
        self.assertIsNone(self.house.play(FILM, video={'codec': 'vp9', 'max_height': 240})['rtsp_url'])

    def test_the_sdp_tells_how_long_the_film_is_and_calls_it_no_broadcast(self):
        with Client(self.url) as client:
            described = client.ask('DESCRIBE')
        self.assertEqual(described.headers['content-base'], self.url + '/')
        self.assertNotIn('a=type', described.body)
        begin, end = re.search(r'a=range:npt=([\d.]+)-([\d.]+)', described.body).groups()
        self.assertEqual(float(begin), 0)
        self.assertAlmostEqual(float(end), self.length_s, delta=0.03)
        self.assertEqual(re.findall(r'a=rtpmap:\d+ (\S+)', described.body), ['H264/90000', 'MPEG4-GENERIC/48000/2'])

    def test_nothing_can_be_recorded(self):
        with Client(self.url) as client:
            offered = client.ask('OPTIONS').headers['public'].split(', ')
            self.assertEqual(offered, ['OPTIONS', 'DESCRIBE', 'SETUP', 'PLAY', 'PAUSE', 'TEARDOWN', 'GET_PARAMETER', 'SET_PARAMETER'])
            client.open()
            self.assertGreaterEqual(client.ask('RECORD').status, 400)
            self.assertGreaterEqual(client.ask('ANNOUNCE', body=b'v=0\r\n', Content_Type='application/sdp').status, 400)
            self.assertEqual(client.play(0).status, 200)

    # Jumps

    @over({str(place).replace('.', '_'): place for place in PLACES_S})
    def test_a_jump_begins_at_the_keyframe_before_it_and_says_so(self, place_s):
        with Client(self.url) as client:
            client.open()
            answer = client.play(place_s)
            begin, end = answer.range_s()
            self.assertLessEqual(begin, place_s)
            self.assertGreater(begin, place_s - 2.6)
            self.assertAlmostEqual(end, self.length_s, delta=0.03)
            (seq, time), (sound_seq, sound_time) = answer.rtp_info()
            pictures = client.until(0, 40)
            self.assertEqual(pictures[0][:2], (seq, time))
            # In decoding order each time comes once, and together they are every frame from the begin on.
            times = sorted({(packet.time - time) % 2**32 for packet in pictures})[:8]
            first = round(begin * FPS)
            wanted = [round((first + i) * CLOCK / FPS - begin * CLOCK) for i in range(8)]
            for got, want in zip(times[:4], wanted[:4]):
                self.assertAlmostEqual(got, want, delta=2)
            sound = client.until(2, 1)[0]
            self.assertEqual(sound.seq, sound_seq)
            self.assertLess((sound.time - sound_time) % 2**32, 1024)

    def test_a_jump_while_it_plays_leaves_the_old_place_at_once(self):
        with Client(self.url) as client:
            client.open()
            client.play(0)
            client.until(0, 30)
            answer = client.play(40)
            client.packets.clear()
            (seq, time), _ = answer.rtp_info()
            self.assertEqual(client.until(0, 1)[0][:2], (seq, time))

    # RFC 2326, appendix B. A player that still reads packets from before the jump would misplace what follows by as much as they differ.
    @over({'forth': 30, 'back': 3})
    def test_times_of_packets_go_on_across_a_jump(self, place_s):
        with Client(self.url) as client:
            client.open()
            client.play(12)
            client.listen(1.5)
            sent = {channel: list(packets) for channel, packets in client.packets.items()}
            answer = client.play(place_s)
            for (_, time), channel, clock in zip(answer.rtp_info(), (0, 2), (CLOCK, SOUND_CLOCK)):
                packets = sent[channel] + client.packets[channel]
                last = max((packet.time - packets[0].time) % 2**32 for packet in packets)
                self.assertTrue(last < (time - packets[0].time) % 2**32 < last + 0.3 * clock, (channel, time, packets[-1]))

    def test_a_range_with_an_end_is_played_to_the_border_that_is_answered(self):
        with Client(self.url) as client:
            client.open()
            answer = client.play(None, Range='npt=20-21')
            begin, end = answer.range_s()
            self.assertLessEqual(begin, 20)
            self.assertTrue(21 <= end < 24, end)
            client.listen(end - begin + 2)
            frames = {packet.time for packet in client.packets[0]}
            self.assertEqual(len(frames), round((end - begin) * FPS))

    @over({'beyond_the_end': 'npt=99-', 'backwards': 'npt=20-10', 'clock': 'clock=19961108T142300Z-', 'from_the_end': 'npt=-5'})
    def test_a_range_that_there_is_not_is_refused(self, wish):
        with Client(self.url) as client:
            client.open()
            self.assertEqual(client.play(None, Range=wish).status, 457)
            self.assertEqual(client.play(10).status, 200)

    def test_no_other_speed_is_promised(self):
        with Client(self.url) as client:
            client.open()
            answer = client.play(10, Scale='2.0', Speed='3.0')
            self.assertEqual((answer.headers['scale'], answer.headers['speed']), ('1.000', '1.000'))
            begin, _ = answer.rtp_info()[0], client.listen(2)
            span = max((packet.time - begin[1]) % 2**32 for packet in client.packets[0]) / CLOCK
            self.assertLess(span, 3)

    # Pausing

    def test_after_a_pause_it_goes_on_where_it_stood(self):
        with Client(self.url) as client:
            client.open()
            begin, _ = client.play(10).range_s()
            (_, base), _ = first = client.until(0, 1)[0][:2], None
            client.listen(1)
            self.assertEqual(client.ask('PAUSE').status, 200)
            before = list(client.packets[0])
            client.listen(1)
            self.assertEqual(client.packets[0], before, 'nothing is sent in a pause')
            answer = client.ask('PLAY')
            client.until(0, len(before) + 40)
            sequence = [packet.seq for packet in client.packets[0]]
            self.assertEqual(sequence, [(first[0][0] + i) % 2**16 for i in range(len(sequence))])
            self.assertEqual(answer.rtp_info()[0][0], sequence[len(before)])
            # The place that is told and the time stamp that is told are the same instant.
            place, _ = answer.range_s()
            told = (answer.rtp_info()[0][1] - base) % 2**32 / CLOCK
            self.assertAlmostEqual(place - begin, told, delta=0.001)

    def test_what_pauses_over_rtsp_goes_on_over_hls_at_the_same_frame(self):
        with Client(self.url) as client:
            client.open()
            begin, _ = client.play(20).range_s()
            base = client.until(0, 1)[0].time
            client.listen(1)
            client.ask('PAUSE')
            sent = {(packet.time - base) % 2**32 for packet in client.packets[0]}
            place, _ = client.ask('PLAY').range_s()
            client.packets.clear()
            client.listen(1)
        # The first frame from that place on is one that RTSP sends after the pause …
        frame = math.ceil(place * FPS - 0.01)
        tick = round((frame / FPS - begin) * CLOCK)
        later = {(packet.time - base) % 2**32 for packet in client.packets[0]}
        self.assertTrue(any(abs(tick - one) <= 2 for one in sent | later))
        # … and the one that HLS shows there.
        film = self.pictures(self.playback['hls_url'])
        self.assertEqual(self.pictures(self.playback['hls_url'], '-ss', f'{place:.6f}')[0], film[frame])

    def test_jumps_may_follow_each_other_quickly(self):
        for _ in range(4):
            with Client(self.url, 10) as client:
                client.open()
                client.play(0)
                for turn in range(15):
                    client.until(0, 1 + turn)
                    self.assertEqual(client.play(turn * 3).status, 200)

    # One of two tracks

    @over({'picture': (0, 24), 'sound': (1, 46)})
    def test_who_takes_one_track_alone_may_pause_and_jump(self, taken):
        track, packets = taken
        with Client(self.url) as client:
            client.ask('DESCRIBE')
            self.assertEqual(client.setup(track).status, 200)
            begin, _ = client.play(10).range_s()
            client.until(0, packets)
            self.assertEqual(client.ask('PAUSE').status, 200)
            before = len(client.packets[0])
            client.listen(1)
            self.assertEqual(len(client.packets[0]), before, 'nothing is sent in a pause')
            place, _ = client.ask('PLAY').range_s()
            self.assertTrue(begin < place < begin + 4, (begin, place))
            client.until(0, before + packets)
            for place_s in (30, 0):
                answer = client.play(place_s)
                self.assertLessEqual(answer.range_s()[0], place_s)
                client.packets.clear()
                self.assertEqual(client.until(0, 1)[0][:2], answer.rtp_info()[0])

    def test_who_takes_one_track_alone_always_gets_it(self):
        for turn in range(16):
            with Client(self.url, 10) as client:
                self.assertEqual(client.setup(turn % 2).status, 200)
                self.assertEqual(client.play(0).status, 200)
                client.until(0, 5)

    # Players

    def test_ffmpeg_gets_each_frame_and_sample_over_both_transports(self):
        hls = self.playback['hls_url']
        words = [*SMALL, f'{self.folder.name}/pictures_%s', '-map', '0:a:0', '-f', 's16le', f'{self.folder.name}/sound_%s']

        def whole(name, url, *before):
            code, _, err = house.run(['ffmpeg', '-v', 'warning', '-nostdin', '-y', *before, '-i', url,
                                      *[str(word).replace('%s', name) for word in words]])
            self.assertEqual((code, err.strip()), (0, ''))
            return [house.pathlib.Path(f'{self.folder.name}/{kind}_{name}').read_bytes() for kind in ('pictures', 'sound')]
        with concurrent.futures.ThreadPoolExecutor() as runs:
            tcp, udp = runs.submit(whole, 'tcp', self.url, '-rtsp_transport', 'tcp'), runs.submit(whole, 'udp', self.url, '-rtsp_transport', 'udp')
            pictures, sound = whole('hls', hls)
            for run in (tcp, udp):
                self.assertEqual(len(run.result()[0]) // SMALL_BYTES, measure.frames(house.DEMO / 'video' / f'{FILM}.mp4', 'v:0'))
                self.assertEqual(run.result()[0], pictures)
                self.assertEqual(len(run.result()[1]), len(sound))

    @over(TRANSPORTS)
    def test_ffmpeg_jumps_to_the_frames_that_hls_has_there(self, transport):
        film = self.pictures(self.playback['hls_url'])
        for place_s in (3.3, 25.7, 44):
            shown = self.pictures(self.url, '-rtsp_transport', transport, '-ss', place_s, '-t', 2)
            # It knows no time for the very first one after a jump, the keyframe, and shows that as well.
            first = math.ceil(place_s * FPS - 0.001)
            self.assertEqual(shown[1:20], film[first:first + 19], place_s)

    def test_hevc_and_opus_are_sent_too(self):
        url = self.house.play(FILM, **MODERN)['rtsp_url']
        with Client(url) as client:
            self.assertEqual(re.findall(r'a=rtpmap:\d+ (\S+)', client.open()), ['H265/90000', 'OPUS/48000/2'])
        self.assertEqual(len(self.pictures(url, '-rtsp_transport', 'tcp', '-t', 4)), 4 * FPS)
        self.assertGreater(len(self.ffmpeg(url, '-map', '0:a:0', '-f', 's16le', before=('-rtsp_transport', 'tcp', '-t', 4))), 3.9 * 48000 * 4)

    def test_music_is_sent_too(self):
        url = self.house.play(MUSIC)['rtsp_url']
        with Client(url) as client:
            self.assertRegex(client.open(), 'm=audio')
            begin, end = client.play(59.9).range_s()
            self.assertTrue(55 < begin <= 59.9 < end < 62, (begin, end))
            client.listen(end - begin + 1.5)
            self.assertAlmostEqual(len({packet.time for packet in client.packets[0]}), (end - begin) * 44100 / 1024, delta=1.1)

    def test_gstreamer_shows_each_frame_once(self):
        count = 'rtspsrc location=%s protocols=tcp latency=200 name=source source. ! application/x-rtp,media=video ! rtph264depay ! h264parse ! ' \
                'avdec_h264 ! fakesink silent=false sync=false source. ! application/x-rtp,media=audio ! fakesink sync=false' % self.url
        code, out, err = house.run(['gst-launch-1.0', '-v', *count.split()])
        self.assertEqual(code, 0, err)
        shown = re.findall(rb'fakesink0: last-message = chain ', out)
        self.assertEqual(len(shown), measure.frames(house.DEMO / 'video' / f'{FILM}.mp4', 'v:0'))

    @over(TRANSPORTS)
    def test_mpv_plays_from_a_place_to_the_end(self, transport):
        code, out, err = house.run([*playing.Case.MPV, f'--rtsp-transport={transport}', '--start=46', self.url])
        said = re.sub(playing.MPV_BUSY, '', re.sub(playing.RTSP_JUMPED, '', out.decode()))
        self.assertEqual((code, said.strip(), err.strip()), (0, '', ''))

    def test_gst_play_plays_from_a_place_to_the_end(self):
        code, out, err = house.run(['gst-play-1.0', '--no-interactive', '--start-position=46', '--videosink=fakesink', '--audiosink=fakesink', self.url])
        self.assertEqual((code, err), (0, ''))
        self.assertNotRegex(out.decode(), 'ERROR|CRITICAL')
        self.assertIn('Reached end of play list', out.decode())


if __name__ == '__main__':
    unittest.main(verbosity=1)
