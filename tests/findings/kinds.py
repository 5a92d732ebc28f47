"""Faulty calls: for each kind of fault, its causes in several guises.

FAULTS maps a kind to its function and to the codes that are right for it as a first finding.
A function makes a call in which the cause is at work; where chance has kept it from harming
this very call (no packet hit, no message lost), it says so by False, and the call is made
again with other numbers: such a call is not faulty.
"""
from kinds_path import capture_fault, clock_drift, dscp_remarked, jitter_queueing, \
    loss_congestion, loss_periodic, loss_random, loss_wifi, side_of
from world import sdp, unreachable, with_length


# --- audio that does not arrive -----------------------------------------------------------

def one_way_nat(scene):
    """A phone behind NAT announces its private address, and nobody corrects it."""
    host = scene.rng.choice([scene.caller, scene.callee])
    inside = scene.rng.choice(["192.168.%d.%d", "10.%d.0.%d", "172.16.%d.%d"]) % (
        scene.rng.randrange(255), scene.rng.randrange(2, 250))
    host.inside = host.via_host = host.contact_host = inside
    host.dialect.rport = scene.rng.random() < .5
    scene.set_up()
    # The NAT may give another port to what comes out.
    if scene.rng.random() < .4:
        announced, host.media = host.media, scene.rng.randrange(10000, 60000, 2)
    else:
        announced = host.media
    seen = scene.rng.random() < .5   # does the probe see what is sent to nowhere?
    mine, theirs = ("forward", "reverse") if host is scene.caller else ("reverse", "forward")
    end = scene.answered + scene.talks
    other = scene.callee if host is scene.caller else scene.caller
    out = getattr(scene, mine)
    out.stream(scene.capture, getattr(scene, f"path_{mine}"), host.rtp(), other.rtp(),
               scene.answered + .02, end)
    if seen:
        back = getattr(scene, theirs)
        back.stream(scene.capture, getattr(scene, f"path_{theirs}"), other.rtp(),
                    (inside, announced), scene.answered + .02, end)
    scene.ended = end
    scene.hang_up()


def one_way_closed_port(scene):
    """The receiver's port is shut, or a firewall in front of it rejects."""
    host, side = scene.rng.choice([(scene.caller, "reverse"), (scene.callee, "forward")])
    scene.set_up()
    # Where the application is gone nothing comes from there, either.
    speaks = scene.rng.random() < .7
    if not speaks:
        scene.talk(**{"forward" if side == "reverse" else "reverse": False})
    else:
        scene.talk()
    media = getattr(scene, side)
    other = scene.callee if host is scene.caller else scene.caller
    router = scene.rng.choice([host.address, "203.0.113.1"])
    code = scene.rng.choice([3, 3, 3, 13, 10])
    every = scene.rng.choice([1, 5, 50])  # hosts limit their rate of errors
    for at, _ in [a for a in media.arrived if a[0] is not None][::every]:
        scene.capture.frames.append((at + 2 * scene.near.delay, unreachable(
            router, other.rtp(), host.rtp(), bytes(40), code)))
    scene.hang_up()


def one_way_wrong_sdp(scene):
    """The SDP names what is not so: an address, a port, or a direction."""
    rng = scene.rng
    host, side = rng.choice([(scene.caller, "reverse"), (scene.callee, "forward")])
    other = scene.callee if host is scene.caller else scene.caller
    guise = rng.choice(["loopback", "other interface", "port", "direction"])
    true_port = host.media
    address, port = host.address, host.media
    if guise == "loopback":
        address = rng.choice(["127.0.0.1", "127.0.1.1", "169.254.3.7"])
    elif guise == "other interface":
        address = f"203.0.{rng.randrange(200)}.{rng.randrange(2, 250)}"
    elif guise == "port":
        port = true_port + rng.choice([2, 4, 100])
    else:
        scene.direction["answer"] = rng.choice(["recvonly", "sendonly"])
        scene.talks = rng.uniform(12, 25)
        scene.callee.dialect.ring_sdp = False
        scene.set_up(challenge=False)
        silent = "reverse" if scene.direction["answer"] == "recvonly" else "forward"
        scene.talk(**{silent: False})
        scene.hang_up()
        return
    believed = host.inside, host.media
    host.inside, host.media = address, port
    scene.set_up()
    host.inside, host.media = believed
    end = scene.answered + scene.talks
    mine = "forward" if side == "reverse" else "reverse"
    getattr(scene, mine).stream(scene.capture, getattr(scene, f"path_{mine}"), host.rtp(),
                                other.rtp(), scene.answered + .02, end)
    if guise != "loopback":
        media = getattr(scene, side)
        media.stream(scene.capture, getattr(scene, f"path_{side}"), other.rtp(),
                     (address, port), scene.answered + .02, end)
        if guise == "port" or rng.random() < .5:
            code = 3 if guise == "port" else 1
            for at, _ in [a for a in media.arrived if a[0] is not None][::20]:
                scene.capture.frames.append((at + .02, unreachable(
                    address, other.rtp(), (address, port), bytes(40), code)))
    scene.ended = end
    scene.hang_up()


