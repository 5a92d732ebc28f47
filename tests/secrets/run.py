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
import functools
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
       "m=audio 4000 RTP/SAVP 0 101\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\n" + CRYPTO)
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
    # Commas, quotes, blanks and folds where they do not belong, or are missing.
    ("OPTIONS", 'Authorization: Digest username="bob" response="s3cret60" cnonce=s3cret61\r\n'
                'Proxy-Authorization: Digest qop=auth; response=s3cret62; nonce="s3cret63"\r\n'
                'Authorization: Digest username="bob, response="s3cret64", realm="x"\r\n'
                'Authorization:Digest\r\n\trealm=\r\n "x"\r\n response\r\n =\r\n "s3cret65"\r\n'
                'PROXY-AUTHENTICATION-INFO\t:\r\n rspauth=s3cret66\r\nAuthorization: s3cret67', ""),
    ("OPTIONS", 'Authorization: Digest username="bob",response="s3cret68\r\n'
                'Authorization: Digest username="a\\",response="s3cret69"\r\nX-Auth-Digest: s3cret70', ""),
    ("UPDATE", "Content-Type: application/sdp", "v=0\r\n k=clear:s3cret71\r\n\tK = base64 : s3cret72\r\n"
     "a = crypto : 1 AES_CM_128_HMAC_SHA1_80 inline : s3cret73\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80\r\n"
     " inline:s3cret74\r\na=crypto:2\r\n AES_CM_128_HMAC_SHA1_80\r\n s3cret75\r\na=Crypto\t:1 x s3cret76\r\n"
     "a=key-mgmt :mikey s3cret77\na=crypto:1 AES_192_CM_HMAC_SHA1_80 inline:s3cret78\ra=crypto:1 s3cret79\r\n"
     "a=pcfg:1 t=1\r\na=acap:2 crypto:1 AES_CM_128_HMAC_SHA1_32 inline:s3cret80|2^20;inline:s3cret81\r\n"),
    ("INVITE", "c: Multipart/Mixed ;boundary=x",
     "--x\r\nContent-Type: multipart/alternative;boundary=y\r\n\r\n"
     "--y\r\nContent-Type: application/sdp\r\n\r\nv=0\r\nk=clear:s3cret82\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 "
     "inline:s3cret83\r\n--y--\r\n--x\r\nContent-Type: application/sdp\r\n\r\n a=crypto:1 F8_128_HMAC_SHA1_80 "
     "inline:s3cret84\r\n--x--\r\n"),
    ("INVITE", "Content-Type: multipart/mixed;boundary=x",
     "--x\r\nContent-Type: message/sip;version=2.0\r\n\r\n"
     "MESSAGE sip:a SIP/2.0\r\nContent-Type: text/plain\r\n\r\ns3cret85\r\n--x--\r\n"),
    ("NOTIFY", "Event: refer\r\nc: message/sipfrag;version=2.0", "MESSAGE sip:a SIP/2.0\r\n\r\ns3cret86"),
    ("NOTIFY", "Event: refer\r\nc: message/sipfrag",
     "SIP/2.0 200 OK\r\nCSeq: 3\r\n MESSAGE\r\n\r\ns3cret87"),
    ("NOTIFY", "Event: refer\r\nc: message/sipfrag",
     "X: y\r\n Authorization: Digest response=\"s3cret88\"\r\n"
     "c: application/sdp\r\n\r\nk=clear:s3cret89\r\n"),
    ("REFER", "r: <sip:carol@a.example?Replaces=x&aUtHorization=Digest%20s3cret90&Body=s3cret91>", ""),
    ("INFO", "Content-Type: application/Broadsoft;version=1.0", "play tone s3cret92"),
    ("INFO", "Content-Type: audio/telephone-event\r\nInfo-Package: dtmf", "s3cret93"),
    ("SUBSCRIBE", "Event: telephone-event\r\nc: AUDIO/TELEPHONE-EVENT", "s3cret94"),
    ("PUBLISH", "c: application/x\r\nContent-Transfer-Encoding: x-uuencode", "s3cret95"),
    ("BYE", "Authorization: " + AUTHORIZATION, ""),
]

# What is hardly a message, and what was cut on the way: it is counted, and not said.
BROKEN = ["MESSAGE sip:a@b SIP/2.0\r\nContent-Length: 999\r\n\r\ns3cret96",
          "s3cret97 sip:bob:s3cret97@b SIP/2.0\r\n\r\n",
          "INVITE sip:bob:s3cret98@x SIP/9.0\r\nAuthorization: Digest response=s3cret98\r\n\r\n",
          "SIP/2.0 s3cret99 s3cret99\r\nCSeq: s3cret99\r\n\r\n",
          "INVITE sip:a SIP/2.0\r\ns3cret99\r\n: s3cret99\r\n\r\n"]
DIGITS = "271828182845"  # pressed during the call, by RFC 4733


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


