#!/usr/bin/env python3
"""Prints, as C for schema/blank.h, the database that the migrations make of an empty file.

usage: embed_blank.py schema/db.h schema/migrations/001_*.sql schema/migrations/002_*.sql ...
"""

import os
import re
import sqlite3
import sys
import tempfile

PAGE_SIZE = 16384  # as schema/db.c sets it
GAP = 64           # zeros that are worth a piece of their own


def make(path, application, migrations):
    db = sqlite3.connect(path, isolation_level=None)
    db.execute(f"PRAGMA page_size = {PAGE_SIZE}")
    sql = "".join(open(name, encoding="ascii").read() for name in migrations)
    version = int(os.path.basename(migrations[-1]).split("_")[0])
    db.executescript(f"BEGIN; {sql}; PRAGMA application_id = {application};"
                     f"PRAGMA user_version = {version}; COMMIT")
    db.close()


def pieces(image):
    """What lies between long runs of zeros."""
    for found in re.finditer(rb"[^\0](?:\0{0,%d}[^\0])*" % (GAP - 1), image):
        yield found.start(), found.group()


def main():
    header, migrations = sys.argv[1], sys.argv[2:]
    application = re.search(r"DB_APPLICATION_ID = (0x[0-9a-f]+)",
                            open(header, encoding="ascii").read()).group(1)
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "blank.db")
        make(path, int(application, 16), migrations)
        with open(path, "rb") as file:
            image = file.read()
    print('#include "schema/blank.h"\n\nstatic const uint8_t bytes[] = {')
    for _, piece in pieces(image):
        print("".join(f"{byte}," for byte in piece))
    print("};\n\nconst struct blank_piece blank_pieces[] = {")
    offset = 0
    for at, piece in pieces(image):
        print(f"\t{{ {at}, bytes + {offset}, {len(piece)} }},")
        offset += len(piece)
    print("};\nconst size_t blank_piece_count = sizeof blank_pieces / sizeof blank_pieces[0];")
    print(f"const size_t blank_size = {len(image)};")


main()
