#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""What becomes of every film and every piece of music in a folder, in one table: docs/formats.md.

    BUTACA_MEDIA=folder python3 -B tests/formats/formats.py [--only WORD ...]

Each file is scanned by a real Butaca, jumped into, played to its end and encoded smaller, as a player would; what comes out
is decoded, counted against what ffprobe counts in the original, and has to be heard. Results are kept, file by file, in
--results: what is there already is not done again (--again does). No file takes longer than --limit seconds.
"""
import argparse
import dataclasses
import hashlib
import json
import pathlib
import sys
import time
import urllib.parse

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / 'tests/e2e'))

import hls  # noqa: E402
import house  # noqa: E402
from budget import Budget, Failed, said_by  # noqa: E402
from silence import is_silent  # noqa: E402

# What the two servers read (vs/main.cpp, as/main.cpp) and some that they must pass over in silence.
NOT_MEDIA = {'.md', '.vtt', '.srt', '.ass', '.ssa', '.sup', '.idx', '.sub', '.ttml', '.dfxp', '.cmft', '.txt', '.json'}
INTERLACED = {'tt', 'bb', 'tb', 'bt'}
SCAN_S = 120
JUMP_TO = 0.6
SMALL = {'video': {'video': {'codec': 'h264', 'max_height': 144, 'quality': 'low'}},
         'audio': {'audio': {'codec': 'aac', 'bitrate': 48}}}


class Fetcher:
    """What hls.py reads through: the house's fetch, within the budget."""

    def __init__(self, home, budget):
        self.home, self.budget = home, budget

    def fetch(self, url, body=None):
        try:
            return self.home.fetch(url, body, limit_s=self.budget.left_s())
        except AssertionError as refused:
            raise Failed(reason_of(str(refused))) from None
        except OSError as broken:
            self.budget.left_s()
            raise Failed(f'connection: {broken}') from None


def reason_of(refusal):
    """The detail of a problem document within what house.fetch() says."""
    begin, end = refusal.find('{'), refusal.rfind('}')
    try:
        problem = json.loads(refusal[begin:end + 1].encode().decode('unicode_escape').encode('latin-1'))
        return str(problem.get('detail') or problem.get('title'))
    except (ValueError, UnicodeError):
        return refusal.partition(': ')[2][:200]


@dataclasses.dataclass
class Counted:
    frames: int = 0
    interlaced: bool = False
    seconds: float = 0
    silent: bool = True
    problem: str = ''


def original_of(path, budget):
    """What ffprobe counts in a file: decoded frames of its first picture track, seconds of its first sound."""
    text = said_by(['ffprobe', '-v', 'error', '-of', 'json', '-show_streams', '-show_format', str(path)], budget)
    told = json.loads(text or '{}')
    counted = Counted()
    for stream in told.get('streams', []):
        if stream.get('codec_type') == 'video' and not stream.get('disposition', {}).get('attached_pic'):
            counted.interlaced = stream.get('field_order') in INTERLACED
            count = said_by(['ffprobe', '-v', 'error', '-select_streams', str(stream['index']), '-count_frames', '-of',
                             'csv=p=0', '-show_entries', 'stream=nb_read_frames', str(path)], budget)
            counted.frames = int(count.split()[0].strip(',')) if count.split() and count.split()[0][0].isdigit() else 0
            break
    for stream in told.get('streams', []):
        if stream.get('codec_type') == 'audio':
            counted.seconds = float(stream.get('duration') or told.get('format', {}).get('duration') or 0)
            counted.silent = is_silent(path, budget)
            break
    if not told.get('streams'):
        counted.problem = 'ffprobe reads nothing'
    return counted


def decoded_frames(data, budget):
    """How many pictures, or packets of sound, ffmpeg decodes from it."""
    text = said_by(['ffprobe', '-v', 'error', '-count_frames', '-of', 'csv=p=0', '-show_entries',
                    'stream=nb_read_frames', '-'], budget, data)
    digits = text.strip().strip(',').splitlines()
    return int(digits[0]) if digits and digits[0].isdigit() else 0


