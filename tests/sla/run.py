#!/usr/bin/env python3
"""The report on a trunk's month beside what plain Python finds in the same database, second by
second: months of 28 to 31 days of which one has a day of 23 hours, gaps, maintenance, incidents
over the month's edges; on the command line, in the API and on the page."""
import csv
import datetime
import html.parser
import io
import json
import math
import os
import sqlite3
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.parse
import urllib.request
import zoneinfo

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, os.path.join(HERE, "..", "kpis"))
import generate  # noqa: E402

EARSHOT = os.environ.get("EARSHOT", "build/earshot")
ZONE = zoneinfo.ZoneInfo("Europe/Berlin")
S = 1_000_000
HOUR = 3600 * S
A, B = "198.51.100.1:5060", "198.51.100.9:5060"
POINT = 'outside "<script>alert(1)</script>"'
SLA = f"""
sla:
  availability_pct: 99.9
  time_to_detect_s: 30
  time_to_restore_s: 600
  ner: 50
  pdd_p95_ms: 100
  mos_nb_p5: 3.0
  maintenance:
    - {{from: "2026-03-10T01:00:00Z", to: "2026-03-10T03:00:00Z"}}
    - {{from: "2026-03-12T01:00:00Z", to: "2026-03-12T02:00:00Z", trunk: carrier-a}}
    - {{from: "2026-03-12T01:30:00Z", to: "2026-03-12T05:00:00Z", trunk: pbx}}
"""
WINDOWS = [("2026-03-10T01:00", "2026-03-10T03:00"), ("2026-03-12T01:00", "2026-03-12T02:00")]


def us(text):
    return int(datetime.datetime.fromisoformat(text + "+00:00").timestamp()) * S


