#!/usr/bin/env python3
"""The filter on the command line: what `analyze --filter` and `calls --filter` let through
is what Python finds in the unfiltered JSON, whoever asks; a mistake is shown where it is; and
no filter does anything to the database but read it."""
import datetime
import glob
import ipaddress
import json
import os
import re
import sqlite3
import struct
import subprocess
import tempfile

EARSHOT = os.environ.get("EARSHOT", "build/earshot")
PCAPS = sorted(glob.glob("pcaps/*.pcap"))


def run(*arguments, status=0):
    done = subprocess.run([EARSHOT, *arguments], capture_output=True, check=False)
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done.stdout.decode(), done.stderr.decode()


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


class Call:
    """A call with its parts, out of what analyze says without a filter."""

    def __init__(self, call, records):
        self.call = call
        self.legs = [r for r in records if r["kind"] == "leg" and r["call"] == call["id"]]
        self.streams = [r for r in records
                        if r["kind"] == "stream" and r["call"] == call["id"]]

    def leg(self, test):
        return any(test(leg) for leg in self.legs)

    def stream(self, test):
        return any(test(stream) for stream in self.streams)


def address(endpoint):
    return ipaddress.ip_address(endpoint.rsplit(":", 1)[0].strip("[]"))


def below(value, limit):
    return value is not None and value < limit


def above(value, limit):
    return value is not None and value > limit


NET = ipaddress.ip_network("198.18.0.0/24")

# A filter, and what it means of a Call.
MEANINGS = [
    ("mos_lq_min < 4.3", lambda c: below(c.call["mos_lq_min"], 4.3)),
    ("mos_lq_min < 4.3 or one_way",
     lambda c: below(c.call["mos_lq_min"], 4.3) or c.call["one_way"]),
    ("not mos_lq_min >= 4.3", lambda c: not above(c.call["mos_lq_min"], 4.3)
     and c.call["mos_lq_min"] != 4.3),
    ("mos_lq_min = null", lambda c: c.call["mos_lq_min"] is None),
    ("state in (cancelled, failed)", lambda c: c.call["state"] in ("cancelled", "failed")),
    ("status = 486", lambda c: c.leg(lambda l: l["status"] == 486)),
    ("status != 200", lambda c: c.leg(lambda l: l["status"])
     and not c.leg(lambda l: l["status"] == 200)),
    ("leg(status = 200 and pdd_ms > 5)",
     lambda c: c.leg(lambda l: l["status"] == 200 and above(l["pdd_ms"], 5))),
    ("held or t38", lambda c: c.leg(lambda l: {"held", "t38"} & set(l["flags"]))),
    ("src in 198.18.0.0/24", lambda c: c.leg(lambda l: address(l["src"]) in NET)),
    ("src != 198.18.0.1:5060", lambda c: not c.leg(lambda l: l["src"] == "198.18.0.1:5060")),
    ("from ~ '^sip:alice'", lambda c: c.leg(lambda l: re.search("^sip:alice", l["from"]))),
    ("stream.src in 198.18.0.0/24 and codec != PCMA",
     lambda c: c.stream(lambda s: address(s["src"]) in NET)
     and c.stream(lambda s: s["codec"])
     and not c.stream(lambda s: s["codec"] == "PCMA")),
    ("stream(loss_pct > 1% and direction = forward)",
     lambda c: c.stream(lambda s: above(s["loss_pct"], 1) and s["direction"] == "forward")),
    ("leg(stream(lost > 0) and duration_s > 5s)",
     lambda c: c.leg(lambda l: above(l["duration_s"], 5) and c.stream(
         lambda s: s["leg"] == l["id"] and s["lost"] > 0))),
    ("payload_types = 8", lambda c: c.stream(lambda s: "8" in s["payload_types"])),
    ("start >= 2026-11-21T12:00:00Z", lambda c: c.call["start"] >= "2026-11-21T12:00:00"),
]

INJECTIONS = [
    "from = \"x'; DROP TABLE call; --\"",
    "from = \"x\\\"; DELETE FROM leg; --\"",
    "from in (\"'\", \"''\", \"') OR 1=1 --\", \"%\", \"_\", \"?1\", \"\\\\\")",
    "from ~ \"'\\\\) UNION SELECT 1\"",
    "sip_call_id = \"x' OR ''='\"",
    "party = \"1) OR (1=1\"",
]

