#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Players that we did not write play a film and a music track: from start to end, and from a dozen random places."""
import array
import json
import math
import os
import pathlib
import random
import re
import shutil
import socket
import subprocess
import tempfile
import time
import unittest

import chromium
import hls
import house
import measure
from spread import over, spread

FILM, MUSIC = 'sintel-trailer', 'vibe-ace'
# Made for this viewer, and the best for all: the original's own picture with smaller ones below it.
WISHES = {'made': {'video': {'codec': 'h264', 'max_height': 480}, 'audio': {'codec': 'aac', 'bitrate': 96}}, 'ladder': {}}
TITLES = {'film_made': (FILM, WISHES['made']), 'film_ladder': (FILM, WISHES['ladder']), 'music': (MUSIC, {})}
# ffmpeg and mpv get transport streams by themselves; they have to play MP4 as well.
CONTAINERS = {**TITLES, 'film_made_as_mp4': (FILM, {**WISHES['made'], 'container': 'mp4'})}
PAGE = {'film': FILM, 'music': MUSIC}
PLACES = 12


def as_nobody(command, home):
    """VLC will not run for root."""
    if os.geteuid() != 0:
        return command
    os.chown(home, 65534, 65534)
    return ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--no-new-privs', 'env', f'HOME={home}',
            f'XDG_RUNTIME_DIR={home}', *command]


