"""Builds what a generated capture is made of: RTP, RTCP, SIP with SDP, and the file around."""
import struct

SECOND_NS = 10**9
START_NS = 1_800_000_000 * SECOND_NS
NTP_EPOCH = 2_208_988_800

# rtpmap name: payload type, clock, bytes in 20 ms, fmtp
CODECS = {
    "PCMU": (0, 8000, 160, ""), "PCMA": (8, 8000, 160, ""), "G722": (9, 8000, 160, ""),
    "GSM": (3, 8000, 33, ""), "G729": (18, 8000, 20, ""), "CN": (13, 8000, 1, ""),
    "iLBC": (97, 8000, 38, ""), "opus": (111, 48000, 80, "useinbandfec=1"),
    "AMR-WB": (98, 16000, 60, "octet-align=1"), "speex": (99, 16000, 60, ""),
    "red": (121, 8000, 324, "0/0"), "telephone-event": (101, 8000, 4, "0-16"),
}
FIRST_BYTES = {
    "opus": b"\xf8",        # CELT, fullband, 20 ms, mono
    "AMR-WB": b"\xf0\x14",  # no mode asked for; one frame of type 2: 12.65 kbit/s
    "red": b"\x80\x02\x80\xa0\x00",  # PCMU of 20 ms ago, 160 bytes, then PCMU
}


def payload_of(codec, length, seed):
    first = FIRST_BYTES.get(codec, b"")
    return first + bytes((seed * 7 + i * 13) & 0xff for i in range(length - len(first)))


def rtp(seq, ts, ssrc, pt, marker, payload, extras=False):
    """An RTP packet; with extras it has a CSRC, a header extension and padding."""
    head = struct.pack(">BBHII", 0xb1 if extras else 0x80, marker << 7 | pt, seq & 0xffff,
                       ts & 0xffffffff, ssrc)
    if not extras:
        return head + payload
    extension = struct.pack(">I2xH4x", 0x0badcafe, 1)
    return head + extension + payload + b"\0\0\0\4"


def ntp(time_ns):
    return (time_ns // SECOND_NS + NTP_EPOCH) << 32 | (time_ns % SECOND_NS << 32) // SECOND_NS


def rtcp(ssrc, about=None, sent_ns=None, lsr=0, dlsr_ns=0, lost=0, highest=0, jitter=0,
         packets=0, more=b""):
    """SR if sent_ns is given, else RR; with a block about another source; then a CNAME."""
    block = b"" if about is None else struct.pack(
        ">IIIIII", about, lost & 0xffffff, highest, jitter, lsr, dlsr_ns * 65536 // SECOND_NS)
    info = b"" if sent_ns is None else struct.pack(">QIII", ntp(sent_ns), 0, packets, 0)
    body = struct.pack(">I", ssrc) + info + block
    kind = 201 if sent_ns is None else 200
    head = struct.pack(">BBH", 0x80 | bool(block), kind, len(body) // 4)
    return head + body + struct.pack(">BBHIBB2sI", 0x81, 202, 3, ssrc, 1, 2, b"me", 0) + more


def extended_report(ssrc, kind, body):
    """One block of RFC 3611."""
    length = len(body) // 4
    return struct.pack(">BBHIBBH", 0x80, 207, length + 2, ssrc, kind, 0, length) + body


def address(where):
    host, port = where.split(":")
    return bytes(map(int, host.split("."))), int(port)


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def frame(src, dst, payload, ip_id):
    """Ethernet, IPv4 and UDP around a payload."""
    (from_ip, from_port), (to_ip, to_port) = address(src), address(dst)
    header = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), ip_id & 0xffff, 0, 64,
                         17, 0, from_ip, to_ip)
    header = header[:10] + struct.pack(">H", checksum(header)) + header[12:]
    return b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + header + \
        struct.pack(">HHHH", from_port, to_port, 8 + len(payload), 0) + payload


def write_pcap(path, frames, nanoseconds):
    """frames: (nanoseconds, bytes), in the order of the file."""
    magic, unit = (0xa1b23c4d, 1) if nanoseconds else (0xa1b2c3d4, 1000)
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", magic, 2, 4, 0, 0, 262144, 1))
        for time, data in frames:
            out.write(struct.pack("<IIII", time // SECOND_NS, time % SECOND_NS // unit,
                                  len(data), len(data)) + data)


# --- SIP --------------------------------------------------------------------------------

def sdp(media, codecs, rtcp_port=None):
    host, port = media.split(":")
    types = [CODECS[name] for name in codecs]
    lines = ["v=0", f"o=- 1 1 IN IP4 {host}", "s=-", f"c=IN IP4 {host}", "t=0 0",
             f"m=audio {port} RTP/AVP " + " ".join(str(pt) for pt, *_ in types)]
    for name, (pt, clock, _, fmtp) in zip(codecs, types):
        lines.append(f"a=rtpmap:{pt} {name}/{clock}" + ("/2" if name == "opus" else ""))
        if fmtp:
            lines.append(f"a=fmtp:{pt} {fmtp}")
    if rtcp_port:
        lines.append(f"a=rtcp:{rtcp_port}")
    return "".join(line + "\r\n" for line in lines)


def message(first, cseq, body="", to_tag=";tag=b"):
    lines = [first, "Via: SIP/2.0/UDP 198.18.0.1:5060;branch=z9hG4bK" + cseq.replace(" ", ""),
             "Max-Forwards: 70", "From: <sip:a@198.18.0.1>;tag=a",
             f"To: <sip:b@198.18.0.2>{to_tag}", "Call-ID: quality@198.18.0.1",
             "CSeq: " + cseq, "Contact: <sip:a@198.18.0.1:5060>"]
    if body:
        lines.append("Content-Type: application/sdp")
    lines += [f"Content-Length: {len(body)}", "", body]
    return "\r\n".join(lines).encode()


def call(codecs, media_a, media_b, begin_ns, end_ns, rtcp_ports=(None, None)):
    """(time, src, dst, payload) of a call whose media run from begin_ns to end_ns."""
    a, b = "198.18.0.1:5060", "198.18.0.2:5060"
    ms = 10**6
    return [
        (begin_ns - 900 * ms, a, b,
         message("INVITE sip:b@198.18.0.2 SIP/2.0", "1 INVITE",
                 sdp(media_a, codecs, rtcp_ports[0]), "")),
        (begin_ns - 800 * ms, b, a, message("SIP/2.0 180 Ringing", "1 INVITE")),
        (begin_ns - 100 * ms, b, a,
         message("SIP/2.0 200 OK", "1 INVITE", sdp(media_b, codecs, rtcp_ports[1]))),
        (begin_ns - 90 * ms, a, b, message("ACK sip:b@198.18.0.2 SIP/2.0", "1 ACK")),
        (end_ns + 100 * ms, a, b, message("BYE sip:b@198.18.0.2 SIP/2.0", "2 BYE")),
        (end_ns + 110 * ms, b, a, message("SIP/2.0 200 OK", "2 BYE")),
    ]
