#!/usr/bin/env python3
"""`earshot export`: everything once, whatever is cut off or comes in between; the same people
hidden as in the API; and little memory."""
import csv
import glob
import io
import json
import os
import re
import resource
import sqlite3
import subprocess
import tempfile
import unittest
import urllib.request

EARSHOT = os.environ.get("EARSHOT", "build/earshot")
PCAPS = sorted(glob.glob("pcaps/*.pcap"))
TABLES = {"calls": "call", "legs": "leg", "streams": "stream", "findings": "finding",
          "reports": "report", "registrations": "registration", "encrypted": "encrypted",
          "events": "event", "security": "observation"}


def earshot(*arguments, status=0):
    done = subprocess.run([EARSHOT, *arguments], capture_output=True, check=False, timeout=60)
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done.stdout.decode(), done.stderr.decode()


def lines(text):
    return [json.loads(line) for line in text.splitlines()]


class Export(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="earshot-export-")
        cls.db = cls.at("calls.db")
        earshot("analyze", "-n", "--db", cls.db, "--json", *PCAPS)

    @classmethod
    def tearDownClass(cls):
        cls.folder.cleanup()

    @classmethod
    def at(cls, name):
        return os.path.join(cls.folder.name, name)

    def export(self, *options, db=None, status=0):
        return earshot("export", "--db", db or self.db, *options, status=status)

    def ids(self, table, where="1"):
        db = sqlite3.connect(self.db)
        ids = [row[0] for row in db.execute(f"SELECT printf('%016x', id) FROM {table} "
                                            f"WHERE {where} ORDER BY seq")]
        db.close()
        return ids

    def test_each_kind_is_exported_whole(self):
        seen = 0
        for kind, table in TABLES.items():
            out, told = self.export("--kind", kind)
            got = [item["id"] for item in lines(out)]
            # What goes on is written again and again: the last row tells all.
            where = "seq IN (SELECT max(seq) FROM observation GROUP BY id)"
            self.assertEqual(got, self.ids(table, where if kind == "security" else "1"), kind)
            self.assertRegex(told, rf"^export: {len(got)} {kind}; --after \d+ goes on")
            seen += len(got) > 0
            rows = list(csv.DictReader(io.StringIO(self.export("-k", kind, "--csv")[0])))
            self.assertEqual([row["id"] for row in rows], got)
        self.assertGreater(seen, 6)
        items = lines(self.export()[0])
        listed = lines(earshot("calls", "--db", self.db, "--limit", "100000", "--json")[0])
        self.assertCountEqual(map(json.dumps, items), map(json.dumps, listed))

    def test_the_filter_is_that_of_lists(self):
        out, _ = self.export("--kind", "legs", "--filter", "status >= 400")
        self.assertEqual([item["id"] for item in lines(out)],
                         self.ids("leg", "status >= 400"))
        self.assertIn("column 1", self.export("--filter", "statu = 1", status=2)[1])

    def test_parts_make_the_whole(self):
        whole = self.export("--kind", "legs", "--csv")[0]
        parts, place = "", []
        while True:
            out, told = self.export("--kind", "legs", "--csv", "--limit", "7", *place)
            if not out:
                break
            parts += out
            place = ["--after", re.search(r"--after (\d+)", told)[1]]
        self.assertEqual(parts, whole)

    def test_a_file_grows(self):
        output, memory, db = self.at("legs.jsonl"), self.at("legs.place"), self.at("grows.db")
        more = ["-k", "legs", "--resume", memory, "-o", output]
        earshot("analyze", "-n", "--db", db, "--json", *PCAPS[:6])
        self.export(*more, "--limit", "3", db=db)
        self.assertEqual(len(self.read(output)), 3)
        # A run that was killed: more is there than is remembered, and the last line is cut.
        with open(output, "a", encoding="utf-8") as file:
            file.write('{"kind":"leg","id":"12')
        self.export(*more, db=db)
        self.assertEqual(self.text(output), self.export("-k", "legs", db=db)[0])
        before = self.text(output)
        self.export(*more, db=db)
        self.assertEqual(self.text(output), before)
        earshot("analyze", "-n", "--db", db, "--json", *PCAPS[6:12])
        self.export(*more, db=db)
        whole = self.export("-k", "legs", db=db)[0]
        self.assertEqual(sorted(self.text(output).splitlines()), sorted(whole.splitlines()))
        self.assertTrue(self.text(output).startswith(before))
        # What cannot be gone on with stays as it is.
        kept = self.text(output)
        for other in (["-k", "calls"], ["-k", "legs", "--csv"], ["-k", "legs", "--mask"],
                      ["-k", "legs", "-f", "status = 1"]):
            told = self.export(*other, "--resume", memory, "-o", output, status=1)[1]
            self.assertIn("another kind, format or filter", told)
        self.assertEqual(self.text(output), kept)
        os.truncate(output, 5)
        self.assertIn("of which", self.export(*more, db=db, status=1)[1])
        os.remove(memory)
        self.assertIn("knows nothing of it", self.export(*more, db=db, status=1)[1])
        self.assertEqual(self.text(output), kept[:5])

    def read(self, path):
        return lines(self.text(path))

    def text(self, path):
        with open(path, encoding="utf-8", newline="") as file:
            return file.read()

    def test_a_csv_that_grows_has_one_header(self):
        output = self.at("calls.csv")
        for _ in range(4):
            self.export("--csv", "--resume", self.at("csv.place"), "-o", output, "-n", "9")
        self.assertEqual(self.text(output), self.export("--csv", "-n", "36")[0])

    def test_a_file_is_whole_or_not_there(self):
        output = self.at("whole.jsonl")
        self.export("-o", output)
        self.assertEqual(self.text(output), self.export()[0])
        broken = self.at("broken.db")
        with open(self.db, "rb") as source, open(broken, "wb") as target:
            octets = bytearray(source.read())
            octets[len(octets) // 2:] = os.urandom(len(octets) - len(octets) // 2)
            target.write(octets)
        earshot_status = subprocess.run(
            [EARSHOT, "export", "--db", broken, "-k", "streams", "-o", output],
            capture_output=True, check=False)
        self.assertEqual(earshot_status.returncode, 1, earshot_status.stderr)
        self.assertEqual(self.text(output), self.export()[0])
        self.assertEqual([name for name in os.listdir(self.folder.name)
                          if name.startswith("whole.jsonl.")], [])
        with open("/dev/full", "wb") as full:
            done = subprocess.run([EARSHOT, "export", "--db", self.db], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"standard output", done.stderr)

    def test_people_are_hidden_as_in_the_api(self):
        token = earshot("token", "add", "--db", self.db, "--role", "viewer",
                        "tool")[0].strip().splitlines()[-1].split()[-1]
        # pylint: disable-next=consider-using-with
        server = subprocess.Popen([EARSHOT, "serve", "--db", self.db, "--listen",
                                   "127.0.0.1:0"], stdout=subprocess.PIPE,
                                  stderr=subprocess.DEVNULL, text=True)
        try:
            url = server.stdout.readline().strip()
            for kind in ("legs", "streams", "calls"):
                request = urllib.request.Request(
                    f"{url}api/v1/{kind}?limit=1000",
                    headers={"Authorization": f"Bearer {token}",
                             "Accept": "application/x-ndjson"})
                with urllib.request.urlopen(request) as answer:
                    shown = {item["id"]: item for item in lines(answer.read().decode())}
                exported = {item["id"]: item
                            for item in lines(self.export("-k", kind, "--mask")[0])}
                self.assertEqual(set(shown), set(exported))
                # A tag stands for what an earlier row told; the rest is the same letter by
                # letter.
                same = sum(shown[id] == exported[id] for id in shown)
                self.assertGreater(same, len(shown) * 0.95)
            plain = {item["id"]: item for item in lines(self.export("-k", "legs")[0])}
            masked = {item["id"]: item
                      for item in lines(self.export("-k", "legs", "--mask")[0])}
            for leg in plain:
                self.assertRegex(masked[leg]["from"] or "sip:~", "^[a-z]*:?~")
                self.assertEqual(masked[leg]["status"], plain[leg]["status"])
        finally:
            server.terminate()
            server.wait()
            server.stdout.close()
        told = self.export("-k", "legs", "--mask", "-f", 'number = "123"', status=2)[1]
        self.assertIn("may name a person", told)

    def test_mistakes(self):
        for options in ([], ["--db"], ["--db", self.db, "x"], ["--db", self.db, "-k", "nothing"],
                        ["--db", self.db, "--after", "-1"], ["--db", self.db, "--after", "x"],
                        ["--db", self.db, "--resume", "x"],
                        ["--db", self.db, "--resume", "x", "-o", "y", "--after", "5"],
                        ["--db", self.db, "-f", "status\n=1"]):
            earshot("export", *options, status=2)
        earshot("export", "--db", self.at("none.db"), status=1)
        self.export("-o", self.at("no/such/folder"), status=1)


if __name__ == "__main__":
    unittest.main()
