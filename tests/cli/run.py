#!/usr/bin/env python3
"""What a person or a script meets at the command line: exit statuses, messages, outputs.

    EARSHOT=build/earshot run.py [TEST...]
"""
import contextlib
import csv
import gzip
import io
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import contract  # noqa: E402
import extract   # noqa: E402
import packets   # noqa: E402
from case import BELOW, Case, DONE, EARSHOT, FAILED, PCAPS, USAGE  # noqa: E402
from extract_cases import Extract  # noqa: E402, F401
from model_cases import Model  # noqa: E402, F401
from mos_cases import Mos  # noqa: E402, F401

NOBODY = 65534


class Usage(Case):
    def test_wrong_usage_exits_2_and_says_what_is_wrong(self):
        some = PCAPS / "busy.pcap"
        cases = [
            (["no command 'nonsense'"], ["nonsense"]),
            (["no capture file"], ["analyze"]),
            (["--nonsense"], ["analyze", "--nonsense", some]),
            (["--fail-below", "'9'"], ["analyze", "--fail-below", "9", some]),
            (["--bpf", "syntax error"], ["analyze", "--bpf", "udp port port", some]),
            (["--rtp-map", "'300=PCMU'"], ["analyze", "--rtp-map", "300=PCMU", some]),
            (["--rtp-map", "'nothing'"], ["analyze", "--rtp-map", "97=nothing/8000", some]),
            (["--csv", "'message'"], ["analyze", "--csv=message", some]),
            (["--sensor"], ["analyze", "--sensor", "", some]),
            (["--html", "name of a file"], ["analyze", "--html", "-", some]),
            (["--html", "for a call"], ["calls", "--db", "any.db", "--html", "any.html"]),
            (["which database"], ["calls"]),
            (["which call"], ["call", "--db", "any.db"]),
            (["which call"], ["extract", some, "-o", "any.pcap"]),
            (["where to"], ["extract", some, "--call", "x"]),
            (["no capture file"], ["extract", "--call", "x", "-o", "any.pcap"]),
            (["standard input"], ["extract", "-", "--call", "x", "-o", "any.pcap"]),
            (["--codec", "'nothing'"], ["mos", "--codec", "nothing"]),
            (["--loss", "'much'"], ["mos", "--codec", "PCMU", "--loss", "much"]),
        ]
        for words, arguments in cases:
            with self.subTest(arguments):
                self.refuse(USAGE, words, *arguments)

    def test_nothing_prints_the_help_and_exits_2(self):
        self.refuse(USAGE, ["usage: earshot COMMAND"])

    def commands(self):
        listed = self.succeed("--help").decode().partition("examples:")[0]
        return re.findall(r"^  ([a-z]+) ", listed, re.M)

    def test_help_of_everything_exits_0_with_an_example(self):
        self.assertEqual(self.succeed("--help"), self.succeed("help"))
        self.assertGreater(len(self.commands()), 20)
        for command in self.commands():
            with self.subTest(command):
                said = self.succeed(command, "--help").decode()
                self.assertIn(f"usage: earshot {command}", said)
                self.assertIn("xample", said)
                self.assertEqual(self.succeed("help", command).decode(), said)

    def test_each_option_of_the_help_is_in_the_manual_and_completed(self):
        manual = (extract.ROOT / "docs" / "earshot.1").read_text(encoding="utf-8")
        sections = re.split(r"^\.S[SH] ", manual.replace("\\-", "-"), flags=re.M)
        completion = extract.ROOT / "packaging" / "bash-completion" / "earshot"
        for command in self.commands():
            said = self.succeed(command, "--help").decode()
            options = set(re.findall(r"^ +(?:-[A-Za-z], )?(--[a-z-]+)", said, re.M)) - {"--help"}
            text = "".join(s for s in sections if s.startswith(f"earshot {command} "))
            for other in re.findall(r'Options as (?:of|for)\n\.BR? "?(?:earshot )?(\w+)', text):
                text += "".join(s for s in sections if s.startswith(f"earshot {other} "))
            offered = subprocess.run(["bash", "-c", f"""
                _init_completion() {{ words=(earshot {command} word --) cword=3 cur=-- prev=word; }}
                _filedir() {{ :; }}; compopt() {{ :; }}; complete() {{ :; }}
                . {completion}; _earshot; echo "${{COMPREPLY[@]}}" """],
                capture_output=True, check=False, text=True).stdout.split()
            with self.subTest(command):
                missing = {o for o in options if not re.search(rf"{o}\b", text)}
                self.assertEqual(missing, set(), "not in the manual")
                self.assertEqual(options - set(offered), set(), "not completed")


