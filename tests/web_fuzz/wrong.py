"""Requests out of openapi.yaml that are wrong in one known way, or in any way at all."""
import json
import re
import urllib.parse

quote = urllib.parse.quote
KEPT = ("viewer", "operator", "chief", "admin")  # who asks; nobody removes or changes these

# What is no number from 1 to 1000, no matter how it is read.
NO_LIMIT = ["0", "-1", "1001", "", "abc", "1e3", "0x10", "+5", " 5", "5 ", "5.0", "1,000",
            "99999999999999999999", "18446744073709551617", "\u0663", "\uff15", "1" * 400, "NaN",
            "null", "true", "[]", "5;5", "'5'"]
NO_TIME = ["", "yesterday", "2026", "2026-13-01", "2026-02-30", "2026-01-01T25:00:00Z", "-2", "2h",
           "-h", "--2h", "-2y", "-2h ", "-1e5h", "-99999999999999999999s", "1767225600",
           "2026-01-01T00:00:00+99:99", "0000-00-00", "then", "\u22122h",
           "99999-01-01", "-0x2h", "2026-01-01T00:00:00.Z", "-9223372036854775807s",
           "+9223372036854775807s", "+100000000000w", "2026-01-01 00:00:00Z;"]
NO_SORT = ["", "-", "--start", "nothing", "start,id", "start;", "start desc", "START", "raw", "seq",
           "state", "*", "1", "start--", "rowid", "\u017ftart", "a" * 300, "-nothing", "(start)"]
NO_FILTER = ["(", ")", "start", "mos_lq_min <", "< 3", "nothing = 1", "start > never", "and", "not",
             "1 = 1", "status = ", "status = 200 or", "status in (", "status in ()",
             "(" * 1200, "not " * 400, "status = 200 and " * 90, "status = '", "status ~ 1",
             "status = 200; drop", "status = 1e999", "a b c",
             "start > -2", "start > '", "id = zz", "\u0663 = 1", "status = \u0663",
             "status is null", "select * from leg", "1", "'", '"', "\\", "--", "/**/", "@", "status",
             "status = 200)", "((status = 200)", "status = (200)", "status = 200 200"]
NO_CURSOR = ["", "x", "0x1", "02" + "0" * 82, "0201" + "f" * 80, "g" * 84, "02" * 42,
             "0203" + "7ff8" * 20, "-1", "99999999999999999999", "1e5", " ", "null", "\u0663"]
NO_SKIP = ["", "-1", "1000000001", "x", "1.5", "99999999999999999999", "+1"]
NO_MONTH = ["", "2026", "2026-00", "2026-13", "2026-1", "02-2026", "x", "9999999-01", "2026-01-01",
            "-001-01", "2026/01", "\u0662026-01"]
WRONG = {"limit": NO_LIMIT, "from": NO_TIME, "to": NO_TIME, "sort": NO_SORT, "filter": NO_FILTER,
         "cursor": NO_CURSOR, "skip": NO_SKIP, "month": NO_MONTH,
         "group_by": ["", "nothing", "trunk,", ",", "trunk,,codec", "TRUNK", "trunk trunk", "seq"],
         "step": ["", "week", "1", "hours", "minute,hour", "-"], "kpi": ["", "nothing", "asr,", ","],
         "view": ["", "nothing", "LEG", "leg,call"]}
RIGHT = {"limit": ["1", "3", "1000", "007"], "from": ["-5000w", "2020-01-01", "2020-01-01T00:00:00Z"],
         "to": ["+1h", "2100-01-01T00:00:00.5Z"], "sort": ["start", "-start", "id"],
         "filter": ["", "id != 0000000000000001"],
         "skip": ["0", "1"], "month": ["2026-01"], "trunk": ["pbx"],
         "group_by": ["trunk", "codec,direction"],
         "step": ["minute", "hour", "day"], "view": ["leg", "trunk", "call"], "kpi": ["asr", "asr,ner"]}

