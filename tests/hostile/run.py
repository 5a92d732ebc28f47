#!/usr/bin/env python3
"""Files made to hurt: none crashes the program, is slow, takes much memory or loses a frame.

    EARSHOT=build/asan/earshot run.py [--only WORD] [FOLDER]

FOLDER holds the hostile files (default ../shared/hostile, seen from the project's root; the
captures in ../shared/captures and pcaps/ are held to the same).  Captures are analysed as
they are.  Raw messages are wrapped as datagrams, each in a capture of its own, and once more
all of a folder's in one.  Without the folder the test is skipped.

Of each run is asked: it ends by itself with status 0 or 1, in time, in little memory, without
a word from a sanitizer; and `frames` is what was parsed, not ours, malformed and dropped.
"""
import argparse
import json
import os
import pathlib
import signal
import struct
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor

sys.dont_write_bytecode = True  # leave no __pycache__ among the sources
HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(HERE.parent / "torture"))
import wrap  # noqa: E402

EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "asan" / "earshot"))
TIME_LIMIT_S = 5
MEMORY_LIMIT_MIB = 600  # of an AddressSanitizer build, which takes two to three times as much
WAIT_S = 0.002
CAPTURE_MAGICS = {bytes.fromhex(magic) for magic in
                  ("a1b2c3d4", "d4c3b2a1", "a1b23c4d", "4d3cb2a1", "0a0d0d0a", "a1b2cd34",
                   "34cdb2a1")}
MOST_UDP = 65000
SIP, RTP, RTCP = 5060, 4000, 4001
SUFFIX_PORT = {".sip": SIP, ".dat": SIP, ".txt": SIP, ".rtp": RTP, ".rtcp": RTCP}
INVITE = ("INVITE sip:b@198.19.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK1\r\n"
          "From: <sip:a@198.18.0.1>;tag=a\r\nTo: <sip:b@198.19.0.1>\r\nCall-ID: hostile\r\n"
          "CSeq: {} INVITE\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n")
SDP = ("v=0\r\no=- 1 1 IN IP4 198.19.0.1\r\ns=-\r\nc=IN IP4 198.19.0.1\r\nt=0 0\r\n"
       "m=audio 4000 RTP/AVP 0\r\n")


class Result:
    def __init__(self, status, seconds, mib, output, errors):
        self.status, self.seconds, self.mib = status, seconds, mib
        self.output, self.errors = output, errors


def analyse(path):
    """Runs the program, and says what it took; kills it at twice its time."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        begin = time.monotonic()
        pid = os.posix_spawn(EARSHOT, [EARSHOT, "analyze", "--json", str(path)], os.environ,
                             file_actions=[(os.POSIX_SPAWN_DUP2, output.fileno(), 1),
                                           (os.POSIX_SPAWN_DUP2, errors.fileno(), 2)])
        while True:
            ended, status, usage = os.wait4(pid, os.WNOHANG)
            seconds = time.monotonic() - begin
            if ended:
                break
            if seconds > 2 * TIME_LIMIT_S:
                os.kill(pid, signal.SIGKILL)
            time.sleep(WAIT_S)
        output.seek(0)
        errors.seek(0)
        return Result(os.waitstatus_to_exitcode(status), seconds, usage.ru_maxrss / 1024,
                      output.read(), errors.read())


def what_is_wrong(path):
    result = analyse(path)
    if result.status not in (0, 1):
        yield f"exit status {result.status}: {result.errors.decode(errors='replace')[-2000:]}"
        return
    if b"Sanitizer" in result.errors or b"runtime error" in result.errors:
        yield result.errors.decode(errors="replace")[-3000:]
    if result.seconds > TIME_LIMIT_S:
        yield f"it took {result.seconds:.1f} s"
    if result.mib > MEMORY_LIMIT_MIB:
        yield f"it took {result.mib:.0f} MiB"
    if result.status == 1 and not result.errors:
        yield "it failed without a word"
    if result.status == 1 and not result.output:
        return  # not even the file's header could be read: there is nothing to account for
    yield from what_is_lost(result)


def what_is_lost(result):
    try:
        lines = [json.loads(line) for line in result.output.decode("utf-8").splitlines()]
    except ValueError as error:
        yield f"not JSON in UTF-8: {error}"
        return
    if not lines or lines[-1]["kind"] != "summary":
        yield "no summary at the end"
        return
    summary = lines[-1]
    account = (summary["parsed"] + summary["not_ours"] + sum(summary["malformed"].values()) +
               sum(summary["dropped"].values()))
    if account != summary["frames"]:
        yield f"{summary['frames']} frames, but {account} accounted for"


# --- raw messages into captures -----------------------------------------------------------


def datagram(network, port, data, back=False):
    header = struct.pack("!HHHH", port, port, 8 + len(data), 0)
    source, target = network.client, network.server
    if back:
        source, target = target, source
    return network.packets(wrap.UDP, source, target, header + data)


def is_rtcp(data):
    return len(data) > 1 and 192 <= data[1] <= 223


def wrapped(network, path):
    """IP packets that carry that file's octets in the way they are meant."""
    data = path.read_bytes()[:MOST_UDP]
    if path.suffix == ".sdp":
        return datagram(network, SIP, INVITE.format(1, len(data)).encode() + data)
    port = SUFFIX_PORT.get(path.suffix, RTCP if is_rtcp(data) else RTP)
    packets = datagram(network, port, data)
    if port == SIP and len(path.read_bytes()) <= MOST_UDP:
        packets += network.tcp([(0, data)])
    elif port != SIP:  # once more the other way, and often enough to be a stream
        packets += datagram(network, port, data, back=True) + 6 * packets
    return packets


