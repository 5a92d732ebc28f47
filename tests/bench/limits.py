#!/usr/bin/env python3
"""How soon `earshot monitor` answers and listens, where people wait for it: what only a quiet
machine can keep to, and so is no test.

    EARSHOT=build/earshot tests/bench/limits.py

The health page while two hundred slow and greedy clients are served; the time from an interface
that is there again to the first frame of it that is captured; and how long the writer of records
is held up while old ones go.  Status 3: a limit was missed.  Needs root, and makes a network
namespace of its own.
"""
import importlib.util
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True
TESTS = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(TESTS / "live"))

import interfaces  # pylint: disable=wrong-import-position
import lab  # pylint: disable=wrong-import-position
import load  # pylint: disable=wrong-import-position
import retention  # pylint: disable=wrong-import-position

HEALTH_S, AGAIN_S, STALL_S = 0.25, 3.0, 0.1
SECONDS, TIMES = 10, 10


def slow_clients():
    """The clients of tests/slow_clients."""
    spec = importlib.util.spec_from_file_location("slow", TESTS / "slow_clients" / "run.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def health():
    """Seconds that each look at the health page took."""
    slow = slow_clients()
    with lab.lab() as (mirror, probe):
        fields = slow.log_in(probe)
        mirror.send(frame for i in range(200) for frame in load.call(f"before{i}"))
        probe.has("SELECT count(*) FROM leg HAVING count(ended) >= 200")
        clients = slow.Clients(fields)
        clients.start()
        time.sleep(SECONDS)
        clients.end()
        assert probe.stop()[0] == 0
    return clients.health


def interface():
    """Seconds until a frame is captured, each time that the interface was away."""
    with lab.lab() as (mirror, probe):
        probe.has("SELECT 1 FROM run")
        took = [interfaces.away_and_back(mirror, probe, number) for number in range(TIMES)]
        assert probe.stop()[0] == 0
    return took


def pruning():
    """Seconds that the writer of records was held up at most while old ones went."""
    with tempfile.TemporaryDirectory() as folder, \
            lab.lab("--messages", "--config", retention.config(folder)) as (mirror, probe):
        retention.fill(mirror, probe)
        probe.has(retention.GONE)
        stall_ms = json.loads(probe.asked("--json")[0])["store"]["stall_ms"]
        assert probe.stop()[0] == 0
    return [stall_ms / 1000]


def judge(what, times, limit):
    good = max(times) <= limit
    print(f"  {what}: {max(times):.3f} s at most, {statistics.median(times):.3f} s half the time, "
          f"of {len(times)} (at most {limit:g} s): {'met' if good else 'MISSED'}", flush=True)
    return good


def main():
    if os.geteuid() != 0:
        print("  skipped: needs root")
        return
    lab.in_a_namespace_of_its_own()
    good = judge("health beside slow clients", health(), HEALTH_S)
    good = judge("an interface that is back", interface(), AGAIN_S) and good
    good = judge("the writer while old calls go", pruning(), STALL_S) and good
    sys.exit(0 if good else 3)


if __name__ == "__main__":
    main()