class Files(Case):
    def test_what_is_no_capture_is_named_with_the_reason(self):
        empty = self.file("empty.pcap", b"")
        other = self.file("other.pcap", b"this is no capture file, but a sentence\n")
        missing = self.folder / "missing.pcap"
        for path, reason in ((missing, "No such file"), (self.folder, "Is a directory"),
                             (empty, "empty"), (other, "not a capture")):
            with self.subTest(reason):
                done = self.refuse(FAILED, [str(path), reason], "analyze", path)
                self.assertEqual(done.stdout, b"")

    def test_an_unreadable_file_is_named(self):
        path = self.file("secret.pcap", (PCAPS / "busy.pcap").read_bytes())
        path.chmod(0)
        as_whom = {}
        program = EARSHOT
        if os.geteuid() == 0:  # whom no mode keeps out
            program = shutil.copy(EARSHOT, self.folder)
            self.folder.chmod(0o755)
            as_whom = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
        done = extract.run(program, "analyze", path, **as_whom)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn(f"{path}: Permission denied", done.stderr.decode())

    def test_a_damaged_file_gives_what_could_be_read(self):
        head, records = packets.split((PCAPS / "answered.pcap").read_bytes())
        whole, cut = records[:400], records[400][:30]
        path = self.file("cut.pcap", head + b"".join(whole) + cut)
        done = self.refuse(FAILED, [str(path), "packet 401", "past the end"],
                           "analyze", "--json", path)
        right = self.succeed("analyze", "--json", self.file("to400.pcap",
                                                            head + b"".join(whole)))
        self.assertEqual(done.stdout, right)
        self.assertEqual(self.lines(right)[-1]["frames"], 400)

    def test_a_damaged_file_is_told_once_and_does_not_stop_others(self):
        bad = self.file("bad.pcap", (PCAPS / "answered.pcap").read_bytes()[:-5])
        done = self.refuse(FAILED, ["bad.pcap"], "analyze", "--json", bad, PCAPS / "busy.pcap")
        legs = [r["sip_call_id"] for r in self.lines(done.stdout) if r["kind"] == "leg"]
        self.assertEqual(sorted(legs), ["answered-1@198.18.0.1", "busy-1@198.18.0.1"])
        self.assertEqual(done.stderr.count(b"\n"), 1)

    def test_plain_gzip_zstd_and_standard_input_are_the_same(self):
        plain = PCAPS / "known_loss.pcap"
        content = plain.read_bytes()
        right = self.succeed("analyze", "--json", plain)
        zipped = self.file("a.pcap.gz", gzip.compress(content))
        standard = self.folder / "a.pcap.zst"
        subprocess.run(["zstd", "-q", str(plain), "-o", str(standard)], check=True)
        self.assertEqual(self.succeed("analyze", "--json", zipped), right)
        self.assertEqual(self.succeed("analyze", "--json", standard), right)
        for stored in (plain, zipped, standard):
            self.assertEqual(self.succeed("analyze", "--json", "-",
                                          input=stored.read_bytes()), right)

    def test_a_split_capture_reads_as_the_whole(self):
        content = (PCAPS / "proxy_relay.pcap").read_bytes()
        head, records = packets.split(content)
        parts = [self.file(f"part{i}.pcap", head + b"".join(records[i * 300:(i + 1) * 300]))
                 for i in range(4)]
        interleaved = [self.file(f"turn{i}.pcap", head + b"".join(records[i::2]))
                       for i in range(2)]
        right = self.succeed("analyze", "--json", PCAPS / "proxy_relay.pcap")
        self.assertEqual(self.succeed("analyze", "--json", *reversed(parts)), right)
        self.assertEqual(self.succeed("analyze", "--json", *interleaved), right)

    def test_several_captures_give_the_calls_of_each(self):
        names = ("busy", "answered", "ipv6")
        together = self.lines(self.succeed("analyze", "--json",
                                           *(PCAPS / f"{n}.pcap" for n in names)))
        alone = [r for n in names
                 for r in self.lines(self.succeed("analyze", "--json", PCAPS / f"{n}.pcap"))]
        key = lambda r: r["id"]  # noqa: E731
        of_the_run = ("summary", "peer", "event", "binding", "observation")  # tell of all captures together
        self.assertEqual(sorted((r for r in together if r["kind"] not in of_the_run), key=key),
                         sorted((r for r in alone if r["kind"] not in of_the_run), key=key))


