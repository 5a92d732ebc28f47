#!/usr/bin/env python3
"""`earshot monitor` on a mirror port made of virtual interfaces: what it keeps is what
`analyze` makes of the same packets, whichever of its processes is killed meanwhile.

    EARSHOT=build/earshot run.py [-v] [TEST...]

Needs root, and a network namespace of its own, which it makes.
"""
import contextlib
import json
import os
import pathlib
import random
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import lab  # pylint: disable=wrong-import-position
import load  # pylint: disable=wrong-import-position

PCAPS = lab.ROOT / "pcaps"
CALL = PCAPS / "answered.pcap"
# Calls, media, registrations, TCP and fragments; each of another kind.
SEVERAL = [PCAPS / name for name in (
    "answered.pcap", "known_loss.pcap", "tcp.pcap", "fragments.pcap", "register_auth.pcap",
    "busy.pcap", "cancelled.pcap", "ipv6.pcap", "vlan.pcap", "dtmf.pcap", "endpoint_reports.pcap")]


def frames(*paths):
    return [frame for path in paths for frame in lab.frames_of(path)]


class SameAsAnalyze(unittest.TestCase):
    """Every column of every record, times and ids too."""

    def compare(self, between=None, paths=(CALL,), options=(), disk=None):
        sent = frames(*paths)
        half = len(sent) // 2
        with lab.lab(*options, disk=disk) as (mirror, probe):
            witness = lab.Witness(mirror.outside, probe.folder / "witness.pcap")
            mirror.send(sent[:half])
            if between:
                between(probe)
            mirror.send(sent[half:])
            witness.saw(len(sent))
            status, seconds = probe.stop()
            self.assertEqual(status, 0, probe.log.read_text())
            self.assertLess(seconds, 5)
            other = probe.folder / "analyze.db"
            subprocess.run([lab.EARSHOT, "analyze", "--no-progress", "--alerts", "--db", other,
                            *(word for word in options if word == "--messages"), witness.path],
                           check=True, capture_output=True)
            self.assertEqual(lab.differences(probe.db, other), [])
            self.assertEqual(probe.ask("SELECT count(*) FROM in_progress"), [(0,)])
            self.assertEqual(probe.ask("SELECT state, frames FROM run"),
                             [("complete", len(sent))])
            self.rules = {rule for rule, in probe.ask("SELECT rule FROM alert")}

    def test_one_call(self):
        self.compare()

    def test_calls_of_many_kinds(self):
        self.compare(paths=SEVERAL)

    def test_workers(self):
        """Frames that the kernel shares out come together again in the order of time."""
        def all_work(probe):
            tasks = pathlib.Path(f"/proc/{probe.children()['engine']}/task")
            names = sorted(path.joinpath("comm").read_text(encoding="ascii").strip()
                           for path in tasks.iterdir())
            self.assertEqual([name for name in names if name.startswith("capture-")],
                             [f"capture-{number}" for number in range(1, workers + 1)])
            if probe.seccomp() == "2":
                for path in tasks.iterdir():
                    status = path.joinpath("status").read_text(encoding="ascii")
                    for line in ("Seccomp:\t2", "NoNewPrivs:\t1", "CapEff:\t" + 16 * "0",
                                 f"Uid:\t{lab.ENGINE_UID}\t{lab.ENGINE_UID}"):
                        self.assertIn(line, status)

        def account(probe):
            all_work(probe)
            lab.until("status tells of the workers",
                      lambda: f"threads {workers}," in probe.asked()[0])
            told = json.loads(probe.asked("--json")[0])["account"]
            self.assertEqual(told["workers"]["threads"], workers)
            self.assertEqual(told["workers"]["late_frames"], 0)
        for workers in (2, 4):
            with self.subTest(workers=workers):
                self.compare(paths=SEVERAL, between=account, options=("--workers", workers))

    def test_alerts(self):
        self.compare(paths=[PCAPS / "scan.pcap", CALL])
        self.assertTrue(self.rules >= {"scanner", "extension_scan"}, self.rules)

    def test_alerts_go_on_when_the_keeper_is_killed(self):
        """What fires is found in the database, and is over when it is over: once."""
        with lab.lab() as (mirror, probe):
            mirror.send(frames(PCAPS / "scan.pcap"))
            lab.until("an alert", lambda: probe.ask(
                "SELECT 1 FROM alert WHERE state = 'firing' AND rule = 'scanner'"), 60)
            self.assertLess(probe.kill("keeper"), 1)
            probe.stop()
            stories = probe.ask("SELECT group_concat(state) FROM (SELECT id, state FROM alert "
                                "WHERE rule = 'scanner' ORDER BY seq) GROUP BY id")
            self.assertTrue(stories)
            for story, in stories:
                self.assertIn(story, ("firing", "firing,ok", "firing,clearing",
                                      "firing,clearing,ok"))

    def test_messages_whole(self):
        self.compare(options=("--messages",))

    def test_the_keeper_is_killed(self):
        def kill(probe):
            probe.has("SELECT 1 FROM leg WHERE state = 'in_progress'")
            self.assertLess(probe.kill("keeper"), 1)
        self.compare(between=kill, options=("--messages",))

    def test_somebody_else_writes(self):
        def lock(probe):
            probe.has("SELECT 1 FROM leg WHERE state = 'in_progress'")
            with probe.locked():
                lab.until("the keeper says that it waits",
                          lambda: "what comes is held" in probe.log.read_text())
            lab.until("the keeper says that it goes on",
                      lambda: "goes on" in probe.log.read_text())
        self.compare(between=lock)


    def test_the_disk_is_full(self):
        def fill(probe):
            probe.has("SELECT 1 FROM leg WHERE state = 'in_progress'")
            ballast = probe.data / "ballast"
            with ballast.open("wb", buffering=0) as file, contextlib.suppress(OSError):
                while True:
                    file.write(bytes(1 << 12))
            lab.until("the keeper says that it waits",
                      lambda: "what comes is held" in probe.log.read_text())
            ballast.unlink()
            begin = time.monotonic()
            lab.until("the keeper says that it goes on",
                      lambda: "goes on" in probe.log.read_text())
            self.assertLess(time.monotonic() - begin, 10)
        self.compare(between=fill, options=("--messages",), disk="4m")


