#!/usr/bin/env python3
"""The page of `analyze --html` and `call --html`: whole, self-contained, escaped, bounded.

    EARSHOT=build/earshot run.py [TEST...]
"""
import base64
import hashlib
import html.parser
import json
import os
import pathlib
import re
import resource
import stat
import struct
import subprocess
import sys
import tempfile
import unittest
import xml.etree.ElementTree

HERE = pathlib.Path(__file__).resolve().parent
TOP = HERE.parent.parent
PCAPS = TOP / "pcaps"
SHARED = TOP.parent / "shared"
EARSHOT = os.environ.get("EARSHOT", str(TOP / "build/earshot"))
# The sanitizers keep octets of their own for each of ours, and what was freed for a while.
SHADOWED = any(name in pathlib.Path(EARSHOT).read_bytes()
               for name in (b"__tsan_init", b"__asan_init"))

VOID = {"meta", "br", "hr", "img", "input", "link"}
MAY_LINK = re.compile(r"#c[0-9a-f]{16}\Z")
ATTRIBUTES = {  # everything the page uses: nothing that loads, runs or sends
    "lang", "charset", "http-equiv", "content", "name", "class", "id", "href", "tabindex",
    "scope", "open", "datetime", "viewbox", "role", "aria-label", "x", "y", "width",
    "height", "d", "text-anchor"}
TAGS = {
    "html", "head", "meta", "title", "style", "body", "header", "main", "footer", "section",
    "h1", "h2", "h4", "p", "ul", "li", "dl", "dt", "dd", "div", "span", "small", "strong",
    "em", "a", "code", "time", "pre", "table", "caption", "thead", "tbody", "tr", "th", "td",
    "details", "summary", "figure", "figcaption", "svg", "path", "rect", "text"}


