#!/usr/bin/env python3
"""
/metrics as Prometheus has it: both formats in order by promtool, the figures those of the KPIs,
the labels bounded by the configuration under thousands of numbers; a real Prometheus scrapes it,
evaluates the shipped rules, and has an answer to every question of the shipped dashboard.

    run.py           all of that (some 20 s)
    run.py --flood   an hour of more buckets than can be added up in time
"""
import collections
import json
import math
import os
import re
import shutil
import signal
import socket
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
ROOT = os.path.join(HERE, "..", "..")
sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, os.path.join(HERE, "..", "kpis"))
sys.path.insert(0, os.path.join(HERE, "..", "web"))
import generate  # noqa: E402
from client import EARSHOT, Server  # noqa: E402

RULES = os.path.join(ROOT, "docs", "prometheus", "earshot.rules.yml")
DASHBOARD = os.path.join(ROOT, "docs", "grafana", "earshot.json")
OPEN = "application/openmetrics-text; version=1.0.0"
SAMPLE = re.compile(r'([a-z_]+)(?:\{(.*)\})? (-?[0-9.e+-]+|\+Inf)')
LABEL = re.compile(r'([a-z]+)="((?:[^"\\]|\\.)*)"(?:,|$)')
# What the probe says of minutes; the last is more than an hour before the first.
HEALTH = [{"minute": 0, "frames": 900, "parsed": 800, "not_ours": 60, "malformed": 30,
           "dropped": 10, "kernel": 5, "interface": 1, "lost": 4, "not_kept": 3, "free": 10**9},
          {"minute": -59, "frames": 100, "parsed": 100, "not_ours": 0, "malformed": 0,
           "dropped": 0, "kernel": 2, "interface": 0, "lost": 2, "not_kept": 0, "free": 10**12},
          {"minute": -61, "frames": 7, "parsed": 7, "not_ours": 0, "malformed": 0,
           "dropped": 0, "kernel": 7, "interface": 7, "lost": 7, "not_kept": 7, "free": 10**12}]


def command(*arguments):
    done = subprocess.run([EARSHOT, *arguments], capture_output=True, text=True, check=False,
                          timeout=60)
    assert done.returncode == 0, (arguments, done.stderr)
    return done.stdout


def promtool(*arguments, text=None):
    done = subprocess.run(["promtool", *arguments], input=text, capture_output=True, text=True,
                          check=False, timeout=30)
    assert done.returncode == 0, (arguments, done.stdout, done.stderr)
    return done.stdout + done.stderr


def scrape(server, accept="text/plain"):
    answer = server.ask("/metrics", fields=[("Accept", accept)])
    assert answer.status == 200, answer.raw
    return answer.fields["content-type"], answer.body.decode()


def samples(text):
    """{(name, ((label, value), ...)): number}, every line being a sample or a comment."""
    found = {}
    for line in text.splitlines():
        if line.startswith("#"):
            continue
        match = SAMPLE.fullmatch(line)
        assert match, line
        labels = tuple(sorted(LABEL.findall(match[2] or "")))
        assert (match[1], labels) not in found, line
        found[match[1], labels] = float(match[3])
    return found


def total(found, name, **labels):
    return sum(value for (of, has), value in found.items()
               if of == name and labels.items() <= dict(has).items())


