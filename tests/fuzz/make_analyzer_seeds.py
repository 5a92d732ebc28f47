#!/usr/bin/env python3
"""Writes the seeds of fuzz_analyzer: short scenes in the form that its comment tells.

    make_analyzer_seeds.py [FOLDER]
"""
import pathlib
import struct
import sys

HERE = pathlib.Path(__file__).resolve().parent
ALICE, BOB, ALICE_RTP, BOB_RTP, ALICE_RTCP, BOB_RTCP, PROXY, OTHER = range(8)
ADDRESS = ["198.18.0.1", "198.19.0.1", "198.18.0.1", "198.19.0.1", "198.18.0.1", "198.19.0.1",
           "198.18.0.9", "192.0.2.1"]
TCP, CUT = 0x80, 0x40
OFFER = "v=0\r\no=- 1 1 IN IP4 198.18.0.1\r\ns=-\r\nc=IN IP4 198.18.0.1\r\nt=0 0\r\n" \
        "m=audio 4000 RTP/AVP 0 96 101\r\na=rtpmap:96 opus/48000/2\r\n" \
        "a=rtpmap:101 telephone-event/8000\r\n"
ANSWER = OFFER.replace("198.18.0.1", "198.19.0.1").replace("4000", "5000")
SECURE = OFFER.replace("RTP/AVP", "RTP/SAVP")


def packet(gap_ms, source, target, data, flags=0):
    """A gap below zero goes back by 100 ms."""
    unit = 0
    while gap_ms >> (5 * unit) > 0x3FFF:
        unit += 1
    gap = 0xFFFF if gap_ms < 0 else unit << 14 | gap_ms >> (5 * unit)
    return struct.pack("!HBH", gap, source | target << 3 | flags, len(data)) + data


def sip(gap_ms, source, target, what, cseq, to="", body="", call="one", more="", flags=0):
    request = not what[0].isdigit()
    start = f"{what} sip:b@b SIP/2.0" if request else f"SIP/2.0 {what}"
    via = ADDRESS[source if request else target]
    text = (f"{start}\r\nVia: SIP/2.0/UDP {via};branch=z9hG4bK{cseq.split()[0]}\r\n"
            f"From: <sip:a@a>;tag=a\r\nTo: <sip:b@b>{';tag=' + to if to else ''}\r\n"
            f"Call-ID: {call}\r\nCSeq: {cseq}\r\n{more}")
    if body:
        text += f"Content-Type: application/{'sdp' if body[0] == 'v' else 'vq-rtcpxr'}\r\n"
    text += f"Content-Length: {len(body)}\r\n\r\n{body}"
    return packet(gap_ms, source, target, text.encode(), flags)


def rtp(gap_ms, source, target, number, kind=0, ssrc=1, ticks=160, flags=0):
    header = struct.pack("!BBHII", 0x80, kind, number & 0xFFFF, number * ticks & 0xFFFFFFFF,
                         ssrc)
    return packet(gap_ms, source, target, header + bytes(8), flags)


def call(offer=OFFER, answer=ANSWER, name="one"):
    return (sip(5, ALICE, BOB, "INVITE", "1 INVITE", body=offer, call=name) +
            sip(90, BOB, ALICE, "180 Ringing", "1 INVITE", "b", call=name) +
            sip(90, BOB, ALICE, "200 OK", "1 INVITE", "b", answer, call=name) +
            sip(5, ALICE, BOB, "ACK", "1 ACK", "b", call=name))


def bye(name="one"):
    return (sip(20, ALICE, BOB, "BYE", "2 BYE", "b", call=name) +
            sip(5, BOB, ALICE, "200 OK", "2 BYE", "b", call=name))


REPORT = (struct.pack("!BBHIQIII", 0x81, 200, 12, 1, 0, 0, 9, 90) +
          struct.pack("!IIIIII", 2, 0x01000001, 9, 16, 0, 0) +
          struct.pack("!BBHI", 0x81, 202, 3, 1) + b"\x01\x05a@hst\0" +
          struct.pack("!BBHI", 0x81, 203, 1, 1))
NTP = 0x83AA7E8000000000


def answer(gap_ms, source, target, ssrc, about, middle, more=b""):
    """RR with one block, and what else."""
    return packet(gap_ms, source, target, struct.pack(
        "!BBHIIIIIII", 0x81, 201, 7, ssrc, about, 1, 9, 16, middle, 6554) + more)


