#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the unittest cases of one file and tells Meson of each by its name (Test Anything Protocol): tap.py FILE [TEST...]

What a failed case has to say goes to standard error, which Meson shows.
"""
import pathlib
import runpy
import sys
import types
import unittest


class Tap(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.count = 0
        self.failed = set()

    def tell(self, good, name, more=''):
        self.count += 1
        print(f'{"ok" if good else "not ok"} {self.count} - {name}{more}', flush=True)

    def complain(self, test, error):
        print(f'== {test.id()}\n{self._exc_info_to_string(error, test)}', file=sys.stderr, flush=True)
        self.failed.add(test.id())

    def addError(self, test, err):
        super().addError(test, err)
        self.complain(test, err)
        # A class that could not be set up or taken down is no test, but a failure all the same.
        if not isinstance(test, unittest.TestCase):
            self.tell(False, test.id())

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.complain(test, err)

    def addSubTest(self, test, subtest, err):
        super().addSubTest(test, subtest, err)
        if err:
            self.complain(subtest, err)
            self.failed.add(test.id())

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.tell(True, test.id().partition('.')[2], f' # SKIP {reason}')

    def stopTest(self, test):
        super().stopTest(test)
        if not any(skipped is test for skipped, _ in self.skipped):
            self.tell(test.id() not in self.failed, test.id().partition('.')[2])


def main():
    path = pathlib.Path(sys.argv[1]).resolve()
    sys.path.insert(0, str(path.parent))
    # Whatever the file takes from its command line is left to it.
    sys.argv = [str(path), *sys.argv[2:]]
    module = types.ModuleType(path.stem)
    module.__dict__.update(runpy.run_path(str(path), run_name=path.stem))
    for value in vars(module).values():
        if isinstance(value, type) and issubclass(value, unittest.TestCase):
            value.__module__ = path.stem
    loader = unittest.TestLoader()
    names = sys.argv[1:]
    suite = loader.loadTestsFromNames(names, module) if names else loader.loadTestsFromModule(module)
    result = Tap()
    print('TAP version 13', flush=True)
    suite.run(result)
    print(f'1..{result.count}', flush=True)
    return 0 if result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main())
