"""Faulty calls whose cause lies on the path of the audio, or at the capture; see kinds.py."""
from paths import Congested, Path, Policed, Radio, Striking
from world import Host, rtcp_report, sdp, udp, with_length


def side_of(scene):
    """The direction that suffers."""
    return scene.rng.choice(["forward", "reverse"])


def set_path(scene, side, kind, **how):
    setattr(scene, f"path_{side}",
            scene.own_path(scene.near if side == "forward" else scene.far, kind, **how))


def lost_share(media):
    return sum(at is None for at, _ in media.arrived) / max(1, len(media.arrived))


def conversation(scene, low=25, high=55):
    scene.talks = scene.rng.uniform(low, high)
    scene.set_up()
    scene.talk()
    scene.hang_up()


def loss_congestion(scene):
    side = side_of(scene)
    set_path(scene, side, Congested, size=scene.rng.uniform(.05, .3),
             busy=(1., scene.rng.uniform(2, 6)), overload=(1.05, scene.rng.uniform(1.15, 1.5)))
    conversation(scene)
    return None if lost_share(getattr(scene, side)) > .015 else False


def loss_wifi(scene):
    side = side_of(scene)
    longest = scene.rng.uniform(.15, .5)
    set_path(scene, side, Radio, every=scene.rng.uniform(1., 4.), lasts=(.05, longest),
             gives_up=scene.rng.uniform(.4, .9), jitter=scene.rng.choice([.001, .003, .005]))
    conversation(scene)
    return None if lost_share(getattr(scene, side)) > .015 else False


def loss_periodic(scene):
    side = side_of(scene)
    if scene.rng.random() < .7:
        period = scene.rng.choice([.5, 1, 2, 3, 4, 5])
        set_path(scene, side, Striking, period=period,
                 lasts=scene.rng.uniform(.03, min(.15, .3 * period)))
    else:
        set_path(scene, side, Policed, every=scene.rng.randrange(15, 60))
    conversation(scene, 35, 60)
    return None if lost_share(getattr(scene, side)) > .006 else False


def loss_random(scene):
    side = side_of(scene)
    set_path(scene, side, Path, loss=scene.rng.uniform(.025, .09))
    conversation(scene, 20, 40)


def jitter_queueing(scene):
    side = side_of(scene)
    set_path(scene, side, Congested, size=scene.rng.uniform(.09, .4), drops=False,
             busy=(.3, 2.5), idle=(.3, 2.5), overload=(1.1, 1.6))
    conversation(scene)
    queued = sorted(at for at, _ in getattr(scene, side).arrived if at)
    gaps = sorted(b - a for a, b in zip(queued, queued[1:]))
    return None if gaps[int(.99 * len(gaps))] > .024 else False


def dscp_remarked(scene):
    side = side_of(scene)
    for media in (scene.forward, scene.reverse):
        media.dscp = 46
    host = scene.caller if side == "forward" else scene.callee
    for one in (scene.caller, scene.callee):
        one.dialect.dscp = 24
    low = scene.rng.choice([0, 0, 8, 10])
    guise = scene.rng.choice(["from the start", "route changes", "two points"])
    if guise == "from the start":
        getattr(scene, side).dscp = low
        host.dialect.dscp = scene.rng.choice([24, low])
        conversation(scene, 8, 25)
    elif guise == "route changes":
        scene.talks = scene.rng.uniform(10, 25)
        scene.set_up()
        at = scene.answered + scene.rng.uniform(3, 7)
        scene.talk(**{side: {"dscp_at": (at, low)}})
        scene.hang_up()
    else:
        relayed(scene, low)