def sip_alg(scene):
    """A router rewrites what it finds of private addresses in SIP, but not all of it."""
    rng, caller = scene.rng, scene.caller
    inside = f"192.168.{rng.randrange(255)}.{rng.randrange(2, 250)}"
    guise = rng.choice(["port", "half", "both sides", "no audio"])
    caller.inside = caller.via_host = inside
    caller.contact_host = caller.address if rng.random() < .7 else inside
    outside_port = caller.media
    if guise == "both sides":
        # The probe sees the message inside and outside of the router.
        dialog, true_put = scene.dialog, scene.dialog.put

        def put(at, src, dst, data, dscp):
            lan_src = (inside, src[1]) if src[0] == caller.address else src
            lan_dst = (inside, dst[1]) if dst[0] == caller.address else dst
            wan = data.replace(b"c=IN IP4 " + inside.encode(),
                               b"c=IN IP4 " + caller.address.encode())
            wan = wan.replace(f"Contact: <sip:{caller.name}@{inside}".encode(),
                              f"Contact: <sip:{caller.name}@{caller.address}".encode())
            wan = with_length(wan)
            outwards = src[0] == caller.address
            true_put(at if outwards else at + .001, lan_src, lan_dst, data, dscp)
            true_put(at + .001 if outwards else at, src, dst, wan, dscp)
        dialog.put = put
        caller.dialect.compact = False
        caller.contact_host = inside
        scene.set_up()
        scene.talk()
        scene.hang_up()
        return
    # Outside: c= is the public address, o= has stayed, and the port is one that the router
    # has not opened, or has opened for something else.
    if guise in ("port", "no audio"):
        outside_port = rng.randrange(10000, 60000, 2)
    offer = sdp(caller.address, outside_port, scene.offered, scene.event, origin=inside)
    if guise == "half" and caller.contact_host == inside:
        caller.contact_host = caller.address
    if guise == "half":
        offer = sdp(inside, caller.media, scene.offered, scene.event, origin=inside)
    scene.offer = lambda: offer
    scene.set_up()
    end = scene.answered + scene.talks
    scene.forward.stream(scene.capture, scene.path_forward, caller.rtp(), scene.callee.rtp(),
                         scene.answered + .02, end)
    where = (inside if guise == "half" else caller.address), outside_port
    if guise == "port" or (guise == "half" and rng.random() < .5):
        scene.reverse.stream(scene.capture, scene.path_reverse, scene.callee.rtp(), where,
                             scene.answered + .02, end)
        if guise == "port":
            for at, _ in [a for a in scene.reverse.arrived if a[0] is not None][::10]:
                scene.capture.frames.append((at + .01, unreachable(
                    caller.address, scene.callee.rtp(), where, bytes(40))))
    scene.ended = end
    scene.hang_up()


# --- what was agreed on -------------------------------------------------------------------

def codec_mismatch(scene):
    guise = scene.rng.choice(["refused", "refused", "sent anyway", "sent anyway"])
    if guise == "refused":
        status = scene.rng.choice(["488 Not Acceptable Here", "606 Not Acceptable",
                                   "488 Incompatible media", "415 Unsupported Media Type"])
        more = [("Warning", '304 example "Media type not available"')] \
            if scene.rng.random() < .4 else []
        now = scene.challenge(scene.begin) if scene.rng.random() < .3 else scene.begin
        scene.dialog.invite(now, scene.offer(), (), (), (status, .02), "", more)
        return
    wrong = scene.rng.choice([c for c in ("PCMA", "G729", "GSM", "G722", "PCMU")
                              if c not in scene.offered])
    side = side_of(scene)
    getattr(scene, side).codec = wrong
    scene.set_up()
    scene.talk()
    scene.hang_up()


