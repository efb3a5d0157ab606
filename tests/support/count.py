#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Prints "N passed, N failed[, N skipped]" for the last run of `meson test` in each build: count.py MESON-LOGS...

A gtest program counts as its cases, any other as one. A program that failed without a failed case (it crashed,
hung or could not start) counts as one failure more. The exit status is 1 unless something passed and nothing failed.
"""
import json
import pathlib
import sys
import xml.etree.ElementTree

GOOD = {'OK', 'EXPECTEDFAIL', 'SKIP'}


def cases(logs):
    """(passed, failed, skipped) of each program whose cases Meson wrote down, by the program's name."""
    found = {}
    report = logs / 'testlog.junit.xml'
    if not report.exists():
        return found
    for suite in xml.etree.ElementTree.parse(report).getroot():
        # "project.program.Suite" or "project.project:suite / program.Suite" for the cases of a gtest program;
        # "project" for all programs without cases.
        parts = suite.get('name').split(' / ')[-1].split('.')
        if len(parts) < 2:
            continue
        program = parts[-2]
        passed = failed = skipped = 0
        for case in suite.findall('testcase'):
            if case.find('failure') is not None or case.find('error') is not None:
                failed += 1
            elif case.find('skipped') is not None or case.get('status') == 'notrun' or case.get('result') == 'skipped':
                skipped += 1
            else:
                passed += 1
        before = found.get(program, (0, 0, 0))
        found[program] = (before[0] + passed, before[1] + failed, before[2] + skipped)
    return found


def count(logs):
    passed = failed = skipped = 0
    by_name = cases(logs)
    log = logs / 'testlog.json'
    for line in log.read_text(encoding='utf-8').splitlines() if log.exists() else []:
        test = json.loads(line)
        name = test['name'].split(' / ')[-1]
        inner = by_name.get(name)
        good = test['result'] in GOOD
        if inner and sum(inner):
            passed += inner[0]
            failed += inner[1] + (0 if good or inner[1] else 1)
            skipped += inner[2]
        elif test['result'] == 'SKIP':
            skipped += 1
        else:
            passed += good
            failed += not good
    return passed, failed, skipped


def main():
    passed, failed, skipped = (sum(column) for column in zip(*(count(pathlib.Path(logs)) for logs in sys.argv[1:])))
    print(f'{passed} passed, {failed} failed' + (f', {skipped} skipped' if skipped else ''))
    return 0 if passed and not failed else 1


sys.exit(main())
