#!/usr/bin/env python3
"""A few rounds of kills.py, at other moments each time; `make soak` has two hundred."""
import pathlib
import sys
import time

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import kills  # pylint: disable=wrong-import-position
import lab  # pylint: disable=wrong-import-position

ROUNDS = 5

if __name__ == "__main__":
    lab.alone()
    seed = int(time.time())
    print("seed", seed)
    kills.report(*kills.run(ROUNDS, seed, print))
