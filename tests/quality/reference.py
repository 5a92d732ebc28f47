#!/usr/bin/env python3
"""Figures of RTP streams, worked out a second time: the witness that `earshot` is held against.

    reference.py CAPTURE...      one JSON object a line for each stream

Shares no code with analyzer/ and is written for hindsight and plainness, not speed.  Names are
those of `earshot analyze --json`; where a figure cannot be known it is None.
"""
import collections
import dataclasses
import json
import math
import pathlib
import re
import sys

sys.dont_write_bytecode = True  # the source tree stays clean

import buffers
import capture
import emodel
import rtcp

MAX_DROPOUT = 3000
MAX_MISORDER = 100
RESYNC_MS = 200
OUTAGE_AGREES = 0.05
FIRST_PTIME_MS = 20.0
SKEW_BUCKET_NS = 5 * 10**9
COPY_NS = 5 * 10**6
PDV_BOUNDS_MS = [5, 10, 20, 30, 50, 70, 90, 120, 150, 200, 300, 500]
BUFFERS = [("f50", lambda: buffers.Fixed(50)), ("f200", lambda: buffers.Fixed(200)),
                  ("adaptive", buffers.Adaptive)]


@dataclasses.dataclass
class Seen:
    """A packet with what its sequence number says of it."""
    packet: capture.Packet
    verdict: str        # forward, late, duplicate, copy (the mirror's), dropped
    segment: int = 0
    ext: int = 0
    starts: bool = False


@dataclasses.dataclass
class Segment:
    base: int
    top: int
    got: set
    outage: int = 0     # packets missing in front of it, if that was one long gap


# --- sequence numbers -------------------------------------------------------------------

def is_copy(packet, recent):
    return packet.ip_id is not None and any(
        other.ip_id == packet.ip_id and other.seq == packet.seq and other.ts == packet.ts and
        other.payload == packet.payload and packet.time_ns - other.time_ns <= COPY_NS
        for other in recent)


def number(packets):
    """[Seen] in order of arrival, and the segments; a held packet is judged by the next."""
    out, segments, held = [], [], None
    recent = collections.deque(maxlen=16)
    for packet in packets:
        if is_copy(packet, recent):
            out.append(Seen(packet, "copy"))
            continue
        recent.append(packet)
        if not segments:
            segments.append(Segment(packet.seq, packet.seq, {packet.seq}))
            out.append(Seen(packet, "forward", 0, packet.seq, True))
            continue
        if held and packet.seq == (held.packet.seq + 1) & 0xffff:
            at = held.packet.seq
            segments.append(Segment(at, at, {at}))
            held.verdict, held.segment, held.ext, held.starts = \
                "forward", len(segments) - 1, at, True
        held = None
        seen = place(packet, segments)
        if seen.verdict == "dropped":
            held = seen
        out.append(seen)
    return out, segments


def place(packet, segments):
    segment, index = segments[-1], len(segments) - 1
    d = (packet.seq - segment.top) & 0xffff
    if d == 0:
        return Seen(packet, "duplicate", index, segment.top)
    if d < MAX_DROPOUT:
        segment.top += d
        segment.got.add(segment.top)
        return Seen(packet, "forward", index, segment.top)
    back = 65536 - d
    if back > MAX_MISORDER:
        return Seen(packet, "dropped")
    ext = segment.top - back
    if ext in segment.got:
        return Seen(packet, "duplicate", index, ext)
    segment.got.add(ext)
    segment.base = min(segment.base, ext)
    return Seen(packet, "late", index, ext)


# --- the time between packets -----------------------------------------------------------

class Majority:
    """The most frequent value, ties to the smaller."""

    def __init__(self):
        self.votes, self.value = collections.Counter(), None

    def add(self, value):
        self.votes[value] += 1
        best = (-self.votes[self.value], self.value) if self.value is not None else (0, 0)
        if self.value is None or (-self.votes[value], value) < best:
            self.value = value


