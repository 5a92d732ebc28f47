#!/usr/bin/env python3
"""failover.py - the facts of a recording of failover.inc, from what the proxy logged.

usage: failover.py NAME LOG PRIMARY BACKUP JSON, or failover.py peers LOG

The proxy logs each attempt at a call and each change of a peer's state; the rest is as
failover.inc has it: call N has the Call-ID NAME-N and the caller's media port 4000 + 100 N.
JSON has `what` happens, and of the failover what else is known.
"""
import json
import sys

CALLER, PROXY = "198.18.0.1", "198.18.0.2"


def events(log):
    with open(log, encoding="utf-8") as file:
        for line in file:
            if "EVENT " in line:
                at, what, peer, *rest = line.partition("EVENT ")[2].split()
                yield float(at), what, peer.removeprefix("sip:").partition(":")[0], rest


def attempts_of(log):
    """Where each call was sent and what became of it there."""
    attempts = []
    for at, what, peer, rest in events(log):
        if what == "try":
            attempts.append({"at": at, "sip_call_id": rest[0], "peer": peer,
                             "outcome": "answered"})
        elif what == "failed":
            failed = [a for a in attempts if (a["peer"], a["sip_call_id"]) == (peer, rest[0])]
            failed[-1] |= {"outcome": "timeout" if rest[1] == "408" else rest[1],
                           "failed_at": at}
    return attempts


def leg(call, src, dst, call_id, outcome):
    out = {"src": src, "dst": dst, "sip_call_id": call_id, "call": call}
    if outcome == "answered":
        return out | {"status": 200, "state": "completed", "ended_by": "caller",
                      "codecs": ["PCMA"]}
    if outcome == "timeout":
        return out | {"status": None, "state": "no_response", "ended_by": "timeout",
                      "codecs": []}
    return out | {"status": int(outcome), "state": "failed", "ended_by": None, "codecs": []}


def call_facts(call, call_id, attempts, audio, facts):
    first = len(facts["legs"])
    facts["legs"].append(leg(call, CALLER, PROXY, call_id, "answered"))
    for attempt in attempts:
        facts["legs"].append(leg(call, PROXY, attempt["peer"], call_id, attempt["outcome"]))
    for entry in facts["legs"][first:] if audio else ():
        entry["audio"] = audio
    media = f"{CALLER}:{4100 + 100 * call}"
    peer = attempts[-1]["peer"]
    for direction, src, dst in (("forward", media, peer), ("reverse", peer, media)):
        facts["streams"].append({
            "legs": list(range(first, len(facts["legs"]))), "direction": direction, "src": src,
            "dst": dst, "codec": "PCMA", "clock_hz": 8000, "ptime_ms": 20})


def peers_of(log):
    return [{"peer": peer, "state": what, "at": at} for at, what, peer, _ in events(log)
            if what in ("down", "up")]


def main():
    if sys.argv[1] == "peers":
        print(json.dumps(peers_of(sys.argv[2])))
        return
    _, log, primary, backup, known = sys.argv[1:]
    known = json.loads(known)
    attempts = attempts_of(log)
    facts = {"what": known.pop("what"), "legs": [], "streams": []}
    call_ids = sorted({a["sip_call_id"] for a in attempts})
    for call, call_id in enumerate(call_ids):
        fate = {p["sip_call_id"]: p["audio"] for p in known["in_progress"]}.get(call_id)
        call_facts(call, call_id, [a for a in attempts if a["sip_call_id"] == call_id], fate,
                   facts)
    failed = [a for a in attempts if a["outcome"] != "answered"]
    at_backup = [a for a in attempts if a["peer"] == backup]
    facts["failover"] = [{
        "primary": primary, "backup": backup, "reason": failed[0]["outcome"],
        "attempts_failed": len(failed), "attempts_at_backup": len(at_backup),
        "first_at_backup": at_backup[0]["at"],
        "back_at_primary": next(a["at"] for a in attempts if a["peer"] == primary
                                and a["at"] > at_backup[-1]["at"]),
        **known, "attempts": attempts}]
    facts["peers"] = peers_of(log)
    print(json.dumps(facts))


main()
