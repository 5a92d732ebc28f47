"""The names and types of `earshot analyze --json`, which scripts of others rely on."""
import json
import math
import re

ID = re.compile(r"[0-9a-f]{16}")
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
SSRC = re.compile(r"0x[0-9a-f]{8}")
ENDPOINT = re.compile(r"(\d+(\.\d+){3}|\[[0-9a-f:.]+\]):\d+")


def text(pattern=None):
    return lambda v: isinstance(v, str) and (pattern is None or bool(pattern.fullmatch(v)))


def one_of(*words):
    return lambda v: v in words


def listed(kind):
    return lambda v: isinstance(v, list) and all(map(kind, v))


def counted(v):
    return isinstance(v, int) and not isinstance(v, bool) and v >= 0


def real(v):
    return isinstance(v, (int, float)) and not isinstance(v, bool) and math.isfinite(v)


def counts(v):
    return isinstance(v, dict) and all(map(counted, v.values()))


def types(v):
    return counts(v) and all(0 <= int(key) <= 127 for key in v)


def flag(v):
    return isinstance(v, bool)


def view(v):
    """Losses of an interval, alone or in a buffer."""
    return all(counted(v[k]) for k in ("bursts", "burst_packets", "burst_bad", "gaps")) and \
        all(v[k] is None or real(v[k]) for k in ("r", "mos_lq"))


def played(v):
    return view(v) and counted(v["discarded"]) and v["name"] in ("f50", "f200", "adaptive")


STATES = one_of("completed", "in_progress", "cancelled", "no_answer", "no_response", "failed",
                "incomplete")
TRANSPORTS = one_of("udp", "tcp", "ws", "tls", "wss", "sctp")
HOWS = one_of("bye", "cancel", "refused", "timeout", "session_timer", "media_gone", "replaced")
PARTIES = one_of("caller", "callee", "both")
KEYS = one_of("sdes", "dtls")
SIGNS = one_of("via", "received", "contact", "contact_private", "sdp", "sdp_private", "rewritten",
               "alg")
HANDSHAKES = one_of("offered", "completed", "failed", "never_tried", "not_seen")
BANDS = one_of("nb", "wb", "fb")
FATES = one_of("ok", "none", "early_only", "stopped", "silent", "closed_port", "private_address",
               "held", "moved", "not_seen")

