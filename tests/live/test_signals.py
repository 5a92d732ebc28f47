#!/usr/bin/env python3
"""SIGHUP and SIGTERM, ten times each while calls come: the same processes go on, each end is in
order and within 5 s, and every frame is accounted for; soak.py has the long form.  Needs root.
"""
import contextlib
import json
import pathlib
import sqlite3
import sys
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import lab  # pylint: disable=wrong-import-position
import load  # pylint: disable=wrong-import-position
import soak  # pylint: disable=wrong-import-position


class Signals(unittest.TestCase):
    def test_ten_of_each(self):
        soak.signals(count=10, load=10)

    def test_a_large_journal_is_left_to_the_next_start(self):
        """Somebody reads for long, and stops just when the probe is to end: what cannot be
        copied in time is not begun, and nothing is lost."""
        least = 64 << 20
        with lab.lab("--messages", "--buffer", "64") as (mirror, probe):
            mirror.send(load.call("first"))
            probe.has("SELECT 1 FROM leg")
            journal = pathlib.Path(f"{probe.db}-wal")
            calls = 0
            with contextlib.closing(sqlite3.connect(probe.db, isolation_level=None)) as reader:
                reader.execute("BEGIN")
                reader.execute("SELECT count(*) FROM leg").fetchone()
                while journal.stat().st_size <= least:
                    self.assertLess(calls, 40000)
                    for _ in range(200):
                        mirror.send(load.call(f"c{calls}", 1400))
                        calls += 1
                    lab.until("the database keeps up", lambda: json.loads(
                        probe.asked("--json")[0])["store"]["held_bytes"] < 1 << 20)
                probe.has("SELECT 1 FROM (SELECT count(*) AS n FROM leg "
                          f"WHERE state = 'completed') WHERE n = {calls + 1}")
                size = journal.stat().st_size
            status, seconds = probe.stop()
            self.assertEqual(status, 0, probe.log.read_text())
            self.assertLess(seconds, 5)
            # It is there, and as large; or at its limit, if one more record came in between.
            self.assertGreaterEqual(journal.stat().st_size, min(size, least))
            self.assertEqual(probe.ask("SELECT count(*), count(DISTINCT sip_call_id) FROM leg "
                                       "WHERE state = 'completed'"), [(calls + 1, calls + 1)])
            probe.start()
            mirror.send(load.call("after"))
            probe.has("SELECT 1 FROM leg WHERE sip_call_id = 'after@load'")
            self.assertEqual(probe.stop()[0], 0)
            self.assertLess(journal.stat().st_size if journal.exists() else 0, least)
            probe.is_whole()


if __name__ == "__main__":
    lab.alone()
    unittest.main()
