# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads our playlists (RFC 8216) and all that they name."""
import dataclasses
import re
import urllib.parse

import mp4


def attributes(text):
    """The attribute list of a tag, RFC 8216, 4.2."""
    return {name: value.strip('"') for name, value in re.findall(r'([A-Z0-9-]+)=("[^"]*"|[^,]*)', text)}


@dataclasses.dataclass
class Variant:
    url: str
    attributes: dict


class Multivariant:
    def __init__(self, house, url):
        self.variants, self.audio, self.subtitles = [], [], []
        text = house.fetch(url).decode()
        lines = text.splitlines()
        assert lines[0] == '#EXTM3U', lines[0]
        for line, following in zip(lines, lines[1:] + ['']):
            if line.startswith('#EXT-X-STREAM-INF:'):
                self.variants.append(Variant(urllib.parse.urljoin(url, following), attributes(line.partition(':')[2])))
            if line.startswith('#EXT-X-MEDIA:'):
                found = attributes(line.partition(':')[2])
                kind = self.audio if found['TYPE'] == 'AUDIO' else self.subtitles
                kind.append(Variant(urllib.parse.urljoin(url, found['URI']), found))


class Rendition:
    """A media playlist with its init segment and all segments, fetched and parsed."""

    def __init__(self, house, url):
        self.url = url
        lines = house.fetch(url).decode().splitlines()
        assert lines[0] == '#EXTM3U' and lines[-1] == '#EXT-X-ENDLIST', (lines[0], lines[-1])
        tags = dict(line.partition(':')[::2] for line in lines if line.startswith('#EXT-X-'))
        self.target_s = int(tags['#EXT-X-TARGETDURATION'])
        self.extinf_s = [float(line.partition(':')[2].rstrip(',')) for line in lines if line.startswith('#EXTINF:')]
        names = [line for line in lines if line and not line.startswith('#')]
        assert len(names) == len(self.extinf_s) and names
        self.init_bytes = house.fetch(urllib.parse.urljoin(url, attributes(tags['#EXT-X-MAP'])['URI']))
        self.init = mp4.Init(self.init_bytes)
        self.bodies = [house.fetch(urllib.parse.urljoin(url, name)) for name in names]
        self.segments = [mp4.fragments(body, self.init) for body in self.bodies]

    def whole(self):
        return self.init_bytes + b''.join(self.bodies)

    def samples(self):
        return [sample for segment in self.segments for fragment in segment for sample in fragment.samples]

    def peak_bps(self):
        """The largest rate of any segment, or run of segments as long as the target allows (RFC 8216, 4.3.4.2)."""
        peak = 0
        for first in range(len(self.bodies)):
            size = time = 0
            for body, duration in zip(self.bodies[first:], self.extinf_s[first:]):
                size, time = size + len(body) * 8, time + duration
                if time > 1.5 * self.target_s:
                    break
                if time >= 0.5 * self.target_s:
                    peak = max(peak, size / time)
        return peak or sum(map(len, self.bodies)) * 8 / sum(self.extinf_s)

    def average_bps(self):
        return sum(map(len, self.bodies)) * 8 / sum(self.extinf_s)
