"""More places in which a person may stand: URIs of every kind, bodies within bodies, what dialogs say
of other dialogs, RTCP's items, and what agents tell by HEP.

In what follows {n} is a number and {w} a name that stand nowhere else; both are given anew each time.
"""
import itertools
import re
import socket
import struct

PHONE, OTHER, PROXY = ("10.77.13.21", 5060), ("10.77.13.22", 5060), ("10.99.1.1", 5060)
AGENT, COLLECTOR = ("10.99.1.7", 40000), ("10.99.1.8", 9060)
FIELDS_OF_ONE = 24  # of a message, in turn, so that it fits into a datagram

# RFC 3261, 3966, 3087, 4458, 7315, and as they are seen.
URIS = """
sip:{n};phone-context={w}@{w}.example;user=phone?Subject={w}&Priority={n}
sips:{n}:{w}@x.example;maddr={w}.example;cause=302;target=sip%3A{n}%40{w}.example
tel:+{n};isub={n};ext={n};postd={n};phone-context={w}.example;tsp={w};cpc={w}
tel:{n};npdi;rn={n};cic=+{n}
sip:%2B{n}@x.example
urn:service:{w}
sip:{w}%40{w}.example@x.example;npdi;rn={n}
pres:{w}@{w}.example
im:{w}@x.example
mailto:{w}@{w}.example
h323:{w}@x.example
http://{w}.example/{n}?x={w}
SIP:{n}@x.example
sip:{w}.example
fax:+{n}
xmpp:{w}@x.example
sip:+49 {n}@x.example
sip:0049{n}@x.example
""".strip().splitlines()

WITH_URI = """P-Asserted-Identity P-Preferred-Identity Remote-Party-ID Diversion CC-Diversion History-Info
Referred-By b Refer-To r Reply-To Call-Info Alert-Info Error-Info P-Associated-URI P-Called-Party-ID
P-Served-User P-Profile-Key P-User-Database Target-Dialog Join Replaces Geolocation Route Record-Route Path
Service-Route Contact m""".split()

FIELDS = r"""
Via: SIP/2.0/UDP {w}.example:5060;branch=z9hG4bK{w};received=10.77.13.21;rport=5060;maddr={w};i={n}
Via: SIP/2.0/{w} {w}.example;branch={n}
v: SIP / 2.0 / UDP {w}.example ({n})
P-Charging-Vector: icid-value="{w}";icid-generated-at={w};orig-ioi={w};term-ioi="{n}"
P-Charging-Function-Addresses: ccf={w};ecf={n}
P-Visited-Network-ID: "{w} {n}"
P-DCS-Billing-Info: {w}/{n}@{w};charge={n};calling={n};called={n}
P-DCS-Trace-Party-ID: <sip:{n}@x>
P-Asserted-Service: {w}
P-Answer-State: {w}
Origination-Id: {w}
Authorization: Digest username="{n}",realm="{w}",nonce="{w}",uri="sip:{n}@{w}",cnonce="{w}",opaque="{n}"
Authorization: Digest username*=UTF-8''{w}, realm="x"
Authorization: NTLM {w}
Proxy-Authorization: Bearer {w}
WWW-Authenticate: Digest realm="{w}", domain="sip:{n}@{w}", nonce="{w}"
Proxy-Authenticate: Digest realm="{w}", nonce="{n}"
Authentication-Info: nextnonce="{w}", cnonce="{n}"
Identity: {w};info=<https://{w}.example/{n}>;alg=ES256;ppt=shaken
Identity-Info: <https://{w}.example>
y: {w};info=<{w}>
n: <https://{w}>
Warning: 399 {w}.example:5060 "{n} {w}", 370 {n} "{w}"
Reason: SIP ;cause=480 ;text="{n}", X;text={w}
Retry-After: 18000;duration={n} ({w})
Session-Expires: 1800;refresher={w}
x: 90;{w}={n}
Min-SE: {n}
Expires: {n};{w}
Accept-Language: {w}
Accept-Encoding: {w}
Accept-Contact: *;+sip.instance="<urn:uuid:{w}>"
a: *;{w}
Reject-Contact: *;{w}
j: *;{n}
Request-Disposition: {w}
d: {w}
Content-Disposition: session;filename={w}
Content-ID: <{w}@{w}>
Content-Language: {w}
MIME-Version: {n}
k: timer, {w}
Supported: timer;{w}={n}, 100rel {w}
Require: {w}
Unsupported: {n}
Allow: INVITE, {w}, {n}
u: {w}
o: {w}
Event: dialog;id={n};call-id={w}
Allow-Events: {w}
Subscription-State: active;{w}={n}
SIP-ETag: {w}
SIP-If-Match: {w}
Security-Client: {w}
Flow-Timer: {n}
User-to-User: {n};purpose={w};encoding=hex
Cisco-Guid: {n}
P-Station-Name: {w}
X-Asterisk-HangupCause: {w}
P-RTP-Stat: PS={n},{w}
X-Siemens-Call-Type: {w}
Date: Sat, 13 Nov {n} 23:29:00 GMT ({w})
Timestamp: {n} {n}
In-Reply-To: {n}@{w}
Priority: {w}
Organization: =?UTF-8?Q?{w}?=
Subject: {n} {w}
s: {w}
RAck: {n} 1 {w}
RSeq: 1{n}
Max-Forwards: 70 {w}
User-Agent: {w}/{n} ({w})
Server: {w} {n}
Privacy: id;{w}
Session-ID: {n};remote={w}
{w}@{n}: {n}
P-Asserted-Identity: {w} {n}
P-Asserted-Identity: <sip:{n}@x>, <tel:+{n}>, {w}
P-Asserted-Identity: "{w}, \"{n}\" <sip:{n}@y>" <sip:{n}@x>
Contact: {w} <tel:{n}>;q={n};expires={w}
Contact: <sip:{n}@x>;+sip.instance="{w}", "{w}" <sip:{n}@y>
P-Access-Network-Info: 3GPP-E-UTRAN-FDD;utran-cell-id-3gpp={n};{w}
Resource-Priority: {w}.{n}
Info-Package: {w}
Recv-Info: {w}
Trigger-Consent: sip:{n}@{w}
Remote-Party-ID: "{w}" <sip:{n}@x>;party=calling;id-type={w};privacy={n}
X-Nortel-Profile: {w}
""".strip().splitlines()

