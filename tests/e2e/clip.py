# SPDX-License-Identifier: LGPL-2.1-or-later
"""A film that tells by itself which moment of it is seen and heard, in two languages, with subtitles.

Each frame carries its number as a row of black and white fields; each second sounds with a pitch of its own, and the
second language lies between the pitches of the first.
"""
import subprocess

LENGTH_S, FPS, RATE = 24, 24, 48000
WIDTH, HEIGHT, BITS = 480, 270, 10
FIELD = WIDTH // BITS
LOWEST_HZ, STEP_HZ = 400, 100
# How much higher each language is, within a step.
LANGUAGES = {'en': 0, 'es': 50}
# As MP4 writes them (ISO 639-2).
NAMES = {'en': 'eng', 'es': 'spa'}
# Language -> (begin, end, text) in seconds.
CUES = {'en': ((2.0, 6.0, 'One line'), (10.0, 14.0, 'Another <i>line</i>')),
        'es': ((2.0, 6.0, 'Una línea'), (10.0, 14.0, 'Otra <i>línea</i>'))}


def pitch_hz(second, language):
    return LOWEST_HZ + STEP_HZ * second + LANGUAGES[language]


def moment(pitch, tolerance_hz=12):
    """(second, language) of a pitch, None when it is none of ours."""
    for language, more in LANGUAGES.items():
        second = round((pitch - LOWEST_HZ - more) / STEP_HZ)
        if 0 <= second < LENGTH_S and abs(pitch - pitch_hz(second, language)) <= tolerance_hz:
            return second, language
    return None


def numbers(url, *words, count):
    """The numbers of the first pictures that ffmpeg shows of it; `words` come before its input. And what it says."""
    reading = f'scale={BITS}:2:flags=area,format=gray'
    made = subprocess.run(['ffmpeg', '-v', 'warning', '-nostdin', *words, '-i', url, '-map', '0:v:0', '-frames:v', str(count), '-vf', reading,
                           '-fps_mode', 'passthrough', '-f', 'rawvideo', '-'], capture_output=True, check=True)
    pictures = [made.stdout[i:i + 2 * BITS] for i in range(0, len(made.stdout), 2 * BITS)]
    return [sum(1 << bit for bit in range(BITS) if picture[bit] > picture[BITS + bit]) for picture in pictures], made.stderr.decode()


def make(folder, name='clip'):
    """Writes the film with its subtitles beside it, and returns its path."""
    path = folder / f'{name}.mp4'
    # Twice: the lower half is always the reverse of the upper, so that neither black nor white is a number.
    fields = ','.join(f"drawbox=x={bit * FIELD}:y={half * HEIGHT // 2}:w={FIELD}:h={HEIGHT // 2}:t=fill:color=white:"
                      f"enable='{'lt' if half else 'gte'}(mod(n/{1 << bit},2),1)'" for bit in range(BITS) for half in (0, 1))
    sounds = [f'aevalsrc=0.3*sin(2*PI*t*({LOWEST_HZ + more}+{STEP_HZ}*floor(t))):s={RATE}:d={LENGTH_S}:c=mono' for more in LANGUAGES.values()]
    command = ['ffmpeg', '-v', 'error', '-nostdin', '-y', '-f', 'lavfi', '-i', f'color=black:s={WIDTH}x{HEIGHT}:r={FPS}:d={LENGTH_S},{fields}']
    for sound in sounds:
        command += ['-f', 'lavfi', '-i', sound]
    command += ['-map', '0', '-map', '1', '-map', '2', '-c:v', 'libx264', '-preset', 'veryfast', '-g', str(2 * FPS), '-bf', '2',
                '-sc_threshold', '0', '-pix_fmt', 'yuv420p', '-c:a', 'aac', '-b:a', '96k', '-ac', '2']
    for i, language in enumerate(LANGUAGES):
        command += [f'-metadata:s:a:{i}', f'language={NAMES[language]}']
    subprocess.run([*command, '-disposition:a:0', 'default', '-disposition:a:1', '0', str(path)], check=True)
    for language, cues in CUES.items():
        text = '\n'.join(f'{_clock(begin)} --> {_clock(end)}\n{words}\n' for begin, end, words in cues)
        (folder / f'{name}.{language}.vtt').write_text(f'WEBVTT\n\n{text}', encoding='utf-8')
    return path


def _clock(time_s):
    return f'{int(time_s // 3600):02}:{int(time_s // 60) % 60:02}:{time_s % 60:06.3f}'
