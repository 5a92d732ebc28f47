"""Reads pcap and pcapng, finds RTP, RTCP and what SDP says of it.

Link types Ethernet (with VLAN tags), raw IP, loopback and Linux cooked; IPv4 and IPv6 over
them, one inside the other too.  Fragments, other tunnels and SIP messages that TCP cut into
several segments are passed over: this reader need not see everything, but what it sees it
must see rightly.  Shares no code with analyzer/.
"""
import collections
import dataclasses
import ipaddress
import re
import struct

import emodel

UDP, TCP = 17, 6
NO_AUDIO = {"telephone-event": "event", "x-nse": "event", "cn": "cn"}  # NSE: Cisco's events


@dataclasses.dataclass(frozen=True)
class Datagram:
    time_ns: int
    src: str
    dst: str
    ip_id: int
    transport: int
    payload: bytes
    length: int  # on the wire, without what the capture cut off


@dataclasses.dataclass
class Packet:
    """One RTP packet and what is known of its payload type."""
    time_ns: int
    seq: int
    ts: int
    pt: int
    marker: bool = False
    kind: str = "audio"  # or event, cn, unknown (no clock)
    clock_hz: int = 8000
    codec: str = "PCMU"
    fmtp: str = ""
    payload: bytes = b""
    ip_id: int = None  # None: never a copy that the mirror made
    basis: str = "static"


# --- files ------------------------------------------------------------------------------

def frames_of(path):
    """(nanoseconds, link type, bytes) of each frame, in the order of the file."""
    data = path.read_bytes()
    if data[:4] == b"\x0a\x0d\x0d\x0a":
        yield from pcapng_frames(data)
        return
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    magic, link = struct.unpack(order + "I16xI", data[:24])
    unit = {0xa1b2c3d4: 1000, 0xa1b23c4d: 1}[magic]
    at = 24
    while at + 16 <= len(data):
        sec, part, captured, _ = struct.unpack(order + "IIII", data[at:at + 16])
        if at + 16 + captured > len(data):
            return
        yield sec * 10**9 + part * unit, link & 0xffff, data[at + 16:at + 16 + captured]
        at += 16 + captured


def pcapng_frames(data):
    at, order, interfaces = 0, "<", []
    while at + 12 <= len(data):
        if data[at:at + 4] == b"\x0a\x0d\x0d\x0a":
            order = "<" if data[at + 8:at + 12] == b"\x4d\x3c\x2b\x1a" else ">"
            interfaces = []
        kind, length = struct.unpack(order + "II", data[at:at + 8])
        body = data[at + 8:at + length - 4]
        if kind == 1:
            interfaces.append(pcapng_interface(order, body))
        elif kind == 6:
            number, high, low, captured = struct.unpack(order + "IIII", body[:16])
            link, per_second, offset = interfaces[number]
            time = (high << 32 | low) * 10**9 // per_second + offset * 10**9
            yield time, link, body[20:20 + captured]
        at += length


def pcapng_interface(order, body):
    """(link type, ticks per second, offset in seconds)."""
    link, per_second, offset, at = struct.unpack(order + "H", body[:2])[0], 10**6, 0, 8
    while at + 4 <= len(body):
        code, length = struct.unpack(order + "HH", body[at:at + 4])
        value = body[at + 4:at + 4 + length]
        if code == 9:
            per_second = 2 ** (value[0] & 127) if value[0] & 128 else 10 ** value[0]
        elif code == 14:
            offset = struct.unpack(order + "q", value)[0]
        elif code == 0:
            break
        at += 4 + (length + 3) // 4 * 4
    return link, per_second, offset


def network_layer(link, frame):
    """The IP packet in a frame, or nothing."""
    if link == 1:
        at = 12
        while frame[at:at + 2] in (b"\x81\x00", b"\x88\xa8", b"\x91\x00"):
            at += 4
        return frame[at + 2:] if frame[at:at + 2] in (b"\x08\x00", b"\x86\xdd") else b""
    skip = {0: 4, 12: 0, 101: 0, 108: 4, 113: 16, 228: 0, 229: 0, 276: 20}.get(link)
    return b"" if skip is None else frame[skip:]


def datagram_of(time_ns, ip):
    if len(ip) >= 20 and ip[0] >> 4 == 4:
        header = (ip[0] & 15) * 4
        total, ip_id, fragment = struct.unpack(">HHH", ip[2:8])
        protocol, src, dst = ip[9], ip[12:16], ip[16:20]
        rest, length = ip[header:total], total - header
        if fragment & 0x3fff:
            return None
    elif len(ip) >= 40 and ip[0] >> 4 == 6:
        length, protocol = struct.unpack(">HB", ip[4:7])
        src, dst, ip_id, rest = ip[8:24], ip[24:40], None, ip[40:40 + length]
    else:
        return None
    if protocol in (4, 41):
        return datagram_of(time_ns, rest)
    ends = [ipaddress.ip_address(address) for address in (src, dst)]
    if protocol == UDP and len(rest) >= 8:
        from_port, to_port, udp_length = struct.unpack(">HHH", rest[:6])
        payload, length = rest[8:udp_length], min(udp_length, length) - 8
    elif protocol == TCP and len(rest) >= 20:
        from_port, to_port = struct.unpack(">HH", rest[:4])
        payload, length = rest[(rest[12] >> 4) * 4:], 0
    else:
        return None
    return Datagram(time_ns, endpoint(ends[0], from_port), endpoint(ends[1], to_port), ip_id,
                    protocol, payload, length)


