"""Statements end: when their time is over, when the server stops, when their client has gone."""
import concurrent.futures
import json
import os
import signal
import socket
import time
import unittest

from kalamdb import GENEROUS, Server

ROWS = 20000
# Slow for a row, in the row engine: some tenths of a millisecond at least. True for no row.
SLOW = "repeat(v, 200) ~ '(a|b)+c.*d$'"
# Hours of work for DuckDB.
SERIES = "generate_series(1, 100000) a, generate_series(1, 100000) b, generate_series(1, 100000) c"
JOIN = "SELECT count(*) FROM " + SERIES
# Rows without end, or nearly.
STREAM = "SELECT repeat('x', 1500) FROM " + SERIES


def server(seconds):
    return Server(GENEROUS + "\n[execution]\nhandler_timeout_seconds = %d\n" % seconds)


def fill(root):
    root.sql("CREATE NAMESPACE d; CREATE TABLE d.t (id INT PRIMARY KEY, n INT, v TEXT) WITH (TYPE = 'SHARED')")
    for base in range(0, ROWS, 1000):
        values = ", ".join("(%d, 0, 'abababababababababababab %d')" % (i, i) for i in range(base, base + 1000))
        root.sql("INSERT INTO d.t (id, n, v) VALUES " + values)


def cpu_seconds(pid):
    with open("/proc/%d/stat" % pid) as f:
        fields = f.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_busy(pid):
    """Until the process has computed for a while."""
    begun = cpu_seconds(pid)
    deadline = time.monotonic() + 60
    while cpu_seconds(pid) < begun + 0.4:
        assert time.monotonic() < deadline, "the server computes nothing"
        time.sleep(0.02)


def seconds_until_calm(pid):
    """How long the process goes on computing."""
    begun = time.monotonic()
    while True:
        before = cpu_seconds(pid)
        time.sleep(0.5)
        if cpu_seconds(pid) - before < 0.1:
            return time.monotonic() - begun
        if time.monotonic() > begun + 60:
            return 60


