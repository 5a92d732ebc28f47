#!/usr/bin/env python3
"""RFC 4475 and RFC 5118: each message means what the RFC says, whatever carried it.

    run.py [--earshot PROGRAM] [--only WORD] [FOLDER]

FOLDER holds rfc4475/*.dat and rfc5118/*.dat (default ../shared/hostile, seen from the
project's root; without it the test is skipped).  Each message is wrapped by wrap.py and
analysed.  Two questions are asked of each:

 1. Does UDP over IPv4 give what messages.tsv says?
 2. Does every other carrier give the same records and SIP counters?  stream_exceptions.tsv
    lists where TCP may not, and why.

Every run must also account for each frame, and end by itself with status 0.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import re
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from urllib.parse import unquote

sys.dont_write_bytecode = True  # leave no __pycache__ among the sources
import wrap  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TIME_LIMIT_S = 60  # sanitizers included; a plain build needs milliseconds
FOLLOWER_ID = "follower@198.18.0.1"
FOLLOWER = (b"INVITE sip:next@198.19.0.1 SIP/2.0\r\n"
            b"Via: SIP/2.0/TCP 198.18.0.1;branch=z9hG4bKfollower\r\n"
            b"From: <sip:caller@198.18.0.1>;tag=follower\r\nTo: <sip:next@198.19.0.1>\r\n"
            b"Call-ID: " + FOLLOWER_ID.encode() + b"\r\nCSeq: 1 INVITE\r\nMax-Forwards: 70\r\n"
            b"Content-Length: 0\r\n\r\n")
# What names a place or a moment, and so differs between carriers: by name, or by its look.
PLACE_FIELDS = {"id", "call", "leg", "legs", "src", "dst", "registrar", "transport", "at",
                "start", "ringing", "answered", "ended", "pdd_ms", "duration_s"}
PLACE_VALUE = re.compile(r"[0-9a-f]{16}|\d{4}-\d\d-\d\dT[0-9:.]+Z|[0-9.]+:\d+|\[[0-9a-f:.]+\]:\d+")

Row = collections.namedtuple("Row", "message kind counted call_id from_ to reason")
StreamRow = collections.namedtuple("StreamRow", "message counted call_id malformed next reason")
Result = collections.namedtuple("Result", "legs registrations sip messages malformed")


def read_table(path, row_type):
    lines = [line for line in path.read_text(encoding="utf-8").splitlines()
             if line and not line.startswith("#")]
    rows = [row_type(*line.split("\t")) for line in lines[1:]]  # lines[0] names the columns
    return {row.message: row for row in rows}


def without_places(record):
    kept = {field: value for field, value in record.items()
            if field not in PLACE_FIELDS
            and not (isinstance(value, str) and PLACE_VALUE.fullmatch(value))}
    return json.dumps(kept, sort_keys=True)


def total(counter):
    """A counter is a number, or an object of numbers by reason."""
    return sum(counter.values()) if isinstance(counter, dict) else counter


class Failed(Exception):
    pass


def analyse(program, link_type, frames):
    """What `earshot analyze --json` says about these frames."""
    with tempfile.NamedTemporaryFile(suffix=".pcap") as capture:
        capture.write(wrap.pcap(link_type, frames))
        capture.flush()
        try:
            run = subprocess.run([program, "analyze", "--json", capture.name],
                                 capture_output=True, timeout=TIME_LIMIT_S, check=False)
        except subprocess.TimeoutExpired as too_long:
            raise Failed(f"no end after {TIME_LIMIT_S} s") from too_long
    if run.returncode != 0:
        raise Failed(f"exit status {run.returncode}: {run.stderr.decode(errors='replace')[-300:]}")
    try:
        records = [json.loads(line) for line in run.stdout.decode("utf-8").splitlines()]
    except ValueError as no_json:
        raise Failed(f"stdout is not JSON lines: {no_json}") from no_json
    if not records or records[-1].get("kind") != "summary":
        raise Failed("the last line is no summary")
    return records


def digest(records, frames):
    summary = records[-1]
    seen = (summary["parsed"] + summary["not_ours"] + total(summary["malformed"])
            + total(summary["dropped"]))
    if not summary["frames"] == seen == len(frames):
        raise Failed(f"{len(frames)} frames, but {summary['frames']} counted and {seen} "
                     "accounted for")
    legs = [record for record in records if record["kind"] == "leg"]
    registrations = [record for record in records if record["kind"] == "registration"]
    if summary["legs"] != len(legs):
        raise Failed(f"{len(legs)} legs, but the summary says {summary['legs']}")
    return Result(legs, registrations, summary["sip"], summary["sip_messages"],
                  total(summary["sip_malformed"]))


def ids(result):
    return sorted(leg["sip_call_id"] for leg in result.legs)


def listed(text):
    return [] if text == "-" else sorted(text.split("|"))


class Message:
    """One message of the collection, and what is wrong with how it is seen."""

    def __init__(self, program, octets, row, stream_row):
        self.program, self.octets, self.row, self.stream_row = program, octets, row, stream_row
        self.problems = []
        self.captures = 0

    def say(self, carrier, what):
        self.problems.append(f"{carrier}: {what}")

    def result(self, carrier, link_type, frames):
        self.captures += 1
        try:
            return digest(analyse(self.program, link_type, frames), frames)
        except (Failed, KeyError, TypeError) as why:
            self.say(carrier, f"{type(why).__name__} {why}")
            return None

    def check(self):
        carriers = list(wrap.datagram_carriers(self.octets))
        reference = self.result(*carriers[0])
        if reference is None:
            return self
        self.check_meaning(reference)
        for carrier in carriers[1:]:
            self.check_same(carrier[0], self.result(*carrier), reference)
        stream = None
        for carrier in wrap.stream_carriers(self.octets, random.Random(self.row.message)):
            result = self.result(*carrier)
            if stream is None and result is not None:
                stream = result
                if self.stream_row:
                    self.check_stream(carrier[0], result)
                else:
                    self.check_same(carrier[0], result, reference)
            else:
                self.check_same(carrier[0], result, stream)
        if stream is not None:
            self.check_every_cut(stream)
            self.check_next()
        return self

    def check_meaning(self, result):
        """UDP over IPv4 against the row of messages.tsv."""
        row = self.row
        if row.kind == "invalid":
            if result.malformed < 1:
                self.say("udp4", "sip_malformed is 0, should count it")
            if result.legs or result.registrations:
                self.say("udp4", f"an invalid message left records: {ids(result)}, "
                                 f"{len(result.registrations)} registrations")
            return
        if result.malformed:
            self.say("udp4", f"sip_malformed is {result.malformed} for a well-formed message")
        if result.sip != {row.counted: 1} or result.messages != 1:
            self.say("udp4", f"sip is {result.sip} of {result.messages} messages, "
                             f"should be one {row.counted}")
        if row.counted != "REGISTER" and result.registrations:
            self.say("udp4", "a registration without REGISTER")
        if row.call_id != "*" and ids(result) != listed(row.call_id):
            self.say("udp4", f"legs are {ids(result)}, should be {listed(row.call_id)}")
        for leg in result.legs:
            for field, part in (("from", row.from_), ("to", row.to)):
                if part != "-" and part not in unquote(leg[field] or ""):
                    self.say("udp4", f"{field} is {leg[field]!r}, should hold {part}")

    def check_same(self, carrier, result, reference):
        if result is None:
            return
        for what in ("legs", "registrations"):
            got = sorted(map(without_places, getattr(result, what)))
            expected = sorted(map(without_places, getattr(reference, what)))
            if got != expected:
                self.say(carrier, f"{what} differ: {got} instead of {expected}")
        for what in ("sip", "messages", "malformed"):
            got, expected = getattr(result, what), getattr(reference, what)
            if got != expected:
                self.say(carrier, f"{what} is {got} instead of {expected}")

    def check_stream(self, carrier, result):
        """TCP against the row of stream_exceptions.tsv."""
        row = self.stream_row
        if row.counted != "*" and result.sip != {key: 1 for key in listed(row.counted)}:
            self.say(carrier, f"sip is {result.sip}, should be one each of "
                              f"{listed(row.counted)}")
        if ids(result) != listed(row.call_id):
            self.say(carrier, f"legs are {ids(result)}, should be {listed(row.call_id)}")
        if (row.malformed, result.malformed > 0) in (("0", True), ("some", False)):
            self.say(carrier, f"sip_malformed is {result.malformed}, should be {row.malformed}")

    def check_every_cut(self, stream):
        """A connection for each offset: each must give what an uncut one gives."""
        connections, link_type, frames = wrap.every_cut(self.octets)
        result = self.result("tcp4-every-cut", link_type, frames)
        if result is None:
            return
        expected = {key: count * connections for key, count in stream.sip.items()}
        if result.sip != expected:
            self.say("tcp4-every-cut", f"sip is {result.sip} instead of {expected}")
        if result.malformed != stream.malformed * connections:
            self.say("tcp4-every-cut", f"sip_malformed is {result.malformed} instead of "
                                       f"{stream.malformed * connections}")
        if set(ids(result)) != set(ids(stream)):
            self.say("tcp4-every-cut", f"Call-IDs {set(ids(result))} instead of "
                                       f"{set(ids(stream))}")

    def check_next(self):
        """Nothing stops the next message of the same connection."""
        if self.stream_row and self.stream_row.next == "no":
            return
        result = self.result("tcp4-next", *wrap.one_stream([self.octets, FOLLOWER]))
        if result is not None and FOLLOWER_ID not in ids(result):
            self.say("tcp4-next", f"the message behind it was not found, only {ids(result)}")


def main():
    options = argparse.ArgumentParser(description="RFC 4475 and RFC 5118 over every carrier")
    options.add_argument("--earshot", default=f"{os.environ.get('BUILD', ROOT / 'build')}/earshot")
    options.add_argument("--only", default="", help="messages whose name holds this word")
    options.add_argument("folder", nargs="?", type=pathlib.Path,
                         default=ROOT.parent / "shared" / "hostile")
    args = options.parse_args()
    if not (args.folder / "rfc4475").is_dir():
        print(f"skipped: no folder {args.folder}/rfc4475 with the messages of RFC 4475")
        return 0

    rows = read_table(HERE / "messages.tsv", Row)
    stream_rows = read_table(HERE / "stream_exceptions.tsv", StreamRow)
    unknown = stream_rows.keys() - rows.keys()
    if unknown:
        sys.exit(f"stream_exceptions.tsv: not in messages.tsv: {unknown}")
    messages = [Message(args.earshot, (args.folder / f"{name}.dat").read_bytes(), row,
                        stream_rows.get(name))
                for name, row in rows.items() if args.only in name]
    bad = captures = 0
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        for message in pool.map(Message.check, messages):
            row = message.row
            captures += message.captures
            bad += bool(message.problems)
            print(f"{'FAILED' if message.problems else 'ok':<7}{row.message:<40}"
                  f"{row.kind:<8} {row.reason}")
            for problem in message.problems[:8]:
                print(f"         {problem[:600]}")
            if len(message.problems) > 8:
                print(f"         and {len(message.problems) - 8} more")
    print(f"{len(messages) - bad} of {len(messages)} messages right, in {captures} captures")
    return 1 if bad or not messages else 0


if __name__ == "__main__":
    sys.exit(main())
