#!/usr/bin/env python3
"""Clocks that are wrong: a call in 1970, at the ends of 32-bit seconds, and one during which
the clock is set by an hour, a year or all there is, either way.  No time becomes negative, and
no duration longer than the call was, as far as the capture says.

    EARSHOT=build/earshot run.py [-v] [TEST...]
"""
import contextlib
import json
import os
import pathlib
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
CALLS = ("answered.pcap", "known_loss.pcap", "busy.pcap", "cancelled.pcap")
HOUR, YEAR = 3600, 365 * 86400
WRAP = 1 << 32  # of the seconds of a pcap file, in 2106
SLACK_S = 12    # a jump of 10 s and less is believed


def frames_of(path):
    """(seconds since the first, bytes) of a little-endian pcap file in us or ns."""
    data = path.read_bytes()
    unit = 1e-9 if data[:4] == b"\x4d\x3c\xb2\xa1" else 1e-6
    at, first, frames = 24, None, []
    while at + 16 <= len(data):
        seconds, part, length, whole = struct.unpack_from("<IIII", data, at)
        now = seconds + part * unit
        first = now if first is None else first
        frames.append((now - first, data[at + 16:at + 16 + length], whole))
        at += 16 + length
    return data[20:24], frames


def write(path, link, frames, clock):
    """With the times that `clock` makes of those since the beginning."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiII", 0xa1b2c3d4, 2, 4, 0, 0, 65535) + link)
        for number, (since, frame, whole) in enumerate(frames):
            now = clock(since, number / len(frames))
            seconds = int(now // 1)
            file.write(struct.pack("<IIII", seconds % WRAP, int((now - seconds) * 1e6),
                                   len(frame), whole) + frame)


class Clocks(unittest.TestCase):
    def analyse(self, name, clock, ahead=0):
        link, frames = frames_of(ROOT / "pcaps" / name)
        with tempfile.TemporaryDirectory() as folder:
            capture, db = pathlib.Path(folder, "c.pcap"), pathlib.Path(folder, "c.db")
            write(capture, link, frames, clock)
            run = subprocess.run([EARSHOT, "analyze", "--json", "--alerts", "--no-progress", "--db",
                                  db, capture], capture_output=True, text=True, timeout=60,
                                 check=False)
            self.assertEqual(run.returncode, 0, run.stderr)
            self.check_columns(db, frames[-1][0] + ahead)
        return [json.loads(line) for line in run.stdout.splitlines()], frames[-1][0]

    def check_columns(self, db, length):
        """Whatever is a length of time."""
        with contextlib.closing(sqlite3.connect(db)) as base:
            for table in ("call", "leg", "stream", "registration", "event", "finding"):
                names = [row[1] for row in base.execute(f"PRAGMA table_info({table})")]
                for name in names:
                    if not name.endswith(("_s", "_ms")) or "offset" in name or "skew" in name:
                        continue
                    low, high = base.execute(
                        f'SELECT min("{name}"), max("{name}") FROM {table} WHERE '
                        f"typeof(\"{name}\") IN ('integer', 'real')").fetchone()
                    if low is None:
                        continue
                    self.assertGreaterEqual(low, 0, (table, name))
                    if name == "duration_s":
                        self.assertLessEqual(high, length + SLACK_S, (table, name))
            self.assertEqual(base.execute("PRAGMA integrity_check").fetchall(), [("ok",)])

    def check(self, clock, states=True, ahead=0):
        for name in CALLS:
            with self.subTest(capture=name):
                records, _ = self.analyse(name, clock, ahead)
                summary = records[-1]
                counted = (summary["parsed"] + summary["not_ours"] +
                           sum(summary["malformed"].values()) + sum(summary["dropped"].values()))
                self.assertEqual(summary["frames"], counted)
                if states:  # the same as with any other clock
                    expected, _ = self.analyse(name, lambda since, _: 1_700_000_000 + since)
                    self.assertEqual(
                        [(r["state"], r["status"], r["duration_s"] and round(r["duration_s"], 3))
                         for r in records if r["kind"] == "leg"],
                        [(r["state"], r["status"], r["duration_s"] and round(r["duration_s"], 3))
                         for r in expected if r["kind"] == "leg"])

    def test_1970(self):
        self.check(lambda since, _: since)

    def test_2038(self):
        self.check(lambda since, _: (1 << 31) - 3 + since)

    def test_2106(self):
        self.check(lambda since, _: WRAP - 3600 + since)

    def test_seconds_begin_anew(self):
        self.check(lambda since, _: WRAP - 3 + since, states=False)

    def test_it_is_set(self):
        for jump in (HOUR, -HOUR, YEAR, -YEAR, -1_700_000_000, WRAP - 1_700_000_000 - 100):
            with self.subTest(jump=jump):
                self.check(lambda since, part, jump=jump:
                           1_700_000_000 + since + (jump if part >= 0.5 else 0), states=False,
                           ahead=max(jump, 0))  # nothing tells it from an hour of silence

    def test_one_frame_is_wrong(self):
        for jump in (HOUR, -HOUR, YEAR, -YEAR):
            with self.subTest(jump=jump):
                self.check(lambda since, part, jump=jump: 1_700_000_000 + since +
                           (jump if 0.5 <= part < 0.5 + 1e-9 else 0), states=False)


if __name__ == "__main__":
    unittest.main()
