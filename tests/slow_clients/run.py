#!/usr/bin/env python3
"""200 clients from as many addresses, half of them slow, and a probe that listens meanwhile: they
cost it no packet, everybody else is answered, and who is too slow is cut.

    run.py                                   some thousand packets a second
    run.py --rate 130000 [--seconds S]       a fifth of the highest rate, by build/bench/send; the
                                             same without clients first
"""
import argparse
import contextlib
import json
import os
import pathlib
import select
import socket
import struct
import subprocess
import sys
import tempfile
import threading
import time
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.dont_write_bytecode = True  # the source tree stays clean
sys.path[:0] = [str(HERE.parent / name) for name in ("live", "web", "live_web")]
# pylint: disable=wrong-import-position
import lab
import load
from client import API, Answer

BUILD = pathlib.Path(os.environ.get("BUILD", lab.ROOT / "build"))
PORT = 8080
CLIENTS = 200
RATE = 4000  # frames a second: what Python can send beside its clients
ASK_S = 10     # web/clients.h: nobody has to wait for as long as slow ones may take


def connect(source, small=False):
    wire = socket.socket()
    if small:  # so that an answer does not fit into the system's own buffers
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    wire.bind((source, 0))
    wire.settimeout(lab.PATIENCE_S)
    wire.connect(("127.0.0.1", PORT))
    return wire


def ask(target, fields=(), method="GET", body=b"", source="127.0.9.9"):
    head = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    head += [f"{name}: {value}" for name, value in fields]
    if body:
        head.append(f"Content-Length: {len(body)}")
    with connect(source) as wire:
        wire.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        got = b""
        while part := wire.recv(1 << 16):
            got += part
    return Answer(got)


def log_in(probe):
    secret = probe.log.read_text().split("shown this once: ")[1].split()[0]
    body = json.dumps({"user": "admin", "password": secret}).encode()
    answer = ask(f"{API}/session", [("Content-Type", "application/json")], "POST", body)
    assert answer.status == 200, answer.raw
    return [("Cookie", answer.fields["set-cookie"].split(";")[0])]


class Clients(threading.Thread):
    """A quarter reads nothing of many big answers, an eighth says a letter now and then, an eighth
    watches events and does not read them; half ask and read as fast as they are answered."""

    def __init__(self, fields):
        super().__init__(daemon=True)
        line = "".join(f"{name}: {value}\r\n" for name, value in fields)
        request = lambda path, more="": (f"GET {API}/{path} HTTP/1.1\r\nHost: localhost\r\n{more}"
                                         f"{line}\r\n").encode()
        self.asked = request("legs?limit=1000")
        self.stop, self.answers, self.cut, self.health = threading.Event(), 0, 0, []
        self.quick, self.slow, self.talkers = [], [], []
        for i in range(CLIENTS):
            wire = connect(f"127.0.{2 + i // 100}.{1 + i % 100}", small=i % 2 == 0)
            kind = i % 8
            if kind % 2:
                self.quick.append(wire)
                wire.sendall(self.asked)
            elif kind in (0, 4):
                self.slow.append(wire)
                wire.sendall(self.asked * 20)
            elif kind == 2:
                self.slow.append(wire)
                wire.sendall(request("events", "Accept: text/event-stream\r\n"))
            else:
                self.talkers.append(wire)
                wire.sendall(self.asked[:-2])
            wire.setblocking(False)

    def run(self):
        turn = 0
        while not self.stop.is_set():
            ready, _, _ = select.select(self.quick, [], [], 0.05)
            for wire in ready:
                self.read(wire)
            turn += 1
            if turn % 20 == 0:
                self.talk()
                begin = time.monotonic()
                assert ask(f"{API}/health").status == 200
                self.health.append(time.monotonic() - begin)

    def read(self, wire):
        with contextlib.suppress(BlockingIOError, ConnectionError):
            part = wire.recv(1 << 20)
            if not part:
                self.quick.remove(wire)
                wire.close()
            elif part.endswith(b"}\n"):
                self.answers += 1
                wire.sendall(self.asked)

    def talk(self):
        for wire in list(self.talkers):
            try:
                wire.send(b"X")
                if wire.recv(100) == b"":
                    raise ConnectionError
            except BlockingIOError:
                pass
            except ConnectionError:
                self.talkers.remove(wire)
                wire.close()
                self.cut += 1

    def end(self):
        self.stop.set()
        self.join()
        for wire in self.quick + self.slow + self.talkers:
            wire.close()