# Where RFC 8866 and its kin let somebody stand.
SDP = """
v=0
o={w} {n} {n} IN IP4 {w}.example
s={n} {w}
i={n} {w}
u=sip:{n}@{w}.example
e={w} ({n})
e=x@{w}.example
p=+{n} ({w})
c=IN IP4 @
b={w}:{n}
t={n} {n}
r={n} {w}
z={n} {w}
k=uri:https://{w}.example/{n}
a=tool:{w}
a=cat:{w}
a=keywds:{n}
a=charset:{w}
a=lang:{w}
a=type:{w}
a={w}
x={w}
m=audio # RTP/AVP 0 8 96
i={w}
a=rtpmap:0 PCMU/8000
a=rtpmap:96 {w}/8000
a=rtpmap:97 opus/48000/{n}
a=fmtp:0 {w}={n};0-16,{n}
a=fmtp:8 mode={n}-{w}
a=rtcp:# IN IP4 {w}
a=rtcp:{n} {w}
a=ssrc:{n} cname:{n}@{w}
a=ssrc:2 msid:{w} {w}
a=ssrc-group:FID {n}
a=msid:{w} {n}
a=mid:{w}
a=group:BUNDLE {w}
a=identity:{w}
a=candidate:{w} 1 UDP 1 {w}.local 1 typ host raddr {w}
a=ice-pwd:{w}
a=ice-options:{w}
a=fingerprint:sha-1 {w}
a=setup:{w}
a=ptime:{n}
a=maxptime:20 {w}
a=framerate:{n}
a=extmap:1 urn:{w}
a=rtcp-fb:* {w}
a=rtcp-xr:{w}
a=key-mgmt:mikey {w}
a=curr:qos {w}
a=content:{w}
a=label:{w}
a=floorctrl:{w}
a=userid:{n}
a=X-{w}:{n}
a=sendrecv {w}
m={w} 0 RTP/AVP 0
m=audio 0 {w} 0
m=image 0 udptl {w}
m=message {n} TCP/MSRP *
a=path:msrp://{w}.example:1/{n};tcp
A=CAT:{w}
 a={n}
{w}
"""

PIDF = """<?xml version="1.0"?><presence entity="pres:{w}@{w}.example"><tuple id="{w}"><status><gp:geopriv>
<ca:civicAddress><ca:A1>{w}</ca:A1><ca:NAM>{w}</ca:NAM></ca:civicAddress><gml:pos>{n} {n}</gml:pos></gp:geopriv>
</status><contact>tel:+{n}</contact><note>{w}</note></tuple></presence>"""

DIALOGS = """<dialog-info entity="sip:{n}@{w}.example"><dialog id="{w}" call-id="{w}" local-tag="{w}"><local>
<identity display="{w}">sip:{n}@x</identity><target uri="tel:+{n}"/></local><remote><identity display="{w}">
sip:{n}@x</identity></remote></dialog></dialog-info>"""

