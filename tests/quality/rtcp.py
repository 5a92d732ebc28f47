"""What RTCP tells of streams: round trips seen from the middle, by when a report passed and
the answer to it; and the receiver's loss beside ours, counted from lists of packets."""
import collections
import dataclasses
import statistics
import struct

KEPT = 8
LONGEST_S = 10
SR, RR, XR = 200, 201, 207
RECEIVER_TIME, ANSWERS = 4, 5
LATE = 4            # a cumulative loss may fall by so much, or by no more than it is
BEGAN_WITHIN = 16   # packets sent before ours that still mean that we saw the first


@dataclasses.dataclass(frozen=True)
class Block:
    """A report block on its way."""
    time_ns: int
    src: str
    dst: str
    reporter: int
    about: int
    lost: int
    highest: int
    jitter: int
    lsr: int
    dlsr: int


@dataclasses.dataclass(frozen=True)
class Stamp:
    """A sender report, or a receiver's time of an extended one."""
    time_ns: int
    src: str
    dst: str
    ssrc: int
    middle: int
    packets: int = None


def parts_of(data):
    """(type, count, body behind the header) of each packet of a compound."""
    at = 0
    while at + 4 <= len(data) and data[at] >> 6 == 2:
        length = 4 * (struct.unpack(">H", data[at + 2:at + 4])[0] + 1)
        yield data[at + 1], data[at] & 31, data[at + 4:at + length]
        at += length


def host(where):
    return where.rsplit(":", 1)[0]


def blocks_of(datagram, kind, count, body):
    at = 24 if kind == SR else 4
    for _ in range(count):
        if at + 24 > len(body):
            return
        about, loss, highest, jitter, lsr, dlsr = struct.unpack(">IIIIII", body[at:at + 24])
        lost = (loss & 0xffffff) - (loss << 1 & 0x1000000)
        yield Block(datagram.time_ns, host(datagram.src), host(datagram.dst),
                    struct.unpack(">I", body[:4])[0], about, lost, highest, jitter, lsr, dlsr)
        at += 24


def extended_of(datagram, body):
    """Stamps and answers of an extended report."""
    if len(body) < 4:
        return
    src, dst = host(datagram.src), host(datagram.dst)
    ssrc, at = struct.unpack(">I", body[:4])[0], 4
    while at + 4 <= len(body):
        kind, words = struct.unpack(">BxH", body[at:at + 4])
        items = body[at + 4:at + 4 + 4 * words]
        if kind == RECEIVER_TIME and len(items) >= 8:
            yield Stamp(datagram.time_ns, src, dst, ssrc, struct.unpack(">2xI", items[:6])[0])
        for i in range(0, len(items) - 11 if kind == ANSWERS else 0, 12):
            about, lsr, dlsr = struct.unpack(">III", items[i:i + 12])
            yield Block(datagram.time_ns, src, dst, ssrc, about, None, None, None, lsr, dlsr)
        at += 4 + 4 * words


def reports_of(datagrams):
    """Stamps and blocks in the order in which they passed."""
    for datagram in datagrams:
        data = datagram.payload
        if len(data) < 8 or data[0] >> 6 != 2 or not 192 <= data[1] <= 223:
            continue
        for kind, count, body in parts_of(data):
            if kind == SR and len(body) >= 24:
                ssrc, middle, packets = struct.unpack(">I2xI6xI", body[:20])
                yield Stamp(datagram.time_ns, host(datagram.src), host(datagram.dst), ssrc,
                            middle, packets)
            if kind in (SR, RR):
                yield from blocks_of(datagram, kind, count, body)
            elif kind == XR:
                yield from extended_of(datagram, body)


# --- round trips ------------------------------------------------------------------------

def halves_of(reports):
    """{(sender's host, receiver's host, ssrc): ms from the probe to the receiver and back},
    and the same by who answered: {(its host, the other's, its ssrc): ms}."""
    sent = collections.defaultdict(lambda: collections.deque(maxlen=KEPT))
    receiver, answering = collections.defaultdict(list), collections.defaultdict(list)
    for report in reports:
        if isinstance(report, Stamp):
            sent[report.src, report.dst, report.ssrc].append((report.middle, report.time_ns))
            continue
        told = dict(sent[report.dst, report.src, report.about])
        when = told.get(report.lsr) if report.lsr else None
        if when is None:
            continue
        trip_s = (report.time_ns - when) / 1e9 - report.dlsr / 65536
        if 0 <= trip_s <= LONGEST_S:
            receiver[report.dst, report.src, report.about].append(trip_s * 1000)
            answering[report.src, report.dst, report.reporter].append(trip_s * 1000)
    return ({key: statistics.median(values) for key, values in receiver.items()},
            {key: statistics.median(values) for key, values in answering.items()})


