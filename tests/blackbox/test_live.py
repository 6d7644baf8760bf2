"""Live queries: handshake, snapshot, changes, filters, the seam between snapshot and changes."""
import json
import threading
import unittest

import websocket

from kalamdb import Live, Server, SqlError


class TestLive(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.root = cls.server.login()
        cls.root.sql("CREATE NAMESPACE l")
        for name in ("ann", "bob"):
            cls.root.sql("CREATE USER '%s' WITH PASSWORD 'pw' ROLE user" % name)
        cls.ann = cls.server.login("ann", "pw")
        cls.bob = cls.server.login("bob", "pw")
        cls.count = 0

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def table(self, kind="USER", columns="id INT PRIMARY KEY, v TEXT, n INT"):
        TestLive.count += 1
        name = "l.t%d" % TestLive.count
        extra = {"SHARED": ", ACCESS_LEVEL = 'PUBLIC'", "STREAM": ", TTL_SECONDS = 600"}.get(kind, "")
        self.root.sql("CREATE TABLE %s (%s) WITH (TYPE = '%s'%s)" % (name, columns, kind, extra))
        return name

    def test_both_ways_to_authenticate(self):
        for header in (False, True):
            live = Live(self.server, self.ann.token, header=header)
            self.assertEqual((live.auth["type"], live.auth["user"], live.auth["role"]), ("auth_success", "ann", "user"))
            live.close()

    def test_a_bad_token_ends_the_connection_with_1008(self):
        ws = websocket.create_connection("ws://127.0.0.1:%d/v1/ws" % self.server.port, timeout=10)
        ws.send(json.dumps({"type": "authenticate", "method": "jwt", "token": "x"}))
        self.assertEqual(json.loads(ws.recv())["type"], "auth_error")
        opcode, data = ws.recv_data()
        self.assertEqual((opcode, int.from_bytes(data[:2], "big")), (websocket.ABNF.OPCODE_CLOSE, 1008))

    def test_a_snapshot_comes_in_pages_ordered_by_seq(self):
        t = self.table()
        self.ann.sql("INSERT INTO %s (id, v) VALUES %s" % (t, ",".join("(%d,'x')" % i for i in range(95))))
        self.ann.sql("UPDATE %s SET v = 'late' WHERE id = 3" % t)
        live = Live(self.server, self.ann.token)
        s = live.subscribe("SELECT * FROM " + t, {"batch_size": 20})
        seqs = [int(r["_seq"]) for r in s.rows]
        self.assertEqual(seqs, sorted(seqs))
        self.assertEqual(sorted(r["id"] for r in s.rows), list(range(95)))
        self.assertEqual(s.rows[-1]["v"], "late")
        self.assertEqual([c["name"] for c in s.ack["schema"]], ["id", "v", "n", "_seq", "_deleted"])
        s = live.subscribe("SELECT * FROM " + t, {"last_rows": 3})
        self.assertEqual([r["id"] for r in s.rows], [93, 94, 3])
        live.close()

    def test_changes_carry_new_and_old_values(self):
        for kind in ("USER", "SHARED"):
            t = self.table(kind)
            who = self.root if kind == "SHARED" else self.ann
            live = Live(self.server, who.token)
            s = live.subscribe("SELECT * FROM " + t)
            who.sql("INSERT INTO %s (id, v, n) VALUES (1, 'one', 10)" % t)
            insert = s.next()
            self.assertEqual(insert["change_type"], "insert")
            self.assertEqual({k: insert["rows"][0][k] for k in ("id", "v", "n", "_deleted")},
                             {"id": 1, "v": "one", "n": 10, "_deleted": False})
            who.sql("UPDATE %s SET v = 'uno', n = NULL WHERE id = 1" % t)
            update = s.next()
            new, old = update["rows"][0], update["old_values"][0]
            self.assertEqual((new["id"], new["v"], "n" in new, "_deleted" in new), (1, "uno", False, False))
            self.assertEqual((old["id"], old["v"], old["n"]), (1, "one", 10))
            self.assertGreater(int(new["_seq"]), int(old["_seq"]))
            self.assertEqual(old["_seq"], insert["rows"][0]["_seq"])
            who.sql("DELETE FROM %s WHERE id = 1" % t)
            delete = s.next()
            self.assertEqual((delete["change_type"], "rows" in delete), ("delete", False))
            gone = delete["old_values"][0]
            self.assertEqual((gone["id"], gone["v"], gone["_deleted"]), (1, "uno", True))
            self.assertGreater(int(gone["_seq"]), int(new["_seq"]))
            live.close()

    def test_users_see_their_own_rows_only(self):
        t = self.table()
        lives = [Live(self.server, c.token) for c in (self.ann, self.bob, self.root)]
        subs = [live.subscribe("SELECT * FROM " + t) for live in lives]
        self.ann.sql("INSERT INTO %s (id, v) VALUES (1, 'of ann')" % t)
        self.bob.sql("INSERT INTO %s (id, v) VALUES (1, 'of bob')" % t)
        self.root.sql("EXECUTE AS USER 'bob' (INSERT INTO %s (id, v) VALUES (2, 'for bob'))" % t)
        self.assertEqual([r["v"] for _, r in subs[0].changes(1)], ["of ann"])
        self.assertEqual([r["v"] for _, r in subs[1].changes(2)], ["of bob", "for bob"])
        self.ann.sql("INSERT INTO %s (id, v) VALUES (9, 'end')" % t)
        self.root.sql("INSERT INTO %s (id, v) VALUES (9, 'end')" % t)
        self.assertEqual([r["v"] for _, r in subs[0].changes(1)], ["end"])
        self.assertEqual([r["v"] for _, r in subs[2].changes(1)], ["end"])
        for live in lives:
            live.close()

    FILTERS = ["n = -5", "b", "NOT b", "n IN (1, 2, NULL)", "n NOT IN (1, 2)", "n BETWEEN 1 AND 3", "v IS NULL", "v IS NOT NULL",
               "v <> 'a'", "NOT (v = 'a')", "v > 'b'", "v LIKE 'a%'", "v ILIKE 'A%'", "at > '2024-01-01'", "n + 1 = 3", "n = '2'",
               "UPPER(v) = 'B'", "CASE WHEN b THEN n > 0 ELSE n < 0 END", "who = CURRENT_USER()", "who = CURRENT_USER",
               "v = 'it''s'", "n > 1 AND (v = 'a' OR b)", "true", "big = 9007199254740993", "j ->> 'k' = 'x'", "v || 'x' = 'ax'", "N = 2",
               "TABLE.n = 2", "COALESCE(n, 0) = 0", "d > 0.5", "id % 2 = 0", "at IS DISTINCT FROM NULL"]

    def test_a_filter_means_live_what_it_means_in_a_query(self):
        t = self.table(columns="id INT PRIMARY KEY, v TEXT, n INT, b BOOLEAN, at TIMESTAMP, who TEXT, big BIGINT, j JSON, d DOUBLE")
        rows = ["(1, 'a', 1, true, '2024-05-01', 'ann', 9007199254740993, '{\"k\":\"x\"}', 0.25)",
                "(2, 'b', 2, false, '2023-05-01', 'bob', 9007199254740992, '{\"k\":1}', 0.75)",
                "(3, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL)", "(4, 'it''s', -5, true, '2024-01-01', 'ann', 0, 'null', -1)",
                "(5, 'abc', 3, false, '1969-01-01', '', -1, '[]', 1e300)"]
        live = Live(self.server, self.ann.token)
        subs = [(f, live.subscribe("SELECT * FROM %s WHERE %s" % (t, f.replace("TABLE", t.split(".")[1])))) for f in self.FILTERS]
        for row in rows:
            self.ann.sql("INSERT INTO %s VALUES %s" % (t, row))
        every = live.subscribe("SELECT * FROM " + t)
        self.assertEqual(len(every.rows), 5)
        self.ann.sql("INSERT INTO %s (id) VALUES (99)" % t)
        every.changes(1)
        for f, s in subs:
            text = f.replace("TABLE", t.split(".")[1])
            want = [r[0] for r in self.ann.rows("SELECT id FROM %s WHERE (%s) ORDER BY id" % (t, text))]
            got = [r["id"] for _, r in s.changes(len(want))]
            self.assertEqual(got, want, f)
            self.assertTrue(s.queue.empty(), f)
            snapshot = live.subscribe("SELECT * FROM %s WHERE %s" % (t, text))
            self.assertEqual(sorted(r["id"] for r in snapshot.rows), want, f)
        live.close()

    def test_what_cannot_be_evaluated_per_row_is_refused(self):
        t = self.table()
        live = Live(self.server, self.ann.token)
        for sql in ("SELECT * FROM %s WHERE id IN (SELECT 1)", "SELECT * FROM %s ORDER BY id", "SELECT * FROM %s LIMIT 1",
                    "SELECT COUNT(*) FROM %s", "SELECT DISTINCT v FROM %s", "SELECT v AS w FROM %s", "SELECT id + 1 FROM %s",
                    "SELECT _seq FROM %s", "SELECT a.id FROM %s a JOIN %s b ON a.id = b.id", "DELETE FROM %s", "not sql",
                    "SELECT * FROM %s WHERE " + "(" * 3000 + "id = 1" + ")" * 3000):
            with self.assertRaises(SqlError) as caught:
                live.subscribe(sql.replace("%s", t))
            self.assertEqual(caught.exception.code, "INVALID_SQL", sql[:60])
        with self.assertRaises(SqlError) as caught:
            live.subscribe("SELECT nocolumn FROM " + t)
        with self.assertRaises(SqlError) as caught:
            live.subscribe("SELECT * FROM l.nothere")
        self.assertEqual(caught.exception.code, "NOT_FOUND")
        with self.assertRaises(SqlError) as caught:
            live.subscribe("SELECT * FROM system.users")
        self.assertEqual(caught.exception.code, "UNAUTHORIZED")
        s = live.subscribe("SELECT * FROM " + t)
        self.ann.sql("INSERT INTO %s (id) VALUES (1)" % t)
        self.assertEqual(s.changes(1)[0][1]["id"], 1)
        live.close()

    def test_projections_name_columns_as_sql_does(self):
        t = self.table()
        live = Live(self.server, self.ann.token)
        s = live.subscribe("SELECT V, x.n FROM %s x WHERE x.N >= 0" % t)
        self.assertEqual([c["name"] for c in s.ack["schema"]], ["v", "n"])
        self.ann.sql("INSERT INTO %s (id, v, n) VALUES (1, 'a', 1)" % t)
        self.assertEqual(set(s.changes(1)[0][1]), {"v", "n", "_seq"})
        self.ann.sql("UPDATE %s SET v = 'b' WHERE id = 1" % t)
        m = s.next()
        self.assertEqual((set(m["rows"][0]), set(m["old_values"][0])), ({"id", "v", "n", "_seq"}, {"id", "v", "_seq"}))
        live.close()

    def test_one_statement_of_thousands_of_rows_arrives_whole(self):
        t = self.table("SHARED")
        live = Live(self.server, self.ann.token)
        s = live.subscribe("SELECT * FROM " + t)
        self.root.sql("INSERT INTO %s (id, v) VALUES %s" % (t, ",".join("(%d,'%s')" % (i, "x" * 50) for i in range(5000))))
        self.assertEqual([r["id"] for _, r in s.changes(5000)], list(range(5000)))
        live.close()

    def test_unsubscribe_and_subscribing_an_id_again_leave_nothing_behind(self):
        t, other = self.table(), self.table()
        live = Live(self.server, self.ann.token)
        s = live.subscribe("SELECT * FROM " + t, sub_id="x")
        again = live.subscribe("SELECT * FROM " + other, sub_id="x")
        self.ann.sql("INSERT INTO %s (id) VALUES (1)" % t)
        self.ann.sql("INSERT INTO %s (id) VALUES (2)" % other)
        self.assertEqual([r["id"] for _, r in again.changes(1)], [2])
        live.send({"type": "unsubscribe", "subscription_id": "x"})
        live.send({"type": "unsubscribe", "subscription_id": "x"})
        y = live.subscribe("SELECT * FROM " + other, sub_id="y")
        self.ann.sql("INSERT INTO %s (id) VALUES (3)" % other)
        y.changes(1)
        self.assertTrue(s.queue.empty())
        self.assertEqual(self.root.value("SELECT COUNT(*) FROM system.live WHERE user_id = 'ann' AND table_name IN ('%s','%s')"
                                         % (t[2:], other[2:])), "1")
        live.close()

    def test_ids_of_clients_are_escaped(self):
        t = self.table()
        live = Live(self.server, self.ann.token)
        s = live.subscribe("SELECT * FROM " + t, sub_id='a"b\\c\n\u0001é')
        self.ann.sql("INSERT INTO %s (id) VALUES (1)" % t)
        self.assertEqual(s.changes(1)[0][1]["id"], 1)
        live.close()

    def test_frames_of_a_message_are_put_together(self):
        ws = websocket.create_connection("ws://127.0.0.1:%d/v1/ws" % self.server.port, timeout=10)
        text = json.dumps({"type": "authenticate", "method": "jwt", "token": self.ann.token})
        pieces = [text[i:i + 40] for i in range(0, len(text), 40)]
        for i, piece in enumerate(pieces):
            opcode = websocket.ABNF.OPCODE_TEXT if i == 0 else websocket.ABNF.OPCODE_CONT
            ws.send_frame(websocket.ABNF(1 if i == len(pieces) - 1 else 0, 0, 0, 0, opcode, 1, piece))
            ws.ping("between the frames")
        self.assertEqual(json.loads(ws.recv())["type"], "auth_success")
        ws.close()

    def test_half_a_frame_and_broken_messages_hurt_nobody(self):
        import socket
        live = Live(self.server, self.ann.token)
        live.ws.sock.sendall(b"\x81\xfe\x10")
        live.ws.sock.shutdown(socket.SHUT_RDWR)
        live = Live(self.server, self.ann.token)
        live.ws.send("{this is no json")
        self.assertTrue(live.closed.wait(10))
        self.assertEqual(live.close_code, 1011)
        self.assertEqual(self.root.value("SELECT 1"), 1)

    def seam(self, kind):
        t = self.table(kind)
        who = self.root if kind == "SHARED" else self.ann
        stop, done_once = threading.Event(), threading.Event()
        done = [[] for _ in range(3)]

        def write(k):
            client = who.clone()
            i = 0
            while not stop.is_set() and i < 3000:
                client.sql("INSERT INTO %s (id, v, n) VALUES (%d, 'w', %d)" % (t, 100000 * k + i, k))
                done[k].append(100000 * k + i)
                i += 1
        writers = [threading.Thread(target=write, args=(k,)) for k in range(3)]
        for w in writers:
            w.start()
        live = Live(self.server, who.token)
        subs = []
        for target in range(50, 650, 75):
            while sum(map(len, done)) < target:
                done_once.wait(0.001)
            subs.append(live.subscribe("SELECT * FROM " + t, {"batch_size": 50}))
        stop.set()
        for w in writers:
            w.join()
        want = sorted(sum(done, []))
        self.assertGreater(len(want), 200)
        for s in subs:
            got = [r["id"] for r in s.rows]
            got += [r["id"] for _, r in s.changes(len(want) - len(got))]
            self.assertEqual(len(got), len(set(got)), "a row came twice")
            self.assertEqual(sorted(got), want)
            self.assertTrue(s.queue.empty())
        live.close()

    def test_snapshot_and_changes_join_without_gap_or_repeat(self):
        self.seam("USER")
        self.seam("SHARED")

    def test_sessions_are_counted_and_killed(self):
        t = self.table()
        live = Live(self.server, self.ann.token)
        live.subscribe("SELECT * FROM %s -- marked" % t, sub_id="to-be-killed")
        rows = self.root.dicts("SELECT * FROM system.live WHERE subscription_id = 'to-be-killed'")
        self.assertEqual((rows[0]["user_id"], rows[0]["query"]), ("ann", "SELECT * FROM %s -- marked" % t))
        message = self.root.sql("KILL LIVE QUERY '%s'" % rows[0]["live_id"])[0]["message"]
        self.assertEqual(message, "Live query killed: " + rows[0]["live_id"])
        self.assertEqual(self.root.rows("SELECT live_id FROM system.live WHERE subscription_id = 'to-be-killed'"), [])
        self.assertEqual(self.ann.error("KILL LIVE QUERY 'x-y-z'").code, "PERMISSION_DENIED")
        live.close()

    def test_a_dropped_table_ends_its_subscriptions_with_an_error(self):
        t = self.table()
        live = Live(self.server, self.ann.token)
        s = live.subscribe("SELECT * FROM " + t)
        self.root.sql("DROP TABLE " + t)
        m = s.next()
        self.assertEqual((m["type"], m["code"]), ("error", "NOT_FOUND"))
        live.close()

    # ---- MessagePack, read and written by another library

    PACKED = {"serialization": "msgpack", "compression": "none"}

    def packed(self, token, **more):
        live = Live(self.server, token, **{"options": "", "protocol": self.PACKED, **more})
        self.assertEqual(live.auth["protocol"]["serialization"], "msgpack")
        return live

    def test_messagepack_says_what_json_says(self):
        t = self.table(columns="id BIGINT PRIMARY KEY, v TEXT, d DOUBLE, f FLOAT, num DECIMAL(12, 3), b BOOLEAN, at TIMESTAMP, "
                               "j JSON, raw BYTES, u UUID, e EMBEDDING(2), s SMALLINT NOT NULL DEFAULT 0")
        values = "(%d, 'gr\u00fc\u00df \U0001f600', 0.25, 0.1, -1.5, true, '2024-05-01', '{\"a\": [1]}', '\\x00ff', " \
                 "'00112233-4455-6677-8899-aabbccddeeff', '[1, 0.5]', %d)"
        for i in range(5):
            self.ann.sql("INSERT INTO %s VALUES %s" % (t, values % (9007199254740993 + i, 100 * i)))
        self.ann.sql("INSERT INTO %s (id) VALUES (-7)" % t)
        lives = [Live(self.server, self.ann.token), self.packed(self.ann.token),
                 self.packed(self.ann.token, header=True, options="?serialization=msgpack")]
        subs = [live.subscribe("SELECT * FROM " + t, {"batch_size": 4}, sub_id='an "id" \n') for live in lives]
        self.ann.sql("INSERT INTO %s (id, v) VALUES (1, 'one')" % t)
        self.ann.sql("UPDATE %s SET v = NULL, d = 1 WHERE id = 1" % t)
        self.ann.sql("DELETE FROM %s WHERE id = 9007199254740993" % t)
        heard = [(s.ack, s.rows, s.last_seq, [s.next() for _ in range(3)]) for s in subs]
        self.assertEqual(heard[0], heard[1])
        self.assertEqual(heard[0], heard[2])
        self.assertEqual(len(heard[0][1]), 6)
        ids = {r["id"] for r in heard[1][1]}
        self.assertIn("9007199254740993", ids)
        self.assertIsInstance(subs[1].last_seq, int)
        self.assertEqual({opcode for opcode, _ in lives[1].frames}, {websocket.ABNF.OPCODE_BINARY})
        for live in lives:
            live.close()

    def test_messagepack_is_compressed_when_that_was_negotiated(self):
        t = self.table()
        self.ann.sql("INSERT INTO %s (id, v) VALUES %s" % (t, ",".join("(%d,'xxxxxxxxxxxxxxxx')" % i for i in range(100))))
        live = self.packed(self.ann.token, header=True, options="?serialization=msgpack")
        self.assertEqual(len(live.subscribe("SELECT * FROM " + t).rows), 100)
        self.assertGreater(live.frames[websocket.ABNF.OPCODE_BINARY, True], 0)
        live.close()
        live = self.packed(self.ann.token, header=True, options="?serialization=msgpack&compress=false")
        self.assertEqual(len(live.subscribe("SELECT * FROM " + t).rows), 100)
        self.assertEqual(set(live.frames), {(websocket.ABNF.OPCODE_BINARY, False)})
        live.close()

    def test_clients_may_speak_messagepack(self):
        t = self.table()
        self.ann.sql("INSERT INTO %s (id) VALUES (1), (2), (3)" % t)
        live = self.packed(self.ann.token)
        for compress in (False, True):
            name = "packed %s" % compress
            live.send_packed({"type": "subscribe", "more": [1, {"x": b"bytes"}],
                              "subscription": {"id": name, "sql": "SELECT id FROM " + t, "options": {"batch_size": 2}}}, compress)
            queue = live.queue_of(name)
            self.assertEqual(queue.get(timeout=30)["type"], "subscription_ack")
            control = queue.get(timeout=30)["batch_control"]
            self.assertTrue(control["has_more"])
            live.send_packed({"type": "next_batch", "subscription_id": name, "last_seq_id": control["last_seq_id"]}, compress)
            self.assertEqual([r["id"] for r in queue.get(timeout=30)["rows"]], [3])
            live.send_packed({"type": "unsubscribe", "subscription_id": name}, compress)
        live.subscribe("SELECT id FROM " + t)  # in JSON
        live.close()

    def test_bytes_that_are_no_message_leave_the_connection_open(self):
        live = self.packed(self.ann.token)
        for data, told in ((b"", "Invalid MessagePack: "), (b"\xc1", "Invalid MessagePack: "), (b"\xdd\xff\xff\xff\xff", "Invalid MessagePack: "),
                           (b"\x1f\x8bxxxx", "Failed to decompress binary msgpack")):
            live.ws.send_binary(data)
            m = live.queue_of("protocol").get(timeout=30)
            self.assertEqual((m["type"], m["code"]), ("error", "UNSUPPORTED_DATA"))
            self.assertTrue(m["message"].startswith(told), m)
        live.send_packed({"type": "ping", "filler": "x" * 2000000}, compress=True)  # small until it is unpacked
        self.assertEqual(live.queue_of("protocol").get(timeout=30)["code"], "MESSAGE_TOO_LARGE")
        self.assertEqual(set(live.frames), {(websocket.ABNF.OPCODE_TEXT, False)})
        live.subscribe("SELECT * FROM " + self.table())
        live.close()
        live = Live(self.server, self.ann.token)
        live.send_packed({"type": "ping"})
        self.assertEqual(live.queue_of("protocol").get(timeout=30)["message"], "Binary not supported")
        live.close()
