"""Promises that servers of this kind are known to break, one test each.

The number in a name is the promise's number in docs/traps.md. Where another test proves the promise at length, the one
here is its short form, so that the list can be run as a whole.
"""
import json
import socket
import threading
import unittest

import websocket

from kalamdb import GENEROUS, Live, PASSWORD, Server, SqlError

BAD_NAMES = ["", " ", "..", "../x", "a/b", "a\\b", "a\0b", "x" * 10000, "é" * 3000, "\r\nX: y", "%2e%2e%2f", "'", '"']


def names(result):
    return [column["name"] for column in result["schema"]]


class Traps(unittest.TestCase):
    """One server for a class; every test makes tables and accounts of its own."""
    count = 0

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.root = cls.server.login()
        cls.root.sql("CREATE NAMESPACE p")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def table(self, columns="id INT PRIMARY KEY, v TEXT, n INT", kind="SHARED", more=""):
        Traps.count += 1
        name = "p.t%d" % Traps.count
        self.root.sql("CREATE TABLE %s (%s) WITH (TYPE = '%s'%s)" % (name, columns, kind, more))
        return name

    def user(self, role="user"):
        Traps.count += 1
        name = "u%d" % Traps.count
        self.root.sql("CREATE USER '%s' WITH PASSWORD 'pw' ROLE %s" % (name, role))
        return self.server.login(name, "pw")

    def live(self, client=None, **more):
        live = Live(self.server, (client or self.root).token, **more)
        self.addCleanup(live.close)
        return live

    def alive(self):
        self.assertEqual(self.root.value("SELECT 1"), 1)
        self.assertIsNone(self.server.process.poll())


class TestData(Traps):
    def test_trap_02_the_first_request_after_a_kill_sees_every_row_and_changes_it(self):
        with Server() as server:
            root = server.login()
            root.sql("CREATE TABLE default.t (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED')")
            root.sql("INSERT INTO default.t (id, v) VALUES " + ",".join("(%d, 'v')" % i for i in range(1000)))
            server.kill()
            server.start()
            self.assertEqual(root.sql("UPDATE default.t SET v = 'w' WHERE id >= 500")[0]["row_count"], 500)
            server.kill()
            server.start()
            self.assertEqual(root.sql("DELETE FROM default.t WHERE v = 'v'")[0]["row_count"], 500)
            server.kill()
            server.start()
            self.assertEqual(root.rows("SELECT id FROM default.t"), [[i] for i in range(500, 1000)])

    def test_trap_03_a_snapshot_and_its_changes_neither_repeat_nor_miss_a_row_while_others_write(self):
        t = self.table()
        stop, some = threading.Event(), threading.Event()
        written = []

        def write():
            client = self.root.clone()
            while not stop.is_set() and len(written) < 5000:
                client.sql("INSERT INTO %s (id, v) VALUES (%d, 'w')" % (t, len(written)))
                written.append(len(written))
                if len(written) == 100:
                    some.set()
        writer = threading.Thread(target=write)
        writer.start()
        live = self.live()
        self.assertTrue(some.wait(60))
        subs = [live.subscribe("SELECT * FROM " + t, {"batch_size": 10}) for _ in range(3)]
        stop.set()
        writer.join()
        for s in subs:
            ids = [r["id"] for r in s.rows]
            ids += [r["id"] for _, r in s.changes(len(written) - len(ids))]
            self.assertEqual(sorted(ids), written)

    def test_trap_04_last_rows_are_the_newest_in_ascending_order(self):
        t = self.table(kind="USER")
        for i in (5, 1, 4, 2, 3):
            self.root.sql("INSERT INTO %s (id) VALUES (%d)" % (t, i))
        self.root.sql("UPDATE %s SET v = 'x' WHERE id = 1" % t)
        live = self.live()
        for n, want in ((1, [1]), (3, [2, 3, 1]), (50, [5, 4, 2, 3, 1])):
            rows = live.subscribe("SELECT * FROM " + t, {"last_rows": n}).rows
            self.assertEqual([r["id"] for r in rows], want, n)


