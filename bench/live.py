"""Measures live queries: memory of idle subscribers, bursts, many filters, and the delay from commit to socket."""
import json
import statistics
import time

from harness import Bare, Server, Subscribers, each_bytes, kload, thousands

# The quiet step comes some ten seconds after the last work.
QUIET_SECONDS = 20


def subscription(where="", options="null"):
    return ('{"type":"subscribe","subscription":{"id":"s{c}","sql":"SELECT * FROM bench.feed%s","options":%s}}'
            % (where and " WHERE " + where, options))


class LiveBench:
    def __init__(self, rounds, quick):
        self.rounds = rounds
        self.scale = 10 if quick else 1
        self.quiet = 3 if quick else QUIET_SECONDS
        self.memory_rows = []
        self.rows = []
        self.next_key = 1

    def say(self, text):
        print(text, flush=True)

    def start(self):
        server = Server()
        server.login()
        server.sql("CREATE NAMESPACE bench")
        server.sql("CREATE TABLE bench.feed (id BIGINT PRIMARY KEY, room TEXT, t BIGINT, body TEXT) "
                   "WITH (TYPE = 'SHARED')")
        return server

    def insert(self, server, n, in_flight, room="room-1", rate=0):
        first, self.next_key = self.next_key, self.next_key + n
        body = json.dumps({"sql": "INSERT INTO bench.feed (id, room, t, body) VALUES ($1, '%s', 0, $2)" % room,
                           "params": ["{i}", "x" * 60]}).replace('"{i}"', "{i}")
        return kload("http", "127.0.0.1:%d" % server.port, "/v1/api/sql", "-c", in_flight, "-n", n, "-t", server.token,
                     "-b", body, "--from", first, "--rate", rate)

    def settle(self, server):
        server.disconnect()
        time.sleep(self.quiet)
        return server.memory()

    def run(self):
        self.many(1000)
        self.many(10_000)
        self.burst(1000)
        self.burst(5000)
        self.filters()
        self.pace()

    def many(self, n):
        n //= self.scale
        server = self.start()
        # One that comes and goes first: what is paid once is not counted to each.
        warm = Subscribers(server.port, server.token, 1, subscription("room = 'room-1'", "{}"), 1)
        self.insert(server, 1, 1)
        warm.result()
        before = self.settle(server)
        all_of_them = Subscribers(server.port, server.token, n, subscription("room = 'room-1'", "{}"), 1, ping=10)
        after = self.settle(server)
        busy, begin = server.busy(), time.time()
        time.sleep(self.quiet)
        busy = (server.busy() - busy) / (time.time() - begin)
        server.login()
        self.insert(server, 1, 1)
        complete = all_of_them.result()["complete"]
        each = [each_bytes(a - b, n) for a, b in zip(after, before)]
        self.memory_rows.append(("%s connections with one subscription, a ping every 10 s" % thousands(n), *each,
                                 "%.1f %% of a core" % (busy * 100)))
        self.say("%d idle subscribers: %s, anonymous %s each; %.1f %% of a core; %d of them got a change"
                 % (n, *each, busy * 100, complete))
        server.stop()

    def burst(self, n):
        n, changes = n // self.scale, 200
        server = self.start()
        alone = [self.insert(server, changes, 16)["seconds"] for _ in range(3)]
        rates, limits, answered = [], [], []
        for _ in range(self.rounds):
            subscribers = Subscribers(server.port, server.token, n, subscription("room = 'room-1'"), changes)
            answered.append(self.insert(server, changes, 16)["seconds"])
            result = subscribers.result()
            if result["complete"] != n:
                self.say("only %d of %d subscribers got everything" % (result["complete"], n))
            rates.append(result["per_second"])
            bare = Bare(n, changes, 150)
            limits.append(Subscribers(bare.port, None, n, subscription(), changes).result()["per_second"])
            bare.stop()
            alone.append(self.insert(server, changes, 16)["seconds"])
        server.stop()
        rate, limit = statistics.median(rates), statistics.median(limits)
        slower = statistics.median(answered) / statistics.median(alone)
        self.rows.append(("200 synced inserts, 16 in flight, to each of %s subscribers" % thousands(n),
                          "%s messages/s, %.0f %% of bare" % (thousands(rate), rate / limit * 100),
                          "bare, one write() each: %s messages/s; the inserts take %.1f times as long as without "
                          "subscribers" % (thousands(limit), slower)))
        self.say("burst to %d: %s messages/s, %.0f %% of bare; inserts %.1f times" % (n, thousands(rate), rate / limit * 100, slower))

    def filters(self):
        server, changes = self.start(), 2000 // self.scale
        cost = {}
        for sockets, each in ((10, 10), (1000 // self.scale, 100)):
            subscribers = Subscribers(server.port, server.token, sockets, subscription("room = 'room-{c}'"), each=each)
            self.insert(server, changes, 1, "room-5")
            used = []
            for _ in range(self.rounds):
                before = server.busy()
                self.insert(server, changes, 1, "room-5")
                used.append((server.busy() - before) / changes * 1e6)
            cost[sockets * each] = statistics.median(used)
            subscribers.stop()
        server.stop()
        (few, few_cost), (most, most_cost) = cost.items()
        self.rows.append(("a change that concerns one of %s subscriptions, each with its own `room = …`" % thousands(most),
                          "%.0f us of processor time, insert included" % most_cost,
                          "one of %d: %.0f us" % (few, few_cost)))
        self.say("one of %d filters: %.0f us a change; one of %d: %.0f us" % (most, most_cost, few, few_cost))

    def pace(self):
        server, n, seconds = self.start(), 100, 20 // self.scale
        subscribers = Subscribers(server.port, server.token, n, subscription("room = 'room-1'"), 1000 * seconds)
        answers = self.insert(server, 1000 * seconds, 16, rate=1000)
        stats = server.stats()
        subscribers.result()
        server.stop()
        p50, p99 = (int(stats["live_delay_p%d_micros" % p]) / 1000 for p in (50, 99))
        self.rows.append(("1 000 writes/s to 100 subscribers: from the commit to the return of the write() on the socket, "
                          "taken in the server", "p50 %.2f ms, p99 %.2f ms" % (p50, p99),
                          "%s samples; the writers' own answers: p50 %.2f ms, p99 %.2f ms"
                          % (thousands(int(stats["live_delay_samples"])), answers["p50_ms"], answers["p99_ms"])))
        self.say("commit to socket: p50 %.2f ms, p99 %.2f ms" % (p50, p99))
