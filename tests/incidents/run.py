#!/usr/bin/env python3
"""
Incidents as packets: captures of two trunks, most of an hour each, in which something goes wrong
for a while, and the same hour in which nothing does.  What the shipped rules make of them
is read from `earshot alerts test`, and is the same from `earshot analyze --alerts`.

The truth is the generator's: which trunk, from when to when.
"""
import datetime
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest

EARSHOT = os.environ.get("EARSHOT", "build/earshot")
BEGIN = 1772532000  # 2026-03-03 10:00 UTC, a Tuesday
FROM, TO, END = 300, 1260, 3300  # of the incident, and of the capture, s
TICK = 10
PBX, CARRIERS = "198.18.0.1", {"carrier-a": "198.18.1.1", "carrier-b": "198.18.2.1"}
CONFIG = """
sensor: {time_zone: Europe/Berlin}
trunks:
  - {name: carrier-a, role: carrier, addresses: [198.18.1.1], dscp: 46}
  - {name: carrier-b, role: carrier, addresses: [198.18.2.1], dscp: 46}
"""


def bytes_of(address):
    return bytes(map(int, address.split(".")))


class Capture:
    """Frames with their times, in any order until it is written."""

    def __init__(self):
        self.frames = []

    def udp(self, at, src, dst, payload, ports=(5060, 5060), dscp=0):
        udp = struct.pack(">HHHH", *ports, 8 + len(payload), 0) + payload
        head = struct.pack(">BBHHHBBH4s4s", 0x45, dscp << 2, 20 + len(udp), len(self.frames) & 65535,
                           0, 64, 17, 0, bytes_of(src), bytes_of(dst))
        self.frames.append((at, b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + head + udp))

    def write(self, path):
        with open(path, "wb") as out:
            out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
            for at, frame in sorted(self.frames, key=lambda f: f[0]):
                us = round((BEGIN + at) * 1_000_000)
                out.write(struct.pack("<IIII", us // 1_000_000, us % 1_000_000,
                                      len(frame), len(frame)) + frame)


class Call:
    """One call from the PBX to a carrier, as messages."""

    def __init__(self, capture, number, at, carrier, callee="4930123"):
        self.capture, self.number, self.at, self.carrier = capture, number, at, carrier
        self.callee, self.twice = callee, False

    def say(self, after, first, cseq, back=False, body=""):
        src, dst = (self.carrier, PBX) if back else (PBX, self.carrier)
        answer = "" if first.startswith("INVITE") else ";tag=t"
        text = (f"{first}\r\nVia: SIP/2.0/UDP {PBX}:5060;branch=z9hG4bK{self.number}{cseq[0]}\r\n"
                f"From: <sip:{1000 + self.number}@{PBX}>;tag=f{self.number}\r\n"
                f"To: <sip:{self.callee}@{self.carrier}>{answer}\r\n"
                f"Call-ID: call-{self.number}@test\r\nCSeq: {cseq}\r\n"
                f"Contact: <sip:x@{src}>\r\n")
        if body:
            text += "Content-Type: application/sdp\r\n"
        text = (text + f"Content-Length: {len(body)}\r\n\r\n" + body).encode()
        for again in (0, 0.5)[:1 + self.twice]:
            self.capture.udp(self.at + after + again, src, dst, text)

    def port(self, back):
        return 20000 + 4 * (self.number % 8000) + 2 * back

    def sdp(self, back):
        host = self.carrier if back else PBX
        return (f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
                f"m=audio {self.port(back)} RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n")

    def ask(self, media):
        uri = f"INVITE sip:{self.callee}@{self.carrier} SIP/2.0"
        self.say(0, uri, "1 INVITE", body=self.sdp(False) if media else "")
        self.say(0.05, "SIP/2.0 100 Trying", "1 INVITE", True)

    def refused(self, status):
        self.ask(False)
        self.say(0.1, f"SIP/2.0 {status} No", "1 INVITE", True)
        self.say(0.15, f"ACK sip:{self.callee}@{self.carrier} SIP/2.0", "1 ACK")

    def rings_in_vain(self):
        self.ask(False)
        self.say(0.5, "SIP/2.0 180 Ringing", "1 INVITE", True)
        self.say(8, "SIP/2.0 480 Nobody", "1 INVITE", True)
        self.say(8.05, f"ACK sip:{self.callee}@{self.carrier} SIP/2.0", "1 ACK")

    def talks(self, seconds, media=False):
        self.ask(media)
        self.say(0.5, "SIP/2.0 180 Ringing", "1 INVITE", True)
        self.say(2, "SIP/2.0 200 OK", "1 INVITE", True, self.sdp(True) if media else "")
        self.say(2.05, f"ACK sip:x@{self.carrier} SIP/2.0", "1 ACK")
        self.say(2 + seconds, f"BYE sip:x@{self.carrier} SIP/2.0", "2 BYE")
        self.say(2.05 + seconds, "SIP/2.0 200 OK", "2 BYE", True)

    def speaks(self, seconds, back, loss=0.0, dscp=46, rng=random):
        src, dst = (self.carrier, PBX) if back else (PBX, self.carrier)
        ports = (self.port(back), self.port(not back))
        for i in range(int(seconds * 50)):
            if rng.random() < loss:
                continue
            rtp = struct.pack(">BBHII", 0x80, 8, i & 65535, 160 * i, 2 * self.number + back + 77)
            self.capture.udp(self.at + 2.1 + i / 50, src, dst, rtp + b"\xd5" * 160, ports, dscp)


