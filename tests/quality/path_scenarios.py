"""Scenarios of what a path does: loss, copies, order, delay."""
import math

import wire
from catalogue import burst_truth, chosen, markov, scenario


# --- loss -------------------------------------------------------------------------------

@scenario
def random_loss(s):
    burst_truth(s.call("PCMU").talker().talk(3000).drop(chosen(s.rng, 3000, 0.03)))


@scenario
def markov_heavy(s):
    burst_truth(s.call("PCMA").talker("PCMA").talk(3000).drop(markov(s.rng, 3000, 0.02, 0.25)))


@scenario
def markov_below_two_percent(s):
    """Here the measured BurstR enters the score, above 2 % at most 2 of it."""
    burst_truth(s.call("PCMA").talker("PCMA").talk(4000).drop(markov(s.rng, 4000, .003, 0.25)))


@scenario
def markov_wideband(s):
    burst_truth(s.call("G722").talker("G722").talk(3000).drop(markov(s.rng, 3000, 0.005, 0.2)))


@scenario
def periodic_loss(s):
    talker = s.call("PCMU").talker().talk(2000).drop(range(25, 2000, 50))
    talker.truth.update(lost=40, burstr_200=1)


@scenario
def bursts_by_hand(s):
    """Two bursts, of 11 and 19 packets: 15 good ones do not part 703 from 718, 16 do."""
    talker = s.call("PCMU").talker().talk(1000)
    talker.drop([100, 105, 110, 400, 700, 701, 702, 718, 735]).truth.update(
        bursts_200=2, burst_density_200=7 / 30, gap_density_200=2 / 970,
        burst_ms_200=30 * 20 / 2, gap_ms_200=970 * 20 / 3)


@scenario
def very_heavy_loss(s):
    """Past what G.107 was made for: R below zero must neither break nor be clamped."""
    s.call("GSM").talker("GSM").talk(1500).drop(chosen(s.rng, 1500, 0.6))


@scenario
def hole_of_2000(s):
    talker = s.call("GSM").talker("GSM").talk(2600).drop(range(300, 2300))
    talker.truth.update(lost=2000)


@scenario
def step_of_2999(s):
    """The widest step that is loss."""
    talker = s.call("GSM").talker("GSM").talk(3600).drop(range(300, 3298))
    talker.truth.update(lost=2998, restarts=0)


@scenario
def step_of_3000(s):
    """The narrowest that is a restart; it is an outage too, for time agrees."""
    talker = s.call("GSM").talker("GSM").talk(3600).drop(range(300, 3299))
    talker.truth.update(lost=0, restarts=1, outage_lost=2999, expected=601, received=601)


@scenario
def outage_of_100_s(s):
    talker = s.call("GSM").talker("GSM").talk(5600).drop(range(300, 5300))
    talker.drop([100, 5400]).truth.update(lost=2, restarts=1, outage_lost=5000, expected=600,
                                          received=598)


@scenario
def several_restarts(s):
    """Numbers and timestamps begin anew without a pause, three times."""
    talker = s.call("PCMU").talker(seq=1000).talk(300)
    for seq, ts in ((40000, 5), (60500, 1 << 29), (9000, 77)):
        talker.seq, talker.ts = seq, ts
        talker.talk(300)
    talker.drop([50, 350, 351, 950]).truth.update(lost=4, restarts=3, expected=1200,
                                                  received=1196, jitter_max_ms=0)


@scenario
def restart_backwards(s):
    """A sender that begins again 5000 earlier after two seconds."""
    talker = s.call("PCMU").talker(seq=30000).talk(400).pause(2000)
    talker.seq = 25000
    talker.talk(400).truth.update(lost=0, restarts=1, expected=800, received=800)


@scenario
def stray_packet(s):
    """One packet with a foreign number: held, then dropped."""
    talker = s.call("PCMU").talker(seq=100).talk(400)
    talker.sent[200].seq = 30100
    talker.truth.update(lost=1, received=399, expected=400, restarts=0, jitter_max_ms=0)


# --- copies and order -------------------------------------------------------------------

@scenario
def duplicates(s):
    talker = s.call("PCMU").talker().talk(800)
    for i in chosen(s.rng, 800, 0.1):
        talker.sent[i].copies = [(s.rng.randrange(1, 9) * 10**6, "again")]


@scenario
def duplicates_hide_no_loss(s):
    talker = s.call("PCMU").talker().talk(800).drop(range(10, 800, 40))
    for i in range(20, 800, 40):
        talker.sent[i].copies = [(2 * 10**6, "again"), (45 * 10**6, "again")]


