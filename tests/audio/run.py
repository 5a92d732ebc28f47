#!/usr/bin/env python3
"""`earshot analyze --audio` on calls whose sound is made here, and on one of real phones.

    EARSHOT=build/earshot run.py

Levels, activity and shares must be those of decode.py, which decodes by the formulas of the
standards; signals must be found as often as they were put in.
"""
import datetime
import json
import math
import os
import pathlib
import random
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "cli"))

import decode
import packets

EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
RATE = decode.RATE
LOWS, HIGHS, KEYS = (697, 770, 852, 941), (1209, 1336, 1477, 1633), "123A456B789C*0#D"
FIELDS = ["heard_s", "speech_pct", "silence_pct", "dead_air_s", "dead_air_total_s",
          "clipping_pct", "level_dbov", "rms_dbov", "peak_dbov", "dtmf", "dtmf_first", "fax"]
SRC, DST = ("192.0.2.1", 10000), ("192.0.2.2", 20000)
SIP_FRAMES = 3
TYPES = {"PCMU": 0, "PCMA": 8, "G729": 18}
# P.56 is looked at each ms there, and at each sample here.
TOLERANCES = {"audio_heard_s": 1e-9, "audio_speech_pct": 0.2, "audio_level_dbov": 0.02,
              "audio_rms_dbov": 1e-3, "audio_peak_dbov": 1e-3, "audio_clipping_pct": 1e-6}


# --- sound, as amplitudes: 1 is overload --------------------------------------------------

def tone(seconds, dbov, *frequencies):
    """Each sine has that level: a sine of amplitude 1 is -3.01 dBov."""
    size = 10 ** (dbov / 20) * math.sqrt(2)
    return [sum(size * math.sin(2 * math.pi * f * n / RATE) for f in frequencies)
            for n in range(round(seconds * RATE))]


def silence(seconds):
    return [0.0] * round(seconds * RATE)


def noise(seconds, dbov, seed=1):
    """Uniform."""
    disorder, size = random.Random(seed), 10 ** (dbov / 20) * math.sqrt(3)
    return [disorder.uniform(-size, size) for _ in range(round(seconds * RATE))]


def talk(seconds, dbov):
    """Words of 0.6 s between pauses of 0.5 s, quieter and louder in turn."""
    out, n = [], 0
    while len(out) < seconds * RATE:
        out += noise(0.6, dbov + (n % 3 - 1) * 6, n) + noise(0.5, -66, n + 1000)
        n += 1
    return out[:round(seconds * RATE)]


