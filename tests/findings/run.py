#!/usr/bin/env python3
"""Generated calls, faulty and healthy, against what `earshot analyze` finds in them.

    EARSHOT=build/earshot run.py [--full] [--faulty N] [--healthy N] [--seed N] [--keep FOLDER]
                                 [--only KIND] [--show]

Prints a confusion table.  Fails when the first finding is right for less than 95 % of the
faulty calls or 90 % of a kind, or when more than 0.1 % of the healthy ones have any finding.
The suite runs a fixed part of it (168 faulty and 1,000 healthy calls); --full is 1,050 faulty
ones of 21 kinds and 10,000 healthy ones, in about two minutes.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from healthy import KINDS as HEALTHY  # noqa: E402
from kinds import FAULTS  # noqa: E402
from scene import Scene  # noqa: E402
from world import Capture  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build/earshot"))
BATCH = 25          # calls in a capture, one after the other
PER_KIND, HEALTHY_CALLS = 8, 1000
FULL_PER_KIND, FULL_HEALTHY = 50, 10_000
RIGHT, RIGHT_IN_KIND, ANY_IN_HEALTHY = .95, .90, .001


def make_call(capture, make, seed, number, begin):
    """A call of that kind; again with other numbers where the fault did not strike."""
    for attempt in range(60):
        rng = random.Random(f"{seed}/{attempt}")
        part = Capture()
        scene = Scene(rng, part, number, begin)
        if make(scene) is not False:
            capture.frames += part.frames
            return scene.call_id
    raise RuntimeError(f"{make.__name__}: sixty calls in a row without the fault")


def findings_of(path):
    """By Call-ID: the codes, the best first."""
    run = subprocess.run([EARSHOT, "analyze", "--no-progress", "--json", str(path)], check=True,
                         stdout=subprocess.PIPE)
    call_ids, codes = {}, collections.defaultdict(list)
    for line in run.stdout.splitlines():
        record = json.loads(line)
        if record["kind"] == "leg":
            call_ids[record["call"]] = record["sip_call_id"]
        elif record["kind"] == "finding":
            codes[record["call"]].append((record["rank"], record["code"], record["evidence"]))
    return {call_id: sorted(codes[call]) for call, call_id in call_ids.items()}


def run_batch(job):
    """(name of the kind, findings) of each call of the batch."""
    number, calls, folder, keep = job
    capture, ids, begin = Capture(), [], 100.
    for i, (kind, healthy, seed) in enumerate(calls):
        make = HEALTHY[kind][0] if healthy else FAULTS[kind][0]
        ids.append(make_call(capture, make, seed, number * BATCH + i, begin))
        begin += 1.7  # they overlap, on hosts of their own
    path = pathlib.Path(folder) / f"{number}.pcap"
    capture.write(path)
    found = findings_of(path)
    if not keep:
        path.unlink()
    return [(kind, healthy, seed, found.get(call_id))
            for (kind, healthy, seed), call_id in zip(calls, ids)]


def plan(options):
    rng = random.Random(options.seed)
    kinds = [options.only] if options.only in FAULTS else list(FAULTS)
    calls = [] if options.only in HEALTHY else \
        [(kind, False, f"{options.seed}/{kind}/{i}") for kind in kinds
         for i in range(options.faulty)]
    names = [options.only] if options.only in HEALTHY else list(HEALTHY)
    weights = [HEALTHY[name][1] for name in names]
    if options.only not in FAULTS:
        calls += [(rng.choices(names, weights)[0], True, f"{options.seed}/healthy/{i}")
                  for i in range(options.healthy)]
    rng.shuffle(calls)
    return [calls[i:i + BATCH] for i in range(0, len(calls), BATCH)]


def first_code(found):
    if found is None:
        return "no call"
    return found[0][1] if found else "none"


def report(results, show):
    table, healthy_hits, healthy = collections.defaultdict(collections.Counter), [], 0
    for kind, is_healthy, seed, found in results:
        if is_healthy:
            healthy += 1
            if found is None or found:
                healthy_hits.append((kind, seed, found))
            continue
        table[kind][first_code(found)] += 1
        if show and first_code(found) not in FAULTS[kind][1]:
            print(f"wrong: {kind} {seed}: {found}")
    failures, right, total = [], 0, 0
    for kind, row in sorted(table.items()):
        count, good = sum(row.values()), sum(row[code] for code in FAULTS[kind][1])
        right, total = right + good, total + count
        print(f"{kind:20} {good:5}/{count:<5} {100 * good / count:5.1f} %   " +
              ", ".join(f"{code} {n}" for code, n in row.most_common()
                        if code not in FAULTS[kind][1]))
        if good < RIGHT_IN_KIND * count:
            failures.append(f"{kind}: under {RIGHT_IN_KIND:.0%}")
    if total:
        print(f"{'first finding right':20} {right:5}/{total:<5} {100 * right / total:5.1f} %")
        if right < RIGHT * total:
            failures.append(f"all kinds together: under {RIGHT:.0%}")
    if healthy:
        print(f"healthy calls with any finding: {len(healthy_hits)} of {healthy}")
        for kind, seed, found in healthy_hits[:20 if show else 5]:
            print(f"  {kind} {seed}: {found}")
        if len(healthy_hits) > ANY_IN_HEALTHY * healthy:
            failures.append(f"healthy calls: over {ANY_IN_HEALTHY:.1%}")
    for failure in failures:
        print("FAILED:", failure)
    return not failures


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--faulty", type=int, help="calls of each kind")
    parser.add_argument("--healthy", type=int)
    parser.add_argument("--seed", default="earshot")
    parser.add_argument("--only", choices=[*FAULTS, *HEALTHY])
    parser.add_argument("--keep", help="folder for the captures")
    parser.add_argument("--show", action="store_true", help="each wrong one")
    options = parser.parse_args()
    if options.faulty is None:
        options.faulty = FULL_PER_KIND if options.full else PER_KIND
    if options.healthy is None:
        options.healthy = FULL_HEALTHY if options.full else HEALTHY_CALLS
    with tempfile.TemporaryDirectory() as folder:
        where = options.keep or folder
        jobs = [(number, calls, where, bool(options.keep))
                for number, calls in enumerate(plan(options))]
        with ProcessPoolExecutor(2) as pool:
            results = [result for batch in pool.map(run_batch, jobs) for result in batch]
    return 0 if report(results, options.show) else 1


if __name__ == "__main__":
    sys.exit(main())
