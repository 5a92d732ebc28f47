#!/usr/bin/env python3
"""What changes while `earshot monitor` runs: its configuration, and interfaces that go and come
back.  Calls go on.

    EARSHOT=build/earshot test_changes.py [-v] [TEST...]

Needs root, and a network namespace of its own, which it makes.
"""
import contextlib
import json
import os
import pathlib
import signal
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


def frames(*paths):
    return [frame for path in paths for frame in lab.frames_of(path)]


class Changes(unittest.TestCase):
    def test_trunks_are_read_again(self):
        trunk = "trunks:\n  - name: {}\n    addresses: [198.18.0.1]\n"
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "earshot.yaml")
            config.write_text(trunk.format("before"), encoding="ascii")
            sent = frames(CALL)
            with lab.lab("--config", config) as (mirror, probe):
                mirror.send(sent[:-2])
                probe.has("SELECT 1 FROM leg WHERE state = 'in_progress'")
                config.write_text("trunks: 7\n", encoding="ascii")
                probe.parent.send_signal(signal.SIGHUP)
                lab.until("it says what is wrong",
                          lambda: "the old one stays" in probe.log.read_text())
                config.write_text(trunk.format("after"), encoding="ascii")
                probe.parent.send_signal(signal.SIGHUP)
                lab.until("it has taken it", lambda: "is read again" in probe.log.read_text())
                probe.has("SELECT 1 FROM trunk WHERE name = 'after'")
                self.assertEqual(probe.ask("SELECT name FROM trunk"), [("after",)])
                mirror.send(sent[-2:])
                self.assertEqual(probe.stop()[0], 0)
                self.assertEqual(probe.ask("SELECT state, trunk_src FROM leg"),
                                 [("completed", "after")])

    def test_an_interface_goes_and_comes_back(self, *options):
        """The engine stays, and so does a call that the other interface has."""
        sent = frames(CALL)
        with contextlib.ExitStack() as stack:
            other = lab.Mirror("more")
            stack.callback(other.unplug)
            mirror, probe = stack.enter_context(lab.lab(*options, interfaces=("live1", "more1")))
            mirror.send(frames(PCAPS / "busy.pcap"))
            other.send(sent[:300])
            probe.has("SELECT 1 FROM in_progress")
            engine = probe.children()["engine"]
            for times in (1, 2, 3):
                mirror.unplug()
                probe.has("SELECT 1 FROM probe_event WHERE what = 'interface_gone' "
                          f"GROUP BY what HAVING count(*) = {times}")
                mirror.plug()
                probe.has("SELECT 1 FROM probe_event WHERE what = 'interface_back' "
                          f"GROUP BY what HAVING count(*) = {times}")
                self.hears(probe, mirror, f"r{times}")
            other.send(sent[300:])
            self.assertEqual(probe.children()["engine"], engine)
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT state FROM run"), [("complete",)])
            self.assertEqual(probe.ask("SELECT state, count(*) FROM leg GROUP BY 1 ORDER BY 1"),
                             [("completed", 4), ("failed", 1)])
            self.assertEqual(probe.ask("SELECT sum(packets) FROM stream"), [(590,)])
            self.assertEqual(probe.ask("SELECT what, subject FROM probe_event ORDER BY seq"),
                             [("interface_gone", "live1"), ("interface_back", "live1")] * 3)

    def hears(self, probe, mirror, name):
        """A call, as soon as there is a handle."""
        lab.until(f"{mirror.outside} is open", lambda: any(
            (i["name"], i["open"], i["up"]) == (mirror.outside, True, True)
            for i in json.loads(probe.asked("--json")[0])["interfaces"]))
        mirror.send(load.call(name))
        probe.has(f"SELECT 1 FROM leg WHERE sip_call_id = '{name}@load'")

    def test_an_interface_of_workers_goes_and_comes_back(self):
        self.test_an_interface_goes_and_comes_back("--workers", 3)

    @contextlib.contextmanager
    def configured(self, capture, *options):
        """Two mirrors, the probe, and a function that changes the section."""
        with tempfile.TemporaryDirectory() as folder, contextlib.ExitStack() as stack:
            config = pathlib.Path(folder, "earshot.yaml")
            config.write_text(capture, encoding="ascii")
            other = lab.Mirror("more")
            stack.callback(other.unplug)
            mirror, probe = stack.enter_context(lab.lab("--config", config, *options,
                                                        interfaces=()))

            def change(text):
                before = probe.log.read_text().count("is read again")
                config.write_text(text, encoding="ascii")
                probe.parent.send_signal(signal.SIGHUP)
                lab.until("it has taken it", lambda:
                          probe.log.read_text().count("is read again") > before)
            yield mirror, other, probe, change

    @staticmethod
    def listening(*names, more=""):
        return ("capture:\n  interfaces:\n" +
                "".join(f"    - {{name: {name}}}\n" for name in names) + more)

    def said(self, probe, words, times=1):
        lab.until(words, lambda: probe.log.read_text().count(words) >= times)

    def test_interfaces_are_added_and_removed(self, *options):
        """While a call goes on, which loses nothing; and while another begins on the new one."""
        sent = frames(CALL)
        with self.configured(self.listening("live1"), *options) as (mirror, other, probe, change):
            children = probe.children()
            mirror.send(sent[:200])
            probe.has("SELECT 1 FROM in_progress")
            change(self.listening("live1", "more1"))
            self.said(probe, "more1 is listened to")
            mirror.send(sent[200:300])
            self.hears(probe, other, "on_the_new_one")
            other.send(sent[300:400])
            self.hears(probe, other, "after_that")
            change(self.listening("live1"))
            self.said(probe, "more1 is not listened to any more")
            self.assertIn("not listened to any more", probe.asked()[0])
            self.assertEqual(probe.asked()[1], 0)
            change(self.listening("more1", "live1"))
            self.said(probe, "more1 is listened to", 2)
            self.hears(probe, other, "once_more")
            mirror.send(sent[400:])
            self.assertEqual(probe.children(), children)
            probe.has("SELECT 1 FROM leg WHERE state = 'completed' AND messages = 6")
            told = json.loads(probe.asked("--json")[0])
            self.assertEqual([(i["name"], i["open"], i.get("given_up")) for i in
                              told["interfaces"]],
                             [("live1", True, None), ("more1", True, None)])
            self.assertEqual(told["needs_restart"], [])
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT state FROM run"), [("complete",)])
            self.assertEqual(probe.ask("SELECT DISTINCT state, flags FROM leg"),
                             [("completed", "[]")])
            self.assertEqual(probe.ask("SELECT sum(packets), sum(lost) FROM stream"), [(590, 0)])

    def test_interfaces_of_workers_are_added_and_removed(self):
        self.test_interfaces_are_added_and_removed("--workers", 2)

    def test_a_filter_is_changed(self, *options):
        """And snaplen and promiscuous, which need another ring, too: it takes over to the frame."""
        sent = frames(CALL)
        with self.configured(self.listening("live1"), *options) as (mirror, _, probe, change):
            children = probe.children()
            for number, more in enumerate(("  bpf: udp\n", "  snaplen: 4000\n",
                                           "  promiscuous: false\n", "  buffer_mib: 16\n")):
                part = sent[number * 140:number * 140 + 140]
                change(self.listening("live1", more=more))
                for frame in part:
                    mirror.send([frame])
                    time.sleep(0.002)  # the change of rings is somewhere in between
                self.said(probe, "live1 is listened to", number + 1)
            mirror.send(sent[560:])
            change(self.listening("live1", more="  bpf: udp port 5070\n"))
            self.said(probe, "live1 is listened to", 5)
            lab.until("the filter is the new one", lambda: not mirror.send(
                load.call(f"f{time.monotonic_ns()}")) and probe.ask(
                    "SELECT count(*) > 3 FROM leg")[0][0])
            self.assertEqual(probe.children(), children)
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT sum(packets), sum(lost), sum(duplicates), "
                                       "sum(span_copies) FROM stream"), [(590, 0, 0, 0)])

    def test_points_and_labels_are_changed(self):
        with self.configured(self.listening("live1", "more1")) as (mirror, other, probe, change):
            change("capture:\n  interfaces:\n"
                   "    - {name: live1, point: outside, label: the carrier}\n"
                   "    - {name: more1, point: inside}\n")
            sent = load.call("two_points")
            for frame in sent:
                mirror.send([frame])
                other.send([frame])
            probe.has("SELECT 1 FROM leg WHERE ended IS NOT NULL")
            told = json.loads(probe.asked("--json")[0])["interfaces"]
            self.assertEqual([(i["name"], i["point"], i.get("label")) for i in told],
                             [("live1", "outside", "the carrier"), ("more1", "inside", None)])
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT points, messages FROM leg"),
                             [("outside,inside", load.MESSAGES)])

    def test_workers_are_changed(self):
        """That takes another engine: calls go on in their rows."""
        with self.configured(self.listening("live1")) as (mirror, _, probe, change):
            mirror.send(load.begin("talks"))
            probe.has("SELECT 1 FROM in_progress")
            engine = probe.children()["engine"]
            change(self.listening("live1", more="  workers: 2\n"))
            lab.until("another engine", lambda: probe.children().get("engine", engine) != engine)
            probe.has("SELECT 1 FROM run WHERE id = 2")
            tasks = pathlib.Path(f"/proc/{probe.children()['engine']}/task")
            lab.until("two workers", lambda: sum(
                "capture-" in (task / "comm").read_text(encoding="ascii")
                for task in tasks.iterdir()) == 2)
            lab.until("the other has gone", lambda: not os.path.exists(f"/proc/{engine}"))
            mirror.send(load.end("talks"))
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT sip_call_id, state, messages FROM leg"),
                             [("talks@load", "completed", load.MESSAGES)])

    def test_an_interface_is_set_down(self):
        """Its handle stays good: nothing but the gap is to be told."""
        sent = frames(CALL)
        with lab.lab() as (mirror, probe):
            mirror.send(sent)
            probe.has("SELECT 1 FROM in_progress")
            engine = probe.children()["engine"]
            lab.ip("link", "set", mirror.outside, "down")
            probe.has("SELECT 1 FROM probe_event WHERE what = 'interface_gone'")
            used = probe.cpu_s("engine")
            lab.ip("link", "set", mirror.outside, "up")
            probe.has("SELECT 1 FROM probe_event WHERE what = 'interface_back'")
            mirror.send(frames(PCAPS / "busy.pcap"))
            self.assertEqual(probe.children()["engine"], engine)
            self.assertEqual(probe.stop()[0], 0)
            self.assertLess(used, 0.5)
            self.assertEqual(probe.ask("SELECT state FROM leg ORDER BY start"),
                             [("completed",), ("failed",)])

    def test_two_interfaces(self):
        """One call, one half of its frames on each."""
        sent = frames(CALL)
        with contextlib.ExitStack() as stack:
            other = lab.Mirror("more")
            stack.callback(other.unplug)
            mirror, probe = stack.enter_context(lab.lab(interfaces=("live1", "more1")))
            for i, frame in enumerate(sent):
                (mirror, other)[i % 2].send([frame])
                if i == 3:  # the ACK: with nothing in between, media might overtake the answer
                    probe.has("SELECT 1 FROM leg WHERE answered IS NOT NULL")
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT state FROM leg"), [("completed",)])
            self.assertEqual(probe.ask("SELECT sum(packets) FROM stream"), [(590,)])


if __name__ == "__main__":
    lab.alone()
    unittest.main()
