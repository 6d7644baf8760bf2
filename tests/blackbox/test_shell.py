"""The interactive shell on a pseudo-terminal: what the screen shows for the keys that are typed."""
import base64
import os
import re
import shutil
import signal
import socket
import stat
import subprocess
import tempfile
import threading
import time
import unittest

from kalamdb import BINARIES, PASSWORD, Server
from terminal import (BACKSPACE, CTRL_A, CTRL_C, CTRL_D, CTRL_K, CTRL_R, CTRL_U, CTRL_Z, DOWN, END, ENTER, ESC, HOME, PAGE_UP, RIGHT,
                      TAB, UP, Terminal)

KALAM = os.path.join(BINARIES, "kalam")
PROMPT = "❯"


class HoldingProxy:
    """Stands before a server. The answer to a request that contains `hold me` waits until release()."""

    def __init__(self, port):
        self.target = port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.held, self.released, self.given_up = threading.Event(), threading.Event(), threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    def _accept(self):
        while True:
            try:
                client, _ = self.listener.accept()
            except OSError:
                return
            server = socket.create_connection(("127.0.0.1", self.target))
            threading.Thread(target=self._requests, args=(client, server), daemon=True).start()
            threading.Thread(target=self._answers, args=(server, client), daemon=True).start()

    def _requests(self, client, server):
        while True:
            try:
                data = client.recv(65536)
            except OSError:
                data = b""
            if b"hold me" in data:
                self.held.set()
            if not data:
                if self.held.is_set():
                    self.given_up.set()
                server.close()
                return
            server.sendall(data)

    def _answers(self, server, client):
        while True:
            try:
                data = server.recv(65536)
                if data and self.held.is_set():
                    self.released.wait(60)
                client.sendall(data)
            except OSError:
                data = b""
            if not data:
                client.close()
                return

    def release(self):
        self.released.set()

    def close(self):
        self.released.set()
        self.listener.close()


class ShellCase(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.root = cls.server.login()
        cls.root.sql("CREATE NAMESPACE app")
        cls.root.sql("CREATE TABLE app.messages (id INT PRIMARY KEY, body TEXT, room TEXT) WITH (TYPE = 'SHARED')")
        cls.root.sql("CREATE TABLE app.members (id INT PRIMARY KEY, label TEXT) WITH (TYPE = 'SHARED')")
        cls.root.sql("INSERT INTO app.messages (id, body) VALUES (1, '日本')")
        cls.root.sql("CREATE USER 'plain' WITH PASSWORD 'plain-pw' ROLE user")

    @classmethod
    def tearDownClass(cls):
        cls.server.stop()
        shutil.rmtree(cls.server.directory, ignore_errors=True)

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="kalam-home-")
        self.addCleanup(shutil.rmtree, self.home, True)

    def start(self, *args, port=None, login=("root", PASSWORD), columns=140, rows=40, env=None):
        """A shell that has not shown its prompt yet."""
        names = ("KALAMDB_CREDENTIALS_PATH", "COLUMNS", "LINES", "NO_COLOR", "INPUTRC", "LC_ALL", "LC_CTYPE", "LANG")
        environment = {k: v for k, v in os.environ.items() if k not in names}
        environment.update({"HOME": self.home, "TERM": "xterm-256color", **(env or {})})
        t = Terminal([KALAM, "-u", "http://127.0.0.1:%d" % (port or self.server.port), "--user", login[0],
                      "--password", login[1], *args], environment, columns, rows)
        self.addCleanup(t.close)
        return t

    def shell(self, *args, **options):
        return self.start(*args, **options).wait_line(PROMPT)

    def run_statement(self, t, text):
        """Types a statement and waits for its answer and the next prompt."""
        t.send(text)
        t.wait(lambda t: t.lines()[t.screen.cursor.y].endswith(text[-20:]), text)
        before = len(t.raw)
        t.send(ENTER)
        t.wait(lambda t: re.search(rb"Took:|\xe2\x9c\x97", t.raw[before:]) is not None, "an answer")
        t.wait_line(PROMPT)

    def history(self):
        with open(os.path.join(self.home, ".kalam", "history")) as f:
            lines = f.read().split("\n")
        self.assertEqual(set(lines[1::2]), {"---ENTRY---"})
        return [base64.b64decode(line, validate=True).decode() for line in lines[:-1:2]]


