#!/usr/bin/env python3
"""Floods of everything that is remembered, with good calls inside, under a memory cap.

    EARSHOT=build/earshot run.py [--full] [--db] [--count N] [--memory-cap MIB] [FLOOD...]

generate.c writes each flood.  The peak of memory must stay below the cap and 64 MiB, every
good call must be recorded with all its messages and packets, every frame must be in exactly
one place of the account, and what was evicted must be counted; what was under pressure must
say so.  With --db all of it goes into a database, too, and the good calls must be found there.
--full is a million of each under the default cap, and prints a table.
"""
import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import re
import resource
import sqlite3
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
SANITIZED = bool(re.search(r"/(asan|tsan)/", EARSHOT))
CALLS = 50
PACKETS = 100  # each way, of a good call
BESIDE_MIB = 64  # what the program needs besides its tables
IN_TWO_FRAMES = CALLS // 5  # good calls whose INVITE is fragmented

# Of which there must be something to evict, and which counters tell.
EVICTS = {
    "invites": ["calls_evicted", "asks_evicted"],
    "invites_spread": ["calls_evicted", "routes_evicted"],
    "ringing": ["calls_evicted"],
    "answered": ["calls_evicted"],
    "offers": ["calls_evicted"],
    "forks": ["expectations_evicted"],
    "ports": ["expectations_evicted"],
    "registers": ["registrations_evicted"],
    "bindings": ["bindings_evicted", "accounts_evicted"],
    "options": ["peers_evicted"],
    "numbers": ["peers_evicted", "routes_evicted", "watched_evicted"],
    "ssrcs": ["probations_evicted"],
    "ssrcs_spread": ["probations_evicted"],
    "streams": ["streams_not_tracked"],
    "streams_one_flow": ["streams_not_tracked"],
}
# Which table was under pressure.
PRESSES = {"invites": "calls", "invites_spread": "calls", "ringing": "calls", "answered": "calls",
           "offers": "calls", "long_texts": "calls", "registers": "requests",
           "options": "requests", "streams": "streams", "streams_one_flow": "streams",
           "fragments": "fragments", "half_open": "tcp_connections"}
# Those of the requirement, in the suite's form with more than the others.
MAIN = {"invites", "ssrcs", "ssrcs_spread", "fragments", "half_open", "forks"}
# What is held below datagrams has an account of its own.
NOT_DATAGRAMS = re.compile("fragments|half|tcp|tls")


class Failure(Exception):
    """What was not as it has to be."""


def expect(good, *what):
    if not good:
        raise Failure(" ".join(str(part) for part in what))


def build_generator(folder):
    program = folder / "generate"
    subprocess.run([os.environ.get("CC", "cc").split()[-1], "-std=c17", "-D_GNU_SOURCE", "-O1",
                    "-I", str(ROOT), "-o", str(program),
                    str(ROOT / "tests" / "floods" / "generate.c")], check=True)
    return program


def generate(generator, flood, count, seconds, path):
    run = subprocess.run([generator, "--flood", flood, "--count", str(count), "--calls", str(CALLS),
                          "--seconds", str(seconds), "-o", path],
                         stdout=subprocess.PIPE, check=True, timeout=120)
    return int(run.stdout)


def analyse(capture, options, out, limit_s):
    """Status, MiB at the peak and seconds of CPU."""
    with open(out, "wb") as output:
        process = subprocess.Popen([EARSHOT, "analyze", "--json", "--no-progress", *options,
                                    capture], stdout=output, preexec_fn=lambda: resource.setrlimit(
                                        resource.RLIMIT_CPU, (limit_s, limit_s)))
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    expect(process.returncode == 0, "earshot ended with", process.returncode)
    return usage.ru_maxrss / 1024, usage.ru_utime + usage.ru_stime


def check_good_calls(records):
    legs = {leg["id"]: leg for leg in records
            if leg["kind"] == "leg" and leg["sip_call_id"].endswith("@good")}
    expect(len(legs) == CALLS, len(legs), "legs of good calls")
    streams = {leg: set() for leg in legs}
    for record in records:
        if record["kind"] == "stream" and record["leg"] in legs and record["packets"] == PACKETS:
            expect(record["received"] == PACKETS and record["lost"] == 0, "a stream", record)
            streams[record["leg"]].add(record["direction"])
    for leg in legs.values():
        expect(leg["state"] == "completed" and leg["status"] == 200 and leg["messages"] == 7 and
               leg["ended_by"] == "caller" and "evicted" not in leg["flags"],
               "good leg", leg["sip_call_id"], leg["state"], leg["messages"], leg["flags"])
        expect(streams[leg["id"]] == {"forward", "reverse"}, "good leg", leg["sip_call_id"],
               "has streams", streams[leg["id"]])
    return len(legs)


