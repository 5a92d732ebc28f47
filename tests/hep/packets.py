"""Captures that are taken apart and put together again: of Ethernet, IPv4 and UDP."""
import pathlib
import socket
import struct

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PCAPS = ROOT / "pcaps"


def read(name):
    """[(microseconds, frame)] of a pcap with stamps in microseconds."""
    data = (PCAPS / name).read_bytes()
    assert data[:4] == b"\xd4\xc3\xb2\xa1", name
    at, found = 24, []
    while at + 16 <= len(data):
        seconds, micro, length = struct.unpack_from("<III", data, at)
        found.append((seconds * 1_000_000 + micro, data[at + 16:at + 16 + length]))
        at += 16 + length
    return found


def write(path, records):
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for at, frame in sorted(records, key=lambda record: record[0]):
            file.write(struct.pack("<IIII", at // 1_000_000, at % 1_000_000, len(frame), len(frame)))
            file.write(frame)


def udp_of(frame):
    """(src, dst, payload), or None: it is something else."""
    if frame[12:14] != b"\x08\x00" or frame[23] != 17:
        return None
    start = 14 + (frame[14] & 15) * 4
    ports = struct.unpack_from(">HH", frame, start)
    return ((socket.inet_ntoa(frame[26:30]), ports[0]), (socket.inet_ntoa(frame[30:34]), ports[1]),
            frame[start + 8:start + struct.unpack_from(">H", frame, start + 4)[0]])


def is_sip(payload):
    return payload[:1].isalpha()


def around(payload, src=("192.0.2.7", 40000), dst=("192.0.2.1", 9060), number=0):
    """A frame with that payload."""
    udp = struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0) + payload
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(udp), number & 0xffff, 0, 64, 17, 0,
                     socket.inet_aton(src[0]), socket.inet_aton(dst[0]))
    return bytes(12) + b"\x08\x00" + ip + udp
