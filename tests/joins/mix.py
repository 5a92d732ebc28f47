"""A mix of calls of known truth: which Call-IDs are one conversation, and what could tell.

Every conversation has parties of its own, unless it is the point that they are shared.  A
leg is INVITE, 100, 180, 200, ACK, media both ways, BYE, 200; a B2BUA begins its second leg
some milliseconds after the first and relays what it gets some more later.
"""
import random
import struct

SECOND = 10**9
MS = 10**6
START = 1_800_000_000 * SECOND
PTIME = 20 * MS
OCTETS = 160


class Capture:
    def __init__(self):
        self.frames = []
        self.order = 0

    def add(self, at, src, dst, payload, ip_id=0):
        (a, sport), (b, dport) = src, dst
        head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), ip_id & 0xffff, 0, 64,
                           17, 0, octets(a), octets(b))
        udp = struct.pack(">HHHH", sport, dport, 8 + len(payload), 0)
        self.order += 1
        self.frames.append((at, self.order, b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + head + udp +
                            payload))

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
            for at, _, frame in sorted(self.frames):
                out.write(struct.pack("<IIII", at // SECOND, at % SECOND, len(frame),
                                      len(frame)))
                out.write(frame)


def octets(host):
    return bytes(map(int, host.split(".")))


def sdp(at, codec=8, secure=False):
    profile = "RTP/SAVP" if secure else "RTP/AVP"
    name = {0: "PCMU", 8: "PCMA", 18: "G729"}[codec]
    return (f"v=0\r\no=- 1 1 IN IP4 {at[0]}\r\ns=-\r\nc=IN IP4 {at[0]}\r\nt=0 0\r\n"
            f"m=audio {at[1]} {profile} {codec}\r\na=rtpmap:{codec} {name}/8000\r\n")


class Leg:
    """One dialog between two signalling addresses."""

    def __init__(self, capture, call_id, src, dst, caller, callee, headers="", answer_headers=""):
        self.capture, self.call_id = capture, call_id
        self.src, self.dst = (src, 5060), (dst, 5060)
        self.caller, self.callee = caller, callee
        self.headers, self.answer_headers = headers, answer_headers
        self.tag = f"{random.getrandbits(32):08x}"
        self.to_tag = f"{random.getrandbits(32):08x}"
        self.branch = f"z9hG4bK{random.getrandbits(48):x}"
        self.cseq = 1

    def message(self, at, first, method, body="", back=False, tagged=True, headers="",
                from_callee=False):
        src, dst = (self.dst, self.src) if back else (self.src, self.dst)
        mine = f"<sip:{self.caller}@{self.src[0]}>;tag={self.tag}"
        theirs = f"<sip:{self.callee}@{self.dst[0]}>" + (f";tag={self.to_tag}" if tagged else "")
        if from_callee:
            mine, theirs = theirs, mine
        text = (f"{first}\r\nVia: SIP/2.0/UDP {self.src[0]};branch={self.branch}{method}\r\n"
                f"Max-Forwards: 70\r\nFrom: {mine}\r\nTo: {theirs}\r\nCall-ID: {self.call_id}\r\n"
                f"CSeq: {self.cseq} {method}\r\nContact: <sip:{src[0]}:5060>\r\n{headers}"
                + ("Content-Type: application/sdp\r\n" if body else "")
                + f"Content-Length: {len(body)}\r\n\r\n{body}")
        self.capture.add(at, src, dst, text.encode(), random.getrandbits(16))

    def invite(self, at, body=""):
        self.message(at, f"INVITE sip:{self.callee}@{self.dst[0]} SIP/2.0", "INVITE", body,
                     tagged=False, headers=self.headers)

    def respond(self, at, status, body="", method="INVITE"):
        self.message(at, f"SIP/2.0 {status} Status", method, body, back=True,
                     headers=self.answer_headers)

    def ack(self, at):
        self.message(at, f"ACK sip:{self.callee}@{self.dst[0]} SIP/2.0", "ACK")

    def bye(self, at, back=False):
        self.cseq += 1
        self.message(at, f"BYE sip:{self.callee}@{self.dst[0]} SIP/2.0", "BYE", back=back,
                     from_callee=back)
        self.message(at + 5 * MS, "SIP/2.0 200 OK", "BYE", back=not back, from_callee=back)


class Sound:
    """What one party says: a payload for each packet."""

    def __init__(self, packets, seed, silence=0.0):
        made = random.Random(seed)
        self.payloads = []
        quiet = 0
        for _ in range(packets):
            if quiet == 0 and made.random() < silence / 50:
                quiet = made.randrange(25, 100)
            if quiet:
                quiet -= 1
                self.payloads.append(b"\xd5" * OCTETS)
            else:
                self.payloads.append(made.randbytes(OCTETS))


