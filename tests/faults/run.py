#!/usr/bin/env python3
"""The known faults of other tools, one test for each: `earshot analyze` must have none.

    EARSHOT=build/earshot run.py [-v] [TEST...]

Every capture is made for its test by the generator of tests/quality, so what is right is
known; R and MOS come from emodel.py there.  Captures of pcaps/, and of ../shared/captures
where that folder is, are only asked for scores that nothing stands behind.
"""
import json
import os
import pathlib
import random
import sqlite3
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "quality"))

import emodel             # pylint: disable=wrong-import-position
import generate           # pylint: disable=wrong-import-position
import source_scenarios   # pylint: disable=wrong-import-position
import wire               # pylint: disable=wrong-import-position

EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
TIME_LIMIT_S = 60
LOSSLESS_G711 = 93.2062077  # R


def analyse(*arguments):
    """All records that the program prints."""
    run = subprocess.run([EARSHOT, "analyze", "--json", "--no-progress", *map(str, arguments)],
                         capture_output=True, timeout=TIME_LIMIT_S, check=False)
    return [json.loads(line) for line in run.stdout.splitlines()]


def spread(count, share, seed="spread"):
    """That share of count, exactly, at random, never the first or the last; a larger share
    has all of a smaller one."""
    order = list(range(1, count - 1))
    random.Random(seed).shuffle(order)
    return order[:round(count * share)]


def r_of(stream):
    """R from the figures that are printed beside it."""
    return emodel.terms(stream["band"], Ie=stream["ie"], Bpl=stream["bpl"], Ppl=stream["ppl"],
                        BurstR=stream["burstr_used"])["R"]


def buffer_of(stream, name="f200"):
    return next(buffer for buffer in stream["buffers"] if buffer["name"] == name)


