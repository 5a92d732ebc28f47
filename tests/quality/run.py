#!/usr/bin/env python3
"""`earshot analyze` held against reference.py and against what the generator did.

    EARSHOT=build/earshot run.py [--strict] [--captures FOLDER] [NAME...]

Every scenario is written into a temporary folder and analysed by both.  Of the captures in
pcaps/, and in ../shared/captures where that folder is, every stream that both see is compared.
Figures that the program does not print yet are counted at the end; with --strict they fail.
"""
import argparse
import collections
import datetime
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree stays clean

import capture
import emodel
import generate
import reference
import rtcp

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
TIME_LIMIT_S = 60

# field: greatest difference that is none
COUNTS = dict.fromkeys(["packets", "expected", "received", "lost", "duplicates", "span_copies",
                        "reordered", "restarts", "outage_lost", "ts_resync"], 0)
TIMES = {"jitter_last_ms": 0.001, "jitter_mean_ms": 0.001, "jitter_max_ms": 0.001,
         "delta_max_ms": 0.001, "delta_mean_ms": 0.001, "ptime_ms": 1e-6}
CODEC = {"codec": 0, "clock_hz": 0, "band": 0, "ie": 0, "bpl": 0}
DELAYS = {"skew_ppm": 5, "rtt_receiver_ms": 1, "rtt_sender_ms": 1, "rtt_ms": 1,
          "rtt_partial": 0}
FAR_END = {"far_expected": 0, "far_lost": 0, "far_loss_pct": 1e-9, "lost_at_report": 0,
           "lost_after": 0, "unconfirmed_lost": 0, "far_jitter_mean_ms": 1e-6,
           "far_jitter_max_ms": 1e-6}
BUFFER = {"discarded": 0, "ppl": 1e-6, "burstr": 1e-6, "burstr_used": 1e-6, "r": 0.01,
          "mos_lq": 0.01}
BURSTS = {"bursts": 0, "burst_density": 1e-6, "gap_density": 1e-6, "burst_ms": 1e-3,
          "gap_ms": 1e-3}
PERCENTILES = dict.fromkeys(["pdv_p50_ms", "pdv_p95_ms", "pdv_p99_ms"], 10)  # half a bin
TRUTH = {**COUNTS, **TIMES, **CODEC, **DELAYS, **FAR_END, **PERCENTILES, "clock_basis": 0, "r": 0.01,
         "mos_lq": 0.01}
TRUTH_OF_BUFFER = {
    **{f"{field}_200": ("f200", field, tolerance) for field, tolerance in BURSTS.items()},
    "burstr_200": ("f200", "burstr", 1e-6), "late_50": ("f50", "discarded", 0),
    "late_200": ("f200", "discarded", 0),
    "discarded_adaptive": ("adaptive", "discarded", 0)}


class Tally:
    """What was compared, what was wrong, what the program does not print."""

    def __init__(self):
        self.compared, self.wrong, self.missing = 0, [], collections.Counter()
        self.where = ""

    def compare(self, field, ours, right, tolerance, against="reference"):
        self.compared += 1
        if not same(ours, right, tolerance):
            self.wrong.append(f"{self.where}: {field} is {ours!r}, {against} has {right!r}")

    def printed(self, field, record, right, tolerance, against="reference"):
        if field in record:
            self.compare(field, record[field], right, tolerance, against)
        else:
            self.missing[field] += 1


def same(ours, right, tolerance):
    if isinstance(right, dict):
        return ours == right
    if ours is None or right is None or isinstance(right, str):
        return str(ours).lower() == str(right).lower()
    return abs(ours - right) <= tolerance


def records_of(path):
    """The stream records of the program."""
    run = subprocess.run([EARSHOT, "analyze", "--json", "--no-progress", str(path)],
                         capture_output=True, timeout=TIME_LIMIT_S, check=False)
    records = [json.loads(line) for line in run.stdout.splitlines()]
    return [record for record in records if record["kind"] == "stream"]


def name_of(record):
    return f"{record['src']}>{record['dst']} {record['ssrc']}"


# --- one stream -------------------------------------------------------------------------

