#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Time is exact: what our playlists and segments say against the originals, tick by tick and sample by sample."""
import math
import pathlib
import subprocess
import tempfile
import unittest

import heard
import hls
import flashes
import house
import measure
from spread import over, spread

FILMS = ['sintel-trailer-720p.mp4', 'friday-audio-first.mp4', 'flower-540p.mp4', 'h264-444-bframes-editlist.mp4',
         'timecode-300s.mp4', 'sintel-trailer-h264-opus.mkv', 'tears-of-steel-battle.webm', 'vfr-portrait-h264.mp4']
MUSIC = ['vibe-ace.ogg', 'corelli-trio-sonata.flac', 'flow-theory-paul-allen-song.mp3']
# Each film small, so that its frames are all encoded in a short time, and with its sound in another format, encoded even if it
# is in that one already; one as it is.
WISHES = {'small': {'video': {'codec': 'h264', 'max_height': 240}, 'audio': {'codec': 'opus', 'bitrate': 96}},
          'own': {}}


def originals():
    """Those of the real media that are here, else the demo's."""
    found = {path.stem: path for name in FILMS + MUSIC if (path := house.media(name))}
    # The same bytes under another name are no title of their own.
    if FILMS[0] not in {path.name for path in found.values()}:
        found.update((path.stem, path) for path in house.DEMO.glob('video/*.mp4'))
    return found


ORIGINALS = originals()
CASES = {f'{stem}_{wish}': (path, wish) for stem, path in ORIGINALS.items()
         for wish in (['own'] if path.suffix in house.AUDIO else WISHES)}


