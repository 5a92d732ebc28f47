#!/usr/bin/env python3
"""The captures in pcaps/: what `earshot analyze` says, beside what is known without it.

    EARSHOT=build/earshot run.py [--strict] [NAME...]

Every pcaps/NAME.truth.json (pcaps/README.md tells where it is from) is held field by field
against the JSON records; the highest jitter also against RFC 3550 A.8 worked out here from
the capture's bytes, telephone-events left out, because tshark counts those in.  The text of
the captures that have a NAME.expected here must equal it; those were read by people.

What is known of a capture and has no field in the records is counted as not printed, and
is wrong with --strict; as soon as a record has the field it is compared.
"""
import difflib
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True  # the source tree stays clean

from capture import (TIME_TOLERANCE_S, highest_jitter, packets_of, pauses_of, seconds,
                     sequence_after_first, without_later)
from segments import check_segments
from watched import (check_failovers, check_observations, check_outages, check_peers,
                     check_pings)

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
PCAPS = ROOT / "pcaps"
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))

JITTER_TOLERANCE_MS = 0.01
ROUND_TRIP_TOLERANCE_MS = 2.0
REAL_TOLERANCE = 1e-6
COMFORT_NOISE = {13, 19}
TIME_LIMIT_S = 60
SAME_AS = {"vlan": "answered", "qinq": "answered"}  # tags aside, the same frames

# The handshake on port 8080: only the first data show that the connection is SIP's.
UNRECOGNISED = {"websocket": 3}
# ICMP errors about RTCP: nobody must listen there.
ICMP_ABOUT_RTCP = {"closed_port": 1}


class Check:
    """Collects what is wrong with one capture."""

    def __init__(self):
        self.wrong = []
        self.count = 0
        self.not_printed = []

    def equal(self, what, ours, right):
        self.count += 1
        if ours != right:
            self.wrong.append(f"{what}: is {ours!r}, should be {right!r}")

    def near(self, what, ours, right, tolerance):
        self.count += 1
        if (ours is None) != (right is None) or \
           (ours is not None and abs(ours - right) > tolerance):
            self.wrong.append(f"{what}: is {ours!r}, should be {right!r}")

    def printed(self, what, record, field):
        """Whether the record has the field; who asks compares it then."""
        if field in record:
            return True
        self.not_printed.append(f"{what}: {field} is not printed")
        return False

    def later(self, what, record, field, right, tolerance=0):
        if not self.printed(what, record, field):
            return
        if isinstance(right, (int, float)) and not isinstance(right, bool):
            self.near(f"{what}: {field}", record[field], right, tolerance)
        else:
            self.equal(f"{what}: {field}", record[field], right)


def analyse(capture, *options):
    run = subprocess.run([EARSHOT, "analyze", *options, str(capture)], capture_output=True,
                         timeout=TIME_LIMIT_S, check=False)
    if run.returncode != 0 or run.stderr:
        sys.exit(f"{capture}: exit status {run.returncode}: {run.stderr.decode()}")
    return run.stdout


def records_of(output):
    return [json.loads(line) for line in output.decode().splitlines()]


# --- legs -------------------------------------------------------------------------------

def unchallenged_invite(leg):
    """When the INVITE went out whose answer was not a challenge that another INVITE met."""
    at = None
    for message in leg["messages"]:
        if message["at"] == leg["at"]["final"]:
            break  # though it be a challenge, if nobody answered that
        if message["what"] in ("401 (INVITE)", "407 (INVITE)"):
            at = None
        elif message["what"] == "INVITE" and at is None:
            at = message["at"]
        elif re.match(r"(18\d|[2-6]\d\d) \(INVITE\)", message["what"]):
            break
    return at


def leg_times(leg):
    at = leg["at"]
    answered = at["first_2xx"]
    ended = at["bye"] if answered else at["final"]
    heard = [t for t in (at["first_18x"], at["final"]) if t]
    pdd = (min(heard) - unchallenged_invite(leg)) * 1000 if heard else None
    duration = ended - answered if answered and ended else None
    return answered, ended, pdd, duration


def claims_of(stream):
    """Numbers of the legs that announced its endpoints, the one it belongs to first."""
    return stream.get("legs") or [stream["leg"]]


def codecs_of(stream):
    return stream.get("codecs") or [stream["codec"]]


def heard_codecs(truth, number):
    """What the leg's own streams carried: what was only negotiated was not used."""
    heard = {}
    for stream in sorted(truth["streams"], key=lambda s: s["first"]):
        if claims_of(stream)[0] == number:
            heard.update(dict.fromkeys(codecs_of(stream)))
    return list(heard)


