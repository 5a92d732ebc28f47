"""Who gets in, who does not, and what is known of it afterwards."""
import json
import os
import stat
import subprocess

from client import API, EARSHOT, Server
from contract import Contract, get

JSON = [("Content-Type", "application/json")]


def earshot(*arguments, text="", status=0):
    done = subprocess.run([EARSHOT, *arguments], input=text.encode(), capture_output=True,
                          timeout=30, check=False)
    assert done.returncode == status, (arguments, done)
    return done.stdout.decode()


def login(server, user, password, source="127.0.0.1", fields=()):
    body = json.dumps({"user": user, "password": password}).encode()
    return server.ask(f"{API}/session", "POST", fields=[*JSON, *fields], body=body, source=source)


def cookie_of(answer):
    value, *attributes = answer.fields["set-cookie"].split("; ")
    assert set(attributes) == {"Path=/", "HttpOnly", "SameSite=Strict"}, attributes
    return ("Cookie", f"theme=dark; {value}")


def check_closed(server, contract):
    """Nobody is told anything but what is everybody's."""
    for template, operations in contract.document["paths"].items():
        target = template.replace("{id}", "0123456789abcdef").replace("{name}", "a")
        if "get" not in operations:
            continue
        answer = get(server, contract, target)
        if target in (f"{API}/health", f"{API}/ready", f"{API}/openapi.yaml"):
            assert answer.status == 200, target
            continue
        assert (answer.status, answer.json()["code"]) == (401, "login-needed"), target
        assert answer.fields["www-authenticate"] == 'Bearer realm="earshot"'
    assert server.ask(f"{API}/nothing").status == 401
    assert server.ask(f"{API}/calls", fields=[("Cookie", "earshot_session=x")]).status == 401
    for value in ("Bearer x", "Basic YWRtaW46YWRtaW4=", "Bearer", ""):
        answer = server.ask(f"{API}/calls", fields=[("Authorization", value)])
        assert (answer.status, answer.json()["code"]) == (401, "bad-token"), value


def check_bodies(server, contract):
    good = b'{"user":"admin","password":"x"}'
    for body, fields, status, code, parameter in (
            (good, [], 415, "bad-type", None),
            (good, [("Content-Type", "text/plain")], 415, "bad-type", None),
            (b"{", JSON, 400, "bad-json", "body"), (b"[]", JSON, 400, "bad-json", "body"),
            (b"", JSON, 400, "bad-value", "user"), (b"\xff", JSON, 400, "bad-json", "body"),
            (b'{"user":"a","user":"b"}', JSON, 400, "bad-json", "body"),
            (b"[" * 60000, JSON, 400, "bad-json", "body"),
            (b"{}", JSON, 400, "bad-value", "user"),
            (b'{"user":"a","password":"x","role":"admin"}', JSON, 400, "unknown-member", "role"),
            (b'{"user":1,"password":"x"}', JSON, 400, "bad-value", "user"),
            (b'{"user":"a"}', JSON, 400, "bad-value", "password"),
            (b'{"user":"a","password":""}', JSON, 400, "bad-value", "password"),
            (b'{"user":"a","password":"%s"}' % (b"x" * 1025), JSON, 400, "bad-value",
             "password"),
            (b" " * 65537, JSON, 413, "body-too-long", None)):
        answer = server.ask(f"{API}/session", "POST", fields=fields, body=body)
        contract.check(f"{API}/session", answer, "post")
        problem = answer.json()
        assert (answer.status, problem["code"], problem.get("parameter")) == \
            (status, code, parameter), (body[:40], problem)
    answer = server.ask(f"{API}/session", "PUT", body=b"{}")
    assert answer.status in (401, 405)
    answer = server.ask(f"{API}/session", "OPTIONS")
    assert answer.fields["allow"] == "GET, HEAD, POST, DELETE, OPTIONS"


