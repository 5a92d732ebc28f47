#!/usr/bin/env python3
"""What became of the audio of each direction: calls made for each fault, and for everything
that only looks like one.

    EARSHOT=build/earshot run.py [TEST...]
"""
import csv
import io
import json
import pathlib
import sqlite3
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from calls import ALICE, BOB, capture, sdp  # noqa: E402
from scene import Case, earshot, ROOT  # noqa: E402
from faults import ClosedPorts, Faults, PrivateAddresses  # noqa: E402, F401
import packets  # noqa: E402

PROXY, CAROL = "203.0.113.9", "203.0.113.3"
FAX = b"image %d udptl t38"


class NotAsked(Case):
    def held(self, offer, answer, by="src", method=b"INVITE"):
        leg = self.leg()
        leg.answered()
        leg.talk(end=8)
        leg.offer(8, by, offer, answer, method=method)
        return leg

    def test_hold_to_the_end(self):
        for by, method in (("src", b"INVITE"), ("dst", b"INVITE"), ("src", b"UPDATE")):
            for offer, answer in ((b"a=sendonly", b"a=recvonly"), (b"a=inactive", b"a=inactive")):
                with self.subTest(by=by, method=method, offer=offer):
                    self.frames.clear()
                    hosts = (ALICE, 4000), (BOB, 6000)
                    mine, theirs = hosts if by == "src" else hosts[::-1]
                    leg = self.held(sdp(*mine, offer), sdp(*theirs, answer), by, method)
                    leg.bye()
                    # 6 s of the 6.1 s before the agreement.
                    self.check("held", "held", False, media_coverage_forward_pct=98.5,
                               media_coverage_reverse_pct=98.5)

    def test_hold_with_music(self):
        leg = self.held(sdp(ALICE, 4000, b"a=sendonly"), sdp(BOB, 6000, b"a=recvonly"))
        leg.rtp("src", 8.2, number=300)
        leg.bye()
        self.check("ok", "held", False)

    def test_hold_with_an_address_of_zero(self):
        leg = self.held(sdp("0.0.0.0", 4000), sdp(BOB, 6000))
        leg.bye()
        self.check("held", "held", False)

    def test_hold_and_resume(self):
        leg = self.held(sdp(ALICE, 4000, b"a=sendonly"), sdp(BOB, 6000, b"a=recvonly"))
        leg.offer(15)
        leg.rtp("src", 15.2, number=300)
        leg.rtp("dst", 15.2, number=300)
        leg.bye()
        self.check("ok", "ok", False, media_coverage_forward_pct=98.5,
                   media_coverage_reverse_pct=98.5)

    def test_hold_that_was_refused_is_none(self):
        leg = self.leg()
        leg.answered()
        leg.talk(end=8)
        leg.offer(8, offer=sdp(ALICE, 4000, b"a=sendonly"), status=b"488 Not Acceptable Here")
        leg.rtp("src", 8.1, number=300)
        leg.bye()
        self.check("ok", "stopped", True)

    def test_an_announcement(self):
        leg = self.leg()
        leg.answered(offer=sdp(ALICE, 4000, b"a=recvonly"), answer=sdp(BOB, 6000, b"a=sendonly"))
        leg.rtp("dst")
        leg.bye()
        self.check("held", "ok", False, media_coverage_forward_pct=None)

    def test_a_fax(self):
        leg = self.leg()
        leg.answered()
        leg.talk(end=8)
        leg.offer(8, "dst", sdp(BOB, 6000, media=FAX), sdp(ALICE, 4000, media=FAX))
        leg.bye()
        self.check("moved", "moved", False)

    def test_a_fax_beside_audio_with_port_0(self):
        beside = b"m=image 4000 udptl t38"
        leg = self.held(sdp(ALICE, 0, beside), sdp(BOB, 0, beside))
        leg.bye()
        self.check("moved", "moved", False)

    def test_a_short_call(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src", end=4.5)
        leg.bye(4.5)
        self.check("ok", None, False)

    def test_no_answer_no_verdict(self):
        leg = self.leg()
        leg.offer(0, status=b"486 Busy Here", ring=sdp(BOB, 6000))
        leg.rtp("dst", .2, 1.8)
        self.check(None, None, False, media_coverage_reverse_pct=None)

    def test_dtx(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        leg.rtp("dst", end=16, skip=((4, 9), (11, 15)))
        leg.bye()
        self.check("ok", "ok", False, media_coverage_reverse_pct=70.0)

    def test_it_stops_with_comfort_noise(self):
        leg = self.leg()
        leg.answered(offer=sdp(ALICE, 4000, media=b"audio %d RTP/AVP 0 13"),
                     answer=sdp(BOB, 6000, media=b"audio %d RTP/AVP 0 13"))
        leg.rtp("src")
        leg.rtp("dst", end=10)
        leg.rtp("dst", 10, 10.02, number=400, kind=13)
        leg.bye()
        self.check("ok", "ok", False)


class Well(Case):
    def test_a_plain_call(self):
        leg = self.leg()
        leg.answered()
        leg.talk()
        leg.bye()
        self.check("ok", "ok", False, media_coverage_forward_pct=100.0,
                   media_coverage_reverse_pct=100.0)

    def test_early_media_that_goes_on(self):
        leg = self.leg()
        leg.offer(0, ring=sdp(BOB, 6000))
        leg.rtp("src")
        leg.rtp("dst", .2)
        leg.bye()
        self.check("ok", "ok", False, media_coverage_reverse_pct=100.0)

    def test_a_late_start(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        leg.rtp("dst", 12)
        leg.bye()
        self.check("ok", "ok", False, media_coverage_reverse_pct=50.0)
        stream, = (r for r in self.last if r["kind"] == "stream" and
                   r["direction"] == "reverse")
        self.assertAlmostEqual(stream["media_coverage_pct"], 50, delta=.5)
        self.assertIn("of 50 % of the call", earshot(
            "analyze", "--no-progress", self.path).decode())

    def test_a_stall_is_not_covered(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src", skip=((8, 13),), freeze=True)
        leg.rtp("dst", skip=((8, 13),))
        leg.bye()
        self.check("ok", "ok", False, media_coverage_forward_pct=75.0,
                   media_coverage_reverse_pct=100.0)
        uncovered = {r["direction"]: r["uncovered_s"] for r in self.last
                     if r["kind"] == "stream"}
        self.assertEqual(uncovered["reverse"], 0)
        self.assertAlmostEqual(uncovered["forward"], 5, delta=.03)

    def test_an_outage_is_not_covered(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        leg.rtp("dst", end=8)
        leg.rtp("dst", 13, number=550)
        leg.bye()
        self.check("ok", "ok", False, media_coverage_reverse_pct=75.0)

    def test_another_ssrc(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        leg.rtp("dst", end=10)
        leg.rtp("dst", 10, ssrc=77)
        leg.bye()
        self.check("ok", "ok", False, media_coverage_reverse_pct=100.0)

    def test_rtp_from_a_port_that_no_sdp_names(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src", of=(ALICE, 34567))
        leg.rtp("dst", of=(BOB, 45678), to=(ALICE, 34567))
        leg.bye()
        self.check("ok", "ok", False)

    def test_both_stop_at_once(self):
        leg = self.leg()
        leg.answered()
        leg.talk(end=10)
        leg.bye()
        self.check("stopped", "stopped", False)


class Hops(Case):
    def proxied(self, *ways):
        first = self.leg(dst=PROXY)
        second = self.leg(src=PROXY, begin=.003)
        for leg in (first, second):
            leg.media = {"src": (ALICE, 4000), "dst": (BOB, 6000)}
            leg.answered()
            leg.bye()
        for way in ways:
            first.rtp(way)
        return [(leg["audio_forward"], leg["audio_reverse"], leg["one_way"])
                for leg in self.legs()]

    def test_a_proxy_that_leaves_media_alone(self):
        self.assertEqual(self.proxied("src", "dst"), [("ok", "ok", False)] * 2)

    def test_and_one_way(self):
        self.assertEqual(self.proxied("src"), [("ok", "none", True)] * 2)

    def test_a_b2bua_that_leaves_media_alone(self):
        first = self.leg("one@example.com", dst=PROXY)
        second = self.leg("two@example.com", src=PROXY, begin=.003)
        for leg in (first, second):
            leg.media = {"src": (ALICE, 4000), "dst": (BOB, 6000)}
            leg.answered()
            leg.bye()
        first.talk()
        self.assertEqual([(leg["audio_forward"], leg["audio_reverse"], leg["one_way"])
                          for leg in self.legs()], [("ok", "ok", False)] * 2)

    def test_a_hop_whose_media_is_not_seen(self):
        first = self.leg(dst=PROXY)
        second = self.leg(src=PROXY, begin=.003)
        for leg in (first, second):
            leg.answered()
            leg.bye()
        first.talk()
        self.assertEqual(sorted((leg["audio_forward"], leg["audio_reverse"], leg["one_way"])
                                for leg in self.legs()),
                         [("not_seen", "not_seen", False), ("ok", "ok", False)])


class OneSidedProbe(Case):
    def test_no_rtp_at_all(self):
        leg = self.leg()
        leg.answered()
        leg.bye()
        self.check("not_seen", "not_seen", False, media_coverage_forward_pct=None)

    def test_the_receiver_reports_what_is_not_seen(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        for second in (7, 12, 17):
            leg.rtcp("src", second, packets_sent=50 * second, about=2, highest=50 * second)
        leg.bye()
        self.check("ok", "not_seen", False)

    def test_the_sender_reports_what_is_not_seen(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        for second in (7, 12, 17):
            leg.rtcp("dst", second, packets_sent=50 * second)
        leg.bye()
        self.check("ok", "not_seen", False)

    def test_it_is_sent_and_nobody_hears_it(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        for second in (7, 12, 17):
            leg.rtcp("dst", second, packets_sent=50 * second)
            leg.rtcp("src", second, packets_sent=50 * second)
        leg.bye()
        self.check("ok", "none", True)

    def run_of_calls(self, count):
        for i in range(count):
            leg = self.leg(f"{i}@example.com", begin=30.0 * i)
            leg.media = {"src": (ALICE, 4000 + 2 * i), "dst": (BOB, 6000 + 2 * i)}
            leg.answered()
            leg.rtp("src")
            leg.bye()

    def test_every_call_of_a_run_lacks_the_same_direction(self):
        self.run_of_calls(6)
        self.assertEqual([leg["audio_reverse"] for leg in self.legs()],
                         ["none"] * 2 + ["not_seen"] * 4)

    def test_another_call_shows_that_the_probe_sees_it(self):
        leg = self.leg("shows@example.com", src=CAROL, dst=ALICE)
        leg.answered()
        leg.talk()
        leg.bye()
        self.run_of_calls(6)
        self.assertEqual({leg["audio_reverse"] for leg in self.legs()
                          if leg["src"].startswith(ALICE)}, {"none"})


class Shown(Case):
    def test_every_output_shows_it(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        leg.rtp("dst", end=10)
        leg.bye()
        self.path.write_bytes(capture(self.frames))
        words = "one-way audio: → ok, ← stopped after 8.0 s"
        self.assertIn(words, earshot("analyze", "--no-progress", self.path).decode())
        for kind in ("leg", "call"):
            row, = csv.DictReader(io.StringIO(earshot(
                "analyze", "--no-progress", f"--csv={kind}", self.path).decode()))
            self.assertEqual(row["one_way"], "true")
        db = self.path.with_suffix(".db")
        earshot("analyze", "--no-progress", "--db", db, self.path)
        with sqlite3.connect(db) as rows:
            self.assertEqual(
                rows.execute("SELECT l.one_way, audio_forward, audio_reverse, c.one_way, "
                             "round(media_coverage_reverse_pct), l.audio_reverse_until / "
                             "1000000 FROM leg l, call c").fetchall(),
                [(1, "ok", "stopped", 1, 40.0, packets.START + 9)])
            self.assertEqual(
                rows.execute("SELECT one_way, audio_reverse FROM v_legs").fetchall(),
                [(1, "stopped")])
        listed = earshot("calls", "--db", db).decode()
        self.assertIn("one-way", listed.splitlines()[1])
        call, = (json.loads(line) for line in earshot("calls", "--db", db, "--json")
                 .splitlines())
        self.assertIs(call["one_way"], True)
        self.assertIn(words, earshot("call", "--db", db, call["id"]).decode())


class Recorded(Case):
    """Captures of real software in pcaps/; what happens in each is told there."""

    def fates(self, name):
        output = earshot("analyze", "--no-progress", "--json", ROOT / "pcaps" / f"{name}.pcap")
        return [(r["audio_forward"], r["audio_reverse"], r["one_way"])
                for r in map(json.loads, output.splitlines()) if r["kind"] == "leg"]

    def test_what_happened_is_what_is_told(self):
        for name, expected in (
                ("one_way", [("closed_port", "none", True)]),
                ("hold_resume", [("ok", "ok", False)]),
                ("websocket", [("none", "ok", True)] * 2),
                ("proxy_relay", [("ok", "ok", False)] * 2),
                ("forked", [("not_seen", "not_seen", False)] * 2 + [(None, None, False)]),
                ("busy", [(None, None, False)])):
            with self.subTest(name):
                self.assertCountEqual(self.fates(name), expected)


if __name__ == "__main__":
    unittest.main()
