#!/usr/bin/env python3
"""The API inside the probe that listens: who gets in, and what those see who watch.  What many and
slow clients cost: tests/slow_clients."""
import contextlib
import json
import os
import re
import select
import signal
import socket
import struct
import sys
import tempfile
import time
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.dont_write_bytecode = True  # the source tree stays clean
sys.path[:0] = [os.path.join(HERE, "..", "live"), os.path.join(HERE, "..", "web")]
# pylint: disable=wrong-import-position
import lab
import load
from client import API, Answer

CALL = lab.ROOT / "pcaps" / "answered.pcap"
PORT = 8080


def connect(source="127.0.0.1"):
    return socket.create_connection(("127.0.0.1", PORT), lab.PATIENCE_S, source_address=(source, 0))


def ask(target, method="GET", fields=(), body=b"", source="127.0.0.1"):
    head = [f"{method} {target} HTTP/1.1", "Host: localhost", "Connection: close"]
    head += [f"{name}: {value}" for name, value in fields]
    if body:
        head.append(f"Content-Length: {len(body)}")
    got = b""
    with connect(source) as wire:
        wire.sendall("\r\n".join(head).encode() + b"\r\n\r\n" + body)
        while part := wire.recv(1 << 16):
            got += part
    return Answer(got)


def secret_of(probe):
    return re.search(r"shown this once: (\S+)", probe.log.read_text())[1]


def log_in(probe):
    body = json.dumps({"user": "admin", "password": secret_of(probe)}).encode()
    answer = ask(f"{API}/session", "POST", [("Content-Type", "application/json")], body)
    assert answer.status == 200, answer.raw
    return [("Cookie", answer.fields["set-cookie"].split(";")[0])]


class Watcher:
    """A stream of events, as a browser reads it."""

    def __init__(self, fields, more=()):
        self.wire = connect()
        head = [f"GET {API}/events HTTP/1.1", "Host: localhost", "Accept: text/event-stream"]
        head += [f"{name}: {value}" for name, value in [*fields, *more]]
        self.wire.sendall("\r\n".join(head).encode() + b"\r\n\r\n")
        self.text = b""
        self.read_until(lambda text: b"\r\n\r\n" in text)
        self.head, _, self.text = self.text.partition(b"\r\n\r\n")

    def close(self):
        self.wire.close()

    def read_until(self, condition):
        deadline = time.monotonic() + lab.PATIENCE_S
        while not condition(self.text):
            assert time.monotonic() < deadline, self.text[-300:]
            ready, _, _ = select.select([self.wire], [], [], 1)
            part = self.wire.recv(1 << 16) if ready else None
            if part == b"":
                return False
            self.text += part or b""
        return True

    def events(self):
        """(type, id, data) of what has come; chunks are put together."""
        whole = re.sub(rb"(?:^|\r\n)[0-9a-f]+\r\n", b"", self.text).decode()
        return [(kind, int(number), json.loads(data)) for kind, number, data in
                re.findall(r"event: (\w+)\nid: (\d+)\ndata: (.*)\n\n", whole)]

    def wait_for(self, kind, count=1):
        self.read_until(lambda _: len([e for e in self.events() if e[0] == kind]) >= count)
        return [event for event in self.events() if event[0] == kind]


def talk_begins():
    """The frames of a call that is answered, with G.711 between these two addresses."""
    def sdp(address, port):
        return (f"v=0\r\no=- 1 1 IN IP4 {address}\r\ns=-\r\nc=IN IP4 {address}\r\nt=0 0\r\n"
                f"m=audio {port} RTP/AVP 0\r\n")
    frames = load.begin("talking")
    for at, first, body in ((0, True, sdp("198.18.0.1", 4000)),
                            (3, False, sdp("198.18.0.2", 5000))):
        text = frames[at][42:].decode().replace(
            "Content-Length: 0\r\n",
            f"Content-Type: application/sdp\r\nContent-Length: {len(body)}\r\n")
        frames[at] = load.frame(first, (text + body).encode())
    return frames