TALK_S = 14


def ordinary(call, rng, media):
    """Six of ten are answered; a tenth of these are short."""
    if rng.random() < 0.6:
        seconds = 4 if rng.random() < 0.1 else TALK_S
        call.talks(seconds, media)
        if media:
            call.speaks(seconds, False, rng=rng)
            call.speaks(seconds, True, rng=rng)
    else:
        call.rings_in_vain()


def with_media(**speech):
    def act(call, rng):
        call.talks(TALK_S, True)
        call.speaks(TALK_S, False, rng=rng, **speech)
        call.speaks(TALK_S, True, rng=rng, **speech)
    return act


def one_direction(call, rng):
    call.talks(TALK_S, True)
    call.speaks(TALK_S, False, rng=rng)


def repeated(call, rng):
    call.twice = True
    ordinary(call, rng, False)


def no_help(call, rng):
    if call.at < FROM + 20:
        call.callee = "112"
        call.refused(500)
    else:
        ordinary(call, rng, False)


# What, its rule, seconds from one call to the next, whether calls have media, the deed.
INCIDENTS = [
    ("a server fails", "server_errors", 6, False, lambda call, rng: call.refused(500)),
    ("hardly anybody is answered", "asr_low", 6, False, lambda call, rng: call.rings_in_vain()),
    ("the network fails", "ner_low", 6, False, lambda call, rng: call.refused(408)),
    ("calls are not allowed any more", "forbidden", 6, False, lambda call, rng: call.refused(403)),
    ("a machine dials", "short_calls", 6, False, lambda call, rng: call.talks(3)),
    ("signalling is lost", "retry_storm", 3, False, repeated),
    ("an emergency call fails", "emergency_failed", 6, False, no_help),
    ("a firewall lets one direction through", "one_way_audio", 12, True, one_direction),
    ("packets are lost", "loss_high", 9, True, with_media(loss=0.06)),
    ("speech is bad", "mos_low", 10, True, with_media(loss=0.35)),
    ("a router marks anew", "dscp_wrong", 12, True, with_media(dscp=0)),
]


def make(path, every, media, deed, seed):
    """The incident befalls carrier-a alone."""
    capture, rng, number = Capture(), random.Random(seed), 0
    for name, address in CARRIERS.items():
        at = 5.0
        while at < END - 60:
            number += 1
            call = Call(capture, number, at, address)
            if deed and name == "carrier-a" and FROM <= at < TO:
                deed(call, rng)
            else:
                ordinary(call, rng, media)
            at += every * rng.uniform(0.5, 1.5)
    capture.write(path)