def check_legs(check, truth, records):
    ours = {(r["sip_call_id"], r["src"], r["dst"]): r for r in records if r["kind"] == "leg"}
    check.equal("legs", len([r for r in records if r["kind"] == "leg"]), len(truth["legs"]))
    conversations = []
    for number, leg in enumerate(truth["legs"]):
        name = f"leg {leg['sip_call_id']} {leg['src']} > {leg['dst']}"
        mine = ours.get((leg["sip_call_id"], leg["src"], leg["dst"]))
        check.equal(f"{name}: found", mine is not None, True)
        if not mine:
            continue
        for field in ("from", "to", "transport", "status", "state", "ended_by"):
            check.equal(f"{name}: {field}", mine[field], leg[field])
        check.equal(f"{name}: codecs", mine["codecs"], heard_codecs(truth, number))
        check.equal(f"{name}: messages", mine["messages"], len(leg["messages"]))
        answered, ended, pdd, duration = leg_times(leg)
        for field, right in (("start", leg["at"]["first_invite"]),
                             ("ringing", leg["at"]["first_18x"]),
                             ("answered", answered), ("ended", ended)):
            check.near(f"{name}: {field}", seconds(mine[field]), right, TIME_TOLERANCE_S)
        check.near(f"{name}: pdd_ms", mine["pdd_ms"], pdd, 2 * TIME_TOLERANCE_S * 1000)
        check.near(f"{name}: duration_s", mine["duration_s"], duration, 2 * TIME_TOLERANCE_S)
        for way, fate in leg.get("audio", {}).items():
            check.equal(f"{name}: audio_{way}", mine[f"audio_{way}"], fate)
        conversations.append((leg.get("call", 0), leg["sip_call_id"], mine["call"]))
    check_calls(check, truth, records, conversations)
    listed = sorted(leg for call in records if call["kind"] == "call"
                    for leg in call["legs"])
    check.equal("legs that calls list", listed, sorted(r["id"] for r in ours.values()))


def check_calls(check, truth, records, conversations):
    """`conversations` has of each leg the true one, its Call-ID and the id of the call that we
    put it in."""
    calls = [r for r in records if r["kind"] == "call"]
    by_call, by_truth = {}, {}
    for conversation, _, call in conversations:
        by_call.setdefault(call, set()).add(conversation)
        by_truth.setdefault(conversation, set()).add(call)
    for call, mixed in by_call.items():
        check.equal(f"call {call}: conversations in it", len(mixed), 1)
    for conversation, ids in by_truth.items():
        check.equal(f"call {conversation}: ids of its legs", len(ids), 1)
    check.equal("calls", len(calls), len(by_call))


def check_families(check, truth, records):
    """Which calls came out of which, and what became of the branches of a forked one."""
    calls = {r["id"]: r for r in records if r["kind"] == "call"}
    legs = [r for r in records if r["kind"] == "leg"]
    call_of = {leg["sip_call_id"]: calls[leg["call"]] for leg in legs}
    by_number = {leg.get("call", 0): call_of[leg["sip_call_id"]] for leg in truth["legs"]
                 if leg["sip_call_id"] in call_of}
    families = {n: i for i, entry in enumerate(truth.get("families", []))
                for n in entry["calls"]}
    for number, call in by_number.items():
        family = [by_number[n] for n in by_number
                  if number in families and families.get(n) == families[number]]
        first = min(family, key=lambda c: c["start"])["id"] if family else None
        if call["relation"] != "forward":
            check.equal(f"call {number}: family", call["family"], first)
    for transfer in truth.get("transfers", []):
        check.equal(f"{transfer['made']}: relation", call_of[transfer["made"]]["relation"],
                    "transfer_" + transfer["kind"])
        if "replaces" in transfer:
            check.equal(f"{transfer['replaces']}: relation",
                        call_of[transfer["replaces"]]["relation"], "consultation")
    branches = truth.get("branches", [])
    if not branches:
        return
    fates = {"cancelled": "answered_elsewhere"}
    check.equal("branches", sorted((leg["dst"].rpartition(":")[0], leg["branch"])
                                   for leg in legs if leg["branch"]),
                sorted((b["dst"], fates.get(b["fate"], b["fate"])) for b in branches))
    for call in calls.values():
        check.equal("branches of the call", call["branches"], len(branches))
        answered = [leg["dst"].rpartition(":")[0] for leg in legs
                    if leg["id"] == call["answered_leg"]]
        check.equal("who answered", answered,
                    [b["dst"] for b in branches if b["fate"] == "answered"])


