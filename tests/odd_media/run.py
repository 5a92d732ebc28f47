#!/usr/bin/env python3
"""Odd, but real: media as phones, relays and NATs send it.  What each stream belongs to, which
way it goes, what it lost and how it sounds is known by construction.

    EARSHOT=build/earshot run.py [-v] [TEST...]
"""
import collections
import json
import os
import pathlib
import random
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

from scene import A, PBX, PHONE, S, S2, Scene, sdp, text_of  # pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
CALL, OTHER = "one@test", "two@test"
CLEAN_MOS = 4.409  # of G.711 without any loss: quality.md section 3
PRIVATE = ("10.0.0.5", 4000)
NAT, NAT_AGAIN, NAT_BESIDE = (("203.0.113.9", port) for port in (31000, 31777, 31002))
OPUS = {"types": "96", "attributes": "a=rtpmap:96 opus/48000/2\r\n"}
T38 = {"types": "t38", "medium": "image", "protocol": "udptl",
       "attributes": "a=T38FaxVersion:0\r\n"}


def analyse(scene):
    with tempfile.TemporaryDirectory(prefix="earshot-odd-") as folder:
        path = pathlib.Path(folder, "odd.pcap")
        scene.write(path)
        run = subprocess.run([EARSHOT, "analyze", "--json", "--no-progress", path], check=True,
                             capture_output=True, timeout=60)
    return [json.loads(line) for line in run.stdout.splitlines()]


