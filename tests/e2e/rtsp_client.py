# SPDX-License-Identifier: LGPL-2.1-or-later
"""An RTSP client over one connection (RFC 2326, with interleaved RTP) that shows all that it was told and sent."""
import collections
import re
import socket
import time

Packet = collections.namedtuple('Packet', 'seq time marker')


class Answer:
    def __init__(self, head, body):
        lines = head.decode().split('\r\n')
        self.status = int(lines[0].split()[1])
        self.headers = {}
        for line in lines[1:]:
            name, _, value = line.partition(':')
            self.headers[name.strip().lower()] = value.strip()
        self.body = body.decode()

    def range_s(self):
        """(begin, end) in seconds of the Range header."""
        found = re.fullmatch(r'npt=([\d.]+)-([\d.]+)', self.headers['range'])
        return float(found[1]), float(found[2])

    def rtp_info(self):
        """(sequence number, time stamp) for each stream."""
        return [(int(seq), int(time)) for seq, time in re.findall(r'seq=(\d+);rtptime=(\d+)', self.headers['rtp-info'])]


class Client:
    def __init__(self, url, limit_s=30):
        self.url = url
        host, port = re.match(r'rtsp://([^:/]+):(\d+)/', url).groups()
        self.limit_s = limit_s
        self.link = socket.create_connection((host, int(port)), limit_s)
        self.link.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.buffer = bytearray()
        self.sequence = 0
        self.session = None
        self.packets = collections.defaultdict(list)  # of RTP, by channel
        self.deaf = []  # sockets for RTP over UDP

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.link.close()
        for port in self.deaf:
            port.close()

    def need(self, count):
        while len(self.buffer) < count:
            piece = self.link.recv(65536)
            if not piece:
                raise ConnectionError('the server hung up')
            self.buffer += piece

    def take(self, count):
        self.need(count)
        taken = bytes(self.buffer[:count])
        del self.buffer[:count]
        return taken

    def request(self, method, url=None, body=b'', **headers):
        self.sequence += 1
        lines = [f'{method} {url or self.url} RTSP/1.0', f'CSeq: {self.sequence}']
        if self.session:
            lines.append(f'Session: {self.session}')
        if body:
            lines.append(f'Content-Length: {len(body)}')
        lines += [f'{name.replace("_", "-")}: {value}' for name, value in headers.items()]
        return '\r\n'.join(lines).encode() + b'\r\n\r\n' + body

    def ask(self, method, url=None, **headers):
        self.link.sendall(self.request(method, url, **headers))
        return self.answer()

    def answer(self):
        while True:
            if self.peek() != b'$':
                break
            self.frame()
        while b'\r\n\r\n' not in self.buffer:
            self.need(len(self.buffer) + 1)
        head = self.take(self.buffer.index(b'\r\n\r\n') + 4)[:-4]
        length = re.search(rb'content-length: *(\d+)', head, re.IGNORECASE)
        answer = Answer(head, self.take(int(length[1])) if length else b'')
        if 'session' in answer.headers and self.session is None:
            self.session = answer.headers['session'].split(';')[0]
        return answer

    def peek(self):
        self.need(1)
        return bytes(self.buffer[:1])

    def frame(self):
        """Takes one interleaved frame; remembers it when it is RTP."""
        header = self.take(4)
        data = self.take(int.from_bytes(header[2:], 'big'))
        if header[1] % 2 == 0:
            self.packets[header[1]].append(Packet(int.from_bytes(data[2:4], 'big'), int.from_bytes(data[4:8], 'big'), data[1] >> 7))

    def listen(self, seconds):
        """Takes what is sent in that time."""
        end = time.monotonic() + seconds
        while (rest := end - time.monotonic()) > 0:
            self.link.settimeout(rest)
            try:
                if self.peek() != b'$':
                    break
                self.frame()
            except TimeoutError:
                break
        self.link.settimeout(self.limit_s)

    def until(self, channel, count):
        """Takes what is sent until there are so many packets of a channel."""
        while len(self.packets[channel]) < count:
            assert self.peek() == b'$'
            self.frame()
        return self.packets[channel]

    def setup(self, track, channel=0, transport='tcp'):
        """SETUP of one stream. Over UDP nobody listens to it."""
        how = f'RTP/AVP/TCP;unicast;interleaved={channel}-{channel + 1}'
        if transport == 'udp':
            ports = [socket.socket(type=socket.SOCK_DGRAM) for _ in range(2)]
            self.deaf += ports
            for port in ports:
                port.bind((self.link.getsockname()[0], 0))
            how = f'RTP/AVP;unicast;client_port={ports[0].getsockname()[1]}-{ports[1].getsockname()[1]}'
        return self.ask('SETUP', f'{self.url}/stream={track}', Transport=how)

    def open(self, transport='tcp'):
        """DESCRIBE and SETUP of all streams; the SDP."""
        description = self.describe()
        self.setup_all(description, transport)
        return description

    def describe(self):
        described = self.ask('DESCRIBE', Accept='application/sdp')
        assert described.status == 200, described.status
        return described.body

    def setup_all(self, description, transport='tcp'):
        for track in range(len(re.findall(r'a=control:\S*stream=', description))):
            answer = self.setup(track, 2 * track, transport)
            assert answer.status == 200, answer.status

    def play(self, begin=None, **headers):
        self.packets.clear()
        if begin is not None:
            headers['Range'] = f'npt={begin}-'
        return self.ask('PLAY', **headers)
