#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Who may include whom, and where each C library has its one home. Tests and benchmarks may include anything of ours."""
import re

import tree

MAY_INCLUDE = {
    'src/base': '',
    'src/media': 'src/base',
    'src/http': 'src/base',
    'src/session': 'src/base',
    'src/objects': 'src/base',
    'pipelines': 'src/base src/media',
    'store': 'src/base src/media',
    'src/origin': 'src/base src/media src/http',
    'vs': 'src/base src/media src/http src/origin',
    'as': 'src/base src/media src/http src/origin',
    'src/playback': 'src/base src/media src/http src/objects pipelines',
    'src/jobs': 'src/base src/media src/objects pipelines store',
    'src/gateway': 'src/base src/media src/http src/session src/objects src/playback src/jobs pipelines store',
    'src/app': 'src/base src/media src/http src/session src/objects src/playback src/jobs src/gateway pipelines store',
    'client': 'src/base src/media src/http',
    'plugins': 'src/base',
}
FREE = ('tests', 'bench', 'precompiled')

# What an <include> of a library looks like, and the folders that may have it.
HOMES = [
    (r'libsoup/', 'src/http plugins'),
    (r'libpq|postgres_ext\.h', 'store/pg'),
    (r'json-glib/', 'src/base'),
    (r'sodium', 'src/base src/session'),
    (r'gst/rtsp-server/', 'src/playback/rtsp'),
    (r'zimg|libsw|libav', 'plugins'),
    (r'ass/|fontconfig/', 'plugins/subtitle'),
]
INCLUDE = re.compile(r'\s*#\s*include\s*(?:"([^"]+)"|<([^>]+)>)')


def home_of(path):
    """The entry of MAY_INCLUDE that the path lies in."""
    return max((folder for folder in MAY_INCLUDE if path.startswith(folder + '/')), key=len, default=None)


def complaints_about(name):
    mine = home_of(name)
    if not mine:
        yield f'{name}: its folder is not in the table of tests/lint/includes.py'
        return
    allowed = {mine, *MAY_INCLUDE[mine].split()}
    for number, line in enumerate(tree.lines(name), start=1):
        found = INCLUDE.match(line)
        if not found:
            continue
        ours, library = found.groups()
        if ours and home_of(ours) not in allowed:
            yield f'{name}:{number}: {mine} may not include {ours}' if home_of(ours) else \
                f'{name}:{number}: write {ours} as a path from the root of the project'
        for pattern, homes in HOMES:
            if library and re.match(pattern, library) and not name.startswith(tuple(h + '/' for h in homes.split())):
                yield f'{name}:{number}: <{library}> belongs to {homes} only'


tree.finish([complaint for name in tree.files()
             if name.endswith(('.h', '.cpp')) and not name.startswith(FREE)
             for complaint in complaints_about(name)])
