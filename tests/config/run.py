#!/usr/bin/env python3
"""The configuration as a user meets it: the shipped files, the checker, what it changes.

    EARSHOT=build/earshot run.py [TEST...]
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
PCAPS = ROOT / "pcaps"
TIME_LIMIT_S = 60

TRUNKS = """
trunks:
  - name: uac
    addresses: [198.18.0.1]
  - name: uas
    addresses: ["198.18.0.2:5060"]
    media: [198.18.0.0/16]
"""


def run(*arguments, stdin=b""):
    return subprocess.run([EARSHOT, *map(str, arguments)], input=stdin, capture_output=True,
                          timeout=TIME_LIMIT_S)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text)
        return path

    def succeed(self, *arguments, **options):
        done = run(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (0, b""), arguments)
        return done.stdout

    def records(self, *arguments, kind):
        out = self.succeed("analyze", "--json", *arguments)
        return [r for r in map(json.loads, out.splitlines()) if r["kind"] == kind]


class Pages(Case):
    def test_the_shipped_files_are_what_the_table_says(self):
        for path, what in (("packaging/earshot.yaml", "example"),
                           ("docs/configuration.md", "reference")):
            with self.subTest(path):
                self.assertEqual((ROOT / path).read_bytes(), self.succeed("config", what),
                                 "run make config-pages")

    def test_the_shipped_example_is_good(self):
        said = self.succeed("config", "check", ROOT / "packaging" / "earshot.yaml")
        self.assertIn(b"is good", said)


class Check(Case):
    def test_a_slip_is_named_with_file_line_and_what_is_allowed(self):
        path = self.file("bad.yaml", "media:\n  audio: perhaps\n")
        done = run("config", "check", path)
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertIn(f"{path}:2: media.audio: 'perhaps' is not true or false",
                      done.stderr.decode())

    def test_standard_input_can_be_checked(self):
        said = self.succeed("config", "check", "-", stdin=TRUNKS.encode())
        self.assertIn(b"2 trunks", said)

    def test_wrong_usage_exits_2(self):
        for arguments in ([], ["check"], ["nonsense"], ["example", "more"]):
            with self.subTest(arguments):
                done = run("config", *arguments)
                self.assertEqual(done.returncode, 2)
                self.assertIn(b"--help", done.stderr)

    def test_no_capture_is_read_with_a_bad_file(self):
        done = run("analyze", "-c", self.file("bad.yaml", "sip: [1]\n"),
                   PCAPS / "busy.pcap")
        self.assertEqual((done.returncode, done.stdout), (2, b""))
        self.assertIn(b"bad.yaml:1: sip: has to be", done.stderr)

    def test_an_endless_file_ends(self):
        done = run("config", "check", "-", stdin=b"# " + b"x" * (9 << 20))
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"longer than", done.stderr)


class Trunks(Case):
    def test_legs_and_streams_have_the_trunks_of_their_ends(self):
        path = self.file("trunks.yaml", TRUNKS)
        capture = PCAPS / "answered.pcap"
        for leg in self.records("-c", path, capture, kind="leg"):
            self.assertEqual((leg["src"], leg["dst"]), ("198.18.0.1:5060", "198.18.0.2:5060"))
            self.assertEqual((leg["trunk_src"], leg["trunk_dst"]), ("uac", "uas"))
        streams = self.records("-c", path, capture, kind="stream")
        self.assertEqual(len(streams), 2)
        names = {"198.18.0.1": "uac", "198.18.0.2": "uas"}
        for stream in streams:
            for end in ("src", "dst"):
                self.assertEqual(stream["trunk_" + end],
                                 names[stream[end].split(":")[0]])

    def test_unknown_peers_have_no_trunk(self):
        for kind in ("leg", "stream"):
            for record in self.records(PCAPS / "answered.pcap", kind=kind):
                self.assertIsNone(record["trunk_src"])
                self.assertIsNone(record["trunk_dst"])

    def test_a_database_has_them_and_other_trunks_make_another_run(self):
        path = self.file("trunks.yaml", TRUNKS)
        comment = self.file("comment.yaml", "# the same\n" + TRUNKS)
        other = self.file("other.yaml", TRUNKS.replace("uac", "phones"))
        db = self.folder / "calls.db"
        capture = PCAPS / "answered.pcap"
        self.succeed("analyze", "--db", db, "-c", path, capture)
        again = run("analyze", "--db", db, "-c", comment, capture)
        self.assertIn(b"has these frames already", again.stderr)
        call = json.loads(self.succeed("calls", "--db", db, "--json"))["id"]
        for name, config in (("uac", None), ("phones", other)):
            if config:
                self.succeed("analyze", "--db", db, "-c", config, capture)
            out = self.succeed("call", "--db", db, "--json", call).splitlines()
            legs = [r for r in map(json.loads, out) if r["kind"] == "leg"]
            self.assertEqual([leg["trunk_src"] for leg in legs], [name])


class OtherCommands(Case):
    def test_explain_and_extract_see_what_analyze_saw(self):
        path = self.file("here.yaml", "sensor: {id: here}\n" + TRUNKS)
        capture = PCAPS / "answered.pcap"
        call = self.records("-c", path, capture, kind="call")[0]["id"]
        out = self.succeed("explain", "--json", "-n", capture, "--call", call, "--config", path)
        legs = [leg for e in map(json.loads, out.splitlines()) for leg in e.get("legs", [])]
        self.assertEqual([leg["trunk_src"] for leg in legs], ["uac"])
        part = self.folder / "part.pcap"
        self.succeed("extract", "-n", capture, "-c", call, "-o", part, "-C", path)
        self.assertEqual(self.records("-c", path, part, kind="call")[0]["id"], call)
        for command in (["explain", capture], ["extract", capture, "-c", call, "-o", part]):
            done = run(*command, "--config", self.file("bad.yaml", "sip: [1]\n"))
            self.assertEqual(done.returncode, 2)
            self.assertIn(b"bad.yaml:1: sip: has to be", done.stderr)


class Settings(Case):
    def test_the_file_sets_what_the_options_set_and_options_go_before(self):
        capture = PCAPS / "answered.pcap"
        path = self.file("quality.yaml", "media:\n  interval_s: 2\n  jitter_buffers: "
                         "40,120,20-300\n  no_plc: true\n  codecs: ['PCMA=3,9']\n"
                         "sensor: {id: here}\n")
        by_options = self.succeed("analyze", "--json", "-i", "2", "-J", "40,120,20-300", "-p",
                                  "--codec", "PCMA=3,9", "-s", "here", capture)
        self.assertEqual(self.succeed("analyze", "--json", "-c", path, capture), by_options)
        self.assertNotEqual(self.succeed("analyze", "--json", capture), by_options)
        self.assertEqual(self.succeed("analyze", "--json", "-s", "there", "-c", path, capture),
                         self.succeed("analyze", "--json", "-c", path, "-s", "there", capture))
        self.assertNotEqual(self.succeed("analyze", "--json", "-c", path, "-s", "there",
                                         capture), by_options)


if __name__ == "__main__":
    unittest.main(verbosity=1)
