#!/usr/bin/env python3
"""How many packets a second Earshot takes from an interface without losing one, beside what
tcpdump takes that throws them away, on the same machine in the same run.

    EARSHOT=build/earshot BUILD=build tests/bench/live.py [--calls N] [--seconds S] [--check]

A generated capture is sent into one of a pair of virtual interfaces, at rates that close in on
the highest one without loss; the other is listened to.  Sent, analysed and dropped must agree
to the packet at every rate, also past what can be taken.  Needs root, and makes a network
namespace of its own.
"""
import argparse
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))

import lab  # pylint: disable=wrong-import-position

BUILD = pathlib.Path(os.environ.get("BUILD", lab.ROOT / "build"))
BUFFER_MIB = 16
SHARE = 0.9     # of tcpdump's rate
HIGHEST = 1e6   # nobody has to take more
STEPS = 5       # of closing in
SETTLED_S = 60
ENDS_S = 5      # whatever there is to be kept
NO_TIME = "there is no time to keep"


def send(path, rate, count):
    """Returns packets sent, and how many a second that were."""
    run = subprocess.run([BUILD / "bench" / "send", path, "live0", str(rate), str(count)],
                         check=True, capture_output=True, text=True)
    sent, seconds = run.stdout.split()
    return int(sent), int(sent) / float(seconds)


def dropped_by_interface():
    """Frames that were thrown away before anybody who listens could have had them."""
    with open("/proc/net/dev", encoding="ascii") as file:
        counts = next(line for line in file if line.strip().startswith("live1:"))
    return int(counts.split(":")[1].split()[3])


def tcpdump(path, rate, count):
    """(sent a second, lost); of what it had no time to read before its end it says nothing."""
    before = dropped_by_interface()
    process = subprocess.Popen(["tcpdump", "-i", "live1", "-w", "/dev/null", "-Z", "root",
                                "-B", str(BUFFER_MIB * 1024)], stderr=subprocess.PIPE, text=True)
    process.stderr.readline()  # "listening on"
    sent, achieved = send(path, rate, count)
    process.send_signal(signal.SIGINT)
    said = process.communicate(timeout=SETTLED_S)[1]
    received, dropped = (int(re.search(rf"(\d+) packets? {what}", said).group(1))
                         for what in ("received by filter", "dropped by kernel"))
    missed = dropped + dropped_by_interface() - before
    if received + missed - dropped != sent and received + missed != sent:
        sys.exit(f"sent {sent}, but tcpdump tells of {said}")
    return achieved, missed


class Earshot:
    def __init__(self, options):
        self.options = options

    def __call__(self, path, rate, count):
        """(sent a second, lost); the account must be exact."""
        with tempfile.TemporaryDirectory(prefix="earshot-bench-") as folder:
            os.chmod(folder, 0o711)
            probe = lab.Probe(folder, *self.options)
            at = probe.command.index("--buffer")
            probe.command[at + 1] = str(BUFFER_MIB)
            before = dropped_by_interface()
            probe.start()
            try:
                sent, achieved = send(path, rate, count)
                status, seconds = probe.stop()
                log = probe.log.read_text()
                summary = json.loads(probe.ask("SELECT summary FROM run")[0][0])
                minutes = probe.ask("SELECT sum(frames), sum(kernel_dropped) FROM health "
                                    "WHERE source = 'live1'")[0]
                complete = probe.ask("SELECT state FROM run") == [("complete",)]
            finally:
                probe.end()
            kernel = summary["kernel"][0]
            missed = kernel["dropped"] + dropped_by_interface() - before
            cut = NO_TIME in log
            if (status != 0) != cut or summary["frames"] + missed != sent or seconds > ENDS_S:
                sys.exit(f"sent {sent}, but {summary['frames']} were analysed and {missed} "
                         f"dropped (exit status {status}, {seconds:.1f} s): {log[-1000:]}")
            if cut:
                print(f"  at its end there was no time for all records: {log[log.index(NO_TIME):]}")
            if complete and minutes != (summary["frames"], kernel["dropped"]):
                sys.exit(f"the rows of minutes tell of {minutes}, the account of {kernel}")
            return achieved, sent - summary["frames"]


def highest(name, listen, path, packets, seconds):
    """The highest rate without loss, to 1/32 or so; each rate that was tried is printed."""
    def holds(rate):
        count = min(packets, int((rate or HIGHEST) * seconds))
        achieved, lost = listen(path, rate, count)
        print(f"  {name}: {achieved:9,.0f} packets/s, {lost:,} lost")
        return achieved, lost == 0

    achieved, good = holds(0)
    if good:
        return achieved
    low, high = 0, achieved
    for _ in range(STEPS):
        middle = (low + high) / 2
        achieved, good = holds(middle)
        low, high = (achieved, high) if good else (low, middle)
    return low


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--calls", type=int, default=1000)
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--check", action="store_true", help="a missed target is an error")
    parser.add_argument("option", nargs="*", help="of earshot monitor, behind --")
    wanted = parser.parse_args()
    if os.geteuid() != 0:
        print("skipped: it takes root to make interfaces")
        return 0
    lab.in_a_namespace_of_its_own()
    packets = int(400_000 * wanted.seconds)
    with tempfile.TemporaryDirectory(prefix="earshot-bench-") as folder:
        path = pathlib.Path(folder) / "calls.pcap"
        subprocess.run([BUILD / "bench" / "generate", "--calls", str(wanted.calls), "--packets",
                        str(packets), "--seed", "1", "-o", path, "--truth",
                        pathlib.Path(folder) / "truth.json"], check=True, capture_output=True)
        lab.Mirror(in_order=False)  # one listens at a time
        print(f"{wanted.calls} calls, {packets:,} packets, {BUFFER_MIB} MiB of buffer each:")
        theirs = highest("tcpdump", tcpdump, path, packets, wanted.seconds)
        ours = highest("earshot", Earshot(wanted.option), path, packets, wanted.seconds)
    print(f"without loss: tcpdump {theirs:,.0f}, earshot {ours:,.0f} packets/s, share "
          f"{ours / theirs:.2f} (at least {SHARE})")
    return 3 if wanted.check and ours < SHARE * theirs else 0


if __name__ == "__main__":
    sys.exit(main())
