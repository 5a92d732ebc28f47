"""What goes over the wire: answers as they come back, and requests that are no HTTP at all."""
import gzip
import json
import re


class Broken(AssertionError):
    """What came back is no answer."""


class Reply:
    def __init__(self, version, status, fields, body):
        self.version, self.status, self.fields, self.body = version, status, fields, body
        if fields.get("content-encoding") == "gzip" and body:
            self.body = gzip.decompress(body)

    def json(self):
        return json.loads(self.body, parse_constant=lambda name: (_ for _ in ()).throw(ValueError(name)))


def chunks(rest):
    """A chunked body and what is behind it."""
    body = b""
    while True:
        size, _, rest = rest.partition(b"\r\n")
        length = int(size, 16)
        body, rest = body + rest[:length], rest[length + 2:]
        if not length:
            return body, rest


def replies(raw, methods):
    """All answers within what came back, to requests of these methods."""
    out = []
    while raw:
        head, found, rest = raw.partition(b"\r\n\r\n")
        lines = head.split(b"\r\n")
        match = re.fullmatch(rb"HTTP/1\.([01]) (\d{3}) [ -~]*", lines[0])
        if not found or not match:
            raise Broken(raw[:300])
        fields = {}
        for line in lines[1:]:
            name, colon, value = line.decode("latin-1").partition(":")
            if not colon or not re.fullmatch(r"[A-Za-z0-9-]+", name):
                raise Broken(head)
            if name.lower() in fields:
                raise Broken(head)
            fields[name.lower()] = value.strip()
        status = int(match[2])
        if status == 100:
            raw = rest
            continue
        method = methods[len(out)] if len(out) < len(methods) else "GET"
        if method == "HEAD" or status in (204, 304):
            body, raw = b"", rest
        elif "chunked" in fields.get("transfer-encoding", ""):
            body, raw = chunks(rest)
        elif status >= 400 and "content-type" not in fields:
            body, raw = rest, b""  # libmicrohttpd's own, the head twice for some; then it closes
        else:
            length = int(fields.get("content-length", len(rest)))
            if len(rest) < length:
                raise Broken((lines[0], length, len(rest)))
            body, raw = rest[:length], rest[length:]
        out.append(Reply(match[1], status, fields, body))
    return out


HEALTH = b"GET /api/v1/health HTTP/1.1\r\n"
HOST = b"Host: localhost\r\n"
CLOSE = b"Connection: close\r\n\r\n"


def junk(dice, count):
    return bytes(dice.randrange(256) for _ in range(count))


def header_flood(dice):
    kind = dice.randrange(6)
    if kind == 0:
        more = b"".join(b"X-%d: y\r\n" % i for i in range(dice.choice([100, 1000, 6000])))
    elif kind == 1:
        more = b"X: " + b"a" * dice.choice([8000, 16000, 40000, 300000]) + b"\r\n"
    elif kind == 2:
        more = b"a" * dice.choice([300, 20000, 90000]) + b": x\r\n"
    elif kind == 3:
        more = b"X: y\r\n" + b" folded\r\n\tmore\r\n" * dice.choice([1, 100, 3000])
    elif kind == 4:
        more = b"\r\n".join([b": novalue", b"noname", b" : x", b"X Y: z", b"\0: x",
                             b"X\xff: \x80"]) + b"\r\n"
    else:
        more = b"Cookie: " + b"earshot_session=a; " * dice.choice([10, 800]) + b"\r\n"
    return HEALTH + HOST + more + CLOSE


