#!/usr/bin/env python3
"""
Alerts at a real rsyslog, by UDP, TCP, TLS and RELP: messages parse as RFC 5424 by a parser of
this test's own, also with hostile names inside; what a receiver that was away did not take
comes when it is back, in order; the monitor's notifier can do nothing else.
"""
import contextlib
import os
import pathlib
import signal
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
sys.path.insert(0, str(HERE))
sys.path.insert(0, str(HERE.parent / "live"))

import syslog  # pylint: disable=wrong-import-position

EARSHOT = os.environ.get("EARSHOT", "build/earshot")


def receivers(**addresses):
    """name=(transport, address, {other keys})"""
    lines = ["alerts:", "  receivers:"]
    for name, (transport, address, *others) in addresses.items():
        more = "".join(f", {key}: \"{value}\"" for other in others for key, value in other.items())
        lines.append(f'    - {{name: {name}, transport: {transport}, address: "{address}", '
                     f"least: info{more}}}")
    return "\n".join(lines) + "\n"


def of(server, transport):
    """What `receivers` needs of it."""
    trust = [{"ca": server.folder / "ca.pem"}] if transport == "tls" else []
    return (transport, f"127.0.0.1:{server.ports[transport]}", *trust)


def streams():
    return ["tcp"] + (["tls"] if syslog.has_tls() else []) + \
        (["relp"] if syslog.has_relp() else [])


def send_test(config, *only):
    with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
        file.write(config)
        file.flush()
        return subprocess.run([EARSHOT, "alerts", "send-test", file.name, *only],
                              capture_output=True, text=True, check=False, timeout=60)


