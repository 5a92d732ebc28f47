#!/usr/bin/env python3
"""Writes the captures of the scenarios and, beside each, the truth about its streams.

    generate.py FOLDER [NAME...]

NAME.pcap, and NAME.truth with one JSON object a line for each stream: what was sent, what the
path did to it, and the figures that follow from that.  The same at every run.
"""
import dataclasses
import json
import pathlib
import random
import sys
import zlib

sys.dont_write_bytecode = True  # the source tree stays clean

import catalogue
import mixtures          # these four enter what they have in the catalogue
import path_scenarios
import rtcp_scenarios
import source_scenarios
import wire

MS = 10**6
A, B = "198.18.0.1:4000", "198.18.0.2:6000"
PATH_NS = 30 * MS
AGAIN, MIRROR = "again", "mirror"  # a copy with an IP id of its own; one the mirror made


@dataclasses.dataclass
class Sent:
    """A packet, and what the path does to it."""
    time_ns: float      # since wire.START_NS: a double has no nanoseconds of today's date
    seq: int
    ts: int
    pt: int
    marker: bool
    payload: bytes
    audio: bool = True
    extras: bool = False
    delay_ns: float = PATH_NS
    dropped: bool = False
    copies: list = dataclasses.field(default_factory=list)  # (ns after it, AGAIN or MIRROR)


class Talker:
    """One RTP source; its methods say what it sends, one after the other."""

    def __init__(self, src, dst, ssrc, codec, ptime_ms, ppm, begin_ns, seq, ts):
        self.src, self.dst, self.ssrc = src, dst, ssrc
        self.time_ns, self.seq, self.ts = begin_ns, seq, ts
        self.slower = 1 + ppm / 1e6
        self.sent, self.truth, self.counted = [], {}, True
        self.use(codec, ptime_ms)

    def use(self, codec, ptime_ms=20):
        self.codec, self.ptime_ms = codec, ptime_ms
        self.pt, self.clock_hz, size, _ = wire.CODECS[codec]
        self.size = size * ptime_ms // 20

    def advance(self, ms, ts=True):
        self.time_ns += ms * MS * self.slower
        self.ts += ms * self.clock_hz // 1000 if ts else 0

    def emit(self, marker=False, pt=None, payload=None, ts=None, audio=True):
        if payload is None:
            payload = wire.payload_of(self.codec, self.size, len(self.sent))
        self.sent.append(Sent(self.time_ns, self.seq, self.ts if ts is None else ts,
                              self.pt if pt is None else pt, marker, payload, audio))
        self.seq += 1

    def talk(self, count, marked=False):
        for i in range(count):
            self.emit(marker=marked and i == 0)
            self.advance(self.ptime_ms)
        return self

    def pause(self, ms, frozen=False):
        self.advance(ms, not frozen)
        return self

    def comfort_noise(self):
        self.emit(pt=13, payload=b"\x40", audio=False)
        self.advance(self.ptime_ms)
        return self

    def digit(self, number, updates=6):
        """RFC 4733: one timestamp for all its packets, the last three of them alike."""
        began = self.ts
        for i in range(updates + 3):
            ended = i >= updates
            length = 160 * (min(i, updates) + 1)
            self.emit(i == 0, 101, bytes([number, ended << 7 | 10, length >> 8, length & 255]),
                      began, audio=False)
            self.advance(20)
        return self

    def drop(self, where):
        """Never the first or the last: then no figure depends on what nobody can know."""
        for i in where:
            if 0 < i < len(self.sent) - 1:
                self.sent[i].dropped = True
        return self

    def delay(self, ms_of):
        for i, packet in enumerate(self.sent):
            packet.delay_ns += ms_of(i) * MS
        return self

    def arrivals(self):
        """(time, index, packet, None or what kind of copy) in order of arrival."""
        out = []
        for i, packet in enumerate(self.sent):
            if packet.dropped:
                continue
            at = wire.START_NS + round(packet.time_ns + packet.delay_ns)
            out.append((at, i, packet, None))
            out += [(at + after, i, packet, copy) for after, copy in packet.copies]
        return sorted(out, key=lambda arrival: arrival[:2])

    def full_truth(self):
        """What follows from the packets' fate if numbering never jumps; `truth` overrides."""
        who = {"src": self.src, "dst": self.dst, "ssrc": f"0x{self.ssrc:08x}",
               "packets": len(self.arrivals())}
        if not self.counted:
            return who
        seen, newest, duplicates, reordered = set(), -1, 0, 0
        for _, i, _, _ in self.arrivals():
            duplicates += i in seen
            reordered += i < newest and i not in seen
            newest = max(newest, i)
            seen.add(i)
        expected = max(seen) - min(seen) + 1
        return {**who, "expected": expected, "received": len(seen),
                "lost": expected - len(seen), "duplicates": duplicates,
                "reordered": reordered, "restarts": 0, "outage_lost": 0, "ts_resync": 0,
                **self.truth,
                "dropped": [i for i, packet in enumerate(self.sent) if packet.dropped]}


