"""G.711 and the figures of a stream, from the standards' formulas; shares no code with Earshot."""
import math
import struct

OVERLOAD = {"PCMA": 4032, "PCMU": 8031}  # largest values of G.711, tables 1 and 2
TYPES = {0: "PCMU", 8: "PCMA"}
RATE = 8000


def expand_a(code):
    code ^= 0x55
    segment, step = code >> 4 & 7, code & 15
    size = 2 * step + 1 if segment == 0 else (2 * step + 33) << segment - 1
    return size if code & 0x80 else -size


def expand_mu(code):
    code = ~code & 0xff
    size = ((2 * (code & 15) + 33) << (code >> 4)) - 33 if code < 0x80 else \
        ((2 * (code & 15) + 33) << (code >> 4 & 7)) - 33
    return -size if code & 0x80 else size


EXPAND = {"PCMA": [expand_a(c) for c in range(256)], "PCMU": [expand_mu(c) for c in range(256)]}


def compressor(codec):
    """Function from an amplitude (1 is overload) to the code of the nearest value."""
    values = sorted((value, code) for code, value in enumerate(EXPAND[codec]))
    edges = [(a[0] + b[0]) / 2 for a, b in zip(values, values[1:])]

    def compress(x):
        x *= OVERLOAD[codec]
        low, high = 0, len(edges)
        while low < high:
            middle = (low + high) // 2
            low, high = (middle + 1, high) if edges[middle] < x else (low, middle)
        return values[low][1]
    return compress


def samples_of(codec, payload):
    return [EXPAND[codec][code] / OVERLOAD[codec] for code in payload]


def dbov(power):
    return max(10 * math.log10(power), -127) if power > 0 else -127


def p56(samples):
    """ITU-T P.56 method B, sample by sample: active level in dBov and activity in percent."""
    g = math.exp(-1 / (RATE * 0.03))
    hang = int(0.2 * RATE)
    thresholds = [2.0 ** -n for n in range(8, 0, -1)]
    active, idle = [0] * 8, [hang] * 8
    p = q = energy = 0.0
    for x in samples:
        energy += x * x
        p = g * p + (1 - g) * abs(x)
        q = g * q + (1 - g) * p
        for j, c in enumerate(thresholds):
            if q >= c:
                active[j] += 1
                idle[j] = 0
            elif idle[j] < hang:
                active[j] += 1
                idle[j] += 1
    if not active[0]:
        return None, 0
    levels = [dbov(energy / n) for n in active if n]
    excess = [level - 20 * math.log10(c) - 15.9 for level, c in zip(levels, thresholds)]
    at = next((j for j, e in enumerate(excess) if e <= 0), len(levels))
    if at in (0, len(levels)):
        level = levels[max(at - 1, 0)]
    else:
        part = excess[at - 1] / (excess[at - 1] - excess[at])
        level = levels[at - 1] + part * (levels[at] - levels[at - 1])
    return level, 100 * 10 ** ((dbov(energy / len(samples)) - level) / 10)


def figures(samples):
    level, speech = p56(samples)
    return {"audio_heard_s": len(samples) / RATE, "audio_speech_pct": speech,
            "audio_level_dbov": level,
            "audio_rms_dbov": dbov(sum(x * x for x in samples) / len(samples)),
            "audio_peak_dbov": dbov(max(x * x for x in samples)),
            "audio_clipping_pct": 100 * sum(abs(x) >= 1 for x in samples) / len(samples)}


def rtp_of(path):
    """(ssrc, source, destination) to [(timestamp, payload type, payload)] of a pcap: IPv4 and
    UDP in Ethernet."""
    data = path.read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    streams, at = {}, 24
    while at < len(data):
        length, = struct.unpack(order + "8xI4x", data[at:at + 16])
        frame, at = data[at + 16:at + 16 + length], at + 16 + length
        if frame[12:14] != b"\x08\x00" or frame[23] != 17:
            continue
        udp = frame[14 + 4 * (frame[14] & 15):]
        rtp = udp[8:struct.unpack(">H", udp[4:6])[0]]
        if len(rtp) < 12 or rtp[0] != 0x80 or 192 <= rtp[1] <= 223:
            continue
        stamp, ssrc = struct.unpack(">II", rtp[4:12])
        key = ssrc, frame[26:30] + udp[:2], frame[30:34] + udp[2:4]
        streams.setdefault(key, []).append((stamp, rtp[1] & 127, rtp[12:]))
    return streams
