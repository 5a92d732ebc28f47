"""A server of its own, and requests to it as they are written on the wire."""
import gzip
import json
import os
import re
import socket
import subprocess

API = "/api/v1"
EARSHOT = os.environ.get("EARSHOT", "build/earshot")


class Answer:
    def __init__(self, raw, body=None):
        head, _, rest = raw.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        self.raw = raw
        self.status = int(lines[0].split()[1])
        self.fields = {}
        for line in lines[1:]:
            name, _, value = line.partition(":")
            self.fields[name.strip().lower()] = value.strip()
        self.body = rest if body is None else body
        if self.fields.get("content-encoding") == "gzip" and self.body:
            self.body = gzip.decompress(self.body)

    def json(self):
        def constant(name):
            raise ValueError(name)
        return json.loads(self.body, parse_constant=constant)


class Server:
    def __init__(self, database, *options, first=False, scheme="http", addresses=0):
        """first: it will make the user admin; self.secret is the password.  addresses: so many
        are in its configuration, else it gets one."""
        listen = [] if addresses else ["--listen", "127.0.0.1:0"]
        self.process = subprocess.Popen(
            [EARSHOT, "serve", "--db", database, *listen, *options],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        self.ports = []
        for _ in range(addresses or 1):
            line = self.process.stdout.readline().decode()
            match = re.fullmatch(scheme + r"://(?:127\.0\.0\.1|\[::1\]):(\d+)/\n", line)
            assert match, (line, self.process.stderr.read())
            self.ports.append(int(match[1]))
        self.port = self.ports[0]
        self.secret = None
        if first:
            line = self.process.stderr.readline().decode()
            match = re.fullmatch(r"The user 'admin' was made; its password, shown this once: "
                                 r"([a-z2-9-]{24})\n", line)
            assert match, line
            self.secret = match[1]

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            _, errors = self.process.communicate(timeout=15)
        except subprocess.TimeoutExpired:
            self.process.kill()
            raise
        if exception[0] is None:
            assert self.process.returncode == 0, (self.process.returncode, errors)
            assert errors == b"", errors

    def connect(self, source="127.0.0.1", timeout=20):
        return socket.create_connection(("127.0.0.1", self.port), timeout,
                                        source_address=(source, 0))

    def raw(self, octets, source="127.0.0.1"):
        """All that comes back until the server closes."""
        with self.connect(source) as wire:
            got = b""
            try:
                wire.sendall(octets)
                while part := wire.recv(1 << 16):
                    got += part
            except ConnectionError:
                pass
            return got

    def ask(self, target, method="GET", host="localhost", fields=(), body=b"",
            source="127.0.0.1"):
        if body:
            fields = [*fields, ("Content-Length", len(body))]
        head = [f"{method} {target} HTTP/1.1", f"Host: {host}", "Connection: close"]
        head += [f"{name}: {value}" for name, value in fields]
        got = self.raw("\r\n".join(head).encode() + b"\r\n\r\n" + body, source)
        assert got, (method, target, "no answer")
        return Answer(got)