def delta_figures(seen):
    """(max, mean) of the time from one packet to the next; marked ones only if most are."""
    plain, every, marked, previous = [], [], 0, None
    for now in seen:
        if now.verdict == "copy":
            continue
        before, previous = previous, now
        packet = now.packet
        marked += packet.marker
        if before is None or "dropped" in (now.verdict, before.verdict) or now.starts or \
           packet.kind == "cn" or packet.pt != before.packet.pt or now.ext <= before.ext or \
           now.segment != before.segment:
            continue
        gap_ms = (packet.time_ns - before.packet.time_ns) / 1e6
        every.append(gap_ms)
        if not packet.marker:
            plain.append(gap_ms)
    counted = sum(now.verdict != "copy" for now in seen)
    gaps = every if marked * 2 > counted else plain
    return (max(gaps), sum(gaps) / len(gaps)) if gaps else (None, None)


def signed32(value):
    value &= 0xffffffff
    return value - (1 << 32) if value & 0x80000000 else value


class Timing:
    """Jitter, packet time, discontinuities, and transit times for the buffers."""

    def __init__(self, segments, pauses=()):
        self.segments, self.pauses = segments, pauses
        self.jitter, self.j, self.ptime = [], 0.0, Majority()
        self.arrived, self.ts_resync, self.timelines = [], 0, 0
        self.previous, self.transit_ms = None, 0.0

    def ptime_ms(self):
        return FIRST_PTIME_MS if self.ptime.value is None else self.ptime.value

    def take(self, now):
        packet, before = now.packet, self.previous
        if now.starts and before is not None:
            self.judge_outage(before, now)
        if packet.kind != "audio" or now.verdict not in ("forward", "late"):
            return
        self.previous = now
        new_line = before is None or now.segment != before.segment or \
            packet.clock_hz != before.packet.clock_hz
        if not new_line:
            new_line = self.step(before, now)
        if new_line:
            self.timelines += 1
            self.transit_ms = 0.0
        self.arrived.append(buffers.Arrived(
            packet.time_ns, self.transit_ms, self.ptime_ms(), new_line,
            (now.segment, now.ext)))

    def step(self, before, now):
        """From one packet to the next of the same clock; true if the timestamps jumped."""
        packet = now.packet
        step_ms = signed32(packet.ts - before.packet.ts) * 1000 / packet.clock_hz
        d_ms = (packet.time_ns - before.packet.time_ns) / 1e6 - step_ms
        count = now.ext - before.ext
        due_ms = count * self.ptime_ms()
        jumped = abs(d_ms) > RESYNC_MS and (
            self.was_paused(before.packet.time_ns, packet.time_ns) or
            abs(step_ms - due_ms) > max(self.ptime_ms(), abs(due_ms) / 2))
        if count == 1 and packet.pt == before.packet.pt and step_ms > 0:
            self.ptime.add(step_ms)
        if jumped:
            self.ts_resync += 1
            return True
        self.j += (abs(d_ms) - self.j) / 16
        self.jitter.append(self.j)
        self.transit_ms += d_ms
        return False

    def was_paused(self, begin, end):
        """Was its sender told to pause somewhere between two packets?  Then timestamps that
        stood still are no delay."""
        return any(begin < (math.inf if until is None else until) and since < end
                   for since, until in self.pauses)

    def judge_outage(self, before, now):
        """A jump that sequence, timestamps and the clock on the wall agree about."""
        if now.packet.clock_hz is None or now.packet.clock_hz != before.packet.clock_hz:
            return
        missing = (now.packet.seq - self.segments[now.segment - 1].top) & 0xffff
        spans = [missing * self.ptime_ms(),
                 ((now.packet.ts - before.packet.ts) & 0xffffffff)
                 * 1000 / now.packet.clock_hz,
                 (now.packet.time_ns - before.packet.time_ns) / 1e6]
        if missing >= MAX_DROPOUT and max(spans) - min(spans) <= OUTAGE_AGREES * max(spans):
            self.segments[now.segment].outage = missing - 1


