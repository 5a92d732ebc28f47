#!/usr/bin/env python3
"""
What receivers get of a probe that listens: a line of each call, which parses whatever a
caller wrote; heartbeats; and that one who takes nothing is nobody's trouble but his own.
"""
import json
import pathlib
import socket
import struct
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
for place in ("live", "notify"):
    sys.path.insert(0, str(HERE.parent / place))

import lab  # pylint: disable=wrong-import-position
import syslog  # pylint: disable=wrong-import-position
from cef import parse_cef  # pylint: disable=wrong-import-position

CALLER, CALLEE = "198.18.7.1", "198.18.7.2"
HOSTILE = [b'"] x="1"][evil@1 a="b"', b"a|b=c\\d", b"suser=root duser=root", b"\xff\xfe\x80",
           b"\xe2\x80\xae rtl", b"\xef\xbb\xbfbom", b"%s%n", b"\x1b[2J\x07", b"\x00nul", b"'; --",
           b"<script>", b"\xc2\x85\xe2\x80\xa8"]


def frame(src, dst, payload):
    udp = struct.pack("!HHHH", 5060, 5060, 8 + len(payload), 0) + payload
    head = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 1, 0, 64, 17, 0,
                       socket.inet_aton(src), socket.inet_aton(dst))
    total = sum(struct.unpack("!10H", head))
    total = (total & 0xffff) + (total >> 16)
    head = head[:10] + struct.pack("!H", ~(total + (total >> 16)) & 0xffff) + head[12:]
    return bytes(12) + b"\x08\x00" + head + udp


def refused(number, words):
    """INVITE, 486, ACK: a call that failed, from somebody who calls himself that."""
    lines = [b"Via: SIP/2.0/UDP 198.18.7.1;branch=z9hG4bK%d" % number,
             b'From: "x" <sip:' + words + b"@evil.example>;tag=a",
             b"Call-ID: %d-" % number + words.replace(b" ", b""), b"Content-Length: 0", b"", b""]
    tail = b"\r\n".join(lines)
    for src, dst, first, method, tag in (
            (CALLER, CALLEE, b"INVITE sip:b@c.example SIP/2.0", b"INVITE", b""),
            (CALLEE, CALLER, b"SIP/2.0 503 " + words, b"INVITE", b";tag=b"),
            (CALLER, CALLEE, b"ACK sip:b@c.example SIP/2.0", b"ACK", b";tag=b")):
        yield frame(src, dst, first + b"\r\nCSeq: 1 " + method + b"\r\nTo: <sip:b@c.example>" +
                    tag + b"\r\n" + tail)


def config(path, *entries):
    lines = ["sensor: {id: probe-1}", "alerts:", "  receivers:"]
    lines += [f'    - {{{", ".join(f"{k}: {json.dumps(v)}" for k, v in entry.items())}}}'
              for entry in entries]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o644)
    return ("-c", path, "--notifier-user", "65531")


def of(server, transport, **others):
    return {"name": transport, "transport": transport, "least": "info",
            "address": f"127.0.0.1:{server.ports[transport]}", **others}


def status(probe):
    """Receivers by their names."""
    return {one["name"]: one for one in json.loads(probe.asked("--json")[0])["receivers"]}