class Rtp:
    """Numbers of one stream."""

    def __init__(self, codec=8, ssrc=None, sequence=None, timestamp=None):
        self.codec = codec
        self.ssrc = random.getrandbits(32) if ssrc is None else ssrc
        self.sequence = random.getrandbits(16) if sequence is None else sequence
        self.timestamp = random.getrandbits(32) if timestamp is None else timestamp

    def packet(self, i, payload):
        return struct.pack(">BBHII", 0x80, self.codec | (i == 0) << 7,
                           (self.sequence + i) & 0xffff,
                           (self.timestamp + OCTETS * i) & 0xffffffff, self.ssrc) + payload


def arrivals(at, count, jitter=3):
    return [at + i * PTIME + int(random.random() * jitter * MS) for i in range(count)]


def stream(capture, times, src, dst, rtp, payloads):
    for i, (at, payload) in enumerate(zip(times, payloads)):
        capture.add(at, src, dst, rtp.packet(i, payload))


def encrypt(payloads, seed):
    made = random.Random(seed)
    return [bytes(a ^ b for a, b in zip(p, made.randbytes(len(p)))) + made.randbytes(10)
            for p in payloads]


def transcode(payloads, seed, length=20):
    made = random.Random(seed)
    return [made.randbytes(length) for _ in payloads]