def check_account(summary, flood, frames, options):
    counted = (summary["parsed"] + summary["not_ours"] + sum(summary["malformed"].values()) +
               sum(summary["dropped"].values()))
    expect(summary["frames"] == frames == counted, "account:", frames, "frames,", summary["frames"],
           "seen,", counted, "counted")
    counters = summary["counters"]
    claimed = sum(counters.get(name + "_packets", 0)
                  for name in ("sip", "rtp", "rtcp", "icmp", "pending", "unclaimed"))
    if not NOT_DATAGRAMS.search(flood):
        frames = summary["parsed"] + summary["not_ours"]
        expect(claimed + IN_TWO_FRAMES == frames, "account:", claimed, "packets of", frames,
               "frames")
    for name in EVICTS.get(flood, []):
        expect(counters.get(name, 0) > 0, "no", name)
    if flood in PRESSES and not options.full:
        expect(summary["pressure"].get(PRESSES[flood], {}).get("times", 0) > 0,
               "no pressure of", PRESSES[flood], summary["pressure"])


def check_evicted(path, summary):
    """Of a flood that is printed as a whole: what the records say is what is counted."""
    evicted = legs = calls = 0
    with open(path, "rb") as lines:
        for line in lines:
            legs += line.startswith(b'{"kind":"leg"')
            calls += line.startswith(b'{"kind":"call"')
            evicted += b'"flags":["evicted' in line
    counters = summary["counters"]
    expect(evicted == counters["calls_evicted"], evicted, "evicted,", counters["calls_evicted"],
           "counted")
    expect(legs == counters["legs"] and calls == counters["calls"], legs, "legs,", calls, "calls")


def check_database(path, frames):
    """The same of what is kept."""
    with contextlib.closing(sqlite3.connect(path)) as db:
        legs = db.execute("SELECT state, status, messages, ended_by, count(*) FROM leg WHERE "
                          "sip_call_id LIKE '%@good' GROUP BY 1, 2, 3, 4").fetchall()
        expect(legs == [("completed", 200, 7, "caller", CALLS)], "legs kept", legs)
        streams = db.execute(
            "SELECT s.direction, sum(s.received), sum(s.lost), count(*) FROM stream AS s JOIN leg "
            "AS l ON l.run = s.run AND l.id = s.leg WHERE l.sip_call_id LIKE '%@good' AND "
            f"s.packets = {PACKETS} GROUP BY 1 ORDER BY 1").fetchall()
        expect(streams == [(way, CALLS * PACKETS, 0, CALLS) for way in ("forward", "reverse")],
               "streams kept", streams)
        seen = db.execute("SELECT sum(frames) FROM run").fetchone()[0]
        expect(seen == frames, "frames kept", seen, frames)


def read(path):
    """The summary, and what may be of a good call."""
    records = []
    with open(path, "rb") as lines:
        for line in lines:
            if b"@good" in line or line.startswith((b'{"kind":"stream"', b'{"kind":"summary"')):
                records.append(json.loads(line))
    return records, records[-1]


def run(flood, generator, folder, options):
    count = options.count or (100000 if flood in MAIN else 20000)
    capture, out = folder / f"{flood}.pcap", folder / f"{flood}.json"
    try:
        frames = generate(generator, flood, count, 60 if options.full else 15, str(capture))
        # All of a flood of calls is much to print: once will do.
        whole = flood == "invites_spread" or options.db
        wanted = [] if whole else ["--filter", "state = completed"]
        if options.db:
            wanted += ["--db", str(folder / f"{flood}.db")]
        rss, cpu = analyse(str(capture), ["--memory-cap", f"{options.memory_cap}MiB", *wanted],
                           out, 300)
        records, summary = read(out)
        row = f"{flood:18} {frames:9} frames {rss:7.1f} MiB {cpu:6.1f} s CPU"
        good = check_good_calls(records)
        check_account(summary, flood, frames, options)
        if options.db:
            check_database(folder / f"{flood}.db", frames)
        if flood == "invites_spread":
            check_evicted(out, summary)
        if not SANITIZED:
            expect(rss <= options.memory_cap + BESIDE_MIB, f"{rss:.1f} MiB")
        evicted = {name: value for name, value in summary["counters"].items()
                   if re.search("evicted|not_|cut|early|rest", name)}
        return f"{row}  {good} of {CALLS} good calls, account exact; {evicted}", True
    except Failure as failure:
        return f"{flood}: {failure}", False
    finally:
        capture.unlink(missing_ok=True)
        out.unlink(missing_ok=True)
        for left in folder.glob(f"{flood}.db*"):
            left.unlink()


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--db", action="store_true")
    parser.add_argument("--count", type=int)
    parser.add_argument("--memory-cap", type=int, metavar="MIB")
    parser.add_argument("floods", nargs="*")
    options = parser.parse_args()
    if options.full:
        options.count = options.count or 1000000
    options.memory_cap = options.memory_cap or (512 if options.full else 16)
    with tempfile.TemporaryDirectory(prefix="floods-") as name:
        folder = pathlib.Path(name)
        generator = build_generator(folder)
        floods = options.floods or subprocess.run(
            [generator, "--list"], stdout=subprocess.PIPE, check=True, text=True).stdout.split()
        with concurrent.futures.ThreadPoolExecutor(1 if options.full else 2) as pool:
            results = list(pool.map(lambda flood: run(flood, generator, folder, options), floods))
    for row, _ in results:
        print(row)
    sys.exit(not all(good for _, good in results))


if __name__ == "__main__":
    main()
