#!/usr/bin/env python3
"""Secrets in every place of SIP messages where one may stand, over every transport: none of
them is in any file that the program writes, nor in what it prints.

    EARSHOT=build/earshot run.py [-v] [TEST...]

Live it needs root, and a network namespace of its own, which it makes.
"""
import base64
import contextlib
import ctypes
import ctypes.util
import os
import pathlib
import re
import sqlite3
import struct
import subprocess
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True  # the source tree stays clean
ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
sys.path.insert(0, str(ROOT / "tests" / "live"))

import lab  # pylint: disable=wrong-import-position

SECRET = "s3cret"  # each one begins like that, so that one search finds all
PHONE, PROXY = "198.18.7.1", "198.18.7.2"
MARK = "[redacted]"

# --- messages that give something away ---------------------------------------------------

AUTHORIZATION = ('Digest username="bob", realm="a.example", nonce="s3cret01", uri="sip:a.example", '
                 'response="s3cret02", cnonce="s3cret03", opaque="s3cret04", nc=00000001, qop=auth')
CRYPTO = ("a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:s3cretKEY05s3cretKEY05s3cretKEY05|2^20|1:4\r\n"
          "A=CRYPTO:2 AES_256_CM_HMAC_SHA1_80 INLINE:s3cret06\r\nk=base64:s3cret07\r\n"
          "a=key-mgmt:mikey s3cret08\r\na=ice-pwd:s3cret09\r\n")
SDP = ("v=0\r\no=- 1 1 IN IP4 198.18.7.1\r\ns=-\r\nc=IN IP4 198.18.7.1\r\nt=0 0\r\n"
       "m=audio 4000 RTP/SAVP 0\r\na=rtpmap:0 PCMU/8000\r\n" + CRYPTO)
PARTS = ("--x\r\nContent-Type: application/sdp\r\n\r\n" + SDP +
         "--x\r\nContent-Type: message/sipfrag\r\n\r\nSIP/2.0 200 OK\r\n"
         "proxy-authorization: Digest response=\"s3cret10\"\r\n\r\n--x--\r\n")

# What follows the INVITE within its dialog: method, headers, body.
REQUESTS = [
    ("INFO", "Content-Type: application/dtmf-relay", "Signal=s3cret11\r\nDuration=160\r\n"),
    ("INFO", "c: Application/DTMF", "s3cret12"),
    ("INFO", "Content-Type:\r\n application/vnd.nortelnetworks.digits", "p=Digit-Collection\r\ny=s3cret13"),
    ("INFO", "Content-Type: multipart/mixed;boundary=x",
     "--x\r\nContent-Type: application/dtmf-relay\r\n\r\nSignal=s3cret14\r\n--x--\r\n"),
    ("NOTIFY", "Event: kpml\r\nContent-Type: application/kpml-response+xml",
     '<kpml-response version="1.0" code="200" digits="s3cret15"/>'),
    ("NOTIFY", "Event: kpml\r\nc: multipart/mixed;boundary=x",
     "--x\r\nCONTENT-TYPE: APPLICATION/KPML-RESPONSE+XML\r\n\r\n<kpml-response digits=\"s3cret16\"/>\r\n--x--"),
    ("MESSAGE", "Content-Type: text/plain", "Dear Bob,\r\n\r\nthe word is s3cret17.\r\n"),
    ("message", "Content-Type: message/cpim", "From: x\r\n\r\ns3cret18"),
    ("UPDATE", "Content-Type: application/sdp", SDP),
    ("INVITE", "Content-Type: multipart/mixed;boundary=x", PARTS),
    ("UPDATE", "Content-Type: application/sdp\r\nContent-Encoding: base64",
     base64.b64encode(b"a=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:s3cret19").decode()),
    ("REFER", "Refer-To: <sip:carol:s3cret20@a.example?Authorization=s3cret21&Replaces=x>\r\n"
              "Referred-By: <sip:bob:s3cret22@a.example>", ""),
    ("OPTIONS", "aUtHoRiZaTiOn : dIgEsT\r\n\tUserName=\"bob\",\r\n ReSpOnSe=\r\n\t\"s3cret23\" ,"
                "\r\n  CNonce = s3cret24", ""),
    ("OPTIONS", "Proxy-Authorization: Basic czNjcmV0czNjcmV0\r\nAuthorization: Bearer s3cret25", ""),
    ("OPTIONS", "X-Auth-Token: s3cret26\r\nX-Password:\r\n s3cret27\r\nCookie: s3cret28", ""),
    ("OPTIONS", "Call-Info: <https://bob:s3cret29@a.example/>;purpose=info", ""),
    ("OPTIONS", "P-Asserted-Identity: \"Bob\" <sips:bob:s3cret30@a.example>\r\n"
                "Remote-Party-ID: <sip:bob:s3cret31@a.example>\r\nReplaces: x;to-tag=y;from-tag=z", ""),
    ("BYE", "Authorization: " + AUTHORIZATION, ""),
]