def announced(network):
    """A call whose media the RTP ports are."""
    return datagram(network, SIP, (INVITE.format(2, len(SDP)) + SDP).encode())


def write_capture(path, packets):
    path.write_bytes(wrap.pcap(wrap.ETHERNET, wrap.ethernet(packets, wrap.ETHERTYPE_IPV4)))
    return path


def is_capture(path):
    with path.open("rb") as file:
        return path.suffix in (".pcap", ".pcapng") or file.read(4) in CAPTURE_MAGICS


def captures_of(folder, scratch):
    """(name, capture): those in the folder, and its raw messages one by one and together."""
    network = wrap.Network(4)
    together = {}
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        name = str(path.relative_to(folder))
        if is_capture(path):
            yield name, path
        elif path.suffix != ".tsv":
            packets = wrapped(network, path)
            capture = scratch / (name.replace("/", "-") + ".pcap")
            yield name, write_capture(capture, announced(network) + packets)
            together.setdefault(path.parent, []).extend(packets)
    for parent, packets in together.items():
        name = str(parent.relative_to(folder)) + " (all)"
        capture = scratch / (name.replace("/", "-") + ".pcap")
        yield name, write_capture(capture, announced(network) + packets)


def main():
    options = argparse.ArgumentParser(description="files made to hurt")
    options.add_argument("--only", default="", help="files whose name holds this word")
    options.add_argument("folder", nargs="?", type=pathlib.Path,
                         default=ROOT.parent / "shared" / "hostile")
    args = options.parse_args()
    if not args.folder.is_dir():
        print(f"skipped: no folder {args.folder} with hostile files")
        return 0

    with tempfile.TemporaryDirectory() as scratch:
        captures = list(captures_of(args.folder, pathlib.Path(scratch)))
        for folder in (args.folder.parent / "captures", ROOT / "pcaps"):
            captures += [(path.name, path) for path in sorted(folder.glob("*.pcap*"))]
        captures = [(name, path) for name, path in captures if args.only in name]
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            answers = pool.map(lambda item: list(what_is_wrong(item[1])), captures)
            bad = 0
            for (name, _), problems in zip(captures, answers):
                bad += bool(problems)
                for problem in problems:
                    print(f"{name}: {problem}")
    print(f"{len(captures) - bad} of {len(captures)} captures withstood")
    return 1 if bad or not captures else 0


if __name__ == "__main__":
    sys.exit(main())
