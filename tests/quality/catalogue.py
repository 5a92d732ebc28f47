"""The scenarios by name, and what several of them need.

A scenario says what is sent and what the path does; generate.py writes it.  In `truth` it sets
what it knows better than counting can: after a jump in numbering, and figures that follow from
its construction.  late_50 and late_200 are packets that a fixed buffer must discard; names that
end in _200 are figures of the buffer of 200 ms.
"""
ALL = {}


def scenario(function):
    ALL[function.__name__] = function
    return function


def chosen(rng, count, share):
    """Each of count with the same chance."""
    return [i for i in range(count) if rng.random() < share]


def markov(rng, count, a, b):
    """Losses of a chain with P(good to bad) = a and P(bad to good) = b."""
    out, bad = [], False
    for i in range(count):
        bad = rng.random() >= b if bad else rng.random() < a
        if bad:
            out.append(i)
    return out


def run_count(dropped):
    return sum(1 for i in dropped if i - 1 not in dropped)


def burst_truth(talker):
    """BurstR from the drops themselves; holds where nothing is discarded."""
    dropped = {i for i, packet in enumerate(talker.sent) if packet.dropped}
    share = len(dropped) / len(talker.sent)
    talker.truth["burstr_200"] = max(1.0, len(dropped) / run_count(dropped) * (1 - share))