def message(first, call, cseq, method, headers, body, tagged=True):
    tag = ";tag=2" if tagged else ""
    return (f"{first}\r\nVia: SIP/2.0/UDP {PHONE};branch=z9hG4bK{call}{cseq}{method}\r\n"
            f"f: \"B\" <sip:bob:s3cret40@a.example>;tag=1\r\nt: <sip:carol:s3cret41@a.example>{tag}\r\n"
            f"i: {call}\r\nCSeq: {cseq} {method}\r\nm: <sip:bob:s3cret42@{PHONE}:5060>\r\n"
            + (headers + "\r\n" if headers else "") +
            f"l: {len(body)}\r\n\r\n{body}").encode()


def conversation(call):
    """(from the phone?, bytes): a registration, and a call with one of each request."""
    target = "sip:carol:s3cret43@a.example"
    yield True, message("REGISTER sip:a.example SIP/2.0", call + "r", 1, "REGISTER",
                        "Authorization: " + AUTHORIZATION, "", False)
    yield False, message("SIP/2.0 401 Unauthorized", call + "r", 1, "REGISTER",
                         'WWW-Authenticate: Digest realm="a.example", nonce="s3cret50"', "")
    yield True, message("REGISTER sip:a.example SIP/2.0", call + "r", 2, "REGISTER",
                        "Authorization: " + AUTHORIZATION, "", False)
    yield False, message("SIP/2.0 200 OK", call + "r", 2, "REGISTER", "Authentication-Info: "
                         'nextnonce="s3cret51", rspauth="s3cret52",\r\n\tcnonce="s3cret53"', "")
    yield True, message(f"INVITE {target} SIP/2.0", call, 1, "INVITE",
                        "Proxy-Authorization: " + AUTHORIZATION + "\r\nUser-Agent: x\r\n"
                        "Diversion: <sip:dora:s3cret54@a.example>;reason=unconditional\r\n"
                        "c: application/sdp", SDP, False)
    yield False, message("SIP/2.0 200 OK", call, 1, "INVITE", "Server: y\r\nc: application/sdp",
                         SDP.replace(PHONE, PROXY))
    yield True, message(f"ACK {target} SIP/2.0", call, 1, "ACK", "", "")
    for number, (method, headers, body) in enumerate(REQUESTS, 2):
        yield True, message(f"{method} {target} SIP/2.0", call, number, method, headers, body)
        yield False, message("SIP/2.0 200 OK", call, number, method, "", "")


def words_planted():
    text = b"".join(bytes_ for _, bytes_ in conversation("x"))
    return set(re.findall(rb"s3cret\d\d|s3cretKEY\d\d", text))


# --- packets ------------------------------------------------------------------------------

def frame(protocol, from_phone, payload):
    ends = [bytes(map(int, a.split("."))) for a in (PHONE, PROXY)][::1 if from_phone else -1]
    head = struct.pack(">BBHHHBBH4s4s", 0x45, 0, 20 + len(payload), 0, 0, 64, protocol, 0, *ends)
    return b"\2\0\0\0\0\2\2\0\0\0\0\1\x08\0" + head + payload


def over_udp(call):
    for from_phone, bytes_ in conversation(call):
        yield frame(17, from_phone, struct.pack(">HHHH", 5060, 5060, 8 + len(bytes_), 0) + bytes_)


