#!/usr/bin/env python3
"""
An hour of 10,000 generated calls: every KPI, of every view and grouping, is what truth.py
computes from what was generated; minutes add up to the hour; docs/kpis.md says what
`earshot explain kpi` says.
"""
import json
import os
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import generate  # noqa: E402
import truth  # noqa: E402

EARSHOT = os.environ.get("EARSHOT", "build/earshot")
ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..")
MINUTE = truth.MINUTE


def run(*arguments):
    done = subprocess.run([EARSHOT, *arguments], capture_output=True, text=True, check=False)
    if done.returncode:
        raise AssertionError(f"{arguments}: {done.stderr}")
    return done.stdout


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


def channels(key):
    """Of the trunk or site that is the first of the key."""
    return generate.CHANNELS.get(key[0])


class Hour(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="earshot-kpis-")
        path = os.path.join(cls.folder.name, "hour")
        cls.db, config = path + ".db", path + ".yaml"
        with open(config, "w", encoding="ascii") as out:
            out.write(generate.CONFIG)
        data = generate.generate(path + ".pcap")
        records = lines(run("analyze", "-n", "-c", config, "--json", "--db", cls.db,
                            path + ".pcap"))
        cls.records = records
        cls.give_scores(data, records)
        cls.truth = truth.Truth(data)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @staticmethod
    def give_scores(data, records):
        """What a stream's score is, is another test's matter."""
        streams = {int(r["ssrc"], 16): r for r in records if r["kind"] == "stream"}
        scores = {r["id"]: ("mos_" + r["mos_lq_min_band"], r["mos_lq_min"])
                  for r in records if r["kind"] == "call" and r["mos_lq_min"]}
        calls = {r["sip_call_id"]: r["call"] for r in records if r["kind"] == "leg"}
        for stream in data["streams"]:
            record = streams[stream["ssrc"]]
            stream["band"], stream["mos_lq"] = record["band"], record["mos_lq"]
        for call in data["calls"]:
            score = scores.get(calls.get(call["id"]))
            call["streams"] = [{"mos": score}] if score else []

    def ask(self, *options):
        return lines(run("kpis", "--db", self.db, "--time-zone", "Europe/Berlin", "--json",
                         *options))

    def compare(self, row, expected, where):
        for name, value in expected.items():
            got = row[name]
            if got is None or value is None:
                self.assertEqual(got, value, f"{where}: {name}")
            else:
                self.assertAlmostEqual(float(got), value, delta=1e-9 * max(1, abs(value)),
                                       msg=f"{where}: {name}")
        for name, definition in self.definitions().items():
            self.assertIn(name, expected, "truth.py has no " + definition["title"])

    @classmethod
    def definitions(cls):
        if not hasattr(cls, "known"):
            cls.known = {d["name"]: d for d in lines(run("explain", "kpi", "--json"))}
        return cls.known

    def compare_rows(self, rows, keys, expected, where):
        got = {tuple(row[key] or "" for key in keys): row for row in rows}
        self.assertEqual(set(got), set(expected), where)
        for key, row in got.items():
            self.compare(row, expected[key], f"{where} {key}")

    # --- the views --------------------------------------------------------------------------

    def test_each_leg_once(self):
        self.compare_rows(self.ask(), (), self.truth.rows("leg", lambda *_: ()), "legs")

    def test_what_callers_got(self):
        self.compare_rows(self.ask("--view", "call"), (),
                          self.truth.rows("call", lambda *_: ()), "calls")

    def test_trunks_and_directions(self):
        self.compare_rows(self.ask("--group-by", "trunk,direction"), ("trunk", "direction"),
                          self.truth.rows("trunk", lambda kind, thing, place: place,
                                          channels=channels), "trunks")

    def test_both_directions_of_a_trunk_peak_together(self):
        self.compare_rows(self.ask("--group-by", "trunk"), ("trunk",),
                          self.truth.rows("trunk", lambda kind, thing, place: place[:1],
                                          channels=channels), "trunk")

    def test_calls_by_the_trunk_they_came_by(self):
        self.compare_rows(self.ask("--view", "call", "--group-by", "trunk,direction"),
                          ("trunk", "direction"),
                          self.truth.rows("call", lambda kind, thing, place: place), "calls")

    # --- groups that are known at the end ------------------------------------------------------

    def test_codes(self):
        def code(kind, thing, _place):
            if kind in ("leg", "registration"):
                return (thing["status"] or "",)
            return ("",)
        self.compare_rows(self.ask("--group-by", "code"), ("code",),
                          self.truth.rows("leg", code, by_end=True), "code")

    def test_codecs(self):
        def codec(_kind, thing, _place):
            return (thing.get("codec") or "",)
        self.compare_rows(self.ask("--group-by", "codec"), ("codec",),
                          self.truth.rows("leg", codec, by_end=True), "codec")

    def test_trunk_by_code(self):
        def both(kind, thing, place):
            return (place[0], thing["status"] or "" if kind == "leg" else "")
        self.compare_rows(self.ask("--group-by", "trunk,code"), ("trunk", "code"),
                          self.truth.rows("trunk", both, by_end=True, channels=channels),
                          "trunk x code")

    def test_prefix_by_trunk_by_code(self):
        def all_three(kind, thing, place):
            if kind == "leg":
                return (thing["label"], place[0], thing["status"] or "")
            return ("", place[0], "")
        self.compare_rows(self.ask("--group-by", "prefix,trunk,code"),
                          ("prefix", "trunk", "code"),
                          self.truth.rows("trunk", all_three, by_end=True,
                                          channels=lambda key: channels(key[1:])), "all three")

    def test_prefixes(self):
        def label(kind, thing, _place):
            return (thing["outcome"]["label"],)
        self.compare_rows(self.ask("--view", "call", "--group-by", "prefix"), ("prefix",),
                          self.truth.rows("call", label), "prefix")

    # --- sites and peers ----------------------------------------------------------------------

    def site(self, place):
        return self.truth.sites.get(place[0], "")

    def test_sites(self):
        self.compare_rows(self.ask("--group-by", "site,direction"), ("site", "direction"),
                          self.truth.rows("trunk", lambda kind, thing, place:
                                          (self.site(place), place[1]), channels=channels),
                          "site")

    def test_prefix_by_site_by_code(self):
        def all_three(kind, thing, place):
            if kind == "leg":
                return (thing["label"], self.site(place), thing["status"] or "")
            return ("", self.site(place), "")
        self.compare_rows(self.ask("--group-by", "prefix,site,code"),
                          ("prefix", "site", "code"),
                          self.truth.rows("trunk", all_three, by_end=True,
                                          channels=lambda key: channels(key[1:])), "all three")

    def test_peers(self):
        keys = ("peer", "peer_known", "direction")
        expected = self.truth.rows("peer", lambda kind, thing, place: (*place[0], place[1]),
                                   channels=channels)
        self.assertIn((generate.PROXY, "", "inbound"), expected)
        self.compare_rows(self.ask("--group-by", "peer,direction"), keys, expected, "peers")

    def test_calls_of_peers(self):
        def came_from(_kind, call, place):
            return (place[0], True) if place[0] else (call["first"]["src"], "")
        expected = self.truth.rows("call", came_from)
        self.assertIn((generate.SCANNER, ""), expected)
        self.compare_rows(self.ask("--view", "call", "--group-by", "peer"),
                          ("peer", "peer_known"), expected, "calls of peers")

    # --- filters --------------------------------------------------------------------------------

    def test_a_filter_leaves_out_groups(self):
        self.compare_rows(
            self.ask("--group-by", "trunk", "--filter", "site = frankfurt and prefix != mobile"),
            ("trunk",),
            self.truth.rows("trunk", lambda kind, thing, place: place[:1]
                            if self.site(place) == "frankfurt" and kind == "leg"
                            and thing["label"] != "mobile" else None, channels=channels),
            "filtered")

    def test_a_filter_leaves_out_what_is_in_a_row(self):
        self.compare_rows(
            self.ask("--view", "trunk", "--filter", "trunk in (pbx, carrier-b)"), (),
            self.truth.rows("trunk", lambda kind, thing, place: ()
                            if place[0] in ("pbx", "carrier-b") else None), "two trunks")

    def test_a_filter_by_code_leaves_no_peaks(self):
        self.compare_rows(
            self.ask("--filter", "status >= 400 and status != 486"), (),
            self.truth.rows("leg", lambda kind, thing, place: ()
                            if kind != "stream" and thing["status"] >= 400
                            and thing["status"] != 486 else None, by_end=True), "by code")

    def test_what_is_unknown_is_null(self):
        self.compare_rows(
            self.ask("--view", "trunk", "--filter", "trunk = null"), (),
            self.truth.rows("trunk", lambda kind, thing, place: ()
                            if not place[0] else None), "no trunk")

    # --- time ------------------------------------------------------------------------------------

    def test_every_minute(self):
        rows = self.ask("--step", "minute")
        self.assertGreaterEqual(len(rows), 60)
        for index, row in enumerate(rows):
            first = self.truth.first_minute + index * MINUTE
            expected = self.truth.rows("leg", lambda *_: (), first, first + MINUTE)
            self.compare(row, expected[()], row["from"])

    def test_minutes_make_the_hour(self):
        whole, = self.ask("--step", "hour")
        minutes = self.ask("--step", "minute")
        for name, value in whole["counts"].items():
            self.assertEqual(sum(int(m["counts"][name]) for m in minutes), int(value), name)
        for name in ("cps_peak", "concurrent_peak", "voice_peak_kbit_s"):
            self.assertEqual(max(m[name] for m in minutes), whole[name], name)
        self.compare(whole, self.truth.rows("leg", lambda *_: ())[()], "hour")

    def test_hour_of_the_week_is_local(self):
        row, = self.ask("--group-by", "hour-of-week")
        self.assertEqual(row["hour_of_week"], 11)  # Monday, an hour ahead of UTC
        self.compare(row, self.truth.rows("leg", lambda *_: ())[()], "hour of the week")

    def test_a_part_of_the_hour(self):
        first = self.truth.first_minute + 20 * MINUTE
        row, = self.ask("--from", "2026-01-05T10:20:00Z", "--to", "2026-01-05T10:35:00Z")
        expected = self.truth.rows("leg", lambda *_: (), first, first + 15 * MINUTE)
        self.compare(row, expected[()], "15 minutes")

    # --- accuracy ----------------------------------------------------------------------------------

    def test_percentiles_are_as_near_as_promised(self):
        row, = self.ask()
        values = sorted((leg["first"] - leg["invited"]) / 1000 for leg in self.truth.legs
                        if leg["first"] is not None)
        for name, p in (("pdd_p50_ms", 50), ("pdd_p95_ms", 95)):
            exact = values[-(-p * len(values) // 100) - 1]
            self.assertLessEqual(abs(row[name] - exact), exact / 16, name)

    def test_the_mix_is_a_mix(self):
        """No figure is right because there is nothing to count."""
        row, = self.ask("--view", "call")
        never = {"interrupted"}
        for name, value in row["counts"].items():
            of_legs = name in ("messages", "retransmissions", "streams", "octets", "rrd_us") or name.startswith(("packets", "registrations"))
            if name not in never and not of_legs:
                self.assertGreater(int(value), 0, name)


class Definitions(unittest.TestCase):
    def test_the_page_says_what_the_program_says(self):
        known = lines(run("explain", "kpi", "--json"))
        page = []
        with open(os.path.join(ROOT, "docs", "kpis.md"), encoding="utf-8") as file:
            for line in file:
                cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
                if len(cells) == 7 and cells[0].startswith("`"):
                    page.append(cells)
        expected = [[f"`{d['name']}`", d["unit"] or "–", d["title"], f"`{d['formula']}`",
                     d["numerator"] or "–", d["denominator"] or "–", d["source"]]
                    for d in known]
        self.assertEqual(page, expected)

    def test_what_is_wrong_with_a_question(self):
        for options, said in (
                (["--filter", "trunk = a and mos_lq_min < 3"], "column 15: 'mos_lq_min' is no field"),
                (["--filter", "seizures > many"], "column 12: seizures is compared with a number"),
                (["--group-by", "trunk,colour"], "'colour' is none of trunk, site, peer"),
                (["--view", "leg", "--group-by", "site"], "view leg"),
                (["--view", "trunk", "--group-by", "peer"], "view trunk"),
                (["--step", "week"], "minute, hour, day")):
            done = subprocess.run([EARSHOT, "kpis", "--db", "none.db", *options],
                                  capture_output=True, text=True, check=False)
            self.assertEqual(done.returncode, 2, options)
            self.assertIn(said, done.stderr)

    def test_a_name_that_is_none(self):
        done = subprocess.run([EARSHOT, "explain", "kpi", "nothing"], capture_output=True,
                              text=True, check=False)
        self.assertEqual(done.returncode, 2)
        self.assertIn("nothing", done.stderr)


if __name__ == "__main__":
    unittest.main()