class Scenario:
    """A capture in the making."""

    def __init__(self, name):
        self.rng = random.Random(zlib.crc32(name.encode()))
        self.talkers, self.reports, self.codecs, self.nanoseconds = [], [], None, False
        self.clock_faults = []
        self.rtcp_ports, self.told_ports = (4001, 6001), (None, None)  # of A and B; by a=rtcp

    def call(self, *codecs):
        """SIP around the media, offering the codecs."""
        self.codecs = codecs
        return self

    def talker(self, codec="PCMU", ptime_ms=20, ppm=0, back=False, after_ms=0, ssrc=None,
               seq=None, ts=None):
        src, dst = (B, A) if back else (A, B)
        rng = self.rng
        talker = Talker(src, dst, rng.getrandbits(32) if ssrc is None else ssrc, codec,
                        ptime_ms, ppm, after_ms * MS,
                        rng.randrange(1000, 20000) if seq is None else seq,
                        rng.getrandbits(30) if ts is None else ts)
        self.talkers.append(talker)
        return talker

    def report(self, time_ns, from_a, payload):
        ends = f"198.18.0.1:{self.rtcp_ports[0]}", f"198.18.0.2:{self.rtcp_ports[1]}"
        src, dst = ends[::1 if from_a else -1]
        self.reports.append((time_ns, src, dst, payload))

    def datagrams(self):
        """(time, src, dst, payload, IP id) in the order of capture."""
        out, number = [], 1
        for talker in self.talkers:
            for time, i, packet, copy in talker.arrivals():
                number += 1
                ip_id = 40000 + number % 20000 if copy == AGAIN else i + 7
                out.append((time, talker.src, talker.dst,
                            wire.rtp(packet.seq, packet.ts, talker.ssrc, packet.pt,
                                     packet.marker, packet.payload, packet.extras), ip_id))
        begin, end = min(out)[0], max(out)[0]
        out += [(*report, 0x7000 + i) for i, report in enumerate(self.reports)]
        if self.codecs:
            out += [(*said, 0x6000 + i)
                    for i, said in enumerate(wire.call(self.codecs, A, B, begin, end,
                                                  self.told_ports))]
        return sorted(out, key=lambda datagram: datagram[0])

    def frames(self):
        for time, src, dst, payload, ip_id in self.datagrams():
            wrong = sum(ns for begin, end, ns in self.clock_faults if begin <= time < end)
            yield time + wrong, wire.frame(src, dst, payload, ip_id)

    def write(self, folder, name):
        wire.write_pcap(folder / f"{name}.pcap", self.frames(), self.nanoseconds)
        lines = [json.dumps(talker.full_truth()) + "\n" for talker in self.talkers]
        (folder / f"{name}.truth").write_text("".join(lines))


def generate(folder, names=()):
    """Writes the named scenarios, or all; returns their names."""
    chosen = [name for name in catalogue.ALL if not names or name in names]
    for name in chosen:
        scenario = Scenario(name)
        catalogue.ALL[name](scenario)
        scenario.write(folder, name)
    return chosen


if __name__ == "__main__":
    to = pathlib.Path(sys.argv[1])
    to.mkdir(parents=True, exist_ok=True)
    for written in generate(to, sys.argv[2:]):
        print(written)
