"""
Every KPI out of what happened, by docs/kpis.md: written from that page, sharing nothing with
the program.  Times are whole microseconds.
"""
import math

S = 1_000_000
MINUTE = 60 * S
NO_RESPONSE, PROCEEDING = 36 * S, 190 * S  # how long the probe waits for a final response


# --- what became of a leg ---------------------------------------------------------------------

def read_leg(leg, end):
    """Follows RFC 3261 through the events."""
    out = {"start": leg["events"][0][0], "ringing": None, "answered": None, "ended": None,
           "by": None, "status": 0, "invited": None, "first": None, "cancelled": False,
           "sdd": None, "provisional": False, "auth": False, "incomplete": False, "tags": set(),
           "last": leg["events"][-1][0]}
    for at, what, value in leg["events"]:
        if what == "seen":
            out["incomplete"] = True
        elif what == "invite":
            out["auth"] |= out["status"] in (401, 407)
            out.update(invited=at, ringing=None, first=None, ended=None, status=0,
                       provisional=False)
        elif what == "cancel":
            out["cancelled"] = True
        elif what == "bye":
            out.update(ended=at, by=value)
        elif what == "bye_answered":
            out["sdd"] = at - out["ended"]
        elif what == "response" and out["answered"] is None:
            status, tag = value
            if 100 < status < 300:
                out["tags"].add(tag)
            if (180 <= status < 190 or status >= 200) and out["first"] is None:
                out["first"] = at
            if status < 200:
                out["provisional"] = True
                if 180 <= status < 190 and out["ringing"] is None:
                    out["ringing"] = at
            elif status < 300:
                out.update(answered=at, status=status)
            else:
                out.update(ended=at, status=status)
    out["until"] = out["ended"]
    out["state"] = state_of(out, end)
    if out["until"] is None:
        out["until"] = end
    for name in ("src", "dst", "trunk_src", "trunk_dst", "messages", "retransmissions"):
        out[name] = leg[name]
    media = leg["media"]
    judged = media is not None and out["answered"] is not None and out["ended"] is not None
    out["codec"] = media["codec"] if media else None
    out["judged"], out["one_way"] = judged, judged and media["one_way"]
    return out


def state_of(leg, end):
    if leg["incomplete"]:
        return "incomplete"
    if leg["answered"] is not None:
        return "answered"
    if leg["status"] == 487 or leg["cancelled"]:
        return "cancelled"
    if leg["status"] in (408, 480) and leg["ringing"] is not None:
        return "no_answer"
    if leg["status"]:
        return "failed"
    patience = PROCEEDING if leg["provisional"] else NO_RESPONSE
    if leg["last"] + patience <= end:
        leg["until"] = leg["last"] + patience
        return "no_answer" if leg["ringing"] is not None else "no_response"
    return "pending"


def end_with_siblings(legs):
    """The BYE of one hop ends the others, whose own may come after the capture."""
    ended = [leg for leg in legs if leg["answered"] is not None and leg["ended"] is not None]
    for leg in legs:
        if ended and leg["answered"] is not None and leg["ended"] is None:
            leg.update(ended=ended[0]["ended"], until=ended[0]["ended"], by=ended[0]["by"])


# --- buckets ----------------------------------------------------------------------------------

def log_bin(value, resolution):
    """Eight bins an octave above the resolution."""
    ratio = value / resolution
    if ratio < 1:
        return 0
    mantissa, exponent = math.frexp(ratio)
    return min(255, 1 + (exponent - 1) * 8 + int((mantissa * 2 - 1) * 8))


def log_value(index, resolution):
    if index == 0:
        return 0.0
    octave, eighth = divmod(index - 1, 8)
    return 2.0 ** octave * (1 + (eighth + 0.5) / 8) * resolution


RESOLUTIONS = {"loss_pct": 0.01}  # of the others 0.1 ms


def bin_of(histogram, value):
    if histogram.startswith("mos"):
        return max(0, min(255, math.floor((value - 1) * 50)))
    return log_bin(value, RESOLUTIONS.get(histogram, 0.1))


def bin_value(histogram, index):
    if histogram.startswith("mos"):
        return 1 + (index + 0.5) / 50
    return log_value(index, RESOLUTIONS.get(histogram, 0.1))


