#!/usr/bin/python3
"""Live queries over time: writers, and clients that misbehave, until the time is up; then every client must hold exactly
the rows of its query, and the server must be as small as it was after the first minute.

    tests/live/soak.py                          # 30 minutes
    tests/live/soak.py --seconds 120 --seed 7
    KALAMDB_BINARIES=$PWD/build/tsan tests/live/soak.py --seconds 60 --no-memory

A failure prints the seed; the same seed gives the same plan, though not the same timing. Last line: N passed, N failed.
"""
import argparse
import os
import queue
import statistics
import sys
import threading
import time
import traceback

from workload import (FILTERS, PROJECTIONS, Bulk, DDL, Dropper, Query, SENTINELS, Writer, Writers, make_shared, select,
                      sentinel_rows, values)
from subscriber import Subscriber, Wrong, counts
from kalamdb import GENEROUS, Server, SqlError
from wsloop import Loop, raise_file_limit, seeded

USERS = ["u%d" % i for i in range(5)]
DROPPED, ALTERED, BULK = "soak.dropped", "soak.altered", "soak.bulk"
# Small bounds, so that what happens beyond them happens often.
CONFIG = GENEROUS + """
[websocket]
slow_client_secs = 4
client_timeout_secs = 20
max_queued_bytes = %d
max_snapshot_buffer_bytes = %d
"""
FIRST_PHASE, NEXT_PHASE = 60, 300  # seconds
REST_SECONDS = 14  # the server gives memory back after some four to eight quiet ones
DRAIN_SECONDS = 120
# Resident memory under load, against that of the first minute.
GROWTH = 0.10
# Anonymous memory at rest without RocksDB's caches, against that after the first minute: plans and other caches of ours
# fill up to their bounds, and the heap finds its shape. A hundred bytes lost with each statement would be twenty times that
# in half an hour.
REST_GROWTH_KIB = 1536
LOAD_SAMPLES_SECONDS = 20


class Killer(threading.Thread):
    """Ends live queries from outside, some every second."""

    def __init__(self, root, random):
        super().__init__(daemon=True)
        self.root, self.random = root, random
        self.killed = queue.SimpleQueue()
        self.stop = threading.Event()
        self.failure = None

    def run(self):
        try:
            while not self.stop.wait(self.random.random() * 3):
                rows = self.root.rows("SELECT live_id, subscription_id FROM system.live")
                for live_id, sub_id in self.random.sample(rows, min(len(rows), self.random.randint(1, 3))):
                    try:
                        self.root.sql("KILL LIVE QUERY '%s'" % live_id)
                    except SqlError as e:
                        if "Connection not found" not in e.message:
                            raise
                    self.killed.put(sub_id)
        except Exception:
            self.failure = traceback.format_exc()


def phases(seconds):
    """Seconds of work between two times that everything is compared."""
    out = [min(FIRST_PHASE, seconds)]
    while sum(out) < seconds:
        out.append(min(NEXT_PHASE, seconds - sum(out)))
    return out


