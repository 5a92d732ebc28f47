#!/usr/bin/env python3
"""
Alerts by HTTP: bodies that are signed, answers that are obeyed (taken, refused for good, not
now), certificates, names; and a storm during which everybody dies.
"""
import contextlib
import json
import os
import pathlib
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
for place in ("live", "notify"):
    sys.path.insert(0, str(HERE.parent / place))
sys.path.insert(0, str(HERE))

import lab  # pylint: disable=wrong-import-position
import receiver as http  # pylint: disable=wrong-import-position
import syslog  # pylint: disable=wrong-import-position

NOTIFIER_UID = 65531


class Folder:
    """Of a configuration and what it names."""

    def __init__(self, path):
        self.path = pathlib.Path(path)
        self.path.chmod(0o711)
        (self.path / "secret").write_bytes(http.SECRET + b"\n")
        (self.path / "token").write_text("Bearer abc\n", encoding="ascii")
        for name in ("secret", "token"):  # read as root, before it is nobody
            (self.path / name).chmod(0o600)

    def config(self, *entries, link="https://probe.example/alerts/"):
        """Each: the keys of a receiver."""
        path = self.path / "earshot.yaml"
        lines = [f'    - {{{", ".join(f"{k}: {json.dumps(str(v))}" for k, v in entry.items())}}}'
                 for entry in entries]
        path.write_text(f"sensor: {{id: probe-1}}\nalerts:\n  link: {link}\n  receivers:\n"
                        + "\n".join(lines) + "\n", encoding="utf-8")
        path.chmod(0o644)
        return path

    def webhook(self, url, **others):
        return {"name": "hook", "transport": "webhook", "address": url, "least": "info",
                "secret": self.path / "secret", "authorization": self.path / "token", **others}


@contextlib.contextmanager
def folder():
    with tempfile.TemporaryDirectory(prefix="earshot-webhook-") as path:
        yield Folder(path)


def send_test(config):
    return subprocess.run([lab.EARSHOT, "alerts", "send-test", config], capture_output=True,
                          text=True, check=False, timeout=60,
                          env={**os.environ, "http_proxy": "http://127.0.0.1:9"})


def certificates(path):
    syslog.certificate(path, "ca", "a CA")
    syslog.certificate(path, "other", "another CA")
    syslog.certificate(path, "server", "a server", "ca", "DNS:localhost")
    return (path / "server.pem", path / "server.key")