def account(probe):
    """(frames taken, dropped by the kernel, records that found no room)"""
    summary = json.loads(probe.ask("SELECT summary FROM run ORDER BY id DESC")[0][0])
    not_kept = probe.ask("SELECT coalesce(sum(count), 0) FROM probe_event WHERE what = 'not_kept'")
    return summary["frames"], sum(one["dropped"] for one in summary["kernel"]), not_kept[0][0]


class SlowClients(unittest.TestCase):
    def test_they_cost_no_packet(self):
        with lab.lab() as (mirror, probe):
            fields = log_in(probe)
            mirror.send(frame for i in range(200) for frame in load.call(f"before{i}"))
            probe.has("SELECT count(*) FROM leg HAVING count(ended) >= 200")
            clients = Clients(fields)
            clients.start()
            begin, number = time.monotonic(), 0
            # Until those who say a letter now and then are cut, which is after ASK_S.
            while clients.talkers and time.monotonic() - begin < 3 * ASK_S:
                mirror.send(load.call(f"during{number}"))
                number += 1
                spare = begin + number * load.MESSAGES / RATE - time.monotonic()
                if spare > 0:
                    time.sleep(spare)  # keeps the rate
            clients.end()
            self.assertEqual((len(clients.talkers), clients.cut), (0, CLIENTS // 8))
            self.assertGreater(clients.answers, 20)
            self.assertLess(max(clients.health), ASK_S)
            probe.has(f"SELECT count(*) FROM leg HAVING count(ended) >= {200 + number}")
            self.assertEqual(probe.stop()[0], 0)
            self.assertEqual(account(probe), ((200 + number) * load.MESSAGES, 0, 0))

    def test_one_address_has_its_share_alone(self):
        """What is beyond the limit of an address is refused, and others get in."""
        with lab.lab() as (_, probe):
            held = [connect("127.0.5.1") for _ in range(32)]
            with connect("127.0.5.1") as refused:
                refused.sendall(f"GET {API}/health HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
                with contextlib.suppress(ConnectionError):
                    self.assertEqual(refused.recv(100), b"")
            self.assertEqual(ask(f"{API}/health", source="127.0.5.2").status, 200)
            for wire in held:
                wire.close()
            lab.until("the address is let in again",
                      lambda: ask_or_none("127.0.5.1") == 200)
            self.assertEqual(probe.stop()[0], 0)


def ask_or_none(source):
    with contextlib.suppress(ConnectionError, IndexError, struct.error):
        return ask(f"{API}/health", source=source).status
    return None


# --- at a rate ----------------------------------------------------------------------------------

def listen(path, rate, count, with_clients):
    with tempfile.TemporaryDirectory(prefix="earshot-slow-") as folder:
        os.chmod(folder, 0o711)
        probe = lab.Probe(folder)
        probe.start()
        clients = None
        try:
            if with_clients:
                clients = Clients(log_in(probe))
                clients.start()
            run = subprocess.run([BUILD / "bench" / "send", path, "live0", str(rate), str(count)],
                                 check=True, capture_output=True, text=True)
            sent, seconds = run.stdout.split()
            if clients:
                clients.end()
            probe.stop()
            frames, dropped, not_kept = account(probe)
        finally:
            probe.end()
        print(f"{'200 clients' if with_clients else 'nobody':>12}: sent {sent} at "
              f"{int(sent) / float(seconds):,.0f}/s, {frames} analysed, {dropped} dropped, "
              f"{not_kept} records not kept" + (
                  f"; {clients.answers} answers, health within {max(clients.health):.2f} s"
                  if clients else ""))
        return int(sent) - frames


def at_rate(rate, seconds):
    lab.in_a_namespace_of_its_own()
    lab.ip("link", "set", "lo", "up")
    with tempfile.TemporaryDirectory(prefix="earshot-slow-") as folder:
        path = pathlib.Path(folder) / "calls.pcap"
        count = int(rate * seconds)
        subprocess.run([BUILD / "bench" / "generate", "--calls", "1000", "--packets", str(count),
                        "--seed", "1", "-o", path, "--truth", pathlib.Path(folder) / "truth"],
                       check=True, capture_output=True)
        lab.Mirror()
        alone = listen(path, rate, count, False)
        beside = listen(path, rate, count, True)
    return 0 if beside <= alone else 3


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--rate", type=int)
    parser.add_argument("--seconds", type=float, default=20)
    wanted, rest = parser.parse_known_args()
    if os.geteuid() != 0:
        print("skipped: it takes root to make interfaces")
        return 0
    if wanted.rate:
        return at_rate(wanted.rate, wanted.seconds)
    lab.in_a_namespace_of_its_own()
    lab.ip("link", "set", "lo", "up")
    unittest.main(argv=[sys.argv[0], *rest])
    return 0


if __name__ == "__main__":
    sys.exit(main())