class TestAnswers(Traps):
    def test_trap_10_order_by_decides_also_under_limit_and_when_its_key_is_not_shown(self):
        t = self.table()
        self.root.sql("INSERT INTO %s (id, v, n) VALUES (1, 'c', 30), (2, 'a', NULL), (3, 'b', 10), (4, 'd', 20)" % t)
        row_engine = "SELECT %s FROM " + t
        analytical = "SELECT %s FROM (SELECT * FROM " + t + ") x"
        for source in (row_engine, analytical):
            for columns, tail, want in (("id", "ORDER BY v", [2, 3, 1, 4]), ("id", "ORDER BY v DESC LIMIT 2", [4, 1]),
                                        ("id", "ORDER BY v LIMIT 2 OFFSET 1", [3, 1]), ("v", "ORDER BY n", ["b", "d", "c", "a"]),
                                        ("v", "ORDER BY n DESC", ["a", "c", "d", "b"]),
                                        ("v", "ORDER BY n DESC NULLS LAST LIMIT 1", ["c"]),
                                        ("v AS id", "ORDER BY id DESC", ["d", "c", "b", "a"]), ("id", "ORDER BY -id LIMIT 1", [4]),
                                        ("id", "ORDER BY n % 20, id DESC LIMIT 3", [4, 3, 1]), ("id", "ORDER BY 1 DESC OFFSET 3", [1])):
                got = [row[0] for row in self.root.rows(source % columns + " " + tail)]
                self.assertEqual(got, want, (source, columns, tail))

    def test_trap_11_not_null_holds_for_omitted_columns(self):
        t = self.table("id INT PRIMARY KEY, v TEXT NOT NULL, n INT NOT NULL DEFAULT 7")
        for sql in ("INSERT INTO %s (id) VALUES (1)", "INSERT INTO %s (id, v) VALUES (1, NULL)", "INSERT INTO %s VALUES (1)",
                    "INSERT INTO %s (id, v, n) VALUES (1, 'x', NULL)", "INSERT INTO %s (v) VALUES ('x')", "INSERT INTO %s DEFAULT VALUES"):
            self.root.error(sql % t)
        self.assertEqual(self.root.rows("SELECT id FROM " + t), [])
        self.root.sql("INSERT INTO %s (id, v) VALUES (1, 'x')" % t)
        self.root.error("UPDATE %s SET v = NULL WHERE id = 1" % t)
        self.assertEqual(self.root.rows("SELECT id, v, n FROM " + t), [[1, "x", 7]])

    def test_trap_11_a_uuid_is_a_primary_key_with_a_default_and_can_be_updated(self):
        t = self.table("id UUID PRIMARY KEY DEFAULT UUID_V7(), other UUID, v TEXT")
        key = self.root.value("INSERT INTO %s (v) VALUES ('a') RETURNING id" % t)
        fixed = "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b"
        self.assertEqual(self.root.sql("UPDATE %s SET other = '%s', v = 'b' WHERE id = '%s'" % (t, fixed.upper(), key))[0]["row_count"], 1)
        self.assertEqual(self.root.rows("SELECT id, other, v FROM %s WHERE other = '%s'" % (t, fixed)), [[key, fixed, "b"]])
        self.assertEqual(self.root.sql("UPDATE %s SET other = NULL WHERE id = $1" % t, [key])[0]["row_count"], 1)
        self.root.error("INSERT INTO %s (id) VALUES ('no uuid')" % t)

    def test_trap_12_a_select_returns_every_row_it_describes(self):
        t = self.table()
        for lo in range(0, 12000, 3000):
            self.root.sql("INSERT INTO %s (id, v) VALUES %s" % (t, ",".join("(%d,'x')" % i for i in range(lo, lo + 3000))))
        for sql in ("SELECT id FROM %s", "SELECT id FROM %s WHERE v = 'x'", "SELECT id FROM %s ORDER BY v, id",
                    "SELECT a.id FROM %s a JOIN %s b ON a.id = b.id ORDER BY a.id"):
            result = self.root.sql(sql.replace("%s", t))[0]
            self.assertEqual([row[0] for row in result["rows"]], list(range(12000)), sql)
            self.assertEqual((result["row_count"], result.get("truncated")), (12000, None))

    def test_trap_13_a_statement_that_cannot_be_answered_gets_an_error_and_never_a_closed_connection(self):
        t = self.table("id INT PRIMARY KEY, created_at TIMESTAMP, updated_at TIMESTAMP, day DATE, j JSON")
        self.root.sql("INSERT INTO %s VALUES (1, '2024-01-01', '2024-03-01 12:00:00', '2024-02-29', '{}')" % t)
        kept = self.root.clone()
        kept.post({"sql": "SELECT 1"})
        connection = kept.connection
        for sql in ("SELECT updated_at - created_at FROM %s", "SELECT created_at - INTERVAL '1 month' FROM %s", "SELECT -created_at FROM %s",
                    "SELECT created_at + updated_at FROM %s", "SELECT sum(day) FROM %s", "SELECT 1 / (id - 1) FROM %s",
                    "SELECT CAST(j AS INT) FROM %s", "SELECT INTERVAL '1 day'", "SELECT ARRAY[1, 'x']", "SELECT ROW(1, 2)",
                    "SELECT * FROM %s, LATERAL (SELECT 1 / 0) z", "SELECT '\\x00'::bytea", "SELECT 1e400", "SELECT 9223372036854775808",
                    "SELECT factorial(100)", "SELECT repeat('x', 2000000000)", "SELECT lpad('x', 2000000000)", "SELECT", "SELECT FROM %s",
                    "SELECT unknown_function(id) FROM %s", "SELECT id FROM %s WHERE v ~ '('", "SELECT 'a' ~ '('",
                    "SELECT max(id) OVER () FROM %s GROUP BY", "VALUES (1), (1, 2)", "TABLE %s", "SELECT * FROM %s TABLESAMPLE SYSTEM (10)"):
            status, body = kept.post({"sql": sql.replace("%s", t)}, retry=False)
            self.assertIn(status, (200, 400), (sql, body))
            self.assertEqual(body["status"], "success" if status == 200 else "error", sql)
            self.assertIs(kept.connection, connection, sql)

    def test_trap_13_nested_calls_do_not_grow_without_bounds(self):
        t = self.table()
        deep = "v"
        for _ in range(30):
            deep = "substr(lpad(%s, 5), 1, 3)" % deep
        status, _ = self.root.post({"sql": "SELECT %s FROM (SELECT * FROM %s) x" % (deep, t)}, retry=False)
        self.assertIn(status, (200, 400))
        _, anonymous = self.server.memory()
        self.assertLess(anonymous, 400 * 1024)

    def test_trap_14_create_if_not_exists_never_creates_something_called_if(self):
        for _ in range(2):
            self.root.sql("CREATE NAMESPACE IF NOT EXISTS calm")
            self.root.sql("CREATE SCHEMA IF NOT EXISTS calm")
            self.root.sql("CREATE TABLE IF NOT EXISTS calm.t (id INT PRIMARY KEY) WITH (TYPE = 'SHARED')")
            self.root.sql("CREATE USER TABLE IF NOT EXISTS calm.u (id INT PRIMARY KEY)")
            self.root.sql("CREATE SHARED TABLE IF NOT EXISTS calm.s (id INT PRIMARY KEY)")
            self.root.sql("create stream table if not exists calm.e (id INT) WITH (TTL_SECONDS = 10)")
            self.root.post({"sql": "CREATE USER IF NOT EXISTS 'calm_user' WITH PASSWORD 'pw' ROLE user"})
            self.root.post({"sql": "CREATE STORAGE IF NOT EXISTS calm_storage TYPE 'filesystem'"})
            self.root.post({"sql": "CREATE TOPIC IF NOT EXISTS calm_topic"})
        for sql in ("SELECT namespace_id FROM system.namespaces", "SELECT table_name FROM system.tables", "SELECT user_id FROM system.users"):
            found = [str(row[0]).lower() for row in self.root.rows(sql)]
            self.assertNotIn("if", found, sql)
        self.assertIn("calm", [row[0] for row in self.root.rows("SELECT namespace_id FROM system.namespaces")])

    def test_trap_15_row_count_tells_the_rows_that_really_changed(self):
        t = self.table()

        def count(sql):
            return self.root.sql(sql.replace("%s", t))[0]["row_count"]
        self.assertEqual(count("INSERT INTO %s (id, n) VALUES (1, 1), (2, 2), (3, 3)"), 3)
        self.assertEqual(count("INSERT INTO %s (id, n) VALUES (3, 9), (4, 4) ON CONFLICT (id) DO NOTHING"), 1)
        self.assertEqual(count("INSERT INTO %s (id, n) VALUES (3, 30), (5, 5) ON CONFLICT (id) DO UPDATE SET n = EXCLUDED.n"), 2)
        self.assertEqual(count("UPDATE %s SET n = n + 1 WHERE id = 99"), 0)
        self.assertEqual(count("UPDATE %s SET n = n + 1 WHERE id < 3"), 2)
        self.assertEqual(count("UPDATE %s SET n = 30 WHERE id IN (1, 3)"), 1)
        self.assertEqual(count("DELETE FROM %s WHERE id IN (1, 1, 99)"), 1)
        self.assertEqual(count("DELETE FROM %s WHERE id = 1"), 0)
        self.assertEqual(self.root.value("SELECT COUNT(*) FROM " + t), "4")