class Segments:
    """A media playlist, whose segments are asked for one at a time and in any order."""

    def __init__(self, fetcher, url):
        self.fetcher, self.url, self.bodies = fetcher, url, {}
        lines = fetcher.fetch(url).decode().splitlines()
        maps = [line for line in lines if line.startswith('#EXT-X-MAP:')]
        self.names = [line for line in lines if line and line[0] != '#']
        if not self.names or not maps:
            raise Failed('the playlist is empty')
        self.init = fetcher.fetch(urllib.parse.urljoin(url, hls.attributes(maps[0].partition(':')[2])['URI']))

    def body(self, number):
        if number not in self.bodies:
            self.bodies[number] = self.fetcher.fetch(urllib.parse.urljoin(self.url, self.names[number]))
        return self.bodies[number]

    def samples(self, number):
        return [sample for fragment in hls.mp4.fragments(self.body(number), hls.mp4.Init(self.init))
                for sample in fragment.samples]

    def check(self, numbers, budget):
        """All that these segments promise can be decoded; how many samples they hold."""
        wanted = sum(len(self.samples(number)) for number in numbers)
        found = decoded_frames(self.init + b''.join(self.body(number) for number in numbers), budget)
        # What an AAC decoder makes of its first packet alone is nothing, and of no consequence.
        if abs(found - wanted) > 1 or found == 0:
            raise Failed(f'{found} of {wanted} can be decoded')
        return wanted


def renditions(fetcher, playback):
    """The best picture and the default sound of a playback."""
    many = hls.Multivariant(fetcher, playback['hls_url'])
    found = []
    if many.variants:
        found.append(Segments(fetcher, many.variants[0].url))
    default = next((one for one in many.audio if one.attributes.get('DEFAULT') == 'YES'), None)
    if default and default.url != many.variants[0].url:
        found.append(Segments(fetcher, default.url))
    if not found:
        raise Failed('the playlist names nothing')
    return found


def play(fetcher, item, wishes):
    # What has just been measured as too much for several viewers is refused for a while; this one has time.
    while True:
        try:
            playback = json.loads(fetcher.fetch('/api/v1/playbacks', {'item': item['id'], **wishes}))
            playback['hls_url'] = urllib.parse.urljoin(fetcher.home.base, playback['hls_url'])
            return playback
        except Failed as failed:
            if 'busy' not in str(failed):
                raise
            time.sleep(min(1, fetcher.budget.left_s()))


def jump(parts, budget):
    for part in parts:
        part.check([int(len(part.names) * JUMP_TO)], budget)
    return 'yes'


def to_the_end(item, parts, original, budget):
    words = []
    for place, part in enumerate(parts):
        count = part.check(range(len(part.names)), budget)
        if item['kind'] == 'video' and place == 0 and item['video']:
            shown = original.frames * (2 if original.interlaced and count > original.frames else 1)
            words.append(f'{count} frames' if count == shown else f'{count} of {shown} frames')
        else:
            last = hls.mp4.fragments(part.body(len(part.names) - 1), hls.mp4.Init(part.init))[-1]
            seconds = last.end / hls.mp4.Init(part.init).timescale
            whole = part.init + b''.join(part.body(number) for number in range(len(part.names)))
            if not original.silent and is_silent('-', budget, whole):
                raise Failed('nothing is heard')
            words.append(f'{count} packets, {seconds:.2f} of {original.seconds:.2f} s')
    return '; '.join(words)


def attempt(work):
    """What it gives, or why not."""
    try:
        return work()
    except Failed as failed:
        return f'no: {failed}'
    except (AssertionError, ValueError, KeyError, IndexError) as wrong:
        return f'no: not understood: {type(wrong).__name__} {wrong}'[:200]


def subtitles_of(fetcher, playback):
    """How many of the playlist's subtitle tracks can be fetched."""
    lines = fetcher.fetch(playback['hls_url']).decode().splitlines()
    tracks = [hls.attributes(line.partition(':')[2]) for line in lines
              if line.startswith('#EXT-X-MEDIA:') and 'TYPE=SUBTITLES' in line]
    for track in tracks:
        url = urllib.parse.urljoin(playback['hls_url'], track['URI'])
        names = [line for line in fetcher.fetch(url).decode().splitlines() if line and line[0] != '#']
        fetcher.fetch(urllib.parse.urljoin(url, names[0]))
    return str(len(tracks)) if tracks else '-'


def burned(fetcher, item, wishes, budget):
    if not wishes or not item.get('subtitles'):
        return '-'
    part = renditions(fetcher, play(fetcher, item, wishes))[0]
    part.check([0], budget)
    return 'yes'