def compare_figures(tally, record, right, timed):
    """Every field of the reference; timed: both know the clock, so that times compare."""
    for field, tolerance in COUNTS.items():
        if field != "ts_resync" or timed:
            tally.printed(field, record, right[field], tolerance)
    tally.printed("loss_pct", record, right["loss_pct"], 1e-9)
    tally.printed("payload_types", record, right["payload_types"], 0)
    if not timed:
        return
    for field, tolerance in {**TIMES, **CODEC, **DELAYS}.items():
        tally.printed(field, record, right[field], tolerance)
    for field, tolerance in FAR_END.items():
        if field in right:
            tally.printed(field, record, right[field], tolerance)
    for field in PERCENTILES:
        compare_percentile(tally, field, record, right)
    compare_score(tally, record, right)


def compare_percentile(tally, field, record, right):
    """A histogram tells only the bin."""
    value = record.get(field)
    if value is None:
        tally.missing[field] += 1
        return
    low, high = right[field.replace("_ms", "_bin")]
    tally.compare(f"{field} within {low}..{high}", low <= value <= high, True, 0)


def compare_score(tally, record, right):
    """The headline, by whatever buffer it says it is; then each buffer."""
    by_name = {buffer["name"]: buffer for buffer in [right["network"], *right["buffers"]]}
    headline = by_name[record["mos_buffer"] or "network"]
    if record["mos_buffer"] == "network":  # bursts are not measured for it
        headline = {**headline, "burstr_used": 1.0, "r": headline.get("r_random")}
        headline["mos_lq"] = None if right["band"] is None else \
            emodel.mos_of(right["band"], headline["r"])
    if right["band"]:
        for field in ("ppl", "burstr_used", "r", "mos_lq"):
            tally.printed(field, record, headline[field], BUFFER[field])
    else:
        tally.compare("mos_lq", record["mos_lq"], None, 0)
    printed = {buffer["name"]: buffer for buffer in record.get("buffers") or ()}
    for buffer in right["buffers"]:
        ours, where = printed.get(buffer["name"], {}), tally.where
        tally.where += " " + buffer["name"]
        fields = {**BUFFER, **BURSTS}
        for field, tolerance in fields.items():
            if field in buffer:
                tally.printed(field, ours, buffer[field], tolerance)
        tally.where = where


def compare_truth(tally, figures, truth, against):
    """Either side against what the generator knows."""
    by_name = {buffer["name"]: buffer for buffer in figures.get("buffers") or ()}
    for field, right in truth.items():
        if field in TRUTH:
            tally.printed(field, figures, right, TRUTH[field], against)
        elif field in TRUTH_OF_BUFFER:
            name, its_field, tolerance = TRUTH_OF_BUFFER[field]
            tally.printed(its_field, by_name.get(name, {}), right, tolerance,
                          f"{against} for {name}")
        elif field in ("short", "mirrored") and "flags" in figures:
            tally.compare(field, field in figures["flags"], right, 0, against)


# --- the reference's own E-model ---------------------------------------------------------

def check_emodel(tally):
    """Against the vectors that the analyzer is held against too."""
    tally.where = "emodel.py"
    known = json.loads((ROOT / "tests" / "data" / "emodel-vectors.json").read_text())
    for vector in known["vectors"]:
        band, given, out = vector["band"].lower(), dict(vector["in"]), vector["out"]
        if vector["echo"] == "sym":
            delay = given.get("Ta", 0)
            given = {"T": delay, "Tr": 2 * delay, **given}
        given["BurstR"] = max(1, given.get("BurstR", 1))
        terms = emodel.terms(band, **given)
        tally.compare(vector["id"], terms["R"], out["R"], 1e-4)
        tally.compare(vector["id"], emodel.mos_of(band, terms["R"]), out["MOS"], 1e-4)
    for row in known["burstr_policy"]:
        used = emodel.burst_ratio_used(row["band"].lower(), row["Bpl"], row["Ppl"],
                                       row["BurstR"])
        tally.compare(f"BurstR used of {row}", used, row["used"], 1e-9)


# --- generated captures -----------------------------------------------------------------

