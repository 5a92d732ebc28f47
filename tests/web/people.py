"""Who has no right to see people sees none: numbers and names that stand nowhere else are planted
in every field of SIP, SDP and RTCP that can carry a person, and looked for in every answer."""
import json
import os
import re
import struct
import subprocess
import urllib.parse

import strangers
from accounts import earshot
from client import API, EARSHOT, Server
from contract import Contract, get

ROWS = ("application/json", "application/x-ndjson", "text/csv")
LISTS = ("calls", "legs", "streams", "findings", "security", "registrations", "alerts",
         "registrations/attempts", "peers", "peers/events")


class Plants:
    """Each call gives a number, or a name, that was never given before."""

    def __init__(self):
        self.given = []

    def number(self):
        self.given.append(f"{4930_1000_0000 + 7919 * (len(self.given) + 1):012d}")
        return self.given[-1]

    def name(self):
        self.given.append(f"Zq{len(self.given):02d}gundel")
        return self.given[-1]


class Capture:
    """Ethernet frames with UDP over IPv4, as a pcap file."""

    def __init__(self):
        self.out = struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1)
        self.at = 1_700_000_000_000_000

    def add(self, src, dst, payload, after_ms=10):
        self.at += after_ms * 1000
        host = lambda e: bytes(map(int, e[0].split(".")))
        udp = struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0) + payload
        head = struct.pack(">BBHHHBBH", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0)
        head += host(src) + host(dst)
        total = sum(struct.unpack(">10H", head))
        total = (total & 0xffff) + (total >> 16)
        check = struct.pack(">H", ~(total + (total >> 16)) & 0xffff)
        frame = bytes(12) + b"\x08\x00" + head[:10] + check + head[12:] + udp
        self.out += struct.pack("<IIII", self.at // 1_000_000, self.at % 1_000_000, len(frame),
                                len(frame)) + frame

    def sip(self, src, dst, first, fields, body="", after_ms=10):
        lines = [first] + [f"{name}: {value}" for name, value in fields]
        lines += [f"Content-Length: {len(body)}", "", body]
        self.add(src, dst, "\r\n".join(lines).encode(), after_ms)


# Addresses of people, which are looked for as well.
PHONE, OTHER, PROXY = ("10.77.13.21", 5060), ("10.77.13.22", 5060), ("10.99.1.1", 5060)


def sdp(p, address, port):
    return "\r\n".join([
        "v=0", f"o={p.number()} 1 1 IN IP4 {p.name()}.example", f"s={p.name()} {p.number()}",
        f"i={p.name()}", f"u=http://{p.name()}.example/", f"e={p.name()}@x.example",
        f"p={p.number()}", f"c=IN IP4 {address}", "t=0 0", f"k=clear:{p.number()}",
        f"m=audio {port} RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:101 telephone-event/8000", "a=fmtp:101 0-16", f"a=fmtp:0 x={p.number()}",
        f"a=ssrc:1 cname:{p.name()}", f"a=ice-ufrag:{p.name()}", f"a=label:{p.number()}",
        f"a={p.name()}:1", f"a=candidate:1 1 UDP 1 {PHONE[0]} 1 typ host {p.name()}",
        f"a=crypto:1 {p.name()} inline:{p.number()}", "a=sendrecv", ""])