class Connection:
    """TCP, as far as a listener needs it; segments are as small as they like."""

    def __init__(self, port, segment=1200):
        self.port, self.segment = port, segment
        self.next = {True: 1000, False: 9000}

    def packet(self, from_phone, flags, data=b""):
        ports = (self.port, 5060) if from_phone else (5060, self.port)
        head = struct.pack(">HHIIBBHHH", *ports, self.next[from_phone],
                           self.next[not from_phone], 0x50, flags, 65535, 0, 0)
        self.next[from_phone] += len(data) + (flags & 3 > 0)
        return frame(6, from_phone, head + data)

    def open(self):
        return [self.packet(True, 2), self.packet(False, 0x12), self.packet(True, 0x10)]

    def send(self, from_phone, data):
        return [self.packet(from_phone, 0x18, data[at:at + self.segment])
                for at in range(0, len(data), self.segment)]


def over_tcp(call):
    connection = Connection(40001, 500)
    yield from connection.open()
    for from_phone, bytes_ in conversation(call):
        yield from connection.send(from_phone, bytes_)


def over_websocket(call):
    connection = Connection(40002)
    yield from connection.open()
    yield from connection.send(True, b"GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\n"
                               b"Connection: Upgrade\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
                               b"Sec-WebSocket-Protocol: sip\r\nSec-WebSocket-Version: 13\r\n\r\n")
    yield from connection.send(False, b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"
                               b"Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n"
                               b"Sec-WebSocket-Protocol: sip\r\n\r\n")
    for from_phone, bytes_ in conversation(call):
        mask = b"\x5a\xa5\x3c\xc3" if from_phone else b""
        head = struct.pack(">BBH", 0x81, 126 | (0x80 if mask else 0), len(bytes_)) + mask
        if mask:
            bytes_ = bytes(b ^ mask[i % 4] for i, b in enumerate(bytes_))
        yield from connection.send(from_phone, head + bytes_)


def all_frames():
    return [*over_udp("u@a"), *over_tcp("t@a"), *over_websocket("w@a")]


# --- what was kept ------------------------------------------------------------------------

def unpacked(kept):
    """A message of the database, by the system's own Zstandard."""
    if kept[:4] != b"\x28\xb5\x2f\xfd":
        return kept
    source = (ROOT / "schema" / "message_dictionary.c").read_text(encoding="ascii")
    literals = re.findall(r'^\t"((?:[^"\\]|\\.)*)"', source, re.M)
    dictionary = "".join(literals).encode().decode("unicode_escape").encode()
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd"))
    zstd.ZSTD_createDCtx.restype = ctypes.c_void_p
    zstd.ZSTD_decompress_usingDict.restype = ctypes.c_size_t
    zstd.ZSTD_decompress_usingDict.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t,
        ctypes.c_char_p, ctypes.c_size_t]
    room = ctypes.create_string_buffer(1 << 16)
    context = zstd.ZSTD_createDCtx()
    length = zstd.ZSTD_decompress_usingDict(context, room, len(room), kept, len(kept),
                                            dictionary, len(dictionary))
    zstd.ZSTD_freeDCtx(ctypes.c_void_p(context))
    assert length <= len(room)
    return room.raw[:length]


def messages_of(path):
    with contextlib.closing(sqlite3.connect(path)) as db:
        return [unpacked(raw) for (raw,) in db.execute("SELECT raw FROM message_raw ORDER BY seq")]


def found_in(bytes_):
    return re.findall(rb".{0,40}s3cr.{0,20}", bytes_, re.I | re.S)


