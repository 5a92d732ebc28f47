#!/usr/bin/env python3
"""earshot trunks: its figures against those added up here from the records themselves.

    EARSHOT=build/earshot run.py [TEST...]
"""
import collections
import csv
import io
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest
from unittest import mock

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
# vlan and qinq are the call of answered once more: the same ids, and one row.
CAPTURES = sorted(p for p in (ROOT / "pcaps").glob("*.pcap")
                  if p.name not in ("vlan.pcap", "qinq.pcap"))
TIME_LIMIT_S = 120

CONFIG = """
trunks:
  - name: pbx
    addresses: [198.18.0.1]
    role: pbx
    site: berlin
    channels: 30
  - name: carrier
    addresses: ["198.18.0.2:5060", 198.18.0.3]
    media: [198.18.0.2]
    type: registered
  - name: six
    addresses: [2001:db8::/64]
  - name: silent
    addresses: [203.0.113.9]
"""


# Nothing that SIPp sends is like this.
DEMANDING = """
trunks:
  - name: strict
    addresses: [198.18.0.0/15]
    transports: [tcp, tls]
    dscp_signalling: 24
    codecs: [opus]
    dscp: 34
    media_security: srtp
"""


TRUNKS = "pbx", "carrier", "six", "silent"
CHANNELS = {"pbx": 30}


def run(*arguments):
    return subprocess.run([EARSHOT, *map(str, arguments)], capture_output=True, check=False,
                          timeout=TIME_LIMIT_S)


def host(endpoint):
    return endpoint.rsplit(":", 1)[0].strip("[]")


def ends(record):
    """(trunk, address) of either end; one of them is None."""
    for end in ("src", "dst"):
        name = record["trunk_" + end]
        yield (name, None) if name else (None, host(record[end]))


def peak(legs):
    """Most at once by trying each beginning."""
    spans = [(leg["start"], leg["ended"]) for leg in legs
             if leg["ended"] or leg["state"] == "in_progress"]
    return max([sum(begin <= at and (end is None or end > at) for begin, end in spans)
                for at, _ in spans], default=0)


def added_up(records):
    legs, streams = collections.defaultdict(list), collections.defaultdict(list)
    directions = collections.Counter()
    for record in records:
        if record["kind"] == "leg":
            for way, end in zip(("legs_in", "legs_out"), ends(record)):
                legs[end].append(record)
                directions[end, way] += 1
        elif record["kind"] == "stream":
            first, second = ends(record)
            streams[first].append(record)
            if second != first or first[0] is None:
                streams[second].append(record)
    result = {}
    for end in legs.keys() | streams.keys() | {(name, None) for name in TRUNKS}:
        mos = [s["mos_lq"] for s in streams[end] if s["mos_lq"] is not None]
        expected = sum(s["expected"] for s in streams[end])
        result[end] = {
            "legs_in": directions[end, "legs_in"],
            "legs_out": directions[end, "legs_out"],
            "answered": sum(leg["answered"] is not None for leg in legs[end]),
            "failed": sum(leg["state"] in ("failed", "no_response") for leg in legs[end]),
            "capacity_rejects": sum(leg["answered"] is None and
                                    (leg["q850"] in (34, 42, 44, 47) if leg["q850"]
                                     else leg["status"] == 503) for leg in legs[end]),
            "legs_peak": peak(legs[end]),
            "channels": CHANNELS.get(end[0]),
            "channels_used_pct": 100 * peak(legs[end]) / CHANNELS[end[0]]
                                 if end[0] in CHANNELS else None,
            "streams": len(streams[end]),
            "loss_pct": 100 * sum(s["lost"] for s in streams[end]) / expected
                        if expected else None,
            "mos_lq_mean": sum(mos) / len(mos) if mos else None,
            "mos_lq_min": min(mos, default=None),
        }
    return result


