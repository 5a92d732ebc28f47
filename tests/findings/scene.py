"""A call from end to end, with everything about it that differs from call to call in real
networks: codecs, durations, dialects, delays, small losses, who hangs up, what is seen."""
from paths import Path
from world import CODECS, Dialog, Host, Media, sdp


class Scene:
    """One call.  What is not set by a fault is drawn: a healthy call, in all its kinds."""

    def __init__(self, rng, capture, number, begin):
        self.rng, self.capture, self.number, self.begin = rng, capture, number, begin
        low = f"{number >> 8 & 255}.{1 + number % 250}"
        self.caller = Host(rng, f"198.18.{low}")
        self.callee = Host(rng, f"198.19.{low}")
        self.call_id = f"{rng.getrandbits(64):x}-{number}@{self.caller.inside}"
        self.near = Path(rng, rng.uniform(.001, .03), self.small_jitter(), self.small_loss(),
                         False)
        self.far = Path(rng, rng.uniform(.001, .06), self.small_jitter(), self.small_loss(),
                        False)
        self.codec = rng.choice(["G729", "G729", "GSM", "PCMU", "PCMA", "opus", "iLBC", "G722"])
        others = rng.sample([c for c in CODECS if c != self.codec], rng.randrange(3))
        self.offered = [self.codec, *others]
        rng.shuffle(self.offered)
        self.accepted = [self.codec]
        self.ptime = rng.choice([20, 20, 20, 30]) if self.codec in ("PCMU", "PCMA") else 20
        self.event = rng.choice([101, 101, 101, 96])
        self.rings_after = rng.uniform(.05, 1.2)
        self.answer_after = self.rings_after + rng.uniform(.3, 8)
        self.talks = rng.uniform(6, 14)
        self.by_caller = rng.random() < .5
        marked = rng.choice([0, 46, 46])
        self.forward = Media(rng, self.codec, marked, self.small_ppm(), self.ptime)
        self.reverse = Media(rng, self.codec, marked, self.small_ppm(), self.ptime)
        # Paths of the media up to the probe; what is behind it only the receiver knows.
        self.path_forward = self.own_path(self.near)
        self.path_reverse = self.own_path(self.far)
        self.dialog = Dialog(rng, capture, self.caller, self.callee, self.call_id, self.near,
                             self.far)
        self.direction = {"offer": None, "answer": None}
        self.reports = rng.random() < .3
        self.answered = self.ended = None

    def small_jitter(self):
        return self.rng.choice([.0002, .0005, .001, .003, .006])

    def small_loss(self):
        return self.rng.choice([0, 0, 0, .0005, .001, .003])

    def small_ppm(self):
        return self.rng.uniform(-60, 60)

    def own_path(self, path, kind=Path, **how):
        """A path for media beside that of signalling, of the same length."""
        how = {"delay": path.delay, "jitter": path.jitter, "loss": path.loss, **how}
        return kind(self.rng, **how)

    # The parts of a call ----------------------------------------------------------------

    def offer(self):
        return sdp(self.caller.inside, self.caller.media, self.offered, self.event,
                   self.direction["offer"], origin=self.caller.inside)

    def answer(self):
        return sdp(self.callee.inside, self.callee.media, self.accepted, self.event,
                   self.direction["answer"], origin=self.callee.inside)

    def ringing(self):
        body = self.answer() if self.callee.dialect.ring_sdp else ""
        return [("180 Ringing", self.rings_after, body)]

    def set_up(self, more=(), answer_more=(), rings=None, challenge=None, **how):
        """INVITE to ACK; when the call was answered, for the callee."""
        now = self.begin
        if self.rng.random() < .3 if challenge is None else challenge:
            now = self.challenge(now)
        heard, acked = self.dialog.invite(
            now, self.offer(), more, self.ringing() if rings is None else rings,
            ("200 OK", self.answer_after), self.answer(), answer_more, **how)
        self.answered = heard if heard is not None else now + self.answer_after
        self.acked = acked
        return self.answered

    def challenge(self, now, status="407 Proxy Authentication Required", more=()):
        header = "Proxy-Authenticate" if status[:3] == "407" else "WWW-Authenticate"
        heard, _ = self.dialog.invite(
            now, self.offer(), more, (), (status, .005), "",
            [(header, f'Digest realm="example", nonce="{self.rng.getrandbits(48):x}"')])
        return (now + 1 if heard is None else heard) + .01

    def credentials(self, status=407):
        name = "Proxy-Authorization" if status == 407 else "Authorization"
        return [(name, f'Digest username="{self.caller.name}", realm="example", '
                       f'nonce="{self.rng.getrandbits(48):x}", uri="sip:x", response="00"')]

    def talk(self, end=None, forward=None, reverse=None, begin=None):
        """Media both ways, from the answer on until both have hung up."""
        begin = self.answered if begin is None else begin
        self.ended = begin + self.talks if end is None else end
        if forward is not False:
            self.forward.stream(self.capture, self.path_forward, self.caller.rtp(),
                                self.callee.rtp(), begin + .02, self.ended, **(forward or {}))
        if reverse is not False:
            self.reverse.stream(self.capture, self.path_reverse, self.callee.rtp(),
                                self.caller.rtp(), begin + .01, self.ended, **(reverse or {}))

    def hang_up(self, at=None, by_caller=None, **how):
        self.dialog.bye(self.ended + .05 if at is None else at,
                        self.by_caller if by_caller is None else by_caller, **how)

    def digits(self, count=None):
        """Times of some, in mid-call."""
        count = count or self.rng.randrange(2, 7)
        first = self.answered + self.rng.uniform(1.5, 2.5)
        return [first + .4 * i for i in range(count)]
