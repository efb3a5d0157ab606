#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Files that a person can read in one sitting. Past a cap: split by responsibility."""
import tree

CAPS = {'.cpp': 350, '.h': 180, '.py': 350, '.js': 350, '.ts': 350}
# File: (its own cap, the reason).
EXCEPTIONS = {'client/check/rule_table.cpp': (480, 'one table, in which nothing is to be understood before the rest')}

complaints = []
for name in tree.files():
    cap = next((cap for suffix, cap in CAPS.items() if name.endswith(suffix)), None)
    cap, reason = EXCEPTIONS.get(name, (cap, ''))
    if cap and len(tree.lines(name)) > cap:
        complaints.append(f'{name}: {len(tree.lines(name))} lines, at most {cap}')
tree.finish(complaints)
