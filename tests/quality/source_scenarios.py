"""Scenarios of what is sent: codecs, silence, digits, changes, reports."""
import wire
from catalogue import chosen, scenario


# --- nothing wrong, in every codec ------------------------------------------------------

@scenario
def clean_call(s):
    s.call("PCMU", "telephone-event")
    s.talker().talk(750).truth.update(jitter_max_ms=0, delta_max_ms=20, ptime_ms=20,
                                      late_50=0, late_200=0, discarded_adaptive=0)
    s.talker(back=True).talk(750)


@scenario
def clean_without_sip(s):
    s.talker("PCMA").talk(500).truth.update(jitter_max_ms=0, skew_ppm=None)


@scenario
def clean_g722(s):
    s.call("G722")
    s.talker("G722").talk(500).truth.update(jitter_max_ms=0, ptime_ms=20, band="wb")


@scenario
def clean_gsm(s):
    s.call("GSM").talker("GSM").talk(500).truth.update(ie=20, bpl=10)


@scenario
def clean_g729(s):
    talker = s.call("G729").talker("G729").talk(800)
    talker.drop(chosen(s.rng, 800, 0.01)).truth.update(ie=11, bpl=19)


@scenario
def clean_ilbc_30(s):
    talker = s.call("iLBC").talker("iLBC", 30).talk(400)
    talker.truth.update(ptime_ms=30, ie=11, delta_max_ms=30)


@scenario
def clean_amr_wb(s):
    talker = s.call("AMR-WB").talker("AMR-WB").talk(600)
    talker.drop(chosen(s.rng, 600, 0.02)).truth.update(ie=13, bpl=4.3, band="wb")


@scenario
def opus_with_dtx(s):
    """While silent, a packet each 400 ms whose timestamp follows the time."""
    talker = s.call("opus").talker("opus").talk(300)
    for _ in range(6):
        talker.pause(380).talk(1)
    talker.talk(300).truth.update(jitter_max_ms=0, ptime_ms=20, band="fb", ie=10.2)


@scenario
def dynamic_type_guessed(s):
    s.talker("speex").talk(400).truth.update(clock_hz=16000, clock_basis="guessed")


@scenario
def dynamic_type_unknown(s):
    """44.1 kHz is none of the clocks that a guess may find: no jitter, no score."""
    talker = s.talker("speex")
    talker.clock_hz = 44100
    talker.talk(400).truth.update(clock_hz=None, jitter_max_ms=None, r=None, mos_lq=None)


@scenario
def packets_of_60_ms(s):
    s.call("PCMU").talker("PCMU", 60).talk(300).truth.update(ptime_ms=60, delta_max_ms=60)


@scenario
def packet_time_changes(s):
    talker = s.call("PCMU").talker().talk(300)
    talker.use("PCMU", 30)
    talker.talk(400).truth.update(jitter_max_ms=0, ptime_ms=30)


@scenario
def packet_time_ties(s):
    """As many steps of 30 as of 20: the smaller one."""
    talker = s.call("PCMU").talker("PCMU", 30).talk(200)
    talker.use("PCMU", 20)
    talker.talk(201).truth.update(ptime_ms=20)


@scenario
def every_extra(s):
    """CSRC, header extension and padding on every packet."""
    for packet in s.call("PCMU").talker().talk(300).sent:
        packet.extras = True


@scenario
def short_stream(s):
    s.call("PCMU").talker().talk(99).truth.update(short=True)


# --- silence, digits, noise -------------------------------------------------------------

@scenario
def silence_marked(s):
    talker = s.call("PCMU").talker()
    for _ in range(8):
        talker.talk(60, marked=True).pause(1500)
    talker.talk(60, marked=True).truth.update(jitter_max_ms=0, delta_max_ms=20, lost=0,
                                              ts_resync=0, late_50=0, late_200=0)


@scenario
def silence_unmarked(s):
    talker = s.call("PCMU").talker()
    for _ in range(8):
        talker.talk(60).pause(1500)
    talker.talk(60).truth.update(jitter_max_ms=0, delta_max_ms=1520, ts_resync=0)


@scenario
def silence_with_frozen_timestamp(s):
    """Looks like a stall: |D| enters the jitter once for each pause."""
    talker = s.call("PCMU").talker()
    for _ in range(3):
        talker.talk(200).pause(150, frozen=True)
    talker.talk(200).truth.update(ts_resync=0, lost=0)


@scenario
def comfort_noise(s):
    talker = s.call("PCMU", "CN").talker()
    for _ in range(6):
        talker.talk(80, marked=True)
        for _ in range(4):
            talker.comfort_noise().pause(180)
    talker.talk(80, marked=True).truth.update(jitter_max_ms=0, lost=0, delta_max_ms=20)


@scenario
def digits(s):
    talker = s.call("PCMU", "telephone-event").talker()
    for digit in (1, 5, 9, 11):
        talker.talk(100).digit(digit)
    talker.talk(100).truth.update(jitter_max_ms=0, ptime_ms=20, lost=0, late_50=0)


@scenario
def digits_and_loss(s):
    talker = s.call("PCMU", "telephone-event").talker()
    for digit in (0, 2, 10, 7, 3):
        talker.talk(100).digit(digit, updates=12)
    talker.talk(100).drop(chosen(s.rng, 675, 0.05)).truth.update(jitter_max_ms=0)


@scenario
def marker_on_every_packet(s):
    talker = s.call("PCMU").talker().talk(400).delay(lambda i: 7 if i % 90 == 50 else 0)
    for packet in talker.sent:
        packet.marker = True
    talker.truth.update(delta_max_ms=27)


# --- sources and formats that change ----------------------------------------------------