class Odd(unittest.TestCase):
    maxDiff = None

    def check(self, scene, streams, legs=None, clean=True):
        """streams: (src, dst, SSRC, Call-ID, direction, packets, lost); legs: Call-ID to what
        became of its audio, forward and reverse; clean: nothing sounds worse than it can."""
        records = analyse(scene)
        found = {r["id"]: r for r in records if r["kind"] == "leg"}
        ours = [(s["src"], s["dst"], int(s["ssrc"], 16),
                 found[s["leg"]]["sip_call_id"] if s["leg"] else None, s["direction"],
                 s["packets"], s["lost"]) for s in records if s["kind"] == "stream"]
        right = [(text_of(src), text_of(dst), *rest) for src, dst, *rest in streams]
        self.assertEqual(sorted(ours), sorted(right))
        for leg in found.values():
            self.assertEqual((leg["audio_forward"], leg["audio_reverse"]),
                             (legs or {}).get(leg["sip_call_id"], ("ok", "ok")), leg["sip_call_id"])
        if clean:
            for stream in records:
                if stream["kind"] == "stream" and stream["codec"] == "PCMA":
                    self.assertAlmostEqual(stream["mos_lq"], CLEAN_MOS, delta=0.001)
                    self.assertEqual(sum(b["discarded"] for b in stream["buffers"]), 0)
        return records

    # --- holds ---

    def test_hold_by_address_zero(self):
        """RFC 2543; SSRC, numbers and timestamps go on where they were."""
        s = Scene()
        t = s.call(CALL, 0, sdp(A), sdp(S), talk=10)
        s.again(t + 3, CALL, 2, sdp(A, connection="0.0.0.0"), sdp(S), by_callee=False)
        s.again(t + 6, CALL, 3, sdp(A), sdp(S), by_callee=False)
        for src, dst, ssrc in ((A, S, 1), (S, A, 2)):
            s.talk(t + 0.05, src, dst, ssrc, 140)
            s.talk(t + 6.12, src, dst, ssrc, 190, first=140)
        records = self.check(s, [(A, S, 1, CALL, "forward", 330, 0), (S, A, 2, CALL, "reverse", 330, 0)])
        self.assertEqual([r["holds"] for r in records if r["kind"] == "leg"], [1])

    def test_music_of_another_source(self):
        s = Scene()
        t = s.call(CALL, 0, sdp(A), sdp(S), talk=12)
        s.again(t + 3, CALL, 2, sdp(S, attributes="a=sendonly\r\n"),
                sdp(A, attributes="a=recvonly\r\n"))
        s.again(t + 8, CALL, 3, sdp(S), sdp(A))
        s.talk(t + 3.12, S, A, 77, 240)
        for src, dst, ssrc in ((A, S, 1), (S, A, 2)):
            s.talk(t + 0.05, src, dst, ssrc, 140)
            s.talk(t + 8.12, src, dst, ssrc, 190, first=140)
        self.check(s, [(A, S, 1, CALL, "forward", 330, 0), (S, A, 2, CALL, "reverse", 330, 0),
                       (S, A, 77, CALL, "reverse", 240, 0)])

    def test_an_offer_of_nowhere(self):
        """The first SDP has no address yet."""
        s = Scene()
        t = s.call(CALL, 0, sdp(A, connection="0.0.0.0"), sdp(S))
        s.again(t + 0.5, CALL, 2, sdp(A), sdp(S), by_callee=False)
        s.talk(t + 0.65, A, S, 1, 265)
        s.talk(t + 0.65, S, A, 2, 265)
        self.check(s, [(A, S, 1, CALL, "forward", 265, 0), (S, A, 2, CALL, "reverse", 265, 0)])

    # --- before the answer ---

    def test_media_before_the_answer(self):
        s = Scene()
        s.talk(0.2, S, A, 2, 300)
        s.talk(0.4, A, S, 1, 300)
        s.call(CALL, 0, sdp(A), sdp(S))
        self.check(s, [(A, S, 1, CALL, "forward", 300, 0), (S, A, 2, CALL, "reverse", 300, 0)])

    def test_media_before_anybody_says_what_it_is(self):
        s = Scene()
        s.call(CALL, 0, sdp(A, **OPUS), sdp(S, **OPUS))
        s.talk(0.1, S, A, 2, 300, payload_type=96, ticks=960)
        s.talk(0.3, A, S, 1, 300, payload_type=96, ticks=960)
        records = self.check(s, [(A, S, 1, CALL, "forward", 300, 0), (S, A, 2, CALL, "reverse", 300, 0)])
        self.assertEqual({r["codec"] for r in records if r["kind"] == "stream"}, {"opus"})

    def test_two_branches_announce(self):
        """One rings with a tone of its own, the other answers."""
        s = Scene()
        s.sip(0, PHONE, PBX, "INVITE", CALL, "1 INVITE", ("f", None), sdp(A))
        s.sip(0.3, PBX, PHONE, "SIP/2.0 183 Progress", CALL, "1 INVITE", ("f", "t1"), sdp(S))
        s.sip(0.6, PBX, PHONE, "SIP/2.0 183 Progress", CALL, "1 INVITE", ("f", "t2"), sdp(S2))
        s.sip(3, PBX, PHONE, "SIP/2.0 200 OK", CALL, "1 INVITE", ("f", "t2"), sdp(S2))
        s.sip(3.02, PHONE, PBX, "ACK", CALL, "1 ACK", ("f", "t2"))
        s.sip(8.7, PHONE, PBX, "BYE", CALL, "9 BYE", ("f", "t2"))
        s.talk(0.35, S, A, 21, 100)
        s.talk(0.65, S2, A, 22, 400)
        s.talk(3.05, A, S2, 1, 280)
        self.check(s, [(S, A, 21, CALL, "reverse", 100, 0), (S2, A, 22, CALL, "reverse", 400, 0),
                       (A, S2, 1, CALL, "forward", 280, 0)])

    def test_an_announcement_and_then_the_same_ports(self):
        s = Scene()
        s.sip(0, PHONE, PBX, "INVITE", OTHER, "1 INVITE", ("f", None), sdp(A))
        s.sip(0.2, PBX, PHONE, "SIP/2.0 183 Progress", OTHER, "1 INVITE", body=sdp(S))
        s.sip(4.3, PBX, PHONE, "SIP/2.0 404 Not Found", OTHER, "1 INVITE")
        s.sip(4.31, PHONE, PBX, "ACK", OTHER, "1 ACK")
        s.talk(0.25, S, A, 9, 200)
        t = s.call(CALL, 4.5, sdp(A), sdp(S))
        s.talk(t + 0.05, S, A, 10, 290)
        s.talk(t + 0.05, A, S, 11, 290)
        self.check(s, [(S, A, 9, OTHER, "reverse", 200, 0), (S, A, 10, CALL, "reverse", 290, 0),
                       (A, S, 11, CALL, "forward", 290, 0)], {OTHER: (None, None)})

    # --- addresses ---

    def test_comedia(self):
        s = Scene()
        t = s.call(CALL, 0, sdp(PRIVATE), sdp(S))
        s.talk(t + 0.05, NAT, S, 1, 280)
        s.talk(t + 0.1, S, NAT, 2, 280, lost={50, 51})
        self.check(s, [(NAT, S, 1, CALL, "forward", 280, 0), (S, NAT, 2, CALL, "reverse", 278, 2)],
                   clean=False)

    def test_a_nat_that_binds_anew(self):
        s = Scene()
        t = s.call(CALL, 0, sdp(PRIVATE), sdp(S))
        for first, nat in ((0, NAT), (140, NAT_AGAIN)):
            s.talk(t + 0.05 + first * 0.02, nat, S, 1, 140, first=first)
            s.talk(t + 0.1 + first * 0.02, S, nat, 2, 140, first=first)
        self.check(s, [(nat, S, 1, CALL, "forward", 140, 0) for nat in (NAT, NAT_AGAIN)] +
                   [(S, nat, 2, CALL, "reverse", 140, 0) for nat in (NAT, NAT_AGAIN)])

    def test_two_phones_behind_one_nat(self):
        """Both name the same private address and port."""
        s = Scene()
        s.call(CALL, 0, sdp(PRIVATE), sdp(S))
        t = s.call(OTHER, 0.1, sdp(PRIVATE), sdp(S2), ends=((PHONE[0], 5062), PBX))
        for nat, relay, ssrc in ((NAT, S, 1), (NAT_BESIDE, S2, 11)):
            s.talk(t + 0.05, nat, relay, ssrc, 280)
            s.talk(t + 0.1, relay, nat, ssrc + 1, 280)
        self.check(s, [(NAT, S, 1, CALL, "forward", 280, 0), (S, NAT, 2, CALL, "reverse", 280, 0),
                       (NAT_BESIDE, S2, 11, OTHER, "forward", 280, 0),
                       (S2, NAT_BESIDE, 12, OTHER, "reverse", 280, 0)])

    def test_a_port_that_another_call_names(self):
        """The phone sends from the port of its other line."""
        beside = (A[0], 4500)
        s = Scene()
        s.call(CALL, 0, sdp(A), sdp(S))
        t = s.call(OTHER, 0.1, sdp(beside), sdp(S2))
        s.talk(t + 0.05, beside, S, 1, 280)
        s.talk(t + 0.05, S, A, 2, 280)
        s.talk(t + 0.05, beside, S2, 3, 280)
        s.talk(t + 0.05, S2, beside, 4, 280)
        self.check(s, [(beside, S, 1, CALL, "forward", 280, 0), (S, A, 2, CALL, "reverse", 280, 0),
                       (beside, S2, 3, OTHER, "forward", 280, 0),
                       (S2, beside, 4, OTHER, "reverse", 280, 0)])

    def test_media_moves(self):
        """To another relay, with SSRC and numbers; its first packets come before the offer."""
        s = Scene()
        t = s.call(CALL, 0, sdp(A), sdp(S), talk=8)
        s.again(t + 3, CALL, 2, sdp(S2), sdp(A))
        for src, dst, ssrc in ((A, None, 1), (None, A, 2)):
            s.talk(t + 0.05, src or S, dst or S, ssrc, 145)
            s.talk(t + 2.97, src or S2, dst or S2, ssrc, 240, first=145)
        self.check(s, [(A, S, 1, CALL, "forward", 145, 0), (S, A, 2, CALL, "reverse", 145, 0),
                       (A, S2, 1, CALL, "forward", 240, 0), (S2, A, 2, CALL, "reverse", 240, 0)])

    def test_ipv6(self):
        a, b = ("2001:db8::1", 4000), ("2001:db8::2", 5000)
        s = Scene()
        t = s.call(CALL, 0, sdp(a), sdp(b), ends=((a[0], 5060), ("2001:db8::9", 5060)))
        s.talk(t + 0.05, a, b, 1, 280)
        s.talk(t + 0.05, b, a, 2, 280, lost={7})
        self.check(s, [(a, b, 1, CALL, "forward", 280, 0), (b, a, 2, CALL, "reverse", 279, 1)],
                   clean=False)

    # --- SSRC, numbers, payload types ---

    def test_one_ssrc_both_ways(self):
        s = Scene()
        t = s.call(CALL, 0, sdp(A), sdp(S))
        s.talk(t + 0.05, A, S, 0xdead, 280, lost={100, 101, 102})
        s.talk(t + 0.05, S, A, 0xdead, 280, first=60000)
        self.check(s, [(A, S, 0xdead, CALL, "forward", 277, 3), (S, A, 0xdead, CALL, "reverse", 280, 0)],
                   clean=False)

    def test_two_sources_of_one_ssrc(self):
        s = Scene()
        t = s.call(CALL, 0, sdp(A), sdp(S))
        stranger = ("198.18.0.7", 4000)
        s.talk(t + 0.05, A, S, 5, 280)
        s.talk(t + 0.055, stranger, S, 5, 280, first=30000)
        s.talk(t + 0.05, S, A, 2, 280)
        self.check(s, [(A, S, 5, CALL, "forward", 280, 0), (stranger, S, 5, CALL, "forward", 280, 0),
                       (S, A, 2, CALL, "reverse", 280, 0)])

    def test_numbers_and_time_begin_anew(self):
        s = Scene()
        t = s.call(CALL, 0, sdp(A), sdp(S))
        s.talk(t + 0.05, A, S, 1, 140)
        s.talk(t + 2.85, A, S, 1, 140, first=30000, timestamp=999999999)
        s.talk(t + 0.05, S, A, 2, 280)
        records = self.check(s, [(A, S, 1, CALL, "forward", 280, 0), (S, A, 2, CALL, "reverse", 280, 0)])
        self.assertEqual({r["ssrc"]: r["restarts"] for r in records if r["kind"] == "stream"},
                         {"0x00000001": 1, "0x00000002": 0})

    def test_a_type_that_nobody_agreed_to(self):
        s = Scene()
        t = s.call(CALL, 0, sdp(A), sdp(S))
        s.talk(t + 0.05, A, S, 1, 140)
        s.talk(t + 2.85, A, S, 1, 140, first=140, payload_type=0)
        s.talk(t + 0.05, S, A, 2, 280)
        records = self.check(s, [(A, S, 1, CALL, "forward", 280, 0), (S, A, 2, CALL, "reverse", 280, 0)])
        self.assertEqual([r["payload_types"] for r in records if r["kind"] == "stream" and
                          r["direction"] == "forward"], [{"8": 140, "0": 140}])
        self.assertIn("codec_mismatch", {r["code"] for r in records if r["kind"] == "finding"})

    def test_audio_refused_beside_video(self):
        s = Scene()
        video = "m=video {} RTP/AVP 99\r\na=rtpmap:99 H264/90000\r\n"
        eye, camera = (A[0], 4100), (S[0], 5100)
        t = s.call(CALL, 0, sdp(A) + video.format(4100), sdp((S[0], 0)) + video.format(5100))
        s.talk(t + 0.05, eye, camera, 9, 240, payload_type=99, ticks=1800)
        s.talk(t + 0.05, camera, eye, 8, 240, payload_type=99, ticks=1800)
        self.check(s, [(eye, camera, 9, CALL, "forward", 240, 0),
                       (camera, eye, 8, CALL, "reverse", 240, 0)], {CALL: ("moved", "moved")})

    def test_a_fax_on_the_port_of_the_audio(self):
        """UDPTL has no version; from 32768 on its numbers look like the one of RTP.  Then audio
        again."""
        for back in (False, True):
            with self.subTest(back=back):
                s = Scene()
                t = s.call(CALL, 0, sdp(A), sdp(S), talk=12)
                s.again(t + 2.4, CALL, 2, sdp(S, **T38), sdp(A, **T38))
                for i in range(400):
                    for first, src, dst in ((0, A, S), (0x8000, S, A)):
                        s.udp(t + 2.6 + i * 0.02, src, dst, struct.pack(">HBBHH", first + i, 1, 0, i, 7) + bytes(24))
                right = 120
                if back:
                    s.again(t + 10.7, CALL, 3, sdp(S), sdp(A))
                    right = 170
                for src, dst, ssrc in ((A, S, 5), (S, A, 2)):
                    s.talk(t + 0.05, src, dst, ssrc, 120)
                    if back:
                        s.talk(t + 10.82, src, dst, ssrc, 50, first=120)
                self.check(s, [(A, S, 5, CALL, "forward", right, 0), (S, A, 2, CALL, "reverse", right, 0)],
                           {} if back else {CALL: ("moved", "moved")})

    # --- ports that are used again ---

    def test_ports_of_many_calls(self):
        """Phones that give every call the same port, as soon as the one before is over, and a
        relay that gives a port again after two seconds; the last packets are still under way.
        Of some calls the BYE is not seen."""
        for unseen in (0, 0.3, 1):
            with self.subTest(unseen=unseen):
                self.many_calls(random.Random(7), unseen)

    def many_calls(self, order, unseen, count=250):
        s, right = Scene(), []
        phones, ports = ([(0.0, i) for i in range(n)] for n in (15, 20))
        for number in range(count):
            phone, port = min(phones), min(ports)
            phones.remove(phone)
            ports.remove(port)
            at = max(phone[0], port[0]) + order.uniform(0.05, 0.4)
            a, relay = (f"198.18.{phone[1]}.1", 4000), ("198.19.0.1", 10000 + 2 * port[1])
            talk, call = order.uniform(1, 2), f"{number}@test"
            t = s.call(call, at, sdp(a), sdp(relay), talk, ((a[0], 5060), PBX),
                       bye=order.random() >= unseen)
            packets = int(talk / 0.02) + 10  # the last 200 ms come after the BYE
            for src, dst, direction in ((a, relay, "forward"), (relay, a, "reverse")):
                ssrc = order.getrandbits(32)
                s.talk(t + 0.03, src, dst, ssrc, packets)
                right.append((src, dst, ssrc, call, direction, packets, 0))
            phones.append((t + talk + 0.05, phone[1]))
            ports.append((t + talk + 2, port[1]))
        fates = collections.defaultdict(lambda: ("ok", "ok"))
        self.check(s, right, fates)


if __name__ == "__main__":
    unittest.main()