def dtmf_mismatch(scene):
    rng = scene.rng
    guise = rng.choice(["not agreed", "other type", "info instead", "info refused"])
    side, host = rng.choice([("forward", scene.callee), ("reverse", scene.caller)])
    del host
    true_answer, true_offer, event = scene.answer, scene.offer, scene.event

    def without(make):
        def made():
            scene.event = None
            body = make()
            scene.event = event
            return body
        return made
    if guise in ("not agreed", "info refused"):
        # The receiver does not list telephone-event.
        if side == "forward":
            scene.answer = without(true_answer)
        else:
            scene.offer = without(true_offer)
    scene.set_up()
    times = scene.digits()
    if guise == "not agreed":
        scene.talk(**{side: {"digits": times, "event_type": event}})
    elif guise == "other type":
        # A type that means nothing: not even another codec of this call.
        scene.talk(**{side: {"digits": times, "event_type": rng.choice([100, 102, 106, 127])}})
    else:
        scene.talk()
        refused = guise == "info refused"
        status = rng.choice(["415 Unsupported Media Type", "501 Not Implemented",
                             "405 Method Not Allowed", "488 Not Acceptable Here"])
        for at in times:
            scene.dialog.ask("INFO", at, status if refused else "200 OK",
                             by_caller=side == "forward",
                             body="Signal=5\r\nDuration=160\r\n",
                             more=[("Content-Type", "application/dtmf-relay")])
    scene.hang_up()


# --- timers and repetitions ---------------------------------------------------------------

def ack(scene):
    guise = scene.rng.choice(["lost behind", "never sent", "late"])
    if guise == "late":
        scene.set_up(ack_after=scene.rng.uniform(2, 9))
        if scene.rng.random() < .5:
            scene.talk()
        else:
            scene.ended = scene.answered + scene.rng.uniform(12, 30)
        scene.hang_up()
        return
    scene.set_up(ack_reaches=False, never_acked=guise == "never sent")
    scene.ended = scene.answered + 32
    if scene.rng.random() < .3:
        scene.talk(end=scene.ended)
    if scene.rng.random() < .8:
        scene.hang_up(by_caller=False)
    else:
        scene.hang_up(at=scene.answered + scene.rng.uniform(10, 25), by_caller=True)


def signalling_loss(scene):
    """One part of the way loses many packets; media goes another way, or is not looked at."""
    side = scene.rng.choice(["near", "far"])
    getattr(scene, side).loss = scene.rng.uniform(.35, .6)
    before = len(scene.capture.frames)
    scene.set_up()
    if not scene.dialog.established:
        return None if repeats(scene, before) >= 4 else False
    scene.ended = scene.answered + scene.rng.uniform(5, 60)
    scene.dialog.ask("UPDATE", scene.answered + 3)
    scene.hang_up()
    return None if repeats(scene, before) >= 4 else False


def repeats(scene, before):
    """SIP messages that passed the probe more than once."""
    payloads = [data[42:] for _, data in scene.capture.frames[before:]]
    return len(payloads) - len(set(payloads))


def signalling_delay(scene):
    """A slow server, or a path with a long delay (a satellite, a full queue)."""
    guise = scene.rng.choice(["path", "server"])
    if guise == "path":
        side = scene.rng.choice(["near", "far"])
        getattr(scene, side).delay = scene.rng.uniform(.9, 2.)
        if side == "near":
            scene.far.delay = scene.rng.uniform(.9, 2.)
    scene.callee.dialect.trying = guise == "path"
    thinks = scene.rng.uniform(1.8, 5) if guise == "server" else .02
    before = len(scene.capture.frames)
    scene.set_up(thinks=thinks, challenge=False)
    scene.ended = scene.answered + scene.rng.uniform(10, 60)
    scene.dialog.ask("UPDATE", scene.answered + 5, thinks=thinks)
    scene.hang_up(thinks=thinks)
    return None if repeats(scene, before) >= 3 else False


def session_timer(scene):
    rng = scene.rng
    guise = rng.choice(["no refresh", "refresh refused", "refresh lost", "fixed length"])
    by_caller = rng.random() < .5
    if guise == "fixed length":
        # A box on the way is set to 15 or 30 minutes and knows no refresh.
        scene.set_up()
        scene.ended = scene.answered + rng.choice([900, 1800]) + rng.uniform(-.05, .3)
        scene.hang_up(at=scene.ended, by_caller=by_caller)
        return
    session = rng.choice([90, 120, 180, 600, 900, 1800])
    header = [("Session-Expires", f"{session};refresher={'uac' if by_caller else 'uas'}")]
    scene.set_up(more=header, answer_more=header)
    refreshes = scene.answered + session / 2
    expires = scene.answered + session
    reason = [("Reason", 'SIP;cause=408;text="session timer expired"')] \
        if rng.random() < .3 else []
    ends = expires - min(32, session / 3) if rng.random() < .7 else expires
    if guise == "refresh refused":
        status = rng.choice(["481 Call/Transaction Does Not Exist", "500 Server Internal Error",
                             "408 Request Timeout", "403 Forbidden"])
        scene.dialog.ask("INVITE" if rng.random() < .7 else "UPDATE", refreshes, status,
                         by_caller, body=scene.offer(), more=header)
        # Some hang up at once, some when the session has expired.
        ends = rng.choice([refreshes + .2, ends])
    elif guise == "refresh lost":
        scene.dialog.ask("UPDATE", refreshes, by_caller=by_caller, silent=True, more=header)
        ends = max(ends, refreshes + 33)
    if session <= 120 and rng.random() < .5 and ends - scene.answered < 90:
        scene.talk(end=ends)
    scene.hang_up(at=ends, by_caller=rng.random() < .5, more=reason)


