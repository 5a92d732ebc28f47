#!/usr/bin/env python3
"""Wraps one SIP message into captures, one for each way a network may carry it.

    wrap.py MESSAGE FOLDER

Used by run.py, which asks that a message means the same whatever carried it.  Lengths and
checksums are right, so that another tool can read the captures too.
"""
import pathlib
import random
import struct
import sys

ETHERNET, RAW_IP, LINUX_SLL, LINUX_SLL2 = 1, 101, 113, 276
ETHERTYPE_IPV4, ETHERTYPE_IPV6, ETHERTYPE_VLAN, ETHERTYPE_QINQ = 0x0800, 0x86DD, 0x8100, 0x88A8
TCP, UDP, IPV6_FRAGMENT = 6, 17, 44
FIN, SYN, PSH, ACK = 1, 2, 8, 16
SIP_PORT, CLIENT_PORT = 5060, 40000
CLIENT_V4, SERVER_V4 = bytes([198, 18, 0, 1]), bytes([198, 19, 0, 1])
CLIENT_V6 = bytes.fromhex("20010db8000000000000000000000001")
SERVER_V6 = bytes.fromhex("20010db8000000000000000000000002")
MAC_PAIR = bytes.fromhex("020000000002020000000001")
FIRST_SECOND = 1767225600  # 2026-01-01
STEP_US = 1000  # between frames
FRAGMENTS = 20  # about as many as a datagram is cut into; the probe holds up to 64
CUTS_ALONE = 6  # offsets that get a TCP capture of their own


def checksum(data):
    if len(data) % 2:
        data += b"\0"
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Network:
    """IP version and addresses of client and server; numbers its datagrams."""

    def __init__(self, version):
        self.version = version
        self.client, self.server = ((CLIENT_V4, SERVER_V4) if version == 4
                                    else (CLIENT_V6, SERVER_V6))
        self.ethertype = ETHERTYPE_IPV4 if version == 4 else ETHERTYPE_IPV6
        self.identification = 1000

    def transport_checksum(self, protocol, source, target, segment):
        """Over the pseudo-header of RFC 768, RFC 9293 and RFC 8200 section 8.1."""
        length = struct.pack("!I", len(segment)) + bytes([0, 0, 0, protocol])
        return checksum(source + target + length + segment)

    def packets(self, protocol, source, target, payload, cuts=()):
        """IP packets with `payload`, cut into fragments at these offsets."""
        self.identification += 1
        bounds = [0, *cuts, len(payload)]
        make = self._ipv4 if self.version == 4 else self._ipv6
        return [make(protocol, source, target, payload[begin:end], begin, end < len(payload),
                     bool(cuts))
                for begin, end in zip(bounds, bounds[1:])]

    def _ipv4(self, protocol, source, target, part, offset, more, _fragmented):
        header = struct.pack("!BBHHHBBH4s4s", 0x45, 0, 20 + len(part), self.identification,
                             offset // 8 | (0x2000 if more else 0), 64, protocol, 0,
                             source, target)
        return header[:10] + struct.pack("!H", checksum(header)) + header[12:] + part

    def _ipv6(self, protocol, source, target, part, offset, more, fragmented):
        if fragmented:
            part = struct.pack("!BBHI", protocol, 0, offset | more, self.identification) + part
            protocol = IPV6_FRAGMENT
        return struct.pack("!IHBB", 6 << 28, len(part), protocol, 64) + source + target + part

    def udp(self, message, cuts=()):
        """IP packets of a datagram from client to server; cuts count from the UDP header."""
        header = struct.pack("!HHHH", SIP_PORT, SIP_PORT, 8 + len(message), 0)
        total = self.transport_checksum(UDP, self.client, self.server, header + message)
        header = header[:6] + struct.pack("!H", total or 0xFFFF)
        return self.packets(UDP, self.client, self.server, header + message, cuts)

    def tcp_segment(self, to_server, port, sequence, acknowledged, flags, data=b""):
        source, target = ((self.client, self.server) if to_server
                          else (self.server, self.client))
        ports = (port, SIP_PORT) if to_server else (SIP_PORT, port)
        header = struct.pack("!HHIIBBHHH", *ports, sequence & 0xFFFFFFFF,
                             acknowledged & 0xFFFFFFFF, 5 << 4, flags, 65535, 0, 0)
        total = self.transport_checksum(TCP, source, target, header + data)
        header = header[:16] + struct.pack("!H", total) + header[18:]
        return self.packets(TCP, source, target, header + data)[0]

    def tcp(self, pieces, port=CLIENT_PORT):
        """A whole connection whose client sends `pieces`: (offset, octets), in that order."""
        client, server = 0xFFFFFF00, 0x12345678  # the client's sequence wraps on its way
        client = (client + port * 64007) & 0xFFFFFFFF if port != CLIENT_PORT else client
        first, answer = client + 1, server + 1
        packets = [self.tcp_segment(True, port, client, 0, SYN),
                   self.tcp_segment(False, port, server, first, SYN | ACK),
                   self.tcp_segment(True, port, first, answer, ACK)]
        arrived, edge = set(), 0  # the server acknowledges what it has without a gap
        for offset, data in pieces:
            packets.append(self.tcp_segment(True, port, first + offset, answer, PSH | ACK, data))
            arrived.add((offset, offset + len(data)))
            for begin, end in sorted(arrived):
                edge = max(edge, end) if begin <= edge else edge
            packets.append(self.tcp_segment(False, port, answer, first + edge, ACK))
        end = first + edge
        return packets + [self.tcp_segment(True, port, end, answer, FIN | ACK),
                          self.tcp_segment(False, port, answer, end + 1, FIN | ACK),
                          self.tcp_segment(True, port, end + 1, answer + 1, ACK)]


