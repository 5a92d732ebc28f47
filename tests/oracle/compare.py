#!/usr/bin/env python3
"""Real captures: what `earshot analyze --json` says, beside what tshark says.

    compare.py [--earshot PROGRAM] [--only WORD] [FOLDER]

FOLDER holds captures and oracle/<capture>.json (default ../shared/captures, seen from the
project's root; without it the test is skipped).  Compared are the SIP counters, the outcome
of every INVITE dialog, and packets, lost packets and the highest jitter of every audio
stream.  tshark is a witness, not the truth: differences.tsv lists where we rightly differ,
with our figure, the section of the quality reference that decides it, and why.  A figure
there that is not what we print fails, and so does a line that no difference needs any more,
a difference that has no line, and a share of differing streams above 15 %.

The oracle has two witnesses of loss: tshark, whose count any duplicate falsifies, and a plain
count of sequence numbers (rtp_derived).  Loss equal to either is agreement; so is no jitter of
ours where tshark prints 0 because it measured none.  The last line says how many streams
agree in one of these two ways only.
"""
import argparse
import collections
import ipaddress
import json
import os
import pathlib
import re
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TIME_LIMIT_S = 120
JITTER_TOLERANCE_MS = 0.01
DIFFERING_STREAMS_PCT = 15
SOURCES = ("sdp_2pass", "sdp", "heuristic")  # of equal packets, the first is taken
VIDEO = ("h261", "h263", "h264", "h265", "jpeg", "mpv", "vp8", "vp9")
# What may settle a difference: a section of the quality reference; for SIP and dialogs, what
# malformed means (hardening reference) or what a state is (interfaces reference).
STREAM_SECTION = re.compile(r"(4|9|10)\b")
SIP_SECTION = re.compile(r"(9|10|hardening 11|interfaces)\b")
FIGURES = ("packets", "lost", "jitter_max_ms")
COLUMNS = ["file", "subject", "field", "ours", "section", "reason"]

BY_SECOND_WITNESS = set()  # (file, stream) that tshark's own figure would contradict

Difference = collections.namedtuple("Difference", "file subject field ours oracle")


class Failed(Exception):
    pass


def analyse(program, capture):
    run = subprocess.run([program, "analyze", "--json", str(capture)], capture_output=True,
                         timeout=TIME_LIMIT_S, check=False)
    if run.returncode != 0:
        raise Failed(f"exit status {run.returncode}: "
                     f"{run.stderr.decode(errors='replace')[-300:]}")
    records = [json.loads(line) for line in run.stdout.decode("utf-8").splitlines()]
    if not records or records[-1].get("kind") != "summary":
        raise Failed("the last line is no summary")
    return records


def differ(ours, oracle, tolerance=0.0):
    if isinstance(ours, (int, float)) and isinstance(oracle, (int, float)):
        return abs(ours - oracle) > tolerance
    return ours != oracle


# --- SIP counters -----------------------------------------------------------------------

def sip_differences(name, oracle, records):
    expected = collections.Counter()
    for transport in oracle["sip"].values():
        expected.update(transport["requests"])
        expected.update(transport["responses"])
    ours = records[-1]["sip"]
    for field in sorted(expected.keys() | ours.keys()):
        if differ(ours.get(field, 0), expected[field]):
            yield Difference(name, "sip", field, ours.get(field, 0), expected[field])


# --- outcome of dialogs -----------------------------------------------------------------

def outcomes(call):
    """The (state, status) pairs of a leg that agree with the oracle's word for a call."""
    word, _, code = call["state"].partition(" ")
    if word == "completed":
        return {("completed", 200)}
    if word == "answered":
        return {("in_progress", 200)}
    if word == "ringing":  # the caller's timer may have run out before the capture did
        return {("in_progress", None), ("no_answer", None)}
    if word == "no-response":
        return {("in_progress", None), ("no_response", None)}
    if word == "mid-dialog":
        finals = [int(key.split()[0]) for key in call["responses"] if key.endswith("(INVITE)")]
        return {("incomplete", code if code >= 200 else None) for code in finals or [0]}
    if word == "rejected":
        status = int(code)
        if status == 487:
            return {("cancelled", status)}
        rang = any(key.startswith("18") for key in call["responses"])
        states = {("no_answer" if rang and status in (408, 480) else "failed", status)}
        return states | ({("cancelled", status)} if "CANCEL" in call["requests"] else set())
    raise Failed(f"the oracle says {call['state']!r}, which nobody explained")


