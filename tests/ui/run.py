#!/usr/bin/env python3
"""The pages in a real browser (Debian's Chromium, headless): each view draws without an error and
asks nobody else for anything; people get from a list to a bad call to the reason; what callers
wrote stays text; a server that was lost and came back is found again.  The steps are in *.mjs."""
import glob
import os
import shutil
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
EARSHOT = os.path.abspath(os.environ.get("EARSHOT", os.path.join(ROOT, "build/earshot")))
UI = os.path.join(ROOT, "web/ui")
TIMEOUT_S = 150


def missing():
    for command in ("node", "chromium"):
        if not shutil.which(command):
            return f"{command} is not installed"
    if not os.path.isdir(os.path.join(UI, "node_modules/playwright-core")):
        return "web/ui/node_modules is not there"
    return None


def main():
    why = missing()
    if why:
        print(f"skipped: {why}")
        return 0
    subprocess.run([os.path.join(UI, "node_modules/.bin/tsc"), "--noEmit"], cwd=UI, check=True)
    captures = sorted(glob.glob(os.path.join(ROOT, "pcaps/*.pcap")))
    with tempfile.TemporaryDirectory(prefix="earshot-ui-") as folder:
        database = os.path.join(folder, "calls.db")
        subprocess.run([EARSHOT, "analyze", "--messages", "--db", database, *captures], check=True,
                       stdout=subprocess.DEVNULL)
        done = subprocess.run(["node", os.path.join(HERE, "main.mjs"), EARSHOT, database, folder,
                               *sys.argv[1:]], check=False, timeout=TIMEOUT_S)
        return done.returncode


sys.exit(main())