@scenario
def mirror_copies(s):
    """A mirror of two ports: everything twice, 60 microseconds apart."""
    talker = s.call("PCMU").talker().talk(500)
    for packet in talker.sent:
        packet.copies = [(60000, "mirror")]
    talker.truth.update(mirrored=True, span_copies=500, duplicates=500, jitter_max_ms=0,
                        delta_max_ms=20)


@scenario
def doubled_restart(s):
    """Everything twice, and a jump: each half of a pair is held until the next pair."""
    talker = s.call("PCMU").talker(seq=100).talk(300)
    talker.seq = 20000
    talker.talk(300)
    for packet in talker.sent:
        packet.copies = [(3 * 10**6, "again")]
    talker.truth.update(restarts=1, lost=0, expected=600, received=600, duplicates=599)


@scenario
def neighbours_swapped(s):
    swapped = chosen(s.rng, 800, 0.02)
    s.call("PCMU").talker().talk(800).delay(lambda i: 25 if i in swapped else 0)


@scenario
def first_comes_second(s):
    talker = s.call("PCMU").talker().talk(300).delay(lambda i: 50 if i == 0 else 0)
    talker.truth.update(expected=300, lost=0, reordered=1)


@scenario
def late_by_100(s):
    """The latest packet that is still only late; a buffer throws it away."""
    talker = s.call("PCMU").talker().talk(600).delay(lambda i: 2010 if i == 250 else 0)
    talker.truth.update(reordered=1, lost=0, late_50=1, late_200=1)


@scenario
def late_by_101(s):
    talker = s.call("PCMU").talker().talk(600).delay(lambda i: 2030 if i == 250 else 0)
    talker.truth.update(reordered=0, lost=1, received=599, late_50=0, late_200=0,
                        jitter_max_ms=0)


@scenario
def wrap_of_both(s):
    """Sequence and timestamp wrap, with loss, a copy and a swap right there."""
    talker = s.call("PCMU").talker(seq=65536 - 200, ts=2**32 - 160 * 202).talk(500)
    talker.drop([199, 200, 250]).delay(lambda i: 30 if i == 202 else 0)
    talker.sent[201].copies = [(5 * 10**6, "again")]
    talker.truth.update(lost=3, duplicates=1, reordered=1, expected=500)


# --- delay ------------------------------------------------------------------------------

@scenario
def delay_uniform(s):
    s.nanoseconds = True
    s.call("PCMU").talker().talk(1500).delay(lambda i: s.rng.uniform(0, 15)).truth.update(
        late_50=0, late_200=0, reordered=0)


@scenario
def delay_exponential(s):
    s.call("PCMU").talker().talk(1500).delay(lambda i: s.rng.expovariate(1 / 15))


@scenario
def delay_heavy_tail(s):
    """Enough late packets for every buffer, with loss beside them."""
    talker = s.call("G729").talker("G729").talk(3000).drop(markov(s.rng, 3000, 0.01, 0.4))
    talker.delay(lambda i: min(600, 8 * s.rng.paretovariate(0.9)))


@scenario
def delay_alternating(s):
    """|D| is 10 ms each time, so J follows a geometric series."""
    talker = s.call("PCMU").talker().talk(301).delay(lambda i: 10 * (i % 2))
    talker.truth.update(jitter_last_ms=10 * (1 - (15 / 16) ** 300))


@scenario
def delay_spikes(s):
    """The adaptive buffer opens to 120 + 20 ms, is 19.8 ms less at the next spike, which is in
    time, and too small for the one after: every second spike."""
    talker = s.call("PCMU").talker().talk(2000)
    talker.delay(lambda i: 120 if i % 100 == 60 else 0)
    talker.truth.update(late_50=20, late_200=0, discarded_adaptive=10)


@scenario
def delay_high_spikes(s):
    talker = s.call("PCMU").talker().talk(2000)
    talker.delay(lambda i: 330 if i % 100 == 60 else 0)
    talker.truth.update(late_50=20, late_200=20, discarded_adaptive=10)


@scenario
def adaptive_first(s):
    """The adaptive buffer starts at 60 ms."""
    talker = s.call("PCMU").talker().talk(300).delay(lambda i: 65 if i == 1 else 0)
    talker.truth.update(discarded_adaptive=1)


@scenario
def adaptive_steady(s):
    """Mean 20 and variation 20 make it 100 ms deep."""
    extra = {601: 90, 801: 110}
    talker = s.call("PCMU").talker().talk(1000).delay(lambda i: extra.get(i, 40 * (i % 2)))
    talker.truth.update(discarded_adaptive=1)


