"""Answers against openapi.yaml."""
import json
import random
import re
import urllib.parse

import jsonschema
import yaml

from client import API

SAFE = {"content-security-policy": "default-src 'self'; script-src 'self'; object-src 'none'; "
                                   "base-uri 'none'; frame-ancestors 'none'",
        "x-content-type-options": "nosniff", "referrer-policy": "no-referrer"}
SAMPLE = 20
FOREIGN = {"access-control-allow-origin", "server", "x-powered-by"}


class Contract:
    """openapi.yaml, out of the server itself."""

    def __init__(self, server):
        answer = server.ask(f"{API}/openapi.yaml")
        assert answer.status == 200 and answer.fields["content-type"] == "application/yaml"
        self.document = yaml.safe_load(answer.body)
        assert self.document["openapi"].startswith("3.1")
        self.seen = set()
        self.validators = {}
        self.dice = random.Random(8)

    def check(self, template, answer, method="get"):
        """The answer is one that the path may give."""
        responses = self.document["paths"][template][method]["responses"]
        response = responses.get(str(answer.status), responses["default"])
        if "content" not in response:
            assert not answer.body and "content-type" not in answer.fields
            return
        media = answer.fields["content-type"].split(";")[0]
        assert media in response["content"], (template, answer.status, media)
        for name, value in SAFE.items():
            assert answer.fields.get(name) == value, (template, name)
        assert not FOREIGN & set(answer.fields), answer.fields
        if method == "get":
            self.seen.add((template, answer.status))
        key = (template, method, str(answer.status), media)
        if key not in self.validators:
            self.validators[key] = jsonschema.Draft202012Validator(
                {"components": self.document["components"],
                 **response["content"][media]["schema"]})
        validator = self.validators[key]
        if media in ("application/json", "application/problem+json"):
            whole = answer.json()
            if isinstance(whole.get("items"), list):
                whole["items"] = self.sample(whole["items"])
            validator.validate(whole)
        elif media == "application/x-ndjson":
            for line in self.sample(answer.body.splitlines()):
                validator.validate(json.loads(line))

    def sample(self, items):
        """Of a long list some: it is validated again and again."""
        return items if len(items) <= SAMPLE else self.dice.sample(items, SAMPLE)


def template_of(target):
    path = re.sub(r"/(trunks|users|tokens)/[^/]+", r"/\1/{name}", target.split("?")[0])
    return re.sub(r"/(calls|legs|streams|alerts)/[0-9a-fA-F]{16}", r"/\1/{id}", path)


def get(server, contract, target, **options):
    answer = server.ask(target, **options)
    contract.check(template_of(target), answer)
    return answer


def pages(server, contract, target, limit):
    """The items of all pages; each page but the last is full."""
    items, cursor = [], ""
    while True:
        both = "&" if "?" in target else "?"
        answer = get(server, contract, f"{target}{both}limit={limit}{cursor}")
        page = answer.json()
        items += page["items"]
        assert page["truncated"] == (page["next"] is not None) == ("link" in answer.fields)
        if not page["truncated"]:
            return items
        assert len(page["items"]) == limit
        cursor = f"&cursor={page['next']}"
        link = re.fullmatch(r"<(\?.*)>; rel=\"next\"", answer.fields["link"])[1]
        assert urllib.parse.parse_qs(link)["cursor"] == [page["next"]], link
