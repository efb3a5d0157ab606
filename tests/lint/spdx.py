#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Sources say their licence in the first line (the second after #!), headers then what lives in them."""
import tree

MARK = 'SPDX-License-Identifier: LGPL-2.1-or-later'

complaints = []
for name in tree.files():
    lines = tree.lines(name)
    script = bool(lines) and lines[0].startswith('#!')
    if not script and not name.endswith(('.cpp', '.h', '.py', '.js', '.ts')):
        continue
    first = lines[1:] if script else lines
    if not first or MARK not in first[0]:
        complaints.append(f'{name}: does not begin with "{MARK}"')
    elif name.endswith('.h') and not (len(first) > 1 and first[1].startswith('// ')):
        complaints.append(f'{name}: does not say what lives here')
tree.finish(complaints)