def bodies(dice):
    head = b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Type: application/json\r\n"
    length = dice.choice([b"-1", b"+5", b"0x5", b"5, 5", b"", b" ", b"99999999999999999999999", b"1e3",
                          b"5\r\nContent-Length: 6",
                          b"5\r\nContent-Length: 5", b"65536", b"65537", b"\xd9\xa3", b"4294967296",
                          b"18446744073709551616"])
    chunked = dice.choice([b"5\r\nhello\r\n0\r\n\r\n", b"zz\r\n", b"-5\r\n", b"ffffffffffffffff\r\nx",
                           b"5;" + b"x" * 9000 + b"\r\nhello\r\n0\r\n\r\n",
                           b"5\nhello\n0\n\n", b"0\r\nX: y\r\n\r\n", b"1\r\nab\r\n", b"\r\n\r\n",
                           b"0" * 90000])
    code = dice.choice([b"chunked", b"Chunked", b"gzip, chunked", b"identity", b"chunked, chunked",
                        b"xchunked", b" chunked",
                        b"\tchunked", b"chunked\r\nTransfer-Encoding: identity"])
    if dice.random() < 0.4:
        return head + b"Content-Length: " + length + b"\r\n" + CLOSE + b'{"user":"a","password":"b"}'
    both = b"Content-Length: 5\r\n" if dice.random() < 0.5 else b""
    return head + both + b"Transfer-Encoding: " + code + b"\r\n" + CLOSE + chunked


def first_lines(dice):
    return dice.choice([
        b"GET /api/v1/health\r\n", b"GET /api/v1/health HTTP/0.9\r\n" + HOST,
        b"GET /api/v1/health HTTP/1.2\r\n" + HOST,
        b"GET /api/v1/health HTTP/2.0\r\n" + HOST, b"GET /api/v1/health HTTP/11.1\r\n" + HOST,
        b"GET /api/v1/health http/1.1\r\n" + HOST,
        b"GET  /api/v1/health HTTP/1.1\r\n" + HOST, b"GET\t/api/v1/health\tHTTP/1.1\r\n" + HOST,
        b" GET /api/v1/health HTTP/1.1\r\n" + HOST,
        b"GET /api/v1/health HTTP/1.1 x\r\n" + HOST, b"GET /api/v1/health \r\n" + HOST,
        b"\r\n\r\n\r\nGET /api/v1/health HTTP/1.1\r\n" + HOST,
        b"GET http://localhost/api/v1/health HTTP/1.1\r\n" + HOST,
        b"GET https://a:b@evil.example/ HTTP/1.1\r\n" + HOST,
        b"GET //api/v1/health HTTP/1.1\r\n" + HOST, b"GET api/v1/health HTTP/1.1\r\n" + HOST,
        b"GET * HTTP/1.1\r\n" + HOST,
        b"OPTIONS * HTTP/1.1\r\n" + HOST, b"CONNECT evil.example:443 HTTP/1.1\r\n" + HOST,
        b"CONNECT / HTTP/1.1\r\n" + HOST,
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" + b"\0\0\0\4\0\0\0\0\0",
        b"\x16\x03\x01\x02\0\x01\0\x01\xfc\x03\x03" + b"a" * 500,
        b"GET /api/v1/health#x HTTP/1.1\r\n" + HOST, b"GET /api/v1/health? HTTP/1.1\r\n" + HOST,
        b"GET ? HTTP/1.1\r\n" + HOST,
        b"GET /%2e%2e/%2e%2e/etc/passwd HTTP/1.1\r\n" + HOST, b"GET /../../etc/passwd HTTP/1.1\r\n" + HOST,
        b"GET /" + b"a" * dice.choice([4000, 4095, 4096, 20000, 70000]) + b" HTTP/1.1\r\n" + HOST,
        b"G" * 70000 + b" / HTTP/1.1\r\n" + HOST, b"GET / HTTP/1.1\nHost: localhost\n",
        b"GET / HTTP/1.1\rHost: localhost\r",
        b"GET /api/v1/health HTTP/1.1\r\nHost:localhost\r\n", b"GET /api/v1/health HTTP/1.1\r\nHost: \r\n",
        b"GET /api/v1/health HTTP/1.1\r\nHost: a b\r\n",
        b"GET /api/v1/health HTTP/1.1\r\nHost: \x80\xff\r\n",
        b"GET /api/v1/health HTTP/1.0\r\n", b"\0\0\0\0", b"\xff\xfb\x01\xff\xfd\x03", b"HELO x\r\n",
        b"SSH-2.0-x\r\n",
        b"INVITE sip:a@localhost SIP/2.0\r\n" + HOST, b"GET /api/v1/h\0ealth HTTP/1.1\r\n" + HOST,
        b"GET /api/v1/health?a=\0 HTTP/1.1\r\n" + HOST, b"GET /api/v1/health\xc3\xa9 HTTP/1.1\r\n" + HOST,
        b"GET /api/v1/health HTTP/1.1\0\r\n" + HOST, b"DELETE /api/v1/calls HTTP/1.1\r\n" + HOST]) + CLOSE