@spread
class Timing(unittest.TestCase):
    """One house with all originals; each playback is fetched once."""

    @classmethod
    def setUpClass(cls):
        cls.house = house.House(ORIGINALS.values())
        cls.house.__enter__()
        cls.fetched = {}

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__(None, None, None)

    def fetch(self, case):
        """(address, multivariant playlist, [(its line, rendition)]) of a case."""
        path, wish = case
        if case not in self.fetched:
            url = self.house.play(path.stem, **WISHES[wish])['hls_url']
            before = hls.Multivariant(self.house, url)
            # Of a ladder the top (what "own" is for) and its sound.
            chosen = [*before.variants[:1], *before.audio]
            self.fetched[case] = url, before, [(variant, hls.Rendition(self.house, variant.url)) for variant in chosen]
        return self.fetched[case]

    def renditions(self, case):
        return [rendition for _, rendition in self.fetch(case)[2]]

    @over(CASES)
    def test_each_fragment_begins_where_the_durations_before_it_end(self, case):
        for rendition in self.renditions(case):
            end = 0
            for k, segment in enumerate(rendition.segments):
                for fragment in segment:
                    self.assertEqual(fragment.tfdt, end, f'segment {k} of {rendition.init.kind}')
                    end = fragment.end

    @over(CASES)
    def test_nothing_is_presented_before_it_is_decoded_and_the_first_at_zero(self, case):
        for rendition in self.renditions(case):
            samples = rendition.samples()
            self.assertGreaterEqual(min(sample.offset for sample in samples), 0)
            self.assertEqual(min(sample.pts for sample in samples), 0)
            self.assertEqual(len({sample.pts for sample in samples}), len(samples), 'two at one instant')
            self.assertTrue(all(segment[0].samples[0].sync for segment in rendition.segments))
            self.assertFalse(rendition.init.has_edit_list)

    @over(CASES)
    def test_the_playlist_tells_each_segments_presentation_span(self, case):
        for rendition in self.renditions(case):
            scale = rendition.init.timescale
            begins = [min(sample.pts for fragment in segment for sample in fragment.samples) for segment in rendition.segments]
            # Decode times begin and end with the presentation, so the last fragment's end is that of all.
            total = rendition.segments[-1][-1].end
            for k, (begin, end) in enumerate(zip(begins, begins[1:] + [total])):
                self.assertAlmostEqual(rendition.extinf_s[k], (end - begin) / scale, delta=1e-6)
            self.assertAlmostEqual(sum(rendition.extinf_s), total / scale, delta=0.5e-6 * len(begins) + 1e-9)
            self.assertLessEqual(max(math.floor(duration + 0.5) for duration in rendition.extinf_s), rendition.target_s)

    @over(CASES)
    def test_all_playlists_of_a_playback_have_one_target_duration(self, case):
        self.assertEqual(len({rendition.target_s for rendition in self.renditions(case)}), 1)

    @over(CASES)
    def test_every_frame_of_the_source_is_there_and_decodes(self, case):
        for rendition in self.renditions(case):
            if not rendition.init.is_picture:
                continue
            wanted = measure.frames(case[0], 'v:0')
            self.assertEqual(len(rendition.samples()), wanted, 'in the container')
            with tempfile.NamedTemporaryFile(suffix='.mp4') as whole:
                whole.write(rendition.whole())
                whole.flush()
                self.assertEqual(measure.decoded(whole.name, 'v:0'), (wanted, ''), 'decoded')

    @over(CASES)
    def test_every_sample_of_the_source_is_heard_once_and_in_its_place(self, case):
        for rendition in self.renditions(case):
            if not rendition.init.is_picture:
                self.compare_sound(case[0], rendition)

    def compare_sound(self, path, rendition):
        it = heard.Heard(path, rendition)
        copied = rendition.init.kind == 'mp4a' and path.suffix in ('.mp4', '.m4a')
        # Matroska rounds times to a millisecond, and some muxers write the end of the first Vorbis packet for its begin
        # (128 samples here).
        off = math.ceil(it.rate / 2000) + 128 if path.suffix in ('.mkv', '.webm') else 0
        # A copy begins with a whole packet, which may lie half of one beside zero.
        off = max(off, 512) if copied else off
        # One for rounding at another rate.
        told, told_off = len(it.source) + it.late, off + 1
        if path.suffix == '.mp4':
            # ffmpeg 5.1 decodes what an edit list cuts off at the end of an MP4, and may leave out its first frame: there the
            # file's own words count. Its movie header tells the end to a tick of its own, and qtdemux goes by that.
            told = (measure.told_s(path) + measure.told_late_s(path)) * it.rate
            told_off += math.ceil(measure.movie_tick_s(path) * it.rate)
            if copied:
                it.begin_late(max(0, it.late - round(measure.told_late_s(path) * it.rate)))
        it.check_length(self, round(told), told_off)
        lag = it.check_places(self, off + (1 if not copied else 0))
        if lag is None:
            return  # silence has no places
        if not copied:
            it.check_seams(self, lag)
        it.check_alone(self)

    @over(CASES)
    def test_the_variants_tell_codec_size_and_frame_rate_truly(self, case):
        _, _, renditions = self.fetch(case)
        sounds = {rendition.init.codec for _, rendition in renditions if not rendition.init.is_picture}
        for variant, rendition in renditions:
            if 'CODECS' not in variant.attributes:
                continue
            codecs = {codec.lower() for codec in variant.attributes['CODECS'].split(',')}
            pictures = {rendition.init.codec} if rendition.init.is_picture else set()
            self.assertEqual(codecs, {codec.lower() for codec in sounds | pictures})
            if rendition.init.is_picture:
                self.check_picture(variant, rendition)

    def check_picture(self, variant, rendition):
        with tempfile.NamedTemporaryFile(suffix='.mp4') as first:
            first.write(rendition.init_bytes + rendition.bodies[0])
            first.flush()
            width, height, aspect = measure.picture(first.name)
        said_width, said_height = map(int, variant.attributes['RESOLUTION'].split('x'))
        self.assertEqual(said_height, height)
        self.assertAlmostEqual(said_width, width * aspect, delta=2.5)
        total_s = rendition.segments[-1][-1].end / rendition.init.timescale
        self.assertAlmostEqual(float(variant.attributes['FRAME-RATE']), len(rendition.samples()) / total_s, delta=0.001)

    @over(CASES)
    def test_the_bandwidths_hold_before_and_are_close_after_all_is_made(self, case):
        url, before, renditions = self.fetch(case)
        sound = [rendition for _, rendition in renditions if not rendition.init.is_picture]
        after = hls.Multivariant(self.house, url).variants[0]
        first = renditions[0][1]
        peak, average = first.peak_bps(), first.average_bps()
        if first.init.is_picture and sound:
            peak += max(one.peak_bps() for one in sound)
            average += max(one.average_bps() for one in sound)
        for variant in (before.variants[0], after):
            self.assertGreaterEqual(int(variant.attributes['BANDWIDTH']), math.floor(peak))
        self.assertAlmostEqual(int(after.attributes['AVERAGE-BANDWIDTH']) / average, 1, delta=0.1)


# More kinds of files, whose pictures alone are looked at.
PICTURES = ['flower-540p-fragmented.mp4', 'mpeg2-mp2.ts', 'phone-rotated-180-no-audio.mp4', 'hevc-bframes-480p.mp4',
            'av1-hdr10-portrait.mp4', 'vp9-opus-portrait.webm', 'chapters-444.mkv']
