# SPDX-License-Identifier: LGPL-2.1-or-later
"""Reads our MP4 segments without any code of ours or of a player (ISO/IEC 14496-12)."""
import dataclasses
import struct

CONTAINERS = {b'moov', b'trak', b'mdia', b'minf', b'stbl', b'mvex', b'moof', b'traf', b'edts', b'dinf'}


def boxes(data, begin=0, end=None):
    """(type, begin of the payload, end) of each box side by side; the sizes must fill the range exactly."""
    end = len(data) if end is None else end
    at = begin
    while at < end:
        size, kind = struct.unpack_from('>I4s', data, at)
        head = 8
        if size == 1:
            size, head = struct.unpack_from('>Q', data, at + 8)[0], 16
        assert head <= size <= end - at, f'box {kind} at {at} has {size} bytes of {end - at}'
        yield kind, at + head, at + size
        at += size


def find(data, path, begin=0, end=None):
    """The payload of the first box at a path like "moov/trak/mdia/mdhd", None without one."""
    kind, _, rest = path.partition('/')
    for found, start, stop in boxes(data, begin, end):
        if found == kind.encode():
            return find(data, rest, start, stop) if rest else data[start:stop]
    return None


@dataclasses.dataclass
class Sample:
    dts: int
    duration: int
    offset: int  # composition: presented at dts + offset
    size: int
    sync: bool

    @property
    def pts(self):
        return self.dts + self.offset


@dataclasses.dataclass
class Fragment:
    tfdt: int
    samples: list

    @property
    def end(self):
        return self.tfdt + sum(sample.duration for sample in self.samples)


class Init:
    """What the init segment says of its only track."""

    def __init__(self, data):
        kinds = [kind for kind, _, _ in boxes(data)]
        assert kinds == [b'ftyp', b'moov'], kinds
        assert sum(kind == b'trak' for kind, _, _ in boxes(find(data, 'moov'))) == 1
        mdhd = find(data, 'moov/trak/mdia/mdhd')
        self.timescale = struct.unpack_from('>I', mdhd, 20 if mdhd[0] else 12)[0]
        self.has_edit_list = find(data, 'moov/trak/edts') is not None
        trex = find(data, 'moov/mvex/trex')
        self.default_duration, self.default_size, self.default_flags = struct.unpack_from('>III', trex, 12)
        stsd = find(data, 'moov/trak/mdia/minf/stbl/stsd')
        (kind, begin, end), *others = list(boxes(stsd, 8))
        assert not others
        self.kind = kind.decode()
        entry = stsd[begin:end]
        self.is_picture = self.kind in PICTURES
        if self.is_picture:
            self.width, self.height = struct.unpack_from('>HH', entry, 24)
            box, codec = PICTURES[self.kind]
            self.colour = find(entry, 'colr', 78)
            self.codec = codec(find(entry, box, 78), self.colour)
        else:
            self.channels, = struct.unpack_from('>H', entry, 16)
            self.rate = struct.unpack_from('>I', entry, 24)[0] >> 16
            self.codec = {'mp4a': 'mp4a.40.2', 'Opus': 'opus', 'fLaC': 'fLaC'}.get(self.kind, self.kind)


def _avc(box, _):
    # The same three bytes of the first sequence parameter set, past its NAL header.
    assert box[9:12] == box[1:4], 'avcC and its SPS differ'
    return f'avc1.{box[1]:02X}{box[2]:02X}{box[3]:02X}'


def _hevc(box, _):
    """ISO/IEC 14496-15, E.3: the compatibility flags backwards, the constraint bytes without the last empty ones."""
    profile, compatibility, level = box[1], int(f'{int.from_bytes(box[2:6], "big"):032b}'[::-1], 2), box[12]
    constraints = ''.join(f'.{byte:X}' for byte in box[6:12].rstrip(b'\0'))
    return f'hvc1.{"ABC"[(profile >> 6) - 1] if profile >> 6 else ""}{profile & 31}.{compatibility:X}.{"LH"[profile >> 5 & 1]}{level}{constraints}'


def _nclx(colour):
    """(primaries, transfer, matrix, full range) of colr where they are wider or brighter than BT.709, what a codec string without them means."""
    if colour is None:
        return None
    assert colour[:4] == b'nclx'
    primaries, transfer, matrix = struct.unpack_from('>HHH', colour, 4)
    return (primaries, transfer, matrix, colour[10] >> 7) if primaries == 9 or transfer in (16, 18) else None


