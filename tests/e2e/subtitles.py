#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Subtitles as tracks and in the picture: their times, who shares segments with the clean picture, and that segments with
words in them are as pure as the others."""
import random
import re
import subprocess
import tempfile
import unittest

import hls
import house
import rough

FILM = 'sintel-trailer'
# Cues that begin and end inside of segments, and one over several of them.
CUES = ((6.5, 7.25, 'Una línea'), (20.0, 27.5, 'مرحبا بالعالم'), (40.1, 40.4, '日本語 <i>字幕</i>'))
SIZE = {'video': {'max_height': 240}}


def clock(time_s):
    return f'{int(time_s // 3600):02}:{int(time_s // 60) % 60:02}:{time_s % 60:06.3f}'.replace('.', ',')


def sub_rip():
    return ''.join(f'{i}\n{clock(start)} --> {clock(end)}\n{text}\n\n' for i, (start, end, text) in enumerate(CUES, 1))


class Subtitles(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        film = house.media('sintel-trailer.mp4')
        if not film:
            raise unittest.SkipTest('the demo film is not there')
        cls.house = rough.RoughHouse([film], ['workers.count=2'])
        # Beside the film, before anybody looks.
        (cls.house.folder / 'video' / f'{FILM}.es.srt').write_text(sub_rip(), encoding='utf-8')
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.stop())
        house.wait_for(lambda: cls.house.catalogue()[FILM]['subtitles'], 'the subtitles are listed')
        cls.burned = cls.house.playback(FILM, **SIZE, subtitles={'language': 'es', 'mode': 'burn'})
        cls.clean = cls.house.playback(FILM, video={'codec': 'h264', **SIZE['video']})

    def pictures(self, playback):
        """The smallest picture's URL in a playback, and the names of its segments."""
        rendition = hls.Multivariant(self.house, playback.hls_url).variants[-1].url.split('/')[-2]
        return rendition, playback.files(rendition)

    def test_a_track_has_every_cue_at_its_time_and_covers_the_whole_film(self):
        playback = self.house.playback(FILM, subtitles={'language': 'es'})
        master = hls.Multivariant(self.house, playback.hls_url)
        self.assertEqual(len(master.subtitles), 1)
        media = master.subtitles[0].attributes
        self.assertEqual((media['LANGUAGE'], media['NAME'], media['DEFAULT'], media['AUTOSELECT'], media['FORCED']),
                         ('es', 'Español', 'YES', 'YES', 'NO'))
        folder = master.subtitles[0].url.rpartition('/')[0]
        text = self.house.fetch(f'{folder}/index.m3u8').decode()
        lengths = [float(one) for one in re.findall(r'#EXTINF:([0-9.]+)', text)]
        film = hls.Rendition(self.house, master.variants[-1].url)
        self.assertAlmostEqual(sum(lengths), sum(film.extinf_s), delta=0.001)
        found = set()
        for name in re.findall(r'^\S+\.vtt$', text, re.MULTILINE):
            body = self.house.fetch(f'{folder}/{name}').decode()
            self.assertTrue(body.startswith('WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n'))
            found |= set(re.findall(r'(\S+) --> (\S+)\n(.+)', body))
        self.assertEqual(found, {(clock(start).replace(',', '.'), clock(end).replace(',', '.'), text) for start, end, text in CUES})

    def test_only_segments_with_words_in_them_are_made_anew(self):
        burned, names = self.pictures(self.burned)
        clean, clean_names = self.pictures(self.clean)
        self.assertEqual(names, clean_names)
        begin = 0.0
        film = hls.Rendition(self.house, self.clean.address(clean, 'index.m3u8'))
        with_words = set()
        for k, length in enumerate(film.extinf_s):
            if any(start < begin + length and end > begin for start, end, _ in CUES):
                with_words.add(f'{k}.m4s')
            begin += length
        self.assertGreater(len(with_words), len(CUES))
        self.assertLess(len(with_words), len(names) // 2)
        for name in names:
            same = self.burned.get(burned, name).body == self.clean.get(clean, name).body
            self.assertEqual(same, name not in with_words, name)
        # Who asked for the clean one had each of these made already.
        self.assertEqual(self.burned.get(burned, 'init.mp4').headers['ETag'], self.clean.get(clean, 'init.mp4').headers['ETag'])

    def test_segments_with_words_are_the_same_whoever_makes_them_in_whatever_order(self):
        burned, names = self.pictures(self.burned)
        truth = {name: rough.sha256(self.burned.get(burned, name).body) for name in names}
        for settings in (['workers.count=1'], ['workers.count=2', 'workers.look_ahead_segments=0']):
            self.house.settings = settings
            self.house.empty_the_cache()
            self.house.restart()
            random.Random(len(settings)).shuffle(names)
            self.assertEqual({name: rough.sha256(self.burned.get(burned, name).body) for name in names}, truth)
            self.assertGreater(self.house.segments_made(), 0)

    def lower_part(self, playback, rendition, number, frames):
        """The lower quarter of each of the first frames of a segment, in grey."""
        with tempfile.NamedTemporaryFile(suffix='.mp4') as file:
            file.write(playback.get(rendition, 'init.mp4').body + playback.get(rendition, f'{number}.m4s').body)
            file.flush()
            raw = subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-i', file.name, '-vf', 'crop=iw:ih/4:0:ih*3/4',
                                  '-frames:v', str(frames), '-pix_fmt', 'gray', '-f', 'rawvideo', '-'],
                                 check=True, capture_output=True).stdout
        self.assertEqual(len(raw) % frames, 0)
        size = len(raw) // frames
        return [raw[i * size:(i + 1) * size] for i in range(frames)]

    def test_words_come_and_go_at_the_very_frame(self):
        burned, _ = self.pictures(self.burned)
        clean, _ = self.pictures(self.clean)
        film = hls.Rendition(self.house, self.clean.address(clean, 'index.m3u8'))
        begin = 0.0
        for k, length in enumerate(film.extinf_s):
            inside = [(start, end) for start, end, _ in CUES if start < begin + length and end > begin]
            frames = round(length * 24)
            if inside:
                with_words = self.lower_part(self.burned, burned, k, frames)
                without = self.lower_part(self.clean, clean, k, frames)
                for i, (some, none) in enumerate(zip(with_words, without)):
                    time_s = begin + i / 24
                    # A frame at the very border may be on either side of it.
                    if all(abs(time_s - edge) > 0.011 for cue in inside for edge in cue):
                        shown = any(start <= time_s < end for start, end in inside)
                        other = sum(1 for a, b in zip(some, none) if abs(a - b) > 60)
                        self.assertEqual(other > 30, shown, f'segment {k}, frame {i} at {time_s:.3f} s: {other} pixels')
            begin += length

    def test_what_cannot_be_had_is_refused(self):
        for wish in ({'language': 'ja', 'mode': 'burn'}, {'index': 9}):
            reply = self.house.ask({'item': FILM, 'subtitles': wish})
            self.assertEqual(reply.status, 422)
            self.assertIn('subtitles', reply.json['detail'])


if __name__ == '__main__':
    unittest.main(verbosity=1)