class Mix:
    def __init__(self, seed):
        random.seed(seed)
        self.capture = Capture()
        self.conversations = []  # (kind, what can tell, [Call-ID, ...])
        self.families = []       # (relation of the last, [Call-ID, ...], the first one first)
        self.forks = []          # (Call-ID, {host of the branch: its fate})
        self.hosts = 0

    def host(self):
        self.hosts += 1
        n = self.hosts
        return f"10.{n >> 16 & 255}.{n >> 8 & 255}.{n & 255 or 1}" if n & 255 else self.host()

    def port(self):
        return random.randrange(10000, 30000) * 2

    def number(self):
        return "".join(random.choice("0123456789") for _ in range(10))

    def name(self):
        return f"{random.getrandbits(96):024x}@{random.choice(['a', 'b', 'c'])}.example"

    def begin(self):
        return START + random.randrange(60 * 1000) * MS

    def bridge(self, kind, strategy, headers=("", ""), answers=("", ""), names=None,
               numbers=None, media="payload", seconds=None, relay=None, sounds=None,
               answered=True, at=None, out=None, forwarded=False):
        """A caller, a B2BUA, a callee: two legs, two streams on each."""
        a, b = self.host(), self.host()
        inside = relay or self.host()
        outside = out or inside
        at = at or self.begin()
        names = names or (self.name(), self.name())
        if forwarded:
            self.families.append(("forward", [names[0]]))
        numbers = numbers or [(self.number(), self.number()), (self.number(), self.number())]
        first = Leg(self.capture, names[0], a, inside, *numbers[0], headers[0], answers[0])
        second = Leg(self.capture, names[1], outside, b, *numbers[1], headers[1], answers[1])
        ends = [(a, self.port()), (inside, self.port()), (outside, self.port()),
                (b, self.port())]
        secure = media == "srtp"
        codecs = (8, 18) if media == "transcoded" else (8, 8)
        first.invite(at, sdp(ends[0], codecs[0], secure))
        first.respond(at + 3 * MS, 100)
        second.invite(at + 15 * MS, sdp(ends[2], codecs[1]))
        second.respond(at + 40 * MS, 180)
        first.respond(at + 45 * MS, 180)
        if not answered:
            second.respond(at + 2000 * MS, 486)
            second.ack(at + 2005 * MS)
            first.respond(at + 2010 * MS, 486)
            first.ack(at + 2020 * MS)
            self.conversations.append((kind, strategy, list(names)))
            return
        second.respond(at + 2000 * MS, 200, sdp(ends[3], codecs[1]))
        second.ack(at + 2012 * MS)
        first.respond(at + 2006 * MS, 200, sdp(ends[1], codecs[0], secure))
        first.ack(at + 2018 * MS)
        packets = 50 * (seconds or random.randrange(12, 30))
        talk = at + 2050 * MS
        sounds = sounds or [Sound(packets, random.getrandbits(64), .3) for _ in range(2)]
        self.relay(talk, ends[0:2], ends[2:4], sounds[0], media, codecs)
        self.relay(talk + 7 * MS, ends[3:1:-1], ends[1::-1], sounds[1], media, codecs[::-1])
        over = talk + packets * PTIME
        first.bye(over)
        second.bye(over + 8 * MS)
        self.conversations.append((kind, strategy, list(names)))

    def relay(self, at, before, after, sound, media, codecs):
        rtp = Rtp(codecs[0])
        late = random.randrange(1, 40 * MS)
        seed = random.getrandbits(64)
        payloads, relayed = sound.payloads, sound.payloads
        if media == "srtp":
            payloads = encrypt(sound.payloads, seed)
            onward = rtp
        elif media == "kept":
            onward = rtp
        elif media == "transcoded":
            onward = Rtp(codecs[1])
            if codecs[0] == 18:
                payloads = transcode(sound.payloads, seed)
            else:
                relayed = transcode(sound.payloads, seed)
        else:
            onward = Rtp(codecs[1])
        times = arrivals(at, len(payloads))
        stream(self.capture, times, *before, rtp, payloads)
        stream(self.capture, [t + late + random.randrange(MS) for t in times], *after, onward,
               relayed)

    def direct(self, kind, sounds=None, seconds=None, hosts=None, headers="", name=None, at=None,
               back_after=0, rtps=None, numbers=None):
        a, b = hosts or (self.host(), self.host())
        at = at or self.begin()
        name = name or self.name()
        leg = Leg(self.capture, name, a, b, *(numbers or (self.number(), self.number())),
                  headers)
        ends = (a, self.port()), (b, self.port())
        leg.invite(at, sdp(ends[0]))
        leg.respond(at + 100 * MS, 180)
        leg.respond(at + 1000 * MS, 200, sdp(ends[1]))
        leg.ack(at + 1010 * MS)
        packets = 50 * (seconds or random.randrange(10, 20))
        sounds = sounds or [Sound(packets, random.getrandbits(64), .3) for _ in range(2)]
        rtps = rtps or (Rtp(), Rtp())
        talk = at + 1020 * MS
        stream(self.capture, arrivals(talk, packets), *ends, rtps[0], sounds[0].payloads)
        stream(self.capture, arrivals(talk + back_after, packets), *ends[::-1], rtps[1],
               sounds[1].payloads)
        leg.bye(talk + packets * PTIME)
        self.conversations.append((kind, None, [name]))

    def proxied(self, kind):
        """One Call-ID over two hops; media goes direct."""
        a, proxy, b = self.host(), self.host(), self.host()
        at, name = self.begin(), self.name()
        hops = [Leg(self.capture, name, x, y, "1001", "1002") for x, y in ((a, proxy), (proxy, b))]
        hops[1].tag, hops[1].to_tag = hops[0].tag, hops[0].to_tag
        ends = (a, self.port()), (b, self.port())
        for i, hop in enumerate(hops):
            hop.invite(at + 5 * i * MS, sdp(ends[0]))
        for i, hop in enumerate(hops[::-1]):
            hop.respond(at + (900 + 5 * i) * MS, 200, sdp(ends[1]))
        for i, hop in enumerate(hops):
            hop.ack(at + (950 + 5 * i) * MS)
        for way in (ends, ends[::-1]):
            stream(self.capture, arrivals(at + SECOND, 500), *way, Rtp(),
                   Sound(500, random.getrandbits(64)).payloads)
        for i, hop in enumerate(hops):
            hop.bye(at + 11 * SECOND + 3 * i * MS)
        self.conversations.append((kind, "call_id", [name]))


    # --- forks and families ---------------------------------------------------------------

    def fork(self, fates):
        """A proxy calls several phones at once; fates by the order in which they come."""
        caller, proxy, name, at = self.host(), self.host(), self.name(), self.begin()
        trunk = Leg(self.capture, name, caller, proxy, "1001", "1002")
        trunk.invite(at, sdp((caller, 4000)))
        phones = []
        for i, fate in enumerate(fates):
            phone = Leg(self.capture, name, proxy, self.host(), "1001", "1002")
            phone.tag = trunk.tag
            phone.invite(at + (10 + i) * MS, sdp((caller, 4000)))
            phone.respond(at + (30 + i) * MS, 180)
            phones.append((phone, fate))
        over = at + 3 * SECOND
        for phone, fate in phones:
            if fate == "refused":
                phone.respond(at + SECOND, 486)
                phone.ack(at + SECOND + MS)
            elif fate == "answered":
                phone.respond(over, 200, sdp((phone.dst[0], 4000)))
                phone.ack(over + 20 * MS)
            else:
                phone.message(over + 5 * MS, f"CANCEL sip:1002@{phone.dst[0]} SIP/2.0",
                              "CANCEL", tagged=False)
                phone.respond(over + 6 * MS, 200, method="CANCEL")
                phone.respond(over + 8 * MS, 487)
                phone.ack(over + 9 * MS)
        winner = [phone for phone, fate in phones if fate == "answered"]
        if winner:
            trunk.to_tag = winner[0].to_tag
            trunk.respond(over + 3 * MS, 200, sdp((winner[0].dst[0], 4000)))
            trunk.ack(over + 15 * MS)
            trunk.bye(over + 5 * SECOND)
            winner[0].bye(over + 5 * SECOND + 2 * MS)
        else:
            trunk.message(over, f"CANCEL sip:1002@{proxy} SIP/2.0", "CANCEL", tagged=False)
            trunk.respond(over + MS, 200, method="CANCEL")
            trunk.respond(over + 10 * MS, 487)
            trunk.ack(over + 11 * MS)
        self.forks.append((name, {phone.dst[0]: fate for phone, fate in phones}))
        self.conversations.append((f"fork, {'/'.join(fates)}", "call_id", [name]))

    def talk(self, at, src, dst, users, headers="", answer=True):
        """A dialog up to its answer."""
        leg = Leg(self.capture, self.name(), src, dst, *users, headers)
        leg.invite(at, sdp((src, 4000)))
        leg.respond(at + 20 * MS, 180)
        if answer:
            leg.respond(at + 500 * MS, 200, sdp((dst, 4000)))
            leg.ack(at + 510 * MS)
        self.conversations.append(("of a family", None, [leg.call_id]))
        return leg

    def refer(self, leg, at, target):
        """The callee asks the caller to call somebody else."""
        leg.message(at, f"REFER sip:{leg.caller}@{leg.src[0]} SIP/2.0", "REFER", back=True,
                    headers=f"Refer-To: <{target}>\r\n", from_callee=True)
        leg.message(at + 3 * MS, "SIP/2.0 202 Accepted", "REFER", from_callee=True)

    def blind(self, server=None):
        a, b, c, at = server or self.host(), self.host(), self.host(), self.begin()
        user = f"u{random.getrandbits(32):x}"
        first = self.talk(at, a, b, ("alice", "bob"))
        self.refer(first, at + 2 * SECOND, f"sip:{user}@{c}")
        second = self.talk(at + 2 * SECOND + 10 * MS, a, c, ("alice", user))
        first.bye(at + 2600 * MS, back=True)
        second.bye(at + 6 * SECOND)
        self.families.append(("transfer_blind", [first.call_id, second.call_id]))

    def attended(self):
        a, b, c, at = self.host(), self.host(), self.host(), self.begin()
        first = self.talk(at, a, b, ("alice", "bob"))
        second = self.talk(at + SECOND, b, c, ("bob", "carol"))
        tags = f"to-tag={second.to_tag};from-tag={second.tag}"
        name = second.call_id
        escaped = name.replace("@", "%40") + "%3B" + tags.replace(";", "%3b").replace("=", "%3D")
        self.refer(first, at + 4 * SECOND, f"sip:carol@{c}?Replaces={escaped}")
        third = self.talk(at + 4 * SECOND + 10 * MS, a, c, ("alice", "carol"),
                          f"Replaces: {name};{tags}\r\nReferred-By: <sip:bob@{b}>\r\n")
        second.bye(at + 4800 * MS, back=True)
        first.bye(at + 5 * SECOND, back=True)
        third.bye(at + 8 * SECOND)
        self.families += [("consultation", [first.call_id, second.call_id]),
                          ("transfer_attended", [first.call_id, third.call_id])]

    def pickup(self):
        a, b, c, at = self.host(), self.host(), self.host(), self.begin()
        first = self.talk(at, a, b, ("alice", "bob"), answer=False)
        second = self.talk(at + SECOND, c, a, ("carol", "alice"),
                           f"Replaces: {first.call_id};to-tag={first.tag};"
                           f"from-tag={first.to_tag};early-only\r\n")
        first.message(at + 1600 * MS, f"CANCEL sip:bob@{b} SIP/2.0", "CANCEL", tagged=False)
        first.respond(at + 1601 * MS, 200, method="CANCEL")
        first.respond(at + 1603 * MS, 487)
        first.ack(at + 1604 * MS)
        second.bye(at + 5 * SECOND)
        self.families.append(("pickup", [first.call_id, second.call_id]))
