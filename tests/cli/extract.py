"""`earshot extract`: what comes out analyses as it did within the whole capture."""
import json
import pathlib
import struct
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
OWN = sorted((ROOT / "pcaps").glob("*.pcap"))
# Real captures of others, where they are at hand.
FOREIGN = sorted(p for p in (ROOT.parent / "shared" / "captures").glob("*.pcap*"))
CALLS_PER_CAPTURE = 5
TIME_LIMIT_S = 120


def run(earshot, *arguments, **options):
    return subprocess.run([earshot, *map(str, arguments)], capture_output=True, check=False,
                          timeout=TIME_LIMIT_S, **options)


def records(earshot, capture):
    output = run(earshot, "analyze", "--json", capture).stdout
    return [json.loads(line) for line in output.decode().splitlines()]


def of_call(all_records, call):
    """The call's legs and streams by id."""
    return {r["id"]: r for r in all_records
            if r["kind"] in ("leg", "stream") and r["call"] == call}


def without_timer(record):
    """A timer that ran out in silence has not run out yet where the extract ends."""
    hidden = ("state", "ended_by", "ended", "duration_s", "ended_how", "branch")
    return {k: v for k, v in record.items() if k not in hidden}


def by_timer(record):
    return record.get("ended_by") == "timeout"


def without_audio(record):
    return {k: v for k, v in record.items()
            if k not in ("one_way", "ended_how") and not k.startswith(("audio_", "media_coverage_"))}


def by_another_call(field, was, became):
    """What only the rest of the capture tells: whether the network lost packets or the
    recorder, that another call replaced this one, and that others have the same media, which
    therefore is no evidence."""
    return (field, became) == ("loss_verdict", "unknown") or \
        (field, was) == ("ended_how", "replaced") or \
        (field, was) == ("joined_by", "numbers") and became in ("rtp", "payload") or \
        was is None and field in ("joined_matches", "joined_offset_ms", "upstream") or \
        was is None and field.startswith("segment_")


def heard_elsewhere(leg, records):
    """A B2BUA left media alone: the audio of this call is in streams of the other one."""
    last = {r["last"] for r in records.values() if r["kind"] == "stream"}
    return leg["kind"] == "leg" and any(
        leg[name] is not None and leg[name] not in last
        for name in ("audio_forward_until", "audio_reverse_until"))


def differences(whole, part):
    if whole.keys() != part.keys():
        yield f"ids {sorted(whole)} became {sorted(part)}"
    for name in whole.keys() & part.keys():
        a, b = whole[name], part[name]
        if by_timer(a):
            a, b = (without_audio(without_timer(r)) for r in (a, b))
        if heard_elsewhere(whole[name], whole):
            a, b = without_audio(a), without_audio(b)
        for field in a:
            if a[field] != b[field] and not by_another_call(field, a[field], b[field]):
                yield f"{a['kind']} {name} {field}: {a[field]!r} became {b[field]!r}"


def check_call(earshot, capture, all_records, call, folder):
    """Sentences about what is wrong."""
    out = folder / f"{capture.name}-{call}.pcap"
    done = run(earshot, "extract", capture, "--call", call, "-o", out)
    if done.returncode != 0 or done.stderr:
        return [f"exit status {done.returncode}: {done.stderr.decode()}"]
    part = records(earshot, out)
    wrong = list(differences(of_call(all_records, call), of_call(part, call)))
    others = {r["id"] for r in part if r["kind"] == "call"} - {call}
    if others:
        wrong.append(f"other calls came along: {sorted(others)}")
    out.unlink()
    return wrong


def check_captures(earshot, captures, folder, most):
    """(calls looked at, sentences about what is wrong)."""
    count, wrong = 0, []
    for capture in captures:
        all_records = records(earshot, capture)
        calls = [r["id"] for r in all_records if r["kind"] == "call"]
        for call in calls[:most]:
            count += 1
            wrong += [f"{capture.name} call {call}: {what}"
                      for what in check_call(earshot, capture, all_records, call, folder)]
    return count, wrong
