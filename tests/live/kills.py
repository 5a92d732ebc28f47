#!/usr/bin/env python3
"""kill -9 of any of the three processes of `earshot monitor` at random moments under load.

    EARSHOT=build/earshot kills.py [--rounds N] [--seed N] [--within S]

The parent is under a supervisor that starts it again after 100 ms.  After each round:
no call that was committed is lost, none is there twice, frames are captured again within a
second; at the end the file is whole and every process ends in order.  Needs root.
"""
import argparse
import contextlib
import os
import pathlib
import random
import signal
import sqlite3
import statistics
import sys
import threading
import time

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

import lab  # pylint: disable=wrong-import-position
import load  # pylint: disable=wrong-import-position

RESTART_S = 0.1
CALLS_PER_S = 200
AGAIN_S = 1.0


class Load(threading.Thread):
    """Calls at a steady rate: five messages, and a little later the other two."""

    def __init__(self, mirror, rate=CALLS_PER_S, size=0):
        super().__init__(daemon=True)
        self.mirror, self.rate, self.size = mirror, rate, size
        self.sent, self.over = 0, threading.Event()
        self.times = []  # when each was sent, by the wall clock

    def run(self):
        begin, open_calls = time.monotonic(), []
        while not self.over.is_set():
            due = int((time.monotonic() - begin) * self.rate)
            while self.sent < due:
                self.times.append(time.time())
                self.mirror.send(load.begin(f"k{self.sent}", self.size))
                open_calls.append(self.sent)
                self.sent += 1
            while len(open_calls) > self.rate // 10:  # of a tenth of a second
                self.mirror.send(load.end(f"k{open_calls.pop(0)}", self.size))
            self.over.wait(0.005)
        for number in open_calls:
            self.mirror.send(load.end(f"k{number}", self.size))

    def stop(self):
        self.over.set()
        self.join()


class Supervised:
    """The parent of a probe, started again whenever it dies."""

    def __init__(self, probe):
        self.probe, self.over = probe, threading.Event()
        self.thread = threading.Thread(target=self.watch, daemon=True)
        self.thread.start()

    def watch(self):
        while not self.over.is_set():
            self.probe.parent.wait()
            if not self.over.is_set():
                time.sleep(RESTART_S)
                with self.probe.log.open("ab") as log:
                    self.probe.parent = lab.subprocess.Popen(
                        self.probe.command, stdout=log, stderr=log, env=self.probe.environment)


def names(probe, what):
    """Call-IDs of the legs of that sort; a database that is not there has none."""
    try:
        return [name for (name,) in probe.ask(f"SELECT sip_call_id FROM leg WHERE {what}")]
    except sqlite3.OperationalError:
        return []


def longest_deaf(probe, sender, at):
    """Seconds for which calls that were sent after the kill are not known; once one is that
    was sent AGAIN_S and more after it."""
    def look():
        known = set(names(probe, "state <> 'incomplete' AND "
                                 f"start > {int((at - 1) * 1e6)}"))
        sent = [(when, f"k{number}@load" in known)
                for number, when in enumerate(list(sender.times)) if when > at]
        return sent if any(when > at + AGAIN_S + 0.1 and known for when, known in sent) else None
    longest, begin = 0.0, None
    for when, known in lab.until("calls are captured again", look):
        if known and begin is not None:
            longest, begin = max(longest, when - begin), None
        elif not known and begin is None:
            begin = when
    return longest


def one_round(probe, sender, order, within):
    """Returns what was killed, and how long it took until calls were captured again."""
    who = order.choice(("parent", "engine", "keeper"))
    time.sleep(order.uniform(0, 0.7))  # a random moment is what this is about
    pid = probe.parent.pid if who == "parent" else lab.until(
        f"there is a {who}", lambda: probe.children().get(who))
    kept = set(names(probe, "state = 'completed'"))
    at = time.time()
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)
    again = longest_deaf(probe, sender, at)
    now = names(probe, "state = 'completed'")
    lost = kept - set(now)
    doubled = len(now) - len(set(now))
    assert not lost, f"{who}: {len(lost)} committed calls are lost: {sorted(lost)[:5]}"
    assert not doubled, f"{who}: {doubled} calls are there twice"
    assert again <= within, f"{who}: nothing captured for {again:.2f} s"
    return who, again, len(kept)


def run(rounds, seed, say=lambda *_: None, within=AGAIN_S):
    order, took = random.Random(seed), {"parent": [], "engine": [], "keeper": []}
    with lab.lab() as (mirror, probe):
        supervised, sender = Supervised(probe), Load(mirror)
        sender.start()
        probe.has("SELECT 1 FROM leg WHERE state = 'completed'")
        for number in range(rounds):
            who, again, kept = one_round(probe, sender, order, within)
            took[who].append(again)
            say(f"round {number + 1}: {who}, deaf for {again:.3f} s, {kept} calls kept")
        sender.stop()
        lab.until("both children work", lambda: len(probe.children()) >= 2)
        probe.has(f"SELECT 1 FROM leg WHERE sip_call_id = 'k{sender.sent - 1}@load'")
        supervised.over.set()
        status, seconds = probe.stop()
        assert status == 0 and seconds < 5, (status, seconds, probe.log.read_text()[-2000:])
        probe.is_whole()
        with contextlib.closing(sqlite3.connect(probe.db)) as db:
            assert db.execute("SELECT count(*) FROM in_progress").fetchone() == (0,)
            assert db.execute("SELECT count(*) FROM run WHERE state = 'running'"
                              ).fetchone() == (0,)
            completed = db.execute("SELECT count(*), count(DISTINCT sip_call_id) FROM leg "
                                   "WHERE state = 'completed'").fetchone()
            seen = db.execute("SELECT count(DISTINCT sip_call_id) FROM leg").fetchone()[0]
        assert completed[0] == completed[1], completed
        log = probe.log.read_text()
        assert "makes no sense" not in log, log[-2000:]
    return took, sender.sent, seen, completed[0]


def report(took, sent, seen, completed):
    for who, times in took.items():
        if times:
            print(f"{who:7} killed {len(times):4} times: captured again after "
                  f"{statistics.median(times) * 1000:.0f} ms (median), "
                  f"{max(times) * 1000:.0f} ms (longest), "
              f"{sum(t > AGAIN_S for t in times)} times over {AGAIN_S:g} s")
    print(f"{sent} calls sent, {seen} of them kept, {completed} from beginning to end; "
          "none that was committed is lost, none doubled")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--within", type=float, default=AGAIN_S,
                        help="seconds; more only where others use the machine, too")
    lab.alone()
    wanted = parser.parse_args()
    report(*run(wanted.rounds, wanted.seed, print, wanted.within))
