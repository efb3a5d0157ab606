#!/bin/bash
# SPDX-License-Identifier: LGPL-2.1-or-later
# build.sh SOURCE PAGE STAMP: bundles the page of SOURCE into PAGE and then touches STAMP. The source tree stays clean:
# packages go beside the page.
set -euo pipefail
source=$(realpath "$1") page=$(realpath -m "$2") stamp=$(realpath -m "$3")
work=$page.build
mkdir -p "$work"
cp -r "$source"/{package.json,package-lock.json,build.mjs,index.html,style.css,icon.svg,src} "$work/"
cd "$work"
# Only when the lock changed: installing takes longer than bundling.
if ! cmp -s package-lock.json .installed-lock; then
    npm ci --no-audit --no-fund --loglevel=error
    cp package-lock.json .installed-lock
fi
node build.mjs "$page"
touch "$stamp"
