"""Calls with which nothing is wrong, though they differ: each function makes one."""
from paths import Path
from world import CODECS, Dialog, Host, Media, sdp


def plain(scene):
    scene.set_up()
    scene.talk()
    scene.hang_up()


def short(scene):
    scene.talks = scene.rng.uniform(.5, 4)
    plain(scene)


def long(scene):
    scene.talks = scene.rng.uniform(30, 70)
    plain(scene)


def signalling_only(scene):
    """The media goes another way; so calls of any length are cheap."""
    scene.talks = min(7000, scene.rng.expovariate(1 / 180) + 1)
    scene.set_up()
    scene.ended = scene.answered + scene.talks
    scene.hang_up()


def busy(scene):
    status = scene.rng.choice(["486 Busy Here", "486 Busy Here", "600 Busy Everywhere",
                               "603 Decline", "404 Not Found", "480 Temporarily Unavailable",
                               "484 Address Incomplete"])
    more = [("Reason", "Q.850;cause=17;text=\"User busy\"")] \
        if status[0:3] == "486" and scene.rng.random() < .5 else []
    now = scene.challenge(scene.begin) if scene.rng.random() < .3 else scene.begin
    scene.dialog.invite(now, scene.offer(), (), scene.ringing() if scene.rng.random() < .3 else (),
                        (status, scene.rings_after + .5), "", more)


def cancelled(scene):
    """The caller gives up while it rings."""
    dialog, rings = scene.dialog, scene.rng.uniform(1.5, 25)
    heard, _ = dialog.invite(scene.begin, scene.offer(), (), scene.ringing(),
                             ("487 Request Terminated", scene.rings_after + rings + .01))
    del heard
    branch = dialog.branch()
    there = dialog.request("CANCEL", scene.begin + scene.rings_after + rings - .02,
                           cseq=dialog.cseq, branch=branch)
    if there is not None:
        dialog.response("200 OK", "CANCEL", there + .003, cseq=dialog.cseq, branch=branch)


def no_answer(scene):
    status = scene.rng.choice(["408 Request Timeout", "480 No Answer"])
    scene.dialog.invite(scene.begin, scene.offer(), (), scene.ringing(),
                        (status, scene.rng.uniform(15, 60)))


def early_media(scene):
    """An announcement or a tone of the network before the answer."""
    rings = [("183 Session Progress", scene.rings_after, scene.answer())]
    scene.set_up(rings=rings, challenge=False)
    scene.reverse.stream(scene.capture, scene.path_reverse, scene.callee.rtp(),
                         scene.caller.rtp(), scene.begin + scene.rings_after + .1,
                         scene.answered)
    scene.talk()
    scene.hang_up()


def answers_at_once(scene):
    """A voice mail or a menu: no 180, no early media, and none needed."""
    scene.answer_after = scene.rng.uniform(.02, 2)
    scene.set_up(rings=[])
    scene.talk()
    scene.hang_up()


def dtx(scene):
    scene.talks = scene.rng.uniform(12, 25)
    scene.set_up()
    begin, quiet = scene.answered, []
    at = begin + 2
    while at < begin + scene.talks - 2:
        length = scene.rng.uniform(.5, 2)
        quiet.append((at, at + length))
        at += length + scene.rng.uniform(1, 4)
    scene.talk(forward={"silence": quiet[::2]}, reverse={"silence": quiet[1::2]})
    scene.hang_up()


def hold(scene):
    """Held for a while by one side, then resumed."""
    scene.set_up()
    middle = scene.answered + scene.talks / 2
    scene.talk(end=middle)
    by_caller = scene.rng.random() < .5
    host, peer = (scene.caller, scene.callee) if by_caller else (scene.callee, scene.caller)
    word = scene.rng.choice(["sendonly", "inactive"])
    there = "recvonly" if word == "sendonly" else "inactive"
    scene.dialog.ask("INVITE", middle, by_caller=by_caller,
                     body=sdp(host.inside, host.media, scene.accepted, scene.event, word),
                     answer_body=sdp(peer.inside, peer.media, scene.accepted, scene.event, there))
    resumed = middle + scene.rng.uniform(2, 10)
    scene.dialog.ask("INVITE", resumed, by_caller=by_caller,
                     body=sdp(host.inside, host.media, scene.accepted, scene.event),
                     answer_body=sdp(peer.inside, peer.media, scene.accepted, scene.event))
    for media in (scene.forward, scene.reverse):
        media.ts += int((resumed + .1 - middle) * CODECS[scene.codec][1])
    scene.talk(begin=resumed + .1)
    scene.hang_up()


