#!/usr/bin/env python3
"""Does `earshot analyze` tell what the capture lost from what the network lost?

    EARSHOT=build/earshot run.py [NAME...]

Every scenario of generate.py is written into a temporary folder and analysed, once as it
was captured and once before frames were removed from it.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree stays clean

import generate

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
TIME_LIMIT_S = 60
MOS_TOLERANCE = 0.02
EDGE = 2  # packets before the first that was captured, or after the last, are not missed


def analyse(path):
    """The streams by their hosts, and the summary."""
    run = subprocess.run([EARSHOT, "analyze", "--json", "--no-progress", str(path)],
                         capture_output=True, timeout=TIME_LIMIT_S, check=False)
    if run.returncode:
        sys.exit(f"{path.name}: {run.stderr.decode()}")
    records = [json.loads(line) for line in run.stdout.splitlines()]
    # Where several calls name one endpoint, a stream's first packets may be one by itself.
    streams = {host_of(record["src"]) + ">" + host_of(record["dst"]): record
               for record in sorted((r for r in records if r["kind"] == "stream"),
                                    key=lambda r: r["packets"])}
    return streams, next(record for record in records if record["kind"] == "summary")


def host_of(endpoint):
    return endpoint.rsplit(":", 1)[0]


class Checks:
    """Counts what was checked, keeps what was wrong."""

    def __init__(self):
        self.count, self.wrong, self.where = 0, [], ""

    def holds(self, condition, what):
        self.count += 1
        if not condition:
            self.wrong.append(f"{self.where}: {what}")


def check_capture(checks, record, whole):
    """All losses are the capture's: the score without them is that of the whole."""
    checks.holds(record["loss_verdict"] == "capture", f"is {record['loss_verdict']}")
    checks.holds("capture_loss" in record["flags"], "has no flag")
    for field in ("mos_lq", "r"):
        known = record[field + "_unsuspected"]
        factor = 1 if field == "mos_lq" else 100 / 4.5  # R runs to 100
        checks.holds(known is not None and
                     abs(known - whole[field]) <= MOS_TOLERANCE * factor,
                     f"{field} without suspects is {known}, was {whole[field]}")


def check_no_suspects(checks, record, verdict):
    checks.holds(record["loss_verdict"] == verdict, f"is {record['loss_verdict']}")
    checks.holds(record["suspect_lost"] == 0, f"suspects {record['suspect_lost']}")
    checks.holds("capture_loss" not in record["flags"], "has the flag")
    checks.holds(record["mos_lq_unsuspected"] in (None, record["mos_lq"]),
                 f"mos_lq without suspects is {record['mos_lq_unsuspected']}")


def check_each(checks, record, truth):
    """Two causes: each is told, or nobody is blamed."""
    cause = "network" if truth["network"] > truth["capture"] else "capture"
    checks.holds(record["loss_verdict"] in (cause, "unknown"), f"is {record['loss_verdict']}")
    if record["loss_verdict"] != "unknown":
        checks.holds(abs(record["suspect_lost"] - truth["capture"]) <=
                     EDGE + truth["capture"] / 2,
                     f"suspects {record['suspect_lost']} of {truth['capture']}")


def check_stream(checks, record, whole, truth, verdict):
    lost = truth["network"] + truth["capture"]
    checks.holds(lost - EDGE <= record["lost"] <= lost, f"lost {record['lost']} of {lost}")
    if record["lost"] == 0:
        check_no_suspects(checks, record, None)
    elif verdict == "capture":
        check_capture(checks, record, whole)
    elif verdict == "each":
        check_each(checks, record, truth)
    else:
        check_no_suspects(checks, record, verdict)


def check_scenario(checks, folder, name):
    verdict = generate.SCENARIOS[name]["verdict"]
    truth = generate.write(folder, name)
    streams, summary = analyse(folder / f"{name}.pcap")
    whole, _ = analyse(folder / f"{name}.whole.pcap")
    checks.where = name
    checks.holds(sorted(streams) == sorted(truth), "streams are missing")
    if verdict != "each":
        checks.holds(summary["loss_verdict"] == verdict,
                     f"summary says {summary['loss_verdict']}")
    for stream, record in streams.items():
        checks.where = f"{name} {stream}"
        check_stream(checks, record, whole[stream], truth[stream], verdict)
    for path in folder.iterdir():
        path.unlink()


def main():
    checks = Checks()
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or generate.SCENARIOS:
            check_scenario(checks, pathlib.Path(folder), name)
    for wrong in checks.wrong:
        print(wrong)
    print(f"{checks.count} checks, {len(checks.wrong)} wrong")
    return bool(checks.wrong) or checks.count == 0


if __name__ == "__main__":
    sys.exit(main())
