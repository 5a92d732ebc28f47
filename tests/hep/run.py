#!/usr/bin/env python3
"""What agents tell by HEP: calls of every sender's frames are the calls of the packets they
tell of; told and seen, a message is one.

    EARSHOT=build/earshot run.py [-v] [TEST...]
"""
import contextlib
import json
import os
import pathlib
import shutil
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "live"))

import call  # pylint: disable=wrong-import-position
import frames  # pylint: disable=wrong-import-position
import lab  # pylint: disable=wrong-import-position,import-error
import packets  # pylint: disable=wrong-import-position

EARSHOT = os.environ.get("EARSHOT", str(packets.ROOT / "build" / "earshot"))
CALL = "answered.pcap"
LATER_US = 800  # an agent tells a little later


def analyze(records):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "x.pcap")
        packets.write(path, records)
        run = subprocess.run([EARSHOT, "analyze", "--json", path], capture_output=True, text=True,
                             timeout=60, check=True)
    found = [json.loads(line) for line in run.stdout.splitlines()]
    return {kind: [o for o in found if o["kind"] == kind] for kind in {o["kind"] for o in found}}


def split(name=CALL):
    """The SIP messages of a capture, as (microseconds, src, dst, payload), and the rest."""
    sip, rest = [], []
    for at, frame in packets.read(name):
        found = packets.udp_of(frame)
        if found and packets.is_sip(found[2]):
            sip.append((at, *found))
        else:
            rest.append((at, frame))
    return sip, rest


def told(sender, messages, later=0, **more):
    return [(at + later, packets.around(sender(src, dst, at, payload, **more), number=i))
            for i, (at, src, dst, payload) in enumerate(messages)]


# What the frames of an agent cannot know.
NOT_BY_HEP = {"dscp_src", "dscp_dst", "dscp_signalling_src", "dscp_signalling_dst"}


def without(record, names=()):
    return {name: value for name, value in record.items()
            if name not in NOT_BY_HEP and name not in names and "dscp" not in name
            and "ttl" not in name}


