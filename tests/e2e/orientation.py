#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Pictures that an MP4 wants turned or mirrored are shown as ffmpeg shows them, in all eight ways."""
import pathlib
import struct
import subprocess
import tempfile
import unittest

import hls
import house
from spread import over, spread

WIDTH, HEIGHT = 320, 180
# a, b, c and d of the matrix (ISO/IEC 14496-12, 8.3.2)
WAYS = {'plain': (1, 0, 0, 1), 'quarter': (0, 1, -1, 0), 'half': (-1, 0, 0, -1), 'three_quarters': (0, -1, 1, 0),
        'mirrored': (-1, 0, 0, 1), 'mirrored_quarter': (0, -1, -1, 0), 'mirrored_half': (1, 0, 0, -1), 'mirrored_three_quarters': (0, 1, 1, 0)}


def with_matrix(film, a, b, c, d):
    """The bytes of an MP4 with this matrix in its first track, moved so that the picture stays where it is."""
    film = bytearray(film)
    header = film.index(b'tkhd') + 4
    matrix = header + (52 if film[header] else 40)
    assert struct.unpack_from('>i', film, matrix)[0] == 1 << 16
    x = (WIDTH if a < 0 else 0) + (HEIGHT if c < 0 else 0)
    y = (WIDTH if b < 0 else 0) + (HEIGHT if d < 0 else 0)
    struct.pack_into('>9i', film, matrix, a << 16, b << 16, 0, c << 16, d << 16, 0, x << 16, y << 16, 1 << 30)
    return film


def shown(path, *more):
    """The first picture in 64×64 levels of grey, as ffmpeg shows it."""
    code, out, err = house.run(['ffmpeg', '-v', 'error', '-nostdin', *more, '-i', path, '-frames:v', '1', '-vf', 'scale=64:64:flags=area,format=gray',
                                '-f', 'rawvideo', '-'])
    assert code == 0 and len(out) == 64 * 64, err
    return out


def difference(one, other):
    return sum(abs(a - b) for a, b in zip(one, other)) / len(one)


@spread
class Orientation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix='butaca-orientation-')
        cls.folder = pathlib.Path(cls.temporary.name)
        cls.addClassCleanup(cls.temporary.cleanup)
        plain = cls.folder / 'source.mp4'
        subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-f', 'lavfi', '-i', f'testsrc2=s={WIDTH}x{HEIGHT}:r=24:d=3', '-c:v', 'libx264',
                        '-preset', 'ultrafast', '-pix_fmt', 'yuv420p', plain], check=True)
        cls.paths = {}
        for name, matrix in WAYS.items():
            cls.paths[name] = cls.folder / f'{name}.mp4'
            cls.paths[name].write_bytes(with_matrix(plain.read_bytes(), *matrix))
        cls.house = house.House(cls.paths.values())
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.__exit__(None, None, None))

    @over({name: name for name in WAYS})
    def test_it_is_shown_as_ffmpeg_shows_it(self, name):
        playback = self.house.play(name, video={'quality': 'best'})
        line = playback['plan'][0]
        self.assertEqual(line['action'], 'copy' if name == 'plain' else 'encode', line)
        if name.startswith('mirrored'):
            self.assertRegex(line['why'], 'left and right|upright')
        rendition = hls.Rendition(self.house, hls.Multivariant(self.house, playback['hls_url']).variants[0].url)
        turned = WAYS[name][0] == 0
        self.assertEqual((rendition.init.width, rendition.init.height), (HEIGHT, WIDTH) if turned else (WIDTH, HEIGHT))
        whole = self.folder / 'whole.mp4'
        whole.write_bytes(rendition.whole())
        ours, theirs = shown(whole), shown(self.paths[name])
        self.assertLess(difference(ours, theirs), 4)
        # The other ways look otherwise, so that this tells something.
        for other in WAYS:
            if other != name:
                self.assertGreater(difference(ours, shown(self.paths[other])), 12, other)

    def test_a_copy_of_what_is_mirrored_is_refused(self):
        with self.assertRaisesRegex(AssertionError, '422.*left and right'):
            self.house.play('mirrored', video={'codec': 'copy'})


if __name__ == '__main__':
    unittest.main(verbosity=1)
