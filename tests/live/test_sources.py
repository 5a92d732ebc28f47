#!/usr/bin/env python3
"""What `earshot monitor` hears besides frames of its own: HEP3, captures that are sent on or
come through a pipe; and what it says of a mirror port that brings nothing, or one side only.

    EARSHOT=build/earshot test_sources.py [-v] [TEST...]

Needs root, and a network namespace of its own, which it makes.
"""
import contextlib
import json
import os
import pathlib
import re
import signal
import socket
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "hep")]

import frames as hep  # pylint: disable=wrong-import-position,import-error
import packets  # pylint: disable=wrong-import-position,import-error
import lab  # pylint: disable=wrong-import-position


def now_us():
    return time.time_ns() // 1000


def sip_of(name="answered.pcap"):
    """The SIP messages of a capture: (src, dst, payload)."""
    found = [packets.udp_of(frame) for _, frame in packets.read(name)]
    return [one for one in found if one and packets.is_sip(one[2])]


def media_of(name="answered.pcap"):
    return [frame for _, frame in packets.read(name)
            if not (packets.udp_of(frame) and packets.is_sip(packets.udp_of(frame)[2]))]


def capture_now(name="answered.pcap"):
    """A capture as if it were made just now."""
    shift = now_us() - packets.read(name)[-1][0]
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "x.pcap")
        packets.write(path, [(at + shift, frame) for at, frame in packets.read(name)])
        return path.read_bytes()


