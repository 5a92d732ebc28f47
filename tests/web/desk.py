"""What people do about alerts: who may, what is kept, what is heeded, what is noted."""
import json
import os
import shutil

from accounts import cookie_of, earshot, login
from client import API, Server
from contract import Contract, get

JSON = [("Content-Type", "application/json")]


class Person:
    """Somebody with a session, as a browser has it."""

    def __init__(self, server, contract, name, password):
        answer = login(server, name, password)
        assert answer.status == 200, answer.raw
        self.server, self.contract = server, contract
        self.fields = [cookie_of(answer), ("X-Earshot-Token", answer.json()["csrf"])]

    def send(self, method, template, body=None, status=200, code=None, parameter=None, **names):
        """What was answered; it is what the description says, and of that status."""
        target = template
        for name, value in names.items():
            target = target.replace("{%s}" % name, str(value))
        fields = self.fields + (JSON if body is not None else [])
        data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
        answer = self.server.ask(API + target, method, fields=fields, body=data)
        self.contract.check(API + template, answer, method.lower())
        assert answer.status == status, (method, target, body, answer.raw)
        if code:
            assert (answer.json()["code"], answer.json().get("parameter")) == (code, parameter), \
                answer.raw
        return answer.json() if answer.body else None

    def get(self, target):
        answer = get(self.server, self.contract, API + target, fields=self.fields)
        assert answer.status == 200, (target, answer.raw)
        return answer.json()


def check_notes(alice, bob, victor):
    """An alert is taken in hand once, and what is said of it is there for all."""
    alert = alice.get("/alerts?limit=1")["items"][0]
    assert alert["acknowledged"] is None
    path = "/alerts/{id}/acknowledge"
    whole = alice.send("POST", path, {"text": "on it"}, id=alert["id"])
    assert whole["alert"]["acknowledged"]["by"] == "alice"
    assert whole["states"] and {state["id"] for state in whole["states"]} == {alert["id"]}
    bob.send("POST", path, status=409, code="acknowledged", id=alert["id"])
    listed = bob.get("/alerts?limit=1")["items"][0]
    assert listed["acknowledged"] == whole["alert"]["acknowledged"]
    bob.send("DELETE", path, id=alert["id"])
    bob.send("DELETE", path, status=409, code="not-acknowledged", id=alert["id"])
    bob.send("POST", path, id=alert["id"])
    victor.send("POST", path, status=403, code="not-allowed", id=alert["id"])
    alice.send("POST", path, status=404, code="no-such-id", id="0" * 15 + "1")
    path = "/alerts/{id}/comment"
    for body, code, parameter in (({}, "bad-value", "text"), ({"text": ""}, "bad-value", "text"),
                                  ({"text": 1}, "bad-value", "text"),
                                  ({"text": "x" * 513}, "bad-value", "text"),
                                  ({"text": "x", "who": "eve"}, "unknown-member", "who"),
                                  (b"[]", "bad-json", "body")):
        alice.send("POST", path, body, 400, code, parameter, id=alert["id"])
    said = "<script>\u202e \u001b[31m +49 (89) 123-456-789, 10.77.1.2 sip:zora@x.example: call 112"
    whole = alice.send("POST", path, {"text": said}, id=alert["id"])
    assert [note["action"] for note in whole["notes"]] == \
        ["commented", "acknowledged", "reopened", "acknowledged"]
    assert whole["notes"][0]["text"] == said
    hidden = victor.get(f"/alerts/{alert['id']}")["notes"][0]["text"]
    for secret in ("89", "123", "456", "789", "10.77", "zora"):
        assert secret not in hidden, hidden
    assert hidden.endswith(": call 112") and hidden.startswith("<script>"), hidden
    assert alice.get("/alerts/notes?limit=1000")["items"] == whole["notes"]
    first = alice.get("/alerts/notes?limit=3")
    rest = alice.get(f"/alerts/notes?limit=3&cursor={first['next']}")
    assert first["items"] + rest["items"] == whole["notes"] and not rest["truncated"]
    for _ in range(200 - len(whole["notes"])):
        whole = alice.send("POST", path, {"text": "again"}, id=alert["id"])
    alice.send("POST", path, {"text": "again"}, 409, "too-many", id=alert["id"])


