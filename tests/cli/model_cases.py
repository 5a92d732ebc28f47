"""What `earshot analyze` can be told of the model: codecs, buffers, intervals."""
import contextlib
import sqlite3

from case import Case, PCAPS, USAGE

LOSSY, AMR, OPUS = (PCAPS / f"{name}.pcap" for name in ("known_loss", "amr", "opus"))
NB_R = 93.2062  # without any impairment: G.107


def ie_eff(ie, bpl, ppl):
    """G.107 7-29 with BurstR = 1."""
    return ie + (95 - ie) * ppl / (ppl + bpl)


class Model(Case):
    def streams(self, path, *options):
        records = self.lines(self.succeed("analyze", "--json", *options, path))
        return [record for record in records if record["kind"] == "stream"]

    def test_wrong_values_exit_2_and_say_what_is_allowed(self):
        cases = [
            ("--codec", "opus", ["NAME=IE,BPL[,BAND]"]),
            ("--codec", "nothing=1,2", ["'nothing'", "no audio codec"]),
            ("--codec", "telephone-event=1,2", ["no audio codec"]),
            ("--codec", "speex/fast=1,2", ["'fast'", "clock"]),
            ("--codec", "AMR:7900=1,2", ["'7900'", "4750 5150 5900 6700 7400 7950 10200"]),
            ("--codec", "opus:wb=1,2", ["'wb'", "4000 6000 8000 12000 20000"]),
            ("--codec", "PCMU:64000=1,2", ["no modes"]),
            ("--codec", "AMR:=1,2", ["no mode of AMR"]),
            ("--codec", "PCMU=1", ["Ie", "0 to 150"]),
            ("--codec", "PCMU=-1,2", ["Ie", "0 to 150"]),
            ("--codec", "PCMU=nan,2", ["Ie", "0 to 150"]),
            ("--codec", "PCMU=1,0", ["Bpl", "0.1 to 1000"]),
            ("--codec", "PCMU=1,2x", ["Bpl", "0.1 to 1000"]),
            ("--codec", "PCMU=1,2,swb", ["'swb'", "nb, wb, fb"]),
            ("--jitter-buffers", "50", ["FIXED,FIXED,LEAST-MOST"]),
            ("--jitter-buffers", "200,50,20-500", ["rising"]),
            ("--jitter-buffers", "50,200,500-20", ["rising"]),
            ("--jitter-buffers", "0,200,20-500", ["1 to 10000"]),
            ("--jitter-buffers", "50,200,20-10001", ["1 to 10000"]),
            ("--interval", "0.5", ["1 to 60 s"]),
            ("--interval", "61", ["1 to 60 s"]),
            ("--interval", "1.0005", ["whole ms"]),
            ("--interval", "soon", ["'soon'"]),
        ]
        for option, value, words in cases:
            with self.subTest(value):
                self.refuse(USAGE, [option, *words], "analyze", option, value, LOSSY)

    def test_too_many_codecs(self):
        modes = [f"{codec}:{mode}=1,2" for codec, all_modes in (
            ("AMR", (4750, 5150, 5900, 6700, 7400, 7950, 10200, 12200)),
            ("AMR-WB", (6600, 8850, 12650, 14250, 15850, 18250, 19850, 23050, 23850)),
            ("EVS", (2800, 7200, 8000, 9600, 13200, 16400, 24400, 32000, 48000, 64000, 96000,
                     128000)),
            ("opus", (4000, 6000, 8000, 12000, 20000)), ("G723", (5300, 6300)),
            ("G7221", (24000, 32000)), ("iLBC", (13330, 15200))) for mode in all_modes]
        modes += [f"{codec}=1,2" for codec in (
            "PCMU", "PCMA", "G719", "G722", "G723", "G726-16", "G726-24", "G726-32", "G726-40",
            "G728", "G729", "GSM", "GSM-EFR", "AMR", "AMR-WB", "EVS", "EVRC", "iLBC", "speex",
            "speex/16000", "opus", "BV16", "BV32", "L16", "DVI4")]
        options = [part for mode in modes for part in ("--codec", mode)]
        self.succeed("analyze", "--json", *options[:128], *options[:2], LOSSY)
        self.refuse(USAGE, ["at most 64"], "analyze", *options[:130], LOSSY)

    def test_the_figures_of_a_codec(self):
        for stream in self.streams(LOSSY, "--codec", "pcma=5,10"):
            self.assertEqual((stream["ie"], stream["bpl"], stream["band"], stream["basis"]),
                             (5, 10, "nb", "configured"))
            self.assertAlmostEqual(stream["r"], NB_R - ie_eff(5, 10, stream["ppl"]), delta=1e-3)

    def test_the_figures_of_one_mode_and_another_band(self):
        usual = {s["codec_bit_rate_bps"]: s for s in self.streams(AMR)}
        for stream in self.streams(AMR, "--codec", "AMR:7950=9.5,11"):
            right = {7950: (9.5, 11, "configured"), 12200: (5, 10, "project")}
            self.assertEqual((stream["ie"], stream["bpl"], stream["basis"]),
                             right[stream["codec_bit_rate_bps"]])
            self.assertEqual(stream["id"], usual[stream["codec_bit_rate_bps"]]["id"])
        twice = ("--codec", "opus:4000=50,9,wb", "--codec", "opus=30,10", "--codec",
                 "opus=11,20,fb")
        found = {s["codec_audio_hz"]: (s["ie"], s["band"]) for s in self.streams(OPUS, *twice)}
        self.assertEqual(found, {4000: (50, "wb"), 20000: (11, "fb")})

    def test_receivers_that_conceal_nothing(self):
        for stream in self.streams(LOSSY, "--no-plc"):
            self.assertEqual((stream["bpl"], stream["basis"]), (4.3, "published"))
            self.assertAlmostEqual(stream["r"], NB_R - ie_eff(0, 4.3, stream["ppl"]), delta=1e-3)

    def test_other_buffers(self):
        usual = self.streams(LOSSY)
        for i, stream in enumerate(self.streams(LOSSY, "--jitter-buffers", "1,9999,1-3")):
            buffers = {buffer["name"]: buffer for buffer in stream["buffers"]}
            self.assertEqual(list(buffers), ["f1", "f9999", "adaptive"])
            self.assertLessEqual(1, buffers["adaptive"]["depth_ms"])
            self.assertLessEqual(buffers["adaptive"]["depth_ms"], 3)
            self.assertEqual(buffers["f9999"]["discarded"], 0)
            for field in ("lost", "jitter_max_ms", "pdv"):
                self.assertEqual(stream[field], usual[i][field])
        late = sum(b["discarded"] for s in self.streams(LOSSY, "--jitter-buffers", "1,2,1-2")
                   for b in s["buffers"])
        self.assertGreater(late, 0)

    def test_other_intervals(self):
        for seconds in (1, 2.5, 60):
            for stream in self.streams(LOSSY, "--interval", seconds):
                first, last = (self.seconds(stream[name]) for name in ("first", "last"))
                slots = int(last // seconds) - int(first // seconds) + 1
                self.assertEqual(stream["intervals"], slots, seconds)
                if stream["interval_min_at"]:
                    at = self.seconds(stream["interval_min_at"])
                    self.assertAlmostEqual(at % seconds, 0, delta=1e-5)

    @staticmethod
    def seconds(text):
        hours, minutes, rest = text[11:-1].split(":")
        return int(hours) * 3600 + int(minutes) * 60 + float(rest)

    def test_what_was_told_makes_another_run(self):
        db = self.folder / "calls.db"
        said = (["--codec", "opus=11,20,fb"], ["--no-plc"], ["--interval", "2.5"],
                ["--jitter-buffers", "40,120,20-300"], [])
        for options in said:
            self.succeed("analyze", "--db", db, *options, LOSSY)
        self.refuse(0, ["already"], "analyze", "--db", db, "--no-plc", LOSSY)
        with contextlib.closing(sqlite3.connect(db)) as connection:
            texts = [row[0] for row in connection.execute("SELECT options FROM run ORDER BY id")]
        self.assertEqual(len(set(texts)), len(said))
        for text, words in zip(texts, ("codec=opus/48000:0=11,20,fb;", "no-plc=1",
                                       "interval=2.5 ", "jitter-buffers=40,120,20-300 ",
                                       "interval=5 jitter-buffers=50,200,20-500 no-plc=0")):
            self.assertIn(words, text)
