"""What the tests of the command line share."""
import os
import pathlib
import tempfile
import unittest

import contract
import extract

PCAPS = extract.ROOT / "pcaps"
EARSHOT = os.environ.get("EARSHOT", str(extract.ROOT / "build" / "earshot"))
DONE, FAILED, USAGE, BELOW = 0, 1, 2, 3


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))

    def run_it(self, *arguments, **options):
        return extract.run(EARSHOT, *arguments, **options)

    def succeed(self, *arguments, **options):
        done = self.run_it(*arguments, **options)
        self.assertEqual((done.returncode, done.stderr), (DONE, b""), arguments)
        return done.stdout

    def refuse(self, status, words, *arguments, **options):
        """Exits with the status, and says all the words on standard error."""
        done = self.run_it(*arguments, **options)
        said = done.stderr.decode()
        self.assertEqual(done.returncode, status, (arguments, said))
        for word in words:
            self.assertIn(word, said, arguments)
        return done

    def file(self, name, content):
        path = self.folder / name
        path.write_bytes(content)
        return path

    def lines(self, output):
        return [contract.parse(line) for line in output.decode().splitlines()]
