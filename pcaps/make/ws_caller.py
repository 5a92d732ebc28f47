#!/usr/bin/env python3
"""ws_caller.py - a caller that speaks SIP over WebSocket (RFC 7118), as a browser does.

Registers, calls, sends a WebSocket ping while it talks, hangs up.  One message a
frame, masked as RFC 6455 wants it of a client.
"""
import base64
import os
import re
import socket
import struct
import sys
import time

TEXT, CLOSE, PING, PONG = 1, 8, 9, 10
SDP = """v=0
o=alice 1 1 IN IP4 {address}
s=-
c=IN IP4 {address}
t=0 0
m=audio 4000 RTP/AVP 8
a=rtpmap:8 PCMA/8000
"""


class WebSocket:
    def __init__(self, address, port):
        self.stream = socket.create_connection((address, port), timeout=10)
        self.file = self.stream.makefile("rb")
        key = base64.b64encode(os.urandom(16)).decode()
        lines = ("GET / HTTP/1.1", f"Host: {address}:{port}", "Upgrade: websocket",
                 "Connection: Upgrade", f"Sec-WebSocket-Key: {key}",
                 "Sec-WebSocket-Protocol: sip", "Sec-WebSocket-Version: 13", "", "")
        self.stream.sendall("\r\n".join(lines).encode())
        if b" 101 " not in self.file.readline():
            sys.exit("no upgrade")
        while self.file.readline() != b"\r\n":
            pass

    def send(self, opcode, payload):
        mask = os.urandom(4)
        masked = bytes(byte ^ mask[n % 4] for n, byte in enumerate(payload))
        size = len(payload)
        length = bytes([0x80 | size]) if size < 126 else struct.pack("!BH", 0xFE, size)
        self.stream.sendall(bytes([0x80 | opcode]) + length + mask + masked)

    def receive(self):
        first, size = self.file.read(2)
        if size == 126:
            size, = struct.unpack("!H", self.file.read(2))
        return first & 0x0F, self.file.read(size)


class Caller:
    def __init__(self, address, proxy):
        self.address, self.proxy = address, proxy
        self.socket = WebSocket(proxy, 8080)

    def request(self, method, call_id, uri, to, sequence, body="", more=()):
        lines = [f"{method} {uri} SIP/2.0",
                 f"Via: SIP/2.0/WS browser.invalid;branch=z9hG4bK{os.urandom(6).hex()}",
                 f"From: <sip:alice@{self.proxy}>;tag=browser", f"To: {to}",
                 f"Call-ID: {call_id}", f"CSeq: {sequence} {method}", "Max-Forwards: 70",
                 "Contact: <sip:alice@browser.invalid;transport=ws>", *more]
        if body:
            body = body.format(address=self.address).replace("\n", "\r\n")
            lines.append("Content-Type: application/sdp")
        lines += [f"Content-Length: {len(body)}", "", body]
        self.socket.send(TEXT, "\r\n".join(lines).encode())

    def final(self):
        while True:
            opcode, payload = self.socket.receive()
            text = payload.decode()
            if opcode == TEXT and text.startswith("SIP/2.0 ") and text[8] != "1":
                return text

    def header(self, text, name):
        return re.findall(rf"(?im)^{name}: *(.*?)\r$", text)

    def register(self):
        aor = f"<sip:alice@{self.proxy}>"
        self.request("REGISTER", "ws-register-1", f"sip:{self.proxy}", aor, 1,
                     more=("Expires: 60",))
        self.final()

    def call(self, call_id, seconds):
        bob = f"sip:bob@{self.proxy}"
        self.request("INVITE", call_id, bob, f"<{bob}>", 1, SDP)
        answer = self.final()
        to = self.header(answer, "To")[0]
        target = re.search("<(.*?)>", self.header(answer, "Contact")[0])[1]
        routes = [f"Route: {r}" for r in reversed(self.header(answer, "Record-Route"))]
        self.request("ACK", call_id, target, to, 1, more=routes)
        time.sleep(seconds / 2)
        self.socket.send(PING, b"still there?")
        time.sleep(seconds / 2)
        self.request("BYE", call_id, target, to, 2, more=routes)
        self.final()
        self.socket.send(CLOSE, struct.pack("!H", 1000))


def main():
    address, proxy, call_id = sys.argv[1:]
    caller = Caller(address, proxy)
    caller.register()
    caller.call(call_id, 3)


main()
