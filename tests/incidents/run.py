#!/usr/bin/env python3
"""
Incidents as packets: captures of two trunks, most of an hour each, in which something goes wrong
for a while, and the same hour in which nothing does.  What the shipped rules make of them
is read from `earshot alerts test`, and is the same from `earshot analyze --alerts`.

The truth is the generator's: which trunk, from when to when.
"""
import contextlib
import datetime
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent),
                str(pathlib.Path(__file__).resolve().parent.parent / "live")]

import lab  # pylint: disable=wrong-import-position
from traffic import BEGIN, CARRIERS, Call, Capture  # pylint: disable=wrong-import-position

EARSHOT = os.environ.get("EARSHOT", "build/earshot")
FROM, TO, END = 300, 1260, 3300  # of the incident, and of the capture, s
TICK = 10
CONFIG = """
sensor: {time_zone: Europe/Berlin}
trunks:
  - {name: carrier-a, role: carrier, addresses: [198.18.1.1], dscp: 46}
  - {name: carrier-b, role: carrier, addresses: [198.18.2.1], dscp: 46}
"""


TALK_S = 14


def ordinary(call, rng, media):
    """Six of ten are answered; a tenth of these are short."""
    if rng.random() < 0.6:
        seconds = 4 if rng.random() < 0.1 else TALK_S
        call.talks(seconds, media)
        if media:
            call.speaks(seconds, False, rng=rng)
            call.speaks(seconds, True, rng=rng)
    else:
        call.rings_in_vain()


def with_media(**speech):
    def act(call, rng):
        call.talks(TALK_S, True)
        call.speaks(TALK_S, False, rng=rng, **speech)
        call.speaks(TALK_S, True, rng=rng, **speech)
    return act


def one_direction(call, rng):
    call.talks(TALK_S, True)
    call.speaks(TALK_S, False, rng=rng)


def repeated(call, rng):
    call.twice = True
    ordinary(call, rng, False)


def no_help(call, rng):
    if call.at < FROM + 20:
        call.callee = "112"
        call.refused(500)
    else:
        ordinary(call, rng, False)


# What, its rule, seconds from one call to the next, whether calls have media, the deed.
INCIDENTS = [
    ("a server fails", "server_errors", 6, False, lambda call, rng: call.refused(500)),
    ("hardly anybody is answered", "asr_low", 6, False, lambda call, rng: call.rings_in_vain()),
    ("the network fails", "ner_low", 6, False, lambda call, rng: call.refused(408)),
    ("calls are not allowed any more", "forbidden", 6, False, lambda call, rng: call.refused(403)),
    ("a machine dials", "short_calls", 6, False, lambda call, rng: call.talks(3)),
    ("signalling is lost", "retry_storm", 3, False, repeated),
    ("an emergency call fails", "emergency_failed", 6, False, no_help),
    ("a firewall lets one direction through", "one_way_audio", 12, True, one_direction),
    ("packets are lost", "loss_high", 9, True, with_media(loss=0.06)),
    ("speech is bad", "mos_low", 10, True, with_media(loss=0.35)),
    ("a router marks anew", "dscp_wrong", 12, True, with_media(dscp=0)),
]


def make(path, every, media, deed, seed, capture=None):
    """The incident befalls carrier-a alone."""
    capture, rng, number = capture or Capture(), random.Random(seed), 0
    for name, address in CARRIERS.items():
        at = 5.0
        while at < END - 60:
            number += 1
            call = Call(capture, number, at, address)
            if deed and name == "carrier-a" and FROM <= at < TO:
                deed(call, rng)
            else:
                ordinary(call, rng, media)
            at += every * rng.uniform(0.5, 1.5)
    capture.write(path)


def run(*arguments):
    done = subprocess.run([EARSHOT, *map(str, arguments)], capture_output=True, text=True,
                          check=False, timeout=120)
    assert done.returncode == 0, (arguments, done.stderr)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return [r for r in records if r["kind"] == "alert"]


def seconds(time):
    return datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp() - BEGIN


def shipped():
    page = subprocess.run([EARSHOT, "alerts", "rules"], capture_output=True, text=True, check=True)
    lengths = {}
    for line in page.stdout.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 9 and cells[1].startswith("`"):
            lengths[cells[1].strip("`")] = [float(s) for s in cells[6].split(",")]
    return lengths


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="earshot-incidents-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.config = self.folder / "earshot.yaml"
        self.config.write_text(CONFIG, encoding="ascii")

    def capture(self, every, media, deed, seed):
        path = self.folder / "some.pcap"
        make(path, every, media, deed, seed)
        return path


