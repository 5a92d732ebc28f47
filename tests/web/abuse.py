"""Clients that are bad, slow or many."""
import random
import re
import time

from client import API


def check_noise(server, count=1500):
    """Requests out of pieces that mean something, wildly joined: never 5xx, never silent."""
    dice = random.Random(20)
    pieces = ["GET ", "HEAD ", "POST ", " HTTP/1.1\r\n", " HTTP/1.0\r\n", "Host: localhost\r\n",
              "/api/v1/calls", "/api/v1/legs?", "filter=", "sort=-", "cursor=", "limit=", "&",
              "%", "%00", "%ff", "\0", "\r\n", "\r\n\r\n", "mos_lq_min<", "(" * 50, "'", '"',
              "~", "start>-2h", "and ", "not ", "Accept: */*;q=", "If-None-Match: ", "\xff", "A" * 300,
              "POST /api/v1/session HTTP/1.1\r\n", "DELETE ", "PUT ", '{"user":"', '"password":',
              "Content-Type: application/json\r\n", "Authorization: Bearer ", "Cookie: ",
              "earshot_session=", "X-Earshot-Token: ", "Origin: http://", "Last-Event-ID: ",
              "/api/v1/kpis?group_by=", "/api/v1/trunks", "/api/v1/audit?", "/explain", "/ladder",
              "Content-Length: ", "99999999999999999999", "-1", "Range: bytes=0-", ":", " "]
    for _ in range(count):
        target = "".join(dice.choices(pieces, k=dice.randrange(1, 12)))
        if dice.random() < 0.5:
            octets = ("GET /api/v1/calls?" + target.replace(" ", "+") +
                      " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        else:
            octets = target + "\r\n\r\n"
        with server.connect() as wire:
            wire.sendall(octets.encode("latin-1"))
            wire.shutdown(1)
            got = b""
            try:
                while part := wire.recv(1 << 16):
                    got += part
            except ConnectionError:
                pass
        for status in re.findall(rb"(?:^|\n)HTTP/1\.1 (\d)", got):
            assert status in b"234", (octets, got[:200])


def quick_health(server, source):
    begin = time.monotonic()
    assert server.ask(f"{API}/health", source=source).status == 200
    return time.monotonic() - begin


def check_many(server):
    """One address has 32 connections; what it does beyond that is no other's trouble."""
    crowd = [server.connect() for _ in range(60)]
    took = sorted(quick_health(server, f"127.0.0.{i + 2}") for i in range(20))
    assert took[len(took) // 2] <= 0.25, took
    served = 0
    for wire in crowd:
        try:
            wire.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n"
                         b"Connection: close\r\n\r\n")
            served += wire.recv(12) == b"HTTP/1.1 200"
        except ConnectionError:
            pass
        wire.close()
    assert served == 32, served


class Slow:
    """Clients that never get to the end of what they say, or do not read what they get."""

    def __init__(self, server):
        self.begin = time.monotonic()
        self.talkers = [server.connect("127.0.1.1") for _ in range(20)]
        self.listeners = [server.connect("127.0.1.2") for _ in range(10)]
        for wire in self.talkers:
            wire.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ")
        for wire in self.listeners:
            wire.sendall(b"GET /api/v1/legs?limit=1000 HTTP/1.1\r\nHost: localhost\r\n\r\n" * 50)

    def check(self, server):
        """A letter a second does not keep a connection."""
        alive = list(self.talkers)
        deadline = max(self.begin + 20, time.monotonic() + 5)
        while alive and time.monotonic() < deadline:
            took = quick_health(server, "127.0.0.99")
            for wire in list(alive):
                try:
                    wire.settimeout(0.02)
                    wire.sendall(b"a")
                    if wire.recv(100) in (b"",):
                        alive.remove(wire)
                except TimeoutError:
                    pass
                except ConnectionError:
                    alive.remove(wire)
            assert took < 2, took
        assert not alive, f"{len(alive)} slow clients are still there"
        for wire in self.talkers + self.listeners:
            wire.close()
