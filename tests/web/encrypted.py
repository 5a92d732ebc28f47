"""TLS with a certificate that changes, several addresses, and the access log."""
import http.client
import os
import re
import shutil
import signal
import socket
import ssl
import subprocess
import time

from accounts import login
from client import API, EARSHOT, Server


def make_certificate(directory, name):
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt",
                    "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj", f"/CN={name}",
                    "-addext", f"subjectAltName=DNS:{name},IP:127.0.0.1", "-keyout",
                    f"{directory}/{name}.key", "-out", f"{directory}/{name}.crt"],
                   check=True, capture_output=True)


def install(directory, name):
    """As a tool does that renews certificates: one file after the other, the clock unwatched."""
    for end in ("key", "crt"):
        shutil.copy(f"{directory}/{name}.{end}", f"{directory}/new")
        os.utime(f"{directory}/new", (time.time() - 10, time.time() - 10))
        os.rename(f"{directory}/new", f"{directory}/tls.{end}")


class Encrypted(Server):
    def connect(self, source="127.0.0.1", timeout=20):
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
        wire = context.wrap_socket(super().connect(source, timeout))
        self.shown = wire.getpeercert(True)
        return wire


def certificate(path):
    with open(path, encoding="ascii") as file:
        return ssl.PEM_cert_to_DER_cert(file.read())


def wait_for(condition, what):
    deadline = time.monotonic() + 15
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.1)


def shows(server, wanted):
    def look():
        try:
            return server.ask(f"{API}/health").status == 200 and server.shown == wanted
        except (ssl.SSLError, ConnectionError, AssertionError):
            return False  # between the old one and the new one
    return look


def check_encrypted(directory, original):
    if subprocess.run(["which", "openssl"], capture_output=True, check=False).returncode:
        return
    database = os.path.join(directory, "tls.db")
    with open(original, "rb") as source, open(database, "wb") as file:
        file.write(source.read())
    log = os.path.join(directory, "access.log")
    config = os.path.join(directory, "web.yaml")
    with open(config, "w", encoding="ascii") as file:
        file.write(f"web:\n  listen: [\"127.0.0.1:0\", \"[::1]:0\"]\n  login: true\n"
                   f"  tls_certificate: {directory}/tls.crt\n  tls_key: {directory}/tls.key\n"
                   f"  access_log: {log}\n  masking: always\n")
    for name in ("first", "second", "third"):
        make_certificate(directory, name)
    install(directory, "first")
    with Encrypted(database, "--config", config, first=True, scheme="https", addresses=2) as server:
        assert server.ask(f"{API}/health").status == 200
        assert server.shown == certificate(f"{directory}/first.crt")
        answer = login(server, "admin", server.secret)
        assert not answer.json()["pii"]  # nobody sees people here
        value, *attributes = answer.fields["set-cookie"].split("; ")
        assert value.startswith("__Host-earshot_session=") and "Secure" in attributes
        assert server.ask(f"{API}/calls", fields=[("Cookie", value)]).status == 200
        with Server.connect(server) as plain:  # nothing is said in clear
            plain.sendall(b"GET /api/v1/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
            assert not plain.recv(100).startswith(b"HTTP")
        old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
        old.maximum_version = ssl.TLSVersion.TLSv1_1
        try:
            with old.wrap_socket(Server.connect(server)):
                raise AssertionError("TLS 1.1 is taken")
        except (ssl.SSLError, ConnectionError):
            pass
        with socket.create_connection(("::1", server.ports[1]), 10) as six:
            wire = http.client.HTTPSConnection("localhost", server.ports[1],
                                               context=ssl._create_unverified_context())
            wire.sock = ssl._create_unverified_context().wrap_socket(six)
            wire.request("GET", f"{API}/health")
            assert wire.getresponse().status == 200
        install(directory, "second")
        wait_for(shows(server, certificate(f"{directory}/second.crt")), "the new certificate")
        with open(f"{directory}/tls.crt", "w", encoding="ascii") as file:
            file.write("rubbish\n")
        server.process.send_signal(signal.SIGHUP)
        line = server.process.stderr.readline()
        assert b"no certificate" in line, line
        assert shows(server, certificate(f"{directory}/second.crt"))()
        install(directory, "third")
        os.rename(log, log + ".1")
        server.process.send_signal(signal.SIGHUP)
        wait_for(shows(server, certificate(f"{directory}/third.crt")), "the third certificate")
        server.ask("/a%22b%0Ac?number=493012345678")
    with open(log + ".1", encoding="ascii") as file:
        lines = file.read().splitlines()
    assert os.stat(log).st_mode & 0o777 == 0o600
    with open(log, encoding="ascii") as file:
        lines += file.read().splitlines()
    for line in lines:
        assert re.fullmatch(r"\S+Z (127\.0\.0\.1|::1) (-|admin) \"(GET|POST) \S+\" \d+ \d+ \d+ms",
                            line), line
        assert "493012345678" not in line
    assert any(' admin "GET /api/v1/calls" 200 ' in line for line in lines), lines
    assert any(' - "GET /a%22b%0Ac" 401 ' in line for line in lines), lines[-3:]
    for text in (f"web:\n  tls_key: {directory}/tls.key\n", "web:\n  listen: [nowhere]\n", "web:\n  listen: []\n",
                 "web:\n  masking: sometimes\n", f"web:\n  tls_key: {directory}/no\n"
                 f"  tls_certificate: {directory}/no\n",
                 f"web:\n  tls_key: {directory}/first.key\n"
                 f"  tls_certificate: {directory}/second.crt\n"):
        with open(config, "w", encoding="ascii") as file:
            file.write(text)
        done = subprocess.run([EARSHOT, "serve", "--db", database, "--config", config],
                              capture_output=True, timeout=20, check=False)
        assert done.returncode in (1, 2) and done.stderr, (text, done)
