#!/usr/bin/env python3
"""SIGHUP and SIGTERM, ten times each while calls come: the same processes go on, each end is in
order and within 5 s, and every frame is accounted for; soak.py has the long form.  Needs root.
"""
import pathlib
import sys
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import lab  # pylint: disable=wrong-import-position
import soak  # pylint: disable=wrong-import-position


class Signals(unittest.TestCase):
    def test_ten_of_each(self):
        soak.signals(count=10, load=10)


if __name__ == "__main__":
    lab.alone()
    unittest.main()