def in_fragments(call):
    for number, frame_ in enumerate(over_udp(call)):
        head, rest = frame_[:34], frame_[34:]
        for begin in range(0, len(rest), 80):
            more = 0x2000 if begin + 80 < len(rest) else 0
            part = rest[begin:begin + 80]
            yield head[:16] + struct.pack(">HHH", 20 + len(part), number,
                                          more | begin // 8) + head[22:] + part


def by_hep(call):
    def chunk(kind, value):
        return struct.pack(">HHH", 0, kind, 6 + len(value)) + value
    for number, (from_phone, bytes_) in enumerate(conversation(call)):
        ends = [bytes(map(int, a.split("."))) for a in (PHONE, PROXY)][::1 if from_phone else -1]
        body = b"".join(chunk(kind, value) for kind, value in (
            (1, b"\2"), (2, b"\x11"), (3, ends[0]), (4, ends[1]), (7, b"\x13\xc4"), (8, b"\x13\xc4"),
            (9, struct.pack(">I", 1800000000)), (10, struct.pack(">I", number)), (11, b"\1"), (15, bytes_)))
        hep = b"HEP3" + struct.pack(">H", 6 + len(body)) + body
        yield frame(17, True, struct.pack(">HHHH", 40000, 9060, 8 + len(hep), 0) + hep)


def cut_off(call):
    """As with a short snapshot length: what is behind never came."""
    for number, frame_ in enumerate(over_udp(call)):
        yield frame_[:max(60, len(frame_) - 13 * (number + 1))]
    for text in BROKEN:
        yield frame(17, True, struct.pack(">HHHH", 5060, 5060, 8 + len(text), 0) + text.encode())


def pressed_keys():
    """Within the call of over_udp: each key is three packets and three that say that it ended."""
    for number, digit in enumerate(DIGITS):
        for i in range(6):
            event = struct.pack(">BBH", int(digit), 0x80 * (i > 2) | 10, 160 * min(i + 1, 4))
            head = struct.pack(">BBHII", 0x80, 101 | 0x80 * (i == 0), 6 * number + i, 1600 * number, 9)
            rtp = head + event
            yield frame(17, True, struct.pack(">HHHH", 4000, 4000, 8 + len(rtp), 0) + rtp)


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
    return [*cut_off("c@a"), *over_udp("u@a"), *pressed_keys(), *over_tcp("t@a"), *over_websocket("w@a"),
            *in_fragments("f@a")]


# --- what was kept ------------------------------------------------------------------------

@functools.cache
def unpacking():
    """The system's own Zstandard, and the dictionary out of the source."""
    source = (ROOT / "schema" / "message_dictionary.c").read_text(encoding="ascii")
    literals = re.findall(r'^\t"((?:[^"\\]|\\.)*)"', source, re.M)
    zstd = ctypes.CDLL(ctypes.util.find_library("zstd"))
    zstd.ZSTD_createDCtx.restype = ctypes.c_void_p
    zstd.ZSTD_decompress_usingDict.restype = ctypes.c_size_t
    zstd.ZSTD_decompress_usingDict.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_size_t, ctypes.c_char_p, ctypes.c_size_t,
        ctypes.c_char_p, ctypes.c_size_t]
    return zstd, "".join(literals).encode().decode("unicode_escape").encode()


@functools.cache
def unpacked(kept):
    """A message of the database."""
    if kept[:4] != b"\x28\xb5\x2f\xfd":
        return kept
    zstd, dictionary = unpacking()
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
    return re.findall(rb".{0,40}(?:s3cr|%s).{0,20}" % DIGITS.encode(), bytes_, re.I | re.S)


def calls_over(path):
    """Of which the last messages are there: BYE and its answer, which of the cut call never came."""
    try:
        return sum(b" BYE\r\n" in text for text in messages_of(path)) // 2
    except sqlite3.OperationalError:
        return 0


class Secrets(unittest.TestCase):
    def check_messages(self, path, transports):
        kept = messages_of(path)
        for text in kept:
            self.assertEqual(found_in(text), [], text.decode(errors="replace"))
            self.assertNotIn(b"czNjcmV0", text)  # the same in base64
        # Of what was told by HEP and what was cut there is what there is.
        text = b"".join(t for t in kept if b"i: h@a" not in t and b"i: c@a" not in t).decode()
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
                for i, frame_ in enumerate([*all_frames(), *by_hep("h@a")]):
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
            self.check_messages(database, 4)
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
            lab.until("all is kept", lambda: calls_over(probe.db) >= 4)
            self.check_files(probe.data, probe.log)
            self.assertTrue(pathlib.Path(f"{probe.db}-wal").exists())
            mirror.send(over_udp("again@a"))
            lab.until("the next, too", lambda: calls_over(probe.db) >= 5)
            probe.kill("engine")
            probe.kill("keeper")
            self.check_files(probe.data, probe.log)
            self.assertEqual(probe.stop()[0], 0)
            self.check_files(probe.data, probe.log)
            self.check_messages(probe.db, 5)


if __name__ == "__main__":
    lab.in_a_namespace_of_its_own()
    unittest.main()
