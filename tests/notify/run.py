#!/usr/bin/env python3
"""
Alerts at a real rsyslog, by UDP, TCP, TLS and RELP: messages parse as RFC 5424 by a parser of
this test's own, also with hostile names inside; certificates that are good and bad; and
what send-test says of a receiver that does not take its message.
"""
import os
import pathlib
import socket
import subprocess
import sys
import tempfile
import threading
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import syslog  # pylint: disable=wrong-import-position
from receivers import of, receivers, streams  # pylint: disable=wrong-import-position

EARSHOT = os.environ.get("EARSHOT", "build/earshot")


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


if __name__ == "__main__":
    if reason := syslog.missing():
        print(f"skipped: {reason}")
        sys.exit(0)
    unittest.main()
