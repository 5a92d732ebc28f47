#!/usr/bin/env python3
"""b2bua.py - a small back-to-back user agent whose media rtpengine relays.

Every call that comes in goes on to one next hop as a call of its own: another Call-ID, other
tags, branches, Contact and agent, numbers as told by --from and --to.  Nothing of the first
leg's headers reaches the second.  It prints `joined FIRST SECOND` with the two Call-IDs of
each call, that is what its recordings know of which legs belong together, and `media FIRST
CALLER HERE THERE CALLEE` with who sends media where: the caller and this side of the relay,
the other side and the callee.
"""
import argparse
import hashlib
import itertools
import re
import socket

AGENT = "Relay 1.0"
NG_TIMEOUT_S = 5


class Message:
    """A SIP message in short: what a user agent needs to answer it or to go on from it."""

    def __init__(self, data):
        head, _, self.body = data.decode().partition("\r\n\r\n")
        self.start, *lines = head.split("\r\n")
        self.headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
        self.method = None if self.start.startswith("SIP/2.0") else self.start.split()[0]
        self.status = None if self.method else int(self.start.split()[1])

    def all(self, name):
        return [value for key, value in self.headers if key.lower() == name.lower()]

    def get(self, name):
        return (self.all(name) or [""])[0]

    def tag(self, name):
        return re.search(r";tag=([^;>\s]+)|$", self.get(name)).group(1)

    def uri(self, name):
        return re.search(r"<([^>]+)>|$", self.get(name)).group(1)


def user(uri):
    return re.match(r"sips?:([^@]*)@", uri).group(1)


def media(sdp):
    """Where the SDP wants its audio."""
    address = re.search(r"c=IN IP4 (\S+)", sdp).group(1)
    port = re.search(r"m=audio (\d+)", sdp).group(1)
    return f"{address}:{port}"


def write(start, headers, body=""):
    kind = [("Content-Type", "application/sdp")] if body else []
    lines = [f"{key}: {value}" for key, value in [*headers, *kind]]
    return "\r\n".join([start, *lines, f"Content-Length: {len(body)}", "", body]).encode()


# --- rtpengine's control protocol: bencode over UDP -------------------------------------

def encode(value):
    if isinstance(value, str):
        return b"%d:%s" % (len(value.encode()), value.encode())
    if isinstance(value, list):
        return b"l" + b"".join(map(encode, value)) + b"e"
    return b"d" + b"".join(encode(key) + encode(value[key]) for key in sorted(value)) + b"e"


def decode(data, at=0):
    """(value, where it ends)"""
    kind = data[at:at + 1]
    if kind == b"i":
        end = data.index(b"e", at)
        return int(data[at + 1:end]), end + 1
    if kind in (b"l", b"d"):
        items, at = [], at + 1
        while data[at:at + 1] != b"e":
            item, at = decode(data, at)
            items.append(item)
        if kind == b"d":
            items = dict(zip(items[::2], items[1::2]))
        return items, at + 1
    colon = data.index(b":", at)
    end = colon + 1 + int(data[at:colon])
    return data[colon + 1:end].decode(), end


class Relay:
    """rtpengine, seen from the signalling."""

    def __init__(self, port, flags):
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.connect(("127.0.0.1", port))
        self.socket.settimeout(NG_TIMEOUT_S)
        self.cookies = itertools.count(1)
        self.flags = flags

    def ask(self, command, **arguments):
        cookie = b"%d " % next(self.cookies)
        request = {"command": command, **arguments}
        if "sdp" in request:
            request |= {"replace": ["origin", "session connection"], "ICE": "remove",
                        "flags": self.flags if command == "offer" else []}
        self.socket.send(cookie + encode(request))
        while True:
            answer = self.socket.recv(65536)
            if answer.startswith(cookie):
                break
        answer, _ = decode(answer[len(cookie):])
        if answer["result"] != "ok":
            raise SystemExit(f"rtpengine: {answer}")
        return answer.get("sdp")


# --- the user agent ---------------------------------------------------------------------

class Leg:
    """A dialog that we are one end of."""

    def __init__(self, call_id, ours, theirs, peer):
        self.call_id, self.ours, self.theirs, self.peer = call_id, ours, theirs, peer
        self.target = None  # the peer's Contact
        self.cseq = 0


class Call:
    def __init__(self, invite, first, second):
        self.invite, self.first, self.second = invite, first, second
        self.offer = None  # as it went on to the callee

    def other(self, leg):
        return self.second if leg is self.first else self.first