def endpoint(address, port):
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"


def datagrams_of(path):
    found = (datagram_of(time, network_layer(link, frame))
             for time, link, frame in frames_of(path))
    return [datagram for datagram in found if datagram]


# --- SDP --------------------------------------------------------------------------------

def sdp_formats(text):
    """{endpoint: {payload type: (name, clock, fmtp)}} of each m= line that has a port."""
    out, session_host, media = {}, None, None
    for line in text.replace("\r", "").split("\n"):
        if line.startswith("c="):
            host = line.split()[-1].split("/")[0]
            if media is None:
                session_host = host
            else:
                media["host"] = host
        elif line.startswith("m="):
            media = {"host": session_host, "line": line[2:].split(), "a": []}
            out[len(out)] = media
        elif line.startswith("a=") and media is not None:
            media["a"].append(line[2:])
    return dict(filter(None, (media_formats(media) for media in out.values())))


def media_formats(media):
    try:
        port, types = int(media["line"][1].split("/")[0]), media["line"][3:]
        where = endpoint(ipaddress.ip_address(media["host"]), port)
        formats = {int(pt): (*emodel.STATIC_TYPES.get(int(pt), (None, None)), "")
                   for pt in types}
    except (ValueError, IndexError):
        return None
    for attribute in media["a"]:
        found = re.match(r"rtpmap: *(\d+) +([^/ ]+)/(\d+)", attribute)
        if found:
            formats[int(found[1])] = (found[2], int(found[3]), "")
    for attribute in media["a"]:
        found = re.match(r"fmtp: *(\d+) +(.*)", attribute)
        if found and int(found[1]) in formats:
            name, clock, _ = formats[int(found[1])]
            formats[int(found[1])] = (name, clock, found[2])
    return where, {pt: known for pt, known in formats.items() if known[0]}


class Descriptions:
    """What SDP said, by endpoint; the newest word on a payload type before a packet counts,
    else the first after it, because media may run ahead of its answer."""

    def __init__(self, datagrams):
        self.said = collections.defaultdict(list)
        for datagram in datagrams:
            if b"\nm=" not in datagram.payload:
                continue
            text = datagram.payload.decode("latin-1")
            for where, formats in sdp_formats(text).items():
                self.said[where].append((datagram.time_ns, formats))

    def find(self, packet_time, dst, src, pt):
        for where in (dst, src):
            lines = [(time, formats[pt]) for time, formats in self.said.get(where, ())
                     if pt in formats]
            if lines:
                earlier = [known for time, known in lines if time <= packet_time]
                return earlier[-1] if earlier else lines[0][1]
        return None


# --- holds ------------------------------------------------------------------------------

def audio_of(text):
    """(endpoint or None, sends, receives) of the first audio line that is not refused."""
    host, way, found = None, "sendrecv", None
    for line in text.replace("\r", "").split("\n"):
        if line.startswith("m="):
            if found:
                break
            words = line[2:].split()
            if words[0] == "audio" and words[1] != "0":
                found = {"port": int(words[1].split("/")[0]), "host": host, "way": way}
        elif line.startswith("c="):
            address = line.split()[-1].split("/")[0]
            if found:
                found["host"] = address
            else:
                host = address
        elif line[2:] in ("sendrecv", "sendonly", "recvonly", "inactive"):
            if found:
                found["way"] = line[2:]
            else:
                way = line[2:]
    if not found:
        return None, False, False
    nowhere = found["host"] in ("0.0.0.0", "::")
    where = None if nowhere else endpoint(ipaddress.ip_address(found["host"]), found["port"])
    return where, found["way"] in ("sendrecv", "sendonly"), \
        found["way"] in ("sendrecv", "recvonly") and not nowhere


def agreements_of(datagrams):
    """(time, {signalling address: audio_of}, who offered) of each answered offer, in order;
    the answer is the other side's next SDP with the same Call-ID and number of INVITE."""
    offers = {}
    for datagram in datagrams:
        head, _, body = datagram.payload.partition(b"\r\n\r\n")
        if b"\nm=" not in body or b"SIP/2.0" not in head:
            continue
        values = [re.search(rb"(?im)^" + name + rb"[ \t]*:[ \t]*(\S+)", head)
                  for name in (b"(?:call-id|i)", b"cseq")]
        if not all(values):
            continue
        ends = frozenset((datagram.src, datagram.dst))
        key = (values[0][1], values[1][1], ends)
        try:
            side = audio_of(body.decode("latin-1"))
        except (ValueError, IndexError):
            continue
        offer = offers.get(key)
        if offer is None or offer[0] == datagram.src:
            offers[key] = (datagram.src, side)
        else:
            yield datagram.time_ns, {offer[0]: offer[1], datagram.src: side}, offer[0]


