"""
A database of any number of calls: an hour of tests/kpis/generate.py analysed once, then copied
by SQL as often as wanted, each copy an hour earlier, with ids, numbers and figures of its own.
"""
import os
import random
import re
import sqlite3
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "kpis"))
import generate  # noqa: E402

HOUR = 3_600_000_000
TABLES = ("call", "leg", "stream", "finding", "kpi")
TIMES = {"start", "ended", "ringing", "answered", "invited", "responded", "ack", "first", "last",
         "at", "audio_forward_until", "audio_reverse_until", "early_rtp", "interval_min_at",
         "rtcp_bye"}
IDS = {"id", "call", "leg", "stream", "joined_leg", "parent_leg", "answered_leg", "family",
       "mos_lq_min_stream", "upstream"}
LISTS = {"legs", "aliases"}
NUMBERS = {"from", "to", "asserted", "diverted_from", "number_from", "number_to"}
DIGITS = {"digits_from": "from", "digits_to": "to", "digits_asserted": "asserted",
          "digits_diverted": "diverted_from"}
AGENTS = ["Asterisk PBX 18.9", "Yealink SIP-T46S 66.86", "FreeSWITCH-mod_sofia/1.10",
          "Cisco-SIPGateway/IOS-15", "snomD785/10.1"]
KEY_DIGITS = 18


def reversed_digits(uri):
    """The key that a number is found by from its end; as schema/digits.h says."""
    if uri is None:
        return None
    if isinstance(uri, bytes):
        uri = uri.decode("utf-8", "replace")
    user = re.sub(r"^(sips?|tel):", "", uri).split("@")[0].split(";")[0]
    digits = re.sub(r"[-.() ]", "", user).removeprefix("+")
    if not re.fullmatch(r"[0-9]+", digits):
        return None
    key = 0
    for place in range(KEY_DIGITS):
        key *= 11
        if place < len(digits):
            key += 1 + int(digits[-1 - place])
    return key


def flip(number, copy):
    """Another id for each copy, still one for one."""
    return None if number is None else number ^ (copy << 40)


def flip_list(ids, copy):
    return None if ids is None else re.sub(
        r"[0-9a-f]{16}", lambda m: f"{int(m[0], 16) ^ (copy << 40):016x}", ids)


def move_number(uri, copy):
    """+4930 and seven digits that say which copy it is of; others as they are."""
    if not isinstance(uri, str) or "+4930" not in uri:
        return uri
    return re.sub(r"(\+4930)(\d{7})",
                  lambda m: f"{m[1]}{(int(m[2]) + copy * 70_001) % 10_000_000:07d}", uri)


def columns(db, table):
    return [row[1] for row in db.execute(f"PRAGMA table_info({table})") if row[1] != "seq"]


def expression(table, name):
    """What a copy has in that column; ?1 is its number, ?2 its offset."""
    column = f'"{name}"'
    if name == "run":
        return "run"
    if table == "kpi":
        return f"{column} + ?2" if name == "start" else column
    if name in DIGITS:
        return f'reversed_digits(move_number("{DIGITS[name]}", ?1))'
    if name in IDS:
        return f"flip({column}, ?1)"
    if name in LISTS:
        return f"flip_list({column}, ?1)"
    if name in TIMES:
        return f"{column} + ?2"
    if name in NUMBERS:
        return f"move_number({column}, ?1)"
    if name == "sip_call_id":
        return f"{column} || '-' || ?1"
    if name in ("pdd_ms", "duration_s", "jitter_mean_ms", "loss_pct"):
        return f"{column} * (1 + ?1 * 0.0001)"
    if name in ("mos_lq", "mos_lq_min"):
        return f"max(1.0, {column} - ?1 * 0.0001)"
    return column


