#!/usr/bin/env python3
"""Floods at a probe that listens, with good calls inside.

    EARSHOT=build/earshot test_live.py [--full] [--count N] [--rate N] [FLOOD...]

The engine stays below its cap and 64 MiB, every good call is in the database with all its
packets, and what was sent is what was analysed and what the kernel dropped, to the frame.
--full is a million of each of those of the requirement, under the default cap.  Needs root.
"""
import argparse
import contextlib
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "live"))

import lab  # pylint: disable=wrong-import-position,import-error
import run as floods  # pylint: disable=wrong-import-position

SHORT = ["invites", "ssrcs_spread", "fragments", "half_open", "forks"]
RING_MIB = 32
LOG_BYTES = 1 << 14  # ten minutes of floods may not say more than 1 MiB


def build_sender(folder):
    program = folder / "send"
    subprocess.run([os.environ.get("CC", "cc").split()[-1], "-std=c17", "-D_GNU_SOURCE", "-O1",
                    "-o", str(program), str(floods.ROOT / "tests" / "bench" / "send.c"), "-lpcap"],
                   check=True)
    return program


def peak_mib(probe, name):
    return int(probe.status(name)["VmHWM"].split()[0]) / 1024


def account(probe):
    told = probe.asked("--json")[0]
    return json.loads(told)["account"] if told else None


def all_in(probe, sent):
    """The account, when what was sent is in it."""
    def told():
        now = account(probe)
        kernel = now["kernel"][0] if now else None
        return now if now and now["frames"] + kernel["dropped"] == sent else None
    return lab.until(f"{sent} frames are in the account", told, 1200)


def check_kept(path, sent, dropped):
    with contextlib.closing(sqlite3.connect(path)) as db:
        states = db.execute("SELECT DISTINCT state FROM run").fetchall()
        floods.expect(states == [("complete",)], "runs are", states)
        floods.expect(db.execute("PRAGMA integrity_check").fetchall() == [("ok",)], "integrity")
        lost = db.execute("SELECT coalesce(sum(kernel_dropped), 0) FROM health "
                          "WHERE source IS NULL").fetchone()[0]
        floods.expect(lost == dropped, "dropped, by the health:", lost, "by the account:", dropped)
    floods.check_database(path, sent - dropped)


def end(probe):
    probe.parent.send_signal(signal.SIGHUP)  # whatever else happens
    status, seconds = probe.stop()
    floods.expect(status == 0 and seconds < 5, "end", status, seconds,
                  probe.log.read_text()[-1000:])


def state_of_run(probe):
    return probe.ask("SELECT state FROM run ORDER BY id LIMIT 1")[0][0]


def flood(kind, programs, folder, wanted):
    capture = folder / f"{kind}.pcap"
    generator, sender = programs
    try:
        frames = floods.generate(generator, kind, wanted.count, 15, str(capture))
        config = folder / "c.yaml"
        config.write_text(f"limits: {{memory_cap: {wanted.memory_cap}MiB}}\n", encoding="ascii")
        with lab.lab("--config", config, "--buffer", RING_MIB) as (mirror, probe):
            out = subprocess.run([sender, capture, mirror.inside, str(wanted.rate), str(frames)],
                                 stdout=subprocess.PIPE, check=True, text=True, timeout=300).stdout
            now = all_in(probe, frames)
            dropped = now["kernel"][0]["dropped"]
            peak, keeper = peak_mib(probe, "engine"), peak_mib(probe, "keeper")
            end(probe)
            while state_of_run(probe) == "waiting":  # for the database: it was not as fast
                probe.start()
                lab.until("the spill file is empty", lambda: json.loads(
                    probe.asked("--json")[0])["store"]["spill_bytes"] == 0, 600)
                end(probe)
            check_kept(probe.db, frames, dropped)
            counted = (now["parsed"] + now["not_ours"] + sum(now["malformed"].values()) +
                       sum(now["dropped"].values()))
            floods.expect(counted == now["frames"], counted, "of", now["frames"], "frames")
            room = wanted.memory_cap + floods.BESIDE_MIB  # the ring is in it
            floods.expect(floods.SANITIZED or peak <= room, f"{peak:.1f} of {room} MiB")
            table = floods.PRESSES.get(kind)
            floods.expect(wanted.full or not table or now["pressure"].get(table),
                          "no pressure of", table)
            said = probe.log.stat().st_size
            floods.expect(said <= LOG_BYTES, "the log has", said, "bytes")
        return f"{kind:14} {out.strip()}; engine {peak:.1f} MiB, keeper {keeper:.1f} MiB, " \
               f"{dropped} dropped, {floods.CALLS} of {floods.CALLS} good calls kept", True
    except (floods.Failure, AssertionError) as failure:
        return f"{kind}: {failure}", False
    finally:
        capture.unlink(missing_ok=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true")
    parser.add_argument("--count", type=int)
    parser.add_argument("--rate", type=int, default=20000, help="frames a second")
    parser.add_argument("--memory-cap", type=int, metavar="MIB")
    parser.add_argument("floods", nargs="*")
    wanted = parser.parse_args()
    wanted.count = wanted.count or (1000000 if wanted.full else 20000)
    wanted.memory_cap = wanted.memory_cap or (512 if wanted.full else 16)
    with tempfile.TemporaryDirectory(prefix="floods-") as name:
        folder = pathlib.Path(name)
        programs = floods.build_generator(folder), build_sender(folder)
        good = True
        for kind in wanted.floods or SHORT:
            row, fine = flood(kind, programs, folder, wanted)
            print(row, flush=True)
            good = good and fine
    sys.exit(not good)


if __name__ == "__main__":
    lab.alone()
    main()
