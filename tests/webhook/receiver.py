"""A receiver of JSON by HTTP that checks what it gets, and answers what it is told to."""
import contextlib
import hashlib
import hmac
import http.server
import json
import ssl
import threading

SECRET = b"a secret that is \"shared\""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with self.server.lock:
            self.server.posts.append(Post(self.path, self.headers, body))
            answers = self.server.answers
            status, headers, text = answers.pop(0) if answers else (200, {}, "")
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_):
        pass


class Post:
    def __init__(self, path, headers, body):
        self.path, self.headers, self.body = path, headers, body

    def delivery(self):
        return self.headers["X-Earshot-Delivery"]

    def json(self):
        return json.loads(self.body)

    def is_signed(self, secret=SECRET):
        stamp = self.headers["X-Earshot-Timestamp"]
        good = hmac.new(secret, stamp.encode() + b"." + self.body, hashlib.sha256).hexdigest()
        return hmac.compare_digest("sha256=" + good, self.headers["X-Earshot-Signature"])


class Receiver:
    """Can be killed, with all connections, and started again at the same port."""

    def __init__(self, tls=None):
        self.posts, self.answers, self.lock = [], [], threading.Lock()
        self.tls, self.server, self.thread, self.port = tls, None, None, 0

    def start(self):
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self.server.daemon_threads, self.server.block_on_close = True, False
        self.server.posts, self.server.answers = self.posts, self.answers
        self.server.lock = self.lock
        if self.tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*self.tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.port = self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever, args=(0.02,))
        self.thread.start()
        return self

    def stop(self):
        if self.server:
            self.server.shutdown()
            self.thread.join()
            self.server.server_close()
            self.server = None

    def bodies(self):
        with self.lock:
            return [post.body for post in self.posts]


@contextlib.contextmanager
def receiver(tls=None):
    one = Receiver(tls).start()
    try:
        yield one
    finally:
        one.stop()
