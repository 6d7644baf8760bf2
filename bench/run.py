#!/usr/bin/python3
"""Measures a release build and writes the figures into docs/benchmarks.md.

  bench/run.py [--rounds N] [--quick] [--print]

Starts a server of its own in a temporary directory, with rate limits out of the way and everything else as it comes
(synced writes included). Throughput is measured in alternating rounds with `bare`, an event loop that answers without
parsing, and quoted as a share of it too: medians of the rounds. --quick takes less of everything, to try the script;
--print leaves the document alone.
"""
import argparse
import datetime
import http.client
import json
import os
import platform
import select
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
BINARIES = os.environ.get("KALAMDB_BINARIES", os.path.join(ROOT, "build", "release"))
DOCUMENT = os.path.join(ROOT, "docs", "benchmarks.md")
BEGIN, END = "<!-- figures:start -->", "<!-- figures:end -->"
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
# The quiet step comes some ten seconds after the last work.
QUIET_SECONDS = 20
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


class SubscriberProcess:
    def __init__(self, server_port, token, sockets, subscription, changes, stamp=None, wait=120):
        command = [binary("bench", "kload"), "ws", "127.0.0.1:%d" % server_port, "/v1/ws?compress=false", "-t", token,
                   "-c", str(sockets), "-s", subscription, "-m", str(changes), "-w", str(wait)]
        if stamp:
            command += ["--stamp", stamp]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        if self.process.stdout.readline().strip() != "READY":
            sys.exit("the subscribers did not get ready: " + line)
        self.opening = json.loads(line)

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


