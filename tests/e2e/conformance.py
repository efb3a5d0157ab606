#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What we serve of real films and music, judged by `butaca check`: nothing but what is named here, with its reason.
Of long ones the beginning, unless BUTACA_CONFORMANCE=all asks for all of them, and for every wish of every film; conformance.py"""
import functools
import json
import os
import pathlib
import shutil
import unittest

import house

ALL = os.environ.get('BUTACA_CONFORMANCE') == 'all'
# Each codec and container, turned, interlaced, of uneven and of very low rates, with sound that comes first or not at all,
# with several tracks of sound and subtitles, chapters, sizes that have smaller steps below them and sizes that have none.
FILMS = ['sintel-trailer.mp4', 'ac3-and-aac-two-audio.mp4', 'chapters-444.mkv', 'chapters-quicktime.mp4', 'eac3-51-audio-only.mp4',
         'elephants-dream-multitrack.mkv', 'flower-540p-fragmented.mp4', 'friday-audio-first.mp4', 'h264-444-bframes-editlist.mp4',
         'hevc-bframes-480p.mp4', 'interlaced-dv-pal.mov', 'mjpeg-2997.mov', 'mpeg2-mp2.ts', 'nasa-multistream.mp4', 'pgs-subtitles.mkv',
         'phone-rotated-180-no-audio.mp4', 'prores-422-10bit.mov', 'sintel-trailer-h264-opus.mkv', 'sintel-trailer-msmpeg4-adpcm.avi',
         'sintel-trailer-wmv2-wma2.wmv', 'ssa-subtitles.mkv', 'theora-vorbis-anamorphic.ogg', 'timecode-300s.mp4', 'vp9-10bit-23976.webm',
         'vp9-opus-portrait.webm', 'xdcam-422-720p60.mov']
MUSIC = ['vibe-ace.ogg', 'corelli-trio-sonata.m4a', 'flac-51.flac', 'guitar-mono.wav', 'mp3-huge-id3-cover.mp3', 'mp3-vbr-no-xing.mp3',
         'opus-51.opus']
BEGINNING_SEGMENTS = 4
# Two of the real files are the demo's own, and the Corelli is there once of three times.
LONG = ['av1-hdr10-portrait.mp4', 'flower-540p-vp8.webm', 'flower-540p.mp4', 'hevc-main10-iphone-rotated-editlist.mp4',
        'interlaced-hdv-1080i60-anamorphic.mov', 'long-6min-1080p-lowbitrate.mp4', 'sintel-trailer-anamorphic.m4v',
        'surveillance-no-audio-10fps.mp4', 'tears-of-steel-battle.webm', 'vfr-portrait-h264.mp4', 'vp9-opus-60fps-sync.webm',
        'asc-machine-wars.mp3', 'flac-with-jpeg-cover.flac', 'flow-theory-paul-allen-song.mp3', 'speech-jfk.flac', 'warzone2100-track3.opus',
        'wesnoth-traveling-minstrels.ogg']
# Subtitles beside a film: whose they are, and what they come from.
BESIDE = {'sintel-trailer.en.vtt': 'sintel.en.vtt', 'sintel-trailer.es.vtt': 'sintel.es.vtt'}

AS_IT_COMES = {'as it comes': {}, 'transport stream': {'container': 'ts'}}
# What a picture can be made of, small and quick.
SMALL = {'max_height': 144, 'quality': 'low'}
PICTURES = {'h264': {'video': {'codec': 'h264', **SMALL}}, 'copy': {'video': {'codec': 'copy'}},
            'h264 in a transport stream': {'container': 'ts', 'video': {'codec': 'h264', **SMALL}}}
CODECS = {codec: {'video': {'codec': codec, **SMALL}} for codec in ('hevc', 'vp9', 'av1')}
SOUNDS = {codec: {'audio': {'codec': codec}} for codec in ('copy', 'opus', 'flac', 'mp3')}
BURNED = {'burned subtitles': {'subtitles': {'mode': 'burn'}, 'video': SMALL}}
# What is wished for besides, of these alone unless all is asked for.
MORE = {
    'sintel-trailer': {'h264': PICTURES['h264'], 'Spanish subtitles': {'subtitles': {'language': 'es'}, 'video': SMALL},
                       'burned Spanish subtitles': {'subtitles': {'language': 'es', 'mode': 'burn'}, 'video': SMALL}},
    'elephants-dream-multitrack': {**PICTURES, 'other sound first': {'audio': {'language': 'en'}, 'video': SMALL}, **BURNED},
    # Three frames at uneven times.
    'mpeg2-mp2': CODECS,
    'nasa-multistream': BURNED,
    'pgs-subtitles': BURNED,
    'ssa-subtitles': BURNED,
    'prores-422-10bit': CODECS,
    'vp9-opus-portrait': {'copy': PICTURES['copy'], 'opus': SOUNDS['opus']},
    'flac-51': SOUNDS,
    'opus-51': {'copy': SOUNDS['copy']},
}
EVERYTHING = {**PICTURES, **CODECS, **SOUNDS}

SHOULD = {
    'target-six': 'segments of two seconds, so that a jump is answered at once; copies are cut at the original key frames',
    'time-borders': 'copies are cut at the original key frames, encodes on a grid of two seconds',
    'video-keyframes': 'a border falls on the first frame at or after two seconds; copies keep their key frames',
    'peak-double': 'constant quality: what is easy to encode takes less',
    'rates-default': 'the best comes first, which is mostly the original itself: nothing has to be made for it',
}
# Until all segments are made these are bounds.
BOUNDS = {'bandwidth-agree', 'average-agree'}
# The least short side of a picture that has a smaller step below it.
STEPPED = 268
# Pictures that are 1.7 ms apart, as its muxer has it; an original is not slowed down.
TOO_FAST = 'pgs-subtitles'


@functools.lru_cache(maxsize=None)
def ends_s(name):
    """When the tracks of picture and sound of an original end, the earliest and the latest."""
    status, out, err = house.run(['ffprobe', '-v', 'error', '-show_entries', 'packet=codec_type,stream_index,pts_time,dts_time,duration_time',
                                  '-of', 'json', house.media(name)])
    assert status == 0, err
    last = {}
    for packet in json.loads(out)['packets']:
        if packet['codec_type'] in ('video', 'audio'):
            time_s = float(packet.get('pts_time', packet.get('dts_time', 0))) + float(packet.get('duration_time', 0))
            last[packet['stream_index']] = max(last.get(packet['stream_index'], 0), time_s)
    return min(last.values()), max(last.values())


def reason(finding, name, wishes, report):
    """Why a finding is no fault of ours; empty when it is one."""
    rule = finding['rule']
    if finding['severity'] == 'NOTE' or rule in SHOULD:
        return 'known'
    video, audio = wishes.get('video', {}), wishes.get('audio', {})
    if rule == 'rates-several':
        if 'max_height' in video or video.get('codec') == 'copy':
            return 'one size alone was asked for'
        shortest = min(int(side) for side in report['size'].split('x'))
        return 'there is no smaller step' if shortest < STEPPED else ''
    if rule == 'time-range':
        first, last = ends_s(name)
        here, other = (float(value) for value in finding['values'][:2])
        # A frame of sound may lie about itself by its priming, and in a transport stream the last one is whole.
        return 'the tracks of the original end apart' if abs(here - other) < last - first + 0.1 else ''
    if rule == 'sound-aac':
        return 'another codec was asked for' if audio.get('codec') not in (None, 'aac') else ''
    if rule == 'video-codec':
        return 'this codec was asked for' if video.get('codec') in ('copy', 'vp9') else ''
    if rule == 'video-frame-rate':
        return 'so fast is the original' if pathlib.Path(name).stem == TOO_FAST else ''
    return ''


def wishes_of(slug, is_film):
    """What is wished for of a title: name -> wishes."""
    found = {**AS_IT_COMES, **MORE.get(slug, {})}
    if ALL and is_film:
        found.update(EVERYTHING)
    elif ALL:
        found.update(SOUNDS)
    return found


class Conformance(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        files = [path for path in map(house.media, FILMS + MUSIC + LONG) if path]
        cls.names = {path.stem: path.name for path in files}
        cls.house = house.House(files, ['workers.thumbnails_ahead=false'])
        for name, source in BESIDE.items():
            if house.media(source):
                shutil.copy(house.media(source), cls.house.folder / 'video' / name)
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.stop())
        catalogue = cls.house.catalogue()
        # All at once, while nothing is made yet: a busy server offers less.
        cls.playbacks = {}
        for slug in cls.names:
            is_film = catalogue[slug]['kind'] == 'video' and bool(catalogue[slug]['video'])
            for wish, wishes in wishes_of(slug, is_film).items():
                status, words = cls.house.refusal({'item': slug, **wishes}) if ALL else (201, '')
                if status == 201:
                    cls.playbacks[slug, wish] = (wishes, cls.house.play(slug, **wishes)['hls_url'])
                # That there is no such offer is no matter of form; anything else is.
                elif status != 422:
                    raise AssertionError(f'{slug}, {wish}: {status} {words}')

    def check(self, url, limit=None):
        only = ['--limit', str(limit)] if limit else []
        status, out, err = house.run([house.COMMAND, 'check', '--json', *only, url], limit_s=600)
        self.assertIn(status, (0, 1), err)
        return json.loads(out)

    def faults(self, slug, wishes, report, allowed=frozenset()):
        master = self.house.fetch(report['url']).decode()
        report['size'] = master.partition('RESOLUTION=')[2].partition(',')[0] or '0x0'
        return [finding for finding in report['findings']
                if finding['rule'] not in allowed and not reason(finding, self.names[slug], wishes, report)]

    def judge(self, slug, wish):
        wishes, url = self.playbacks[slug, wish]
        limit = BEGINNING_SEGMENTS if self.names[slug] in LONG and not ALL else None
        # While segments are made, and once all are there.
        for allowed in (BOUNDS, BOUNDS if limit else frozenset()):
            report = self.check(url, limit)
            self.assertEqual(self.faults(slug, wishes, report, allowed), [])
            self.assertTrue(report['playlists'])
            for playlist in report['playlists']:
                self.assertEqual(playlist['looked_at'], min(playlist['segments'], limit or playlist['segments']), playlist)

    def judge_all(self, names):
        for slug, wish in self.playbacks:
            if self.names[slug] in names:
                with self.subTest(f'{slug}, {wish}'):
                    self.judge(slug, wish)

    def test_films(self):
        self.judge_all(FILMS)

    def test_music(self):
        self.judge_all(MUSIC)

    def test_long_ones(self):
        self.judge_all(LONG)

    def test_a_fault_would_be_found(self):
        """The allowances are for what they name only."""
        report = {'size': '640x360'}
        for rule, values in (('time-range', ['5', '9', 'other']), ('rates-several', []), ('sound-aac', []), ('video-codec', []),
                             ('video-frame-rate', []), ('bandwidth-agree', [])):
            finding = {'rule': rule, 'severity': 'MUST', 'values': values}
            self.assertEqual(reason(finding, 'sintel-trailer.mp4', {}, report), '', rule)


if __name__ == '__main__':
    unittest.main()