class Case(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.scenario = generate.Scenario(self.id())
        self.path = self.folder / "made.pcap"

    def records(self, *options):
        wire.write_pcap(self.path, self.scenario.frames(), False)
        return analyse(*options, self.path)

    def streams(self):
        """By SSRC."""
        return {int(record["ssrc"], 16): record for record in self.records()
                if record["kind"] == "stream"}

    def stream(self):
        (only,) = self.streams().values()
        return only

    def talk(self, count=1000, codec="PCMU", dropped=(), **more):
        return self.scenario.call(codec).talker(codec, **more).talk(count).drop(dropped)

    def ladder(self, codec, shares, count=1000):
        """The streams of one call that lose these shares, one after the other."""
        self.scenario.call(codec)
        for i, share in enumerate(shares):
            talker = self.scenario.talker(codec, ssrc=i + 1, after_ms=i * (count * 20 + 100))
            talker.talk(count).drop(spread(count, share))
        streams = self.streams()
        return [streams[i + 1] for i in range(len(shares))]


# --- rtpengine --------------------------------------------------------------------------

class Rtpengine(Case):
    def test_mos_never_rises_with_loss(self):
        """Its curve turns at 16 % and says 4.5 at 35 % and more."""
        shares = [percent / 100 for percent in range(0, 41, 2)]
        for codec in ("PCMU", "G729", "G722", "opus"):
            self.scenario = generate.Scenario(codec)
            streams = self.ladder(codec, shares)
            for share, less, more in zip(shares[1:], streams, streams[1:]):
                self.assertLess(more["r"], less["r"], (codec, share))
                self.assertLess(more["mos_lq"], less["mos_lq"], (codec, share))
            for share, stream in zip(shares, streams):
                self.assertAlmostEqual(stream["ppl"], 100 * share, 6, (codec, share))
                if share >= 0.3:
                    self.assertLess(stream["mos_lq"], 3, (codec, share))

    def test_the_fullband_pair_belongs_together(self):
        """It takes Bpl 4.3, of G.711, with Ie 10.2, of EVS at 48 kbit/s: there 9.6."""
        self.talk(codec="opus", dropped=spread(1000, 0.05))
        stream = self.stream()
        self.assertEqual((stream["band"], stream["ie"], stream["bpl"]), ("fb", 10.2, 9.6))
        self.assertAlmostEqual(stream["r"], 148 - 10.2 - (132 - 10.2) * 5 / (5 + 9.6), 2)

    def test_what_is_called_g107_is_g107(self):
        """Its --mos=G.107 selects another formula.  Our calculator and our analysis are one."""
        self.talk(codec="G729", dropped=spread(1000, 0.03))
        stream = self.stream()
        run = subprocess.run([EARSHOT, "mos", "--json", "--codec", "G729", "--loss", "3",
                              "--burstr", str(stream["burstr"])],
                             capture_output=True, timeout=TIME_LIMIT_S, check=True)
        told = json.loads(run.stdout)
        self.assertAlmostEqual(told["r"], stream["r"], 9)
        right = emodel.terms("nb", Ie=11, Bpl=19, Ppl=3, BurstR=stream["burstr_used"])["R"]
        self.assertAlmostEqual(told["r"], right, 4)


# --- VoIPmonitor ------------------------------------------------------------------------

class Voipmonitor(Case):
    def test_a_single_lost_packet_counts(self):
        """It says 4.5 below five lost packets."""
        streams = self.ladder("PCMU", [lost / 400 for lost in range(6)], 400)
        self.assertEqual([stream["lost"] for stream in streams], list(range(6)))
        for less, more in zip(streams, streams[1:]):
            self.assertLess(more["mos_lq"], less["mos_lq"] - 0.001)

    def test_loss_is_of_what_was_sent(self):
        """lost / received makes 25 % of 20 %."""
        self.talk(dropped=spread(1000, 0.2))
        stream = self.stream()
        self.assertEqual((stream["lost"], stream["expected"]), (200, 1000))
        self.assertEqual((stream["loss_pct"], stream["ppl"]), (20, 20))

    def test_a_long_run_is_one_run(self):
        """It splits runs over 128; BurstR is 300 x (1 - 0.1)."""
        self.talk(3000, dropped=range(1000, 1300))
        stream = self.stream()
        self.assertAlmostEqual(buffer_of(stream)["burstr"], 270, 6)
        self.assertEqual(buffer_of(stream)["bursts"], 1)

    def test_losses_before_a_marker_count(self):
        talker = self.talk(dropped=range(497, 500))
        talker.sent[500].marker = True
        self.assertEqual(self.stream()["lost"], 3)

    def test_each_codec_has_its_own_score(self):
        """To it every codec but G.729 is G.711."""
        right = {"PCMU": ("nb", 0, 25.1), "PCMA": ("nb", 0, 25.1), "GSM": ("nb", 20, 10),
                 "G729": ("nb", 11, 19), "iLBC": ("nb", 11, 25.1), "G722": ("wb", 13, 4.3),
                 "AMR-WB": ("wb", 13, 4.3), "opus": ("fb", 10.2, 9.6)}
        for codec, (band, ie, bpl) in right.items():
            self.scenario = generate.Scenario(codec)
            self.talk(codec=codec, dropped=spread(1000, 0.02))
            stream = self.stream()
            self.assertEqual((stream["band"], stream["ie"], stream["bpl"]), (band, ie, bpl))
            self.assertAlmostEqual(stream["r"], r_of(stream), 4, codec)

    def test_lossless_g711_is_not_perfect(self):
        self.talk()
        stream = self.stream()
        self.assertAlmostEqual(stream["r"], LOSSLESS_G711, 4)
        self.assertAlmostEqual(stream["mos_lq"], 4.4094, 4)

    def test_scores_are_not_stored_in_tenths(self):
        self.talk(dropped=spread(1000, 0.013))
        database = self.folder / "calls.db"
        printed = next(record for record in self.records("--db", database)
                       if record["kind"] == "stream")
        self.assertAlmostEqual(printed["r"], r_of(printed), 9)
        with sqlite3.connect(database) as connection:
            stored = connection.execute("SELECT r, mos_lq FROM stream").fetchone()
        self.assertEqual(stored, (printed["r"], printed["mos_lq"]))

    def test_short_calls_have_the_loss_they_have(self):
        """lost / (received + 2 + lost) says 6.7 % of one in thirteen."""
        for count in (13, 20, 60):
            self.scenario = generate.Scenario(str(count))
            self.talk(count, dropped=[count // 2])
            self.assertAlmostEqual(self.stream()["loss_pct"], 100 / count, 9)


# --- FreeSWITCH, heplify-server, pjsip --------------------------------------------------

class Freeswitch(Case):
    def test_ten_percent_loss_is_not_hardly_any(self):
        """R = 100 (received - flaws) / received gives 4.34."""
        self.talk(dropped=spread(1000, 0.1))
        stream = self.stream()
        right = emodel.terms("nb", Ppl=10, Bpl=25.1, BurstR=stream["burstr_used"])["R"]
        self.assertAlmostEqual(stream["r"], right, 4)
        self.assertLess(stream["mos_lq"], 3.5)

    def test_more_lost_than_received_is_not_perfect(self):
        self.talk(dropped=spread(1000, 0.7))
        self.assertEqual(self.stream()["lost"], 700)
        self.assertLess(self.stream()["mos_lq"], 1.5)

    def test_loss_at_the_wrap_counts(self):
        """It looks for seq > last + 1."""
        self.talk(dropped=range(98, 103), seq=65536 - 100)
        self.assertEqual(self.stream()["lost"], 5)


class Heplify(Case):
    def test_a_bad_direction_is_not_halved(self):
        self.talk(dropped=spread(1000, 0.2), ssrc=1)
        self.scenario.talker(ssrc=2, back=True).talk(1000)
        records = self.records()
        bad, good = sorted((record for record in records if record["kind"] == "stream"),
                           key=lambda stream: stream["ssrc"])
        self.assertEqual((bad["loss_pct"], good["loss_pct"]), (20, 0))
        self.assertAlmostEqual(good["r"], LOSSLESS_G711, 4)
        (call,) = (record for record in records if record["kind"] == "call")
        self.assertEqual(call["mos_lq_min"], bad["mos_lq"])
        self.assertEqual(call["mos_lq_min_stream"], bad["id"])

    def test_loss_has_fractions(self):
        self.talk(700, dropped=[350])
        stream = self.stream()
        self.assertAlmostEqual(stream["loss_pct"], 100 / 700, 9)
        self.assertLess(stream["r"], LOSSLESS_G711 - 0.4)


class Pjsip(Case):
    def test_an_outage_is_dense(self):
        """Consecutive losses only: its p23 is 0 where RFC 3611 has 1, so the density is 0."""
        self.talk(2000, dropped=range(700, 1200))
        buffer = buffer_of(self.stream())
        self.assertEqual((buffer["bursts"], buffer["burst_density"]), (1, 1))
        self.assertEqual((buffer["burst_ms"], buffer["gap_density"]), (500 * 20, 0))

    def test_r_and_mos_are_known(self):
        """In its reports they are always 127."""
        self.talk(2000, dropped=range(700, 1200))
        stream = self.stream()
        self.assertAlmostEqual(stream["r"], r_of(stream), 4)
        self.assertIsNotNone(stream["mos_lq"])


# --- Wireshark --------------------------------------------------------------------------

class Wireshark(Case):
    def test_duplicates_hide_no_loss(self):
        talker = self.talk(dropped=spread(1000, 0.04))
        for packet in talker.sent[::20]:
            packet.copies = [(3 * generate.MS, generate.AGAIN)]
        copies = sum(bool(packet.copies) and not packet.dropped for packet in talker.sent)
        stream = self.stream()
        self.assertEqual((stream["lost"], stream["loss_pct"]), (40, 4))
        self.assertEqual(stream["duplicates"], copies)

    def test_duplicates_make_no_negative_loss(self):
        for packet in self.talk().sent[::4]:
            packet.copies = [(3 * generate.MS, generate.AGAIN)]
        self.assertEqual((self.stream()["lost"], self.stream()["loss_pct"]), (0, 0))

    def test_a_digit_is_no_jitter(self):
        """A perfect stream with one digit of 300 ms shows 18.75 ms there."""
        talker = self.scenario.call("PCMU", "telephone-event").talker().talk(100)
        talker.digit(5, updates=12).talk(100)
        stream = self.stream()
        self.assertEqual((stream["jitter_max_ms"], stream["jitter_mean_ms"]), (0, 0))

    def test_means_are_over_what_they_add_up(self):
        """Half of the packets are events: their number must not halve the means.  |D| is 8 ms
        each time, so J is 8 (1 - q^n), q = 15/16, and its mean over n is known."""
        talker = self.scenario.call("PCMU", "telephone-event").talker()
        talker.talk(201)
        for digit in range(10):
            talker.digit(digit, updates=17)
        talker.delay(lambda i: 8 * (i % 2) if i <= 200 else 0)
        stream = self.stream()
        js = [8 * (1 - (15 / 16) ** n) for n in range(1, 201)]
        self.assertAlmostEqual(stream["jitter_mean_ms"], sum(js) / len(js), 3)
        self.assertGreater(stream["delta_mean_ms"], 19.5)


# --- sipnab and others ------------------------------------------------------------------

class Sipnab(Case):
    def test_codecs_bear_loss_differently(self):
        """It has Bpl 10 for all of narrowband, and Opus is G.711."""
        bpl = {"PCMU": 25.1, "G729": 19.0, "GSM": 10.0, "opus": 9.6}
        for codec, right in bpl.items():
            self.scenario = generate.Scenario(codec)
            self.talk(codec=codec, dropped=spread(1000, 0.05))
            stream = self.stream()
            self.assertEqual(stream["bpl"], right)
            self.assertAlmostEqual(stream["r"], r_of(stream), 4)

    def test_delay_costs_what_g107_says(self):
        """0.11 d sqrt(d) is no Idd; half of a round trip of 360 ms is."""
        self.scenario.call("PCMU")
        self.scenario.talker(ssrc=0xa1).talk(2000)
        self.scenario.talker(ssrc=0xb2, back=True).talk(2000)
        source_scenarios.exchange_reports(self.scenario, 0xa1, 0xb2, 240, 120, 40)
        stream = self.streams()[0xa1]
        buffer = buffer_of(stream, "adaptive")
        self.assertAlmostEqual(stream["ta_ms"], 360 / 2 + buffer["depth_ms"] + 20, 0)
        cost = emodel.delay_term(stream["ta_ms"], 100, 1)
        self.assertGreater(cost, 5)
        self.assertAlmostEqual(stream["r_cq"], stream["r"] - cost, 4)
        self.assertAlmostEqual(stream["r"], LOSSLESS_G711, 4)


class Dashboards(Case):
    def test_jitter_that_discards_nothing_costs_nothing(self):
        """"Effective latency" charges twice the jitter as delay, and the discards again."""
        rng = self.scenario.rng
        self.talk(1500).delay(lambda i: rng.uniform(0, 18))
        stream = self.stream()
        self.assertGreater(stream["jitter_mean_ms"], 3)
        self.assertEqual([buffer["discarded"] for buffer in stream["buffers"]], [0, 0, 0])
        self.assertAlmostEqual(stream["r"], LOSSLESS_G711, 4)

    def test_without_a_round_trip_there_is_no_conversational_score(self):
        self.talk()
        stream = self.stream()
        self.assertIsNone(stream["mos_cq"])
        self.assertIsNone(stream["ta_ms"])


# --- scores out of nothing --------------------------------------------------------------

BASIS = ("band", "basis", "ie", "bpl", "codec", "clock_hz", "ppl", "burstr_used", "mos_buffer")


def captures():
    folders = ROOT / "pcaps", ROOT.parent / "shared" / "captures"
    return [path for folder in folders for path in sorted(folder.glob("*.pcap*"))]


class Nothing(Case):
    def test_no_score_without_a_basis(self):
        scored = 0
        for path in captures():
            records = analyse(path)
            streams = {record["id"]: record for record in records if record["kind"] == "stream"}
            for stream in streams.values():
                scored += self.check(path.name, stream)
            for call in (record for record in records if record["kind"] == "call"):
                lowest = streams.get(call["mos_lq_min_stream"])
                if call["mos_lq_min"] is not None:
                    self.assertEqual(call["mos_lq_min"], lowest["mos_lq"], path.name)
        self.assertGreater(scored, 40)

    def check(self, where, stream):
        where = where, stream["src"], stream["ssrc"]
        scores = [stream["r"], stream["mos_lq"], stream["mos_cq"],
                  stream["interval_min_mos_lq"], stream["mos_lq_unsuspected"]]
        scores += [buffer[field] for buffer in stream["buffers"] for field in ("r", "mos_lq")]
        if stream["mos_lq"] is None:
            self.assertEqual([score for score in scores if score is not None], [], where)
            return False
        for field in BASIS:
            self.assertIsNotNone(stream[field], (*where, field))
        self.assertNotIn(stream["basis"], ("", "none"), where)
        mode = 24 if stream["codec"] == "G723" else None
        self.assertIsNotNone(emodel.codec_named(stream["codec"], stream["clock_hz"], mode=mode),
                             where)
        self.assertAlmostEqual(stream["r"], r_of(stream), 4, where)
        self.assertAlmostEqual(stream["mos_lq"], emodel.mos_of(stream["band"], stream["r"]), 4,
                               where)
        return True

    def test_no_packets_no_score(self):
        """An answered call without media is neither perfect nor bad."""
        self.talk(200)
        said = [(time, wire.frame(src, dst, payload, ip_id))
                for time, src, dst, payload, ip_id in self.scenario.datagrams()
                if src.endswith(":5060")]
        wire.write_pcap(self.path, said, False)
        records = analyse(self.path)
        self.assertNotIn("stream", [record["kind"] for record in records])
        (call,) = (record for record in records if record["kind"] == "call")
        self.assertEqual((call["state"], call["mos_lq_min"]), ("completed", None))

    def test_an_unknown_codec_has_no_score(self):
        self.scenario.talker("speex").talk(400)  # without SDP
        stream = self.stream()
        self.assertEqual((stream["codec"], stream["mos_lq"], stream["r"]), (None, None, None))
        self.assertEqual(stream["lost"], 0)


if __name__ == "__main__":
    unittest.main()