# --- streams ----------------------------------------------------------------------------

def leg_ids(truth, records, numbers):
    ids = {(r["sip_call_id"], r["src"], r["dst"]): r["id"]
           for r in records if r["kind"] == "leg"}
    legs = [truth["legs"][n] for n in numbers]
    return [ids.get((leg["sip_call_id"], leg["src"], leg["dst"])) for leg in legs]


def check_rtcp(check, name, truth, stream, mine):
    # A sender's report before its first packet is about a stream that was not seen yet.
    sent = [p for p in truth["rtcp"] if p["type"] == "sr" and p["ssrc"] == stream["ssrc"]
            and p["at"] >= stream["first"]]
    about = [r for p in truth["rtcp"] for r in p.get("reports", [])
             if r["ssrc"] == stream["ssrc"]]
    byes = [p["at"] for p in truth["rtcp"]
            if p["type"] == "bye" and p["ssrc"] == stream["ssrc"]]
    check.equal(f"{name}: rtcp_sender_reports", mine["rtcp_sender_reports"], len(sent))
    check.equal(f"{name}: rtcp_receiver_reports", mine["rtcp_receiver_reports"], len(about))
    check.equal(f"{name}: rtcp_sent_packets", mine["rtcp_sent_packets"],
                sent[-1]["sender_packets"] if sent else None)
    check.equal(f"{name}: rtcp_lost", mine["rtcp_lost"], about[-1]["lost"] if about else None)
    jitter = about[-1]["jitter_ticks"] * 1000 / stream["clock_hz"] if about else None
    check.near(f"{name}: rtcp_jitter_ms", mine["rtcp_jitter_ms"], jitter, 1e-9)
    check.near(f"{name}: rtcp_bye", seconds(mine["rtcp_bye"]), byes[-1] if byes else None,
               TIME_TOLERANCE_S)


def check_last_report(check, name, path, truth, stream, mine):
    """Up to the packet that the receiver's last report names, what we lack, what the dropper
    took and what the receiver lacks agree to the packet."""
    about = [r for p in truth["rtcp"] for r in p.get("reports", [])
             if r["ssrc"] == stream["ssrc"]]
    if "dropped_sequences" not in stream or not about:
        return
    highest = sequence_after_first(stream, about[-1]["highest_sequence"])
    here, behind = (sum(sequence_after_first(stream, n) <= highest for n in stream[taken])
                    for taken in ("dropped_sequences", "dropped_after_probe_sequences"))
    check.equal(f"{name}: dropped, by the receiver's last report", here + behind,
                about[-1]["lost"])
    with tempfile.NamedTemporaryFile(suffix=".pcap") as cut:
        without_later(path, stream, highest, cut)
        again = [r for r in records_of(analyse(cut.name, "--json")) if r["kind"] == "stream"
                 and r["ssrc"] == stream["ssrc"]]
    check.equal(f"{name}: lost up to the last report", [r["lost"] for r in again], [here])
    check.equal(f"{name}: expected up to the last report", [r["expected"] for r in again],
                [highest + 1])
    for field, right in (("far_expected", highest + 1), ("far_lost", about[-1]["lost"]),
                         ("lost_at_report", here), ("lost_after", behind),
                         ("unconfirmed_lost", 0)):
        check.later(name, mine, field, right)


def check_known_otherwise(check, name, stream, mine):
    """What the sender was told, and what the packets' own way was."""
    for field in ("rtt_sender_ms", "rtt_receiver_ms"):
        if field in stream:
            check.later(name, mine, field, stream[field], ROUND_TRIP_TOLERANCE_MS)
    for field in ("codec_bit_rate_bps", "codec_audio_hz"):
        if field in stream:
            check.later(name, mine, field, stream[field])