def _vp9(box, colour):
    assert box[0] == 1
    told, chroma = _nclx(colour), box[6] >> 1 & 7
    if told:
        assert told == (*box[7:10], box[6] & 1), 'vpcC and colr differ'
    more = ''.join(f'.{value:02d}' for value in (chroma, *box[7:10], box[6] & 1)) if told or chroma != 1 else ''
    return f'vp09.{box[4]:02d}.{box[5]:02d}.{box[6] >> 4:02d}{more}'


def _av1(box, colour):
    assert box[0] == 0x81
    depth = 12 if box[2] & 0x20 else 10 if box[2] & 0x40 else 8
    told, mono, chroma = _nclx(colour), box[2] >> 4 & 1, box[2] >> 2 & 3
    position = box[2] & 3 if chroma == 3 else 0
    more = ''
    if told or mono or chroma != 3:
        primaries, transfer, matrix, full = told or (2, 2, 2, 0)
        more = f'.{mono}.{chroma >> 1}{chroma & 1}{position}.{primaries:02d}.{transfer:02d}.{matrix:02d}.{full}'
    return f'av01.{box[1] >> 5}.{box[1] & 31:02d}{"H" if box[2] & 0x80 else "M"}.{depth:02d}{more}'


# Sample entry -> (its configuration box, how CODECS says what stands there).
PICTURES = {'avc1': ('avcC', _avc), 'hvc1': ('hvcC', _hevc), 'vp09': ('vpcC', _vp9), 'av01': ('av1C', _av1)}


def fragments(data, init):
    """All fragments of a segment, in order."""
    found, moof_at, wanted = [], None, 0
    at = 0
    for kind, begin, end in boxes(data):
        assert kind in (b'styp', b'sidx', b'moof', b'mdat', b'prft', b'emsg'), kind
        if kind == b'moof':
            moof_at = at
            trafs = [(b, e) for k, b, e in boxes(data, begin, end) if k == b'traf']
            assert len(trafs) == 1
            fragment, first_byte = _traf(data, *trafs[0], init)
            wanted = sum(sample.size for sample in fragment.samples)
            found.append(fragment)
        elif kind == b'mdat':
            assert moof_at is not None and moof_at + first_byte == begin, 'the samples are not where trun says'
            assert end - begin == wanted, f'mdat holds {end - begin} bytes, its samples {wanted}'
            moof_at = None
        at = end
    assert found and moof_at is None
    return found


def _traf(data, begin, end, init):
    tfhd = find(data, 'tfhd', begin, end)
    flags = int.from_bytes(tfhd[1:4], 'big')
    at, values = 8, {}
    for bit, name, size in ((1, 'base', 8), (2, 'description', 4), (8, 'duration', 4), (16, 'size', 4), (32, 'flags', 4)):
        if flags & bit:
            values[name] = int.from_bytes(tfhd[at:at + size], 'big')
            at += size
    assert 'base' not in values, 'an absolute byte offset in a segment'
    tfdt = find(data, 'tfdt', begin, end)
    time = start = struct.unpack_from('>Q' if tfdt[0] else '>I', tfdt, 4)[0]
    truns = [(b, e) for k, b, e in boxes(data, begin, end) if k == b'trun']
    assert len(truns) == 1
    trun = data[truns[0][0]:truns[0][1]]
    bits = int.from_bytes(trun[1:4], 'big')
    count, = struct.unpack_from('>I', trun, 4)
    at, first_byte, first_flags = 8, 0, None
    if bits & 1:
        first_byte, = struct.unpack_from('>i', trun, at)
        at += 4
    if bits & 4:
        first_flags, = struct.unpack_from('>I', trun, at)
        at += 4
    samples = []
    for i in range(count):
        one = {'duration': values.get('duration', init.default_duration), 'size': values.get('size', init.default_size),
               'flags': values.get('flags', init.default_flags), 'offset': 0}
        for bit, name in ((0x100, 'duration'), (0x200, 'size'), (0x400, 'flags'), (0x800, 'offset')):
            if bits & bit:
                one[name], = struct.unpack_from('>i' if name == 'offset' and trun[0] else '>I', trun, at)
                at += 4
        if i == 0 and first_flags is not None:
            one['flags'] = first_flags
        samples.append(Sample(time, one['duration'], one['offset'], one['size'], not one['flags'] & 0x10000))
        time += one['duration']
    assert at == len(trun), 'trun is longer than its samples'
    return Fragment(start, samples), first_byte