FRAGMENT = """INVITE sip:{n}@{w}.example SIP/2.0
From: {w} <sip:{n}@x>
To: <tel:+{n}>
P-Asserted-Identity: {w} <sip:{n}@x>
"""

BODIES = {"MESSAGE": ("text/plain", "{w} {n}"), "SUBSCRIBE": ("application/{w}", "{n}"),
          "NOTIFY": ("application/dialog-info+xml", DIALOGS),
          "INFO": ("application/dtmf-relay", "Signal={n}"), "PUBLISH": ("application/pidf+xml", PIDF),
          "REFER": ("message/sipfrag", "SIP/2.0 200 {w}"), "UPDATE": ("application/sdp", SDP),
          "OPTIONS": ("text/html", "<b>{w}</b>"), "PRACK": ("{w}/{n}", "{w}"),
          "ACK": ("application/sdp", SDP), "CANCEL": ("text/plain", "{w}"),
          "BYE": ("message/sipfrag;version=2.0", "From: <sip:{n}@x>"),
          "REGISTER": ("application/reginfo+xml", DIALOGS), "{w}": ("application/{w}", "{n}")}


# What any of the numbers and names looks like, in lower case.
PLANTED = re.compile(r"49301\d{7}|zq\d+gundel")


def filled(p, template):
    return re.sub(r"\{[nw]\}", lambda m: p.number() if m[0] == "{n}" else p.name(), template)


def description(p, address, port):
    text = SDP.lstrip().replace("@\n", address + "\n").replace("#", str(port))
    return filled(p, text).replace("\n", "\r\n")


def multipart(p, address, port):
    """SDP beside a place, an ISUP message, a vCard, and another multipart with a message within."""
    def part(kind, body):
        body = filled(p, body).replace("\n", "\r\n")
        return filled(p, f"Content-Type: {kind}; name={{w}}\r\nContent-ID: <{{w}}>\r\n\r\n") + body + "\r\n"
    inner = ["message/sipfrag", FRAGMENT], ["text/vcard", "FN:{w}\nTEL:+{n}"]
    inner = "".join("--in\r\n" + part(*one) for one in inner) + "--in--\r\n"
    outer = [part("application/sdp", description(p, address, port)), part("application/pidf+xml", PIDF),
             part("application/isup;version=itu-t92+", "{n}\x01\x02{w}"),
             part("multipart/mixed;boundary=in", inner),
             part("message/cpim", "From: {w} <im:{w}@x>\nTo: <im:{n}@x>\n\n{n}")]
    return filled(p, "{w}\r\n") + "".join(f"--out\r\n{body}" for body in outer) + filled(p, "--out--\r\n{w} {n}")


class Talk:
    """Requests of every method, and their answers, with fields in turn."""

    def __init__(self, capture, p):
        self.capture, self.p, self.count = capture, p, 0
        with_uri = [f"{name}: {form}" for number, name in enumerate(WITH_URI)
                    for form in (URIS[number % len(URIS)],
                                 f'"{{w}}, \\"{{n}}\\"" <{URIS[-number % len(URIS)]}>;x={{w}}')]
        self.turn = itertools.cycle(FIELDS + with_uri)

    def fields(self):
        return [filled(self.p, next(self.turn)).split(": ", 1) for _ in range(FIELDS_OF_ONE)]

    def say(self, method, more=(), body="", target="sip:{n}@{w}.example", status=None,
            caller="sip:{n}@{w}.example",
            src=PHONE, dst=PROXY):
        p = self.p
        self.count += 1
        method, target = filled(p, method), filled(p, target)
        head = [("Via", f"SIP/2.0/UDP {PHONE[0]};branch=z9hG4bKs{self.count}{p.name()}"),
                ("From", filled(p, f'"{{w}}" <{caller}>;tag={{w}}')), ("To", f"<{target}>"),
                ("Call-ID", filled(p, "{w}-{n}@{w}.example")), ("CSeq", f"{self.count} {method}")]
        self.capture.sip(src, dst, f"{method} {target} SIP/2.0", head + list(more), body)
        if status:
            head[2] = ("To", filled(p, f"{{w}} <{target}>;tag={{w}}"))
            self.capture.sip(dst, src, filled(p, f"SIP/2.0 {status}"), [*head, *self.fields()])
            if method == "INVITE":
                head[4] = ("CSeq", f"{self.count} ACK")
                self.capture.sip(src, dst, f"ACK {target} SIP/2.0", [*head, *self.fields()])


def invites(talk):
    """By each kind of URI on either side: refused, and redirected; and one with bodies within bodies."""
    p = talk.p
    for number, uri in enumerate(URIS):
        talk.say("INVITE", [*talk.fields(), ("Content-Type", "application/sdp")], description(p, PHONE[0],
                                                                                              4400),
                 uri, "404 Not Found" if number % 2 else "499 {w}", URIS[-number])
    for status in ("302 Moved Temporarily", "200 OK", "603 Decline"):
        talk.say("INVITE", [*talk.fields(), ("Content-Type", "multipart/mixed;boundary=out")],
                 multipart(p, PHONE[0], 4500), status=status)