def ringback_missing(scene):
    rng = scene.rng
    scene.answer_after = rng.uniform(5, 25)
    scene.callee.dialect.trying = rng.random() < .9
    guise = rng.choice(["nothing", "nothing", "183 without media", "183 without SDP"])
    rings = {"nothing": [],
             "183 without media": [("183 Session Progress", .5, scene.answer())],
             "183 without SDP": [("183 Session Progress", .5, "")]}[guise]
    if guise == "nothing":
        scene.callee.dialect.trying = True
    scene.set_up(rings=rings)
    scene.talk()
    scene.hang_up()


def trunk_capacity(scene):
    rng = scene.rng
    guise = rng.choice(["cause", "cause", "cause", "503", "words"])
    cause = rng.choice([34, 38, 42, 44, 47])
    text = {34: "No circuit/channel available", 38: "Network out of order",
            42: "Switching equipment congestion", 44: "Requested channel not available",
            47: "Resource unavailable"}[cause]
    more, status = [], "503 Service Unavailable"
    if guise == "cause":
        status = rng.choice([status, status, "500 Server Internal Error",
                             "480 Temporarily Unavailable", "486 Busy Here"])
        more = [("Reason", f'Q.850;cause={cause};text="{text}"')]
    elif guise == "words":
        status = rng.choice(["503 Maximum Calls In Progress", "503 Trunk capacity exceeded",
                             "503 No channel available", "503 Network congestion"])
    if rng.random() < .3:
        more.append(("Retry-After", "30"))
    now = scene.challenge(scene.begin) if rng.random() < .3 else scene.begin
    scene.dialog.invite(now, scene.offer(), (), (), (status, rng.uniform(.01, .6)), "", more)


def auth_loop(scene):
    """Wrong credentials, or a server that forgets its nonces."""
    status = scene.rng.choice(["407 Proxy Authentication Required", "401 Unauthorized"])
    now = scene.challenge(scene.begin, status, ())
    for _ in range(scene.rng.randrange(2, 8)):
        now = scene.challenge(now, status, scene.credentials(int(status[:3]))) + .02
    if scene.rng.random() < .4:
        scene.dialog.invite(now, scene.offer(), scene.credentials(int(status[:3])), (),
                            ("403 Forbidden", .01))


FAULTS = {
    "one_way_nat": (one_way_nat, {"one_way_nat"}),
    "one_way_closed_port": (one_way_closed_port, {"one_way_closed_port"}),
    "one_way_wrong_sdp": (one_way_wrong_sdp, {"one_way_wrong_sdp"}),
    "sip_alg": (sip_alg, {"sip_alg"}),
    "codec_mismatch": (codec_mismatch, {"codec_mismatch"}),
    "dtmf_mismatch": (dtmf_mismatch, {"dtmf_mismatch"}),
    "ack": (ack, {"ack_lost", "ack_late"}),
    "signalling_loss": (signalling_loss, {"sip_loss"}),
    "signalling_delay": (signalling_delay, {"sip_delay"}),
    "session_timer": (session_timer, {"session_timer"}),
    "ringback_missing": (ringback_missing, {"ringback_missing"}),
    "trunk_capacity": (trunk_capacity, {"trunk_capacity"}),
    "auth_loop": (auth_loop, {"auth_loop"}),
    "loss_congestion": (loss_congestion, {"loss_congestion"}),
    "loss_wifi": (loss_wifi, {"loss_wifi"}),
    "loss_periodic": (loss_periodic, {"loss_periodic"}),
    "loss_random": (loss_random, {"loss_random"}),
    "jitter_queueing": (jitter_queueing, {"jitter_queueing"}),
    "dscp_remarked": (dscp_remarked, {"dscp_remarked"}),
    "clock_drift": (clock_drift, {"clock_drift"}),
    "capture_fault": (capture_fault, {"capture_fault"}),
}
