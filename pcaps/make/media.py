#!/usr/bin/env python3
"""media.py - write the RTP that SIPp plays into a call.

A tone in G.711, or with --speech what sounds like a babble and never repeats itself, as a
capture file of our own, so that the number of packets, the SSRC and the codec of every stream
are known before the call is made.  With --frames somebody else encoded it.  Only the UDP
payload and the gaps between packets matter to SIPp.
"""
import argparse
import math
import random
import struct

PAYLOAD_TYPE = {"PCMU": 0, "PCMA": 8, "GSM": 3}
PTIME_MS = 20
SAMPLES = 8 * PTIME_MS
GSM_FRAME = 33  # octets in 20 ms, RFC 3551 section 4.5.8


def mulaw(sample):
    """ITU-T G.711, 14 bit sample to mu-law."""
    sign = 0x80 if sample < 0 else 0
    magnitude = min(abs(sample), 8158) + 33
    exponent = magnitude.bit_length() - 6
    mantissa = (magnitude >> (exponent + 1)) & 0x0F
    return ~(sign | exponent << 4 | mantissa) & 0xFF


def alaw(sample):
    """ITU-T G.711, 13 bit sample to A-law."""
    sign = 0x80 if sample >= 0 else 0
    magnitude = min(sample if sample >= 0 else -sample - 1, 4095)
    exponent = max(magnitude.bit_length() - 5, 0)
    mantissa = (magnitude >> max(exponent, 1)) & 0x0F
    return (sign | exponent << 4 | mantissa) ^ 0x55


def tone(hertz):
    for n in range(10**9):
        yield math.sin(2 * math.pi * hertz * n / 8000)


def speech(seed):
    """Syllables of a voice that glides, a tenth of it noise, with a short pause after some."""
    dice = random.Random(seed)
    phase = 0.0
    while True:
        length = dice.randrange(800, 2400)
        hertz, glide = dice.uniform(90, 220), dice.uniform(-30, 30)
        parts = [dice.random() / k for k in range(1, 9)]
        loud = dice.uniform(0.3, 0.9) / sum(parts)
        for n in range(length):
            phase += 2 * math.pi * (hertz + glide * n / length) / 8000
            voice = sum(part * math.sin(k * phase) for k, part in enumerate(parts, 1))
            rise = math.sin(math.pi * n / length)
            yield rise * loud * voice + 0.02 * dice.uniform(-1, 1)
        for _ in range(dice.choice((0, 0, 400, 1200))):
            yield 0.02 * dice.uniform(-1, 1)


def encoded(codec, samples):
    encode, peak = (mulaw, 4000) if codec == "PCMU" else (alaw, 2000)
    while True:
        yield bytes(encode(round(peak * next(samples))) for _ in range(SAMPLES))


def frames_of(path):
    with open(path, "rb") as file:
        while frame := file.read(GSM_FRAME):
            yield frame


def frame(rtp):
    udp = struct.pack("!HHHH", 4000, 4000, 8 + len(rtp), 0) + rtp
    ip = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0,
                     bytes((198, 18, 0, 1)), bytes((198, 18, 0, 2)))
    return bytes(12) + b"\x08\x00" + ip + udp


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out")
    parser.add_argument("--codec", choices=PAYLOAD_TYPE, default="PCMA")
    parser.add_argument("--ssrc", type=lambda text: int(text, 0), required=True)
    parser.add_argument("--packets", type=int, required=True)
    parser.add_argument("--skip", type=int, default=0, help="packets sent earlier")
    parser.add_argument("--sequence", type=int, default=1)
    parser.add_argument("--hertz", type=int, default=440)
    parser.add_argument("--speech", metavar="SEED")
    parser.add_argument("--frames", metavar="FILE", help="GSM frames, one after the other")
    options = parser.parse_args()
    if options.frames:
        payloads = frames_of(options.frames)
    else:
        samples = speech(options.speech) if options.speech else tone(options.hertz)
        payloads = encoded(options.codec, samples)
    for _ in range(options.skip):
        next(payloads)
    with open(options.out, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for n in range(options.skip, options.skip + options.packets):
            marker = 0x80 if n == 0 else 0
            rtp = struct.pack("!BBHII", 0x80, marker | PAYLOAD_TYPE[options.codec],
                              (options.sequence + n) & 0xFFFF, n * SAMPLES, options.ssrc)
            data = frame(rtp + next(payloads))
            at_ms = (n - options.skip) * PTIME_MS
            out.write(struct.pack("<IIII", at_ms // 1000, at_ms % 1000 * 1000,
                                  len(data), len(data)) + data)


main()