class TestRights(Traps):
    def test_trap_16_a_changed_role_a_dropped_account_and_a_new_password_count_at_once(self):
        who = self.user("service")
        secret = self.table()
        who.sql("SELECT * FROM " + secret)
        socket_of_theirs = self.live(who)
        other_connection = who.clone()
        other_connection.sql("SELECT 1")
        self.root.sql("ALTER USER '%s' SET ROLE user" % who.user)
        for client in (who, other_connection):
            self.assertEqual(client.post({"sql": "SELECT * FROM " + secret})[0], 401)
        self.assertTrue(socket_of_theirs.closed.wait(10))
        again = self.server.login(who.user, "pw")
        self.assertEqual(again.error("SELECT * FROM " + secret).code, "PERMISSION_DENIED")
        self.root.sql("ALTER USER '%s' SET PASSWORD 'new'" % who.user)
        for password, status in (("pw", 401), ("new", 200)):
            self.assertEqual(self.server.request("POST", "/v1/api/auth/login", {"user": who.user, "password": password})[0], status)
        socket_of_theirs = self.live(again)
        self.root.sql("DROP USER '%s'" % who.user)
        self.assertEqual(again.post({"sql": "SELECT 1"})[0], 401)
        self.assertTrue(socket_of_theirs.closed.wait(10))

    def test_trap_17_an_alias_does_not_unmask_a_credential(self):
        t = self.table("id INT PRIMARY KEY, password_hash TEXT", kind="USER")
        who = self.user()
        who.sql("INSERT INTO %s VALUES (1, 'hidden')" % t)
        for sql in ("SELECT password_hash FROM %s", "SELECT password_hash AS x FROM %s", "SELECT * FROM %s", "SELECT a.* FROM %s a",
                    "SELECT upper(password_hash) AS x FROM %s", "SELECT password_hash || '' AS x FROM %s",
                    "SELECT x FROM (SELECT password_hash AS x FROM %s) y", "SELECT max(password_hash) AS x FROM %s",
                    "SELECT CASE WHEN true THEN password_hash END AS x FROM %s", "SELECT (SELECT password_hash FROM %s) AS x",
                    "SELECT CAST(password_hash AS JSON) AS x FROM %s", "SELECT array_agg(password_hash) AS x FROM %s",
                    "SELECT password_hash AS x FROM %s UNION SELECT 'a'", "SELECT a.password_hash AS x FROM %s a, %s b",
                    "SELECT json_agg(password_hash) AS x FROM %s", "SELECT first_value(password_hash) OVER () AS x FROM %s",
                    "INSERT INTO %s VALUES (2, 'hidden') RETURNING password_hash AS x",
                    "INSERT INTO %s VALUES (2, 'x') ON CONFLICT (id) DO UPDATE SET id = 2 RETURNING *"):
            status, body = who.post({"sql": sql.replace("%s", t)})
            self.assertNotIn("hidden", json.dumps(body).lower(), sql)
        self.assertEqual(who.value("SELECT count(*) FROM %s WHERE password_hash = 'hidden'" % t), "2")

    def test_trap_18_catalog_statements_show_a_user_nothing_of_other_users(self):
        ann, bob = self.user(), self.user()
        t = self.table(kind="USER")
        ann.sql("INSERT INTO %s (id, v) VALUES (1, 'written by ann')" % t)
        live = self.live(ann)
        live.subscribe("SELECT * FROM " + t)
        for sql in ("SHOW TABLES", "SHOW TABLES IN p", "SHOW NAMESPACES", "SHOW STORAGES", "SHOW MANIFEST", "SHOW MANIFEST FOR TABLE %s", "SHOW ALL",
                    "SHOW STATS FOR TABLE %s", "DESCRIBE TABLE %s", "SHOW COLUMNS FROM %s", "SELECT * FROM system.users",
                    "SELECT * FROM system.live", "SELECT * FROM system.manifest", "SELECT * FROM system.tables", "SELECT * FROM system.sessions",
                    "SELECT * FROM system.audit_log", "SELECT * FROM system.server_logs", "SELECT * FROM system.jobs",
                    "SELECT * FROM information_schema.tables", "SELECT * FROM information_schema.columns", "SELECT * FROM information_schema.schemata",
                    "SELECT * FROM (SELECT * FROM system.users) x", "SELECT u.* FROM system.users u, system.users v",
                    "EXECUTE AS USER '%s' (SELECT * FROM %%s)" % ann.user, "SELECT * FROM %s", "SELECT count(*) FROM %s WHERE _deleted"):
            status, body = bob.post({"sql": sql.replace("%s", t)})
            text = json.dumps(body.get("results"))
            self.assertNotIn('"%s"' % ann.user, text, sql)
            self.assertNotIn("written by ann", text, sql)
        self.assertEqual(bob.rows("SELECT * FROM " + t), [])

    def test_trap_19_no_name_that_a_caller_sends_ends_the_process(self):
        t = self.table()
        for name in BAD_NAMES:
            text, ident = name.replace("'", "''"), name.replace('"', '""')
            for sql in ("CREATE USER '%s' WITH PASSWORD 'x' ROLE user", "DROP USER '%s'", "ALTER USER '%s' SET PASSWORD 'x'",
                        "EXECUTE AS USER '%s' (SELECT 1)", "KILL LIVE QUERY '%s'", "KILL JOB '%s'", "CREATE USER ok WITH PASSWORD '%s' ROLE '%s'"):
                self.assertIn(self.root.post({"sql": sql.replace("%s", text)}, retry=False)[0], (200, 400, 403), (sql, name))
            for sql in ('CREATE NAMESPACE "%s"', 'DROP NAMESPACE "%s"', 'USE "%s"', 'SELECT * FROM "%s"', 'SELECT * FROM "%s".t', 'SELECT "%s" FROM ' + t,
                        'CREATE TABLE "%s".t (id INT PRIMARY KEY)', 'CREATE TABLE p."%s" (id INT PRIMARY KEY)', 'CREATE TABLE p.c ("%s" INT PRIMARY KEY)',
                        'DROP TABLE p."%s"', 'DESCRIBE TABLE "%s"', 'SHOW TABLES IN "%s"', 'SHOW STATS FOR TABLE p."%s"', 'ALTER TABLE p."%s" SET ACCESS LEVEL PUBLIC',
                        'CREATE STORAGE "%s" TYPE filesystem', 'CREATE TOPIC "%s"', 'STORAGE FLUSH TABLE p."%s"', 'SELECT 1 AS "%s"'):
                self.assertIn(self.root.post({"sql": sql.replace("%s", ident)}, retry=False)[0], (200, 400, 403), (sql, name))
            self.root.post({"sql": "SELECT 1", "namespace_id": name}, retry=False)
            for path, body in (("/v1/api/auth/login", {"user": name, "password": name}), ("/v1/api/topics/consume", {"topic": name, "group": name}),
                               ("/v1/api/topics/ack", {"topic_id": name, "group_id": name})):
                self.assertLess(self.server.request("POST", path, body, {"Authorization": "Bearer " + self.root.token})[0], 502)
        for path in ("/v1/files/../../etc/passwd", "/v1/files/%2e%2e/%2e%2e/etc/passwd", "/v1/files/a%00b", "/v1/exports/../x", "/v1/files/" + "x" * 9000,
                     "/v1/ws?compress=%ff%00", "/health?" + "q" * 9000, "/%"):
            self.server.request("GET", path, headers={"Authorization": "Bearer " + self.root.token})
        live = self.live()
        for name in BAD_NAMES:
            live.send({"type": "subscribe", "subscription": {"id": name, "sql": "SELECT * FROM " + t, "options": {}}})
            live.send({"type": "next_batch", "subscription_id": name, "last_seq_id": -1})
            live.send({"type": "unsubscribe", "subscription_id": name})
            live.send({"type": "subscribe", "subscription": {"id": "s", "sql": 'SELECT * FROM p."%s"' % name.replace('"', '""')}})
        live.subscribe("SELECT * FROM " + t, sub_id="the last one")
        self.alive()

    def test_trap_20_nobody_raises_their_own_rights(self):
        private = self.table()
        guarded = self.table(more=", ACCESS_LEVEL = 'DBA'")
        user, service, dba = self.user("user"), self.user("service"), self.user("dba")
        self.root.sql("CREATE USER 'other_admin' WITH PASSWORD 'pw' ROLE dba")
        self.root.sql("CREATE USER 'other_system' WITH PASSWORD 'pw' ROLE system")
        for who in (user, service):
            for sql in ("ALTER USER '%s' SET ROLE system" % who.user, "ALTER USER '%s' SET ROLE dba" % who.user,
                        "ALTER USER 'other_admin' SET PASSWORD 'x'", "ALTER USER 'other_admin' SET ROLE user", "DROP USER 'other_admin'",
                        "CREATE USER 'made_%s' WITH PASSWORD 'x' ROLE dba" % who.user, "ALTER TABLE %s SET ACCESS LEVEL PUBLIC" % guarded,
                        "ALTER TABLE %s SET TBLPROPERTIES (ACCESS_LEVEL = 'PUBLIC')" % guarded, "UPDATE system.users SET role = 'system' WHERE user_id = '%s'" % who.user,
                        "INSERT INTO system.users (user_id) VALUES ('x')", "DELETE FROM system.users WHERE user_id = 'root'"):
                self.assertIn(who.error(sql).code, ("PERMISSION_DENIED", "SQL_EXECUTION_ERROR", "INVALID_SQL"), sql)
        user.error("ALTER TABLE %s SET ACCESS LEVEL PUBLIC" % private)
        for sql in ("ALTER USER '%s' SET ROLE system" % dba.user, "ALTER USER 'root' SET PASSWORD 'x'", "ALTER USER 'root' SET ROLE user",
                    "DROP USER 'root'", "DROP USER IF EXISTS 'root'", "ALTER USER 'other_system' SET PASSWORD 'x'", "DROP USER 'other_system'",
                    "ALTER USER 'other_system' SET ROLE user", "CREATE USER 'made_by_dba' WITH PASSWORD 'x' ROLE system",
                    "EXECUTE AS USER 'root' (SELECT 1)"):
            dba.error(sql)
        for sql in ("ALTER USER 'root' SET ROLE user", "DROP USER 'root'"):
            self.root.error(sql)
        users = {row[0]: row[1] for row in self.root.rows("SELECT user_id, role FROM system.users")}
        self.assertEqual([users[u] for u in ("root", "other_system", "other_admin", dba.user, service.user, user.user)],
                         ["system", "system", "dba", "dba", "service", "user"])
        self.server.login("root", PASSWORD)
        for name in ("other_admin", "other_system"):
            self.server.login(name, "pw")
        self.assertEqual(user.error("SELECT * FROM " + private).code, "PERMISSION_DENIED")
        self.assertEqual(service.error("SELECT * FROM " + guarded).code, "PERMISSION_DENIED")

    def test_trap_21_no_cell_breaks_an_answer(self):
        t = self.table("id INT PRIMARY KEY, d DOUBLE, f FLOAT, m DECIMAL(5,2), at TIMESTAMP, e EMBEDDING(2)")
        self.root.sql("INSERT INTO %s VALUES (1, 'NaN', 'Infinity', -0.25, '1969-12-31 23:59:59.999999', '[1, 2]'),"
                      " (2, '-Infinity', 'NaN', 0.05, '2024-01-01 00:00:00.1', NULL)" % t)
        want = [[1, None, None, "-0.25", -1, [1.0, 2.0]], [2, None, None, "0.05", 1704067200100000, None]]
        self.assertEqual(self.root.rows("SELECT id, d, f, m, at, e FROM %s" % t), want)
        self.assertEqual(self.root.rows("SELECT x.id, x.d, x.f, x.m, x.at, x.e FROM %s x JOIN %s y ON x.id = y.id ORDER BY 1" % (t, t)), want)
        for sql, cell in (("SELECT -0.5::DECIMAL(3,1) + 0", "-0.5"), ("SELECT max(m) - 1 FROM %s" % t, "-0.95"),
                          ("SELECT ARRAY[[1, 2], [3]]", [[1, 2], [3]]), ("SELECT TIMESTAMP '2024-01-01 00:00:00.123456'", 1704067200123456),
                          ("SELECT ARRAY['a\"b', NULL]", ['a"b', None])):
            self.assertEqual(self.root.value(sql), cell, sql)

        def strict(text):
            return json.loads(text, parse_constant=self.fail)  # a bare NaN is no JSON
        headers = {"Authorization": "Bearer " + self.root.token}
        for sql in ("SELECT INTERVAL '1 year 2 days -3 seconds'", "SELECT at - LAG(at) OVER (ORDER BY id) FROM %s", "SELECT ROW(1, 'a\"b', NULL)",
                    "SELECT array_agg(d) FROM %s", "SELECT array_agg(e) FROM %s", "SELECT json_object_agg(id, d) FROM %s", "SELECT array_agg(f ORDER BY f) FROM %s",
                    "SELECT to_json(d) FROM %s", "SELECT json_build_object('x', d, 'e', e) FROM %s", "SELECT sum(d), avg(d), stddev(d) FROM %s WHERE id = 1",
                    "SELECT ROW(d, f) FROM %s"):
            status, _, body = self.server.request("POST", "/v1/api/sql", {"sql": sql.replace("%s", t)}, headers)
            self.assertIn(status, (200, 400), (sql, body))
            for row in strict(body)["results"][0]["rows"] if status == 200 else ():
                if "json" in sql:
                    strict(row[0])

    def test_trap_23_text_after_the_end_of_a_statement_is_an_error(self):
        t = self.table()
        for sql in ("SELECT 1 1 1", "INSERT INTO %s (id) VALUES (1) nonsense", "DELETE FROM %s WHERE id = 1 RETURNING id more",
                    "CREATE TABLE p.after (id INT PRIMARY KEY) WITH (TYPE = 'SHARED') nonsense", "DROP TABLE %s nonsense", "CREATE NAMESPACE after nonsense",
                    "CREATE USER after WITH PASSWORD 'x' ROLE user nonsense", "DROP USER root nonsense", "ALTER USER after SET ROLE user nonsense",
                    "EXECUTE AS USER 'x' (SELECT 1) nonsense", "EXECUTE AS USER 'x' (SELECT 1; SELECT 2)", "SHOW TABLES nonsense more", "DESCRIBE TABLE %s nonsense",
                    "USE p nonsense", "KILL LIVE QUERY 'x' nonsense", "SHOW NAMESPACES nonsense", "ALTER TABLE %s SET ACCESS LEVEL PUBLIC nonsense"):
            self.root.error(sql.replace("%s", t))
        self.assertEqual(self.root.rows("SELECT * FROM " + t), [])
        for sql in ("SELECT * FROM p.after", "SELECT * FROM after.t"):
            self.root.error(sql)
        self.assertEqual(self.root.rows("SELECT namespace_id FROM system.namespaces WHERE namespace_id = 'after'"), [])
        self.assertEqual(self.root.rows("SELECT user_id FROM system.users WHERE user_id = 'after'"), [])
        live = self.live()
        with self.assertRaises(SqlError):
            live.subscribe("SELECT * FROM %s; SELECT 1" % t)
        with self.assertRaises(SqlError):
            live.subscribe("SELECT * FROM %s WHERE id = 1 nonsense" % t)

    def test_trap_25_a_silent_connection_is_ended(self):
        extra = GENEROUS.replace("[rate_limit]", "[websocket]\nauth_timeout_secs = 1\nclient_timeout_secs = 1\nheartbeat_interval_secs = 1\n"
                                 "[rate_limit]")
        with Server(extra=extra) as server:
            # Before anything was said, in the middle of a head, in the middle of a body.
            head = b"POST /v1/api/sql HTTP/1.1\r\nHost: x\r\n"
            rest = (b"Content-Type: application/json\r\nAuthorization: Bearer " + server.login().token.encode()
                    + b"\r\nContent-Length: 100\r\n\r\n{")
            silent = []
            for said in (b"", head, head + rest):
                silent.append(socket.create_connection(("127.0.0.1", server.port), timeout=30))
                self.addCleanup(silent[-1].close)
                silent[-1].sendall(said)
            for s in silent:
                self.assertIn(s.recv(1000)[:12], (b"", b"HTTP/1.1 408"))
            # A WebSocket that never says who it is, and one that answers no Ping.
            ws = websocket.create_connection("ws://127.0.0.1:%d/v1/ws" % server.port, timeout=30)
            frames = self.to_the_end(ws)
            self.assertEqual(frames[-1], (websocket.ABNF.OPCODE_CLOSE, 1008))
            ws = websocket.create_connection("ws://127.0.0.1:%d/v1/ws" % server.port, timeout=30,
                                             header=["Authorization: Bearer " + server.login().token])
            frames = self.to_the_end(ws)
            self.assertIn(websocket.ABNF.OPCODE_PING, [opcode for opcode, _ in frames])
            self.assertEqual(frames[-1][0], websocket.ABNF.OPCODE_CLOSE)

    @staticmethod
    def to_the_end(ws):
        """Every frame as (opcode, close code), Pings unanswered."""
        frames = []
        while True:
            frame = ws.recv_frame()
            code = int.from_bytes(frame.data[:2], "big") if frame.opcode == websocket.ABNF.OPCODE_CLOSE else None
            frames.append((frame.opcode, code))
            if frame.opcode == websocket.ABNF.OPCODE_CLOSE:
                return frames


