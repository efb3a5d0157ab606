#!/usr/bin/env python3
# SPDX-License-Identifier: LGPL-2.1-or-later
"""Runs the unittest cases of one file and tells Meson of each by its name (Test Anything Protocol): tap.py FILE [TEST...]

What a failed case has to say goes to standard error, which Meson shows.
"""
import contextlib
import io
import pathlib
import runpy
import sys
import types
import unittest


class Remarks(io.TextIOBase):
    """What a test prints: a comment of the protocol, line by line."""

    def __init__(self, out):
        self.out, self.begun = out, False

    def write(self, text):
        for line in text.splitlines(keepends=True):
            self.out.write(line if self.begun else '# ' + line)
            self.begun = not line.endswith('\n')
        return len(text)

    def flush(self):
        self.out.flush()


class Tap(unittest.TestResult):
    def __init__(self, out):
        super().__init__()
        self.out = out
        self.count = 0
        self.failed = set()

    def tell(self, good, name, more=''):
        self.count += 1
        self.say(f'{"ok" if good else "not ok"} {self.count} - {name}{more}')

    def say(self, line):
        print(line, file=self.out, flush=True)

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
    result = Tap(sys.stdout)
    result.say('TAP version 13')
    with contextlib.redirect_stdout(Remarks(sys.stdout)):
        suite.run(result)
    result.say(f'1..{result.count}')
    return 0 if result.wasSuccessful() else 1


if __name__ == '__main__':
    sys.exit(main())