def send_only(root, sql):
    """A request on a socket of its own whose answer nobody reads."""
    body = json.dumps({"sql": sql}).encode()
    s = socket.create_connection(("127.0.0.1", root.server.port))
    s.sendall(b"POST /v1/api/sql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAuthorization: Bearer "
              + root.token.encode() + b"\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
    return s


class TestTimeouts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = server(1).start()
        cls.root = cls.server.login()
        fill(cls.root)
        cls.root.sql("CREATE USER 'u' WITH PASSWORD 'pw' ROLE user")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def assert_times_out(self, sql, number=1, client=None):
        begun = time.monotonic()
        error = (client or self.root).error(sql)
        took = time.monotonic() - begun
        self.assertEqual((error.status, error.code), (400, "SQL_EXECUTION_ERROR"), error)
        self.assertEqual(error.message, "Statement %d failed: Timeout: the statement exceeded "
                         "execution.handler_timeout_seconds (1)" % number)
        self.assertGreater(took, 0.95)
        self.assertLess(took, 5)

    def test_reads_of_both_engines_end_with_an_error(self):
        self.assert_times_out("SELECT id FROM d.t WHERE " + SLOW)
        self.assert_times_out("SELECT count(*) FROM d.t WHERE " + SLOW)
        self.assert_times_out("SELECT id FROM d.t WHERE " + SLOW + " ORDER BY n DESC")
        self.assert_times_out(JOIN)

    def test_the_servers_own_expressions_inside_duckdb_end_too(self):
        self.assert_times_out("SELECT n, count(*) FROM d.t WHERE " + SLOW + " GROUP BY n")

    def test_an_ordinary_user_reads_why(self):
        u = self.server.login("u", "pw")
        self.assert_times_out(JOIN, client=u)

    def test_a_write_over_its_time_changes_nothing(self):
        self.assert_times_out("UPDATE d.t SET n = n + 1 WHERE NOT " + SLOW)
        self.assert_times_out("DELETE FROM d.t WHERE NOT " + SLOW)
        self.assert_times_out("UPDATE d.t SET n = 1 WHERE id < (%s)" % JOIN)
        self.assertEqual(self.root.rows("SELECT count(*), sum(n) FROM d.t"), [[str(ROWS), "0"]])

    def test_a_streamed_result_is_closed_with_the_rows_that_were_sent(self):
        for sql in ("SELECT id, repeat(v, 50) FROM d.t WHERE NOT " + SLOW,
                    STREAM):
            status, body = self.root.post({"sql": sql})
            self.assertEqual((status, body["status"]), (200, "error"))
            self.assertIn("execution.handler_timeout_seconds (1)", body["error"]["message"])
            result = body["results"][0]
            self.assertGreater(len(result["rows"]), 10)
            self.assertEqual(result["row_count"], len(result["rows"]))

    def test_a_batch_tells_which_statement_it_was_and_times_each_by_itself(self):
        few = "SELECT count(*) FROM d.t WHERE id < 100 AND NOT " + SLOW
        self.assertEqual(len(self.root.sql("; ".join([few] * 8))), 8)
        self.assert_times_out("UPDATE d.t SET n = 7 WHERE id = 1; SELECT id FROM d.t WHERE " + SLOW
                              + "; UPDATE d.t SET n = 7 WHERE id = 2", number=2)
        # What stood before it was done, what stood behind it was not.
        self.assertEqual(self.root.rows("SELECT n FROM d.t WHERE id IN (1, 2)"), [[7], [0]])
        self.root.sql("UPDATE d.t SET n = 0 WHERE id = 1")

    def test_execute_as_ends_too(self):
        self.assert_times_out("EXECUTE AS USER 'u' (%s)" % JOIN)

    def test_who_reads_slowly_keeps_no_snapshot_beyond_the_time(self):
        reader = send_only(self.root, STREAM)
        self.assertTrue(reader.recv(1))
        # Nothing is read for longer than the statement may run; what was sent by then is a whole answer.
        self.assertLess(seconds_until_calm(self.server.process.pid), 10)
        time.sleep(1.5)
        text = b""
        while not text.endswith(b"\r\n0\r\n\r\n"):
            part = reader.recv(1 << 20)
            self.assertTrue(part, text[-200:])
            text += part
        self.assertIn(b"handler_timeout_seconds", text[-600:])
        reader.close()

    def test_zero_is_no_limit(self):
        with server(0) as unlimited:
            root = unlimited.login()
            fill(root)
            self.assertEqual(root.value("SELECT count(*) FROM d.t WHERE id < 1000 AND NOT " + SLOW), "1000")

    def test_the_setting_is_shown(self):
        rows = self.root.rows("SELECT value FROM system.settings WHERE name = 'execution.handler_timeout_seconds'")
        self.assertEqual(rows, [["1"]])


class TestGone(unittest.TestCase):
    def test_a_read_whose_client_has_gone_ends_and_a_write_goes_on(self):
        with server(0) as s:
            root = s.login()
            fill(root)
            pid = s.process.pid
            for sql in (JOIN, "SELECT count(*) FROM d.t WHERE " + SLOW, JOIN + ";" + JOIN):
                client = send_only(root, sql)
                wait_until_busy(pid)
                client.close()
                self.assertLess(seconds_until_calm(pid), 5, sql)
            client = send_only(root, "UPDATE d.t SET n = 1 WHERE n = 0 AND id < 1000 AND NOT " + SLOW)
            client.close()
            deadline = time.monotonic() + 30
            while root.value("SELECT count(*) FROM d.t WHERE n = 1") != "1000":
                self.assertLess(time.monotonic(), deadline)


class TestStop(unittest.TestCase):
    def check(self, sql):
        with server(0) as s:
            root = s.login()
            fill(root)
            with concurrent.futures.ThreadPoolExecutor(2) as pool:
                answer = pool.submit(root.clone().post, {"sql": sql}, False)
                wait_until_busy(s.process.pid)
                begun = time.monotonic()
                s.process.send_signal(signal.SIGTERM)
                self.assertEqual(s.process.wait(30), 0)
                self.assertLess(time.monotonic() - begun, 6)
                status, body = answer.result()
            self.assertEqual((status, body["status"]), (503, "error"), body)
            self.assertIn("the server is shutting down", body["error"]["message"])
            s.start()
            self.assertEqual(root.rows("SELECT count(*), sum(n) FROM d.t"), [[str(ROWS), "0"]])

    def test_a_stop_ends_a_long_join(self):
        self.check(JOIN)

    def test_a_stop_ends_a_long_row_engine_statement(self):
        self.check("SELECT count(*) FROM d.t WHERE " + SLOW)

    def test_a_stop_ends_an_update_that_selects_its_rows(self):
        self.check("UPDATE d.t SET n = n + 1 WHERE NOT " + SLOW)

    def test_a_stop_ends_what_is_streamed_to_somebody_who_does_not_read(self):
        with server(0) as s:
            root = s.login()
            fill(root)
            reader = send_only(root, STREAM)
            self.assertTrue(reader.recv(1))
            begun = time.monotonic()
            s.process.send_signal(signal.SIGTERM)
            self.assertEqual(s.process.wait(30), 0)
            self.assertLess(time.monotonic() - begun, 6.5)
            reader.close()


if __name__ == "__main__":
    unittest.main()
