#!/usr/bin/env python3
"""
Alerts at the command line: what the shipped rules make of captures, what a configuration may
say of rules, and that docs/alerts.md has the rules that are shipped.  When alerts are raised
and cleared is tested in tests/unit/test_rules*.c.
"""
import csv
import io
import json
import os
import pathlib
import sqlite3
import subprocess
import tempfile
import unittest

EARSHOT = os.environ.get("EARSHOT", "build/earshot")
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PCAPS = ROOT / "pcaps"


def run(*arguments, status=0):
    done = subprocess.run([EARSHOT, *map(str, arguments)], capture_output=True, text=True,
                          check=False, timeout=60)
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done.stdout if status == 0 else done.stderr


def alerts(text):
    records = [json.loads(line) for line in text.splitlines()]
    return [r for r in records if r["kind"] == "alert"]


def fired(records):
    return sorted({r["rule"] for r in records if r["state"] == "firing" and not r["muted"]})


class Folder(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="earshot-alerts-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def config(self, text):
        path = self.folder / "earshot.yaml"
        path.write_text(text, encoding="utf-8")
        return path


class Captures(Folder):
    def test_the_shipped_rules_say_what_is_wrong_in_a_capture(self):
        cases = {
            "answered": [],
            "b2bua": [],
            "hold_resume": [],
            "register_auth": [],
            "peer_pings": ["peer_down"],
            "failover_dead": ["failover", "peer_down"],
            "failover_refused": ["failover", "peer_refusing"],
        }
        for name, rules in cases.items():
            with self.subTest(name):
                out = run("analyze", "--json", "--alerts", PCAPS / f"{name}.pcap")
                self.assertEqual(fired(alerts(out)), rules)

    def test_scans_and_guesses_name_who_does_it(self):
        out = alerts(run("analyze", "--json", "--alerts", PCAPS / "brute_force.pcap"))
        guess = next(r for r in out if r["rule"] == "brute_force")
        seen = [json.loads(line) for line in
                run("analyze", "--json", PCAPS / "brute_force.pcap").splitlines()]
        told = next(r for r in seen if r["kind"] == "observation" and r["type"] == "brute_force")
        self.assertEqual(guess["about"], told["id"])
        self.assertIn(told["src"], guess["subject"])
        self.assertTrue(set(guess["examples"]) <= set(told["examples"]))

    def test_without_being_asked_for_there_are_none(self):
        out = run("analyze", "--json", PCAPS / "failover_dead.pcap")
        self.assertEqual(alerts(out), [])

    def test_alerts_do_not_change_the_other_records(self):
        plain = run("analyze", "--json", PCAPS / "failover_dead.pcap").splitlines()
        more = run("analyze", "--json", "--alerts", PCAPS / "failover_dead.pcap").splitlines()
        self.assertEqual(plain, [line for line in more if not line.startswith('{"kind":"alert"')])

    def test_text_has_a_section_and_csv_a_kind(self):
        text = run("analyze", "--alerts", PCAPS / "failover_dead.pcap")
        self.assertIn("\nAlerts\n", text)
        self.assertIn("does not answer", text)
        rows = list(csv.DictReader(io.StringIO(
            run("analyze", "--csv=alert", PCAPS / "failover_dead.pcap"))))
        self.assertEqual({row["rule"] for row in rows}, {"peer_down", "failover"})

    def test_the_query_of_an_alert_is_a_filter(self):
        for name in ("failover_refused", "brute_force", "scan", "same_file"):
            for record in alerts(run("analyze", "--json", "--alerts", PCAPS / f"{name}.pcap")):
                if record["query"]:
                    run("analyze", "--filter", record["query"], PCAPS / f"{name}.pcap")

    def test_the_database_keeps_every_change_and_lists_the_last(self):
        db = self.folder / "calls.db"
        printed = alerts(run("analyze", "--json", "--alerts", "--db", db,
                             PCAPS / "failover_dead.pcap"))
        listed = alerts(run("alerts", "--db", db, "--json"))
        last = {r["id"]: r for r in printed}
        self.assertEqual({r["id"]: r for r in listed}, last)
        self.assertEqual(len(listed), len(last))
        with sqlite3.connect(db) as connection:
            rows, = connection.execute("SELECT count(*) FROM alert").fetchone()
            shown, = connection.execute("SELECT count(*) FROM v_alerts").fetchone()
        self.assertEqual((rows, shown), (len(printed), len(last)))
        some = alerts(run("alerts", "--db", db, "--json", "--filter", "rule = peer_down"))
        self.assertEqual({r["rule"] for r in some}, {"peer_down"})
        self.assertIn("peer_down", run("alerts", "--db", db))


class Trial(Folder):
    def test_rules_tried_on_a_capture_say_the_same_as_analyze(self):
        config = self.config("alerts:\n  off: [failover]\n")
        tried = alerts(run("alerts", "test", "--json", config, PCAPS / "failover_dead.pcap"))
        analysed = alerts(run("analyze", "--json", "--alerts", "-c", config,
                              PCAPS / "failover_dead.pcap"))
        self.assertEqual(tried, analysed)
        self.assertEqual(fired(tried), ["peer_down"])

    def test_rules_can_be_tried_on_a_database(self):
        db = self.folder / "calls.db"
        run("analyze", "--db", db, PCAPS / "failover_dead.pcap")
        config = self.config("{}\n")
        tried = alerts(run("alerts", "test", "--json", config, db))
        self.assertEqual(fired(tried), ["failover", "peer_down"])

    def test_a_rule_of_ones_own(self):
        config = self.config(
            "alerts:\n  no_defaults: true\n  rules:\n"
            "    - {name: mine, metric: seizures, scope: all, threshold: 0, window_s: 60,\n"
            "       severity: critical, doc: any call}\n")
        tried = alerts(run("alerts", "test", "--json", config, PCAPS / "answered.pcap"))
        self.assertEqual({r["rule"] for r in tried}, {"mine"})
        self.assertEqual(tried[0]["severity"], "critical")
        self.assertIn("mine", run("alerts", "test", config, PCAPS / "answered.pcap"))
        self.assertIn("any call", run("alerts", "rules", config))

    def test_a_shipped_rule_may_be_changed(self):
        config = self.config("alerts:\n  rules:\n    - {name: asr_low, threshold: 99}\n")
        page = run("alerts", "rules", config)
        line, = [line for line in page.splitlines() if line.startswith("| `asr_low`")]
        self.assertIn("below 99 %", line)
        self.assertNotIn("over at", line)
        self.assertIn("`ner_low`", page)


class Mistakes(Folder):
    def test_what_makes_no_sense_is_refused_with_its_line(self):
        cases = [
            ("rules: [{name: a, metric: nonsense, threshold: 1}]", "there is no metric 'nonsense'"),
            ("rules: [{name: a, metric: asr}]", "needs a threshold"),
            ("rules: [{metric: asr, threshold: 1}]", "needs a name"),
            ("rules: [{name: a, metric: poor_pct, threshold: 1, scope: peer}]", "not known in that scope"),
            ("rules: [{name: a, metric: asr, threshold: 1, window_s: 70.5}]", "equal parts"),
            ("rules: [{name: a, metric: asr, threshold: 50, clear: 60}]", "wrong side"),
            ("rules: [{name: a, metric: asr, threshold: 50, condition: below, clear: 40}]",
             "wrong side"),
            ("rules: [{name: a, metric: pdd_p95_ms, threshold: 3, condition: deviates_above}]",
             "only counts and shares"),
            ("rules: [{name: a, metric: peer_down, threshold: 0}]", "not known in that scope"),
            ("rules: [{name: a, metric: concurrent_peak, threshold: 9}]", "no metric"),
            ("rules: [{name: asr_low}, {name: asr_low}]", "there is a rule 'asr_low' already"),
            ("off: [nonsense]", "there is no rule 'nonsense'"),
            ("rules: [{name: a b, metric: asr, threshold: 1}]", "is of a-z"),
            ("rules: [{name: a, metric: mos, threshold: 1}]", "earshot alerts rules lists them"),
            ("rules: [{name: a, metric: asr, threshold: -5}]", "0 to 100 percent"),
            ("rules: [{name: a, metric: asr, threshold: 500}]", "0 to 100 percent"),
            ("rules: [{name: a, metric: seizures, threshold: 5, certainty: 2}]", "of shares alone"),
            ("rules: [{name: a, metric: asr, threshold: 5, muted_by: [a]}]", "mutes itself"),
            ("rules: [{name: emergency_failed, muted_by: [asr_low]}]", "nothing mutes emergency"),
            ("rules: [{name: a, metric: registrations_lost_pct, threshold: 5, scope: codec}]",
             "not known in that scope"),
            ("rules: 7", "a list of mappings"),
            ("rules: [{name: a, metric: asr, threshold: 5, window_s: 5m}]", "'5m' is not a number"),
            ("rules: [{name: a, metric: asr, treshold: 5}]", "here may be: name, metric"),
            ("rules: [{name: a, metric: asr, threshold: x}]", "'x' is not a number"),
            ("rules: [{name: a, metric: asr, threshold: 5, condition: '<'}]", "one of above, below"),
            ("rules: [{name: a, metric: asr, threshold: 5", "did not find expected"),
            ("holidays: [2026-13-01]", "no day such as"),
            ("rules: [{name: a, metric: asr, threshold: 1, severity: bad}]", "one of info"),
        ]
        for text, words in cases:
            with self.subTest(text):
                error = run("config", "check", self.config(f"alerts:\n  {text}\n"), status=1)
                self.assertIn(words, error)
                self.assertRegex(error, r"earshot\.yaml:[23]: ")
                # Who tries rules on a capture is told the same.
                self.assertEqual(error, run("alerts", "test", self.folder / "earshot.yaml",
                                            PCAPS / "answered.pcap", status=1))

    def test_names_that_there_are_not(self):
        trunk = "trunks: [{name: a, site: north, addresses: [198.18.0.1]}]\nalerts:\n  rules:\n"
        rule = "    - {{name: mine, metric: asr, threshold: 5, {}}}\n"
        for said, words in (("muted_by: [nobody]", "there is no rule 'nobody'"),
                            ("match: b", "there is no trunk 'b'"),
                            ("scope: site, match: south", "there is no site 'south'")):
            error = run("config", "check", self.config(trunk + rule.format(said)), status=1)
            self.assertIn("rule 'mine': ", error)
            self.assertIn(words, error)
        for said in ("muted_by: [asr_low]", "match: a", "scope: site, match: north"):
            run("config", "check", self.config(trunk + rule.format(said)))

    def test_windows_of_too_many_lengths(self):
        rules = "".join(f"    - {{name: r{n}, metric: asr, threshold: 5, window_s: {60 * n}}}\n"
                        for n in range(1, 8))
        error = run("config", "check", self.config("alerts:\n  no_defaults: true\n  rules:\n" + rules),
                    status=1)
        self.assertIn("windows of 7 lengths, at most 6", error)

    def test_wrong_usage(self):
        self.assertIn("which rules", run("alerts", "test", status=2))
        self.assertIn("usage", run("alerts", "rules", "a", "b", status=2))
        self.assertIn("which database", run("alerts", status=2))


class Page(unittest.TestCase):
    def test_the_page_is_what_is_shipped(self):
        page = (ROOT / "docs/alerts.md").read_text(encoding="utf-8")
        self.assertTrue(page.endswith(run("alerts", "rules")),
                        "docs/alerts.md does not end as `earshot alerts rules` prints")


if __name__ == "__main__":
    unittest.main()
