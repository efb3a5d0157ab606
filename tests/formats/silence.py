# SPDX-License-Identifier: LGPL-2.1-or-later
"""Whether anything is to be heard: packets can be counted of a track that says nothing."""
from budget import said_by

# Below what a dithered sample of 16 bits can say.
SILENCE_DB = -80


def is_silent(source, budget, given=None):
    """Of the first sound of a file, or of the bytes `given` to source '-'; so is what cannot be decoded."""
    level = 'lavfi.astats.Overall.Peak_level'
    text = said_by(['ffmpeg', '-v', 'error', '-nostdin' if given is None else '-y', '-i', str(source), '-map', '0:a:0', '-af',
                    f'astats=metadata=1,ametadata=mode=print:key={level}:file=-', '-f', 'null', '/dev/null'], budget, given)
    found = [line.partition('=')[2] for line in text.splitlines() if line.startswith(level)]
    return not found or found[-1] == '-inf' or float(found[-1]) < SILENCE_DB
