#!/usr/bin/env python3
"""Writes captures of calls between sites in which the network, the capture or both lose.

    generate.py FOLDER [NAME...]

Each scenario gives NAME.pcap and NAME.whole.pcap, what the same capture is without the
frames that were removed from it afterwards, and NAME.truth.json: per stream what the network
and what the capture lost.  The random numbers have a seed: each run writes the same bytes.
"""
import json
import pathlib
import random
import struct
import sys

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "quality"))

import wire  # pylint: disable=wrong-import-position

MS = 10**6
PTIME = 20 * MS
REPORT_EVERY = 5 * wire.SECOND_NS
DELAY = 15 * MS  # from the probe to a receiver
MEDIA_PORT, SIP_PORT = 20000, 5060

# Who calls whom: (site, host), a site being a /24.
MESH = [((1, 1), (2, 1)), ((3, 1), (4, 1)), ((1, 2), (3, 2)),
        ((2, 2), (4, 2)), ((1, 3), (4, 3)), ((2, 3), (3, 3))]
APART = [((1, 1), (2, 1)), ((3, 1), (4, 1)), ((5, 1), (6, 1)), ((7, 1), (8, 1))]
HUB = [((site, 1), (9, 1)) for site in range(1, 6)]
ONE = [((1, 1), (2, 1))]

ANY = (0, 0)
PATH = ((1, 1), (2, 1))  # from, to
SITE = ((1, 0), ANY)     # all that a site sends

# loss: (where, rate, packets in a row, all streams at once)
SCENARIOS = {
    "capture": {"calls": MESH, "removed": 0.01, "verdict": "capture"},
    "capture_apart": {"calls": APART, "removed": 0.01, "verdict": "capture"},
    "capture_rtcp": {"calls": MESH, "rtcp": True, "removed": 0.01, "verdict": "capture"},
    "path": {"calls": MESH, "loss": (PATH, 0.01, 1, False), "verdict": "network"},
    "path_rtcp": {"calls": MESH, "rtcp": True, "loss": (PATH, 0.01, 1, False),
                  "verdict": "network"},
    "path_bursts": {"calls": MESH, "loss": (PATH, 0.02, 5, False), "verdict": "network"},
    "access_link": {"calls": MESH, "loss": (SITE, 0.02, 5, True), "verdict": "network"},
    "both": {"calls": MESH, "removed": 0.01, "loss": (PATH, 0.05, 1, False),
             "verdict": "each"},
    "both_rtcp": {"calls": MESH, "rtcp": True, "removed": 0.01,
                  "loss": (PATH, 0.05, 1, False), "verdict": "each"},
    "both_access_link": {"calls": MESH, "removed": 0.01, "loss": (SITE, 0.05, 5, True),
                         "verdict": "each"},
    "hub": {"calls": HUB, "removed": 0.01, "verdict": "unknown"},
    "hub_rtcp": {"calls": HUB, "rtcp": True, "removed": 0.01, "verdict": "capture"},
    "single": {"calls": ONE, "removed": 0.01, "verdict": "unknown"},
    "single_rtcp": {"calls": ONE, "rtcp": True, "removed": 0.01, "verdict": "capture"},
    "nothing": {"calls": MESH, "verdict": None},
}
SECONDS = 60


def address(place):
    return f"198.{18 + place[0] // 256}.{place[0] % 256}.{place[1]}"


class Stream:
    """Packets of one direction and what its receiver knows of them."""

    def __init__(self, number, source, target, begin):
        self.source, self.target = source, target
        self.ssrc = 0x10000000 + number
        self.begin = begin
        self.first_seq = 1000 * (number + 1)
        self.arrived = []  # (time at the receiver, sequence number)
        self.network_lost = 0

    def name(self):
        return f"{address(self.source)}>{address(self.target)}"

    def packet(self, index):
        payload = wire.payload_of("PCMU", 160, index)
        return wire.rtp(self.first_seq + index, index * 160, self.ssrc, 0, index == 0, payload)

    def report(self, now):
        """A report block's fields after RFC 3550 A.3, as of now; None before any packet."""
        numbers = [number for time, number in self.arrived if time <= now]
        if not numbers:
            return None
        highest = max(numbers)
        lost = highest - self.first_seq + 1 - len(numbers)
        return struct.pack(">IIIIII", self.ssrc, lost & 0xffffff, highest, 0, 0, 0)


def touches(where, stream):
    def fits(place, pattern):
        return all(want in (0, have) for have, want in zip(place, pattern))
    return fits(stream.source, where[0]) and fits(stream.target, where[1])


def lost_in_network(rng, loss, streams, count):
    """The packets (stream, index) that do not reach the probe."""
    if not loss:
        return set()
    where, rate, run, together = loss
    hit = [stream for stream in streams if touches(where, stream)]
    lost = set()
    for group in ([hit] if together else [[stream] for stream in hit]):
        left = 0
        for index in range(count):
            if left == 0 and rng.random() < rate / run:
                left = run
            if left:
                left -= 1
                lost.update((stream.ssrc, index) for stream in group)
    return lost


