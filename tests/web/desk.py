"""What people do about alerts: who may, what is kept, what is heeded, what is noted."""
import json
import os
import re
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
    hidden = re.sub("~[0-9a-f]{12}|100::[0-9a-f:]*[0-9a-f]", "~", hidden)
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


RULE = {"name": "night_asr", "metric": "asr", "scope": "trunk", "match": "carrier-a",
        "condition": "below", "threshold": 40, "window_s": 900, "min_samples": 30,
        "schedule": "off_hours", "severity": "major", "muted_by": ["peer_down"], "doc": "tried"}


def check_rules(alice, victor):
    """Those of the configuration are read, those made here changed; mistakes have their place."""
    shipped = alice.get("/rules")["items"]
    assert len(shipped) > 40 and {rule["origin"] for rule in shipped} == {"shipped"}
    low = next(rule for rule in shipped if rule["name"] == "mos_low")
    assert (low["threshold"], low["clear"], low["window_s"]) == (3.6, 3.8, 300)  # docs/alerts.md
    for change, status, code, parameter in (
            ({"name": "Bad Name"}, 400, "bad-value", "name"), ({"name": None}, 400, "bad-value", "name"),
            ({"metric": "nothing"}, 400, "bad-rule", "metric"),
            ({"scope": "planet"}, 400, "bad-value", "scope"),
            ({"scope": "subject"}, 400, "bad-rule", "scope"),
            ({"condition": "near"}, 400, "bad-value", "condition"),
            ({"threshold": "40"}, 400, "bad-value", "threshold"),
            ({"threshold": None}, 400, "bad-rule", "threshold"),
            ({"clear": 10}, 400, "bad-rule", "clear"),
            ({"window_s": 7}, 400, "bad-rule", "window_s"),
            ({"window_s": 1e300}, 400, "bad-value", "window_s"),
            ({"raise_after_s": -1}, 400, "bad-value", "raise_after_s"),
            ({"min_samples": -1}, 400, "bad-value", "min_samples"),
            ({"certainty": "x"}, 400, "bad-value", "certainty"),
            ({"muted_by": ["a"] * 5}, 400, "bad-value", "muted_by"),
            ({"muted_by": [1]}, 400, "bad-value", "muted_by"),
            ({"enabled": "no"}, 400, "bad-value", "enabled"),
            ({"always_told": True}, 400, "bad-value", "always_told"),
            ({"doc": "x" * 256}, 400, "bad-value", "doc"),
            ({"name": "mos_low"}, 409, "of-the-configuration", None)):
        alice.send("POST", "/rules", {**RULE, **change}, status, code, parameter)
    victor.send("POST", "/rules", RULE, 403, "not-allowed")
    made = alice.send("POST", "/rules", RULE, 201)
    assert {name: made[name] for name in RULE} == RULE
    assert (made["origin"], made["in_use"], made["author"], made["clear_after_s"]) == \
        ("api", True, "alice", 300)
    alice.send("POST", "/rules", RULE, 409, "exists")
    path = "/rules/{name}"
    alice.send("PUT", path, {**RULE, "name": "other"}, 400, "bad-value", "name", name="night_asr")
    alice.send("PUT", path, {**RULE, "name": "other"}, 404, "no-such-name", name="other")
    alice.send("PUT", path, {"threshold": 1}, 409, "of-the-configuration", name="mos_low")
    alice.send("DELETE", path, status=404, code="no-such-name", name="mos_low")
    changed = alice.send("PUT", path, {**RULE, "threshold": 30, "enabled": False}, name="night_asr")
    assert (changed["threshold"], changed["in_use"]) == (30, False)
    items = alice.get("/rules")["items"]
    assert items == [*shipped, changed]
    alice.send("DELETE", path, status=204, name="night_asr")
    assert alice.get("/rules")["items"] == shipped
    alice.send("POST", "/rules", RULE, 201)


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
        check_rules(alice, victor)
        audit = chief.get("/audit?limit=1000")["items"]
        done = {(row["who"], row["action"]) for row in audit}
        for one in (("alice", "alert_acknowledged"), ("bob", "alert_reopened"),
                    ("bob", "alert_acknowledged"), ("alice", "alert_commented"),
                    ("alice", "silence_added"), ("alice", "silence_ended"),
                    ("alice", "rule_added"), ("alice", "rule_changed"), ("alice", "rule_removed")):
            assert one in done, (one, done)
        assert sum(row["action"] == "silence_added" for row in audit) == 65
    with Server(database, "--login") as server:  # all of it is there after a restart
        alice = Person(server, Contract(server), "alice", secrets["alice"])
        assert len(alice.get("/silences")["items"]) == 65
        assert alice.get("/rules")["items"][-1]["name"] == "night_asr"
        assert alice.get("/alerts?limit=1")["items"][0]["acknowledged"]["by"] == "bob"


def check_rules_of_a_file(directory, original):
    """The configuration's rules are shown, and those made here, which lie over them."""
    database = os.path.join(directory, "rules.db")
    config = os.path.join(directory, "rules.yaml")
    shutil.copyfile(original, database)
    with Server(database) as server:
        fields = [("X-Earshot-Token", server.ask(f"{API}/session").json()["csrf"]), *JSON]
        answer = server.ask(f"{API}/rules", "POST", fields=fields, body=json.dumps(RULE).encode())
        assert answer.status == 201, answer.raw
    with open(config, "w", encoding="ascii") as file:
        file.write("alerts:\n  off: [scanner]\n  rules:\n    - {name: night_asr, metric: asr, threshold: 9,"
                   " condition: below}\n    - {name: mos_low, threshold: 3}\n")
    with Server(database, "--config", config) as server:
        rules = [(rule["name"], rule["origin"], rule["in_use"], rule["threshold"])
                 for rule in server.ask(f"{API}/rules").json()["items"]]
    for one in (("night_asr", "file", False, 9), ("night_asr", "api", True, 40),
                ("mos_low", "file", True, 3), ("scanner", "shipped", False, 0)):
        assert one in rules, (one, rules)


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