# --- delay over the whole stream --------------------------------------------------------

def delay_variation(arrived):
    """Percentiles of transit over the windowed minimum, and the bounds of their bins."""
    base, above = buffers.Base(), []
    for item in arrived:
        if item.starts:
            base.restart(item.time_ns)
        above.append(item.transit_ms - base.take(item))
    above.sort()
    out = {}
    for percent in (50, 95, 99) if above else ():
        value = above[math.ceil(percent / 100 * len(above)) - 1]
        low = max([0] + [bound for bound in PDV_BOUNDS_MS if bound < value])
        high = min([bound for bound in PDV_BOUNDS_MS if bound >= value], default=math.inf)
        out[f"pdv_p{percent}_ms"], out[f"pdv_p{percent}_bin"] = value, (low, high)
    return out


def skew_ppm(arrived):
    """Slope of the lower envelope; None where a timeline of its own begins in the middle."""
    if not arrived or any(item.starts for item in arrived[1:]):
        return None
    origin = arrived[0].time_ns
    lowest = {}
    for item in arrived:
        k = (item.time_ns - origin) // SKEW_BUCKET_NS
        if k not in lowest or item.transit_ms < lowest[k].transit_ms:
            lowest[k] = item
    if len(lowest) < 6 or arrived[-1].time_ns - origin < 30 * 10**9:
        return None
    points = [((item.time_ns - origin) / 1e6, item.transit_ms) for item in lowest.values()]
    x0 = sum(x for x, _ in points) / len(points)
    y0 = sum(y for _, y in points) / len(points)
    return 1e6 * sum((x - x0) * (y - y0) for x, y in points) / \
        sum((x - x0) ** 2 for x, _ in points)


# --- the score --------------------------------------------------------------------------

