# SPDX-License-Identifier: LGPL-2.1-or-later
"""Our page in Chromium, driven by browser/watch.mjs."""
import functools
import json
import os
import pathlib
import shutil
import subprocess

import house

DRIVER = pathlib.Path(__file__).parent / 'browser'


@functools.cache
def _folder():
    """Where the driver is, with its package."""
    folder = pathlib.Path(os.environ.get('BUTACA_BUILD_ROOT') or house.SOURCE / 'build') / 'tests/e2e/browser'
    folder.mkdir(parents=True, exist_ok=True)
    installed = folder / '.installed-lock'
    lock = (DRIVER / 'package-lock.json').read_bytes()
    for path in DRIVER.iterdir():
        shutil.copy(path, folder)
    if not installed.exists() or installed.read_bytes() != lock:
        subprocess.run(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'], cwd=folder, check=True, stdout=subprocess.DEVNULL)
        installed.write_bytes(lock)
    return folder


def watch(page, slug, **wish):
    """What was seen of a title; `wish` as watch.mjs has it."""
    code, out, err = house.run(['node', 'watch.mjs', page, slug, json.dumps(wish)], 300, cwd=_folder())
    assert code == 0, out.decode()[-3000:] + err[-2000:]
    return json.loads(out)
