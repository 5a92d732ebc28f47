#!/usr/bin/env python3
"""Which legs Earshot takes for one call, against the truth of a generated mix: precision and
recall of each strategy, printed and held against bounds.

    EARSHOT=build/earshot run.py [SEED]
"""
import collections
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import populations  # noqa: E402
from mix import Mix  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build/earshot"))
RECALL = {"call_id": 1.0, "session_id": 1.0, "header": 1.0, "rtp": .98, "payload": .98,
          "numbers": .9}


def analyze(mix):
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "mix.pcap"
        mix.capture.write(path)
        begin = time.monotonic()
        out = subprocess.run([EARSHOT, "analyze", "--no-progress", "--json", str(path)],
                             check=True, stdout=subprocess.PIPE).stdout
        mix.seconds = time.monotonic() - begin
    return [json.loads(line) for line in out.splitlines()]


class Result:
    """Of one mix."""

    def __init__(self, mix):
        records = analyze(mix)
        self.legs = {r["id"]: r for r in records if r["kind"] == "leg"}
        self.calls = {r["id"]: r for r in records if r["kind"] == "call"}
        self.streams = {r["id"]: r for r in records if r["kind"] == "stream"}
        self.truth = {name: number for number, (_, _, names) in enumerate(mix.conversations)
                      for name in names}
        self.kinds = mix.conversations
        self.wrong, self.edges = [], collections.Counter()
        self.check_records()
        self.count_edges()
        self.count_found()

    def check_records(self):
        """Legs, streams and calls say the same of who belongs to whom."""
        for leg in self.legs.values():
            assert leg["id"] in self.calls[leg["call"]]["legs"], leg
        for call in self.calls.values():
            assert all(self.legs[i]["call"] == call["id"] for i in call["legs"]), call
        for stream in self.streams.values():
            if stream["leg"]:
                assert stream["call"] == self.legs[stream["leg"]]["call"], stream

    def count_edges(self):
        self.right = collections.Counter()
        for leg in self.legs.values():
            if not leg["joined_by"]:
                continue
            other = self.legs[leg["joined_leg"]]
            self.edges[leg["joined_by"]] += 1
            if self.truth[leg["sip_call_id"]] == self.truth[other["sip_call_id"]]:
                self.right[leg["joined_by"]] += 1
            else:
                self.wrong.append((leg, other))

    def count_found(self):
        calls_of = collections.defaultdict(set)
        for leg in self.legs.values():
            calls_of[self.truth[leg["sip_call_id"]]].add(leg["call"])
        self.made, self.found = collections.Counter(), collections.Counter()
        self.missed = []
        for number, (kind, strategy, _) in enumerate(self.kinds):
            if strategy is None:
                continue
            self.made[strategy] += 1
            if len(calls_of[number]) == 1:
                self.found[strategy] += 1
            else:
                self.missed.append(kind)

    def count_relations(self, mix):
        """Of forks, each branch; of families, each call that came out of another."""
        call_of = {leg["sip_call_id"]: self.calls[leg["call"]] for leg in self.legs.values()}
        ours, truth = set(), set()
        for leg in self.legs.values():
            if leg["branch"]:
                ours.add(("fork", leg["sip_call_id"], leg["dst"].rpartition(":")[0],
                          leg["branch"]))
        for name, fates in mix.forks:
            truth |= {("fork", name, host, fate) for host, fate in fates.items()}
            assert call_of[name]["branches"] == len(fates), call_of[name]
            leg = self.legs.get(call_of[name]["answered_leg"])
            answered = [host for host, fate in fates.items() if fate == "answered"]
            assert answered == ([leg["dst"].rpartition(":")[0]] if leg else []), leg
        for call in self.calls.values():
            if call["relation"]:
                ours.add((call["relation"], call["id"], call["family"]))
        for relation, names in mix.families:
            truth.add((relation, call_of[names[-1]]["id"], call_of[names[0]]["id"]))
        bad = 0
        for kind in sorted({entry[0] for entry in ours | truth}):
            found = {entry for entry in ours if entry[0] == kind}
            made = {entry for entry in truth if entry[0] == kind}
            right = len(found & made)
            print(f"  {kind:18} precision {right / max(1, len(found)):.3f} ({len(found)} found)"
                  f"  recall {right / max(1, len(made)):.3f} ({right}/{len(made)})")
            bad += found != made
            for entry in list(found ^ made)[:3]:
                print("   ", "not so:" if entry in found else "missed:", entry)
        return bad

    def report(self, title):
        bad = len(self.wrong)
        print(f"{title}: {len(self.kinds)} conversations, {len(self.calls)} calls")
        for strategy in sorted(set(self.made) | set(self.edges)):
            edges, made = self.edges[strategy], self.made[strategy]
            precision = self.right[strategy] / edges if edges else 1
            recall = self.found[strategy] / made if made else None
            shown = "–" if recall is None else f"{recall:.3f} ({self.found[strategy]}/{made})"
            print(f"  {strategy:12} precision {precision:.3f} ({edges} joins)  recall {shown}")
            bad += recall is not None and recall < RECALL.get(strategy, 0)
        for leg, other in self.wrong[:5]:
            print("  wrong:", leg["joined_by"], self.kinds[self.truth[leg["sip_call_id"]]][0], "/",
                  self.kinds[self.truth[other["sip_call_id"]]][0],
                  {k: v for k, v in leg.items() if k.startswith("joined")})
        for kind, count in collections.Counter(self.missed).items():
            print(f"  missed: {kind} ({count})")
        return bad


def main():
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    bad = 0
    for title, fill in (
            ("mix", lambda m: [fill(m, 12) for fill in (
                populations.bridges, populations.guesses, populations.traps,
                populations.alike, populations.unlike)]),
            ("forks and families", lambda m: populations.families(m, 12)),
            ("100 calls of one file, within 60 s", lambda m: populations.same_file(m, 100, 60)),
            ("100 calls of one file, at once",
             lambda m: populations.same_file(m, 100, 0, True)),
            ("100 calls of one file between two hosts", lambda m: populations.same_file(
                m, 100, 90, hosts=("192.0.2.1", "192.0.2.2")))):
        made = Mix(seed)
        fill(made)
        result = Result(made)
        bad += result.report(title) + result.count_relations(made)
        print(f"  {len(made.capture.frames)} packets, analyzed in {made.seconds:.2f} s")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