class Page(html.parser.HTMLParser):
    """Fails on a tag that is not closed in order, and on what the page must not have."""

    def __init__(self, source):
        super().__init__(convert_charrefs=True)
        self.open, self.text, self.ids, self.links, self.faults = [], [], [], [], []
        self.feed(source)
        self.close()
        if self.open:
            self.faults.append(f"left open: {self.open}")

    def handle_starttag(self, tag, attributes):
        title_in_svg = tag == "title" and "svg" in self.open
        if tag not in TAGS:
            self.faults.append(f"tag {tag}")
        for name, value in attributes:
            if name not in ATTRIBUTES:
                self.faults.append(f"attribute {name} of {tag}")
            if name == "href" and not MAY_LINK.match(value):
                self.faults.append(f"link to {value}")
        found = dict(attributes)
        self.ids += [found["id"]] if "id" in found else []
        self.links += [found["href"]] if "href" in found else []
        if tag not in VOID and not title_in_svg:
            self.open.append(tag)
        elif title_in_svg:
            self.open.append("title")

    def handle_startendtag(self, tag, attributes):
        if "svg" not in self.open:
            self.faults.append(f"<{tag}/> outside of SVG")
        self.handle_starttag(tag, attributes)
        self.handle_endtag(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.faults.append(f"</{tag}> out of order at {self.getpos()}")

    def handle_data(self, data):
        self.text.append(data)


def run(*arguments, **options):
    return subprocess.run([EARSHOT, *map(str, arguments)], capture_output=True, timeout=300,
                          check=False, **options)


def udp_frame(src, dst, payload):
    """Ethernet, IPv4 without checksum, UDP; src and dst are (last octet, port)."""
    ip = struct.pack(">BBHHHBBH4B4B", 0x45, 0, 28 + len(payload), 0, 0, 64, 17, 0,
                     198, 18, 0, src[0], 198, 18, 0, dst[0])
    return (bytes(12) + b"\x08\x00" + ip +
            struct.pack(">HHHH", src[1], dst[1], 8 + len(payload), 0) + payload)


def capture(path, frames):
    """frames: (seconds, bytes)."""
    with open(path, "wb") as file:
        file.write(struct.pack("<IHHiIII", 0xa1b2c3d4, 2, 4, 0, 0, 262144, 1))
        for at, frame in frames:
            file.write(struct.pack("<IIII", int(at), int(at % 1 * 1e6), len(frame),
                                   len(frame)) + frame)


def sip(first, call_id, user, cseq, extra=b"", body=b""):
    return b"\r\n".join([
        first, b"Via: SIP/2.0/UDP 198.18.0.1;branch=z9hG4bK" + call_id[:8],
        b"From: \"" + user.replace(b'"', b"") + b"\" <sip:" + re.sub(b"[<> \"]", b"", user) +
        b"@a.example>;tag=1",
        b"To: <sip:bob@b.example>" + (b";tag=2" if first[:3] == b"SIP" else b""),
        b"Call-ID: " + call_id, b"CSeq: " + cseq,
        b"User-Agent: " + user] + ([extra] if extra else []) +
        [b"Content-Length: %d" % len(body), b"", body])


def refused_call(at, call_id, user, reason=b"Busy Here"):
    one, two = (1, 5060), (2, 5060)
    return [
        (at, udp_frame(one, two, sip(b"INVITE sip:bob@b.example SIP/2.0", call_id, user,
                                     b"1 INVITE"))),
        (at + 0.1, udp_frame(two, one, sip(b"SIP/2.0 486 " + reason, call_id, user,
                                           b"1 INVITE"))),
        (at + 0.2, udp_frame(one, two, sip(b"ACK sip:bob@b.example SIP/2.0", call_id, user,
                                           b"1 ACK")))]


class Case(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.page = self.folder / "page.html"

    def analyze(self, *arguments, status=(0,)):
        done = run("analyze", "--no-progress", "--html", self.page, *arguments)
        self.assertIn(done.returncode, status, done.stderr)
        return done

    def check(self):
        """Whole, closed in itself, every plot well-formed XML; the page and its parser."""
        source = self.page.read_text(encoding="utf-8")
        page = Page(source)
        self.assertEqual(page.faults, [])
        self.assertEqual(len(page.ids), len(set(page.ids)))
        for link in page.links:
            self.assertIn(link[1:], page.ids)
        style = re.search(r"<style>(.*?)</style>", source, re.S).group(1)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self.assertIn(f"default-src 'none'; style-src 'sha256-{digest}'", source,
                      f"report_style_hash is to be sha256-{digest}")
        self.assertNotRegex(style, r"(?i)url\(|@import|expression|//")
        self.assertNotRegex(source, r"(?i)<script|javascript:|[a-z]:[a-z ]*//[^ <]*\"")
        for control in re.findall(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]",
                                  source):
            self.fail(f"U+{ord(control):04X} on the page")
        for svg in re.findall(r"<svg.*?</svg>", source, re.S):
            xml.etree.ElementTree.fromstring(svg)
        return source, page


class Report(Case):
    def test_every_capture_gives_a_page_that_is_whole_and_has_its_calls(self):
        for path in sorted(PCAPS.glob("*.pcap")):
            with self.subTest(path.name):
                done = self.analyze("--json", path)
                source, page = self.check()
                records = [json.loads(line) for line in done.stdout.splitlines()]
                for record in records:
                    if record["kind"] == "call":
                        self.assertIn("c" + record["id"], page.ids)
                    if record["kind"] == "stream":
                        self.assertIn("s" + record["id"], page.ids)
                        self.assertIn(record["ssrc"], source)
                shown = "".join(page.text)
                for record in records:
                    if record["kind"] == "leg":
                        self.assertIn(record["sip_call_id"], shown)

    def test_the_headline_says_whose_fault_it_is(self):
        cases = [("answered", "Voice was fine here."),
                 ("one_way", "1 call had audio in one direction only"),
                 ("known_loss", "Voice was acceptable here."),
                 ("loss_segments", "Voice was bad in 1 of 1 scored calls."),
                 ("busy", "No voice was scored here.")]
        for name, words in cases:
            with self.subTest(name):
                self.analyze(PCAPS / f"{name}.pcap")
                self.assertIn(words, "".join(self.check()[1].text))

    def test_calls_stand_the_worst_first(self):
        files = [PCAPS / f"{name}.pcap" for name in
                 ("answered", "known_loss", "loss_segments", "busy", "one_way")]
        done = self.analyze("--json", *files)
        calls = {r["id"]: r for r in map(json.loads, done.stdout.splitlines())
                 if r["kind"] == "call"}
        ids = [link[2:] for link in self.check()[1].links]
        self.assertEqual(sorted(ids), sorted(calls))
        self.assertTrue(calls[ids[0]]["one_way"])
        scores = [calls[i]["mos_lq_min"] for i in ids[1:]]
        self.assertIsNone(scores[1])  # refused: behind what is bad, before what is not
        scores.pop(1)
        self.assertEqual(scores, sorted(scores))

    def test_the_plot_shows_what_the_intervals_are(self):
        done = self.analyze("--json", "--intervals", PCAPS / "loss_segments.pcap")
        records = [json.loads(line) for line in done.stdout.splitlines()]
        streams = [r for r in records if r["kind"] == "stream"]
        source, _ = self.check()
        self.assertEqual(len(streams), 2)
        for stream in streams:
            section = source.split(f'id="s{stream["id"]}"')[1].split("</section>")[0]
            told = re.findall(r"<title>(\d\d:\d\d:\d\d)  MOS (\S+)  R (\S+)\n"
                              r"(\d+) expected, (\d+) lost, (\d+) discarded", section)
            intervals = [r for r in records
                         if r["kind"] == "interval" and r["stream"] == stream["id"]]
            self.assertEqual(told, [
                (i["at"][11:19], f'{i["buffers"][2]["mos_lq"]:.2f}',
                 f'{i["buffers"][2]["r"]:.1f}', str(i["expected"]), str(i["lost"]),
                 str(i["buffers"][2]["discarded"])) for i in intervals])
            bars = re.search(r'<path class="lost" d="M0 0([^"]*)"', section).group(1)
            self.assertEqual(bars.count("z"),
                             sum(i["lost"] > i["suspect_lost"] for i in intervals))
            bursts = re.search(r'<path class="burst" d="M0 0([^"]*)"', section).group(1)
            self.assertEqual(bursts.count("z"),
                             sum(i["buffers"][2]["bursts"] > 0 for i in intervals))

    def test_what_strangers_write_stays_text(self):
        users = [b"<script>alert(1)</script>", b"\"onload=x' `y`&amp;", b"\xe2\x80\xaeevil",
                 b"\x1b[2Jterm", b"\xff\xfe\xc0\xaf", b"</pre></details></style><img src=x>"]
        frames = []
        for i, user in enumerate(users):
            frames += refused_call(1700000000 + i, b"call-%d" % i, user, b"No " + user)
        capture(self.folder / "hostile.pcap", frames)
        self.analyze(self.folder / "hostile.pcap")
        source, page = self.check()
        shown = "".join(page.text)
        self.assertEqual(len(page.links), len(users))
        self.assertIn("<script>alert(1)</script>", shown)
        self.assertIn("\\u{202e}evil", shown)
        self.assertIn("\\x1b[2J", shown)
        self.assertIn("\ufffd", shown)
        self.assertNotIn("<img", source)

    def test_hostile_captures_give_whole_pages(self):
        files = sorted(p for p in (SHARED / "hostile").glob("*/*")
                       if p.suffix in (".pcap", ".pcapng", ".cap"))[:60]
        if not files:
            self.skipTest("no hostile captures here")
        for path in files:
            with self.subTest(path.name):
                done = self.analyze(path, status=(0, 1))
                if self.page.exists():
                    self.check()
                    self.page.unlink()
                else:
                    self.assertEqual(done.returncode, 1)

    def test_a_database_gives_the_same_call(self):
        db = self.folder / "calls.db"
        path = PCAPS / "loss_segments.pcap"
        self.analyze("--db", db, path)
        first = self.check()[0]
        call = json.loads(run("calls", "--db", db, "--json").stdout)["id"]
        done = run("call", "--db", db, "--html", self.page, call)
        self.assertEqual(done.returncode, 0, done.stderr)
        second = self.check()[0]
        part = re.compile(r'<details class="call".*</details>', re.S)
        self.assertEqual(part.search(first).group(), part.search(second).group())

    def test_the_same_capture_gives_the_same_page(self):
        pages = []
        for _ in range(2):
            self.analyze(*sorted(PCAPS.glob("*.pcap")))
            pages.append(self.page.read_bytes())
        self.assertEqual(*pages)


class Bounds(Case):
    def test_of_many_calls_the_worst_are_shown_and_memory_stays_bounded(self):
        count = 20000
        frames = []
        for i in range(count):
            frames += refused_call(1700000000 + i * 0.01, b"call-%d" % i, b"u%d" % i)
        frames.sort(key=lambda frame: frame[0])
        path = self.folder / "many.pcap"
        capture(path, frames)
        plain = self.peak_kib("analyze", "--no-progress", path)
        report = self.peak_kib("analyze", "--no-progress", "--html", self.page, path)
        if not SHADOWED:
            self.assertLess(report - plain, (64 + 48) * 1024)
        page = Page(self.page.read_text(encoding="utf-8"))
        shown = "".join(page.text)
        self.assertEqual(page.faults, [])
        self.assertEqual(len(page.links), 500)
        self.assertIn("10000 better calls had no room in this table", shown)
        self.assertIn("500, the worst, are shown in full", shown)
        self.assertIn("20000 calls refused, failed or without a response", shown)

    @staticmethod
    def peak_kib(*arguments):
        script = ("import resource,subprocess,sys;"
                  "subprocess.run(sys.argv[1:],stdout=subprocess.DEVNULL,check=True);"
                  "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)")
        done = subprocess.run([sys.executable, "-c", script, EARSHOT, *map(str, arguments)],
                              capture_output=True, check=True, timeout=300)
        return int(done.stdout)


class Files(Case):
    def test_where_it_cannot_be_written_is_said_with_the_reason(self):
        some = PCAPS / "busy.pcap"
        cases = [(self.folder / "missing" / "page.html", "No such file"),
                 (self.folder, "Is a directory"), ("/dev/full", "No space left")]
        for path, reason in cases:
            with self.subTest(path):
                done = run("analyze", "--html", path, some)
                self.assertEqual(done.returncode, 1)
                self.assertIn(f"{path}: {reason}", done.stderr.decode())

    def test_it_takes_the_place_of_an_older_page_or_leaves_it(self):
        self.page.write_text("older")
        self.page.chmod(0o640)
        link = self.folder / "link.html"
        link.symlink_to(self.page)
        done = run("analyze", "--html", link, PCAPS / "busy.pcap")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertTrue(link.is_symlink())
        self.check()
        self.assertEqual(stat.S_IMODE(self.page.stat().st_mode), 0o640)
        self.assertEqual(sorted(p.name for p in self.folder.iterdir()),
                         ["link.html", "page.html"])

    def test_a_page_that_does_not_fit_leaves_nothing_behind(self):
        self.page.write_text("older")

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))
        done = run("analyze", "--html", self.page, PCAPS / "busy.pcap", preexec_fn=limit,
                   restore_signals=False)  # so that SIGXFSZ stays ignored
        self.assertEqual(done.returncode, 1)
        self.assertIn(f"{self.page}: File too large", done.stderr.decode())
        self.assertEqual(self.page.read_text(), "older")
        self.assertEqual([p.name for p in self.folder.iterdir()], ["page.html"])

    def test_a_pipe_is_written_as_it_is(self):
        done = run("analyze", "--csv", "--html", "/dev/stderr", PCAPS / "busy.pcap")
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"</html>", done.stderr)


if __name__ == "__main__":
    unittest.main()