@scenario
def adaptive_growth(s):
    """After n packets 19 ms late in calm, with q = 15/16, the mean is 19 (1 - q^n), and the
    variation 19 (n/16) q^(n-1).  So the depth is 41.10 ms after 16: 40.5 is in time; and 31.85
    after eight: 31.5 is in time, 32.2 is not."""
    extra = {516: 40.5, 517: 21, 1008: 31.5, 1508: 32.2}
    late = {*range(500, 520), *range(1000, 1010), *range(1500, 1510)}
    talker = s.call("PCMU").talker().talk(1800)
    talker.delay(lambda i: extra.get(i, 19 if i in late else 0))
    talker.truth.update(discarded_adaptive=1)


@scenario
def adaptive_limits(s):
    """Never under 20 ms, so 19 is in time and 25 is not; never over 500 ms, so 510 is not."""
    extra = {400: 19, 500: 25, 700: 600, 720: 510}
    talker = s.call("PCMU").talker().talk(1000).delay(lambda i: extra.get(i, 0))
    talker.truth.update(discarded_adaptive=3)


@scenario
def fast_packet_is_forgotten(s):
    """Packet 100 sets the base for its bucket of 10 s and the next: 125, 175 ... 975 are late,
    those after them are as slow and in time."""
    talker = s.call("PCMU").talker().talk(2000)
    talker.delay(lambda i: 0 if i == 100 else 75 if i % 50 == 25 and i > 100 else 40)
    talker.truth.update(late_50=18, late_200=0)


@scenario
def late_run_anchors_at_its_fastest(s):
    """The new base is that of packet 510, against which 530 is late too."""
    extra = {510: 60, 530: 115}
    talker = s.call("PCMU").talker().talk(900)
    talker.delay(lambda i: extra.get(i, 80) if i >= 500 else 0).truth.update(late_50=26)


@scenario
def delay_at_the_edge(s):
    """Exactly at a buffer's depth is on time, two microseconds more is not."""
    extra = {50: 50, 100: 50.002, 150: 200, 200: 200.002}
    talker = s.call("PCMU").talker().talk(400).delay(lambda i: extra.get(i, 0))
    talker.truth.update(late_50=3, late_200=1)


@scenario
def delay_of_two_kinds(s):
    """One packet in ten 60 ms later."""
    talker = s.call("PCMU").talker().talk(1000).delay(lambda i: 60 if i % 10 == 5 else 0)
    talker.truth.update(pdv_p50_ms=0, pdv_p95_ms=60, pdv_p99_ms=60, late_50=100)


@scenario
def delay_wave(s):
    """A queue that fills and drains: small J, large delay variation."""
    s.call("PCMU").talker().talk(3000).delay(lambda i: 90 - 90 * math.cos(i / 120))


@scenario
def route_gets_longer(s):
    """A buffer of 50 ms gives up after 500 ms of late media, and goes on from there."""
    talker = s.call("PCMU").talker().talk(2500).delay(lambda i: 80 if i >= 1000 else 0)
    talker.truth.update(late_50=25, late_200=0)


@scenario
def route_gets_much_longer(s):
    talker = s.call("PCMU").talker().talk(2500).delay(lambda i: 700 if i >= 1000 else 0)
    talker.truth.update(late_50=25, late_200=25, ts_resync=0)


@scenario
def route_gets_shorter(s):
    """Three packets on the old path are overtaken, and late once the new one sets the base."""
    talker = s.call("PCMU").talker().talk(2500).delay(lambda i: 0 if i >= 1000 else 80)
    talker.truth.update(reordered=3, late_50=3, late_200=0)


@scenario
def route_flaps(s):
    """Shorter for one second, then as before: late until the buffer gives up.  Three more were
    overtaken."""
    talker = s.call("PCMU").talker().talk(2500)
    talker.delay(lambda i: 0 if 1000 <= i < 1050 else 80).truth.update(late_50=28, late_200=0)


@scenario
def stall_then_burst(s):
    """Nothing for 600 ms, then everything at once; the queue preserves the order."""
    talker = s.call("PCMU").talker().talk(1500)
    talker.delay(lambda i: max(0, 600 - 20 * (i - 700)) if i >= 700 else 0)
    talker.truth.update(lost=0, ts_resync=0, reordered=0, late_50=25, late_200=20)


@scenario
def media_60_ms_late_run(s):
    """Nine late packets of 60 ms are more than 500 ms of media."""
    talker = s.call("PCMU").talker("PCMU", 60).talk(500).delay(lambda i: 75 * (i >= 200))
    talker.truth.update(late_50=9, late_200=0)


@scenario
def drift_plus_80_ppm(s):
    talker = s.call("G729").talker("G729", ppm=80).talk(30000)
    talker.truth.update(skew_ppm=80, late_50=0, late_200=0)