class Sources(unittest.TestCase):
    HEP = ("127.0.0.1", 9060)

    def tell(self, messages, how=socket.SOCK_DGRAM, to=HEP, **more):
        with socket.socket(socket.AF_INET, how) as agent:
            agent.connect(to)
            for src, dst, payload in messages:
                agent.sendall(hep.kamailio(src, dst, now_us(), payload, **more))
                time.sleep(0.002)  # as they are told: one after the other

    def agents(self, probe, count):
        """What the status says of HEP when so many facts are in."""
        return lab.until(f"{count} facts are in the account", lambda: next(
            (s["account"]["hep"] for s in [json.loads(probe.asked("--json")[0])]
             if s["account"] and "hep" in s["account"] and sum(
                 s["account"]["hep"][name] for name in ("received", "refused", "unauthenticated",
                                                        "malformed")) == count), None))

    def test_a_call_that_is_told_and_one_that_is_seen_too(self):
        """Signalling by HEP, media on the mirror; then all of it on both."""
        for how in (socket.SOCK_DGRAM, socket.SOCK_STREAM):
            for too in (False, True):
                with self.subTest(how=how, too=too), lab.lab("--hep", "127.0.0.1:9060") as (
                        mirror, probe):
                    sip = sip_of()
                    for message in sip[:-2]:
                        if too:
                            mirror.send([packets.around(message[2], message[0], message[1])])
                        self.tell([message], how)
                    probe.has("SELECT 1 FROM leg WHERE answered IS NOT NULL")
                    mirror.send(media_of())
                    for message in sip[-2:]:
                        if too:
                            mirror.send([packets.around(message[2], message[0], message[1])])
                        self.tell([message], how)
                    probe.has("SELECT 1 FROM leg WHERE ended IS NOT NULL")
                    self.assertEqual(probe.stop()[0], 0, probe.log.read_text())
                    self.assertEqual(probe.ask("SELECT count(*) FROM call"), [(1,)])
                    self.assertEqual(probe.ask("SELECT state, messages, retransmissions FROM leg"),
                                     [("completed", len(sip), 0)])
                    self.assertEqual(probe.ask("SELECT sum(packets) FROM stream"), [(590,)])

    def test_who_may_tell(self):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "earshot.yaml")
            config.write_text("hep:\n  listen: 127.0.0.1:9060\n  key: first\n"
                              "  allow: [127.0.0.0/8]\n", encoding="ascii")
            with lab.lab("--config", config) as (_, probe):
                sip = sip_of()
                self.tell(sip, key=b"first")
                self.tell(sip, key=b"second")
                self.tell(sip)
                self.tell(sip, key=b"firs")
                self.agents(probe, 4 * len(sip))
                config.write_text("hep:\n  listen: 127.0.0.1:9060\n  key: second\n"
                                  "  allow: [198.18.0.0/15]\n", encoding="ascii")
                probe.parent.send_signal(signal.SIGHUP)
                lab.until("it has taken it", lambda: "is read again" in probe.log.read_text())
                self.tell(sip, key=b"second")
                with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
                    agent.sendto(b"no HEP", self.HEP)
                told = self.agents(probe, 5 * len(sip) + 1)
                self.assertEqual((told["received"], told["unauthenticated"], told["refused"]),
                                 (len(sip), 3 * len(sip), len(sip) + 1))
                self.assertEqual([(a["address"], a["capture_id"], a["sip"]) for a in told["agents"]],
                                 [("127.0.0.1", 1, len(sip))])
                self.assertIn("127.0.0.1 tells by HEP", probe.log.read_text())
                self.assertEqual(probe.stop()[0], 0)
                self.assertEqual(probe.ask("SELECT count(*) FROM leg"), [(1,)])

    def test_caps_are_those_of_the_configuration(self):
        """Of sixteen places for calls some are a reserve; the oldest INVITE makes room."""
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "earshot.yaml")
            config.write_text("hep:\n  listen: 127.0.0.1:9060\n"
                              "limits:\n  memory_cap: 32MiB\n  calls: 16\n", encoding="ascii")
            with lab.lab("--config", config) as (_, probe):
                src, dst, invite = sip_of()[0]
                call_id = re.search(rb"Call-ID: *(\S+)", invite).group(1)
                sip = [(src, dst, invite.replace(call_id, b"%d@cap" % n)) for n in range(40)]
                self.tell(sip)
                self.agents(probe, len(sip))
                counters = lab.until("calls make room", lambda: next(
                    (a["counters"] for a in [json.loads(probe.asked("--json")[0])["account"]]
                     if a and a["counters"].get("calls_evicted")), None))
                self.assertEqual(counters["calls"], 40)
                self.assertEqual(counters["calls_evicted"], 40 - 15)
                self.assertEqual(probe.stop()[0], 0)

    def test_a_clock_that_is_wrong(self):
        """It is told, once; and does not end the call that goes on."""
        with lab.lab("--hep", "127.0.0.1:9060") as (_, probe):
            sip = sip_of()
            self.tell(sip[:4])
            src, dst, payload = sip_of("busy.pcap")[0]
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as agent:
                for hours in (5, 6):
                    agent.sendto(hep.asterisk(src, dst, now_us() + hours * 3_600_000_000, payload),
                                 self.HEP)
            probe.has("SELECT 1 FROM probe_event WHERE what = 'clock_wrong'")
            lab.until("somebody is told", lambda: probe.ask(
                "SELECT 1 FROM alert WHERE rule = 'clock_wrong' AND state = 'firing' "
                "AND subject = '127.0.0.1 1234'"), 60)
            self.tell(sip[4:])
            probe.has("SELECT 1 FROM leg WHERE state = 'completed' OR ended IS NOT NULL")
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT subject FROM probe_event WHERE what = 'clock_wrong'"),
                             [("127.0.0.1 1234",)])
            self.assertEqual(probe.ask("SELECT max(start) < ? FROM leg".replace(
                "?", str(now_us() + 60_000_000))), [(1,)])

    def test_agents_that_send_nonsense(self):
        """A connection that is no HEP3 is closed; the others go on."""
        with lab.lab("--hep", "127.0.0.1:9060") as (_, probe):
            with socket.create_connection(self.HEP) as good, socket.create_connection(self.HEP) as bad:
                src, dst, payload = sip_of()[0]
                one = hep.kamailio(src, dst, now_us(), payload)
                good.sendall(one[:20])
                bad.sendall(b"GET / HTTP/1.0\r\n\r\n")
                bad.settimeout(lab.PATIENCE_S)
                with contextlib.suppress(ConnectionResetError):
                    self.assertEqual(bad.recv(10), b"")
                good.sendall(one[20:] + one)
                told = self.agents(probe, 3)
                self.assertEqual((told["received"], told["malformed"]), (2, 1))
            with contextlib.ExitStack() as stack:  # more than there is room for
                for _ in range(40):
                    stack.enter_context(socket.create_connection(self.HEP))
                self.tell(sip_of()[1:])
                self.agents(probe, 8)
            self.assertEqual(probe.stop()[0], 0)

    def test_a_capture_that_is_sent_on(self):
        with lab.lab("--pcap-listen", "127.0.0.1:9061", interfaces=()) as (_, probe):
            for name, legs in (("answered.pcap", 1), ("busy.pcap", 2)):  # it connects anew
                data = capture_now(name)
                with socket.create_connection(("127.0.0.1", 9061)) as sender:
                    for at in range(0, len(data), 1000):
                        sender.sendall(data[at:at + 1000])
                probe.has(f"SELECT 1 FROM leg GROUP BY run HAVING count(*) = {legs}")
                probe.has("SELECT 1 FROM probe_event WHERE what = 'stream_ended' "
                          f"GROUP BY what HAVING count(*) = {legs}")
            with socket.create_connection(("127.0.0.1", 9061)) as sender:
                sender.sendall(b"this is no capture at all, but something")
                probe.has("SELECT 1 FROM probe_event WHERE subject LIKE '%no capture%'")
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(probe.ask("SELECT state FROM leg ORDER BY start"),
                             [("completed",), ("failed",)])
            self.assertEqual(probe.ask("SELECT sum(packets) FROM stream"), [(590,)])

    def test_a_capture_through_a_pipe(self):
        with tempfile.TemporaryDirectory() as folder:
            pipe = os.path.join(folder, "pipe")
            os.mkfifo(pipe)
            with lab.lab("--read", pipe, interfaces=()) as (_, probe):
                for legs in (1, 2):
                    with open(pipe, "wb") as writer:
                        writer.write(capture_now(("answered.pcap", "busy.pcap")[legs - 1]))
                    probe.has("SELECT 1 FROM probe_event WHERE what = 'stream_ended' "
                              f"GROUP BY what HAVING count(*) = {legs}")
                self.assertEqual(probe.stop()[0], 0)
                self.assertEqual(probe.ask("SELECT state FROM leg ORDER BY start"),
                                 [("completed",), ("failed",)])

    def test_where_agents_are_heard_is_changed(self):
        """Whatever had come is read; the same port on other addresses, too."""
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "earshot.yaml")
            hep = "hep:\n  listen: {}\n  key: k\ncapture: {{interfaces: [{{name: live1}}]}}\n"
            config.write_text(hep.format("127.0.0.1:9060"), encoding="ascii")
            with lab.lab("--config", config, interfaces=()) as (_, probe):
                sip, told = sip_of(), 0
                for count, where in enumerate((None, "0.0.0.0:9060", "127.0.0.1:9070", None,
                                               "127.0.0.1:9060")):
                    if where:
                        config.write_text(hep.format(where), encoding="ascii")
                    elif count:
                        config.write_text("capture: {interfaces: [{name: live1}]}\n",
                                          encoding="ascii")
                    if where or count:
                        probe.parent.send_signal(signal.SIGHUP)
                        lab.until("it is read again", lambda count=count: probe.log.read_text()
                                  .count("is read again") >= count)
                    if not where and count:
                        continue
                    port = int((where or ":9060").rsplit(":", 1)[1])
                    self.tell(sip, key=b"k", to=("127.0.0.1", port))
                    told += len(sip)
                    self.agents(probe, told)
                self.assertEqual(probe.stop()[0], 0, probe.log.read_text())
                self.assertNotIn("stays", probe.log.read_text())

    def test_an_engine_that_dies_leaves_the_sockets(self):
        with lab.lab("--hep", "127.0.0.1:9060", "--pcap-listen", "127.0.0.1:9061",
                     interfaces=()) as (_, probe):
            self.tell(sip_of()[:3])
            probe.has("SELECT 1 FROM leg WHERE state = 'in_progress'")
            probe.kill("engine")
            self.tell(sip_of())
            probe.has("SELECT 1 FROM leg WHERE ended IS NOT NULL")
            self.assertEqual(probe.stop()[0], 0)


