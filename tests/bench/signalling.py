#!/usr/bin/env python3
"""Measures what signalling alone costs: `earshot analyze` over dialogs without media.

    signalling.py --build DIR [--rounds N] [--dialogs N] [--many N]

First the speed, in SIP messages a second of one thread, beside that of an empty libpcap loop
over the same file; the two run in turn.  Then the memory: the peak over a hundred thousand
dialogs in a row and over a million of them, which must be the same within a tenth.  Exit
status 3 says that it is not, 1 that a program failed or lost a dialog.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

MESSAGES = 7  # of a dialog; generate_sip.c
GROWTH = 1.1


def fail(text):
    print(text, file=sys.stderr)
    sys.exit(1)


def run(command, stdin=None):
    """CPU seconds, peak RSS in octets and the last line of the output."""
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(command, stdin=stdin, stdout=output)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            fail(f"{' '.join(command)}: exit status {process.returncode}")
        output.seek(max(0, output.tell() - 65536))
        last = output.read().splitlines()[-1:]
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, last


def check(last, dialogs):
    summary = json.loads(last[0])
    if summary["legs"] != dialogs or summary["sip_messages"] != dialogs * MESSAGES:
        fail(f"{dialogs} dialogs were generated; the summary says {summary['legs']} legs "
             f"and {summary['sip_messages']} messages")


def speed(build, dialogs, rounds, folder):
    capture = os.path.join(folder, "dialogs.pcap")
    subprocess.run([f"{build}/bench/generate_sip", "--dialogs", str(dialogs), "-o", capture],
                   check=True)
    empty, full = [], []
    for _ in range(rounds):
        empty.append(run([f"{build}/bench/empty_loop", capture])[0])
        seconds, _, last = run([f"{build}/earshot", "analyze", "--json", capture])
        check(last, dialogs)
        full.append(seconds)
    messages = dialogs * MESSAGES
    for name, seconds in (("empty loop", empty), ("analyze", full)):
        print(f"  {name:<14}{messages / statistics.median(seconds) / 1000:8.0f} thousand "
              f"messages a second of CPU, median of {rounds}")
    print(f"  {'ratio':<14}{statistics.median(full) / statistics.median(empty):8.2f}")
    os.remove(capture)


def peak(build, dialogs):
    with subprocess.Popen([f"{build}/bench/generate_sip", "--dialogs", str(dialogs),
                           "-o", "-"], stdout=subprocess.PIPE) as generator:
        _, rss, last = run([f"{build}/earshot", "analyze", "--json", "--no-progress", "-"],
                           generator.stdout)
    check(last, dialogs)
    return rss


def main():
    options = argparse.ArgumentParser(description="cost of signalling alone")
    options.add_argument("--build", required=True)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--dialogs", type=int, default=100000)
    options.add_argument("--many", type=int, default=1000000)
    args = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        speed(args.build, args.dialogs, args.rounds, folder)
    few, many = peak(args.build, args.dialogs), peak(args.build, args.many)
    flat = many <= few * GROWTH
    print(f"  {'peak memory':<14}{few / 1e6:8.1f} MB over {args.dialogs} dialogs, "
          f"{many / 1e6:.1f} MB over {args.many}: {'flat' if flat else 'NOT FLAT'}")
    return 0 if flat else 3


if __name__ == "__main__":
    sys.exit(main())