class TestLiveQueries(Traps):
    def test_trap_26_a_live_filter_means_what_where_means(self):
        t = self.table("id INT PRIMARY KEY, v TEXT, n INT, b BOOLEAN, at TIMESTAMP, who TEXT", kind="USER")
        filters = ["n = -5", "b", "NOT b", "v <> 'a'", "NOT (v = 'a')", "n IN (-5, NULL)", "n NOT IN (1, NULL)", "n BETWEEN -5 AND 1", "v IS NULL",
                   "n IS NOT NULL", "v > 'a'", "v >= 'b' OR n < 0", "at > '2023-01-01'", "at < '1970-01-01'", "who = CURRENT_USER()", "b IS NOT TRUE",
                   "v LIKE 'a%'", "n = 1 OR v = 'a'", "n > 0 AND b", "NOT (n > 0 AND b)", "-n = 5"]
        live = self.live()
        subs = [(f, live.subscribe("SELECT * FROM %s WHERE %s" % (t, f))) for f in filters]
        self.root.sql("INSERT INTO %s VALUES (1, 'a', 1, true, '2024-01-01', 'root')" % t)
        self.root.sql("INSERT INTO %s VALUES (2, NULL, NULL, NULL, NULL, NULL), (3, 'b', -5, false, '1969-12-31', 'x')" % t)
        self.root.sql("INSERT INTO %s VALUES (4, 'ab', 0, true, '2023-01-01', '')" % t)
        done = live.subscribe("SELECT * FROM %s WHERE id = 99" % t)
        self.root.sql("INSERT INTO %s (id) VALUES (99)" % t)
        done.changes(1)
        self.root.sql("DELETE FROM %s WHERE id = 99" % t)
        done.changes(1)
        for f, s in subs:
            want = [r[0] for r in self.root.rows("SELECT id FROM %s WHERE %s" % (t, f))]
            got = []
            while not s.queue.empty():
                m = s.next()
                rows = m.get("rows") or m["old_values"]
                got += [r["id"] for r in rows if r["id"] != 99]
            self.assertEqual(got, want, f)

    def test_trap_26_what_cannot_be_evaluated_or_is_too_deep_is_refused_when_subscribing(self):
        t = self.table(kind="USER")
        live = self.live()
        for where in ("id IN (SELECT 1)", "EXISTS (SELECT 1)", "NOW() > '2020-01-01'", "RANDOM() < 2", "count(*) > 0", "row_number() OVER () = 1",
                      "n = $1", "nothere = 1", "nofunction(id) = 1", "id", "v", "NOT " * 5000 + "true", "(" * 5000 + "true" + ")" * 5000,
                      " OR ".join("id = %d AND (v = 'x'" % i for i in range(700)) + ")" * 700):
            with self.assertRaises(SqlError, msg=where[:60]):
                live.subscribe("SELECT * FROM %s WHERE %s" % (t, where))
        # Wide is not deep.
        s = live.subscribe("SELECT * FROM %s WHERE %s" % (t, " OR ".join("id = %d" % i for i in range(400))))
        self.root.sql("INSERT INTO %s (id) VALUES (1000), (399)" % t)
        self.assertEqual([r["id"] for _, r in s.changes(1)], [399])

    def test_trap_27_column_names_in_a_subscription_resolve_as_in_sql(self):
        t = self.table(kind="USER")
        bare = t.split(".")[1]
        live = self.live()
        queries = ["SELECT V, N FROM %s" % t, "SELECT x.v, x.n FROM %s x WHERE x.id > 0" % t, "SELECT x.v, X.N FROM %s AS x" % t.upper(),
                   "SELECT %s.v, n FROM %s WHERE %s.ID = 1" % (bare, t, bare), 'SELECT "v", "n" FROM %s' % t]
        subs = [(q, live.subscribe(q)) for q in queries]
        self.root.sql("INSERT INTO %s (id, v, n) VALUES (1, 'a', 5)" % t)
        for q, s in subs:
            row = s.changes(1)[0][1]
            self.assertEqual((row["v"], row["n"]), ("a", 5), q)
            self.assertEqual([c["name"] for c in s.ack["schema"]], ["v", "n"], q)

    def test_trap_28_pages_of_a_snapshot_neither_repeat_nor_lose_rows_when_key_and_seq_order_differ(self):
        t = self.table(kind="USER")
        ids = [(i * 37) % 101 for i in range(101)]
        for lo in range(0, 101, 20):
            self.root.sql("INSERT INTO %s (id) VALUES %s" % (t, ",".join("(%d)" % i for i in ids[lo:lo + 20])))
        for i in range(0, 101, 7):
            self.root.sql("UPDATE %s SET v = 'moved' WHERE id = %d" % (t, i))
        live = self.live()
        for size in (1, 7, 100, 101, 102):
            rows = live.subscribe("SELECT * FROM " + t, {"batch_size": size}).rows
            self.assertEqual(sorted(r["id"] for r in rows), list(range(101)), size)
            seqs = [int(r["_seq"]) for r in rows]
            self.assertEqual(seqs, sorted(set(seqs)), size)
            self.assertEqual([r["v"] for r in rows if r["id"] % 7 == 0], ["moved"] * 15, size)

    def test_trap_29_a_statement_of_thousands_of_rows_reaches_an_idle_subscriber_whole(self):
        t = self.table(kind="USER")
        live = self.live()
        s = live.subscribe("SELECT id FROM " + t)
        self.root.sql("INSERT INTO %s (id) VALUES %s" % (t, ",".join("(%d)" % i for i in range(3000))))
        self.assertEqual([r["id"] for _, r in s.changes(3000)], list(range(3000)))

    def test_trap_30_an_id_that_is_subscribed_again_leaves_nothing_behind(self):
        one, two = self.table(kind="USER"), self.table(kind="USER")
        live = self.live()

        def count():
            return int(self.root.value("SELECT count(*) FROM system.live WHERE table_name IN ('%s', '%s')" % (one[2:], two[2:])))
        live.subscribe("SELECT * FROM " + one, sub_id="same")
        live.subscribe("SELECT * FROM %s WHERE id = 1" % one, sub_id="same")
        s = live.subscribe("SELECT * FROM " + two, sub_id="same")
        self.assertEqual(count(), 1)
        self.root.sql("INSERT INTO %s (id) VALUES (1)" % one)
        self.root.sql("INSERT INTO %s (id) VALUES (2)" % two)
        self.assertEqual([r["id"] for _, r in s.changes(1)], [2])
        with self.assertRaises(SqlError):
            live.subscribe("SELECT * FROM p.nothere", sub_id="other")
        live.send({"type": "unsubscribe", "subscription_id": "never there"})
        live.subscribe("SELECT * FROM " + one, sub_id="mark")
        self.assertEqual(count(), 2)
        for sub_id in ("same", "same", "mark"):
            live.send({"type": "unsubscribe", "subscription_id": sub_id})
        last = live.subscribe("SELECT * FROM " + self.table(kind="USER"), sub_id="last")
        self.assertEqual(count(), 0)
        self.assertTrue(last.queue.empty())

    def test_trap_31_text_is_escaped_and_no_number_breaks_a_message(self):
        t = self.table('id INT PRIMARY KEY, v TEXT, d DOUBLE, f FLOAT, m DECIMAL(4,2), j JSON', kind="USER")
        live = self.live()
        awkward = 'quote " backslash \\ newline \n control \x01 slash </script> é 日 😀 \u2028'
        s = live.subscribe("SELECT * FROM " + t, sub_id=awkward[:60])
        self.root.sql("INSERT INTO %s VALUES (1, $1, 'NaN', '-Infinity', -0.25, $2)" % t, [awkward, '{"a": "\\u0000"}'])
        row = s.changes(1)[0][1]
        self.assertEqual((row["v"], row["d"], row["f"], row["m"], row["j"]), (awkward, None, None, "-0.25", '{"a": "\\u0000"}'))
        with self.assertRaises(SqlError) as caught:
            live.subscribe('SELECT * FROM p."a""b\n"', sub_id='"')
        self.assertTrue(caught.exception.code)
        snapshot = live.subscribe("SELECT * FROM " + t).rows
        self.assertEqual((snapshot[0]["v"], snapshot[0]["d"]), (awkward, None))