class Secrets(unittest.TestCase):
    def check_messages(self, path, transports):
        kept = messages_of(path)
        for text in kept:
            self.assertEqual(found_in(text), [], text.decode(errors="replace"))
            self.assertNotIn(b"czNjcmV0", text)  # the same in base64
        text = b"".join(kept).decode()
        self.assertEqual(text.count("SIP/2.0 200 OK\r\n"), transports * (len(REQUESTS) + 1) +
                         text.count("SIP/2.0 200 OK\r\nproxy"))
        self.assertGreater(text.count(MARK), transports * 50)
        # What is beside them is still there.
        for wanted in ('username="bob", realm="a.example"', "AES_CM_128_HMAC_SHA1_80 [redacted]",
                       "sip:carol:[redacted]@a.example", "a=rtpmap:0 PCMU/8000", 
                       "MESSAGE sip:carol"):
            self.assertIn(wanted, text)

    def check_files(self, folder, *others):
        for path in [*pathlib.Path(folder).rglob("*"), *others]:
            if path.is_file():
                self.assertEqual(found_in(path.read_bytes()), [], path)

    def test_the_plan_holds(self):
        """Every secret is in what is sent; else the rest proves nothing."""
        sent = b"".join(frame_ for frame_ in over_udp("u@a"))
        self.assertGreaterEqual(len(words_planted()), 39)
        for word in words_planted():
            self.assertIn(word, sent)

    def test_analyze(self):
        with tempfile.TemporaryDirectory() as folder:
            capture = pathlib.Path(folder, "in.pcap")
            with capture.open("wb") as out:
                out.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
                for i, frame_ in enumerate(all_frames()):
                    out.write(struct.pack("<IIII", 1800000000 + i // 100, i % 100 * 10**7,
                                          len(frame_), len(frame_)) + frame_)
            database = pathlib.Path(folder, "out", "calls.db")
            database.parent.mkdir()
            for how in ("--json", "--csv=leg", "--no-progress"):
                run = subprocess.run([lab.EARSHOT, "analyze", "--no-progress", how, "--messages",
                                      "--html", database.parent / "r.html", "--db", database,
                                      capture], capture_output=True, check=False)
                self.assertEqual(run.returncode, 0, run.stderr)
                self.assertEqual(found_in(run.stdout + run.stderr), [])
            self.check_files(database.parent)
            self.check_messages(database, 3)
            for command in (["calls"], ["call", "u@a"], ["call", "u@a", "--json"],
                            ["registrations"], ["explain", "u@a"]):
                run = subprocess.run([lab.EARSHOT, *command, "--db", database],
                                     capture_output=True, check=False)
                self.assertEqual(run.returncode, 0, run.stderr)
                self.assertEqual(found_in(run.stdout + run.stderr), [])

    def test_one_who_may_see_them(self):
        """It can be switched off; and what is looked for above could be found."""
        with tempfile.TemporaryDirectory() as folder:
            config = pathlib.Path(folder, "c.yaml")
            config.write_text("store: {redact: false}\n", encoding="ascii")
            capture, database = pathlib.Path(folder, "in.pcap"), pathlib.Path(folder, "c.db")
            with capture.open("wb") as out:
                out.write(struct.pack("<IHHIIII", 0xa1b23c4d, 2, 4, 0, 0, 65535, 1))
                for i, frame_ in enumerate(over_udp("u@a")):
                    out.write(struct.pack("<IIII", 1800000000, i * 10**6, len(frame_),
                                          len(frame_)) + frame_)
            subprocess.run([lab.EARSHOT, "analyze", "--no-progress", "--config", config,
                            "--messages", "--db", database, capture], check=True,
                           capture_output=True)
            text = b"".join(messages_of(database))
            for word in words_planted():
                if word < b"s3cret5" or word > b"s3cret54":  # registrations have no ladder
                    self.assertIn(word, text)

    @unittest.skipUnless(os.geteuid() == 0, "needs root")
    def test_live(self):
        """Also in what lies beside the database while it is written to, and after a kill."""
        with lab.lab("--messages") as (mirror, probe):
            mirror.send(all_frames())
            probe.has("SELECT 1 FROM (SELECT count(*) AS n FROM message_raw) WHERE n >= 117")
            self.check_files(probe.data, probe.log)
            self.assertTrue(pathlib.Path(f"{probe.db}-wal").exists())
            mirror.send(over_udp("again@a"))
            probe.has("SELECT 1 FROM (SELECT count(*) AS n FROM message_raw) WHERE n >= 156")
            probe.kill("engine")
            probe.kill("keeper")
            self.check_files(probe.data, probe.log)
            self.assertEqual(probe.stop()[0], 0)
            self.check_files(probe.data, probe.log)
            self.check_messages(probe.db, 4)


if __name__ == "__main__":
    lab.in_a_namespace_of_its_own()
    unittest.main()
