#!/usr/bin/env python3
"""The findings in real captures, as they were reviewed by hand.

    EARSHOT=build/earshot test_captures.py [FOLDER]

captures.tsv says of each capture which calls have which findings, the best first, and why
that is right; a call that has no line there must have none.  FOLDER holds the captures
(default ../shared/captures, seen from the project's root); without it the test is skipped.
"""
import collections
import csv
import json
import os
import pathlib
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build/earshot"))
LEAST_CAPTURES = 10


def found_in(path):
    """(Call-IDs of a call, its codes) for each of its calls."""
    run = subprocess.run([EARSHOT, "analyze", "--no-progress", "--json", str(path)], check=True,
                         stdout=subprocess.PIPE)
    ids, codes = collections.defaultdict(set), collections.defaultdict(list)
    for record in map(json.loads, run.stdout.splitlines()):
        if record["kind"] == "leg":
            ids[record["call"]].add(record["sip_call_id"])
        elif record["kind"] == "finding":
            codes[record["call"]].append((record["rank"], record["code"]))
    return [(ids[call], [code for _, code in sorted(codes[call])]) for call in ids]


def main():
    folder = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else ROOT.parent / "shared/captures")
    if not folder.is_dir():
        print(f"skipped: there is no {folder}")
        return 0
    expected = collections.defaultdict(dict)
    with open(HERE / "captures.tsv", encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file, delimiter="\t"):
            assert row["why"], row
            expected[row["file"]]
            if row["sip_call_id"]:
                expected[row["file"]][row["sip_call_id"]] = row["findings"].split()
    wrong, calls = [], 0
    for name, of_calls in expected.items():
        missing = set(of_calls)
        for call_ids, codes in found_in(folder / name):
            calls += 1
            named = call_ids & set(of_calls)
            missing -= named
            wanted = of_calls[named.pop()] if named else []
            if codes != wanted:
                wrong.append(f"{name} {sorted(call_ids)}: {codes}, not {wanted}")
        wrong += [f"{name}: no call {call_id}" for call_id in missing]
    print(*wrong, sep="\n")
    print(f"{len(expected)} captures, {calls} calls, {len(wrong)} wrong")
    return 1 if wrong or len(expected) < LEAST_CAPTURES else 0


if __name__ == "__main__":
    sys.exit(main())