class InCaptures(unittest.TestCase):
    def setUp(self):
        self.sip, self.rest = split()
        self.plain = analyze(packets.read(CALL))

    def same_call(self, found, ignored=()):
        for kind in ("leg", "call", "stream"):
            self.assertEqual([without(o, ignored) for o in found[kind]],
                             [without(o, ignored) for o in self.plain[kind]], kind)

    def test_every_sender_tells_the_same_call(self):
        for name, sender in frames.SIP_SENDERS.items():
            with self.subTest(name):
                found = analyze(told(sender, self.sip) + self.rest)
                self.same_call(found)
                self.assertEqual(found["summary"][0]["malformed"], {})
                self.assertEqual(found["summary"][0]["capture"]["hep_sip"], len(self.sip))

    def test_told_and_seen_is_one(self):
        for later in (-LATER_US, LATER_US):  # the agent first; the packet first
            with self.subTest(later):
                found = analyze(told(frames.kamailio, self.sip, later) + packets.read(CALL))
                self.assertEqual(len(found["leg"]), 1)
                if later > 0:
                    self.same_call(found)
                summary = found["summary"][0]
                self.assertEqual(summary["sip_messages"], len(self.sip))
                self.assertEqual(summary["capture"]["hep_copies"], len(self.sip))
                self.assertEqual(summary["parsed"], summary["frames"])

    def test_two_agents_of_one_hop_are_one(self):
        found = analyze(told(frames.kamailio, self.sip) + told(frames.asterisk, self.sip) + self.rest)
        self.same_call(found)

    def test_what_is_sent_twice_is_told_twice(self):
        at, src, dst, payload = self.sip[0]
        again = [*self.sip, (at + 500_000, src, dst, payload)]
        frames_seen = [(m[0], packets.around(m[3], m[1], m[2], number=900 + i))
                       for i, m in enumerate(again)]
        for name, records in (("told", told(frames.kamailio, again)), ("seen", frames_seen),
                              ("both", told(frames.kamailio, again) + frames_seen)):
            with self.subTest(name):
                self.assertEqual(analyze(records)["leg"][0]["retransmissions"], 1)

    def test_ipv6(self):
        payload = self.sip[0][3]
        one = frames.kamailio(("2001:db8::1", 5060), ("2001:db8::2", 5061), self.sip[0][0], payload,
                              protocol=frames.IDP)
        leg = analyze([(self.sip[0][0], packets.around(one))])["leg"][0]
        self.assertEqual((leg["src"], leg["dst"], leg["transport"]),
                         ("[2001:db8::1]:5060", "[2001:db8::2]:5061", "tls"))

    def test_rtcp_reports_of_every_sender(self):
        stream = next(s for s in self.plain["stream"] if s["direction"] == "forward")
        ssrc = int(stream["ssrc"], 16)
        call_id = self.plain["leg"][0]["sip_call_id"].encode()
        middle = self.rest[len(self.rest) // 2][0]
        for name, (sender, report) in frames.RTCP_SENDERS.items():
            with self.subTest(name):
                payload = report(0x1234, ssrc, -3, 64, 80)
                one = sender(("198.18.0.2", 4001), ("198.18.0.1", 4001), middle, payload,
                             kind=frames.RTCP, correlation=call_id)
                found = analyze([*packets.read(CALL), (middle, packets.around(one))])
                got = found["report"][0]
                self.assertEqual(got["source"], "hep_rtcp")
                self.assertEqual(got["call"], self.plain["call"][0]["id"])
                self.assertEqual(got["stream"], stream["id"])
                self.assertEqual(got["ssrc"], stream["ssrc"])
                self.assertEqual(got["loss_pct"], 25)
                self.assertEqual(got["lost_packets"], -3)
                self.assertEqual(got["jitter_ms"], 10)  # 80 ticks of 8000 Hz
                self.assertEqual(got["sip_call_id"], call_id.decode())
                # A claim: it changes nothing else.
                self.assertEqual([without(s) for s in found["stream"]],
                                 [without(s) for s in self.plain["stream"]])
                self.assertEqual(len(found["report"]), 2 if name == "heplify" else 1)
                if name == "heplify":
                    metrics = found["report"][1]
                    self.assertEqual((metrics["loss_pct"], metrics["discard_pct"], metrics["rtt_ms"]),
                                     (50, 25, 37))

    def test_rtp_reports(self):
        call_id = self.plain["leg"][0]["sip_call_id"]
        stream = self.plain["stream"][0]
        src, dst = (tuple(stream[end].rsplit(":", 1)) for end in ("src", "dst"))
        middle = self.rest[len(self.rest) // 2][0]
        for kind in (frames.RTP_SHORT, frames.RTP_FINAL):
            payload = frames.rtp_of_heplify(call_id, (src[0], int(src[1])), (dst[0], int(dst[1])),
                                            kind == frames.RTP_FINAL)
            one = frames.heplify(("192.0.2.9", 1), ("192.0.2.9", 2), middle, payload, kind=kind)
            got = analyze([*packets.read(CALL), (middle, packets.around(one))])["report"][0]
            self.assertEqual((got["source"], got["stream"], got["src"], got["dst"]),
                             ("hep_rtp", stream["id"], stream["src"], stream["dst"]))
            self.assertEqual((got["mos_lq"], got["r_lq"], got["lost_packets"], got["codec"]),
                             (4.026, 80.2, 8, "g722"))
            self.assertAlmostEqual(got["loss_pct"], 8 / 1520 * 100)
            self.assertAlmostEqual(got["jitter_ms"], 0.126)

    def test_rtcp_as_it_is(self):
        """Some agents send the packet itself; the same one on the wire counts once."""
        rtcp = [(at, *packets.udp_of(frame)) for at, frame in packets.read("known_loss.pcap")
                if packets.udp_of(frame) and packets.udp_of(frame)[2][:1] in b"\x80\x81"
                and packets.udp_of(frame)[2][1] in (200, 201)]
        self.assertTrue(rtcp)
        others = [(at, frame) for at, frame in packets.read("known_loss.pcap")
                  if (at, *(packets.udp_of(frame) or ())) not in rtcp]
        plain = analyze(packets.read("known_loss.pcap"))
        for records in (others, packets.read("known_loss.pcap")):
            agent = [(at, packets.around(frames.heplify(src, dst, at, payload, kind=frames.RTCP)))
                     for at, src, dst, payload in rtcp]
            found = analyze(records + agent)
            self.assertEqual([s["lost_after"] for s in found["stream"]],
                             [s["lost_after"] for s in plain["stream"]])

    def test_a_clock_that_is_wrong(self):
        """Its facts are taken when they come; nothing else is moved by them."""
        hour = 3600_000_000
        for off in (hour, -hour, 3_000_000):
            with self.subTest(off):
                agent = [(at, packets.around(frames.kamailio(src, dst, at + off, payload)))
                         for at, src, dst, payload in self.sip]
                found = analyze(agent + self.rest)
                self.same_call(found)
                self.assertEqual(found["summary"][0]["capture"]["hep_wrong_time"], len(self.sip))

    def test_what_is_no_hep(self):
        at, src, dst, payload = self.sip[0]
        good = frames.kamailio(src, dst, at, payload)
        bad = {
            "too long": b"HEP3" + struct.pack(">H", len(good) + 9) + good[6:],
            "too short for its head": b"HEP3\x00\x05" + good[6:],
            "chunk without its head": frames.frame(b"\x00\x00\x00\x0f\x00\x05"),
            "chunk over the end": frames.frame(b"\x00\x00\x00\x0f\x00\x20abc"),
            "address of the wrong length": frames.frame(frames.chunk(3, b"123"),
                                                        frames.chunk(11, b"\x01"),
                                                        frames.chunk(15, payload)),
            "no payload": frames.frame(frames.chunk(11, b"\x01")),
            "no type": frames.frame(frames.chunk(15, payload)),
            "no address": frames.frame(frames.chunk(11, b"\x01"), frames.chunk(15, payload)),
            "no JSON": frames.rtpengine(src, dst, at, b"{\"ssrc\":"),
            "deep JSON": frames.rtpengine(src, dst, at, b"{" + b"\"a\":[" * 500),
        }
        for name, one in bad.items():
            with self.subTest(name):
                summary = analyze([(at, packets.around(one))])["summary"][0]
                self.assertEqual(summary["malformed"], {"hep": 1})
                self.assertEqual((summary["legs"], summary["parsed"]), (0, 0))

    def test_what_is_not_for_us(self):
        at, src, dst, payload = self.sip[0]
        rtp = b"\x80\x00" + bytes(170)
        for name, one, counter in (
                ("log", frames.heplify(src, dst, at, b"something", kind=frames.LOG), "hep_logs"),
                ("another type", frames.heplify(src, dst, at, b"{}", kind=38), "hep_others"),
                ("packed", frames.frame(frames.chunk(11, b"\x01"), frames.chunk(16, payload)),
                 "hep_others"),
                ("media said to be SIP", frames.kamailio(src, dst, at, rtp), "hep_sip")):
            with self.subTest(name):
                found = analyze([(at, packets.around(one))])
                self.assertEqual(found["summary"][0]["capture"][counter], 1)
                self.assertNotIn("leg", found)
                self.assertEqual(found["summary"][0]["malformed"], {})


def has_lab():
    return os.geteuid() == 0 and all(shutil.which(name) for name in ("kamailio", "rtpengine")) and \
        os.environ.get("EARSHOT_HEP_NAMESPACE") == str(os.getpid())


@unittest.skipUnless(has_lab(), "needs root, a namespace, Kamailio and rtpengine")
class RealSenders(unittest.TestCase):
    """Kamailio's siptrace and rtpengine's --homer, on the loopback of a namespace."""

    @contextlib.contextmanager
    def relay(self, folder):
        with contextlib.ExitStack() as stack:
            def start(name, *words):
                log = stack.enter_context(open(folder / f"{name}.log", "wb"))
                one = subprocess.Popen([name, *words], stdout=log, stderr=log, cwd=folder)
                stack.callback(one.wait, 20)
                stack.callback(one.terminate)
            start("rtpengine", "--foreground", "--log-stderr", "--table=-1", "--config-file=none",
                  f"--pidfile={folder}/rtpengine.pid", "--interface=198.18.0.2",
                  "--listen-ng=127.0.0.1:22222", "--port-min=30000", "--port-max=30100",
                  "--num-threads=1", "--homer=127.0.0.1:9060", "--homer-protocol=udp",
                  "--homer-id=2001")
            lab.until("rtpengine listens", lambda: self.is_bound(22222))
            start("kamailio", "-DD", "-E", "-Y", folder, "-P", folder / "k.pid", "-m", "32", "-M", "4",
                  "-f", pathlib.Path(__file__).resolve().parent / "relay.cfg")
            lab.until("Kamailio listens", lambda: self.is_bound(5060))
            yield

    @staticmethod
    def is_bound(port):
        return f":{port:04X} " in pathlib.Path("/proc/net/udp").read_text(encoding="ascii")

    @contextlib.contextmanager
    def probe(self, *interfaces):
        with tempfile.TemporaryDirectory(prefix="earshot-hep-") as name:
            os.chmod(name, 0o711)
            config = pathlib.Path(name, "earshot.yaml")
            config.write_text("hep:\n  listen: 127.0.0.1:9060\n  allow: [127.0.0.1, 198.18.0.2]\n",
                              encoding="ascii")
            probe = lab.Probe(name, "--config", config, interfaces=interfaces)
            try:
                yield probe.start()
            finally:
                probe.end()

    @staticmethod
    def told(probe):
        """Messages so far, by kind."""
        return (json.loads(probe.asked("--json")[0])["account"] or {}).get("sip", {})

    def one_call(self, probe, legs):
        with self.relay(probe.folder):
            call.run("hep-1@198.18.0.1")
            probe.has(f"SELECT 1 FROM leg WHERE ended IS NOT NULL GROUP BY run HAVING count(*) = {legs}")
            probe.has("SELECT 1 FROM report WHERE source = 'hep_rtcp'")
            lab.until("all messages are told", lambda: self.told(probe).get("200 (BYE)") == 2)
            self.assertEqual(probe.stop()[0], 0, probe.log.read_text())
        told = json.loads(probe.ask("SELECT summary FROM run")[0][0])["hep"]["agents"]
        # 12, and Kamailio's own 100, which it sends and tells of as its workers see fit.
        self.assertEqual({(a["address"], a["capture_id"], a["sip"] >= 12, a["rtcp"] > 0) for a in told},
                         {("198.18.0.2", 77, True, False), ("127.0.0.1", 2001, False, True)})
        self.assertEqual(probe.ask("SELECT sip_call_id, src, dst, state, retransmissions FROM leg "
                                   "ORDER BY src"),
                         [("hep-1@198.18.0.1", f"198.18.0.{hop}:5060", f"198.18.0.{hop + 1}:5060",
                           "completed", 0) for hop in (1, 2)])
        self.assertEqual(probe.ask("SELECT count(*), state FROM call"), [(1, "completed")])
        # What the phones reported, as rtpengine tells it.
        self.assertEqual(set(probe.ask("SELECT reporter, sip_call_id, loss_pct, lost_packets FROM "
                                       "report WHERE source = 'hep_rtcp'")),
                         {("2001", "hep-1@198.18.0.1", 6.25, 5.0)})

    def test_told_alone(self):
        with self.probe() as probe:
            self.one_call(probe, 2)
            self.assertEqual(probe.ask("SELECT count(*) FROM stream"), [(0,)])

    def test_told_and_seen(self):
        with self.probe("lo") as probe:
            self.one_call(probe, 2)
            # Four streams through the relay, all of them whole.
            self.assertEqual(probe.ask("SELECT count(*), min(packets), max(packets) FROM stream"),
                             [(4, call.PACKETS, call.PACKETS)])
            (first,), (second,) = probe.ask("SELECT messages FROM leg ORDER BY src")
            self.assertIn(first, (6, 7))  # Kamailio's own 100, unless the 180 was quicker
            self.assertEqual(second, 6)


if __name__ == "__main__":
    if os.geteuid() == 0 and os.environ.get("EARSHOT_HEP_NAMESPACE") != str(os.getpid()):
        with contextlib.suppress(OSError, subprocess.CalledProcessError):
            subprocess.run(["unshare", "--net", "--mount", "true"], check=True, capture_output=True)
            os.environ["EARSHOT_HEP_NAMESPACE"] = str(os.getpid())  # exec keeps the process id
            os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv])
    if has_lab():
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
        for last in (1, 2, 3):
            subprocess.run(["ip", "addr", "add", f"198.18.0.{last}/32", "dev", "lo"], check=True)
    unittest.main()
