"""Where a snapshot ends and the changes begin, while thousands of rows are written: per row nothing is missing, nothing
comes twice, and the order never falls."""
import threading
import unittest

from kalamdb import GENEROUS, Server
from wsloop import Loop, Socket, seeded

BATCHES = (1, 13, 200, 1000, 100000)


class Reader:
    """One connection that subscribes again and again, and a history of each subscription."""

    def __init__(self, test, port, token, name, queries, random):
        self.test = test
        self.name = name
        self.queries = queries
        self.random = random
        self.histories = {}
        self.current = {}
        self.count = 0
        self.again = True
        self.closed = False
        self.socket = Socket(test.loop, port, token, self, compress=random.random() < 0.3, packed=random.random() < 0.3)

    def on_open(self):
        for query in self.queries:
            self.subscribe(query)

    def on_closed(self, code):
        self.closed = True
        self.test.assertFalse(self.again, "closed with %s" % code)

    def subscribe(self, query):
        self.count += 1
        h = History(self, "%s.%d" % (self.name, self.count), query, self.random.choice(BATCHES))
        self.histories[h.id] = h
        self.current[query] = h
        self.socket.send({"type": "subscribe", "subscription": {"id": h.id, "sql": "SELECT * FROM " + query,
                                                                "options": {"batch_size": h.batch_size}}})

    def on_message(self, m):
        self.test.assertNotEqual(m["type"], "error", m)
        self.histories[m["subscription_id"]].take(m)

    def settled(self):
        return all(h.ready and h.ended for h in self.current.values())


class History:
    """Everything that one subscription was told, checked as it comes."""

    def __init__(self, reader, sub_id, query, batch_size):
        self.reader = reader
        self.test = reader.test
        self.id = sub_id
        self.query = query
        self.batch_size = batch_size
        self.last = 0
        self.ready = False
        self.ended = False  # the last row of all has come
        self.rows = {}      # key: (_seq, n)
        self.snapshot = 0
        self.changes = 0
        self.enough = reader.random.choice((0, 20, 200))

    def take(self, m):
        t = self.test
        if m["type"] == "initial_data_batch":
            t.assertFalse(self.ready, m["batch_control"])
            for row in m["rows"]:
                seq = int(row["_seq"])
                t.assertGreater(seq, self.last, "a snapshot goes up")
                self.last = seq
                t.assertNotIn(row["id"], self.rows, "a snapshot has a row once")
                self.rows[row["id"]] = (seq, row["n"])
                self.ended |= row["id"] == t.END
                self.snapshot += 1
            control = m["batch_control"]
            if control["has_more"]:
                t.assertEqual(control["last_seq_id"], self.last)
                self.reader.socket.send({"type": "next_batch", "subscription_id": self.id, "last_seq_id": self.last})
            else:
                self.ready = True
        elif m["type"] == "change":
            t.assertTrue(self.ready, "a change before the end of the snapshot")
            kind = m["change_type"]
            row = m["old_values" if kind == "delete" else "rows"][0]
            seq = int(row["_seq"])
            t.assertGreater(seq, self.last, "%s is not newer than what came before" % m)
            self.last = seq
            self.changes += 1
            known = self.rows.get(row["id"])
            if kind == "insert":
                t.assertIsNone(known, "%s inserts what is there" % m)
                self.rows[row["id"]] = (seq, row["n"])
            elif kind == "update":
                old = m["old_values"][0]
                # What changed before its page was read is no part of the snapshot.
                if known is not None:
                    t.assertEqual(known, (int(old["_seq"]), old.get("n", row["n"])), "a version between the two is missing")
                self.rows[row["id"]] = (seq, row["n"])
            else:
                self.rows.pop(row["id"], None)
            self.ended |= row["id"] == t.END
        if self.ready and self.reader.again and self.changes > self.enough:
            # The next seam, beside what goes on here.
            self.reader.socket.send({"type": "unsubscribe", "subscription_id": self.id})
            self.take = lambda m: None
            self.test.checked += 1
            self.test.with_rows += self.snapshot > 0
            self.reader.subscribe(self.query)


