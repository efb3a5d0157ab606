# SPDX-License-Identifier: LGPL-2.1-or-later
"""A clip that flashes and beeps at the same moments."""
import subprocess

AT_S = (1.2, 3.04, 5.6, 7.48)
LENGTH_S, FPS, RATE = 9, 25, 48000
H264, AAC = ['-c:v', 'libx264', '-preset', 'veryfast', '-bf', '3', '-g', '50'], ['-c:a', 'aac', '-b:a', '128k']


def make(path, output=(*H264, *AAC), picture_late_s=0, sound_late_s=0):
    """`output`: what ffmpeg is told of codecs and container."""
    flashes = '+'.join(f'between(t,{at - 0.002},{at + 0.038})' for at in AT_S)
    beeps = '+'.join(f'gte(t,{at})*lt(t,{at + 0.1})' for at in AT_S)
    subprocess.run(['ffmpeg', '-v', 'error', '-nostdin', '-y', '-itsoffset', str(picture_late_s), '-f', 'lavfi', '-i',
                    f"color=black:s=320x180:r={FPS}:d={LENGTH_S},drawbox=c=white:t=fill:enable='{flashes}'",
                    '-itsoffset', str(sound_late_s), '-f', 'lavfi', '-i',
                    f"aevalsrc='({beeps})*0.7*sin(2*PI*1000*t)':s={RATE}:d={LENGTH_S}", *output, path], check=True)