def examine(home, path, item, options):
    """One row of the table."""
    budget = Budget(options.limit)
    fetcher = Fetcher(home, budget)
    row = {'scanned': 'yes', 'played': '-', 'jumped': '-', 'smaller': '-', 'subtitles': '-', 'burned': '-'}
    if item is None:
        row['scanned'] = 'no: never listed'
        return row
    if not item['playable']:
        row['scanned'] = f'refused: {item["problem"]}'
        return row
    before = len(home.trouble())

    def all_of_it():
        original = original_of(path, budget)
        playback = play(fetcher, item, {})
        parts = renditions(fetcher, playback)
        row['jumped'] = attempt(lambda: jump(parts, budget))
        row['subtitles'] = attempt(lambda: subtitles_of(fetcher, playback))
        return to_the_end(item, parts, original, budget)

    def smaller():
        for part in renditions(fetcher, play(fetcher, item, SMALL[item['kind']])):
            part.check(range(min(2, len(part.names))), budget)
        return 'yes'

    row['played'] = attempt(all_of_it)
    row['smaller'] = attempt(smaller)
    row['burned'] = attempt(lambda: burned(fetcher, item, options.burn, budget))
    if trouble := home.trouble()[before:]:
        row['trouble'] = trouble[0][:300]
    return row


class PatientHouse(house.House):
    """One that may list fewer titles than it has files: which ones is what we want to know."""

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        # Trouble that a broken file makes is a result, not a failure of this program.
        self.stop(judge=False)


def listed(home, digests):
    """id -> item of all titles, once all files are there or nothing new has come for a while."""
    end, seen, since = time.monotonic() + SCAN_S, {}, time.monotonic()
    while time.monotonic() < end and time.monotonic() - since < SCAN_S / 4:
        now = {item['id']: item for item in home.catalogue().values()}
        if len(now) != len(seen):
            since = time.monotonic()
        seen = now
        if digests <= set(seen):
            break
        time.sleep(0.5)
    return seen


def as_text(cell):
    return str(cell).replace('|', '\\|').replace('\n', ' ')


def write_table(results, target):
    columns = ('scanned', 'played', 'jumped', 'smaller', 'subtitles', 'burned')
    lines = ['# Formats', '',
             'What became of each file of a folder of real and broken ones, measured by `tests/formats/formats.py`: scanned',
             'by a real Butaca, played to the end and decoded (frames against those that ffprobe counts in the original, two',
             'for each interlaced one; seconds of sound against the original\'s), jumped into, encoded down to 144 rows or 48',
             'kb/s, its subtitles as tracks (how many), and one of them burned in. A refusal says why.', '',
             '| file | scanned | played to the end | jumped into | encoded down | subtitles as track | burned |',
             '|---|---|---|---|---|---|---|']
    for name in sorted(results):
        row = results[name]
        lines.append('| ' + ' | '.join([f'`{name}`', *(as_text(row.get(column, '-')) for column in columns)]) + ' |')
    troubled = [f'- `{name}`: {as_text(row["trouble"])}' for name, row in sorted(results.items()) if 'trouble' in row]
    if troubled:
        lines += ['', 'What the logs said beyond that:', '', *troubled]
    target.write_text('\n'.join(lines) + '\n', encoding='utf-8')


def arguments():
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument('--media', type=pathlib.Path, default=house.MEDIA, help='folder (BUTACA_MEDIA)')
    reader.add_argument('--only', nargs='*', default=[], help='words, one of which a name has to hold')
    reader.add_argument('--results', type=pathlib.Path, default=ROOT / 'build/formats.json')
    reader.add_argument('--table', type=pathlib.Path, default=ROOT / 'docs/formats.md')
    reader.add_argument('--limit', type=float, default=180, help='seconds for one file')
    reader.add_argument('--again', action='store_true', help='do again what has a result')
    reader.add_argument('--burn', type=json.loads, default=None, help='wishes, as JSON, that burn in a subtitle track')
    return reader.parse_args()


def main():
    options = arguments()
    results = json.loads(options.results.read_text()) if options.results.exists() else {}
    paths = [path for path in sorted(options.media.iterdir()) if path.is_file() and path.suffix not in NOT_MEDIA and
             (not options.only or any(word in path.name for word in options.only)) and
             (options.again or path.name not in results)]
    if paths:
        digests = {path: hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in paths}
        with PatientHouse(paths) as home:
            items = listed(home, set(digests.values()))
            for path in paths:
                began = time.monotonic()
                row = examine(home, path, items.get(digests[path]), options)
                results[path.name] = row
                # Whole or not at all: this may be stopped at any time.
                unfinished = options.results.with_suffix('.part')
                unfinished.write_text(json.dumps(results, indent=1, sort_keys=True))
                unfinished.replace(options.results)
                print(f'{time.monotonic() - began:6.1f} s  {path.name}: {row}', flush=True)
    write_table(results, options.table)


if __name__ == '__main__':
    main()