def check_stream(check, path, truth, stream, mine, records):
    name = f"stream {stream['src']} > {stream['dst']}"
    for field in ("packets", "received", "expected", "lost", "duplicates", "payload_types",
                  "dscp", "direction", "clock_hz", "ptime_ms"):
        check.equal(f"{name}: {field}", mine[field], stream[field])
    check.equal(f"{name}: codec", mine["codec"], codecs_of(stream)[0])
    for field in ("first", "last"):
        check.near(f"{name}: {field}", seconds(mine[field]), stream[field], TIME_TOLERANCE_S)
    # Where several legs announced its endpoints, their offers are those of one call and it
    # belongs to the first hop.
    claims = leg_ids(truth, records, claims_of(stream))
    check.equal(f"{name}: leg", mine["leg"], claims[0])
    check.equal(f"{name}: legs", sorted(mine["legs"]), sorted(map(str, claims)))
    if "sent" in stream:
        dropped = stream.get("dropped", 0)
        check.equal(f"{name}: lost, by the dropper", mine["lost"], dropped)
        check.equal(f"{name}: packets, by the sender", mine["packets"],
                    stream["sent"] - dropped)
    events = {101} if "telephone-event" in stream["tshark"]["payload"] else set()
    events |= COMFORT_NOISE & set(map(int, stream["payload_types"]))
    pauses = [pause for number in claims_of(stream) if number is not None
              for pause in pauses_of(truth["legs"][number])]
    jitter, stood_still = highest_jitter(path, stream, events, pauses)
    check.near(f"{name}: jitter_max_ms", mine["jitter_max_ms"], jitter, JITTER_TOLERANCE_MS)
    # tshark leaves marked packets out, and some senders mark every one; nor does it know of
    # pauses.
    if not events and not stood_still and not all(marked for _, _, marked in packets_of(path, stream)):
        check.near(f"{name}: jitter_max_ms, by tshark", mine["jitter_max_ms"],
                   stream["tshark"]["jitter_max_ms"], JITTER_TOLERANCE_MS)
    if stood_still:  # nothing else came late
        check.equal(f"{name}: ts_resync", mine["ts_resync"], 1)
        for buffer in mine["buffers"]:
            check.equal(f"{name}: discarded by {buffer['name']}", buffer["discarded"], 0)
    check_rtcp(check, name, truth, stream, mine)
    check_last_report(check, name, path, truth, stream, mine)
    check_known_otherwise(check, name, stream, mine)


def check_streams(check, path, truth, records):
    ours = {(r["src"], r["dst"], r["ssrc"]): r for r in records if r["kind"] == "stream"}
    check.equal("streams", len([r for r in records if r["kind"] == "stream"]),
                len(truth["streams"]))
    for stream in truth["streams"]:
        mine = ours.get((stream["src"], stream["dst"], stream["ssrc"]))
        check.equal(f"stream {stream['src']} > {stream['dst']}: found", mine is not None, True)
        if mine:
            check_stream(check, path, truth, stream, mine, records)


# --- what endpoints claim ---------------------------------------------------------------

CLAIM_KEYS = ("at", "frame", "src", "dst", "source", "side", "ssrc", "start", "stop")


def distinct(claims):
    """Without XR blocks that repeat what the same endpoint said before of the same stream."""
    last = {}
    for claim in claims:
        said = {name: value for name, value in claim.items() if name not in CLAIM_KEYS}
        key = (claim["src"], claim.get("ssrc"))
        if claim["source"] != "xr" or last.get(key) != said:
            yield claim
        if claim["source"] == "xr":
            last[key] = said


def check_claims(check, truth, records):
    claims = list(distinct(truth.get("reports", [])))
    ours = [r for r in records if r["kind"] == "report"]
    if claims and not ours:
        check.not_printed.append("what endpoints report is not printed")
        return
    check.equal("reports", len(ours), len(claims))
    for claim in claims:
        name = f"{claim['source']} of {claim['src']} at {claim['at']}, {claim['side']}"
        fits = [r for r in ours if r["source"] == claim["source"]
                and r["side"] == claim["side"] and r["src"] == claim["src"]
                and abs(seconds(r["at"]) - claim["at"]) < TIME_TOLERANCE_S]
        check.equal(f"{name}: found", len(fits), 1)
        for field, right in claim.items() if len(fits) == 1 else ():
            if field in ("start", "stop"):
                check.near(f"{name}: {field}", seconds(fits[0][field]), right,
                           TIME_TOLERANCE_S)
            elif field not in ("at", "frame"):
                check.later(name, fits[0], field, right, REAL_TOLERANCE)


# --- the rest ---------------------------------------------------------------------------

def attempts(truth):
    """Registrations: a challenged REGISTER and the one that answers it, if any, are one."""
    pending, done = {}, []
    for request in truth["registrations"]:
        key = (request["src"], request["aor"])
        first = pending.pop(key, request)
        if request["status"] in (401, 407):
            pending[key] = first
            continue
        done.append(dict(request, at=first["at"]))
    return sorted(done + list(pending.values()), key=lambda attempt: attempt["at"])


