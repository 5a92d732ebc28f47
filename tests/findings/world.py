"""What generated calls are made of: hosts, SIP stacks with their timers, media, and a probe
that looks at one place of the way (paths.py).

Nothing here knows what the diagnosis looks for: causes are modelled, and what a probe would
see of them is written down.  Times are seconds from the capture's begin.
"""
import math
import random
import struct

from paths import Path

MEDIA_HEAD = struct.Struct(">BBHII")
PCAP_HEAD = struct.pack("<IHHiIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1)
RECORD = struct.Struct("<IIII")
EPOCH = 1_800_000_000
T1, T2, TIMEOUT = .5, 4., 32.

# name: payload type, clock, octets in 20 ms; the payload itself is of no interest here
CODECS = {"PCMU": (0, 8000, 160), "PCMA": (8, 8000, 160), "G729": (18, 8000, 20),
          "GSM": (3, 8000, 33), "G722": (9, 8000, 160), "opus": (111, 48000, 60),
          "iLBC": (97, 8000, 38), "AMR-WB": (98, 16000, 33)}
FMTP = {"G729": "annexb=no", "opus": "useinbandfec=1", "iLBC": "mode=20",
        "AMR-WB": "octet-align=1"}
AGENTS = ["PolycomVVX-VVX_411-UA/5.9.0", "Yealink SIP-T46S 66.85.0.5", "Asterisk PBX 18.9",
          "Cisco-CP7945G/9.4.2", "baresip v1.0.0 (x86_64/linux)", "snom710/8.7.5.35",
          "FPBX-15.0.17(16.20.0)", "Linphone/3.12.0 (belle-sip/1.6.3)", "Grandstream GXP2135",
          "MicroSIP/3.20.3", "FreeSWITCH-mod_sofia/1.10", "Oracle-SBC", "TELES-SBC"]


# --- the capture --------------------------------------------------------------------------

class Capture:
    def __init__(self):
        self.frames = []

    def write(self, path):
        self.frames.sort(key=lambda frame: frame[0])
        with open(path, "wb") as file:
            file.write(PCAP_HEAD)
            for time, data in self.frames:
                whole = int(time)
                file.write(RECORD.pack(EPOCH + whole, int((time - whole) * 1e9), len(data),
                                       len(data)))
                file.write(data)


def packed(address):
    return bytes(map(int, address.split(".")))


def checksum(data):
    total = sum(struct.unpack(f">{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xffff) + (total >> 16)
    return ~total & 0xffff


def ip_head(src, dst, length, protocol, dscp, ttl=60, ident=0):
    head = struct.pack(">BBHHHBBH4s4s", 0x45, dscp << 2, 20 + length, ident, 0x4000, ttl,
                       protocol, 0, packed(src), packed(dst))
    return b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + head[:10] + \
        struct.pack(">H", checksum(head)) + head[12:]


def udp(src, dst, payload, dscp=0, ident=0):
    head = struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0)
    return ip_head(src[0], dst[0], 8 + len(payload), 17, dscp, ident=ident) + head + payload


def unreachable(router, src, dst, payload, code=3):
    """ICMP about a datagram from src to dst."""
    quoted = udp(src, dst, payload)[14:14 + 28 + 8]
    body = struct.pack(">BBHI", 3, code, 0, 0) + quoted
    body = body[:2] + struct.pack(">H", checksum(body)) + body[4:]
    return ip_head(router, src[0], len(body), 1, 48) + body


# --- media --------------------------------------------------------------------------------

class Media:
    """What one side sends: where to, from where, when and over which path."""

    def __init__(self, rng, codec="PCMU", dscp=46, ppm=0., ptime=20):
        self.rng, self.codec, self.dscp, self.ppm, self.ptime = rng, codec, dscp, ppm, ptime
        self.ssrc, self.seq = rng.getrandbits(32), rng.getrandbits(16)
        self.ts = rng.getrandbits(32)
        self.index = 0
        self.sent, self.arrived = [], []  # (time at the probe or None, sequence number)

    def stream(self, capture, path, src, dst, begin, end, **how):
        """RTP between two endpoints while it is wanted.

        silence: (begin, end) without packets (DTX); digits: times of telephone-events with
        `event_type`; dscp_at: (time, value) from which on it has another; type: another
        payload type than the codec's; seen: does the probe see a packet of that time?
        """
        pt, clock, size = CODECS[self.codec]
        pt = how.get("type", pt)
        ticks = clock * self.ptime // 1000
        payload = bytes(size * self.ptime // 20)
        head, marked = udp(src, dst, bytes(12) + payload, self.dscp)[:42], None
        if "dscp_at" in how:
            marked = udp(src, dst, bytes(12) + payload, how["dscp_at"][1])[:42]
        step = self.ptime / 1000 * (1 + self.ppm / 1e6)
        seen = how.get("seen", lambda _: True)
        digits = list(how.get("digits", ()))
        add = capture.frames.append
        first, now, pack = True, begin, MEDIA_HEAD.pack
        rng = self.rng
        while now < end:
            quiet = next((s for s in how.get("silence", ()) if s[0] <= now < s[1]), None)
            if quiet:
                skipped = math.ceil((quiet[1] - now) / step)
                self.ts += skipped * ticks
                now += skipped * step
                first = True
                continue
            if digits and now >= digits[0]:
                now = self.digit(capture, path, src, dst, now, how["event_type"], seen)
                digits.pop(0)
                continue
            at = path.send(now + rng.random() * 3e-4)
            if at is not None and seen(at):
                front = marked if marked and now >= how["dscp_at"][0] else head
                add((at, front + pack(0x80, first << 7 | pt, self.seq & 0xffff,
                                      self.ts & 0xffffffff, self.ssrc) + payload))
            self.arrived.append((at, self.seq))
            first = False
            self.seq += 1
            self.ts += ticks
            now += step
        return self

    def digit(self, capture, path, src, dst, now, event_type, seen):
        """RFC 4733: 160 ms, its end three times; the timestamp stands still."""
        start, begin = self.ts, now
        for i in range(10):
            last = i >= 7
            at = path.send(now)
            body = struct.pack(">BBH", 5, 0x8a if last else 0x0a, min(i + 1, 8) * 160)
            if at is not None and seen(at):
                data = MEDIA_HEAD.pack(0x80, (i == 0) << 7 | event_type, self.seq & 0xffff,
                                       start & 0xffffffff, self.ssrc) + body
                capture.frames.append((at, udp(src, dst, data, self.dscp)))
            self.arrived.append((at, self.seq))
            self.seq += 1
            now += .02 if i < 8 else .001
        frames = math.ceil((now - begin) / .02)
        self.ts = start + frames * CODECS[self.codec][1] // 50
        return begin + frames * .02


def rtcp_report(ssrc, about, highest, lost, expected_before, lost_before, jitter, sent=None):
    """SR (with `sent` packets) or RR about one source, then a CNAME."""
    fraction = 0
    interval = highest - expected_before
    if interval > 0:
        fraction = max(0, min(255, (lost - lost_before) * 256 // interval))
    block = struct.pack(">IIIIII", about, fraction << 24 | lost & 0xffffff,
                        highest & 0xffffffff, jitter, 0, 0)
    info = b"" if sent is None else struct.pack(">IIIII", 0, 0, 0, sent, sent * 160)
    body = struct.pack(">I", ssrc) + info + block
    head = struct.pack(">BBH", 0x81, 201 if sent is None else 200, len(body) // 4)
    return head + body + struct.pack(">BBHIBB2sI", 0x81, 202, 3, ssrc, 1, 2, b"me", 0)


# --- SIP ----------------------------------------------------------------------------------

def sdp(host, port, codecs, event=101, direction=None, origin=None, extra=()):
    types = [CODECS[name][0] for name in codecs] + ([event] if event else [])
    lines = ["v=0", f"o=- {port * 7} 1 IN IP4 {origin or host}", "s=-",
             f"c=IN IP4 {host}", "t=0 0",
             f"m=audio {port} RTP/AVP {' '.join(map(str, types))}"]
    for name in codecs:
        kind, clock, _ = CODECS[name]
        channels = "/2" if name == "opus" else ""
        clock = 8000 if name == "G722" else clock
        lines.append(f"a=rtpmap:{kind} {name}/{clock}{channels}")
        if name in FMTP:
            lines.append(f"a=fmtp:{kind} {FMTP[name]}")
    if event:
        lines += [f"a=rtpmap:{event} telephone-event/8000", f"a=fmtp:{event} 0-16"]
    lines += [f"a={direction}"] if direction else []
    return "\r\n".join([*lines, *extra, ""])


def with_length(data):
    """Content-Length as the body is now."""
    head, body = data.split(b"\r\n\r\n", 1)
    return b"\r\n".join(
        line.split(b":")[0] + b": " + str(len(body)).encode()
        if line.lower().startswith((b"content-length:", b"l:")) else line
        for line in head.split(b"\r\n")) + b"\r\n\r\n" + body


class Dialect:
    """How a vendor writes its messages."""

    def __init__(self, rng):
        self.agent = rng.choice(AGENTS)
        self.compact = rng.random() < .1
        self.rport = rng.random() < .7
        self.trying = rng.random() < .9
        self.supported = rng.choice(["replaces, timer", "replaces", "100rel, timer", None])
        self.allow = rng.random() < .8
        self.ring_sdp = rng.random() < .1
        self.dscp = rng.choice([0, 0, 24, 26, 40])

    def write(self, first, headers, body):
        short = {"Via": "v", "From": "f", "To": "t", "Call-ID": "i", "Contact": "m",
                 "Content-Type": "c", "Content-Length": "l", "Supported": "k",
                 "Session-Expires": "x"}
        lines = [first]
        for name, value in headers:
            lines.append(f"{short.get(name, name) if self.compact else name}: {value}")
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()


class Host:
    """One side: its true address, the one it believes in, and its stack."""

    def __init__(self, rng, address, port=5060, inside=None, media=None):
        self.rng, self.dialect = rng, Dialect(rng)
        self.address, self.port = address, port    # as the probe sees it
        self.inside = inside or address            # as the host itself knows
        self.media = media or rng.randrange(10000, 60000, 2)
        self.name = rng.choice(["alice", "bob", "+4930123", "1001", "3344", "sales"]) + \
            str(rng.randrange(1000))
        self.via_host = self.contact_host = self.inside
        self.contact_port = port

    @property
    def sip(self):
        return self.address, self.port

    def rtp(self):
        return self.address, self.media


class Dialog:
    """Messages of one Call-ID between two hosts past the probe."""

    def __init__(self, rng, capture, caller, callee, call_id, near=None, far=None):
        self.rng, self.capture, self.call_id = rng, capture, call_id
        self.caller, self.callee = caller, callee
        self.near = near or Path(rng, .004)  # between the caller and the probe
        self.far = far or Path(rng, .008)
        self.cseq, self.tags = rng.randrange(1, 5000), (f"{rng.getrandbits(32):x}",
                                                      f"as{rng.getrandbits(32):x}")
        self.ident = rng.getrandbits(16)
        self.vias, self.established = [], False
        self.transport = "UDP"
        self.record_route = None
        self.seen = lambda _: True

    def branch(self):
        return f"z9hG4bK{self.rng.getrandbits(48):x}"

    def put(self, at, src, dst, data, dscp):
        self.ident = self.ident + 1 & 0xffff
        if self.seen(at):
            self.capture.frames.append((at, udp(src, dst, data, dscp, self.ident or 1)))

    def message(self, sender, first, method, cseq, branch, *, to_tag, from_caller_side, body="",
                more=(), response=False):
        """`from_caller_side`: did the caller ask?"""
        asker = self.caller if from_caller_side else self.callee
        other = self.callee if from_caller_side else self.caller
        asker_tag, other_tag = self.tags if from_caller_side else self.tags[::-1]
        rport = ";rport" if asker.dialect.rport else ""
        via = f"SIP/2.0/{self.transport} {asker.via_host}:{asker.port};branch={branch}{rport}"
        if response and asker.dialect.rport:
            via = via.replace(";rport", f";received={asker.address};rport={asker.port}")
        headers = [("Via", via), ("Max-Forwards", "70")][:1 if response else 2]
        if self.record_route and method == "INVITE":
            headers.append(("Record-Route", self.record_route))
        headers += [
            ("From", f"<sip:{asker.name}@{self.caller.address}>;tag={asker_tag}"),
            ("To", f"<sip:{other.name}@{self.callee.address}>" +
             (f";tag={other_tag}" if to_tag else "")),
            ("Call-ID", self.call_id), ("CSeq", f"{cseq} {method}")]
        if method in ("INVITE", "UPDATE") and not first.startswith("SIP/2.0 100"):
            headers.append(("Contact", f"<sip:{sender.name}@{sender.contact_host}:"
                                       f"{sender.contact_port}>"))
        headers.append(("Server" if response else "User-Agent", sender.dialect.agent))
        headers += list(more)
        if sender.dialect.supported and method == "INVITE":
            headers.append(("Supported", sender.dialect.supported))
        if body and not any(name == "Content-Type" for name, _ in more):
            headers.append(("Content-Type", "application/sdp"))
        headers.append(("Content-Length", str(len(body))))
        return sender.dialect.write(first, headers, body)

    def request(self, method, now, by_caller=True, body="", more=(), cseq=None, branch=None,
                to_tag=None, **_):
        """One copy, as the probe sees it; returns its arrival at the other side or None."""
        sender, other = (self.caller, self.callee) if by_caller else (self.callee, self.caller)
        leaves, arrives = (self.near, self.far) if by_caller else (self.far, self.near)
        if cseq is None:
            self.cseq += 1
            cseq = self.cseq
        tag = self.established if to_tag is None else to_tag
        uri = f"sip:{other.name}@{other.contact_host}:{other.contact_port}"
        data = self.message(sender, f"{method} {uri} SIP/2.0", method, cseq,
                            branch or self.branch(), to_tag=tag, from_caller_side=by_caller,
                            body=body, more=more)
        probe = leaves.send(now)
        if probe is None:
            return None
        self.put(probe, sender.sip, other.sip, data, sender.dialect.dscp)
        return arrives.send(probe)

    def response(self, status, method, now, by_caller=True, body="", more=(), cseq=None,
                 branch="z9hG4bK0", to_tag=True):
        """Of the other side to a request of the caller (or callee)."""
        sender, other = (self.callee, self.caller) if by_caller else (self.caller, self.callee)
        leaves, arrives = (self.far, self.near) if by_caller else (self.near, self.far)
        data = self.message(sender, f"SIP/2.0 {status}", method, self.cseq if cseq is None
                            else cseq, branch, to_tag=to_tag and status[:3] != "100",
                            from_caller_side=by_caller, body=body, more=more, response=True)
        probe = leaves.send(now)
        if probe is None:
            return None
        self.put(probe, sender.sip, other.sip, data, sender.dialect.dscp)
        return arrives.send(probe)

    # Transactions with the timers of RFC 3261 17 ------------------------------------------

    def ask(self, method, now, status="200 OK", by_caller=True, body="", more=(),
            answer_body="", answer_more=(), thinks=.004, silent=False):
        """A request other than the first INVITE.  When the answer arrived, or None."""
        self.cseq += 1
        cseq, branch, at, wait, answered = self.cseq, self.branch(), now, T1, None
        while at < now + TIMEOUT and (answered is None or at < answered):
            there = self.request(method, at, by_caller, body, more, cseq, branch)
            if there is not None and not silent:
                back = self.response(status, method, there + thinks, by_caller, answer_body,
                                     answer_more, cseq, branch)
                if back is not None and (answered is None or back < answered):
                    answered = back
            at += wait
            wait = min(2 * wait, T2)
        if method == "INVITE" and answered is not None:
            accepted = status[0] == "2"
            self.request("ACK", answered + .002, by_caller, cseq=cseq,
                         branch=None if accepted else branch)
        return answered

    def invite(self, now, body, more=(), rings=(), answer=None, answer_body="", answer_more=(),
               thinks=.01, ack_after=.003, ack_reaches=True, never_acked=False):
        """The first INVITE: `rings` (status, after s, body); `answer` (status, after s).

        Returns when the caller has the final response, or None; and, of a 2xx, when the
        callee has its ACK.
        """
        self.cseq += 1
        cseq, branch = self.cseq, self.branch()
        copies, at, wait, heard = [], now, T1, None
        pending = [("100 Trying", thinks, "")] if self.callee.dialect.trying else []
        pending += [(status, thinks + after, text) for status, after, text in rings]
        first_there = None
        latest = None  # what the callee has said last: (status, body, when)
        while at < now + TIMEOUT and (heard is None or at < heard):
            there = self.request("INVITE", at, True, body, more, cseq, branch, to_tag=False)
            copies.append(there)
            if there is not None and first_there is None:
                first_there = there
                for status, after, text in pending:
                    back = self.response(status, "INVITE", there + after, True, text, (), cseq,
                                         branch)
                    if back is not None:
                        heard = back if heard is None else min(heard, back)
                if answer:
                    when = there + thinks + answer[1]
                    done = self.final(answer[0], when, cseq, branch, answer_body, answer_more,
                                      ack_after, ack_reaches, never_acked)
                    if done[0] is not None:
                        heard = done[0] if heard is None else min(heard, done[0])
            elif there is not None and pending:
                # A copy gets the latest provisional response once more (17.2.1).
                due = [p for p in pending if first_there + p[1] <= there]
                latest = due[-1] if due else None
                if latest:
                    back = self.response(latest[0], "INVITE", there + .002, True, latest[2], (),
                                         cseq, branch)
                    if back is not None:
                        heard = back if heard is None else min(heard, back)
            at += wait
            wait *= 2
        return done if first_there is not None and answer else (heard, None)

    def final(self, status, when, cseq, branch, body, more, ack_after, ack_reaches, never_acked):
        """Repeats a final response until its ACK arrives (13.3.1.4)."""
        accepted = status[0] == "2"
        at, wait, heard, acked = when, T1, None, None
        self.established = self.established or accepted
        while at < when + TIMEOUT and (acked is None or at < acked):
            back = self.response(status, "INVITE", at, True, body, more, cseq, branch)
            if back is not None:
                heard = back if heard is None else min(heard, back)
                if not never_acked:
                    # Each 2xx that comes is acknowledged, the first one when it is ready.
                    sent = max(back + .003, heard + ack_after)
                    there = self.request("ACK", sent, True, cseq=cseq, to_tag=True,
                                         branch=None if accepted else branch)
                    if there is not None and ack_reaches:
                        acked = there if acked is None else min(acked, there)
            at += wait
            wait = min(2 * wait, T2)
        return heard, acked

    def bye(self, now, by_caller=True, more=(), **how):
        return self.ask("BYE", now, by_caller=by_caller, more=more, **how)
