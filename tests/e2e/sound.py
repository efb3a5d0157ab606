#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sound is exact to the sample, whatever it comes in: length, place, seams, and each segment alone; sound.py

Music in every form that is there, and one piece in all forms that ffmpeg writes, as AAC and as Opus.
"""
import pathlib
import subprocess
import tempfile
import unittest

import heard
import hls
import house
import measure
from spread import over, spread

MUSIC = ['guitar-mono.wav', 'flac-51.flac', 'speech-jfk.flac', 'mp3-vbr-no-xing.mp3', 'warzone2100-track3.opus',
         'corelli-trio-sonata.m4a']
PIECE = house.media('corelli-trio-sonata.flac') or house.media('vibe-ace.ogg')
# name -> (what ffmpeg is told, how many samples its length and its place may be off, and why)
EXACT = (0, 0)
FORMS = {'flac.flac': (['-c:a', 'flac'], *EXACT), 'flac48.flac': (['-c:a', 'flac', '-ar', '48000'], *EXACT),
         'pcm.wav': (['-c:a', 'pcm_s16le'], *EXACT), 'vorbis.ogg': (['-c:a', 'libvorbis'], *EXACT),
         'opus.opus': (['-c:a', 'libopus', '-b:a', '128k'], *EXACT),
         'cbr.mp3': (['-c:a', 'libmp3lame', '-b:a', '160k', '-write_xing', '0'], *EXACT),
         'adts.aac': (['-c:a', 'aac', '-b:a', '128k'], *EXACT), 'aac.ts': (['-c:a', 'aac', '-b:a', '128k'], *EXACT),
         'mono.ts': (['-c:a', 'aac', '-ac', '1'], *EXACT), 'ac3.mkv': (['-c:a', 'ac3'], *EXACT),
         'aac.mkv': (['-c:a', 'aac', '-b:a', '128k'], *EXACT), 'flac.mkv': (['-c:a', 'flac'], *EXACT),
         'pcm.mkv': (['-c:a', 'pcm_s16le'], *EXACT), 'opus.mkv': (['-c:a', 'libopus', '-b:a', '128k'], *EXACT),
         'vorbis.mkv': (['-c:a', 'libvorbis'], *EXACT), 'alac.m4a': (['-c:a', 'alac'], *EXACT),
         # qtdemux 1.22 leaves out a last packet that begins, before the edit list takes off the priming, after the end of the
         # film; and ffmpeg 5.1 decodes it whole. What is missing is less than a frame.
         'aac.m4a': (['-c:a', 'aac', '-b:a', '128k'], 1024, 0)}
OUTPUTS = {'aac': {'audio': {'codec': 'aac', 'bitrate': 160}}, 'opus': {'audio': {'codec': 'opus', 'bitrate': 160}}}


def cases():
    found = {path.name: (path.stem, path, *EXACT) for name in MUSIC if (path := house.media(name))}
    for name, (_, length_off, place_off) in FORMS.items():
        found[name] = (name.replace('.', '-'), None, length_off, place_off)
    return {f'{name}_{output}': (*case, wishes) for name, case in found.items() for output, wishes in OUTPUTS.items()}


@spread
class Sound(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='butaca-sound-')
        folder = pathlib.Path(cls.folder.name)
        for name, (words, *_) in FORMS.items():
            subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-t', '20', '-i', PIECE, '-map', '0:a:0', '-map_metadata', '-1', *words,
                            folder / (name.replace('.', '-') + pathlib.Path(name).suffix)], check=True)
        cls.house = house.House([*sorted(folder.iterdir()), *(path for name in MUSIC if (path := house.media(name)))])
        cls.house.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__(None, None, None)
        cls.folder.cleanup()

    @over(cases())
    def test_is_heard_once_and_in_its_place(self, case):
        stem, path, length_off, place_off, wishes = case
        path = path or next(pathlib.Path(self.folder.name).glob(stem + '.*'))
        playlist = hls.Multivariant(self.house, self.house.play(stem, **wishes)['hls_url'])
        it = heard.Heard(path, hls.Rendition(self.house, (playlist.audio or playlist.variants)[0].url))
        told = measure.told_s(path) * it.rate if path.suffix == '.m4a' else len(it.source)
        # One for rounding at another rate.
        it.check_length(self, round(told), length_off + 1)
        lag = it.check_places(self, place_off)
        self.assertIsNotNone(lag, 'nothing to compare')
        it.check_seams(self, lag)
        it.check_alone(self)


if __name__ == '__main__':
    unittest.main(verbosity=1)
