#!/usr/bin/env python3
"""Prints web/openapi.yaml and, behind it, a schema for each kind of record: its fields out of
the tables in analyzer/model, what they mean out of the comments in schema/migrations.  So no
field is in an answer that the description does not have.

usage: openapi_records.py web/openapi.yaml"""
import glob
import json
import re
import sys

OR_NULL = "null"
COUNT = {"oneOf": [{"type": "integer", "minimum": 0},
                   {"type": "string", "pattern": "^[0-9]+$"}]}
TYPES = {
    "ID": {"type": ["string", OR_NULL], "pattern": "^[0-9a-f]{16}$"},
    "TEXT": {"type": ["string", OR_NULL]},
    "TIME": {"type": ["string", OR_NULL], "format": "date-time"},
    "ENDPOINT": {"type": ["string", OR_NULL]},
    "ADDRESS": {"type": ["string", OR_NULL]},
    "COUNT": COUNT,
    "NUMBER": {"oneOf": COUNT["oneOf"] + [{"type": OR_NULL}]},
    "REAL": {"type": ["number", OR_NULL]},
    "NAME": {"type": ["string", OR_NULL]},
    "CODEC": {"type": ["string", OR_NULL]},
    "FLAG": {"type": "boolean"},
    "FLAGS": {"type": "array", "items": {"type": "string"}},
    "IDS": {"type": "array", "items": {"type": "string", "pattern": "^[0-9a-f]{16}$"}},
    "CODECS": {"type": "array", "items": {"type": "string"}},
    "PAYLOAD_TYPES": {"type": "object", "additionalProperties": {"type": "integer"}},
    "BUFFERS": {"type": "array",
                "items": {"type": "object", "required": ["name", "r", "mos_lq"]}},
    "HISTOGRAM": {"type": "array", "items": {"type": "integer", "minimum": 0}},
    "SSRC": {"type": "string", "pattern": "^0x[0-9a-f]{8}$"},
    "SSRC_IF": {"type": ["string", OR_NULL], "pattern": "^0x[0-9a-f]{8}$"},
}
# Beside the fields of the table (web/record_json.c).
BESIDE = {
    "stream": {"interval_min": {"type": ["object", OR_NULL], "required": ["at", "mos_lq"],
                                "description": "the interval with the lowest score"}},
    "alert": {"acknowledged": {"oneOf": [{"type": OR_NULL}, {
        "type": "object", "required": ["by", "at"], "additionalProperties": False,
        "properties": {"by": {"type": "string"}, "at": {"type": "string", "format": "date-time"}}}],
        "description": "who has it in hand; not in events and on the command line"}},
    "message": {"raw": {"type": "string", "description": "the message's own bytes"}},
}
KINDS = ["call", "leg", "stream", "report", "registration", "binding", "peer", "event",
         "finding", "observation", "alert", "message"]


def comments():
    """(table, column): what its migration says of it."""
    found = {}
    for path in sorted(glob.glob("schema/migrations/*.sql")):
        table = column = None
        with open(path, encoding="ascii") as file:
            for line in file:
                if match := re.match(r"CREATE TABLE (\w+)", line):
                    table, column = match[1], None
                elif match := re.match(r"ALTER TABLE (\w+) ADD (?:COLUMN )?\"?(\w+)\"?"
                                       r"[^-]*(?:-- (.*))?$", line):
                    found[match[1], match[2]] = (match[3] or "").strip()
                    table = None
                elif table and (match := re.match(r"\t\"?(\w+)\"? +[A-Z][^-]*(?:-- (.*))?$",
                                                  line)):
                    column = match[1]
                    found[table, column] = (match[2] or "").strip()
                elif table and column and (match := re.match(r"\t\s+-- (.*)", line)):
                    found[table, column] += " " + match[1].strip()
                elif line.startswith(")"):
                    table = None
    return found


def fields(kind):
    with open(f"analyzer/model/record_{kind}.c", encoding="utf-8") as file:
        return re.findall(r"\{\s*\"(\w+)\",\s*FIELD_(\w+)", file.read())


def schema(kind, meanings):
    properties = {"kind": {"const": kind}}
    for name, field_type in fields(kind):
        properties[name] = dict(TYPES[field_type])
        if meaning := meanings.get((kind, name)):
            properties[name]["description"] = meaning
    properties.update(BESIDE.get(kind, {}))
    return {"type": "object", "required": list(properties), "additionalProperties": False,
            "properties": properties}


def kpis():
    """A row of KPIs: the figures out of their table, the counts out of theirs."""
    with open("analyzer/model/kpi_definition.c", encoding="utf-8") as file:
        figures = re.findall(r"^\t\{ \"(\w+)\", \"([^\"]*)\", \"([^\"]*)\"", file.read(), re.M)
    with open("analyzer/model/kpi.c", encoding="utf-8") as file:
        names = re.search(r"kpi_count_names\[KPI_COUNT_COUNT\] = \{(.*?)\};", file.read(), re.S)[1]
    text = {"type": ["string", OR_NULL]}
    properties = {
        "kind": {"const": "kpis"},
        "view": {"enum": ["leg", "trunk", "peer", "call"]},
        "from": {"type": "string", "format": "date-time"},
        "to": {"type": "string", "format": "date-time"},
        "seconds": {"type": "number", "description": "of time that rates are over"},
        "busy_hour": {"type": ["string", OR_NULL], "format": "date-time",
                      "description": "when the 60 minutes with most traffic began"},
        "counts": {"type": "object", "additionalProperties": False,
                   "required": re.findall(r'"(\w+)"', names),
                   "properties": {name: COUNT for name in re.findall(r'"(\w+)"', names)}},
        "hour_of_week": {"type": "integer", "minimum": 0, "maximum": 167,
                         "description": "0: Monday from midnight; of group_by hour-of-week"},
        "site": {**text, "description": "of group_by site; null: of none"},
        "trunk": {**text, "description": "of group_by trunk; null: of none"},
        "peer": {**text, "description": "of group_by peer: a trunk's name, or an address of "
                                        "none, or other: all addresses that have no row"},
        "peer_known": {"type": "boolean", "description": "peer is the name of a trunk"},
        "direction": {**text, "description": "inbound, outbound; of group_by direction"},
        "prefix": {**text, "description": "of group_by prefix: label of the called number"},
        "codec": {**text, "description": "of group_by codec: the first used"},
        "code": {"type": ["integer", OR_NULL], "description": "of group_by code: final SIP code"},
    }
    required = ["kind", "view", "from", "to", "seconds", "busy_hour", "counts"]
    for name, unit, title in figures:
        properties[name] = {"type": ["number", OR_NULL],
                            "description": title + (f", {unit}" if unit else "")}
    return {"type": "object", "required": required, "additionalProperties": False,
            "properties": properties}


def write(kind, whole):
    print(f"    {kind}:")
    print("      type: object\n      additionalProperties: false")
    print(f"      required: {json.dumps(whole['required'])}")
    print("      properties:")
    for name, value in whole["properties"].items():
        # JSON is YAML.
        print(f"        {json.dumps(name)}: {json.dumps(value)}")


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        sys.stdout.write(file.read())
    meanings = comments()
    for kind in KINDS:
        write(kind, schema(kind, meanings))
    write("kpis", kpis())


if __name__ == "__main__":
    main()