class SendTest(unittest.TestCase):
    def test_rsyslog_takes_a_test_message_by_each_transport(self):
        with syslog.rsyslog() as server:
            transports = ["udp"] + streams()
            done = send_test(receivers(**{t: of(server, t) for t in transports}))
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)
            for transport in transports:
                line, = syslog.until(transport, lambda t=transport: server.lines(t))
                header, data, text = syslog.parse(line)
                self.assertEqual((header["app"], header["id"], header["pri"]),
                                 ("earshot", "TEST", str(3 * 8 + 6)))
                self.assertEqual(data, {"earshot@32473": {"state": "test"}})
                self.assertIn("a test message", text)
            if "relp" in transports:
                self.assertIn("relp: acknowledged", done.stdout)

    def test_a_local_socket(self):
        with tempfile.TemporaryDirectory() as folder, \
                socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as server:
            path = os.path.join(folder, "log")
            server.bind(path)
            server.settimeout(10)
            done = send_test(receivers(here=("local", path)), "here")
            self.assertEqual(done.returncode, 0, done.stderr)
            syslog.parse(server.recv(65536))

    def test_nobody_there(self):
        port = syslog.free_port()
        done = send_test(receivers(a=("tcp", f"127.0.0.1:{port}"),
                                   b=("relp", f"127.0.0.1:{port}"),
                                   c=("local", "/nowhere/log")))
        self.assertEqual(done.returncode, 1)
        self.assertEqual([line.split(": ")[0] for line in done.stdout.splitlines()],
                         ["a", "b", "c"])
        self.assertIn("No such file", done.stdout)
        self.assertEqual(done.stdout.count("Connection refused"), 2)

    @unittest.skipUnless(syslog.has_tls(), "rsyslog without TLS")
    def test_certificates(self):
        """Which receivers are trusted, which trust us, and what is said when not."""
        with syslog.rsyslog() as server:
            def ask(port="tls", **keys):
                files = {key: value if key == "server_name" else server.folder / value
                         for key, value in keys.items()}
                return send_test(receivers(a=("tls", f"127.0.0.1:{server.ports[port]}", files)))
            own = {"certificate": "client.pem", "key": "client.key"}
            syslog.openssl(server.folder, "req", "-newkey", "ec", "-pkeyopt",
                           "ec_paramgen_curve:P-256", "-nodes", "-keyout", "old.key", "-x509",
                           "-subj", "/CN=an old CA", "-days", "1", "-out", "old.pem")
            cases = [
                ({"ca": "ca.pem"}, "certificate is good"),
                ({"ca": "other.pem"}, "issuer is unknown"),
                ({}, "issuer is unknown"),
                ({"ca": "ca.pem", "server_name": "logs.example.net"}, "does not match"),
                ({"ca": "ca.pem", "server_name": "127.0.0.1"}, "certificate is good"),
                ({"ca": "none.pem"}, "none.pem"),
                ({"ca": "ca.key"}, "ca.key"),
                ({"ca": "ca.pem", "certificate": "client.pem", "key": "ca.key"}, "client.pem"),
                ({"ca": "ca.pem", "port": "mutual", **own}, "certificate is good"),
                ({"ca": "ca.pem", "port": "mutual"}, "a: "),
                ({"ca": "ca.pem", "port": "tcp"}, "a: "),  # who speaks no TLS
            ]
            for keys, words in cases:
                done = ask(**keys)
                self.assertIn(words, done.stdout, keys)
                self.assertEqual(done.returncode, int("good" not in words), done.stdout)
            self.assertEqual(len(server.lines("tls")), 2)
            self.assertEqual(len(server.lines("mutual")), 1)

    def test_a_relp_server_that_talks_nonsense(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            def talk():
                connection, _ = server.accept()
                with connection:
                    connection.recv(4096)
                    connection.sendall(b"0 serverclose 0\n1 rsp 99999999 200 OK\n" * 50)
            thread = threading.Thread(target=talk)
            thread.start()
            done = send_test(receivers(a=("relp", "127.0.0.1:%d" % server.getsockname()[1])))
            thread.join()
            self.assertEqual((done.returncode, done.stdout),
                             (1, "a: the receiver ends the session\n"))

    def test_mistakes(self):
        cases = [
            ("{name: a, transport: tcp, address: \"noc_.example:x\"}", "no address for tcp"),
            ("{name: a, transport: webhook, address: \"ftp://a/\"}", "a URL"),
            ("{name: a, transport: webhook, address: \"http://u@a/\"}", "a URL"),
            ("{name: a, transport: alertmanager, address: \"http://a:0/\"}", "a URL"),
            ("{name: a, transport: webhook, address: \"http://a/\", ca: a}", "https"),
            ("{name: a, transport: udp, address: \"a:1\", secret: a}", "are of webhook"),
            ("{name: a, transport: udp, address: \"127.0.0.1\"}", "no address for udp"),
            ("{name: a, transport: local, address: log}", "path of a socket"),
            ("{name: a, transport: udp}", "needs a name"),
            ("{name: a, transport: tcp, address: \"127.0.0.1:1\", ca: a}", "are of tls"),
            ("{name: a, transport: tls, address: \"127.0.0.1:1\", key: a}", "go together"),
            ("{name: a, transport: pigeon, address: \"127.0.0.1:1\"}", "one of local"),
        ]
        for entry, words in cases:
            done = send_test(f"alerts:\n  receivers:\n    - {entry}\n")
            self.assertEqual(done.returncode, 1)
            self.assertIn(words, done.stderr)
        self.assertIn("no receiver 'b'", send_test(
            receivers(a=("udp", "127.0.0.1:9")), "b").stderr)


def watched(server):
    """The monitor's options, and the configuration that they name."""
    transports = streams()
    path = server.folder / "earshot.yaml"
    path.write_text(receivers(**{t: of(server, t) for t in transports}))
    path.chmod(0o644)
    return ("-c", path, "--notifier-user", "65531"), transports


def fill(probe, names, count):
    """That many messages wait for each."""
    with contextlib.closing(sqlite3.connect(probe.db, timeout=20)) as db:
        db.executemany("INSERT INTO notice (receiver, alert, at, state, text) "
                       "VALUES (?, 1, ?, 'waiting', ?)",
                       [(name, int(time.time() * 1e6), f"<30>1 - - earshot - - - number {n}")
                        for n in range(count) for name in names])
        db.commit()


class Monitor(unittest.TestCase):
    """In a network of its own, as root."""

    def test_an_alert_is_delivered_and_forgotten(self):
        with syslog.rsyslog() as server:
            options, transports = watched(server)
            with lab.lab(*options) as (mirror, probe):
                mirror.send(lab.frames_of(lab.ROOT / "pcaps" / "scan.pcap"))
                for transport in transports:
                    syslog.until(transport, lambda t=transport: any(
                        b"SCANNER" in line for line in server.lines(t)), 60)
                lab.until("nothing waits", lambda: not probe.ask("SELECT 1 FROM notice"))
                alerts = dict(probe.ask("SELECT printf('%016x', id), summary FROM alert "
                                        "WHERE state = 'firing'"))
            for transport in transports:
                lines = server.lines(transport)
                self.assertEqual(len(lines), len(set(lines)))
                for line in lines:
                    header, data, text = syslog.parse(line)
                    told = data["earshot@32473"]
                    self.assertEqual(told["rule"].upper()[:32], header["id"])
                    self.assertIn(told["id"], alerts)
                    if told["state"] == "firing":
                        self.assertTrue(text.startswith(alerts[told["id"]].encode(
                            "ascii", "backslashreplace").decode()), text)

    def test_it_has_no_right_but_its_sockets(self):
        with syslog.rsyslog() as server:
            options, _ = watched(server)
            with lab.lab(*options) as (_, probe):
                lab.until("a notifier", lambda: "notifier" in probe.children())
                lab.until("it is confined",
                          lambda: probe.status("notifier").get("Seccomp") == probe.seccomp())
                status = probe.status("notifier")
                self.assertEqual(status["Uid"].split(), ["65531"] * 4)
                self.assertEqual(int(status["CapEff"], 16), 0)
                self.assertEqual(status["NoNewPrivs"], "1")

    @unittest.skipUnless(syslog.has_tls(), "rsyslog without TLS")
    def test_a_reload_reads_certificates_again(self):
        with syslog.rsyslog() as server:
            trusted = server.folder / "trusted.pem"
            trusted.write_bytes((server.folder / "other.pem").read_bytes())
            path = server.folder / "earshot.yaml"
            path.write_text(receivers(a=("tls", f"127.0.0.1:{server.ports['tls']}",
                                         {"ca": trusted})))
            path.chmod(0o644)
            with lab.lab("-c", path, "--notifier-user", "65531") as (_, probe):
                lab.until("a notifier", lambda: "notifier" in probe.children())
                fill(probe, ["a"], 1)
                probe.kill("keeper")  # it finds them
                trusted.write_text("no certificate")
                probe.parent.send_signal(signal.SIGHUP)
                lab.until("it is said", lambda: b"what was read before stays" in
                          probe.log.read_bytes())
                self.assertEqual(server.lines("tls"), [])
                trusted.write_bytes((server.folder / "ca.pem").read_bytes())
                probe.parent.send_signal(signal.SIGHUP)
                syslog.until("it comes", lambda: server.lines("tls"))

    def test_a_storm_with_deaths_on_all_sides_arrives_in_order(self):
        """RELP: each at least once, in order; TCP: likewise, what was in flight again."""
        with syslog.rsyslog() as server:
            options, transports = watched(server)
            with lab.lab(*options) as (_, probe):
                lab.until("a notifier", lambda: "notifier" in probe.children())
                server.stop("kill")
                fill(probe, transports, 300)
                probe.kill("keeper")  # it finds them
                server.start()
                syslog.until("some arrive", lambda: len(server.lines(transports[-1])) > 20, 90)
                probe.kill("notifier")
                probe.kill("keeper")
                server.stop("kill")
                server.start()
                lab.until("nothing waits",
                          lambda: not probe.ask("SELECT 1 FROM notice WHERE state = 'waiting'"),
                          90)
            for transport in transports:
                numbers = [int(line.rsplit(b" ", 1)[1]) for line in server.lines(transport)
                           if b" number " in line]
                self.assertEqual(set(numbers), set(range(300)), transport)
                latest = -1
                for number in numbers:
                    self.assertLessEqual(number, latest + 1, "something came too early")
                    latest = max(latest, number)


if __name__ == "__main__":
    if os.geteuid() == 0 and os.environ.get("EARSHOT_NOTIFY_INSIDE") != "1":
        os.environ["EARSHOT_NOTIFY_INSIDE"] = "1"
        os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, __file__,
                              *sys.argv[1:]])
    if os.geteuid() == 0:
        import lab  # pylint: disable=wrong-import-position
        subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    else:
        del Monitor
    if reason := syslog.missing():
        print(f"skipped: {reason}")
        sys.exit(0)
    unittest.main()
