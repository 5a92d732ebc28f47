"""`earshot extract` at the command line; extract.py compares what it writes."""
import struct
import subprocess

import extract
import packets
from case import Case, DONE, EARSHOT, FAILED, PCAPS


class Extract(Case):
    def test_a_call_analyses_alone_as_in_the_whole(self):
        for captures, most in ((extract.OWN, 100),
                               (extract.FOREIGN, extract.CALLS_PER_CAPTURE)):
            count, wrong = extract.check_captures(EARSHOT, captures, self.folder, most)
            self.assertEqual(wrong, [])
            self.assertGreaterEqual(count, len(captures) // 2)

    def test_ids_of_call_and_leg_their_beginnings_and_the_call_id_name_it(self):
        path = PCAPS / "forked.pcap"
        records = extract.records(EARSHOT, path)
        call = next(r for r in records if r["kind"] == "call")
        results = []
        for name in (call["id"], call["id"][:6].upper(), call["legs"][1], call["legs"][2][:5],
                     "forked-1@198.18.0.1"):
            results.append(self.succeed("extract", path, "--call", name, "-o", "-"))
        self.assertEqual(results, [results[0]] * 5)
        self.assertEqual(len(packets.split(results[0])[1]), 20)

    def test_what_names_no_call_or_several_is_said(self):
        path = PCAPS / "no_answer.pcap"
        self.refuse(FAILED, ["no call 'nobody@example.com'"], "extract", path, "--call",
                    "nobody@example.com", "-o", self.folder / "x.pcap")
        many = self.file("many.pcap", packets.calls(40, 1))
        ids = [r["id"] for r in extract.records(EARSHOT, many) if r["kind"] == "call"]
        digit = next(d for d in "0123456789abcdef" if sum(i[0] == d for i in ids) > 1)
        said = self.refuse(FAILED, ["may be"], "extract", many, "--call", digit, "-o",
                           self.folder / "x.pcap").stderr.decode()
        self.assertIn("  " + digit, said)
        self.assertFalse((self.folder / "x.pcap").exists())

    def test_an_existing_file_is_overwritten_only_by_force(self):
        out = self.file("out.pcap", b"precious")
        command = ["extract", PCAPS / "busy.pcap", "--call", "busy-1@198.18.0.1", "-o", out]
        self.refuse(FAILED, [str(out), "--force"], *command)
        self.assertEqual(out.read_bytes(), b"precious")
        self.succeed(*command, "--force")
        self.assertEqual(len(packets.split(out.read_bytes())[1]), 4)
        source = self.file("in.pcap", (PCAPS / "busy.pcap").read_bytes())
        self.refuse(FAILED, ["one of the files to read"], "extract", source, "--call",
                    "busy-1@198.18.0.1", "-o", source, "--force")
        self.assertEqual(source.read_bytes(), (PCAPS / "busy.pcap").read_bytes())

    def test_the_result_is_pcap_in_nanoseconds_with_the_link_type_of_the_capture(self):
        for name, link in (("busy", 1), ("forked", 276)):
            output = self.succeed("extract", PCAPS / f"{name}.pcap", "--call",
                                  f"{name}-1@198.18.0.1", "-o", "-")
            self.assertEqual(struct.unpack("<I16xI", output[:24]), (0xa1b23c4d, link))

    def test_frames_of_several_link_types_make_pcapng(self):
        frames = list(packets.call(1, 0, 20))
        ethernet = self.file("a.pcap", packets.pcap(frames[::2]))
        raw = self.file("b.pcap", packets.pcap([(at, data[14:]) for at, data in frames[1::2]],
                                               link=101))
        out = self.folder / "out"
        self.succeed("extract", ethernet, raw, "--call", "made-1@example.com", "-o", out)
        self.assertEqual(out.read_bytes()[:4], b"\x0a\x0d\x0d\x0a")
        self.assertEqual(self.succeed("analyze", "--json", out),
                         self.succeed("analyze", "--json", ethernet, raw))

    def test_icmp_errors_and_rtcp_come_along(self):
        out = self.succeed("extract", PCAPS / "one_way.pcap", "--call", "one-way-1@198.18.0.1",
                           "-o", "-")
        self.assertEqual(len(packets.split(out)[1]), 6 + 200 + 9)
        path = PCAPS / "known_loss.pcap"
        call = next(r for r in extract.records(EARSHOT, path) if r["kind"] == "call")
        out = self.succeed("extract", path, "--call", call["id"], "-o", "-")
        self.assertEqual(len(packets.split(out)[1]), 6 + 1806 + 10)

    def test_what_a_mirror_gave_twice_comes_twice(self):
        frames = [frame for at, data in packets.call(1, 0, 20)
                  for frame in ((at, data), (at + .001, data))]
        path = self.file("twice.pcap", packets.pcap(sorted(frames, key=lambda f: f[0])))
        records = extract.records(EARSHOT, path)
        legs = [r for r in records if r["kind"] == "leg"]
        self.assertEqual([leg["span_copies"] for leg in legs], [5])
        self.assertEqual(extract.check_call(EARSHOT, path, records, legs[0]["call"],
                                            self.folder), [])

    def test_nothing_of_other_calls_comes_along(self):
        many = self.file("many.pcap", packets.calls(30, 10))
        out = self.succeed("extract", many, "--call", "made-7@example.com", "-o", "-")
        self.assertEqual(len(packets.split(out)[1]), 5 + 20)
        self.assertEqual(out.count(b"Call-ID: made-7@example.com"), 5)
        self.assertEqual(out.count(b"Call-ID: "), 5)

    def test_fragments_of_a_tunnel_come_along_and_those_of_other_calls_do_not(self):
        messages = [frame for n in range(3) for frame in packets.call(n, n * .01, 0)]
        frames = []
        for number, (at, data) in enumerate(sorted(messages, key=lambda frame: frame[0])):
            frames += [(at, piece) for piece in packets.fragments(data, number, 96)]
        whole = packets.pcap(frames)
        path = self.file("tunnel.pcap", whole)
        records = extract.records(EARSHOT, path)
        legs = [r for r in records if r["kind"] == "leg"]
        self.assertEqual(len(legs), 3)
        written = 0
        for leg in legs:
            self.assertEqual(extract.check_call(EARSHOT, path, records, leg["call"],
                                                self.folder), [])
            out = self.succeed("extract", path, "--call", leg["call"], "-o", "-")
            written += len(packets.split(out)[1])
        self.assertEqual(written, len(packets.split(whole)[1]))

    def shared_connection(self):
        """Two calls on one TCP connection, their messages in two segments each."""
        line = packets.Connection(("192.0.2.1", 40000), packets.CALLEE)
        line.open(0)
        at = 1
        steps = [(0, b"INVITE sip:bob@example.com SIP/2.0", b"1 INVITE", b""),
                 (1, b"SIP/2.0 180 Ringing", b"1 INVITE", b";tag=b"),
                 (1, b"SIP/2.0 486 Busy Here", b"1 INVITE", b";tag=b"),
                 (0, b"ACK sip:bob@example.com SIP/2.0", b"1 ACK", b";tag=b")]
        for side, first, cseq, tag in steps:
            for name in (b"first@example.com", b"second@example.com", b"third@example.com"):
                message = packets.sip(first, name, cseq, tag)
                line.send(at, side, message[:100])
                line.send(at + .01, side, message[100:])
                at += .1
        return self.file("shared.pcap", packets.pcap(line.frames))

    def test_a_shared_connection_keeps_its_sequence_and_loses_what_others_said(self):
        path = self.shared_connection()
        records = extract.records(EARSHOT, path)
        for name in ("first", "second", "third"):
            call = next(r["call"] for r in records if r["kind"] == "leg" and
                        r["sip_call_id"] == f"{name}@example.com")
            wrong = extract.check_call(EARSHOT, path, records, call, self.folder)
            self.assertEqual(wrong, [], name)
            out = self.succeed("extract", path, "--call", call, "-o", "-")
            self.assertEqual(out.count(b"Call-ID: "), 4)
            self.assertEqual(out.count(b"Call-ID: " + name.encode()), 4)

    def test_output_that_cannot_be_written_exits_1(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([EARSHOT, "extract", str(PCAPS / "answered.pcap"), "--call",
                                   "answered-1@198.18.0.1", "-o", "-"], stdout=full,
                                  stderr=subprocess.PIPE, check=False)
        self.assertEqual(done.returncode, FAILED)
        self.assertIn(b"No space left", done.stderr)
        self.refuse(FAILED, ["no-such-folder"], "extract", PCAPS / "busy.pcap", "--call",
                    "busy-1@198.18.0.1", "-o", self.folder / "no-such-folder" / "x.pcap")
