#!/usr/bin/env python3
"""truth.py - hold a capture against what is known of it, and write that down.

The facts (JSON) come from the recording script: what the programs were told to do,
what they and the packet dropper counted.  tshark is the second witness.  Where the
two differ the recording is refused, so a truth file never holds a guess.  Names
and words are those of Earshot's JSON records; times are seconds since 1970.
"""
import collections
import json
import os
import re
import statistics
import sys

sys.dont_write_bytecode = True  # the source tree stays clean

from claims import reports
from witness import count, endpoint, host, packets, rows, run, tshark

RTP = "rtp.ssrc && !icmp && !icmpv6"
SIP = "sip && !icmp && !icmpv6"
CHALLENGES = (401, 407)


class Refused(Exception):
    """The capture is not what the script says it recorded."""


def expires(sip):
    """Of the first contact that says, else of the header; RFC 3261 section 10.2.1.1."""
    text = " ".join(sip.values["sip.contact.parameter"] + sip.values["sip.Expires"])
    match = re.search(r"(?:expires=|^)(\d+)", text)
    return match and int(match.group(1))


def session(sip):
    """The one media line of an SDP body, with its direction if it says."""
    media = sip.get("sdp.media")
    words = ("sendrecv", "sendonly", "recvonly", "inactive")
    said = [word for word in sip.values["sdp.media_attr"] if word in words]
    return media and " ".join([media, *said])


def sip_messages(capture):
    for at, src, dst, frame, transport, sip in packets(capture, SIP, "sip"):
        method = sip.get("sip.CSeq.method")
        if method is None:
            continue  # a keep-alive, not a message
        status = sip.number("sip.Status-Code")
        yield {
            "at": at, "frame": frame, "src": src, "dst": dst,
            "what": method if status is None else f"{status} ({method})",
            "sip_call_id": sip.get("sip.Call-ID"), "transport": transport,
            "method": method if status is None else None, "status": status,
            "cseq_method": method, "cseq": sip.number("sip.CSeq.seq"),
            "from": sip.get("sip.from.addr"), "to": sip.get("sip.to.addr"),
            "from_tag": sip.get("sip.from.tag"), "to_tag": sip.get("sip.to.tag"),
            "contact": sip.get("sip.contact.uri"), "expires_s": expires(sip),
            "resend": sip.get("sip.resend-original") is not None, "sdp": session(sip),
        }


def first_at(messages, test):
    return next((m["at"] for m in messages if test(m)), None)


def leg_of(messages):
    """What the messages of one Call-ID between two addresses amount to."""
    invite = next(m for m in messages if m["method"] == "INVITE")
    answers = [m for m in messages if m["cseq_method"] == "INVITE" and m["status"]]
    finals = [m for m in answers if m["status"] >= 200 and m["status"] not in CHALLENGES] \
        or [m for m in answers if m["status"] in CHALLENGES][-1:]  # where it was left at that
    bye = next((m for m in messages if m["method"] == "BYE"), None)
    cancel = next((m for m in messages if m["method"] == "CANCEL"), None)
    ender = bye or cancel
    tags = {m["to_tag"]: None for m in answers if m["to_tag"] and m["status"] > 100
            and m["status"] not in CHALLENGES}
    return {
        "sip_call_id": invite["sip_call_id"], "from": invite["from"], "to": invite["to"],
        "from_tag": invite["from_tag"], "to_tags": list(tags),
        "src": invite["src"], "dst": invite["dst"], "transport": invite["transport"],
        "status": finals[0]["status"] if finals else None,
        "ended_by": ender and ("caller" if ender["src"] == invite["src"] else "callee"),
        "at": {
            "first_invite": invite["at"],
            "first_18x": first_at(answers, lambda m: 180 <= m["status"] <= 189),
            "first_2xx": first_at(answers, lambda m: 200 <= m["status"] <= 299),
            "final": finals[0]["at"] if finals else None,
            "cancel": cancel and cancel["at"], "bye": bye and bye["at"],
            "bye_2xx": first_at(messages, lambda m: m["cseq_method"] == "BYE"
                                and m["status"] and m["status"] < 300),
        },
        "messages": [{key: m[key] for key in ("at", "frame", "what", "src", "sdp") if m[key]}
                     for m in messages],
    }