def call_differences(name, oracle, records):
    legs = collections.defaultdict(set)
    for record in records:
        if record["kind"] == "leg":
            legs[record["sip_call_id"]].add((record["state"], record["status"]))
    for call in oracle["calls"]:
        if call["kind"] != "INVITE":
            continue
        agreeing, ours = outcomes(call), legs[call["call_id"]]
        # Of several hops one may be seen in part only, so one leg that agrees is enough.
        if not ours & agreeing:
            shown = ", ".join(sorted(f"{state} {status}" for state, status in ours)) or "no leg"
            yield Difference(name, call["call_id"], "outcome", shown, call["state"])


# --- streams ----------------------------------------------------------------------------

def endpoint(address, port):
    address = ipaddress.ip_address(address)
    return f"[{address}]:{port}" if address.version == 6 else f"{address}:{port}"


def canonical(text):
    address, _, port = text.rpartition(":")
    return endpoint(address.strip("[]"), port)


def stream_name(src, dst, ssrc):
    return f"{src}>{dst} 0x{int(ssrc, 16):08x}"


def summed(streams, jitter_field):
    """One row of figures for streams of the same addresses and SSRC."""
    jitters = [s[jitter_field] for s in streams if s[jitter_field] is not None]
    return {"packets": sum(s["packets"] for s in streams),
            "lost": sum(s["lost"] for s in streams),
            "jitter_max_ms": max(jitters, default=None)}


def oracle_streams(oracle):
    """Name to figures: of each stream, from the list that holds most of its packets."""
    best = {}
    for source in SOURCES:
        found = collections.defaultdict(list)
        for s in oracle["rtp_streams"][source]:
            name = stream_name(endpoint(s["src"], s["sport"]), endpoint(s["dst"], s["dport"]),
                               s["ssrc"])
            found[name].append(s)
        for name, streams in found.items():
            if any(s["payload"].lower().startswith(VIDEO) for s in streams):
                continue
            figures = summed(streams, "max_jitter_ms")
            if all(re.fullmatch(r"(RTPType-\d+(, )?)+", s["payload"]) for s in streams):
                del figures["jitter_max_ms"]  # no clock known: tshark's 0 says nothing
            if name not in best or figures["packets"] > best[name]["packets"]:
                best[name] = figures
    return best


def plain_losses(oracle):
    """Lost packets by the oracle's second witness, a count that no duplicate can falsify."""
    lost = collections.Counter()
    for s in oracle["rtp_derived"]:
        lost[stream_name(endpoint(s["src"], s["sport"]), endpoint(s["dst"], s["dport"]),
                         s["ssrc"])] += s["lost"]
    return lost


def agrees(field, got, figure, stream, plain):
    """With tshark, or where tshark cannot say it: its 0 for no jitter, its negative losses."""
    if field == "jitter_max_ms":
        return (got is None and figure == 0) or not differ(got, figure, JITTER_TOLERANCE_MS)
    if field == "lost" and got == plain.get(stream):
        return True
    return not differ(got, figure, 0)


def our_streams(records):
    found = collections.defaultdict(list)
    for record in records:
        if record["kind"] == "stream":
            found[stream_name(canonical(record["src"]), canonical(record["dst"]),
                              record["ssrc"])].append(record)
    return {name: summed(streams, "jitter_max_ms") for name, streams in found.items()}


def stream_differences(name, oracle, records):
    """Differences, number of the oracle's streams, streams only we saw."""
    expected, ours = oracle_streams(oracle), our_streams(records)
    plain = plain_losses(oracle)
    missing = {"packets": 0, "lost": 0, "jitter_max_ms": None}
    differences = []
    for stream, figures in expected.items():
        got = ours.get(stream, missing)
        for field, figure in figures.items():
            tolerance = JITTER_TOLERANCE_MS if field == "jitter_max_ms" else 0
            if not agrees(field, got[field], figure, stream, plain):
                differences.append(Difference(name, stream, field, got[field], figure))
            elif differ(got[field], figure, tolerance):
                BY_SECOND_WITNESS.add((name, stream))
    return differences, len(expected), sorted(ours.keys() - expected.keys())


# --- the table of known differences ------------------------------------------------------