class SendTest(unittest.TestCase):
    def ask(self, url, *answers, tls=None, **others):
        """What send-test says, and what came."""
        with folder() as files, http.receiver(tls) as server:
            server.answers += answers
            keys = files.webhook(url.format(server.port), **others)
            done = send_test(files.config(keys))
            return done, server.posts

    def test_a_message_is_signed(self):
        done, (post,) = self.ask("http://127.0.0.1:{}/a/b?c=d")
        self.assertEqual((done.returncode, done.stdout), (0, "hook: acknowledged\n"))
        self.assertEqual(post.path, "/a/b?c=d")
        self.assertTrue(post.is_signed())
        self.assertFalse(post.is_signed(b"another"))
        self.assertLess(abs(time.time() - int(post.headers["X-Earshot-Timestamp"])), 30)
        self.assertEqual(post.headers["Authorization"], "Bearer abc")
        self.assertEqual(post.headers["Content-Type"], "application/json")
        self.assertRegex(post.headers["Host"], r"^127\.0\.0\.1:\d+$")
        self.assertRegex(post.delivery(), r"^[0-9a-f]{16}$")
        self.assertEqual((post.json()["kind"], post.json()["sensor"]), ("test", "probe-1"))

    def test_alertmanager(self):
        done, (post,) = self.ask("http://127.0.0.1:{}", transport="alertmanager")
        self.assertEqual(done.stdout, "hook: acknowledged\n")
        self.assertEqual(post.path, "/api/v2/alerts")
        alert, = post.json()
        self.assertEqual(alert["labels"]["alertname"], "test")
        self.assertLess(alert["startsAt"], alert["endsAt"])

    def test_a_name_is_looked_up(self):
        done, (post,) = self.ask("http://localhost:{}/")
        self.assertEqual(done.stdout, "hook: acknowledged\n")
        self.assertRegex(post.headers["Host"], r"^localhost:\d+$")
        done, posts = self.ask("http://nowhere.invalid/")
        self.assertEqual((done.returncode, posts), (1, []))
        self.assertNotIn("acknowledged", done.stdout)

    def test_what_the_receiver_answers_is_shown(self):
        cases = [((401, {}, "no such token"), "401 no such token"),
                 ((302, {"Location": "http://127.0.0.1:9/"}, ""), "302"),
                 ((503, {}, "\x1b[2J" + "x" * 100000), "503 \\x1b[2Jxxx")]
        for answer, words in cases:
            done, posts = self.ask("http://127.0.0.1:{}/", answer)
            self.assertEqual((done.returncode, len(posts)), (1, 1), answer[0])
            self.assertIn("hook: the receiver says " + words, done.stdout)
            self.assertLess(len(done.stdout), 300)

    def test_certificates(self):
        with tempfile.TemporaryDirectory() as path:
            path = pathlib.Path(path)
            tls = certificates(path)
            cases = [({"ca": path / "ca.pem"}, "localhost", "acknowledged"),
                     ({"ca": path / "ca.pem"}, "127.0.0.1", "does not match"),
                     ({"ca": path / "ca.pem", "server_name": "localhost"}, "127.0.0.1",
                      "acknowledged"),
                     ({"ca": path / "other.pem"}, "localhost", "issuer is unknown"),
                     ({}, "localhost", "issuer is unknown")]
            for keys, host, words in cases:
                done, posts = self.ask(f"https://{host}:{{}}/", tls=tls, **keys)
                self.assertIn(words, done.stdout)
                self.assertEqual(len(posts), int(words == "acknowledged"))
                self.assertTrue(all(post.is_signed() for post in posts))

    def test_a_server_that_is_none(self):
        answers = {b"": "hook: ", b"no HTTP\r\n\r\n": "hook: ",
                   b"HTTP/1.1 200 OK\r\n" + b"a: b\r\n" * 200000: "hook: ",
                   b"HTTP/1.1 204 No Content\r\n\r\n": "hook: acknowledged"}
        for answer, words in answers.items():
            with folder() as files, socket.create_server(("127.0.0.1", 0)) as server:
                def talk(server=server, answer=answer):
                    connection, _ = server.accept()
                    with connection, contextlib.suppress(OSError):
                        connection.recv(65536)
                        connection.sendall(answer)
                thread = threading.Thread(target=talk)
                thread.start()
                done = send_test(files.config(files.webhook(
                    f"http://127.0.0.1:{server.getsockname()[1]}/")))
                thread.join()
                self.assertIn(words, done.stdout)
                self.assertEqual(done.returncode, int("acknowledged" not in words), answer[:20])


def fill(probe, name, count):
    with contextlib.closing(sqlite3.connect(probe.db, timeout=20)) as db:
        db.executemany("INSERT INTO notice (receiver, alert, delivery, at, state, form, text) "
                       "VALUES (?, 1, ?, ?, 'waiting', 'webhook', ?)",
                       [(name, n + 1, int(time.time() * 1e6), json.dumps({"number": n}))
                        for n in range(count)])
        db.commit()


