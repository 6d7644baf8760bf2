#!/usr/bin/python3
"""Runs black-box tests: every class Test* of every test_*.py here, or those named. Last line: N passed, N failed."""
import glob
import importlib
import os
import sys
import time
import traceback
import unittest


class Result(unittest.TestResult):
    def __init__(self):
        super().__init__()
        self.passed = 0
        self.failed = 0
        self.begun = 0.0

    def startTest(self, test):
        super().startTest(test)
        self.begun = time.time()

    def addSuccess(self, test):
        self.passed += 1
        print("ok   - %s (%.1fs)" % (test.id(), time.time() - self.begun), flush=True)

    def _failed(self, test, err):
        self.failed += 1
        print("FAIL - %s\n%s" % (test.id(), "".join(traceback.format_exception(*err))), flush=True)

    addFailure = addError = _failed

    def addSubTest(self, test, subtest, err):
        if err is not None:
            self._failed(subtest, err)


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path.insert(0, here)
    wanted = sys.argv[1:]
    suite = unittest.TestSuite()
    for path in sorted(glob.glob(os.path.join(here, "test_*.py"))):
        name = os.path.basename(path)[:-3]
        if wanted and not any(w in name or name in w for w in wanted):
            continue
        suite.addTests(unittest.defaultTestLoader.loadTestsFromModule(importlib.import_module(name)))
    result = Result()
    suite.run(result)
    print("%d passed, %d failed" % (result.passed, result.failed))
    return 1 if result.failed or not result.passed else 0


if __name__ == "__main__":
    sys.exit(main())