def payload_mode(packet):
    """What the payload itself says of the codec: AMR frame type, Opus band, G723 frame size."""
    name, data = (packet.codec or "").upper(), packet.payload
    if name == "OPUS" and len(data) > 1:  # one byte alone is DTX, and no speech
        config = data[0] >> 3
        if config < 12:
            return ["nb", "mb", "wb"][config // 4]
        if config < 16:
            return ["swb", "fb"][(config - 12) // 2]
        return ["nb", "wb", "swb", "fb"][(config - 16) // 4]
    single = re.search(r"mode-set=(\d)(;|$)", packet.fmtp.replace(" ", ""))
    if name in ("AMR", "AMR-WB") and single:
        return int(single[1])
    if name in ("AMR", "AMR-WB") and len(data) > 1:
        aligned = "octet-align=1" in packet.fmtp.replace(" ", "")
        frame = data[1] >> 3 & 15 if aligned else (data[0] & 7) << 1 | data[1] >> 7
        return frame if frame < (8 if name == "AMR" else 9) else None
    if name == "G723" and data:
        return next((size for size in (24, 20) if len(data) % size == 0), None)
    return None


def codec_of(audio):
    """The Codec of most packets, its name and its clock."""
    if not audio:
        return None, None, None
    (name, clock_hz, fmtp), _ = collections.Counter(
        (packet.codec, packet.clock_hz, packet.fmtp) for packet in audio).most_common(1)[0]
    modes = collections.Counter(
        mode for packet in audio if packet.codec == name
        for mode in [payload_mode(packet)] if mode is not None)
    mode = modes.most_common(1)[0][0] if modes else None
    codec = emodel.codec_named(name, clock_hz, fmtp, mode) if name else None
    return codec, name, clock_hz


def flags_of(segments, discarded):
    """Good and bad in the order of sequence numbers; an outage is a run of bad ones."""
    out = []
    for index, segment in enumerate(segments):
        out += [True] * segment.outage
        out += [ext not in segment.got or (index, ext) in discarded
                for ext in range(segment.base, segment.top + 1)]
    return out


def score(name, codec, segments, discarded, ptime_ms):
    flags = flags_of(segments, discarded)
    ppl = 100 * sum(flags) / len(flags)
    out = {"name": name, "discarded": len(discarded), "ppl": ppl,
           "burstr": buffers.burst_ratio(flags), **buffers.bursts_and_gaps(flags, ptime_ms)}
    if codec:
        out["burstr_used"] = emodel.burst_ratio_used(codec.band, codec.bpl, ppl, out["burstr"])
        out["r"] = emodel.terms(codec.band, Ie=codec.ie, Bpl=codec.bpl, Ppl=ppl,
                                BurstR=out["burstr_used"])["R"]
        out["mos_lq"] = emodel.mos_of(codec.band, out["r"])
        out["r_random"] = emodel.terms(codec.band, Ie=codec.ie, Bpl=codec.bpl, Ppl=ppl)["R"]
    return out


def analyse(packets, pauses=()):
    """Every figure of one stream from its packets in order of arrival; pauses: (from, until)
    in which its sender was on hold."""
    seen, segments = number(packets)
    timing = Timing(segments, pauses)
    for now in seen:
        timing.take(now)
    counts = collections.Counter(now.verdict for now in seen)
    expected = sum(segment.top - segment.base + 1 for segment in segments)
    received = sum(len(segment.got) for segment in segments)
    audio = [now.packet for now in seen
             if now.verdict in ("forward", "late") and now.packet.kind == "audio"]
    codec, name, clock_hz = codec_of(audio)
    delta_max, delta_mean = delta_figures(seen)
    ptime = timing.ptime_ms()
    jitter = timing.jitter
    scores = [score(kind, codec, segments, buffers.discarded_by(make(), timing.arrived), ptime)
              for kind, make in BUFFERS]
    return {
        "codec": name, "clock_hz": clock_hz,
        "clock_basis": audio[0].basis if audio else None,
        "payload_types": dict(collections.Counter(str(packet.pt) for packet in packets)),
        "packets": len(packets), "expected": expected, "received": received,
        "lost": expected - received, "loss_pct": 100 * (expected - received) / expected,
        "duplicates": counts["duplicate"] + counts["copy"], "span_copies": counts["copy"],
        "reordered": counts["late"], "restarts": len(segments) - 1,
        "outage_lost": sum(segment.outage for segment in segments),
        "ts_resync": timing.ts_resync, "timelines": timing.timelines,
        "jitter_last_ms": jitter[-1] if jitter else None,
        "jitter_mean_ms": sum(jitter) / len(jitter) if jitter else None,
        "jitter_max_ms": max(jitter) if jitter else None,
        "delta_max_ms": delta_max, "delta_mean_ms": delta_mean,
        "ptime_ms": timing.ptime.value,
        "skew_ppm": skew_ppm(timing.arrived), **delay_variation(timing.arrived),
        "band": codec.band if codec else None,
        "ie": codec.ie if codec else None, "bpl": codec.bpl if codec else None,
        "network": score("network", codec, segments, set(), ptime),
        "buffers": scores, "r": scores[-1].get("r"), "mos_lq": scores[-1].get("mos_lq"),
    }


def analyse_file(path):
    """{(src, dst, ssrc): figures} of a capture."""
    datagrams = capture.datagrams_of(path)
    streams = capture.streams_of(datagrams)
    reports = list(rtcp.reports_of(datagrams))
    trips = rtcp.round_trips(streams, reports)
    holds = capture.holds_of(datagrams)
    out = {}
    for key, packets in streams.items():
        pauses = capture.pauses_of(holds, key[0], key[1])
        out[key] = {**analyse(packets, pauses), **trips[key],
                    **rtcp.second_witness(key, packets, reports)}
    return out


def main():
    for name in sys.argv[1:]:
        for (src, dst, ssrc), figures in analyse_file(pathlib.Path(name)).items():
            print(json.dumps({"src": src, "dst": dst, "ssrc": f"0x{ssrc:08x}", **figures}))


if __name__ == "__main__":
    main()