def check_silences(alice, victor):
    path = "/silences"
    for body, code, parameter in (
            ({}, "bad-value", "comment"), ({"comment": "x"}, "bad-value", "rule"),
            ({"comment": "x", "rule": "mos_low"}, "bad-value", "ends"),
            ({"comment": "x", "rule": "r" * 64, "duration_s": 1}, "bad-value", "rule"),
            ({"comment": "x", "rule": "r", "ends": "soon"}, "bad-value", "ends"),
            ({"comment": "x", "rule": "r", "ends": "-1h"}, "bad-value", "ends"),
            ({"comment": "x", "rule": "r", "ends": "2199-01-01T00:00:00Z"}, "bad-value", "ends"),
            ({"comment": "x", "rule": "r", "duration_s": 1e300}, "bad-value", "ends"),
            ({"comment": "x", "rule": "r", "duration_s": "1"}, "bad-value", "duration_s"),
            ({"comment": "x", "match": "t", "until": "x"}, "unknown-member", "until")):
        alice.send("POST", path, body, 400, code, parameter)
    wanted = {"rule": "mos_low", "match": "carrier-a", "comment": "works, ask 498912345678",
              "duration_s": 3600}
    victor.send("POST", path, wanted, 403, "not-allowed")
    made = alice.send("POST", path, wanted, 201)
    assert (made["rule"], made["match"], made["author"], made["state"]) == \
        ("mos_low", "carrier-a", "alice", "active")
    later = alice.send("POST", path, {"match": "hq", "comment": "later",
                                      "begins": "2098-01-01T00:00:00Z",
                                      "ends": "2098-01-02T00:00:00Z"}, 400, "bad-value", "ends")
    assert later["detail"].startswith("up to 90 days")
    assert alice.get("/silences")["items"] == [made]
    assert "498912345678" not in json.dumps(victor.get("/silences"))
    path = "/silences/{name}"
    alice.send("DELETE", path, status=404, code="no-such-name", name=made["id"] + 1)
    alice.send("DELETE", path, status=400, code="bad-value", parameter="id", name="x")
    alice.send("DELETE", path, status=204, name=made["id"])
    over = alice.get("/silences")["items"][0]
    assert (over["state"], over["ended_by"]) == ("over", "alice")
    alice.send("DELETE", path, status=404, code="no-such-name", name=made["id"])
    for _ in range(64):
        alice.send("POST", "/silences", wanted, 201)
    alice.send("POST", "/silences", wanted, 409, "too-many")


def check_desk(directory, original):
    database = os.path.join(directory, "desk.db")
    shutil.copyfile(original, database)
    people = (("alice", "operator", ["--pii"]), ("bob", "operator", []), ("victor", "viewer", []),
              ("chief", "admin", ["--pii"]))
    secrets = {name: earshot("user", "add", name, "--db", database, "--generate", "--role", role,
                             *more).strip() for name, role, more in people}
    with Server(database, "--login") as server:
        contract = Contract(server)
        alice, bob, victor, chief = (Person(server, contract, name, secrets[name])
                                     for name, _, _ in people)
        for answer in (server.ask(f"{API}/silences", "POST", fields=[alice.fields[0], *JSON],
                                  body=b"{}"),):
            assert (answer.status, answer.json()["code"]) == (403, "no-write-token")
        check_notes(alice, bob, victor)
        check_silences(alice, victor)
        audit = chief.get("/audit?limit=1000")["items"]
        done = {(row["who"], row["action"]) for row in audit}
        for one in (("alice", "alert_acknowledged"), ("bob", "alert_reopened"),
                    ("bob", "alert_acknowledged"), ("alice", "alert_commented"),
                    ("alice", "silence_added"), ("alice", "silence_ended")):
            assert one in done, (one, done)
        assert sum(row["action"] == "silence_added" for row in audit) == 65
    with Server(database, "--login") as server:  # all of it is there after a restart
        alice = Person(server, Contract(server), "alice", secrets["alice"])
        assert len(alice.get("/silences")["items"]) == 65
        assert alice.get("/alerts?limit=1")["items"][0]["acknowledged"]["by"] == "bob"


def check_without_accounts(directory, original):
    """On this machine, and where nothing can be kept."""
    folder = os.path.join(directory, "alone")
    os.mkdir(folder)
    database = os.path.join(folder, "calls.db")
    shutil.copyfile(original, database)
    with Server(database) as server:
        csrf = server.ask(f"{API}/session").json()["csrf"]
        target = f"{API}/alerts/{server.ask(f'{API}/alerts?limit=1').json()['items'][0]['id']}"
        fields = [("X-Earshot-Token", csrf)]
        assert os.listdir(folder) == ["calls.db"]
        if os.geteuid() != 0:  # root may write anywhere
            os.chmod(folder, 0o500)
            answer = server.ask(f"{target}/acknowledge", "POST", fields=fields)
            assert (answer.status, answer.json()["code"]) == (409, "read-only"), answer.raw
            os.chmod(folder, 0o700)
        os.mkdir(database + ".state")  # no file can be made in its place
        answer = server.ask(f"{target}/acknowledge", "POST", fields=fields)
        assert (answer.status, answer.json()["code"]) == (409, "read-only"), answer.raw
        os.rmdir(database + ".state")
        answer = server.ask(f"{target}/acknowledge", "POST", fields=fields)
        assert answer.status == 200, answer.raw
        assert answer.json()["alert"]["acknowledged"]["by"] == "local"
        assert sorted(os.listdir(folder)) == ["calls.db", "calls.db.state"]
        rows = server.ask(f"{API}/audit").json()["items"]
        assert [(row["who"], row["action"]) for row in rows] == [("local", "alert_acknowledged")]
