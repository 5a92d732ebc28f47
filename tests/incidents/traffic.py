"""Calls of a PBX over two carriers, as frames of a capture."""
import random
import struct

BEGIN = 1772532000  # 2026-03-03 10:00 UTC, a Tuesday
PBX, CARRIERS = "198.18.0.1", {"carrier-a": "198.18.1.1", "carrier-b": "198.18.2.1"}


def bytes_of(address):
    return bytes(map(int, address.split(".")))


class Capture:
    """Frames with their times, in any order until it is written."""

    def __init__(self):
        self.frames = []

    def udp(self, at, src, dst, payload, ports=(5060, 5060), dscp=0):
        udp = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
        head = struct.pack(">BBHHHBBH4s4s", 0x45, dscp << 2, 20 + len(udp), len(self.frames) & 65535,
                           0, 64, 17, 0, bytes_of(src), bytes_of(dst))
        self.frames.append((at, b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + head + udp))

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for at, frame in sorted(self.frames, key=lambda f: f[0]):
                us = round((BEGIN + at) * 1_000_000)
                out.write(struct.pack("<IIII", us // 1_000_000, us % 1_000_000,
                                      len(frame), len(frame)) + frame)


class Call:
    """One call from the PBX to a carrier, as messages."""

    def __init__(self, capture, number, at, carrier, callee="4930123"):
        self.capture, self.number, self.at, self.carrier = capture, number, at, carrier
        self.callee, self.twice = callee, False

    def say(self, after, first, cseq, back=False, body=""):
        src, dst = (self.carrier, PBX) if back else (PBX, self.carrier)
        answer = "" if first.startswith("INVITE") else ";tag=t"
        text = (f"{first}\r\nVia: SIP/2.0/UDP {PBX}:5060;branch=z9hG4bK{self.number}{cseq[0]}\r\n"
                f"From: <sip:{1000 + self.number}@{PBX}>;tag=f{self.number}\r\n"
                f"To: <sip:{self.callee}@{self.carrier}>{answer}\r\n"
                f"Call-ID: call-{self.number}@test\r\nCSeq: {cseq}\r\n"
                f"Contact: <sip:x@{src}>\r\n")
        if body:
            text += "Content-Type: application/sdp\r\n"
        text = (text + f"Content-Length: {len(body)}\r\n\r\n" + body).encode()
        for again in (0, 0.5)[:1 + self.twice]:
            self.capture.udp(self.at + after + again, src, dst, text)

    def port(self, back):
        return 20000 + 4 * (self.number % 8000) + 2 * back

    def sdp(self, back):
        host = self.carrier if back else PBX
        return (f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
                f"m=audio {self.port(back)} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n")

    def ask(self, media):
        uri = f"INVITE sip:{self.callee}@{self.carrier} SIP/2.0"
        self.say(0, uri, "1 INVITE", body=self.sdp(False) if media else "")
        self.say(0.05, "SIP/2.0 100 Trying", "1 INVITE", True)

    def refused(self, status):
        self.ask(False)
        self.say(0.1, f"SIP/2.0 {status} No", "1 INVITE", True)
        self.say(0.15, f"ACK sip:{self.callee}@{self.carrier} SIP/2.0", "1 ACK")

    def rings_in_vain(self):
        self.ask(False)
        self.say(0.5, "SIP/2.0 180 Ringing", "1 INVITE", True)
        self.say(8, "SIP/2.0 480 Nobody", "1 INVITE", True)
        self.say(8.05, f"ACK sip:{self.callee}@{self.carrier} SIP/2.0", "1 ACK")

    def talks(self, seconds, media=False):
        self.ask(media)
        self.say(0.5, "SIP/2.0 180 Ringing", "1 INVITE", True)
        self.say(2, "SIP/2.0 200 OK", "1 INVITE", True, self.sdp(True) if media else "")
        self.say(2.05, f"ACK sip:x@{self.carrier} SIP/2.0", "1 ACK")
        self.say(2 + seconds, f"BYE sip:x@{self.carrier} SIP/2.0", "2 BYE")
        self.say(2.05 + seconds, "SIP/2.0 200 OK", "2 BYE", True)

    def speaks(self, seconds, back, loss=0.0, dscp=46, rng=random):
        src, dst = (self.carrier, PBX) if back else (PBX, self.carrier)
        ports = (self.port(back), self.port(not back))
        for i in range(int(seconds * 50)):
            if rng.random() < loss:
                continue
            rtp = struct.pack(">BBHII", 0x80, 8, i & 65535, 160 * i, 2 * self.number + back + 77)
            self.capture.udp(self.at + 2.1 + i / 50, src, dst, rtp + b"\xd5" * 160, ports, dscp)