def persons(p):
    """Fields in which somebody may stand, beside those that every message has."""
    uri = lambda: f'"{p.name()} {p.number()}" <sip:{p.number()}@{p.name()}.example;x={p.number()}>'
    digest = f'Digest username="{p.number()}", realm="{p.name()}", uri="sip:{p.number()}@x", ' \
             f'nonce="{p.name()}", response="0"'
    return [("P-Asserted-Identity", uri()), ("P-Asserted-Identity", f"<tel:+{p.number()}>"),
            ("P-Preferred-Identity", uri()), ("P-Called-Party-ID", uri()),
            ("Remote-Party-ID", uri()), ("Diversion", uri() + f";reason={p.name()}"),
            ("History-Info", uri() + ";index=1"), ("Referred-By", uri()), ("Call-Info", uri()),
            ("Alert-Info", uri()), ("Reply-To", uri()), ("Route", uri()),
            ("Record-Route", uri()), ("Path", uri()), ("Service-Route", uri()),
            ("P-Associated-URI", uri()), ("P-Served-User", uri()),
            ("P-Charging-Vector", f"icid-value={p.number()};orig-ioi={p.name()}"),
            ("P-Access-Network-Info", f"GSTN;x={p.name()}"), ("Proxy-Authorization", digest),
            ("Authorization", digest), ("User-Agent", f"{p.name()}/{p.number()}"),
            ("Server", p.name()), ("Organization", p.name()), ("Subject", p.name()),
            ("Warning", f'399 {p.name()} "{p.number()}"'), ("Geolocation", f"<cid:{p.name()}@x>"),
            ("Reason", f'Q.850;cause=16;text="{p.name()} {p.number()}"'),
            ("User-to-User", p.number()), ("Session-ID", p.name()), ("Identity", p.name()),
            ("Timestamp", p.number()), ("Date", p.name()), ("Error-Info", uri()),
            ("In-Reply-To", p.number()), ("Event", p.name()), ("Supported", f"timer,{p.name()}"),
            ("Allow", f"INVITE, {p.name()}"), ("Require", p.name()), ("Accept", p.name()),
            ("Privacy", p.name()), ("Content-Disposition", p.name()),
            ("Expires", p.number()), (f"X-{p.name()}", p.number()), (p.name(), p.name()),
            ("X-Folded", f"a\r\n {p.number()}\r\n\t{p.name()}")]


class Dialog:
    """One call between the phones; who calls and who is called is given."""

    def __init__(self, capture, p, caller, callee):
        self.capture, self.p = capture, p
        self.call_id = f"{p.name()}-{p.number()}@{p.name()}.example"
        self.branch = f"z9hG4bK{p.name()}"
        self.caller, self.callee = caller, callee
        self.tags = (p.name(), p.name())
        self.names = (p.name(), p.name())

    def say(self, forward, first, method, sequence=1, more=(), body="", after_ms=10):
        src, dst = (PHONE, OTHER) if forward else (OTHER, PHONE)
        to_tag = "" if first.startswith("INVITE") or " 100 " in first else f";tag={self.tags[1]}"
        fields = [("Via", f"SIP/2.0/UDP {PHONE[0]}:5060;branch={self.branch}{sequence}"),
                  ("From", f'"{self.names[0]}" <sip:{self.caller}@a.example>;tag={self.tags[0]}'),
                  ("To", f'"{self.names[1]}" <sip:{self.callee}@b.example>{to_tag}'),
                  ("Call-ID", self.call_id), ("CSeq", f"{sequence} {method}"),
                  ("Contact", f"<sip:{self.p.number()}@{src[0]}:5060>"), ("Max-Forwards", "70"),
                  *more]
        if body:
            fields.append(("Content-Type", "application/sdp"))
        self.capture.sip(src, dst, first, fields, body, after_ms)

    def invite(self, more=()):
        self.say(True, f"INVITE sip:{self.callee}@b.example SIP/2.0", "INVITE", more=more,
                 body=sdp(self.p, PHONE[0], 4000))


