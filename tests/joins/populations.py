"""Of which conversations a mix is made; the names are those of what could tell."""
import random

from mix import MS, OCTETS, SECOND, START, Sound


def uuid():
    return f"{random.getrandbits(128):032x}"


def bridges(mix, n):
    for _ in range(n):
        mix.bridge("everything rewritten but the payload", "payload")
        mix.bridge("relay with an address on each side", "payload", out=mix.host())
        mix.bridge("SRTP to RTP", "rtp", media="srtp")
        mix.bridge("relay that keeps the RTP header", "rtp", media="kept")
        mine, theirs, none = uuid(), uuid(), "0" * 32
        mix.bridge("Session-ID, transcoded", "session_id", media="transcoded",
                   headers=(f"Session-ID: {mine};remote={none}\r\n",) * 2,
                   answers=(f"Session-ID: {theirs};remote={mine}\r\n",) * 2)
        mine, theirs = uuid(), uuid()
        mix.bridge("Session-ID of the answer only", "session_id", media="transcoded",
                   headers=(f"Session-ID: {mine};remote={none}\r\n",
                            f"Session-ID: {uuid().upper()};remote={none}\r\n"),
                   answers=(f"Session-ID: {theirs}; remote={mine}\r\n",
                            f"Session-ID: {theirs.upper()};remote={none}\r\n"))
        names = mix.name(), mix.name()
        mix.bridge("X-CID names the other leg", "header", names=names, media="transcoded",
                   headers=("", f"X-CID: {names[0]}\r\n"))
        value = f"{random.getrandbits(64):x}.{random.getrandbits(32)}"
        mix.bridge("icid-value in both legs, busy", "header", answered=False,
                   headers=(f'P-Charging-Vector: icid-value="{value}";orig-ioi=a.example\r\n',
                            f"P-Charging-Vector: icid-value={value};term-ioi=b.example\r\n"))
        name = mix.name()
        mix.bridge("Call-ID with _b2b-1 behind it", "header", names=(name, name + "_b2b-1"),
                   media="transcoded")
        name = mix.name()
        user, host = name.split("@")
        mix.bridge("Call-ID with -0 behind its user part, busy", "header", answered=False,
                   names=(name, f"{user}-0@{host}"))
        name = mix.name()
        mix.bridge("Call-ID with a prefix, busy", "header", answered=False,
                   names=(name, "B2B-" + name))
        mix.proxied("proxy")


def subscriber():
    return "89" + "".join(random.choice("0123456789") for _ in range(7))


def guesses(mix, n):
    """What only the two numbers and the time can tell, however the numbers are written."""
    server, hotline = mix.host(), subscriber()
    for _ in range(n):
        a, b = subscriber(), subscriber()
        mix.bridge("numbers, transcoded", "numbers", media="transcoded",
                   numbers=[("0049" + a, "0" + b), ("+49" + a, "+49" + b)])
        mix.bridge("numbers, busy", "numbers", answered=False,
                   numbers=[("0" + a, "0049" + b), ("49" + a, "+49" + b)])
        mix.bridge("extension and its number, transcoded", "numbers", media="transcoded",
                   numbers=[(a[-3:], "0" + b), ("+49" + a, "+49" + b)])
        mix.bridge("number in P-Asserted-Identity, transcoded", "numbers",
                   media="transcoded", numbers=[("+49" + a, "+49" + b),
                                                ("anonymous", "0049" + b)],
                   headers=("", f"P-Asserted-Identity: <sip:+49{a}@a.example>\r\n"))
        mix.bridge("a hotline, transcoded", "numbers", media="transcoded", relay=server,
                   numbers=[("0" + a, "0" + hotline), ("+49" + a, "+49" + hotline)])


def families(mix, n):
    """Forks, transfers, forwards and pick-ups, and what only looks like them."""
    server = mix.host()
    for _ in range(n):
        mix.fork(["cancelled", "cancelled"])
        mix.fork(["answered_elsewhere", "answered", "refused"])
        mix.fork(["refused", "answered"])
        mix.blind()
        mix.blind(server)
        mix.attended()
        mix.pickup()
        a, b, c = subscriber(), subscriber(), subscriber()
        mix.bridge("forwarded, transcoded", "numbers", media="transcoded", forwarded=True,
                   numbers=[("+49" + a, "+49" + b), ("+49" + a, "0049" + c)],
                   headers=("", f"Diversion: <sip:+49{b}@pbx.example>;reason=no-answer\r\n"))
        user, at, host = f"u{random.getrandbits(32):x}", mix.begin(), mix.host()
        first = mix.talk(at, mix.host(), mix.host(), ("alice", "bob"))
        mix.refer(first, at + SECOND, f"sip:{user}@{host}")
        first.bye(at + 9 * SECOND)
        other = mix.talk(at + 1100 * MS, mix.host(), host, ("dave", user))  # by himself
        other.bye(at + 7 * SECOND)


