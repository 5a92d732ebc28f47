#!/usr/bin/env python3
"""The database against the analysis itself, by the program's own commands.

What `earshot analyze --json` says about the captures of pcaps/ must come back, member by
member, out of the database: from `calls`, `call` and `explain`.  Then the writer is killed at
many moments, and the file must stay whole.

usage: test_commands.py EARSHOT PCAP...
"""
import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import tempfile
import time

KILLS = 20
EARSHOT, PCAPS = sys.argv[1], sys.argv[2:]


def run(*arguments, status=0):
    done = subprocess.run([EARSHOT, *arguments], capture_output=True, check=False)
    assert done.returncode == status, (arguments, done.returncode, done.stderr)
    return done.stdout.decode(), done.stderr.decode()


def objects(text):
    return [json.loads(line) for line in text.splitlines()]


def by_id(records, kind):
    return {r["id"]: r for r in records if r["kind"] == kind}


def check_answers(db, printed):
    calls = by_id(printed, "call")
    listed = objects(run("calls", "--db", db, "--json", "--limit", "1000")[0])
    assert by_id(listed, "call") == calls, "calls differ"
    starts = [c["start"] for c in listed]
    assert starts == sorted(starts, reverse=True), "not newest first"
    legs = by_id(printed, "leg")
    for call in calls:
        parts = objects(run("call", "--db", db, "--json", call)[0])
        for kind in ("leg", "stream", "message", "call"):
            wanted = {i: r for i, r in by_id(printed, kind).items()
                      if r.get("call", i) == call or r["kind"] == "message"
                      and legs[r["leg"]]["call"] == call}
            if kind == "message":  # may be older than what its call is called
                for record in wanted.values():
                    record["call"] = call
            assert by_id(parts, kind) == wanted, (kind, call)
        ladder = run("call", "--db", db, call)[0]
        for leg in (r for r in parts if r["kind"] == "leg"):
            assert leg["src"] in ladder and leg["dst"] in ladder
            found = objects(run("call", "--db", db, "--json", leg["id"])[0])
            assert found == parts, "a leg's id finds its call"
        message = next(r for r in parts if r["kind"] == "message")
        assert message["summary"].split()[0] in ladder


def check_explanations(db, printed):
    for stream in by_id(printed, "stream").values():
        (answer,) = objects(run("explain", "--db", db, "--json", stream["id"])[0])
        assert answer["r"] == stream["r"] and answer["mos_lq"] == stream["mos_lq"]
        assert answer["agrees"] is (None if stream["r"] is None else True), stream


def check_observations(folder):
    """Each with what was told of it last; the list is the analysis's own."""
    capture = next((p for p in PCAPS if os.path.basename(p) == "scan.pcap"), None)
    assert capture, "the capture of a scan is needed"
    db = os.path.join(folder, "scan.db")
    printed = objects(run("analyze", "--json", "--db", db, capture)[0])
    last = by_id(printed, "observation")
    assert len(last) < sum(r["kind"] == "observation" for r in printed), "told once only"
    assert all(r["over"] for r in last.values())
    listed = objects(run("security", "--db", db, "--json")[0])
    assert by_id(listed, "observation") == last and len(listed) == len(last)
    some = objects(run("security", "--db", db, "--json", "--filter", "type = sweep")[0])
    assert [r["type"] for r in some] == ["sweep"]
    table, csv = run("security", "--db", db)[0], run("security", "--db", db, "--csv")[0]
    for record in last.values():
        assert record["type"] in table and record["id"] in csv
    with sqlite3.connect(db) as connection:
        view = connection.execute("SELECT id FROM v_observations").fetchall()
    assert sorted(view) == sorted((i,) for i in last)


def dump(db):
    with sqlite3.connect(db) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        return list(connection.iterdump())


def check_kills(folder):
    db = os.path.join(folder, "killed.db")
    run("analyze", "--db", db, PCAPS[0])
    before = dump(db)
    begin = time.monotonic()
    run("analyze", "--db", os.path.join(folder, "timed.db"), *PCAPS)
    seconds = time.monotonic() - begin
    random.seed(1)
    killed = 0
    for _ in range(KILLS):
        child = subprocess.Popen([EARSHOT, "analyze", "--db", db, *PCAPS],
                                 stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        time.sleep(random.random() * seconds)
        child.send_signal(signal.SIGKILL)
        killed += child.wait() == -signal.SIGKILL
        run("calls", "--db", db)
        if dump(db) != before:
            # It was quicker than the signal: then the run is there as a whole.
            with sqlite3.connect(db) as connection:
                assert connection.execute("SELECT count(*) FROM run").fetchone() == (2,)
            break
    assert killed > 0


def main():
    with tempfile.TemporaryDirectory() as folder:
        db = os.path.join(folder, "calls.db")
        printed = objects(run("analyze", "--json", "--messages", "--db", db, *PCAPS)[0])
        check_answers(db, printed)
        check_explanations(db, printed)
        kept = dump(db)
        assert "already" in run("analyze", "--messages", "--db", db, *PCAPS)[1]
        assert dump(db) == kept, "a second run added something"
        run("call", "--db", db, "no such call", status=1)
        run("call", "--db", os.path.join(folder, "none.db"), "1", status=1)
        run("call", "--db", db, status=2)
        run("calls", status=2)
        run("calls", "--db", db, "--limit", "0", status=2)
        assert "more than these 1" in run("calls", "--db", db, "--limit", "1")[1]
        check_observations(folder)
        check_kills(folder)


main()