@spread
class Players(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.house = house.House([house.DEMO / 'video' / f'{FILM}.mp4', house.DEMO / 'audio' / f'{MUSIC}.ogg'])
        cls.house.__enter__()
        cls.length_s = {slug: item['duration_ms'] / 1000 for slug, item in cls.house.catalogue().items()}
        # The same places each time, so that a failure comes back.
        chance = random.Random(20)
        cls.places_s = {slug: [round(chance.uniform(0, length - 3), 2) for _ in range(PLACES)] for slug, length in cls.length_s.items()}

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__(None, None, None)

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='butaca-player-')
        self.addCleanup(self.folder.cleanup)
        os.chmod(self.folder.name, 0o755)

    def url(self, title):
        slug, wishes = title
        return self.house.play(slug, **wishes)['hls_url']

    def quiet(self, code, out, err):
        self.assertEqual((code, out.decode(errors='replace').strip()[-2000:], err.strip()[-2000:]), (0, '', ''))

    # ffmpeg

    @over(CONTAINERS)
    def test_ffmpeg_decodes_each_frame_and_sample(self, title):
        slug, url = title[0], self.url(title)
        source = house.media(f'{slug}.mp4') or house.media(f'{slug}.ogg')
        if slug == FILM:
            self.assertEqual(measure.decoded(url, 'v:0'), (measure.frames(source, 'v:0'), ''))
        samples = len(measure.sound(source, 48000)), len(measure.sound(url, 48000))
        # ffmpeg gives out the last frame whole, though it lasts less.
        self.assertLess(abs(samples[1] - samples[0]), 2 * 1024 * 48 // 44, samples)

    @over({name: title for name, title in TITLES.items() if title[0] == FILM})
    def test_ffmpeg_shows_the_very_frame_that_it_jumps_to(self, title):
        url = self.url(title)
        frame_bytes, fps = 64 * 36, 24
        kind = ['-map', '0:v:0', '-fps_mode', 'passthrough', '-f', 'rawvideo', '-s', '64x36', '-pix_fmt', 'gray']
        everything = self.ffmpeg('-i', url, *kind)
        for place_s in self.places_s[FILM]:
            first = math.ceil(place_s * fps - 0.001)
            self.assertEqual(self.ffmpeg('-ss', place_s, '-i', url, *kind, '-frames:v', 2),
                             everything[first * frame_bytes:(first + 2) * frame_bytes], f'at {place_s}')

    def test_ffmpeg_goes_on_with_the_music_that_it_jumps_to(self):
        """It begins with the next frame of AAC, and hears it without the one before."""
        url, rate, frame = self.url(TITLES['music']), 44100, 1024
        kind = ['-map', '0:a:0', '-ac', '1', '-f', 's16le']
        everything = array.array('h', self.ffmpeg('-i', url, *kind))
        for place_s in self.places_s[MUSIC]:
            piece = array.array('h', self.ffmpeg('-ss', place_s, '-i', url, '-t', 0.3, *kind))
            begin = round(place_s * rate)
            late = measure.lag(piece, everything[begin:begin + len(piece) + frame], 2 * frame, 4 * frame, frame + 32)
            self.assertIn(late, range(-1, frame + 2), f'at {place_s}')
            rest = [abs(a - b) for a, b in zip(piece[2 * frame:], everything[begin + 2 * frame + late:])]
            # AAC fills in noise at random: it need not be the same.
            self.assertLess(sum(rest) / len(rest), measure.loudness(piece) / 50, f'at {place_s}')

    def ffmpeg(self, *words):
        """What it writes, when it has nothing to say."""
        path = f'{self.folder.name}/made'
        self.quiet(*house.run(['ffmpeg', '-v', 'warning', '-nostdin', '-y', *words, path]))
        return pathlib.Path(path).read_bytes()

    # mpv

    MPV = ['mpv', '--no-config', '--vo=null', '--ao=null', '--msg-level=all=warn', '--no-input-terminal', '--load-scripts=no', '--ytdl=no']

    # libavformat 59 says this of any playlist, for each segment after a jump back: it takes it for one of a live stream.
    MPV_JUMPED_BACK = rb'\[ffmpeg/demuxer\] hls: maybe the m3u8 list sequence have been wraped\.\n?'

    @over(CONTAINERS)
    def test_mpv_plays_from_start_to_end(self, title):
        # Much faster, and mpv complains that a busy machine cannot keep up.
        self.quiet(*house.run([*self.MPV, '--speed=1.5', '--framedrop=no', self.url(title)]))

    @over(TITLES)
    def test_mpv_goes_on_from_random_places(self, title):
        """Without a cache, so that each jump is one of its demuxer."""
        path = f'{self.folder.name}/mpv'
        process = subprocess.Popen([*self.MPV, f'--input-ipc-server={path}', '--keep-open=yes', '--cache=no', self.url(title)],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            with socket.socket(socket.AF_UNIX) as link:
                house.wait_for(lambda: link.connect_ex(path) == 0, 'mpv listens', 20)
                link.settimeout(house.LIMIT_S)
                self.seek_mpv(link, self.places_s[title[0]])
            out, err = process.communicate(timeout=20)
            self.quiet(process.returncode, re.sub(self.MPV_JUMPED_BACK, b'', out), err.decode())
        finally:
            process.kill()
            process.communicate()

    @staticmethod
    def seek_mpv(link, places_s):
        lines = link.makefile('r')

        def ask(*command):
            link.sendall(json.dumps({'command': command, 'request_id': 7}).encode() + b'\n')
            for line in lines:
                answer = json.loads(line)
                if answer.get('request_id') == 7:
                    return answer.get('data')
            raise AssertionError('mpv hung up')

        def goes_on(from_s):
            now = ask('get_property', 'time-pos')
            return now is not None and from_s + 0.3 < now < from_s + 10 and not ask('get_property', 'seeking')
        house.wait_for(lambda: (ask('get_property', 'time-pos') or 0) > 0.2, 'mpv plays')
        for place_s in places_s:
            ask('seek', place_s, 'absolute+exact')
            house.wait_for(lambda: goes_on(place_s), f'mpv goes on from {place_s}', 30)
        link.sendall(b'quit\n')
        for _ in lines:  # until it hangs up
            pass

    # VLC

    def vlc(self, *words):
        return as_nobody(['cvlc', '--no-color', '--vout', 'dummy', '--aout', 'dummy', '--no-video-title-show', *words], self.folder.name)

    # That it finds neither a desktop's bus nor its keys.
    VLC_ALONE = r'(dbus|main) interface error|main libvlc error: interface "(dbus|globalhotkeys),none"'
    # It says these after jumps in any HLS of fMP4, also in what ffmpeg packs: pictures come before its clock is set.
    VLC_JUMPING = r'Timestamp conversion failed|Could not convert timestamp|get_buffer\(\) failed|decode_slice_header error|no frame!'

    def judge_vlc(self, err, harmless=VLC_ALONE):
        said = [line for line in err.splitlines() if re.search('error|corrupt|failed', line) and not re.search(harmless, line)]
        self.assertEqual(said, [])

    @over(TITLES)
    def test_vlc_plays_from_start_to_end(self, title):
        slug, url = title[0], self.url(title)
        began = time.monotonic()
        code, _, err = house.run(self.vlc('-I', 'dummy', '--play-and-exit', '--rate', '4', url))
        self.assertEqual(code, 0)
        self.judge_vlc(err)
        self.assertGreater(time.monotonic() - began, self.length_s[slug] / 4 * 0.8, 'it gave up early')

    @over(TITLES)
    def test_vlc_goes_on_from_random_places(self, title):
        slug, url = title[0], self.url(title)
        port, = house.free_ports(1)
        with open(f'{self.folder.name}/said', 'w+') as said:
            process = subprocess.Popen(self.vlc('-I', 'oldrc', '--rc-host', f'127.0.0.1:{port}', '--rc-fake-tty', url),
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
            try:
                self.seek_vlc(port, slug)
                process.terminate()
                process.wait(20)
            finally:
                process.kill()
                process.wait()
            said.seek(0)
            self.judge_vlc(said.read(), self.VLC_ALONE + '|' + self.VLC_JUMPING)

    def seek_vlc(self, port, slug):
        def connected():
            try:
                return socket.create_connection(('127.0.0.1', port), 5)
            except OSError:
                return None
        with house.wait_for(connected, 'VLC listens', 30) as link:
            link.settimeout(20)
            words = link.makefile('rw', newline='\n')

            def now():
                words.write('get_time\n')
                words.flush()
                while not (found := re.search(r'(\d+)\s*$', words.readline())):
                    pass
                return int(found[1])
            house.wait_for(lambda: now() >= 1, 'VLC plays')
            for place_s in self.places_s[slug]:
                words.write(f'seek {int(place_s)}\n')
                words.flush()
                # It counts whole seconds, and begins where a segment does.
                house.wait_for(lambda: int(place_s) + 1 <= now() <= int(place_s) + 8, f'VLC goes on from {place_s}', 30)

    # GStreamer

    def gst_play(self, url, *more):
        code, out, err = house.run(['gst-play-1.0', '--use-playbin3', '--no-interactive', *more, url])
        said = out.decode(errors='replace')
        self.assertEqual((code, err), (0, ''), said[-2000:])
        self.assertNotRegex(said, 'ERROR|WARNING|CRITICAL')
        self.assertIn('Reached end of play list', said)
        return said

    @over(TITLES)
    def test_gstreamer_plays_from_start_to_end(self, title):
        self.gst_play(self.url(title), '--videosink=fakesink', '--audiosink=fakesink')

    @over({name: title for name, title in TITLES.items() if title[0] == FILM})
    def test_gstreamer_shows_each_frame_once(self, title):
        self.assertEqual(measure.shown_by_gstreamer(self.url(title)), measure.frames(house.media(f'{FILM}.mp4'), 'v:0'))

    @over(TITLES)
    def test_gstreamer_goes_on_from_random_places(self, title):
        slug, url = title[0], self.url(title)
        for place_s in self.places_s[slug]:
            self.gst_play(url, f'--start-position={place_s}', '--videosink=fakesink', '--audiosink=fakesink')

    # hls.js in Chromium

    def watch(self, slug, **wish):
        seen = chromium.watch(self.house.base + '/', slug, **wish)
        self.assertEqual((seen['console'], seen['responses'], seen['failed'], seen['message']), ([], [], [], ''))
        self.assertAlmostEqual(seen['duration_s'], self.length_s[slug], delta=0.1)
        return seen

    @over(PAGE)
    def test_chromium_plays_from_start_to_end(self, slug):
        seen = self.watch(slug, rate=4)
        begin, end = seen['whole']['played'][0][0], seen['whole']['played'][-1][1]
        self.assertLess(begin, 0.1)
        self.assertAlmostEqual(end, seen['duration_s'], delta=0.2)
        self.assertEqual(seen['whole']['corrupted'], 0)

    @over(PAGE)
    def test_chromium_goes_on_from_random_places(self, slug):
        self.assertEqual(len(self.watch(slug, seeks_s=self.places_s[slug])['seeks']), PLACES)

    def test_chromium_changes_the_size_while_it_plays(self):
        levels = self.watch(FILM, levels=True)['levels']
        self.assertGreaterEqual(len(levels), 3, levels)


if __name__ == '__main__':
    unittest.main(verbosity=1)
