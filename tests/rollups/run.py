#!/usr/bin/env python3
"""
Hours and days that the store keeps added up: whatever is asked of them is what its minutes give,
over runs, over days of 23 and 24 hours, in any time zone, after a run was removed or changed; and
it takes a small part of the time.

    run.py             the answers (some seconds)
    run.py --million   how long an answer takes over a million calls, beside a scan of their legs
"""
import collections
import datetime
import itertools
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.request
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, os.path.join(HERE, "..", "kpis"))
import generate  # noqa: E402

EARSHOT = os.environ.get("EARSHOT", "build/earshot")
ANSWERED = os.path.join(HERE, "..", "..", "pcaps", "answered.pcap")
HOUR = 3_600_000_000
DAY = 24 * HOUR
# Saturday before the clocks of Berlin go forward (2026-03-29), 20:00 UTC.
DST = int(datetime.datetime(2026, 3, 28, 20, tzinfo=datetime.timezone.utc).timestamp()) * 10**6

QUESTIONS = [list(itertools.chain(*parts)) for parts in itertools.product(
    ([], ["--step", "hour"], ["--step", "day"]),
    ([], ["--group-by", "trunk"], ["--group-by", "site,direction"], ["--group-by", "peer"],
     ["--group-by", "prefix,site,code"], ["--group-by", "prefix"], ["--group-by", "prefix,trunk"],
     ["--view", "call"], ["--view", "call", "--group-by", "trunk,codec"]))] + [
    ["--group-by", "hour-of-week"],
    ["--group-by", "hour-of-week,trunk", "--view", "call"],
    ["--filter", "trunk = pbx", "--step", "day", "--view", "trunk"],
    ["--filter", "trunk in (pbx, carrier-a)", "--step", "day", "--view", "trunk"],
    ["--filter", "trunk in (pbx, carrier-a)", "--group-by", "site", "--step", "hour"],
    ["--filter", "site = frankfurt and direction = inbound", "--group-by", "trunk,direction"],
    ["--filter", "status >= 400", "--group-by", "trunk"],
    ["--filter", "seizures > 2", "--step", "day"],
    ["--filter", "start > 2026-03-29 and start < 2026-03-30T12:00", "--view", "call"],
    ["--from", "2026-03-29T10:20:00Z", "--to", "2026-03-30T10:40:00Z", "--group-by", "trunk"],
    ["--from", "2026-03-29", "--step", "day", "--time-zone", "Asia/Kolkata"],
    ["--step", "hour", "--time-zone", "Asia/Kolkata", "--group-by", "site"],
    ["--step", "day", "--time-zone", "America/New_York"],
    ["--group-by", "hour-of-week", "--time-zone", "UTC"],
    ["--step", "day", "--time-zone", "Europe/Berlin", "--kpi", "asr,pdd_p95_ms", "--group-by",
     "prefix,trunk"],
]

EVERY_HOUR_IS_STALE = ("INSERT OR IGNORE INTO kpi_stale "
                       "SELECT DISTINCT start - start % 3600000000 FROM kpi")


def run(*arguments):
    done = subprocess.run([EARSHOT, *map(str, arguments)], capture_output=True, text=True,
                          check=False)
    if done.returncode:
        raise AssertionError(f"{arguments}: {done.stderr}")
    return done.stdout


def columns(db, table, but):
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] not in but]


def repeat(db, table, offsets, runs, times):
    """The rows of the table at other times too, each copy in a run of its own."""
    plain = ", ".join(f'"{name}"' for name in columns(db, table, ("seq", "run", *times)))
    moved = ", ".join(f'"{name}"' for name in times)
    for offset, number in zip(offsets, runs):
        shifted = ", ".join(f'"{name}" + {offset}' for name in times)
        db.execute(f"INSERT INTO {table} (run, {moved}, {plain}) "
                   f"SELECT {number}, {shifted}, {plain} FROM {table} WHERE run = 1")


