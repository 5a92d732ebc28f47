"""capture.py - a pcap read here, byte by byte, for what is held against Earshot's figures."""
import datetime
import functools
import ipaddress
import struct

HELD_MS = 200  # more than that between two packets may be a pause
TIME_TOLERANCE_S = 1.5e-6  # a microsecond, and what a double loses of today's date


def frames(path):
    """(time in seconds as an exact integer of nanoseconds, bytes) of a pcap, and its link."""
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    magic, link = struct.unpack(order + "I16xI", data[:24])
    unit = 1 if magic == 0xa1b23c4d else 1000
    at = 24
    while at < len(data):
        sec, part, captured, _ = struct.unpack(order + "IIII", data[at:at + 16])
        yield sec * 10**9 + part * unit, data[at + 16:at + 16 + captured], link
        at += 16 + captured


def udp_of(frame, link):
    """((source, destination), payload) of a whole UDP datagram; None for anything else."""
    if link in (12, 101):  # IP and nothing before it
        ether, at = (b"\x08\x00" if frame[0] >> 4 == 4 else b"\x86\xdd"), 0
    else:
        ether, at = (frame[:2], 20) if link == 276 else (frame[12:14], 14)
    while ether in (b"\x81\x00", b"\x88\xa8"):
        ether, at = frame[at + 2:at + 4], at + 4
    if ether == b"\x08\x00":
        head = (frame[at] & 15) * 4
        fragment = struct.unpack(">H", frame[at + 6:at + 8])[0] & 0x3fff
        if frame[at + 9] != 17 or fragment:
            return None
        hosts = [frame[at + i:at + i + 4] for i in (12, 16)]
    elif ether == b"\x86\xdd":
        head = 40
        if frame[at + 6] != 17:
            return None
        hosts = [frame[at + i:at + i + 16] for i in (8, 24)]
    else:
        return None
    at += head
    *ports, length = struct.unpack(">HHH", frame[at:at + 6])
    ends = [(ipaddress.ip_address(host), port) for host, port in zip(hosts, ports)]
    return ends, frame[at + 8:at + length]


def endpoint(text):
    host, _, port = text.rpartition(":")
    return ipaddress.ip_address(host.strip("[]")), int(port)


@functools.lru_cache(maxsize=1)
def streams_of(path):
    """((source, destination), SSRC) to (time, payload type, timestamp, marker) of its packets;
    what is not RTP may be in there too, under keys that no stream has."""
    streams = {}
    for at, frame, link in frames(path):
        udp = udp_of(frame, link)
        if not udp or len(udp[1]) < 12:
            continue
        second, _, timestamp, source = struct.unpack(">xBHII", udp[1][:12])
        if not 192 <= second <= 223:
            streams.setdefault((*udp[0], source), []).append(
                (at, second & 127, timestamp, second >= 128))
    return streams


def packets_of(path, stream, events=()):
    """(time, timestamp, marker) of the stream's packets, payload types in `events` aside."""
    key = (endpoint(stream["src"]), endpoint(stream["dst"]), int(stream["ssrc"], 16))
    for at, payload_type, timestamp, marker in streams_of(path).get(key, ()):
        if payload_type not in events:
            yield at, timestamp, marker


def pauses_of(leg):
    """(from, until) in seconds: the SDP of one side or the other asked for no media."""
    begin = None
    for message in leg["messages"]:
        if "sdp" not in message:
            continue
        sends = message["sdp"].endswith("sendrecv")
        if not sends and begin is None:
            begin = message["at"]
        elif sends and begin is not None:
            yield begin, message["at"]
            begin = None
    if begin is not None:
        yield begin, float("inf")


def highest_jitter(path, stream, events, pauses):
    """RFC 3550 A.8 in ms over the stream's packets whose payload type is not in `events`; and
    whether the timestamps stood still, or jumped, over a pause: that is no transit time."""
    clock = stream["clock_hz"]
    jitter = highest = 0.0
    before, stood_still = None, False
    for at, timestamp, _ in packets_of(path, stream, events):
        if before:
            step = (timestamp - before[1] + 2**31) % 2**32 - 2**31
            apart = abs((at - before[0]) / 1e6 - step * 1000 / clock)
            if apart > HELD_MS and any(before[0] < until * 1e9 and begin * 1e9 < at
                                       for begin, until in pauses):
                stood_still = True
            else:
                jitter += (apart - jitter) / 16
                highest = max(highest, jitter)
        before = (at, timestamp)
    return highest, stood_still


def without_later(path, stream, highest, cut):
    """The capture without what the stream sent after a sequence number."""
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    ends, ssrc = [endpoint(stream["src"]), endpoint(stream["dst"])], int(stream["ssrc"], 16)
    cut.write(data[:24])
    at = 24
    for _, frame, link in frames(path):
        size = 16 + struct.unpack(order + "8xI4x", data[at:at + 16])[0]
        udp = udp_of(frame, link)
        sequence, source = 0, None
        if udp and udp[0] == ends and len(udp[1]) >= 12:
            sequence, source = struct.unpack(">2xH4xI", udp[1][:12])
        if source != ssrc or sequence_after_first(stream, sequence) <= highest:
            cut.write(data[at:at + size])
        at += size
    cut.flush()


def sequence_after_first(stream, sequence):
    """How far on from the stream's first packet; no capture here is 65536 packets long."""
    return (sequence - stream["sequence_first"]) % 65536


def seconds(time):
    """Of a time as Earshot writes it: since 1970, UTC."""
    if time is None:
        return None
    moment = datetime.datetime.strptime(time, "%Y-%m-%dT%H:%M:%S.%fZ")
    epoch = datetime.datetime(1970, 1, 1)
    return (moment - epoch) / datetime.timedelta(seconds=1)
