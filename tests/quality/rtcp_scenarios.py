"""What receivers report, and what the probe makes of it: loss on either side of the probe, by
the capture itself, receivers that begin anew, RTCP on other ports, and XR's round trips.

The receiver is that of RFC 3550 A.3: it knows the first and the highest number that it got,
and how many packets, copies too.
"""
import struct

import wire
from catalogue import chosen, scenario

MS = 10**6
BEHIND_NS = 25 * MS  # from the probe to the receiver, and its report back
REPORTER = 0xb2


class Receiver:
    """What it says at some time, from the times at which it got the packets."""

    def __init__(self, got):
        self.got = sorted(got)  # (time, number since the first cycle, how often)

    def says(self, time_ns, since_ns=0):
        here = [(number, times) for time, number, times in self.got if since_ns <= time <= time_ns]
        first, highest = here[0][0], max(number for number, _ in here)
        received = sum(times for _, times in here)
        cycles = (highest >> 16) - (first >> 16)
        return cycles << 16 | highest & 0xffff, highest - first + 1 - received


def got_by(talker, lost_behind=(), only_captured=False):
    """Arrivals at the receiver: what the path before the probe took, it lacks as well."""
    return [(wire.START_NS + round(packet.time_ns + packet.delay_ns) + BEHIND_NS, packet.seq,
             1 + sum(copy == "again" for _, copy in packet.copies))
            for i, packet in enumerate(talker.sent)
            if i not in lost_behind and not (only_captured and packet.dropped)]


def report_every(s, talker, receiver, every_ns=5000 * MS, anew_ns=None):
    """Reports until the stream's end; the truth as far as the last one tells it."""
    end_ns = wire.START_NS + round(talker.sent[-1].time_ns) - 200 * MS
    at, k, jitters = wire.START_NS + every_ns, 0, []
    while at < end_ns:
        since = anew_ns if anew_ns and at >= anew_ns else 0
        highest, lost = receiver.says(at, since)
        jitters.append(8 * (k % 5) + 16)
        payload = wire.rtcp(REPORTER, talker.ssrc, lost=lost, highest=highest,
                            jitter=jitters[-1])
        s.report(at + BEHIND_NS, False, payload)
        at, k = at + every_ns, k + 1
    talker.truth.update(far_jitter_mean_ms=sum(jitters) / len(jitters) * 1000 / talker.clock_hz,
                        far_jitter_max_ms=max(jitters) * 1000 / talker.clock_hz)
    return at - every_ns


def witness_truth(talker, receiver, last_ns, dropped, extra=()):
    """From the packets' fate: those that the last report covers, and who lacks them."""
    newest = max(number for time, number, _ in receiver.got if time <= last_ns)
    covered = [i for i, packet in enumerate(talker.sent) if packet.seq <= newest]
    there = {number for time, number, _ in receiver.got if time <= last_ns}
    twice = sum(times - 1 for time, _, times in receiver.got if time <= last_ns)
    theirs = sum(talker.sent[i].seq not in there for i in covered) - twice
    ours = sum(i in dropped for i in covered)
    talker.truth.update(
        far_expected=len(covered), far_lost=theirs, far_loss_pct=100 * theirs / len(covered),
        lost_at_report=ours, lost_after=theirs - ours,
        unconfirmed_lost=max(0, ours - theirs - twice), **dict(extra))


def dropped_of(talker):
    return {i for i, packet in enumerate(talker.sent) if packet.dropped}


def both_sides(s, talker, before=0.01, behind=0.02):
    """Lost before the probe, and others behind it."""
    count = len(talker.sent)
    talker.drop(chosen(s.rng, count, before))
    lost_behind = set(chosen(s.rng, count, behind)) - {0}
    receiver = Receiver(got_by(talker, lost_behind, only_captured=True))
    last_ns = report_every(s, talker, receiver)
    witness_truth(talker, receiver, last_ns, dropped_of(talker))


@scenario
def loss_before_and_behind(s):
    both_sides(s, s.call("PCMU").talker().talk(3000))


@scenario
def loss_before_and_behind_wrapping(s):
    both_sides(s, s.call("PCMA").talker("PCMA", seq=64500).talk(3000))


@scenario
def loss_before_and_behind_opus(s):
    both_sides(s, s.call("opus").talker("opus").talk(2000))


@scenario
def loss_behind_only(s):
    both_sides(s, s.call("PCMU").talker().talk(2000), before=0)


@scenario
def loss_before_and_behind_far_away(s):
    """The receiver is 1 s away: fifty packets pass between what it names and its report."""
    global BEHIND_NS
    before, BEHIND_NS = BEHIND_NS, 500 * MS
    both_sides(s, s.call("PCMU").talker().talk(2000))
    BEHIND_NS = before


@scenario
def loss_by_the_capture(s):
    """The receiver has what we lack."""
    talker = s.call("PCMU").talker().talk(3000)
    talker.drop(chosen(s.rng, 3000, 0.01))
    receiver = Receiver(got_by(talker))
    last_ns = report_every(s, talker, receiver)
    witness_truth(talker, receiver, last_ns, dropped_of(talker))


