"""What the tests of this folder share: a capture being made, and what is said of it."""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from calls import Leg, capture  # noqa: E402
import contract  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build/earshot"))


def earshot(*arguments):
    return subprocess.run([EARSHOT, *map(str, arguments)], check=True,
                          stdout=subprocess.PIPE).stdout


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.path = pathlib.Path(folder.name) / "call.pcap"
        self.frames = []

    def leg(self, name="one@example.com", **how):
        return Leg(self.frames, name, **how)

    def records(self, *options):
        self.path.write_bytes(capture(self.frames))
        output = earshot("analyze", "--no-progress", "--json", *options, self.path)
        self.assertEqual(list(contract.violations(output)), [])
        return [json.loads(line) for line in output.splitlines()]

    def legs(self, *options):
        self.last = self.records(*options)
        return sorted((r for r in self.last if r["kind"] == "leg"),
                      key=lambda r: (r["start"], r["id"]))

    def check(self, forward, reverse, one_way, **fields):
        """Of the only leg."""
        leg, = self.legs()
        self.assertEqual((leg["audio_forward"], leg["audio_reverse"]), (forward, reverse))
        self.assertIs(leg["one_way"], one_way)
        call, = (r for r in self.last if r["kind"] == "call")
        self.assertIs(call["one_way"], one_way)
        for name, value in fields.items():
            if isinstance(value, float):
                self.assertAlmostEqual(leg[name], value, delta=.5, msg=name)
            else:
                self.assertEqual(leg[name], value, name)
        return leg

    def summary(self):
        return self.last[-1]