def refreshed(scene):
    """A session timer that does what it should."""
    session = scene.rng.choice([90, 180, 600, 1800])
    header = [("Session-Expires", f"{session};refresher=uac")]
    scene.set_up(more=header, answer_more=header)
    lasts = scene.rng.choice([session * scene.rng.uniform(.1, .45),
                              session * scene.rng.uniform(1.05, 3)])
    method = scene.rng.choice(["INVITE", "UPDATE"])
    at = scene.answered + session / 2
    while at < scene.answered + lasts:
        body = scene.offer() if method == "INVITE" else ""
        scene.dialog.ask(method, at, more=header, answer_more=header, body=body,
                         answer_body=scene.answer() if body else "")
        at += session / 2
    scene.ended = scene.answered + lasts
    scene.hang_up()


def digits(scene):
    scene.set_up()
    scene.talk(forward={"digits": scene.digits(), "event_type": scene.event})
    scene.hang_up()


def info_digits(scene):
    """By INFO, where nobody has offered anything else."""
    scene.event = None
    scene.set_up()
    scene.talk()
    for at in scene.digits():
        scene.dialog.ask("INFO", at, body="Signal=5\r\nDuration=160\r\n",
                         more=[("Content-Type", "application/dtmf-relay")])
    scene.hang_up()


def fork(scene):
    """Two phones ring, one answers; the caller sees both To tags."""
    dialog, tags = scene.dialog, scene.dialog.tags
    other = (tags[0], f"fk{scene.rng.getrandbits(32):x}")
    scene.set_up(challenge=False)
    dialog.tags = other
    dialog.response("180 Ringing", "INVITE", scene.begin + scene.rings_after + .15)
    dialog.tags = tags
    scene.talk()
    scene.hang_up()


def proxied(scene):
    """Two hops of one Call-ID past the probe; the media goes straight."""
    proxy = Host(scene.rng, f"203.0.{scene.number >> 8 & 255}.{1 + scene.number % 250}")
    rng, first = scene.rng, scene.dialog
    hop = Dialog(rng, scene.capture, scene.caller, scene.callee, scene.call_id, scene.near,
                 scene.far)
    hop.tags, hop.cseq = first.tags, first.cseq
    true_put = first.put

    def put(at, src, dst, data, dscp):
        """What one hop carries the next one carries a moment later."""
        up = src == scene.caller.sip
        via = (f"Via: SIP/2.0/UDP {proxy.address}:5060;branch=z9hG4bKp"
               f"{abs(hash(data[:200])) % 10**9}\r\n").encode()
        line, rest = data.split(b"\r\n", 1)
        longer = line + b"\r\n" + via + rest
        if up:
            true_put(at, src, proxy.sip, data, dscp)
            hop.put(at + .002, proxy.sip, dst, longer if data[:7] != b"SIP/2.0" else data, dscp)
        else:
            hop.put(at, src, proxy.sip, longer if data[:7] == b"SIP/2.0" else data, dscp)
            true_put(at + .002, proxy.sip, dst, data, dscp)
    first.put = put
    plain(scene)


def behind_nat(scene):
    """The phone knows its private address only; the server follows its RTP."""
    inside = f"192.168.{scene.rng.randrange(255)}.{scene.rng.randrange(2, 250)}"
    scene.caller.inside = scene.caller.via_host = inside
    # After its registration many a phone has learnt its outer address.
    scene.caller.contact_host = scene.rng.choice([inside, scene.caller.address])
    scene.caller.dialect.rport = True
    plain(scene)


def codec_change(scene):
    """Two codecs agreed on; the sender goes from one to the other."""
    scene.offered = scene.accepted = ["PCMU", "PCMA"]
    scene.forward.codec = scene.reverse.codec = "PCMU"
    scene.set_up()
    middle = scene.answered + scene.talks / 2
    scene.talk(end=middle)
    scene.forward.codec = "PCMA"
    scene.talk(begin=middle)
    scene.hang_up()


def music_on_hold(scene):
    """Another source takes over in mid-call, from the same port."""
    scene.set_up()
    middle = scene.answered + scene.talks / 2
    scene.talk(end=middle)
    scene.reverse = Media(scene.rng, scene.codec, scene.reverse.dscp, 0, scene.ptime)
    scene.talk(begin=middle)
    scene.hang_up()


def one_message_lost(scene):
    """One repetition, as happens to anybody; the path itself is good."""
    lost = {"left": 1}
    send = scene.far.send

    def lossy(now):
        if lost["left"]:
            lost["left"] -= 1
            return None
        return send(now)
    scene.far.send = lossy
    scene.path_reverse = Path(scene.rng, scene.far.delay, scene.far.jitter, scene.far.loss)
    plain(scene)


KINDS = {f.__name__: (f, weight) for f, weight in (
    (plain, 20), (short, 12), (long, 3), (signalling_only, 14), (busy, 9), (cancelled, 6),
    (no_answer, 5), (early_media, 5), (answers_at_once, 5), (dtx, 3), (hold, 4),
    (refreshed, 6), (digits, 5), (info_digits, 3), (fork, 4), (proxied, 6), (behind_nat, 6),
    (codec_change, 2), (music_on_hold, 3), (one_message_lost, 4))}
