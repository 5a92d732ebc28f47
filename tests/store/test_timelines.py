#!/usr/bin/env python3
"""How many octets the timelines take that a database keeps of real calls.

usage: test_timelines.py EARSHOT PCAP...

The captures of ../shared/captures are looked at, too, where that folder is.
"""
import os
import pathlib
import sqlite3
import subprocess
import sys
import tempfile

MOST_OCTETS = 24  # of an interval, on average
LONG = 6          # intervals of a stream in which the first one matters little
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT, PCAPS = sys.argv[1], sys.argv[2:]


def measure(database):
    """(octets, intervals) of each stream."""
    paths = PCAPS + sorted(map(str, (ROOT.parent / "shared" / "captures").glob("*.pcap*")))
    for path in paths:  # one run each: not all of these captures can be read
        subprocess.run([EARSHOT, "analyze", "--no-progress", "--db", database, path],
                       capture_output=True, check=False)
    with sqlite3.connect(database) as connection:
        return connection.execute("SELECT length(timeline), intervals FROM stream "
                                  "WHERE intervals > 0").fetchall()


def report(what, streams):
    octets, intervals = (sum(column) for column in zip(*streams))
    each = sum(octets / intervals for octets, intervals in streams) / len(streams)
    print(f"{what}: {len(streams)} streams, {intervals} intervals, "
          f"{octets / intervals:.1f} octets an interval, {each:.1f} averaged over streams")
    return octets / intervals <= MOST_OCTETS and each <= MOST_OCTETS


def main():
    with tempfile.TemporaryDirectory() as folder:
        streams = measure(os.path.join(folder, "calls.db"))
    longer = [stream for stream in streams if stream[1] >= LONG]
    assert longer, "no stream is long"
    assert report(f"of {LONG} intervals or more", longer), "too large"
    assert report("all", streams), "too large"


if __name__ == "__main__":
    main()