def ethernet(packets, ethertype):
    return [MAC_PAIR + struct.pack("!H", ethertype) + packet for packet in packets]


def tagged(packets, ethertype, tags):
    """802.1Q and 802.1ad: tags are (type, vlan id), the outermost first."""
    header = b"".join(struct.pack("!HH", kind, vlan) for kind, vlan in tags)
    return [MAC_PAIR + header + struct.pack("!H", ethertype) + packet for packet in packets]


def cooked(packets, ethertype):
    """Linux cooked capture: to us, Ethernet, six octets of address."""
    header = struct.pack("!HHH8sH", 0, 1, 6, MAC_PAIR[6:] + b"\0\0", ethertype)
    return [header + packet for packet in packets]


def cooked2(packets, ethertype):
    header = struct.pack("!HHIHBB8s", ethertype, 0, 2, 1, 0, 6, MAC_PAIR[6:] + b"\0\0")
    return [header + packet for packet in packets]


def pieces(message, cuts):
    """The octets between the cuts: [(offset, octets)]."""
    bounds = [0, *sorted(set(cuts) - {0, len(message)}), len(message)]
    return [(begin, message[begin:end]) for begin, end in zip(bounds, bounds[1:])]


def datagram_carriers(message):
    v4, v6 = Network(4), Network(6)
    whole = v4.udp(message)
    yield "udp4", ETHERNET, ethernet(whole, ETHERTYPE_IPV4)
    yield "udp6", ETHERNET, ethernet(v6.udp(message), ETHERTYPE_IPV6)
    yield "vlan", ETHERNET, tagged(whole, ETHERTYPE_IPV4, [(ETHERTYPE_VLAN, 100)])
    yield "qinq", ETHERNET, tagged(whole, ETHERTYPE_IPV4,
                                   [(ETHERTYPE_QINQ, 200), (ETHERTYPE_VLAN, 100)])
    yield "sll", LINUX_SLL, cooked(whole, ETHERTYPE_IPV4)
    yield "sll2", LINUX_SLL2, cooked2(whole, ETHERTYPE_IPV4)
    yield "raw4", RAW_IP, whole
    yield "raw6", RAW_IP, v6.udp(message)

    length = 8 + len(message)
    last = (length - 1) // 8 * 8
    step = max(8, -(-length // FRAGMENTS) // 8 * 8 + 8)
    many = list(range(step, length, step))
    cuts = {"at-8": [8], "at-24": [24], "at-middle": [length // 16 * 8], "at-last": [last],
            "many": many}
    for network in (v4, v6):
        for name, where in cuts.items():
            frames = ethernet(network.udp(message, where), network.ethertype)
            yield f"fragments{network.version}-{name}", ETHERNET, frames
            yield f"fragments{network.version}-{name}-reversed", ETHERNET, frames[::-1]


def stream_carriers(message, chance):
    v4, v6 = Network(4), Network(6)

    def capture(parts, network=v4):
        return ETHERNET, ethernet(network.tcp(parts), network.ethertype)

    octets = len(message)
    some = sorted(chance.sample(range(1, octets), 8))
    parts = pieces(message, some)
    yield "tcp4", *capture(pieces(message, []))
    yield "tcp6", *capture(pieces(message, []), v6)
    alone = {1, message.find(b"\n") + 1, octets - 1}
    alone |= set(chance.sample(range(1, octets), CUTS_ALONE - len(alone)))
    for cut in sorted(alone):
        yield f"tcp4-cut-{cut}", *capture(pieces(message, [cut]))
    yield "tcp4-octets", *capture(pieces(message, range(octets)))
    yield "tcp6-random", *capture(parts, v6)
    yield "tcp4-reversed", *capture(parts[::-1])
    yield "tcp4-shuffled", *capture(chance.sample(parts, len(parts)))
    retold = [parts[0], parts[0]]  # sent again, then each begins before the last one ended
    for (begin, _), (offset, data) in zip(parts, parts[1:]):
        overlap = min(3, offset - begin)
        retold += [(offset - overlap, message[offset - overlap:offset] + data)] * 2
    yield "tcp4-overlapping", *capture(retold)


def every_cut(message):
    """One capture with a connection for each offset: (connections, link type, frames)."""
    network = Network(4)
    packets = []
    for cut in range(1, len(message)):
        packets += network.tcp(pieces(message, [cut]), CLIENT_PORT + cut)
    return len(message) - 1, ETHERNET, ethernet(packets, ETHERTYPE_IPV4)


def one_stream(messages):
    """Several messages, one behind the other, in one TCP connection."""
    network = Network(4)
    return ETHERNET, ethernet(network.tcp([(0, b"".join(messages))]), ETHERTYPE_IPV4)


def pcap(link_type, frames):
    """The octets of a classic capture file."""
    parts = [struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262144, link_type)]
    for i, frame in enumerate(frames):
        seconds, us = divmod(i * STEP_US, 1000000)
        parts.append(struct.pack("<IIII", FIRST_SECOND + seconds, us, len(frame), len(frame)))
        parts.append(frame)
    return b"".join(parts)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    message = pathlib.Path(sys.argv[1]).read_bytes()
    folder = pathlib.Path(sys.argv[2])
    folder.mkdir(parents=True, exist_ok=True)
    chance = random.Random(1)
    for name, link_type, frames in [*datagram_carriers(message),
                                    *stream_carriers(message, chance)]:
        (folder / f"{name}.pcap").write_bytes(pcap(link_type, frames))
    _, link_type, frames = every_cut(message)
    (folder / "tcp4-every-cut.pcap").write_bytes(pcap(link_type, frames))


if __name__ == "__main__":
    main()
