#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every segment is a pure function: the same bytes in any order, for any number of viewers, from any worker, after a
restart and after the cache is gone. A sample of segments of each kind of source and of output; purity.py
"""
import concurrent.futures
import random
import unittest

import house
import rough

# (file, wishes): every container, decoder and encoder of this version at least once.
WANTED = [
    ('sintel-trailer-720p.mp4', {'video': {'max_height': 480}}),
    ('sintel-trailer-720p.mp4', {'video': {'max_height': 360, 'quality': 'low'}, 'audio': {'codec': 'aac', 'bitrate': 96}}),
    ('sintel-trailer-720p.mp4', {'video': {'codec': 'copy'}}),
    ('sintel-trailer-h264-opus.mkv', {'video': {'codec': 'h264', 'max_height': 240}, 'audio': {'codec': 'aac'}}),
    ('tears-of-steel-battle.webm', {'video': {'max_height': 240}}),
    ('tears-of-steel-battle.webm', {'video': {'codec': 'hevc', 'max_height': 240}}),
    ('tears-of-steel-battle.webm', {'video': {'codec': 'vp9', 'max_height': 240}}),
    ('tears-of-steel-battle.webm', {'video': {'codec': 'av1', 'max_height': 240}}),
    # Tone mapped and upright, interlaced, six channels to two.
    ('av1-hdr10-portrait.mp4', {'video': {'max_height': 240}}),
    ('interlaced-dv-pal.mov', {'video': {'max_height': 240}}),
    ('flac-51.flac', {'audio': {'codec': 'aac'}}),
    # A screen recording: frames at any distance from one another.
    ('vfr-portrait-h264.mp4', {'video': {'codec': 'h264', 'max_height': 360}}),
    ('flow-theory-paul-allen-song.mp3', {'audio': {'codec': 'aac', 'bitrate': 96}}),
    ('kevin-macleod-vibe-ace.ogg', {'audio': {'codec': 'opus', 'bitrate': 64}}),
    ('speech-jfk.flac', {'audio': {'codec': 'aac'}}),
    ('speech-jfk.flac', {'audio': {'codec': 'opus'}}),
    ('speech-jfk.flac', {'audio': {'codec': 'flac'}}),
    ('corelli-trio-sonata.m4a', {'audio': {'codec': 'copy'}}),
    # As they are; more of them in copies.py and copied_sound.py.
    ('hevc-bframes-480p.mp4', {'video': {'codec': 'copy'}}),
    ('av1-hdr10-portrait.mp4', {'video': {'codec': 'copy'}}),
    ('vp9-opus-60fps-sync.webm', {'video': {'codec': 'copy'}, 'audio': {'codec': 'copy'}}),
    ('flow-theory-paul-allen-song.mp3', {'audio': {'codec': 'copy'}}),
    ('speech-jfk.flac', {'audio': {'codec': 'copy'}}),
    ('pgs-subtitles.mkv', {'audio': {'codec': 'ac3'}}),
    ('corelli-trio-sonata.m4a', {'audio': {'codec': 'mp3', 'normalize': True, 'night': True}}),
    ('flow-theory-paul-allen-song.mp3', {'audio': {'codec': 'aac', 'night': True}}),
]
DEMO = sorted((house.DEMO / 'video').glob('*.*4*')) + sorted((house.DEMO / 'audio').glob('*.ogg'))
# Of each rendition: the first ones, some in the middle, the last ones.
SAMPLE = 6


def sample(names):
    """init.mp4 and SAMPLE segments: neighbours at the start, in the middle and at the end."""
    init, segments = names[0], names[1:]
    if len(segments) <= SAMPLE:
        return names
    middle = len(segments) // 2
    return [init, *segments[:2], *segments[middle:middle + 2], *segments[-2:]]


class Purity(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        wanted = [(house.media(name), wishes) for name, wishes in WANTED if house.media(name)]
        cls.wanted = wanted or [(path, {}) for path in DEMO]
        if not cls.wanted:
            raise unittest.SkipTest('there are neither real nor demo media')
        cls.house = rough.RoughHouse({path for path, _ in cls.wanted}, ['workers.count=2'])
        cls.house.__enter__()
        cls.addClassCleanup(lambda: cls.house.stop())
        # Playbacks outlive restarts: their URLs are asked for only once.
        cls.playbacks = [(path.stem, cls.house.playback(path.stem, **wishes)) for path, wishes in cls.wanted]
        cls.keys = [(number, rendition, name) for number, (_, playback) in enumerate(cls.playbacks)
                    for rendition in playback.renditions() for name in sample(playback.files(rendition))]
        cls.truth = cls.fetch_all(cls.keys)

    @classmethod
    def fetch_one(cls, key):
        number, rendition, name = key
        reply = cls.playbacks[number][1].get(rendition, name)
        assert reply.status == 200, (cls.playbacks[number][0], name, reply)
        return rough.sha256(reply.body)

    @classmethod
    def fetch_all(cls, keys):
        return {key: cls.fetch_one(key) for key in keys}

    def compare(self, found, made_anew=True):
        made = self.house.segments_made()
        self.assertEqual(made > 0, made_anew, f'{made} segments were made; what is compared is not what it is thought to be')
        wrong = [(self.playbacks[key[0]][0], key[1], key[2]) for key, digest in found.items() if digest != self.truth[key]]
        self.assertEqual(wrong, [], f'{len(wrong)} of {len(found)} segments differ')

    def restart(self, *settings, keep_segments=False):
        """Everything anew; unless told otherwise without the segments made before."""
        self.house.settings = settings
        if not keep_segments:
            self.house.empty_the_cache()
        self.house.restart()

    def test_in_reverse_by_a_single_worker_from_an_empty_cache(self):
        self.restart('workers.count=1')
        self.compare(self.fetch_all(self.keys[::-1]))

    def test_at_random_without_look_ahead_or_memory(self):
        self.restart('workers.count=2', 'workers.look_ahead_segments=0', 'cache.memory_bytes=64KiB')
        keys = list(self.keys)
        random.Random(2).shuffle(keys)
        self.compare(self.fetch_all(keys))

    def test_for_three_viewers_at_once_who_go_their_own_ways(self):
        self.restart('workers.count=2')
        orders = [list(self.keys) for _ in range(3)]
        for seed, order in enumerate(orders[1:]):
            random.Random(seed).shuffle(order)
        with concurrent.futures.ThreadPoolExecutor(3) as viewers:
            for found in viewers.map(self.fetch_all, orders):
                self.compare(found)

    def test_from_the_disk_after_a_restart(self):
        self.fetch_all(self.keys)  # so that all are there
        self.restart('workers.count=1', 'workers.look_ahead_segments=0', keep_segments=True)
        self.compare(self.fetch_all(self.keys), made_anew=False)

    def test_as_transport_streams_while_they_are_made_and_afterwards(self):
        keys = [(number, rendition, name.replace('.m4s', '.ts')) for number, rendition, name in self.keys
                if number == 0 and name.endswith('.m4s')]
        self.restart('workers.count=1', 'workers.look_ahead_segments=0')
        made = self.fetch_all(keys)
        self.assertGreater(self.house.segments_made(), 0)
        self.assertEqual(len(set(made.values())), len(keys))
        self.assertEqual(self.fetch_all(keys[::-1]), made)
        self.restart('workers.count=1', 'workers.look_ahead_segments=0', keep_segments=True)
        self.assertEqual(self.fetch_all(keys), made)

    def test_the_sample_has_every_rendition_and_differs_between_neighbours(self):
        # Guards the comparison itself: a server that sent the same bytes for everything would pass all the others.
        # Playbacks of one film share the sound.
        renditions = {(rendition, name) for _, rendition, name in self.truth}
        self.assertGreater(len(set(self.truth.values())), len(renditions) * 9 // 10)


if __name__ == '__main__':
    unittest.main(verbosity=1)
