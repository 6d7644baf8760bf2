"""The HTTP surface: routes, envelope, limits, bad input."""
import gzip
import json
import socket
import time
import unittest

from kalamdb import Server


class TestHttp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.root = cls.server.login()
        cls.root.sql("CREATE NAMESPACE h")
        cls.root.sql("CREATE TABLE h.t (id BIGINT PRIMARY KEY, v TEXT, d DOUBLE, p DECIMAL(10,2), b BYTES, at TIMESTAMP, u UUID,"
                     " j JSON, e EMBEDDING(3), f FLOAT, s SMALLINT, day DATE, clock TIME, ok BOOLEAN) WITH (TYPE = 'SHARED')")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def raw(self, data, timeout=10):
        with socket.create_connection(("127.0.0.1", self.server.port), timeout=timeout) as s:
            s.sendall(data)
            out = b""
            while True:
                try:
                    chunk = s.recv(65536)
                except socket.timeout:
                    break
                if not chunk:
                    break
                out += chunk
            return out

    def test_health_is_answered_on_both_paths(self):
        for path in ("/health", "/v1/api/healthcheck"):
            status, _, body = self.server.request("GET", path)
            self.assertEqual(status, 200)
            self.assertEqual(json.loads(body)["status"], "healthy")

    def test_unknown_paths_are_404_without_a_body(self):
        for path in ("/", "/nothing", "/v1/api/sql/"):
            status, _, body = self.server.request("POST", path, {})
            self.assertEqual((status, body), (404, b""))

    def test_every_type_reaches_the_client_as_the_wire_says(self):
        self.root.sql("INSERT INTO h.t VALUES (9007199254740993, 'é\"\\', 1, -0.5, X'00ff', '2024-01-01 00:00:00.000001',"
                      " '0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B', '{\"a\": 1}', '[0.5, -1, 2]', 0.1, -3, '1969-12-31', '00:00:01', true)")
        result = self.root.sql("SELECT * FROM h.t")[0]
        row = dict(zip([c["name"] for c in result["schema"]], result["rows"][0]))
        self.assertEqual(row["id"], "9007199254740993")
        self.assertEqual(row["v"], 'é"\\')
        self.assertEqual(row["d"], 1.0)
        self.assertEqual(row["p"], "-0.50")
        self.assertEqual(row["b"], [0, 255])
        self.assertEqual(row["at"], 1704067200000001)
        self.assertEqual(row["u"], "0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b")
        self.assertEqual(row["j"], '{"a": 1}')
        self.assertEqual(row["e"], [0.5, -1.0, 2.0])
        self.assertAlmostEqual(row["f"], 0.10000000149011612, places=17)
        self.assertEqual((row["s"], row["day"], row["clock"], row["ok"]), (-3, -1, 1000000, True))
        types = {c["name"]: c["data_type"] for c in result["schema"]}
        self.assertEqual(types["p"], {"Decimal": {"precision": 10, "scale": 2}})
        self.assertEqual(types["e"], {"Embedding": 3})
        self.assertEqual(result["schema"][0]["flags"], ["pk", "nn", "uq"])
        self.assertEqual([c["name"] for c in result["schema"]][-2:], ["_seq", "_deleted"])
        self.root.sql("DELETE FROM h.t WHERE id = 9007199254740993")

    def test_nan_and_infinities_are_null_and_never_break_an_answer(self):
        self.assertEqual(self.root.rows("SELECT 'NaN'::double, 'Infinity'::double, 1"), [[None, None, 1]])

    def test_errors_of_a_statement_name_it_and_show_details_to_admins_only(self):
        e = self.root.error("SELECT * FROM h.nothere")
        self.assertEqual((e.status, e.code), (400, "SQL_EXECUTION_ERROR"))
        self.assertTrue(e.message.startswith("Statement 1 failed: Table not found"), e.message)
        self.assertIn("nothere", e.details)
        self.root.sql("CREATE USER 'plain' WITH PASSWORD 'pw' ROLE user")
        e = self.server.login("plain", "pw").error("SELECT * FROM h.nothere")
        self.assertEqual((e.message, e.details), ("SQL statement failed", None))

    def test_bodies_that_are_no_request_are_400_and_the_server_goes_on(self):
        cases = [b"{not json", b"[]", b'{"params":[]}', b'"x"', b"", b'{"sql":1}', b'{"sql":"SELECT 1","sql":"SELECT 2"}',
                 b'{"sql":"SELECT 1"} trailing', b"\xff\xfe", b'{"sql":"SELECT \xff"}', b'{"sql":"SELECT 1","params":{}}',
                 b'{"sql":' + b"[" * 100000 + b"]" * 100000 + b"}", b'{"sql":"SELECT $1","params":[' + b"[" * 5000 + b"]" * 5000 + b"]}",
                 b'{"sql":"SELECT 1\\u0000"}', b'{"sql":"SELECT 1","namespace_id":""}', b'{"sql":"SELECT 1","namespace_id":"../x"}']
        for body in cases:
            status, answer = self.root.post(body)
            self.assertEqual(status, 400, (body[:60], answer))
            self.assertEqual(answer["status"], "error")
        self.assertEqual(self.root.value("SELECT 1"), 1)

    def test_deep_and_long_statements_are_answered(self):
        for sql in ("SELECT " + "(" * 50000 + "1" + ")" * 50000, "SELECT " + "-" * 100 + " 1", "SELECT " + "1+" * 200000 + "1",
                    "SELECT * FROM h.t WHERE " + "NOT " * 100000 + "true", "SELECT '" + "x" * (1024 * 1024 + 1) + "'",
                    "SELECT " + "CASE WHEN true THEN " * 3000 + "1" + " END" * 3000, ";" * 100000, "/*" * 50000):
            status, answer = self.root.post({"sql": sql})
            self.assertIn(status, (200, 400), answer)
        self.assertEqual(self.root.value("SELECT 1"), 1)

    def test_large_bodies_are_refused_without_being_read(self):
        status, answer = self.root.clone().post(json.dumps({"sql": "SELECT 1 -- " + "x" * (2 << 20)}))
        self.assertEqual((status, answer["error"]["code"]), (400, "INVALID_INPUT"))
        head = (b"POST /v1/api/sql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 52428800\r\n"
                b"Authorization: Bearer " + self.root.token.encode() + b"\r\n\r\n")
        answer = self.raw(head, timeout=3)
        self.assertIn(b" 413 ", answer.split(b"\r\n")[0])
        self.assertIn(b"BODY_TOO_LARGE", answer)

    def test_a_statement_of_a_mebibyte_works(self):
        text = "x" * (1024 * 1024 - 20)
        self.assertEqual(self.root.value("SELECT LENGTH('%s')" % text), len(text))

    def test_chunked_and_compressed_request_bodies(self):
        body = json.dumps({"sql": "SELECT 'packed'"}).encode()
        packed = gzip.compress(body)
        status, _, answer = self.server.request("POST", "/v1/api/sql", packed, {
            "Content-Type": "application/json", "Content-Encoding": "gzip", "Authorization": "Bearer " + self.root.token})
        self.assertEqual(json.loads(answer)["results"][0]["rows"], [["packed"]])
        head = ("POST /v1/api/sql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
                "Connection: close\r\nAuthorization: Bearer %s\r\n\r\n" % self.root.token).encode()
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(c), c) for c in (body[:5], body[5:])) + b"0\r\n\r\n"
        self.assertIn(b'"packed"', self.raw(head + chunks))

    def test_pipelined_requests_are_answered_in_order(self):
        one = ("POST /v1/api/sql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n"
               % self.root.token)
        data = b""
        for i in range(20):
            body = json.dumps({"sql": "SELECT %d AS n" % i} if i % 3 else {"sql": "SELECT %d AS n; SELECT 1" % i})
            last = "Connection: close\r\n" if i == 19 else ""
            data += (one + last + "Content-Length: %d\r\n\r\n%s" % (len(body), body)).encode()
        answer = self.raw(data)
        at = [answer.find(b'"rows":[[%d]]' % i) for i in range(20) if i != 1]
        self.assertEqual(at, sorted(at))
        self.assertNotIn(-1, at)

    def test_bad_heads_are_refused(self):
        self.assertIn(b" 400 ", self.raw(b"NONSENSE\r\n\r\n", 3))
        self.assertIn(b" 431 ", self.raw(b"GET /health HTTP/1.1\r\nHost: x\r\n" + b"A: b\r\n" * 200 + b"\r\n", 3))
        self.assertIn(b" 431 ", self.raw(b"GET /health HTTP/1.1\r\nHost: x\r\nA: " + b"b" * 200000 + b"\r\n\r\n", 3))

    def test_a_client_that_sends_a_byte_a_second_is_ended_and_holds_nobody_up(self):
        s = socket.create_connection(("127.0.0.1", self.server.port), timeout=1)
        started = time.time()
        ended = False
        for byte in b"GET /health HTTP/1.1\r\nHost: localhost\r\n":
            try:
                s.sendall(bytes([byte]))
                if s.recv(100) is not None:
                    ended = True
                    break
            except socket.timeout:
                pass  # this is the second between two bytes
            except OSError:
                ended = True
                break
            self.assertEqual(self.server.request("GET", "/health")[0], 200)
        self.assertTrue(ended)
        self.assertLess(time.time() - started, 15)
        s.close()

    def test_parameters_are_bound_by_value_and_kind(self):
        row = self.root.rows("SELECT $1, $2, $3, $4, $5", [9007199254740993, 1.5, "it's; --", True, None])[0]
        self.assertEqual(row, ["9007199254740993", 1.5, "it's; --", True, None])
        self.assertEqual(self.root.error("SELECT $1", [[1]]).code, "INVALID_PARAMETER")
        self.assertIn("No value found", self.root.error("SELECT $2", [1]).message)
        self.assertIn("Parameter count exceeded", self.root.error("SELECT $1", list(range(51))).message)
        self.assertIn("Parameter size exceeded", self.root.error("SELECT $1", ["x" * 524289]).message)
        self.assertEqual(self.root.error("SELECT 1; SELECT 2", [1]).code, "PARAMS_WITH_BATCH")

    def test_a_batch_sums_its_changes_behind_its_results(self):
        results = self.root.sql("INSERT INTO h.t (id) VALUES (1); SELECT 1 AS a; INSERT INTO h.t (id) VALUES (2);"
                                "UPDATE h.t SET v = 'x' WHERE id = 1; DELETE FROM h.t WHERE id IN (1, 2)")
        self.assertEqual([r.get("message") for r in results],
                         [None, "Inserted 2 row(s)", "Updated 1 row(s)", "Deleted 2 row(s)"])
        self.assertEqual(self.root.sql("DELETE FROM h.t WHERE id = 77; DELETE FROM h.t WHERE id = 78"), [])

    def test_a_failing_batch_reports_the_statement_and_keeps_what_came_before(self):
        e = self.root.error("INSERT INTO h.t (id) VALUES (50); SELECT * FROM h.nope; INSERT INTO h.t (id) VALUES (51)")
        self.assertTrue(e.message.startswith("Statement 2 failed"), e.message)
        self.assertEqual(self.root.rows("SELECT id FROM h.t WHERE id IN (50, 51)"), [["50"]])
        self.root.sql("DELETE FROM h.t WHERE id = 50")

    def test_one_bad_statement_stops_a_batch_before_anything_runs(self):
        self.assertEqual(self.root.error("INSERT INTO h.t (id) VALUES (60); SELCT 1").code, "INVALID_SQL")
        self.assertEqual(self.root.rows("SELECT id FROM h.t WHERE id = 60"), [])

    def test_a_result_larger_than_any_buffer_is_streamed_whole(self):
        self.root.sql("CREATE TABLE h.big (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED')")
        for lo in range(0, 20000, 1000):
            self.root.sql("INSERT INTO h.big (id, v) VALUES " + ",".join("(%d,'%s')" % (i, "v" * 200) for i in range(lo, lo + 1000)))
        self.assertEqual([r[0] for r in self.root.rows("SELECT id FROM h.big")], list(range(20000)))
        rows = self.root.rows("SELECT * FROM h.big")
        self.assertEqual((len(rows), rows[-1][0]), (20000, 19999))
        rows = self.root.rows("SELECT b.id, b.v FROM h.big b JOIN h.big c ON b.id = c.id ORDER BY b.id")
        self.assertEqual(len(rows), 20000)
        results = self.root.sql("SELECT * FROM h.big; SELECT * FROM h.big; SELECT 1")
        self.assertEqual([r["row_count"] for r in results], [20000, 20000, 1])

    def test_a_client_that_does_not_read_its_answer_disturbs_nobody(self):
        self.root.sql("CREATE TABLE h.wide (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED')")
        for lo in range(0, 400, 10):
            self.root.sql("INSERT INTO h.wide (id, v) VALUES " + ",".join("(%d,'%s')" % (i, "w" * 50000) for i in range(lo, lo + 10)))
        body = json.dumps({"sql": "SELECT * FROM h.wide"})
        lazy = []
        for _ in range(5):
            s = socket.create_connection(("127.0.0.1", self.server.port))
            s.sendall(("POST /v1/api/sql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer %s\r\n"
                       "Content-Length: %d\r\n\r\n%s" % (self.root.token, len(body), body)).encode())
            lazy.append(s)
        for _ in range(50):
            self.assertEqual(self.root.value("SELECT 1"), 1)
        _, anonymous = self.server.memory()
        self.assertLess(anonymous, 60 * 1024)
        for s in lazy:
            s.close()

    def test_cors_answers_preflights_and_echoes_the_origin(self):
        status, headers, _ = self.server.request("OPTIONS", "/v1/api/sql", headers={
            "Origin": "http://app.example", "Access-Control-Request-Method": "POST"})
        self.assertEqual((status, headers["access-control-allow-origin"]), (200, "http://app.example"))


