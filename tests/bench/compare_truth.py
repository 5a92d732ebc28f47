#!/usr/bin/env python3
"""Compares what `earshot analyze --json` measured with what the generator wrote.

    compare_truth.py TRUTH.json MEASURED.json

Every stream must show exactly the packets, losses, duplicates and late packets that the
generator put there, every call the generator's times, and nothing may be missing or extra.
Exit status 1 on any difference.
"""
import json
import sys
from datetime import datetime, timezone

SHOWN_AT_MOST = 20
EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
# measured field: what the truth says it must be
STREAM_FIELDS = {
    "packets": lambda t: t["received"] + t["duplicates"],
    "expected": lambda t: t["sent"],
    "received": lambda t: t["received"],
    "lost": lambda t: t["lost"],
    "duplicates": lambda t: t["duplicates"],
    "reordered": lambda t: t["reordered"],
    "codec": lambda t: t["codec"],
}
LEG_TIMES = ("start", "ringing", "answered", "ended")


def microseconds(text):
    if text is None:
        return None
    return round((datetime.fromisoformat(text.replace("Z", "+00:00")) - EPOCH).total_seconds()
                 * 1e6)


def read(path, kinds):
    """The records of `path` by kind: {kind: [record, ...]}."""
    records = {kind: [] for kind in kinds}
    with open(path, encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            if record["kind"] in records:
                records[record["kind"]].append(record)
    return records


def stream_key(record):
    return record["src"], record["dst"], record["ssrc"].lower()


def by_key(records, key, what, problems):
    found = {}
    for record in records:
        if key(record) in found:
            problems.append(f"{what} {key(record)}: more than one record")
        found[key(record)] = record
    return found


def pairs(truth, measured, what, problems):
    """Yields (key, truth, measured) of what is in both, and reports the rest."""
    for key in measured.keys() - truth.keys():
        problems.append(f"{what} {key}: measured, but was never sent")
    for key, expected in truth.items():
        if key in measured:
            yield key, expected, measured[key]
        else:
            problems.append(f"{what} {key}: not measured")


def compare_streams(truth, measured, problems):
    for key, sent, seen in pairs(truth, measured, "stream", problems):
        for field, expected in STREAM_FIELDS.items():
            if seen.get(field) != expected(sent):
                problems.append(f"stream {key}: {field} is {seen.get(field)}, "
                                f"should be {expected(sent)}")


def compare_legs(truth, measured, problems):
    for key, sent, seen in pairs(truth, measured, "leg", problems):
        expected = {"state": "completed", "status": 200, "ended_by": sent["ended_by"]}
        got = {field: seen.get(field) for field in expected}
        for field in LEG_TIMES:
            expected[field] = microseconds(sent[field])
            got[field] = microseconds(seen.get(field))
        problems += [f"leg {key}: {field} is {got[field]}, should be {expected[field]}"
                     for field in expected if got[field] != expected[field]]


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    problems = []
    truth = read(sys.argv[1], ("call", "stream"))
    measured = read(sys.argv[2], ("leg", "stream", "summary"))
    compare_streams(by_key(truth["stream"], stream_key, "stream", problems),
                    by_key(measured["stream"], stream_key, "stream", problems), problems)
    compare_legs(by_key(truth["call"], lambda r: r["sip_call_id"], "leg", problems),
                 by_key(measured["leg"], lambda r: r["sip_call_id"], "leg", problems), problems)
    if len(measured["summary"]) != 1:
        problems.append(f"{len(measured['summary'])} summary lines, should be 1")
    if not truth["stream"] or not truth["call"]:
        problems.append("the truth is empty")

    for problem in problems[:SHOWN_AT_MOST]:
        print(problem)
    print(f"{len(truth['stream'])} streams and {len(truth['call'])} calls compared, "
          f"{len(problems)} differences")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
