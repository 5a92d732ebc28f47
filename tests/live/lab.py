"""A mirror port made of a pair of virtual interfaces, and a probe that listens on it.

Everything is in the network namespace of the test's own process, which goes with it.
"""
import contextlib
import json
import mmap
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import struct
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
EARSHOT = os.environ.get("EARSHOT", str(ROOT / "build" / "earshot"))
ENGINE_UID, KEEPER_UID = 64001, 64002
PATIENCE_S = 20  # for what takes a moment; a test that needs more has failed
RECOVERED_S = 10  # from the end of a trouble of the store
SO_TIMESTAMPNS, ETH_P_ALL = 35, 3


def in_a_namespace_of_its_own():
    """Where the test has one, or needs none, it returns; without the rights to make one, the
    test is over."""
    if os.geteuid() != 0 or os.environ.get("EARSHOT_LIVE_NAMESPACE") == str(os.getpid()):
        return
    os.environ["EARSHOT_LIVE_NAMESPACE"] = str(os.getpid())
    try:  # exec keeps the process id
        subprocess.run(["unshare", "--net", "--mount", "true"], check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError):
        print("skipped: no namespaces can be made here")
        sys.exit(0)
    os.execvp("unshare", ["unshare", "--net", "--mount", sys.executable, *sys.argv])


def alone(*missing):
    """Goes on as root in a network of its own; or the test is skipped, for the first of what is
    missing that is no None."""
    reason = next((why for why in ("needs root" if os.geteuid() else None, *missing) if why), None)
    if reason:
        print(f"skipped: {reason}")
        sys.exit(0)
    in_a_namespace_of_its_own()
    ip("link", "set", "lo", "up")


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True)


def until(what, condition, patience=PATIENCE_S):
    """What the condition says as soon as it says something."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        answer = condition()
        if answer:
            return answer
        time.sleep(0.005)  # looks again; nothing depends on how long this is
    raise AssertionError(f"waited in vain: {what}")


def frames_of(path):
    """The frames of a pcap file of either byte order."""
    data = pathlib.Path(path).read_bytes()
    order = "<" if data[:4] in (b"\xd4\xc3\xb2\xa1", b"\x4d\x3c\xb2\xa1") else ">"
    at = 24
    while at + 16 <= len(data):
        length = struct.unpack_from(order + "I", data, at + 8)[0]
        yield data[at + 16:at + 16 + length]
        at += 16 + length


@contextlib.contextmanager
def sysfs():
    """That of the test's own network: /sys is the one of the network it came from."""
    folder = tempfile.mkdtemp(prefix="earshot-sys-")
    subprocess.run(["mount", "-t", "sysfs", "none", folder], check=True, capture_output=True)
    try:
        yield pathlib.Path(folder)
    finally:
        subprocess.run(["umount", folder], check=False)
        os.rmdir(folder)


def in_one_queue(name):
    """What comes in is handed on by one processor: else two of them hand frames of one moment
    to two listeners in two orders."""
    with sysfs() as folder, contextlib.suppress(FileNotFoundError):  # a kernel without
        (folder / "class/net" / name / "queues/rx-0/rps_cpus").write_text("1", encoding="ascii")


def came_in(name):
    """Frames that came out of this end of a pair, by the kernel's count."""
    with sysfs() as folder:
        path = folder / "class/net" / name / "statistics/rx_packets"
        return int(path.read_text(encoding="ascii"))


class Mirror:
    """Frames that are sent into one interface come out of the other, which is listened to;
    in_order: to all who listen in the same order, which takes a processor of its own."""

    def __init__(self, name="live", in_order=True):
        self.inside, self.outside = name + "0", name + "1"
        self.in_order = in_order
        self.socket = None
        ip("link", "set", "lo", "up")
        self.plug()

    def plug(self):
        ip("link", "add", self.inside, "type", "veth", "peer", "name", self.outside)
        for name in (self.inside, self.outside):
            with open(f"/proc/sys/net/ipv6/conf/{name}/disable_ipv6", "w",
                      encoding="ascii") as file:
                file.write("1")  # nobody else says anything on it
            ip("link", "set", name, "up")
        for name in (self.inside, self.outside):
            until(f"{name} carries frames", lambda name=name: subprocess.run(
                ["ip", "-o", "link", "show", "dev", name], check=True, capture_output=True,
                text=True).stdout.count(" state UP "))
        if self.in_order:
            in_one_queue(self.outside)
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        self.socket.bind((self.inside, 0))

    def unplug(self):
        self.socket.close()
        ip("link", "del", self.inside)

    def send(self, frames):
        for frame in frames:
            self.socket.send(frame)