def check_registrations(check, truth, records):
    ours = [r for r in records if r["kind"] == "registration"]
    right = attempts(truth)
    check.equal("registrations", len(ours), len(right))
    for mine, attempt in zip(sorted(ours, key=lambda r: r["at"]), right):
        name = f"registration {attempt['aor']} at {attempt['at']}"
        for field in ("aor", "contact", "src", "registrar", "status"):
            check.equal(f"{name}: {field}", mine[field], attempt[field])
        granted = attempt["granted_s"]
        check.equal(f"{name}: expires_s", mine["expires_s"],
                    attempt["expires_s"] if granted is None else granted)
        check.near(f"{name}: at", seconds(mine["at"]), attempt["at"], TIME_TOLERANCE_S)
    outcomes = truth.get("outcomes")
    if outcomes:
        said = sorted((r["aor"], r["src"].rpartition(":")[0], r["status"], r["expires_s"])
                      for r in ours)
        check.equal("registrations, by the phones", said,
                    sorted((o["aor"], o["src"], o["status"], o["expires_s"])
                           for o in outcomes))


def check_summary(check, name, truth, records):
    summary, counted = records[-1], truth["frames"]
    check.equal("last record", summary["kind"], "summary")
    check.equal("sip", summary["sip"], truth["sip"])
    check.equal("sip_messages", summary["sip_messages"], sum(truth["sip"].values()))
    check.equal("frames", summary["frames"], counted["total"])
    check.equal("malformed", summary["malformed"], {})
    check.equal("dropped", summary["dropped"], {})
    check.equal("truncated", summary["truncated"], counted["truncated"])
    # TCP is all SIP's in these captures; ICMP errors about RTP of a leg are used.
    refused = ICMP_ABOUT_RTCP.get(name, 0) + counted.get("icmp_about_sip", 0)
    foreign = refused + counted.get("stun", 0) + UNRECOGNISED.get(name, 0)
    check.equal("icmp_packets", summary["counters"].get("icmp_packets", 0),
                counted["icmp"] - refused)
    check.equal("not_ours", summary["not_ours"], foreign)
    check.equal("parsed", summary["parsed"], counted["total"] - foreign)
    for kind in ("leg", "call", "stream", "registration"):
        check.equal(f"{kind}s in the summary", summary[kind + "s"],
                    len([r for r in records if r["kind"] == kind]))


def check_text(check, name, path):
    expected = HERE / f"{name}.expected"
    if not expected.exists():
        return
    check.count += 1
    ours = analyse(path).decode()
    if ours != expected.read_text(encoding="utf-8"):
        check.wrong.append("text:\n" + "".join(difflib.unified_diff(
            expected.read_text(encoding="utf-8").splitlines(True), ours.splitlines(True),
            str(expected.relative_to(ROOT)), "earshot analyze")))


def is_silent(truth):
    """Only who listens can tell silence."""
    return any("silent" in leg.get("audio", {}).values() for leg in truth["legs"])


def check_capture(name):
    check = Check()
    path = PCAPS / f"{name}.pcap"
    truth = json.loads((PCAPS / f"{name}.truth.json").read_text(encoding="utf-8"))
    options = ("--json", "--audio") if is_silent(truth) else ("--json",)
    output = analyse(path, *options)
    records = records_of(output)
    check_legs(check, truth, records)
    check_families(check, truth, records)
    check_streams(check, path, truth, records)
    check_segments(check, truth, records)
    check_registrations(check, truth, records)
    check_claims(check, truth, records)
    check_pings(check, truth, records)
    check_peers(check, truth, records)
    check_outages(check, truth, records)
    check_failovers(check, truth, records)
    check_observations(check, truth, records)
    check_summary(check, name, truth, records)
    check.equal("a second run", analyse(path, *options), output)
    if name in SAME_AS:
        other = PCAPS / f"{SAME_AS[name]}.pcap"
        check.equal(f"as {SAME_AS[name]}", output, analyse(other, "--json"))
    check_text(check, name, path)
    return check


def main():
    strict = "--strict" in sys.argv[1:]
    names = [name for name in sys.argv[1:] if name != "--strict"]
    names = names or sorted(p.name.removesuffix(".truth.json")
                            for p in PCAPS.glob("*.truth.json"))
    if not names:
        sys.exit(f"no captures in {PCAPS}")
    checks = {name: check_capture(name) for name in names}
    for name, check in checks.items():
        if strict:
            check.wrong += check.not_printed
        for wrong in check.wrong:
            print(f"{name}: {wrong}")
    wrong = sum(len(check.wrong) for check in checks.values())
    total = sum(check.count for check in checks.values())
    later = sum(len(check.not_printed) for check in checks.values())
    print(f"golden: {len(names)} captures, {total} comparisons, {wrong} wrong"
          + (f", {later} known but not printed yet" if later else ""))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