def legs_seen(messages):
    """Legs in the order of their first INVITE."""
    groups = collections.defaultdict(list)
    for message in messages:
        ends = frozenset((message["src"], message["dst"]))
        groups[(message["sip_call_id"], ends)].append(message)
    legs = [leg_of(group) for group in groups.values()
            if any(m["method"] == "INVITE" for m in group)]
    return sorted(legs, key=lambda leg: leg["at"]["first_invite"])


def same(what, declared, seen):
    if declared != seen:
        raise Refused(f"{what}: the script says {declared!r}, the capture {seen!r}")


def join_legs(declared, seen):
    same("number of legs", len(declared), len(seen))
    if all("sip_call_id" in facts for facts in declared):
        order = [facts["sip_call_id"] for facts in declared]
        same("Call-IDs", sorted(order), sorted(leg["sip_call_id"] for leg in seen))
        seen = sorted(seen, key=lambda leg: order.index(leg["sip_call_id"]))
    legs = []
    for number, (facts, leg) in enumerate(zip(declared, seen)):
        what = f"leg {number}"
        same(f"{what} src", facts["src"], host(leg["src"]))
        same(f"{what} dst", facts["dst"], host(leg["dst"]))
        for name in ("sip_call_id", "status", "transport"):
            if name in facts:
                same(f"{what} {name}", facts[name], leg[name])
        if facts["ended_by"] != "timeout":
            same(f"{what} ended_by", facts["ended_by"], leg["ended_by"])
        legs.append({**leg, **facts, "src": leg["src"], "dst": leg["dst"]})
    return legs


def unwrap(sequences):
    """16 bit sequence numbers to extended ones, each nearest to the highest so far."""
    highest, out = None, []
    for sequence in sequences:
        if highest is None:
            extended = sequence
        else:
            extended = highest + ((sequence - highest + 0x8000) & 0xFFFF) - 0x8000
        highest = extended if highest is None else max(highest, extended)
        out.append(extended)
    return out


def rtp_packets(capture):
    """Per stream (source, destination, SSRC): its packets as they came."""
    fields = ("frame.time_epoch", "ip.src", "ipv6.src", "ip.dst", "ipv6.dst", "udp.srcport",
              "udp.dstport", "rtp.ssrc", "rtp.seq", "rtp.p_type", "ip.dsfield.dscp",
              "ipv6.tclass.dscp")
    streams = collections.defaultdict(list)
    for row in rows(capture, RTP, *fields):
        src = endpoint(row["ip.src"] or row["ipv6.src"], row["udp.srcport"])
        dst = endpoint(row["ip.dst"] or row["ipv6.dst"], row["udp.dstport"])
        ssrc = f"0x{int(row['rtp.ssrc'], 0):08x}"
        streams[(src, dst, ssrc)].append(row)
    return streams


def stream_of(key, seen):
    extended = unwrap([int(row["rtp.seq"]) for row in seen])
    unique = set(extended)
    expected = max(extended) - min(extended) + 1
    return {
        "src": key[0], "dst": key[1], "ssrc": key[2],
        "packets": len(seen), "received": len(unique), "expected": expected,
        "lost": expected - len(unique), "duplicates": len(seen) - len(unique),
        "payload_types": dict(collections.Counter(row["rtp.p_type"] for row in seen)),
        "dscp": int(seen[0]["ip.dsfield.dscp"] or seen[0]["ipv6.tclass.dscp"]),
        "first": float(seen[0]["frame.time_epoch"]),
        "last": float(seen[-1]["frame.time_epoch"]),
        "sequence_first": min(extended) & 0xFFFF, "sequence_last": max(extended) & 0xFFFF,
    }


STREAM_LINE = re.compile(
    r"^\s*[\d.]+\s+[\d.]+\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)\s+(0x[0-9A-Fa-f]+)\s+(.*?)\s+"
    r"(\d+)\s+(-?\d+) \((-?[\d.]+)%\)" + r"\s+(-?[\d.]+)" * 6)