def answered(dialog, p):
    capture = dialog.capture
    dialog.invite(persons(p))
    dialog.say(False, "SIP/2.0 100 Trying", "INVITE")
    dialog.say(False, "SIP/2.0 180 Ringing", "INVITE", more=persons(p))
    dialog.say(False, "SIP/2.0 200 OK", "INVITE", more=persons(p), body=sdp(p, OTHER[0], 6000))
    dialog.say(True, f"ACK sip:{dialog.callee}@b.example SIP/2.0", "ACK")
    for i in range(250):
        for src, dst, ssrc in (((PHONE[0], 4000), (OTHER[0], 6000), 1),
                               ((OTHER[0], 6000), (PHONE[0], 4000), 2)):
            if i % 7 != 3:  # some are lost: there is something to explain
                head = struct.pack(">BBHII", 0x80, 0, i, 160 * i, ssrc)
                capture.add(src, dst, head + bytes(160), 10)
    for src, dst, ssrc in (((PHONE[0], 4001), (OTHER[0], 6001), 1),
                           ((OTHER[0], 6001), (PHONE[0], 4001), 2)):
        cname = f"{p.number()}@{p.name()}".encode()
        chunk = struct.pack(">IBB", ssrc, 1, len(cname)) + cname
        chunk += bytes(4 - len(chunk) % 4)
        capture.add(src, dst, struct.pack(">BBHIQIII", 0x80, 200, 6, ssrc, 1 << 40, 0, 250, 9) +
                    struct.pack(">BBH", 0x81, 202, len(chunk) // 4) + chunk)
    dialog.say(True, f"REFER sip:{dialog.callee}@b.example SIP/2.0", "REFER", 2,
               [("Refer-To", f"<sip:{p.number()}@x.example?Replaces={p.name()}>"), *persons(p)])
    dialog.say(False, "SIP/2.0 202 Accepted", "REFER", 2)
    dialog.say(True, f"INFO sip:{dialog.callee}@b.example SIP/2.0", "INFO", 3,
               [("Content-Type", "application/dtmf-relay"), ("X-Digits", p.number())])
    dialog.say(True, f"{p.name()} sip:{p.number()}@b.example SIP/2.0", p.name(), 4)
    dialog.say(True, f"BYE sip:{dialog.callee}@b.example SIP/2.0", "BYE", 5, persons(p))
    dialog.say(False, "SIP/2.0 200 OK", "BYE", 5)


def refused(dialog, p):
    dialog.invite()
    dialog.say(False, f"SIP/2.0 503 {p.name()} {p.number()} \"full\"", "INVITE",
               more=[("Retry-After", "30"), *persons(p)])
    dialog.say(True, f"ACK sip:{dialog.callee}@b.example SIP/2.0", "ACK")
    dialog.capture.at += 5_000_000


def registers(capture, p, user, status, count=1):
    for i in range(count):
        common = [("Via", f"SIP/2.0/UDP {PHONE[0]}:5060;branch=z9hG4bKr{user}{status}{i}"),
                  ("From", f'"{p.name()}" <sip:{user}@a.example>;tag=r{i}'),
                  ("To", f"<sip:{user}@a.example>"), ("Call-ID", f"{p.name()}-{status}-{i}"),
                  ("CSeq", f"{i + 1} REGISTER")]
        contact = [("Contact", f"<sip:{user}@{PHONE[0]};line={p.name()}>;expires=60"),
                   ("Expires", "60")]
        capture.sip(PHONE, PROXY, "REGISTER sip:a.example SIP/2.0", common + contact +
                    persons(p), after_ms=200)
        capture.sip(PROXY, PHONE, f"SIP/2.0 {status} {p.name()}", common + contact)


def report(capture, p):
    """What an endpoint says of a call's quality: RFC 6035."""
    body = "\r\n".join([
        "VQSessionReport: CallTerm", f"CallID: {p.name()}", f"LocalID: <sip:{p.number()}@a>",
        f"RemoteID: <sip:{p.number()}@b>", f"OrigID: <sip:{p.number()}@a>",
        f"LocalAddr: IP={PHONE[0]} PORT=4000 SSRC=1", f"RemoteAddr: IP={OTHER[0]} PORT=6000 SSRC=2",
        "LocalMetrics:", "Timestamps: START=2023-11-14T22:13:20Z STOP=2023-11-14T22:13:30Z",
        f"SessionDesc: PT=0 PD={p.name()} SR=8000", "PacketLoss: NLR=1.0 JDR=0.0", ""])
    capture.sip(PHONE, PROXY, f"PUBLISH sip:{p.number()}@a.example SIP/2.0",
                [("Via", f"SIP/2.0/UDP {PHONE[0]};branch=z9hG4bKp"),
                 ("From", f"<sip:{p.number()}@a.example>;tag=1"), ("To", "<sip:q@a.example>"),
                 ("Call-ID", p.name()), ("CSeq", "1 PUBLISH"), ("Event", "vq-rtcpxr"),
                 ("Content-Type", "application/vq-rtcpxr")], body)


def unknown(capture, p):
    """A method that nobody knows is a word of who sent it, and is counted by name."""
    method = p.name()
    fields = [("Via", f"SIP/2.0/UDP {PHONE[0]};branch=z9hG4bKu"), ("From", "<sip:a@a.example>;tag=1"),
              ("To", "<sip:q@a.example>;tag=2"), ("Call-ID", p.name()), ("CSeq", f"1 {method}")]
    capture.sip(PHONE, PROXY, f"{method} sip:{p.number()}@a.example SIP/2.0", fields)
    capture.sip(PROXY, PHONE, "SIP/2.0 501 Not Implemented", fields)
    return method


def make(path):
    p = Plants()
    capture = Capture()
    caller, callee, other = p.number(), p.number(), p.number()
    registers(capture, p, caller, 200)
    begin = len(p.given)
    answered(Dialog(capture, p, caller, callee), p)
    refused(Dialog(capture, p, f"+{caller}", other), p)
    refused(Dialog(capture, p, f"00{caller}", callee), p)
    kept = p.given[begin:]  # the messages of calls
    report(capture, p)
    kept.append(unknown(capture, p))
    registers(capture, p, p.number(), 403, 40)
    with open(path, "wb") as file:
        file.write(capture.out)
    return p.given + [PHONE[0], OTHER[0], PROXY[0]], kept


def targets(server, contract, chief):
    """Every path that has an answer, with every id there is."""
    yield from (f"{API}/{path}?limit=1000" for path in LISTS)
    for path, operations in contract.document["paths"].items():
        if "get" in operations and "{" not in path and not path.endswith(LISTS) and path != f"{API}/openapi.yaml":
            yield path
    for kind, parts in (("calls", ("", "/ladder", "/legs", "/explain", "/pcap")),
                        ("legs", ("/explain",)), ("alerts", ("",)), ("streams", ("", "/timeline",
                                                                                 "/explain"))):
        answer = get(server, contract, f"{API}/{kind}?limit=1000", fields=[chief])
        for item in answer.json()["items"]:
            yield from (f"{API}/{kind}/{item['id']}{part}" for part in parts)


def crawl(server, contract, who, chief):
    for target in targets(server, contract, chief):
        for media in ROWS:
            answer = get(server, contract, target, fields=[who, ("Accept", f"{media}, */*;q=0.1")])
            assert answer.status in (200, 403) or \
                target.endswith(("/pcap", "/live", "/events", "/reports/sla")), (target, answer.raw)
            yield target, answer.body.decode().lower()


def check_consistent(server, contract, viewer, chief):
    legs = pages_of(server, contract, "legs", viewer)
    whole = pages_of(server, contract, "legs", chief)
    assert [leg["id"] for leg in legs] == [leg["id"] for leg in whole]
    assert len({leg["from"] for leg in legs}) == 1  # however the number was written
    assert len({leg["to"] for leg in legs}) == 2
    assert len({leg["sip_call_id"] for leg in legs}) == 3
    assert {leg["src"] for leg in legs} == {legs[0]["src"]} and legs[0]["src"].startswith("[100::")
    person = legs[0]["from"]
    assert re.fullmatch(r"sip:~[0-9a-f]{12}", person), person
    bindings = pages_of(server, contract, "registrations", viewer)
    assert person in {binding["aor"] for binding in bindings}
    for leg in legs:
        ladder = get(server, contract, f"{API}/calls/{leg['call']}/ladder", fields=[viewer]).json()
        for message in ladder["messages"]:
            assert f"From: <{person}>" in message["raw"], message["raw"]
            assert message["src"] == leg["src"] or message["dst"] == leg["src"]
        assert ladder["messages"][0]["summary"] == "INVITE"
        assert ladder["messages"][0]["cseq"] == "1 INVITE"
        raw = ladder["messages"][0]["raw"]
        for line in ("m=audio 4000 RTP/AVP 0 101", "a=rtpmap:0 PCMU/8000", "a=fmtp:101 0-16",
                     "a=sendrecv", "Content-Type: application/sdp", "Max-Forwards: 70"):
            assert line + "\r\n" in raw, (line, raw)


def pages_of(server, contract, path, who):
    return get(server, contract, f"{API}/{path}?limit=1000", fields=[who]).json()["items"]


def check_noted(server, contract, chief):
    """Who saw messages as they were is known afterwards; who saw none did nothing to note."""
    rows = get(server, contract, f"{API}/audit?limit=1000", fields=[chief]).json()["items"]
    calls = {call["id"] for call in pages_of(server, contract, "calls", chief)}
    seen = {(row["who"], row["subject"]) for row in rows if row["action"] == "ladder"}
    assert seen == {("chief", call) for call in calls}, seen


def check_questions(server, contract, viewer, chief):
    """Nothing is found out by asking for it either."""
    for path, text in (("calls", "from ~ '49'"), ("calls", "leg.from = 'x'"), ("legs", "src = 10.0.0.0/8"),
                       ("legs", "not (user_agent = 'x')"), ("streams", "src in (10.0.0.0/8)"),
                       ("legs", "duration_s > 1 or number_to != '1'"), ("calls", "sip_call_id = 'x'"),
                       ("findings", "evidence ~ 'x'"), ("peers", "peer = 10.99.1.1"),
                       ("registrations", "aor ~ 'x'"), ("security", "subject ~ 'x'")):
        target = f"{API}/{path}?filter={urllib.parse.quote(text)}"
        answer = get(server, contract, target, fields=[viewer])
        problem = answer.json()
        assert (answer.status, problem["code"], problem["parameter"]) == \
            (403, "pii-needed", "filter"), (text, problem)
        assert get(server, contract, target, fields=[chief]).status == 200, text
    for query, parameter in (("group_by=peer", "group_by"), ("group_by=direction,peer", "group_by"),
                             ("filter=peer+%3D+'x'", "filter")):
        answer = get(server, contract, f"{API}/kpis?view=peer&{query}", fields=[viewer])
        assert (answer.status, answer.json().get("parameter")) in ((403, parameter),), answer.raw
    for text in ("mos_lq_min < 4.4", "status = 503", "trunk = 'a'", "codec = PCMU"):
        target = f"{API}/calls?filter={urllib.parse.quote(text)}"
        assert get(server, contract, target, fields=[viewer]).status == 200, text


def say(server, contract, chief, planted):
    """What people type has numbers, too."""
    fields = [chief, ("Content-Type", "application/json")]
    alerts = pages_of(server, contract, "alerts", chief)
    assert alerts
    for number, alert in enumerate(alerts):
        plant = planted[number % len(planted)]
        for path, status, body in (
                (f"alerts/{alert['id']}/acknowledge", 200, {"text": f"ask <sip:{plant}@x>"}),
                (f"alerts/{alert['id']}/comment", 200,
                 {"text": f"+{plant[:2]} ({plant[2:5]}) {plant[5:8]}-{plant[8:]}, {PHONE[0]}:5060"}),
                ("silences", 201, {"match": OTHER[0], "duration_s": 60, "comment": f"'{plant}'"})):
            answer = server.ask(f"{API}/{path}", "POST", fields=fields,
                                body=json.dumps(body).encode())
            assert answer.status == status, answer.raw
            assert plant.encode() in answer.body or path.endswith("comment")


def check_strangers(directory):
    """The same of every kind of URI, body and header that there is."""
    p, capture = Plants(), Capture()
    strangers.say_all(capture, p)
    database = os.path.join(directory, "strangers.db")
    with open(os.path.join(directory, "strangers.pcap"), "wb") as file:
        file.write(capture.out)
    subprocess.run([EARSHOT, "analyze", "--no-progress", "--messages", "--alerts", "--db", database,
                    os.path.join(directory, "strangers.pcap")], capture_output=True, check=True)
    viewer, chief = [("Authorization", "Bearer " + earshot("token", "add", name, "--db", database,
                                                           *more).strip())
                     for name, more in (("viewer", ()), ("chief", ("--pii", "--role", "admin")))]
    seen = set()
    with Server(database, "--login", first=True) as server:
        contract = Contract(server)
        for number, target in enumerate(targets(server, contract, chief)):
            if target.count("/") > 3 and number % 4:  # each kind, but not all of them
                continue
            for media in ROWS if "?limit" in target else ROWS[:1]:
                body = server.ask(target, fields=[viewer, ("Accept",
                                                           f"{media}, */*;q=0.1")]).body.decode().lower()
                shown = strangers.PLANTED.search(body)
                assert not shown, (target, body[max(0, shown.start() - 300):shown.end()])
                assert "10.77.13." not in body and "10.99.1." not in body, target
            seen |= set(strangers.PLANTED.findall(server.ask(target, fields=[chief]).body.decode().lower()))
        # Receivers get alerts as they are: none names who called.
        alerts = server.ask(f"{API}/alerts?limit=1000", fields=[chief]).body.decode().lower()
        assert "scanning tool" in alerts and not strangers.PLANTED.search(alerts), alerts
    assert len(seen) > 2000, len(seen)
    for kind in ("calls", "legs", "streams", "registrations", "security", "alerts"):
        rows = earshot("export", "--db", database, "--mask", "--kind", kind)
        assert rows.count("\n") > 1 and not strangers.PLANTED.search(rows.lower()), kind
        assert "10.77.13." not in rows and "10.99.1." not in rows, kind


def check_people(directory):
    database = os.path.join(directory, "people.db")
    planted, kept = make(os.path.join(directory, "people.pcap"))
    done = subprocess.run([EARSHOT, "analyze", "--no-progress", "--messages", "--alerts", "--db", database,
                           os.path.join(directory, "people.pcap")], capture_output=True, check=True)
    assert b"503" in done.stdout
    tokens = [("Authorization", "Bearer " + earshot("token", "add", name, "--db", database, *more)
               .strip()) for name, more in (("viewer", ()), ("chief", ("--pii", "--role", "admin")))]
    viewer, chief = tokens
    with Server(database, "--login", first=True) as server:
        contract = Contract(server)
        say(server, contract, chief, [plant for plant in planted if plant.isdigit()])
        seen = "".join(body for _, body in crawl(server, contract, chief, chief))
        unseen = [plant for plant in kept if plant.lower() not in seen]
        # It is all there, for those who may, but for keys and passwords.
        assert len(unseen) < len(kept) / 20, (len(unseen), len(kept), unseen)
        for kind in LISTS[:7]:
            assert pages_of(server, contract, kind, viewer), kind
        for target, body in crawl(server, contract, viewer, chief):
            shown = [plant for plant in planted if plant.lower() in body]
            assert not shown, (target, shown, body[:400])
        check_consistent(server, contract, viewer, chief)
        check_noted(server, contract, chief)
        check_questions(server, contract, viewer, chief)
        first = json.dumps(pages_of(server, contract, "legs", viewer))
    with Server(database, "--login") as server:  # the key is the installation's
        contract = Contract(server)
        assert json.dumps(pages_of(server, contract, "legs", viewer)) == first
    check_strangers(directory)