class Soak:
    def __init__(self, options):
        self.options = options
        self.random = seeded(options.seed, "plan")
        small = self.random.random() < 0.7
        self.server = Server(extra=CONFIG % ((32768, 16384) if small else (262144, 262144)))
        self.loop = Loop()
        self.clients = []
        self.rested = []
        self.loaded = []  # KiB, resident, at the end of each phase of work
        self.begun = time.monotonic()

    def prepare(self):
        root = self.root = self.server.login()
        root.sql("CREATE NAMESPACE soak")
        for table in ("soak.s", ALTERED, BULK, DROPPED):
            make_shared(root, table)
        root.sql(DDL % ("soak.u", "USER", ""))
        self.tokens = {"root": root.token}
        self.of_user = {}
        for user in USERS:
            root.sql("CREATE USER '%s' WITH PASSWORD 'pw' ROLE user" % user)
            self.of_user[user] = self.server.login(user, "pw")
            self.tokens[user] = self.of_user[user].token

    def plan_writers(self, phase):
        pause = self.options.pause
        plan = [(Writer, "root", {"table": "soak.s", "keys": 3000, "pause": pause}) for _ in range(2)]
        for i, user in enumerate(USERS):
            plan.append((Writer, user, {"table": "soak.u", "keys": 200 * (i + 1), "pause": pause * 2}))
        plan.append((Writer, "root", {"table": "soak.u", "keys": 300, "pause": pause * 4, "as_user": USERS[0]}))
        plan.append((Writer, "root", {"table": ALTERED, "keys": 300, "pause": pause * 4}))
        plan.append((Bulk, "root", {"table": BULK, "every": 15}))
        plan.append((Dropper, "root", {"dropped": DROPPED, "altered": ALTERED, "every": 1.5}))
        return Writers(self.server.port, self.tokens, plan, "%d/%d" % (self.options.seed, phase))

    def plan_clients(self):
        for i in range(self.options.clients):
            random = seeded(self.options.seed, "client", i)
            user = random.choice(USERS)
            c = Subscriber(self.loop, self.server.port, "c%d" % i, user, self.tokens[user], random, slow=random.random() < 0.4)
            if c.slow:
                # Enough to fill what the kernel buffers, for some of them several times.
                for _ in range(random.choice((1, 1, 6))):
                    c.add(Query("soak.s", FILTERS[0], None), 5000)
            for _ in range(random.randint(1, 4)):
                table = random.choice(("soak.s", "soak.s", "soak.u", "soak.u", ALTERED, DROPPED))
                query = Query(table, random.choice(FILTERS), random.choice(PROJECTIONS))
                c.add(query, random.choice((7, 50, 50, 300, 1000, 5000)))
            if i % 8 == 0:
                c.add(Query(BULK, random.choice(FILTERS[7:]), ("id", "grp")), random.choice((500, 5000)))
            self.clients.append(c)
            self.loop.after(random.random() * 3, c.connect)

    def take_killed(self, killer):
        while not killer.killed.empty():
            sub_id = killer.killed.get()
            counts["kills"] += 1
            self.clients[int(sub_id[1:].split(".")[0])].killed(sub_id)

    def run(self):
        raise_file_limit(4096)
        with self.server:
            self.prepare()
            self.plan_clients()
            for phase, seconds in enumerate(phases(self.options.seconds)):
                self.work(phase, seconds)
                checked = self.compare(phase)
                print("ok   - %d subscriptions hold exactly the rows of their queries" % checked, flush=True)
                if not self.options.no_memory:
                    self.rested.append(self.rest())
            # Pages that hold a little are given back once compactions have ended and the heap was trimmed again; what was
            # lost never is.
            for _ in range(3):
                if self.growth() > 0:
                    self.rested.append(self.rest())
            self.leave()
            print("ok   - nothing is left of them", flush=True)
            status = self.server.stop()
            if status != 0:
                raise Wrong("the server ended with %s" % status)

    def work(self, phase, seconds):
        """Writers and trouble, for a time."""
        writers = self.plan_writers(phase)
        writers.start()  # a fork, so before there are threads
        for c in self.clients:
            if c.calm:
                c.be_troubled()
        killer = Killer(self.root.clone(), seeded(self.options.seed, "killer", phase))
        killer.start()
        begun = next_line = time.monotonic()
        next_sample, samples = begun + seconds - LOAD_SAMPLES_SECONDS, []
        while time.monotonic() < begun + seconds and not writers.stop.is_set():
            self.loop.turn()
            self.take_killed(killer)
            if self.server.process.poll() is not None:
                raise Wrong("the server ended: " + self.server.process.stderr.read()[-4000:])
            if time.monotonic() >= next_sample:
                next_sample += 1
                samples.append(self.server.memory()[0])
            if time.monotonic() >= next_line:
                next_line += 30
                self.line(writers)
        self.loaded.append(statistics.median(samples))
        killer.stop.set()
        killer.join(30)
        failures = writers.finish(self.loop)
        self.take_killed(killer)
        if killer.failure:
            failures.append(killer.failure)
        if failures:
            raise Wrong("what wrote or killed failed:\n" + "\n".join(failures))
        self.line(writers)
        counts["statements"] += writers.statements.value
        counts["written rows"] += writers.rows.value

    def rest(self):
        """Anonymous KiB once the server has had nothing to do for a while, and how much of it RocksDB caches: that fills up to
        its bounds, slowly. RSS is shown and not judged, since the pages of the program come and go with what was done last.
        All clients stay."""
        for c in self.clients:
            c.socket.send({"type": "ping"})  # or the server would ask some of them for a sign of life
        samples = []
        end = time.monotonic() + REST_SECONDS
        while time.monotonic() < end:
            self.loop.turn(0.5)
            samples.append(self.server.memory())
        rss, anonymous = (min(s[i] for s in samples) for i in (0, 1))
        stats = dict(self.root.rows("SELECT * FROM system.stats"))
        cached = sum(int(stats["rocksdb_%s_bytes" % name]) // 1024 for name in ("memtable", "block_cache", "table_reader"))
        print("       at rest, with %d connections: RSS %d KiB, anonymous %d KiB, of it in memtables and caches %d KiB"
              % (len(self.clients), rss, anonymous, cached), flush=True)
        return anonymous, cached

    def line(self, writers):
        print("%4d s: %d statements, %d rows written, %d connects, %d resumes, %d changes, RSS %d KiB, anonymous %d KiB"
              % ((time.monotonic() - self.begun, counts["statements"] + writers.statements.value, counts["written rows"]
                  + writers.rows.value, counts["connects"], counts["resumes"], counts["changes"]) + self.server.memory()), flush=True)

    # ---- the end

    def compare(self, phase):
        for c in self.clients:
            c.calm_down()
        self.root.sql("ALTER TABLE %s SET ACCESS LEVEL PUBLIC" % ALTERED)
        rows = values(sentinel_rows(phase))
        for table in ("soak.s", ALTERED, BULK, DROPPED):
            self.root.sql("INSERT INTO %s VALUES %s" % (table, rows))
        for user in USERS:
            self.of_user[user].sql("INSERT INTO soak.u VALUES " + rows)
        sentinels = [dict(zip(("id", "grp", "n", "v", "big", "flag"), row)) for row in sentinel_rows(phase)]

        def waiting():
            out = []
            for c in self.clients:
                for s in c.subscriptions.values():
                    wanted = [r["id"] for r in sentinels if s.query.filter.holds(r)]
                    if not c.connected() or s.state != s.LIVE or not all(w in s.rows for w in wanted):
                        out.append("%s %s (state %d, %s)" % (s.id, select(s.query), s.state, "open" if c.connected() else "away"))
            return out
        deadline = time.monotonic() + self.options.drain
        while True:
            left = waiting()
            if not left:
                break
            if time.monotonic() > deadline:
                raise Wrong("%d subscriptions do not get the last rows: %s" % (len(left), "; ".join(left[:10])))
            turn_end = time.monotonic() + 0.2
            while time.monotonic() < turn_end:
                self.loop.turn()
        checked, answers, differences = 0, {}, []
        for c in self.clients:
            for s in c.subscriptions.values():
                key = (c.user if s.query.table == "soak.u" else "", s.query)
                if key not in answers:
                    listed = self.of_user[c.user].dicts(select(s.query, s.columns + ("_seq",)))
                    answers[key] = {r["id"]: r for r in listed}
                wanted = answers[key]
                if wanted != s.rows:
                    differences.append(self.difference(s, wanted))
                checked += 1
        if differences:
            raise Wrong("%d of %d subscriptions differ from their queries\n%s" % (len(differences), checked, "\n".join(differences[:5])))
        return checked

    def leave(self):
        listed = int(self.root.value("SELECT COUNT(*) FROM system.live"))
        subscriptions = sum(len(c.subscriptions) for c in self.clients)
        if listed != subscriptions:
            raise Wrong("system.live has %d rows of %d subscriptions" % (listed, subscriptions))
        for c in self.clients:
            c.leave()
        self.loop.until(lambda: all(c.socket is None for c in self.clients), 60, "the end of every connection")
        left = {k: int(v) for k, v in self.root.rows("SELECT * FROM system.stats") if k in (
            "active_subscriptions", "websocket_sessions", "total_live_queries")}
        if len(left) != 3 or any(left.values()):
            raise Wrong("counted as if they were still there: %s" % left)

    @staticmethod
    def difference(s, wanted):
        missing = sorted(set(wanted) - set(s.rows))
        extra = sorted(set(s.rows) - set(wanted))
        other = sorted(k for k in wanted if k in s.rows and wanted[k] != s.rows[k])
        text = "%s %s, batches of %d: %d rows missing, %d too many, %d different" % (
            s.id, select(s.query), s.batch_size, len(missing), len(extra), len(other))
        for name, keys in (("missing", missing), ("too many", extra), ("different", other)):
            for k in keys[:3]:
                text += "\n  %s: %s, table %s, client %s" % (name, k, wanted.get(k), s.rows.get(k))
        return text

    def growth(self):
        """KiB of growth at rest beyond what is allowed; zero or less is none."""
        if len(self.rested) < 2:
            return 0
        (first, first_cached), (last, last_cached) = self.rested[0], self.rested[-1]
        return (last - last_cached) - (first - first_cached) - REST_GROWTH_KIB

    def compare_memory(self):
        first, last = self.loaded[0], self.loaded[-1]
        print("       under load: RSS %d KiB in the first minute, %d KiB at the end" % (first, last), flush=True)
        # In less than this the first minute is still a large part of the whole.
        if self.options.seconds >= NEXT_PHASE and last > first * (1 + GROWTH):
            raise Wrong("under load the server grew by more than %d %%" % (GROWTH * 100))
        if self.growth() > 0:
            raise Wrong("at rest the server grew by %d KiB more than is allowed" % self.growth())
        print("ok   - the server did not grow", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--seconds", type=int, default=1800)
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(4), "big"))
    parser.add_argument("--clients", type=int, default=48)
    parser.add_argument("--pause", type=float, default=0.02, help="mean seconds between two statements of one writer")
    parser.add_argument("--drain", type=int, default=DRAIN_SECONDS, help="seconds that the last rows may take")
    parser.add_argument("--no-memory", action="store_true", help="do not compare memory (sanitizers)")
    options = parser.parse_args()
    print("seed %d" % options.seed, flush=True)
    soak = Soak(options)
    passed = failed = 0
    for name, step in (("live queries over time", soak.run), ("memory", soak.compare_memory)):
        if name == "memory" and (len(soak.rested) < 2):
            continue
        try:
            step()
            passed += 1
        except Exception as e:
            failed += 1
            print("FAIL - %s, seed %d\n%s" % (name, options.seed, e if isinstance(e, Wrong) else traceback.format_exc()), flush=True)
            break
    print("seed %d, %d s: %s" % (options.seed, options.seconds, ", ".join("%s %d" % (k, v) for k, v in sorted(counts.items()))))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