class Bucket:
    """What has been counted for one row of an answer."""

    def __init__(self):
        self.counts = {}
        self.bins = {}
        self.values = {}  # of each histogram, to compare percentiles with
        self.starts = {}  # second -> begun
        self.edges = {"in_progress": {}, "bits": {}}
        self.loads = {}  # minute -> microseconds

    def add(self, name, n=1):
        self.counts[name] = self.counts.get(name, 0) + int(n)

    def sample(self, histogram, value):
        bins = self.bins.setdefault(histogram, {})
        index = bin_of(histogram, value)
        bins[index] = bins.get(index, 0) + 1
        self.values.setdefault(histogram, []).append(value)

    def sample_us(self, histogram, us):
        self.sample(histogram, us / 1000)
        self.add(histogram[:-3] + "_us", us)

    def begin(self, at):
        self.starts[at // S] = self.starts.get(at // S, 0) + 1

    def last_second(self, start, until):
        return (until - 1) // S if until > start else start // S

    def gauge(self, name, n, start, until, first, end):
        """From first to before end of [start, until): the part within this row."""
        low, high = max(start, first), min(self.last_second(start, until), (end - 1) // S)
        if low // S > high:
            return
        edges = self.edges[name]
        edges[low // S] = edges.get(low // S, 0) + n
        edges[high + 1] = edges.get(high + 1, 0) - n

    def load(self, start, until):
        minute = start // MINUTE * MINUTE
        while minute < until:
            us = min(until, minute + MINUTE) - max(start, minute)
            self.loads[minute] = self.loads.get(minute, 0) + us
            minute += MINUTE

    def peak(self, name):
        level = best = 0
        for second in sorted(self.edges[name]):
            level += self.edges[name][second]
            best = max(best, level)
        return best

    def percentile(self, histogram, p):
        bins = self.bins.get(histogram, {})
        rank, below = -(-p * sum(bins.values()) // 100), 0
        for index in sorted(bins):
            below += bins[index]
            if below >= rank:
                return bin_value(histogram, index)
        return None

    def __getitem__(self, name):
        return self.counts.get(name, 0)


def pct(numerator, denominator):
    return 100 * numerator / denominator if denominator > 0 else None


def over(numerator, denominator):
    return numerator / denominator if denominator > 0 else None


def erlang_b(erlang, channels):
    """The recursion of the textbooks."""
    blocked = 1.0
    for n in range(1, channels + 1):
        blocked = erlang * blocked / (n + erlang * blocked)
    return blocked


def busy_hour(bucket):
    best = 0
    for first in bucket.loads:
        best = max(best, sum(us for minute, us in bucket.loads.items()
                             if first <= minute < first + 60 * MINUTE))
    return best / 3600 / S if best else None


def figures(bucket, seconds, of_calls, by_end=False, channels=None):
    """All KPIs by name; channels: configured; by_end: rows that are told apart by what is known at the end."""
    b = bucket
    mean = lambda name: over(b[name + "_us"] / 1000, sum(b.bins.get(name + "_ms", {}).values()))
    out = {
        "seen": b["seen"], "incomplete": b["incomplete"], "interrupted": 0,
        "pending": b["pending"], "seizures": b["seizures"], "answered": b["answered"],
        "asr": pct(b["answered"], b["seizures"]),
        "ner": pct(b["delivered"], b["seizures"]),
        "ser": pct(b["answered"], b["seizures"] - b["redirected"]),
        "seer": pct(b["effective"], b["seizures"] - b["redirected"]),
        "isa": pct(b["ineffective"], b["seizures"]),
        "scr": pct(b["completed"], b["seizures"] - b["talking"]),
        "pdd_ms": mean("pdd"), "srd_ms": mean("srd"), "srd_failed_ms": mean("srd_failed"),
        "sdd_ms": mean("sdd"), "rrd_ms": mean("rrd"),
        "sdt_s": over(b["completed_us"] / S, b["completed"]),
        "acd_s": over(b["talk_us"] / S, b["ended"]),
        "short_calls": b["short_calls"], "short_pct": pct(b["short_calls"], b["ended"]),
        "capacity_rejects": b["capacity_rejects"],
        "one_way_pct": pct(b["one_way"], b["audio_judged"]),
        "retransmitted_pct": pct(b["retransmissions"], b["messages"]),
        "cps": over(b["seizures"], seconds),
        "legs_per_call": over(b["call_legs"], b["seen"]) if of_calls else None,
        "redials": b["redials"] if of_calls else None,
        "redial_pct": pct(b["redials"], b["seen"]) if of_calls else None,
        "registrations": b["registrations"],
        "ira": pct(b["registrations_failed"], b["registrations"]),
        "streams": b["streams"], "loss_pct": pct(b["packets_lost"], b["packets_expected"]),
        "voice_kbit_s": over(b["octets"] * 8 / 1000, seconds),
    }
    for name, histogram, p in (
            ("pdd_p50_ms", "pdd_ms", 50), ("pdd_p95_ms", "pdd_ms", 95),
            ("srd_p95_ms", "srd_ms", 95), ("setup_p50_ms", "setup_ms", 50),
            ("setup_p95_ms", "setup_ms", 95), ("loss_p95_pct", "loss_pct", 95),
            ("jitter_p50_ms", "jitter_ms", 50), ("jitter_p95_ms", "jitter_ms", 95),
            *((f"mos_{band}_p{p}", f"mos_{band}", p) for band in ("nb", "wb", "fb")
              for p in (5, 50))):
        out[name] = b.percentile(histogram, p)
    erlang = busy_hour(b)
    out.update(
        cps_peak=max(b.starts.values(), default=0), concurrent_peak=b.peak("in_progress"),
        voice_peak_kbit_s=b.peak("bits") / 1000,
        erlang=over(sum(b.loads.values()) / S, seconds), busy_hour_erlang=erlang,
        channels=next(n for n in range(1, 100_000) if erlang_b(erlang, n) <= 0.01)
        if erlang else None)
    out["channels_configured"] = channels
    out["channels_used_pct"] = pct(out["concurrent_peak"], channels) if channels else None
    if by_end:
        out["channels_used_pct"] = None
        out.update(dict.fromkeys(("cps_peak", "concurrent_peak", "voice_peak_kbit_s", "erlang",
                                  "busy_hour_erlang", "channels")))
    return out


# --- what a leg, a call, a stream adds ----------------------------------------------------------

def leg_counts(bucket, leg, offset_us=0):
    bucket.add("seen")
    if leg["state"] in ("incomplete", "pending"):
        bucket.add(leg["state"])
        return
    status, rang = leg["status"], leg["ringing"] is not None
    answered = leg["state"] == "answered"
    timed_out = status == 0 and leg["state"] in ("no_response", "no_answer")
    bucket.add("seizures")
    bucket.add("rang", rang)
    bucket.add("authenticated", leg["auth"])
    bucket.add("forked", len(leg["tags"]) > 1)
    bucket.add("answered", answered)
    bucket.add("redirected", 300 <= status < 400)
    bucket.add("delivered", answered or status in (480, 486, 600, 603) or
               rang and leg["state"] in ("no_answer", "cancelled"))
    bucket.add("effective", answered or status in (480, 486, 600, 603))
    bucket.add("ineffective", timed_out or status in (408, 500, 503, 504))
    bucket.add("busy", status in (486, 600))
    for state in ("no_answer", "cancelled", "no_response"):
        bucket.add(state, leg["state"] == state)
    bucket.add("capacity_rejects", status == 503)
    if leg["first"] is not None:
        delay = leg["first"] - leg["invited"] + offset_us
        bucket.sample_us("pdd_ms", delay)
        if answered:
            bucket.sample_us("srd_ms", delay)
        elif status >= 400 and status not in (401, 402, 407, 487):
            bucket.sample_us("srd_failed_ms", delay)
    if answered:
        bucket.sample_us("setup_ms", leg["answered"] - leg["invited"] + offset_us)
        if leg["sdd"] is not None:
            bucket.sample_us("sdd_ms", leg["sdd"])
        bucket.add("audio_judged", leg["judged"])
        bucket.add("one_way", leg["one_way"])
        ended = leg["ended"] is not None
        bucket.add("talking", not ended)
        bucket.add("ended", ended)
        bucket.add("completed", ended)  # by BYE, all of them
        if ended:
            talk = leg["ended"] - leg["answered"]
            bucket.add("short_calls", talk < 10 * S)
            bucket.add("talk_us", talk)
            bucket.add("completed_us", talk)


def outcome_of(legs):
    """The leg that says what the caller got."""
    order = ["incomplete", "failed", "pending", "answered"]

    def standing(leg):
        state = leg["state"]
        rank = order.index(state if state in order else "failed")
        latest = leg["until"] if order[rank] == "failed" else 0
        return rank, latest, -leg["start"]
    return max(legs, key=standing)


def ends_of(thing):
    """(trunk, direction) of each named end."""
    ends = []
    if thing["trunk_src"]:
        ends.append((thing["trunk_src"], "inbound"))
    if thing["trunk_dst"]:
        ends.append((thing["trunk_dst"], "outbound"))
    return ends or [("", "")]


def peers_of(thing):
    """((name or address, is it a trunk), direction) of both ends."""
    return [((thing["trunk_" + end], True) if thing["trunk_" + end] else (thing[end], ""), way)
            for end, way in (("src", "inbound"), ("dst", "outbound"))]


def mark_redials(calls):
    last = {}
    for call in sorted(calls, key=lambda c: c["start"]):
        if call["outcome"]["state"] == "incomplete":
            continue
        before = last.get(call["pair"])
        call["redial"] = before is not None and 0 <= call["start"] - before <= 60 * S
        last[call["pair"]] = call["until"]


class Truth:
    def __init__(self, data):
        self.end = data["end"]
        self.sites = data["sites"]
        self.legs, self.calls = [], []
        self.streams, self.registrations = data["streams"], data["registrations"]
        for call in data["calls"]:
            legs = [read_leg(leg, self.end) for leg in call["legs"]]
            end_with_siblings(legs)
            for leg in legs:
                leg["label"] = call["label"]
            self.legs += legs
            outcome, first = outcome_of(legs), min(legs, key=lambda leg: leg["start"])
            self.calls.append({
                "outcome": outcome, "first": first, "legs": len(legs), "redial": False,
                "start": min(leg["start"] for leg in legs),
                "until": max(leg["until"] for leg in legs),
                "pair": (call["caller"], call["callee"]),
                "mos": min((s["mos"] for s in call.get("streams", [])), default=None)})
        mark_redials(self.calls)
        starts = ([leg["start"] for leg in self.legs] +
                  [leg["until"] - 1 for leg in self.legs] +
                  [s["last"] - 1 for s in self.streams])
        self.first_minute = min(starts) // MINUTE * MINUTE
        self.last_minute = max(starts) // MINUTE * MINUTE + MINUTE

    def rows(self, view, group, first=None, end=None, by_end=False,
             channels=lambda key: None):
        """{group: figures}; channels: of a group, configured; group: (kind, thing, end of it) -> key, or None to leave it out."""
        first = self.first_minute if first is None else first
        end = self.last_minute if end is None else end
        buckets = {}

        def visit(kind, thing, places, count):
            for place in places:
                key = group(kind, thing, place)
                if key is not None:
                    count(buckets.setdefault(key, Bucket()), thing)

        def within(at):
            return first <= at < end

        def add_time(bucket, start, until):
            bucket.gauge("in_progress", 1, start, until, first, end)
            bucket.load(max(start, first), min(until, end))

        def add_leg(bucket, leg):
            if within(leg["start"]):
                leg_counts(bucket, leg)
                bucket.add("messages", leg["messages"])
                bucket.add("retransmissions", leg["retransmissions"])
                if leg["state"] != "incomplete":
                    bucket.begin(leg["start"])
            add_time(bucket, leg["start"], leg["until"])

        def add_call(bucket, call):
            outcome = call["outcome"]
            if within(call["start"]):
                leg_counts(bucket, outcome, outcome["start"] - call["start"])
                bucket.add("call_legs", call["legs"])
                bucket.add("redials", call["redial"])
                if outcome["state"] != "incomplete":
                    bucket.begin(call["start"])
                if call["mos"]:
                    bucket.sample(*call["mos"])
            add_time(bucket, call["start"], call["until"])

        def add_stream(bucket, stream):
            if within(stream["first"]):
                bucket.add("streams")
                bucket.add("packets_expected", stream["expected"])
                bucket.add("packets_lost", stream["expected"] - stream["received"])
                bucket.add("octets", stream["octets"])
                bucket.sample("loss_pct", 100 * (stream["expected"] - stream["received"]) /
                              stream["expected"])
                bucket.sample("jitter_ms", 0.0)
                bucket.sample("mos_" + stream["band"], stream["mos_lq"])
            ms = (stream["last"] - stream["first"]) / 1000 + 20  # the last lasts as long
            bucket.gauge("bits", round(stream["octets"] * 8 / ms * 1000), stream["first"],
                         stream["last"], first, end)

        def add_registration(bucket, registration):
            status = registration["status"]
            if within(registration["at"]):
                bucket.add("registrations")
                if status == 200:
                    bucket.sample_us("rrd_ms", registration["delay"])
                bucket.add("registrations_failed",
                           status == 0 or status >= 400 and status not in (401, 402, 407))

        def near(start, until):
            return start < end and until >= first

        whole = [("", "")]
        ends = {"leg": lambda _: whole, "trunk": ends_of, "peer": peers_of}.get(view)
        for leg in self.legs if view != "call" else ():
            if near(leg["start"], leg["until"]):
                visit("leg", leg, ends(leg), add_leg)
        for call in self.calls if view == "call" else ():
            visit("call", call, ends_of(call["first"])[:1], add_call)
        for stream in self.streams if view != "call" else ():
            visit("stream", stream, ends(stream), add_stream)
        for registration in self.registrations if view == "leg" else ():
            visit("registration", registration, whole, add_registration)
        seconds = (end - first) / S
        return {key: figures(bucket, seconds, view == "call", by_end, channels(key))
                for key, bucket in buckets.items()}
