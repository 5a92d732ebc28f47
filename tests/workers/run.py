#!/usr/bin/env python3
"""Any number of workers gives the same bytes, the same database and the same complaints.

    EARSHOT=build/earshot run.py

Every capture in pcaps/, one that is made here and is long enough for all queues to fill and
go round many times, and what goes wrong: a file that ends early, one that is missing among
others, a full disk, a filter that is none.
"""
import gzip
import os
import pathlib
import random
import resource
import signal
import sqlite3
import struct
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
WORKERS = (1, 2, 3, 4)
TIME_LIMIT_S = 120
EVERYTHING = ["--json", "--messages", "--kpis", "--alerts", "--intervals"]
CALLS, SECONDS = 120, 8
bad = []


def run(workers, *args, stdin=None, **how):
    done = subprocess.run([EARSHOT, "analyze", "--no-progress", f"--workers={workers}",
                           *map(str, args)],
                          input=stdin, check=False, capture_output=True,
                          timeout=TIME_LIMIT_S, **how)
    return done.returncode, done.stdout, done.stderr


def contents(path):
    """All rows of all tables; when a run was written is no result."""
    db = sqlite3.connect(path)
    names = [name for name, in db.execute(
        "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")]
    rows = {}
    for name in names:
        columns = [f'"{row[1]}"' for row in db.execute(f"PRAGMA table_info('{name}')")
                   if (name, row[1]) != ("run", "written")]
        rows[name] = db.execute(f"SELECT {', '.join(columns)} FROM '{name}'").fetchall()
    db.close()
    return rows


def compare(what, expected, got, workers):
    for part, one, other in zip(("exit status", "standard output", "standard error"),
                                expected, got):
        if one != other:
            bad.append(f"{what}: {part} differs with {workers} workers")


def same(what, *args, db=None, **how):
    """The outcome with one worker, which all others must have."""
    first = None
    for workers in WORKERS:
        if db:
            for left_over in db.parent.glob(db.name + "*"):
                left_over.unlink()
        outcome = run(workers, *args, **how)
        kept = contents(db) if db else None
        if first is None:
            first = outcome, kept
            continue
        compare(what, first[0], outcome, workers)
        if kept != first[1]:
            tables = [name for name in kept if kept[name] != first[1].get(name)]
            bad.append(f"{what}: the database differs with {workers} workers: {tables}")
    return first


# --- a capture of our own ----------------------------------------------------------------

def udp(src, dst, payload, number):
    address, port = src
    to, to_port = dst
    ip = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 28 + len(payload), number & 0xffff, 0, 64, 17,
                     0, address, to)
    return (bytes(12) + b"\x08\x00" + ip +
            struct.pack(">HHHH", port, to_port, 8 + len(payload), 0) + payload)


def sip(first, call, seq, body=b""):
    return (f"{first}\r\nVia: SIP/2.0/UDP 198.18.1.1;branch=z9hG4bK{call}-{seq}\r\n"
            f"From: <sip:a{call}@example.com>;tag=f{call}\r\n"
            f"To: <sip:b{call}@example.com>;tag=t{call}\r\nCall-ID: call-{call}@example.com\r\n"
            f"CSeq: {seq}\r\nContact: <sip:x@198.18.1.1>\r\n"
            + ("Content-Type: application/sdp\r\n" if body else "")
            + f"Content-Length: {len(body)}\r\n\r\n").encode() + body


def sdp(address, port):
    host = ".".join(map(str, address))
    return (f"v=0\r\no=- 1 1 IN IP4 {host}\r\ns=-\r\nc=IN IP4 {host}\r\nt=0 0\r\n"
            f"m=audio {port} RTP/AVP 0\r\na=rtpmap:0 PCMU/8000\r\n").encode()


def calls():
    """(time in us, bytes) of every packet, from a fixed seed: some are lost, some late."""
    dice = random.Random(7)
    caller, callee = bytes([198, 18, 1, 1]), bytes([198, 18, 2, 1])
    packets = []
    for call in range(CALLS):
        a, b = (caller, 5060), (callee, 5060)
        media = (bytes([198, 18, 3, call]), 4000 + 2 * call), (
            bytes([198, 18, 4, call]), 6000 + 2 * call)
        at = 1_700_000_000_000_000 + dice.randrange(4_000_000)
        offer = sip(f"INVITE sip:b{call}@example.com SIP/2.0", call, "1 INVITE", sdp(*media[0]))
        answer = sip("SIP/2.0 200 OK", call, "1 INVITE", sdp(*media[1]))
        ack = sip(f"ACK sip:b{call}@example.com SIP/2.0", call, "1 ACK")
        packets += [(at, udp(a, b, offer, 1)), (at + 900_000, udp(b, a, answer, 2)),
                    (at + 901_000, udp(a, b, ack, 3))]
        for way in (0, 1):
            src, dst = media[way], media[1 - way]
            for n in range(SECONDS * 50):
                if dice.random() < 0.02:
                    continue
                rtp = struct.pack(">BBHII", 0x80, 0, n, n * 160, call * 2 + way + 1)
                packets.append((at + 950_000 + n * 20_000 + dice.randrange(6_000),
                                udp(src, dst, rtp + dice.randbytes(160), n)))
        end = at + 950_000 + SECONDS * 1_000_000
        packets += [(end, udp(a, b, sip(f"BYE sip:b{call}@example.com SIP/2.0", call, "2 BYE"), 4)),
                    (end + 1000, udp(b, a, sip("SIP/2.0 200 OK", call, "2 BYE"), 5))]
    return sorted(packets, key=lambda packet: packet[0])