class Options(Case):
    def test_json_keeps_the_contract(self):
        for path in sorted(PCAPS.glob("*.pcap")):
            with self.subTest(path.name):
                output = self.succeed("analyze", "--json", "--messages", "--intervals", path)
                self.assertEqual(list(contract.violations(output)), [])

    def test_intervals_stand_behind_their_stream_and_add_up_to_it(self):
        for name in ("loss_segments", "round_trips", "one_way", "dtmf"):
            lines = self.lines(self.succeed("analyze", "--json", "--intervals",
                                            PCAPS / f"{name}.pcap"))
            streams = [i for i, r in enumerate(lines) if r["kind"] == "stream"]
            self.assertGreater(len(streams), 0)
            for i in streams:
                stream = lines[i]
                own = [r for r in lines if r.get("stream") == stream["id"] and
                       r["kind"] == "interval"]
                with self.subTest(name, stream=stream["id"]):
                    self.assertGreater(len(own), 0)
                    self.assertEqual(len(own), stream["intervals"])
                    self.assertEqual(lines[i + 1:i + 1 + len(own)], own)
                    for figure in ("expected", "lost", "octets", "duplicates", "reordered"):
                        self.assertEqual(sum(r[figure] for r in own), stream[figure], figure)
                    self.assertEqual([b["name"] for b in own[0]["buffers"]],
                                     [b["name"] for b in stream["buffers"]])
                    for k, buffer in enumerate(stream["buffers"]):
                        self.assertEqual(sum(r["buffers"][k]["discarded"] for r in own),
                                         buffer["discarded"])
                    self.assertAlmostEqual(max(r["jitter_max_ms"] for r in own),
                                           stream["jitter_max_ms"], places=2)
                    at = [r["at"] for r in own]
                    self.assertEqual(at, sorted(set(at)))
                    self.assertTrue(all(int(t[17:19]) % 5 == 0 and t[19:] == ".000000Z"
                                        for t in at))

    def test_csv_has_a_line_for_each_record_under_its_names(self):
        records = self.lines(self.succeed("analyze", "--json", PCAPS / "proxy_relay.pcap"))
        for kind in ("leg", "stream", "call"):
            with self.subTest(kind):
                output = self.succeed("analyze", f"--csv={kind}", PCAPS / "proxy_relay.pcap")
                rows = list(csv.DictReader(io.StringIO(output.decode())))
                right = [r for r in records if r["kind"] == kind]
                self.assertEqual([row["id"] for row in rows], [r["id"] for r in right])
                if kind == "stream":
                    self.assertEqual([row["packets"] for row in rows],
                                     [str(r["packets"]) for r in right])
                else:  # milliseconds, as everything that people read
                    self.assertEqual([row["start"] for row in rows],
                                     [r["start"][:-4] + "Z" for r in right])

    def test_rtp_map_explains_a_dynamic_type(self):
        ends = ("192.0.2.1", 4000), ("192.0.2.2", 4002)
        path = self.file("media.pcap", packets.pcap(
            (i * .02, packets.udp(*ends, packets.rtp(i, 960 * i, 7, 97))) for i in range(200)))
        for options, codec, basis in ((["--rtp-map", "97=opus/48000"], "opus", "configured"),
                                      (["--rtp-map", "97=L16/48000"], "L16", "configured"),
                                      ([], None, "guessed")):
            with self.subTest(options):
                stream = self.lines(self.succeed("analyze", "--json", *options, path))[0]
                self.assertEqual((stream["codec"], stream["clock_hz"], stream["clock_basis"],
                                  stream["ptime_ms"]), (codec, 48000, basis, 20))

    def test_bpf_leaves_frames_out_and_counts_them(self):
        summary = self.lines(self.succeed("analyze", "--json", "--bpf", "udp port 5060",
                                          PCAPS / "answered.pcap"))[-1]
        self.assertEqual((summary["frames"], summary["parsed"], summary["streams"],
                          summary["sip_messages"], sum(summary["dropped"].values())),
                         (596, 6, 0, 6, 590))

    def test_voice_of_other_applications_is_counted(self):
        # STUN with MS-IMPLEMENTATION-VERSION, [MS-ICE2] section 2.2.2.1
        teams = bytes.fromhex("000100082112a442") + b"abcdefghijkl" + \
            bytes.fromhex("8070000400000002")
        path = self.file("teams.pcap", packets.pcap(
            (i * .02, packets.udp(("192.0.2.1", 50000), ("192.0.2.2", 3479), teams))
            for i in range(7)))
        for options, right in (([], {"teams": {"flows": 1, "packets": 7, "octets": 7 * 56}}),
                               (["--no-ndpi"], None)):
            with self.subTest(options):
                summary = self.lines(self.succeed("analyze", "--json", *options, path))[-1]
                self.assertEqual(summary.get("applications"), right)
                self.assertEqual((summary["frames"], summary["not_ours"]), (7, 7))
        self.assertIn("other voice applications, not measured (teams 1)",
                      self.succeed("analyze", path).decode())

    def test_fail_below_exits_3_and_prints_all_the_same(self):
        right = self.succeed("analyze", PCAPS / "known_loss.pcap")  # its worst MOS is 3.93
        for mos, status in (("3.9", DONE), ("3.95", BELOW)):
            done = self.run_it("analyze", "--fail-below", mos, PCAPS / "known_loss.pcap")
            self.assertEqual((done.returncode, done.stdout), (status, right))
        self.assertEqual(self.run_it("analyze", "--fail-below", "4.9",
                                     PCAPS / "busy.pcap").returncode, DONE)  # no media

    def test_mos_of_the_standards_default_is_93_2(self):
        answer = json.loads(self.succeed("mos", "--band", "nb", "--json"))
        self.assertAlmostEqual(answer["r"], 93.2, delta=0.01)
        self.assertIsNone(answer["mos_cq"])