SMALL = ['-vf', 'scale=320:180', '-preset', 'ultrafast']
# Recordings: name -> (what ffmpeg is told for the output, the part of the bytes that was recorded). The clock of the second
# one begins anew in its middle.
RECORDINGS = {'recorded-h264.ts': (['-c:v', 'libx264', '-bf', '3', '-g', '48', *SMALL], (0, 1)),
              'recorded-h264-wrap.ts': (['-c:v', 'libx264', '-bf', '3', '-g', '48', *SMALL, '-output_ts_offset', '95441'], (0, 1)),
              'recorded-h264-cut.ts': (['-c:v', 'libx264', '-x264-params', 'open-gop=1', '-bf', '3', '-g', '48', *SMALL], (0.2, 0.9)),
              'recorded-mpeg2-cut.ts': (['-c:v', 'mpeg2video', '-bf', '2', '-g', '12', '-b:v', '1M', '-vf', 'scale=320:180'], (0.2, 0.9)),
              'recorded-hevc.ts': (['-c:v', 'libx265', '-x265-params', 'log-level=error', *SMALL], (0, 1)),
              'fragmented.mp4': (['-c:v', 'libx264', '-bf', '3', '-g', '48', *SMALL, '-movflags', 'frag_keyframe+empty_moov'], (0, 1))}
SHOW = {'own': {}, 'made': {'video': {'codec': 'h264', 'quality': 'low', 'max_height': 240}}}
OTHERS = {codec: {'video': {'codec': codec, 'quality': 'low', 'max_height': 240}} for codec in ('hevc', 'vp9', 'av1')}
SHOWN = {f'{name}_{wish}': (name, wish) for name in [*RECORDINGS, *(name for name in PICTURES if house.media(name))]
         for wish in SHOW} | {f'fragmented.mp4_{codec}': ('fragmented.mp4', codec) for codec in OTHERS}
# Open: what is encoded after a jump beyond the new beginning of a clock may come from another place (docs/measurements.md).
del SHOWN['recorded-h264-wrap.ts_made']


