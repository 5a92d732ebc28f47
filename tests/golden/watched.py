"""watched.py - peers, failovers and attacks against what the recording scripts know."""
import re

from capture import TIME_TOLERANCE_S, seconds

# --- peers ------------------------------------------------------------------------------

PING_INTERVAL_S = 2.0  # of the proxy in the captures
WAKES_S = 0.1          # a script, and a program that has a timer, are that late
OUR_WORDS = {"peer_down": "down", "peer_refusing": "down", "peer_up": "up"}


def events_of(records, *types):
    return sorted((r for r in records if r["kind"] == "event" and r["type"] in types),
                  key=lambda r: r["detected"])


def check_pings(check, truth, records):
    """Each peer's figures, out of all pings to it and their answers."""
    peers = {r["peer"]: r for r in records if r["kind"] == "peer"}
    by_peer = {}
    for ping in truth.get("pings", []):
        by_peer.setdefault(ping["dst"], []).append(ping)
    for address, pings in by_peer.items():
        mine = peers.get(address)
        check.equal(f"peer {address}: found", mine is not None, True)
        if not mine:
            continue
        rtts = [p["rtt_ms"] for p in pings if p["status"]]
        check.equal(f"peer {address}: options", mine["options"], len(pings))
        check.equal(f"peer {address}: options_answered", mine["options_answered"], len(rtts))
        # The last one may still be waited for when the capture ends.
        silent = [p["status"] is None for p in pings]
        check.equal(f"peer {address}: options_unanswered",
                    sum(silent[:-1]) <= mine["options_unanswered"] <= sum(silent), True)
        for field, right in (("last", rtts[-1:]), ("min", [min(rtts, default=None)]),
                             ("max", [max(rtts, default=None)]),
                             ("mean", [sum(rtts) / len(rtts)] if rtts else [])):
            check.near(f"peer {address}: rtt_{field}_ms", mine[f"rtt_{field}_ms"],
                       right[0] if right else None, 2 * TIME_TOLERANCE_S * 1000)


def check_peers(check, truth, records):
    """Ups and downs beside the proxy's log, which may find sooner, by other rules than ours,
    that a peer is down."""
    ours = events_of(records, *OUR_WORDS)
    said = truth.get("peers", [])
    if not said:
        return
    check.equal("ups and downs", [(r["peer"].rpartition(":")[0], OUR_WORDS[r["type"]])
                                  for r in ours], [(p["peer"], p["state"]) for p in said])
    for mine, logged in zip(ours, said):
        late = seconds(mine["detected"]) - logged["at"]
        most = 2 * PING_INTERVAL_S if logged["state"] == "down" else 0
        check.equal(f"{mine['type']} at {mine['detected']}: as the proxy logged it",
                    -WAKES_S <= late <= most + WAKES_S, True)


def check_outages(check, truth, records):
    """Each begins with the first ping after the script took the peer away."""
    outages = truth.get("outages", [])
    downs, ups = events_of(records, "peer_down"), events_of(records, "peer_up")
    if outages:
        check.equal("outages", (len(downs), len(ups)), (len(outages), len(outages)))
    for outage, down, up in zip(outages, downs, ups):
        for what, mine, right in (("from", down, outage["from"]), ("to", up, outage["to"])):
            late = seconds(mine["began"]) - right
            check.equal(f"outage {what} {right}: {mine['began']}",
                        -WAKES_S <= late <= PING_INTERVAL_S + WAKES_S, True)


def check_failovers(check, truth, records):
    ours = events_of(records, "failover")
    check.equal("failovers", len(ours), len(truth.get("failover", [])))
    for mine, known in zip(ours, truth.get("failover", [])):
        failed = [a for a in known["attempts"] if a["outcome"] != "answered"]
        fates = [c["fate"] for c in known["in_progress"]]
        by_silence = known["reason"] == "timeout"
        right = {
            "cause": "unanswered_invite" if by_silence else "server_error",
            "status": None if by_silence else int(known["reason"]),
            "failed": known["attempts_failed"], "switched": known["attempts_failed"],
            "calls_backup": known["attempts_at_backup"], "calls_lost": known["calls_lost"],
            "calls_carried": len(fates), "calls_one_way": fates.count("one_way"),
            "calls_silent": fates.count("silent"), "calls_dropped": fates.count("dropped"),
        }
        check.equal("failover: peer", mine["peer"].rpartition(":")[0], known["primary"])
        check.equal("failover: backup", mine["backup"].rpartition(":")[0], known["backup"])
        for field, value in right.items():
            check.equal(f"failover: {field}", mine[field], value)
        check.near("failover: began", seconds(mine["began"]), failed[0]["at"], WAKES_S)
        check.near("failover: detected", seconds(mine["detected"]),
                   known["first_at_backup"], WAKES_S)
        check.near("failover: ended", seconds(mine["ended"]), known["back_at_primary"],
                   WAKES_S)


# --- attacks ----------------------------------------------------------------------------

# By what the script did, what we call it.
OBSERVATIONS = {"guess": "brute_force", "spray": "brute_force", "call": "brute_force",
                "sweep": "sweep", "extensions": "extension_scan"}


def users_of(step):
    """The numbers that it tried, from the first to the last."""
    first, last = (int(re.search(r"\d+", step[end])[0]) for end in ("first", "last"))
    return set(range(first, last + 1))


def check_attack(check, name, mine, steps, pings):
    attempts = sum(step["attempts"] for step in steps)
    if mine["type"] == "sweep":
        silent = [p for p in pings if p["src"].rpartition(":")[0] == mine["src"]
                  and p["status"] is None]
        check.equal(f"{name}: attempts by the script", len(pings), attempts)
        check.equal(f"{name}: events", mine["events"], len(silent))
        check.equal(f"{name}: targets", mine["targets"], len({p["dst"] for p in silent}))
    else:
        check.equal(f"{name}: others", mine["others"], sum(s["succeeded"] for s in steps))
        check.equal(f"{name}: events", mine["events"] + mine["others"], attempts)
        check.equal(f"{name}: targets", mine["targets"],
                    len(set.union(*map(users_of, steps))))
    check.near(f"{name}: first", seconds(mine["first"]), min(s["from"] for s in steps), WAKES_S)
    check.near(f"{name}: last", seconds(mine["last"]), max(s["to"] for s in steps), WAKES_S)


def check_observations(check, truth, records):
    """No more and no less than what the script did; its tools give their names besides."""
    attacks = {}
    for step in truth.get("observations", []):
        attacks.setdefault((OBSERVATIONS[step["step"]], step["src"]), []).append(step)
    ours = {(r["type"], r["src"]): r for r in records
            if r["kind"] == "observation" and r["over"]}
    named = {("scanner", src) for _, src in attacks}
    check.equal("observations", sorted(ours), sorted(set(attacks) | named))
    for innocent in truth.get("innocent", []):
        check.equal(f"{innocent}: seen", any(r["src"].startswith(innocent + ":")
                                             for r in records if r["kind"] == "registration"),
                    True)
        check.equal(f"{innocent}: suspected", [k for k in ours if k[1] == innocent], [])
    for key, steps in attacks.items():
        if key in ours:
            check_attack(check, f"{key[0]} of {key[1]}", ours[key], steps,
                         truth.get("pings", []))
