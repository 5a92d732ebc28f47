"""An RFC 5424 parser by the letter of its section 6, and a real rsyslog on loopback."""
import contextlib
import os
import pathlib
import re
import shutil
import socket
import subprocess
import tempfile
import time

PATIENCE_S = 20

HEADER = re.compile(
    r"<(?P<pri>[0-9]{1,3})>(?P<version>[1-9][0-9]{0,2}) "
    r"(?P<time>-|[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]{1,6})?"
    r"(Z|[+-][0-9]{2}:[0-9]{2})) "
    r"(?P<host>[!-~]{1,255}) (?P<app>[!-~]{1,48}) (?P<proc>[!-~]{1,128}) "
    r"(?P<id>[!-~]{1,32}) ")
NAME = r"[!#-<>-\\^-~]{1,32}"  # SD-NAME: no =, ], " or blank
PARAMETER = re.compile(rf' ({NAME})="((?:[^"\\\]]|\\["\\\]])*)"')


def parse(message):
    """bytes: (header fields, {sd id: {name: value}}, text); ValueError: it is none."""
    text = message.decode("utf-8")
    header = HEADER.match(text)
    if not header or int(header["pri"]) > 191:
        raise ValueError(f"header: {message!r}")
    rest, data = text[header.end():], {}
    if rest.startswith("-"):
        rest = rest[1:]
    while rest.startswith("["):
        name = re.match(rf"\[({NAME})", rest)
        if not name:
            raise ValueError(f"structured data: {rest!r}")
        parameters, rest = {}, rest[name.end():]
        while match := PARAMETER.match(rest):
            parameters[match[1]] = re.sub(r'\\(["\\\]])', r"\1", match[2])
            rest = rest[match.end():]
        if not rest.startswith("]"):
            raise ValueError(f"structured data: {rest!r}")
        data[name[1]], rest = parameters, rest[1:]
    if rest and not rest.startswith(" "):
        raise ValueError(f"behind the structured data: {rest!r}")
    if any(ord(c) < 32 or ord(c) == 127 for c in text):
        raise ValueError(f"controls: {message!r}")
    return header.groupdict(), data, rest[1:]


def free_port(kind=socket.SOCK_STREAM):
    with socket.socket(socket.AF_INET, kind) as other:
        other.bind(("127.0.0.1", 0))
        return other.getsockname()[1]


def until(what, condition, patience=PATIENCE_S):
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if answer := condition():
            return answer
        time.sleep(0.02)  # looks again; nothing depends on how long this is
    raise AssertionError(f"waited in vain: {what}")


def has_relp():
    return any(pathlib.Path(folder, "imrelp.so").exists() for folder in
               ("/usr/lib/x86_64-linux-gnu/rsyslog", "/usr/lib/rsyslog",
                "/usr/lib/aarch64-linux-gnu/rsyslog"))


class Rsyslog:
    """What it takes by UDP, TCP and RELP is in a file each, as it came."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ports = {"udp": free_port(socket.SOCK_DGRAM), "tcp": free_port(),
                      "relp": free_port()}
        modules = {"udp": "imudp", "tcp": "imtcp"}
        if has_relp():
            modules["relp"] = "imrelp"
        lines = [f'global(workDirectory="{folder}" maxMessageSize="64k")',
                 'template(name="raw" type="string" string="%rawmsg%\\n")']
        for transport, module in modules.items():
            lines += [f'module(load="{module}")',
                      f'input(type="{module}" port="{self.ports[transport]}" '
                      f'ruleset="{transport}"'
                      + (' address="127.0.0.1")' if transport != "relp" else ")"),
                      f'ruleset(name="{transport}") {{ action(type="omfile" template="raw" '
                      f'file="{self.file(transport)}" asyncWriting="off" '
                      'flushOnTXEnd="on") }']
        self.config = self.folder / "rsyslog.conf"
        self.config.write_text("\n".join(lines) + "\n")
        self.process = None

    def file(self, transport):
        return self.folder / f"{transport}.log"

    def start(self):
        with (self.folder / "rsyslog.err").open("ab") as said:
            self.process = subprocess.Popen(
                ["rsyslogd", "-n", "-C", "-f", str(self.config),
                 "-i", str(self.folder / "pid")], stdout=subprocess.DEVNULL, stderr=said)
        until("rsyslog listens", self.listens)

    def listens(self):
        assert self.process.poll() is None, (self.folder / "rsyslog.err").read_text()
        with contextlib.suppress(OSError), \
                socket.create_connection(("127.0.0.1", self.ports["tcp"]), 1):
            return True
        return False

    def stop(self, how="terminate"):
        if self.process:
            getattr(self.process, how)()
            self.process.wait(10)
            self.process = None

    def lines(self, transport):
        path = self.file(transport)
        return path.read_bytes().splitlines() if path.exists() else []


@contextlib.contextmanager
def rsyslog():
    with tempfile.TemporaryDirectory(prefix="earshot-rsyslog-") as folder:
        server = Rsyslog(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def missing():
    return None if shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin") else \
        "rsyslog is not installed"