class Processes(unittest.TestCase):
    def test_rights_are_given_up(self):
        with lab.lab() as (_, probe):
            for name, uid in (("engine", lab.ENGINE_UID), ("keeper", lab.KEEPER_UID)):
                status = probe.status(name)
                self.assertEqual(status["Uid"].split(), [str(uid)] * 4)
                self.assertEqual(status["Gid"].split(), [str(uid)] * 4)
                self.assertEqual(status["Groups"].split(), [])
                for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"):
                    self.assertEqual(int(status[kind], 16), 0, kind)
                self.assertEqual(status["NoNewPrivs"], "1")
                self.assertEqual(status["Seccomp"], probe.seccomp())
            descriptors = os.listdir(f"/proc/{probe.children()['engine']}/fd")
            self.assertLess(len(descriptors), 10)

    def test_root_is_no_user_to_run_as(self):
        with tempfile.TemporaryDirectory() as folder:
            run = subprocess.run([lab.EARSHOT, "monitor", "-i", "lo", "--db", f"{folder}/c.db",
                                  "--engine-user", "root", "--keeper-user", "64002"],
                                 capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(run.returncode, 1)
        self.assertIn("root", run.stderr)

    def test_without_rights_it_does_not_start(self):
        """As an ordinary user nothing can be dropped: not even with an interface."""
        with tempfile.TemporaryDirectory() as folder:
            os.chmod(folder, 0o777)
            run = subprocess.run(["setpriv", "--reuid=64003", "--regid=64003", "--clear-groups",
                                  lab.EARSHOT, "monitor", "-i", "lo", "--db", f"{folder}/c.db",
                                  "--engine-user", "64001", "--keeper-user", "64002"],
                                 capture_output=True, text=True, timeout=20, check=False)
        self.assertEqual(run.returncode, 1, run.stderr)
        self.assertIn("will not run like that", run.stderr)

    def test_the_engine_is_killed(self):
        sent = frames(CALL)
        with lab.lab() as (mirror, probe):
            mirror.send(sent[:len(sent) // 2])
            probe.has("SELECT 1 FROM leg WHERE state = 'in_progress'")
            self.assertLess(probe.kill("engine"), 1)
            probe.has("SELECT 1 FROM leg WHERE state = 'interrupted'")
            probe.has("SELECT 1 FROM call WHERE state = 'interrupted'")
            gap = probe.has("SELECT until - at FROM probe_event WHERE what = 'engine_gap'")
            self.assertEqual(len(gap), 1)
            self.assertTrue(0 < gap[0][0] < 1_000_000)
            probe.has("SELECT 1 FROM run WHERE state = 'running'")
            mirror.send(sent)  # the next one is kept whole
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT state FROM run ORDER BY id"),
                             [("interrupted",), ("complete",)])
            self.assertEqual(probe.ask("SELECT state FROM leg WHERE run = 2"), [("completed",)])
            self.assertEqual(probe.ask("SELECT sum(packets) FROM stream WHERE run = 2"), [(590,)])
            ladder = probe.ask("SELECT json_array_length(ladder) FROM leg WHERE run = 1")
            self.assertEqual(ladder, [(4,)])  # INVITE, 180, 200, ACK

    def test_a_call_outlives_the_engine(self):
        """What it was before is put together with what came after, once."""
        with lab.lab("--messages") as (mirror, probe):
            mirror.send(load.begin("talks"))
            mirror.send(load.begin("rings")[:3])
            probe.has("SELECT 1 FROM (SELECT count(*) AS n FROM leg) WHERE n = 2")
            before = probe.ask("SELECT sip_call_id, id, start, answered FROM leg ORDER BY 1")
            probe.kill("engine")
            probe.has("SELECT 1 FROM run WHERE id = 2")
            # The callee of one hangs up, the other is answered before its caller does.
            mirror.send(load.frame(not first, payload) for first, payload in (
                (True, load.message("talks", "BYE sip:b@b SIP/2.0", "2 BYE", 0)),
                (False, load.message("talks", "SIP/2.0 200 OK", "2 BYE", 0))))
            mirror.send(load.begin("rings")[3:] + load.end("rings"))
            mirror.send(load.end("nobody knows"))  # the end of something else
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT run, sip_call_id, state, ended_by, messages, flags, "
                                       "json_array_length(ladder) FROM leg ORDER BY 2"),
                             [(1, "rings@load", "completed", "caller", 7, '["gap"]', 7),
                              (1, "talks@load", "completed", "callee", 7, '["gap"]', 7)])
            rows = probe.ask("SELECT sip_call_id, id, start, answered FROM leg ORDER BY 1")
            self.assertEqual([row[:3] for row in rows], [row[:3] for row in before])
            self.assertEqual(rows[1], before[1])
            self.assertEqual(probe.ask("SELECT json_extract(ladder, '$[5][3]', '$[5][4]', "
                                       "'$[6][3]') FROM leg WHERE sip_call_id = 'talks@load'"),
                             [('["198.18.0.2:5060","198.18.0.1:5060",0]',)])
            self.assertEqual(probe.ask("SELECT run, state FROM call"), [(1, "completed")] * 2)
            self.assertEqual(probe.ask("SELECT run, count(*) FROM message_raw GROUP BY run"),
                             [(1, 14)])

    def test_the_parent_is_killed(self):
        """The others end in order by themselves, and the next one finds nothing undone."""
        sent = frames(CALL)
        with lab.lab() as (mirror, probe):
            mirror.send(sent)
            children = probe.children()
            self.assertEqual(set(children), {"engine", "keeper"})
            probe.parent.kill()
            probe.parent.wait()
            lab.until("the children have ended",
                      lambda: not any(os.path.exists(f"/proc/{pid}") and
                                      pathlib.Path(f"/proc/{pid}/stat").read_text(
                                          encoding="ascii").rsplit(") ", 1)[1][0] != "Z"
                                      for pid in children.values()))
            self.assertEqual(probe.ask("SELECT state FROM run"), [("complete",)])
            self.assertEqual(probe.ask("SELECT state FROM leg"), [("completed",)])
            self.assertEqual(probe.ask("SELECT sum(packets) FROM stream"), [(590,)])
            probe.start()
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT count(*) FROM leg"), [(1,)])

    def test_killed_again_and_again(self):
        """Under load, at any moment: what is kept is kept once, and the file is whole."""
        order = random.Random(5)
        rounds, sent = 8, frames(CALL)
        with lab.lab() as (mirror, probe):
            descriptors = pathlib.Path(f"/proc/{probe.parent.pid}/fd")
            before = len(os.listdir(descriptors))
            for _ in range(rounds):
                cut = order.randrange(len(sent))
                mirror.send(sent[:cut])
                probe.kill(order.choice(("engine", "keeper")))  # later each time: it is back soon
                mirror.send(sent[cut:])
            mirror.send(load.call("last"))
            lab.until("the parent has no descriptor more than before",
                      lambda: len(os.listdir(descriptors)) == before)
            self.assertEqual(probe.stop()[0], 0)
            for table in ("call", "leg", "stream"):
                self.assertEqual(probe.ask(f"SELECT run, id, count(*) FROM {table} "
                                           "GROUP BY run, id HAVING count(*) > 1"), [])
            self.assertEqual(probe.ask("SELECT count(*) FROM in_progress"), [(0,)])
            self.assertEqual(probe.ask("SELECT state FROM leg WHERE sip_call_id = 'last@load'"),
                             [("completed",)])
            probe.is_whole()

    def test_what_the_dead_left_is_marked(self):
        """All three are killed at once."""
        sent = frames(CALL)
        with lab.lab() as (mirror, probe):
            mirror.send(sent[:len(sent) // 2])
            probe.has("SELECT 1 FROM leg WHERE state = 'in_progress'")
            probe.end()
            probe.start()
            probe.has("SELECT 1 FROM leg WHERE state = 'interrupted'")
            self.assertEqual(probe.stop()[0], 0)
            probe.is_whole()


class Service(unittest.TestCase):
    def test_status_tells_how_it_fares(self):
        sent = frames(CALL)
        with lab.lab() as (mirror, probe):
            mirror.send(sent)
            status = lab.until("all frames are in the account", lambda: next(
                (s for s in [json.loads(probe.asked("--json")[0])]
                 if s["account"] and s["account"]["frames"] == len(sent)), None))
            self.assertEqual([(p["name"], p["pid"], p["ready"], p["restarts"])
                              for p in status["processes"]],
                             [(name, probe.children()[name], True, 0)
                              for name in ("engine", "keeper")])
            self.assertEqual(status["interfaces"], [{"name": "live1", "dropped": 0, "lost": 0, "up": True, "open": True}])
            self.assertEqual(status["account"]["kernel"],
                             [{"received": len(sent), "dropped": 0, "waiting": 0,
                               "silent": False}])
            self.assertEqual(status["account"]["parsed"], len(sent))
            self.assertFalse(status["insecure"])
            self.assertEqual(probe.asked()[1], 0)
            mirror.unplug()
            lab.until("it says that the interface has gone",
                      lambda: "live1       gone" in probe.asked()[0])
            self.assertEqual(probe.asked()[1], 1)
            mirror.plug()
            probe.stop()
            self.assertFalse(probe.status_socket.exists())
            self.assertEqual(probe.asked()[1], 1)

    def test_the_service_manager_is_told(self):
        with tempfile.TemporaryDirectory() as folder, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(f"{folder}/notify")
            manager.settimeout(lab.PATIENCE_S)
            with lab.lab(environment={"NOTIFY_SOCKET": f"{folder}/notify",
                                      "WATCHDOG_USEC": "1000000"}) as (_, probe):
                heard = set()
                while not {b"READY=1", b"WATCHDOG=1"} <= heard:
                    heard.add(manager.recv(100))
                probe.stop()
                while b"STOPPING=1" not in heard:
                    heard.add(manager.recv(100))
            self.assertEqual(heard, {b"READY=1", b"WATCHDOG=1", b"STOPPING=1"})

    def test_the_rights_that_the_unit_leaves_are_enough(self):
        unit = (lab.ROOT / "packaging" / "earshot.service").read_text(encoding="ascii")
        rights = [line.split("=")[1].lower().replace("cap_", "+").replace(" ", ",")
                  for line in unit.splitlines() if line.startswith("CapabilityBoundingSet=")]
        prefix = ["setpriv", "--inh-caps=-all", "--bounding-set=-all," + rights[0],
                  "--no-new-privs"]
        with lab.lab(prefix=prefix) as (mirror, probe):
            mirror.send(frames(CALL))
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT state FROM leg"), [("completed",)])

    @unittest.skipUnless(shutil.which("systemd-analyze"), "no systemd-analyze here")
    def test_the_unit_is_sealed(self):
        unit = lab.ROOT / "packaging" / "earshot.service"
        with tempfile.TemporaryDirectory() as folder:
            installed = pathlib.Path(folder, "earshot.service")
            installed.write_text(unit.read_text(encoding="ascii").replace("@PREFIX@", "/usr"),
                                 encoding="ascii")
            run = subprocess.run(["systemd-analyze", "security", "--offline=yes",
                                  "--threshold=25", "--no-pager", installed],
                                 capture_output=True, text=True, timeout=60, check=False)
        self.assertEqual(run.returncode, 0, run.stdout[-2000:] + run.stderr)


if __name__ == "__main__":
    lab.alone()
    unittest.main()