def check_session(server, contract, password):
    answer = login(server, "alice", password)
    contract.check(f"{API}/session", answer, "post")
    assert answer.status == 200, answer.raw
    me = answer.json()
    assert (me["user"], me["way"], me["role"], me["pii"]) == ("alice", "session", "viewer", False)
    cookie = cookie_of(answer)
    assert get(server, contract, f"{API}/session", fields=[cookie]).json() == me
    assert get(server, contract, f"{API}/calls?limit=1", fields=[cookie]).status == 200
    answer = get(server, contract, f"{API}/audit", fields=[cookie])
    assert (answer.status, answer.json()["code"]) == (403, "not-allowed")
    for fields, code in (([], "no-write-token"), ([("X-Earshot-Token", "x")], "no-write-token"),
                         ([("X-Earshot-Token", me["csrf"]),
                           ("Origin", "https://evil.example")], "foreign-origin"),
                         ([("X-Earshot-Token", me["csrf"]), ("Origin", "null")],
                          "foreign-origin")):
        answer = server.ask(f"{API}/session", "DELETE", fields=[cookie, *fields])
        assert (answer.status, answer.json()["code"]) == (403, code), fields
    answer = server.ask(f"{API}/session", "DELETE", host="localhost:1", fields=[
        cookie, ("X-Earshot-Token", me["csrf"]), ("Origin", "http://localhost:1")])
    contract.check(f"{API}/session", answer, "delete")
    assert answer.status == 204 and "Max-Age=0" in answer.fields["set-cookie"]
    assert get(server, contract, f"{API}/session", fields=[cookie]).status == 401


def worked_s(server):
    """Seconds of processor time, which does not depend on what else the machine does."""
    with open(f"/proc/{server.process.pid}/stat", encoding="ascii") as file:
        return sum(map(int, file.read().rsplit(") ", 1)[1].split()[11:13])) / \
            os.sysconf("SC_CLK_TCK")


def check_guessing(server, password):
    """Whatever is wrong, the answer is the same, and takes as much work; five times."""
    took = {}
    told = set()
    for i in range(5):
        for user, source in (("alice", "127.0.0.5"), ("nobody", "127.0.0.6"),
                             ("alice' or '1'='1", "127.0.0.7")):
            begin = worked_s(server)
            answer = login(server, user, f"wrong password {i}", source)
            took[user] = took.get(user, 0) + worked_s(server) - begin
            assert answer.status == 401, answer.raw
            problem = answer.json()
            del problem["instance"]
            told.add(json.dumps(problem))
    assert len(told) == 1, told
    assert max(took.values()) < 2 * min(took.values()), took
    for user, source in (("alice", "127.0.0.5"), ("nobody", "127.0.0.6")):
        answer = login(server, user, password, source)
        assert (answer.status, answer.json()["code"]) == (429, "too-many-logins"), answer.raw
        assert 20 <= int(answer.fields["retry-after"]) <= 60
    assert login(server, "alice", password, "127.0.0.8").status == 200


def check_tokens(server, contract, database):
    for name, options in (("viewer", []), ("chief", ["--role", "admin", "--pii"])):
        token = earshot("token", "add", name, "--db", database, *options).strip()
        fields = [("Authorization", f"Bearer {token}")]
        me = get(server, contract, f"{API}/session", fields=fields).json()
        assert (me["user"], me["way"], me["csrf"]) == (name, "token", None)
        assert get(server, contract, f"{API}/calls", fields=fields).status == 200
        assert get(server, contract, f"{API}/audit", fields=fields).status == \
            (200 if name == "chief" else 403)
        assert get(server, contract, "/metrics", fields=fields).status == 200
        with open(database + ".state", "rb") as file:
            assert token.encode() not in file.read()
    rows = []
    cursor = ""
    while True:
        page = get(server, contract, f"{API}/audit?limit=3{cursor}", fields=fields).json()
        rows += page["items"]
        if not page["truncated"]:
            break
        cursor = f"&cursor={page['next']}"
    whole = get(server, contract, f"{API}/audit?limit=1000", fields=fields).json()["items"]
    assert rows == whole
    actions = [row["action"] for row in rows]
    for action in ("user_added", "token_added", "login", "login_failed", "logout"):
        assert action in actions, actions
    assert {row["who"] for row in rows if row["action"] == "login_failed"} == \
        {"alice", "unknown"}
    assert not get(server, contract, f"{API}/audit?to=-1h", fields=fields).json()["items"]
    earshot("token", "revoke", "chief", "--db", database)
    assert server.ask(f"{API}/calls", fields=fields).status == 401
    earshot("token", "revoke", "chief", "--db", database, status=1)