class Mirrors(unittest.TestCase):
    @contextlib.contextmanager
    def probe(self, capture):
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "earshot.yaml")
            config.write_text(f"capture:\n  interfaces:\n    - name: live1\n      label: the SBC\n"
                              f"      point: outside\n  {capture}\n", encoding="ascii")
            with lab.lab("--config", config, interfaces=()) as both:
                yield both

    def test_one_that_brings_nothing(self):
        with self.probe("silent_s: 1") as (mirror, probe):
            probe.has("SELECT 1 FROM probe_event WHERE what = 'silent' AND subject = 'live1'")
            lab.until("the status says so", lambda: "brings nothing" in probe.asked()[0])
            self.assertIn("silent live1", probe.asked()[0])
            one = json.loads(probe.asked("--json")[0])["interfaces"][0]
            self.assertEqual((one["label"], one["point"]), ("the SBC", "outside"))
            mirror.send(list(lab.frames_of(lab.ROOT / "pcaps" / "answered.pcap"))[:3])
            probe.has("SELECT 1 FROM probe_event WHERE what = 'heard'")
            self.assertEqual(probe.stop()[0], 0)

    def test_one_direction_only(self):
        with self.probe("one_sided_s: 1") as (mirror, probe):
            src, dst, invite = sip_of()[0]
            sent = 0

            def told(what):
                """Requests or both until it is told."""
                nonlocal sent
                for _ in range(30):
                    sent += 1
                    call = invite.replace(b"Call-ID: ", b"Call-ID: %u-" % sent)
                    mirror.send([packets.around(call, src, dst, sent)])
                    if what == "two_sided":
                        busy = sip_of("busy.pcap")
                        mirror.send([packets.around(next(m[2] for m in busy if
                                                         m[2].startswith(b"SIP/2.0 1")), dst, src, sent)])
                return probe.ask(f"SELECT subject FROM probe_event WHERE what = '{what}'")
            self.assertEqual(lab.until("one side", lambda: told("one_sided")), [("signalling",)])
            lab.until("the status says so", lambda: "is missing" in probe.asked()[0])
            self.assertEqual(lab.until("both sides", lambda: told("two_sided")), [("signalling",)])
            self.assertEqual(probe.stop()[0], 0)

    def test_what_needs_a_restart(self):
        """And no more than that; what was changed back needs none."""
        with self.probe("silent_s: 0") as (_, probe):
            path = pathlib.Path(probe.command[probe.command.index("--config") + 1])
            text = path.read_text(encoding="ascii")
            taken = "store: {keep_calls_days: 3}\nmedia:\n  codecs: [\"opus=11,20,fb\"]\n"
            for count, (more, keys) in enumerate((
                    ("store: {keep_calls_days: 3}\n", []),
                    (taken + "limits:\n  memory_cap: 1GiB\nsip: {ports: [5070]}\n",
                     ["sip.ports", "media.codecs", "limits.memory_cap"]),
                    (taken, ["media.codecs"]), ("", []))):
                path.write_text(text + more, encoding="ascii")
                probe.parent.send_signal(signal.SIGHUP)
                lab.until("it is read again", lambda count=count: probe.log.read_text().count(
                    "is read again") > count)
                said = [line for line in probe.log.read_text().splitlines() if "restart" in line]
                self.assertEqual(said[-1:] if keys else [], [
                    f"earshot: reload: only a restart takes over what changed of {', '.join(keys)}"
                ] if keys else [])
                status = json.loads(probe.asked("--json")[0])
                self.assertEqual(status["needs_restart"], keys)
            self.assertEqual(probe.stop()[0], 0)


if __name__ == "__main__":
    lab.alone()
    unittest.main()