def add_health(database):
    with sqlite3.connect(database) as db:
        for row in HEALTH:
            at = 1_700_000_000_000_000 + row["minute"] * 60_000_000
            db.execute("INSERT INTO health (at, seconds, frames, parsed, not_ours, malformed, "
                       "dropped, kernel_dropped, interface_dropped, lost, not_kept, free_bytes) "
                       "VALUES (?, 60, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                       (at, *(row[name] for name in list(row)[1:])))
    db.close()


class Prometheus:
    def __init__(self, folder, target):
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        config = os.path.join(folder, "prometheus.yml")
        with open(config, "w", encoding="ascii") as out:
            json.dump({"global": {"scrape_interval": "1s", "evaluation_interval": "1s"},
                       "rule_files": [os.path.abspath(RULES)],
                       "scrape_configs": [{"job_name": "earshot", "static_configs": [
                           {"targets": [f"127.0.0.1:{target}"]}]}]}, out)
        self.log = open(os.path.join(folder, "prometheus.log"), "w+", encoding="utf-8")
        self.process = subprocess.Popen(
            ["prometheus", f"--config.file={config}", "--log.level=warn",
             f"--storage.tsdb.path={os.path.join(folder, 'tsdb')}",
             f"--web.listen-address=127.0.0.1:{self.port}"],
            stdout=self.log, stderr=subprocess.STDOUT)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self.log.close()

    def ask(self, path, **parameters):
        query = urllib.parse.urlencode(parameters)
        with urllib.request.urlopen(
                f"http://127.0.0.1:{self.port}/api/v1/{path}?{query}", timeout=10) as answer:
            got = json.load(answer)
        assert got["status"] == "success", got
        return got["data"]

    def wait(self, condition, seconds=15):
        """Until it is true; an answer that is not there yet is none."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            assert self.process.poll() is None, self.said()
            try:
                if condition():
                    return
            except urllib.error.URLError:
                pass
            time.sleep(0.1)
        raise AssertionError(self.said())

    def said(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()


def expressions():
    """(title, PromQL) of each panel, for all instances and trunks."""
    with open(DASHBOARD, encoding="utf-8") as file:
        dashboard = json.load(file)
    for panel in dashboard["panels"]:
        for target in panel.get("targets", ()):
            expression = target["expr"]
            for variable in dashboard["templating"]["list"]:
                expression = expression.replace(f"${variable['name']}",
                                                variable.get("allValue", ""))
            assert "$" not in expression, expression
            yield panel["title"], expression


class Captures(unittest.TestCase):
    """The calls of pcaps/, and a probe that said how it fares."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.mkdtemp(prefix="earshot-metrics-")
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.db = os.path.join(cls.folder, "calls.db")
        pcaps = os.path.join(ROOT, "pcaps")
        command("analyze", "-n", "--db", cls.db,
                *sorted(os.path.join(pcaps, name) for name in os.listdir(pcaps)
                        if name.endswith(".pcap")))
        add_health(cls.db)
        cls.server = cls.enterClassContext(Server(cls.db))
        cls.type, cls.text = scrape(cls.server)
        cls.samples = samples(cls.text)

    def test_lint(self):
        self.assertEqual(promtool("check", "metrics", text=self.text), "")
        self.assertIn("SUCCESS", promtool("check", "rules", RULES))

    def test_formats(self):
        kind, text = scrape(self.server, OPEN)
        self.assertTrue(kind.startswith("application/openmetrics-text; version=1.0.0"), kind)
        self.assertTrue(self.type.startswith("text/plain; version=0.0.4"), self.type)
        self.assertTrue(text.endswith("\n# EOF\n"))
        self.assertNotIn("# EOF", self.text)
        self.assertIn("# TYPE earshot_mos gaugehistogram\n", text)
        self.assertIn("# TYPE earshot_mos histogram\n", self.text)
        # The same but for the names that the formats have for it, and what a scrape changes.
        names = [re.sub("_g(count|sum)$", r"_\1", name) for name, _ in samples(text)]
        self.assertEqual(names, [name for name, _ in self.samples])
        families = [line.split()[2] for line in self.text.splitlines() if "# TYPE" in line]
        self.assertEqual(len(families), len(set(families)))

    def test_probe(self):
        for label, name, values in (
                ("fate", "earshot_probe_frames",
                 {"parsed": 900, "not_ours": 60, "malformed": 30, "no_room": 10}),
                ("by", "earshot_probe_dropped_frames", {"kernel": 7, "interface": 1, "engine": 6})):
            self.assertEqual({dict(labels)[label]: value for (of, labels), value
                              in self.samples.items() if of == name}, values)
        for name, value in (("earshot_probe_not_kept_records", 3),
                            ("earshot_database_disk_free_bytes", 10**9),
                            ("earshot_probe_reported_timestamp_seconds", 1.7e9),
                            ("earshot_hour_complete_boolean", 1),
                            ("earshot_calls_in_progress", 0)):
            self.assertEqual(self.samples[name, ()], value, name)

    def test_prometheus(self):
        prometheus = Prometheus(self.folder, self.server.port)
        self.addCleanup(prometheus.stop)
        answers = 'count_over_time(earshot_http_responses_total{class="2xx"}[1m]) >= 2'
        prometheus.wait(lambda: prometheus.ask("query", query=answers)["result"])
        for title, expression in expressions():
            with self.subTest(title, expression=expression):
                data = prometheus.ask("query", query=expression)
                self.assertTrue(data["result"])
                self.assertFalse([row for row in data["result"]
                                  if expression.startswith(("sum (", "earshot_")) and
                                  math.isnan(float(row["value"][1]))], data)
        self.assertEqual(prometheus.ask("label/trunk/values"), ["unknown"])
        firing = collections.Counter()

        def all_evaluated():
            groups = prometheus.ask("rules")["groups"]
            rules = [rule for group in groups for rule in group["rules"]]
            firing.clear()
            for rule in rules:
                self.assertIn(rule["health"], ("ok", "unknown"), rule)
                firing[rule["name"]] += len(rule["alerts"])
            return all(rule["health"] == "ok" for rule in rules) and +firing
        prometheus.wait(all_evaluated)
        # 8 of 1008 frames, 3 records, 1 GB, and nothing said since 2023.
        for name in ("EarshotLosesFrames", "EarshotRecordsNotKept", "EarshotDiskFull",
                     "EarshotProbeSilent"):
            self.assertEqual(firing[name], 1, name)
        for name in ("EarshotDown", "EarshotHearsNothing", "EarshotFewAnswers"):
            self.assertEqual(firing[name], 0, name)
        # As the metrics say, both ends of what is of no trunk.
        ends = collections.Counter()
        for (name, labels), value in self.samples.items():
            if name in ("earshot_attempts", "earshot_delivered_attempts"):
                ends[name, dict(labels)["direction"]] = value
        failing = [end for end in ("inbound", "outbound")
                   if ends["earshot_attempts", end] >= 50 and
                   ends["earshot_delivered_attempts", end] < 0.9 * ends["earshot_attempts", end]]
        self.assertEqual(firing["EarshotNetworkFails"], len(failing))


class Numbers(unittest.TestCase):
    """An hour of trunks: the figures, and thousands of callers that add no series."""

    def make(self, calls):
        path = os.path.join(self.folder, f"{calls}")
        with open(path + ".yaml", "w", encoding="ascii") as out:
            out.write(generate.CONFIG)
        generate.generate(path + ".pcap", calls=calls)
        command("analyze", "-n", "-c", path + ".yaml", "--db", path + ".db", path + ".pcap")
        with Server(path + ".db") as server:
            return path + ".db", samples(scrape(server)[1])

    def setUp(self):
        self.folder = tempfile.mkdtemp(prefix="earshot-metrics-")
        self.addCleanup(shutil.rmtree, self.folder)

    def test_figures_and_labels(self):
        _, few = self.make(600)
        db, many = self.make(6000)
        reader = sqlite3.connect(db)
        numbers = reader.execute('SELECT count(DISTINCT "from") FROM leg').fetchone()[0]
        self.assertGreater(numbers, 4000)
        self.assertEqual(few.keys(), many.keys())
        allowed = {
            "trunk": {*generate.TRUNKS.values(), "unknown"},
            "direction": {"inbound", "outbound", "none"},
            "reason": {"busy", "no_answer", "cancelled", "no_response", "capacity",
                       "redirected", "other"},
            "band": {"narrowband", "wideband", "fullband"},
            "class": {f"{n}xx" for n in range(1, 6)},
            "table": {"calls", "streams", "requests", "fragments", "tcp_connections"},
        }
        for name, labels in many:
            for label, value in labels:
                if label not in ("le", "version"):
                    self.assertIn(value, allowed[label], name)
        self.check_figures(db, reader, many)
        reader.close()

    def check_figures(self, db, reader, found):
        """Against the rows of the table, added up by SQLite, and the percentiles of `kpis`."""
        end = int(found["earshot_hour_end_timestamp_seconds", ()]) * 10**6
        begin = end - 3_600_000_000
        rows = reader.execute(
            "SELECT trunk, direction, sum(seizures), sum(answered), sum(delivered), "
            "sum(seizures - answered), sum(capacity_rejects), sum(packets_expected), "
            "sum(packets_lost), sum(octets), sum(streams), sum(talk_us) / 1e6 FROM kpi "
            "WHERE view IN ('trunk', 'peer') AND (trunk <> '' OR peer <> '') AND start >= ? "
            "AND start < ? GROUP BY trunk, direction", (begin, end)).fetchall()
        self.assertGreaterEqual(len(rows), 9)
        for trunk, direction, *values in rows:
            labels = {"trunk": (trunk.decode() if isinstance(trunk, bytes) else trunk) or
                      "unknown", "direction": direction or "none"}
            has = [total(found, f"earshot_{name}", **labels) for name in (
                "attempts", "answered_attempts", "delivered_attempts", "failed_attempts")]
            has.append(total(found, "earshot_failed_attempts", reason="capacity", **labels))
            has += [total(found, f"earshot_{name}", **labels) for name in (
                "expected_packets", "lost_packets", "media_bytes", "streams", "talk_seconds")]
            for mine, its in zip(has, values):
                self.assertAlmostEqual(mine, its, 3, labels)
        calls = reader.execute("SELECT sum(seen) FROM kpi WHERE view = 'call' AND start >= ? "
                               "AND start < ?", (begin, end)).fetchone()[0]
        self.assertEqual(total(found, "earshot_calls"), calls)
        self.check_histograms(db, begin, found)

    def check_histograms(self, db, begin, found):
        since = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(begin / 10**6))
        lines = command("kpis", "--db", db, "--group-by", "trunk,direction", "--json", "--from",
                        since, "--view", "trunk").splitlines()
        checked = 0
        for row in map(json.loads, lines):
            if not row["trunk"]:
                continue
            labels = {"trunk": row["trunk"], "direction": row["direction"]}
            self.assertEqual(total(found, "earshot_legs_in_progress_peak", **labels),
                             row["concurrent_peak"], labels)
            for name, percentile, unit, share in (
                    ("post_dial_delay_seconds", "pdd_p95_ms", 1e-3, 0.95),
                    ("jitter_seconds", "jitter_p95_ms", 1e-3, 0.95),
                    ("loss_ratio", "loss_p95_pct", 1e-2, 0.95)):
                if row[percentile] is None:
                    continue
                of = {float(dict(has)["le"]): value for (family, has), value in found.items()
                      if family == f"earshot_{name}_bucket" and labels.items() <= dict(has).items()}
                bounds = sorted(of)
                self.assertEqual(sorted(of.values()), [of[bound] for bound in bounds])
                # The percentile lies in the first bucket that has so many.
                first = next(i for i, bound in enumerate(bounds)
                             if of[bound] >= math.ceil(share * of[math.inf]))
                value = row[percentile] * unit
                self.assertLessEqual(value, bounds[first], (labels, name))
                self.assertGreaterEqual(value, bounds[first - 1] if first else 0, (labels, name))
                checked += 1
        self.assertGreater(checked, 8)


