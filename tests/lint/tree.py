# SPDX-License-Identifier: LGPL-2.1-or-later
"""What the lint tests share: the project's files, and how a test ends."""
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(os.environ.get('BUTACA_SOURCE_ROOT', pathlib.Path(__file__).resolve().parents[2]))
SKIPPED = {'.git', 'node_modules', 'dist', '.butaca', '__pycache__'}


def files():
    """Every text file that is or would be committed, relative to ROOT. Without git (an unpacked archive): all there are."""
    asked = subprocess.run(['git', '-C', str(ROOT), 'ls-files', '-z', '--cached', '--others', '--exclude-standard'],
                           capture_output=True, check=False)
    if asked.returncode == 0:
        names = [name for name in asked.stdout.decode().split('\0') if name]
    else:
        names = [str(path.relative_to(ROOT)) for path in ROOT.rglob('*')
                 if not any(part in SKIPPED or part.startswith('build') for part in path.relative_to(ROOT).parts)]
    for name in sorted(names):
        path = ROOT / name
        if path.is_file() and not path.is_symlink() and b'\0' not in path.read_bytes()[:8192]:
            yield name


def lines(name):
    return (ROOT / name).read_text(encoding='utf-8', errors='replace').splitlines()


def finish(complaints):
    for complaint in complaints:
        print(complaint)
    sys.exit(1 if complaints else 0)
