"""A call by two small SIP user agents, with RTP and RTCP both ways: 198.18.0.1 calls
198.18.0.3 by way of the proxy at 198.18.0.2.  It prints nothing; it fails by raising."""
import re
import socket
import struct
import threading
import time

CALLER, PROXY, CALLEE = "198.18.0.1", "198.18.0.2", "198.18.0.3"
PACKETS, PTIME_S = 100, 0.02


class Agent:
    def __init__(self, address, ssrc, call_id):
        self.address, self.ssrc, self.call_id = address, ssrc, call_id
        self.sip = self.bind(5060)
        self.rtp, self.rtcp = self.bind(4000), self.bind(4001)
        self.sip.settimeout(10)
        self.media_at = None

    def bind(self, port):
        one = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        one.bind((self.address, port))
        return one

    def sdp(self):
        return (f"v=0\r\no=- 1 1 IN IP4 {self.address}\r\ns=-\r\nc=IN IP4 {self.address}\r\nt=0 0\r\n"
                "m=audio 4000 RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n")

    def send(self, first, headers, body=""):
        kind = "Content-Type: application/sdp\r\n" if body else ""
        text = f"{first}\r\n{headers}{kind}Content-Length: {len(body)}\r\n\r\n{body}"
        self.sip.sendto(text.encode(), (PROXY, 5060))

    def receive(self, begin):
        while True:
            text = self.sip.recv(65535).decode()
            found = re.search(r"m=audio (\d+)", text)
            if found:
                self.media_at = (PROXY, int(found[1]))
            if text.startswith(begin):
                return text

    def talk(self):
        for i in range(PACKETS):
            self.rtp.sendto(struct.pack(">BBHII", 0x80, 0, 1000 + i, 160 * i, self.ssrc) +
                            b"\xff" * 160, self.media_at)
            if i % 40 == 39:
                self.report(i + 1)
            time.sleep(PTIME_S)

    def report(self, sent):
        """A sender report with one block: of 256 packets 16 were lost, 5 in all."""
        about = 0xb2000001 if self.ssrc == 0xa1000001 else 0xa1000001
        block = struct.pack(">IIIIII", about, 16 << 24 | 5, 1000 + sent, 24, 0, 0)
        now = time.time() + 2208988800
        packet = struct.pack(">BBHIIIIII", 0x81, 200, 12, self.ssrc, int(now), 0, 160 * sent, sent,
                             160 * sent) + block
        cname = struct.pack(">BBHI", 0x81, 202, 3, self.ssrc) + b"\x01\x05a@b.c\x00"
        self.rtcp.sendto(packet + cname, (self.media_at[0], self.media_at[1] + 1))


def headers_of(text, *names):
    return "".join(line + "\r\n" for line in text.split("\r\n\r\n")[0].split("\r\n")[1:]
                   if line.split(":")[0] in names)


def answer(callee):
    invite = callee.receive("INVITE")
    same = headers_of(invite, "Via", "Record-Route", "From", "Call-ID", "CSeq")
    to = headers_of(invite, "To").rstrip() + ";tag=callee\r\n"
    contact = f"Contact: <sip:bob@{CALLEE}>\r\n"
    callee.send("SIP/2.0 180 Ringing", same + to + contact)
    callee.send("SIP/2.0 200 OK", same + to + contact, callee.sdp())
    callee.receive("ACK")
    callee.talk()
    bye = callee.receive("BYE")
    callee.send("SIP/2.0 200 OK", headers_of(bye, "Via", "From", "To", "Call-ID", "CSeq"))


def run(call_id):
    caller, callee = Agent(CALLER, 0xa1000001, call_id), Agent(CALLEE, 0xb2000001, call_id)
    thread = threading.Thread(target=answer, args=(callee,), daemon=True)
    thread.start()

    def request(method, number, to="", route="", body=""):
        caller.send(f"{method} sip:bob@{CALLEE} SIP/2.0",
                    f"Via: SIP/2.0/UDP {CALLER};branch=z9hG4bK{method}{call_id}\r\n{route}"
                    f"From: <sip:alice@{CALLER}>;tag=caller\r\nTo: <sip:bob@{CALLEE}>{to}\r\n"
                    f"Call-ID: {call_id}\r\nCSeq: {number} {method}\r\nMax-Forwards: 70\r\n"
                    f"Contact: <sip:alice@{CALLER}>\r\n", body)
    request("INVITE", 1, body=caller.sdp())
    ok = caller.receive("SIP/2.0 200")
    route = headers_of(ok, "Record-Route").replace("Record-Route", "Route")
    request("ACK", 1, ";tag=callee", route)
    caller.talk()
    time.sleep(0.3)  # the callee's last packets
    request("BYE", 2, ";tag=callee", route)
    caller.receive("SIP/2.0 200")
    thread.join(10)
    for agent in (caller, callee):
        for one in (agent.sip, agent.rtp, agent.rtcp):
            one.close()
