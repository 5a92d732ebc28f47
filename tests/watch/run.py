#!/usr/bin/env python3
"""`earshot monitor --watch`: what it keeps of a folder of captures is what `analyze` makes of
the same files, however they come, and whatever is killed or started again meanwhile.

    EARSHOT=build/earshot run.py [-v] [TEST...]

Needs root.
"""
import contextlib
import gzip
import importlib.util
import json
import os
import pathlib
import random
import shutil
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "live"))

import lab  # pylint: disable=wrong-import-position,import-error

# The two points of tests/points: a call, as each shows it.
SPEC = importlib.util.spec_from_file_location("points", lab.ROOT / "tests" / "points" / "run.py")
points = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(points)

PCAPS = lab.ROOT / "pcaps"
NAMES = ("answered.pcap", "known_loss.pcap", "busy.pcap", "cancelled.pcap", "dtmf.pcap",
         "register_auth.pcap", "tcp.pcap", "endpoint_reports.pcap")


def records_of(path):
    """(header, [(seconds, nanoseconds or microseconds, bytes of the record)]) of a pcap."""
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at, found = 24, []
    while at + 16 <= len(data):
        seconds, part, length = struct.unpack_from(order + "III", data, at)
        found.append((seconds, part, data[at:at + 16 + length]))
        at += 16 + length
    return data[:24], found


