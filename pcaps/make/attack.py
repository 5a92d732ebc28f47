#!/usr/bin/env python3
"""attack.py - the facts of a recording of attacker.py, from what its runs printed.

usage: attack.py WHAT REGISTRAR SOURCE=LOG...

A source that only made mistakes is +SOURCE=LOG.
"""
import collections
import json
import sys


def attempts_of(pairs):
    """All attempts in the order they were made, each with who made it."""
    out = []
    for pair in pairs:
        source, log = pair.split("=", 1)
        with open(log, encoding="ascii") as file:
            out += [dict(json.loads(line), src=source) for line in file]
    return sorted(out, key=lambda attempt: attempt["at"])


KINDS = {"guess": "brute_force", "spray": "brute_force", "call": "brute_force",
         "sweep": "scan", "extensions": "scan"}


def observations(attempts):
    """What each source did, one entry for each step of its run and method."""
    runs = collections.defaultdict(list)
    for attempt in attempts:
        runs[(attempt["src"], attempt["kind"], attempt["method"])].append(attempt)
    for (source, step, method), tries in runs.items():
        entry = {"kind": KINDS[step], "step": step, "src": source, "method": method,
                 "attempts": len(tries), "from": tries[0]["at"], "to": tries[-1]["at"]}
        if step == "sweep":
            entry["addresses"] = len({a["dst"] for a in tries})
        else:
            names = [a["uri"] if step == "extensions" and method == "INVITE" else a["account"]
                     for a in tries]
            ends = collections.Counter(str(a["statuses"][-1]) for a in tries)
            entry |= {"accounts": len(set(names)), "first": names[0], "last": names[-1],
                      "final_statuses": ends, "succeeded": ends["200"]}
        yield entry


def main():
    what, registrar, *pairs = sys.argv[1:]
    innocent = [pair[1:].split("=")[0] for pair in pairs if pair.startswith("+")]
    attempts = attempts_of(pair.removeprefix("+") for pair in pairs)
    registers = [a for a in attempts if a["method"] == "REGISTER"]
    answers = collections.Counter(str(s) for a in registers for s in a["statuses"])
    facts = {
        "what": what,
        "legs": [{"src": a["src"], "dst": registrar, "sip_call_id": a["sip_call_id"],
                  "status": a["statuses"][-1], "state": "failed", "ended_by": None,
                  "codecs": [], "call": number}
                 for number, a in enumerate(a for a in attempts if a["method"] == "INVITE")],
        "streams": [], "registrations": answers,
        "outcomes": [{"aor": f"sip:{a['account']}@{registrar}", "src": a["src"],
                      "status": a["statuses"][-1], "expires_s": 60} for a in registers],
        "observations": list(observations([a for a in attempts
                                           if a["src"] not in innocent])),
        "innocent": innocent}
    json.dump(facts, sys.stdout)


main()