@scenario
def drift_that_outgrows_a_buffer(s):
    """126 ms in seven minutes: the base of a buffer must follow."""
    talker = s.call("G729").talker("G729", 60, ppm=300).talk(7000)
    talker.truth.update(skew_ppm=300, late_50=0, late_200=0, discarded_adaptive=0)


@scenario
def drift_minus_150_ppm_with_jitter(s):
    talker = s.call("G729").talker("G729", ppm=-150).talk(30000)
    talker.delay(lambda i: min(18, s.rng.expovariate(1 / 4))).truth.update(skew_ppm=-150)


@scenario
def drift_under_a_growing_queue(s):
    """The queue fills more and more, its floor stays: the envelope must not follow it."""
    talker = s.call("G729").talker("G729", ppm=30).talk(30000)
    talker.delay(lambda i: 0 if i % 50 == 0 else s.rng.uniform(0, i / 1000))
    talker.truth.update(skew_ppm=30)


def queue_of(rng, count, arrivals=0.03, burst_ms=60, drained_ms=4):
    """What waits before each packet: cross traffic comes in bursts, a link drains it."""
    waits, now = [], 0.0
    for _ in range(count):
        waits.append(now)
        if rng.random() < arrivals:
            now += rng.expovariate(1 / burst_ms)
        now = max(0, now - drained_ms)
    return waits


def drift_under_queues(s, ppm):
    """Ten minutes: the queue is empty every few seconds, up to 200 ms in between, and the tail
    of what does not fit is dropped."""
    talker = s.call("G729").talker("G729", ppm=ppm).talk(30000)
    waits = queue_of(s.rng, 30000)
    talker.drop([i for i, wait in enumerate(waits) if wait > 200])
    talker.delay(lambda i: waits[i]).truth.update(skew_ppm=ppm, restarts=0, ts_resync=0)
    return talker


@scenario
def drift_plus_100_ppm_under_queues(s):
    drift_under_queues(s, 100)


@scenario
def drift_minus_100_ppm_under_queues(s):
    drift_under_queues(s, -100)


@scenario
def drift_under_queues_copies_and_disorder(s):
    """One packet in fifty goes another way, 45 ms longer; some come twice."""
    talker = drift_under_queues(s, -60)
    astray = set(chosen(s.rng, 30000, 0.02))
    talker.delay(lambda i: 45 if i in astray else 0)
    for i in chosen(s.rng, 30000, 0.01):
        talker.sent[i].copies = [(3 * 10**6, "again")]


@scenario
def drift_with_silence_and_digits(s):
    """A talker who pauses and dials: fewer packets tell the clock, over as many minutes."""
    talker = s.call("PCMU", "telephone-event").talker(ppm=100)
    while talker.time_ns < 600 * 10**9:
        talker.talk(s.rng.randrange(50, 300), marked=True).pause(s.rng.randrange(400, 4000))
        if s.rng.random() < 0.2:
            talker.talk(20, marked=True).digit(s.rng.randrange(12))
    talker.talk(50, marked=True)
    burst_truth(talker.drop(markov(s.rng, len(talker.sent), 0.004, 0.3)))
    talker.delay(lambda i: s.rng.uniform(0, 12)).truth.update(skew_ppm=100)


@scenario
def outage_and_bursts_on_ten_minutes(s):
    """20 s without a packet are loss; what is random around it is, too."""
    talker = s.call("PCMA").talker("PCMA", ppm=-100).talk(30000)
    lost = {*markov(s.rng, 30000, 0.003, 0.25), *range(12000, 13000)}
    burst_truth(talker.drop(lost))
    talker.truth.update(lost=len(lost - {0, 29999}), outage_lost=0, skew_ppm=-100)


@scenario
def stalls(s):
    """Every ten seconds nothing comes for a while, then all of it at once.  A buffer of 50 ms
    throws away what waited longer, until it gives up after 500 ms of it; one of 200 too."""
    talker = s.call("PCMU").talker().talk(3000)
    lengths = {i: 100 + 37 * (i // 500) for i in range(250, 3000, 500)}
    waits = [max([0] + [length - 20 * (i - at) for at, length in lengths.items() if at <= i])
             for i in range(3000)]
    talker.delay(lambda i: waits[i]).truth.update(
        lost=0, reordered=0, ts_resync=0, late_50=sum(wait > 50 for wait in waits),
        late_200=sum(wait > 200 for wait in waits))


@scenario
def clock_of_the_probe_steps_back(s):
    """Stamps run 40 ms behind for a second: jitter uses them as they are."""
    talker = s.call("PCMU").talker().talk(500)
    begin = wire.START_NS + talker.sent[200].time_ns + 25 * 10**6
    s.clock_faults = [(begin, begin + 10**9, -40 * 10**6)]
