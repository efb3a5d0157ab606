#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Films as recorders and collectors leave them: eight languages, a picture or a sound that changes in mid-file, a picture of a
size that nobody can show. Each plays to its end or says why not, and the film beside them plays as ever; hard.py"""
import pathlib
import subprocess
import tempfile
import unittest

import hls
import house
import measure
import mp4

LANGUAGES = ('spa', 'eng', 'fra', 'deu', 'ita', 'por', 'jpn', 'ara')
SMALL = {'video': {'codec': 'h264', 'max_height': 144, 'quality': 'low'}}


def ffmpeg(*words):
    subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', *map(str, words)], check=True)


def picture(size, length_s):
    return ['-f', 'lavfi', '-i', f'testsrc2=size={size}:rate=25:duration={length_s}']


def tone(hertz, length_s, layout='stereo'):
    return ['-f', 'lavfi', '-i', f'sine=frequency={hertz}:sample_rate=48000:duration={length_s},aformat=channel_layouts={layout}']


def eight_languages(path):
    sounds = [word for i in range(8) for word in tone(220 + 110 * i, 6)]
    maps = [word for i, language in enumerate(LANGUAGES) for word in ('-map', f'{i + 1}:a', f'-metadata:s:a:{i}', f'language={language}')]
    ffmpeg(*picture('320x180', 6), *sounds, '-map', '0:v', *maps, '-c:v', 'libx264', '-preset', 'ultrafast', '-c:a', 'aac', path)


def joined(path, parts, *encode):
    """Recordings one after another in one transport stream, as a recorder that is not stopped makes them."""
    whole, start_s = b'', 0
    for number, (size, layout) in enumerate(parts):
        part = path.with_suffix(f'.{number}.part')
        ffmpeg(*picture(size, 4), *tone(440, 4, layout), *encode, '-c:a', 'aac', '-output_ts_offset', str(start_s), '-f', 'mpegts', part)
        whole += part.read_bytes()
        part.unlink()
        start_s += 4
    path.write_bytes(whole)


def clock(time_ms):
    return f'00:00:{time_ms // 1000:02},{time_ms % 1000:03}'


class Hard(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='butaca-hard-')
        cls.addClassCleanup(cls.folder.cleanup)
        folder = pathlib.Path(cls.folder.name)
        h264 = ['-c:v', 'libx264', '-preset', 'ultrafast', '-g', '25']
        cls.paths = {name: folder / name for name in ('languages.mkv', 'resized.ts', 'relaid.ts', 'huge.mkv', 'range.mp4')}
        eight_languages(cls.paths['languages.mkv'])
        joined(cls.paths['resized.ts'], [('320x180', 'stereo'), ('640x360', 'stereo')], *h264)
        joined(cls.paths['relaid.ts'], [('320x180', 'stereo'), ('320x180', 'mono')], *h264)
        ffmpeg('-f', 'lavfi', '-i', 'testsrc2=size=320x180:rate=25:duration=6,scale=out_color_matrix=bt709:out_range=pc,format=yuvj420p', *h264,
               '-colorspace', 'bt709', '-color_primaries', 'bt709', '-color_trc', 'bt709', '-color_range', 'pc', cls.paths['range.mp4'])
        # ffmpeg itself knows no picture of that size.
        subprocess.run(['gst-launch-1.0', '-q', 'videotestsrc', 'pattern=black', 'num-buffers=1', '!',
                        'video/x-raw,format=I420,width=16384,height=16384,framerate=1/1', '!', 'jpegenc', '!', 'matroskamux', '!',
                        'filesink', f'location={cls.paths["huge.mkv"]}'], check=True)
        cls.film = house.media('sintel-trailer.mp4')
        cls.house = house.House([*cls.paths.values(), cls.film])
        (cls.house.folder / 'video' / f'{cls.film.stem}.es.srt').write_text(''.join(
            f'{i}\n{clock(i)} --> {clock(i + 1)}\n<script>{i}</script>\n\n' for i in range(50_000)))
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.__exit__(None, None, None))

    def played(self, slug, **wishes):
        """Every rendition of a playback, whole: kind -> list."""
        master = hls.Multivariant(self.house, self.house.play(slug, **wishes)['hls_url'])
        pictures = [hls.Rendition(self.house, one.url) for one in master.variants[:1]]
        sounds = [hls.Rendition(self.house, one.url) for one in master.audio]
        return pictures, sounds

    def test_eight_languages_are_all_offered_and_play(self):
        master = hls.Multivariant(self.house, self.house.play('languages', audio={'language': 'ja'}, **SMALL)['hls_url'])
        said = [one.attributes['LANGUAGE'] for one in master.audio]
        self.assertEqual(said, ['es', 'en', 'fr', 'de', 'it', 'pt', 'ja', 'ar'])
        self.assertEqual([one.attributes['LANGUAGE'] for one in master.audio if one.attributes['DEFAULT'] == 'YES'], ['ja'])
        for one in master.audio:
            rendition = hls.Rendition(self.house, one.url)
            self.assertAlmostEqual(rendition.segments[-1][-1].end / rendition.init.timescale, 6, delta=0.1)

    def test_a_picture_that_changes_its_size_is_shown_in_one(self):
        (picture,), _ = self.played('resized', **SMALL)
        self.assertEqual(len(picture.samples()), 200)
        with tempfile.NamedTemporaryFile(suffix='.mp4') as whole:
            whole.write(picture.whole())
            whole.flush()
            self.assertEqual(len(measure.brightness(whole.name)), 200)

    def test_a_sound_that_changes_its_channels_plays_on(self):
        _, sounds = self.played('relaid', **SMALL)
        for sound in sounds:
            self.assertAlmostEqual(sound.segments[-1][-1].end / sound.init.timescale, 8, delta=0.15)

    def test_a_picture_of_16384_is_refused_and_says_why(self):
        item = self.house.catalogue()['huge']
        self.assertFalse(item['playable'])
        self.assertIn('large', item['problem'] + item['video'][0]['problem'])
        with self.assertRaisesRegex(AssertionError, ' 415 '):
            self.house.play('huge')

    def test_a_copy_says_the_range_that_its_stream_has(self):
        (picture,), _ = self.played('range', video={'codec': 'copy'})
        entry = mp4.find(picture.init_bytes, 'moov/trak/mdia/minf/stbl/stsd')[16:]
        # ISO/IEC 14496-12, 12.1.5: "nclx", three numbers, and the flag of full range.
        self.assertEqual(mp4.find(entry, 'colr', 78), b'nclx\0\1\0\1\0\1\x80')

    def test_fifty_thousand_cues_with_scripts_in_them_are_shown_as_text(self):
        house.wait_for(lambda: self.house.catalogue()['sintel-trailer']['subtitles'], 'the subtitles are listed')
        (track,) = hls.Multivariant(self.house, self.house.play('sintel-trailer', subtitles={'language': 'es'})['hls_url']).subtitles
        folder, count = track.url.rpartition('/')[0], set()
        for name in self.house.fetch(track.url).decode().split():
            if name.endswith('.vtt'):
                text = self.house.fetch(f'{folder}/{name}').decode()
                self.assertNotIn('<script', text)
                count.update(line for line in text.splitlines() if line.startswith('&lt;script&gt;'))
        self.assertEqual(len(count), 50_000)

    def test_the_film_beside_them_plays(self):
        (picture,), _ = self.played('sintel-trailer', **SMALL)
        self.assertEqual(len(picture.samples()), 1253)


if __name__ == '__main__':
    unittest.main()
