#!/usr/bin/env python3
"""media.py - write the RTP that SIPp plays into a call.

A tone in G.711 as a capture file of our own, so that the number of packets, the
SSRC and the codec of every stream are known before the call is made.  Only the
UDP payload and the gaps between packets matter to SIPp.
"""
import argparse
import math
import struct

PAYLOAD_TYPE = {"PCMU": 0, "PCMA": 8}
PTIME_MS = 20
SAMPLES = 8 * PTIME_MS


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


def payload(codec, index, hertz):
    encode, peak = (mulaw, 4000) if codec == "PCMU" else (alaw, 2000)
    at = range(index * SAMPLES, (index + 1) * SAMPLES)
    return bytes(encode(round(peak * math.sin(2 * math.pi * hertz * n / 8000))) for n in at)


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
    options = parser.parse_args()
    with open(options.out, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 65535, 1))
        for n in range(options.skip, options.skip + options.packets):
            marker = 0x80 if n == 0 else 0
            rtp = struct.pack("!BBHII", 0x80, marker | PAYLOAD_TYPE[options.codec],
                              (options.sequence + n) & 0xFFFF, n * SAMPLES, options.ssrc)
            data = frame(rtp + payload(options.codec, n, options.hertz))
            at_ms = (n - options.skip) * PTIME_MS
            out.write(struct.pack("<IIII", at_ms // 1000, at_ms % 1000 * 1000,
                                  len(data), len(data)) + data)


main()