def flood():
    """What is of the probe and the server is there, and what of the hour was in time."""
    with tempfile.TemporaryDirectory(prefix="earshot-metrics-") as folder:
        database = os.path.join(folder, "calls.db")
        command("analyze", "-n", "--db", database, os.path.join(ROOT, "pcaps", "answered.pcap"))
        db = sqlite3.connect(database)
        names = [row[1] for row in db.execute("PRAGMA table_info(kpi)")]
        changed = {"seq": "NULL", "prefix": "'p' || n", "view": "'peer'", "peer": "'other'"}
        db.execute("WITH RECURSIVE k(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM k WHERE "
                   "n < 2000000) INSERT INTO kpi SELECT " +
                   ", ".join(changed.get(name, name) for name in names) +
                   " FROM (SELECT * FROM kpi WHERE view = 'peer' LIMIT 1), k")
        db.commit()
        db.close()
        with Server(database) as server:
            _, text = scrape(server)
        found = samples(text)
        promtool("check", "metrics", text=text)
        assert found["earshot_hour_complete_boolean", ()] == 0
        assert total(found, "earshot_database_runs") == 1
        assert total(found, "earshot_calls") == 1
        assert not any(name == "earshot_attempts" for name, _ in found)


if __name__ == "__main__":
    for tool in ("promtool", "prometheus"):
        if not shutil.which(tool):
            print(f"skipped: no {tool}")
            sys.exit(0)
    if sys.argv[1:] == ["--flood"]:
        sys.exit(flood())
    unittest.main()
