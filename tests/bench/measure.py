#!/usr/bin/env python3
"""Measures `earshot analyze` against an empty libpcap loop over the same capture.

    measure.py --build DIR --rounds N --limit X [--wall-limit Y] --streams S --dialogs D
        CAPTURE DATABASE

They run in turn, so that a machine that grows slower or warmer hurts all alike.  Costs are CPU
time (user and system) as the kernel charges it to the child; with --wall-limit also the time
that passes with two workers against that of the empty loop.  Prints the medians, their ratios
against the limits, and the peak of resident memory against its allowance.  Exit status 3 says
that a target was missed, 1 that a program failed.

Two workers need two processors with nothing else to do.  A virtual machine's may be two threads
of one core, or share theirs with somebody, for a while: then even two empty loops, which have
nothing to do with each other, take longer at once than one alone.  With --wall-limit each round
measures that, too; where it is far from 1, the ratio is that of one and a half processors.
"""
import argparse
import glob
import os
import statistics
import sys
import time

KB = 1000
STREAM_BYTES, DIALOG_BYTES, FIXED_BYTES = 2 * KB, 4 * KB, 64 * KB * KB
THREAD_BYTES = 32 * KB * KB  # what a second worker may add


def start(command):
    return os.posix_spawn(command[0], command, os.environ,
                          file_actions=[(os.POSIX_SPAWN_OPEN, 1, "/dev/null", os.O_WRONLY, 0)])


def check(status, command):
    if status != 0:
        print(f"{' '.join(command)}: exit status {os.waitstatus_to_exitcode(status)}",
              file=sys.stderr)
        sys.exit(1)


def run(command):
    """CPU seconds, peak RSS in octets and seconds of one run, with its output thrown away."""
    begun = time.monotonic()
    _, status, usage = os.wait4(start(command), 0)
    check(status, command)
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss * 1024, time.monotonic() - begun


def run_two_at_once(command):
    """Seconds until both have ended."""
    begun = time.monotonic()
    for _, status in [os.waitpid(pid, 0) for pid in [start(command), start(command)]]:
        check(status, command)
    return time.monotonic() - begun


def analyze(build, capture, database, workers=1):
    for left_over in glob.glob(glob.escape(database) + "*"):
        os.remove(left_over)  # with its -wal and -shm
    os.sync()  # or the run would wait until the disk has forgotten them
    return run([f"{build}/earshot", "analyze", f"--workers={workers}", "--db", database,
                capture])


def verdict(met):
    return "met" if met else "MISSED"


def print_two_workers(args, empty, at_once, both, peak, allowance):
    alone = statistics.median(empty)
    ratio = statistics.median(both) / alone
    print(f"  {'--workers 2':<14}{statistics.median(both):8.3f} s in all, of the empty loop "
          f"{alone:.3f} ({min(both):.3f} to {max(both):.3f}; load "
          f"{os.getloadavg()[0]:.1f})")
    print(f"  {'ratio':<14}{ratio:8.2f}   target {args.wall_limit:g}: "
          f"{verdict(ratio <= args.wall_limit)}")
    print(f"  {'the machine':<14}{statistics.median(at_once) / alone:8.2f}   two empty loops at "
          f"once, of one ({min(at_once) / alone:.2f} to {max(at_once) / alone:.2f})")
    print(f"  {'peak memory':<14}{peak / KB / KB:8.1f} MB target {allowance / KB / KB:g} MB: "
          f"{verdict(peak <= allowance)}")
    return ratio <= args.wall_limit and peak <= allowance


def main():
    options = argparse.ArgumentParser(description="CPU and memory of earshot analyze")
    options.add_argument("--build", required=True)
    options.add_argument("--rounds", type=int, default=5)
    options.add_argument("--limit", type=float, required=True)
    options.add_argument("--wall-limit", type=float)
    options.add_argument("--streams", type=int, required=True)
    options.add_argument("--dialogs", type=int, required=True)
    options.add_argument("capture")
    options.add_argument("database")
    args = options.parse_args()

    empty, full, peak = [], [], 0
    empty_wall, two_empty, both_wall, both_peak = [], [], [], 0
    loop = [f"{args.build}/bench/empty_loop", args.capture]
    for _ in range(args.rounds):
        seconds, _, wall = run(loop)
        empty.append(seconds)
        empty_wall.append(wall)
        seconds, rss, _ = analyze(args.build, args.capture, args.database)
        full.append(seconds)
        peak = max(peak, rss)
        if args.wall_limit:
            two_empty.append(run_two_at_once(loop))
            _, rss, wall = analyze(args.build, args.capture, args.database, workers=2)
            both_wall.append(wall)
            both_peak = max(both_peak, rss)

    ratio = statistics.median(full) / statistics.median(empty)
    allowance = STREAM_BYTES * args.streams + DIALOG_BYTES * args.dialogs + FIXED_BYTES
    for name, seconds in (("empty loop", empty), ("analyze --db", full)):
        print(f"  {name:<14}{statistics.median(seconds):8.3f} s CPU, median of "
              f"{args.rounds} ({min(seconds):.3f} to {max(seconds):.3f})")
    print(f"  {'ratio':<14}{ratio:8.2f}   target {args.limit:g}: "
          f"{verdict(ratio <= args.limit)}")
    print(f"  {'peak memory':<14}{peak / KB / KB:8.1f} MB target {allowance / KB / KB:g} MB: "
          f"{verdict(peak <= allowance)}")
    met = ratio <= args.limit and peak <= allowance
    if args.wall_limit:
        met &= print_two_workers(args, empty_wall, two_empty, both_wall, both_peak,
                                 allowance + THREAD_BYTES)
    return 0 if met else 3


if __name__ == "__main__":
    sys.exit(main())