def holds_of(datagrams):
    """[(sender, receiver, from, until)]: when a side was not to send, by media endpoint; until
    the agreement that it may again, or None.  Who puts the other on hold need not send."""
    since, out, known = {}, [], {}
    agreed = set()
    for time, sides, offerer in agreements_of(datagrams):
        for party, (where, _, _) in sides.items():
            known[party] = where or known.get(party)
        again = frozenset(sides) in agreed
        agreed.add(frozenset(sides))
        for sender, receiver in (tuple(sides), tuple(sides)[::-1]):
            _, sends, hears = sides[sender]
            wanted = sends and sides[receiver][2] and \
                (hears or not again or offerer != sender)
            flow = (known[sender], known[receiver])
            if wanted and flow in since:
                out.append((*flow, since.pop(flow), time))
            elif not wanted:
                since.setdefault(flow, time)
    return out + [(*flow, begin, None) for flow, begin in since.items()]


def pauses_of(holds, src, dst):
    """[(from, until)] of one flow; one of its ends may have been translated on the way."""
    return [(begin, end) for sender, receiver, begin, end in holds
            if sender == src or receiver == dst]


# --- RTP --------------------------------------------------------------------------------

def rtp_of(datagram):
    """(ssrc, Packet) without what SDP says, or None."""
    data = datagram.payload
    if datagram.transport != UDP or len(data) < 12 or data[0] >> 6 != 2 or \
       192 <= data[1] <= 223:
        return None
    start, end = 12 + 4 * (data[0] & 15), datagram.length
    if data[0] & 16:
        if len(data) < start + 4:
            return None
        start += 4 + 4 * struct.unpack(">H", data[start + 2:start + 4])[0]
    if data[0] & 32 and len(data) == datagram.length:
        end -= data[-1]
    if start > end:
        return None
    seq, ts, ssrc = struct.unpack(">HII", data[2:12])
    return ssrc, Packet(datagram.time_ns, seq, ts, data[1] & 127, data[1] >= 128,
                        payload=data[start:end], ip_id=datagram.ip_id)


def describe(packet, known, formats_of):
    """Fills in what SDP or RFC 3551 knows of the payload type; of red, that of its primary."""
    packet.basis = "sdp" if known else "static"
    known = known or (*emodel.STATIC_TYPES.get(packet.pt, (None, None)), "")
    name, packet.clock_hz, packet.fmtp = known
    if name and name.lower() == "red":
        at = 0
        while at < len(packet.payload) and packet.payload[at] & 128:
            at += 4
        primary = formats_of(packet.payload[at]) if at < len(packet.payload) else None
        name = primary[0] if primary else name
    packet.codec = name
    plain = (name or "").lower()
    packet.kind = NO_AUDIO.get(plain, "audio") if packet.clock_hz else "unknown"


def guess_clock(packets):
    """The clock of a dynamic type that no SDP explains: ticks over time, if they agree."""
    head = packets[:64]
    steps = collections.Counter(
        (b.ts - a.ts) & 0xffffffff for a, b in zip(head, head[1:])
        if b.pt == a.pt and (b.seq - a.seq) & 0xffff == 1)
    if not steps or (head[-1].seq - head[0].seq) & 0xffff == 0:
        return None
    ticks = steps.most_common(1)[0][0]
    gap_s = (head[-1].time_ns - head[0].time_ns) / 1e9 / ((head[-1].seq - head[0].seq) & 0xffff)
    rate = ticks / gap_s if gap_s > 0 else 0
    return next((hz for hz in (8000, 16000, 48000) if abs(rate - hz) <= 0.02 * hz), None)


def streams_of(datagrams):
    """{(src, dst, ssrc): [Packet...]} of everything that has the shape of RTP."""
    descriptions = Descriptions(datagrams)
    streams = collections.defaultdict(list)
    for datagram in datagrams:
        found = rtp_of(datagram)
        if not found:
            continue
        ssrc, packet = found
        where = (packet.time_ns, datagram.dst, datagram.src)

        def formats_of(pt, where=where):
            return descriptions.find(*where, pt & 127) or \
                (*emodel.STATIC_TYPES.get(pt & 127, (None, None)), "")

        describe(packet, descriptions.find(*where, packet.pt), formats_of)
        streams[datagram.src, datagram.dst, ssrc].append(packet)
    for packets in streams.values():
        explain_unknown(packets)
    return streams


def explain_unknown(packets):
    unknown = [packet for packet in packets if packet.kind == "unknown"]
    clock_hz = guess_clock(unknown)
    for packet in unknown if clock_hz else ():
        packet.kind, packet.clock_hz, packet.basis = "audio", clock_hz, "guessed"