def month(year, number):
    first = datetime.datetime(year, number, 1, tzinfo=ZONE)
    last = datetime.datetime(year + number // 12, number % 12 + 1, 1, tzinfo=ZONE)
    return int(first.timestamp()) * S, int(last.timestamp()) * S


class Seconds:
    """A set of seconds of the month."""

    def __init__(self, first, last):
        self.first = first // S
        self.bits = bytearray((last - first) // S)

    def add(self, begin, end, value=1):
        begin = max(0, begin // S - self.first)
        end = min(len(self.bits), end // S - self.first)
        if end > begin:
            self.bits[begin:end] = bytes([value]) * (end - begin)

    def minutes(self):
        return sum(self.bits) / 60


def minus(a, b):
    out = Seconds(a.first * S, (a.first + len(a.bits)) * S)
    out.bits = bytearray(x & ~y & 1 for x, y in zip(a.bits, b.bits))
    return out


def both(a, b):
    out = Seconds(a.first * S, (a.first + len(a.bits)) * S)
    out.bits = bytearray(x & y for x, y in zip(a.bits, b.bits))
    return out


# Incidents of the two addresses of carrier-a: began, detected, answered again.
OUTAGES = {
    A: [("2026-02-28T22:00", "2026-02-28T22:01", "2026-03-01T01:00"),   # from the month before
        ("2026-03-05T12:00", "2026-03-05T12:01", "2026-03-05T12:30"),
        ("2026-03-10T01:10", "2026-03-10T01:11", "2026-03-10T02:50"),   # within maintenance
        ("2026-03-12T01:30", "2026-03-12T01:31", "2026-03-12T03:00"),   # half of it is
        ("2026-03-29T00:30", "2026-03-29T00:32", "2026-03-29T02:30"),   # the night of 23 hours
        ("2026-03-31T21:30", "2026-03-31T21:31", None)],                # until its end
    B: [("2026-02-28T22:30", "2026-02-28T22:31", "2026-03-01T00:30"),
        ("2026-03-05T12:10", "2026-03-05T12:11", "2026-03-05T14:00"),
        ("2026-03-12T00:00", "2026-03-12T00:01", "2026-03-12T04:00"),
        ("2026-03-29T01:00", "2026-03-29T01:01", "2026-03-29T03:00"),
        ("2026-03-31T21:45", "2026-03-31T21:46", None)],
}
GAPS = [("2026-03-05T12:20", "2026-03-05T12:25"), ("2026-03-20T00:00", "2026-03-20T06:00")]
AWAY = ("2026-03-15T10:00", "2026-03-15T11:00")  # an interface
OFF = ("2026-03-29T01:30", "2026-03-29T01:45")   # no engine ran


def fill(path):
    """What a probe would have written in March, beside the calls of the capture."""
    db = sqlite3.connect(path)
    names = [row[1] for row in db.execute("PRAGMA table_info(kpi)") if row[1] not in ("seq", "run", "start")]
    plain = ", ".join(f'"{name}"' for name in names)
    base = generate.BEGIN
    # An hour on each of several days, one in maintenance, one of the month before and behind.
    for run, at in enumerate(("2026-02-28T22:30", "2026-03-01T08:00", "2026-03-10T01:30",
                              "2026-03-28T20:00", "2026-03-29T00:30", "2026-03-31T21:20"), 100):
        db.execute(f"INSERT INTO kpi (run, start, {plain}) SELECT {run}, start + {us(at) - base}, "
                   f"{plain} FROM kpi WHERE run = 1")
    db.execute("UPDATE peer SET trunk = 'carrier-a', peer = ?, first = ?, last = ? WHERE trunk = "
               "'carrier-a'", (A, us("2026-02-20T00:00"), us("2026-04-02T00:00")))
    columns = [row[1] for row in db.execute("PRAGMA table_info(peer)") if row[1] not in ("seq", "peer", "id")]
    quoted = ", ".join(f'"{name}"' for name in columns)
    db.execute(f"INSERT INTO peer (id, peer, {quoted}) SELECT id + 1, ?, {quoted} FROM peer WHERE "
               "peer = ?", (B, A))
    db.execute("DELETE FROM event")
    number = 0
    for peer, outages in OUTAGES.items():
        for began, detected, ended in outages:
            rows = [("peer_refusing", began, detected), ("peer_down", began, detected)]
            if ended:
                rows.append(("peer_up", ended, ended))
            for what, first, seen in rows:
                number += 1
                db.execute("INSERT INTO event (run, id, type, began, detected, peer, trunk, cause, "
                           "failed, switched, calls_backup, calls_lost, calls_carried, "
                           "calls_survived, calls_silent, calls_one_way, calls_dropped) VALUES "
                           "(1, ?, ?, ?, ?, ?, 'carrier-a', 'server_error', 0, 0, 0, 0, 0, 0, 0, "
                           "0, 0)", (number, what, us(first), us(seen), peer))
    first, last = month(2026, 3)
    for at in range(first - 3600 * S, last + 3600 * S, 60 * S):
        off = us(OFF[0]) < at <= us(OFF[1])
        db.execute("INSERT INTO health (run, at, seconds) VALUES (?, ?, 60)",
                   (None if off else 1, at))
    for begin, end in GAPS:
        db.execute("INSERT INTO probe_event (run, at, until, what) VALUES (1, ?, ?, 'engine_gap')",
                   (us(begin), us(end)))
    for what, at in zip(("interface_gone", "interface_back"), AWAY):
        db.execute("INSERT INTO probe_event (run, at, what, subject) VALUES (1, ?, ?, 'eth1')",
                   (us(at), what))
    db.execute("INSERT INTO probe_event (run, at, what, subject) VALUES (1, ?, 'interface_back', "
               "'eth2')", (us("2026-03-15T10:30"),))
    db.commit()
    db.close()


class Page(html.parser.HTMLParser):
    """Tags that are closed, and what asks for something elsewhere."""

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.text = [], [], ""
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in ("meta", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag, tag

    def handle_data(self, data):
        self.text += data


class Sla(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="earshot-sla-")
        path = os.path.join(cls.folder.name, "calls")
        cls.db, cls.config, cls.capture = path + ".db", path + ".yaml", path + ".pcap"
        with open(cls.config, "w", encoding="utf-8") as out:
            out.write(generate.CONFIG.replace("id: local", f"id: local\n  point: '{POINT}'") + SLA)
        generate.generate(cls.capture, calls=400)
        subprocess.run([EARSHOT, "analyze", "-n", "-c", cls.config, "--db", cls.db, cls.capture],
                       check=True, stdout=subprocess.DEVNULL)
        fill(cls.db)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def report(self, *options, status=0):
        done = subprocess.run([EARSHOT, "report", "sla", "--db", self.db, "-C", self.config,
                               *options], capture_output=True, check=False, text=True)
        self.assertEqual(done.returncode, status, done.stderr)
        return done.stdout

    def json(self, trunk="carrier-a", name="2026-03", *options):
        return json.loads(self.report("--trunk", trunk, "--month", name, "--json", *options))

    def truth(self):
        first, last = month(2026, 3)
        whole, excluded, seen = (Seconds(first, last) for _ in range(3))
        whole.add(first, last)
        seen.add(first, last)
        for begin, end in WINDOWS:
            excluded.add(us(begin), us(end))
        for begin, end in [*GAPS, AWAY, OFF]:
            seen.add(us(begin), us(end), 0)
        measured = minus(seen, excluded)
        down = []
        for outages in OUTAGES.values():
            down.append(Seconds(first, last))
            for began, _, ended in outages:
                down[-1].add(us(began), us(ended) if ended else last)
        unavailable = both(both(down[0], down[1]), measured)
        counted = minus(whole, excluded)
        return {"month": whole.minutes(), "excluded": excluded.minutes(),
                "blind": counted.minutes() - measured.minutes(), "measured": measured.minutes(),
                "unavailable": unavailable.minutes()}

    def test_minutes_and_availability(self):
        report, truth = self.json(), self.truth()
        self.assertEqual(truth["month"], (31 * 24 - 1) * 60)  # clocks go on in that month
        for name, value in truth.items():
            self.assertAlmostEqual(report["minutes"][name], value, 6, name)
        self.assertGreater(truth["unavailable"], 100)
        figures = {figure["name"]: figure for figure in report["figures"]}
        availability = figures["availability_pct"]
        self.assertAlmostEqual(availability["value"],
                               100 - 100 * truth["unavailable"] / truth["measured"], 9)
        self.assertEqual((availability["target"], availability["met"], availability["samples"]),
                         (99.9, False, 2))
        self.assertEqual((report["from"], report["to"], report["watched_by"], report["peers"]),
                         ("2026-02-28T23:00:00.000000Z", "2026-03-31T22:00:00.000000Z", "probe", 2))
        self.assertEqual((report["time_zone"], report["point"], report["sensor"]),
                         ("Europe/Berlin", POINT, "local"))

    def test_incidents(self):
        report = self.json()
        expected = sorted(
            (us(began), peer, us(detected), us(ended) if ended else None,
             peer == A and began == "2026-03-10T01:10")
            for peer, outages in OUTAGES.items() for began, detected, ended in outages)
        got = [(stamp(one["began"]), one["peer"], stamp(one["detected"]),
                stamp(one["ended"]), one["excluded"]) for one in report["incidents"]]
        self.assertEqual(sorted(got), expected)
        self.assertEqual([one[0] for one in got], [one[0] for one in expected])
        counted = [one for one in expected if not one[4]]
        figures = {figure["name"]: figure for figure in report["figures"]}
        self.assertEqual(figures["time_to_detect_s"]["value"],
                         max(one[2] - one[0] for one in counted) / S)
        over = [one for one in counted if one[3]]
        self.assertEqual(figures["time_to_restore_s"]["value"],
                         max(one[3] - one[0] for one in over) / S)
        self.assertEqual((figures["time_to_detect_s"]["samples"],
                          figures["time_to_restore_s"]["samples"]), (len(counted), len(over)))
        self.assertEqual([figures[name]["met"] for name in ("time_to_detect_s",
                                                            "time_to_restore_s")], [False, False])

    def test_figures_of_calls(self):
        """Counts out of the minutes, percentiles out of the legs themselves."""
        first, last = month(2026, 3)
        db = sqlite3.connect(self.db)
        where = f"view = 'trunk' AND trunk = ? AND start >= {first} AND start < {last}"
        for begin, end in WINDOWS:
            where += f" AND NOT (start >= {us(begin)} AND start < {us(end)})"
        for trunk in ("carrier-a", "carrier-c"):
            delivered, seizures, lost, expected = db.execute(
                f"SELECT sum(delivered), sum(seizures), sum(packets_lost), sum(packets_expected) "
                f"FROM kpi WHERE {where}", (trunk,)).fetchone()
            figures = {f["name"]: f for f in self.json(trunk)["figures"]}
            self.assertAlmostEqual(figures["ner"]["value"], 100 * delivered / seizures, 9)
            self.assertEqual(figures["ner"]["samples"], seizures)
            self.assertIs(figures["ner"]["met"], 100 * delivered / seizures >= 50)
            if trunk == "carrier-c":
                self.assertAlmostEqual(figures["loss_pct"]["value"], 100 * lost / expected, 9)
                self.assertEqual(figures["loss_pct"]["samples"], expected)
                scores = sorted(row[0] for row in db.execute(
                    "SELECT mos_lq FROM stream WHERE 'carrier-c' IN (trunk_src, trunk_dst) AND "
                    "band = 'nb' AND expected >= 100"))
                self.assertLess(abs(figures["mos_nb_p5"]["value"] - rank(scores, 5)), 0.021)
            delays = sorted(row[0] for row in db.execute(
                "SELECT pdd_ms FROM leg WHERE ? IN (trunk_src, trunk_dst) AND run = 1 AND pdd_ms "
                "IS NOT NULL AND state NOT IN ('incomplete', 'in_progress')", (trunk,)))
            for name, percent in (("pdd_p50_ms", 50), ("pdd_p95_ms", 95)):
                wanted = rank(delays, percent)
                self.assertLess(abs(figures[name]["value"] - wanted), wanted / 7, (trunk, name))
        db.close()

    def test_other_months(self):
        report = self.json(name="2024-02")  # of a leap year, with nothing in it
        self.assertEqual(report["minutes"], {"month": 29 * 1440, "excluded": 0,
                                             "blind": 29 * 1440, "measured": 0, "unavailable": 0})
        self.assertEqual({figure["value"] for figure in report["figures"]}, {None})
        self.assertEqual({figure["met"] for figure in report["figures"]}, {None})
        self.assertEqual(self.json(name="2025-10")["minutes"]["month"], (31 * 24 + 1) * 60)
        self.assertEqual(self.json("carrier-a", "2025-10", "--time-zone", "UTC")["from"],
                         "2025-10-01T00:00:00.000000Z")
        self.assertEqual(self.json(name="2025-12")["to"], "2025-12-31T23:00:00.000000Z")
        # Of captures alone: the hour that they have.
        january = self.json(name="2026-01")
        self.assertEqual(january["watched_by"], "packets")
        db = sqlite3.connect(self.db)
        (span,), = db.execute("SELECT (max(start) - min(start)) / 60000000 + 1 FROM kpi WHERE run = 1")
        db.close()
        self.assertEqual(january["minutes"]["measured"], span)
        self.assertEqual(self.json(name="2090-01")["minutes"]["month"], 0)  # not yet

    def test_formats_agree(self):
        report = self.json()
        rows = {row["name"]: row for row in csv.DictReader(io.StringIO(
            self.report("--trunk", "carrier-a", "--month", "2026-03")))}
        for figure in report["figures"]:
            row = rows[figure["name"]]
            self.assertEqual(row["value"] and float(row["value"]), figure["value"] if figure["value"] is not None else "")
            self.assertEqual({"yes": True, "no": False, "": None}[row["met"]], figure["met"])
            self.assertEqual(int(row["samples"]), figure["samples"])
        for name, value in report["minutes"].items():
            self.assertEqual(float(rows[f"minutes_{name}"]["value"]), value)
        text = self.report("--trunk", "carrier-a", "--month", "2026-03", "--html", "-")
        page = Page(text)
        self.assertEqual(page.open, [])
        self.assertNotIn("<script", text)
        self.assertIn(POINT, page.text)
        for tag, attributes in page.tags:
            self.assertFalse({"src", "href", "style", "onload"} & set(attributes), (tag, attributes))
        for one in report["incidents"]:
            self.assertIn(one["peer"], page.text)
        self.assertIn("default-src 'none'", text)
        path = os.path.join(self.folder.name, "page.html")
        self.report("--trunk", "carrier-a", "--month", "2026-03", "--html", path)
        with open(path, encoding="utf-8") as file:
            self.assertEqual(file.read(), text)

    def test_the_api_says_the_same(self):
        # pylint: disable-next=consider-using-with
        server = subprocess.Popen([EARSHOT, "serve", "--db", self.db, "-C", self.config, "--listen",
                                   "127.0.0.1:0"], stdout=subprocess.PIPE, text=True)
        try:
            url = server.stdout.readline().strip() + "api/v1/"
            question = urllib.parse.urlencode({"trunk": "carrier-a", "month": "2026-03"})
            with urllib.request.urlopen(f"{url}reports/sla?{question}") as answer:
                self.assertEqual(json.loads(answer.read()), self.json())
            with urllib.request.urlopen(f"{url}probe/events?limit=2") as answer:
                page = json.loads(answer.read())
            self.assertEqual([item["what"] for item in page["items"]], ["interface_back"] * 2)
            self.assertEqual([item["subject"] for item in page["items"]], ["eth2", "eth1"])
            with urllib.request.urlopen(f"{url}probe/events?cursor={page['next']}") as answer:
                rest = json.loads(answer.read())
            self.assertEqual([item["what"] for item in rest["items"]],
                             ["interface_gone", "engine_gap", "engine_gap"])
            self.assertEqual([stamp(item["until"]) for item in rest["items"]],
                             [None, us(GAPS[1][1]), us(GAPS[0][1])])
            with urllib.request.urlopen(f"{url}probe/events?from=2026-03-15&to=2026-03-16"
                                        ) as answer:
                self.assertEqual(len(json.loads(answer.read())["items"]), 3)
            for question, status in (("trunk=carrier-a", 400), ("month=2026-03", 400),
                                     ("trunk=carrier-a&month=2026-13", 400),
                                     ("trunk=nobody&month=2026-03", 404)):
                with self.assertRaises(urllib.error.HTTPError) as told:
                    urllib.request.urlopen(f"{url}reports/sla?{question}")
                self.assertEqual(told.exception.code, status, question)
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()

    def test_mistakes(self):
        for options in ([], ["--trunk", "x"], ["--month", "2026-03"],
                        ["--trunk", "x", "--month", "2026-3"],
                        ["--trunk", "x", "--month", "2026-00"],
                        ["--trunk", "x", "--month", "26-03"],
                        ["--trunk", "x", "--month", "2026-03", "--time-zone", "Nowhere/X"]):
            self.report(*options, status=2)
        self.report("--trunk", "nobody", "--month", "2026-03", status=1)
        for bad in ('{from: "2026-03-10T01:00:00Z"}', '{from: x, to: y}',
                    '{from: "2026-03-10T03:00:00Z", to: "2026-03-10T01:00:00Z"}'):
            done = subprocess.run([EARSHOT, "config", "check", "-"], capture_output=True, text=True,
                                  input=f"sla:\n  maintenance:\n    - {bad}\n", check=False)
            self.assertEqual(done.returncode, 1, bad)
            self.assertIn("sla.maintenance", done.stderr, bad)


def rank(values, percent):
    return values[math.ceil(len(values) * percent / 100) - 1]


def stamp(text):
    if text is None:
        return None
    return int(datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()) * S


if __name__ == "__main__":
    unittest.main()
