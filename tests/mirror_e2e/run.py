#!/usr/bin/env python3
"""Calls of real software through a switch whose ports are mirrored, both ways each, so that
every frame is seen twice: what `earshot monitor` keeps of them live is what `analyze` and
`monitor --watch` make of a tcpdump of the same mirror port at the same time.

    EARSHOT=build/earshot run.py [-v]

SIPp through Kamailio and rtpengine: calls at the same time, whose callee gives each of them the
same port; one that is refused; and two baresips.  Hosts are network namespaces that end with
their first process.  Needs root.

What real programs send, and when they stop, differs from run to run.  So nothing is counted
before all of them have ended; then the kernel's count of what came out of the mirror port is
that of both listeners.
"""
import contextlib
import json
import os
import pathlib
import shutil
import signal
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "live"))

import lab  # pylint: disable=wrong-import-position,import-error

MAKE = lab.ROOT / "pcaps" / "make"
TOOLS = ("sipp", "kamailio", "rtpengine", "baresip", "sox", "ethtool", "tc", "tcpdump", "nsenter")
CALLER, PROXY, CALLEE, PHONE, OTHER = (f"198.18.0.{n}" for n in range(1, 6))
MOST_S = 60       # no process outlives that
SENT = 125        # RTP packets of each end of a call of SIPp's
TALK_MS = SENT * 20 + 1000  # a busy machine sends them late
CALLS = 2         # of them
TOLERANCE_MS = 1  # of times and jitter: each listener has its own stamps


