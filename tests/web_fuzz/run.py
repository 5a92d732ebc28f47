#!/usr/bin/env python3
"""Thousands of bad requests, made of what openapi.yaml promises and of what no HTTP is: each gets
an answer that the contract allows, which names the parameter that was wrong; none is answered
with 5xx, none hangs, and the server is as it was afterwards.

    EARSHOT=build/earshot run.py                      a short one, always the same
    EARSHOT=build/earshot run.py --count 20000 [--seed S]

With a build that has sanitizers whatever they find fails it, leaks at the end too.
"""
import argparse
import collections
import glob
import os
import random
import re
import subprocess
import sys
import tempfile
import time

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, os.path.join(HERE, "..", "web"))
# pylint: disable=wrong-import-position
import roles
import trunks
import wire
import wrong
from client import API, EARSHOT, Server
from contract import Contract

HANG_S = 10
# The only 503 are those that the hardening allows: too many at once, too long, too much.
BUSY = {"too-slow", "busy", "too-large", "not-yet"}
ANSWERS = {200, 201, 204, 304, 400, 401, 403, 404, 405, 406, 409, 411, 413, 414, 415, 429, 431, 503}
# What names nothing of the request line, fields or body is a place of its own.
PLACES = {"path", "query", "body", "Host", "Content-Length", "Last-Event-ID", "id", "name"}
INTERNAL = re.compile(rb"sqlite|SELECT |\bmhd\b|microhttpd|/home/|/tmp/|\.c:\d|0x[0-9a-f]{8}|errno|libc", re.I)
GROWTH_KB = 24 << 10  # of the process, whatever the number of requests


def command(*arguments):
    done = subprocess.run([EARSHOT, *arguments], capture_output=True, check=True, timeout=120)
    return done.stdout.decode().strip()


class Target:
    """The server, and what is asked of every answer."""

    def __init__(self, server):
        self.server, self.contract = server, Contract(server)
        self.seen = collections.Counter()

    def exchange(self, octets, half_closed):
        begin = time.monotonic()
        got = b""
        with self.server.connect(timeout=HANG_S) as connection:
            try:
                connection.sendall(octets)
                if half_closed:
                    connection.shutdown(1)
                while part := connection.recv(1 << 16):
                    got += part
            except OSError as problem:  # it closed before it had all
                assert not isinstance(problem, TimeoutError), octets[:200]
        assert time.monotonic() - begin < HANG_S
        return got

    def check_problem(self, reply, named=None):
        problem = reply.json()
        assert problem["status"] == reply.status, problem
        assert not INTERNAL.search(reply.body), reply.body
        parameter = problem.get("parameter")
        if reply.status == 400:
            assert parameter, problem
            assert named is None or parameter in named | PLACES, (problem, named)
        return problem["code"], parameter

    def check_library(self, reply):
        """What libmicrohttpd refuses before it asks us: a fixed text, and the end of it."""
        assert reply.status in (400, 413, 414, 431, 501, 505), reply.status
        assert reply.fields["connection"] == "close", reply.fields
        assert not INTERNAL.search(reply.body), reply.body
        self.seen[reply.status, "library"] += 1

    def check(self, reply, template=None, method="get", named=None):
        if "content-type" not in reply.fields and reply.status >= 400:
            self.check_library(reply)
            return None, None
        assert reply.status in ANSWERS, reply.status
        if reply.status == 405:
            assert "OPTIONS" in reply.fields["allow"].split(", "), reply.fields
        if reply.status == 401:
            assert reply.fields["www-authenticate"].startswith("Bearer")
        code = parameter = None
        if reply.status >= 400 and reply.body:
            assert reply.fields["content-type"] == "application/problem+json", (reply.status, reply.body)
            self.contract.check(f"{API}/calls", reply)
            code, parameter = self.check_problem(reply, named)
        elif template and reply.status in (200, 201) and reply.body and self.contract.dice.random() < 0.3:
            self.contract.check(template, reply, method)
        assert reply.status != 503 or code in BUSY, (code, reply.body)
        self.seen[reply.status, code] += 1
        return code, parameter


def names_in(wanted):
    """What an answer to it may call wrong: its parameters and the members of its body."""
    words = re.findall(r"[?&]([^=&]*)", wanted.target)
    names = {wrong.urllib.parse.unquote_plus(word) for word in words}
    names |= set(re.findall(r'"([^"\\]*)"\s*:', wanted.body[:4000].decode("utf-8", "replace")))
    names |= {"user", "password", "old", "new", "role", "text", "comment", "ends", "rule", "trunk", "month",
              "metric", "scope", "condition", "threshold", "severity"}
    return {name.encode()[:63].decode("utf-8", "ignore") for name in names} | names


def ask(target, wanted):
    raw = target.exchange(wanted.octets(), False)
    if not raw and len(wanted.body) > 65536:  # the answer to what it did not read may be lost
        target.seen["no answer", None] += 1
        return
    (reply,) = wire.replies(raw, [wanted.method])
    method = wanted.method.lower() if reply.status != 200 or wanted.method != "HEAD" else "get"
    is_other_path = wanted.target.split("?")[0].count("/") != wanted.template.count("/")
    sampled = wanted.template if not is_other_path and method in ("get", "post", "put", "delete") else None
    if sampled is None and reply.status < 400:
        target.seen[reply.status, None] += 1
        return
    _, parameter = target.check(reply, wanted.template, method, names_in(wanted))
    if wanted.status:
        assert reply.status == wanted.status, (reply.status, reply.body[:300])
        if wanted.status == 405 and wanted.method != "HEAD":
            allowed = {m.upper() for m in ("get", "post", "put", "delete")
                       if m in target.contract.document["paths"][wanted.template]}
            assert set(reply.fields["allow"].split(", ")) == \
                allowed | {"OPTIONS"} | ({"HEAD"} if "GET" in allowed else set())
    if wanted.parameter:
        assert parameter == wanted.parameter, (parameter, reply.body[:300])


