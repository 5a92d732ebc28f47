#!/usr/bin/env python3
"""relay.py TUN NETWORK=MS... - hold each packet for so long, by where it goes.

What the kernel routes into the TUN device comes out of it again later, unchanged and
in order.  On SIGTERM it prints, for each network, how long it held the packets by its
own clock (JSON).
"""
import fcntl
import heapq
import ipaddress
import json
import os
import select
import signal
import struct
import sys
import time

TUNSETIFF = 0x400454CA
IFF_TUN, IFF_NO_PI = 1, 0x1000


def open_tun(name):
    tun = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH", name.encode(), IFF_TUN | IFF_NO_PI))
    return tun


class Side:
    """The packets that go to one network."""

    def __init__(self, text):
        network, _, hold_ms = text.partition("=")
        self.network = ipaddress.ip_network(network)
        self.hold_ns = int(float(hold_ms) * 1e6)
        self.held_ms = []

    def summary(self):
        held = self.held_ms or [0.0]
        return {"to": str(self.network), "told_ms": self.hold_ns / 1e6,
                "packets": len(self.held_ms), "mean_ms": round(sum(held) / len(held), 3),
                "max_ms": round(max(held), 3)}


def relay(tun, sides):
    waiting = []  # (due, number, side, packet)
    number = 0
    while True:
        now = time.monotonic_ns()
        while waiting and waiting[0][0] <= now:
            due, _, side, packet = heapq.heappop(waiting)
            os.write(tun, packet)
            side.held_ms.append((time.monotonic_ns() - due + side.hold_ns) / 1e6)
        patience = max(waiting[0][0] - time.monotonic_ns(), 0) / 1e9 if waiting else None
        if not select.select([tun], [], [], patience)[0]:
            continue
        packet = os.read(tun, 65535)
        if packet[0] >> 4 != 4:
            continue
        goes_to = ipaddress.ip_address(packet[16:20])
        for side in sides:
            if goes_to in side.network:
                number += 1
                heapq.heappush(waiting, (time.monotonic_ns() + side.hold_ns, number, side,
                                         packet))


def main():
    sides = [Side(text) for text in sys.argv[2:]]
    tun = open_tun(sys.argv[1])

    def finish(*_):
        print(json.dumps([side.summary() for side in sides]), flush=True)
        sys.exit(0)

    signal.signal(signal.SIGTERM, finish)
    print("ready", flush=True)
    relay(tun, sides)


main()
