#!/usr/bin/env python3
"""A clock that is set while `earshot monitor` works: by an hour and a year either way, to 1970,
to the ends of 32-bit seconds.  The probe's own, of which the frames of an interface know
nothing; that of who sends a capture; and both at once, as when a machine's clock is set.

    EARSHOT=build/earshot test_clock_jumps.py [--full] [-v] [TEST...]

No call is lost or ended by it, no time is negative or longer than it took, nothing is deleted
for its age, no process ends or gets busy; and once the machine's clock stays as it is, what
comes next has the time by it.  --full lets more time pass before and after each.
Needs root, and a network namespace of its own, which it makes.
"""
import contextlib
import json
import pathlib
import socket
import sqlite3
import struct
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import lab  # pylint: disable=wrong-import-position
import load  # pylint: disable=wrong-import-position

FULL = "--full" in sys.argv
HOUR, YEAR = 3600, 365 * 86400
NOW = int(time.time())
JUMPS = {"an hour on": HOUR, "an hour back": -HOUR, "a year on": YEAR, "a year back": -YEAR,
         "1970": 1000 - NOW, "2038": (1 << 31) - 2 - NOW, "2106": (1 << 32) - 2 - NOW}
BEFORE_S = 2 if FULL else 0.25  # of a call, and as much after
SLACK_S = 12  # a jump of 10 s and less is believed
CONFIG = "store: {keep_calls_days: 30, keep_messages_days: 7, keep_kpis_days: 365}\n"
PORT = 9061


class Clock(lab.Shim):
    """Of the probe; what senders use besides."""

    def __init__(self, folder):
        super().__init__(folder, "shift_clock", "EARSHOT_CLOCK_SHIFT")

    def set(self, seconds):
        super().set(seconds * 10**9)


class Sender:
    """A capture that is sent on, with the stamps of somebody's clock."""

    def __init__(self):
        self.shift = 0
        self.socket = socket.create_connection(("127.0.0.1", PORT))
        self.socket.sendall(struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))

    def send(self, frames):
        for frame in frames:
            now = time.time_ns() + self.shift * 10**9
            seconds = now // 10**9 % (1 << 32)
            self.socket.sendall(struct.pack("<IIII", seconds, now % 10**9, len(frame), len(frame))
                                + frame)