def dial(keys, tone_s=0.08, pause_s=0.08):
    out = []
    for key in keys:
        at = KEYS.index(key)
        out += tone(tone_s, -12, LOWS[at // 4], HIGHS[at % 4]) + silence(pause_s)
    return out


# --- a call with that sound in it ---------------------------------------------------------

def sdp(host, port, codec, profile):
    return b"\r\n".join([b"v=0", b"o=- 1 1 IN IP4 " + host, b"s=-", b"c=IN IP4 " + host,
                         b"t=0 0", b"m=audio %d %s %d" % (port, profile, TYPES[codec]), b""])


def call(codec, payloads, profile=b"RTP/AVP", lost=()):
    """(seconds, frame)s of a call whose caller sends these payloads, one each 20 ms."""
    name, tag, kind = b"sound@example.com", b";tag=b", (b"Content-Type: application/sdp",)
    offer, answer = (sdp(h.encode(), p, codec, profile) for h, p in (SRC, DST))
    line = b"sip:bob@example.com SIP/2.0"
    yield 0, packets.udp(packets.CALLER, packets.CALLEE, packets.sip(
        b"INVITE " + line, name, b"1 INVITE", more=kind, body=offer))
    yield .1, packets.udp(packets.CALLEE, packets.CALLER, packets.sip(
        b"SIP/2.0 200 OK", name, b"1 INVITE", tag, kind, answer))
    yield .2, packets.udp(packets.CALLER, packets.CALLEE, packets.sip(
        b"ACK " + line, name, b"1 ACK", tag))
    for n, payload in enumerate(payloads):
        if n not in lost:
            head = struct.pack(">BBHII", 0x80, TYPES[codec], n, 160 * n, 7)
            yield .3 + n * .02, packets.udp(SRC, DST, head + payload)


def payloads_of(codec, samples):
    compress = decode.compressor(codec)
    codes = bytes(map(compress, samples))
    return [codes[at:at + 160] for at in range(0, len(codes) - 159, 160)]


def cut(capture, most):
    """The same capture, of the RTP in it the first bytes of each frame."""
    head, records = packets.split(capture)
    out = [head, *records[:SIP_FRAMES]]
    for record in records[SIP_FRAMES:]:
        seconds, micros, length, wire = struct.unpack("<IIII", record[:16])
        length = min(length, most)
        out.append(struct.pack("<IIII", seconds, micros, length, wire) + record[16:16 + length])
    return b"".join(out)


class Audio(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def analyze(self, *arguments):
        done = subprocess.run([EARSHOT, "analyze", "--no-progress", *map(str, arguments)],
                              capture_output=True, timeout=60, check=False)
        self.assertEqual((done.returncode, done.stderr), (0, b""), arguments)
        return done.stdout.decode()

    def streams(self, path, *options):
        records = map(json.loads, self.analyze("--json", *options, path).splitlines())
        return [record for record in records if record["kind"] == "stream"]

    def file(self, capture):
        path = self.folder / "made.pcap"
        path.write_bytes(capture)
        return path

    def hear(self, codec, payloads, snap=65535, **options):
        capture = packets.pcap(list(call(codec, payloads, **options)))
        stream, = self.streams(self.file(cut(capture, snap)), "--audio")
        return stream

    def hear_sound(self, codec, samples, **options):
        """Analyses it, and holds what decode.py knows against it."""
        payloads = payloads_of(codec, samples)
        stream = self.hear(codec, payloads, **options)
        self.compare(stream, decode.samples_of(codec, b"".join(payloads)))
        return stream

    def compare(self, stream, samples):
        for field, right in decode.figures(samples).items():
            if right is None:
                self.assertIsNone(stream[field], field)
            else:
                self.assertAlmostEqual(stream[field], right, delta=TOLERANCES[field],
                                       msg=field)

    def nothing(self, stream):
        self.assertEqual([stream["audio_" + field] for field in FIELDS], [None] * len(FIELDS))

    def test_level(self):
        for codec in "PCMU", "PCMA":
            for level in -6.15, -20, -35:  # 0 dBm0 is the first
                stream = self.hear_sound(codec, tone(6, level, 1004))
                self.assertAlmostEqual(stream["audio_rms_dbov"], level, delta=0.15)
                self.assertAlmostEqual(stream["audio_level_dbov"], level, delta=0.2)
                self.assertEqual((stream["audio_dtmf"], stream["audio_fax"]), (0, None))

    def test_talk(self):
        for codec in "PCMU", "PCMA":
            stream = self.hear_sound(codec, talk(20, -26))
            self.assertGreater(stream["audio_speech_pct"], 60)
            self.assertLess(stream["audio_speech_pct"], 90)
            self.assertEqual(stream["audio_dead_air_s"], 0)

    def test_dead_air(self):
        stream = self.hear_sound(
            "PCMA", talk(5, -20) + silence(8) + talk(4, -20) + noise(6, -60) + talk(3, -20))
        # The last word is 0.4 s before the end of the first talk, 0.5 s before that of the
        # second; the envelope falls within 0.2 s.
        self.assertAlmostEqual(stream["audio_dead_air_s"], 8, delta=0.5)
        self.assertAlmostEqual(stream["audio_dead_air_total_s"], 14, delta=1)
        self.assertAlmostEqual(stream["audio_silence_pct"], 100 * 14 / 26, delta=12)

    def test_silence_only(self):
        stream = self.hear_sound("PCMU", silence(10))
        self.assertEqual([stream["audio_" + field] for field in (
            "silence_pct", "speech_pct", "dead_air_s", "level_dbov", "rms_dbov")],
                         [100, 0, 10, None, -127])

    def test_clipping(self):
        stream = self.hear_sound("PCMA", [2 * x for x in tone(5, -3.0103, 437)])
        self.assertAlmostEqual(stream["audio_clipping_pct"], 67.25, delta=0.1)
        self.assertEqual(stream["audio_peak_dbov"], 0)

    def test_digits(self):
        for codec in "PCMU", "PCMA":
            stream = self.hear_sound(codec, talk(3, -26) + silence(1) + dial(KEYS * 2) +
                                     talk(3, -26))
            self.assertEqual((stream["audio_dtmf"], stream["audio_fax"]), (32, None))
            first = datetime.datetime.fromisoformat(stream["audio_dtmf_first"])
            late_s = first.timestamp() - packets.START - 4.3
            self.assertTrue(0.019 <= late_s <= 0.06, late_s)

    def test_fax(self):
        calling = (tone(.5, -15, 1100) + silence(3)) * 2
        answering = silence(1) + tone(3, -15, 2100) + silence(1)
        self.assertEqual(self.hear_sound("PCMU", silence(1) + calling)["audio_fax"], "cng")
        self.assertEqual(self.hear_sound("PCMA", answering)["audio_fax"], "ced")

    def test_lost_packets(self):
        """Each tenth: the shares are of what was heard, silence goes on, digits do not."""
        payloads = payloads_of("PCMA", silence(2) + tone(4, -20, 437) + silence(8))
        lost = set(range(5, len(payloads), 10))
        stream = self.hear("PCMA", payloads, lost=lost)
        self.compare(stream, decode.samples_of("PCMA", b"".join(
            payload for n, payload in enumerate(payloads) if n not in lost)))
        self.assertAlmostEqual(stream["audio_dead_air_s"], 8 * .9, delta=0.3)
        # 50 ms of tone whose middle is lost are no digit.
        keys = dial("5" * 20, 0.06, 0.1)
        middle = [n for n in range(len(keys) // 160) if n % 8 == 1]
        self.assertEqual(self.hear("PCMA", payloads_of("PCMA", keys))["audio_dtmf"], 20)
        self.assertEqual(self.hear("PCMA", payloads_of("PCMA", keys),
                                   lost=middle)["audio_dtmf"], 0)

    def test_cut_by_the_capture(self):
        payloads = payloads_of("PCMU", tone(6, -20, 437))
        stream = self.hear("PCMU", payloads, snap=14 + 20 + 8 + 12 + 60)
        self.assertIn("truncated", stream["flags"])
        self.assertAlmostEqual(stream["audio_heard_s"], 6 * 60 / 160)
        self.assertAlmostEqual(stream["audio_rms_dbov"], -20, delta=0.15)
        self.nothing(self.hear("PCMU", payloads, snap=14 + 20 + 8 + 12))

    def test_not_to_be_known(self):
        payloads = payloads_of("PCMU", tone(6, -20, 437))
        self.nothing(self.hear("PCMU", payloads, profile=b"RTP/SAVP"))
        tagged = [payload + b"0123456789" for payload in payloads]  # SRTP without its SDP
        self.nothing(self.hear("PCMU", tagged))
        self.nothing(self.hear("G729", [payload[:20] for payload in payloads]))
        path = self.file(packets.pcap(list(call("PCMU", payloads))))
        self.nothing(*self.streams(path))  # nobody asked

    def test_kept(self):
        path = self.file(packets.pcap(list(call(
            "PCMU", payloads_of("PCMU", silence(6) + dial("12") + tone(.5, -15, 1100) +
                                silence(1))))))
        stream, = self.streams(path, "--audio")
        names = ["audio_" + field for field in FIELDS]
        self.analyze("--audio", "--db", self.folder / "made.db", path)
        with sqlite3.connect(self.folder / "made.db") as database:
            row = database.execute(f"SELECT {', '.join(names)} FROM stream").fetchone()
        at = names.index("audio_dtmf_first")
        first = datetime.datetime.fromtimestamp(row[at] / 1e6, datetime.timezone.utc)
        row = list(row)
        row[at] = first.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
        self.assertEqual(dict(zip(names, row)), {name: stream[name] for name in names})
        self.assertEqual((stream["audio_dtmf"], stream["audio_fax"]), (2, "cng"))
        head, line = self.analyze("--audio", "--csv=stream", path).splitlines()
        values = dict(zip(head.replace('"', "").split(","), line.replace('"', "").split(",")))
        self.assertEqual((values["audio_dtmf"], values["audio_fax"]), ("2.00", "cng"))

    def test_real_phones(self):
        """baresip's tone, as both phones send it."""
        path = ROOT / "pcaps" / "known_loss.pcap"
        streams = self.streams(path, "--audio")
        sent = {ssrc: listed for (ssrc, *_), listed in decode.rtp_of(path).items()}
        self.assertEqual(len(streams), 2)
        for stream in streams:
            listed = sent[int(stream["ssrc"], 16)]
            codec = decode.TYPES[listed[0][1]]
            self.assertEqual((codec, len(listed)), (stream["codec"], stream["packets"]))
            self.compare(stream, decode.samples_of(codec, b"".join(p for *_, p in listed)))


if __name__ == "__main__":
    unittest.main()