class Agent:
    def __init__(self, options):
        self.options = options
        self.address = (options.address, 5060)
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.bind(self.address)
        self.relay = Relay(options.ng_port, options.flag)
        self.calls = {}      # Call-ID of either leg: the call
        self.answers = {}    # branch and method of a request: our last answer
        self.serial = itertools.count(1)

    def fresh(self, kind):
        """An identifier that tells nothing; the same in every recording."""
        text = f"{self.options.seed} {kind} {next(self.serial)}"
        return hashlib.sha256(text.encode()).hexdigest()[:20]

    def contact(self):
        return f"<sip:{self.address[0]}:{self.address[1]}>"

    def answer(self, request, status, leg, body=""):
        to = request.get("To")
        if leg and not request.tag("To"):
            to += f";tag={leg.ours.rpartition('=')[2]}"
        headers = [("Via", via) for via in request.all("Via")]
        headers += [("From", request.get("From")), ("To", to),
                    ("Call-ID", request.get("Call-ID")), ("CSeq", request.get("CSeq")),
                    ("Contact", self.contact()), ("Server", AGENT)]
        data = write(f"SIP/2.0 {status}", headers, body)
        self.answers[self.key(request)] = data
        return data

    @staticmethod
    def key(request):
        return request.get("Via"), request.method

    def request(self, method, leg, body="", cseq=None):
        """Sends one; an ACK has the number of its INVITE."""
        if cseq is None:
            leg.cseq += 1
            cseq = leg.cseq
        via = "SIP/2.0/UDP %s:%d;branch=z9hG4bK%s" % (*self.address, self.fresh("branch"))
        headers = [("Via", via), ("Max-Forwards", "70"), ("From", leg.ours),
                   ("To", leg.theirs), ("Call-ID", leg.call_id), ("CSeq", f"{cseq} {method}"),
                   ("Contact", self.contact()), ("User-Agent", AGENT)]
        self.socket.sendto(write(f"{method} {leg.target} SIP/2.0", headers, body), leg.peer)

    def renumber(self, number, rule):
        pattern, replacement = rule
        return re.sub(pattern, replacement, number)

    def invited(self, request, source):
        here, there = self.address[0], self.options.next_hop
        caller = self.renumber(user(request.uri("From")), self.options.caller)
        callee = self.renumber(user(request.uri("To")), self.options.callee)
        first = Leg(request.get("Call-ID"), f"{request.get('To')};tag={self.fresh('tag')}",
                    request.get("From"), source)
        first.target = request.uri("Contact")
        second = Leg(f"{self.fresh('call')}@{here}",
                     f"<sip:{caller}@{here}>;tag={self.fresh('tag')}",
                     f"<sip:{callee}@{there}>", (there, 5060))
        second.target = f"sip:{callee}@{there}:5060"
        call = Call(request, first, second)
        self.calls |= {first.call_id: call, second.call_id: call}
        print("joined", first.call_id, second.call_id, flush=True)
        self.socket.sendto(self.answer(request, "100 Trying", None), source)
        call.offer = self.relay.ask("offer", **{"call-id": first.call_id, "sdp": request.body,
                                                "from-tag": request.tag("From")})
        self.request("INVITE", second, call.offer)

    def requested(self, request, source):
        if self.key(request) in self.answers:
            self.socket.sendto(self.answers[self.key(request)], source)
            return
        call = self.calls.get(request.get("Call-ID"))
        if request.method == "INVITE" and not call:
            self.invited(request, source)
        elif request.method == "ACK" and call:
            self.request("ACK", call.second, cseq=call.second.cseq)
        elif request.method == "BYE" and call:
            first = request.get("Call-ID") == call.first.call_id
            leg = call.first if first else call.second
            self.socket.sendto(self.answer(request, "200 OK", leg), source)
            self.request("BYE", call.other(leg))
            self.relay.ask("delete", **{"call-id": call.first.call_id,
                                        "from-tag": call.invite.tag("From")})

    def answered(self, response):
        call = self.calls.get(response.get("Call-ID"))
        if not call or not response.get("CSeq").endswith("INVITE") or response.status == 100:
            return
        first, second = call.first, call.second
        if response.status >= 300:
            raise SystemExit(f"no call: {response.start}")
        second.theirs = response.get("To")
        second.target = response.uri("Contact")
        body = ""
        if response.body:
            tags = {"from-tag": call.invite.tag("From"), "to-tag": response.tag("To")}
            body = self.relay.ask("answer", **{"call-id": first.call_id, **tags,
                                               "sdp": response.body})
            print("media", first.call_id, *map(media, (call.invite.body, body, call.offer,
                                                       response.body)), flush=True)
        status = response.start.split(" ", 1)[1]
        self.socket.sendto(self.answer(call.invite, status, first, body), first.peer)

    def run(self):
        while True:
            data, source = self.socket.recvfrom(65536)
            message = Message(data)
            if message.method:
                self.requested(message, source)
            else:
                self.answered(message)


def rule(text):
    return tuple(text.split("=", 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("address")
    parser.add_argument("next_hop")
    parser.add_argument("ng_port", type=int)
    parser.add_argument("--seed", default="1", help="of the identifiers")
    parser.add_argument("--from", dest="caller", type=rule, default=rule("x=x"),
                        help="PATTERN=REPLACEMENT for the caller's number")
    parser.add_argument("--to", dest="callee", type=rule, default=rule("x=x"))
    parser.add_argument("--flag", action="append", default=[], help="rtpengine's, on the offer")
    Agent(parser.parse_args()).run()


main()