class Rollups(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="earshot-rollups-")
        cls.path = os.path.join(cls.folder.name, "calls")
        cls.db, cls.config = cls.path + ".db", cls.path + ".yaml"
        with open(cls.config, "w", encoding="ascii") as out:
            out.write(generate.CONFIG)
        generate.generate(cls.path + ".pcap", calls=150)
        cls.analyze(cls.path + ".pcap")
        # 19 hours around the night without its third hour, two of them seen by two probes, one
        # 20 min later than it; and months later.
        offsets = [DST - generate.BEGIN + hour * HOUR for hour in range(0, 57, 3)]
        offsets += [offsets[3], offsets[9], offsets[12] + HOUR // 3, offsets[0] + 200 * DAY]
        with sqlite3.connect(cls.db) as db:
            repeat(db, "kpi", offsets, range(100, 100 + len(offsets)), ("start",))
        db.close()
        cls.analyze(ANSWERED)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def analyze(cls, capture, *options):
        run("analyze", "-n", "-c", cls.config, "--db", cls.db, *options, capture)

    def ask(self, db, *options):
        return run("kpis", "--db", db, "--json", *options)

    def count(self, sql):
        with sqlite3.connect(self.db) as db:
            (number,), = db.execute(sql).fetchall()
        db.close()
        return number

    def minutes(self):
        """A copy in which no hour is taken for added up."""
        path = self.path + "-minutes.db"
        with sqlite3.connect(self.db) as source, sqlite3.connect(path) as copy:
            source.backup(copy)
            copy.execute(EVERY_HOUR_IS_STALE)
        source.close()
        copy.close()
        return path

    def compare(self, every=1):
        minutes = self.minutes()
        for question in QUESTIONS[::every]:
            got, expected = self.ask(self.db, *question), self.ask(minutes, *question)
            self.assertEqual(got, expected, question)
            self.assertTrue(expected, question)
        os.remove(minutes)

    def test_answers_are_those_of_the_minutes(self):
        self.assertEqual(self.count("SELECT count(*) FROM kpi_stale"), 0)
        self.assertGreater(self.count("SELECT count(*) FROM kpi_day"), 100)
        self.compare()

    def test_days_are_of_the_zone(self):
        """By Python's zone database and sums of the minutes."""
        for name, options in (("Europe/Berlin", []),
                              ("Asia/Kolkata", ["--time-zone", "Asia/Kolkata"])):
            zone, seen = zoneinfo.ZoneInfo(name), collections.Counter()
            with sqlite3.connect(self.db) as db:
                for start, number in db.execute(
                        "SELECT start, sum(seen) FROM kpi WHERE view = 'leg' GROUP BY start"):
                    at = datetime.datetime.fromtimestamp(start / 1e6, zone)
                    seen[at.date()] += number
            db.close()
            rows = [json.loads(line)
                    for line in self.ask(self.db, "--step", "day", *options).splitlines()]
            got = {}
            for row in rows:
                first, end = (datetime.datetime.fromisoformat(row[key]).astimezone(zone)
                              for key in ("from", "to"))
                self.assertEqual((first.hour, first.minute, end.hour, end.minute), (0, 0, 0, 0))
                got[first.date()] = row["counts"]["seen"]
            self.assertEqual(got, {day: n for day, n in seen.items() if n or day in got})
        self.assertIn(23 * 3600, [
            (datetime.datetime.fromisoformat(row["to"]) -
             datetime.datetime.fromisoformat(row["from"])).total_seconds()
            for row in map(json.loads, self.ask(self.db, "--step", "day").splitlines())])

    def test_they_are_used(self):
        """Not right because nobody reads them."""
        copy = self.path + "-wrong.db"
        with sqlite3.connect(self.db) as source, sqlite3.connect(copy) as db:
            source.backup(db)
            for table in ("kpi_hour", "kpi_day", "kpi_hour_whole", "kpi_day_whole"):
                db.execute(f"UPDATE {table} SET seen = seen + 1 WHERE seen > 0")
            db.execute("UPDATE kpi_peak SET in_progress = in_progress + 1")
        source.close()
        db.close()
        for question in (["--step", "hour"], ["--step", "day"], ["--group-by", "peer"],
                         ["--group-by", "trunk,code"]):
            wrong, right = (map(json.loads, self.ask(db, *question).splitlines())
                            for db in (copy, self.db))
            for row, as_it_is in zip(wrong, right):
                if as_it_is["seen"]:
                    self.assertGreater(row["seen"], as_it_is["seen"], question)
                if as_it_is["concurrent_peak"]:
                    self.assertGreater(row["concurrent_peak"], as_it_is["concurrent_peak"])
        os.remove(copy)

    def test_the_zone_is_that_of_the_sensor(self):
        self.assertEqual(self.ask(self.db, "--step", "day"),
                         self.ask(self.db, "--step", "day", "--time-zone", "Europe/Berlin"))
        self.assertNotEqual(self.ask(self.db, "--step", "day"),
                            self.ask(self.db, "--step", "day", "--time-zone", "UTC"))

    # The names sort behind: these change what is there.

    def test_x_a_run_that_is_removed_is_in_no_hour(self):
        of_them = ["--kpi", "seen", "--from", "2026-01-01", "--to", "2026-07-01"]
        before = json.loads(self.ask(self.db, *of_them))
        with sqlite3.connect(self.db) as db:
            (gone,), = db.execute("SELECT sum(seen) FROM kpi WHERE run = 105 AND view = 'leg'")
            db.execute("DELETE FROM kpi WHERE run = 105")
        db.close()
        for sensor in ("few", "many"):
            self.assertGreater(self.count("SELECT count(*) FROM kpi_stale"), 0)
            after = json.loads(self.ask(self.db, *of_them))
            self.assertEqual(after["seen"], before["seen"] - gone, sensor)
            if sensor == "many":
                with sqlite3.connect(self.db) as db:
                    db.execute(EVERY_HOUR_IS_STALE)
                db.close()
            self.analyze(ANSWERED, "--sensor", sensor)
        self.assertEqual(self.count("SELECT count(*) FROM kpi_stale"), 0)
        after = json.loads(self.ask(self.db, *of_them))
        self.assertEqual(after["seen"], before["seen"] - gone)
        self.compare(5)

    def test_y_a_late_end_changes_its_hour(self):
        with sqlite3.connect(self.db) as db:
            db.execute("UPDATE kpi SET seizures = seizures + 1 WHERE run = 110 AND seen > 0")
        db.close()
        self.assertGreater(self.count("SELECT count(*) FROM kpi_stale"), 0)
        self.compare(7)
        self.analyze(ANSWERED, "--sensor", "third")
        self.compare(3)

    def test_z_another_zone_makes_other_days(self):
        with open(self.config, "w", encoding="ascii") as out:
            out.write(generate.CONFIG.replace("Europe/Berlin", "Asia/Kathmandu"))
        self.analyze(ANSWERED, "--sensor", "fourth")
        self.assertEqual(self.count("SELECT count(*) FROM kpi_stale"), 0)
        self.assertEqual(self.ask(self.db, "--step", "day"),
                         self.ask(self.db, "--step", "day", "--time-zone", "Asia/Kathmandu"))
        # A quarter of an hour beside those of UTC.
        self.assertEqual(self.count("SELECT count(*) FROM kpi_hour WHERE "
                                    "start % 3600000000 <> 900000000"), 0)
        self.compare(3)


# --- a million calls ----------------------------------------------------------------------------

def seconds(what, times=3):
    best = None
    for _ in range(times):
        begin = time.monotonic()
        what()
        took = time.monotonic() - begin
        best = took if best is None else min(best, took)
    return best


def million():
    """Ten thousand calls of an hour, a hundred times over as many hours."""
    with tempfile.TemporaryDirectory(prefix="earshot-million-") as folder:
        path = os.path.join(folder, "calls")
        with open(path + ".yaml", "w", encoding="ascii") as out:
            out.write(generate.CONFIG)
        generate.generate(path + ".pcap")
        analyze = ["analyze", "-n", "-c", path + ".yaml", "--db", path + ".db"]
        run(*analyze, path + ".pcap")
        with sqlite3.connect(path + ".db") as db:
            offsets = [hour * HOUR for hour in range(1, 100)]
            repeat(db, "kpi", offsets, range(100, 199), ("start",))
            repeat(db, "leg", offsets, range(100, 199), ("start",))
            (legs,), = db.execute("SELECT count(*) FROM leg")
        db.close()
        added = seconds(lambda: run(*analyze, ANSWERED), 1)
        size = os.stat(path + ".db").st_size
        scan = seconds(lambda: subprocess.run(
            ["sqlite3", path + ".db", "SELECT count(*), sum(answered IS NOT NULL), avg(pdd_ms) "
                                      "FROM leg GROUP BY trunk_src"],
            check=True, capture_output=True))
        print(f"{legs} legs of 1,000,000 calls, {size >> 20} MiB; adding up {added:.2f} s; "
              f"scan of the legs {scan:.3f} s")
        server = subprocess.Popen([EARSHOT, "serve", "--db", path + ".db", "--listen",
                                   "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        try:
            url = server.stdout.readline().strip() + "api/v1/kpis?"
            worst = 0
            for question in ("", "group_by=trunk", "group_by=trunk,direction&step=day",
                             "group_by=site&step=hour", "view=call", "group_by=peer",
                             "group_by=hour-of-week", "group_by=prefix,site,code",
                             "filter=trunk%3Dpbx&view=trunk&step=day"):
                took = seconds(lambda: urllib.request.urlopen(url + question).read())
                worst = max(worst, took)
                print(f"  {took * 1000:7.1f} ms, {scan / took:6.1f} times as fast: {question}")
        finally:
            server.terminate()
            server.wait()
        assert worst * 20 <= scan, "an answer takes more than a twentieth of the scan"


if __name__ == "__main__":
    if "--million" in sys.argv:
        million()
    else:
        unittest.main()
