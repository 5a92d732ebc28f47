#!/usr/bin/env python3
"""The same frames give the same bytes: twice, and cut into several files.

    EARSHOT=build/earshot run.py

Each capture in pcaps/ is analysed again, then in two and in five parts, given in order and
the other way round (the program merges by time).
"""
import os
import pathlib
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
TIME_LIMIT_S = 60
ORDERS = {"a1b2c3d4": ">", "a1b23c4d": ">", "d4c3b2a1": "<", "4d3cb2a1": "<"}


def analyse(*captures):
    run = subprocess.run([EARSHOT, "analyze", "--json", *map(str, captures)], check=False,
                         capture_output=True, timeout=TIME_LIMIT_S)
    if run.returncode != 0:
        sys.exit(f"{captures}: exit status {run.returncode}: {run.stderr.decode()}")
    return run.stdout


def frames_of(data):
    """The file header of a classic capture, and its records."""
    order = ORDERS[data[:4].hex()]
    at, frames = 24, []
    while at < len(data):
        captured, = struct.unpack(order + "I", data[at + 8:at + 12])
        frames.append(data[at:at + 16 + captured])
        at += 16 + captured
    return data[:24], frames


def split(capture, parts, scratch):
    header, frames = frames_of(capture.read_bytes())
    cuts = [len(frames) * n // parts for n in range(parts + 1)]
    files = []
    for n, (begin, end) in enumerate(zip(cuts, cuts[1:])):
        files.append(scratch / f"{capture.stem}-{parts}-{n}.pcap")
        files[-1].write_bytes(header + b"".join(frames[begin:end]))
    return files


def main():
    captures = sorted((ROOT / "pcaps").glob("*.pcap"))
    bad = []
    with tempfile.TemporaryDirectory() as scratch:
        for capture in captures:
            once = analyse(capture)
            if analyse(capture) != once:
                bad.append(f"{capture.name}: another run gives other bytes")
            for parts in (2, 5):
                files = split(capture, parts, pathlib.Path(scratch))
                if analyse(*files) != once:
                    bad.append(f"{capture.name}: {parts} parts give other bytes")
                if analyse(*files[::-1]) != once:
                    bad.append(f"{capture.name}: {parts} parts, the last one first, do")
    print("\n".join(bad))
    print(f"{len(captures)} captures, {len(bad)} differences")
    return 1 if bad or not captures else 0


if __name__ == "__main__":
    sys.exit(main())
