"""Users and tokens, made and taken away over the API: for admins alone, and never the last one."""
import json
import os
import shutil

from accounts import cookie_of, earshot, login
from client import API, Server
from contract import Contract
from desk import Person


def check_users(server, contract, chief, database):
    made = chief.send("POST", "/users", {"name": "dora", "role": "operator", "pii": True}, 201)
    assert (made["name"], made["role"], made["pii"], made["disabled"]) == \
        ("dora", "operator", True, False)
    assert len(made["secret"]) == 24
    dora = Person(server, contract, "dora", made["secret"])
    assert dora.get("/session")["role"] == "operator"
    for body, status, code, parameter in (
            ({"name": "dora"}, 409, "exists", None), ({}, 400, "bad-value", "name"),
            ({"name": "Not Good"}, 400, "bad-value", "name"),
            ({"name": "x", "role": "king"}, 400, "bad-value", "role"),
            ({"name": "x", "pii": 1}, 400, "bad-value", "pii"),
            ({"name": "x", "password": "short"}, 400, "bad-value", "password"),
            ({"name": "x", "id": 1}, 400, "unknown-member", "id")):
        chief.send("POST", "/users", body, status, code, parameter)
    dora.send("POST", "/users", {"name": "x"}, 403, "not-allowed")
    dora.send("DELETE", "/users/{name}", status=403, code="not-allowed", name="chief")
    chosen = chief.send("POST", "/users", {"name": "emil", "password": "long enough"}, 201)
    assert chosen["secret"] is None and login(server, "emil", "long enough").status == 200
    listed = {user["name"]: user for user in chief.get("/users")["items"]}
    assert set(listed) == {"chief", "dora", "emil"} and "secret" not in listed["dora"]
    # A right that is taken away is gone at once; who is disabled is out.
    path = "/users/{name}"
    assert chief.send("PUT", path, {"pii": False}, name="dora")["role"] == "operator"
    assert not dora.get("/session")["pii"]
    assert chief.send("PUT", path, {"disabled": True}, name="dora")["disabled"]
    assert server.ask(f"{API}/calls", fields=dora.fields).status == 401
    assert login(server, "dora", made["secret"], "127.0.0.40").status == 401
    chief.send("PUT", path, {"disabled": False}, name="dora")
    dora = Person(server, contract, "dora", made["secret"])
    fresh = chief.send("POST", "/users/{name}/password", name="dora")["secret"]
    assert fresh != made["secret"]
    assert server.ask(f"{API}/calls", fields=dora.fields).status == 401
    assert login(server, "dora", made["secret"], "127.0.0.41").status == 401
    chief.send("POST", "/users/{name}/password", status=404, code="no-such-name", name="nobody")
    chief.send("PUT", path, {"role": "admin"}, 404, "no-such-name", name="nobody")
    chief.send("DELETE", path, status=204, name="emil")
    chief.send("DELETE", path, status=404, code="no-such-name", name="emil")
    with open(database + ".state", "rb") as file:
        kept = file.read()
    assert made["secret"].encode() not in kept and fresh.encode() not in kept
    return fresh


def check_last_admin(chief):
    path = "/users/{name}"
    for method, body in (("DELETE", None), ("PUT", {"role": "viewer"}), ("PUT", {"disabled": True})):
        chief.send(method, path, body, 409, "last-admin", name="chief")
    assert chief.get("/users")["items"][0]["role"] == "admin"
    chief.send("PUT", path, {"role": "admin"}, name="dora")
    chief.send("PUT", path, {"role": "admin", "disabled": True}, name="dora")
    chief.send("DELETE", path, status=409, code="last-admin", name="chief")
    chief.send("PUT", path, {"disabled": False}, name="dora")
    chief.send("PUT", path, {"role": "admin"}, name="chief")


def check_own_password(server, contract, password):
    dora = Person(server, contract, "dora", password)
    other = Person(server, contract, "dora", password)
    path = "/session/password"
    dora.send("PUT", path, {"old": "wrong", "new": "a new password"}, 400, "bad-login", "old")
    dora.send("PUT", path, {"old": password, "new": "short"}, 400, "bad-value", "new")
    fields = [*dora.fields, ("Content-Type", "application/json")]
    body = json.dumps({"old": password, "new": "a new password"}).encode()
    answer = server.ask(API + path, "PUT", fields=fields, body=body)
    contract.check(API + path, answer, "put")
    assert answer.status == 200, answer.raw
    for fields in (dora.fields, other.fields):
        assert server.ask(f"{API}/calls", fields=fields).status == 401
    again = [cookie_of(answer), ("X-Earshot-Token", answer.json()["csrf"])]
    assert server.ask(f"{API}/calls", fields=again).status == 200
    assert login(server, "dora", password, "127.0.0.42").status == 401
    assert login(server, "dora", "a new password", "127.0.0.43").status == 200


def check_tokens(server, chief):
    made = chief.send("POST", "/tokens", {"name": "grafana"}, 201)
    fields = [("Authorization", f"Bearer {made['secret']}")]
    assert server.ask(f"{API}/session", fields=fields).json()["user"] == "grafana"
    assert server.ask(f"{API}/users", fields=fields).status == 403
    answer = server.ask(f"{API}/session/password", "PUT", fields=fields)
    assert (answer.status, answer.json()["code"]) == (409, "no-session")
    chief.send("POST", "/tokens", {"name": "grafana"}, 409, "exists")
    chief.send("POST", "/tokens", {"name": "x", "password": "y"}, 400, "unknown-member", "password")
    assert [token["name"] for token in chief.get("/tokens")["items"]] == ["grafana"]
    chief.send("DELETE", "/tokens/{name}", status=204, name="grafana")
    chief.send("DELETE", "/tokens/{name}", status=404, code="no-such-name", name="grafana")
    assert server.ask(f"{API}/session", fields=fields).status == 401


def check_admin(directory, original):
    database = os.path.join(directory, "admin.db")
    shutil.copyfile(original, database)
    secret = earshot("user", "add", "chief", "--db", database, "--generate", "--role", "admin",
                     "--pii").strip()
    with Server(database, "--login") as server:
        contract = Contract(server)
        chief = Person(server, contract, "chief", secret)
        password = check_users(server, contract, chief, database)
        check_last_admin(chief)
        check_own_password(server, contract, password)
        check_tokens(server, chief)
        done = {(row["who"], row["action"], row["subject"])
                for row in chief.get("/audit?limit=1000")["items"]}
        for one in (("chief", "user_added", "dora"), ("chief", "user_changed", "dora"),
                    ("chief", "user_disabled", "dora"), ("chief", "user_removed", "emil"),
                    ("chief", "password_set", "dora"), ("dora", "password_set", "dora"),
                    ("chief", "token_added", "grafana"), ("chief", "token_revoked", "grafana")):
            assert one in done, (one, done)
