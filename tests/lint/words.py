#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Nothing committed may hold of the machine that it was made on: its folders, its package mirrors, its addresses."""
import re

import tree

FORBIDDEN = [
    (re.compile(r'(?<![\w.$}/])/(?:home|root|work|Users|mnt|media)/\w'), 'a folder of one machine'),
    (re.compile(r'\b(?:10\.\d+|192\.168|172\.(?:1[6-9]|2\d|3[01]))\.\d+\.\d+\b'), 'an address of one network'),
    (re.compile(r'https?://(?:[\w.-]*\.)?(?:internal|local|lan|corp)\b'), 'a host of one network'),
    (re.compile(r'-----BEGIN [A-Z ]*PRIVATE KEY-----'), 'a private key'),
    (re.compile(r'^(?:<<<<<<<|>>>>>>>) '), 'a merge conflict'),
]
# npm writes down where it got each package from.
RESOLVED = re.compile(r'"resolved":\s*"(?!https://registry\.npmjs\.org/)')

complaints = []
for name in tree.files():
    for number, line in enumerate(tree.lines(name), start=1):
        for pattern, what in FORBIDDEN:
            if pattern.search(line) and name != 'tests/lint/words.py':
                complaints.append(f'{name}:{number}: {what}: {line.strip()[:100]}')
        if name.endswith('package-lock.json') and RESOLVED.search(line):
            complaints.append(f'{name}:{number}: a package mirror: {line.strip()[:100]}')
tree.finish(complaints)
