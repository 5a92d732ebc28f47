#!/usr/bin/env python3
"""Carries IP packets between namespaces and keeps each one back for a while.

    delay_relay.py NAMESPACE/DEVICE NAMESPACE/DEVICE MS [NAMESPACE/DEVICE NAMESPACE/DEVICE MS]...

Makes each pair of TUN devices and joins them; a packet takes MS from one to the other, either
way.  Prints "ready" when the devices are there; their addresses are the caller's affair.
"""
import ctypes
import fcntl
import heapq
import os
import select
import struct
import sys
import time

CLONE_NEWNET = 0x40000000
TUNSETIFF, IFF_TUN, IFF_NO_PI = 0x400454CA, 1, 0x1000


def device(where):
    """A file that is the far end of a new TUN device in that namespace."""
    namespace, name = where.split("/")
    libc = ctypes.CDLL(None, use_errno=True)
    with open(f"/run/netns/{namespace}", "rb") as there:
        if libc.setns(there.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"setns {namespace}")
    tun = os.open("/dev/net/tun", os.O_RDWR | os.O_NONBLOCK)
    fcntl.ioctl(tun, TUNSETIFF, struct.pack("16sH22x", name.encode(), IFF_TUN | IFF_NO_PI))
    return tun


def take(queue, tun, target, delay_s, number):
    while True:
        try:
            packet = os.read(tun, 65536)
        except BlockingIOError:
            return number
        heapq.heappush(queue, (time.monotonic() + delay_s, number, target, packet))
        number += 1


def main():
    targets, queue, number = {}, [], 0
    for one, other, ms in zip(*[iter(sys.argv[1:])] * 3):
        ends = device(one), device(other)
        for tun, target in (ends, ends[::-1]):
            targets[tun] = target, float(ms) / 1000
    print("ready", flush=True)
    while True:
        wait = max(0, queue[0][0] - time.monotonic()) if queue else None
        for tun in select.select(list(targets), [], [], wait)[0]:
            number = take(queue, tun, *targets[tun], number)
        while queue and queue[0][0] <= time.monotonic():
            _, _, target, packet = heapq.heappop(queue)
            os.write(target, packet)


if __name__ == "__main__":
    main()
