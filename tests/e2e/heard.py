# SPDX-License-Identifier: LGPL-2.1-or-later
"""Compares the sound of a rendition with that of its original, sample by sample."""
import array
import math
import statistics
import tempfile

import house
import measure

WINDOW = 2048
# What a decoder needs before it gives what it would have given in the middle: AAC overlaps by one frame, Opus settles in 80 ms.
SETTLE_FRAMES = {'mp4a': 1, 'Opus': 4}
ENCODERS = {'mp4a': 'aac', 'Opus': 'libopus'}


def decoded(data, rate):
    with tempfile.NamedTemporaryFile(suffix='.mp4') as file:
        file.write(data)
        file.flush()
        return measure.sound(file.name, rate)


def encoded_whole(path, rate, kind, bitrate_bps):
    """The original's sound, encoded from end to end by ffmpeg with the same library, and decoded again."""
    with tempfile.NamedTemporaryFile(suffix='.mp4') as file:
        channels = ['-ac', '1'] if measure.channels(path) == 1 else ['-ac', '2']
        code, _, err = house.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-i', path, '-map', '0:a:0', *channels, '-ar', str(rate), '-c:a',
                                  ENCODERS[kind], '-b:a', str(bitrate_bps), file.name], 300)
        assert code == 0, err
        return measure.sound(file.name, rate)


def error(source, other, at, lag, length=WINDOW):
    """Root mean square of the difference around a place of the source."""
    return measure.loudness(array.array('i', (a - b for a, b in zip(source[at:at + length], other[at + lag:at + lag + length]))))


class Heard:
    """The sound of one rendition beside its original's. `late`: by how many samples the original's first one is not at 0."""

    def __init__(self, path, rendition):
        self.path, self.rendition = path, rendition
        self.rate = rendition.init.timescale
        self.frame = 960 if rendition.init.kind == 'Opus' else 1024
        self.ours = decoded(rendition.whole(), self.rate)
        # Downmixes weigh channels in their own way, but the left one of stereo is the left one.
        self.source = measure.sound(path, self.rate)
        self.late = round(measure.late_s(path) * self.rate)
        self.total = rendition.segments[-1][-1].end
        self.borders = [segment[0].tfdt for segment in rendition.segments]
        placed = array.array('h', bytes(2 * max(0, self.late))) + self.source[max(0, -self.late):]
        self.placed = placed

    def begin_late(self, samples):
        """Where ffmpeg does not decode the first packets of the original, it does not in a copy of them either."""
        self.ours = array.array('h', bytes(2 * samples)) + self.ours

    def check_length(self, test, told, off):
        """`told`: samples that the original has by its own words, at our rate; `off`: how far those may be from the truth."""
        test.assertLessEqual(abs(self.total - told), off, f'{self.total} samples instead of {told}')
        # The last frame is whole, and what is beyond the end of its duration is padding: nothing else is decoded.
        test.assertEqual(len(self.ours), math.ceil(self.total / self.frame) * self.frame, 'decoded')

    def places(self):
        """Where there is something to compare: at the start, across each seam, and in between."""
        seams = [border - WINDOW // 2 for border in self.borders[1:]]
        middles = [(a + b) // 2 for a, b in zip(self.borders, self.borders[1:])]
        first = next((at for at in range(0, len(self.placed), 256) if abs(self.placed[at]) > 500), 0)
        # The first frame of all lacks the one before it, with which it overlaps.
        candidates = [max(first, self.frame), *seams, *middles]
        end = min(len(self.placed), len(self.ours), self.total) - WINDOW
        return [at for at in sorted(candidates) if 0 <= at < end and measure.loudness(self.placed[at:at + WINDOW]) > 200]

    def lag(self, most):
        """By how many samples ours is later, as most of the loudest stretches tell; None where all is silent."""
        places = self.places()
        if not places:
            return None
        loudest = sorted(places, key=lambda place: -measure.loudness(self.placed[place:place + WINDOW]))[:7]
        return statistics.mode(measure.lag(self.placed, self.ours, at, WINDOW, most) for at in loudest)

    def check_places(self, test, off):
        """Everywhere the same lag, at most `off`. Returns it."""
        lag = self.lag(max(64, 2 * off))
        if lag is None:
            return None
        test.assertLessEqual(abs(lag), off, 'samples late')
        for at in self.places():
            here = error(self.placed, self.ours, at, lag)
            for other in (*range(-24, 0), *range(1, 25)):
                # Where a shift changes less than coding does (a low hum), it cannot be told; and what codecs do to phases may
                # make a neighbour fit a little better. One sample off makes 79 of 347 where there are highs.
                if at + min(other, lag + other) >= 0 and error(self.placed, self.placed, at, other) > here:
                    test.assertGreater(error(self.placed, self.ours, at, lag + other), 0.75 * here,
                                       f'{lag + other} samples late at {at}, not {lag}')
        return lag

    def check_seams(self, test, lag):
        """Across seams the coding error is that of one encode of the whole, by sample position."""
        places = set(self.places())
        seams = [at for border in self.borders[1:] if (at := border - WINDOW // 2) in places]
        others = [at for border in self.borders for at in range(border + 4 * WINDOW, border + 30 * WINDOW, 4 * WINDOW)
                  if at + WINDOW < min(len(self.placed), self.total) and measure.loudness(self.placed[at:at + WINDOW]) > 200]
        if not seams or not others:
            return
        whole = encoded_whole(self.path, self.rate, self.rendition.init.kind, round(self.rendition.average_bps()))
        whole = array.array('h', bytes(2 * max(0, self.late))) + whole[max(0, -self.late):]

        def mean(sound, shift, where):
            return sum(error(self.placed, sound, at, shift) for at in where) / len(where)
        # Two encoders of one library do not spend their bits alike: elsewhere tells by how much they differ anyway.
        usual = max(1, mean(self.ours, lag, others) / max(1, mean(whole, 0, others)))
        test.assertLess(mean(self.ours, lag, seams), 1.3 * usual * mean(whole, 0, seams) + 30, 'across seams, against an encode of the whole')
        # Single frames are coded far more roughly here and there, by either of them.
        roughest = max(error(self.placed, self.ours, at, lag) for at in others)
        for at in seams:
            test.assertLess(error(self.placed, self.ours, at, lag), max(roughest, 2 * usual * error(self.placed, whole, at, 0)) + 100,
                            f'the seam at {at + WINDOW // 2}')

    def check_alone(self, test):
        """A segment alone is the same stretch of the whole, once its decoder has settled."""
        kind = self.rendition.init.kind
        settled = SETTLE_FRAMES[kind] * self.frame
        for k in {1, len(self.borders) // 2, len(self.borders) - 1} - {0}:
            if k >= len(self.borders):
                continue
            alone = decoded(self.rendition.init_bytes + self.rendition.bodies[k], self.rate)
            within = self.ours[self.borders[k]:self.borders[k] + len(alone)]
            test.assertEqual(len(alone), len(within), f'segment {k}')
            difference = error(within, alone, settled, 0, len(alone) - settled)
            # A decoder makes up the noise that an encoder only names (AAC's PNS), from a state that differs.
            at = self.borders[k] + settled
            coding = error(self.placed, self.ours, at, 0, min(len(alone) - settled, self.total - at, len(self.placed) - at))
            loud = measure.loudness(within[settled:])
            test.assertLess(difference, max(0.02 * loud, 1.6 * coding) + 4, f'segment {k}, whose loudness is {loud:.0f}')