def round_trips(streams, reports):
    """{(src, dst, ssrc): the fields of its round trips}."""
    receivers, answering = halves_of(reports)
    facing = collections.defaultdict(list)
    for (a, b, _), trip in receivers.items():
        facing[a, b].append(trip)
    out = {}
    for src, dst, ssrc in streams:
        receiver = receivers.get((host(src), host(dst), ssrc))
        sender = answering.get((host(src), host(dst), ssrc))
        if sender is None:  # who answered has another SSRC than its stream
            sender = (facing.get((host(dst), host(src))) or [None])[0]
        known = [half for half in (receiver, sender) if half is not None]
        out[src, dst, ssrc] = {
            "rtt_receiver_ms": receiver, "rtt_sender_ms": sender,
            "rtt_ms": sum(known) if known else None, "rtt_partial": len(known) == 1}
    return out


# --- the second witness -----------------------------------------------------------------

def unwrapped(packets):
    """(time, number without wraps) of each, or nothing where numbering jumps."""
    out = []
    for packet in packets:
        before = out[-1][1] if out else 65536 + packet.seq
        step = (packet.seq - before + 32768) % 65536 - 32768
        if not -100 <= step < 3000:
            return None
        out.append((packet.time_ns, before + step))
    return out


def counts_at(numbers, highest, time_ns):
    """(expected, lost, copies, the number meant) of what passed us until then."""
    passed = [number for time, number in numbers if time <= time_ns]
    newest, first = max(passed), min(passed)
    meant = newest + (highest - newest + 32768) % 65536 - 32768
    if meant < first or newest - meant > 128 or meant - newest > 100:
        return None
    there = {number for number in passed if number <= meant}
    return meant - first + 1, meant - first + 1 - len(there), \
        len(passed) - len(set(passed)), meant


def saw_the_first(numbers, stamps):
    """By the sender's count; None where no report of it decides."""
    for stamp in stamps:
        passed = [number for time, number in numbers if time <= stamp.time_ns]
        expected = max(passed) - min(passed) + 1 if passed else 0
        if passed and stamp.packets >= expected // 2:
            return stamp.packets - expected <= BEGAN_WITHIN
    return None


def jitter_of(blocks, clock_hz):
    ticks = [block.jitter for block in blocks if block.jitter <= 900000]
    if not ticks or not clock_hz:
        return {"far_jitter_mean_ms": None, "far_jitter_max_ms": None}
    return {"far_jitter_mean_ms": statistics.fmean(ticks) * 1000 / clock_hz,
            "far_jitter_max_ms": max(ticks) * 1000 / clock_hz}


def growths(numbers, blocks, whole, mirrored):
    """(expected, lost, ours, copies) of each span between reports, that before the first
    too if the whole stream was seen."""
    last = None
    for block in blocks:
        counts = counts_at(numbers, block.highest & 0xffff, block.time_ns)
        if counts is None:
            continue
        expected, ours, copies, meant = counts
        copies = 0 if mirrored else copies
        now = (meant, block.lost, ours, copies, block)
        if last is None or last[4].reporter != block.reporter:
            if last is None and whole and block.lost <= expected:
                yield expected, block.lost, ours, copies
        elif meant < last[0]:
            continue
        else:
            grown = meant - last[0]
            anew = block.highest >> 16 < last[4].highest >> 16 or block.lost - last[1] > grown \
                or last[1] - block.lost > max(LATE, abs(block.lost))
            if not anew:
                yield grown, block.lost - last[1], ours - last[2], copies - last[3]
        last = now


def without_copies(blocks):
    out = []
    for block in blocks:
        same = out and dataclasses.replace(block, time_ns=0, reporter=0) == \
            dataclasses.replace(out[-1], time_ns=0, reporter=0)
        if not same:
            out.append(block)
    return out


def second_witness(key, packets, reports, announced=True):
    """The fields about the receiver of a stream; nothing where numbering jumps."""
    src, dst, ssrc = host(key[0]), host(key[1]), key[2]
    numbers = unwrapped(packets)
    if numbers is None:
        return {}
    begin = packets[0].time_ns
    blocks = without_copies([
        report for report in reports
        if isinstance(report, Block) and report.highest is not None and report.time_ns >= begin
        and (report.dst, report.src, report.about) == (src, dst, ssrc)])
    stamps = [report for report in reports
              if isinstance(report, Stamp) and report.packets is not None
              and (report.src, report.dst, report.ssrc) == (src, dst, ssrc)]
    whole = saw_the_first(numbers, stamps)
    mirrored = any(a.ip_id and a.ip_id == b.ip_id and a.seq == b.seq
                   for a, b in zip(packets, packets[1:]))
    spans = list(growths(numbers, blocks, announced if whole is None else whole, mirrored))
    out = jitter_of(blocks, packets[0].clock_hz)
    expected, lost, ours, copies = (sum(column) for column in zip(*spans)) if spans \
        else (0, 0, 0, 0)
    known = expected > 0
    out.update(far_expected=expected if known else None, far_lost=lost if known else None,
               far_loss_pct=100 * lost / expected if known else None,
               lost_at_report=ours if known else None, lost_after=lost - ours if known else None,
               unconfirmed_lost=max(0, ours - lost - copies) if known else None)
    return out
