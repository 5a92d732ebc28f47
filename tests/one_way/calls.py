"""Calls as frames: who says, sends and refuses what, and when.  Standard library only."""
import pathlib
import struct
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "cli"))
import packets  # noqa: E402

ALICE, BOB = "198.51.100.1", "203.0.113.2"
ANSWER, END = 2.0, 22.0
PTIME = 0.02


def sdp(host, port, more=b"", media=b"audio %d RTP/AVP 0"):
    line = media % port if b"%d" in media else media
    return b"\r\n".join([b"v=0", b"o=- 1 1 IN IP4 x", b"s=-", b"c=IN IP4 " + host.encode(),
                         b"t=0 0", b"m=" + line, more]).rstrip() + b"\r\n"


class Leg:
    """One hop of a dialog; `frames` are (seconds, bytes)."""

    def __init__(self, frames, name, src=ALICE, dst=BOB, begin=0.0):
        self.frames, self.name, self.begin = frames, name.encode(), begin
        self.ends = (src, 5060), (dst, 5060)
        self.cseq = 0
        self.media = {"src": (src, 4000), "dst": (dst, 6000)}

    def say(self, at, by, first_line, method, body=b""):
        """by: "src" or "dst"; who asks and who answers is told by the line."""
        here, there = self.ends if by == "src" else self.ends[::-1]
        asks = not first_line.startswith(b"SIP/")
        caller = (by == "src") == asks
        tags = (b";tag=a", b";tag=b")
        lines = [
            first_line,
            b"Via: SIP/2.0/UDP x;branch=z9hG4bK%d%s" % (self.cseq, method),
            b"From: <sip:x@example.com>" + tags[0 if caller else 1],
            b"To: <sip:y@example.com>" + (b"" if first_line.startswith(b"INVITE") and
                                          self.cseq == 1 else tags[1 if caller else 0]),
            b"Call-ID: " + self.name, b"CSeq: %d %s" % (self.cseq, method)]
        if body:
            lines.append(b"Content-Type: application/sdp")
        lines += [b"Content-Length: %d" % len(body), b"", body]
        self.frames.append((self.begin + at,
                            packets.udp(here, there, b"\r\n".join(lines))))

    def offer(self, at, by="src", offer=None, answer=None, status=b"200 OK", method=b"INVITE",
              ring=None, late=False):
        """An INVITE or UPDATE, its response 0.1 s later (ring: before), ACK."""
        other = "dst" if by == "src" else "src"
        mine, theirs = self.media[by], self.media[other]
        offer = sdp(*mine) if offer is None else offer
        answer = sdp(*theirs) if answer is None else answer
        self.cseq += 1
        self.say(at, by, method + b" sip:y@example.com SIP/2.0", method,
                 b"" if late else offer)
        if ring is not None:
            self.say(at + .05, other, b"SIP/2.0 183 Session Progress", method, ring)
            at = ANSWER - .1
        ok = status.startswith(b"2")
        self.say(at + .1, other, b"SIP/2.0 " + status, method, answer if ok else b"")
        if method == b"INVITE":
            self.say(at + .11, by, b"ACK sip:y@example.com SIP/2.0", b"ACK",
                     offer if late else b"")

    def bye(self, at=END, by="src"):
        other = "dst" if by == "src" else "src"
        self.cseq += 1
        self.say(at, by, b"BYE sip:y@example.com SIP/2.0", b"BYE")
        self.say(at + .01, other, b"SIP/2.0 200 OK", b"BYE")

    def answered(self, **how):
        self.offer(ANSWER - .1, **how)

    # --- media -------------------------------------------------------------------------

    def rtp(self, by, begin=ANSWER, end=END, ssrc=None, number=0, to=None, of=None, kind=0,
            skip=(), freeze=False, sound=b"\x55"):
        """RTP of one side, 20 ms each; skip: (from, to) of a pause, with timestamps that go
        on unless `freeze`."""
        other = "dst" if by == "src" else "src"
        here, there = of or self.media[by], to or self.media[other]
        ssrc = ssrc if ssrc is not None else (1 if by == "src" else 2)
        count = round((end - begin) / PTIME)
        stamp = 0
        for i in range(count):
            at = begin + i * PTIME
            silent = any(a <= at < b for a, b in skip)
            if not silent:
                payload = packets.rtp(number, 160 * stamp, ssrc, kind, 0) + sound * 160
                self.frames.append((self.begin + at, packets.udp(here, there, payload)))
                number += 1
            stamp += 0 if silent and freeze else 1

    def talk(self, begin=ANSWER, end=END):
        self.rtp("src", begin, end)
        self.rtp("dst", begin, end)

    def rtcp(self, by, at, packets_sent=None, about=None, highest=0):
        """An SR of packets_sent, else an RR; with one block about an SSRC, or none."""
        other = "dst" if by == "src" else "src"
        (host, port), (peer, peer_port) = self.media[by], self.media[other]
        block = b"" if about is None else struct.pack(">IIIIII", about, 0, highest, 0, 0, 0)
        count = 0 if about is None else 1
        ssrc = 1 if by == "src" else 2
        if packets_sent is None:
            body = struct.pack(">I", ssrc) + block
        else:
            body = struct.pack(">IQIII", ssrc, int((at + 2208988800) * 2 ** 32),
                               round(at * 8000), packets_sent, packets_sent * 160) + block
        kind = 201 if packets_sent is None else 200
        part = struct.pack(">BBH", 0x80 | count, kind, len(body) // 4) + body
        self.frames.append((self.begin + at, packets.udp((host, port + 1),
                                                         (peer, peer_port + 1), part)))

    def refused(self, at, by, code=3, above=0):
        """The ICMP error of whoever does not listen, about RTP that `by` sent."""
        other = "dst" if by == "src" else "src"
        (host, port), (peer, peer_port) = self.media[by], self.media[other]
        quoted = packets.udp((host, port + above), (peer, peer_port + above),
                             packets.rtp(7, 1120, 1, 0))[14:14 + 28 + 12]
        self.frames.append((self.begin + at, packets.ip(
            peer, host, 1, struct.pack(">BBHI", 3, code, 0, 0) + quoted)))


def capture(frames):
    return packets.pcap(sorted(frames, key=lambda frame: frame[0]))
