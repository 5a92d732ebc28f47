#!/usr/bin/env python3
"""The pages in a real browser (Debian's Chromium, headless): each view draws without an error and
asks nobody else for anything; people get from a list to a bad call to the reason; what callers
wrote stays text; a server that was lost and came back is found again.  The steps are in *.mjs."""
import glob
import json
import os
import shutil
import sqlite3
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.join(HERE, "..", "..")
EARSHOT = os.path.abspath(os.environ.get("EARSHOT", os.path.join(ROOT, "build/earshot")))
UI = os.path.join(ROOT, "web/ui")
TIMEOUT_S = 300


def missing():
    for command in ("node", "chromium"):
        if not shutil.which(command):
            return f"{command} is not installed"
    if not os.path.isdir(os.path.join(UI, "node_modules/playwright-core")):
        return "web/ui/node_modules is not there"
    return None


HOSTILE = ['<img src=x onerror="window.pwned=1">', '"><script>window.pwned=1</script>',
           "javascript:window.pwned=1", "</title><svg onload=window.pwned=1>", "\u202egnp.exe",
           "' onmouseover='window.pwned=1", "{{7*7}}${7*7}", "%3Cscript%3E", "../../etc/passwd"]


def make_hostile(original, path):
    """Every text that comes off the wire or out of a configuration is something that acts."""
    with sqlite3.connect(original) as source, sqlite3.connect(path) as db:
        source.backup(db)
        tables = db.execute("SELECT name, wr FROM pragma_table_list WHERE type = 'table' "
                            "AND schema = 'main' AND name != 'run'").fetchall()
        for table, without_rowid in tables:
            columns = [row[1] for row in db.execute(f"PRAGMA table_info({table})")
                       if row[2] == "ANY"]
            for number, column in enumerate(columns):
                which = f'length("{column}")' if without_rowid else "rowid"
                db.execute(f'UPDATE OR IGNORE {table} SET "{column}" = json_extract(?, '
                           f"'$[' || (({which} + ?) % ?) || ']')",
                           [json.dumps(HOSTILE), number, len(HOSTILE)])
        db.execute("UPDATE leg SET ladder = replace(ladder, 'Ringing', "
                   "'<img src=x onerror=window.pwned=1>')")
    db.close()
    source.close()


def main():
    why = missing()
    if why:
        print(f"skipped: {why}")
        return 0
    subprocess.run([os.path.join(UI, "node_modules/.bin/tsc"), "--noEmit"], cwd=UI, check=True)
    captures = sorted(glob.glob(os.path.join(ROOT, "pcaps/*.pcap")))
    with tempfile.TemporaryDirectory(prefix="earshot-ui-") as folder:
        database = os.path.join(folder, "calls.db")
        subprocess.run([EARSHOT, "analyze", "--messages", "--alerts", "--db", database, *captures], check=True,
                       stdout=subprocess.DEVNULL)
        make_hostile(database, os.path.join(folder, "hostile.db"))
        done = subprocess.run(["node", os.path.join(HERE, "main.mjs"), EARSHOT, database, folder,
                               *sys.argv[1:]], check=False, timeout=TIMEOUT_S)
        return done.returncode


sys.exit(main())