def tshark_streams(capture):
    table = {}
    for line in tshark(capture, "-q", "-z", "rtp,streams").splitlines():
        match = STREAM_LINE.match(line)
        if not match:
            continue
        src, sport, dst, dport, ssrc, payload, *figures = match.groups()
        names = ("packets", "lost", "loss_pct", "delta_min_ms", "delta_mean_ms",
                 "delta_max_ms", "jitter_min_ms", "jitter_mean_ms", "jitter_max_ms")
        values = [int(figures[0]), int(figures[1]), *map(float, figures[2:])]
        key = (endpoint(src, sport), endpoint(dst, dport), f"0x{int(ssrc, 16):08x}")
        table[key] = {"payload": payload, **dict(zip(names, values))}
    return table


def is_at(end, declared):
    """Whether an endpoint is the host or the endpoint that the script names."""
    return declared in (end, host(end))


def join_streams(declared, seen, table):
    streams = []
    for number, facts in enumerate(declared):
        what = f"stream {number}"
        keys = [key for key in seen
                if is_at(key[0], facts["src"]) and is_at(key[1], facts["dst"])
                and facts.get("ssrc", key[2]) == key[2]]
        same(f"{what}: streams that fit", 1, len(keys))
        stream = stream_of(keys[0], seen.pop(keys[0]))
        witness = table[keys[0]]
        same(f"{what} packets", witness["packets"], stream["packets"])
        same(f"{what} lost", witness["lost"], stream["lost"])
        if "sent" in facts:
            same(f"{what} packets", facts["sent"] - facts.get("dropped", 0), stream["packets"])
        if "payload_types" in facts:
            same(f"{what} payload types", facts["payload_types"], stream["payload_types"])
        streams.append({**stream, **facts, "src": stream["src"], "dst": stream["dst"],
                        "tshark": witness})
    same("streams nobody declared", [], sorted(seen))
    return streams


def payloads(capture):
    """Per stream its payloads, those that come once only: payload to when and where."""
    out = collections.defaultdict(dict)
    often = collections.defaultdict(set)
    for row in rows(capture, RTP, "frame.time_epoch", "ip.src", "ip.dst", "udp.srcport",
                    "udp.dstport", "rtp.ssrc", "rtp.payload"):
        key = (endpoint(row["ip.src"], row["udp.srcport"]),
               endpoint(row["ip.dst"], row["udp.dstport"]), f"0x{int(row['rtp.ssrc'], 0):08x}")
        if row["rtp.payload"] in out[key]:
            often[key].add(row["rtp.payload"])
        out[key][row["rtp.payload"]] = float(row["frame.time_epoch"])
    return {key: {payload: at for payload, at in seen.items() if payload not in often[key]}
            for key, seen in out.items()}


def segments(capture, declared, streams):
    """How long the same payload took from one sight of it to the next, of a pair of streams."""
    seen = payloads(capture) if declared else {}
    for segment in declared:
        first, second = (seen[tuple(streams[n][name] for name in ("src", "dst", "ssrc"))]
                         for n in segment["streams"])
        delays = [(second[payload] - at) * 1000 for payload, at in first.items()
                  if payload in second]
        if not delays:
            raise Refused(f"streams {segment['streams']} have no payload in common")
        yield {**segment, "same_payloads": len(delays),
               "delay_ms": {"least": round(min(delays), 3),
                            "median": round(statistics.median(delays), 3),
                            "most": round(max(delays), 3)}}


def hold_losses(streams, reports):
    """What the dropper took is what is missing, here and in the receiver's own reports."""
    for stream in (s for s in streams if "dropped_sequences" in s):
        here, behind = stream["dropped_sequences"], stream["dropped_after_probe_sequences"]
        what = f"{stream['direction']} stream"
        same(f"{what}: dropped before the recorder", stream["dropped"], len(here))
        same(f"{what}: dropped behind it", stream["dropped_after_probe"], len(behind))
        same(f"{what}: lost", stream["dropped"], stream["lost"])
        same(f"{what}: received by the phone", stream["received_by_phone"],
             stream["received"] - len(behind))
        blocks = [block for report in reports for block in report.get("reports", ())
                  if block["ssrc"] == stream["ssrc"]]
        for block in blocks:
            upto = [n for n in here + behind if n <= block["highest_sequence"]]
            same(f"{what}: receiver report", len(upto), block["lost"])


