#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What becomes of pictures that are not to be shown as they are stored (turned, squeezed, HDR, fields), through a whole
house, against pictures that people have looked at beside mpv's (looks/*.png); looks.py

To make them anew, after a look at the difference: BUTACA_NEW_LOOKS names a folder to write to.
"""
import dataclasses
import os
import pathlib
import tempfile
import unittest
import urllib.parse

import hls
import house
from spread import over, spread

LOOKS = pathlib.Path(__file__).parent / 'looks'
BLOCK = 16
# Of 255, in the channel that differs most: the mean, and that of the worst block. The next lower quality makes 0.6 to 4 and at
# most 13; what is wrong, 30 and more, and 4 of what is nearly black.
MEAN_MOST, BLOCK_MOST = 3, 12
SHOWN = "scale='trunc(180*dar/2+0.5)*2':180:flags=area"
STORED = 'setsar=1,scale={}:180:flags=area'


@dataclasses.dataclass
class Look:
    film: str
    instant_s: float  # between two pictures: the later one is meant
    wrong: str  # filters of ffmpeg: what is seen when the part of AppS is left out
    upright: bool = True  # whether ffmpeg is to turn the picture before that
    height: int = 360  # asked for
    show: str = SHOWN
    make: tuple = ()  # what ffmpeg is told to make the film of that other one
    suffix: str = ''


CASES = {
    # PQ; not mapped it is pale.
    'hdr10': Look('av1-hdr10-portrait.mp4', 2.01, STORED.format(102)),
    # HLG; a quarter turn.
    'upright': Look('hevc-main10-iphone-rotated-editlist.mp4', 0.51, STORED.format(102), upright=False),
    # Black but for the noise of its sensor: full range that is taken for limited loses that too.
    'dark': Look('phone-rotated-180-no-audio.mp4', 0.51, 'setparams=range=tv,' + STORED.format(320)),
    # Half a turn, of a film in which something is seen.
    'upside_down': Look('flower-540p.mp4', 2.01, STORED.format(320), upright=False, suffix='.mp4',
                        make=('-c', 'copy', '-metadata:s:v:0', 'rotate=180')),
    'anamorphic': Look('sintel-trailer-anamorphic.m4v', 26.52, STORED.format(270) + ',pad=422:180:-1:0'),
    'hdv': Look('interlaced-hdv-1080i60-anamorphic.mov', 0.51, STORED.format(240) + ',pad=320:180:-1:0'),
    'dv': Look('interlaced-dv-pal.mov', 0.51, STORED.format(224) + ',pad=240:180:-1:0'),
    # The fields of those two show the same instants. Here each is its own, and every line of them is looked at.
    'fields': Look('sintel-trailer-720p.mp4', 0.33, 'crop=320:180:330:100', height=480, show='crop=320:180:330:100', suffix='.mov',
                   make=('-an', '-vf', 'trim=29.9:31,scale=854:480,settb=1/48,setpts=N,tinterlace=interleave_top', '-r', '24', '-c:v',
                         'mpeg2video', '-q:v', '2', '-flags', '+ilme+ildct', '-top', '1')),
}


def ffmpeg(*words):
    code, out, err = house.run(['ffmpeg', '-v', 'error', '-nostdin', *words])
    assert code == 0, err
    return out


def picture(path, filters, *reading):
    """(width, rows of RGB) of the first picture that passes."""
    # PPM: "P6", width and height, 255, each on its line.
    said = ffmpeg(*reading, '-i', path, '-map', '0:V:0', '-vf', filters, '-frames:v', '1', '-c:v', 'ppm', '-pix_fmt', 'rgb24', '-f', 'image2pipe', '-')
    _, size, _, rgb = said.split(b'\n', 3)
    width, height = map(int, size.split())
    assert len(rgb) == width * height * 3
    return width, [rgb[at:at + 3 * width] for at in range(0, len(rgb), 3 * width)]


def difference(one, other):
    """(mean, that of the worst block) of the absolute differences, in the channel where it is largest."""
    (width, rows), (other_width, others) = one, other
    assert (width, len(rows)) == (other_width, len(others)), f'{width}x{len(rows)} instead of {other_width}x{len(others)}'
    whole, worst = [0, 0, 0], 0
    for top in range(0, len(rows), BLOCK):
        band = list(zip(rows[top:top + BLOCK], others[top:top + BLOCK]))
        for left in range(0, width, BLOCK):
            right = min(left + BLOCK, width)
            for channel in range(3):
                part = slice(3 * left + channel, 3 * right, 3)
                sum_ = sum(abs(a - b) for mine, theirs in band for a, b in zip(mine[part], theirs[part]))
                whole[channel] += sum_
                # Of a whole block, also at the edges, where a few pixels would tell too much.
                worst = max(worst, sum_ / BLOCK ** 2)
    return max(whole) / (width * len(rows)), worst


def alike(one, other):
    mean, worst = difference(one, other)
    return mean <= MEAN_MOST and worst <= BLOCK_MOST


@spread
class Looks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix='butaca-looks-')
        cls.addClassCleanup(folder.cleanup)
        cls.folder, cls.films = pathlib.Path(folder.name), {}
        for name, look in CASES.items():
            path = house.media(look.film)
            if path and look.make:
                made = cls.folder / f'look-{name}{look.suffix}'
                ffmpeg('-i', path, *look.make, made)
                path = made
            if path:
                cls.films[name] = path
        if not cls.films:
            raise unittest.SkipTest('there are no real media')
        cls.house = house.House(cls.films.values())
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.__exit__(None, None, None))
        # All before the first segment is made: a house at rest gives everybody the size that is asked for.
        cls.urls = {name: cls.house.play(path.stem, video={'codec': 'h264', 'quality': 'high', 'max_height': CASES[name].height})['hls_url']
                    for name, path in cls.films.items()}

    def served(self, name):
        """A file with the one segment in which the instant is."""
        url = hls.Multivariant(self.house, self.urls[name]).variants[0].url
        lines = self.house.fetch(url).decode().splitlines()
        init = next(hls.attributes(line.partition(':')[2])['URI'] for line in lines if line.startswith('#EXT-X-MAP:'))
        lasts = [float(line.partition(':')[2].rstrip(',')) for line in lines if line.startswith('#EXTINF:')]
        names = [line for line in lines if line and not line.startswith('#')]
        at = next(i for i in range(len(lasts)) if sum(lasts[:i + 1]) > CASES[name].instant_s)
        path = self.folder / f'served-{name}.mp4'
        path.write_bytes(b''.join(self.house.fetch(urllib.parse.urljoin(url, part)) for part in (init, names[at])))
        return path

    def look(self, name):
        if name not in self.films:
            self.skipTest(f'{CASES[name].film} is not there')
        return CASES[name], f"select='gte(t,{CASES[name].instant_s})'"

    @over({name: name for name in CASES})
    def test_looks_as_people_found_good(self, name):
        look, select = self.look(name)
        filters = f'{select},{look.show}'
        served = self.served(name)
        ours = picture(served, filters, '-copyts')
        if target := os.environ.get('BUTACA_NEW_LOOKS'):
            ffmpeg('-y', '-copyts', '-i', served, '-vf', filters, '-frames:v', '1', '-pix_fmt', 'rgb24', '-compression_level', '100',
                   '-pred', 'mixed', '-map_metadata', '-1', '-bitexact', f'{target}/{name}.png')
        mean, worst = difference(ours, picture(LOOKS / f'{name}.png', 'null'))
        self.assertLessEqual(mean, MEAN_MOST)
        self.assertLessEqual(worst, BLOCK_MOST)

    @over({name: name for name in CASES})
    def test_what_is_left_out_would_be_seen(self, name):
        look, select = self.look(name)
        reading = ['-copyts', *([] if look.upright else ['-noautorotate'])]
        wrong = picture(self.films[name], f'{select},{look.wrong}', *reading)
        self.assertFalse(alike(wrong, picture(LOOKS / f'{name}.png', 'null')))


if __name__ == '__main__':
    unittest.main(verbosity=1)
