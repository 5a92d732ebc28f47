"""Calls as frames: who says what, and when; with what should be made of it."""
import random
import socket
import struct

BEGIN = 1767225600.0
PHONE, PBX = ("198.18.0.1", 5060), ("198.19.0.9", 5060)
A, S, S2 = ("198.18.0.1", 4000), ("198.19.0.1", 5000), ("198.19.0.2", 5000)
TICKS, PTIME_S = 160, 0.02


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def sdp(at, types="8", attributes="", medium="audio", protocol="RTP/AVP", connection=None):
    """at: (address, port)"""
    version = 6 if ":" in at[0] else 4
    return (f"v=0\r\no=- 1 1 IN IP{version} {at[0]}\r\ns=-\r\nc=IN IP{version} "
            f"{connection or at[0]}\r\nt=0 0\r\nm={medium} {at[1]} {protocol} {types}\r\n{attributes}")


def text_of(end):
    return f"[{end[0]}]:{end[1]}" if ":" in end[0] else f"{end[0]}:{end[1]}"


class Scene:
    def __init__(self):
        self.frames, self.number = [], 0

    def udp(self, at, src, dst, payload):
        udp = struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0) + payload
        if ":" in src[0]:
            ends = b"".join(socket.inet_pton(socket.AF_INET6, end[0]) for end in (src, dst))
            self.frames.append((BEGIN + at, bytes(12) + b"\x86\xdd" + struct.pack(
                ">IHBB", 0x60000000, len(udp), 17, 64) + ends + udp))
            return
        self.number = self.number % 65535 + 1
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), self.number, 0, 64, 17, 0) + \
            socket.inet_aton(src[0]) + socket.inet_aton(dst[0])
        head = head[:10] + struct.pack(">H", checksum(head)) + head[12:]
        self.frames.append((BEGIN + at, bytes(12) + b"\x08\x00" + head + udp))

    def sip(self, at, src, dst, first, call, cseq, tags=("f", "t"), body=None):
        """tags: of From and To; None: it has none yet."""
        via = dst if first.startswith("SIP") else src
        start = first if first.startswith("SIP") else f"{first} sip:b@example.com SIP/2.0"
        text = (f"{start}\r\nVia: SIP/2.0/UDP {text_of(via)};branch=z9hG4bK{call}{cseq.replace(' ', '')}"
                f"\r\nFrom: <sip:a@example.com>;tag={tags[0]}\r\nTo: <sip:b@example.com>"
                f"{';tag=' + tags[1] if tags[1] else ''}\r\nCall-ID: {call}\r\nCSeq: {cseq}\r\n"
                f"Contact: <sip:c@{src[0] if ':' not in src[0] else '[' + src[0] + ']'}>\r\n"
                + ("Content-Type: application/sdp\r\n" if body else "")
                + f"Content-Length: {len(body or '')}\r\n\r\n{body or ''}")
        self.udp(at, src, dst, text.encode())

    def call(self, call, at, offer, answer, talk=6.0, ends=(PHONE, PBX), bye=True):
        """From `at` on; answered half a second later: returns that time."""
        caller, callee = ends
        self.sip(at, caller, callee, "INVITE", call, "1 INVITE", ("f", None), offer)
        self.sip(at + 0.05, callee, caller, "SIP/2.0 180 Ringing", call, "1 INVITE")
        answered = at + 0.5
        self.sip(answered, callee, caller, "SIP/2.0 200 OK", call, "1 INVITE", body=answer)
        self.sip(answered + 0.02, caller, callee, "ACK", call, "1 ACK")
        if bye:
            self.sip(answered + talk, caller, callee, "BYE", call, "9 BYE")
            self.sip(answered + talk + 0.02, callee, caller, "SIP/2.0 200 OK", call, "9 BYE")
        return answered

    def again(self, at, call, number, offer, answer, by_callee=True):
        """A re-INVITE and its answer, 0.1 s later."""
        ends, tags = ((PBX, PHONE), ("t", "f")) if by_callee else ((PHONE, PBX), ("f", "t"))
        self.sip(at, *ends, "INVITE", call, f"{number} INVITE", tags, offer)
        self.sip(at + 0.1, *ends[::-1], "SIP/2.0 200 OK", call, f"{number} INVITE", tags, answer)

    def talk(self, at, src, dst, ssrc, count, first=0, lost=(), **rtp):
        """count packets of RTP, less those of `lost`; rtp: payload_type, timestamp, ticks, step."""
        noise = random.Random(f"{src}{dst}{ssrc}{first}")
        ticks, step = rtp.get("ticks", TICKS), rtp.get("step", PTIME_S)
        timestamp = rtp.get("timestamp", first * ticks)
        for i in range(count):
            if i not in lost:
                self.udp(at + i * step, src, dst, struct.pack(
                    ">BBHII", 0x80, rtp.get("payload_type", 8), (first + i) & 0xffff,
                    (timestamp + i * ticks) & 0xffffffff, ssrc) + noise.randbytes(160))

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHIIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for at, frame in sorted(self.frames, key=lambda one: one[0]):
                micro = round(at * 1e6)
                out.write(struct.pack("<IIII", micro // 1000000, micro % 1000000, len(frame),
                                      len(frame)) + frame)
