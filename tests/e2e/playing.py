# SPDX-License-Identifier: LGPL-2.1-or-later
"""Players that we did not write, and how they are driven and listened to."""
import json
import os
import pathlib
import pty
import re
import select
import socket
import subprocess
import tempfile
import unittest

import house

# What libavformat says of RTSP: a jump throws away the packet that waits in each stream, whose number then is missing.
RTSP_JUMPED = r'\[(rtsp @ \w+|ffmpeg/demuxer)\] (rtsp: )?(max delay reached. need to consume packet|RTP: missed \d+ packets)\n?'
# mpv tells of a machine that is busy with other things; and it takes the sound from before its own jump for late.
MPV_BUSY = r'(Audio device underrun detected\.|Invalid audio PTS: \S+ -> \S+)\n?'


def as_nobody(command, home):
    """VLC will not run for root."""
    if os.geteuid() != 0:
        return command
    os.chown(home, 65534, 65534)
    return ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--no-new-privs', 'env', f'HOME={home}',
            f'XDG_RUNTIME_DIR={home}', *command]


class Case(unittest.TestCase):
    """A test case with players. Each fails when its player has anything to complain about."""

    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix='butaca-player-')
        self.addCleanup(self.folder.cleanup)
        os.chmod(self.folder.name, 0o755)

    def quiet(self, code, out, err):
        self.assertEqual((code, out.decode(errors='replace').strip()[-2000:], err.strip()[-2000:]), (0, '', ''))

    # ffmpeg

    def ffmpeg(self, *words):
        """What it writes, when it has nothing to say."""
        path = f'{self.folder.name}/made'
        self.quiet(*house.run(['ffmpeg', '-v', 'warning', '-nostdin', '-y', *words, path]))
        return pathlib.Path(path).read_bytes()

    # mpv

    MPV = ['mpv', '--no-config', '--vo=null', '--ao=null', '--msg-level=all=warn', '--no-input-terminal', '--load-scripts=no', '--ytdl=no']

    # libavformat 59 says this of any playlist, for each segment after a jump back: it takes it for one of a live stream.
    MPV_JUMPED_BACK = rb'\[ffmpeg/demuxer\] hls: maybe the m3u8 list sequence have been wraped\.\n?'

    def jump_mpv(self, url, places_s, *more, harmless=MPV_JUMPED_BACK):
        """Without a cache, so that each jump is one of its demuxer."""
        path = f'{self.folder.name}/mpv'
        process = subprocess.Popen([*self.MPV, f'--input-ipc-server={path}', '--keep-open=yes', '--cache=no', *more, url],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        try:
            with socket.socket(socket.AF_UNIX) as link:
                house.wait_for(lambda: link.connect_ex(path) == 0, 'mpv listens', 20)
                link.settimeout(house.LIMIT_S)
                self._seek_mpv(link, places_s)
            out, err = process.communicate(timeout=20)
            self.quiet(process.returncode, re.sub(harmless, b'', out), err.decode())
        finally:
            process.kill()
            process.communicate()

    @staticmethod
    def _seek_mpv(link, places_s):
        lines = link.makefile('r')

        def ask(*command):
            link.sendall(json.dumps({'command': command, 'request_id': 7}).encode() + b'\n')
            for line in lines:
                answer = json.loads(line)
                if answer.get('request_id') == 7:
                    return answer.get('data')
            raise AssertionError('mpv hung up')

        def goes_on(from_s):
            now = ask('get_property', 'time-pos')
            return now is not None and from_s + 0.3 < now < from_s + 10 and not ask('get_property', 'seeking')
        house.wait_for(lambda: (ask('get_property', 'time-pos') or 0) > 0.2, 'mpv plays')
        for place_s in places_s:
            ask('seek', place_s, 'absolute+exact')
            house.wait_for(lambda: goes_on(place_s), f'mpv goes on from {place_s}', 30)
        link.sendall(b'quit\n')
        for _ in lines:  # until it hangs up
            pass

    # VLC

    def vlc(self, *words):
        return as_nobody(['cvlc', '--no-color', '--vout', 'dummy', '--aout', 'dummy', '--no-video-title-show', *words], self.folder.name)

    # That it finds neither a desktop's bus nor its keys.
    VLC_ALONE = r'(dbus|main) interface error|main libvlc error: interface "(dbus|globalhotkeys),none"'
    # It says these after jumps in any HLS of fMP4, also in what ffmpeg packs: pictures come before its clock is set.
    VLC_JUMPING = r'Timestamp conversion failed|Could not convert timestamp|get_buffer\(\) failed|decode_slice_header error|no frame!'

    def judge_vlc(self, err, harmless=VLC_ALONE):
        said = [line for line in err.splitlines() if re.search('error|corrupt|failed', line) and not re.search(harmless, line)]
        self.assertEqual(said, [])

    def jump_vlc(self, url, places_s, *more):
        port, = house.free_ports(1)
        with open(f'{self.folder.name}/said', 'w+') as said:
            process = subprocess.Popen(self.vlc('-I', 'oldrc', '--rc-host', f'127.0.0.1:{port}', '--rc-fake-tty', *more, url),
                                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=said)
            try:
                self._seek_vlc(port, places_s)
                process.terminate()
                process.wait(20)
            finally:
                process.kill()
                process.wait()
            said.seek(0)
            self.judge_vlc(said.read(), self.VLC_ALONE + '|' + self.VLC_JUMPING)

    def _seek_vlc(self, port, places_s):
        def connected():
            try:
                return socket.create_connection(('127.0.0.1', port), 5)
            except OSError:
                return None
        with house.wait_for(connected, 'VLC listens', 30) as link:
            link.settimeout(20)
            words = link.makefile('rw', newline='\n')

            def now():
                words.write('get_time\n')
                words.flush()
                while not (found := re.search(r'(\d+)\s*$', words.readline())):
                    pass
                return int(found[1])
            house.wait_for(lambda: now() >= 1, 'VLC plays')
            for place_s in places_s:
                words.write(f'seek {int(place_s)}\n')
                words.flush()
                # It counts whole seconds, and begins where a segment does.
                house.wait_for(lambda: int(place_s) + 1 <= now() <= int(place_s) + 8, f'VLC goes on from {place_s}', 30)

    # GStreamer

    def gst_play(self, url, *more):
        code, out, err = house.run(['gst-play-1.0', '--use-playbin3', '--no-interactive', *more, url])
        said = out.decode(errors='replace')
        self.assertEqual((code, err), (0, ''), said[-2000:])
        self.assertNotRegex(said, 'ERROR|WARNING|CRITICAL')
        self.assertIn('Reached end of play list', said)
        return said

    def jump_gst_play(self, url, jumps):
        """Forwards by its key, again and again, and back to the beginning; the position it tells goes on after each."""
        terminal, its = pty.openpty()
        process = subprocess.Popen(['gst-play-1.0', '--videosink=fakesink sync=true', '--audiosink=fakesink sync=true', url],
                                   stdin=its, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        os.close(its)
        try:
            said = b''

            def positions():
                nonlocal said
                while select.select([process.stdout], [], [], 0)[0] and (piece := os.read(process.stdout.fileno(), 65536)):
                    said += piece
                return [int(m) * 60 + float(s) for m, s in re.findall(rb'0:(\d\d):([\d.]+) / 0:', said)]

            def goes_on(since):
                new = positions()[since:]
                assert process.poll() is None, said.decode(errors='replace')[-1000:]
                return len(new) > 4 and new[-1] > new[-4] > 0
            house.wait_for(lambda: goes_on(0), 'gst-play plays', 30)
            for number in range(jumps):
                since = len(positions())
                # Right and left: a tenth of the title.
                os.write(terminal, b'\x1b[C' if number % 6 < 4 else b'\x1b[D')
                house.wait_for(lambda: goes_on(since), f'gst-play goes on after jump {number}', 30)
            os.write(terminal, b'q')
            process.wait(20)
            positions()
            self.assertEqual(process.returncode, 0)
            self.assertNotRegex(said.decode(errors='replace'), 'ERROR|CRITICAL|WARNING')
        finally:
            process.kill()
            process.communicate()
            os.close(terminal)
