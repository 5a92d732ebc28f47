"""An RFC 5424 parser by the letter of its section 6, and a real rsyslog on loopback."""
# pylint: disable=line-too-long
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


def has_module(name):
    return any(pathlib.Path(folder, name).exists() for folder in
               ("/usr/lib/x86_64-linux-gnu/rsyslog", "/usr/lib/rsyslog",
                "/usr/lib/aarch64-linux-gnu/rsyslog"))


def has_relp():
    return has_module("imrelp.so")


def has_tls():
    return has_module("lmnsd_gtls.so")


def openssl(folder, *words):
    subprocess.run(["openssl", *words], cwd=folder, check=True, capture_output=True)


def certificate(folder, name, subject, signer=None, names="IP:127.0.0.1"):
    """NAME.pem and NAME.key; a CA of its own without signer."""
    openssl(folder, "req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-keyout", f"{name}.key", "-subj", f"/CN={subject}",
            *(["-out", f"{name}.csr"] if signer else ["-x509", "-out", f"{name}.pem"]))
    if signer:
        extensions = pathlib.Path(folder, f"{name}.ext")
        extensions.write_text(f"subjectAltName={names}\n")
        openssl(folder, "x509", "-req", "-in", f"{name}.csr", "-CA", f"{signer}.pem",
                "-CAkey", f"{signer}.key", "-out", f"{name}.pem", "-days", "2",
                "-extfile", str(extensions))


class Rsyslog:
    """What it takes by UDP, TCP, TLS and RELP is in a file each, as it came."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ports = {"udp": free_port(socket.SOCK_DGRAM), "tcp": free_port(),
                      "relp": free_port(), "tls": free_port(), "mutual": free_port()}
        inputs = {"udp": 'imudp" address="127.0.0.1', "tcp": 'imtcp" address="127.0.0.1'}
        tls = ""
        if has_relp():
            inputs["relp"] = "imrelp"
        if has_tls():
            certificate(folder, "ca", "a CA")
            certificate(folder, "server", "a server", "ca")
            certificate(folder, "client", "a probe", "ca")
            certificate(folder, "other", "another CA")
            tls = "".join(f' defaultNetstreamDriver{key}File="{folder}/{file}"'
                          for key, file in (("CA", "ca.pem"), ("Cert", "server.pem"),
                                            ("Key", "server.key")))
            driver = 'imtcp" address="127.0.0.1" streamDriver.name="gtls" ' \
                     'streamDriver.mode="1" streamDriver.authMode="'
            inputs.update(tls=driver + "anon", mutual=driver + "x509/certvalid")
        lines = [f'global(workDirectory="{folder}" maxMessageSize="64k"{tls})',
                 'template(name="raw" type="string" string="%rawmsg%\\n")']
        lines += [f'module(load="{module}")'
                  for module in sorted({kind.split('"')[0] for kind in inputs.values()})]
        for transport, kind in inputs.items():
            lines += [f'input(type="{kind}" port="{self.ports[transport]}" '
                      f'ruleset="{transport}")',
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
            # The file's writer may have died amid a line: what was to end it never came.
            for path in map(self.file, self.ports):
                if path.exists():
                    os.truncate(path, path.read_bytes().rfind(b"\n") + 1)

    def lines(self, transport):
        path = self.file(transport)
        # What follows the last end of a line is still on its way.
        return path.read_bytes().split(b"\n")[:-1] if path.exists() else []


@contextlib.contextmanager
def rsyslog():
    with tempfile.TemporaryDirectory(prefix="earshot-rsyslog-") as folder:
        server = Rsyslog(folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def missing(relp=False, tls=False):
    """Why there is no such receiver here; None where there is one."""
    if not shutil.which("rsyslogd", path=os.environ["PATH"] + ":/usr/sbin"):
        return "rsyslog is not installed"
    if relp and not has_relp() or tls and not has_tls():
        return "rsyslog without RELP or TLS"
    return None
