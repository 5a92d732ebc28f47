#!/usr/bin/env python3
"""round_trips.py MIDDLE CALLER CALLEE - how long RTCP was really under way.

The same packets were recorded in the middle and at both phones, by one clock.  Prints for
each phone the mean way there, the mean way back and their sum, which is the round trip
between the middle and that phone; no RTCP field is used, so that what is worked out from
those fields can be held against it.
"""
import collections
import json
import subprocess
import sys


def rtcp_times(capture):
    """(source, payload) to the moment it passed."""
    run = subprocess.run(
        ["tshark", "-n", "-r", capture, "-Y", "rtcp && !icmp", "-T", "fields", "-E",
         "occurrence=f", "-e", "frame.time_epoch", "-e", "ip.src", "-e", "udp.payload"],
        check=True, text=True, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    lines = [line.split("\t") for line in run.stdout.splitlines()]
    return {(source, payload): float(at) for at, source, payload in lines}


def ways(middle, phone):
    """Milliseconds between the two recorders by source address."""
    taken = collections.defaultdict(list)
    for key in middle.keys() & phone.keys():
        taken[key[0]].append(abs(middle[key] - phone[key]) * 1000)
    return taken


def main():
    middle, *phones = (rtcp_times(capture) for capture in sys.argv[1:4])
    addresses = ("198.18.1.1", "198.18.2.1")
    out = {}
    for name, own, phone in zip(("caller", "callee"), addresses, phones):
        taken = ways(middle, phone)
        back = taken.pop(own)
        there = [ms for values in taken.values() for ms in values]
        mean = [sum(values) / len(values) for values in (there, back)]
        out[name] = {"there_ms": round(mean[0], 3), "back_ms": round(mean[1], 3),
                     "rtt_ms": round(sum(mean), 3), "packets": [len(there), len(back)]}
    print(json.dumps(out))


main()
