"""
An hour of signalling, and a little RTP, of 10,000 calls with a known mix of outcomes: as a
capture, and as the list of what happened to each leg (for truth.py, which knows nothing of
how it was written).

Calls go over a proxy (two legs of one Call-ID, or more when it fails over), or directly
between two named trunks, then with media.  Messages are repeated, calls put on hold by
re-INVITE, forked, challenged, cancelled, cut off by the end of the capture, begun before it.
"""
import json
import random
import struct

BEGIN = 1_767_607_200_000_000  # 2026-01-05T10:00:00Z, a Monday; microseconds
LENGTH = 3_600_000_000
MS = 1000
S = 1_000_000
PBX, PROXY, CARRIER_A, CARRIER_B = "10.0.0.10", "10.0.0.1", "198.51.100.1", "198.51.100.2"
SITE, CARRIER_C, SCANNER = "10.0.2.20", "203.0.113.5", "192.0.2.66"

CONFIG = """
sensor:
  id: local
  time_zone: Europe/Berlin
trunks:
  - {name: pbx, role: pbx, site: oslo, addresses: [10.0.0.10]}
  - {name: carrier-a, role: carrier, site: frankfurt, addresses: [198.51.100.1], channels: 200}
  - {name: carrier-b, role: carrier, site: frankfurt, addresses: [198.51.100.2], channels: 40}
  - {name: carrier-c, role: carrier, addresses: [203.0.113.5]}
  - {name: site, role: pop, site: oslo, addresses: [10.0.2.20]}
numbers:
  country_code: "49"
  prefixes:
    - {prefix: "+4420", label: london}
    - {prefix: "+447", label: mobile}
"""
TRUNKS = {PBX: "pbx", CARRIER_A: "carrier-a", CARRIER_B: "carrier-b", CARRIER_C: "carrier-c",
          SITE: "site"}
# Of trunks; and of the one site of which all trunks say it.
CHANNELS = {"carrier-a": 200, "carrier-b": 40, "frankfurt": 240}
SITES = {"pbx": "oslo", "site": "oslo", "carrier-a": "frankfurt", "carrier-b": "frankfurt"}

REASONS = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK",
           302: "Moved Temporarily", 401: "Unauthorized", 403: "Forbidden", 404: "Not Found",
           407: "Proxy Authentication Required", 408: "Request Timeout",
           480: "Temporarily Unavailable", 484: "Address Incomplete", 486: "Busy Here",
           487: "Request Terminated", 488: "Not Acceptable Here",
           500: "Server Internal Error", 503: "Service Unavailable", 504: "Server Time-out",
           600: "Busy Everywhere", 603: "Decline"}

# What becomes of a call that goes over the proxy, in parts of a thousand.
OUTCOMES = [("answered", 520), ("busy", 70), ("no_answer_480", 40), ("no_answer_408", 20),
            ("cancelled_ringing", 60), ("cancelled_early", 15), ("404", 40), ("403", 10),
            ("484", 8), ("488", 5), ("500", 10), ("504", 5), ("600", 7), ("603", 25),
            ("480_at_once", 15), ("302", 10), ("failover_503", 50), ("failover_dead", 10),
            ("both_503", 20), ("forked", 30), ("auth", 20), ("auth_never", 5), ("unsaid", 5)]

CODECS = [(0, "PCMU", 8000, 160), (8, "PCMA", 8000, 160), (18, "G729", 8000, 20),
          (9, "G722", 8000, 160)]


def address(dotted):
    return bytes(int(part) for part in dotted.split("."))