def more_fields(dice):
    field = dice.choice([
        b"Expect: 100-continue", b"Expect: 200-ok", b"Expect: ", b"Range: bytes=0-0",
        b"Range: bytes=-1,0-,5-4", b"If-Range: x",
        b"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: x",
        b"Upgrade: h2c\r\nHTTP2-Settings: AAMAAABk",
        b"Connection: keep-alive, close, Upgrade", b"Connection: Host", b"TE: trailers", b"Trailer: X",
        b"Max-Forwards: -1",
        b"Authorization: Bearer " + b"x" * 9000, b"Authorization: Bearer", b"Authorization: Basic Og==",
        b"Authorization: \xff",
        b"Authorization: Bearer \x00", b"Cookie: earshot_session=" + b"A" * 4000, b"Cookie: =;=;\"",
        b"Proxy-Connection: x",
        b"If-None-Match: " + b'"x", ' * 2000, b"Accept: " + b"*/*;q=0.0001," * 900,
        b"Accept-Encoding: " + b"gzip;q=0," * 900,
        b"Last-Event-ID: 99999999999999999999999", b"Content-Length: 0", b"Host: evil.example",
        b"Origin: \x00"])
    path = dice.choice([b"/api/v1/health", b"/api/v1/calls?limit=2", b"/metrics", b"/api/v1/session",
                        b"/", b"/api/v1/live"])
    method = dice.choice([b"GET ", b"HEAD ", b"OPTIONS ", b"POST ", b"DELETE "])
    return method + path + b" HTTP/1.1\r\n" + HOST + field + b"\r\n" + CLOSE


PIPELINED = [("GET", HEALTH + HOST + b"\r\n"),
             ("HEAD", b"HEAD /api/v1/health HTTP/1.1\r\n" + HOST + b"\r\n"),
             ("GET", b"GET /nothing HTTP/1.1\r\n" + HOST + b"\r\n"),
             ("POST", b"POST /api/v1/session HTTP/1.1\r\n" + HOST + b"Content-Length: 7\r\n\r\nGET / H"),
             ("PUT", b"PUT /api/v1/rules HTTP/1.1\r\n" + HOST + b"Content-Length: 28\r\n\r\nHEAD / HTTP/1.1\r\nHost: x\r\n\r\n")]


def pipelined(dice):
    """Several, the last of which may be broken; (methods, octets)."""
    drawn = dice.choices(PIPELINED, k=dice.randrange(2, 30))
    last = dice.choice([HEALTH + HOST + CLOSE, first_lines(dice), junk(dice, 50), b"GET /"])
    return [method for method, _ in drawn] + ["GET"], b"".join(octets for _, octets in drawn) + last


def cut_short(dice, octets):
    """Not all of it, or something else within it."""
    octets = bytearray(octets)
    for _ in range(dice.randrange(1, 6)):
        at = dice.randrange(len(octets) + 1)
        octets[at:at + dice.randrange(4)] = junk(dice, dice.randrange(4))
    return bytes(octets[:dice.randrange(len(octets) + 1)] if dice.random() < 0.5 else octets) or b"\n"


RAW = [header_flood, bodies, first_lines, first_lines, more_fields, more_fields,
       lambda dice: junk(dice, dice.randrange(1, 3000))]


def draw(dice):
    """(methods, octets); no methods: nobody knows how many requests that is."""
    kind = dice.randrange(10)
    if kind == 0:
        return pipelined(dice)
    octets = dice.choice(RAW)(dice)
    if kind <= 2:
        return None, cut_short(dice, octets)
    return [octets.split(b" ")[0].decode("latin-1")], octets