def sip_message(first, call_id, cseq, ends, body="", to_tag=";tag=b"):
    a, b = ends
    lines = [first, f"Via: SIP/2.0/UDP {a}:{SIP_PORT};branch=z9hG4bK{cseq.replace(' ', '')}",
             "Max-Forwards: 70", f"From: <sip:a@{a}>;tag=a", f"To: <sip:b@{b}>{to_tag}",
             f"Call-ID: {call_id}@{a}", "CSeq: " + cseq, f"Contact: <sip:a@{a}:{SIP_PORT}>"]
    if body:
        lines.append("Content-Type: application/sdp")
    return "\r\n".join(lines + [f"Content-Length: {len(body)}", "", body]).encode()


def sip_of(number, call, begin, end):
    """(time, src, dst, payload) of a call whose media run from begin to end."""
    ends = [address(place) for place in call]
    a, b = (f"{host}:{SIP_PORT}" for host in ends)
    sdp = [wire.sdp(f"{host}:{MEDIA_PORT}", ["PCMU"]) for host in ends]

    def say(*words):
        return sip_message(words[0], f"loss{number}", words[1], ends, *words[2:])
    to = f"sip:b@{ends[1]} SIP/2.0"
    return [(begin - 900 * MS, a, b, say("INVITE " + to, "1 INVITE", sdp[0], "")),
            (begin - 800 * MS, b, a, say("SIP/2.0 180 Ringing", "1 INVITE")),
            (begin - 100 * MS, b, a, say("SIP/2.0 200 OK", "1 INVITE", sdp[1])),
            (begin - 90 * MS, a, b, say("ACK " + to, "1 ACK")),
            (end + 100 * MS, a, b, say("BYE " + to, "2 BYE")),
            (end + 110 * MS, b, a, say("SIP/2.0 200 OK", "2 BYE"))]


def sender_report(own, about, now):
    """What the sender of `own` says; it receives `about`."""
    block = about.report(now)
    info = struct.pack(">QIII", wire.ntp(now), 0, 0, 0)
    body = struct.pack(">I", own.ssrc) + info + (block or b"")
    head = struct.pack(">BBH", 0x80 | bool(block), 200, len(body) // 4)
    return head + body + struct.pack(">BBHIBB2sI", 0x81, 202, 3, own.ssrc, 1, 2, b"me", 0)


def media_of(stream, lost, count):
    """Yields the stream's packets that reach the probe, and lets its receiver have them."""
    for index in range(count):
        time = stream.begin + index * PTIME
        if (stream.ssrc, index) in lost:
            stream.network_lost += 1
            continue
        stream.arrived.append((time + DELAY, stream.first_seq + index))
        yield (time, f"{address(stream.source)}:{MEDIA_PORT}",
               f"{address(stream.target)}:{MEDIA_PORT}", stream.packet(index), stream)


def reports_of(stream, back, end):
    time = stream.begin + REPORT_EVERY
    while time < end:
        yield (time, f"{address(stream.source)}:{MEDIA_PORT + 1}",
               f"{address(stream.target)}:{MEDIA_PORT + 1}",
               sender_report(stream, back, time), None)
        time += REPORT_EVERY


def make(name):
    """The frames of a scenario: [(time, bytes, stream or None, removed)], and the streams."""
    scenario = SCENARIOS[name]
    rng = random.Random("capture loss " + name)
    streams, packets = [], []
    count = SECONDS * wire.SECOND_NS // PTIME
    for number, call in enumerate(scenario["calls"]):
        begin = wire.START_NS + 2 * wire.SECOND_NS + number * 137 * MS
        streams += [Stream(2 * number, *call, begin + 3 * MS),
                    Stream(2 * number + 1, *reversed(call), begin + 11 * MS)]
        packets += [(*message, None) for message in
                    sip_of(number, call, begin, begin + count * PTIME)]
    lost = lost_in_network(rng, scenario.get("loss"), streams, count)
    for stream in streams:
        packets += media_of(stream, lost, count)
    if scenario.get("rtcp"):
        for stream, back in zip(streams, [s for pair in zip(streams[1::2], streams[::2])
                                          for s in pair]):
            packets += reports_of(stream, back, stream.begin + count * PTIME)
    packets.sort(key=lambda packet: packet[0])
    share = scenario.get("removed", 0)
    frames = [(time, wire.frame(src, dst, payload, number), stream, rng.random() < share)
              for number, (time, src, dst, payload, stream) in enumerate(packets)]
    return frames, streams


def write(folder, name):
    """Both captures; returns the truth: {stream: {"network": lost, "capture": lost}}."""
    frames, streams = make(name)
    wire.write_pcap(folder / f"{name}.whole.pcap",
                    [(time, data) for time, data, _, _ in frames], True)
    wire.write_pcap(folder / f"{name}.pcap",
                    [(time, data) for time, data, _, removed in frames if not removed], True)
    truth = {stream.name(): {"network": stream.network_lost, "capture": 0}
             for stream in streams}
    for _, _, stream, removed in frames:
        if stream and removed:
            truth[stream.name()]["capture"] += 1
    (folder / f"{name}.truth.json").write_text(json.dumps(truth, indent=1) + "\n",
                                               encoding="utf-8")
    return truth


def main():
    folder = pathlib.Path(sys.argv[1])
    for name in sys.argv[2:] or SCENARIOS:
        write(folder, name)


if __name__ == "__main__":
    main()