def check_scenario(tally, folder, name):
    path = folder / f"{name}.pcap"
    truths = [json.loads(line) for line in (folder / f"{name}.truth").read_text().splitlines()]
    rights = reference.analyse_file(path)
    records = {name_of(record): record for record in records_of(path)}
    tally.where = name
    tally.compare("streams", len(records), len(truths), 0, "the generator")
    for truth in truths:
        tally.where = f"{name} {truth['ssrc']}"
        right = rights[truth["src"], truth["dst"], int(truth["ssrc"], 16)]
        record = records.get(name_of(truth))
        before = len(tally.wrong)
        compare_truth(tally, right, truth, "the generator")
        tally.wrong[before:] = ["reference.py itself: " + line
                                for line in tally.wrong[before:]]
        if record is None:
            tally.wrong.append(f"{tally.where}: no such stream")
            continue
        compare_truth(tally, record, truth, "the generator")
        timed = right["clock_hz"] is not None
        compare_figures(tally, record, right, timed)


# --- captures of strangers --------------------------------------------------------------

def nanoseconds(text):
    moment = datetime.datetime.strptime(text, "%Y-%m-%dT%H:%M:%S.%fZ")
    return (moment - datetime.datetime(1970, 1, 1)) // datetime.timedelta(microseconds=1) * 1000


def packets_between(packets, first, last):
    """Those of one stream record; the program rounds its times to microseconds."""
    begin, end = nanoseconds(first) - 1000, nanoseconds(last) + 1000
    return [packet for packet in packets if begin <= packet.time_ns <= end]


def is_timed(record, packets):
    """Both know the clock, in the same way, agree on it, and it is not that of video."""
    known = {(packet.clock_hz, packet.basis == "guessed")
             for packet in packets if packet.kind == "audio"}
    ours = (record["clock_hz"], record["clock_basis"] == "guessed")
    return ours in known and ours[0] != 90000 and (not ours[1] or len(known) == 1)


def check_capture(tally, path, seen):
    try:
        datagrams = capture.datagrams_of(path)
    except (KeyError, IndexError) as error:
        print(f"{path.name}: not read by the reference: {error!r}")
        return
    streams = capture.streams_of(datagrams)
    reports = list(rtcp.reports_of(datagrams))
    trips = rtcp.round_trips(streams, reports)
    holds = capture.holds_of(datagrams)
    for record in records_of(path):
        key = (record["src"], record["dst"], int(record["ssrc"], 16))
        packets = packets_between(streams.get(key, []), record["first"], record["last"])
        tally.where = f"{path.name} {name_of(record)}"
        if not packets:
            seen["only by the program"] += 1
            continue
        figures = reference.analyse(packets, capture.pauses_of(holds, *key[:2]))
        figures.update(trips[key])
        figures.update(rtcp.second_witness(key, packets, reports, record["leg"] is not None))
        timed = is_timed(record, packets)
        seen["with a known clock" if timed else "by counts only"] += 1
        compare_figures(tally, record, figures, timed)


# --- all --------------------------------------------------------------------------------

def arguments():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strict", action="store_true")
    parser.add_argument("--captures", type=pathlib.Path,
                        default=ROOT.parent / "shared" / "captures")
    parser.add_argument("names", nargs="*")
    return parser.parse_args()


def main():
    options, tally, seen = arguments(), Tally(), collections.Counter()
    check_emodel(tally)
    with tempfile.TemporaryDirectory() as folder:
        names = generate.generate(pathlib.Path(folder), options.names)
        for name in names:
            check_scenario(tally, pathlib.Path(folder), name)
    for folder in () if options.names else (ROOT / "pcaps", options.captures):
        for path in sorted(folder.glob("*.pcap*")):
            check_capture(tally, path, seen)
    for line in tally.wrong:
        print(line)
    print(f"{len(names)} scenarios; streams of captures: " +
          (", ".join(f"{count} {how}" for how, count in sorted(seen.items())) or "none"))
    print(f"not printed yet: {sum(tally.missing.values())}" +
          "".join(f"\n  {field}: {count}" for field, count in sorted(tally.missing.items())))
    print(f"{tally.compared} figures compared, {len(tally.wrong)} wrong")
    return 1 if tally.wrong or not names or (options.strict and tally.missing) else 0


if __name__ == "__main__":
    sys.exit(main())
