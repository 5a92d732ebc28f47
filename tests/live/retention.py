"""Calls that are old within seconds, and go."""
import pathlib

import load

CALLS = 400
GONE = "SELECT 1 WHERE NOT EXISTS (SELECT 1 FROM leg) AND NOT EXISTS (SELECT 1 FROM call)"


def config(folder, messages_s=3, calls_s=6):
    """The path of one that keeps them for so long."""
    path = pathlib.Path(folder, "c.yaml")
    path.write_text(f"store: {{keep_messages_days: {messages_s / 86400}, "
                    f"keep_calls_days: {calls_s / 86400}}}\n", encoding="ascii")
    return path


def fill(mirror, probe):
    """Returns when all are kept."""
    for i in range(CALLS):
        mirror.send(load.call(f"c{i}", 1000))
    probe.has(f"SELECT 1 FROM (SELECT count(*) AS n FROM leg) WHERE n = {CALLS}")