def check_removal(server, database):
    """A new password, and removal, end what was begun with the old one."""
    password = earshot("user", "add", "bob", "--db", database, "--generate",
                       "--role", "operator").strip()
    cookie = cookie_of(login(server, "bob", password))
    assert server.ask(f"{API}/calls", fields=[cookie]).status == 200
    earshot("user", "passwd", "bob", "--db", database, text="another password\n")
    assert server.ask(f"{API}/calls", fields=[cookie]).status == 401
    assert login(server, "bob", password).status == 401
    cookie = cookie_of(login(server, "bob", "another password"))
    earshot("user", "remove", "bob", "--db", database)
    assert server.ask(f"{API}/calls", fields=[cookie]).status == 401
    assert login(server, "bob", "another password").status == 401


def check_commands(database):
    listed = [json.loads(line) for line in
              earshot("user", "list", "--json", "--db", database).splitlines()]
    assert [(user["name"], user["role"], user["pii"]) for user in listed] == \
        [("admin", "admin", True), ("alice", "viewer", False)]
    for arguments, text, status in (
            (["user", "--help"], "", 0), (["token", "--help"], "", 0),
            (["user"], "", 2), (["token", "passwd", "x", "--db", database], "", 2),
            (["user", "add", "--db", database], "", 2),
            (["user", "add", "Not Good", "--db", database], "", 2),
            (["user", "add", "x"], "long enough\n", 2),
            (["user", "add", "x", "--role", "king", "--db", database], "", 2),
            (["user", "add", "x", "--db", database], "short\n", 1),
            (["user", "add", "x", "--db", database], "", 1),
            (["user", "add", "alice", "--db", database], "long enough\n", 1),
            (["user", "remove", "nobody", "--db", database], "", 1),
            (["user", "list", "--db", os.path.join(database, "no")], "", 1)):
        earshot(*arguments, text=text, status=status)


def check_accounts(directory, original):
    database = os.path.join(directory, "accounts.db")
    with open(original, "rb") as source, open(database, "wb") as file:
        file.write(source.read())
    password = "correct horse battery"
    with Server(database, "--login", first=True) as server:
        assert stat.S_IMODE(os.stat(database + ".state").st_mode) == 0o600
        contract = Contract(server)
        check_closed(server, contract)
        check_bodies(server, contract)
        admin = login(server, "admin", server.secret)
        assert admin.status == 200 and admin.json()["pii"]
        earshot("user", "add", "alice", "--db", database, text=password + "\n")
        check_session(server, contract, password)
        check_guessing(server, password)
        check_tokens(server, contract, database)
        check_removal(server, database)
        check_commands(database)
        with open(database + ".state", "rb") as file:
            kept = file.read()
        assert password.encode() not in kept and server.secret.encode() not in kept
    with Server(database, "--login") as server:  # it says no secret again
        assert login(server, "alice", password).status == 200
    with Server(database) as server:  # on this machine no account is needed
        me = server.ask(f"{API}/session").json()
        assert (me["way"], me["role"], me["pii"]) == ("local", "admin", True)
        answer = server.ask(f"{API}/calls", fields=[("X-Forwarded-For", "127.0.0.1")])
        assert answer.status == 401
        answer = login(server, "alice", password, fields=[("X-Forwarded-For", "10.0.0.1")])
        assert answer.status == 200
