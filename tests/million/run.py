#!/usr/bin/env python3
"""
Lists of very many calls: whatever is asked has a bound, says how far it looked, and page by page
comes to what plain SQL finds.

    run.py                     the answers, over 40,000 calls
    run.py --million [FILE]    how long answers take over a million calls (FILE: made before, or
                               kept there), beside a scan of the same by the sqlite3 shell
"""
import json
import os
import resource
import sqlite3
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, HERE)
import population  # noqa: E402

EARSHOT = os.environ.get("EARSHOT", "build/earshot")
CALLS_LOOKED_AT = 6_000  # for a page, web/list.c
WITH_PARTS = 800  # likewise, where legs and streams are asked
LOOKED_AT = {"leg": 5_000, "stream": 4_000}
MEMORY_KB = 160 << 10


class Server:
    def __init__(self, path):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([EARSHOT, "serve", "--db", path, "--listen",
                                         "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip() + "api/v1/"

    def get(self, path, **parameters):
        query = urllib.parse.urlencode({k: v for k, v in parameters.items() if v is not None})
        with urllib.request.urlopen(f"{self.url}{path}?{query}", timeout=60) as answer:
            return json.loads(answer.read())

    def cpu(self):
        """Seconds of processor time, whoever else works on this machine."""
        return time.clock_gettime((~self.process.pid << 3) | 2)

    def memory_kb(self):
        with open(f"/proc/{self.process.pid}/status", encoding="ascii") as status:
            return int(next(line for line in status if line.startswith("VmHWM")).split()[1])

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


CALLS_OF = "SELECT printf('%016x', id) FROM call WHERE {} ORDER BY start DESC, id DESC"
BY_LEGS = "EXISTS (SELECT 1 FROM leg WHERE leg.call = call.id AND ({}))"
BY_STREAMS = "EXISTS (SELECT 1 FROM stream WHERE stream.call = call.id AND ({}))"
# A filter, and its condition in plain SQL.
FILTERS = [
    ("mos_lq_min < 3.6", "mos_lq_min < 3.6"),
    ("mos_lq_min < 1.01", "mos_lq_min < 1.01"),
    ("one_way", "one_way"),
    ("status = 499", BY_LEGS.format("status = 499")),
    ("status in (600, 603)", BY_LEGS.format("status IN (600, 603)")),
    ('user_agent = "Rare/1.0"', BY_LEGS.format("user_agent = 'Rare/1.0'")),
    ("src = 203.0.113.77", BY_LEGS.format("src LIKE '203.0.113.77:%'")),
    ("trunk = carrier-c", BY_LEGS.format("'carrier-c' IN (trunk_src, trunk_dst)")),
    ("codec = G722", BY_STREAMS.format("codec = 'G722'")),
    ("codec = AMR", BY_STREAMS.format("codec = 'AMR'")),
    ("pdd_ms > 15s", BY_LEGS.format("pdd_ms > 15000")),
    ("duration_s > 10m", BY_LEGS.format("duration_s > 600")),
]


class Lists(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="earshot-lists-")
        cls.path = path = os.path.join(cls.folder.name, "calls.db")
        population.populate(EARSHOT, path, 40_000, 2_000)
        cls.db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
        cls.server = Server(path)

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        cls.db.close()
        cls.folder.cleanup()

    def plain(self, sql):
        return [row[0] for row in self.db.execute(sql)]

    def pages(self, path, **question):
        """The ids of all pages, and how many were not full though there were more."""
        ids, cursor, short = [], None, 0
        while True:
            page = self.server.get(path, cursor=cursor, limit=1000, **question)
            ids += [item["id"] for item in page["items"]]
            self.assertEqual(page["truncated"], page["next"] is not None)
            if page["next"] is None:
                self.assertIsNone(page["reached"])
                return ids, short
            if len(page["items"]) < 1000:
                self.assertEqual(page["reached"] is None, "mos" in question.get("sort", ""))
                short += 1
            cursor = page["next"]

    def test_pages_come_to_what_plain_sql_finds(self):
        for text, condition in FILTERS:
            ids, short = self.pages("calls", filter=text)
            self.assertEqual(ids, self.plain(CALLS_OF.format(condition)), text)
            # A page may be full before it has looked at as many.
            pages = 40_001 // (WITH_PARTS if "EXISTS" in condition else CALLS_LOOKED_AT)
            self.assertLessEqual(short, pages, text)
            if len(ids) < 500:
                self.assertEqual(short, pages, text)

    def test_the_other_way_round(self):
        ids, short = self.pages("calls", filter="status = 499", sort="start")
        self.assertEqual(ids, self.plain(CALLS_OF.format(BY_LEGS.format("status = 499"))))
        self.assertEqual(short, 40_001 // WITH_PARTS)
        for sort, order in (("start", "start, id"), ("mos_lq_min", "mos_lq_min NULLS LAST, id"),
                            ("-mos_lq_min", "mos_lq_min DESC, id DESC")):
            ids, short = self.pages("calls", sort=sort)
            self.assertEqual(
                ids, self.plain(f"SELECT printf('%016x', id) FROM call ORDER BY {order}"))
            self.assertEqual(short, 0)

    def test_the_worst_of_any_time_and_filter(self):
        """Page by page all of them, in order, however few of those that are looked at fit."""
        begin, end = self.plain("SELECT min(start) FROM call") + self.plain("SELECT max(start) FROM call")
        hour = population.HOUR
        for since, until in ((begin + hour // 3, begin + 3 * hour + hour // 7),
                             (end - hour // 2, None), (None, begin + hour), (begin - 9 * hour, begin)):
            bounds = {"from": since and stamp(since), "to": until and stamp(until)}
            between = f"(start >= {since or 0} AND start < {until or 2**62})"
            for text, condition in [(None, "1"), FILTERS[0], FILTERS[7]]:
                for sort, order in (("mos_lq_min", "mos_lq_min NULLS LAST, id"),
                                    ("-mos_lq_min", "mos_lq_min DESC, id DESC")):
                    ids, _ = self.pages("calls", sort=sort, filter=text, **bounds)
                    self.assertEqual(ids, self.plain(
                        f"SELECT printf('%016x', id) FROM call WHERE {condition} AND {between} "
                        f"ORDER BY {order}"), (text, sort, bounds))

    def test_figures_of_very_many_minutes_end_somewhere(self):
        """Page by page, from `reached` on, they come to what the command says of all."""
        for step, by in (("minute", "trunk"), ("minute", "direction,prefix"), ("hour", "trunk,direction,prefix,codec,code")):
            whole = [json.loads(line) for line in subprocess.run(
                [EARSHOT, "kpis", "--db", self.path, "--step", step, "--group-by", by, "--json"],
                check=True, capture_output=True, text=True).stdout.splitlines()]
            rows, until, pages = [], None, 0
            while pages == 0 or until:
                page = self.server.get("kpis", step=step, group_by=by, to=until)
                self.assertEqual(page["truncated"], page["reached"] is not None)
                self.assertTrue(all(row["from"] >= page["from"] for row in page["items"]))
                self.assertEqual(page["reached"] or page["from"], page["from"])
                rows += page["items"]
                until, pages = page["reached"], pages + 1
            place = lambda row: [str(row.get(name)) for name in ["from", *by.split(",")]]  # noqa: E731
            self.assertGreater(pages, 1, (step, by))
            self.assertEqual(len(rows), len(whole))
            for got, wanted in zip(sorted(rows, key=place), sorted(whole, key=place)):
                self.assertEqual(place(got), place(wanted))
                for name in ("seizures", "asr", "pdd_p95_ms", "loss_pct", "counts"):
                    self.assertEqual(got.get(name), wanted.get(name), (place(got), name))

    def test_peaks_that_nobody_kept_are_not_known(self):
        for question in ({"group_by": "trunk,prefix"}, {"filter": "trunk ~ car"},
                         {"filter": "start > 2000-01-01T00:00:00Z and trunk ~ car"}):
            page = self.server.get("kpis", **question)
            self.assertIsNone(page["reached"])
            self.assertTrue(any(row["seizures"] for row in page["items"]))
            self.assertEqual({row["concurrent_peak"] for row in page["items"]}, {None})

    def test_an_order_without_an_index_is_of_the_newest_and_says_so(self):
        whole = self.plain("SELECT start FROM leg ORDER BY start DESC")
        for path, table, time_of, field in (("legs", "leg", "start", "duration_s"),
                                            ("streams", "stream", "first", "loss_pct")):
            page = self.server.get(path, sort=f"-{field}", limit=1000)
            since, = self.plain(f"SELECT {time_of} FROM {table} ORDER BY {time_of} DESC "
                                f"LIMIT 1 OFFSET {LOOKED_AT[table]}")
            self.assertEqual(microseconds(page["reached"]), since)
            self.assertEqual([item["id"] for item in page["items"]], self.plain(
                f"SELECT printf('%016x', id) FROM {table} WHERE {time_of} >= {since} "
                f"ORDER BY {field} DESC, id DESC LIMIT 1000"))
            # The next page is of the same rows.
            self.assertEqual(self.server.get(path, sort=f"-{field}", limit=1000,
                                             cursor=page["next"])["reached"], page["reached"])
        # Of an hour there are few enough to have all of them.
        hour = {"from": stamp(whole[0] - population.HOUR), "to": stamp(whole[0] + 1)}
        page = self.server.get("legs", sort="-duration_s", limit=1000, **hour)
        self.assertIsNone(page["reached"])
        self.assertEqual([item["id"] for item in page["items"]], self.plain(
            f"SELECT printf('%016x', id) FROM leg WHERE start >= {whole[0] - population.HOUR} "
            "ORDER BY duration_s DESC, id DESC LIMIT 1000"))

    def test_the_middle_and_the_end_are_reached_at_once(self):
        """Many calls begin at the same time, so that places within them count."""
        orders = [("-start", "start DESC, id DESC", {}), ("start", "start, id", {}),
                  ("mos_lq_min", "mos_lq_min NULLS LAST, id", {}), ("-mos_lq_min", "mos_lq_min DESC, id DESC", {})]
        middle, = self.plain("SELECT start FROM call ORDER BY start LIMIT 1 OFFSET 15000")
        orders += [("-start", "start DESC, id DESC", {"from": stamp(middle)}),
                   ("start", "start, id", {"to": stamp(middle)})]
        for sort, order, bounds in orders:
            where = "start >= " + str(middle) if "from" in bounds else \
                "start < " + str(middle) if "to" in bounds else "1"
            whole = self.plain(f"SELECT printf('%016x', id) FROM call WHERE {where} ORDER BY {order}")
            first = self.server.get("calls", sort=sort, limit=7, skip=0, **bounds)
            self.assertEqual((first["total"], [item["id"] for item in first["items"]]),
                             (len(whole), whole[:7]))
            for skip in (1, 2, 3, 999, len(whole) // 2 - 1, len(whole) // 2, len(whole) // 2 + 1,
                         len(whole) // 3 * 2, len(whole) - 8, len(whole) - 7, len(whole) - 1,
                         len(whole), len(whole) + 5):
                page = self.server.get("calls", sort=sort, limit=7, skip=skip, **bounds)
                self.assertEqual([item["id"] for item in page["items"]], whole[skip:skip + 7],
                                 (sort, bounds, skip))
                self.assertEqual(page["truncated"], skip + 7 < len(whole), (sort, skip))
                self.assertNotIn("total", page)
                if page["next"]:  # a page behind it goes on as ever
                    behind = self.server.get("calls", sort=sort, limit=7, cursor=page["next"], **bounds)
                    self.assertEqual([item["id"] for item in behind["items"]],
                                     whole[skip + 7:skip + 14])
        for wrong in ({"skip": "x"}, {"skip": -1}, {"skip": 10**10}, {"skip": 1, "filter": "one_way"},
                      {"skip": 1, "sort": "ended"}, {"skip": 1, "sort": "mos_lq_min", "from": "-1h"}):
            with self.assertRaises(urllib.error.HTTPError) as error:
                self.server.get("calls", **wrong)
            self.assertEqual((error.exception.code, json.loads(error.exception.read())["parameter"]),
                             (400, "skip"))

    def test_numbers_in_any_format(self):
        numbers = self.plain("SELECT DISTINCT number_from FROM leg WHERE number_from LIKE "
                             "'+4930%' ORDER BY seq % 977, seq LIMIT 5")
        self.assertEqual(len(numbers), 5)
        for number in numbers:
            condition = BY_LEGS.format(f"number_from LIKE '%{number[3:]}' OR number_to LIKE "
                                       f"'%{number[3:]}'")
            wanted = self.plain(CALLS_OF.format(condition))
            self.assertTrue(wanted)
            for written in (number, "00" + number[1:], "0" + number[3:], number[3:],
                            f"{number[:3]} ({number[3:5]}) {number[5:8]}-{number[8:]}"):
                ids, short = self.pages("calls", filter=f'number = "{written}"')
                self.assertEqual((ids, short), (wanted, 0), written)

    def test_z_memory_is_bounded(self):
        self.assertLess(self.server.memory_kb(), MEMORY_KB)


def stamp(us):
    return time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(us // 10**6)) + f".{us % 10**6:06d}Z"


def microseconds(text):
    import calendar
    whole, part = text[:-1].split(".")
    return calendar.timegm(time.strptime(whole, "%Y-%m-%dT%H:%M:%S")) * 10**6 + int(part)


# --- a million calls ----------------------------------------------------------------------------

NEWEST = "ORDER BY c.start DESC LIMIT 100"
OF_LEGS = "SELECT c.* FROM call AS c NOT INDEXED WHERE EXISTS (SELECT 1 FROM leg AS l WHERE " \
          "l.call = c.id AND {}) " + NEWEST
OF_STREAMS = OF_LEGS.replace("FROM leg AS l", "FROM stream AS l")
KPIS = "SELECT count(*), sum(answered IS NOT NULL), avg(pdd_ms) FROM leg NOT INDEXED GROUP BY {}"
# What is asked, and the same of the sqlite3 shell without any index of ours.
QUESTIONS = [
    ("calls", "SELECT c.* FROM call AS c NOT INDEXED " + NEWEST),
    ("calls?skip=0", "SELECT count(*) FROM call NOT INDEXED WHERE start IS NOT NULL; SELECT c.* FROM "
                     "call AS c NOT INDEXED " + NEWEST),
    ("calls?skip=500000", "SELECT c.* FROM call AS c NOT INDEXED " + NEWEST + " OFFSET 500000"),
    ("calls?skip=999000", "SELECT c.* FROM call AS c NOT INDEXED " + NEWEST + " OFFSET 999000"),
    ("calls?from=2026-01-08T10:00:00Z&to=2026-01-08T11:00:00Z",
     "SELECT c.* FROM call AS c NOT INDEXED WHERE c.start >= 1767866400000000 AND c.start < "
     "1767870000000000 " + NEWEST),
    ("calls/{id}", "SELECT * FROM call NOT INDEXED WHERE id = {number}; SELECT * FROM leg NOT "
                   "INDEXED WHERE call = {number}; SELECT * FROM stream NOT INDEXED WHERE call = "
                   "{number}"),
    ("calls/{id}/ladder", "SELECT ladder FROM leg NOT INDEXED WHERE call = {number}"),
    ("calls?filter=mos_lq_min<3.6",
     "SELECT c.* FROM call AS c NOT INDEXED WHERE mos_lq_min < 3.6 " + NEWEST),
    ("calls?filter=mos_lq_min<1.2",
     "SELECT c.* FROM call AS c NOT INDEXED WHERE mos_lq_min < 1.2 " + NEWEST),
    ("calls?sort=mos_lq_min",
     "SELECT c.* FROM call AS c NOT INDEXED ORDER BY mos_lq_min, id LIMIT 100"),
    ("calls?filter=trunk=pbx", OF_LEGS.format("'pbx' IN (trunk_src, trunk_dst)")),
    ("calls?filter=trunk=nobody", OF_LEGS.format("'nobody' IN (trunk_src, trunk_dst)")),
    ("calls?filter=status=503", OF_LEGS.format("status = 503")),
    ("calls?filter=status=499", OF_LEGS.format("status = 499")),
    ('calls?filter=user_agent="Rare/1.0"', OF_LEGS.format("user_agent = 'Rare/1.0'")),
    ("calls?filter=src=203.0.113.77", OF_LEGS.format("src LIKE '203.0.113.77:%'")),
    ("calls?filter=duration_s>9000", OF_LEGS.format("duration_s > 9000")),
    ("calls?filter=pdd_ms>19000", OF_LEGS.format("pdd_ms > 19000")),
    ("calls?filter=codec=G729", OF_STREAMS.format("codec = 'G729'")),
    ("calls?filter=codec=AMR", OF_STREAMS.format("codec = 'AMR'")),
    ("calls?filter=number=4567",
     OF_LEGS.format("(number_from LIKE '%4567' OR number_to LIKE '%4567')")),
    ("calls?filter=number=%2B49301234567",
     OF_LEGS.format("(number_from LIKE '%301234567' OR number_to LIKE '%301234567')")),
    ("legs", "SELECT * FROM leg NOT INDEXED ORDER BY start DESC LIMIT 100"),
    ("legs?sort=-duration_s", "SELECT * FROM leg NOT INDEXED ORDER BY duration_s DESC LIMIT 100"),
    ("streams?filter=codec=AMR", "SELECT * FROM stream NOT INDEXED WHERE codec = 'AMR' "
                                 "ORDER BY first DESC LIMIT 100"),
    ("findings?filter=code=capture_fault",
     "SELECT * FROM finding NOT INDEXED WHERE code = 'capture_fault' ORDER BY at DESC LIMIT 100"),
    ("kpis", KPIS.format("run")),
    ("kpis?group_by=trunk", KPIS.format("trunk_src")),
    ("kpis?group_by=site&step=hour", KPIS.format("trunk_src, start / 3600000000")),
    ("kpis?group_by=hour-of-week", KPIS.format("start / 3600000000 % 168")),
    ("kpis?group_by=hour-of-week,trunk", KPIS.format("trunk_src, start / 3600000000 % 168")),
]


DAY = "start >= 1767744000000000 AND start < 1767830400000000"
LAST_HOUR = "start >= 1767866400000000 AND start < 1767870000000000"
OF_DAY, OF_HOUR = ("from=2026-01-07T00:00:00Z&to=2026-01-08T00:00:00Z",
                   "from=2026-01-08T10:00:00Z&to=2026-01-08T11:00:00Z")
WORST = "SELECT c.* FROM call AS c NOT INDEXED WHERE {} ORDER BY mos_lq_min LIMIT 100"
QUESTIONS += [
    (f"calls?sort=mos_lq_min&{OF_DAY}", WORST.format(DAY)),
    (f"calls?sort=mos_lq_min&{OF_HOUR}", WORST.format(LAST_HOUR)),
    ("calls?sort=mos_lq_min&filter=trunk=carrier-a",
     OF_LEGS.format("'carrier-a' IN (trunk_src, trunk_dst)")),
    (f"calls?filter=trunk=nobody&{OF_DAY}", OF_LEGS.format("'nobody' IN (trunk_src, trunk_dst)")
     .replace("WHERE EXISTS", f"WHERE c.{DAY.replace('AND ', 'AND c.')} AND EXISTS")),
    ("calls?sort=-ended", "SELECT * FROM call NOT INDEXED ORDER BY ended DESC LIMIT 100"),
    ("streams?sort=-loss_pct", "SELECT * FROM stream NOT INDEXED ORDER BY loss_pct DESC LIMIT 100"),
    ("kpis?step=minute", KPIS.format("start / 60000000")),
    ("kpis?group_by=trunk&step=minute", KPIS.format("trunk_src, start / 60000000")),
    ("kpis?group_by=trunk,codec&step=hour", KPIS.format("trunk_src, codecs, start / 3600000000")),
    ("kpis?group_by=peer,code&step=hour", KPIS.format("src, status, start / 3600000000")),
    ("kpis?group_by=codec,hour-of-week", KPIS.format("codecs, start / 3600000000 % 168")),
    ("kpis?group_by=peer,hour-of-week", KPIS.format("src, start / 3600000000 % 168")),
    ("kpis?group_by=trunk,prefix", KPIS.format("trunk_src, prefix_label")),
    ("kpis?filter=trunk~car", KPIS.format("trunk_src").replace("GROUP", "WHERE trunk_src LIKE '%car%' GROUP")),
    (f"kpis?group_by=trunk&step=minute&{OF_DAY}",
     KPIS.format("trunk_src, start / 60000000").replace("GROUP", f"WHERE {DAY} GROUP")),
]


def least(what, clock, times):
    best = None
    for _ in range(times):
        begin = clock()
        what()
        took = clock() - begin
        best = took if best is None else min(best, took)
    return best


def children():
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def encode(question):
    path, _, parameters = question.partition("?")
    pairs = [pair.partition("=") for pair in parameters.split("&") if pair]
    return path + "?" + "&".join(
        f"{name}={urllib.parse.quote(value, safe='%')}" for name, _, value in pairs)


def measure(path):
    server = Server(path)
    number, = sqlite3.connect(path).execute(
        "SELECT id FROM call WHERE mos_lq_min IS NOT NULL AND seq > 500000 LIMIT 1").fetchone()
    worst = None
    print(" processor time       scan   part  question")
    try:
        for question, sql in QUESTIONS:
            url = server.url + encode(question.format(id=f"{number % 2**64:016x}"))
            took = least(lambda url=url: urllib.request.urlopen(url).read(), server.cpu, 5)
            scan = least(lambda sql=sql: subprocess.run(
                ["sqlite3", "-readonly", path, sql.format(number=number)], check=True,
                capture_output=True), children, 2)
            print(f"{took * 1000:10.1f} ms {scan * 1000:10.0f} ms  1/{scan / took:<5.0f} "
                  f"{question}", flush=True)
            worst = min(worst or scan / took, scan / took)
        print(f"memory of the server: {server.memory_kb() >> 10} MiB")
        assert server.memory_kb() < MEMORY_KB
    finally:
        server.stop()
    assert worst >= 20, "an answer takes more than a twentieth of the scan"


def million(path=None):
    with tempfile.TemporaryDirectory(prefix="earshot-million-") as folder:
        path = path or os.path.join(folder, "calls.db")
        if not os.path.exists(path):
            population.populate(EARSHOT, path, 1_000_000)
        measure(path)


if __name__ == "__main__":
    if "--million" in sys.argv:
        million(*sys.argv[2:3])
    else:
        unittest.main()
