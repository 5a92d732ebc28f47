#!/usr/bin/env python3
"""Is what `earshot explain` prints enough to compute the printed scores again?

    EARSHOT=build/earshot run.py [CAPTURE...]

For every stream of pcaps/, and of ../shared/captures where they are: R and MOS, listening and
conversational, in each jitter buffer and without the capture's own losses, from the printed
inputs by the equations of ITU-T G.107, G.107.1 and G.107.2 as ../quality/emodel.py has them;
Ppl from the printed losses, Ta from its printed parts.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree stays clean

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "quality"))

import emodel

EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
TIME_LIMIT_S = 120
TOLERANCE = 1e-6
LOOK_AHEAD_MS = {"PCMU": 0, "PCMA": 0, "G722": 1.6, "G728": 0, "G729": 5, "G723": 7.5, "AMR": 5,
                 "AMR-WB": 5, "GSM": 0, "opus": 6.5}


def run(*arguments, statuses=(0,)):
    done = subprocess.run([EARSHOT, *map(str, arguments)], capture_output=True,
                          timeout=TIME_LIMIT_S, check=False)
    if done.returncode not in statuses:
        sys.exit(f"{arguments}: status {done.returncode}: {done.stderr.decode()}")
    return done.stdout.decode()


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


class Checks:
    """Counts what was checked, keeps what was wrong."""

    def __init__(self):
        self.counts, self.wrong, self.where = {}, [], ""

    def holds(self, condition, what):
        if not condition:
            self.wrong.append(f"{self.where}: {what}")

    def equal(self, what, printed, computed):
        self.counts[what] = self.counts.get(what, 0) + 1
        self.holds(printed is not None and abs(printed - computed) <= TOLERANCE,
                   f"{what} is {printed}, computed {computed}")


def values(inputs):
    return {each["name"]: each["value"] for each in inputs}


def scores(band, given, ppl, burst_ratio, ta=0):
    r = emodel.terms(band, Ie=given["ie"], Bpl=given["bpl"], Ppl=ppl, BurstR=burst_ratio,
                     Ta=ta)["R"]
    return r, emodel.mos_of(band, r)


def check_listening(checks, e):
    given, terms = values(e["inputs"]), e["terms"]
    r, mos = scores(e["band"], given, given["ppl"], given["burstr_used"], given["ta_ms"])
    checks.equal("r", e["r"], r)
    checks.equal("mos_lq", e["mos_lq"], mos)
    checks.equal("sum of terms", e["r"], terms["ro"] - terms["is"] - terms["idte"]
                 - terms["idle"] - terms["idd"] - terms["ie_eff"] + terms["a"])
    checks.equal("mos_lq_lossless", e["mos_lq_lossless"], scores(e["band"], given, 0, 1)[1])
    checks.equal("burstr_used", given["burstr_used"], emodel.burst_ratio_used(
        e["band"], given["bpl"], given["ppl"], e["burstr_measured"]))


def check_losses(checks, e):
    charged = sum(loss["packets"] for loss in e["losses"] if loss["charged"])
    checks.equal("ppl", values(e["inputs"])["ppl"], 100 * charged / e["expected"])
    for loss in e["losses"]:
        checks.holds(not loss["charged"] or loss["packets"] >= 0, f"{loss['name']} below 0")


def check_suspects(checks, e):
    lost = next(loss for loss in e["losses"] if loss["name"] == "by_capture")["packets"]
    without = e["without_capture_loss"]
    checks.holds((without["r"] is None) == (lost == 0), f"{lost} suspects but {without}")
    if without["r"] is None:
        return
    given = values(e["inputs"])
    ppl = max(0, given["ppl"] - 100 * lost / e["expected"])
    used = emodel.burst_ratio_used(e["band"], given["bpl"], ppl, e["burstr_measured"])
    r, mos = scores(e["band"], given, ppl, used)
    checks.equal("r without capture loss", without["r"], r)
    checks.equal("mos_lq without capture loss", without["mos_lq"], mos)


def check_after_answer(checks, e):
    """Its burst ratio is not kept: with one, R lies between those of 1 and of 8."""
    given, after = values(e["inputs"]), e["after_answer"]
    if after["r"] is None:
        return
    bounds = [emodel.burst_ratio_used(e["band"], given["bpl"], after["ppl"], b) for b in (1, 8)]
    high, low = (scores(e["band"], given, after["ppl"], b)[0] for b in bounds)
    checks.counts["r after the answer"] = checks.counts.get("r after the answer", 0) + 1
    checks.holds(low - TOLERANCE <= after["r"] <= high + TOLERANCE, f"{low} {after} {high}")
    checks.equal("mos_lq after the answer", after["mos_lq"], emodel.mos_of(e["band"], after["r"]))


def check_buffers(checks, e):
    checks.holds([b["name"] for b in e["buffers"]] == ["f50", "f200", "adaptive"], "buffers")
    for buffer in e["buffers"]:
        r, mos = scores(e["band"], values(e["inputs"]), buffer["ppl"], buffer["burstr_used"])
        checks.equal("r of buffers", buffer["r"], r)
        checks.equal("mos_lq of buffers", buffer["mos_lq"], mos)


def check_conversation(checks, e):
    talk = e["conversation"]
    if talk["mos_cq"] is None:
        checks.holds(talk["not_measured"] and talk["r_cq"] is None, "no MOS-CQ and no reason")
        return
    parts, given = values(talk["inputs"]), values(e["inputs"])
    checks.equal("ta_ms", talk["ta_ms"], sum(parts.values()))
    checks.equal("half of the round trip", parts["network_ms"], e["timing"]["rtt_ms"] / 2)
    if e["codec"] in LOOK_AHEAD_MS:
        checks.equal("look_ahead_ms", parts["look_ahead_ms"], LOOK_AHEAD_MS[e["codec"]])
    r, mos = scores(e["band"], given, given["ppl"], given["burstr_used"], talk["ta_ms"])
    checks.equal("r_cq", talk["r_cq"], r)
    checks.equal("mos_cq", talk["mos_cq"], mos)
    checks.holds(talk["agrees"] is True, "conversation does not agree")


def check_source(checks, e):
    """A value whose trust is C or P says so; ours are never called published."""
    for each in e["inputs"]:
        checks.holds(each["source"], f"{each['name']} has no source")
        weak = {"C": "recalled", "P": "our own value"}.get(each["trust"])
        checks.holds(not weak or weak in each["source"], f"{each['name']}: {each['source']}")


def check_stream(checks, e, record):
    if e["r"] is None:
        checks.holds(e["why"].startswith("not scored: "), e["why"])
        checks.holds(e["agrees"] is None and e["mos_lq"] is None, "half a score")
        return
    checks.holds(e["agrees"] is True, "does not agree")
    for name in ("r", "mos_lq", "band", "basis", "codec", "buffers"):
        checks.holds(e[name] == record[name], f"{name} is not that of the record")
    for name in ("ta_ms", "r_cq", "mos_cq"):
        checks.holds(e["conversation"][name] == record[name], f"{name}: not the record's")
    checks.holds(e["why"].startswith(f"{e['mos_lq']:.2f}"), e["why"])
    part = record["media_coverage_pct"] is not None and record["media_coverage_pct"] < 90
    checks.holds(("of the answered time only" in e["why"]) == part, e["why"])
    checks.holds(("because" in e["why"] or "although" in e["why"])
                 == (values(e["inputs"])["ppl"] > 0), e["why"])
    for check in (check_listening, check_losses, check_suspects, check_after_answer,
                  check_buffers, check_conversation, check_source):
        check(checks, e)


def check_worst_first(checks, lines):
    """Behind the line of a call its streams, the lowest R on the common axis first."""
    by_id = {e["stream"]: e for e in lines if e["kind"] == "explanation"}
    for call in (e for e in lines if e["kind"] == "explanation_of_call"):
        ratings = [by_id[each]["r"] / emodel.SCALE[by_id[each]["band"]]
                   for each in call["streams"] if by_id[each]["r"] is not None]
        checks.holds(not ratings or ratings[0] == min(ratings), f"{call['id']}: {ratings}")
        one_way = any(leg["one_way"] for leg in call["legs"])
        checks.holds(call["why"].startswith("one-way audio: ") == one_way, call["why"])
        if ratings:
            checks.holds(by_id[call["streams"][0]]["why"] in call["why"], call["why"])


def check_capture(checks, path, folder):
    checks.where = path.name
    db = folder / (path.name + ".db")
    records = objects(run("analyze", "--json", "--no-progress", "--db", db, path,
                          statuses=(0, 1)))
    streams = {r["id"]: r for r in records if r["kind"] == "stream"}
    reports = [r for r in records if r["kind"] == "report"]
    lines = objects(run("explain", "--json", "--no-progress", path, statuses=(0, 1)))
    told = {e["stream"]: e for e in lines if e["kind"] == "explanation"}
    checks.holds(told.keys() == streams.keys(), "not every stream is explained")
    check_worst_first(checks, lines)
    for stream, e in told.items():
        checks.where = f"{path.name}, {stream}"
        check_stream(checks, e, streams[stream])
        checks.holds(e["claims"] == [r for r in reports if r["stream"] == stream], "claims")
    for call in (e for e in lines if e["kind"] == "explanation_of_call"):
        checks.where = f"{path.name}, {call['id']} out of the database"
        kept = objects(run("explain", "--json", "--db", db, call["id"]))
        wanted = [call] + [told[each] for each in call["streams"]]
        checks.holds(kept == wanted, "differs")
    return len(streams)


def check_names(checks, folder):
    """A call by its Call-ID, a leg and a stream by the beginning of an id; or a refusal."""
    path = ROOT / "pcaps" / "known_loss.pcap"
    records = objects(run("analyze", "--json", "--no-progress", path))
    leg = next(r for r in records if r["kind"] == "leg" and r["state"] == "completed")
    stream = next(r for r in records if r["kind"] == "stream" and r["lost"])
    checks.where = path.name
    for name, kind in ((leg["sip_call_id"], "explanation_of_call"),
                       (leg["id"][:12], "explanation_of_leg"),
                       (leg["call"], "explanation_of_call"),
                       (stream["id"][:12], "explanation")):
        lines = objects(run("explain", "--json", path, "--call", name))
        checks.holds(lines[0]["kind"] == kind, f"{name}: {lines[0]['kind']}, not {kind}")
        checks.holds(lines[-1]["kind"] == "explanation", f"{name}: no stream")
    text = run("explain", path, "--call", leg["sip_call_id"])
    words = ("3.93 because 4.97 % of the packets were lost before this probe, in 12 bursts",
             "the codec alone allows 4.41", "the receiver lacks 16 packets more")
    for word in words:
        checks.holds(word in text, f"no '{word}'")
    text = run("explain", ROOT / "pcaps" / "stops.pcap")
    checks.holds("one-way audio: → ok, ← stopped after 5.5 s; caller to callee: 3.74" in text,
                 "which direction stopped")
    run("explain", path, "--call", "nobody", statuses=(1,))
    run("explain", path, "--call", "", statuses=(2,))
    run("explain", statuses=(2,))
    run("explain", folder / "none.pcap", statuses=(1,))
    run("explain", "--db", folder / "known_loss.pcap.db", "1", path, statuses=(2,))


def main():
    checks = Checks()
    paths = [pathlib.Path(name) for name in sys.argv[1:]]
    if not paths:
        folders = [ROOT / "pcaps", ROOT.parent / "shared" / "captures"]
        paths = [path for folder in folders for path in sorted(folder.glob("*.pcap*"))]
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        streams = sum(check_capture(checks, path, folder) for path in paths)
        check_names(checks, folder)
    for what, count in checks.counts.items():
        print(f"{count:6} {what}")
    print(f"{streams} streams of {len(paths)} captures, {len(checks.wrong)} faults")
    for wrong in checks.wrong[:40]:
        print(wrong)
    for what in ("r", "mos_lq", "mos_cq", "r of buffers", "ppl"):
        if not checks.counts.get(what):
            sys.exit(f"no {what} was computed")
    return bool(checks.wrong)


if __name__ == "__main__":
    sys.exit(main())
