"""Directions that are at fault, and faults that only seem to be: closed ports, private
addresses."""
from calls import ALICE, ANSWER, BOB, END, sdp
from scene import Case


class Faults(Case):
    def test_nothing_comes_back(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        leg.bye()
        self.check("ok", "none", True, audio_reverse_until=None,
                   media_coverage_forward_pct=100.0, media_coverage_reverse_pct=0.0)

    def test_nothing_goes_of_a_late_offer(self):
        leg = self.leg()
        leg.answered(late=True, offer=sdp(ALICE, 4000), answer=sdp(BOB, 6000))
        leg.rtp("dst")
        leg.bye()
        self.assertIn("late_offer", self.check("none", "ok", True)["flags"])

    def test_a_ringing_tone_and_then_nothing(self):
        leg = self.leg()
        leg.offer(0, ring=sdp(BOB, 6000))
        leg.rtp("src")
        leg.rtp("dst", .2, ANSWER)
        leg.bye()
        self.check("ok", "early_only", True, media_coverage_reverse_pct=0.0)

    def test_it_stops_in_mid_call(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        leg.rtp("dst", end=10)
        leg.bye()
        leg = self.check("ok", "stopped", True, media_coverage_reverse_pct=40.0)
        self.assertTrue(leg["audio_reverse_until"].endswith(":29.980000Z"), leg)

    def test_srtp_is_judged_by_its_headers(self):
        leg = self.leg()
        key = b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:" + b"x" * 40
        secure = b"audio %d RTP/SAVP 0"
        leg.answered(offer=sdp(ALICE, 4000, key, secure), answer=sdp(BOB, 6000, key, secure))
        leg.rtp("src")
        leg.bye()
        self.check("ok", "none", True)

    def test_digits_are_no_audio(self):
        leg = self.leg()
        both = b"audio %d RTP/AVP 0 101"
        more = b"a=rtpmap:101 telephone-event/8000"
        leg.answered(offer=sdp(ALICE, 4000, more, both), answer=sdp(BOB, 6000, more, both))
        leg.rtp("src")
        leg.rtp("dst", 8, 8.5, kind=101)
        leg.bye()
        self.check("ok", "none", True)

    def test_rtp_that_says_nothing_is_silent_for_those_who_listen(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        leg.rtp("dst", sound=b"\xff")
        leg.bye()
        self.check("ok", "ok", False)
        leg, = self.legs("--audio")
        self.assertEqual((leg["audio_forward"], leg["audio_reverse"], leg["one_way"]),
                         ("ok", "silent", False))

    def test_it_does_not_come_back_from_hold(self):
        leg = self.leg()
        leg.answered()
        leg.talk(end=8)
        leg.offer(8, offer=sdp(ALICE, 4000, b"a=sendonly"), answer=sdp(BOB, 6000, b"a=recvonly"))
        leg.offer(12)
        leg.rtp("src", 12.2, number=300)
        leg.bye()
        self.check("ok", "stopped", True)


class ClosedPorts(Case):
    def test_icmp_says_that_the_port_is_closed(self):
        leg = self.leg()
        leg.answered()
        leg.rtp("src")
        for second in range(2, 22):
            leg.refused(second + .01, "src")
        leg.bye()
        self.check("closed_port", "none", True)
        self.assertEqual(self.summary()["counters"]["icmp_packets"], 20)
        self.assertEqual(self.summary()["counters"]["rtp_packets"], 1000)
        self.assertEqual(self.summary()["not_ours"], 0)

    def test_a_filter_is_no_better(self):
        leg = self.leg()
        leg.answered()
        leg.talk()
        for second in range(2, 22):
            leg.refused(second + .01, "dst", code=13)
        leg.bye()
        self.check("ok", "closed_port", True)

    def test_ports_that_close_as_the_call_ends(self):
        leg = self.leg()
        leg.answered()
        leg.talk()
        for i in range(5):
            leg.refused(END - .1 + i * .02, "src")
        leg.bye()
        self.check("ok", "ok", False)

    def test_a_port_that_opens_late(self):
        leg = self.leg()
        leg.answered()
        leg.talk()
        for i in range(5):
            leg.refused(ANSWER + .1 + i * .02, "src")
        leg.bye()
        self.check("ok", "ok", False)

    def test_a_closed_rtcp_port_is_nothing(self):
        leg = self.leg()
        leg.answered()
        leg.talk()
        for second in range(2, 22):
            leg.refused(second + .01, "src", above=1)
        leg.bye()
        self.check("ok", "ok", False)
        self.assertEqual(self.summary()["not_ours"], 20)

    def test_a_packet_too_big_is_nothing(self):
        leg = self.leg()
        leg.answered()
        leg.talk()
        for second in range(2, 22):
            leg.refused(second + .01, "src", code=4)
        leg.bye()
        self.check("ok", "ok", False)


class PrivateAddresses(Case):
    def answer(self):
        leg = self.leg()
        leg.media["dst"] = ("192.168.7.7", 6000)
        leg.answered()
        leg.bye()
        return leg

    def test_rtp_that_is_sent_there_goes_nowhere(self):
        leg = self.answer()
        leg.rtp("src")
        leg.rtp("dst", of=(BOB, 33000))
        self.check("private_address", "ok", True)

    def test_nor_is_it_better_not_to_send(self):
        leg = self.answer()
        leg.rtp("dst", of=(BOB, 33000))
        self.check("private_address", "ok", True)

    def test_a_relay_that_sends_to_where_rtp_comes_from(self):
        leg = self.answer()
        leg.rtp("src", to=(BOB, 33000))
        leg.rtp("dst", of=(BOB, 33000))
        self.check("ok", "ok", False)

    def test_where_the_private_address_itself_is_seen_it_is_no_stranger(self):
        leg = self.answer()
        leg.talk()
        self.check("ok", "ok", False)

    def test_inside_everybody_is_private(self):
        leg = self.leg(src="10.0.0.1", dst="10.0.0.2")
        leg.answered()
        leg.rtp("src")
        leg.bye()
        self.check("ok", "none", True)
