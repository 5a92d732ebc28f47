#!/usr/bin/env python3
"""Who watches a probe without the right to see people is told of none, neither in the stream of events
nor anywhere else, while they call each other with their numbers and names in every field there is."""
import json
import os
import struct
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True  # the source tree stays clean
sys.path[:0] = [HERE, os.path.join(HERE, "..", "live"), os.path.join(HERE, "..", "web")]
# pylint: disable=wrong-import-position
import lab
import people
import strangers
from client import API
from run import Watcher, ask, log_in

BEHIND_IP = 1480  # octets of a frame, a multiple of 8
ADDRESSES = ("10.77.13.2", "10.99.1.")


def frames_of(capture):
    """As they fit on the wire: in fragments, where they are long."""
    at, number = 24, 0
    while at < len(capture.out):
        length = struct.unpack_from("<I", capture.out, at + 8)[0]
        frame = capture.out[at + 16:at + 16 + length]
        at, number = at + 16 + length, number + 1
        head, rest = frame[:34], frame[34:]
        for begin in range(0, len(rest), BEHIND_IP):
            part = rest[begin:begin + BEHIND_IP]
            more = 0x2000 if begin + BEHIND_IP < len(rest) else 0
            yield head[:16] + struct.pack(">HHH", 20 + len(part), number,
                                          more | begin // 8) + head[22:] + part


class Live:
    """The server of a probe, as tests/web asks one."""

    @staticmethod
    def ask(target, method="GET", fields=(), body=b""):
        return ask(target, method, fields, body)


def token(admin, csrf, name, **rights):
    fields = [*admin, ("X-Earshot-Token", csrf), ("Content-Type", "application/json")]
    answer = ask(f"{API}/tokens", "POST", fields, json.dumps({"name": name, **rights}).encode())
    assert answer.status == 201, answer.raw
    return [("Authorization", f"Bearer {answer.json()['secret']}")]


def targets(chief):
    """Lists, what has no id, and some of each kind that has one."""
    for path in people.LISTS:
        yield f"{API}/{path}?limit=1000"
    for path in ("live", "probe", "probe/events", "kpis?group_by=prefix,code,site", "trunks",
                 "alerts/notes",
                 "silences", "rules", "session", "version"):
        yield f"{API}/{path}"
    yield "/metrics"
    for kind, parts in (("calls", ("", "/ladder", "/legs", "/explain")), ("alerts", ("",)),
                        ("streams", ("", "/timeline", "/explain"))):
        for item in ask(f"{API}/{kind}?limit=1000", fields=chief).json()["items"][::3]:
            yield from (f"{API}/{kind}/{item['id']}{part}" for part in parts)


class People(unittest.TestCase):
    def check_hidden(self, where, text):
        shown = strangers.PLANTED.search(text.lower())
        self.assertIsNone(shown, (where, shown and text[max(0, shown.start() - 300):shown.end() + 20]))
        for address in ADDRESSES:
            at = text.find(address)
            self.assertEqual(at, -1, (where, text[max(0, at - 300):at + 20]))

    def test_nobody_is_shown_who_should_not_be(self):
        capture = people.Capture()
        strangers.say_all(capture, people.Plants())
        with lab.lab("--messages") as (mirror, probe):
            admin = log_in(probe)
            csrf = ask(f"{API}/session", fields=admin).json()["csrf"]
            chief = token(admin, csrf, "chief", role="admin", pii=True)
            viewer = token(admin, csrf, "viewer", role="admin")
            watchers = {who: Watcher(fields) for who, fields in (("chief", chief), ("viewer", viewer))}
            mirror.send(frames_of(capture))
            probe.has("SELECT 1 FROM (SELECT count(*) AS n FROM leg) WHERE n >= 50")
            probe.has("SELECT 1 FROM observation")
            # A method that nobody knows is in the engine's account, which comes every second.
            lab.until("the account knows it", lambda: "gundel" in
                      json.dumps(ask(f"{API}/live", fields=chief).json()["account"]))
            for who, watcher in watchers.items():
                watcher.wait_for("counters", len(watcher.wait_for("counters")) + 2)
                watcher.wait_for("call", 40)
            told = {who: watcher.text.decode() for who, watcher in watchers.items()}
            self.assertGreater(len(strangers.PLANTED.findall(told["chief"].lower())), 1)
            self.assertIn("gundel", told["chief"])
            self.check_hidden("events", told["viewer"])
            seen = set()
            for target in targets(chief):
                for media in ("application/json", "application/x-ndjson", "text/csv"):
                    accept = ("Accept", f"{media}, */*;q=0.1")
                    if "?limit" not in target and media != "application/json":
                        continue
                    self.check_hidden(target, ask(target, fields=[*viewer, accept]).body.decode())
                seen |= set(strangers.PLANTED.findall(ask(target, fields=chief).body.decode().lower()))
            self.assertGreater(len(seen), 500)
            status, _ = probe.stop()
            self.assertEqual(status, 0)
            # Nor does what the probe says for itself name anybody.
            self.check_hidden("log", probe.log.read_text())
            for watcher in watchers.values():
                watcher.close()


if __name__ == "__main__":
    lab.in_a_namespace_of_its_own()
    unittest.main()
