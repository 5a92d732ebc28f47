"""What strangers wrote into SIP is shown as text, whatever it was meant to do."""
import csv
import io
import os
import re
import sqlite3
import subprocess

from client import API, EARSHOT, Server
from contract import Contract, get

HOSTILE = [b"<script>alert(1)</script>", b'"><img src=x onerror=alert(1)>', b"=cmd|' /C calc'!A1",
           b"@SUM(1)", b"-1+1", b"\t=1", b"'; DROP TABLE call; --", b"\x1b[2J\x1b]0;x\x07",
           b"a\x00b", b"\xff\xfe\xc0\xaf", "\u202egnp.exe".encode(), "\u2028x".encode(),
           b"a\r\nX-Injected: 1", b"%s%n", b'"quoted","cells"', "\u200b".encode(), b"\x9b31m",
           "\u00a0".encode(), "\u009b31m\u0085".encode(), "\u2029\u2066x".encode(), "\uff1d1+1".encode(), b"\n=1",
           "\u3164\u2800\uffa0".encode(), "\U000e0041".encode(), "\u061c\ufff9".encode(), b"\\u003cscript\\u003e"]
ACTS = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069"
                  "\u200b-\u200f\ufeff\u061c\u2060-\u206f\u3164\u2800\uffa0\ufff9-\ufffb\U000e0000-\U000e007f]")


# Beside legs, which check_hostile looks at more closely.
OTHERS = {"streams": "stream", "findings": "finding", "security": "observation",
          "registrations": "binding", "registrations/attempts": "registration", "peers": "peer",
          "peers/events": "event", "alerts": "alert"}


def text_or_bytes(octets):
    try:
        value = octets.decode()
    except UnicodeDecodeError:
        return octets
    return octets if "\0" in value else value


def plant_others(db):
    for table in OTHERS.values():
        texts = [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[2] == "ANY"]
        assert texts, table
        rows = [row[0] for row in db.execute(f"SELECT seq FROM {table} ORDER BY seq LIMIT 200")]
        for n, row in enumerate(rows):
            sets = ", ".join(f'"{name}" = ?' for name in texts)
            values = [text_or_bytes(HOSTILE[(n + i) % len(HOSTILE)]) for i in range(len(texts))]
            db.execute(f"UPDATE {table} SET {sets} WHERE seq = ?", [*values, row])


def check_others(server, contract):
    for path in OTHERS:
        for media in ("application/json", "application/x-ndjson", "text/csv"):
            answer = get(server, contract, f"{API}/{path}?limit=1000", fields=[("Accept", media)])
            assert answer.status == 200, (path, answer.raw[:300])
            text = answer.body.decode("utf-8")
            assert not ACTS.search(text), (path, media)
            assert media == "text/csv" or not re.search("[<>&]", text), (path, media)
            for row in csv.reader(io.StringIO(text)) if media == "text/csv" else []:
                for cell in row:
                    assert not re.match(r"[=+@\uff1d\uff0b\uff0d\uff20]|-(?![\d.]+$)", cell), (path, cell)


def check_terminal(database, call):
    """What the commands print: text for a terminal, and rows for programs."""
    for name in ("calls", "findings", "security", "registrations", "peers", "alerts", "trunks",
                 "kpis", "call", "explain"):
        for options in ([], ["--json"], ["--csv"]):
            named = [call] if name in ("call", "explain") else []
            if named and options == ["--csv"]:
                continue
            done = subprocess.run([EARSHOT, name, "--db", database, *options, *named],
                                  capture_output=True, timeout=30, check=False)
            assert done.returncode == 0, (name, options, done.stderr)
            assert not ACTS.search(done.stdout.decode("utf-8").replace("\r\n", "\n")), (name, options)
            assert not ACTS.search(done.stderr.decode("utf-8")), (name, options)


def check_hostile(directory, original):
    database = os.path.join(directory, "hostile.db")
    with sqlite3.connect(original) as source, sqlite3.connect(database) as db:
        source.backup(db)
        legs = [row[0] for row in db.execute("SELECT seq FROM leg ORDER BY seq")]
        texts = [row[1] for row in db.execute("PRAGMA table_info(leg)") if row[2] == "ANY"]
        for n, octets in enumerate(HOSTILE):
            try:
                value = octets.decode()
                value = octets if "\0" in value else value
            except UnicodeDecodeError:
                value = octets
            sets = ", ".join(f'"{name}" = ?' for name in texts)
            db.execute(f"UPDATE leg SET {sets} WHERE seq = ?", [value] * len(texts) + [legs[n]])
        plant_others(db)
        changed = [row[0] for row in db.execute(
            "SELECT printf('%016x', call) FROM leg WHERE seq <= ?", [legs[len(HOSTILE)]])]
    db.close()
    source.close()
    check_terminal(database, changed[0])
    with Server(database) as server:
        contract = Contract(server)
        answers = [get(server, contract, f"{API}/legs?limit=1000"),
                   get(server, contract, f"{API}/legs?limit=1000",
                       fields=[("Accept", "application/x-ndjson")])]
        answers += [get(server, contract, f"{API}/calls/{i}{part}")
                    for i in set(changed) for part in ("", "/ladder", "/legs")]
        for answer in answers:
            text = answer.body.decode("utf-8")
            assert not ACTS.search(text) and not re.search("[<>&]", text)
            assert "x-injected" not in answer.fields
        check_others(server, contract)
        values = {leg["from"] for leg in answers[0].json()["items"]}
        for octets in HOSTILE:  # still the same text, where it was text
            shown = octets.decode("utf-8", "replace").split("\0")[0]
            assert shown in values or b"\xff" in octets or b"\x9b" in octets, octets
        table = get(server, contract, f"{API}/legs?limit=1000", fields=[("Accept", "text/csv")])
        text = table.body.decode("utf-8")
        assert not ACTS.search(text)
        rows = list(csv.reader(io.StringIO(text)))
        assert len(rows) == len(answers[0].json()["items"]) + 1
        for row in rows:
            assert len(row) == len(rows[0])
            for name, cell in zip(rows[0], row):
                assert cell[:1] not in ("=", "+", "@") and not re.match(r"-(?![\d.]+$)", cell), \
                    (name, cell)
