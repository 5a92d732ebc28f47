#!/usr/bin/env python3
"""What goes wrong again and again while `earshot monitor` works: a disk that is full, a
database that somebody locks, interfaces that come and go, nonsense by the thousand.

    EARSHOT=build/earshot test_hardening.py [--full] [-v] [TEST...]

--full is as often and as long as it is asked for: twenty full disks, a minute of lock, a
hundred interfaces, ten minutes of nonsense.  Needs root, and a network namespace of its own,
which it makes.
"""
import contextlib
import os
import pathlib
import random
import sys
import time
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import interfaces  # pylint: disable=wrong-import-position
import kills  # pylint: disable=wrong-import-position
import lab  # pylint: disable=wrong-import-position
import load  # pylint: disable=wrong-import-position

FULL = "--full" in sys.argv
DISKS, LOCKED_S, CHANGES, NONSENSE_S = (20, 60, 100, 600) if FULL else (2, 6, 4, 4)
AGAIN_S = 3
CALLS_PER_S = 20
LOG_BYTES = 1 << 20  # in ten minutes of nonsense
NONSENSE_PER_S = 2000


class Hardening(unittest.TestCase):
    def has_all(self, probe, sender):
        """What was sent is in the database, once; no frame was lost, no record left out."""
        probe.has(f"SELECT 1 FROM leg WHERE sip_call_id = 'k{sender.sent - 1}@load' "
                  "AND state = 'completed'")
        self.assertEqual(probe.ask("SELECT count(*), count(DISTINCT sip_call_id) FROM leg "
                                   "WHERE state = 'completed'"), [(sender.sent, sender.sent)])
        self.assertEqual(probe.stop()[0], 0)
        sent = sender.sent * load.MESSAGES
        self.assertEqual(probe.ask("SELECT sum(frames), sum(kernel_dropped), sum(lost), "
                                   "sum(not_kept) FROM health WHERE source IS NULL"),
                         [(sent, 0, 0, 0)])
        probe.is_whole()

    def fill(self, ballast):
        with ballast.open("wb", buffering=0) as file:
            for length in (1 << 20, 1 << 12):
                with contextlib.suppress(OSError):
                    while True:
                        file.write(bytes(length))

    def test_the_disk_is_full_again_and_again(self):
        with lab.lab("--messages", disk="48m") as (mirror, probe):
            sender = kills.Load(mirror, CALLS_PER_S, 1000)
            sender.start()
            probe.has("SELECT 1 FROM leg WHERE state = 'completed'")
            ballast = probe.data / "ballast"
            for _ in range(DISKS):
                self.fill(ballast)
                lab.until("it says why", lambda: probe.trouble() == "full")
                ballast.unlink()
                probe.goes_on()
            sender.stop()
            self.has_all(probe, sender)
            waits = probe.ask("SELECT count(*) FROM probe_event WHERE what = 'store_waited' "
                              "AND subject = 'full'")[0][0]
            self.assertGreaterEqual(waits, DISKS)

    def test_the_database_is_locked_for_long(self):
        with lab.lab("--messages") as (mirror, probe):
            sender = kills.Load(mirror, CALLS_PER_S, 1000)
            sender.start()
            probe.has("SELECT 1 FROM leg WHERE state = 'completed'")
            with probe.locked():
                time.sleep(LOCKED_S)  # that is what this is about
                lab.until("it says why", lambda: probe.trouble() == "locked")
            probe.goes_on()
            sender.stop()
            self.has_all(probe, sender)

    def held(self, probe):
        """Descriptors of each process."""
        return {name: len(os.listdir(f"/proc/{pid}/fd"))
                for name, pid in {"parent": probe.parent.pid, **probe.children()}.items()}

    def test_interfaces_come_and_go(self):
        """By turns it is set down and up again, and taken away and put back."""
        with lab.lab() as (mirror, probe):
            probe.has("SELECT 1 FROM run")
            engine, held, took = probe.children()["engine"], None, []
            for number in range(CHANGES):
                took.append(interfaces.away_and_back(mirror, probe, number))
                probe.has("SELECT 1 FROM probe_event WHERE what = 'interface_back' "
                          f"GROUP BY what HAVING count(*) = {number + 1}")
                if number == 1:
                    held = self.held(probe)
            self.assertEqual(probe.children()["engine"], engine)
            lab.until(f"descriptors are {held} again", lambda: self.held(probe) == held)
            self.assertEqual(probe.stop()[0], 0)
            print(f"\n{CHANGES} times captured again after {max(took):.2f} s at most, "
                  f"descriptors {held}")
            self.assertTrue(not FULL or max(took) <= AGAIN_S, max(took))

    def nonsense(self, order, whole):
        """A frame of which something is wrong, or nothing is right."""
        frame = bytearray(order.choice(whole))
        for _ in range(order.choice((1, 1, 4, 40))):
            frame[order.randrange(len(frame))] = order.randrange(256)
        if order.random() < 0.3:  # of a tag that is cut off the kernel shows nothing
            del frame[order.randrange(20, len(frame)):]
        return bytes(frame)

    def test_nonsense_is_not_written_down(self):
        order = random.Random(3)
        names = ("answered", "tcp", "fragments", "register_auth", "vlan", "endpoint_reports",
                 "ipv6", "dtmf")
        whole = [frame for name in names
                 for frame in lab.frames_of(lab.ROOT / "pcaps" / f"{name}.pcap")]
        whole = [frame for frame in whole if b"SIP/2.0" in frame] * 20 + whole
        bad = [self.nonsense(order, whole) for _ in range(20000)]
        with lab.lab("--hep", "127.0.0.1:9060") as (mirror, probe):
            begin, sent = time.monotonic(), 0
            before = probe.log.stat().st_size
            while time.monotonic() - begin < NONSENSE_S:
                due = int((time.monotonic() - begin) * NONSENSE_PER_S)
                mirror.send(bad[number % len(bad)] for number in range(sent, due))
                sent = max(sent, due)
                time.sleep(0.005)
            mirror.send(load.call("after"))
            probe.has("SELECT 1 FROM leg WHERE sip_call_id = 'after@load' "
                      "AND state = 'completed'")
            said = probe.log.stat().st_size - before
            self.assertEqual(probe.stop()[0], 0)
            malformed, parsed = probe.ask("SELECT sum(malformed), sum(parsed) FROM health "
                                          "WHERE source IS NULL")[0]
            print(f"\n{sent} frames of nonsense in {NONSENSE_S} s, {malformed} malformed, "
                  f"{parsed} parsed: {said} bytes of log")
            self.assertGreater(malformed, 0)
            self.assertGreater(parsed, 0)
            self.assertEqual(probe.ask("SELECT sum(frames) FROM run"),
                             [(sent + load.MESSAGES,)])
            self.assertLessEqual(said, LOG_BYTES * NONSENSE_S / 600)


if __name__ == "__main__":
    lab.alone()
    unittest.main(argv=[word for word in sys.argv if word != "--full"])