class Witness:
    """tcpdump on the same port, with the same time stamps: the kernel makes them once when
    anybody asks for them, else each listener makes its own."""

    def __init__(self, interface, path):
        self.path = path
        self.stamps = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.stamps.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        self.stamps.bind(("127.0.0.1", 0))
        until("the kernel makes stamps", self.are_made_on_the_way)
        self.process = subprocess.Popen(
            ["tcpdump", "-i", interface, "-U", "-w", path, "--nano", "-Z", "root", "-s", "2048", "-B", "65536",
             "--immediate-mode"], stderr=subprocess.PIPE, text=True)
        self.process.stderr.readline()  # "listening on"

    def are_made_on_the_way(self):
        """It begins with that some time after it was asked to; till then the stamp is of the
        moment at which a datagram is read."""
        self.stamps.sendto(b"", self.stamps.getsockname())
        sent = time.time_ns()
        time.sleep(0.002)
        (_, _, stamp), = self.stamps.recvmsg(1, 64)[1]
        seconds, nanoseconds = struct.unpack("qq", stamp)
        return seconds * 10**9 + nanoseconds <= sent

    def saw(self, count):
        try:
            until(f"tcpdump has {count} frames",
                  lambda: sum(1 for _ in frames_of(self.path)) >= count)
        finally:
            self.process.send_signal(signal.SIGTERM)
            said = self.process.communicate(timeout=PATIENCE_S)[1]
            self.stamps.close()
        assert "\n0 packets dropped by kernel" in said, said


class Probe:
    """`earshot monitor`, its processes and its database."""

    def __init__(self, folder, *options, interfaces=("live1",), disk=None):
        self.folder = pathlib.Path(folder)
        self.data = self.folder / "data"
        self.db = self.data / "calls.db"
        self.log = self.folder / "log"
        self.data.mkdir()
        if disk:
            subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={disk}", "none", self.data],
                           check=True, capture_output=True)
        os.chown(self.data, KEEPER_UID, KEEPER_UID)
        listen = [word for name in interfaces for word in ("-i", name)]
        self.status_socket = self.folder / "status"
        # The search for leaks needs a process more, which the sandbox does not grant.
        self.prefix, self.environment = [], {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
        self.command = [EARSHOT, "monitor", *listen, "--status", str(self.status_socket),
                        "--db", str(self.db), "--buffer", "8",
                        "--engine-user", str(ENGINE_UID), "--keeper-user", str(KEEPER_UID),
                        *map(str, options)]
        self.parent = None

    def start(self):
        begin = self.log.stat().st_size if self.log.exists() else 0
        with self.log.open("ab") as log:
            self.parent = subprocess.Popen(self.prefix + self.command, stdout=log, stderr=log,
                                           env=self.environment)
        until("the probe listens", lambda: b"listening" in self.log.read_bytes()[begin:]
              or self.parent.poll() is not None)
        assert self.parent.poll() is None, self.log.read_text()
        return self

    def children(self):
        """Name to pid; of those that run."""
        found = {}
        for entry in os.listdir("/proc"):
            if entry.isdigit():
                with contextlib.suppress(OSError):
                    stat = pathlib.Path("/proc", entry, "stat").read_text(encoding="ascii")
                    name, rest = stat.split("(", 1)[1].rsplit(") ", 1)
                    state, parent = rest.split()[:2]
                    if int(parent) == self.parent.pid and state != "Z":
                        found[name] = int(entry)
        return found

    def status(self, name):
        text = pathlib.Path(f"/proc/{self.children()[name]}/status").read_text(encoding="ascii")
        return dict(line.split(":\t", 1) for line in text.splitlines() if ":\t" in line)

    def cpu_s(self, name):
        text = pathlib.Path(f"/proc/{self.children()[name]}/stat").read_text(encoding="ascii")
        return sum(map(int, text.rsplit(") ", 1)[1].split()[11:13])) / os.sysconf("SC_CLK_TCK")

    def kill(self, name):
        """Returns the seconds until another one is at work in its place."""
        old = self.children()[name]
        begin = time.monotonic()
        os.kill(old, signal.SIGKILL)

        def is_back():
            pid = self.children().get(name, old)
            return pid != old and pid in self.children().values() and \
                self.status(name).get("Seccomp") == self.seccomp()
        until(f"another {name}", is_back)
        return time.monotonic() - begin

    @staticmethod
    def seccomp():
        return "0" if any(word in EARSHOT for word in ("asan", "tsan")) else "2"

    def asked(self, *options):
        """What `earshot status` says, and its exit status."""
        run = subprocess.run([EARSHOT, "status", "--status", str(self.status_socket), *options],
                             capture_output=True, text=True, timeout=PATIENCE_S, check=False)
        return run.stdout, run.returncode

    def ask(self, sql):
        with contextlib.closing(sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)) as db:
            return db.execute(sql).fetchall()

    def has(self, sql):
        """Waits until the query gives a row."""
        def answer():
            try:
                return self.ask(sql)
            except sqlite3.OperationalError:
                return None
        return until(sql, answer)

    @contextlib.contextmanager
    def locked(self):
        """Meanwhile nobody else writes to the database."""
        with contextlib.closing(sqlite3.connect(self.db, isolation_level=None)) as db:
            db.execute("BEGIN IMMEDIATE")
            yield
            db.execute("ROLLBACK")

    def is_whole(self):
        with contextlib.closing(sqlite3.connect(self.db)) as db:
            found = db.execute("PRAGMA integrity_check").fetchall()
        assert found == [("ok",)], found

    def trouble(self):
        """Why its records wait, if they do."""
        store = json.loads(self.asked("--json")[0])["store"]
        return store and store["trouble"]  # a keeper that is not ready says nothing

    def goes_on(self):
        until("it goes on", lambda: self.trouble() is None, RECOVERED_S)

    def stop(self):
        """Returns the exit status and the seconds; what it said if it failed is shown."""
        begin = time.monotonic()
        self.parent.send_signal(signal.SIGTERM)
        status = self.parent.wait(PATIENCE_S)
        took = time.monotonic() - begin
        if status:
            print(f"ended with {status} after {took:.2f} s:\n{self.log.read_text()}",
                  file=sys.stderr)
        return status, took

    def end(self):
        if self.parent and self.parent.poll() is None:
            children = self.children().values()
            self.parent.kill()
            self.parent.wait()
            for pid in children:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)


