"""Captures made for a test: frames by hand, no tool needed."""
import ipaddress
import struct

START = 1_700_000_000


def pcap(frames, link=1):
    """frames: (seconds, bytes); microsecond stamps."""
    out = [struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, link)]
    for at, data in frames:
        out.append(struct.pack("<IIII", START + int(at), round(at % 1 * 1e6),
                               len(data), len(data)) + data)
    return b"".join(out)


def split(capture):
    """The head of a pcap and its records."""
    records, at = [], 24
    while at < len(capture):
        length = 16 + struct.unpack("<I", capture[at + 8:at + 12])[0]
        records.append(capture[at:at + length])
        at += length
    return capture[:24], records


def ip(src, dst, protocol, payload, number=1, fragment=0):
    head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(payload), number, fragment, 64, protocol,
                       0)
    return (b"\x02" * 12 + b"\x08\x00" + head + ipaddress.ip_address(src).packed +
            ipaddress.ip_address(dst).packed + payload)


def fragments(frame, number, size):
    """The frame inside an IP-in-IP tunnel whose packets are cut; size: a multiple of 8."""
    inner = frame[14:]
    for at in range(0, len(inner), size):
        more = 0x2000 if at + size < len(inner) else 0
        yield ip("198.51.100.1", "198.51.100.2", 4, inner[at:at + size], number,
                 more | at // 8)


def udp(src, dst, payload):
    (host, sport), (peer, dport) = src, dst
    return ip(host, peer, 17, struct.pack(">HHHH", sport, dport, 8 + len(payload), 0) + payload)


def tcp(src, dst, sequence, acknowledgement, payload=b"", flags=0x18):
    (host, sport), (peer, dport) = src, dst
    head = struct.pack(">HHIIBBHHH", sport, dport, sequence, acknowledgement, 0x50, flags,
                       8192, 0, 0)
    return ip(host, peer, 6, head + payload)


def rtp(sequence, timestamp, ssrc, payload_type, size=160):
    return struct.pack(">BBHII", 0x80, payload_type, sequence & 0xffff, timestamp, ssrc) + \
        b"\x55" * size


def sip(first_line, call_id, cseq, to_tag=b"", more=(), body=b""):
    lines = [first_line, b"Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK" + call_id + cseq[:1],
             b"From: <sip:alice@example.com>;tag=a", b"To: <sip:bob@example.com>" + to_tag,
             b"Call-ID: " + call_id, b"CSeq: " + cseq, *more,
             b"Content-Length: %d" % len(body), b"", body]
    return b"\r\n".join(lines)


def sdp(host, port):
    return b"\r\n".join([b"v=0", b"o=- 1 1 IN IP4 " + host, b"s=-", b"c=IN IP4 " + host,
                         b"t=0 0", b"m=audio %d RTP/AVP 0" % port, b""])


CALLER, CALLEE = ("192.0.2.1", 5060), ("192.0.2.2", 5060)


def call(number, at, packets):
    """An answered call with `packets` RTP packets each way, as (seconds, frame)."""
    name = b"made-%d@example.com" % number
    ports = 10000 + 4 * number % 50000, 10002 + 4 * number % 50000
    sdps = [sdp(host.encode(), port) for (host, _), port in zip((CALLER, CALLEE), ports)]
    kind = (b"Content-Type: application/sdp",)
    tag = b";tag=b"
    yield at, udp(CALLER, CALLEE, sip(b"INVITE sip:bob@example.com SIP/2.0", name, b"1 INVITE",
                                      more=kind, body=sdps[0]))
    yield at + .1, udp(CALLEE, CALLER, sip(b"SIP/2.0 200 OK", name, b"1 INVITE", tag, kind,
                                           sdps[1]))
    yield at + .2, udp(CALLER, CALLEE, sip(b"ACK sip:bob@example.com SIP/2.0", name, b"1 ACK",
                                           tag))
    ends = [(CALLER[0], ports[0]), (CALLEE[0], ports[1])]
    for i in range(packets):
        when = at + .2 + i * .02
        yield when, udp(ends[0], ends[1], rtp(i, 160 * i, 2 * number + 2, 0))
        yield when, udp(ends[1], ends[0], rtp(i, 160 * i, 2 * number + 3, 0))
    end = at + .3 + packets * .02
    yield end, udp(CALLER, CALLEE, sip(b"BYE sip:bob@example.com SIP/2.0", name, b"2 BYE", tag))
    yield end + .01, udp(CALLEE, CALLER, sip(b"SIP/2.0 200 OK", name, b"2 BYE", tag))


def calls(count, packets):
    frames = [frame for n in range(count) for frame in call(n, n * .01, packets)]
    return pcap(sorted(frames, key=lambda frame: frame[0]))


class Connection:
    """A TCP connection on which both sides send what they are told to."""

    def __init__(self, client, server):
        self.ends = [client, server]
        self.next = [1000, 5000]
        self.frames = []

    def open(self, at):
        client, server = self.ends
        self.frames.append((at, tcp(client, server, 999, 0, flags=0x02)))
        self.frames.append((at, tcp(server, client, 4999, 1000, flags=0x12)))
        self.frames.append((at, tcp(client, server, 1000, 5000, flags=0x10)))

    def send(self, at, side, data):
        self.frames.append((at, tcp(self.ends[side], self.ends[1 - side], self.next[side],
                                    self.next[1 - side], data)))
        self.next[side] += len(data)
        self.frames.append((at, tcp(self.ends[1 - side], self.ends[side], self.next[1 - side],
                                    self.next[side], flags=0x10)))
