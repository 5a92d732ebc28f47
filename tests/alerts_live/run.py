#!/usr/bin/env python3
"""
Rules that change while the probe runs: SIGHUP reads the configuration again, alerts of rules
that stay go on, those of rules that are gone are over and say why, other receivers are told;
a file that is wrong changes nothing.  What was said of rules by the API lies over that.

The rules here are about the probe itself: what they look at is there each second.
"""
import contextlib
import json
import pathlib
import signal
import sqlite3
import sys
import tempfile
import time
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "live"))
sys.path.insert(0, str(HERE.parent / "notify"))

import lab  # pylint: disable=wrong-import-position
import syslog  # pylint: disable=wrong-import-position

# Always true, each tick.
RULE = ("    - {{name: {}, metric: store_delay_s, scope: subject, condition: above, "
        "threshold: -1, window_s: 120, severity: {}}}\n")


def configuration(rules, port=None):
    text = "sensor: {time_zone: Europe/Berlin}\nalerts:\n  no_defaults: true\n  rules:\n"
    text += "".join(RULE.format(name, severity) for name, severity in rules)
    if port:
        text += f'  receivers:\n    - {{name: noc, transport: tcp, address: "127.0.0.1:{port}"}}\n'
    return text


class Rules(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="earshot-rules-")
        self.addCleanup(folder.cleanup)
        self.file = pathlib.Path(folder.name, "earshot.yaml")

    def say(self, text, probe=None):
        self.file.write_text(text, encoding="ascii")
        self.file.chmod(0o644)
        if probe:
            probe.parent.send_signal(signal.SIGHUP)

    @staticmethod
    def story(probe, rule):
        return [row[0] for row in probe.ask(
            f"SELECT state || coalesce(' by ' || ended_by, '') FROM alert "
            f"WHERE rule = '{rule}' ORDER BY seq")]

    def test_sighup(self):
        with syslog.rsyslog() as server:
            self.say(configuration([("stays", "warning"), ("goes", "warning")]))
            with lab.lab("-c", self.file, "--notifier-user", "65531") as (_, probe):
                lab.until("both fire", lambda: self.story(probe, "goes") == ["firing"] and
                          self.story(probe, "stays") == ["firing"])
                children = probe.children()

                self.say(configuration([("stays", "loud")]), probe)
                lab.until("the place of the mistake is said", lambda:
                          "earshot.yaml:5: alerts.rules[].severity" in probe.log.read_text() and
                          "the old one stays" in probe.log.read_text())
                self.assertEqual(self.story(probe, "goes"), ["firing"])

                self.say(configuration([("stays", "critical"), ("comes", "major")],
                                       server.ports["tcp"]), probe)
                lab.until("one is over", lambda:
                          self.story(probe, "goes") == ["firing", "ok by rule"])
                lab.until("a new one fires", lambda:
                          self.story(probe, "comes") == ["firing"], 40)
                lab.until("a receiver that was not there is told", lambda: [
                    1 for line in server.lines("tcp")
                    if syslog.parse(line)[1]["earshot@32473"]["rule"] == "comes"])
                self.assertEqual(self.story(probe, "stays"), ["firing"])
                self.assertNotIn("notifier", children)
                self.assertEqual({name: pid for name, pid in probe.children().items()
                                  if name != "notifier"}, children)

                # Who takes the keeper's place has the rules as they were read last.
                probe.kill("keeper")
                self.say(configuration([("comes", "major")]), probe)
                lab.until("it is over", lambda:
                          self.story(probe, "stays") == ["firing", "ok by rule"])
                self.assertEqual(self.story(probe, "goes"), ["firing", "ok by rule"])
                self.assertEqual(self.story(probe, "comes"), ["firing"])
                lab.until("nobody is told any more", lambda:
                          "notifier" not in probe.children())
                self.assertEqual(probe.stop()[0], 0)

    def test_an_alert_whose_rule_is_gone_behind_a_restart_is_over(self):
        self.say(configuration([("goes", "warning")]))
        with lab.lab("-c", self.file) as (_, probe):
            lab.until("it fires", lambda: self.story(probe, "goes") == ["firing"])
            self.assertEqual(probe.stop()[0], 0)
            self.say(configuration([("comes", "warning")]))
            probe.start()
            lab.until("it is over", lambda:
                      self.story(probe, "goes") == ["firing", "ok by rule"])
            self.assertEqual(probe.stop()[0], 0)

    @staticmethod
    def keep(probe, name, body):
        """As the API keeps it."""
        with contextlib.closing(sqlite3.connect(f"{probe.db}.state", timeout=20)) as state:
            if body is None:
                state.execute("DELETE FROM rule WHERE name = ?", (name,))
            else:
                state.execute("INSERT OR REPLACE INTO rule (name, body, author, changed) "
                              "VALUES (?, ?, 'admin', ?)",
                              (name, json.dumps(body), int(time.time() * 1e6)))
            state.commit()

    def test_what_the_api_was_told_lies_over_the_configuration(self):
        always = {"metric": "store_delay_s", "scope": "subject", "condition": "above",
                  "threshold": -1, "window_s": 120}
        self.say(configuration([("stays", "warning")]))
        with lab.lab("-c", self.file) as (_, probe):
            lab.until("it fires", lambda: self.story(probe, "stays") == ["firing"])
            self.keep(probe, "bad", {"metric": "nonsense", "threshold": 1})
            self.keep(probe, "api", always)
            lab.until("one of the API fires", lambda: self.story(probe, "api") == ["firing"], 40)
            self.assertIn("rule 'bad' that was made by the API", probe.log.read_text())
            # It outlives who has it, and goes on through a reload.
            probe.kill("keeper")
            self.say(configuration([("stays", "major")]), probe)
            lab.until("it is read again", lambda: "is read again" in probe.log.read_text())
            self.keep(probe, "stays", {"threshold": 1e9})
            lab.until("the configuration's is over, for its threshold is another", lambda:
                      self.story(probe, "stays") == ["firing", "clearing"], 40)
            self.assertEqual(self.story(probe, "api"), ["firing"])
            self.keep(probe, "api", None)
            lab.until("it is over", lambda: self.story(probe, "api") == ["firing", "ok by rule"])
            self.assertEqual(probe.stop()[0], 0)


if __name__ == "__main__":
    lab.alone(syslog.missing())
    unittest.main()