def others(talk):
    p = talk.p
    for method, (kind, body) in BODIES.items():
        body = description(p, PHONE[0], 4600) if body is SDP else filled(p, body)
        talk.say(method, [*talk.fields(), ("Content-Type", filled(p, kind))], body,
                 status=None if method == "ACK" else "200 {w}")
    for number, uri in enumerate(URIS):  # who looks for a way in, and says who it is
        talk.say("OPTIONS", [("User-Agent", filled(p, "friendly-scanner {w}"))], "", uri, "403 Forbidden",
                 src=(OTHER[0], 6000 + number))
    for number in range(30):
        talk.say("INVITE", [("User-Agent", filled(p, "sipvicious/{n}"))], "",
                 f"sip:{900 + number}{{n}}@x.example",
                 "404 Not Found")
    for number in range(30):
        talk.say("REGISTER", [("Contact", filled(p, "{w} <sip:{n}@{w}.example;line={w}>;expires=60"))], "",
                 "sip:{w}.example", "403 {w} {n}" if number % 3 else "200 OK", src=OTHER)


def items(p, ssrc):
    """RTCP with all items of SDES, a BYE and an APP that say something (RFC 3550, 6.5 to 6.7)."""
    chunk = struct.pack(">I", ssrc)
    for kind, text in enumerate(("{n}@{w}", "{w}", "{w}@x.example", "+{n}", "{w}", "{w}", "{w} {n}",
                                 "\x01x{w}"), 1):
        text = filled(p, text).encode()
        chunk += bytes([kind, len(text)]) + text
    chunk += bytes(4 - len(chunk) % 4)
    reason = p.name().encode()
    bye = struct.pack(">IB", ssrc, len(reason)) + reason
    bye += bytes(-len(bye) % 4)
    app = struct.pack(">I4s", ssrc, b"said") + p.number().encode()
    def packet(count, kind, body):
        return struct.pack(">BBH", 0x80 | count, kind, len(body) // 4) + body
    return (packet(0, 200, struct.pack(">IQIII", ssrc, 1 << 40, 0, 250, 9)) + packet(1, 202, chunk) +
            packet(1, 203, bye) + packet(1, 204, app))


def media_alone(capture, p):
    """Without signalling, with reports that say who it is."""
    for i in range(120):
        for src, dst, ssrc in (((PHONE[0], 7000), (OTHER[0], 8000), 77), ((OTHER[0], 8000), (PHONE[0],
                                                                                             7000), 78)):
            capture.add(src, dst, struct.pack(">BBHII", 0x80, 0, i, 160 * i, ssrc) + bytes(160), 10)
    for src, dst, ssrc in (((PHONE[0], 7001), (OTHER[0], 8001), 77), ((OTHER[0], 8001), (PHONE[0], 7001),
                                                                      78)):
        capture.add(src, dst, items(p, ssrc))


def hep(p, payload, at):
    """What an agent tells, with a name of its own and a correlation id."""
    def chunk(kind, value):
        return struct.pack(">HHH", 0, kind, 6 + len(value)) + value
    body = b"".join(chunk(kind, value) for kind, value in (
        (1, b"\2"), (2, b"\x11"), (3, socket.inet_aton(PHONE[0])), (4, socket.inet_aton(PROXY[0])),
        (7, struct.pack(">H", 5060)), (8, struct.pack(">H", 5060)), (9, struct.pack(">I", at // 1_000_000)),
        (10, struct.pack(">I", at % 1_000_000)), (11, b"\1"), (12, struct.pack(">I", 2001)),
        (17, p.name().encode()), (19, filled(p, "{w} {n}").encode()), (15, payload)))
    return b"HEP3" + struct.pack(">H", 6 + len(body)) + body


class Told:
    """A capture for Talk: what is said is told by an agent instead."""

    def __init__(self, capture, p):
        self.capture, self.p = capture, p

    def sip(self, src, dst, first, fields, body="", after_ms=10):
        lines = [first] + [f"{name}: {value}" for name, value in fields]
        lines += [f"Content-Length: {len(body)}", "", body]
        self.capture.add(AGENT, COLLECTOR, hep(self.p, "\r\n".join(lines).encode(), self.capture.at),
                         after_ms)


def say_all(capture, p):
    for way in (capture, Told(capture, p)):
        talk = Talk(way, p)
        invites(talk)
        others(talk)
    media_alone(capture, p)