@scenario
def copies_at_the_receiver(s):
    """It takes each copy for one loss less; that proves no loss of the capture's."""
    talker = s.call("PCMU").talker().talk(2000)
    talker.drop(chosen(s.rng, 2000, 0.02))
    for i in range(7, 2000, 40):
        if not talker.sent[i].dropped:
            talker.sent[i].copies = [(3 * MS, "again")]
    receiver = Receiver(got_by(talker, only_captured=True))
    last_ns = report_every(s, talker, receiver)
    witness_truth(talker, receiver, last_ns, dropped_of(talker))


@scenario
def receiver_begins_anew(s):
    """Between its third report and its fourth: of that time nothing is known."""
    talker = s.call("PCMU").talker().talk(2500)
    talker.drop(chosen(s.rng, 2500, 0.04))
    receiver = Receiver(got_by(talker, only_captured=True))
    last_ns = report_every(s, talker, receiver, anew_ns=wire.START_NS + 17000 * MS)
    third, fourth = (max(number for time, number, _ in receiver.got
                         if time <= wire.START_NS + at * MS) for at in (15000, 20000))
    witness_truth(talker, receiver, last_ns, dropped_of(talker))
    lost = sum(packet.dropped for packet in talker.sent if third < packet.seq <= fourth)
    for field, less in (("far_expected", fourth - third), ("far_lost", lost),
                        ("lost_at_report", lost)):
        talker.truth[field] -= less
    talker.truth["far_loss_pct"] = 100 * talker.truth["far_lost"] / talker.truth["far_expected"]


@scenario
def capture_from_the_middle(s):
    """No SDP, and the sender counts from before: what the first report says is not ours."""
    talker = s.talker().talk(3000)
    talker.drop(chosen(s.rng, 3000, 0.02))
    receiver = Receiver(got_by(talker, only_captured=True))
    first_ns = wire.START_NS + 5000 * MS
    s.report(wire.START_NS + 2000 * MS, True,
             wire.rtcp(talker.ssrc, sent_ns=wire.START_NS, packets=4711))
    last_ns = report_every(s, talker, receiver)
    here, before = (max(number for time, number, _ in receiver.got if time <= at)
                    for at in (last_ns, first_ns))
    lost = sum(packet.dropped for packet in talker.sent if before < packet.seq <= here)
    talker.truth.update(far_expected=here - before, far_lost=lost, lost_at_report=lost,
                        lost_after=0, unconfirmed_lost=0)


def answers(s, a_ssrc, b_ssrc, ms_to_a, ms_to_b):
    """B's report on A's, 1.7 s after it, and A's on B's; ms_to_x: from the probe and back."""
    for k in range(1, 8):
        at = wire.START_NS + k * 5000 * MS
        for from_a, ssrc, other, far in ((True, a_ssrc, b_ssrc, ms_to_b),
                                         (False, b_ssrc, a_ssrc, ms_to_a)):
            at += 2200 * MS if not from_a else 0
            stamp = at - 777 * MS
            s.report(at, from_a, wire.rtcp(ssrc, sent_ns=stamp))
            lsr = wire.ntp(stamp) >> 16 & 0xffffffff
            s.report(at + far * MS + 1700 * MS, not from_a,
                     wire.rtcp(other, ssrc, None, lsr, 1700 * MS))


def both_halves(s, told=(None, None), used=(4001, 6001)):
    s.told_ports, s.rtcp_ports = told, used
    s.call("PCMU")
    s.talker(ssrc=0xa1).talk(2200).truth.update(rtt_receiver_ms=90, rtt_sender_ms=40, rtt_ms=130)
    s.talker(ssrc=0xb2, back=True).talk(2200).truth.update(rtt_receiver_ms=40, rtt_sender_ms=90)
    answers(s, 0xa1, 0xb2, 40, 90)


@scenario
def round_trips_multiplexed(s):
    both_halves(s, used=(4000, 6000))


@scenario
def round_trips_on_told_ports(s):
    both_halves(s, (7771, 8882), (7771, 8882))


@scenario
def round_trips_on_one_told_port(s):
    both_halves(s, (None, 8882), (4001, 8882))


@scenario
def round_trips_behind_nat(s):
    both_halves(s, used=(61234, 6001))


@scenario
def round_trip_of_a_listener(s):
    """B sends no stream and no sender reports: only XR tells the way to A."""
    s.call("PCMU")
    s.talker(ssrc=0xa1).talk(2200).truth.update(rtt_receiver_ms=90, rtt_sender_ms=40, rtt_ms=130)
    for k in range(1, 8):
        at = wire.START_NS + k * 5000 * MS
        stamp = at - 777 * MS
        lsr = wire.ntp(stamp) >> 16 & 0xffffffff
        asked = at + (90 + 1700) * MS
        time = wire.ntp(asked + 5555 * MS)
        s.report(at, True, wire.rtcp(0xa1, sent_ns=stamp))
        s.report(asked, False, wire.rtcp(
            0xbeef, 0xa1, None, lsr, 1700 * MS,
            more=wire.extended_report(0xbeef, 4, struct.pack(">Q", time))))
        s.report(asked + (40 + 600) * MS, True, wire.rtcp(
            0xa1, more=wire.extended_report(0xa1, 5, struct.pack(
                ">III", 0xbeef, time >> 16 & 0xffffffff, 600 * 65536 // 1000))))