def report_blocks(layer):
    names = {"ssrc": "identifier", "fraction_lost_256": "fraction", "lost": "cum_nr",
             "highest_sequence": "ext_high", "jitter_ticks": "jitter", "lsr": "lsr",
             "dlsr": "dlsr"}
    columns = [layer.values[f"rtcp.ssrc.{field}"] for field in names.values()]
    for values in zip(*columns):
        block = {name: int(value, 0) for name, value in zip(names, values)}
        block["ssrc"] = f"0x{block['ssrc']:08x}"
        yield block


def rtcp_packets(capture):
    kinds = {200: "sr", 201: "rr", 202: "sdes", 203: "bye", 204: "app", 207: "xr"}
    out = []
    for at, src, dst, frame, _, rtcp in packets(capture, "rtcp.pt && !icmp", "rtcp"):
        kind = rtcp.number("rtcp.pt")
        entry = {"at": at, "frame": frame, "src": src, "dst": dst,
                 "type": kinds.get(kind, str(kind)),
                 "ssrc": rtcp.get("rtcp.senderssrc") or rtcp.get("rtcp.ssrc.identifier")}
        entry["ssrc"] = entry["ssrc"] and f"0x{int(entry['ssrc'], 0):08x}"
        if kind == 200:
            entry["sender_packets"] = rtcp.number("rtcp.sender.packetcount")
            entry["sender_octets"] = rtcp.number("rtcp.sender.octetcount")
        if kind in (200, 201):
            entry["reports"] = list(report_blocks(rtcp))
        out.append(entry)
    return out


def digits(capture):
    """RFC 4733 events in the order of their beginning, one for each timestamp."""
    fields = ("ip.src", "rtp.ssrc", "rtp.timestamp", "rtpevent.event_id", "rtpevent.duration",
              "rtpevent.end_of_event")
    events = {}
    for row in rows(capture, "rtpevent && !icmp", *fields):
        key = (row["rtp.ssrc"], row["rtp.timestamp"])
        event = events.setdefault(key, {
            "src": row["ip.src"], "ssrc": f"0x{int(row['rtp.ssrc'], 0):08x}",
            "event": int(row["rtpevent.event_id"]), "packets": 0, "end_packets": 0})
        event["packets"] += 1
        event["end_packets"] += row["rtpevent.end_of_event"] in ("1", "True")
        event["duration_ticks"] = int(row["rtpevent.duration"])
    return list(events.values())


def registrations(messages):
    """Each REGISTER with its final response."""
    out = []
    for request in (m for m in messages if m["method"] == "REGISTER" and not m["resend"]):
        final = next((m for m in messages if m["cseq_method"] == "REGISTER" and m["status"]
                      and m["status"] >= 200 and m["at"] > request["at"]
                      and m["cseq"] == request["cseq"]
                      and m["sip_call_id"] == request["sip_call_id"]), None)
        out.append({"at": request["at"], "src": request["src"], "registrar": request["dst"],
                    "aor": request["to"], "contact": request["contact"],
                    "expires_s": request["expires_s"],
                    "granted_s": final and final["expires_s"],
                    "status": final and final["status"]})
    return out


def pings(messages):
    """Each OPTIONS with its answer; the request may have been sent several times."""
    out = {}
    for message in messages:
        if message["cseq_method"] != "OPTIONS":
            continue
        key = (message["sip_call_id"], message["cseq"])
        if message["method"]:
            ping = out.setdefault(key, {"at": message["at"], "src": message["src"],
                                        "dst": message["dst"], "requests": 0,
                                        "status": None, "rtt_ms": None})
            ping["requests"] += 1
            ping["last_at"] = message["at"]
        elif key in out and out[key]["status"] is None:
            ping = out[key]
            ping["status"] = message["status"]
            ping["rtt_ms"] = round((message["at"] - ping["at"]) * 1000, 3)
    return list(out.values())


