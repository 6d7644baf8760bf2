"""Many live queries: who is concerned by a change hears of it, and nobody else does."""
import os
import unittest

from kalamdb import GENEROUS, Server
from wsloop import Loop, Socket, raise_file_limit


class Listener:
    """One connection that keeps the changes of its subscriptions as (id, change_type, key)."""

    def __init__(self, loop, port, token):
        self.heard = []
        self.acknowledged = 0
        self.closed = False
        self.socket = Socket(loop, port, token, self)

    def on_open(self):
        pass

    def on_closed(self, _):
        self.closed = True

    def on_message(self, m):
        if m["type"] == "subscription_ack":
            self.acknowledged += 1
        elif m["type"] == "change":
            row = m["old_values" if m["change_type"] == "delete" else "rows"][0]
            self.heard.append((m["subscription_id"], m["change_type"], row["id"]))
        else:
            raise AssertionError(m)

    def subscribe(self, sub_id, sql):
        self.socket.send({"type": "subscribe", "subscription": {"id": sub_id, "sql": sql}})


class TestLiveScale(unittest.TestCase):
    CONNECTIONS = int(os.environ.get("KALAMDB_SCALE_CONNECTIONS", "2000"))

    def setUp(self):
        raise_file_limit(self.CONNECTIONS + 500)
        self.server = Server(extra=GENEROUS).start()
        self.addCleanup(self.server.__exit__)
        self.root = self.server.login()
        self.root.sql("CREATE NAMESPACE scale")
        self.root.sql("CREATE TABLE scale.t (id INT PRIMARY KEY, k INT, v TEXT) WITH (TYPE = 'SHARED', ACCESS_LEVEL = 'PUBLIC')")
        self.root.sql("CREATE USER 'ann' WITH PASSWORD 'pw' ROLE user")
        self.token = self.server.login("ann", "pw").token
        self.loop = Loop()
        self.listeners = []

    def connect(self, n):
        for _ in range(n):
            self.listeners.append(Listener(self.loop, self.server.port, self.token))
            self.loop.turn(0)
        self.loop.until(lambda: all(c.socket.authenticated for c in self.listeners), 60, "%d connections" % n)

    def acknowledged(self, each):
        self.loop.until(lambda: all(c.acknowledged == each for c in self.listeners), 60, "every acknowledgement")

    def end(self):
        for c in self.listeners:
            self.assertFalse(c.closed)
            c.socket.close()
        self.loop.until(lambda: all(c.closed for c in self.listeners), 60, "the end of every connection")
        self.assertEqual(self.root.value("SELECT COUNT(*) FROM system.live"), "0")

    def test_thousands_of_connections_hear_every_change(self):
        self.connect(self.CONNECTIONS)
        for c in self.listeners:
            c.subscribe("s", "SELECT * FROM scale.t")
        self.acknowledged(1)
        self.assertEqual(self.root.value("SELECT COUNT(*) FROM system.live"), str(self.CONNECTIONS))
        self.root.sql("INSERT INTO scale.t (id, k) VALUES (1, 1), (2, 2)")
        self.root.sql("UPDATE scale.t SET v = 'x' WHERE id = 2")
        self.root.sql("DELETE FROM scale.t WHERE id = 1")
        want = [("s", "insert", 1), ("s", "insert", 2), ("s", "update", 2), ("s", "delete", 1)]
        self.loop.until(lambda: all(len(c.heard) >= len(want) for c in self.listeners), 60, "every change everywhere")
        self.assertEqual([c.heard for c in self.listeners if c.heard != want], [])
        # Those who leave are missed by nobody.
        for c in self.listeners[::2]:
            c.socket.abort()
        self.listeners = self.listeners[1::2]
        self.root.sql("INSERT INTO scale.t (id) VALUES (3)")
        want.append(("s", "insert", 3))
        self.loop.until(lambda: all(len(c.heard) >= len(want) for c in self.listeners), 60, "the last change")
        self.assertEqual([c.heard for c in self.listeners if c.heard != want], [])
        self.end()

    def test_a_change_finds_its_subscribers_among_ten_thousand_filters(self):
        self.connect(100)
        # Subscription j of connection i wants the value 100 * i + j, which is its id as well.
        for i, c in enumerate(self.listeners):
            for j in range(100):
                c.subscribe(str(100 * i + j), "SELECT id, k FROM scale.t WHERE k = %d" % (100 * i + j))
        self.acknowledged(100)
        expected = {}

        def expect(k, change, key):
            if k is not None and 0 <= k < 10000:
                expected.setdefault(k // 100, []).append((str(k), change, key))
        places = {}
        for first in range(0, 10000, 1000):
            rows = [(k, k * 7 % 10000) for k in range(first, first + 1000)]
            self.root.sql("INSERT INTO scale.t (id, k) VALUES " + ", ".join("(%d, %d)" % r for r in rows))
            for key, k in rows:
                places[key] = k
                expect(k, "insert", key)
        moves = [(5, places[6]), (5, 9999), (77, -1), (78, None), (77, 0), (6, places[6])] + [(i * 13 % 10000, i) for i in range(300)]
        for key, to in moves:
            changed = self.root.sql("UPDATE scale.t SET k = %s WHERE id = %d" % ("NULL" if to is None else to, key))[0]["row_count"]
            self.assertEqual(changed, int(places[key] != to))
            if changed:
                expect(places[key], "delete", key)
                expect(to, "update", key)
                places[key] = to
        self.root.sql("UPDATE scale.t SET v = 'beside' WHERE id = 9000")  # not projected, and a change all the same
        expect(places[9000], "update", 9000)
        self.root.sql("DELETE FROM scale.t WHERE id IN (5, 77, 78, 4321)")
        for key in (5, 77, 78, 4321):
            expect(places[key], "delete", key)
        # A row for everybody is the end.
        for i in range(100):
            self.root.sql("INSERT INTO scale.t (id, k) VALUES (%d, %d)" % (20000 + i, 100 * i))
            expect(100 * i, "insert", 20000 + i)
        self.loop.until(lambda: all(("%d" % (100 * i), "insert", 20000 + i) in c.heard[-1:] for i, c in enumerate(self.listeners)), 60,
                        "the last row at every connection")
        for i, c in enumerate(self.listeners):
            # A change that concerns two subscriptions of one connection may come to either first.
            self.assertEqual(sorted(c.heard), sorted(expected[i]), "connection %d" % i)
            for sub_id in {h[0] for h in c.heard}:
                self.assertEqual([h for h in c.heard if h[0] == sub_id], [h for h in expected[i] if h[0] == sub_id])
        self.end()


if __name__ == "__main__":
    unittest.main()
