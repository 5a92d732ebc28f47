#!/usr/bin/env python3
"""A call that a running probe sees at two points of the network at the same time: what it keeps
is what `analyze` makes of tcpdumps of the two, with one thread and with several, by packets
alone and with an agent that tells of the same call.

    EARSHOT=build/earshot test_live.py [-v] [TEST...]

Needs root, and a network namespace of its own, which it makes.
"""
import contextlib
import os
import pathlib
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "live"))
sys.path.append(str(pathlib.Path(__file__).resolve().parent.parent / "hep"))

import frames as hep  # pylint: disable=wrong-import-position,import-error
import lab  # pylint: disable=wrong-import-position,import-error
import run as points  # pylint: disable=wrong-import-position

COUNT = 100  # RTP packets of each side; two of the phone's get lost between the points
SPEED = 2    # times as fast as the call would be
CONFIG = """capture:
  interfaces:
    - name: a1
      point: outside
    - name: b1
      point: inside
"""
HEP = "hep:\n  listen: 127.0.0.1:9060\n  allow: [127.0.0.1]\n"


class Twice(lab.Mirror):
    """Each frame comes out of that other mirror twice, at once, as of a mirror of two ports."""

    def __init__(self, name, other):
        super().__init__(name)
        out = ("action", "mirred", "egress")
        for words in (("qdisc", "add", "dev", self.outside, "clsact"),
                      ("filter", "add", "dev", self.outside, "ingress", "protocol", "ip",
                       "prio", "1", "u32", "match", "u32", "0", "0",
                       *out, "mirror", "dev", other.inside, "pipe",
                       *out, "redirect", "dev", other.inside)):
            subprocess.run(["tc", *words], check=True, capture_output=True)


@contextlib.contextmanager
def probe_at_two_points(config, *options):
    """(mirror of A, mirror of B, the probe, its folder)"""
    folder = tempfile.mkdtemp(prefix="earshot-points-")
    os.chmod(folder, 0o711)
    mirrors = [lab.Mirror("a"), lab.Mirror("b")]
    path = pathlib.Path(folder, "earshot.yaml")
    path.write_text(config, encoding="ascii")
    probe = lab.Probe(folder, "--config", path, *options, interfaces=("a1", "b1"))
    try:
        yield (*mirrors, probe.start(), pathlib.Path(folder))
    finally:
        probe.end()
        for mirror in mirrors:
            mirror.unplug()
        shutil.rmtree(folder, ignore_errors=True)


def send(*of_mirrors):
    """(mirror, [(time, frame)]) of each, at the times that the frames have among them but
    for SPEED."""
    frames = sorted(((at, mirror, frame) for mirror, list_ in of_mirrors for at, frame in list_),
                    key=lambda one: one[0])
    begin, first = time.monotonic(), frames[0][0]
    for at, mirror, frame in frames:
        time.sleep(max(0, begin + (at - first) / SPEED - time.monotonic()))
        mirror.send([frame])


class Agent:
    """What it is given to send are frames of its own datagrams: the SIP in them is told now."""

    @staticmethod
    def send(messages):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            for packet in messages:
                out.sendto(hep.kamailio((packet.src, 5060), (packet.dst, 5060),
                                        time.time_ns() // 1000, packet.payload),
                           ("127.0.0.1", 9060))


class Live(unittest.TestCase):
    maxDiff = None

    def compare(self, *options, copies=1, agent=None, config=CONFIG):
        """agent: how many seconds after A, or before, it tells."""
        packets = points.call(count=COUNT)
        a, b = points.at_a(packets), points.at_b(packets)
        with probe_at_two_points(config, *options) as (outside, inside, probe, folder):
            witnesses = [lab.Witness(name, folder / f"{name}.pcap") for name in ("a1", "b1")]
            if copies == 2:
                outside = Twice("c", outside)
                self.addCleanup(outside.unplug)
            sent = [(outside, a), (inside, b)]
            if agent is not None:
                sent.append((Agent(), [(at + agent, p) for p, (at, _) in
                                       zip(packets, points.at_a(packets)) if p.port == 5060]))
            send(*sent)
            for witness, count in zip(witnesses, (len(a) * copies, len(b))):
                witness.saw(count)
            self.assertEqual(probe.stop()[0], 0, probe.log.read_text())
            self.as_it_was(probe, copies)
            if agent is None:
                other = folder / "analyze.db"
                subprocess.run([lab.EARSHOT, "analyze", "--no-progress", "--alerts", "--db", other,
                                "--point", f"outside={folder}/a1.pcap",
                                "--point", f"inside={folder}/b1.pcap"],
                               check=True, capture_output=True)
                self.assertEqual(lab.differences(probe.db, other), [])

    def as_it_was(self, probe, copies):
        lost = COUNT // 50
        self.assertEqual(probe.ask(
            "SELECT state, messages, retransmissions, span_copies, points, one_way FROM leg"),
            [("completed", 6, 0, 6 * (copies - 1), "outside,inside", 0)])
        self.assertEqual(probe.ask("SELECT state FROM call"), [("completed",)])
        # How many of the duplicates are copies is a matter of 2 ms, and of the kernel's.
        found = {row[:2]: row[2:] for row in probe.ask(
            "SELECT point, direction, received, lost, duplicates, "
            "span_copies > 0.9 * duplicates FROM stream")}
        mirrored = (COUNT, 0, COUNT * (copies - 1), copies == 2)
        self.assertEqual(found, {
            ("outside", "forward"): mirrored, ("outside", "reverse"): mirrored,
            ("inside", "forward"): (COUNT - lost, lost, 0, 0),
            ("inside", "reverse"): (COUNT, 0, 0, 0)})
        segments = probe.ask(
            "SELECT s.point, before.point, s.direction, s.segment_lost_before, "
            "s.segment_lost_between, s.segment_delay_ms FROM stream s JOIN stream before "
            "ON before.id = s.upstream ORDER BY s.direction")
        self.assertEqual([row[:5] for row in segments],
                         [("inside", "outside", "forward", 0, lost),
                          ("outside", "inside", "reverse", 0, 0)])
        for *_, delay_ms in segments:  # as long as it was held back here, more or less
            self.assertTrue(0 < delay_ms < 100, delay_ms)

    def test_two_points(self):
        self.compare()

    def test_workers_and_copies_at_one_of_them(self):
        self.compare("--workers", "2", copies=2)

    def test_an_agent_tells_before(self):
        self.compare(agent=-0.02, config=CONFIG + HEP)

    def test_an_agent_tells_later(self):
        self.compare(agent=0.02, config=CONFIG + HEP)


if __name__ == "__main__":
    if not shutil.which("tcpdump") or not shutil.which("tc"):
        print("skipped: needs tcpdump and tc")
        sys.exit(0)
    lab.in_a_namespace_of_its_own()
    unittest.main()