# What may come instead of any value, percent-encoded already.
NOISE = ["%", "%4", "%zz", "%00", "%ff", "%c0%af", "%ed%a0%80", "%f4%90%80%80", "%e2%80%a8", "%0d%0a",
         "%25",
         "%3Cscript%3E", "'", "%22", "..", "%2e%2e%2f", "a" * 3000, "%F0%9F%92%A9", "+", "*", "{id}",
         "0000000000000001", "ffffffffffffffff", "-0", "1%000", "$(id)", "%s%n", "%1b%5b2J", "%e2%80%ae"]
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH", "TRACE", "CONNECT", "get",
           "PROPFIND", "X" * 200, "G\u00cbT", "-"]
MEDIA = ["application/json", "application/x-ndjson", "text/csv", "*/*", "text/html", "application/*",
         "application/json;q=0", "text/csv;q=0.5, */*;q=0.1", "", "/", "a/b;q=x", ";;;,,,",
         "text/event-stream",
         "application/jsonl", "application/json;q=1.0000", "*/*;q=0", "application/json" + ",a/b" * 900]
TYPES = ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x",
         "application/jsonx", "application/json, text/plain", "text/json", "application/csp-report"]


class Wanted:
    """A request, and what is known of its answer: status and parameter, or None."""

    def __init__(self, method, template, target, fields, body=b"", status=None, parameter=None):
        self.method, self.template, self.target = method, template, target
        self.fields, self.body = list(fields), body
        self.status, self.parameter = status, parameter

    def octets(self, close=True):
        head = [f"{self.method} {self.target} HTTP/1.1", "Host: localhost",
                *(f"{name}: {value}" for name, value in self.fields)]
        if self.body or self.method in ("POST", "PUT"):
            head.append(f"Content-Length: {len(self.body)}")
        if close:
            head.append("Connection: close")
        return "\r\n".join(head).encode("utf-8", "surrogatepass") + b"\r\n\r\n" + self.body