def relayed(scene, low):
    """The probe sees both sides of a relay; what leaves it is marked anew."""
    rng = scene.rng
    relay = Host(rng, f"203.1.{scene.number >> 8 & 255}.{1 + scene.number % 250}")
    inner, outer = relay.media, relay.media + 2
    dialog, true_put = scene.dialog, scene.dialog.put

    def put(at, src, dst, data, dscp):
        for host in (scene.caller, scene.callee):
            ours = outer if host is scene.caller else inner
            old = sdp(host.inside, host.media, ["PCMU"], 0, origin=host.inside).split("\r\n")
            changed = data.replace(old[3].encode(), f"c=IN IP4 {relay.address}".encode())
            changed = changed.replace(f"m=audio {host.media} ".encode(),
                                      f"m=audio {ours} ".encode())
            if changed != data:
                break
        fixed = with_length(changed)
        line, rest = fixed.split(b"\r\n", 1)
        via = f"Via: SIP/2.0/UDP {relay.address}:5060;branch=z9hG4bKr{at:.6f}\r\n".encode()
        if data[:7] != b"SIP/2.0":
            fixed = line + b"\r\n" + via + rest
        true_put(at, src, relay.sip, data, dscp)
        true_put(at + .002, relay.sip, dst, fixed, dscp)
    dialog.put = put
    scene.set_up(challenge=False)
    end = scene.ended = scene.answered + rng.uniform(8, 20)
    for media, path, host, entry, other, leave in (
            (scene.forward, scene.path_forward, scene.caller, inner, scene.callee, outer),
            (scene.reverse, scene.path_reverse, scene.callee, outer, scene.caller, inner)):
        before = len(scene.capture.frames)
        media.stream(scene.capture, path, host.rtp(), (relay.address, entry),
                     scene.answered + .02, end)
        for at, data in scene.capture.frames[before:]:
            scene.capture.frames.append((at + .0005, udp((relay.address, leave), other.rtp(),
                                                         data[42:], low)))
    scene.hang_up()


def clock_drift(scene):
    side = side_of(scene)
    getattr(scene, side).ppm = scene.rng.choice([-1, 1]) * scene.rng.uniform(280, 3000)
    conversation(scene, 42, 65)


def capture_fault(scene):
    """The probe or its mirror port drops frames; the call itself is fine."""
    rng = scene.rng
    before = len(scene.capture.frames)
    guise = rng.choice(["ring", "mirror"])
    scene.path_forward.loss = scene.path_reverse.loss = rng.choice([0, 0, .001])
    scene.talks = rng.uniform(30, 55)
    scene.set_up()
    scene.talk()
    if guise == "mirror" or rng.random() < .3:
        for media, host, other in ((scene.forward, scene.callee, scene.caller),
                                   (scene.reverse, scene.caller, scene.callee)):
            reports(scene, media, host, other)
    scene.hang_up()
    media = scene.capture.frames[before:]
    del scene.capture.frames[before:]
    if guise == "ring":
        # While the disk is busy the ring overflows: all frames of that time are gone.
        gone, at = [], scene.answered
        while at < scene.ended:
            at += rng.expovariate(1 / rng.uniform(1.5, 4))
            gone.append((at, at + rng.uniform(.03, .3)))
            at = gone[-1][1]
        kept = [f for f in media if not any(a <= f[0] < b for a, b in gone)
                or is_signalling(f[1])]
    else:
        share = rng.uniform(.015, .06)
        kept = [f for f in media if is_signalling(f[1]) or rng.random() > share]
    scene.capture.frames += kept
    return None if len(media) - len(kept) > 40 else False


def is_signalling(data):
    return data[34:36] == b"\x13\xc4" or data[36:38] == b"\x13\xc4" or \
        (data[42] & 0xc0 == 0x80 and 192 <= data[43] <= 223)


def reports(scene, media, receiver, sender):
    """RTCP every 5 s by the one who receives it, about what it got."""
    first = media.arrived[0][1]
    before, lost_before = first, 0
    at = scene.answered + 5
    while at < scene.ended:
        numbers = [seq for time, seq in media.arrived if time is not None and time < at - .05]
        if numbers:
            highest = numbers[-1]
            lost = highest - first + 1 - len(numbers)
            data = rtcp_report(media.ssrc ^ 0x5555, media.ssrc, highest, lost, before,
                               lost_before, 12)
            before, lost_before = highest, lost
            scene.capture.frames.append((at, udp((receiver.address, receiver.media + 1),
                                                 (sender.address, sender.media + 1), data)))
        at += 5
