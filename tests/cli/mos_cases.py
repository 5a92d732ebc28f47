"""`earshot mos` at the command line: the E-model's published figures, in and out as text."""
import json
import re

from case import Case, USAGE
import extract

VECTORS = json.loads((extract.ROOT / "tests/data/emodel-vectors.json").read_text())["vectors"]
OPTIONS = {"Ie": "ie", "Bpl": "bpl", "Ppl": "loss", "BurstR": "burstr"}


class Mos(Case):
    def test_every_vector_of_loss_and_codec_comes_out_of_a_batch(self):
        rows = [row for row in VECTORS if set(row["in"]) <= set(OPTIONS)]
        self.assertGreater(len(rows), 80)
        asked = [{"band": row["band"].lower(),
                  **{OPTIONS[name]: value for name, value in row["in"].items()}}
                 for row in rows]
        path = self.file("batch", "".join(json.dumps(one) + "\n" for one in asked).encode())
        answers = self.succeed("mos", "--batch", path).decode().splitlines()
        self.assertEqual(len(answers), len(rows))
        for row, line in zip(rows, answers):
            answer = json.loads(line)
            self.assertAlmostEqual(answer["r"], row["out"]["R"], delta=1e-4, msg=row["id"])
            self.assertAlmostEqual(answer["mos_lq"], row["out"]["MOS"], delta=1e-4,
                                   msg=row["id"])

    def test_text_has_the_terms_and_results_of_a_vector(self):
        row = next(row for row in VECTORS
                   if row["in"] == {"Ie": 11, "Bpl": 19.0, "Ppl": 3} and row["band"] == "NB")
        for given in (["--codec", "G729"], ["--band", "nb", "--ie", "11", "--bpl", "19"]):
            text = self.succeed("mos", *given, "--loss", "3").decode()
            figures = dict(re.findall(r"^  (\S+) +(-?[0-9.]+) ", text, re.M))
            for name in ("Ro", "Is", "Idte", "Idle", "Idd", "Ie_eff", "R"):
                self.assertEqual(figures[name], f"{row['out'][name]:.2f}", (given, name))
            self.assertEqual(figures["MOS-LQ"], f"{row['out']['MOS']:.2f}")
            self.assertNotIn("MOS-CQ", figures)

    def test_a_delay_gives_conversational_quality(self):
        text = self.succeed("mos", "--codec", "PCMU", "--delay", "400").decode()
        figures = dict(re.findall(r"^  (\S+) +(-?[0-9.]+) ", text, re.M))
        self.assertLess(float(figures["MOS-CQ"]), float(figures["MOS-LQ"]))

    def test_a_request_that_makes_no_sense_is_refused_with_the_reason(self):
        for words, arguments in (
                (["exclude each other"], ["--codec", "PCMU", "--band", "nb"]),
                (["codec, or a band"], []),
                (["a codec has its own"], ["--codec", "PCMU", "--ie", "3"]),
                (["no Ie is known for CN"], ["--codec", "CN"]),
                (["no clock", "'speex/x'"], ["--codec", "speex/x"]),
                (["'xb' is not nb"], ["--band", "xb"]),
                (["101 is not within 0 and 100"], ["--band", "nb", "--loss", "101"])):
            with self.subTest(arguments):
                self.refuse(USAGE, words, "mos", *arguments)

    def test_a_batch_names_the_line_it_cannot_take(self):
        for line, word in (('{"band": "nb", "loss": 400}', "400 is not within"),
                           ('{"band": "nb", "los": 4}', "los"), ("{", ":2"), ("[]", ":2")):
            path = self.file("batch", b'{"band": "nb"}\n' + line.encode() + b"\n")
            with self.subTest(line):
                self.refuse(USAGE, [f"{path}:2", word], "mos", "--batch", path)