def extended(ssrc, kind, body):
    return struct.pack("!BBHIBBH", 0x80, 207, len(body) // 4 + 2, ssrc, kind, 0,
                       len(body) // 4) + body


SENDER = struct.pack("!BBHIQIII", 0x80, 200, 6, 1, NTP, 0, 9, 90)
MIDDLE = NTP >> 16 & 0xFFFFFFFF
VOIP = struct.pack("!I4B4H4b4B2B3H", 1, 25, 4, 0, 0, 100, 400, 50, 160, -20, -70, 127, 16, 81,
                   127, 41, 39, 0xF0, 0, 40, 80, 200)
QUALITY = ("VQSessionReport: CallTerm\r\nCallID: one\r\nLocalID: <sip:b@b>\r\n"
           "LocalAddr: IP=198.19.0.1 PORT=5000 SSRC=0x2\r\n"
           "RemoteAddr: IP=198.18.0.1 PORT=4000 SSRC=0x1\r\nLocalMetrics:\r\n"
           "PacketLoss: NLR=1.0 JDR=0.5\r\nQualityEst: MOSLQ=4.1\r\n"
           "RemoteMetrics:\r\nPacketLoss: NLR=0.0\r\n")
TOLD = OFFER + "a=rtcp:5060\r\n"
CONTACT = "Contact: <sip:a@198.18.0.1>;expires=60\r\n"

SEEDS = {
    "call": call() + b"".join(rtp(20, ALICE_RTP, BOB_RTP, n) + rtp(0, BOB_RTP, ALICE_RTP, n, 0, 2)
                              for n in range(30) if n != 7) +
    packet(5, ALICE_RTCP, BOB_RTCP, REPORT) + bye(),
    "codecs": call() + b"".join(rtp(20, ALICE_RTP, BOB_RTP, n, [0, 96, 101, 13][n // 8])
                                for n in range(32)) + bye(),
    "late": b"".join(rtp(20, ALICE_RTP, BOB_RTP, n, 96, ticks=960) for n in range(20)) +
    call() + b"".join(rtp(20, ALICE_RTP, BOB_RTP, n, 96, ticks=960) for n in range(20, 80)),
    "reports": call(TOLD) + b"".join(
        rtp(20, ALICE_RTP, BOB_RTP, n) + rtp(0, BOB_RTP, ALICE_RTP, n, 0, 2) for n in range(9)) +
    packet(5, ALICE_RTCP, BOB_RTCP, SENDER) +
    answer(150, BOB_RTCP, ALICE_RTCP, 2, 1, MIDDLE, extended(2, 4, struct.pack("!Q", NTP + 9))) +
    answer(150, ALICE_RTCP, BOB_RTCP, 1, 2, 0,
           extended(1, 5, struct.pack("!III", 2, NTP + 9 >> 16 & 0xFFFFFFFF, 6554))) +
    answer(9, BOB_RTCP, ALICE_RTCP, 2, 1, MIDDLE, extended(2, 7, VOIP)) +
    packet(9, OTHER, BOB_RTCP, SENDER) +
    sip(20, BOB, PROXY, "PUBLISH", "1 PUBLISH", body=QUALITY, call="p") + bye() +
    sip(5000, BOB, PROXY, "MESSAGE", "2 MESSAGE", body=QUALITY + "x\r\n", call="p"),
    "secure": call(SECURE, SECURE) + rtp(20, ALICE_RTP, BOB_RTP, 1) +
    packet(5, ALICE_RTCP, BOB_RTCP, REPORT),
    "strangers": b"".join(rtp(7, OTHER, BOB_RTP, n, 97, ssrc, 960)
                          for n in range(12) for ssrc in range(8)),
    "jumps": call() + b"".join(rtp(20, ALICE_RTP, BOB_RTP, n) for n in
                               [1, 2, 4, 3, 3, 9000, 9001, 9003, 30000, 9004, 65535, 0, 1]) + bye(),
    "calls": b"".join(call(name=f"c{n}") for n in range(6)) +
    b"".join(bye(f"c{n}") for n in range(6)),
    "hops": sip(5, ALICE, PROXY, "INVITE", "1 INVITE", body=OFFER) +
    sip(1, PROXY, BOB, "INVITE", "1 INVITE", body=OFFER) +
    sip(1, PROXY, OTHER, "INVITE", "1 INVITE", body=OFFER) +
    sip(90, BOB, PROXY, "200 OK", "1 INVITE", "b", ANSWER) +
    sip(1, PROXY, ALICE, "200 OK", "1 INVITE", "b", ANSWER) +
    sip(1, PROXY, OTHER, "CANCEL", "1 CANCEL") +
    sip(5, OTHER, PROXY, "487 Request Terminated", "1 INVITE", "c") +
    sip(900, ALICE, BOB, "BYE", "2 BYE", "b") + sip(60000, ALICE, BOB, "ACK", "9 ACK", "b"),
    "register": b"".join(
        sip(5, ALICE, BOB, "REGISTER", f"{n} REGISTER", more=CONTACT, call=f"r{n % 4}") +
        sip(5, BOB, ALICE, ["401 Unauthorized", "200 OK"][n % 2], f"{n} REGISTER", "r",
            call=f"r{n % 4}") for n in range(1, 9)),
    "slow": call() + rtp(400000, ALICE_RTP, BOB_RTP, 1) + rtp(90000000, ALICE_RTP, BOB_RTP, 2) +
    rtp(-1, ALICE_RTP, BOB_RTP, 3) + bye(),
    "backwards": sip(0, ALICE, BOB, "REGISTER", "1 REGISTER", call="r") + call() +
    sip(0, ALICE, BOB, "REGISTER", "1 REGISTER", call="s") +
    sip(0, BOB, ALICE, "200 OK", "1 REGISTER", "r", call="s") +
    sip(-1, BOB, ALICE, "200 OK", "1 REGISTER", "r", call="r") +
    sip(-1, BOB, ALICE, "BYE", "2 BYE", "b"),
    "stream": sip(5, ALICE, BOB, "INVITE", "1 INVITE", body=OFFER, flags=TCP) +
    sip(5, ALICE, BOB, "INVITE", "1 INVITE", body=OFFER, flags=CUT) +
    rtp(20, ALICE_RTP, BOB_RTP, 1, flags=CUT),
}


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else HERE / "seeds" / "analyzer")
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in SEEDS.items():
        (folder / name).write_bytes(data)


if __name__ == "__main__":
    main()
