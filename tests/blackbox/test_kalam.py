"""The command line: what people type, what scripts read, and how it ends."""
import json
import os
import re
import select
import shutil
import signal
import stat
import subprocess
import time
import unittest

from kalamcli import KALAM, ServedCase
from kalamdb import BINARIES, PASSWORD, Server
from scripted import Script, forward, read_head


class TestKalam(ServedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root.sql("CREATE NAMESPACE cli")
        cls.root.sql("CREATE TABLE cli.notes (id INT PRIMARY KEY, body TEXT) WITH (TYPE = 'SHARED')")
        cls.root.sql("INSERT INTO cli.notes (id, body) VALUES (1, 'a,b'), (2, NULL)")
        cls.root.sql("CREATE USER 'plain' WITH PASSWORD 'plain-pw' ROLE user")

    def test_version_has_three_lines_and_help_names_the_terminal(self):
        lines = self.ok("--version").splitlines()
        self.assertEqual(len(lines), 3)
        self.assertTrue(lines[0].startswith("kalam "))
        self.assertTrue(lines[1].startswith("Commit: "))
        self.assertTrue(lines[2].startswith("Built: "))
        self.assertIn("Interactive SQL terminal", self.ok("--help"))

    def test_a_table_has_a_box_a_count_and_a_time(self):
        out = self.ok("-c", "SELECT id, body FROM cli.notes ORDER BY id")
        self.assertTrue(out.startswith("┌────┬──────┐\n│ id │ body │\n├────┼──────┤\n│ 1  │ a,b  │\n│ 2  │ NULL │\n└────┴──────┘\n(2 rows)\n"), out)
        self.assertIn("As: root\n", out)
        self.assertGreater(float(re.search(r"^Took: ([0-9.]+) ms$", out, re.M).group(1)), 0)

    def test_csv_and_json_hold_nothing_but_data(self):
        self.assertEqual(self.ok("--csv", "-c", "SELECT id, body FROM cli.notes ORDER BY id"), 'id,body\n1,"a,b"\n2,NULL\n')
        reply = json.loads(self.ok("--json", "-c", "SELECT id, body FROM cli.notes ORDER BY id"))
        self.assertEqual(list(reply)[:3], ["status", "results", "took"])
        self.assertEqual(reply["results"][0]["rows"], [[1, "a,b"], [2, None]])

    def test_every_result_of_a_batch_is_printed(self):
        out = self.ok("-c", "SELECT 11 AS a; SELECT 22 AS b")
        self.assertLess(out.index("11"), out.index("22"))

    def test_statements_without_rows_say_query_ok(self):
        out = self.ok("-c", "CREATE TABLE IF NOT EXISTS cli.other (id INT PRIMARY KEY) WITH (TYPE = 'SHARED')")
        self.assertIn("Query OK", out)

    def test_a_refusal_goes_to_standard_error_and_exits_1(self):
        for args in (("-c", "SELECT * FROM cli.absent"), ("-c", "SELEC"), ("--json", "-c", "SELEC")):
            r = self.kalam(*args)
            self.assertEqual(r.returncode, 1)
            self.assertEqual(r.stdout, "")
            self.assertRegex(r.stderr, r"^Error: Server error \(400\): ")

    def test_bad_options_exit_2_and_bad_use_exits_1(self):
        self.assertEqual(self.kalam("--no-such-option").returncode, 2)
        self.assertEqual(self.kalam("--json", "--format", "csv").returncode, 2)
        r = self.kalam("-c", "SELECT 1", "-f", "x.sql")
        self.assertEqual(r.returncode, 1)
        self.assertIn("Configuration error: Cannot specify both --file and --command", r.stderr)
        r = self.kalam("-c", "  ")
        self.assertEqual((r.returncode, r.stderr), (1, "Error: Parse error: Empty command\n"))

    def test_logins_that_fail_say_so(self):
        r = self.kalam("--user", "root", "--password", "wrong", "-c", "SELECT 1", login=False)
        self.assertEqual((r.returncode, r.stderr), (1, "Error: Configuration error: Login failed: invalid credentials\n"))
        r = self.kalam("--token", "no.such.token", "-c", "SELECT 1", login=False)
        self.assertEqual(r.returncode, 1)
        self.assertIn("401", r.stderr)

    def test_a_server_that_is_not_there_is_explained(self):
        r = subprocess.run([KALAM, "-u", "http://127.0.0.1:1", "--user", "root", "--password", "x", "-c", "SELECT 1"],
                           capture_output=True, text=True, timeout=60, env=self.environment())
        self.assertEqual(r.returncode, 1)
        self.assertIn("Connection failed", r.stderr)
        self.assertIn("/v1/api/healthcheck", r.stderr)

    def test_files_are_split_where_statements_end_and_stop_at_the_first_failure(self):
        path = os.path.join(self.home, "a.sql")
        with open(path, "w") as f:
            f.write("-- a comment; with a semicolon\nSELECT 'x;y' AS first;\n/* nothing; here */;\nSELEC;\nSELECT 'never' AS last;\n")
        r = self.kalam("--csv", "-f", path)
        self.assertEqual(r.returncode, 1)
        self.assertEqual(r.stdout, "first\nx;y\n")
        with open(path, "w"):
            pass
        self.assertEqual(self.ok("-f", path), "")
        r = self.kalam("-f", path + ".absent")
        self.assertEqual(r.returncode, 1)
        self.assertIn("File error: Failed to read", r.stderr)

    def test_piped_statements_run_errors_do_not_end_them_and_an_open_one_is_dropped(self):
        r = self.kalam(text="SELECT 'one;\ntwo'\n AS a;\nSELEC;\n\\format csv\nSELECT 42 AS b; SELECT 43 AS b;\nSELECT 'dropped'")
        self.assertEqual(r.returncode, 0)
        self.assertIn("one;\\ntwo", r.stdout)
        self.assertIn("b\n42\n\nb\n43\n", r.stdout)
        self.assertNotIn("dropped", r.stdout)
        self.assertIn("Server error (400)", r.stderr)
        self.assertIn("Goodbye!", r.stdout + r.stderr)

    def test_piped_csv_is_data_only(self):
        r = self.kalam("--csv", text="SELECT 1 AS a;")
        self.assertEqual((r.returncode, r.stdout), (0, "a\n1\n"))

    def test_backslash_commands(self):
        self.assertIn("notes", self.ok("-c", "\\dt"))
        out = self.ok("--csv", "-c", "\\d cli.notes")
        self.assertTrue(out.startswith("namespace,table_name,column_name,data_type,is_nullable,column_default,position\n"), out)
        self.assertIn("cli,notes,id,INT", out)
        self.assertEqual(self.ok("--csv", "-c", '\\d "cli"."notes"'), out)
        self.assertIn("(0 rows)", self.ok("-c", "\\describe no_such_table"))
        self.assertIn("Meta Commands", self.ok("-c", "\\help"))
        self.assertIn("Server URL:", self.ok("-c", "\\info"))
        self.assertEqual(self.ok("-c", "\\q"), "Goodbye!\n")
        self.assertEqual(self.ok("-c", "\\format csv"), "Output format set to: csv\n")
        self.assertEqual(self.ok("--csv", "-c", "\\as plain SELECT CURRENT_USER() AS who;"), "who\nplain\n")
        self.assertIn("Cluster health: healthy", self.ok("-c", "\\health"))
        self.assertIn("max_connections", self.ok("-c", "\\stats"))
        for text, message in (("\\nope", "Unknown command: \\nope"), ("\\d", "\\describe requires a table name"),
                              ("\\format xml", "Unknown format: xml"), ("\\as plain", "\\as requires")):
            r = self.kalam("-c", text)
            self.assertEqual(r.returncode, 1, text)
            self.assertIn(message, r.stderr)

    def test_tokens_are_stored_privately_used_and_forgotten(self):
        path = os.path.join(self.home, ".kalam", "credentials.toml")
        self.ok("--save-credentials", "-c", "SELECT 1")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        with open(path) as f:
            text = f.read()
        for word in ("[instances.local]", "jwt_token = ", "expires_at = ", "server_url = "):
            self.assertIn(word, text)
        self.assertNotIn(PASSWORD, text)
        r = self.kalam("-v", "--csv", "-c", "SELECT CURRENT_USER() AS who", login=False)
        self.assertEqual((r.returncode, r.stdout), (0, "who\nroot\n"))
        self.assertIn("Using stored JWT token", r.stderr)
        self.assertIn("• local (user: root)", self.ok("--list-instances", login=False))
        shown = self.ok("--show-credentials", login=False)
        self.assertIn("JWT Token: [redacted]", shown)
        self.assertNotIn("eyJ", shown)
        self.ok("--delete-credentials", login=False)
        self.assertIn("No stored credentials", self.ok("--list-instances", login=False))

    def test_an_expired_token_is_renewed_before_it_is_used(self):
        path = os.path.join(self.home, ".kalam", "credentials.toml")
        self.ok("--save-credentials", "-c", "SELECT 1")
        with open(path) as f:
            text = f.read()
        with open(path, "w") as f:
            f.write(re.sub(r'^expires_at = .*$', 'expires_at = "2020-01-01T00:00:00+00:00"', text, flags=re.M))
        r = self.kalam("--csv", "-c", "SELECT 1 AS a", login=False)
        self.assertEqual((r.returncode, r.stdout), (0, "a\n1\n"))
        self.assertIn("Stored credentials for 'local' have expired", r.stderr)
        self.assertIn("Successfully refreshed credentials", r.stderr)
        with open(path) as f:
            self.assertNotIn("2020-01-01", f.read())

    def test_damaged_files_stop_it_and_are_named(self):
        directory = os.path.join(self.home, ".kalam")
        os.mkdir(directory)
        with open(os.path.join(directory, "credentials.toml"), "w") as f:
            f.write("[instances.local]\nuser = 'x'\n")
        r = self.kalam("-c", "SELECT 1")
        self.assertEqual(r.returncode, 1)
        self.assertIn("Corrupted Credentials File", r.stderr)
        os.remove(os.path.join(directory, "credentials.toml"))
        with open(os.path.join(directory, "config.toml"), "w") as f:
            f.write("not toml")
        r = self.kalam("-c", "SELECT 1")
        self.assertEqual(r.returncode, 1)
        self.assertIn("Configuration error: TOML parse error", r.stderr)

    def test_a_plain_user_can_work(self):
        r = self.kalam("--user", "plain", "--password", "plain-pw", text="SELECT 5 AS five;\n", login=False)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertIn("five", r.stdout)

    def test_a_terminal_edits_runs_and_survives_ctrl_c(self):
        import pty
        pid, fd = pty.fork()
        if pid == 0:
            os.execve(KALAM, self.command("--no-color"), {**self.environment(), "TERM": "xterm"})
        seen = ""

        def expect(text, timeout=30):
            nonlocal seen
            deadline = time.time() + timeout
            while text not in seen:
                ready = select.select([fd], [], [], max(0, deadline - time.time()))[0]
                self.assertTrue(ready, "%r does not come after %r" % (text, seen[-500:]))
                seen += os.read(fd, 65536).decode("utf-8", "replace")
            seen = seen[seen.index(text) + len(text):]

        try:
            expect("root@127.0.0.1:%d > " % self.server.port)
            os.write(fd, b"SELECT 40 + 2\n")
            expect("-> ")
            os.write(fd, b"AS answer;\n")
            expect("42")
            expect("Took:")
            expect("> ")
            os.write(fd, b"SELECT 'half")
            expect("half")
            os.write(fd, b"\x03")
            expect("Command cancelled")
            expect("> ")
            os.write(fd, b"SELEC;\n")
            expect("Server error (400)")
            expect("> ")
            os.write(fd, b"\\live SELECT * FROM cli.notes\n")
            expect("BATCH 1")
            os.write(fd, b"q")
            expect("Unsubscribed")
            expect("> ")
            os.write(fd, b"\\q\n")
            expect("Goodbye!")
            self.assertEqual(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), 0)
        finally:
            os.close(fd)


