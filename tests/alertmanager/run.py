#!/usr/bin/env python3
"""
Alerts at a real Alertmanager: raised, changed and over, as its API v2 shows them; and one that is
killed, and has forgotten everything, hears again of what still fires.

The probe reads captures out of a folder, so that an hour of traffic takes as long as it takes.
"""
import contextlib
import datetime
import json
import pathlib
import random
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("live", "notify", "incidents")]

import lab  # pylint: disable=wrong-import-position
import syslog  # pylint: disable=wrong-import-position
import traffic  # pylint: disable=wrong-import-position

PROGRAM = "prometheus-alertmanager"
CONFIG = """
sensor: {{id: probe-1, time_zone: Europe/Berlin}}
trunks:
  - {{name: carrier-a, site: north, addresses: [198.18.1.1]}}
  - {{name: carrier-b, site: south, addresses: [198.18.2.1]}}
alerts:
  link: https://probe.example/alerts/
  no_defaults: true
  rules:
    - {{name: errors, metric: server_error_pct, scope: trunk, condition: above, threshold: 20,
       window_s: 120, clear_after_s: 60, min_samples: 5, severity: major, group: all}}
  receivers:
    - {{name: manager, transport: alertmanager, address: "http://127.0.0.1:{}", resend_s: 1}}
"""


class Alertmanager:
    """Keeps nothing of alerts over a restart: they are in its memory alone."""

    def __init__(self, folder):
        self.folder, self.port, self.process = pathlib.Path(folder), syslog.free_port(), None
        self.config = self.folder / "alertmanager.yml"
        self.config.write_text("route: {receiver: nobody}\nreceivers: [{name: nobody}]\n",
                               encoding="ascii")

    def start(self):
        with (self.folder / "alertmanager.log").open("ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, f"--config.file={self.config}", f"--storage.path={self.folder / 'manager'}",
                 f"--web.listen-address=127.0.0.1:{self.port}", "--cluster.listen-address="],
                stdout=log, stderr=log)
        lab.until("Alertmanager listens", self.is_ready)

    def is_ready(self):
        assert self.process.poll() is None, (self.folder / "alertmanager.log").read_text()
        with contextlib.suppress(OSError):
            return urllib.request.urlopen(f"http://127.0.0.1:{self.port}/-/ready", timeout=2)
        return False

    def kill(self):
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None

    def alerts(self):
        """By trunk; those that are over are not among them."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v2/alerts",
                                    timeout=5) as answer:
            found = json.load(answer)
        by_trunk = {one["labels"]["trunk"]: one for one in found}
        assert len(by_trunk) == len(found), found
        return by_trunk


def seconds(time):
    return datetime.datetime.fromisoformat(time.replace("Z", "+00:00")).timestamp()


def minutes(begin, end, failing):
    """Calls of both trunks, some of which fail on the trunks that are named."""
    capture, rng = traffic.Capture(), random.Random(begin)
    for name, address in traffic.CARRIERS.items():
        for at in range(60 * begin, 60 * end, 5):
            call = traffic.Call(capture, 100000 * list(traffic.CARRIERS).index(name) + at,
                                at + rng.random(), address)
            if name in failing:
                call.refused(500)
            else:
                call.refused(486)
    return capture


class AlertmanagerTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="earshot-alertmanager-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.folder.chmod(0o711)
        self.captures = self.folder / "captures"
        self.captures.mkdir()
        self.manager = Alertmanager(self.folder)
        self.addCleanup(self.manager.kill)
        self.manager.start()
        config = self.folder / "earshot.yaml"
        config.write_text(CONFIG.format(self.manager.port), encoding="ascii")
        config.chmod(0o644)
        self.probe = lab.Probe(self.folder, "--watch", self.captures, "-c", config,
                               "--notifier-user", 65531, interfaces=())
        self.addCleanup(self.probe.end)
        self.probe.start()

    def happens(self, begin, end, *failing):
        minutes(begin, end, failing).write(self.captures / f"minute-{begin:03}.pcap")

    def sees(self, what, condition):
        return lab.until(what, lambda: condition(self.manager.alerts()))

    def test_raised_changed_forgotten_and_over(self):
        self.happens(0, 5)
        self.happens(5, 10, "carrier-a")
        alert = self.sees("it is raised", lambda seen: seen.get("carrier-a"))
        kept = self.probe.ask("SELECT printf('%016x', id), raised, value FROM alert "
                              "WHERE state = 'firing'")
        self.assertEqual(len(kept), 1)
        self.assertEqual(alert["labels"], {
            "alertname": "errors", "severity": "major", "sensor": "probe-1", "scope": "trunk",
            "subject": "trunk carrier-a", "site": "north", "trunk": "carrier-a",
            "metric": "server_error_pct"})
        notes = alert["annotations"]
        self.assertEqual(notes["id"], kept[0][0])
        self.assertEqual(alert["generatorURL"], "https://probe.example/alerts/" + kept[0][0])
        self.assertEqual(seconds(alert["startsAt"]), kept[0][1] / 1e6)
        self.assertEqual(float(notes["threshold"]), 20)
        self.assertAlmostEqual(float(notes["value"]), kept[0][2], places=9)
        self.assertIn('trunk = "carrier-a"', notes["query"])
        self.assertTrue(notes["example"])
        # It goes on, and Alertmanager hears of it again and again.
        self.sees("it is told again", lambda seen: seen["carrier-a"]["updatedAt"]
                  > alert["updatedAt"])
        # Another trunk fails, too, within the same five minutes: told with the first one.
        self.happens(10, 12, "carrier-a", "carrier-b")
        changed = self.sees("it is changed", lambda seen: "and 1 more: trunk carrier-b" in
                            seen["carrier-a"]["annotations"]["summary"] and seen["carrier-a"])
        self.assertEqual(changed["startsAt"], alert["startsAt"])
        self.assertEqual(changed["fingerprint"], alert["fingerprint"], "the same alert")

        self.manager.kill()
        lab.until("the probe sees that it is away", lambda: self.receiver()["state"] == "failing")
        self.manager.start()
        again = self.sees("it knows again", lambda seen: seen.get("carrier-a"))
        self.assertEqual(again["fingerprint"], alert["fingerprint"])
        self.assertEqual(again["startsAt"], alert["startsAt"])
        # Whoever was killed may be the probe.
        self.probe.kill("keeper")
        self.manager.kill()
        self.manager.start()
        self.sees("it knows again", lambda seen: seen.get("carrier-a"))

        self.happens(12, 20)
        self.sees("it is over", lambda seen: "carrier-a" not in seen)
        lab.until("all was taken", lambda: self.receiver()["waiting"] == 0)
        self.assertEqual(self.receiver()["dead"], 0)
        over = self.probe.ask("SELECT at / 1e6 FROM alert WHERE state = 'ok' AND raised AND "
                              "trunk = 'carrier-a'")
        # Good again from minute 12 on: the window, and what is waited for behind it.
        self.assertEqual(len(over), 1)
        self.assertLessEqual(over[0][0], traffic.BEGIN + 12 * 60 + 120 + 60 + 30)
        self.assertEqual(self.probe.stop()[0], 0)

    def receiver(self):
        return json.loads(self.probe.asked("--json")[0])["receivers"][0]


if __name__ == "__main__":
    lab.alone(None if shutil.which(PROGRAM) else f"{PROGRAM} is not installed")
    unittest.main()