class Shim:
    """What is preloaded into a probe from NAME.c, and the number that it goes by."""

    def __init__(self, folder, name, variable):
        self.library, self.path = folder / f"{name}.so", folder / name
        self.variable = variable
        subprocess.run([os.environ.get("CC", "cc").split()[-1], "-std=c17", "-D_GNU_SOURCE",
                        "-O1", "-shared", "-fPIC", "-o", str(self.library),
                        str(pathlib.Path(__file__).resolve().parent / f"{name}.c")], check=True)
        os.chmod(folder, 0o711)
        self.path.write_bytes(bytes(8))
        self.path.chmod(0o644)
        with self.path.open("r+b") as file:
            self.page = mmap.mmap(file.fileno(), 8)

    def environment(self):
        return {"LD_PRELOAD": str(self.library), self.variable: str(self.path)}

    def set(self, number):
        self.page[:] = struct.pack("=q", number)


@contextlib.contextmanager
def lab(*options, interfaces=("live1",), prefix=(), environment=None, disk=None):
    """(mirror, probe that listens on it); disk: size of one for the database alone."""
    folder = tempfile.mkdtemp(prefix="earshot-live-")
    os.chmod(folder, 0o711)  # for the keeper to pass through
    mirror = Mirror()
    probe = Probe(folder, *options, interfaces=interfaces, disk=disk)
    probe.prefix = list(prefix)
    probe.environment.update(environment or {})
    try:
        yield mirror, probe.start()
    finally:
        probe.end()
        with contextlib.suppress(subprocess.CalledProcessError):
            mirror.unplug()
        if disk:
            subprocess.run(["umount", probe.data], check=False)
        shutil.rmtree(folder, ignore_errors=True)


TABLES = ("call", "leg", "stream", "registration", "report", "message_raw", "encrypted", "binding",
          "peer", "event", "finding", "kpi", "alert")


# Alerts about the probe itself: no capture has these.
OF_THE_PROBE = {"alert": " WHERE metric NOT IN ('interface_packets_s', 'capture_drop_pct', "
                         "'records_not_kept', 'store_delay_s', 'disk_free_pct', "
                         "'channel_use_pct', 'channels_left_min', 'one_sided', "
                         "'clock_wrong', 'clock_error_ms')"}

# Of a sample of the packets; which ones they are is drawn anew by each engine.
SAMPLED = ("segment_delay_ms", "segment_jitter_ms")


def are_equal(name, one, two):
    return (one is None) == (two is None) if name in SAMPLED else one == two


def differences(live, other):
    """In what two databases differ: every column but those about the run, row by row."""
    found = []
    with contextlib.closing(sqlite3.connect(live)) as db:
        db.execute("ATTACH ? AS other", [str(other)])
        for table in TABLES:
            names = [row[1] for row in db.execute(f"PRAGMA table_info({table})")
                     if row[1] not in ("seq", "run")]
            columns = ", ".join(f'"{name}"' for name in names)
            of = OF_THE_PROBE.get(table, "")
            one, two = (db.execute(f"SELECT {columns} FROM {base}.{table}{of} ORDER BY {columns}")
                        .fetchall() for base in ("main", "other"))
            if len(one) != len(two):
                found.append((table, "rows", len(one), len(two)))
            found += [(table, name, a, b) for rows in zip(one, two)
                      for name, a, b in zip(names, *rows) if not are_equal(name, a, b)]
    return found