class Monitor(unittest.TestCase):
    """In a network of its own, as root."""

    def check_order(self, numbers, count):
        """All, and none before the one that comes before it."""
        self.assertEqual(set(numbers), set(range(count)))
        latest = -1
        for number in numbers:
            self.assertLessEqual(number, latest + 1)
            latest = max(latest, number)

    def test_an_alert_is_taken(self):
        """By a webhook behind TLS and a name, and by an Alertmanager."""
        with folder() as files:
            tls = certificates(files.path)
            with http.receiver(tls) as hook, http.receiver() as manager:
                config = files.config(
                    files.webhook(f"https://localhost:{hook.port}/x", ca=files.path / "ca.pem"),
                    {"name": "am", "transport": "alertmanager", "least": "info",
                     "address": f"http://127.0.0.1:{manager.port}"})
                options = ("-c", config, "--notifier-user", NOTIFIER_UID)
                with lab.lab(*options) as (mirror, probe):
                    mirror.send(lab.frames_of(lab.ROOT / "pcaps" / "scan.pcap"))
                    for one in (hook, manager):
                        lab.until("it is told", lambda one=one: any(
                            b"scanner" in body for body in one.bodies()), 60)
                    lab.until("nothing waits", lambda: not probe.ask("SELECT 1 FROM notice"))
                    alerts = dict(probe.ask("SELECT printf('%016x', id), summary FROM alert "
                                            "WHERE state = 'firing'"))
        for post in hook.posts:
            told = post.json()
            self.assertTrue(post.is_signed())
            self.assertEqual((post.delivery(), told["kind"], told["state"], told["sensor"]),
                             (told["delivery"], "alert", "firing", "probe-1"))
            self.assertEqual(told["summary"], alerts[told["id"]])
            self.assertEqual(told["link"], "https://probe.example/alerts/" + told["id"])
        for post in manager.posts:
            alert, = post.json()
            self.assertNotIn("endsAt", alert)
            self.assertEqual(alert["annotations"]["summary"], alerts[alert["annotations"]["id"]])
            self.assertEqual(alert["generatorURL"],
                             "https://probe.example/alerts/" + alert["annotations"]["id"])
            self.assertIn("subject", alert["labels"])

    def test_answers_are_obeyed(self):
        """Not now: the same once more, after the time it says; never: given up, and the next."""
        with folder() as files, http.receiver() as hook:
            hook.answers += [(503, {}, ""), (429, {"Retry-After": "3"}, ""), (200, {}, ""),
                             (404, {}, "gone"), (200, {}, "")]
            config = files.config(files.webhook(f"http://127.0.0.1:{hook.port}/"))
            with lab.lab("-c", config, "--notifier-user", NOTIFIER_UID) as (_, probe):
                lab.until("a notifier", lambda: "notifier" in probe.children())
                fill(probe, "hook", 3)
                probe.kill("keeper")  # it finds them
                lab.until("all are asked", lambda: len(hook.bodies()) == 5)
                lab.until("nothing waits", lambda: not probe.ask(
                    "SELECT 1 FROM notice WHERE state = 'waiting'"))
                dead = probe.ask("SELECT text FROM notice WHERE state = 'dead'")
            self.assertEqual([post.json()["number"] for post in hook.posts], [0, 0, 0, 1, 2])
            self.assertEqual([int(post.delivery(), 16) for post in hook.posts], [1, 1, 1, 2, 3])
            stamps = [int(post.headers["X-Earshot-Timestamp"]) for post in hook.posts]
            self.assertGreaterEqual(stamps[2] - stamps[1], 2)  # whole seconds of 3
            self.assertEqual(dead, [('{"number": 1}',)])

    def test_a_storm_with_deaths_on_all_sides_arrives_in_order(self):
        count = 200
        with folder() as files, http.receiver() as hook:
            config = files.config(files.webhook(f"http://127.0.0.1:{hook.port}/"))
            with lab.lab("-c", config, "--notifier-user", NOTIFIER_UID) as (_, probe):
                lab.until("a notifier", lambda: "notifier" in probe.children())
                fill(probe, "hook", count)
                probe.kill("keeper")  # it finds them
                lab.until("some arrive", lambda: len(hook.bodies()) > 20)
                probe.kill("keeper")
                hook.stop()
                hook.start()
                lab.until("more arrive", lambda: len(hook.bodies()) > 80)
                probe.kill("notifier")
                lab.until("nothing waits", lambda: not probe.ask("SELECT 1 FROM notice"), 60)
            self.check_order([post.json()["number"] for post in hook.posts], count)
            for post in hook.posts:
                self.assertEqual(int(post.delivery(), 16), post.json()["number"] + 1)
                self.assertTrue(post.is_signed())


if __name__ == "__main__":
    lab.in_a_namespace_of_its_own()
    if os.geteuid() == 0:
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    else:
        del Monitor
    unittest.main()