class Incidents(Folder):
    def test_each_is_raised_and_over_in_time(self):
        lengths = shipped()
        for number, (what, rule, every, media, deed) in enumerate(INCIDENTS):
            with self.subTest(what):
                path = self.capture(every, media, deed, number + SEED)
                told = run("alerts", "test", "--json", self.config, path)
                if number % 4 == 0:
                    self.assertEqual(told, run("analyze", "--json", "--alerts", "-c", self.config,
                                               path))
                window, raised, cleared = lengths[rule]
                mine = [r for r in told if r["rule"] == rule and r["raised"]]
                self.assertTrue(mine, sorted({r["rule"] for r in told}))
                self.assertEqual({r["trunk"] for r in mine},
                                 {None if rule == "emergency_failed" else "carrier-a"})
                fired = next(r for r in mine if r["state"] == "firing")
                # A call counts when it is over.
                self.assertGreaterEqual(seconds(fired["at"]), FROM)
                self.assertLessEqual(seconds(fired["at"]),
                                     FROM + TALK_S + 3 + window + raised + TICK)
                over = mine[-1]
                self.assertEqual(over["state"], "ok", over)
                self.assertLessEqual(seconds(over["at"]),
                                     TO + TALK_S + 3 + window + cleared + 2 * TICK + window / 12)
                self.assertEqual(len({r["id"] for r in mine}), 1, "one alert")
                self.check_what_it_says(fired, rule, path)
                others = {r["rule"] for r in told if r["news"] == "raised"} - {rule}
                self.assertLessEqual(len(others), 2, others)
                self.assertFalse([r for r in told if r["news"] and r["trunk"] == "carrier-b"])

    def check_what_it_says(self, fired, rule, path):
        self.assertIsNotNone(fired["value"])
        self.assertIsNotNone(fired["threshold"])
        self.assertGreater(fired["samples"], 0)
        self.assertTrue(fired["subject"] and fired["summary"] and fired["since"])
        self.assertLessEqual(len(fired["examples"]), 5)
        if rule in ("server_errors", "asr_low", "one_way_audio", "loss_high", "short_calls"):
            self.assertTrue(fired["examples"], rule)
            found = subprocess.run([EARSHOT, "analyze", "--json", "-c", self.config, "--filter",
                                    fired["query"], path], capture_output=True, text=True,
                                   check=True, timeout=120).stdout
            calls = {r["id"] for r in map(json.loads, found.splitlines()) if r["kind"] == "call"}
            self.assertTrue(calls & set(fired["examples"]), "the query finds the examples")

    def test_without_them_nothing_is_told(self):
        for number, (every, media) in enumerate({(i[2], i[3]) for i in INCIDENTS}):
            with self.subTest(every=every, media=media):
                path = self.capture(every, media, None, number + SEED)
                self.assertEqual([r["rule"] for r in run("alerts", "test", "--json", self.config,
                                                         path) if r["news"]], [])


@unittest.skipUnless(os.geteuid() == 0, "needs root")
class AsItComes(Folder):
    """What a probe makes of the same packets as they come, a file after the other."""

    def watched(self, frames, count):
        """The database of a probe that was given those frames in so many files."""
        self.folder.chmod(0o711)
        captures = self.folder / "captures"
        captures.mkdir()
        probe = lab.Probe(self.folder, "--watch", captures, "-c", self.config, interfaces=())
        self.addCleanup(probe.end)
        probe.start()
        for number in range(count):
            part = Capture()
            part.frames = frames[number * len(frames) // count:(number + 1) * len(frames) // count]
            part.write(captures / f"{number:03}.pcap")
            probe.has(f"SELECT 1 FROM watch_file WHERE state = 'done' AND id > {number}")
        self.assertEqual(probe.stop()[0], 0)
        return probe.db

    def test_the_same_in_the_same_order(self):
        """With the same times and values."""
        number, (what, rule, every, media, deed) = next(
            (n, i) for n, i in enumerate(INCIDENTS) if i[1] == "server_errors")
        path = self.capture(every, media, deed, number + SEED)
        told = run("analyze", "--json", "--alerts", "-c", self.config, path)
        self.assertTrue([r for r in told if r["rule"] == rule and r["raised"]], what)
        capture = Capture()
        make(self.folder / "again.pcap", every, media, deed, number + SEED, capture)
        db = self.watched(sorted(capture.frames, key=lambda f: f[0]), 6)
        with contextlib.closing(sqlite3.connect(db)) as connection:
            order = [f"{one & (1 << 64) - 1:016x}" for one, in connection.execute(
                "SELECT id FROM alert ORDER BY seq")]
        self.assertEqual(order, [r["id"] for r in told])
        other = self.folder / "other.db"
        subprocess.run([EARSHOT, "analyze", "--no-progress", "--alerts", "-c", self.config, "--db", other,
                        path], check=True, capture_output=True, timeout=120)
        self.assertEqual([found for found in lab.differences(db, other) if found[0] == "alert"], [])


SEED = 1
if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        SEED = int(sys.argv.pop(1))
    unittest.main()