def rtp(number):
    voice = struct.pack(">BBHII", 0x80, 0, number, number * 160, 7) + bytes(160)
    frame = bytearray(load.frame(True, voice))
    struct.pack_into(">HH", frame, 34, 4000, 5000)
    return bytes(frame)


class Web(unittest.TestCase):
    def test_nobody_is_served_without_an_account(self):
        with lab.lab() as (mirror, probe):
            for target in ("/calls", "/live", "/events", "/audit", "/session", "/probe"):
                self.assertEqual(ask(API + target).status, 401, target)
            self.assertEqual(ask(f"{API}/health").status, 200)
            fields = log_in(probe)
            mirror.send(lab.frames_of(CALL))
            probe.has("SELECT 1 FROM leg WHERE state = 'completed'")
            legs = ask(f"{API}/legs", fields=fields).json()["items"]
            self.assertEqual([leg["state"] for leg in legs], ["completed"])
            # Buckets of the running minute are given every ten seconds.
            self.assertEqual(ask("/metrics").status, 401)
            called = b'earshot_calls{trunk="unknown",direction="none"} 1\n'
            lab.until("the call is counted",
                      lambda: called in ask("/metrics", fields=fields).body)
            actions = [row["action"] for row in ask(f"{API}/audit", fields=fields).json()["items"]]
            self.assertEqual(actions, ["login"])
            state = os.stat(str(probe.db) + ".state")
            self.assertEqual((state.st_uid, state.st_mode & 0o777), (lab.KEEPER_UID, 0o600))
            # Who was in stays in, and no second secret is told, when the keeper has to begin anew.
            probe.kill("keeper")
            lab.until("the web is back", lambda: ask_again(fields) == 200)
            self.assertEqual(probe.log.read_text().count("shown this once"), 1)
            self.assertEqual(probe.stop()[0], 0)

    def test_those_who_watch_are_told_what_happens(self):
        with lab.lab() as (mirror, probe):
            fields = log_in(probe)
            lab.until("a snapshot", lambda: ask(f"{API}/live", fields=fields).status == 200)
            watcher = Watcher(fields)
            self.assertIn(b"Content-Type: text/event-stream", watcher.head)
            self.assertIn(b"Cache-Control: no-store", watcher.head)
            sent = list(lab.frames_of(CALL))
            mirror.send(load.begin("going on"))
            in_progress = lambda: ask(f"{API}/live", fields=fields).json()["calls_in_progress"] == 1
            lab.until("a call is going on", in_progress)
            mirror.send(sent)
            call = watcher.wait_for("call")[0]
            self.assertEqual(call[2]["state"], "completed")
            # What was told is kept: whoever follows it finds it.
            answer = ask(f"{API}/calls/{call[2]['id']}", fields=fields)
            self.assertEqual(answer.json()["call"], call[2])
            counters = watcher.wait_for("counters", 2)
            self.assertEqual(counters[-1][2]["kind"], "live")
            self.assertFalse(counters[-1][2]["store"]["waiting"])
            # Who was cut off has what came in between.
            again = Watcher(fields, [("Last-Event-ID", call[1] - 1)])
            self.assertEqual(again.wait_for("call")[0], call)
            self.assertEqual(ask(f"{API}/events", fields=[*fields, ("Last-Event-ID", "x")]).status,
                             400)
            self.assertEqual(ask(f"{API}/events", "HEAD", fields).status, 200)
            # A reload ends nobody's stream but for a new certificate, and a stop ends all.
            probe.parent.send_signal(signal.SIGHUP)
            watcher.wait_for("counters", len(watcher.events()) + 1)
            status, took = probe.stop()
            self.assertEqual((status, took < 5), (0, True))
            self.assertFalse(watcher.read_until(lambda _: False))
            watcher.close()
            again.close()

    def test_calls_in_progress_sound_so_far(self):
        """One direction of 25 packets loses one, and the call goes on."""
        with lab.lab() as (mirror, probe):
            fields = log_in(probe)
            mirror.send(talk_begins())
            watcher = Watcher(fields)
            begun, number = time.monotonic(), 0
            quality = None
            while not quality or not quality["worst"] or not quality["worst"][0]["call"]:
                assert time.monotonic() - begun < lab.PATIENCE_S, quality
                number += 1
                if number % 25:
                    mirror.send([rtp(number)])
                # Voice has a pace of its own, and the probe goes by it.
                time.sleep(max(0, begun + number * 0.02 - time.monotonic()))
                if number % 25 == 0:
                    quality = ask(f"{API}/live", fields=fields).json()["quality"]
            worst = quality["worst"][0]
            self.assertEqual((quality["streams"], worst["direction"]), (1, "forward"))
            # It began 10 s ago at least, and one in 25 of its packets did not come.
            self.assertGreater(time.monotonic() - begun, 10)
            self.assertAlmostEqual(worst["loss_pct"], 4, delta=0.5)
            self.assertGreater(worst["jitter_mean_ms"], 0)
            rated = "good" if worst["mos_lq"] >= 4.03 else "fair" if worst["mos_lq"] >= 3.6 else "poor"
            self.assertEqual(quality[rated], 1)
            self.assertLess(worst["mos_lq"], 4.3)
            watcher.read_until(lambda text: f'"stream":"{worst["stream"]}"'.encode() in text)
            watcher.close()
            whole = ask(f"{API}/calls/{worst['call']}", fields=fields).json()
            self.assertEqual(whole["call"]["state"], "in_progress")
            self.assertEqual([stream["id"] for stream in whole["streams"]], [worst["stream"]])
            self.assertIn("in_progress", whole["streams"][0]["flags"])
            self.assertEqual(whole["call"]["mos_lq_min_stream"], worst["stream"])
            # So a list of calls in progress finds and sorts those that sound bad.
            listed = ask(f"{API}/calls?sort=mos_lq_min&filter=state+%3D+in_progress+and+"
                         "mos_lq_min+%3C+4.3", fields=fields).json()["items"]
            self.assertEqual([call["id"] for call in listed], [worst["call"]])
            self.assertEqual(probe.stop()[0], 0)

    def test_receivers_are_shown_with_what_goes_wrong(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as config:
            config.write("alerts:\n  receivers:\n    - {name: noc, transport: webhook, least: info, "
                         'address: "http://127.0.0.1:9/"}\n')
            config.flush()
            os.chmod(config.name, 0o644)
            with lab.lab("-c", config.name, "--notifier-user", 65531) as (mirror, probe):
                fields = log_in(probe)
                mirror.send(lab.frames_of(lab.ROOT / "pcaps" / "scan.pcap"))

                def is_failing():
                    live = ask(f"{API}/live", fields=fields)
                    return live.status == 200 and live.json()["receivers"][0]["waiting"] and \
                        live.json()["receivers"][0]["state"] == "failing"
                lab.until("it is known that nobody takes alerts", is_failing, 60)
                shown, = ask(f"{API}/probe", fields=fields).json()["receivers"]
                self.assertEqual((shown["name"], shown["transport"], shown["state"]),
                                 ("noc", "webhook", "failing"))
                self.assertIn("refused", shown["error"])
                metrics = ask("/metrics", fields=fields).body.decode()
                self.assertIn('earshot_alert_receiver_failing{receiver="noc"} 1\n', metrics)
                self.assertRegex(metrics, 'earshot_alert_receiver_waiting_messages'
                                          r'\{receiver="noc"\} [1-9]')
                self.assertEqual(probe.stop()[0], 0)

    def test_a_silence_is_heeded_and_alerts_are_told(self):
        with lab.lab() as (mirror, probe):
            fields = log_in(probe)
            csrf = ask(f"{API}/session", fields=fields).json()["csrf"]
            writing = [*fields, ("X-Earshot-Token", csrf), ("Content-Type", "application/json")]
            body = json.dumps({"rule": "scanner", "comment": "known", "duration_s": 600}).encode()
            self.assertEqual(ask(f"{API}/silences", "POST", writing, body).status, 201)
            watcher = Watcher(fields)
            mirror.send(lab.frames_of(lab.ROOT / "pcaps" / "scan.pcap"))
            watcher.read_until(lambda text: b'"rule":"scanner"' in text)
            told = {event[2]["rule"]: event[2] for event in watcher.wait_for("alert")}
            self.assertEqual((told["scanner"]["muted"], told["scanner"]["muted_by"]),
                             (True, "silence"))
            kept = ask(f"{API}/alerts/{told['scanner']['id']}", fields=fields).json()
            self.assertIn(told["scanner"]["summary"], [s["summary"] for s in kept["states"]])
            self.assertFalse(any(alert["muted"] for rule, alert in told.items()
                                 if rule != "scanner"))
            probe.kill("keeper")
            lab.until("the web is back", lambda: ask_again(fields) == 200)
            silences = ask(f"{API}/silences", fields=fields).json()["items"]
            self.assertEqual([one["state"] for one in silences], ["active"])
            watcher.close()
            self.assertEqual(probe.stop()[0], 0)

    def test_rules_are_heeded_at_once_and_after_a_restart(self):
        with lab.lab() as (mirror, probe):
            fields = log_in(probe)
            csrf = ask(f"{API}/session", fields=fields).json()["csrf"]
            writing = [*fields, ("X-Earshot-Token", csrf), ("Content-Type", "application/json")]
            rule = {"name": "any_scan", "metric": "scanner", "scope": "subject", "threshold": 0,
                    "clear_after_s": 3600, "severity": "critical"}
            answer = ask(f"{API}/rules", "POST", writing, json.dumps(rule).encode())
            self.assertEqual(answer.status, 201, answer.raw)
            watcher = Watcher(fields)
            watcher.wait_for("counters", 3)  # the keeper looks each second, as it tells these
            watcher.close()
            mirror.send(lab.frames_of(lab.ROOT / "pcaps" / "scan.pcap"))
            state = lambda: [alert["state"] for alert in
                             ask(f"{API}/alerts?filter=rule+%3D+any_scan", fields=fields)
                             .json()["items"]]
            lab.until("it fires", lambda: state() == ["firing"])
            probe.kill("keeper")
            lab.until("the web is back", lambda: ask_again(fields) == 200)
            self.assertEqual(state(), ["firing"])
            self.assertEqual(ask(f"{API}/rules/any_scan", "DELETE", writing).status, 204)
            lab.until("it is over with its rule", lambda: state() == ["ok"])
            self.assertEqual(probe.stop()[0], 0)

    def test_what_was_agreed_on_is_heeded_at_a_reload(self):
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            def agree(ner):
                file.seek(0)
                file.write("trunks:\n  - name: carrier\n    addresses: [198.18.0.2]\n"
                           f"sla:\n  ner: {ner}\n")
                file.truncate()
                file.flush()
            agree(90)
            with lab.lab("-c", file.name) as (mirror, probe):
                fields = log_in(probe)
                mirror.send(lab.frames_of(CALL))
                probe.has("SELECT 1 FROM leg WHERE state = 'completed'")
                month = time.strftime("%Y-%m", time.gmtime())

                def target():
                    answer = ask(f"{API}/reports/sla?trunk=carrier&month={month}", fields=fields)
                    figures = answer.json().get("figures", [])
                    return [one["target"] for one in figures if one["name"] == "ner"]
                lab.until("there is a target", lambda: target() == [90])
                agree(97.5)
                probe.parent.send_signal(signal.SIGHUP)
                lab.until("there is another", lambda: target() == [97.5])
                self.assertNotIn("restart", probe.log.read_text())
                self.assertEqual(probe.stop()[0], 0)

    def test_it_does_without(self):
        with contextlib.closing(socket.create_server(("127.0.0.1", PORT))):
            with lab.lab() as (_, probe):
                self.assertIn("the probe goes on without it", probe.log.read_text())
                self.assertEqual(probe.stop()[0], 0)
        with lab.lab("--no-web") as (_, probe):
            with self.assertRaises(ConnectionRefusedError):
                connect()
            self.assertEqual(probe.stop()[0], 0)
            self.assertFalse(os.path.exists(str(probe.db) + ".state"))


def ask_again(fields):
    with contextlib.suppress(ConnectionError, IndexError):
        return ask(f"{API}/calls", fields=fields).status
    return None


if __name__ == "__main__":
    lab.alone()
    unittest.main()