@scenario
def source_changes(s):
    s.call("PCMU")
    s.talker(ssrc=0x11111111).talk(300)
    s.talker(ssrc=0x22222222, after_ms=6000).talk(300).drop([10, 11])


@scenario
def timestamps_jump(s):
    """Another source behind the same numbering, a second later: not jitter."""
    talker = s.call("PCMU").talker().talk(300).pause(1000)
    talker.ts += 123456789
    talker.talk(300).truth.update(ts_resync=1, lost=0, restarts=0, jitter_max_ms=0)


@scenario
def timestamps_jump_back(s):
    talker = s.call("PCMU").talker(ts=900000).talk(300)
    talker.ts -= 500000
    talker.talk(300).drop([100, 299]).truth.update(ts_resync=1, jitter_max_ms=0)


@scenario
def codec_changes(s):
    talker = s.call("PCMU", "PCMA").talker().talk(300)
    talker.use("PCMA")
    talker.talk(500).truth.update(jitter_max_ms=0, lost=0, ts_resync=0)


@scenario
def clock_changes(s):
    """The reference of the jitter begins anew with each clock."""
    talker = s.call("PCMU", "speex").talker().talk(300)
    talker.use("speex")
    talker.talk(200).use("PCMU")
    talker.talk(300).truth.update(jitter_max_ms=0, lost=0, restarts=0, ptime_ms=20)


@scenario
def restart_with_another_clock(s):
    """The first packet after the jump is the last of its codec."""
    talker = s.call("PCMU", "speex").talker(seq=100).talk(200)
    talker.seq = 30000
    talker.talk(1).use("speex")
    talker.talk(200).truth.update(restarts=1, lost=0, expected=401, received=401,
                                  jitter_max_ms=0)


@scenario
def restart_before_noise(s):
    """One packet of audio after the jump, then comfort noise, then audio 10 ms later than
    before: the D between the two counts."""
    talker = s.call("PCMU", "CN").talker(seq=100).talk(200)
    talker.seq = 30000
    talker.talk(1).comfort_noise().talk(200).delay(lambda i: 10 if i > 201 else 0)
    talker.truth.update(restarts=1, lost=0, expected=402, received=402, jitter_max_ms=10 / 16)


@scenario
def copies_outnumber_a_codec(s):
    """Copies are ignored, also when it is asked which codec most packets have."""
    talker = s.call("PCMU", "GSM").talker().talk(200)
    for packet in talker.sent:
        packet.copies = [(6 * 10**6, "again")]
    talker.use("GSM")
    talker.talk(300).truth.update(codec="GSM", ie=20, duplicates=200)


@scenario
def redundancy(s):
    talker = s.call("red", "PCMU").talker("red").talk(400)
    talker.drop(chosen(s.rng, 400, 0.02)).truth.update(jitter_max_ms=0, ie=0, bpl=25.1)


# --- delay of both directions -----------------------------------------------------------

def exchange_reports(s, a_ssrc, b_ssrc, ms_to_a, ms_to_b, seconds, only_rr=False):
    """SR of each side every 5 s, answered 1.7 s later; ms_to_x: from the probe and back."""
    ms = 10**6
    for k in range(1, seconds // 5):
        for from_a, ssrc, other, far in ((True, a_ssrc, b_ssrc, ms_to_b),
                                         (False, b_ssrc, a_ssrc, ms_to_a)):
            if only_rr and not from_a:
                continue
            at = wire.START_NS + k * 5000 * ms + (0 if from_a else 2200 * ms)
            stamp = at - 777 * ms  # the sender's clock is its own
            s.report(at, from_a, wire.rtcp(ssrc, None, stamp))
            lsr = wire.ntp(stamp) >> 16 & 0xffffffff
            reply = wire.rtcp(other, ssrc, None if only_rr else stamp + 3, lsr, 1700 * ms)
            s.report(at + far * ms + 1700 * ms, not from_a, reply)


@scenario
def round_trips(s):
    s.call("PCMU")
    s.talker(ssrc=0xa1).talk(2000).truth.update(rtt_receiver_ms=120, rtt_sender_ms=40)
    s.talker(ssrc=0xb2, back=True).talk(2000).truth.update(rtt_receiver_ms=40,
                                                           rtt_sender_ms=120)
    exchange_reports(s, 0xa1, 0xb2, 40, 120, 40)


@scenario
def round_trip_of_one_half(s):
    s.call("PCMU")
    s.talker(ssrc=0xa1).talk(1500).truth.update(rtt_receiver_ms=75, rtt_sender_ms=None)
    s.talker(ssrc=0xb2, back=True).talk(1500)
    exchange_reports(s, 0xa1, 0xb2, 0, 75, 30, only_rr=True)


@scenario
def round_trips_that_vary(s):
    """Each way takes up to 9 ms more or less; half of the trips are on either side."""
    s.call("PCMU")
    s.talker(ssrc=0xa1).talk(4000).truth.update(rtt_receiver_ms=150, rtt_sender_ms=60)
    s.talker(ssrc=0xb2, back=True).talk(4000).truth.update(rtt_receiver_ms=60,
                                                           rtt_sender_ms=150)
    ms = 10**6
    for k in range(1, 16):
        more = (k * 7 % 15 - 7) * 9 / 7  # -9 .. 9, its median 0
        for from_a, ssrc, other, far in ((True, 0xa1, 0xb2, 150), (False, 0xb2, 0xa1, 60)):
            at = wire.START_NS + k * 5000 * ms + (0 if from_a else 2200 * ms)
            stamp = at - 777 * ms
            s.report(at, from_a, wire.rtcp(ssrc, None, stamp))
            lsr = wire.ntp(stamp) >> 16 & 0xffffffff
            s.report(at + round((far + more + 1700) * ms), not from_a,
                     wire.rtcp(other, ssrc, stamp + 3, lsr, 1700 * ms))
