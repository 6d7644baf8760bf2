#!/usr/bin/python3
"""Measures a release build and writes the figures into docs/benchmarks.md.

  bench/run.py [--rounds N] [--quick] [--print]

Starts servers of its own in temporary directories, with rate limits out of the way and everything else as it comes
(synced writes included). Throughput is measured in alternating rounds with `bare`, an event loop that answers without
parsing, and quoted as a share of it too: medians of the rounds. --quick takes less of everything, to try the script;
--print leaves the document alone.
"""
import argparse
import datetime
import json
import os
import platform
import statistics
import subprocess
import time

import live
from harness import ROOT, Bare, Server, each_bytes, kload, mib, synced_writes, thousands

DOCUMENT = os.path.join(ROOT, "docs", "benchmarks.md")
BEGIN, END = "<!-- figures:start -->", "<!-- figures:end -->"


class Bench:
    def __init__(self, rounds, quick):
        self.rounds = rounds
        self.scale = 10 if quick else 1
        self.quiet = 3 if quick else live.QUIET_SECONDS
        self.server = Server()
        self.memory_rows = []
        self.load_rows = []

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
            table(("subscribers", "RSS each", "of it anonymous", "processor while idle"), self.live.memory_rows),
            table(("live queries", "", "beside it"), self.live.rows)])


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
        bench.server.stop()
        bench.live = live.LiveBench(options.rounds, options.quick)
        bench.live.run()
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