def alike(mix, n):
    """The same numbers at the same time, and yet nobody can tell."""
    for _ in range(n):
        a, b = subscriber(), subscriber()
        numbers = [("0" + a, "0" + b), ("+49" + a, "+49" + b)]
        server, at = mix.host(), mix.begin()
        for i in range(2):
            mix.bridge("twice at once, transcoded", None, relay=server, numbers=numbers,
                       media="transcoded", at=at + i * 200 * MS, seconds=12)
        for i in range(2):
            mix.direct("same numbers, other hosts", numbers=numbers[i], at=at, seconds=12)
        callers = subscriber(), subscriber()
        middle, callee = mix.host(), subscriber()
        mix.direct("same callee, to a host", hosts=(mix.host(), middle), at=at, seconds=12,
                   numbers=("+49" + callers[0], "+49" + callee))
        mix.direct("same callee, from that host", hosts=(middle, mix.host()), seconds=12,
                   at=at + 20 * MS, numbers=("+49" + callers[1], "+49" + callee))
        middle = mix.host()
        mix.direct("a short call to a host", hosts=(mix.host(), middle), at=at, seconds=10,
                   numbers=numbers[0])
        mix.direct("a long one from it, same numbers", hosts=(middle, mix.host()), seconds=19,
                   at=at + 20 * MS, numbers=numbers[1])


def unlike(mix, n):
    """Two calls between the same numbers at the same time, of each of which one leg is seen;
    and what is said on the one is not what is said on the other."""
    for _ in range(n):
        a, b = subscriber(), subscriber()
        middle, at = mix.host(), mix.begin()
        mix.direct("same numbers, to a host", hosts=(mix.host(), middle), at=at, seconds=12,
                   numbers=("0" + a, "0" + b))
        mix.direct("same numbers, from that host, other media", hosts=(middle, mix.host()),
                   at=at + 20 * MS, seconds=12, numbers=("+49" + a, "+49" + b))


def traps(mix, n):
    """What looks the same and is not."""
    for _ in range(n):
        mix.direct("call")
    server, other = mix.host(), mix.host()
    for i in range(n):
        mix.direct("same constant in X-CID", hosts=(server, mix.host()),
                   headers="X-CID: 00000001-default\r\nSession-ID: " + "0" * 32 + "\r\n")
        mix.direct("Call-IDs that count", hosts=(mix.host(), other),
                   name=f"7f3a9c51-{i}@{other}")
    quiet = [Sound(0, 1), Sound(0, 2)]
    for sound in quiet:
        sound.payloads = [b"\xd5" * OCTETS] * 1000
    for _ in range(n):
        mix.direct("silence", sounds=quiet, seconds=15)
        mix.bridge("silence behind a B2BUA", None, sounds=quiet, seconds=15, relay=server)
    tone = Sound(0, 3)
    wave = bytes((128 + int(100 * (1 if i * 425 * 2 // 8000 % 2 else -1)) + i * 7 % 3) & 255
                 for i in range(320))
    tone.payloads = [wave[:OCTETS], wave[OCTETS:]] * 500
    music = Sound(1500, 4)
    for _ in range(n):
        mix.direct("a tone", hosts=(server, mix.host()), sounds=[tone, tone], seconds=12)
        mix.direct("hold music", hosts=(mix.host(), server),
                   sounds=[Sound(1000, random.getrandbits(64)), music], seconds=20)


def same_file(mix, calls, over_s, at_once=False, **how):
    """So many calls, all of which play one file, in both directions."""
    file = Sound(1500, 5)
    for i in range(calls):
        at = START + 100 * SECOND + (0 if at_once else int(random.random() * over_s * SECOND))
        mix.direct("same file", sounds=[file, file], seconds=15, at=at,
                   back_after=random.randrange(3000) * MS, **how)