def run(*arguments):
    done = subprocess.run([EARSHOT, *map(str, arguments)], capture_output=True, text=True,
                          check=False, timeout=120)
    assert done.returncode == 0, (arguments, done.stderr)
    records = [json.loads(line) for line in done.stdout.splitlines()]
    return [r for r in records if r["kind"] == "alert"]


def seconds(time):
    return datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp() - BEGIN


def shipped():
    page = subprocess.run([EARSHOT, "alerts", "rules"], capture_output=True, text=True, check=True)
    lengths = {}
    for line in page.stdout.splitlines():
        cells = [cell.strip() for cell in line.split("|")]
        if len(cells) > 9 and cells[1].startswith("`"):
            lengths[cells[1].strip("`")] = [float(s) for s in cells[6].split(",")]
    return lengths


class Incidents(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="earshot-incidents-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.config = self.folder / "earshot.yaml"
        self.config.write_text(CONFIG, encoding="ascii")

    def capture(self, every, media, deed, seed):
        path = self.folder / "some.pcap"
        make(path, every, media, deed, seed)
        return path

    def test_each_is_raised_and_over_in_time(self):
        lengths = shipped()
        for number, (what, rule, every, media, deed) in enumerate(INCIDENTS):
            with self.subTest(what):
                path = self.capture(every, media, deed, number + SEED)
                told = run("alerts", "test", "--json", self.config, path)
                if number % 4 == 0:
                    self.assertEqual(told, run("analyze", "--json", "--alerts", "-c", self.config,
                                               path))
                window, raised, cleared = lengths[rule]
                mine = [r for r in told if r["rule"] == rule and r["raised"]]
                self.assertTrue(mine, sorted({r["rule"] for r in told}))
                self.assertEqual({r["trunk"] for r in mine},
                                 {None if rule == "emergency_failed" else "carrier-a"})
                fired = next(r for r in mine if r["state"] == "firing")
                # A call counts when it is over.
                self.assertGreaterEqual(seconds(fired["at"]), FROM)
                self.assertLessEqual(seconds(fired["at"]),
                                     FROM + TALK_S + 3 + window + raised + TICK)
                over = mine[-1]
                self.assertEqual(over["state"], "ok", over)
                self.assertLessEqual(seconds(over["at"]),
                                     TO + TALK_S + 3 + window + cleared + 2 * TICK + window / 12)
                self.assertEqual(len({r["id"] for r in mine}), 1, "one alert")
                self.check_what_it_says(fired, rule, path)
                others = {r["rule"] for r in told if r["news"] == "raised"} - {rule}
                self.assertLessEqual(len(others), 2, others)
                self.assertFalse([r for r in told if r["news"] and r["trunk"] == "carrier-b"])

    def check_what_it_says(self, fired, rule, path):
        self.assertIsNotNone(fired["value"])
        self.assertIsNotNone(fired["threshold"])
        self.assertGreater(fired["samples"], 0)
        self.assertTrue(fired["subject"] and fired["summary"] and fired["since"])
        self.assertLessEqual(len(fired["examples"]), 5)
        if rule in ("server_errors", "asr_low", "one_way_audio", "loss_high", "short_calls"):
            self.assertTrue(fired["examples"], rule)
            found = subprocess.run([EARSHOT, "analyze", "--json", "-c", self.config, "--filter",
                                    fired["query"], path], capture_output=True, text=True,
                                   check=True, timeout=120).stdout
            calls = {r["id"] for r in map(json.loads, found.splitlines()) if r["kind"] == "call"}
            self.assertTrue(calls & set(fired["examples"]), "the query finds the examples")

    def test_without_them_nothing_is_told(self):
        for number, (every, media) in enumerate({(i[2], i[3]) for i in INCIDENTS}):
            with self.subTest(every=every, media=media):
                path = self.capture(every, media, None, number + SEED)
                self.assertEqual([r["rule"] for r in run("alerts", "test", "--json", self.config,
                                                         path) if r["news"]], [])


SEED = 1
if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1].isdigit():
        SEED = int(sys.argv.pop(1))
    unittest.main()
