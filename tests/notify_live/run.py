#!/usr/bin/env python3
"""
A probe's alerts at a real rsyslog, by TCP, TLS and RELP: what a receiver that was away did not
take comes when it is back, in order, whoever dies meanwhile; the notifier has no right but its
sockets, and a reload gives it other certificates.
"""
import contextlib
import pathlib
import signal
import sqlite3
import sys
import time
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
for place in ("live", "notify"):
    sys.path.insert(0, str(HERE.parent / place))

import lab  # pylint: disable=wrong-import-position
import syslog  # pylint: disable=wrong-import-position
from receivers import of, receivers, streams  # pylint: disable=wrong-import-position


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
    lab.alone(syslog.missing())
    unittest.main()