def ask_raw(target, methods, octets):
    raw = target.exchange(octets, True)  # else it would wait for the rest: tests/web/abuse.py
    if not raw:
        target.seen["no answer", None] += 1
    elif methods:
        for reply in wire.replies(raw, methods):
            target.check(reply)
    else:
        for status in re.findall(rb"^HTTP/1\.[01] (\d{3})", raw, re.M):
            assert int(status) in ANSWERS | {100, 505}, raw[:300]
            target.seen[int(status), None] += 1


def size_of(server):
    with open(f"/proc/{server.process.pid}/status", encoding="ascii") as file:
        rss = int(re.search(r"VmRSS:\s+(\d+) kB", file.read())[1])
    return rss, len(os.listdir(f"/proc/{server.process.pid}/fd"))


def fuzz(server, maker, dice, count):
    target = Target(server)
    before = None
    for number in range(count):
        methods, octets = wire.draw(dice) if dice.random() < 0.25 else (None, None)
        wanted = None if octets else maker.draw()
        try:
            if octets:
                ask_raw(target, methods, octets)
            else:
                ask(target, wanted)
        except Exception:
            shown = octets or wanted.octets()
            print(f"request {number}: {shown[:600]}{'...' if len(shown) > 600 else ''}", file=sys.stderr)
            raise
        if number == min(count // 3, 2000):
            before = size_of(server)
    assert server.ask(f"{API}/health").status == 200
    deadline = time.monotonic() + 5  # until those that we closed last are closed there, too
    while (after := size_of(server))[1] > before[1] + 3 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert after[0] - before[0] < GROWTH_KB or "asan" in EARSHOT, (before, after)
    assert after[1] <= before[1] + 3, (before, after)
    for wanted in ((400, "bad-value"), (400, "bad-filter"), (400, "bad-cursor"), (400, "bad-encoding"),
                   (404, "no-such-path"), (400, "unknown-parameter"), (400, "given-twice"),
                   (401, "login-needed"), (403, "pii-needed"),
                   (405, "bad-method"), (406, "not-acceptable"), (411, "no-length"), (413, "body-too-long"),
                   (415, "bad-type"), (431, "header-too-long"), (200, None), (400, "bad-json")):
        assert target.seen[wanted], (wanted, target.seen)
    return target.seen


def cursors_of(server, chief):
    out = []
    for path in ("calls", "legs", "streams", "findings", "registrations", "peers", "alerts"):
        for query in ("", "&from=-5000w&to=%2B1h", "&sort=id", "&sort=start", "&filter=start+<+%2B1h&sort=-start"):
            target = f"{API}/{path}?limit=1{query}"
            answer = server.ask(target, fields=chief)
            if answer.status == 200 and answer.json()["next"]:
                out.append((f"{API}/{path}", target, answer.json()["next"]))
    assert len(out) > 15, out
    return out


def check_refused(server):
    """What the library refuses on its own, here for want of room for cookies, is forgotten."""
    octets = wire.HEALTH + wire.HOST + b"Cookie: " + b"earshot_session=a; " * 800 + b"\r\n" + wire.CLOSE
    def send(count):
        for _ in range(count):
            server.raw(octets)
        return size_of(server)[0]
    before = send(100)
    after = send(1500)
    assert after - before < 4 << 10 or "asan" in EARSHOT, (before, after)


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("--count", type=int, default=1500)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    dice = random.Random(options.seed)
    with tempfile.TemporaryDirectory() as directory:
        database = os.path.join(directory, "calls.db")
        config = os.path.join(directory, "trunks.yaml")
        with open(config, "w", encoding="ascii") as out:
            out.write(trunks.CONFIG)
        command("analyze", "--no-progress", "--alerts", "--messages", "--db", database, "-c", config,
                *sorted(glob.glob("pcaps/*.pcap")))
        fields_of = {"nobody": []}
        for name, more in (("viewer", ()), ("operator", ("--role", "operator")),
                           ("chief", ("--role", "admin", "--pii"))):
            token = command("token", "add", name, "--db", database, *more)
            fields_of[name] = [("Authorization", f"Bearer {token}")]
        with Server(database, "--login", first=True) as server:
            document = Contract(server).document
            ids = {kind: [item["id"] for item in server.ask(
                f"{API}/{kind}?limit=20", fields=fields_of["chief"]).json()["items"]]
                   for kind in ("calls", "legs", "streams", "alerts")}
            roles.check_matrix(server, document, fields_of)
            cookie, csrf = roles.check_foreign_pages(server, document)
            roles.check_audited(server, document, cookie, csrf, fields_of, ids["alerts"][0])
            maker = wrong.Maker(dice, document, ids, cursors_of(server, fields_of["chief"]), fields_of)
            seen = fuzz(server, maker, dice, options.count)
            check_refused(server)
    statuses = collections.Counter()
    for (status, _), number in seen.items():
        statuses[status] += number
    shown = ", ".join(f"{n} x {s}" for s, n in sorted(statuses.items(), key=str))
    print(f"{options.count} bad requests: {shown}")


if __name__ == "__main__":
    main()
