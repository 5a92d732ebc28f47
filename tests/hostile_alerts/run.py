#!/usr/bin/env python3
"""
Alerts about trunks whose names, and calls whose every word, are meant to break what reads them:
each receiver gets messages that its own format's parser reads, in which the names are whole and
nothing acts; also when a caller's name is as long as a datagram can be.
"""
import json
import pathlib
import sys
import tempfile
import unittest

sys.dont_write_bytecode = True
HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / name) for name in ("live", "notify", "webhook", "incidents")]

import lab  # pylint: disable=wrong-import-position
import receiver as http  # pylint: disable=wrong-import-position
import syslog  # pylint: disable=wrong-import-position
import traffic  # pylint: disable=wrong-import-position
from cef import parse_cef  # pylint: disable=wrong-import-position

NAMES = ['"] x="1"][evil@1 a="b"', "a|b=c\\d", "%s%n%x", "<script>alert(1)</script>", "'; DROP",
         "{{7*7}}", "\u202eetarc", "caf\u00e9 \U0001f4a9", "]]>&#x27;", "a, b: c", "$(id)`id`"]
WORDS = [name.encode() for name in NAMES] + [
    b"\x00nul", b"\x1b[2J\x07", b"\xff\xfe\x80", b"\xc2\x85\xe2\x80\xa8", b"<165>1 - fake - - - -",
    b"x" * 50000, b"suser=root cs1=evil", b"\\", b"\\\"", b"CEF:0|a|b|c|d|e|9|"]


def address(number):
    return f"198.18.3.{1 + number}"


def config(path, server, hook, manager):
    lines = ["sensor: {id: probe-1}", "trunks:"]
    lines += [f"  - {{name: {json.dumps(name, ensure_ascii=False)}, site: {json.dumps(name[:20], ensure_ascii=False)}, "
              f"addresses: [{address(n)}]}}" for n, name in enumerate(NAMES)]
    lines += ["alerts:", "  no_defaults: true", "  rules:",
              "    - {name: errors, metric: server_errors, scope: trunk, condition: above, "
              "threshold: 0, window_s: 60, clear_after_s: 0, group: never}", "  receivers:"]
    where = [("tcp", f"127.0.0.1:{server.ports['tcp']}", ", records: all"),
             ("udp", f"127.0.0.1:{server.ports['udp']}", ""),
             ("relp", f"127.0.0.1:{server.ports['relp']}", ", records: all, record_format: cef"),
             ("webhook", f"http://127.0.0.1:{hook.port}/", ""),
             ("alertmanager", f"http://127.0.0.1:{manager.port}/", "")]
    lines += [f'    - {{name: {name}, transport: {name}, address: "{at}", least: info{more}}}'
              for name, at, more in where]
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    path.chmod(0o644)
    return path


def calls():
    """One of each trunk that fails, and of each word one more; then some that move time on."""
    capture = traffic.Capture()
    for n in range(2 * len(WORDS)):
        # Those of the first round are calls in any case; of the others some are no SIP.
        word = WORDS[n % len(WORDS)]
        name, rest = (word, b"a") if n < len(WORDS) else (word, word)
        src, dst = traffic.PBX, address(n % len(NAMES))
        head = b"Via: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK" + str(n).encode() + \
            b'\r\nFrom: "' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'" <sip:' + rest + \
            b"@198.18.0.1>;tag=f\r\nCall-ID: " + str(n).encode() + b"-" + rest[:200] + \
            b"\r\nContent-Length: 0\r\n"
        for after, back, first, cseq, tag in (
                (0, 0, b"INVITE sip:" + rest[:300] + b"@x SIP/2.0", b"INVITE", b""),
                (.1, 1, b"SIP/2.0 500 " + name[:300], b"INVITE", b";tag=t"),
                (.2, 0, b"ACK sip:x SIP/2.0", b"ACK", b";tag=t")):
            whole = first + b"\r\n" + head + b"CSeq: 1 " + cseq + b"\r\nTo: <sip:" + rest + \
                b"@x>" + tag + b"\r\n\r\n"
            if len(whole) < 65000:
                capture.udp(n / 10 + after, *((dst, src) if back else (src, dst)), whole)
    for second in range(10, 180, 10):
        traffic.Call(capture, 1000 + second, second, "198.18.9.9").refused(486)
    return capture


class Alerts(unittest.TestCase):
    def test_each_receiver_reads_what_it_gets(self):
        with tempfile.TemporaryDirectory(prefix="earshot-hostile-") as folder, \
                syslog.rsyslog() as server, http.receiver() as hook, http.receiver() as manager:
            folder = pathlib.Path(folder)
            folder.chmod(0o711)
            captures = folder / "captures"
            captures.mkdir()
            probe = lab.Probe(folder, "--watch", captures, "-c",
                              config(folder / "earshot.yaml", server, hook, manager),
                              "--notifier-user", 65531, interfaces=())
            self.addCleanup(probe.end)
            probe.start()
            lab.until("a notifier", lambda: "notifier" in probe.children())
            calls().write(captures / "a.pcap")
            wanted = 2 * len(NAMES)
            for name in ("tcp", "relp"):
                lab.until(f"{name} has all", lambda name=name: sum(
                    b" ERRORS " in line for line in server.lines(name)) >= wanted, 60)
            for one in (hook, manager):
                lab.until("the others have all", lambda one=one: sum(
                    b'"errors"' in body for body in one.bodies()) >= wanted, 60)
            self.check_syslog(server)
            # JSON has all of a name, and the receiver decides how it is shown.
            for trunks in ({post.json()["trunk"] for post in hook.posts},
                           {alert["labels"]["trunk"] for post in manager.posts
                            for alert in json.loads(post.body)}):
                self.assertEqual(trunks, set(NAMES))
            self.assertEqual(probe.stop()[0], 0)

    def check_syslog(self, server):
        trunks, records, cef = set(), 0, 0
        for name in ("tcp", "udp", "relp"):
            for line in server.lines(name):
                header, data, text = syslog.parse(line)  # also: nothing but ASCII that is printed
                self.assertLessEqual(len(line), 2048)
                self.assertEqual((header["host"], header["app"]), ("probe-1", "earshot"))
                if header["id"] == "ERRORS":
                    self.assertEqual(set(data), {"earshot@32473"})
                    if name != "udp":
                        trunks.add(data["earshot@32473"]["trunk"])
                elif text.startswith("CEF:"):
                    heads, values = parse_cef(line.split(b"CEF:0|", 1)[1])
                    self.assertEqual((len(heads), heads[0]), (6, "Earshot"))
                    self.assertNotEqual(values.get("cs1"), "evil")
                    cef += 1
                else:
                    self.assertEqual(set(data), {"call@32473"})
                    records += 1
        self.assertLessEqual({name for name in NAMES if name.isascii() and "\\" not in name}, trunks)
        self.assertGreaterEqual(min(records, cef), len(WORDS))


if __name__ == "__main__":
    lab.alone(syslog.missing(relp=True))
    unittest.main()
