"""Jitter buffers, what they throw away, and what runs of bad packets look like."""
import dataclasses
import math

LATE_MS = 0.0005        # equal is on time, and so is what doubles cannot tell from equal
BUCKET_NS = 10 * 10**9
GIVE_UP_MS = 500        # consecutive late media after which the buffer starts afresh
GMIN = 16


@dataclasses.dataclass
class Arrived:
    """A packet of audio as a jitter buffer sees it."""
    time_ns: int
    transit_ms: float
    ptime_ms: float
    starts: bool        # a new timeline: transit compares with nothing before
    place: tuple        # segment and extended sequence number


class Base:
    """Least transit of this bucket of 10 s and of the one before."""

    def __init__(self):
        self.least = {}

    def restart(self, time_ns):
        self.origin_ns, self.least = time_ns, {}

    def bucket(self, time_ns):
        return (time_ns - self.origin_ns) // BUCKET_NS

    def take(self, item):
        k = self.bucket(item.time_ns)
        self.least[k] = min(self.least.get(k, math.inf), item.transit_ms)
        return min(self.least.get(k - 1, math.inf), self.least[k])

    def anchor(self, item, transit_ms):
        self.least = {self.bucket(item.time_ns): transit_ms}


class Fixed:
    """Plays every packet depth_ms after the fastest one would have come."""

    def __init__(self, depth_ms):
        self.depth_ms, self.base = depth_ms, Base()
        self.depth_sum, self.count = 0.0, 0

    def restart(self, item):
        self.base.restart(item.time_ns)
        self.late_ms, self.late_least = 0.0, math.inf

    def is_late(self, item):
        if item.starts:
            self.restart(item)
        off_ms = item.transit_ms - self.base.take(item)
        self.depth_sum, self.count = self.depth_sum + self.depth(), self.count + 1
        if not self.judge(off_ms, item.ptime_ms):
            self.late_ms, self.late_least = 0.0, math.inf
            return False
        self.late_ms += item.ptime_ms
        self.late_least = min(self.late_least, item.transit_ms)
        if self.late_ms >= GIVE_UP_MS:
            self.base.anchor(item, self.late_least)
            self.late_ms, self.late_least = 0.0, math.inf
        return True

    def depth(self):
        return self.depth_ms

    def judge(self, off_ms, _):
        return off_ms - self.depth_ms > LATE_MS


class Adaptive(Fixed):
    """Follows mean and variation of the delay."""
    LEAST_MS, MOST_MS, FIRST_MS = 20, 500, 60

    def __init__(self):
        super().__init__(self.FIRST_MS)

    def restart(self, item):
        super().restart(item)
        self.depth_ms, self.mean, self.variation = self.FIRST_MS, 0.0, 15.0

    def judge(self, off_ms, ptime_ms):
        self.variation += (abs(off_ms - self.mean) - self.variation) / 16
        self.mean += (off_ms - self.mean) / 16
        if off_ms - self.depth_ms > LATE_MS:
            self.depth_ms = min(self.MOST_MS, off_ms + ptime_ms)
            return True
        target = min(self.MOST_MS, max(self.LEAST_MS, self.mean + 4 * self.variation))
        if target > self.depth_ms:
            self.depth_ms = min(target, self.depth_ms + ptime_ms)
        else:
            self.depth_ms = max(target, self.depth_ms - 0.01 * ptime_ms)
        return False


def discarded_by(buffer, arrived):
    """The places of the packets that came too late for the buffer."""
    return {item.place for item in arrived if buffer.is_late(item)}


# --- runs of bad packets ----------------------------------------------------------------

def runs(flags):
    """Lengths of runs of True."""
    out, length = [], 0
    for bad in list(flags) + [False]:
        if bad:
            length += 1
        elif length:
            out.append(length)
            length = 0
    return out


def burst_ratio(flags):
    """Mean run of bad packets over that of random loss of the same share; at least 1."""
    bad, lengths = sum(flags), runs(flags)
    if bad == 0 or bad == len(flags):
        return 1.0
    return max(1.0, bad / len(lengths) * (1 - bad / len(flags)))


def bursts_and_gaps(flags, ptime_ms):
    """RFC 3611 4.7.2 with hindsight: clusters with fewer than Gmin good packets inside."""
    clusters = []
    for at, bad in enumerate(flags):
        if bad and clusters and at - clusters[-1][-1] - 1 < GMIN:
            clusters[-1].append(at)
        elif bad:
            clusters.append([at])
    bursts = [cluster for cluster in clusters if len(cluster) > 1]
    in_bursts = sum(burst[-1] - burst[0] + 1 for burst in bursts)
    bad_in_bursts = sum(map(len, bursts))
    edges = [-1] + [edge for burst in bursts for edge in (burst[0], burst[-1])] + [len(flags)]
    gaps = [b - a - 1 for a, b in zip(edges[::2], edges[1::2]) if b - a > 1]
    in_gaps = len(flags) - in_bursts
    return {
        "bursts": len(bursts),
        "burst_density": bad_in_bursts / in_bursts if in_bursts else 0.0,
        "gap_density": (sum(flags) - bad_in_bursts) / in_gaps if in_gaps else 0.0,
        "burst_ms": in_bursts * ptime_ms / len(bursts) if bursts else 0.0,
        "gap_ms": in_gaps * ptime_ms / len(gaps) if gaps else 0.0,
    }
