"""segments.py - what one point of the way lost before it, and what went missing behind it."""

# Ours is the mean over the packets that are sampled, the truth the median over all of them:
# a tenth of what they spread apart, and never under a tenth of a millisecond.
SPREAD, LEAST_MS = 0.1, 0.1


def names_of(truth, number):
    stream = truth["streams"][number]
    return stream["src"], stream["dst"], stream["ssrc"]


def check_segment(check, truth, segment, ours):
    """The later point says who lost what; tshark and the rule that dropped it know."""
    first, second = (ours.get(names_of(truth, n)) for n in segment["streams"])
    name = f"segment to {truth['streams'][segment['streams'][1]]['dst']}"
    check.equal(f"{name}: both streams", first is not None and second is not None, True)
    if not (first and second):
        return
    check.equal(f"{name}: upstream", second["upstream"], first["id"])
    check.equal(f"{name}: lost before", second["segment_lost_before"],
                segment["dropped_before"])
    check.equal(f"{name}: lost between", second["segment_lost_between"],
                segment["dropped_between"])
    delay = segment["delay_ms"]
    check.near(f"{name}: delay", second["segment_delay_ms"], delay["median"],
               max(LEAST_MS, SPREAD * (delay["most"] - delay["least"])))


def check_segments(check, truth, records):
    """Only the later of two streams has a segment, and no other stream has one."""
    ours = {(r["src"], r["dst"], r["ssrc"]): r for r in records if r["kind"] == "stream"}
    for segment in truth.get("segments", []):
        check_segment(check, truth, segment, ours)
    if "segments" in truth:
        later = {names_of(truth, s["streams"][1]) for s in truth["segments"]}
        check.equal("streams with a segment",
                    {n for n, r in ours.items() if r["upstream"] is not None}, later)
