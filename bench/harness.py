"""What the measurements share: a server of their own, `bare`, the load generator, and how figures are written."""
import http.client
import json
import os
import select
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARIES = os.environ.get("KALAMDB_BINARIES", os.path.join(ROOT, "build", "release"))
PASSWORD = "a-password-for-benchmarks"
CONFIG = """
[server]
host = "127.0.0.1"
port = {port}
[storage]
data_path = "{dir}/data"
[limits]
[logging]
level = "info"
logs_path = "{dir}/logs"
log_to_console = false
[performance]
[auth]
jwt_secret = "a-secret-of-the-benchmarks-that-is-long-enough"
[rate_limit]
max_queries_per_sec = 100000000
max_messages_per_sec = 100000000
max_subscriptions_per_user = 100000000
max_auth_requests_per_ip_per_sec = 100000000
"""
KIB = 1024


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def binary(*names):
    path = os.path.join(BINARIES, *names)
    if not os.path.exists(path):
        sys.exit("%s is missing: scripts/build.sh release kalamdb-server kload bare" % path)
    return path


class Server:
    def __init__(self):
        self.directory = tempfile.mkdtemp(prefix="kalamdb-bench-")
        self.port = free_port()
        config = os.path.join(self.directory, "server.toml")
        with open(config, "w") as f:
            f.write(CONFIG.format(port=self.port, dir=self.directory))
        ready = os.path.join(self.directory, "ready")
        os.mkfifo(ready)
        fd = os.open(ready, os.O_RDWR | os.O_NONBLOCK)
        begin = time.time()
        self.process = subprocess.Popen(
            [binary("kalamdb-server"), "--ready-file", ready, config], cwd=self.directory,
            env={**os.environ, "KALAMDB_ROOT_PASSWORD": PASSWORD}, stdout=subprocess.DEVNULL)
        while not select.select([fd], [], [], 0.1)[0]:
            if self.process.poll() is not None:
                sys.exit("the server did not start")
        self.start_ms = (time.time() - begin) * 1000
        os.close(fd)
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=120)
        self.token = None

    def post(self, path, body):
        headers = {"Content-Type": "application/json"}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        for attempt in (0, 1):
            try:
                self.connection.request("POST", path, json.dumps(body), headers)
                response = self.connection.getresponse()
                text = response.read()
                break
            except (http.client.HTTPException, ConnectionError):
                # A kept connection may have been closed while it was idle.
                self.connection.close()
                if attempt:
                    raise
        if response.status != 200:
            sys.exit("%s: %d %s" % (path, response.status, text[:400]))
        return json.loads(text)

    def login(self):
        self.token = self.post("/v1/api/auth/login", {"user": "root", "password": PASSWORD})["access_token"]

    def sql(self, text, params=None):
        return self.post("/v1/api/sql", {"sql": text, **({"params": params} if params else {})})

    def disconnect(self):
        self.connection.close()

    def memory(self):
        """KiB: resident, anonymous (what is in swap counts as anonymous)."""
        found = {"Rss": 0, "Anonymous": 0, "Swap": 0}
        with open("/proc/%d/smaps_rollup" % self.process.pid) as f:
            for line in f:
                key, _, value = line.partition(":")
                if key in found:
                    found[key] = int(value.split()[0])
        return found["Rss"], found["Anonymous"] + found["Swap"]

    def wakeups(self):
        total = 0
        for task in os.listdir("/proc/%d/task" % self.process.pid):
            with open("/proc/%d/task/%s/status" % (self.process.pid, task)) as f:
                total += sum(int(line.split()[1]) for line in f if line.startswith("voluntary_ctxt_switches"))
        return total

    def busy(self):
        """Seconds of processor time, of all threads."""
        total = 0
        for task in os.listdir("/proc/%d/task" % self.process.pid):
            with open("/proc/%d/task/%s/schedstat" % (self.process.pid, task)) as f:
                total += int(f.read().split()[0])
        return total / 1e9

    def stats(self):
        rows = self.sql("SELECT metric_name, metric_value FROM system.stats")["results"][0]["rows"]
        return dict(rows)

    def threads(self):
        return len(os.listdir("/proc/%d/task" % self.process.pid))

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(60)
        shutil.rmtree(self.directory, ignore_errors=True)


class Bare:
    def __init__(self, *args):
        self.port = free_port()
        self.process = subprocess.Popen([binary("bench", "bare"), str(self.port), *map(str, args)])
        for _ in range(200):
            with socket.socket() as s:
                if s.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.02)
        sys.exit("bare did not start")

    def stop(self):
        self.process.terminate()
        self.process.wait()


def kload(*args):
    r = subprocess.run([binary("bench", "kload"), *map(str, args)], capture_output=True, text=True)
    if r.returncode != 0:
        sys.exit("kload %s: %s" % (" ".join(map(str, args))[:200], r.stderr or r.stdout))
    return json.loads(r.stdout.splitlines()[-1])


class Subscribers:
    """`sockets` WebSockets with `each` subscriptions, in a process of their own. They are ready when this returns."""

    def __init__(self, port, token, sockets, subscription, changes=0, each=1, stamp=None, ping=0, wait=600):
        command = [binary("bench", "kload"), "ws", "127.0.0.1:%d" % port, "/v1/ws?compress=false", "-t", token or "none",
                   "-c", sockets, "-k", each, "-s", subscription, "-m", changes, "--ping", ping, "-w", wait]
        if stamp:
            command += ["--stamp", stamp]
        self.process = subprocess.Popen(list(map(str, command)), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if self.process.stdout.readline().strip() != "READY":
            sys.exit("the subscribers did not get ready: " + line)
        self.opening = json.loads(line)
        if self.opening["errors"]:
            sys.exit("%d subscriptions were refused" % self.opening["errors"])

    def stop(self):
        """Does not wait for the changes."""
        self.process.stdin.write("stop\n")
        self.process.stdin.flush()
        return self.result()

    def result(self):
        out = self.process.stdout.read()
        self.process.stdin.close()
        self.process.stdout.close()
        self.process.wait()
        return json.loads(out.splitlines()[-1])


def synced_writes(directory, seconds=1.0, size=200):
    """Writes of a row's size, each waited for: what the disk allows one writer."""
    path = os.path.join(directory, "synced")
    fd = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    payload, n, begin = b"x" * size, 0, time.perf_counter()
    while time.perf_counter() - begin < seconds:
        os.write(fd, payload)
        os.fdatasync(fd)
        n += 1
    rate = n / (time.perf_counter() - begin)
    os.close(fd)
    os.unlink(path)
    return rate


def mib(kib):
    return "%.1f MiB" % (kib / KIB)


def each_bytes(kib, n):
    """A difference divided among n; the rest of the process moves too, so small ones vanish in it."""
    each = kib * KIB / n
    return "%.0f bytes" % each if each > 0 else "too little to see"


def thousands(n):
    return "{:,.0f}".format(n).replace(",", " ")