class TestKalamSubscribe(ServedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.root.sql("CREATE NAMESPACE s")

    def follow(self, sql, *args, **options):
        return self.start("--subscribe", sql, *args, **options)

    def test_it_shows_the_snapshot_in_pages_then_every_change_and_ends_on_ctrl_c(self):
        self.root.sql("CREATE TABLE s.t (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED')")
        self.root.sql("INSERT INTO s.t (id, v) VALUES (1, 'one'), (2, 'two'), (3, 'three')")
        p = self.follow("SELECT * FROM s.t OPTIONS (batch_size=2)")
        self.assertIn("(loading...)", self.line(p, "SUBSCRIBED"))
        self.assertIn("2 rows (more pending)", self.line(p, "BATCH 1"))
        self.assertIn("1 rows (complete)", self.line(p, "BATCH 2"))
        self.line(p, '"three"')
        self.root.sql("INSERT INTO s.t (id, v) VALUES (4, 'four')")
        self.assertIn('"four"', self.line(p, "INSERT"))
        self.root.sql("UPDATE s.t SET v = 'FOUR' WHERE id = 4")
        self.assertRegex(self.line(p, "UPDATE"), r'"four".* => .*"FOUR"')
        self.root.sql("DELETE FROM s.t WHERE id = 4")
        self.assertIn('"FOUR"', self.line(p, "DELETE"))
        p.send_signal(signal.SIGINT)
        self.assertEqual(p.wait(30), 0)
        self.assertIn("Unsubscribed", p.stderr.read())

    def test_it_ends_at_its_timeout(self):
        self.root.sql("CREATE TABLE s.w (id INT PRIMARY KEY) WITH (TYPE = 'SHARED')")
        p = self.follow("SELECT * FROM s.w", "--subscription-timeout", "1")
        self.assertEqual(p.wait(30), 0)
        self.assertIn("Subscription timeout reached", p.stderr.read())

    def test_a_refused_query_exits_1(self):
        p = self.follow("SELECT * FROM s.absent")
        self.assertEqual(p.wait(30), 1)
        self.assertIn("Error: Subscription failed (", p.stderr.read())

    def test_a_restart_of_the_server_loses_no_change_and_repeats_none(self):
        self.root.sql("CREATE TABLE s.r (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED')")
        self.root.sql("INSERT INTO s.r (id, v) VALUES (0, 'row 0;')")
        self.configure("[connection]\nmax_reconnect_attempts = 0\nmax_reconnect_delay_ms = 200\n")
        p = self.follow("SELECT * FROM s.r")
        seen = []
        for i in range(1, 40):
            if i == 20:
                self.server.kill()
                self.server.start()
            if i == 1:
                self.line(p, "(complete)")
            self.root.sql("INSERT INTO s.r (id, v) VALUES (%d, 'row %d;')" % (i, i))
        for text in iter(p.stdout.readline, ""):
            seen += [int(n) for n in re.findall(r"row (\d+);", text)]
            if 39 in seen:
                break
        p.send_signal(signal.SIGINT)
        self.assertEqual(p.wait(30), 0)
        seen += [int(n) for n in re.findall(r"row (\d+);", p.stdout.read())]
        self.assertEqual(seen, list(range(40)))

    def test_options_bound_the_snapshot(self):
        self.root.sql("CREATE TABLE s.o (id INT PRIMARY KEY) WITH (TYPE = 'SHARED')")
        self.root.sql("INSERT INTO s.o (id) VALUES (1), (2), (3), (4), (5)")
        for command in ("\\live", "\\watch", "\\subscribe"):
            p = self.start("-c", command + " SELECT * FROM s.o OPTIONS (last_rows=2);")
            self.assertIn("2 rows (complete)", self.line(p, "BATCH 1"))
            p.send_signal(signal.SIGINT)
            self.assertEqual(p.wait(30), 0)
        for options, text in (("last_rows=x", "no number in OPTIONS"), ("rows=1", "unknown option of a live query: rows")):
            self.assertIn("Parse error: " + text, self.fails("-c", "\\live SELECT * FROM s.o OPTIONS (%s)" % options))
        self.assertIn("\\subscribe requires", self.fails("-c", "\\live"))

    def test_an_answer_can_ask_for_a_live_query(self):
        self.root.sql("CREATE TABLE s.q (id INT PRIMARY KEY) WITH (TYPE = 'SHARED')")
        self.root.sql("INSERT INTO s.q (id) VALUES (1), (2), (3)")
        body = json.dumps({"status": "success", "took": 1, "results": [{
            "schema": [{"name": n, "data_type": "Text", "index": i} for i, n in enumerate(("status", "ws_url", "subscription", "message"))],
            "rows": [["subscription_required", "ws://x/v1/ws", {"sql": "SELECT * FROM s.q", "options": {"last_rows": 1}}, "m"]],
            "row_count": 1}]})

        def serve(connection, n):
            if n > 1:
                return forward(connection, self.server.port)
            read_head(connection)
            connection.sendall(("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)).encode())
        proxy = Script(serve)
        self.addCleanup(proxy.close)
        p = self.start("--token", self.root.token, "-c", "SUBSCRIBE TO SELECT * FROM s.q", login=False, url=proxy.url)
        self.assertIn("1 rows (complete)", self.line(p, "BATCH 1"))
        p.send_signal(signal.SIGINT)
        self.assertEqual(p.wait(30), 0)

    def test_listing_and_ending_subscriptions_is_explained(self):
        for args in (("--list-subscriptions",), ("--unsubscribe", "x")):
            self.assertIn("Ctrl+C", self.ok(*args, login=False, url="http://127.0.0.1:1"))
        self.assertEqual(self.ok("-c", "\\unwatch"), "No active subscription to cancel\n")


class TestDemo(unittest.TestCase):
    @unittest.skipUnless(shutil.which("dpkg-query"), "the demonstration reads dpkg's database")
    def test_the_demonstration_passes_twice(self):
        # The limits are the defaults: what newcomers have.
        with Server(extra="") as server:
            for _ in range(2):
                r = subprocess.run([os.path.join(BINARIES, "kalam-demo"), "http://127.0.0.1:%d" % server.port],
                                   capture_output=True, text=True, timeout=120,
                                   env={**os.environ, "KALAMDB_ROOT_PASSWORD": PASSWORD})
                self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
                self.assertNotIn("FAIL", r.stdout)