class Records(unittest.TestCase):
    def test_calls_of_hostile_callers(self):
        with syslog.rsyslog() as server:
            options = config(server.folder / "earshot.yaml",
                             of(server, "tcp", records="all", record_format="cef"),
                             of(server, "udp", records="bad", heartbeat_s=10),
                             of(server, "relp", records="all", record_masked=True))
            with lab.lab(*options) as (mirror, probe):
                lab.until("a notifier", lambda: "notifier" in probe.children())
                for number, words in enumerate(HOSTILE):
                    mirror.send(refused(number, words))
                mirror.send(lab.frames_of(lab.ROOT / "pcaps" / "known_loss.pcap"))

                for name in ("tcp", "relp", "udp"):
                    lab.until(f"{name} has the calls", lambda name=name: sum(
                        b" CALL " in line for line in server.lines(name)) >= len(HOSTILE) - 1, 60)
                for name in ("tcp", "relp"):
                    lab.until("all calls are told", lambda name=name: sum(
                        b" CALL " in line for line in server.lines(name)) == len(probe.ask(
                            "SELECT 1 FROM call")) and not probe.ask(
                                "SELECT 1 FROM call WHERE state = 'in_progress'"), 60)
                known = {row[0]: row[1:] for row in probe.ask(
                    "SELECT printf('%016x', id), state, mos_lq_min FROM call")}

                told = status(probe)
            self.assertEqual({one["error"] for one in told.values()}, {None})
            self.check_structured(server, known)
            self.check_cef(server, known)

    def check_structured(self, server, known):
        ids = set()
        for name in ("udp", "relp"):
            for line in server.lines(name):
                header, data, text = syslog.parse(line)
                self.assertEqual(header["host"], "probe-1")
                if header["id"] == "HEARTBEAT":
                    self.assertEqual(set(data["earshot@32473"]), {
                        "state", "delivery", "calls", "packets", "dropped", "alerts"})
                if header["id"] != "CALL":
                    continue
                call = data["call@32473"]
                self.assertIn(call["id"], known)
                self.assertEqual(call["state"], known[call["id"]][0])
                self.assertTrue(text.startswith("call " + call["state"]))
                if name == "udp":
                    self.assertEqual(call["state"], "failed")
                    continue
                ids.add(call["id"])
                self.assertNotIn("evil.example", line.decode())
                self.assertRegex(call["from"], r"^(sip:)?~[0-9a-f]{12}$")
        self.assertTrue(any(b" HEARTBEAT " in line for line in server.lines("udp")))
        self.assertEqual(ids, set(known))

    def check_cef(self, server, known):
        lines = [line for line in server.lines("tcp") if b" CALL " in line]
        names = set()
        for line in lines:
            syslog.parse(line)
            heads, values = parse_cef(line.split(b"CEF:0|", 1)[1])
            self.assertEqual(heads[0], "Earshot")
            self.assertEqual(heads[3], "call_" + known[values["externalId"]][0])
            self.assertEqual(values["outcome"], known[values["externalId"]][0])
            mos = known[values["externalId"]][1]
            self.assertEqual("cfp1" in values, mos is not None)
            if mos is not None:
                self.assertAlmostEqual(float(values["cfp1"]), mos, places=6)
            names.add(values.get("suser"))
        self.assertIn("sip:suser=root duser=root@evil.example", names)
        self.assertEqual(len({parse_cef(line.split(b"CEF:0|", 1)[1])[1]["externalId"]
                              for line in lines}), len(known))


class NeverReads(unittest.TestCase):
    def test_it_costs_nobody_else_anything(self):
        """Takes connections and no octet; others get their lines, and no frame is lost."""
        count = 800
        with syslog.rsyslog() as server, socket.socket() as deaf, \
                tempfile.TemporaryDirectory(prefix="earshot-deaf-"):
            deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            deaf.bind(("127.0.0.1", 0))
            deaf.listen(8)
            options = config(server.folder / "earshot.yaml",
                             {"name": "deaf", "transport": "tcp", "records": "all",
                              "least": "info",
                              "address": "127.0.0.1:%d" % deaf.getsockname()[1]},
                             of(server, "relp", records="all"))
            with lab.lab(*options) as (mirror, probe):
                lab.until("a notifier", lambda: "notifier" in probe.children())
                for begin in range(0, 3 * count, count):
                    for number in range(begin, begin + count):
                        mirror.send(refused(number, b"n%d-" % number + b"x" * 60))
                    lab.until("they are told", lambda begin=begin: len(
                        [1 for line in server.lines("relp") if b" CALL " in line]) >=
                        begin + count, 60)
                # What one took is known when a line was confirmed that is kept until it is.
                told = lab.until("one is left out, and the other well", lambda: (
                    one := status(probe))["deaf"]["passing_left_out"] > 0 and
                    one["relp"]["state"] != "idle" and one, 60)
                account = json.loads(probe.asked("--json")[0])["account"]
                self.assertEqual(sum(one["dropped"] for one in account["kernel"]), 0)
                self.assertEqual(told["relp"]["passing_left_out"], 0)
                self.assertEqual(told["relp"]["state"], "good")
                resident = int(probe.status("notifier")["VmRSS"].split()[0])
                self.assertLess(resident, 40 * 1024)  # KiB
                self.assertIn("relp by relp: good", probe.asked()[0])


if __name__ == "__main__":
    lab.alone(syslog.missing(relp=True))
    unittest.main()