# name: (type, may be null)
CONTRACT = {
    "leg": {
        "id": (text(ID), False), "call": (text(ID), False),
        "sip_call_id": (text(), True), "from": (text(), True), "to": (text(), True),
        "src": (text(ENDPOINT), True), "dst": (text(ENDPOINT), True),
        "start": (text(TIME), False), "ringing": (text(TIME), True),
        "answered": (text(TIME), True), "ended": (text(TIME), True),
        "status": (counted, True), "state": (STATES, False), "pdd_ms": (real, True),
        "duration_s": (real, True),
        "ended_by": (one_of("caller", "callee", "timeout"), True),
        "transport": (TRANSPORTS, False), "codecs": (listed(text()), False),
        "one_way": (flag, False), "audio_forward": (FATES, True), "audio_reverse": (FATES, True),
        "audio_forward_until": (text(TIME), True), "audio_reverse_until": (text(TIME), True),
        "media_coverage_forward_pct": (real, True), "media_coverage_reverse_pct": (real, True),
        "invited": (text(TIME), True), "responded": (text(TIME), True), "ack": (text(TIME), True),
        "setup_ms": (real, True), "ringing_ms": (real, True), "srd_ms": (real, True),
        "sdd_ms": (real, True), "invite_retransmissions": (counted, False),
        "bye_retransmissions": (counted, False), "final_retransmissions": (counted, False),
        "auth_rounds": (counted, False), "ended_how": (HOWS, True),
        "bye_status": (counted, True), "q850": (counted, True), "sip_cause": (counted, True),
        "cause_in": (one_of("bye", "cancel", "response"), True), "cause_text": (text(), True),
        "session_expires_s": (counted, True), "session_refresher": (PARTIES, True),
        "session_refreshes": (counted, False), "holds": (counted, False),
        "hold_s": (real, True), "held_by": (PARTIES, True),
        "codecs_offered": (listed(text()), False), "codecs_answered": (listed(text()), False),
        "codec_changes": (counted, False), "early_rtp": (text(TIME), True),
        "keys_offered": (listed(KEYS), False), "keys_accepted": (listed(KEYS), False),
        "dtmf_offered": (counted, True), "dtmf_answered": (counted, True),
        "dtmf_seen": (listed(one_of("rfc4733", "info", "notify", "inband")), False),
        "dtmf_mismatch": (flag, False), "t38": (text(TIME), True),
        "dscp_src": (real, True), "dscp_dst": (real, True),
        "nat_src": (listed(SIGNS), False), "nat_dst": (listed(SIGNS), False),
        "via_src": (text(), True), "contact_src": (text(), True), "contact_dst": (text(), True),
        "sdp_src": (text(), True), "sdp_dst": (text(), True),
        "ice": (HANDSHAKES, True), "dtls": (HANDSHAKES, True),
        "asserted": (text(), True),
        "asserted_in": (one_of("p_asserted_identity", "p_preferred_identity",
                               "remote_party_id"), True),
        "connected": (text(), True), "privacy": (listed(text()), False),
        "diversions": (counted, False), "diverted_from": (text(), True),
        "transfer": (listed(one_of("replaces", "refer", "referred_by", "join", "focus")), False),
        "replaces": (text(), True), "refer_to": (text(), True), "referred_by": (text(), True),
        "conference": (text(), True),
        "stir": (listed(text()), False), "stir_attest": (one_of("A", "B", "C"), True),
        "stir_age_s": (real, True), "stir_orig": (text(), True), "stir_dest": (text(), True),
    },
    "call": {
        "id": (text(ID), False), "legs": (listed(text(ID)), False),
        "start": (text(TIME), False), "state": (STATES, False),
        "mos_lq_min": (real, True), "mos_lq_min_band": (BANDS, True),
        "one_way": (flag, False),
    },
    "stream": {
        "id": (text(ID), False), "leg": (text(ID), True), "legs": (listed(text(ID)), False),
        "direction": (one_of("forward", "reverse"), True),
        "src": (text(ENDPOINT), False), "dst": (text(ENDPOINT), False),
        "ssrc": (text(SSRC), False), "codec": (text(), True),
        "codec_bit_rate_bps": (counted, True), "codec_audio_hz": (counted, True),
        "codec_mode_assumed": (flag, False), "payload_types": (types, False),
        "clock_hz": (counted, True),
        "clock_basis": (one_of("sdp", "static", "guessed", "configured"), True),
        "packets": (counted, False), "expected": (counted, False),
        "received": (counted, False), "lost": (counted, False),
        "duplicates": (counted, False), "reordered": (counted, False),
        "restarts": (counted, False), "outage_lost": (counted, False),
        "loss_pct": (real, True), "jitter_last_ms": (real, True),
        "jitter_mean_ms": (real, True), "jitter_max_ms": (real, True),
        "delta_max_ms": (real, True), "ptime_ms": (real, True),
        "first": (text(TIME), False), "last": (text(TIME), False),
        "media_coverage_pct": (real, True), "uncovered_s": (real, False),
        "dscp": (counted, False), "encrypted": (flag, False),
        "flags": (listed(text()), False), "span_copies": (counted, False),
        "band": (BANDS, True),
        "basis": (one_of("published", "mixed", "project", "configured"), True),
        "r": (real, True), "mos_lq": (real, True), "mos_buffer": (text(), True),
        "audio_heard_s": (real, True), "audio_speech_pct": (real, True),
        "audio_silence_pct": (real, True), "audio_dead_air_s": (real, True),
        "audio_clipping_pct": (real, True), "audio_level_dbov": (real, True),
        "audio_peak_dbov": (real, True), "audio_dtmf": (real, True),
        "audio_dtmf_first": (text(TIME), True), "audio_fax": (one_of("cng", "ced"), True),
        "far_expected": (real, True), "far_lost": (real, True), "far_loss_pct": (real, True),
        "far_jitter_mean_ms": (real, True), "far_jitter_max_ms": (real, True),
        "lost_at_report": (real, True), "lost_after": (real, True),
        "unconfirmed_lost": (real, True), "rtt_receiver_ms": (real, True),
        "rtt_sender_ms": (real, True), "rtt_ms": (real, True), "rtt_partial": (flag, False),
        "ta_ms": (real, True), "r_cq": (real, True), "mos_cq": (real, True),
    },
    "report": {
        "id": (text(ID), False), "stream": (text(ID), True), "leg": (text(ID), True),
        "call": (text(ID), True), "at": (text(TIME), False),
        "source": (one_of("xr", "vq_session", "vq_interval", "vq_alert"), False),
        "side": (one_of("local", "remote"), False), "src": (text(ENDPOINT), False),
        "dst": (text(ENDPOINT), False), "reporter": (text(), True), "peer": (text(), True),
        "sip_call_id": (text(), True), "ssrc": (text(SSRC), True), "start": (text(TIME), True),
        "stop": (text(TIME), True), "loss_pct": (real, True), "discard_pct": (real, True),
        "rtt_ms": (real, True), "r_lq": (real, True), "r_cq": (real, True),
        "mos_lq": (real, True), "mos_cq": (real, True),
        "concealment": (one_of("disabled", "enhanced", "standard"), True),
        "buffer": (one_of("reserved", "fixed", "adaptive"), True),
    },
    "finding": {
        "id": (text(ID), False), "call": (text(ID), False), "leg": (text(ID), True),
        "stream": (text(ID), True), "rank": (one_of(1, 2, 3), False),
        "code": (text(re.compile(r"[a-z_]+")), False), "confidence": (real, False),
        "points_to": (one_of("caller", "callee", "caller_side", "callee_side", "between",
                             "peer", "probe"), False),
        "peer": (text(ENDPOINT), True), "sentence": (text(), False),
        "evidence": (text(), False), "at": (text(TIME), False), "first": (text(TIME), False),
        "last": (text(TIME), True),
    },
    "registration": {
        "id": (text(ID), False), "aor": (text(), True), "contact": (text(), True),
        "src": (text(ENDPOINT), False), "registrar": (text(ENDPOINT), False),
        "at": (text(TIME), False), "status": (counted, True), "expires_s": (real, True),
        "purpose": (one_of("register", "refresh", "unregister", "fetch"), True),
        "rrd_ms": (real, True), "auth_rounds": (counted, False),
        "retransmissions": (counted, False), "src_before": (text(ENDPOINT), True),
        "nat": (flag, False), "via": (text(), True), "user_agent": (text(), True),
        "binding": (text(ID), True),
    },
    "binding": {
        "id": (text(ID), False), "aor": (text(), False), "contact": (text(), False),
        "state": (one_of("registered", "expired", "removed"), False),
        "src": (text(ENDPOINT), False), "registrar": (text(ENDPOINT), False),
        "first": (text(TIME), False), "last": (text(TIME), True), "expires": (text(TIME), True),
        "expires_s": (real, True), "registrations": (counted, False),
        "refreshes": (counted, False), "failures": (counted, False),
        "auth_failures": (counted, False), "source_changes": (counted, False),
    },
    "peer": {
        "id": (text(ID), False), "peer": (text(ENDPOINT), False),
        "state": (one_of("up", "down", "refusing"), True), "since": (text(TIME), True),
        "first": (text(TIME), False), "last": (text(TIME), False),
        "options": (counted, False), "options_answered": (counted, False),
        "options_unanswered": (counted, False), "rtt_mean_ms": (real, True),
        "invites": (counted, False), "server_errors": (counted, False),
        "outages": (counted, False), "outage_s": (real, False),
    },
    "event": {
        "id": (text(ID), False),
        "type": (one_of("peer_down", "peer_up", "peer_refusing", "failover"), False),
        "began": (text(TIME), False), "detected": (text(TIME), False),
        "ended": (text(TIME), True), "duration_s": (real, True),
        "peer": (text(ENDPOINT), False), "backup": (text(ENDPOINT), True),
        "src": (text(), True), "cause": (text(), True), "status": (counted, True),
        "failed": (counted, False), "calls_lost": (counted, False),
    },
    "observation": {
        "id": (text(ID), False),
        "type": (one_of("brute_force", "registration_hijack", "scanner", "extension_scan",
                        "sweep", "invite_flood", "register_flood", "malformed_flood",
                        "toll_fraud", "toll_off_hours", "toll_long_calls", "wangiri", "foreign_rtp",
                        "srtp_unused", "srtp_downgrade", "plain_sip"), False),
        "first": (text(TIME), False), "last": (text(TIME), False),
        "detected": (text(TIME), False), "src": (text(), False),
        "dst": (text(ENDPOINT), False), "sources": (counted, False),
        "targets": (counted, False), "subject": (text(), True), "events": (counted, False),
        "others": (counted, False), "peak_per_min": (counted, False),
        "software": (text(), True), "over": (flag, False),
    },
    "alert": {
        "id": (text(ID), False), "at": (text(TIME), False), "rule": (text(), False),
        "state": (one_of("pending", "firing", "clearing", "ok"), False),
        "severity": (one_of("info", "warning", "major", "critical"), False),
        "subject": (text(), False), "since": (text(TIME), False), "raised": (text(TIME), True),
        "cleared": (text(TIME), True),
        "scope": (one_of("all", "site", "trunk", "direction", "codec", "peer", "subject"),
                  False),
        "metric": (text(), False), "value": (real, True), "threshold": (real, True),
        "samples": (counted, False), "window_s": (real, False),
        "examples": (listed(text(ID)), False), "query": (text(), True),
        "unverified": (flag, False), "muted": (flag, False), "summary": (text(), False),
    },
    "message": {
        "id": (text(ID), False), "leg": (text(ID), False), "call": (text(ID), False),
        "at": (text(TIME), False), "frame": (counted, False),
        "src": (text(ENDPOINT), False), "dst": (text(ENDPOINT), False),
    },
    "encrypted": {
        "id": (text(ID), False), "server": (text(ENDPOINT), False), "sessions": (counted, False),
        "failed": (counted, False), "sni": (text(), True),
    },
    "summary": {
        "frames": (counted, False), "parsed": (counted, False), "not_ours": (counted, False),
        "malformed": (counts, False), "dropped": (counts, False), "legs": (counted, False),
        "calls": (counted, False), "streams": (counted, False),
        "sip_messages": (counted, False), "sip": (counts, False),
        "truncated": (counted, False), "duplicates": (counted, False),
    },
    "interval": {
        "stream": (text(ID), False), "at": (text(TIME), False),
        "expected": (counted, False), "lost": (counted, False), "loss_pct": (real, True),
        "suspect_lost": (counted, False), "duplicates": (counted, False),
        "reordered": (counted, False), "octets": (counted, False), "jitter_last_ms": (real, True),
        "jitter_mean_ms": (real, True), "jitter_max_ms": (real, True),
        "delta_max_ms": (real, True), "ptime_ms": (real, True), "pdv_p50_ms": (real, True),
        "pdv_p95_ms": (real, True), "pdv_p99_ms": (real, True), "depth_ms": (real, True),
        "payload_type": (counted, False), "dscp": (counted, False), "ttl": (counted, False),
        "flags": (listed(text()), False), "loss_runs": (counted, False),
        "network": (view, False), "buffers": (listed(played), False),
    },
}