class TestLimits(unittest.TestCase):
    def test_too_many_queries_of_a_user_are_429(self):
        with Server(extra="\n[rate_limit]\nmax_queries_per_sec = 20\n") as server:
            root = server.login()
            codes = [root.post({"sql": "SELECT 1"})[0] for _ in range(60)]
            self.assertIn(429, codes)
            self.assertGreaterEqual(codes.count(200), 20)

    def test_configured_row_limits_are_told(self):
        with Server(limits="default_query_limit = 3\nmax_query_limit = 5") as server:
            root = server.login()
            root.sql("CREATE TABLE default.t (id INT PRIMARY KEY) WITH (TYPE = 'SHARED')")
            root.sql("INSERT INTO t (id) VALUES " + ",".join("(%d)" % i for i in range(10)))
            cut = root.sql("SELECT id FROM t")[0]
            self.assertEqual((cut["row_count"], cut.get("truncated")), (3, True))
            cut = root.sql("SELECT id FROM t LIMIT 9")[0]
            self.assertEqual((cut["row_count"], cut.get("truncated")), (5, True))
            whole = root.sql("SELECT id FROM t LIMIT 4")[0]
            self.assertEqual((whole["row_count"], whole.get("truncated")), (4, None))

    def test_ten_thousand_silent_connections_are_held_and_ended(self):
        import resource
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        want = min(hard, 12000) if hard > 0 else 12000
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, want), hard))
        count = min(10000, max(soft, want) - 500)
        with Server() as server:
            root = server.login()
            silent = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(count)]
            self.assertEqual(root.value("SELECT 1"), 1)
            rss, _ = server.memory()
            self.assertLess(rss, 64 * 1024)
            deadline = time.time() + 30
            last = silent[-1]
            last.settimeout(max(1, deadline - time.time()))
            self.assertIn(last.recv(1000)[:12], (b"", b"HTTP/1.1 408"))
            for s in silent:
                s.close()