class Maker:
    def __init__(self, dice, document, ids, cursors, fields_of):
        self.dice, self.document, self.ids = dice, document, ids
        self.cursors = cursors  # of a path and a question: what leads to its second page
        self.fields_of = fields_of  # by who asks
        self.operations = [(path, method) for path, item in document["paths"].items()
                           for method in ("get", "post", "put", "delete") if method in item]
        self.drawn = 0

    def resolve(self, thing):
        while "$ref" in thing:
            at = self.document
            for part in thing["$ref"][2:].split("/"):
                at = at[part]
            thing = at
        return thing

    def parameters(self, path, where, method="get"):
        item = self.document["paths"][path]
        every = item.get("parameters", []) + item[method].get("parameters", [])
        return [p for p in map(self.resolve, every) if p["in"] == where]

    # --- paths ------------------------------------------------------------------------

    def name(self):
        """Of a user, rule, token or silence; never of those that ask."""
        self.drawn += 1
        return self.dice.choice([f"made{self.drawn % 50}", "1", "alpha", "nobody", "a.b-c_d"])

    def path(self, template):
        known = self.ids.get("".join(template.split("/")[3:4])) or ["0123456789abcdef"]
        return template.replace("{id}", self.dice.choice(known)).replace("{name}", self.name())

    # --- one thing is wrong -----------------------------------------------------------

    def right_values(self, template, but=()):
        """Of some of the parameters; they may go together."""
        values = {}
        for parameter in self.parameters(template, "query"):
            name = parameter["name"]
            if name in but or name in ("cursor", "skip", "kpi", "view", "sort") or name not in RIGHT:
                continue
            if parameter.get("required") or self.dice.random() < 0.3:
                values[name] = self.dice.choice(RIGHT[name])
        return values

    def target(self, template, values):
        """values: name and value, in any order, encoded here; more: encoded already."""
        pairs = [f"{quote(name)}={quote(value, safe='')}" for name, value in values]
        self.dice.shuffle(pairs)
        return self.path(template) + ("?" + "&".join(pairs) if pairs else "")

    def wrong_value(self):
        template = self.dice.choice([p for p, m in self.operations
                                     if m == "get" and self.parameters(p, "query")])
        name = self.dice.choice(self.parameters(template, "query"))["name"]
        if name not in WRONG:
            return self.unknown()
        value = self.dice.choice(WRONG[name])
        if name == "filter" and not value.strip():
            return self.unknown()
        values = {**self.right_values(template, (name, "filter")), name: value}
        return Wanted("GET", template, self.target(template, values.items()), self.fields_of["chief"],
                      status=400, parameter=name)

    def unknown(self):
        template, method = self.dice.choice(self.operations)
        name = self.dice.choice(["colour", "Limit", "limit ", "filter[]", "\u2028", "a" * 60, "<b>",
                                 "__proto__",
                                 "id", "token", "access_token", "\x1b[2J"])
        values = [*self.right_values(template).items(), (name, "1")] if method == "get" else [(name, "1")]
        return Wanted(method.upper(), template, self.target(template, values), self.fields_of["chief"],
                      status=400, parameter=name)

    def twice(self):
        template = self.dice.choice([p for p, m in self.operations
                                     if m == "get" and self.parameters(p, "query")])
        name = self.dice.choice(self.parameters(template, "query"))["name"]
        spelt = self.dice.choice([name, "%" + f"{ord(name[0]):02x}" + name[1:]])
        target = self.path(template) + f"?{name}={self.dice.choice(NO_LIMIT[:3])}&{spelt}=5"
        return Wanted("GET", template, target, self.fields_of["chief"], status=400, parameter=name)

    def not_for_all(self):
        """What nobody may ask who sees no people."""
        path, query = self.dice.choice([
            ("calls", "leg.from ~ '1'"), ("legs", "from = 'sip:1@a'"), ("legs", "not (to ~ '.')"),
            ("streams", "src = 10.0.0.1"),
            ("legs", "status = 200 or number_to != '1'"), ("findings", "sentence ~ 'a'"), ("alerts",
                                                                                           "subject ~ 'a'"),
            ("security", "subject != ''"), ("registrations", "aor ~ '^sip:1'"),
            ("peers", "peer in (10.0.0.0/8)")])
        target = f"/api/v1/{path}?filter={quote(query)}"
        return Wanted("GET", f"/api/v1/{path}", target, self.fields_of["viewer"], status=403,
                      parameter="filter")

    def bent_cursor(self):
        """A cursor of the same question, with a place and times that no page ever had."""
        template, target, cursor = self.dice.choice(self.cursors)
        words = [cursor[:4]] + [cursor[at:at + 16] for at in range(4, len(cursor), 16)]
        for at in self.dice.sample(range(2, len(words)), self.dice.randrange(1, 4)):
            words[at] = self.dice.choice(["0" * 16, "f" * 16, "7" + "f" * 15, "8" + "0" * 15, "7ff0" + "0" * 12,
                                          "fff8" + "0" * 12, f"{self.dice.getrandbits(64):016x}"])
        words[0] = self.dice.choice([words[0], "0200", "0201", "0202", "0203"])
        return Wanted("GET", template, f"{target}&cursor={''.join(words)}",
                      self.fields_of[self.dice.choice(["viewer", "chief"])])

    def wrong_encoding(self):
        template = self.dice.choice([p for p, m in self.operations
                                     if m == "get" and self.parameters(p, "query")])
        name = self.dice.choice(self.parameters(template, "query"))["name"]
        bad = self.dice.choice(["%", "%4", "%zz", "%00", "%ff", "%c0%af", "%ed%a0%80", "%f4%90%80%80",
                                "1%000",
                                "%+1", "%0x", "%-1"])
        return Wanted("GET", template, f"{self.path(template)}?{name}={bad}", self.fields_of["chief"],
                      status=400, parameter=name)

    def wrong_id(self):
        template, method = self.dice.choice([(p, m) for p, m in self.operations if "{id}" in p])
        bad = self.dice.choice(["0", "g" * 16, "0" * 15, "0" * 17, "0x23456789abcdef", "-000000000000001",
                                "%e2%80%a80000000000000", "+" + "0" * 15, "0123456789abcde%20", "null",
                                "%2e%2e",
                                "notes%20"])
        return Wanted(method.upper(), template, template.replace("{id}", bad), self.fields_of["chief"],
                      status=400, parameter="id")

    def unknown_id(self):
        template = self.dice.choice([p for p, m in self.operations if "{id}" in p and m == "get"])
        return Wanted("GET", template, template.replace("{id}", f"{self.dice.getrandbits(64):016x}"),
                      self.fields_of["chief"], status=404)

    def wrong_method(self):
        template = self.dice.choice(list(self.document["paths"]))
        method = self.dice.choice(["PATCH", "TRACE", "PROPFIND", "get", "X" * 200, "PUT", "POST", "DELETE"])
        if method.lower() in self.document["paths"][template] and method != "get":
            method = "PATCH"
        return Wanted(method, template, self.path(template), self.fields_of["chief"], status=405)

    # --- bodies -----------------------------------------------------------------------

    def value_of(self, schema):
        schema = self.resolve(schema)
        kind = schema.get("type", "string")
        kind = kind[0] if isinstance(kind, list) else kind
        if "enum" in schema:
            return self.dice.choice(schema["enum"])
        return {"string": "text", "boolean": True, "integer": 5, "number": 5, "array": [],
                "object": {}}[kind]

    def body_operation(self):
        """A write that has a body, its schema, and a body that may be right."""
        template, method = self.dice.choice(
            [(p, m) for p, m in self.operations if "requestBody" in self.document["paths"][p][m]
             and p not in ("/api/v1/session", "/api/v1/session/password")])
        content = self.document["paths"][template][method]["requestBody"]["content"]
        schema = self.resolve(content["application/json"]["schema"])
        good = {name: self.value_of(of) for name, of in schema["properties"].items()}
        return template, method, schema, good

    def written(self, template, method, body, status=None, parameter=None, media="application/json"):
        fields = [*self.fields_of["chief"]] + ([("Content-Type", media)] if media else [])
        return Wanted(method.upper(), template, self.path(template), fields, body, status, parameter)

    def right_body(self):
        """What is kept, or was there already; then the rest is not about nothing."""
        path, body = self.dice.choice([
            ("users", {"name": self.name(), "role": "viewer", "password": "long enough"}),
            ("tokens", {"name": self.name(), "pii": True}),
            ("silences", {"match": "pbx", "comment": "\u202e<b>", "duration_s": 60}),
            ("session", {"user": "nobody", "password": "wrong"}),
            ("rules", {"name": f"made{self.drawn % 9}", "metric": "asr", "condition": "below",
                       "threshold": 40})])
        return self.written(f"/api/v1/{path}", "post", json.dumps(body).encode())

    def wrong_body(self):
        template, method, _, _ = self.body_operation()
        body = self.dice.choice([b"{", b"[]", b"null", b'"x"', b"1", b"{}{}", b"\xff", b"\xef\xbb\xbf{}",
                                 b"[" * 60000,
                                 b'{"a":' * 12000, b'{"x":1,"x":2}', b"{'x':1}", b'{"x":"\\ud800"}',
                                 b"{\0}", b'{"x":\x01}',
                                 b'{"x":1e99999}', b"{" + b" " * 65000, b"\0", b'{"x":"a\\u0000b"}',
                                 b"name=x"])
        return self.written(template, method, body, 400, "body")

    def wrong_type(self):
        template, method, _, good = self.body_operation()
        return self.written(template, method, json.dumps(good).encode(), 415, None, self.dice.choice(TYPES))

    def too_long(self):
        template, method, _, _ = self.body_operation()
        return self.written(template, method, b" " * self.dice.choice([65537, 70000, 1 << 20]), 413)

    def wrong_member(self):
        template, method, schema, good = self.body_operation()
        name = self.dice.choice(list(schema["properties"]) + ["colour", "__proto__", "constructor", ""])
        if name not in schema["properties"]:
            good[name] = 1
            return self.written(template, method, json.dumps(good).encode(), None, None)
        kind = self.resolve(schema["properties"][name]).get("type", "string")
        wrong = [[1], {"a": {"b": []}}, 1e308, -1, "x" * 60000, "\u202e", "\x00", "", True, 0.5, "-1h",
                 None, "0" * 40,
                 10 ** 40, ["a"] * 9, "'; drop table user; --", "=1+1", "\x1b[2J"]
        if kind == "boolean":
            wrong = [1, "true", [], 0, {}]
        good[name] = self.dice.choice(wrong)
        body = json.dumps(good, ensure_ascii=self.dice.random() < 0.5).encode("utf-8", "replace")
        if self.dice.random() < 0.3:
            del good[name]
            body = json.dumps(good).encode()
        return self.written(template, method, body)

    # --- anything is wrong ------------------------------------------------------------

    def anything(self):
        template, method = self.dice.choice(self.operations)
        known = self.parameters(template, "query", method)
        pairs = []
        for parameter in self.dice.sample(known, self.dice.randrange(len(known) + 1)):
            name = parameter["name"]
            values = [quote(v, safe="") for v in WRONG.get(name, [""]) + 3 * RIGHT.get(name, [""])]
            pairs.append(f"{name}={self.dice.choice(values + NOISE)}")
        for _ in range(self.dice.choice([0, 0, 0, 1, 2, 40])):
            pairs.append("=".join(self.dice.choice(NOISE) for _ in range(self.dice.randrange(1, 3))))
        path = self.path(template)
        if self.dice.random() < 0.2:
            parts = path.split("/")
            parts[self.dice.randrange(len(parts))] = self.dice.choice(NOISE)
            path = "/".join(parts)
        target = path + ("?" if pairs else "") + "&".join(pairs)
        fields = [*self.fields_of[self.dice.choice(list(self.fields_of))]]
        for name, values in (("Accept", MEDIA), ("Accept-Encoding", ["gzip", "gzip;q=0", "*", "br", ",,;"]),
                             ("If-None-Match", ["*", 'W/"x"', '"', ","]), ("Range", ["bytes=0-",
                                                                                     "bytes=9-1"]),
                             ("Content-Type", TYPES), ("Origin", ["null", "http://localhost"]),
                             ("Last-Event-ID", ["0", "-1", "x", "9" * 40]),
                             ("Cookie", ["earshot_session=", "=", ";;;", "earshot_session=x; " * 9]),
                             ("X-Forwarded-For", ["127.0.0.1"]), ("X-HTTP-Method-Override", ["DELETE"])):
            if self.dice.random() < 0.15:
                fields.append((name, self.dice.choice(values)))
        method = method.upper() if self.dice.random() < 0.8 else self.dice.choice(METHODS)
        if re.search(r"/(users|tokens)/(%s)\b" % "|".join(KEPT), target):
            method = "GET"
        body = b"" if self.dice.random() < 0.8 else self.dice.choice([b"{}", b"[]", b"{", b"\0" * 99])
        target = target if " " not in target else target.replace(" ", "+")
        return Wanted(method, template, target, fields, body)

    def draw(self):
        return self.dice.choices(
            [self.wrong_value, self.unknown, self.twice, self.wrong_encoding, self.not_for_all, self.bent_cursor,
             self.wrong_id, self.unknown_id,
             self.wrong_method, self.wrong_body, self.wrong_type, self.too_long, self.wrong_member,
             self.right_body, self.anything],
            [20, 4, 4, 5, 2, 4, 4, 3, 4, 6, 2, 1, 9, 1, 37])[0]()