class TestLiveSeam(unittest.TestCase):
    END = 1_000_000
    WRITERS = 4
    ROUNDS = 250
    KEYS = 400

    def setUp(self):
        # A buffer that never overflows: what is caught up from storage collapses versions, and this is about the others.
        self.server = Server(extra=GENEROUS + "[websocket]\nmax_queued_bytes = 67108864\nmax_snapshot_buffer_bytes = 67108864\n").start()
        self.addCleanup(self.server.__exit__)
        self.root = self.server.login()
        self.root.sql("CREATE NAMESPACE seam")
        self.root.sql("CREATE USER 'ann' WITH PASSWORD 'pw' ROLE user")
        self.loop = Loop()
        self.checked = self.with_rows = 0

    def write(self, client, table, part, failures):
        """Rows of its own range, most of them several times; the history of a row ends wherever it ends."""
        random = seeded(self.id(), part)
        first = part * self.KEYS
        there = set()
        try:
            for i in range(self.ROUNDS):
                some = [first + k for k in random.sample(range(self.KEYS), 12)]
                new = [k for k in some if k not in there]
                old = [k for k in some if k in there]
                if new:
                    client.sql("INSERT INTO %s (id, n) VALUES %s" % (table, ", ".join("(%d, %d)" % (k, i) for k in new)))
                    there.update(new)
                if old:
                    client.sql("UPDATE %s SET n = n + 1 WHERE id IN (%s)" % (table, ", ".join(map(str, old))))
                if old and i % 3 == 0:
                    client.sql("DELETE FROM %s WHERE id IN (%s)" % (table, ", ".join(map(str, old[:4]))))
                    there.difference_update(old[:4])
        except Exception as e:
            failures.append(e)

    def seam(self, kind):
        table = "seam.t"
        self.root.sql("CREATE TABLE %s (id INT PRIMARY KEY, n INT) WITH (TYPE = '%s'%s)"
                      % (table, kind, ", ACCESS_LEVEL = 'PUBLIC'" if kind == "SHARED" else ""))
        ann = self.server.login("ann", "pw")
        writer = self.root if kind == "SHARED" else ann
        writer.sql("INSERT INTO %s (id, n) VALUES %s" % (table, ", ".join("(%d, 0)" % k for k in range(900_000, 901_500))))
        queries = (table, table + " WHERE n >= 0")
        readers = [Reader(self, self.server.port, ann.token, "r%d" % i, queries, seeded(self.id(), "reader", i)) for i in range(12)]
        failures = []
        threads = [threading.Thread(target=self.write, args=(writer.clone(), table, p, failures)) for p in range(self.WRITERS)]
        for t in threads:
            t.start()
        while any(t.is_alive() for t in threads):
            self.loop.turn()
        for t in threads:
            t.join()
        self.assertEqual(failures, [])
        for r in readers:
            r.again = False
        writer.sql("INSERT INTO %s (id, n) VALUES (%d, 1)" % (table, self.END))
        self.loop.until(lambda: all(r.settled() for r in readers), 60, "the last row at every subscription")
        want = {id: (int(seq), n) for id, seq, n in ann.rows("SELECT id, _seq, n FROM " + table)}
        for r in readers:
            for h in r.current.values():
                self.assertEqual(h.rows, want, "%s, batches of %d" % (h.id, h.batch_size))
                self.checked += 1
            r.socket.close()
        self.loop.until(lambda: all(r.closed for r in readers), 30, "the end of the connections")
        self.assertGreater(self.checked, 5 * len(readers), "too few snapshots were read while rows were written")
        self.assertGreater(self.with_rows, len(readers))

    def test_nothing_is_lost_or_repeated_at_the_seam_of_a_shared_table(self):
        self.seam("SHARED")

    def test_nothing_is_lost_or_repeated_at_the_seam_of_a_user_table(self):
        self.seam("USER")


if __name__ == "__main__":
    unittest.main()