class Jumps(unittest.TestCase):
    @contextlib.contextmanager
    def probe(self, interfaces, *options):
        with tempfile.TemporaryDirectory(prefix="earshot-clock-") as name:
            folder = pathlib.Path(name)
            clock = Clock(folder)
            config = folder / "c.yaml"
            config.write_text(CONFIG, encoding="ascii")
            with lab.lab("--messages", "--pcap-listen", f"127.0.0.1:{PORT}", "--config", config,
                         *options, interfaces=interfaces, environment=clock.environment()) as (mirror, probe):
                yield clock, mirror, probe

    def lengths(self, probe):
        """Whatever is a length of time."""
        with contextlib.closing(sqlite3.connect(probe.db)) as db:
            for table in ("call", "leg", "stream", "event", "finding", "health"):
                for _, name, *_ in db.execute(f"PRAGMA table_xinfo({table})").fetchall():
                    if not name.endswith(("_s", "_ms", "seconds")) or "skew" in name:
                        continue
                    low, high = db.execute(f'SELECT min("{name}"), max("{name}") FROM {table} '
                                           f"WHERE typeof(\"{name}\") <> 'text'").fetchone()
                    if low is not None:
                        self.assertGreaterEqual(low, 0, (table, name))
                        self.assertLessEqual(high, (240 + SLACK_S) * (
                            1000 if name.endswith("_ms") else 1), (table, name))

    def jump(self, source, interfaces, change, *options):
        """A call goes on over each; calls of before stay."""
        with self.probe(interfaces, *options) as (clock, mirror, probe):
            sender = mirror if interfaces else Sender()
            if not interfaces:
                self.addCleanup(sender.socket.close)
            sender.send(load.call("first"))
            probe.has("SELECT 1 FROM leg WHERE state = 'completed'")
            engine, begin = probe.children()["engine"], time.monotonic()
            jumps = list(JUMPS.items()) + [("right again", 0)]
            for number, (name, seconds) in enumerate(jumps):
                with self.subTest(clock=source, to=name):
                    sender.send(load.begin(f"c{number}"))
                    time.sleep(BEFORE_S)  # the call goes on
                    change(clock, sender, seconds)
                    time.sleep(BEFORE_S)
                    sender.send(load.end(f"c{number}"))
                    sender.send(load.call(f"d{number}"))
            probe.has(f"SELECT 1 FROM leg GROUP BY state HAVING count(*) = {1 + 2 * len(jumps)} "
                      "AND state = 'completed'")
            passed, used = time.monotonic() - begin, probe.cpu_s("engine") + probe.cpu_s("keeper")
            self.assertEqual(probe.children()["engine"], engine)
            status = json.loads(probe.asked("--json")[0])
            self.assertEqual([p["restarts"] for p in status["processes"]], [0, 0])
            self.assertEqual(sum(status["store"]["deleted"].values()), 0)
            status, seconds = probe.stop()
            self.assertEqual(status, 0)
            self.assertLess(seconds, 5)
            calls = 1 + 2 * len(jumps)
            self.assertEqual(probe.ask("SELECT state, messages, count(*) FROM leg GROUP BY 1, 2"),
                             [("completed", load.MESSAGES, calls)])
            self.assertEqual(probe.ask("SELECT state, count(*) FROM call GROUP BY 1"),
                             [("completed", calls)])
            self.assertEqual(probe.ask("SELECT sum(frames), sum(lost) FROM health "
                                       "WHERE source IS NULL"), [(calls * load.MESSAGES, 0)])
            self.lengths(probe)
            self.assertLess(used, passed)  # of two processors, half of one at the most
            self.assertLess(probe.log.stat().st_size, 1 << 16)

    def test_the_clock_of_the_probe(self):
        self.jump("probe", ("live1",), lambda clock, _, seconds: clock.set(seconds))

    def test_the_clock_of_a_probe_with_workers(self):
        self.jump("probe", ("live1",), lambda clock, _, seconds: clock.set(seconds),
                  "--workers", 2)

    def test_the_clock_of_who_sends(self):
        def change(_, sender, seconds):
            sender.shift = seconds
        self.jump("sender", (), change)

    def test_the_clock_of_the_machine(self):
        def change(clock, sender, seconds):
            clock.set(seconds)
            sender.shift = seconds
        self.jump("machine", (), change)

    def test_another_clock_stays(self):
        """When no call goes on, the next engine begins with it."""
        with self.probe(("live1",)) as (clock, mirror, probe):
            mirror.send(load.call("before"))
            clock.set(-HOUR)
            probe.has("SELECT 1 FROM leg WHERE state = 'completed'")
            probe.has("SELECT 1 FROM run WHERE id = 2")
            lab.until("it works", lambda: json.loads(
                probe.asked("--json")[0])["processes"][0]["ready"])
            clock.set(0)  # of an interface the machine's own clock stamps
            mirror.send(load.begin("during"))
            probe.has("SELECT 1 FROM leg WHERE sip_call_id = 'during@load'")
            mirror.send(load.end("during"))
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT sip_call_id, state, run, start < ? FROM leg "
                                       "ORDER BY run".replace("?", str((NOW - HOUR // 2) * 10**6))),
                             [("before@load", "completed", 1, 0), ("during@load", "completed", 2, 1)])
            self.assertEqual(probe.ask("SELECT sum(lost), sum(frames) FROM health "
                                       "WHERE source IS NULL"), [(0, 2 * load.MESSAGES)])


if __name__ == "__main__":
    sanitized = any(word in lab.EARSHOT for word in ("asan", "tsan"))
    lab.alone("a sanitizer has to be loaded first" if sanitized else None)
    unittest.main(argv=[word for word in sys.argv if word != "--full"])
