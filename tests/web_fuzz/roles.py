"""Every path and method, asked by everybody: who may, and what is known of it afterwards."""
import json
import re

from client import API

RANK = {"nobody": 0, "viewer": 1, "operator": 2, "chief": 3}  # chief: role admin
EVERYBODYS = {("get", "health"), ("get", "ready"), ("get", "openapi.yaml"), ("post", "session"),
              ("delete", "session")}


def needed(template, method):
    """As docs and openapi.yaml have it: people watch, operators act, admins let in."""
    path = template.removeprefix(f"{API}/")
    if (method, path) in EVERYBODYS:
        return 0
    if re.match(r"(users|tokens|audit)\b", path):
        return 3
    return 2 if method != "get" and not path.startswith("session") else 1


def operations(document):
    for template, item in document["paths"].items():
        for method in ("get", "post", "put", "delete"):
            if method in item:
                yield template, method


def body_of(method):
    return (b"{}", [("Content-Type", "application/json")]) if method in ("post", "put") else (b"", [])


def check_matrix(server, document, fields_of):
    asked = 0
    for template, method in operations(document):
        target = template.replace("{id}", "0123456789abcdef").replace("{name}", "none")
        if target.endswith("/events"):
            continue  # has no end where a probe runs; here it is 404 for all who may
        body, media = body_of(method)
        for who, rank in RANK.items():
            answer = server.ask(target, method.upper(), fields=[*fields_of[who], *media], body=body)
            what = (who, method, target, answer.raw[-300:])
            code = answer.json()["code"] if answer.status >= 400 else None
            wanted = needed(template, method)
            asked += 1
            if rank >= wanted:
                assert answer.status not in (401, 403, 405), what
            elif rank == 0:
                assert (answer.status, code) == (401, "login-needed"), what
            else:
                assert (answer.status, code) == (403, "not-allowed"), what
    assert asked > 200, asked


def session_of(server, password):
    body = json.dumps({"user": "admin", "password": password}).encode()
    answer = server.ask(f"{API}/session", "POST", fields=[("Content-Type", "application/json")], body=body)
    assert answer.status == 200, answer.raw
    return ("Cookie", answer.fields["set-cookie"].split(";")[0]), answer.json()["csrf"]


def check_foreign_pages(server, document):
    """A page from elsewhere can change nothing with the cookie of who opened it."""
    cookie, csrf = session_of(server, server.secret)
    for template, method in operations(document):
        if method == "get" or (method, template) == ("post", f"{API}/session"):
            continue
        target = template.replace("{id}", "0123456789abcdef").replace("{name}", "none")
        body, media = body_of(method)
        for fields, code in (([], "no-write-token"), ([("X-Earshot-Token", "")], "no-write-token"),
                             ([("X-Earshot-Token", csrf[:-1] + ("0" if csrf[-1] != "0" else "1"))],
                              "no-write-token"),
                             ([("X-Earshot-Token", csrf), ("Origin", "http://evil.example")], "foreign-origin"),
                             ([("X-Earshot-Token", csrf), ("Origin", "http://localhost.evil.example")],
                              "foreign-origin"),
                             ([("X-Earshot-Token", csrf), ("Origin", "null")], "foreign-origin"),
                             ([("X-Earshot-Token", csrf), ("Origin", "")], "foreign-origin")):
            answer = server.ask(target, method.upper(), fields=[cookie, *media, *fields], body=body)
            assert (answer.status, answer.json()["code"]) == (403, code), (method, target, fields, answer.raw)
    return cookie, csrf


# method, path, body: each is done, in this order; and the word that the audit log has for it.
DEEDS = [
    ("POST", "users", {"name": "dora", "role": "operator", "password": "long enough"}, "user_added"),
    ("PUT", "users/dora", {"pii": True}, "user_changed"),
    ("PUT", "users/dora", {"disabled": True}, "user_disabled"),
    ("POST", "users/dora/password", {}, "password_set"),
    ("DELETE", "users/dora", None, "user_removed"),
    ("POST", "tokens", {"name": "tool", "role": "admin", "pii": True}, "token_added"),
    ("DELETE", "tokens/tool", None, "token_revoked"),
    ("POST", "silences", {"match": "pbx", "comment": "x", "duration_s": 60}, "silence_added"),
    ("DELETE", "silences/{last}", None, "silence_ended"),
    ("POST", "rules", {"name": "mine", "metric": "asr", "condition": "below", "threshold": 40}, "rule_added"),
    ("PUT", "rules/mine", {"metric": "asr", "condition": "below", "threshold": 41}, "rule_changed"),
    ("DELETE", "rules/mine", None, "rule_removed"),
    ("POST", "alerts/{alert}/acknowledge", {}, "alert_acknowledged"),
    ("DELETE", "alerts/{alert}/acknowledge", None, "alert_reopened"),
    ("POST", "alerts/{alert}/comment", {"text": "x"}, "alert_commented"),
    ("PUT", "session/password", {"old": None, "new": "an other secret"}, "password_set"),
    ("DELETE", "session", None, "logout"),
]


def audit_of(server, fields):
    return server.ask(f"{API}/audit?limit=1000", fields=fields).json()["items"]


def check_audited(server, document, cookie, csrf, fields_of, alert):
    """Whatever changes anything is in the audit log with who did it; what is refused is not."""
    chief = fields_of["chief"]
    last = None
    done = set()
    fields = [cookie, ("X-Earshot-Token", csrf), ("Content-Type", "application/json")]
    for method, path, body, action in DEEDS:
        path = path.replace("{alert}", alert).replace("{last}", str(last))
        body = {**body, "old": server.secret} if body and "old" in body else body
        before = audit_of(server, chief)
        answer = server.ask(f"{API}/{path}", method, fields=fields,
                            body=b"" if body is None else json.dumps(body).encode())
        assert answer.status in (200, 201, 204), (method, path, answer.raw)
        last = answer.json().get("id", last) if answer.body else last
        rows = audit_of(server, chief)
        fresh = rows[:len(rows) - len(before)]
        assert ("admin", "session", "127.0.0.1", action) in \
            {(row["who"], row["way"], row["address"], row["action"]) for row in fresh}, (action, fresh)
        if path == "session/password":  # it ends all sessions, and begins another
            fields[:2] = [("Cookie", answer.fields["set-cookie"].split(";")[0]),
                          ("X-Earshot-Token", answer.json()["csrf"])]
        done.add((re.sub(r"(?<=users/)\w+|(?<=tokens/)\w+|(?<=rules/)\w+|(?<=silences/)\w+", "{name}",
                         f"{API}/{path}".replace(alert, "{id}")), method.lower()))
        again = server.ask(f"{API}/{path}", method, fields=[], body=b"")
        assert again.status == 401 or path == "session", again.raw
    left = {op for op in operations(document) if op[1] != "get"} - done - {(f"{API}/session", "post")}
    assert not left, left
    assert server.ask(f"{API}/session", fields=fields[:1]).status == 401
