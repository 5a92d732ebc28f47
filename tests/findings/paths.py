"""The ways that packets take: links with queues, radio links, and losses of other kinds.
Times are seconds from the capture's begin."""
import math


class Path:
    """A part of the way: takes the time of sending, gives that of arrival, or None."""

    def __init__(self, rng, delay=.015, jitter=.0005, loss=0., ordered=True):
        self.rng, self.delay, self.jitter, self.loss = rng, delay, jitter, loss
        self.ordered, self.last = ordered, -1e9

    def extra(self, _now):
        """Seconds in queues, or None: dropped."""
        return 0.

    def send(self, now):
        queued = self.extra(now)
        if queued is None or self.rng.random() < self.loss:
            return None
        arrives = now + self.delay + queued + self.rng.expovariate(1 / self.jitter)
        # Packets of one flow do not pass each other: queues are first in, first out.
        if self.ordered:
            arrives = self.last = max(self.last + 1e-5, arrives)
        return arrives


class Congested(Path):
    """A link that others fill: a queue with a tail that is cut, episodes of overload."""

    def __init__(self, rng, size=.15, drops=True, busy=(1., 5.), idle=(.5, 4.),
                 overload=(1.05, 1.4), **more):
        super().__init__(rng, **more)
        self.size, self.drops, self.busy, self.idle = size, drops, busy, idle
        self.overload = overload
        self.queue, self.at, self.until, self.load = 0., None, None, 0.

    def step(self, now):
        if self.at is None:
            self.at = self.until = now
        while self.at < now:
            if self.at >= self.until:
                begins = self.load < 1
                self.load = self.rng.uniform(*self.overload) if begins else \
                    self.rng.uniform(.3, .85)
                self.until = self.at + self.rng.uniform(*(self.busy if begins else self.idle))
            step = min(now, self.until, self.at + .005) - self.at
            # What others send comes in bursts; the queue follows.
            burst = self.load * self.rng.uniform(.5, 1.5)
            self.queue = min(self.size, max(0., self.queue + step * (burst - 1)))
            self.at += step or 1e-6

    def extra(self, now):
        self.step(now)
        full = self.queue > .96 * self.size
        if full and self.drops and self.rng.random() < 1 - 1 / max(1., self.load) + .05:
            return None
        if full and not self.drops:
            return self.size
        return self.queue


class Radio(Path):
    """Wi-Fi with interference: for moments nothing gets through; what the retries do not
    save waits and comes in one go."""

    def __init__(self, rng, every=2.5, lasts=(.06, .35), gives_up=.5, **more):
        super().__init__(rng, **more)
        self.every, self.lasts, self.gives_up = every, lasts, gives_up
        self.begin = self.end = None

    def next_outage(self, after):
        self.begin = after + self.rng.expovariate(1 / self.every)
        low, high = self.lasts
        self.end = self.begin + math.exp(self.rng.uniform(math.log(low), math.log(high)))

    def extra(self, now):
        if self.begin is None:
            self.next_outage(now)
        while now >= self.end:
            self.next_outage(self.end)
        if now < self.begin:
            return 0.
        # The longer it has to wait, the more likely are its retries used up.
        left = self.end - now
        if self.rng.random() < self.gives_up * min(1., .4 + left / .2):
            return None
        return left


class Striking(Path):
    """Something strikes at regular times and takes what comes while it lasts."""

    def __init__(self, rng, period=2., lasts=.05, wobble=.01, **more):
        super().__init__(rng, **more)
        self.period, self.lasts, self.wobble = period, lasts, wobble
        self.phase = rng.uniform(0, period)
        self.shift = {}

    def extra(self, now):
        number = math.floor((now - self.phase) / self.period)
        shift = self.shift.setdefault(number,
                                      self.rng.uniform(-1, 1) * self.wobble * self.period)
        into = now - self.phase - number * self.period - max(0., shift)
        return None if 0 <= into < self.lasts else 0.


class Policed(Path):
    """A token bucket a little too small: each time it is empty a packet goes."""

    def __init__(self, rng, every=25, **more):
        super().__init__(rng, **more)
        self.every, self.count = every, rng.randrange(every)

    def extra(self, _now):
        self.count += 1
        return None if self.count % self.every == 0 else 0.