class Hostile(Case):
    PLANTED = (b"Evil\x1b[31m\x1b]0;title\x07\x9b2J\xff\xfe\xc0\x80 \xe2\x80\xae\x7f", b"\x1b")

    def capture(self):
        name = b"evil\x1b[2J\xff@example.com"
        planted = self.PLANTED[0]
        invite = packets.sip(b"INVITE sip:bob@example.com SIP/2.0", name, b"1 INVITE",
                             more=(b"User-Agent: " + planted,))
        invite = invite.replace(b"<sip:alice@example.com>", b"<sip:" + planted.replace(
            b" ", b"") + b"@example.com>")
        refusal = packets.sip(b"SIP/2.0 486 " + planted, name, b"1 INVITE", b";tag=b",
                              (b"Server: " + planted,))
        return self.file("evil.pcap", packets.pcap([
            (0, packets.udp(packets.CALLER, packets.CALLEE, invite)),
            (.1, packets.udp(packets.CALLEE, packets.CALLER, refusal))]))

    def assert_harmless(self, output):
        shown = output.decode("utf-8")  # raises on what is no UTF-8
        for character in shown:
            self.assertFalse(ord(character) < 32 and character != "\n" or
                             127 <= ord(character) < 160 or character in "\u202a\u202e",
                             (character, shown))

    def test_text_and_csv_escape_what_a_terminal_would_obey(self):
        path = self.capture()
        text = self.succeed("analyze", path)
        self.assert_harmless(text)
        self.assertIn(b"Evil", text)
        self.assert_harmless(self.succeed("analyze", "--csv", path).replace(b"\r", b""))

    def test_json_stays_valid(self):
        output = self.succeed("analyze", "--json", "--messages", self.capture())
        self.assertEqual(list(contract.violations(output)), [])
        self.assert_harmless(output)
        leg = [r for r in self.lines(output) if r["kind"] == "leg"][0]
        self.assertIn("Evil\x1b[31m", leg["reason"])

    def test_what_comes_back_out_of_a_database_is_escaped_too(self):
        path, db = self.capture(), self.folder / "calls.db"
        self.succeed("analyze", "--db", db, path)
        call = self.lines(self.succeed("calls", "--db", db, "--limit", "10000", "--json"))[0]["id"]
        self.assert_harmless(self.succeed("calls", "--db", db))
        self.assert_harmless(self.succeed("call", "--db", db, call))
        self.assert_harmless(self.succeed("call", "--db", db, "--json", call))
        self.assert_harmless(self.succeed("explain", "--db", db, call))
        self.assert_harmless(self.succeed("explain", "--json", path))