def enrich(db):
    """The capture's calls mostly have no media; and all say nothing of their phones."""
    dice = random.Random(6)
    pairs = [row for row in db.execute(
        "SELECT group_concat(seq) FROM stream WHERE call IS NOT NULL GROUP BY call")]
    pairs = [[int(seq) for seq in row[0].split(",")] for row in pairs]
    names = [n for n in columns(db, "stream")]
    legs = db.execute(
        "SELECT l.id, l.call, l.answered FROM leg AS l WHERE l.answered IS NOT NULL AND NOT EXISTS "
        "(SELECT 1 FROM stream AS s WHERE s.call = l.call) GROUP BY l.call").fetchall()
    plain = [n for n in names if n not in ("id", "leg", "call", "legs", "first", "last")]
    quoted = ", ".join(f'"{n}"' for n in plain)
    for leg, call, answered in legs:
        for seq in dice.choice(pairs):
            number = dice.getrandbits(63)
            db.execute(f"INSERT INTO stream (id, leg, call, legs, first, last, {quoted}) "
                       f"SELECT ?, ?, ?, json_array(printf('%016x', ?2)), ? + 10000, ? + last - "
                       f"first, {quoted} FROM stream WHERE seq = ?",
                       (number, leg, call, answered, answered, seq))
    db.execute("UPDATE call SET mos_lq_min = (SELECT min(mos_lq) FROM stream WHERE "
               "stream.call = call.id), mos_lq_min_band = 'nb'")
    for number, agent in enumerate(AGENTS):
        db.execute("UPDATE leg SET user_agent = ? WHERE seq % ? = ?", (agent, len(AGENTS), number))
    # What hardly ever is: found in the oldest hour only.


def populate(earshot, path, calls, base=10_000):
    """Writes the database; calls is a multiple of base."""
    capture, config = path + ".pcap", path + ".yaml"
    with open(config, "w", encoding="ascii") as out:
        out.write(generate.CONFIG)
    generate.generate(capture, calls=base)
    subprocess.run([earshot, "analyze", "-n", "-c", config, "--db", path, capture], check=True,
                   stdout=subprocess.DEVNULL)
    os.remove(capture)
    db = sqlite3.connect(path)
    for function in (flip, flip_list, move_number):
        db.create_function(function.__name__, 2, function, deterministic=True)
    db.create_function("reversed_digits", 1, reversed_digits, deterministic=True)
    db.execute("PRAGMA journal_mode = OFF")
    db.execute("PRAGMA synchronous = OFF")
    db.execute("PRAGMA cache_size = -400000")
    enrich(db)
    indexes = db.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND "
                         "sql IS NOT NULL AND tbl_name IN ('call', 'leg', 'stream', 'finding')"
                         ).fetchall()
    for name, _ in indexes:
        db.execute(f"DROP INDEX {name}")
    last = {table: db.execute(f"SELECT max(seq) FROM {table}").fetchone()[0] for table in TABLES}
    # The oldest first, as they would have come.
    copies = calls // base
    for table in TABLES:
        names = columns(db, table)
        quoted = ", ".join(f'"{name}"' for name in names)
        values = ", ".join(expression(table, name) for name in names)
        for copy in range(1, copies):
            db.execute(f"INSERT INTO {table} ({quoted}) SELECT {values} FROM {table} "
                       f"WHERE seq <= {last[table]} AND ?1 + ?2 IS NOT NULL",
                       (copy, copy * HOUR))
    # One call in the oldest hour is like no other.
    db.execute("UPDATE leg SET user_agent = 'Rare/1.0', status = 499, src = '203.0.113.77:5060' "
               "WHERE seq = 2")
    for _, sql in indexes:
        db.execute(sql)
    db.commit()
    db.close()
    # Adds the hours and days up.
    answered = os.path.join(HERE, "..", "..", "pcaps", "answered.pcap")
    subprocess.run([earshot, "analyze", "-n", "-c", config, "--db", path, answered], check=True,
                   stdout=subprocess.DEVNULL)
    os.remove(config)
