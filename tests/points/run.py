#!/usr/bin/env python3
"""What two points of the network show of the same calls.

    EARSHOT=build/earshot run.py

A call is generated as it passes point A and, a few milliseconds later, point B; what is lost
and delayed between them is known by construction.
"""
import csv
import io
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.append(str(ROOT / "tests" / "hep"))

import frames as hep  # pylint: disable=wrong-import-position,import-error

EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
PHONE, PBX = "198.18.0.10", "198.18.1.20"
BEGIN = 1767225600.0
PACKETS = 500
BETWEEN_S = 0.004  # from A to B
SSRC = {PHONE: 0x11111111, PBX: 0x22222222}


def ip(text):
    return bytes(int(part) for part in text.split("."))


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


class Packet:
    """A UDP datagram as it is sent; each point sees it in a frame of its own."""
    next_id = 1

    def __init__(self, at, src, dst, port, payload, dst_port=None):
        self.at, self.src, self.dst, self.payload = at, src, dst, payload
        self.port, self.dst_port = port, dst_port or port
        self.id = Packet.next_id
        Packet.next_id = Packet.next_id % 65535 + 1

    def frame(self, ttl=64, vlan=None):
        udp = struct.pack(">HHHH", self.port, self.dst_port, len(self.payload) + 8, 0)
        head = struct.pack(">BBHHHBBH", 0x45, 0, 28 + len(self.payload), self.id, 0, ttl, 17, 0)
        head += ip(self.src) + ip(self.dst)
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        tag = b"" if vlan is None else struct.pack(">HH", 0x8100, vlan)
        return bytes(12) + tag + b"\x08\x00" + head + udp + self.payload


