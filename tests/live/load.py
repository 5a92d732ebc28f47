"""Calls by the thousand, as frames: what the tests under load send."""
import struct

MESSAGES = 7  # of a call
USERS = 500   # who call


def frame(first, payload, port=5060):
    ends = (b"\xc6\x12\x00\x01", b"\xc6\x12\x00\x02")[::1 if first else -1]
    udp = struct.pack(">HHHH", port, port, 8 + len(payload), 0) + payload
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), 0, 0, 64, 17, 0, *ends)
    return b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + head + udp


def message(name, first, cseq, size):
    text = (f"{first}\r\nVia: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK{name}{cseq}\r\n"
            f"From: <sip:user{hash_of(name) % USERS}@a>;tag=1\r\nTo: <sip:b@b>{'' if first[:2] == 'IN' else ';tag=2'}\r\n"
            f"Call-ID: {name}@load\r\nCSeq: {cseq}\r\nContact: <sip:x@198.18.0.1>\r\n")
    pad = max(0, size - len(text) - 30)
    return (text + (f"X-Pad: {noise(name, pad)}\r\n" if pad else "") +
            "Content-Length: 0\r\n\r\n").encode()


def noise(name, length):
    """Text that cannot be packed much, the same for the same name."""
    state, out = hash_of(name), []
    while sum(map(len, out)) < length:
        state = state * 6364136223846793005 + 1442695040888963407 & (1 << 64) - 1
        out.append(f"{state:016x}")
    return "".join(out)[:length]


def hash_of(name):
    state = 1469598103934665603
    for c in str(name).encode():
        state = (state ^ c) * 1099511628211 & (1 << 64) - 1
    return state


def begin(name, size=0):
    return [frame(True, message(name, "INVITE sip:b@b SIP/2.0", "1 INVITE", size)),
            frame(False, message(name, "SIP/2.0 100 Trying", "1 INVITE", size)),
            frame(False, message(name, "SIP/2.0 180 Ringing", "1 INVITE", size)),
            frame(False, message(name, "SIP/2.0 200 OK", "1 INVITE", size)),
            frame(True, message(name, "ACK sip:b@b SIP/2.0", "1 ACK", size))]


def end(name, size=0):
    return [frame(True, message(name, "BYE sip:b@b SIP/2.0", "2 BYE", size)),
            frame(False, message(name, "SIP/2.0 200 OK", "2 BYE", size))]


def call(name, size=0):
    """MESSAGES frames, each with so many bytes of SIP at least; IPv4 and UDP, no media."""
    return begin(name, size) + end(name, size)