def frame_counts(capture, messages):
    per_frame = collections.Counter(m["frame"] for m in messages)
    fragments = "ip.flags.mf == 1 || ip.frag_offset > 0 || ipv6.fraghdr"
    return {
        "total": count(capture, "frame"), "rtp": count(capture, RTP),
        "rtcp": count(capture, "rtcp.pt && !icmp && !icmpv6"), "sip": len(per_frame),
        "sip_several_messages": sum(n > 1 for n in per_frame.values()),
        "sip_reassembled_from_tcp": count(capture, "sip && tcp.segments"),
        "ip_fragments": count(capture, fragments),
        "icmp": count(capture, "icmp || icmpv6.type < 128"),
        "icmp_about_sip": count(capture, "sip && (icmp || icmpv6)"),
        "tcp": count(capture, "tcp"),
        "stun": count(capture, "stun"),
        "truncated": count(capture, "frame.cap_len < frame.len"),
    }


def vlans(capture):
    fields = ("ieee8021ad.id", "vlan.id", "vlan.priority")
    tags = {tuple(row[field] for field in fields) for row in rows(capture, "frame", *fields)}
    same("kinds of tagging", 1, len(tags))
    service, inner, _ = tags.pop()
    return [int(tag) for tag in (service, inner) if tag]


def tools():
    out = {"tshark": run("tshark", "--version").split()[2]}
    for package in os.environ.get("PACKAGES", "").split():
        out[package] = run("dpkg-query", "-W", "-f", "${Version}", package)
    return out


def truth(capture, facts):
    messages = list(sip_messages(capture))
    frames = frame_counts(capture, messages)
    for name, least in facts.pop("frames_at_least", {}).items():
        if frames[name] < least:
            raise Refused(f"frames {name}: {frames[name]}, wanted {least}")
    out = {
        "capture": os.path.basename(capture), "what": facts.pop("what"),
        "link_type": link_type(capture), "tools": tools(), "frames": frames,
        "sip": dict(sorted(collections.Counter(m["what"] for m in messages).items())),
        "legs": join_legs(facts.pop("legs"), legs_seen(messages)),
        "streams": join_streams(facts.pop("streams"), rtp_packets(capture),
                                tshark_streams(capture)),
        "rtcp": rtcp_packets(capture),
    }
    hold_losses(out["streams"], out["rtcp"])
    if "segments" in facts:
        facts["segments"] = list(segments(capture, facts["segments"], out["streams"]))
    seen = {"dtmf": digits(capture), "registrations": registrations(messages),
            "vlan_ids": vlans(capture)}
    same("dtmf", facts.pop("dtmf", []), [entry["event"] for entry in seen["dtmf"]])
    answers = [entry["status"] for entry in seen["registrations"]]
    declared = facts.pop("registrations", [])
    if isinstance(declared, dict):  # many at once, in no order
        answers = dict(collections.Counter(map(str, answers)))
    same("registrations", declared, answers)
    same("vlan_ids", facts.pop("vlan_ids", []), seen["vlan_ids"])
    if any(m["method"] == "OPTIONS" for m in messages):
        seen["pings"] = pings(messages)
    claims = reports(capture)
    same("reports by source", facts.pop("reports", {}),
         dict(collections.Counter(claim["source"] for claim in claims)))
    if claims:
        seen["reports"] = claims
    return {**out, **seen, **facts}


def write(value, indent=0):
    """JSON with one line for each thing that fits one: to be read, and compared by diff."""
    line = json.dumps(value)
    parts = value.values() if isinstance(value, dict) else value
    if len(line) + indent <= 96 or not isinstance(value, (dict, list)) \
            or all(isinstance(part, int) for part in parts):
        return line
    pad = " " * (indent + 1)
    if isinstance(value, list):
        inner = [pad + write(item, indent + 1) for item in value]
        return "[\n" + ",\n".join(inner) + "]"
    inner = [f"{pad}{json.dumps(key)}: {write(item, indent + 1)}" for key, item in value.items()]
    return "{\n" + ",\n".join(inner) + "}"


def link_type(capture):
    line = run("capinfos", "-E", capture).splitlines()[-1]
    return line.split(":", 1)[1].strip()


def main():
    capture, facts = sys.argv[1:]
    with open(facts, encoding="utf-8") as file:
        facts = json.load(file)
    try:
        out = truth(capture, facts)
    except Refused as refusal:
        sys.exit(f"{os.path.basename(capture)}: {refusal}")
    print(write(out))


main()