def sip(line, extra="", body="", to_tag=True):
    method = line.split()[0]
    cseq = "2 BYE" if method == "BYE" or "BYE" in extra else \
        "1 ACK" if method == "ACK" else "1 INVITE"
    return (f"{line}\r\nVia: SIP/2.0/UDP {PHONE}:5060;branch=z9hG4bK{cseq.replace(' ', '')}\r\n"
            f"From: <sip:a@{PHONE}>;tag=f\r\nTo: <sip:b@{PBX}>{';tag=t' if to_tag else ''}\r\n"
            f"Call-ID: points@test\r\nCSeq: {cseq}\r\nContact: <sip:x@{PHONE}>\r\n"
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n{body}").encode()


def sdp(host):
    return (f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
            "m=audio 4000 RTP/AVP 8\r\n")


def rtp(src, number):
    noise = random.Random(src + str(number))
    return struct.pack(">BBHII", 0x80, 8, number, number * 160, SSRC[src]) + \
        bytes(noise.randrange(256) for _ in range(160))


def call(retransmit=(), count=PACKETS):
    """All packets of a call with so many of RTP each way, in order of time; those of
    `retransmit` are sent again."""
    steps = [(0.0, PHONE, sip(f"INVITE sip:b@{PBX} SIP/2.0", body=sdp(PHONE), to_tag=False)),
             (0.02, PBX, sip("SIP/2.0 180 Ringing")),
             (0.9, PBX, sip("SIP/2.0 200 OK", body=sdp(PBX))),
             (0.95, PHONE, sip(f"ACK sip:b@{PBX} SIP/2.0")),
             (1.2 + count * 0.02, PHONE, sip(f"BYE sip:b@{PBX} SIP/2.0")),
             (1.25 + count * 0.02, PBX, sip("SIP/2.0 200 OK", extra="BYE").replace(
                 b"1 INVITE", b"2 BYE"))]
    packets = []
    for place, (at, src, payload) in enumerate(steps):
        dst = PBX if src == PHONE else PHONE
        packets.append(Packet(BEGIN + at, src, dst, 5060, payload))
        if place in retransmit:
            packets.append(Packet(BEGIN + at + 0.5, src, dst, 5060, payload))
    for src, dst in ((PHONE, PBX), (PBX, PHONE)):
        for number in range(count):
            packets.append(Packet(BEGIN + 1 + number * 0.02, src, dst, 4000, rtp(src, number)))
    return sorted(packets, key=lambda packet: packet.at)


def pcap(path, frames):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for at, frame in sorted(frames, key=lambda f: f[0]):
            out.write(struct.pack("<IIII", int(at), round(at % 1 * 1e6) % 1000000, len(frame),
                                  len(frame)) + frame)


def pcapng(path, names, frames):
    """frames: (interface, time, bytes)"""
    def block(kind, body):
        return struct.pack("<II", kind, len(body) + 12) + body + struct.pack("<I", len(body) + 12)

    def padded(data):
        return data + bytes(-len(data) % 4)

    with open(path, "wb") as out:
        out.write(block(0x0a0d0d0a, struct.pack("<IHHq", 0x1a2b3c4d, 1, 0, -1)))
        for name in names:
            out.write(block(1, struct.pack("<HHI", 1, 0, 65535) + struct.pack("<HH", 2, len(name))
                            + padded(name.encode()) + struct.pack("<HH", 0, 0)))
        for interface, at, frame in sorted(frames, key=lambda f: f[1]):
            ticks = round(at * 1e6)
            out.write(block(6, struct.pack("<IIIII", interface, ticks >> 32, ticks & 0xffffffff,
                                           len(frame), len(frame)) + padded(frame)))


def analyse(*arguments):
    run = subprocess.run([EARSHOT, "analyze", "--json", "--no-progress", *map(str, arguments)],
                         capture_output=True, timeout=60, check=False)
    if run.returncode:
        raise AssertionError(run.stderr.decode())
    records = [json.loads(line) for line in run.stdout.splitlines()]
    of = {kind: [r for r in records if r["kind"] == kind]
          for kind in ("leg", "call", "stream", "finding")}
    return of, records[-1]


def is_lost(packet):
    """Every fiftieth packet of the phone does not get from A to B."""
    return packet.src == PHONE and packet.port == 4000 and \
        struct.unpack(">H", packet.payload[2:4])[0] % 50 == 25


def at_a(packets):
    """The PBX lies behind B: its packets come by there first."""
    return [(p.at + (BETWEEN_S if p.src == PBX else 0), p.frame(ttl=64)) for p in packets]


def at_b(packets):
    return [(p.at + (BETWEEN_S if p.src == PHONE else 0), p.frame(ttl=63, vlan=7))
            for p in packets if not is_lost(p)]


def told(packets, later=0.0008):
    """What an agent at the PBX tells of them: the SIP, a moment later than B sees it."""
    out = []
    for p in packets:
        if p.port == 5060:
            at = p.at + later + (BETWEEN_S if p.src == PHONE else 0)
            payload = hep.kamailio((p.src, 5060), (p.dst, 5060), round(at * 1e6), p.payload)
            out.append((at, Packet(at, "192.0.2.7", "192.0.2.1", 40000, payload, 9060).frame()))
    return out


class Points(unittest.TestCase):
    def setUp(self):
        self.folder = tempfile.TemporaryDirectory(prefix="points-")
        self.addCleanup(self.folder.cleanup)
        self.a = pathlib.Path(self.folder.name, "a.pcap")
        self.b = pathlib.Path(self.folder.name, "b.pcap")

    def streams(self, of):
        found = {(s["point"], s["direction"]): s for s in of["stream"]}
        self.assertEqual(len(found), len(of["stream"]))
        return found

    def check_segment(self, of, a="A", b="B"):
        streams = self.streams(of)
        self.assertEqual(set(streams), {(a, "forward"), (a, "reverse"), (b, "forward"),
                                        (b, "reverse")})
        lost = PACKETS // 50
        self.assertEqual([(s["received"], s["lost"], s["duplicates"]) for s in
                          (streams[a, "forward"], streams[b, "forward"],
                           streams[a, "reverse"], streams[b, "reverse"])],
                         [(PACKETS, 0, 0), (PACKETS - lost, lost, 0), (PACKETS, 0, 0),
                          (PACKETS, 0, 0)])
        forward, reverse = streams[b, "forward"], streams[a, "reverse"]
        self.assertEqual(forward["upstream"], streams[a, "forward"]["id"])
        self.assertEqual(reverse["upstream"], streams[b, "reverse"]["id"])
        self.assertEqual((forward["segment_basis"], forward["segment_lost_before"],
                          forward["segment_lost_between"]), ("sequence", 0, lost))
        self.assertEqual((reverse["segment_lost_before"], reverse["segment_lost_between"]), (0, 0))
        for stream in (forward, reverse):
            self.assertAlmostEqual(stream["segment_delay_ms"], BETWEEN_S * 1000, delta=0.01)
            self.assertAlmostEqual(stream["segment_jitter_ms"], 0, delta=0.01)

    def test_two_points(self):
        packets = call()
        pcap(self.a, at_a(packets))
        pcap(self.b, at_b(packets))
        of, summary = analyse("--point", f"A={self.a}", "--point", f"B={self.b}")
        self.check_segment(of)
        self.assertEqual(len(of["call"]), 1)
        leg, = of["leg"]
        self.assertEqual((leg["state"], leg["messages"], leg["retransmissions"],
                          leg["span_copies"], leg["points"]), ("completed", 6, 0, 0, "A,B"))
        self.assertEqual(summary["counters"]["sip_elsewhere"], 6)
        self.assertEqual(summary["frames"], summary["parsed"])
        self.assertFalse(leg["one_way"])

    def test_the_loss_is_found_between_the_points(self):
        packets = call()
        pcap(self.a, at_a(packets))
        pcap(self.b, at_b(packets))
        of, _ = analyse("--point", f"A={self.a}", "--point", f"B={self.b}")
        losses = [f for f in of["finding"] if f["code"].startswith("loss")]
        self.assertTrue(losses)
        self.assertTrue(any("10 lost between A and B, 0 before" in f["evidence"] for f in losses), losses)

    def test_without_points_the_copies_of_a_mirror_are_removed(self):
        """One probe that hears both sides of a router, with changed TTL and VLAN."""
        packets = call()
        close = [(p.at, p.frame(ttl=64)) for p in packets]
        close += [(p.at + 0.0005, p.frame(ttl=63, vlan=7)) for p in packets]
        pcap(self.a, close)
        of, _ = analyse(self.a)
        self.assertEqual(sorted(s["received"] for s in of["stream"]), [PACKETS, PACKETS])
        self.assertEqual({s["span_copies"] for s in of["stream"]}, {PACKETS})
        leg, = of["leg"]
        self.assertEqual((leg["messages"], leg["span_copies"], leg["retransmissions"]), (6, 6, 0))

    def test_copies_within_a_point(self):
        """The mirror at A shows all twice: copies there, and what B shows is none."""
        packets = call()
        twice = at_a(packets) + [(at + 0.0005, frame) for at, frame in at_a(packets)]
        pcap(self.a, twice)
        pcap(self.b, at_b(packets))
        of, _ = analyse("--point", f"A={self.a}", "--point", f"B={self.b}")
        streams = self.streams(of)
        self.assertEqual([streams[p, "forward"]["span_copies"] for p in "AB"], [PACKETS, 0])
        self.assertEqual(streams["B", "forward"]["segment_lost_between"], PACKETS // 50)
        self.assertEqual({key for key, s in streams.items() if "seen_again" in s["flags"]},
                         {("A", "forward"), ("B", "reverse")})
        leg, = of["leg"]
        self.assertEqual((leg["messages"], leg["span_copies"], leg["retransmissions"]), (6, 6, 0))

    def test_the_same_interface_twice_is_one_point(self):
        packets = call()
        pcap(self.a, at_a(packets))
        pcap(self.b, [(at + 0.0005, frame) for at, frame in at_a(packets)])
        of, _ = analyse("--point", f"A={self.a}", "--point", f"A={self.b}")
        self.assertEqual({(s["point"], s["direction"], s["received"], s["span_copies"])
                          for s in of["stream"]},
                         {("A", "forward", PACKETS, PACKETS), ("A", "reverse", PACKETS, PACKETS)})

    def test_retransmissions_are_counted_once(self):
        """INVITE and BYE are sent twice: at both points, as one retransmission each."""
        packets = call(retransmit=(0, 4))
        pcap(self.a, at_a(packets))
        pcap(self.b, at_b(packets))
        of, _ = analyse("--point", f"A={self.a}", "--point", f"B={self.b}")
        leg, = of["leg"]
        self.assertEqual((leg["retransmissions"], leg["invite_retransmissions"],
                          leg["bye_retransmissions"], leg["span_copies"]), (2, 1, 1, 0))

    def test_a_retransmission_that_one_point_alone_saw(self):
        """The first INVITE is lost between the points: B sees the second one alone."""
        packets = call(retransmit=(0,))
        pcap(self.a, at_a(packets))
        pcap(self.b, [f for f in at_b(packets)][1:])
        of, _ = analyse("--point", f"A={self.a}", "--point", f"B={self.b}")
        leg, = of["leg"]
        self.assertEqual((leg["retransmissions"], leg["points"]), (1, "A,B"))

    def test_an_agent_tells_of_it_too(self):
        """Before the packets, after them, of all that is sent twice, and of what A has lost."""
        cases = ((-0.02, (), False), (0.0008, (), False), (-0.02, (0, 4), False),
                 (0.0008, (0, 4), False), (-0.02, (), True), (0.0008, (), True))
        for later, retransmit, lost in cases:
            with self.subTest(later=later, retransmit=retransmit, lost=lost):
                packets = call(retransmit)
                a = at_a(packets)
                pcap(self.a, a[1:] if lost else a)
                pcap(self.b, at_b(packets) + told(packets, later))
                of, summary = analyse("--point", f"A={self.a}", "--point", f"B={self.b}")
                self.check_segment(of)
                leg, = of["leg"]
                self.assertEqual((leg["state"], leg["messages"], leg["retransmissions"],
                                  leg["span_copies"], leg["points"]),
                                 ("completed", 6 + len(retransmit), len(retransmit), 0, "A,B"))
                self.assertEqual(summary["capture"]["hep_sip"], 6 + len(retransmit))
                self.assertEqual(summary["frames"], summary["parsed"])

    def test_interfaces_of_a_capture_are_points_by_their_names(self):
        packets = call()
        path = pathlib.Path(self.folder.name, "both.pcapng")
        config = pathlib.Path(self.folder.name, "earshot.yaml")
        pcapng(path, ["eth1", "eth2"], [(0, at, frame) for at, frame in at_a(packets)] +
               [(1, at, frame) for at, frame in at_b(packets)])
        config.write_text("capture:\n  interfaces:\n"
                          "    - name: eth1\n      point: outside\n"
                          "    - name: eth2\n      point: inside\n", encoding="ascii")
        of, _ = analyse("--config", config, path)
        self.check_segment(of, "outside", "inside")

    def test_the_database_has_it(self):
        packets = call()
        pcap(self.a, at_a(packets))
        pcap(self.b, at_b(packets))
        db = pathlib.Path(self.folder.name, "calls.db")
        of, _ = analyse("--point", f"A={self.a}", "--point", f"B={self.b}", "--db", db)
        told = subprocess.run([EARSHOT, "explain", "--db", str(db), of["call"][0]["id"]],
                              capture_output=True, check=True, text=True).stdout
        self.assertIn("between the points A and B", told)
        self.assertIn("10 lost", told)
        shown = subprocess.run([EARSHOT, "call", "--db", str(db), of["call"][0]["id"]],
                               capture_output=True, check=True, text=True).stdout
        self.assertIn("seen at B, 10 lost", shown)

    def test_the_report_on_a_trunk_says_what_each_point_measured(self):
        packets = call()
        pcap(self.a, at_a(packets))
        pcap(self.b, at_b(packets))
        db = pathlib.Path(self.folder.name, "calls.db")
        config = pathlib.Path(self.folder.name, "earshot.yaml")
        config.write_text(f"trunks:\n  - {{name: carrier, addresses: [{PBX}]}}\n"
                          f"  - {{name: other, addresses: [203.0.113.9]}}\n"
                          "sla:\n  loss_pct: 0.5\n", encoding="ascii")
        of, _ = analyse("--config", config, "--point", f"A={self.a}", "--point", f"B={self.b}",
                        "--db", db)
        ask = [EARSHOT, "report", "sla", "--db", str(db), "--config", str(config), "--month",
               "2026-01", "--trunk"]

        def report(*arguments):
            return subprocess.run([*ask, *arguments], capture_output=True, check=True,
                                  text=True).stdout
        points = json.loads(report("carrier", "--by-point", "--json"))["points"]
        self.assertEqual([(point["point"], point["streams"]) for point in points],
                         [("A", 2), ("B", 2)])
        for point, lost in zip(points, (0, PACKETS // 50)):
            figures = {figure["name"]: figure for figure in point["figures"]}
            mos = [s["mos_lq"] for s in of["stream"] if s["point"] == point["point"]]
            loss = figures["loss_pct"]
            self.assertAlmostEqual(loss["value"], 100 * lost / (2 * PACKETS))
            self.assertEqual((loss["samples"], loss["target"], loss["met"]),
                             (2 * PACKETS, 0.5, lost == 0))
            self.assertEqual((figures["mos_nb_p5"]["samples"], figures["mos_wb_p5"]["value"]), (2, None))
            self.assertAlmostEqual(figures["mos_nb_p5"]["value"], min(mos), delta=0.02)
            self.assertEqual(figures["jitter_p50_ms"]["samples"], 2)
            self.assertNotIn("pdd_p95_ms", figures)
        rows = csv.DictReader(io.StringIO(report("carrier", "--by-point")))
        self.assertEqual({row["point"] for row in rows}, {"", "A", "B"})
        page = report("carrier", "--by-point", "--html", "-")
        self.assertIn("By point of the network", page)
        self.assertIn("<strong>1.00</strong>", page)
        self.assertIsNone(json.loads(report("carrier", "--json"))["points"])
        self.assertEqual(json.loads(report("other", "--by-point", "--json"))["points"], [])

    def test_what_is_no_point(self):
        for wrong in ("A", "=file", "A=", "x" * 32 + "=file"):
            run = subprocess.run([EARSHOT, "analyze", "--point", wrong], capture_output=True,
                                 check=False)
            self.assertEqual(run.returncode, 2, wrong)


if __name__ == "__main__":
    unittest.main()