def pieces(count=12):
    """One capture of many calls, cut into files: calls go over the cuts."""
    header, records = None, []
    for name in NAMES:
        head, found = records_of(PCAPS / name)
        if head == (header or head):  # of one byte order and link type
            header = head
            records += found
    records.sort(key=lambda record: record[:2])
    size = -(-len(records) // count)
    return [header + b"".join(record[2] for record in records[at:at + size])
            for at in range(0, len(records), size)]


def many_calls(count):
    """One call again and again, each with a name of its own, and all at once."""
    header, records = records_of(PCAPS / "known_loss.pcap")
    all_of_them = []
    for call in range(count):
        name = b"%016x" % call
        all_of_them += [(seconds, part + call, struct.pack("<II", seconds, part + call) +
                         data[8:].replace(b"91bde816be1ce373", name))
                        for seconds, part, data in records if part + call < 1000000]
    all_of_them.sort(key=lambda record: record[:2])
    return header + b"".join(record[2] for record in all_of_them)


class Folder:
    """A folder that captures come into, and the probe that watches it."""

    def __init__(self, path, *options):
        self.path = path
        self.captures = path / "captures"
        self.captures.mkdir()
        self.copies = path / "copies"
        self.copies.mkdir()
        self.names = []
        self.probe = lab.Probe(path, "--watch", self.captures, "--messages", *options,
                               interfaces=())

    def add(self, data, name=None):
        """As one who writes it: bit by bit, then closed."""
        name = name or f"capture_{len(self.names):04}.pcap"
        with open(self.captures / name, "wb", buffering=0) as file:
            file.write(data[:len(data) // 2])
            file.write(data[len(data) // 2:])
        self.note(name)

    def note(self, name):
        """It is one of those that count."""
        copy = self.copies / f"{len(self.names):04}_{name}"
        shutil.copy(self.captures / name, copy)
        self.names.append(copy)

    def has_read(self, count=None):
        wanted = len(self.names) if count is None else count
        self.probe.has("SELECT 1 FROM watch_file WHERE state = 'done' "
                       f"GROUP BY state HAVING count(*) >= {wanted}")

    def status(self):
        return json.loads(self.probe.asked("--json")[0])["watch"]

    def differences(self, *options):
        other = self.path / "analyze.db"
        with contextlib.suppress(FileNotFoundError):
            other.unlink()
        subprocess.run([lab.EARSHOT, "analyze", "--no-progress", "--messages", "--db", other,
                        *options, *self.names], check=False, capture_output=True)
        return lab.differences(self.probe.db, other)


class Watch(unittest.TestCase):
    @contextlib.contextmanager
    def folder(self, *options):
        with tempfile.TemporaryDirectory(prefix="earshot-watch-") as name:
            os.chmod(name, 0o711)
            folder = Folder(pathlib.Path(name), *options)
            try:
                yield folder
            finally:
                folder.probe.end()

    def same(self, folder):
        self.assertEqual(folder.probe.stop()[0], 0, folder.probe.log.read_text())
        self.assertEqual(folder.differences(), [])
        self.assertEqual(folder.probe.ask("SELECT count(*), min(state) FROM run"),
                         [(1, "complete")])
        self.assertEqual(folder.probe.ask("SELECT count(*) FROM in_progress"), [(0,)])

    def test_one_file_that_is_there(self):
        with self.folder() as folder:
            folder.add((PCAPS / "known_loss.pcap").read_bytes())
            folder.probe.start()
            folder.has_read()
            self.same(folder)

    def test_files_that_come_one_by_one(self):
        with self.folder() as folder:
            folder.probe.start()
            for data in pieces():
                folder.add(data)
            folder.has_read()
            self.same(folder)

    def test_interfaces_of_two_points(self):
        """Names in the files, and what the configuration says of them; as `analyze` has it."""
        packets = points.call()
        frames = [(0, *one) for one in points.at_a(packets)] + \
                 [(1, *one) for one in points.at_b(packets)]
        frames.sort(key=lambda frame: frame[1])
        with tempfile.TemporaryDirectory() as name:
            config = pathlib.Path(name, "c.yaml")
            config.write_text("capture: {interfaces: [{name: eth7, point: outside}, "
                              "{name: eth8, point: inside}]}\n", encoding="ascii")
            with self.folder("--config", config) as folder:
                folder.probe.start()
                for number, part in enumerate((frames[:700], frames[700:])):
                    capture = pathlib.Path(name, f"{number}.pcapng")
                    points.pcapng(capture, ("eth7", "eth8"), part)
                    folder.add(capture.read_bytes(), capture.name)
                folder.has_read()
                self.assertEqual(folder.probe.stop()[0], 0, folder.probe.log.read_text())
                self.assertEqual(folder.differences("--config", config), [])
                lost = points.PACKETS // 50
                self.assertEqual(
                    folder.probe.ask("SELECT point, direction, received, lost, "
                                     "coalesce(segment_lost_between, 0) FROM stream ORDER BY 1, 2"),
                    [("inside", "forward", points.PACKETS - lost, lost, lost),
                     ("inside", "reverse", points.PACKETS, 0, 0),
                     ("outside", "forward", points.PACKETS, 0, 0),
                     ("outside", "reverse", points.PACKETS, 0, 0)])

    def test_they_are_read_in_the_order_of_their_frames(self):
        """Names and times of change say nothing: the folder was copied."""
        with self.folder() as folder:
            parts = list(enumerate(pieces(8)))
            random.Random(3).shuffle(parts)
            for number, data in parts:
                folder.add(data, f"{99 - number}.cap")
                os.utime(folder.captures / f"{99 - number}.cap", (1e9 + number % 3, 1e9 + number % 3))
            folder.probe.start()
            folder.has_read()
            self.same(folder)

    def test_started_again_in_the_middle(self):
        with self.folder() as folder:
            parts = pieces()
            for begin in range(0, len(parts), 4):
                folder.probe.start()
                for data in parts[begin:begin + 4]:
                    folder.add(data)
                folder.has_read()
                self.same(folder)  # each time as if that were all
            folder.probe.start()  # with nothing new
            self.same(folder)
            self.assertEqual(folder.probe.ask("SELECT count(*) FROM watch_file"),
                             [(len(parts),)])

    def test_killed_in_the_middle(self):
        order = random.Random(11)
        with self.folder() as folder:
            folder.probe.start()
            for data in pieces():
                folder.add(data)
                victim = order.choice(("engine", "keeper", "all"))
                if victim == "all":
                    folder.probe.end()
                    folder.probe.start()
                else:
                    folder.probe.kill(victim)
            folder.has_read()
            self.same(folder)
            with contextlib.closing(sqlite3.connect(folder.probe.db)) as db:
                self.assertEqual(db.execute("PRAGMA integrity_check").fetchall(), [("ok",)])

    def test_killed_while_it_reads(self):
        """A file large enough that the engine dies inside of it."""
        data = many_calls(60)
        with self.folder() as folder:
            folder.probe.start()
            folder.add(data)
            for victim in ("engine", "keeper", "engine"):
                folder.probe.has("SELECT 1 FROM watch_file WHERE state <> 'found'")
                folder.probe.kill(victim)
            folder.has_read()
            self.same(folder)
            self.assertEqual(folder.probe.ask("SELECT count(*) FROM leg"), [(60,)])

    def test_a_file_that_is_written_is_left_alone(self):
        parts = pieces(2)
        with self.folder() as folder:
            path = folder.captures / "a.pcap"
            with open(path, "wb", buffering=0) as file:
                file.write(parts[0])
                folder.probe.start()
                folder.add(parts[1], "b.pcap")  # a newer one, and complete
                folder.has_read(1)
                self.assertEqual(folder.status()["waiting"], 1)
            folder.note("a.pcap")
            folder.has_read()

    def test_a_rotation_by_tcpdump(self):
        with self.folder() as folder:
            big = folder.path / "big.pcap"
            big.write_bytes(many_calls(20))
            folder.probe.start()
            run = subprocess.run(["tcpdump", "-r", big, "-w", folder.captures / "x.pcap", "-C",
                                  "1", "-Z", "root"], capture_output=True, text=True, timeout=60,
                                 check=False)
            self.assertEqual(run.returncode, 0, run.stderr)
            files = sorted(os.listdir(folder.captures), key=lambda name: (len(name), name))
            self.assertGreater(len(files), 3)
            for name in files:
                folder.note(name)
            folder.has_read()
            self.same(folder)
            self.assertEqual(folder.probe.ask("SELECT count(*) FROM leg"), [(20,)])

    def test_what_was_read_is_known_again(self):
        """Moved, copied, packed: it counts once.  A name used again: it is another file."""
        parts = pieces(3)
        with self.folder() as folder:
            folder.probe.start()
            folder.add(parts[0], "ring.pcap")
            folder.has_read()
            path = folder.captures / "ring.pcap"
            shutil.copy(path, folder.captures / "copy.pcap")
            before = path.stat()
            packed = folder.captures / ".packed"
            packed.write_bytes(gzip.compress(parts[0]))
            os.utime(packed, ns=(before.st_atime_ns, before.st_mtime_ns))  # as gzip does it
            packed.rename(folder.captures / "ring.pcap.gz")
            folder.add(parts[1], "ring.pcap")
            folder.add(parts[2], "last.pcap")
            folder.has_read()
            lab.until("all are over", lambda: folder.status()["waiting"] == 0)
            self.same(folder)

    def test_what_is_no_capture(self):
        with self.folder() as folder:
            folder.probe.start()
            folder.add(b"no capture at all\n" * 10, "notes\n\xff.txt")
            data = (PCAPS / "answered.pcap").read_bytes()
            folder.add(data[:-7], "cut.pcap")
            folder.add(b"", "empty.pcap")
            folder.add((PCAPS / "busy.pcap").read_bytes(), ".hidden.pcap")
            folder.has_read(2)
            damage = folder.probe.ask("SELECT name, damage FROM watch_file ORDER BY id")
            self.assertIn("not a capture file", damage[0][1])
            self.assertIn("runs past the end", damage[1][1])
            folder.probe.has("SELECT 1 FROM probe_event WHERE what = 'file_damaged' "
                             "GROUP BY what HAVING count(*) = 2")
            self.assertEqual(folder.probe.stop()[0], 0)
            self.assertEqual(folder.probe.ask("SELECT count(*) FROM watch_file"), [(2,)])

    def test_the_beginning_has_gone(self):
        """The ring has thrown away what a call in progress began in."""
        parts = pieces()
        with self.folder() as folder:
            folder.probe.start()
            for data in parts[:4]:
                folder.add(data)
            folder.has_read()
            folder.probe.end()
            for name in sorted(os.listdir(folder.captures)):
                (folder.captures / name).unlink()
            folder.probe.start()
            for data in parts[4:]:
                folder.add(data)
            folder.has_read()
            self.assertEqual(folder.probe.stop()[0], 0)
            self.assertEqual(folder.probe.ask("SELECT count(*), max(state = 'running') FROM run"),
                             [(2, 0)])
            self.assertEqual(folder.probe.ask("SELECT sum(frames) FROM watch_file"),
                             [(sum(len(records_of(path)[1]) for path in folder.names),)])

    def test_the_engine_may_do_no_more_than_before(self):
        with self.folder() as folder:
            folder.probe.start()
            status = folder.probe.status("engine")
            self.assertEqual(int(status["CapEff"], 16), 0)
            self.assertEqual(status["Seccomp"], folder.probe.seccomp())
            self.assertEqual(folder.status()["folder"], str(folder.captures))
            folder.probe.parent.send_signal(signal.SIGHUP)
            self.assertEqual(folder.probe.stop()[0], 0)

    def test_wrong_usage(self):
        for words in (["--watch", "/nowhere"], ["--watch", "/tmp", "-i", "lo"], []):
            run = subprocess.run([lab.EARSHOT, "monitor", "--db", "/tmp/x.db", *words],
                                 capture_output=True, text=True, timeout=20, check=False)
            self.assertEqual(run.returncode, 2, words)


if __name__ == "__main__":
    if os.geteuid() != 0:
        print("skipped: needs root")
        sys.exit(0)
    unittest.main()
