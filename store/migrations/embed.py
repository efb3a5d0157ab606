#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the numbered .sql files as a C++ source: embed.py OUTPUT FILE.sql..."""
import pathlib
import re
import sys

output, *files = sys.argv[1:]
lines = ['// Made by store/migrations/embed.py.', '#include "store/migrate.h"', '', 'namespace butaca::store {', '',
         'std::span<const Migration> migrations()', '{', '    static constexpr Migration all[] = {']
for expected, path in enumerate(sorted(map(pathlib.Path, files)), start=1):
    found = re.fullmatch(r'(\d{4})_([a-z0-9_]+)\.sql', path.name)
    if not found or int(found[1]) != expected:
        sys.exit(f'{path.name}: migrations are named NNNN_words.sql and numbered without a gap; {expected:04} is due')
    text = path.read_text(encoding='utf-8')
    if ')sql"' in text:
        sys.exit(f'{path.name}: may not contain )sql"')
    lines.append(f'        {{{expected}, "{found[2]}", R"sql({text})sql"}},')
lines += ['    };', '    return all;', '}', '', '} // namespace butaca::store', '']
pathlib.Path(output).write_text('\n'.join(lines), encoding='utf-8')