def read_known(path):
    rows = [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]
    if rows[0] != COLUMNS:
        sys.exit(f"{path}: the first line must name the columns {COLUMNS}")
    known = {}
    for row in rows[1:]:
        if len(row) != len(COLUMNS) or not row[5].strip():
            sys.exit(f"{path}: {len(COLUMNS)} columns and a reason are needed: {row}")
        section = STREAM_SECTION if row[2] in FIGURES else SIP_SECTION
        if not section.match(row[4]):
            sys.exit(f"{path}: the section must match {section.pattern}: {row}")
        if tuple(row[:3]) in known:
            sys.exit(f"{path}: twice: {row}")
        known[tuple(row[:3])] = row[3]
    return known


def figure_is(text, ours, field):
    if ours is None or isinstance(ours, str):
        return text == ("null" if ours is None else ours)
    try:
        return not differ(ours, float(text), JITTER_TOLERANCE_MS if "jitter" in field else 0)
    except ValueError:
        return False


def judge(differences, known):
    """Prints the table of what differs; returns what is wrong with it."""
    problems, used = [], set()
    for d in differences:
        key = (d.file, d.subject, d.field)
        if key not in known:
            verdict = "UNEXPLAINED"
        elif figure_is(known[key], d.ours, d.field):
            verdict = "known"
        else:
            verdict = f"WRONG, differences.tsv says {known[key]}"
        used.add(key)
        if verdict != "known":
            problems.append(key)
        ours = "null" if d.ours is None else d.ours
        print(f"{d.file}\t{d.subject}\t{d.field}\tours {ours}\toracle {d.oracle}\t{verdict}")
    return problems, used


def compare_file(program, folder, name):
    oracle = json.loads((folder / "oracle" / f"{name}.json").read_text(encoding="utf-8"))
    try:
        records = analyse(program, folder / name)
        streams, count, extra = stream_differences(name, oracle, records)
        others = [*sip_differences(name, oracle, records),
                  *call_differences(name, oracle, records)]
    except (Failed, KeyError, TypeError, ValueError, subprocess.TimeoutExpired) as why:
        return name, [], [], 0, [], f"{type(why).__name__}: {why}"
    return name, others, streams, count, extra, None


def main():
    options = argparse.ArgumentParser(description="real captures against tshark's figures")
    options.add_argument("--earshot", default=f"{os.environ.get('BUILD', ROOT / 'build')}/earshot")
    options.add_argument("--only", default="", help="captures whose name holds this word")
    options.add_argument("folder", nargs="?", type=pathlib.Path,
                         default=ROOT.parent / "shared" / "captures")
    args = options.parse_args()
    if not (args.folder / "oracle").is_dir():
        print(f"skipped: no folder {args.folder}/oracle with another tool's figures")
        return 0
    names = sorted(path.name[:-len(".json")] for path in (args.folder / "oracle").glob("*.json")
                   if args.only in path.name and (args.folder / path.name[:-5]).is_file())
    known = read_known(HERE / "differences.tsv")

    failed, differences, differing, streams, only_ours = [], [], set(), 0, 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for name, others, of_streams, count, extra, error in pool.map(
                lambda name: compare_file(args.earshot, args.folder, name), names):
            if error:
                failed.append(f"{name}: {error}")
            differences += others + of_streams
            differing |= {(d.file, d.subject) for d in of_streams}
            streams += count
            only_ours += len(extra)
            for stream in extra:
                print(f"{name}\t{stream}\tseen by us alone")

    problems, used = judge(differences, known)
    stale = [key for key in known if key[0] in names and key not in used]
    share = 100 * len(differing) / streams if streams else 0
    for line in failed:
        print(f"FAILED {line}")
    for key in stale:
        print(f"STALE in differences.tsv, we agree now: {' '.join(key)}")
    print(f"{len(names)} captures: {len(failed)} failed; {len(differences)} differences, "
          f"{len(problems)} not explained, {len(stale)} stale lines")
    print(f"{streams} streams: {len(differing)} differ, {share:.1f} % "
          f"(limit {DIFFERING_STREAMS_PCT} %), {len(BY_SECOND_WITNESS - differing)} agree by the "
          f"second witness alone; {only_ours} more seen by us alone")
    return 1 if failed or problems or stale or share > DIFFERING_STREAMS_PCT or not names else 0


if __name__ == "__main__":
    sys.exit(main())