def no_constant(word):
    raise ValueError(f"{word} is no JSON")


def parse(line):
    """One line of output; NaN and Infinity, which Python would take, are refused."""
    return json.loads(line, parse_constant=no_constant)


def violations(output):
    """Sentences about what in these lines (bytes) breaks the contract."""
    records = [parse(line) for line in output.decode("utf-8").splitlines()]
    for record in records:
        kind = record.get("kind")
        if kind not in CONTRACT:
            yield f"kind {kind!r}"
            continue
        for name, (is_type, may_be_null) in CONTRACT[kind].items():
            if name not in record:
                yield f"{kind}: {name} is missing"
            elif not (record[name] is None and may_be_null or
                      record[name] is not None and is_type(record[name])):
                yield f"{kind}: {name} is {record[name]!r}"
    kinds = [record.get("kind") for record in records]
    if kinds.count("summary") != 1 or kinds[-1] != "summary":
        yield "the summary is not the last line, or not the only one"
    yield from accounts(records[-1])


def accounts(summary):
    """hardening: every frame counts exactly once."""
    total = summary["parsed"] + summary["not_ours"] + sum(summary["malformed"].values()) + \
        sum(summary["dropped"].values())
    if total != summary["frames"]:
        yield f"{summary['frames']} frames, but {total} accounted for"