class TestShellCompletion(ShellCase):
    def test_a_keyword_has_a_hint_in_the_case_of_what_is_typed(self):
        t = self.shell()
        t.send("SEL")
        t.wait_for("❯ SELECT")
        self.assertIn(b"SEL\x1b[2mECT\x1b[0m", t.raw)
        t.send(RIGHT + " * ")
        t.wait_for("❯ SELECT *")
        t.send(CTRL_U + "sel")
        t.wait_for("❯ select")
        t.send(END + " 1 as b;" + ENTER)
        t.wait_for("(1 row)")

    def test_namespaces_tables_and_columns(self):
        t = self.shell()
        t.send("SELECT * FROM ap" + TAB)
        t.wait_for("FROM app.")
        t.send("mess" + TAB + " WHERE roo" + TAB + " IS NULL ")
        t.wait_for("FROM app.messages WHERE room IS NULL")
        t.send(";" + ENTER)
        t.wait_for("(1 row)").wait_line(PROMPT)
        t.send("SELECT m.bo" + TAB)
        # The table is not known yet.
        t.send(CTRL_U + "SELECT m. FROM app.messages m" + "\x1b[D" * len(" FROM app.messages m") + "bo" + TAB)
        t.wait_for("SELECT m.body FROM app.messages m")

    def test_several_candidates_are_listed_and_the_second_tab_takes_the_first(self):
        t = self.shell()
        t.send("SELECT * FROM app.m" + TAB)
        t.wait(lambda t: re.search("members +messages", t.text()) and t.cursor_line().endswith("FROM app.me"), "a list")
        t.send(TAB)
        t.wait_line("FROM app.members")
        self.assertNotIn("messages", t.last())

    def test_names_are_read_again_after_ddl_and_on_request(self):
        t = self.shell()
        self.run_statement(t, "CREATE TABLE app.zebra (id INT PRIMARY KEY, stripes INT) WITH (TYPE = 'SHARED');")
        t.send("SELECT stri" + CTRL_A + CTRL_K + "SELECT * FROM app.ze" + TAB + " WHERE strip" + TAB)
        t.wait_line("FROM app.zebra WHERE stripes")
        self.root.sql("CREATE TABLE app.quagga (id INT PRIMARY KEY) WITH (TYPE = 'SHARED')")
        t.send(CTRL_U + "\\refresh-tables" + ENTER)
        t.wait_for("Table names refreshed").wait_line(PROMPT)
        t.send("DESCRIBE app.qu" + TAB)
        t.wait_line("DESCRIBE app.quagga")

    def test_shell_commands_complete(self):
        t = self.shell()
        t.send("\\ref" + TAB)
        t.wait_for("\\refresh-tables  \\refresh")
        t.send(CTRL_U + "\\form" + TAB + " js" + TAB)
        t.wait_line("\\format json")

    def test_an_account_without_system_tables_has_keywords_and_what_show_lists(self):
        t = self.shell(login=("plain", "plain-pw"))
        t.send("SELECT table_name FROM information_schema.ta" + TAB)
        t.wait_line("information_schema.tables")
        t.send(" WHERE table_sch" + TAB)
        t.wait_line("table_schema")

    def test_the_namespace_of_use_holds_for_the_session(self):
        t = self.shell()
        self.run_statement(t, "USE app;")
        t.send("SELECT * FROM memb" + TAB)
        t.wait_line("FROM members")
        t.send(";" + ENTER)
        t.wait_for("(0 rows)")


