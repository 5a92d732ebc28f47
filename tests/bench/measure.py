#!/usr/bin/env python3
"""Measures `earshot analyze` against an empty libpcap loop over the same capture.

    measure.py --build DIR --rounds N --limit X --streams S --dialogs D CAPTURE DATABASE

The two run in turn, so that a machine that grows slower or warmer hurts both alike.  Costs
are CPU time (user and system) as the kernel charges it to the child.  Prints the medians,
their ratio against the limit, and the peak of resident memory against its allowance.  Exit
status 3 says that a target was missed, 1 that a program failed.
"""
import argparse
import glob
import os
import statistics
import sys

KB = 1000
STREAM_BYTES, DIALOG_BYTES, FIXED_BYTES = 2 * KB, 4 * KB, 64 * KB * KB


def run(command):
    """CPU seconds and peak RSS in octets of one run, with its output thrown away."""
    pid = os.posix_spawn(command[0], command, os.environ,
                         file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])
    _, status, usage = os.wait4(pid, 0)
    if status != 0:
        print(f"{' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}",
              file=sys.stderr)
        sys.exit(1)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024


def analyze(build, capture, database):
    for left_over in glob.glob(glob.escape(database) + "*"):
        os.remove(left_over)  # with its -wal and -shm
    return run([f"{build}/earshot", "analyze", "--db", database, capture])


def verdict(met):
    return "met" if met else "MISSED"


def main():
    options = argparse.ArgumentParser(description="CPU and memory of earshot analyze")
    options.add_argument("--build", required=True)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--limit", type=float, required=True)
    options.add_argument("--streams", type=int, required=True)
    options.add_argument("--dialogs", type=int, required=True)
    options.add_argument("capture")
    options.add_argument("database")
    args = options.parse_args()

    empty, full, peak = [], [], 0
    for _ in range(args.rounds):
        empty.append(run([f"{args.build}/bench/empty_loop", args.capture])[0])
        seconds, rss = analyze(args.build, args.capture, args.database)
        full.append(seconds)
        peak = max(peak, rss)

    ratio = statistics.median(full) / statistics.median(empty)
    allowance = STREAM_BYTES * args.streams + DIALOG_BYTES * args.dialogs + FIXED_BYTES
    for name, seconds in (("empty loop", empty), ("analyze --db", full)):
        print(f"  {name:<14}{statistics.median(seconds):8.3f} s CPU, median of "
              f"{args.rounds} ({min(seconds):.3f} to {max(seconds):.3f})")
    print(f"  {'ratio':<14}{ratio:8.2f}   target {args.limit:g}: "
          f"{verdict(ratio <= args.limit)}")
    print(f"  {'peak memory':<14}{peak / KB / KB:8.1f} MB target {allowance / KB / KB:g} MB: "
          f"{verdict(peak <= allowance)}")
    return 0 if ratio <= args.limit and peak <= allowance else 3


if __name__ == "__main__":
    sys.exit(main())
