#!/usr/bin/env python3
"""`earshot monitor` under load for minutes: memory, descriptors and threads stay as they are;
SIGHUP and SIGTERM a hundred times.

    EARSHOT=build/earshot soak.py [--minutes M] [--load N] [--signals N]

Load 1 is 20 calls a second, and a simulated hour is one of that: ten minutes of load 10 are
100 simulated minutes.  Needs root.
"""
import argparse
import contextlib
import os
import pathlib
import random
import signal
import sqlite3
import sys
import time

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import kills  # pylint: disable=wrong-import-position
import lab  # pylint: disable=wrong-import-position

CALLS_PER_S = 20  # of load 1
SLOPE_MIB = 1.0   # per simulated hour
WARM_UP = 0.3     # of the time: tables and caches fill
SAMPLE_S = 5
MIB = 1 << 20


def resident(pid):
    pages = int(pathlib.Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


def sample(probe):
    found = {}
    for name, pid in {"parent": probe.parent.pid, **probe.children()}.items():
        found[name] = (resident(pid), len(os.listdir(f"/proc/{pid}/fd")),
                       len(os.listdir(f"/proc/{pid}/task")))
    return found


def slope(points):
    """Least squares, per unit of x."""
    n = len(points)
    mean_x, mean_y = sum(x for x, _ in points) / n, sum(y for _, y in points) / n
    below = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / below if below else 0.0


def steady(minutes, load):
    """Memory over time."""
    with lab.lab("--messages") as (mirror, probe):
        sender = kills.Load(mirror, CALLS_PER_S * load)
        sender.start()
        begin, samples = time.monotonic(), []
        while time.monotonic() - begin < minutes * 60:
            time.sleep(SAMPLE_S)
            samples.append(((time.monotonic() - begin) / 3600 * load, sample(probe)))
        sender.stop()
        hours = minutes / 60 * load
        warm = [s for s in samples if s[0] >= hours * WARM_UP]
        print(f"{sender.sent} calls in {minutes:g} min, {load} times the load: "
              f"{hours:.2f} simulated hours")
        failed = []
        for name in ("parent", "engine", "keeper"):
            rise = slope([(at, found[name][0]) for at, found in warm])
            numbers = {found[name][1:] for _, found in warm}
            print(f"{name:7} {warm[0][1][name][0]:7.1f} to {warm[-1][1][name][0]:7.1f} MiB, "
                  f"{rise:+.2f} MiB per simulated hour; descriptors and threads {numbers}")
            if rise > SLOPE_MIB or len(numbers) > 1:
                failed.append(name)
        assert not failed, failed
        status, seconds = probe.stop()
        assert status == 0 and seconds < 5, (status, seconds, probe.log.read_text()[-2000:])
        probe.is_whole()
        assert probe.ask("SELECT count(*) FROM leg WHERE state = 'completed'") == [(sender.sent,)]


def signals(count, load):
    """Configurations are read again, and ends are in order, while calls come."""
    order = random.Random(count)
    folder = lab.tempfile.mkdtemp(prefix="earshot-soak-")
    config = pathlib.Path(folder, "c.yaml")
    config.write_text("trunks:\n  - {name: a, addresses: [198.18.0.1]}\n", encoding="ascii")
    longest = 0.0
    with lab.lab("--config", config) as (mirror, probe):
        sender = kills.Load(mirror, CALLS_PER_S * load)
        sender.start()
        for number in range(count):
            probe.parent.send_signal(signal.SIGHUP)
            lab.until("it is read again", lambda number=number: probe.log.read_text().count(
                "is read again") == number + 1)
        children = probe.children()
        print(f"SIGHUP {count} times: the same processes, {sample(probe)['engine'][1:]}")
        for _ in range(count):
            time.sleep(order.uniform(0, 0.5))  # a random moment
            status, seconds = probe.stop()
            assert status == 0 and seconds < 5, (status, seconds, probe.log.read_text()[-2000:])
            longest = max(longest, seconds)
            with contextlib.closing(sqlite3.connect(probe.db)) as db:
                assert db.execute("SELECT count(*) FROM run WHERE state <> 'complete'"
                                  ).fetchone() == (0,)
                assert db.execute("SELECT count(*) FROM in_progress").fetchone() == (0,)
            probe.start()
        sender.stop()
        assert probe.stop()[0] == 0
        frames = probe.ask("SELECT sum(frames), sum(json_extract(summary, '$.parsed')) FROM run")
        assert frames[0][0] == frames[0][1], frames
        doubled = probe.ask("SELECT sip_call_id FROM leg WHERE state = 'completed' "
                            "GROUP BY 1 HAVING count(*) > 1")
        assert not doubled, doubled[:5]
        assert len(children) == 2
        print(f"SIGTERM {count} times: longest end {longest:.2f} s, all runs complete, "
              "all frames accounted for")
    lab.shutil.rmtree(folder)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=10)
    parser.add_argument("--load", type=int, default=10)
    parser.add_argument("--signals", type=int, default=100)
    lab.alone()
    wanted = parser.parse_args()
    if wanted.minutes:
        steady(wanted.minutes, wanted.load)
    if wanted.signals:
        signals(wanted.signals, wanted.load)
