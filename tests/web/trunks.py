"""The trunks: what the configuration said, and the figures that the command line has of them."""
import collections
import json
import sqlite3
import urllib.parse

from client import API
from contract import get, pages

CONFIG = """
sensor: {time_zone: Europe/Berlin}
trunks:
  - {name: pbx, role: pbx, site: berlin, channels: 30, addresses: [198.18.0.1]}
  - {name: 'carrier "a"', role: carrier, group: pstn, redundancy: primary, addresses: [198.18.5.1]}
  - {name: backup, role: carrier, group: pstn, redundancy: backup, priority: 1,
     addresses: [198.18.0.3]}
  - {name: silent, addresses: [203.0.113.9]}
"""
EVER = "from=2020-01-01"


def rows(command, database, *options):
    lines = command("kpis", "--db", database, "--from", "2020-01-01", "--json", *options)
    return [json.loads(line) for line in lines.splitlines()]


def check_list(server, contract, database, command):
    answer = get(server, contract, f"{API}/trunks?{EVER}").json()
    items = {item["name"]: item for item in answer["items"]}
    assert list(items) == ["backup", 'carrier "a"', "pbx", "silent"], list(items)
    wanted = {"site": "berlin", "role": "pbx", "type": "static", "group": None,
              "redundancy": None, "priority": 0, "channels": 30}
    assert {name: items["pbx"][name] for name in wanted} == wanted
    assert (items["backup"]["group"], items["backup"]["redundancy"],
            items["backup"]["priority"]) == ("pstn", "backup", 1)
    assert items["silent"]["kpis"] is None
    of_command = {row["trunk"]: row for row in rows(command, database, "--group-by", "trunk")}
    for name, item in items.items():
        assert item["kpis"] == of_command.get(name), name
    states = collections.Counter((peer["trunk"], peer["state"])
                                 for peer in pages(server, contract, f"{API}/peers", 1000))
    assert items["backup"]["peers_up"] == states["backup", "up"] > 0
    for name, item in items.items():
        for state in ("up", "down", "refusing"):
            assert item[f"peers_{state}"] == states[name, state], (name, state)
    lines = get(server, contract, f"{API}/trunks?{EVER}",
                fields=[("Accept", "application/x-ndjson")]).body.splitlines()
    assert [json.loads(line) for line in lines] == answer["items"]
    # The last hour of the data, not of the clock.
    last = get(server, contract, f"{API}/trunks").json()
    assert last["to"] == answer["to"] and last["from"] > answer["from"]


def check_one(server, contract, database, command):
    name = 'carrier "a"'
    target = f"{API}/trunks/{urllib.parse.quote(name)}"
    one = get(server, contract, f"{target}?{EVER}").json()
    listed = get(server, contract, f"{API}/trunks?{EVER}").json()["items"]
    assert one["trunk"] in listed and one["trunk"]["name"] == name
    assert one["time_zone"] == "Europe/Berlin" and not one["truncated"]
    peers = pages(server, contract, f"{API}/peers", 1000)
    assert sorted(map(str, one["peers"])) == sorted(
        str(peer) for peer in peers if peer["trunk"] == name)
    codes = {row["code"]: row["counts"]["seen"] for row in one["codes"]}
    of_command = rows(command, database, "--group-by", "trunk,code")
    assert codes == {row["code"]: row["seen"] for row in of_command if row["trunk"] == name}
    assert codes[503] > 0
    hours = {row["hour_of_week"]: row["asr"] for row in one["hours_of_week"]}
    assert hours == {row["hour_of_week"]: row["asr"] for row in
                     rows(command, database, "--group-by", "trunk,hour-of-week")
                     if row["trunk"] == name}
    shares = collections.defaultdict(dict)
    for share in one["shares"]:
        shares[share["from"]][share["trunk"]] = share
    calls = collections.Counter()
    for hour in shares.values():
        assert abs(sum(share["share_pct"] for share in hour.values()) - 100) < 1e-9, hour
        for share in hour.values():
            calls[share["trunk"]] += share["seizures"]
    assert set(calls) == {name, "backup"}
    assert calls == {row["trunk"]: row["seizures"]
                     for row in rows(command, database, "--group-by", "trunk,direction")
                     if row["trunk"] in calls and row["direction"] == "outbound"}
    alone = get(server, contract, f"{API}/trunks/pbx").json()
    assert alone["shares"] == [] and alone["trunk"]["name"] == "pbx"
    none = get(server, contract, f"{API}/trunks/nobody")
    assert (none.status, none.json()["code"]) == (404, "no-such-trunk")
    bad = get(server, contract, f"{API}/trunks/pbx?from=never")
    assert (bad.status, bad.json()["parameter"]) == (400, "from")


def check_report(server, contract, database):
    with sqlite3.connect(database) as db:
        (newest,), = db.execute("SELECT strftime('%Y-%m', max(start) / 1000000, 'unixepoch') FROM leg")
    db.close()
    question = f"{API}/reports/sla?trunk=pbx&month={newest}"
    report = get(server, contract, question).json()
    assert (report["trunk"], report["month"], report["time_zone"]) == ("pbx", newest, "Europe/Berlin")
    lines = get(server, contract, question, fields=[("Accept", "text/csv")]).body.decode()
    assert len(lines.splitlines()) == 1 + len(report["figures"]) + len(report["minutes"])
    assert report["points"] is None  # the capture says of no point
    by_point = get(server, contract, f"{question}&by=point").json()
    assert (by_point["points"], by_point["figures"]) == ([], report["figures"])
    for bad, status, parameter in (("trunk=pbx", 400, "month"),
                                   (f"trunk=pbx&month={newest}&by=peer", 400, "by"), (f"month={newest}", 400, "trunk"),
                                   ("trunk=pbx&month=2026-13", 400, "month"),
                                   ("trunk=pbx&month=x", 400, "month"),
                                   (f"trunk=nobody&month={newest}", 404, None),
                                   (f"trunk={'x' * 100}&month={newest}", 404, None)):
        answer = get(server, contract, f"{API}/reports/sla?{bad}")
        assert (answer.status, answer.json().get("parameter")) == (status, parameter), answer.raw


def check_trunks(server, contract, database, command):
    check_report(server, contract, database)
    check_list(server, contract, database, command)
    check_one(server, contract, database, command)