class Trunks(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        folder = pathlib.Path(cls.folder.name)
        cls.config, cls.db = folder / "trunks.yaml", folder / "calls.db"
        cls.config.write_text(CONFIG)
        done = run("analyze", "--json", "-n", "--db", cls.db, "-c", cls.config, *CAPTURES)
        cls.records = [json.loads(line) for line in done.stdout.splitlines()]

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    def trunks(self, *arguments):
        done = run("trunks", "--db", self.db, "--json", "--limit", 1000, *arguments)
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        return [json.loads(line) for line in done.stdout.splitlines()]

    def compare(self, rows, expected):
        rows = {(row["trunk"], row["address"]): row for row in rows}
        self.assertEqual(rows.keys(), expected.keys())
        for end, figures in expected.items():
            for name, value in figures.items():
                with self.subTest(end=end, name=name):
                    if isinstance(value, float):
                        self.assertAlmostEqual(rows[end][name], value, 9)
                    else:
                        self.assertEqual(rows[end][name], value)

    def test_every_figure_is_the_sum_of_the_records(self):
        expected = added_up(self.records)
        self.assertGreater(len(expected), 10)
        self.assertGreater(expected["pbx", None]["legs_peak"], 0)
        self.compare(self.trunks(), expected)

    def test_a_filter_leaves_the_legs_and_streams_of_its_calls(self):
        calls = {r["id"] for r in self.records
                 if r["kind"] == "call" and r["state"] == "completed"}
        of_them = [r for r in self.records if r.get("call") in calls]
        self.compare(self.trunks("--filter", "state = completed"), added_up(of_them))

    def test_trunks_come_first_and_the_configuration_names_the_silent(self):
        rows = self.trunks("--config", self.config)
        names = [row["trunk"] for row in rows]
        known = [name for name in names if name]
        self.assertEqual(set(known), {"pbx", "carrier", "six", "silent"})
        self.assertEqual(names[:len(known)], known)
        by_name = {row["trunk"]: row for row in rows}
        self.assertEqual([by_name["pbx"][k] for k in ("site", "role", "type", "channels")],
                         ["berlin", "pbx", "static", 30])
        self.assertEqual((by_name["silent"]["legs_in"], by_name["silent"]["mos_lq_min"]),
                         (0, None))

    def test_the_configuration_of_the_captures_is_kept(self):
        self.assertEqual(self.trunks(), self.trunks("--config", self.config))

    def test_a_configuration_that_is_given_goes_first(self):
        other = pathlib.Path(self.folder.name) / "other.yaml"
        other.write_text("trunks: [{name: pbx, site: oslo, channels: 7, addresses: [192.0.2.1]}]")
        by_name = {row["trunk"]: row for row in self.trunks("--config", other)}
        self.assertEqual((by_name["pbx"]["site"], by_name["pbx"]["channels"]), ("oslo", 7))
        self.assertEqual(by_name["carrier"]["role"], None)
        self.assertNotIn("silent", by_name)

    def test_the_channels_needed_are_those_of_the_kpis(self):
        done = run("kpis", "--db", self.db, "--group-by", "peer", "--json")
        needed = {(k["peer"], k["peer_known"]): k["channels"]
                  for k in map(json.loads, done.stdout.splitlines())}
        self.assertGreater(needed["pbx", True], 0)
        for row in self.trunks():
            of_peer = needed.get((row["trunk"] or row["address"], row["trunk"] is not None))
            self.assertEqual(row["channels_needed"], of_peer, row)
        for row in self.trunks("--filter", "state = completed"):
            self.assertEqual(row["channels_needed"], None)

    def test_a_trunk_is_registered_while_a_contact_stands_there(self):
        standing = collections.Counter()
        for binding in (r for r in self.records if r["kind"] == "binding"):
            standing["carrier" if binding["registrar"] == "198.18.0.2:5060" else None] += \
                binding["state"] == "registered"
        self.assertGreater(standing["carrier"], 0)
        by_name = {row["trunk"]: row for row in self.trunks()}
        self.assertEqual(by_name["carrier"]["registration"], "registered")
        self.assertEqual(by_name["carrier"]["registered"], standing["carrier"])
        self.assertIsNone(by_name["pbx"]["registration"])

    def test_what_was_not_expected_is_found_last(self):
        config = pathlib.Path(self.folder.name) / "demanding.yaml"
        config.write_text(DEMANDING)
        def found(name, *arguments):
            done = run("analyze", "--json", "-n", *arguments, ROOT / "pcaps" / name)
            records = map(json.loads, done.stdout.splitlines())
            return [r for r in records if r["kind"] == "finding"]
        healthy = found("answered.pcap", "-c", config)
        self.assertEqual([(f["code"], f["points_to"], f["evidence"]) for f in healthy],
                         [("trunk_security", "trunk", "RTP in clear by its SDP; expected SRTP"),
                          ("trunk_transport", "trunk", "udp; expected tcp or tls"),
                          ("trunk_codec", "trunk", mock.ANY)])
        self.assertIn("; expected opus", healthy[2]["evidence"])
        self.assertTrue(all("trunk strict" in f["sentence"] for f in healthy))
        self.assertEqual(found("answered.pcap"), [])
        faults = found("known_loss.pcap")
        self.assertGreater(len(faults), 0)
        self.assertEqual(found("known_loss.pcap", "-c", config)[:len(faults)], faults)

    def test_people_and_tables_get_the_same(self):
        text = run("trunks", "--db", self.db).stdout.decode()
        self.assertIn("unknown peer 198.18.", text)
        rows = self.trunks()
        table = run("trunks", "--db", self.db, "--csv", "--limit", 1000).stdout.decode()
        table = list(csv.DictReader(io.StringIO(table)))
        self.assertEqual([row["trunk"] or None for row in table],
                         [row["trunk"] for row in rows])
        self.assertEqual([int(row["legs_in"]) for row in table],
                         [row["legs_in"] for row in rows])

    def test_what_is_wrong_is_said(self):
        for arguments, word in ((["--filter", "nonsense = 1"], b"nonsense"),
                                (["--config", "/nonexistent.yaml"], b"nonexistent"),
                                (["--html", "x"], b"--html")):
            with self.subTest(arguments):
                done = run("trunks", "--db", self.db, *arguments)
                self.assertEqual((done.returncode, done.stdout), (2, b""))
                self.assertIn(word, done.stderr)
        cut = run("trunks", "--db", self.db, "--limit", 1)
        self.assertIn(b"there are more", cut.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
