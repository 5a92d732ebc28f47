#!/usr/bin/env python3
"""The floods of run.py that matter most, into a database: 100,000 of each.  The long form is
`run.py --full --db`."""
import os
import pathlib
import subprocess
import sys

RUN = pathlib.Path(__file__).resolve().parent / "run.py"

if __name__ == "__main__":
    sys.exit(subprocess.run([RUN, "--db", "invites", "ssrcs", "fragments", "half_open", "forks"],
                            env=os.environ, check=False).returncode)
