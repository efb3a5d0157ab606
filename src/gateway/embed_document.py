#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Writes the description of the interface as a C++ source: embed_document.py OUTPUT openapi.json"""
import json
import pathlib
import sys

output, path = map(pathlib.Path, sys.argv[1:])
# Parsed, so that a slip stops the build; without its blanks, for it is sent as it is.
text = json.dumps(json.loads(path.read_text(encoding='utf-8')), ensure_ascii=False, separators=(',', ':'))
# A string literal may not be longer than 65536 characters everywhere; adjacent ones are joined.
pieces = [text[at:at + 8000] for at in range(0, len(text), 8000)]
if any(')json"' in piece for piece in pieces):
    sys.exit(f'{path.name}: may not contain )json"')
lines = ['// Made by src/gateway/embed_document.py.', '#include "src/gateway/pages.h"', '', 'namespace butaca::gateway {', '',
         'std::string_view interface_description()', '{', '    return']
lines += [f'        R"json({piece})json"' for piece in pieces]
lines += ['        ;', '}', '', '} // namespace butaca::gateway', '']
output.write_text('\n'.join(lines), encoding='utf-8')