class TestWire(Traps):
    def open(self, **more):
        ws = websocket.create_connection("ws://127.0.0.1:%d/v1/ws" % self.server.port, timeout=30, **more)
        self.addCleanup(ws.close)
        return ws

    def authenticate(self, **protocol):
        return json.dumps({"type": "authenticate", "method": "jwt", "token": self.root.token,
                           "protocol": {"serialization": "json", "compression": "none", **protocol}})

    def test_trap_32_fragmented_messages_are_reassembled(self):
        ws = self.open()
        text = self.authenticate()
        cuts = [text[i:i + 1] for i in range(20)] + [text[20:]]
        for i, piece in enumerate(cuts):
            opcode = websocket.ABNF.OPCODE_CONT if i else websocket.ABNF.OPCODE_TEXT
            ws.send_frame(websocket.ABNF(int(i == len(cuts) - 1), 0, 0, 0, opcode, 1, piece))
        self.assertEqual(json.loads(ws.recv())["type"], "auth_success")

    def test_trap_32_negotiated_compression_is_honoured(self):
        t = self.table(kind="USER")
        self.root.sql("INSERT INTO %s (id, v) VALUES (1, $1)" % t, ["long " * 1000])
        for compression, kind in (("none", websocket.ABNF.OPCODE_TEXT), ("gzip", websocket.ABNF.OPCODE_BINARY)):
            ws = self.open()
            ws.send(self.authenticate(compression=compression))
            self.assertEqual(json.loads(ws.recv())["protocol"]["compression"], compression)
            ws.send(json.dumps({"type": "subscribe", "subscription": {"id": "s", "sql": "SELECT * FROM " + t, "options": {}}}))
            opcodes = [ws.recv_data()[0] for _ in range(2)]
            self.assertIn(kind, opcodes, compression)
            self.assertEqual(websocket.ABNF.OPCODE_BINARY in opcodes, compression == "gzip")

    def test_trap_32_every_refusal_ends_with_a_close_frame_and_its_code(self):
        for messages, code in ((["no json"], 1011), (['{"type":"authenticate","method":"jwt","token":"x"}'], 1008), (["[]"], 1011),
                               ([self.authenticate(), "no json"], 1011), ([self.authenticate(), '{"type":"no such type"}'], 1011),
                               ([self.authenticate(), '{"type":"subscribe"}'], 1011)):
            ws = self.open()
            for message in messages:
                ws.send(message)
            got = None
            while got is None:
                opcode, data = ws.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    got = int.from_bytes(data[:2], "big")
            self.assertEqual(got, code, messages[-1])
        for raw, code in ((b"\x81\x05hello", 1002), (b"\xf1\x80\0\0\0\0", 1002), (b"\x83\x80\0\0\0\0", 1002), (b"\x81\x82\0\0\0\0\xff\xff", 1007),
                          (b"\x80\x80\0\0\0\0", 1002), (b"\x09\x80\0\0\0\0", 1002), (b"\x88\x81\0\0\0\0\x03", 1002)):
            ws = self.open()
            ws.send(self.authenticate())
            ws.recv()
            ws.sock.sendall(raw)
            opcode, data = ws.recv_data()
            self.assertEqual((opcode, int.from_bytes(data[:2], "big")), (websocket.ABNF.OPCODE_CLOSE, code), raw)

    def test_trap_33_insert_takes_expressions_and_omitted_columns_of_every_type(self):
        types = ["BOOLEAN", "SMALLINT", "INT", "BIGINT", "FLOAT", "DOUBLE", "DECIMAL(10,2)", "TEXT", "JSON", "BYTES", "UUID", "DATE", "TIME",
                 "TIMESTAMP", "DATETIME", "EMBEDDING(3)"]
        t = self.table("id INT PRIMARY KEY, " + ", ".join("c%d %s" % (i, kind) for i, kind in enumerate(types)))
        self.root.sql("INSERT INTO %s VALUES (1)" % t)
        self.root.sql("INSERT INTO %s (id) VALUES (2)" % t)
        self.root.sql("INSERT INTO %s VALUES (%s)" % (t, "3" + ", NULL" * len(types)))
        for row in self.root.rows("SELECT * EXCEPT (_seq, _deleted) FROM %s" % t):
            self.assertEqual(row[1:], [None] * len(types))
        self.root.sql("INSERT INTO %s VALUES (2 + 2, 1 = 1, 3 * 3, -(5), 1 + 1, 1.0 / 2, 2 ^ 3, 1.5 + 1, upper('a') || 'b', json_build_object('k', 1),"
                      " X'00' , '0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B', DATE '2024-02-28' + 1, CAST('12:00' AS TIME), TIMESTAMP '2024-01-01',"
                      " NOW(), '[1, 2, 3]')" % t)
        row = self.root.rows("SELECT * EXCEPT (_seq, _deleted) FROM %s WHERE id = 4" % t)[0]
        self.assertEqual(row[1:15], [True, 9, -5, "2", 0.5, 8.0, "2.50", "Ab", row[9], [0], "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b", 19782,
                                     43200000000, 1704067200000000])
        self.assertEqual((json.loads(row[9]), row[16]), ({"k": 1}, [1.0, 2.0, 3.0]))
        for values in ("(5, DEFAULT, 1), (6, true, 1)", "(7, 'true'), (8, NULL)"):
            self.root.sql("INSERT INTO %s VALUES %s" % (t, values))
        self.assertEqual(self.root.rows("SELECT id, c0, c1 FROM %s WHERE id > 4" % t), [[5, None, 1], [6, True, 1], [7, True, None], [8, None, None]])
        self.root.error("INSERT INTO %s VALUES (9%s)" % (t, ", NULL" * (len(types) + 1)))


if __name__ == "__main__":
    unittest.main()