class Bench:
    def __init__(self, rounds, quick):
        self.rounds = rounds
        self.scale = 10 if quick else 1
        self.quiet = 3 if quick else QUIET_SECONDS
        self.server = Server()
        self.memory_rows = []
        self.load_rows = []
        self.live_rows = []

    def settle(self):
        self.server.disconnect()
        time.sleep(self.quiet)
        return self.server.memory()

    def say(self, text):
        print(text, flush=True)

    def idle(self):
        time.sleep(3 if self.scale > 1 else 30)
        rss, anonymous = self.server.memory()
        before = self.server.wakeups()
        time.sleep(10)
        wakeups = self.server.wakeups() - before
        self.memory_rows += [("fresh server, idle for 30 s", mib(rss), mib(anonymous)),
                             ("its threads; wake-ups in 10 s", str(self.server.threads()), str(wakeups)),
                             ("start to the first answer", "%.0f ms" % self.server.start_ms, "")]
        self.say("idle: %s, %s anonymous, %d wake-ups in 10 s" % (mib(rss), mib(anonymous), wakeups))

    def tables(self):
        server, n = self.server, 1000 // self.scale
        server.login()
        server.sql("CREATE NAMESPACE many")
        server.sql("CREATE TABLE many.first (id BIGINT PRIMARY KEY, room TEXT, body TEXT, at TIMESTAMP) "
                   "WITH (TYPE = 'USER')")
        before = self.settle()
        begin = time.time()
        for i in range(n):
            server.sql("CREATE TABLE many.t%d (id BIGINT PRIMARY KEY, room TEXT, body TEXT, at TIMESTAMP) "
                       "WITH (TYPE = 'USER')" % i)
        took = time.time() - begin
        after = self.settle()
        each = [each_bytes(a - b, n) for a, b in zip(after, before)]
        self.memory_rows.append(("each of 1 000 empty tables", *each))
        self.say("tables: %s, anonymous %s each; %.2f ms to create one" % (*each, took / n * 1000))

    def rows(self):
        server = self.server
        server.sql("CREATE NAMESPACE bench")
        server.sql("CREATE TABLE bench.messages (id BIGINT PRIMARY KEY, owner TEXT, room TEXT, body TEXT) "
                   "WITH (TYPE = 'SHARED')")
        self.count = 100_000 // self.scale
        for first in range(0, self.count, 1000):
            server.sql("INSERT INTO bench.messages (id, owner, room, body) VALUES " + ", ".join(
                "(%d, 'user-%d', 'room-%d', 'a message of ordinary length, number %d')" % (i, i % 97, i % 31, i)
                for i in range(first, first + 1000)))

    def load(self):
        server, token = self.server, self.server.token
        self.rows()
        insert = json.dumps({"sql": "INSERT INTO bench.messages (id, owner, room, body) VALUES ($1, $2, $3, $4)",
                             "params": ["{i}", "user-7", "room-3", "a message of ordinary length"]}).replace('"{i}"', "{i}")
        read = json.dumps({"sql": "SELECT id, owner, room, body FROM bench.messages WHERE id = $1",
                           "params": ["{i}"]}).replace('"{i}"', "{i}")
        self.next_key = 10_000_000

        def run(port, in_flight, n, body=None, extra=()):
            args = ["http", "127.0.0.1:%d" % port, "/v1/api/sql" if body else "/health", "-c", in_flight, "-n", n, *extra]
            return kload(*args, *(["-b", body, "-t", token] if body else []))

        def inserts(in_flight):
            n = 20_000 // self.scale
            key, self.next_key = self.next_key, self.next_key + n
            return run(server.port, in_flight, n, insert, ["--from", key])

        def reads(in_flight, seed):
            return run(server.port, in_flight, 100_000 // self.scale, read,
                       ["--random", 0, self.count, "--seed", seed])

        for name, in_flight, measure in (
                ("`/health`", 16, lambda seed: run(server.port, 16, 100_000 // self.scale)),
                ("point read, random keys of 100 000", 16, lambda seed: reads(16, seed)),
                ("point read, random keys of 100 000", 64, lambda seed: reads(64, seed)),
                ("single-row insert, synced", 16, lambda seed: inserts(16)),
                ("single-row insert, synced", 64, lambda seed: inserts(64))):
            bare = Bare()
            own, limit = [], []
            for seed in range(1, self.rounds + 1):
                limit.append(run(bare.port, in_flight, 100_000 // self.scale)["per_second"])
                own.append(measure(seed))
            bare.stop()
            rate = statistics.median(r["per_second"] for r in own)
            p50 = statistics.median(r["p50_ms"] for r in own)
            p99 = statistics.median(r["p99_ms"] for r in own)
            share = rate / statistics.median(limit)
            self.load_rows.append((name, str(in_flight), thousands(rate), "%.0f %%" % (share * 100), "%.2f ms" % p50,
                                   "%.2f ms" % p99, thousands(statistics.median(limit))))
            self.say("%s, %d in flight: %s/s, %.0f %% of bare" % (name, in_flight, thousands(rate), share * 100))
        synced = synced_writes(server.directory)
        self.synced = synced
        self.say("synced writes of 200 bytes, one after the other: %s/s" % thousands(synced))
        after = self.settle()
        self.memory_rows.append(("after that load, quiet", mib(after[0]), mib(after[1])))

    def subscribers(self):
        server, n = self.server, 1000 // self.scale
        server.sql("CREATE TABLE bench.feed (id BIGINT PRIMARY KEY, room TEXT, t BIGINT, body TEXT) "
                   "WITH (TYPE = 'SHARED')")
        subscription = json.dumps({"type": "subscribe", "subscription": {
            "id": "s{c}", "sql": "SELECT * FROM bench.feed WHERE room = 'room-1'", "options": {}}})
        # One that comes and goes first: what is paid once is not counted to each.
        warm = SubscriberProcess(server.port, server.token, 1, subscription, 1, wait=0)
        warm.result()
        before = self.settle()
        changes = 200 // self.scale
        subscribers = SubscriberProcess(server.port, server.token, n, subscription, changes)
        after = self.settle()
        each = [each_bytes(a - b, n) for a, b in zip(after, before)]
        self.memory_rows.append(("each of 1 000 idle WebSocket subscribers", *each))
        self.say("subscribers: %s, anonymous %s each" % tuple(each))
        insert = {"sql": "INSERT INTO bench.feed (id, room, t, body) VALUES ($1, 'room-1', 0, $2)",
                  "params": ["{i}", "x" * 60]}
        kload("http", "127.0.0.1:%d" % server.port, "/v1/api/sql", "-c", 16, "-n", changes, "-t", server.token,
              "-b", json.dumps(insert).replace('"{i}"', "{i}"))
        result = subscribers.result()
        bare = Bare(n, changes, 150)
        limit = SubscriberProcess(bare.port, server.token, n, subscription, changes).result()
        bare.stop()
        self.live_rows.append(("200 synced inserts, 16 in flight, to each of 1 000 subscribers",
                               "%s messages/s, %s of %s subscribers got all" % (
                                   thousands(result["per_second"]), thousands(result["complete"]), thousands(n)),
                               "bare, one write() each: %s messages/s" % thousands(limit["per_second"])))
        self.say("fan-out: %s messages/s (bare %s)" % (thousands(result["per_second"]), thousands(limit["per_second"])))

    def latency(self):
        server, n = self.server, 1000 // self.scale
        subscription = json.dumps({"type": "subscribe", "subscription": {
            "id": "s{c}", "sql": "SELECT * FROM bench.feed WHERE room = 'room-2'", "options": {}}})
        subscriber = SubscriberProcess(server.port, server.token, 1, subscription, n, stamp="t")
        answers = []
        for i in range(n):
            stamp = time.time()
            server.sql("INSERT INTO bench.feed (id, room, t, body) VALUES ($1, $2, $3, $4)",
                       [1_000_000 + i, "room-2", int(stamp * 1e6), "x" * 60])
            answers.append((time.time() - stamp) * 1000)
        result = subscriber.result()
        answer = statistics.median(answers)
        self.live_rows.append(("one subscriber, one writer: request sent to row on the subscriber's socket",
                               "p50 %.2f ms, p99 %.2f ms" % (result["p50_ms"], result["p99_ms"]),
                               "the writer's own answer: p50 %.2f ms" % answer))
        self.say("to the socket: p50 %.2f ms; to the writer: p50 %.2f ms" % (result["p50_ms"], answer))

    def text(self):
        with open("/proc/cpuinfo") as f:
            model = next((line.split(":", 1)[1].strip() for line in f if line.startswith("model name")), platform.machine())
        commit = subprocess.run(["git", "-C", ROOT, "rev-parse", "--short", "HEAD"], capture_output=True,
                                text=True).stdout.strip() or "unknown"
        def table(head, rows):
            return "\n".join(["| %s |" % " | ".join(head), "|%s" % ("---|" * len(head))] +
                             ["| %s |" % " | ".join(row) for row in rows])
        return "\n\n".join([
            "%s, commit %s, %s, %d cores, Linux %s. Medians of %d rounds." %
            (datetime.date.today(), commit, model, os.cpu_count(), platform.release(), self.rounds),
            table(("memory", "RSS", "of it anonymous"), self.memory_rows),
            table(("requests", "in flight", "per second", "of bare", "p50", "p99", "bare per second"), self.load_rows),
            "One synced write of 200 bytes after the other, without a server: %s per second. Near 100 %% of bare it is the "
            "load generator that is measured." % thousands(self.synced),
            table(("live queries", "", "beside it"), self.live_rows)])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true")
    parser.add_argument("--print", action="store_true", dest="only_print")
    options = parser.parse_args()
    bench = Bench(options.rounds, options.quick)
    try:
        bench.idle()
        bench.tables()
        bench.load()
        bench.subscribers()
        bench.latency()
        text = bench.text()
    finally:
        bench.server.stop()
    print("\n" + text)
    if options.only_print:
        return
    with open(DOCUMENT) as f:
        before, _, rest = f.read().partition(BEGIN)
        _, _, after = rest.partition(END)
    with open(DOCUMENT, "w") as f:
        f.write(before + BEGIN + "\n" + text + "\n" + END + after)


if __name__ == "__main__":
    main()