class Capture:
    """Packets in any order; written by time."""

    def __init__(self):
        self.packets = []
        self.ip_id = 0

    def add(self, at, src, dst, payload):
        if at < BEGIN + LENGTH:
            self.packets.append((at, len(self.packets), src, dst, payload))

    def write(self, path):
        hosts = {}
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
            for number, (at, _, src, dst, payload) in enumerate(sorted(self.packets)):
                for host, _ in (src, dst):
                    if host not in hosts:
                        hosts[host] = address(host)
                length = 28 + len(payload)
                frame = (b"\x02\0\0\0\0\x01\x02\0\0\0\0\x02\x08\0" +
                         struct.pack(">BBHHHBBH", 0x45, 0, length, number & 0xFFFF, 0, 64, 17,
                                     0) + hosts[src[0]] + hosts[dst[0]] +
                         struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0) + payload)
                out.write(struct.pack("<IIII", at // S, at % S, len(frame), len(frame)))
                out.write(frame)
        return max(packet[0] for packet in self.packets)


class Leg:
    """One dialog between two hosts: writes its messages and remembers what happened."""

    def __init__(self, call, src, dst):
        self.call, self.src, self.dst = call, src, dst
        self.tag = f"f{call.world.new_number()}"
        self.to_tag = f"t{call.world.new_number()}"
        self.cseq = 1
        self.events = []
        self.messages = self.repeats = 0
        self.media = None
        call.legs.append(self)

    def send(self, at, forward, first_line, method, to_tag="", cseq=None, body="",
             reverse_dialog=False, repeat=False):
        call = self.call
        from_part = f"<sip:{call.caller}@example.net>;tag={self.tag}"
        to_part = f"<sip:{call.callee}@example.com>" + (f";tag={to_tag}" if to_tag else "")
        if reverse_dialog:
            from_part, to_part = to_part, from_part
        cseq = cseq or self.cseq
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = (f"{first_line}\r\nVia: SIP/2.0/UDP {self.src};branch=z9hG4bK{self.tag}"
                f"{cseq}{method}{'r' if reverse_dialog else ''}\r\nFrom: {from_part}\r\nTo: {to_part}\r\nCall-ID: {call.id}\r\n"
                f"CSeq: {cseq} {method}\r\nMax-Forwards: 70\r\n{kind}"
                f"Content-Length: {len(body)}\r\n\r\n{body}")
        src, dst = ((self.src, 5060), (self.dst, 5060))
        if not forward:
            src, dst = dst, src
        call.world.capture.add(at, src, dst, text.encode())
        if at < BEGIN + LENGTH:
            self.messages += 1
            self.repeats += repeat

    def note(self, at, what, value=None):
        if at < BEGIN + LENGTH:
            self.events.append([at, what, value])

    def invite(self, at, body="", repeats=()):
        line = f"INVITE sip:{self.call.callee}@{self.dst} SIP/2.0"
        self.send(at, True, line, "INVITE", body=body)
        self.note(at, "invite")
        for later in repeats:
            self.send(at + later, True, line, "INVITE", body=body, repeat=True)

    def reply(self, at, status, method="INVITE", tag=None, body="", cseq=None,
              reverse_dialog=False, repeats=()):
        tag = "" if status == 100 else tag or self.to_tag
        line = f"SIP/2.0 {status} {REASONS[status]}"
        for index, later in enumerate((0, *repeats)):
            self.send(at + later, reverse_dialog, line, method, tag, cseq, body,
                      reverse_dialog, repeat=index > 0)
        if method == "INVITE" and not reverse_dialog and cseq is None:
            self.note(at, "response", [status, tag])

    def ack(self, at, tag=None, cseq=None):
        self.send(at, True, f"ACK sip:{self.call.callee}@{self.dst} SIP/2.0", "ACK",
                  tag or self.to_tag, cseq)

    def cancel(self, at):
        self.send(at, True, f"CANCEL sip:{self.call.callee}@{self.dst} SIP/2.0", "CANCEL")
        self.note(at, "cancel")
        self.reply(at + 1 * MS, 200, "CANCEL")

    def again(self, at, callee_asks=False):
        """A re-INVITE: hold, or its end."""
        cseq = self.cseq + 5 + self.messages
        self.send(at, not callee_asks, f"INVITE sip:x@{self.dst} SIP/2.0", "INVITE",
                  self.to_tag, cseq, reverse_dialog=callee_asks)
        self.reply(at + 20 * MS, 200, cseq=cseq, reverse_dialog=callee_asks)
        self.send(at + 25 * MS, not callee_asks, f"ACK sip:x@{self.dst} SIP/2.0", "ACK",
                  self.to_tag, cseq, reverse_dialog=callee_asks)

    def bye(self, at, by_callee):
        cseq = 900
        self.send(at, not by_callee, f"BYE sip:x@{self.dst} SIP/2.0", "BYE", self.to_tag, cseq,
                  reverse_dialog=by_callee)
        self.note(at, "bye", "callee" if by_callee else "caller")
        self.reply(at + 15 * MS, 200, "BYE", cseq=cseq, reverse_dialog=by_callee)
        self.note(at + 15 * MS, "bye_answered")

    def fail(self, at, status, repeats=()):
        self.reply(at, status, repeats=repeats)
        self.ack(at + 2 * MS)

    def truth(self):
        return {"src": self.src, "dst": self.dst, "trunk_src": TRUNKS.get(self.src, ""),
                "trunk_dst": TRUNKS.get(self.dst, ""), "events": sorted(self.events),
                "messages": self.messages, "retransmissions": self.repeats,
                "media": self.media}


class Call:
    def __init__(self, world, at, caller=None, callee=None):
        self.world, self.at = world, at
        self.id = f"{world.new_number():08x}@kpi"
        self.caller = caller or f"+4930{world.new_number():07d}"
        # The last has no label: it is called by its country.
        start, self.label = world.random.choice((("+44207", "london"), ("+4479", "mobile"),
                                                 ("+33145", "France")))
        if callee:
            self.label = {"+442": "london", "+447": "mobile"}.get(callee[:4], "France")
        self.callee = callee or f"{start}{world.new_number():06d}"
        self.legs = []

    def truth(self):
        return {"id": self.id, "caller": self.caller, "callee": self.callee, "label": self.label,
                "legs": [leg.truth() for leg in self.legs if leg.events]}


class World:
    def __init__(self, seed, calls):
        self.random = random.Random(seed)
        self.capture = Capture()
        self.numbers = 0
        self.calls = []
        self.streams = []
        self.make(calls)

    def new_number(self):
        self.numbers += 1
        return self.numbers

    # --- calls over the proxy -----------------------------------------------------------

    def hops(self, call):
        """The leg that reaches the proxy and the one that leaves it."""
        if self.random.random() < 0.6:
            return Leg(call, PBX, PROXY), (PROXY, CARRIER_A, CARRIER_B)
        carrier = self.random.choice((CARRIER_A, CARRIER_B))
        return Leg(call, carrier, PROXY), (PROXY, PBX, PBX)

    def talk(self, call, legs, at):
        """From the 200 of the last leg, passed on by the others, to the end."""
        r = self.random
        repeats = (500 * MS,) if r.random() < 0.05 else ()
        for index, leg in enumerate(reversed(legs)):
            leg.reply(at + index * 3 * MS, 200, repeats=repeats if index == 0 else ())
            leg.ack(at + 40 * MS + index * 3 * MS)
        if r.random() < 0.1:
            seconds = r.uniform(0.5, 9.9)
        else:
            seconds = r.expovariate(1 / 110) + 10
        end = at + int(seconds * S) + 100 * MS
        if r.random() < 0.08 and seconds > 6:
            for leg in legs:
                leg.again(at + 2 * S + legs.index(leg) * MS, callee_asks=r.random() < 0.5)
        if r.random() < 0.01:
            return end  # nobody sees the BYE: in progress until the end
        by_callee = r.random() < 0.4
        order = reversed(legs) if by_callee else legs
        for index, leg in enumerate(order):
            leg.bye(end + index * 3 * MS, by_callee)
        return end

    def over_proxy(self, at, kind, caller=None, callee=None):
        r = self.random
        call = Call(self, at, caller, callee)
        self.calls.append(call)
        first, (proxy, target, backup) = self.hops(call)
        first.invite(at, repeats=(500 * MS,) if r.random() < 0.02 else ())
        if kind in ("auth", "auth_never"):
            first.fail(at + 5 * MS, 407)
            if kind == "auth_never":
                return at + 5 * MS
            first.cseq = 2
            at += 30 * MS
            first.invite(at)
            kind = "answered"
        first.reply(at + 2 * MS, 100)
        if kind == "unsaid":
            return at  # the end of the capture, or nothing, comes of it
        second = Leg(call, proxy, target)
        second.invite(at + 4 * MS)
        if kind == "failover_dead":
            for later in (500 * MS, 1500 * MS, 3500 * MS):
                second.send(at + 4 * MS + later, True,
                            f"INVITE sip:{call.callee}@{target} SIP/2.0", "INVITE",
                            repeat=True)
            return self.second_try(call, first, proxy, backup, at + 6 * S, "answered")
        second.reply(at + 9 * MS, 100)
        if kind in ("failover_503", "both_503"):
            second.fail(at + r.randint(20, 300) * MS, 503)
            return self.second_try(call, first, proxy, backup, at + 400 * MS,
                                   "answered" if kind == "failover_503" else "503")
        return self.outcome(call, [first, second], at + 10 * MS, kind)

    def second_try(self, call, first, proxy, backup, at, kind):
        leg = Leg(call, proxy, backup)
        if backup == PBX:
            leg.cseq = 7  # the same two hosts: a leg begins anew by its own tag
        leg.invite(at)
        leg.reply(at + 5 * MS, 100)
        return self.outcome(call, [first, leg], at + 6 * MS, kind)

    def outcome(self, call, legs, at, kind):
        r = self.random
        delay = int(min(r.lognormvariate(7.5, 0.8), 20000) * MS)
        end = at + delay
        if kind == "forked":
            tags = [f"b{self.new_number()}" for _ in range(r.randint(2, 3))]
            for index, tag in enumerate(tags):
                for hop, leg in enumerate(reversed(legs)):
                    leg.reply(end + index * 50 * MS + hop * 3 * MS, 180, tag=tag)
                    leg.to_tag = tag
            return self.talk(call, legs, end + r.randint(1000, 15000) * MS)
        if kind == "answered":
            if r.random() < 0.9:
                self.pass_on(legs, end, 183 if r.random() < 0.2 else 180)
                end += r.randint(800, 25000) * MS
            return self.talk(call, legs, end)
        if kind in ("no_answer_480", "no_answer_408", "cancelled_ringing"):
            self.pass_on(legs, end, 180)
            end += r.randint(5000, 40000) * MS
        if kind.startswith("cancelled"):
            for index, leg in enumerate(legs):
                leg.cancel(end + index * 3 * MS)
            for index, leg in enumerate(reversed(legs)):
                leg.fail(end + 20 * MS + index * 3 * MS, 487)
            return end + 30 * MS
        status = {"busy": 486, "no_answer_480": 480, "no_answer_408": 408,
                  "480_at_once": 480}.get(kind) or int(kind)
        for index, leg in enumerate(reversed(legs)):
            leg.fail(end + index * 3 * MS, status,
                     (500 * MS,) if index == 0 and r.random() < 0.03 else ())
        return end + 10 * MS

    def pass_on(self, legs, at, status):
        for index, leg in enumerate(reversed(legs)):
            leg.reply(at + index * 3 * MS, status)

    # --- direct calls, with media --------------------------------------------------------

    def sdp(self, host, port, codec):
        payload_type, name, clock, _ = codec
        return (f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
                f"m=audio {port} RTP/AVP {payload_type}\r\n"
                f"a=rtpmap:{payload_type} {name}/{clock}\r\n")

    def stream(self, src, dst, start, packets, codec, lost):
        payload_type, name, _, step = codec
        octets = 20 if name == "G729" else 160
        ssrc = 0x10000 + self.new_number()
        kept = [i for i in range(packets) if i not in lost]
        # The clock of G.722 counts 8000 a second (RFC 3551 section 4.5.2).
        for i in kept:
            header = struct.pack(">BBHII", 0x80, payload_type, i, 160 * i, ssrc)
            self.capture.add(start + i * 20 * MS, src, dst, header + bytes([0xD5]) * octets)
        self.streams.append({"ssrc": ssrc, "codec": name,
                             "first": start + kept[0] * 20 * MS,
                             "last": start + kept[-1] * 20 * MS,
                             "expected": kept[-1] - kept[0] + 1, "received": len(kept),
                             "octets": len(kept) * (40 + octets),
                             "trunk_src": TRUNKS[src[0]], "trunk_dst": TRUNKS[dst[0]]})

    def direct(self, at, index):
        r = self.random
        call = Call(self, at)
        self.calls.append(call)
        outbound = index % 2 == 0
        hosts = (SITE, CARRIER_C) if outbound else (CARRIER_C, SITE)
        leg = Leg(call, *hosts)
        codec = CODECS[index % len(CODECS)]
        ports = 20000 + 4 * index, 20002 + 4 * index
        leg.invite(at, self.sdp(hosts[0], ports[0], codec))
        leg.reply(at + 3 * MS, 100)
        leg.reply(at + 60 * MS, 180)
        answer = at + 1000 * MS
        leg.reply(answer, 200, body=self.sdp(hosts[1], ports[1], codec))
        leg.ack(answer + 5 * MS)
        packets = r.randint(260, 520)
        one_way = index % 10 == 9
        ends = (hosts[0], ports[0]), (hosts[1], ports[1])
        start = answer + 10 * MS
        loss = [0, 0, 0.002, 0.01, 0.05][index % 5]
        for direction in (0,) if one_way else (0, 1):
            lost = {i for i in range(5, packets - 5) if r.random() < loss}
            self.stream(ends[direction], ends[1 - direction], start + direction * 4 * MS,
                        packets, codec, lost)
        end = start + packets * 20 * MS + 15 * MS
        leg.bye(end, by_callee=index % 3 == 0)
        leg.media = {"codec": codec[1], "one_way": one_way}

    # --- the rest -------------------------------------------------------------------------

    def older(self, at):
        """Begun before the capture: first seen by a re-INVITE, ended by a BYE."""
        call = Call(self, at)
        self.calls.append(call)
        leg = Leg(call, PBX, PROXY)
        leg.note(at, "seen")
        leg.again(at)
        leg.bye(at + self.random.randint(5, 60) * S, by_callee=False)

    def scan(self, at):
        """Somebody who does not get in: no trunk at either end."""
        call = Call(self, at)
        self.calls.append(call)
        leg = Leg(call, SCANNER, PROXY)
        leg.invite(at)
        leg.fail(at + 3 * MS, 401 if self.random.random() < 0.5 else 404)

    def register(self, at):
        r = self.random
        number = self.new_number()
        final = r.choice((200, 200, 200, 200, 403, 404, None, 401))
        challenged = final in (200, 403) and r.random() < 0.7
        asked = [401] if challenged else []
        for cseq, status in enumerate(asked + [final], 1):
            text = (f"REGISTER sip:example.com SIP/2.0\r\nVia: SIP/2.0/UDP 10.0.2.30;"
                    f"branch=z9hG4bKr{number}x{cseq}\r\nFrom: <sip:u{number}@example.com>;"
                    f"tag=r{number}\r\nTo: <sip:u{number}@example.com>\r\n"
                    f"Call-ID: reg{number}\r\nCSeq: {cseq} REGISTER\r\n"
                    f"Contact: <sip:u{number}@10.0.2.30>\r\nContent-Length: 0\r\n\r\n")
            client, server = ("10.0.2.30", 5060), (PROXY, 5060)
            when = at + cseq * S
            self.capture.add(when, client, server, text.encode())
            if cseq == 1:
                first = when
            self.delay = r.randint(5, 400) * MS
            if status:
                answer = text.split("\r\n", 1)[1]
                self.capture.add(when + self.delay, server, client,
                                 f"SIP/2.0 {status} x\r\n{answer}".encode())
        self.registrations.append({"at": first, "status": final or 0,
                                   "delay": when + self.delay - first})

    def make(self, calls):
        r = self.random
        self.registrations = []
        kinds = [kind for kind, share in OUTCOMES for _ in range(share)]
        direct, older, scans = calls // 100, calls // 200, calls // 100
        begun = 0
        while begun < calls - direct - older - scans:
            # Busier in the middle of the hour.
            at = BEGIN + int((r.random() + r.random()) / 2 * LENGTH)
            end = self.over_proxy(at, r.choice(kinds))
            begun += 1
            if r.random() < 0.06:
                last = self.calls[-1]
                again = end + r.randint(1, 90) * S
                if again < BEGIN + LENGTH:
                    self.over_proxy(again, r.choice(kinds), last.caller, last.callee)
                    begun += 1
        for index in range(direct):
            self.direct(BEGIN + (index + 1) * (LENGTH // (direct + 2)) + index * 137, index)
        for _ in range(older):
            self.older(BEGIN + r.randint(0, 100) * S + r.randint(0, 999_999))
        for _ in range(scans):
            self.scan(BEGIN + r.randint(0, LENGTH - 1))
        for _ in range(calls // 50):
            self.register(BEGIN + r.randint(0, LENGTH - 40 * S))

    def write(self, path):
        end = self.capture.write(path)
        calls = [call.truth() for call in self.calls]
        return {"begin": BEGIN, "end": end, "calls": [c for c in calls if c["legs"]],
                "streams": self.streams, "sites": SITES, "registrations": self.registrations}


def generate(path, seed=4, calls=10_000):
    """Writes the capture; returns the truth."""
    return json.loads(json.dumps(World(seed, calls).write(path)))
