#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""The description of the interface and the table of routes name the same routes."""
import json
import re

import tree

ROUTES, DOCUMENT = 'src/gateway/routes.cpp', 'src/gateway/openapi.json'
# The page is for people.
PAGES = {('GET', '/'), ('GET', '/assets/{file}')}

document = json.loads((tree.ROOT / DOCUMENT).read_text(encoding='utf-8'))
described = {(method.upper(), path) for path, methods in document['paths'].items() for method in methods}
served = set(re.findall(r'\{"([A-Z]+)", "(/[^"]*)"', (tree.ROOT / ROUTES).read_text(encoding='utf-8'))) - PAGES
schemas = {f'#/components/schemas/{name}' for name in document['components']['schemas']}
used = set(re.findall(r'"\$ref": "([^"]+)"', json.dumps(document)))

tree.finish([f'{DOCUMENT}: {method} {path} is not described' for method, path in sorted(served - described)] +
            [f'{DOCUMENT}: there is no {method} {path}' for method, path in sorted(described - served)] +
            [f'{DOCUMENT}: nothing is called {name}' for name in sorted(used - schemas)] +
            [f'{DOCUMENT}: nobody uses {name}' for name in sorted(schemas - used)] +
            ([] if served else [f'{ROUTES}: no routes were found']))