def write(path, packets):
    with open(path, "wb") as out:
        out.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 65535, 1))
        for at, data in packets:
            out.write(struct.pack("<IIII", at // 1_000_000, at % 1_000_000, len(data),
                                  len(data)) + data)


# --- the cases ---------------------------------------------------------------------------

def check_captures(scratch):
    for capture in sorted((ROOT / "pcaps").glob("*.pcap*")):
        same(capture.name, *EVERYTHING, "--db", scratch / "x.db", capture,
             db=scratch / "x.db")


def check_many(scratch, capture):
    (status, out, _), kept = same("calls of our own", *EVERYTHING, "--db", scratch / "x.db",
                                  capture, db=scratch / "x.db")
    if status != 0 or len(kept["call"]) != CALLS or len(kept["stream"]) != 2 * CALLS:
        bad.append(f"calls of our own: status {status}, {len(kept['call'])} calls, "
                   f"{len(kept['stream'])} streams")
    if out.count(b'"kind":"call"') != CALLS:
        bad.append("calls of our own: not all are printed")
    same("as text", capture)
    same("redacted, with sound", "--json", "--messages", "--audio", "--interval=1", capture)
    same("only some frames", "--json", "--bpf=udp port 5060", capture)
    same("only some calls", "--json", "--filter=loss_pct > 2", capture)
    data = capture.read_bytes()
    packed = scratch / "calls.pcap.gz"
    packed.write_bytes(gzip.compress(data, 1))
    same("compressed", "--json", packed)
    same("by a pipe", "--json", "-", stdin=data)


def check_long_frames(scratch):
    """Up to the longest that a capture may hold, which fill what is read at once; with sound,
    so that every byte of the payload is looked at."""
    dice = random.Random(8)
    packets = []
    for n in range(400):
        rtp = struct.pack(">BBHII", 0x80, 0, n, n * 160, 77) + dice.randbytes(160)
        frame = udp((bytes([198, 18, 3, 1]), 4000), (bytes([198, 18, 4, 1]), 6000), rtp, n)
        room = dice.choice([len(frame), 1500, 131_072, 200_000, 262_144])
        packets.append((1_700_000_000_000_000 + n * 20_000, frame.ljust(room, b"\0")))
    capture = scratch / "long.pcap"
    write(capture, packets)
    (status, out, _), _ = same("long frames", "--json", "--audio", capture)
    if status != 0 or b'"packets":400,' not in out:
        bad.append(f"long frames: exit status {status}, or some are missing")


def check_mistakes(scratch, capture):
    data = capture.read_bytes()
    cut = scratch / "cut.pcap"
    cut.write_bytes(data[:len(data) * 2 // 3 + 5])
    status = same("cut short", "--json", cut)[0][0]
    if status != 1:
        bad.append(f"cut short: exit status {status}")
    missing = scratch / "missing.pcap"
    (status, out, error), _ = same("a file is missing", "--json", cut, missing,
                                   ROOT / "pcaps" / "answered.pcap")
    if status != 1 or b"missing.pcap" not in error or b'"kind":"call"' not in out:
        bad.append("a file is missing: it is not said, or the others are not read")
    for args in (["--bpf=no such thing"], ["--workers=0"], ["--workers=5"],
                 ["--workers=two"]):
        status = same(" ".join(args), *args, capture)[0][0]
        if status != 2:
            bad.append(f"{args}: exit status {status}")


def check_full_disk(scratch, capture):
    """A limit on the size of files is met as a full disk is: in the middle of the run."""
    def limit():
        signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
        resource.setrlimit(resource.RLIMIT_FSIZE, (600_000, 600_000))

    def attempt(workers):
        for left_over in scratch.glob("full.db*"):
            left_over.unlink()
        return run(workers, "--csv", "--messages", "--db", scratch / "full.db", capture,
                   preexec_fn=limit)

    expected = attempt(1)
    if expected[0] != 1 or b"full.db" not in expected[2]:
        bad.append(f"full disk: {expected[0]} {expected[2]}")
    for workers in WORKERS[1:]:
        compare("full disk", expected, attempt(workers), workers)
    with open("/dev/full", "wb") as full:
        codes = [subprocess.run([EARSHOT, "analyze", "-n", f"-w{workers}", capture],
                                check=False, stdout=full, stderr=subprocess.DEVNULL,
                                timeout=TIME_LIMIT_S).returncode for workers in WORKERS]
    if codes != [1] * len(WORKERS):
        bad.append(f"standard output is full: exit status {codes}")


def main():
    with tempfile.TemporaryDirectory() as folder:
        scratch = pathlib.Path(folder)
        capture = scratch / "calls.pcap"
        write(capture, calls())
        check_captures(scratch)
        check_many(scratch, capture)
        check_long_frames(scratch)
        check_mistakes(scratch, capture)
        check_full_disk(scratch, capture)
    for line in bad:
        print(line)
    print(f"{len(WORKERS)} numbers of workers: {'failed' if bad else 'all the same'}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