MISTAKES = [
    ("mos_lq_mni < 3", 1, "did you mean mos_lq_min?"),
    ("one_way; DROP TABLE call", 8, "means nothing here"),
    ("status = 5 and 1=1", 16, "is no field"),
    ("start > tomorrow", 9, "a time such as -2h"),
]


def dump(db):
    with sqlite3.connect(db) as connection:
        return list(connection.iterdump())


def check_meaning(text, meaning, calls, db):
    expected = {c.call["id"] for c in calls if meaning(c)}
    shown = objects(run("analyze", "--json", "--filter", text, *PCAPS)[0])
    listed = objects(run("calls", "--db", db, "--json", "--limit", "1000",
                         "--filter", text)[0])
    found = {r["id"] for r in shown if r["kind"] == "call"}
    assert found == expected, (text, found ^ expected)
    assert {r["id"] for r in listed} == expected, (text, "calls")
    return len(expected), shown


def check_parts(shown, records):
    """With a call comes all that belongs to it, and nothing else but the summary."""
    ids = {r["id"] for r in shown if r["kind"] == "call"}
    kept = [r for r in records if r["kind"] == "summary"
            or (r["id"] if r["kind"] == "call" else r.get("call")) in ids]
    key = lambda r: json.dumps(r, sort_keys=True)
    assert sorted(map(key, shown)) == sorted(map(key, kept))


def last_packet(path):
    """Microseconds since 1970 of the latest frame, out of the file itself."""
    with open(path, "rb") as file:
        data = file.read()
    order = "<" if data[0] in (0x4D, 0xD4) else ">"
    (magic,) = struct.unpack_from(order + "I", data)
    unit = 1000 if magic == 0xA1B23C4D else 1
    at, last = 24, 0
    while at < len(data):
        seconds, fraction, length = struct.unpack_from(order + "III", data, at)
        last = max(last, seconds * 1000000 + fraction // unit)
        at += 16 + length
    return last


def check_relative(calls):
    """Before the last packet of all, down to the microsecond of a call's beginning."""
    last = max(map(last_packet, PCAPS))
    epoch = datetime.datetime(1970, 1, 1, tzinfo=datetime.timezone.utc)
    starts = {c.call["id"]: (datetime.datetime.fromisoformat(
        c.call["start"].replace("Z", "+00:00")) - epoch) // datetime.timedelta(microseconds=1)
        for c in calls}
    for minutes in (10, 60, 150):
        shown = objects(run("analyze", "--json", "--filter", f"start > -{minutes}m",
                            *PCAPS)[0])
        found = {r["id"] for r in shown if r["kind"] == "call"}
        limit = last - minutes * 60000000
        assert found == {i for i, start in starts.items() if start > limit}, minutes
    assert 0 < len(found) < len(calls)


def main():
    records = objects(run("analyze", "--json", *PCAPS)[0])
    calls = [Call(r, records) for r in records if r["kind"] == "call"]
    some = 0
    with tempfile.TemporaryDirectory() as folder:
        db = os.path.join(folder, "calls.db")
        run("analyze", "--db", db, "--filter", "mos_lq_min < 1", *PCAPS)
        before = dump(db)
        for text, meaning in MEANINGS:
            count, shown = check_meaning(text, meaning, calls, db)
            check_parts(shown, records)
            some += 0 < count < len(calls)
        assert some >= len(MEANINGS) * 2 // 3, "filters that say nothing prove nothing"
        for text in INJECTIONS:
            assert check_meaning(text, lambda c: False, calls, db)[0] == 0
        for text, column, says in MISTAKES:
            for command in (["calls", "--db", db], ["analyze", PCAPS[0]]):
                _, error = run(*command, "--filter", text, status=2)
                assert f"column {column}: " in error and says in error, error
                assert error.splitlines()[2] == " " * (column + 1) + "^", error
        assert dump(db) == before, "a filter changed the database"
    check_relative(calls)
    run("analyze", "--fail-below", "4.3", "--filter", "mos_lq_min > 4.3", *PCAPS, status=0)
    run("analyze", "--fail-below", "4.3", "--filter", "mos_lq_min < 4.3", *PCAPS, status=3)
    text = run("analyze", "--filter", "status = 486", *PCAPS)[0]
    assert "Busy Here" in text and "frames:" in text and "Streams without" not in text
    print(f"{len(MEANINGS)} filters over {len(calls)} calls")


if __name__ == "__main__":
    main()