@spread
class Pictures(unittest.TestCase):
    """What ffmpeg decodes of more kinds of files we show, each frame once and in its place."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='butaca-pictures-')
        cls.paths = {name: path for name in PICTURES if (path := house.media(name))}
        film = house.media(FILMS[0]) or next(house.DEMO.glob('video/*.mp4'))
        for name, (output, (begin, end)) in RECORDINGS.items():
            path = cls.paths[name] = pathlib.Path(cls.folder.name) / name
            subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-ss', '8', '-i', film, '-t', '10', *output, '-c:a', 'mp2',
                            path], check=True)
            packets = path.stat().st_size // 188
            if (begin, end) != (0, 1):
                path.write_bytes(path.read_bytes()[int(packets * begin) * 188:int(packets * end) * 188])
        cls.house = house.House(cls.paths.values())
        cls.house.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__(None, None, None)
        cls.folder.cleanup()

    def play(self, slug, wish):
        """None while those who came before are still counted."""
        try:
            return self.house.play(slug, **(SHOW | OTHERS)[wish])
        except AssertionError as refused:
            if ' 503 ' not in str(refused):
                raise
            return None

    @over(SHOWN)
    def test_every_frame_is_shown_once_and_in_its_place(self, case):
        name, wish = case
        # Without the ladder's sound: other cases look at that.
        playback = house.wait_for(lambda: self.play(pathlib.Path(name).stem, wish), 'there is room for one more viewer', pause_s=1)
        variant = hls.Multivariant(self.house, playback['hls_url']).variants[0]
        rendition = hls.Rendition(self.house, variant.url)
        self.assertIn(rendition.init.codec, variant.attributes['CODECS'].split(','))
        end = 0
        for segment in rendition.segments:
            for fragment in segment:
                self.assertEqual(fragment.tfdt, end)
                end = fragment.end
        self.assertAlmostEqual(sum(rendition.extinf_s), end / rendition.init.timescale, delta=0.5e-6 * len(rendition.segments) + 1e-9)
        with tempfile.NamedTemporaryFile(suffix='.mp4') as whole:
            whole.write(rendition.whole())
            whole.flush()
            ours = measure.brightness(whole.name)
        source = measure.brightness(self.paths[name])
        self.assertEqual((len(rendition.samples()), len(ours)), (len(source), len(source)))

        def difference(shift):
            pairs = list(zip(source[3:-3], ours[3 + shift:]))
            return sum(abs(a - b) for a, b in pairs) / max(1, len(pairs))
        if len(source) > 20:
            # Another shift is better only where nothing moves.
            self.assertLess(difference(0), min(map(difference, (-3, -2, -1, 1, 2, 3))) + 0.05)


H264, AAC = flashes.H264, flashes.AAC
# name -> what ffmpeg is told for the output, and by how many seconds the picture and the sound begin late
CLIPS = {'flash-mp4.mp4': (H264 + AAC, 0, 0),
         'flash-sound-late.mp4': (H264 + AAC, 0, 0.5),
         'flash-picture-late.mp4': (H264 + AAC, 0.32, 0),
         'flash-fragmented.mp4': (H264 + AAC + ['-movflags', 'frag_keyframe+empty_moov+negative_cts_offsets'], 0, 0),
         'flash-transport.ts': (H264 + AAC, 0, 0),
         'flash-opus.mkv': (H264 + ['-c:a', 'libopus', '-b:a', '96k'], 0, 0),
         'flash-vp9-opus.webm': (['-c:v', 'libvpx-vp9', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-c:a', 'libopus'], 0, 0),
         'flash-aac.mkv': (H264 + AAC, 0, 0),
         'flash-mkv-sound-late.mkv': (H264 + AAC, 0, 0.5),
         'flash-vp8.webm': (['-c:v', 'libvpx', '-deadline', 'realtime', '-cpu-used', '8', '-b:v', '500k', '-c:a', 'libvorbis'], 0, 0),
         'flash-mpeg4.avi': (['-c:v', 'mpeg4', '-c:a', 'libmp3lame'], 0, 0)}
FLASHES = {f'{name}_{how}': (pathlib.Path(name).stem, wishes) for name in CLIPS for how, wishes in
           {'own': {}, 'made': {'video': {'codec': 'h264', 'quality': 'medium'}, 'audio': {'codec': 'aac', 'bitrate': 96}}}.items()}
# Opus as it is begins inside a packet, whose first sample that is heard ffmpeg stamps late; GStreamer has them where they are.
COPIED = {f'{name}_copied': (pathlib.Path(name).stem, {'audio': {'codec': 'copy'}}) for name in ('flash-opus.mkv', 'flash-vp9-opus.webm')}


@spread
class Alignment(unittest.TestCase):
    """Flashes and beeps that belong together stay together, whatever the container did to their times."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix='butaca-flash-')
        folder = pathlib.Path(cls.folder.name)
        cls.late = {}
        for name, (output, picture_late, sound_late) in CLIPS.items():
            flashes.make(folder / name, output, picture_late, sound_late)
            cls.late[pathlib.Path(name).stem] = (picture_late, sound_late)
        cls.house = house.House(sorted(folder.iterdir()))
        cls.house.__enter__()

    @classmethod
    def tearDownClass(cls):
        cls.house.__exit__(None, None, None)
        cls.folder.cleanup()

    def check(self, case, measured_by):
        stem, wishes = case
        picture_late, sound_late = self.late[stem]
        url = self.house.play(stem, **wishes)['hls_url']
        try:
            seen, heard = measured_by(url)
        except AssertionError as trouble:
            refusals = self.house.refusals()
            # hlsdemux2 of 1.22 gave up once in some thousand plays; that is its own trouble only if we refused nothing.
            if refusals or "Couldn't download fragments" not in str(trouble):
                trouble.add_note('\n'.join(refusals) or 'AppS refused nothing')
                raise
            seen, heard = measured_by(url)
        self.assertEqual((len(seen), len(heard)), (len(flashes.AT_S),) * 2, (seen, heard))
        wanted = sound_late - picture_late
        apart = [round((beep - flash - wanted) * 1000, 1) for flash, beep in zip(seen, heard)]
        # A frame of AAC at 48 kHz lasts 21.3 ms.
        self.assertLess(max(map(abs, apart)), 21.4, f'ms of sound after picture: {apart}')

    @over(FLASHES)
    def test_in_what_ffmpeg_decodes(self, case):
        self.check(case, measure.flashes_and_beeps_of_ffmpeg)

    @over(FLASHES | COPIED)
    def test_in_what_gstreamer_decodes(self, case):
        self.check(case, measure.flashes_and_beeps_of_gstreamer)


if __name__ == '__main__':
    unittest.main(verbosity=1)
