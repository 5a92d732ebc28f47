#!/usr/bin/env python3
"""
A storm of alerts that rules raise over traffic: each peer of many fails, all at the same moments.
Receivers by RELP, TCP, TLS and HTTP are killed and come back meanwhile, and so does the keeper:
every alert and its end arrives at each of them, in order, and what comes twice can be told by its
delivery; by UDP what comes can be read.

The truth is the generator's: which peers, when.  The order is that of the database.
"""
import datetime
import json
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("live", "notify", "webhook", "incidents")]

import lab  # pylint: disable=wrong-import-position
import receiver as http  # pylint: disable=wrong-import-position
import syslog  # pylint: disable=wrong-import-position
import traffic  # pylint: disable=wrong-import-position

PEERS, ROUNDS, ROUND_S = 60, 4, 180
CONFIG = """
sensor: {{id: probe-1}}
trunks:
  - {{name: pbx, role: pbx, addresses: [198.18.0.1]}}
alerts:
  no_defaults: true
  rules:
    - {{name: errors, metric: server_errors, scope: peer, condition: above, threshold: 0,
       window_s: 60, clear_after_s: 0, group: never, severity: major}}
  receivers:
"""


def address(number):
    return f"198.18.{10 + number // 200}.{1 + number % 200}"


def one_round(number):
    """Each peer fails within its first ten seconds; the last packets move time on."""
    capture = traffic.Capture()
    begin = number * ROUND_S
    for peer in range(PEERS):
        at = begin + 10 * peer / PEERS
        traffic.Call(capture, number * 1000 + peer, at, address(peer)).refused(500)
    for second in range(20, ROUND_S, 10):
        traffic.Call(capture, number * 1000 + PEERS + second, begin + second,
                     address(PEERS)).refused(486)
    return capture


def config(path, server, hook):
    path.write_text(CONFIG.format() + "".join(
        f'    - {{name: {name}, transport: {name}, address: "{where}", least: info, '
        f"limit_per_minute: 0{more}}}\n" for name, where, more in [
            *((one, f"127.0.0.1:{server.ports[one]}",
               f', ca: "{server.folder}/ca.pem"' if one == "tls" else "")
              for one in ("udp", "tcp", "tls", "relp")),
            ("webhook", f"http://127.0.0.1:{hook.port}/", "")]), encoding="ascii")
    path.chmod(0o644)
    return path


class Storm(unittest.TestCase):
    def test_everybody_dies_and_everything_arrives(self):
        with tempfile.TemporaryDirectory(prefix="earshot-storm-") as folder, \
                syslog.rsyslog() as server, http.receiver() as hook:
            folder = pathlib.Path(folder)
            folder.chmod(0o711)
            captures = folder / "captures"
            captures.mkdir()
            probe = lab.Probe(folder, "--watch", captures, "-c",
                              config(folder / "earshot.yaml", server, hook),
                              "--notifier-user", 65531, interfaces=())
            self.addCleanup(probe.end)
            probe.start()
            lab.until("a notifier", lambda: "notifier" in probe.children())
            for number in range(ROUNDS):
                one_round(number).write(captures / f"{number:03}.pcap")
                begun = PEERS * 2 * number
                lab.until("some are told", lambda n=begun: len(hook.bodies()) > n + 20, 60)
                probe.kill("keeper")
                lab.until("some are told", lambda n=begun: len(server.lines("tcp")) > n + 20, 60)
                if number % 2:
                    server.stop("kill")
                    server.start()
                else:
                    hook.stop()
                    hook.start()
            one_round(ROUNDS).write(captures / "last.pcap")
            lab.until("all fired and are over", lambda: len(probe.ask(
                f"SELECT 1 FROM alert WHERE state = 'ok' AND at < {self.end_us()}")) ==
                      PEERS * ROUNDS, 60)
            lab.until("nothing waits", lambda: not probe.ask("SELECT 1 FROM notice"), 120)
            # Of the connections that last nothing says when the other side has read all.
            lab.until("all is read", lambda: all(
                len({delivery for delivery, *_ in self.told(name, server, hook)}) >=
                2 * PEERS * ROUNDS for name in ("tcp", "tls", "relp", "webhook")), 60)
            self.check(probe, server, hook)
            self.assertEqual(probe.stop()[0], 0)

    @staticmethod
    def end_us():
        return int((traffic.BEGIN + ROUNDS * ROUND_S) * 1e6)

    @staticmethod
    def told(name, server, hook):
        """(delivery, id, state, subject, time) in the order in which they came."""
        if name == "webhook":
            with hook.lock:
                posts = list(hook.posts)
            return [(one["delivery"], one["id"], one["state"], one["subject"], one["at"])
                    for one in (post.json() for post in posts)]
        found = []
        for line in server.lines(name):
            header, data, _ = syslog.parse(line)
            one = data["earshot@32473"]
            found.append((one["delivery"], one["id"], one["state"], one["subject"],
                          header["time"]))
        return found

    def check(self, probe, server, hook):
        kept = probe.ask("SELECT printf('%016x', id), state, at FROM alert WHERE news IS NOT NULL "
                         f"AND at < {self.end_us()} ORDER BY seq")
        wanted = [(one, state) for one, state, _ in kept]
        self.assertEqual(len(wanted), len(set(wanted)), "each change is kept once")
        for name in ("tcp", "tls", "relp", "webhook"):
            came = [one for one in self.told(name, server, hook)
                    if self.at(one[4]) < traffic.BEGIN + ROUNDS * ROUND_S]
            first, by_delivery = [], {}
            for delivery, alert, state, subject, time in came:
                if delivery in by_delivery:
                    self.assertEqual(by_delivery[delivery], (alert, state, subject, time),
                                     "the same delivery, the same message")
                    continue
                by_delivery[delivery] = (alert, state, subject, time)
                first.append((alert, state))
            self.assertEqual(first, wanted, name)
            subjects = [subject for _, state, subject, _ in by_delivery.values()
                        if state == "firing"]
            self.assertEqual({s: subjects.count(s) for s in set(subjects)},
                             {f"peer {address(n)}": ROUNDS for n in range(PEERS)}, name)
            print(f"{name}: {len(wanted)} messages, {len(came) - len(wanted)} twice",
                  file=sys.stderr)
        self.assertTrue(self.told("udp", server, hook))
        told = json.loads(probe.asked("--json")[0])["receivers"]
        self.assertEqual({one["dead"] for one in told}, {0})

    @staticmethod
    def at(time):
        return datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


if __name__ == "__main__":
    lab.alone(syslog.missing(relp=True, tls=True))
    unittest.main()