class TestShellEditing(ShellCase):
    def test_a_statement_over_several_lines_is_one_text(self):
        t = self.shell()
        t.send("SELECT 1 AS a," + ENTER)
        t.wait_line("↳ ❯")
        t.send("7 AS x " + UP + END + "8 AS c," + DOWN + END + ";")
        t.wait_line("↳ ❯ 7 AS x ;")
        self.assertTrue(any(line.endswith("❯ SELECT 1 AS a,8 AS c,") for line in t.lines()), t.text())
        t.send(ENTER)
        t.wait_for("│ 1 │ 8 │ 7 │").wait_line(PROMPT)
        t.send("SELECT 40 + 2" + ENTER + ENTER)
        t.wait_for("42")

    def test_a_semicolon_in_a_string_or_comment_ends_nothing(self):
        t = self.shell()
        t.send("SELECT 'a;" + ENTER)
        t.wait_line("↳ ❯")
        t.send("b' AS x; -- c;" + ENTER)
        t.wait_for("a;\\nb")

    def test_wide_characters_are_edited_whole(self):
        t = self.shell(env={"LANG": "C"})
        t.send("SELECT '日本x'" + "\x1b[D" * 2 + BACKSPACE + BACKSPACE + "語" + END + " AS w;")
        t.wait_line("SELECT '語x' AS w;")
        t.send(ENTER)
        t.wait_for("│ 語x │")

    def test_a_pasted_text_waits_for_enter(self):
        t = self.shell()
        t.send("\x1b[200~SELECT 1 AS one;\r\nSELECT 2 AS two;\n\x1b[201~")
        t.wait_line("↳ ❯ SELECT 2 AS two;")
        self.assertNotIn("Took", t.text())
        t.send(ENTER)
        t.wait_for("Took:")
        self.assertEqual(t.text().count("(1 row)"), 2)

    def test_a_long_paste_takes_no_time_worth_mentioning(self):
        t = self.shell()
        lines = "".join("  'line %d of a long text',\n" % i for i in range(4000))
        before = time.time()
        t.send("\x1b[200~SELECT length(concat(" + lines + "'end')) AS n;\x1b[201~")
        t.wait_line("'end')) AS n;")
        self.assertGreater(len(lines), 100_000)
        self.assertLess(time.time() - before, 20)
        t.send(UP + UP)
        t.wait_for("'line 3998 of a long text',")
        t.send(CTRL_C)
        t.wait_for("Command cancelled")

    def test_long_lines_typed_without_bracketed_paste_run_too(self):
        t = self.shell()
        t.send("SELECT '" + "x" * 3000 + "' AS w;" + ENTER)
        t.wait_for("(1 row)")

    def test_the_window_may_change_its_size(self):
        t = self.shell()
        t.send("SELECT 'a rather long text for a small window' AS a, ")
        t.wait_line("AS a,")
        before = len(t.raw)
        t.resize(40, 20)
        t.wait_raw(b"window", since=before)
        t.send("2 AS b;" + ENTER)
        t.wait_for("(1 row)")

    def test_ctrl_c_and_ctrl_d(self):
        t = self.shell()
        t.send(CTRL_C)
        t.wait_for("Use \\quit or \\q to exit").wait_line(PROMPT)
        t.send("SELECT 'never run'" + ENTER + "FROM")
        t.wait_line("↳ ❯ FROM")
        t.send(CTRL_C)
        t.wait_for("Command cancelled").wait_line(PROMPT)
        t.send(CTRL_D)
        t.wait_for("Goodbye!")
        self.assertEqual(t.exit_status(), 0)
        self.assertTrue(t.is_restored())
        self.assertNotIn("Took", t.text())

    def test_quit_restores_the_terminal(self):
        t = self.shell()
        self.assertFalse(t.is_restored())
        t.send("\\quit" + ENTER)
        self.assertEqual(t.exit_status(), 0)
        self.assertTrue(t.is_restored())
        self.assertIn(b"\x1b[?2004l", t.raw)

    def test_a_signal_restores_the_terminal(self):
        for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT):
            t = self.shell()
            t.send("SELECT")
            t.wait_line("SELECT")
            t.process.send_signal(number)
            self.assertEqual(t.exit_status(), -number)
            self.assertTrue(t.is_restored())
            self.assertRegex(t.raw, rb"\x1b\[\?2004l\x1b\[\?25h\x1b\[0m\r+\n$")

    def test_a_signal_while_a_password_is_asked_restores_the_echo(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            t = Terminal([KALAM, "-u", "http://127.0.0.1:%d" % self.server.port, "--user", "root"],
                         {**os.environ, "HOME": self.home, "TERM": "xterm"})
            self.addCleanup(t.close)
            t.wait_for("Password:")
            t.wait(lambda t: not t.is_restored(), "silence")
            t.process.send_signal(number)
            self.assertEqual(t.exit_status(), -number)
            self.assertTrue(t.is_restored())

    def test_a_password_without_a_value_is_asked_for(self):
        t = Terminal([KALAM, "-u", "http://127.0.0.1:%d" % self.server.port, "--user", "root", "--password",
                      "-c", "SELECT 40 + 2 AS answer"], {**os.environ, "HOME": self.home, "TERM": "xterm"})
        self.addCleanup(t.close)
        t.wait_for("Password:")
        t.wait(lambda t: not t.is_restored(), "silence")
        t.send(PASSWORD + "\r")
        t.wait_for("answer")
        self.assertEqual(t.exit_status(), 0)
        self.assertNotIn(PASSWORD, t.text())

    def test_a_stopped_shell_goes_on_where_it_was(self):
        t = self.shell()
        t.send("SELECT 4")
        t.wait_line("SELECT 4")
        # The kernel stops no process of an orphaned group for Ctrl+Z; the shell stops itself.
        t.send(CTRL_Z)
        pid, status = os.waitpid(t.process.pid, os.WUNTRACED)
        self.assertTrue(os.WIFSTOPPED(status))
        self.assertTrue(t.is_restored())
        t.process.send_signal(signal.SIGCONT)
        before = len(t.raw)
        t.wait_raw("❯".encode(), since=before)
        t.send("2;" + ENTER)
        t.wait_for("42")

    def test_a_terminal_that_goes_away_ends_the_shell(self):
        t = self.shell()
        master, slave = t.master, t.slave
        os.close(slave)
        os.close(master)
        t.master, t.slave = os.pipe()
        t.process.wait(60)


class TestShellHistory(ShellCase):
    def test_it_is_kept_over_sessions_in_a_private_file(self):
        t = self.shell()
        self.run_statement(t, "SELECT 1 AS first;")
        t.send("SELECT 2" + ENTER)
        t.wait_line("↳ ❯")
        self.run_statement(t, "AS second;")
        self.run_statement(t, "SELECT 3 AS third;")
        self.run_statement(t, "SELECT 3 AS third;")
        t.send("\\quit" + ENTER)
        t.exit_status()
        self.assertEqual(self.history(), ["SELECT 1 AS first;", "SELECT 2\nAS second;", "SELECT 3 AS third;"])
        mode = os.stat(os.path.join(self.home, ".kalam", "history")).st_mode
        self.assertEqual(stat.S_IMODE(mode), 0o600)
        t = self.shell()
        t.send("x" + UP)
        t.wait_line("SELECT 3 AS third;")
        t.send(UP)
        t.wait_line("↳ ❯ AS second;")
        t.send(UP + UP)
        t.wait_line("SELECT 1 AS first;")
        t.send(DOWN + DOWN + DOWN + DOWN)
        t.wait_line("❯ x")

    def test_secrets_are_not_stored(self):
        t = self.shell()
        self.run_statement(t, "SELECT 1 AS kept;")
        self.run_statement(t, "CREATE USER 'hush' WITH PassWord 'a-secret-one' ROLE user;")
        self.run_statement(t, "SELECT 'Authorization: x' AS a;")
        t.send("\\show-credentials" + ENTER)
        t.wait_for("credentials stored").wait_line(PROMPT)
        t.send("\\history" + ENTER)
        t.wait_for("history 1/1")
        t.send(CTRL_C)
        t.wait_line(PROMPT)
        t.send("\\q" + ENTER)
        t.exit_status()
        self.assertEqual(self.history(), ["SELECT 1 AS kept;"])

    def fill(self, entries):
        os.makedirs(os.path.join(self.home, ".kalam"), exist_ok=True)
        with open(os.path.join(self.home, ".kalam", "history"), "w") as f:
            for entry in entries:
                f.write(base64.b64encode(entry.encode()).decode() + "\n---ENTRY---\n")

    def test_the_menu_opens_on_an_empty_prompt_and_filters(self):
        self.fill(["SELECT %d AS n;" % i for i in range(20)] + ["INSERT INTO t\nVALUES (1);"])
        t = self.shell()
        for key in (UP, ENTER, "\\history" + ENTER):
            t.send(key)
            t.wait_line("history 21/21:")
            shown = [line for line in t.lines() if line.startswith(("> ", "  "))]
            self.assertEqual(shown, ["  SELECT %d AS n;" % i for i in range(13, 20)] + ["> INSERT INTO t VALUES (1);"])
            t.send(ESC)
            t.wait_line(PROMPT)
            self.assertNotIn("history 21/21", t.text())
        t.send(UP + "SELECT 1")
        t.wait_line("history 11/21: SELECT 1")
        t.send("7")
        t.wait_for("> SELECT 17 AS n;")
        t.send(ENTER)
        t.wait_line("❯ SELECT 17 AS n;")
        # What was chosen can be edited, and is the newest now.
        self.assertEqual(self.history()[-1], "SELECT 17 AS n;")
        t.send(BACKSPACE + ", 5 AS m;" + ENTER)
        t.wait_for("│ 17 │ 5 │").wait_line(PROMPT)
        self.assertEqual(self.history()[-2:], ["SELECT 17 AS n;", "SELECT 17 AS n, 5 AS m;"])
        self.assertEqual(len(self.history()), 22)
        t.send(UP + HOME)
        t.wait_for("> SELECT 0 AS n;")
        t.send(END + PAGE_UP + "\x10" + "\x0e" + ENTER)
        t.wait_line("❯ SELECT 13 AS n;")

    def test_a_narrow_terminal_shows_the_beginning_of_entries(self):
        self.fill(["SELECT '" + "日本" * 30 + "';", "SELECT 'short';"])
        t = self.shell(columns=30, rows=6)
        t.send(UP)
        t.wait_for("> SELECT 'short';")
        self.assertRegex(t.text(), r"  SELECT '(日\s?本\s?)+日?\s?\.\.\.")
        t.send(UP + ENTER)
        t.wait_line("';")
        t.send(ENTER)
        t.wait_for("(1 row)")

    def test_search_backwards(self):
        self.fill(["SELECT 'needle';", "SELECT 'hay';"])
        t = self.shell()
        t.send(CTRL_R + "need")
        t.wait_for("reverse-i-search)`need': SELECT 'needle';")
        t.send(ENTER)
        t.wait_for("│ needle")

    def test_two_shells_lose_nothing(self):
        a, b = self.shell(), self.shell()
        self.run_statement(a, "SELECT 1 AS a;")
        self.run_statement(b, "SELECT 2 AS b;")
        self.run_statement(a, "SELECT 3 AS a;")
        self.assertEqual(self.history(), ["SELECT 1 AS a;", "SELECT 2 AS b;", "SELECT 3 AS a;"])

    def test_a_damaged_file_is_no_obstacle(self):
        os.makedirs(os.path.join(self.home, ".kalam"))
        with open(os.path.join(self.home, ".kalam", "history"), "wb") as f:
            f.write(b"\x00\xff\n---ENTRY---\n" + base64.b64encode(b"SELECT 5;") + b"\n---ENTRY---\ntorn")
        t = self.shell()
        t.send(UP)
        t.wait_for("> SELECT 5;")
        t.send(ENTER + ENTER)
        t.wait_for("(1 row)")


class TestShellScreen(ShellCase):
    def test_the_prompt_names_server_and_account(self):
        t = self.shell()
        self.assertRegex(t.cursor_line(), r"^● KalamDB\[\S+\] root@127\.0\.0\.1:%d ❯$" % self.server.port)
        self.assertEqual(t.attributes("●")[0], "green")
        for line in ("Connecting and authenticating...", "✓ Connected", "Connected to: http://127.0.0.1:", "User ID: root"):
            self.assertIn(line, t.text())

    def test_statements_are_coloured(self):
        t = self.shell()
        t.send("SELECT id, 'text', 42, CAST(1 AS BIGINT) -- note")
        t.wait_line("-- note")
        self.assertEqual(t.attributes("SELECT"), ("blue", True, False))
        self.assertEqual(t.attributes("'text'"), ("green", False, False))
        self.assertIn(t.attributes("42")[0], ("yellow", "brown"))
        self.assertEqual(t.attributes("BIGINT"), ("magenta", True, False))
        self.assertEqual(t.attributes("id,")[0], "default")
        self.assertIn(b"\x1b[2m-- note", t.raw)

    def test_no_colour_when_nobody_wants_it(self):
        for args, env in ((("--no-color",), {}), ((), {"NO_COLOR": "1"})):
            t = self.start(*args, env=env).wait_line(":%d >" % self.server.port)
            self.assertTrue(t.cursor_line().startswith("* KalamDB["))
            t.send("SELECT 'x' AS" + ENTER)
            t.wait_line("->")
            t.send("SEL")
            t.wait_line("-> SEL")
            t.send(BACKSPACE * 3 + "a FORM x y z;" + ENTER)
            t.wait_for("✗ Server error (400)").wait_line(">")
            self.assertIsNone(re.search(rb"\x1b\[[0-9;]*m", t.raw), t.raw)

    def test_a_dumb_terminal_gets_plain_lines(self):
        t = self.start(env={"TERM": "dumb"}).wait_line(":%d >" % self.server.port)
        t.send("SELECT 40\n")
        t.wait_line("->")
        t.send("+ 2;\n")
        t.wait_for("42").wait_line(" >")
        t.send("SELECT 1\n")
        t.wait_line("->")
        t.send(CTRL_C)
        t.wait_for("Command cancelled").wait_line(" >")
        t.send(CTRL_D)
        t.wait_for("Goodbye!")
        self.assertEqual(t.exit_status(), 0)
        self.assertNotIn(b"\x1b", t.raw)

    def test_an_error_shows_its_place(self):
        t = self.shell()
        t.send("SELECT 1;" + CTRL_A + "SELECT '日本' AS x;\x1b\r" + END)
        t.wait_line("SELECT 1;")
        t.send(BACKSPACE + " FORM app.messages;" + ENTER)
        t.wait_for("LINE 2:").wait_line(PROMPT)
        lines = t.lines()
        at = max(i for i, line in enumerate(lines) if line.startswith("LINE 2: "))
        self.assertEqual(lines[at][lines[at + 1].index("^"):], "app.messages;")
        self.assertEqual(t.attributes("✗")[0], "red")

    def test_errors_of_commands_show_their_place_too(self):
        head = [KALAM, "-u", "http://127.0.0.1:%d" % self.server.port, "--user", "root", "--password", PASSWORD]
        r = subprocess.run(head + ["-c", "SELECT 1;\nSELECT nope FROM app.members"], capture_output=True, text=True, timeout=60,
                           env={**os.environ, "HOME": self.home})
        self.assertEqual(r.returncode, 1)
        self.assertIn("LINE 2: SELECT nope FROM app.members\n               ^\n", r.stderr)

    def test_narrow_terminals_have_a_short_prompt_and_wrapped_statements(self):
        t = self.shell(columns=32, rows=12)
        self.assertEqual(t.cursor_line(), "❯")
        t.send("SELECT 'abcdefghijklmnopqrstuvwxyz' AS a, 2 AS b;")
        t.wait_line("AS a, 2 AS b;")
        t.send(HOME + ENTER)
        t.wait_for("(1 row)").wait_line(PROMPT)

    def test_a_running_statement_has_a_spinner_and_can_be_given_up(self):
        proxy = HoldingProxy(self.server.port)
        self.addCleanup(proxy.close)
        t = self.shell("--loading-threshold-ms", "0", port=proxy.port)
        t.send("SELECT 'hold me' AS x;" + ENTER)
        t.wait_for("Executing query...")
        t.send(CTRL_C)
        t.wait_for("✗ Command cancelled").wait_line(PROMPT)
        self.assertNotIn("Executing", t.text())
        self.assertTrue(proxy.given_up.wait(60))
        proxy.release()
        self.run_statement(t, "SELECT 42 AS answer;")
        self.assertIn("│ 42", t.text())

    def test_the_spinner_is_gone_before_the_answer(self):
        proxy = HoldingProxy(self.server.port)
        self.addCleanup(proxy.close)
        t = self.shell("--loading-threshold-ms", "0", port=proxy.port)
        t.send("SELECT 'hold me' AS x;" + ENTER)
        t.wait_for("Executing query...")
        proxy.release()
        t.wait_for("│ hold me │").wait_line(PROMPT)
        self.assertNotIn("Executing", t.text())

    def test_no_spinner_is_obeyed(self):
        proxy = HoldingProxy(self.server.port)
        self.addCleanup(proxy.close)
        t = self.shell("--loading-threshold-ms", "0", "--no-spinner", port=proxy.port)
        t.send("SELECT 'hold me' AS x;" + ENTER)
        self.assertTrue(proxy.held.wait(60))
        proxy.release()
        t.wait_for("│ hold me │")
        self.assertNotIn(b"Executing", t.raw)

    def test_the_prompt_tells_that_the_server_is_gone(self):
        with Server() as server:
            t = self.shell(port=server.port)
            server.kill()
            server.process.stderr.close()
        t.send("SELECT 1;" + ENTER)
        t.wait_for("✗ Connection failed").wait(lambda t: t.cursor_line().startswith("○"), "○")
        self.assertEqual(t.attributes("○")[0], "red")

    def test_a_live_query_leaves_the_editor_working(self):
        t = self.shell()
        t.send("\\live SELECT * FROM app.messages" + ENTER)
        t.wait_for("SUBSCRIBED")
        t.send(CTRL_C)
        t.wait_for("Unsubscribed").wait_line(PROMPT)
        self.run_statement(t, "SELECT 42 AS answer;")
        t.send("\\q" + ENTER)
        t.exit_status()
        self.assertTrue(t.is_restored())


if __name__ == "__main__":
    unittest.main()