class Documents(Case):
    def test_figures_names_every_field(self):
        page = (extract.ROOT / "docs" / "figures.md").read_text(encoding="utf-8")
        named = set(re.findall(r"`([a-z0-9_]+)`", page))
        for path in sorted(PCAPS.glob("*.pcap")):
            for record in self.lines(self.succeed("analyze", "--json", "--messages", "--intervals",
                                                  path)):
                self.assertEqual(record.keys() - named - {"kind"}, set(), record["kind"])
            for record in self.lines(self.run_it("explain", "--json", path).stdout):
                self.assertEqual(record.keys() - named - {"kind"}, set(), record["kind"])

    def test_what_the_readme_shows_is_what_the_program_prints(self):
        readme = (extract.ROOT / "README.md").read_text(encoding="utf-8")
        shown = re.findall(r"```\n\$ build/earshot (.*)\n((?:[^`$].*\n|\n)+)```", readme)
        self.assertEqual(len(shown), 2)
        for command, output in shown:
            rest = self.succeed(*command.split(), cwd=extract.ROOT).decode()
            parts = output.split("...\n")  # what is left out
            self.assertTrue(rest.startswith(parts[0]), command)
            if len(parts) == 1:
                self.assertEqual(rest, output)
            for part in filter(None, parts):
                self.assertIn(part, rest)
                rest = rest.partition(part)[2]


class Outputs(Case):
    def test_a_full_disk_exits_1(self):
        for options in ((), ("--json",), ("--csv",)):
            with self.subTest(options), open("/dev/full", "wb") as full:
                done = subprocess.run([EARSHOT, "analyze", *options,
                                       str(PCAPS / "answered.pcap")], stdout=full,
                                      stderr=subprocess.PIPE, check=False)
                self.assertEqual(done.returncode, FAILED)
                self.assertIn(b"standard output", done.stderr)

    def test_a_reader_that_leaves_early_gets_no_flood_of_messages(self):
        path = self.file("many.pcap", packets.calls(500, 2))
        for options in ((), ("--json",)):
            with self.subTest(options):
                process = subprocess.Popen([EARSHOT, "analyze", *options, str(path)],
                                           stdout=subprocess.PIPE, stderr=subprocess.PIPE)
                process.stdout.readline()
                process.stdout.close()
                said = process.stderr.read()
                process.stderr.close()
                status = process.wait(timeout=extract.TIME_LIMIT_S)
                self.assertLessEqual(said.count(b"\n"), 1, said)
                self.assertIn(status, (FAILED, -signal.SIGPIPE))

    def test_no_colour_where_no_terminal_is(self):
        self.assertNotIn(b"\x1b", self.succeed("analyze", PCAPS / "known_loss.pcap"))


