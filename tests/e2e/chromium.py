# SPDX-License-Identifier: LGPL-2.1-or-later
"""Chromium, driven by the scripts in browser/."""
import fcntl
import functools
import json
import os
import pathlib
import shutil
import subprocess

import house

DRIVERS = pathlib.Path(__file__).resolve().parent / 'browser'


@functools.cache
def _folder():
    """Where the drivers are, with the packages that they need."""
    folder = pathlib.Path(os.environ.get('BUTACA_BUILD_ROOT') or house.SOURCE / 'build') / 'tests/e2e/browser'
    folder.mkdir(parents=True, exist_ok=True)
    installed = folder / '.installed-lock'
    wanted = (DRIVERS / 'package-lock.json').read_bytes()
    # Several suites run side by side.
    with open(folder / '.lock', 'w') as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        for path in DRIVERS.iterdir():
            shutil.copy(path, folder)
        if not installed.exists() or installed.read_bytes() != wanted:
            subprocess.run(['npm', 'ci', '--no-audit', '--no-fund', '--loglevel=error'], cwd=folder, check=True, stdout=subprocess.DEVNULL)
            installed.write_bytes(wanted)
    return folder


def _drive(script, *words):
    code, out, err = house.run(['node', script, *words], 300, cwd=_folder())
    assert code == 0, out.decode()[-3000:] + err[-2000:]
    return json.loads(out)


def watch(page, slug, **wish):
    """What was seen of a title on our page; `wish` as watch.mjs has it."""
    return _drive('watch.mjs', page, slug, json.dumps(wish))


def watch_elsewhere(player, url, **wish):
    """What was seen of a presentation on a page that is not ours; `wish` as elsewhere.mjs has it."""
    return _drive('elsewhere.mjs', player, url, json.dumps(wish))
