#!/usr/bin/env python3
"""What `earshot monitor` does when its database does not take records: nothing is lost that
there is room for, the rest is counted, and it goes on by itself.

    EARSHOT=build/earshot test_failures.py [-v] [TEST...]

Needs root, and a network namespace of its own, which it makes.
"""
import contextlib
import json
import os
import pathlib
import random
import signal
import sqlite3
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import kills  # pylint: disable=wrong-import-position
import lab  # pylint: disable=wrong-import-position
import load  # pylint: disable=wrong-import-position
import retention  # pylint: disable=wrong-import-position


class Failures(unittest.TestCase):
    def send(self, mirror, probe, count, size=0, name="c"):
        """So many calls; returns when the engine has seen them all."""
        # A keeper that cannot begin yet has none.
        account = json.loads(probe.asked("--json")[0]).get("account")
        before = account["frames"] if account else 0
        for i in range(count):
            mirror.send(load.call(f"{name}{i}", size))
        return before + count * load.MESSAGES

    def engine_has(self, probe, frames):
        """By its ring: the account may wait with the rest."""
        pid = probe.children()["engine"]
        quiet = [0, 0]

        def is_idle():
            now = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii").split()[13:15]
            quiet[0] = quiet[0] + 1 if now == quiet[1] else 0
            quiet[1] = now
            return quiet[0] > 60
        lab.until(f"the engine has taken {frames} frames", is_idle, 60)

    def expect_calls(self, probe, count):
        self.assertEqual(probe.ask("SELECT count(*), count(DISTINCT sip_call_id) FROM leg"),
                         [(count, count)])
        self.assertEqual(probe.ask("SELECT count(*) FROM call"), [(count,)])

    def test_locked_and_the_keeper_dies(self):
        """What went to the spill file is found there by the next keeper."""
        calls, size = 1200, 1200
        with lab.lab("--messages") as (mirror, probe):
            mirror.send(load.call("first"))
            probe.has("SELECT 1 FROM leg")
            spill = pathlib.Path(f"{probe.db}.spill")
            with probe.locked():
                self.send(mirror, probe, calls // 2, size)
                lab.until("records wait in the spill file",
                          lambda: spill.stat().st_size > 1 << 20)
                lab.until("it says why", lambda: probe.trouble() == "locked")
                self.assertEqual(probe.asked()[1], 1)
                probe.kill("keeper")
                self.send(mirror, probe, calls // 2, size, "d")
                lab.until("the next one waits, too", lambda: probe.trouble() == "locked")
            probe.goes_on()
            lab.until("the spill file is empty", lambda: spill.stat().st_size == 0)
            self.assertEqual(probe.stop()[0], 0)
            self.expect_calls(probe, calls + 1)
            self.assertEqual(probe.ask("SELECT count(*) FROM message_raw"),
                             [((calls + 1) * load.MESSAGES,)])
            self.assertEqual(probe.ask("SELECT DISTINCT json_array_length(ladder) FROM leg"),
                             [(load.MESSAGES,)])
            self.assertEqual(probe.ask("SELECT count(*) FROM probe_event WHERE what = 'not_kept'"),
                             [(0,)])
            waited = probe.ask("SELECT subject, until - at FROM probe_event "
                               "WHERE what = 'store_waited'")
            self.assertEqual({subject for subject, _ in waited}, {"locked"})
            self.assertTrue(all(0 < length < 60_000_000 for _, length in waited))
            probe.is_whole()

    def test_locked_and_all_die(self):
        """The engine's own memory is gone; what it was told to be safe is not."""
        calls, size = 600, 1200
        with lab.lab("--messages") as (mirror, probe):
            mirror.send(load.call("first"))
            probe.has("SELECT 1 FROM leg")
            spill = pathlib.Path(f"{probe.db}.spill")
            with probe.locked():
                self.send(mirror, probe, calls, size)
                lab.until("records wait in the spill file",
                          lambda: spill.stat().st_size > 1 << 20)
                probe.end()
                safe = spill.read_bytes().count(b"@load")
            with spill.open("ab") as file:
                file.write(b"EARS\1\0")  # a frame that was not written to its end
            probe.start()
            lab.until("the spill file is empty", lambda: spill.stat().st_size == 0)
            self.assertEqual(probe.stop()[0], 0)
            messages = probe.ask("SELECT count(*) FROM message_raw")[0][0]
            self.assertGreater(safe, 0)
            self.assertGreater(messages, (1 << 20) / (size * 2))
            self.assertEqual(probe.ask("SELECT sip_call_id FROM leg GROUP BY sip_call_id, run "
                                       "HAVING count(*) > 1"), [])
            self.assertEqual(probe.ask("SELECT state FROM run"),
                             [("interrupted",), ("complete",)])
            self.assertEqual(probe.ask("SELECT count(*) FROM in_progress"), [(0,)])
            probe.is_whole()

    def test_the_disk_is_full_for_long(self):
        """More than there is room for: what is not kept is counted, kind by kind."""
        calls, size = 3500, 1400
        with lab.lab("--messages", "--buffer", "64", disk="96m") as (mirror, probe):
            mirror.send(load.call("first"))
            probe.has("SELECT 1 FROM leg")
            ballast = probe.data / "ballast"
            with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                for length in (1 << 20, 1 << 12):
                    with contextlib.suppress(OSError):
                        while True:
                            file.write(bytes(length))
            for i in range(calls):
                mirror.send(load.call(f"c{i}", size))
            lab.until("it says why", lambda: probe.trouble() == "full")
            self.engine_has(probe, calls * load.MESSAGES)
            ballast.unlink()
            probe.goes_on()
            # Nobody had room for the account: the next one tells.
            probe.has("SELECT 1 FROM run WHERE frames = "
                      f"{(calls + 1) * load.MESSAGES} AND json_extract(summary, "
                      "'$.queue_bytes') < 1000000")
            status = json.loads(probe.asked("--json")[0])
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual([k["dropped"] for k in status["account"]["kernel"]], [0])
            self.expect_calls(probe, calls + 1)
            lost = dict(probe.ask("SELECT subject, sum(count) FROM probe_event "
                                  "WHERE what = 'not_kept' GROUP BY subject"))
            whole = (calls + 1) * load.MESSAGES
            raw = probe.ask("SELECT count(*) FROM message_raw")[0][0]
            ladder = probe.ask("SELECT sum(json_array_length(ladder)) FROM leg")[0][0]
            self.assertGreater(lost["message_bytes"], 0)
            self.assertEqual(raw + lost["message_bytes"] + lost.get("message", 0), whole)
            self.assertEqual(ladder + lost.get("message", 0), whole)
            self.assertEqual(lost, status["account"]["records_not_kept"])
            probe.is_whole()

    def damage(self, probe):
        size = probe.db.stat().st_size
        with probe.db.open("r+b") as file:
            file.seek(size // 2)
            file.write(os.urandom(size // 4))

    def test_damaged(self):
        with lab.lab() as (mirror, probe):
            for i in range(300):
                mirror.send(load.call(f"c{i}"))
            probe.has("SELECT 1 FROM (SELECT count(*) AS n FROM leg) WHERE n = 300")
            self.assertEqual(probe.stop()[0], 0)
            self.damage(probe)
            probe.start()
            mirror.send(load.call("after"))
            probe.has("SELECT 1 FROM leg WHERE sip_call_id = 'after@load'")
            self.assertEqual(probe.stop()[0], 0)
            aside = [path.name for path in probe.data.iterdir() if "damaged" in path.name]
            self.assertEqual(len(aside), 1)
            self.assertRegex(aside[0], r"^calls\.db\.damaged-20\d{6}T\d{6}Z$")
            self.assertEqual(probe.ask("SELECT subject FROM probe_event "
                                       "WHERE what = 'store_replaced'"), [(aside[0],)])
            self.expect_calls(probe, 1)
            probe.is_whole()

    def test_damaged_while_it_runs(self):
        """The engine's run goes on in the new file."""
        with lab.lab() as (mirror, probe):
            for i in range(2000):
                mirror.send(load.call(f"c{i}"))
            probe.has("SELECT 1 FROM (SELECT count(*) AS n FROM leg) WHERE n = 2000")
            with contextlib.closing(sqlite3.connect(probe.db)) as db:
                lab.until("all is in the file itself", lambda: db.execute(
                    "PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0)
            with probe.db.open("r+b") as file:
                file.seek(1 << 14)
                file.write(os.urandom(probe.db.stat().st_size - (1 << 14)))
            aside = []
            for i in range(2000):
                mirror.send(load.call(f"d{i}"))
                if i % 100 == 0:
                    aside = [p.name for p in probe.data.iterdir() if "damaged" in p.name]
                    if aside:
                        break
            lab.until("the file is replaced", lambda: any(
                "damaged" in path.name for path in probe.data.iterdir()))
            mirror.send(load.call("after"))
            probe.has("SELECT 1 FROM leg WHERE sip_call_id = 'after@load'")
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT state FROM run"), [("complete",)])
            self.assertEqual(probe.ask("SELECT sip_call_id FROM leg GROUP BY 1 "
                                       "HAVING count(*) > 1"), [])
            probe.is_whole()

    def test_locked_at_the_end(self):
        """The end of the run waits beside the database: with the next start it is there."""
        with lab.lab() as (mirror, probe):
            mirror.send(load.call("one"))
            probe.has("SELECT 1 FROM leg WHERE state = 'completed'")
            with probe.locked():
                self.assertEqual(probe.stop()[0], 0)
            self.assertIn("for the next start", probe.log.read_text())
            self.assertEqual(probe.ask("SELECT state FROM run"), [("running",)])
            probe.start()
            self.assertEqual(probe.stop()[0], 0)
            self.expect_calls(probe, 1)
            self.assertEqual(probe.ask("SELECT state FROM run"), [("complete",)] * 2)
            probe.is_whole()

    def test_the_disk_is_slow_at_the_end(self):
        """The journal is not merged in time; but all was committed, and nothing is amiss."""
        with tempfile.TemporaryDirectory() as folder:
            syncs = lab.Shim(pathlib.Path(folder), "slow_sync", "EARSHOT_SLOW_SYNC")
            with lab.lab(environment=syncs.environment()) as (mirror, probe):
                for i in range(50):
                    mirror.send(load.call(f"c{i}"))
                syncs.set(20_000)  # ms
                status, took = probe.stop()
                self.assertEqual(status, 0)
                self.assertGreater(took, 4)
                self.assertIn("keeper: does not end, is killed", probe.log.read_text())
                syncs.set(0)
                probe.start()
                self.assertEqual(probe.stop()[0], 0)
                self.expect_calls(probe, 50)
                self.assertEqual(probe.ask("SELECT state FROM run"), [("complete",)] * 2)
                self.assertEqual(probe.ask("SELECT count(*) FROM in_progress"), [(0,)])
                probe.is_whole()


class Months(unittest.TestCase):
    """What goes on for months, in seconds."""

    def test_old_things_go(self):
        """Messages first, then calls; KPIs stay; and the file does not grow for ever."""
        with tempfile.TemporaryDirectory() as folder:
            with lab.lab("--messages", "--config", retention.config(folder)) as (mirror, probe):
                retention.fill(mirror, probe)
                probe.has("SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM message_raw) "
                          "AND EXISTS (SELECT 1 FROM leg)")
                probe.has(retention.GONE)
                probe.has("SELECT 1 FROM pragma_freelist_count WHERE freelist_count <= 256")
                status = json.loads(probe.asked("--json")[0])["store"]
                self.assertEqual(status["deleted"]["messages"],
                                 retention.CALLS * load.MESSAGES)
                mirror.send(load.call("after"))
                probe.has("SELECT 1 FROM leg")
                self.assertEqual(probe.stop()[0], 0)
                self.assertEqual(probe.ask(f"SELECT sum(seen) > {retention.CALLS} FROM kpi WHERE view = 'leg'"),
                                 [(1,)])

    def test_every_frame_is_accounted_for(self):
        """Also over an engine's death: the minutes and their parts add up to what was sent."""
        with lab.lab() as (mirror, probe):
            for i in range(200):
                mirror.send(load.call(f"c{i}"))
            mirror.send([b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\x06" + bytes(46),  # ARP
                         b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0\x45" + bytes(3)])  # cut off
            probe.has("SELECT 1 FROM run WHERE frames = 1402")
            probe.kill("engine")
            probe.has("SELECT 1 FROM run WHERE id = 2")
            mirror.send(load.call("after"))
            self.assertEqual(probe.stop()[0], 0)
            rows = probe.ask("SELECT run, source, frames, parsed, not_ours, malformed, dropped, "
                             "kernel_dropped, interface_dropped, lost, not_kept FROM health "
                             "ORDER BY seq")
            self.assertEqual(rows, [
                (1, None, 1402, 1400, 1, 1, 0, 0, 0, 0, 0),
                (1, "live1", 1402, None, None, None, None, 0, 0, 0, None),
                (2, None, 7, 7, 0, 0, 0, 0, 0, 0, 0),
                (2, "live1", 7, None, None, None, None, 0, 0, 0, None)])

    def balance(self, probe):
        """Frames by the minute's rows: of the interface, of the probe, in its runs; and those
        that nobody analysed."""
        of = "coalesce(sum(frames), 0), coalesce(sum(kernel_dropped), 0), coalesce(sum(lost), 0)"
        source = probe.ask(f"SELECT {of} FROM health WHERE source = 'live1'")[0]
        whole = probe.ask(f"SELECT {of}, sum(parsed + not_ours + malformed + dropped) FROM health "
                          "WHERE source IS NULL")[0]
        self.assertEqual(whole[:3], source)
        self.assertEqual(whole[3], whole[0])
        self.assertEqual(probe.ask("SELECT sum(frames) FROM run"), [(whole[0],)])
        return source

    def test_another_keeper_goes_on_with_the_account(self):
        """What the rows of the run say already is not said again."""
        with lab.lab() as (mirror, probe):
            for i in range(200):
                mirror.send(load.call(f"c{i}"))
            probe.has("SELECT 1 FROM run WHERE frames = 1400")
            with contextlib.closing(sqlite3.connect(probe.db, timeout=20)) as db:
                # As the keeper does it each minute.
                db.execute("INSERT INTO health (run, at, seconds, frames, parsed, not_ours, "
                           "malformed, dropped, kernel_dropped, interface_dropped, lost, not_kept) "
                           "VALUES (1, 0, 60, 1000, 1000, 0, 0, 0, 0, 0, 0, 0)")
                db.execute("INSERT INTO health (run, at, seconds, source, frames, kernel_dropped, "
                           "interface_dropped, lost) VALUES (1, 0, 60, 'live1', 1000, 0, 0, 0)")
                db.commit()
            probe.kill("keeper")
            mirror.send(load.call("after"))
            probe.has("SELECT 1 FROM leg WHERE sip_call_id = 'after@load'")
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(self.balance(probe), (1407, 0, 0))

    def test_what_waits_outlives_the_engine(self):
        """Its ring is the next one's: calls that came while none worked are there, whole."""
        calls = 300
        with lab.lab("--buffer", "64") as (mirror, probe):
            mirror.send(load.call("first"))
            probe.has("SELECT 1 FROM leg WHERE state = 'completed'")
            os.kill(probe.children()["engine"], signal.SIGSTOP)
            for i in range(calls):
                mirror.send(load.call(f"c{i}", 1200))
            probe.kill("engine")
            probe.has(f"SELECT 1 FROM (SELECT count(*) AS n FROM leg) WHERE n = {calls + 1}")
            self.assertEqual(probe.stop()[0], 0)
            sent = (calls + 1) * load.MESSAGES
            self.assertEqual(self.balance(probe), (sent, 0, 0))
            self.assertEqual(probe.ask("SELECT run, state, count(*) FROM leg GROUP BY 1, 2"),
                             [(1, "completed", 1), (2, "completed", calls)])

    def test_what_waited_on_an_interface_that_is_gone_is_lost(self):
        """The next engine cannot have it: whether that is known when the one before dies, or
        only when the next begins, each frame is counted."""
        calls = 100
        for known_at_once in (True, False):
            with self.subTest(known_at_once=known_at_once), lab.lab() as (mirror, probe):
                mirror.send(load.call("first"))
                probe.has("SELECT 1 FROM leg WHERE state = 'completed'")
                engine = probe.children()["engine"]
                os.kill(engine, signal.SIGSTOP)
                for i in range(calls):
                    mirror.send(load.call(f"c{i}"))
                if known_at_once:
                    probe.parent.send_signal(signal.SIGSTOP)
                os.kill(engine, signal.SIGKILL)
                if not known_at_once:
                    lab.until("it is reaped", lambda: not os.path.exists(f"/proc/{engine}"))
                    probe.parent.send_signal(signal.SIGSTOP)
                mirror.unplug()
                mirror.plug()
                probe.parent.send_signal(signal.SIGCONT)
                probe.has("SELECT 1 FROM run WHERE id = 2")
                lab.until("it is heard again", lambda: json.loads(
                    probe.asked("--json")[0])["interfaces"][0]["open"])
                mirror.send(load.call("after"))
                probe.has("SELECT 1 FROM leg WHERE sip_call_id = 'after@load'")
                self.assertEqual(probe.stop()[0], 0)
                self.assertEqual(self.balance(probe),
                                 (2 * load.MESSAGES, 0, calls * load.MESSAGES))
                self.assertEqual(probe.ask("SELECT sum(count) FROM probe_event "
                                           "WHERE what = 'engine_gap'"), [(calls * load.MESSAGES,)])

    def test_what_dies_with_the_engine_is_counted(self):
        """kill -9 while frames come, with a ring that is too small: analysed, dropped and lost
        are what was sent, to the frame, in the rows, the events and the status."""
        for workers in (1, 2):
            with self.subTest(workers=workers):
                self.kill_some("--buffer", "1", "--workers", workers)

    def kill_some(self, *options):
        order = random.Random(7)
        with lab.lab(*options) as (mirror, probe):
            sender = kills.Load(mirror, 400, 1000)
            sender.start()
            for number in range(4):
                probe.has(f"SELECT 1 FROM run WHERE id = {number + 1}")
                time.sleep(order.uniform(0, 0.5))  # a random moment
                engine = probe.children()["engine"]
                if number % 2:  # it has much in hand
                    os.kill(engine, signal.SIGSTOP)
                    mirror.send(frame for i in range(100)
                                for frame in load.call(f"s{number}-{i}", 1200))
                probe.kill("engine")
            sender.stop()
            probe.has(f"SELECT 1 FROM leg WHERE sip_call_id = 'k{sender.sent - 1}@load'")
            status = json.loads(probe.asked("--json")[0])
            self.assertEqual(probe.stop()[0], 0)
            sent = (sender.sent + 200) * load.MESSAGES
            analysed, dropped, lost = self.balance(probe)
            self.assertEqual(analysed + dropped + lost, sent)
            self.assertGreater(dropped, 0)
            self.assertEqual(status["interfaces"][0]["lost"], lost)
            self.assertEqual(probe.ask("SELECT count(*), coalesce(sum(count), 0) FROM probe_event "
                                       "WHERE what = 'engine_gap'"), [(4, lost)])

    def test_what_the_ring_does_not_take_is_counted(self):
        """An engine that is stopped takes nothing: what was sent is what it analysed and what the
        kernel dropped, to the frame, in the account, in the minute's rows and in the status."""
        with lab.lab("--buffer", "1") as (mirror, probe):
            engine = probe.children()["engine"]
            os.kill(engine, signal.SIGSTOP)
            calls = [load.call(f"c{i}", 1200) for i in range(600)]
            for call in calls:
                mirror.send(call)
            sent = sum(map(len, calls))
            os.kill(engine, signal.SIGCONT)

            def told():
                account = json.loads(probe.asked("--json")[0])["account"]
                if not account:
                    return None  # the engine has told none yet
                kernel = account["kernel"][0]
                return kernel["received"] == sent and kernel["dropped"]
            dropped = lab.until("the account has all frames", told)
            self.assertIn(f"frames {sent}, dropped by the kernel {dropped}, by the interface 0: "
                          f"{100 * dropped / sent:.3g} %", probe.asked()[0])
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT frames + ? FROM run".replace("?", str(dropped))),
                             [(sent,)])
            share = 100 * dropped / sent
            for source in ("source IS NULL", "source = 'live1'"):
                rows = probe.ask("SELECT sum(frames), sum(kernel_dropped), sum(interface_dropped), "
                                 f"max(drop_pct) FROM health WHERE {source}")
                self.assertEqual(rows[0][:3], (sent - dropped, dropped, 0))
                self.assertAlmostEqual(rows[0][3], share)
            queues = probe.ask("SELECT min(queue_most_bytes) > 0, min(held_bytes) >= 0, "
                               "sum(capture_lost) FROM health WHERE source IS NULL")
            self.assertEqual(queues, [(1, 1, 0)])


if __name__ == "__main__":
    lab.alone()
    unittest.main()