class Database(Case):
    TABLES = ("run", "call", "leg", "stream", "registration", "message_raw")

    def counts(self, db):
        with contextlib.closing(sqlite3.connect(db)) as connection:
            return {table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
                    for table in self.TABLES}

    def test_the_same_frames_again_add_nothing(self):
        db = self.folder / "calls.db"
        path = PCAPS / "proxy_relay.pcap"
        self.succeed("analyze", "--messages", "--db", db, path)
        before = self.counts(db)
        self.assertEqual((before["run"], before["call"], before["leg"], before["stream"],
                          before["message_raw"]), (1, 1, 2, 4, 13))
        again = self.run_it("analyze", "--messages", "--db", db, path)
        self.assertEqual(again.returncode, DONE)
        self.assertIn(b"nothing was added", again.stderr)
        zipped = self.file("other-name.pcap.gz", gzip.compress(path.read_bytes()))
        self.assertEqual(self.run_it("analyze", "--messages", "--db", db, zipped).returncode, DONE)
        self.assertEqual(self.counts(db), before)

    def test_what_is_no_database_is_left_alone(self):
        path = self.file("letter.db", b"Dear Sir or Madam, " * 100)
        self.refuse(FAILED, [str(path)], "analyze", "--db", path, PCAPS / "busy.pcap")
        self.assertTrue(path.read_bytes().startswith(b"Dear Sir"))

    def assert_whole(self, db, runs):
        """No half run is to be seen, and the next run works."""
        if db.exists():
            with contextlib.closing(sqlite3.connect(db)) as connection:
                self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(),
                                 [("ok",)])
                tables = [name for name, in connection.execute(
                    "SELECT name FROM sqlite_schema WHERE type = 'table'")]
            if set(self.TABLES) <= set(tables):  # else it was killed between migrations
                counts = self.counts(db)
                self.assertEqual((counts["run"], counts["call"]), (len(runs), sum(runs)))

    def test_killed_in_the_middle_it_leaves_a_whole_database(self):
        db = self.folder / "calls.db"
        self.succeed("analyze", "--db", db, PCAPS / "answered.pcap")
        size = db.stat().st_size
        many = packets.calls(20000, 0)  # more than SQLite keeps in memory
        process = subprocess.Popen([EARSHOT, "analyze", "--messages", "--db", str(db), "-"],
                                   stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)
        process.stdin.write(many[:len(many) // 10 * 9])  # more than a pipe holds: it is read
        process.stdin.flush()
        deadline = time.monotonic() + 20
        while db.stat().st_size == size and time.monotonic() < deadline:
            time.sleep(.01)  # until pages of the run are in the file
        self.assertNotEqual(db.stat().st_size, size, "nothing had been written yet")
        process.kill()
        process.wait()
        process.stdin.close()
        self.assert_whole(db, [1])
        self.succeed("analyze", "--db", db, self.file("many.pcap", many))
        self.assert_whole(db, [1, 20000])

    def test_killed_at_any_time_it_leaves_a_whole_database(self):
        path = self.file("many.pcap", packets.calls(1500, 5))
        for i in range(8):
            db = self.folder / f"killed{i}.db"
            process = subprocess.Popen([EARSHOT, "analyze", "--db", str(db), str(path)],
                                       stdout=subprocess.DEVNULL)
            time.sleep(.004 * 2 ** i if i < 6 else .02 * i)
            process.kill()
            finished = process.wait() == DONE
            with self.subTest(i):
                done = finished or db.exists() and self.is_complete(db)
                self.assert_whole(db, [1500] if done else [])

    def is_complete(self, db):
        with contextlib.closing(sqlite3.connect(db)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_schema "
                                      "WHERE name = 'run'").fetchall():
                return False
            return connection.execute("SELECT count(*) FROM run").fetchone()[0] == 1

    def test_every_command_works_on_the_result(self):
        db = self.folder / "calls.db"
        captures = sorted(PCAPS.glob("*.pcap"))
        for path in captures:
            self.run_it("analyze", "--db", db, path)
        calls = self.lines(self.succeed("calls", "--db", db, "--limit", "10000", "--json"))
        right = {r["id"] for path in captures for r in extract.records(EARSHOT, path)
                 if r["kind"] == "call"}
        self.assertEqual({call["id"] for call in calls}, right)
        self.assertIn(b"forked-1", self.succeed("call", "--db", db, "forked-1@198.18.0.1"))
        call = next(r for r in extract.records(EARSHOT, PCAPS / "known_loss.pcap")
                    if r["kind"] == "call")
        ladder = self.succeed("call", "--db", db, call["id"]).decode()
        for word in ("INVITE", "180 Ringing", "ACK", "BYE", "46 lost"):
            self.assertIn(word, ladder)
        self.assertIn(b"93.2", self.succeed("explain", "--db", db, call["id"]))
        self.refuse(FAILED, ["ffffffffffffffff"], "call", "--db", db, "ffffffffffffffff")


if __name__ == "__main__":
    unittest.main()