class Lab:
    """A switch with hosts, and what runs in them; all of it ends with `stack`."""

    def __init__(self, folder, stack):
        self.folder, self.stack, self.hosts = pathlib.Path(folder), stack, {}
        self.programs = stack.enter_context(contextlib.ExitStack())
        lab.ip("link", "set", "lo", "up")
        lab.ip("link", "add", "br0", "type", "bridge", "forward_delay", "0")
        lab.ip("link", "add", "span0", "type", "veth", "peer", "name", "span1")
        for name in ("br0", "span0", "span1"):
            self.quiet(name)
            lab.ip("link", "set", name, "up")
        lab.in_one_queue("span1")

    @staticmethod
    def quiet(name):
        pathlib.Path(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6").write_text("1", encoding="ascii")

    def add_host(self, address):
        """A host on a port of the switch; both directions of the port are mirrored."""
        process = subprocess.Popen(["unshare", "--net", "sleep", str(MOST_S)])
        self.stack.callback(process.wait)
        self.stack.callback(process.kill)
        own = os.readlink("/proc/self/ns/net")
        lab.until("a namespace", lambda: os.readlink(f"/proc/{process.pid}/ns/net") != own)
        self.hosts[address] = process.pid
        port = f"port{len(self.hosts)}"
        lab.ip("link", "add", port, "type", "veth", "peer", "name", "eth0", "netns",
               str(process.pid))
        self.quiet(port)
        lab.ip("link", "set", port, "master", "br0", "up")
        for words in (("sysctl", "-qw", "net.ipv6.conf.eth0.disable_ipv6=1"),
                      ("ethtool", "-K", "eth0", "tx", "off", "tso", "off", "gso", "off"),
                      ("ip", "link", "set", "lo", "up"), ("ip", "link", "set", "eth0", "up"),
                      ("ip", "addr", "add", f"{address}/24", "dev", "eth0")):
            subprocess.run(self.on(address, *words), check=True, capture_output=True)
        subprocess.run(["tc", "qdisc", "add", "dev", port, "clsact"], check=True)
        for way in ("ingress", "egress"):
            subprocess.run(["tc", "filter", "add", "dev", port, way, "protocol", "ip", "prio", "1",
                            "u32", "match", "u32", "0", "0", "action", "mirred", "egress",
                            "mirror", "dev", "span0"], check=True)

    def on(self, address, *words):
        return ["nsenter", "-t", str(self.hosts[address]), "-n", "timeout", "-k", "1", str(MOST_S),
                *map(str, words)]

    def start(self, address, name, *words):
        log = self.programs.enter_context(open(self.folder / f"{name}.log", "wb"))
        process = subprocess.Popen(self.on(address, *words), stdout=log, stderr=log,
                                   stdin=subprocess.DEVNULL, cwd=self.folder)
        self.programs.callback(process.wait)
        self.programs.callback(process.terminate)
        return process

    def silence(self):
        """Nobody is left who could send; what was sent has arrived."""
        self.programs.close()

    def until_bound(self, address, port):
        lab.until(f"{address} listens on {port}", lambda: subprocess.run(
            self.on(address, "ss", "-Hnlut", f"sport = :{port}"), check=True,
            capture_output=True).stdout)

    # --- who calls ---

    def relay(self):
        self.start(PROXY, "rtpengine", "rtpengine", "--foreground", "--log-stderr", "--table=-1",
                   "--config-file=none", f"--pidfile={self.folder}/rtpengine.pid",
                   f"--interface={PROXY}", "--listen-ng=127.0.0.1:22222", "--port-min=30000",
                   "--port-max=30100", "--num-threads=1")
        self.until_bound(PROXY, 22222)
        self.start(PROXY, "kamailio", "kamailio", "-DD", "-E", "-m", 32, "-M", 4, "-f",
                   MAKE / "kamailio" / "relay.cfg", "-Y", self.folder, "-P",
                   self.folder / "kamailio.pid", "-l", f"udp:{PROXY}:5060", "-n", 1)
        self.until_bound(PROXY, 5060)

    def scenario(self, name, number=0):
        text = (MAKE / "sipp" / f"{name}.xml").read_text(encoding="utf-8")
        for word, value in (("WORK", f"{self.folder}/{number}"), ("EXTRA_SDP", ""), ("RING_MS", 300),
                            ("TALK_MS", TALK_MS), ("STATUS", "486 Busy Here"), ("CODE", 486),
                            ("PROGRESS_TAG", ""), ("PROGRESS", "100 Trying")):
            text = text.replace(f"@{word}@", str(value))
        path = self.folder / f"{name}{number}.xml"
        path.write_text(text, encoding="utf-8")
        return path

    def sipp(self, address, name, *words, number=0):
        return self.start(address, f"sipp.{name}{number}", "sipp", "-sf", self.scenario(name, number),
                          "-i", address, "-nostdin", "-timeout", 30, "-max_socket", 16, *words)

    def media(self, number):
        folder = self.folder / str(number)
        folder.mkdir()
        for end in ("caller", "callee"):
            subprocess.run([sys.executable, MAKE / "media.py", folder / f"{end}.pcap", "--packets", str(SENT),
                            "--ssrc", hex(0xa0000000 + 16 * number + len(end) + ord(end[-1])),
                            "--sequence", str(1000 * number + 65400)], check=True)

    def phone(self, address, name, account):
        folder = self.folder / name
        folder.mkdir()
        subprocess.run(["sox", "-n", "-r", "8000", "-c", "1", "-b", "16", folder / "tone.wav",
                        "synth", "30", "sine", "440", "vol", "0.5"], check=True)
        text = (MAKE / "baresip" / "config").read_text(encoding="ascii")
        for word, value in (("ADDR", address), ("DIR", folder), ("RATE", 8000), ("CHANNELS", 1)):
            text = text.replace(f"@{word}@", str(value))
        (folder / "config").write_text(text, encoding="ascii")
        (folder / "accounts").write_text(f"<sip:{name}@{address}>;regint=0;{account}\n",
                                         encoding="ascii")
        (folder / "contacts").touch()
        self.start(address, name, "baresip", "-f", folder)
        self.until_bound(address, 4444)

    def tell_phone(self, address, command, words=""):
        """Returns when it has begun to answer."""
        said = json.dumps({"command": command, "params": words, "token": "0"})
        subprocess.run(self.on(address, "bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/4444 && "
                               "printf '%s' \"$1\" >&3 && timeout 10 head -c 1 <&3", "-",
                               f"{len(said)}:{said},"), check=True, capture_output=True)


def ended(network, process):
    status = process.wait(40)
    logs = "".join(path.read_text(errors="replace")[-1500:]
                   for path in network.folder.glob("sipp.*.log")) if status else ""
    assert status == 0, logs


def calls(network):
    """All of them at once; returns when those of SIPp's are over, and the phones hang up."""
    network.relay()
    callee = network.sipp(CALLEE, "callee", "-p", 5060, "-mp", 6000, "-m", CALLS)
    refuses = network.sipp(OTHER, "callee_refuses", "-p", 5070, "-m", 1)
    network.until_bound(CALLEE, 5060)
    network.until_bound(OTHER, 5070)
    network.phone(PHONE, "alice", "audio_codecs=PCMA/8000/1")
    network.phone(OTHER, "bob", "audio_codecs=PCMA/8000/1;answermode=auto")
    network.tell_phone(PHONE, "dial", f"sip:bob@{OTHER}")
    ends = [callee, refuses, network.sipp(CALLER, "caller_refused", "-p", 5070, "-m", 1,
                                          f"{OTHER}:5070")]
    ends += [network.sipp(CALLER, "caller", "-p", 5060 + 10 * i, "-mp", 4000 + 100 * i,
                          "-m", 1, "-s", "bob", f"{PROXY}:5060", number=i)
             for i in range(2, 2 + CALLS)]
    for process in ends:
        ended(network, process)
    network.tell_phone(PHONE, "hangup")


class MirroredSwitch(unittest.TestCase):
    def test_live_analyze_and_watch_agree(self):
        with contextlib.ExitStack() as stack:
            folder = stack.enter_context(tempfile.TemporaryDirectory(prefix="earshot-mirror-"))
            os.chmod(folder, 0o711)
            network = Lab(folder, stack)
            for number in (0, *range(2, 2 + CALLS)):
                network.media(number)
            live = pathlib.Path(folder, "live")
            live.mkdir(mode=0o711)
            probe = lab.Probe(live, "--messages", interfaces=("span1",)).start()
            stack.callback(probe.end)
            witness = lab.Witness("span1", live / "span.pcap")
            stack.callback(witness.stamps.close)
            stack.callback(witness.process.kill)
            self.assertEqual(lab.came_in("span1"), 0)
            for address in (CALLER, PROXY, CALLEE, PHONE, OTHER):
                network.add_host(address)
            calls(network)
            probe.has("SELECT 1 FROM leg WHERE ended IS NOT NULL GROUP BY run "
                      f"HAVING count(*) >= {2 * CALLS + 2}")
            network.silence()
            frames = lab.came_in("span1")
            lab.until("the probe has seen all", lambda: self.frames(probe) >= frames)
            witness.saw(frames)
            self.assertEqual(sum(1 for _ in lab.frames_of(witness.path)), frames)
            self.assertEqual(probe.stop()[0], 0, probe.log.read_text())
            self.as_they_were(probe, frames)
            self.as_analyze_says(probe, live)
            self.as_watched(stack, folder, live)

    @staticmethod
    def frames(probe):
        account = json.loads(probe.asked("--json")[0])["account"]
        return account["frames"] if account else 0

    def as_they_were(self, probe, frames):
        """The truth: what was dialled and sent; and each frame came twice."""
        summary = json.loads(probe.ask("SELECT summary FROM run")[0][0])
        self.assertEqual(summary["kernel"][0]["dropped"], 0)
        self.assertEqual(summary["frames"], frames)
        self.assertEqual(probe.ask("SELECT state, count(*) FROM leg GROUP BY 1 ORDER BY 1"),
                         [("completed", 2 * CALLS + 1), ("failed", 1)])
        self.assertEqual(probe.ask("SELECT state, count(*) FROM call GROUP BY 1 ORDER BY 1"),
                         [("completed", CALLS + 1), ("failed", 1)])
        # Caller, callee, and of each what the relay sends on.
        self.assertEqual(probe.ask(
            "SELECT count(*), min(received), max(received), sum(lost) FROM stream WHERE "
            f"src LIKE '{CALLER}:%' OR dst LIKE '{CALLER}:%' OR src LIKE '{CALLEE}:%' OR "
            f"dst LIKE '{CALLEE}:%'"), [(4 * CALLS, SENT, SENT, 0)])
        # Of the port that both calls have, each of them has what its own relay sends and gets.
        self.assertEqual(probe.ask(
            "SELECT count(*), count(DISTINCT s.leg), sum(s.direction = 'forward'), "
            f"sum(s.src LIKE '{CALLER}:%' OR s.dst LIKE '{CALLER}:%') FROM stream s "
            "JOIN leg l ON l.id = s.leg WHERE l.src LIKE "
            f"'{CALLER}:%' OR l.dst LIKE '{CALLEE}:%' GROUP BY s.call"), [(4, 2, 2, 2)] * CALLS)
        self.assertEqual(probe.ask("SELECT count(*) FROM stream WHERE span_copies <> received"),
                         [(0,)])
        self.assertEqual(probe.ask("SELECT count(*), sum(retransmissions) FROM leg WHERE "
                                   "span_copies <> messages"), [(0, None)])

    def as_analyze_says(self, probe, live):
        other = live / "analyze.db"
        subprocess.run([lab.EARSHOT, "analyze", "--no-progress", "--messages", "--alerts", "--db",
                        other, live / "span.pcap"], check=True, capture_output=True)
        far = [(table, name, one, two) for table, name, one, two in
               lab.differences(probe.db, other) if not self.are_near(name, one, two)]
        self.assertEqual(far, [])

    @staticmethod
    def are_near(name, one, two):
        """Times are in microseconds."""
        if not isinstance(one, (int, float)) or not isinstance(two, (int, float)):
            return False
        return abs(one - two) <= TOLERANCE_MS * (1 if name.endswith("_ms") else 1000) and \
            (name.endswith("_ms") or one > 1e15)

    def as_watched(self, stack, folder, live):
        """Of the file itself nothing may differ."""
        place = pathlib.Path(folder, "watch")
        place.mkdir(mode=0o711)
        captures = place / "captures"
        captures.mkdir()
        shutil.copy(live / "span.pcap", captures / "span.pcap")
        probe = lab.Probe(place, "--watch", captures, "--messages", interfaces=()).start()
        stack.callback(probe.end)
        probe.has("SELECT 1 FROM watch_file WHERE state = 'done'")
        self.assertEqual(probe.stop()[0], 0, probe.log.read_text())
        with contextlib.closing(sqlite3.connect(probe.db)) as db:
            self.assertGreater(db.execute("SELECT count(*) FROM leg").fetchone()[0], 2 * CALLS)
        self.assertEqual(lab.differences(probe.db, live / "analyze.db"), [])


if __name__ == "__main__":
    missing = [tool for tool in TOOLS if not shutil.which(tool)]
    if os.geteuid() != 0 or missing:
        print(f"skipped: needs root and {' '.join(missing) or 'nothing else'}")
        sys.exit(0)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # what was started ends with us
    lab.in_a_namespace_of_its_own()
    unittest.main()
