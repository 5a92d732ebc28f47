"""Round trips seen from the middle: when a sender report passed, and the answer to it."""
import collections
import statistics
import struct

KEPT = 8
LONGEST_S = 10


def parts_of(data):
    """(type, count, body behind the header) of each packet of a compound."""
    at = 0
    while at + 4 <= len(data) and data[at] >> 6 == 2:
        length = 4 * (struct.unpack(">H", data[at + 2:at + 4])[0] + 1)
        yield data[at + 1], data[at] & 31, data[at + 4:at + length]
        at += length


def blocks_of(kind, count, body):
    """(about ssrc, LSR, DLSR) of the report blocks."""
    at = 24 if kind == 200 else 4
    for _ in range(count):
        if at + 24 > len(body):
            return
        about, lsr, dlsr = struct.unpack(">I12xII", body[at:at + 24])
        yield about, lsr, dlsr
        at += 24


def host(where):
    return where.rsplit(":", 1)[0]


def halves_of(datagrams):
    """{(sender's host, receiver's host, ssrc): ms from the probe to the receiver and back}."""
    sent = collections.defaultdict(lambda: collections.deque(maxlen=KEPT))
    trips = collections.defaultdict(list)
    for datagram in datagrams:
        data = datagram.payload
        if len(data) < 8 or data[0] >> 6 != 2 or not 192 <= data[1] <= 223:
            continue
        src, dst = host(datagram.src), host(datagram.dst)
        for kind, count, body in parts_of(data):
            if kind == 200 and len(body) >= 24:
                ssrc, middle = struct.unpack(">I2xI", body[:10])
                sent[src, dst, ssrc].append((middle, datagram.time_ns))
            for about, lsr, dlsr in blocks_of(kind, count, body) if kind in (200, 201) else ():
                when = dict(sent[dst, src, about]).get(lsr) if lsr else None
                trip_s = when is not None and \
                    (datagram.time_ns - when) / 1e9 - dlsr / 65536
                if when is not None and 0 <= trip_s <= LONGEST_S:
                    trips[dst, src, about].append(trip_s * 1000)
    return {key: statistics.median(values) for key, values in trips.items()}


def round_trips(streams, datagrams):
    """{(src, dst, ssrc): (probe to receiver, probe to sender)}, ms or None, for the streams."""
    halves = halves_of(datagrams)
    facing = collections.defaultdict(list)
    for (a, b, _), trip in halves.items():
        facing[a, b].append(trip)
    out = {}
    for src, dst, ssrc in streams:
        back = facing.get((host(dst), host(src)))
        out[src, dst, ssrc] = (halves.get((host(src), host(dst), ssrc)),
                               back[0] if back else None)
    return out
