"""Scenarios that nobody thought of: everything that may happen, at random, in one stream.

No truth beyond the number of packets; here the program and reference.py must agree, and they
were written apart.
"""
import catalogue

COUNT = 24
SPEAKING = ["PCMU", "PCMA", "GSM", "G722", "speex", "opus"]
JUMPS = [-101, -100, -99, -50, -2, -1, 200, 2998, 2999, 3000, 3001, 32768]


def happen(rng, talker):
    """One thing between two stretches of talk."""
    def begin_anew():
        talker.seq, talker.ts = rng.randrange(65536), rng.getrandbits(32)

    def renumber():
        talker.seq = (talker.seq + rng.choice(JUMPS)) % 65536

    def restamp():
        talker.ts += rng.choice([10**6, -10**6, 1600, -1600, 8000])

    def be_silent():
        talker.pause(rng.randrange(20, 3000), frozen=rng.random() < 0.3)

    def make_noise():
        for _ in range(rng.randrange(1, 5)):
            talker.comfort_noise().pause(rng.randrange(200))

    def dial():
        talker.digit(rng.randrange(12), rng.randrange(1, 9))

    def change_codec():
        talker.use(rng.choice(SPEAKING), rng.choice([10, 20, 20, 30]))

    things = [begin_anew, renumber, restamp, be_silent, be_silent, change_codec, change_codec]
    if talker.clock_hz == 8000:
        things += [make_noise, dial]
    rng.choice(things)()


def mixture(s):
    rng = s.rng
    s.nanoseconds = rng.random() < 0.5
    s.call(*SPEAKING, "CN", "telephone-event")
    talker = s.talker(rng.choice(SPEAKING), rng.choice([10, 20, 20, 30, 40, 60]),
                      seq=rng.randrange(65536), ts=rng.getrandbits(32))
    talker.counted = False
    for _ in range(rng.randrange(2, 9)):
        talker.talk(rng.randrange(1, 150), marked=rng.random() < 0.5)
        happen(rng, talker)
    talker.talk(30)
    suffer(rng, talker)


def suffer(rng, talker):
    """Loss, delay and copies of all kinds."""
    count = len(talker.sent)
    talker.drop(catalogue.chosen(rng, count, rng.choice([0, 0, 0.01, 0.1])))
    spread, wild = rng.choice([0, 5, 30, 150]), rng.choice([0, 0.02, 0.2])
    talker.delay(lambda i: rng.uniform(0, spread) + rng.uniform(0, 60) * (rng.random() < wild)
                 + rng.uniform(0, 2500) * (rng.random() < wild / 10))
    for i in catalogue.chosen(rng, count, rng.choice([0, 0.05])):
        talker.sent[i].copies = [(rng.randrange(6, 3000) * 10**6, "again")]


for number in range(1, COUNT + 1):
    catalogue.ALL[f"mixture_{number:02}"] = mixture
