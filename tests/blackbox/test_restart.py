"""Starting, stopping, starting again: nothing is "not yet there", nothing comes back, nobody starts twice."""
import http.client
import os
import signal
import subprocess
import tempfile
import threading
import time
import unittest

from kalamdb import BINARIES, Live, Server, SqlError


class TestRestart(unittest.TestCase):
    def test_the_first_request_after_a_kill_sees_every_table_row_and_user(self):
        with Server() as server:
            root = server.login()
            root.sql("CREATE NAMESPACE r")
            root.sql("CREATE USER 'u' WITH PASSWORD 'pw' ROLE user")
            for kind, extra in (("USER", ""), ("SHARED", ""), ("STREAM", ", TTL_SECONDS = 3600")):
                root.sql("CREATE TABLE r.%s (id INT PRIMARY KEY, v TEXT) WITH (TYPE = '%s'%s)" % (kind.lower() + "_t", kind, extra))
                root.sql("INSERT INTO r.%s_t (id, v) VALUES (1, 'a'), (2, 'b'), (3, 'c')" % kind.lower())
            root.sql("UPDATE r.user_t SET v = 'x' WHERE id = 1; DELETE FROM r.shared_t WHERE id = 2; DROP TABLE r.stream_t;"
                     "CREATE TABLE r.stream_t (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'STREAM', TTL_SECONDS = 60)")
            before = [root.rows("SELECT * FROM r.user_t"), root.rows("SELECT * FROM r.shared_t")]
            server.kill()
            server.start()
            # The old token still holds; the very first request is one for rows.
            self.assertEqual(root.rows("SELECT * FROM r.user_t"), before[0])
            self.assertEqual(root.rows("SELECT * FROM r.shared_t"), before[1])
            self.assertEqual(root.rows("SELECT * FROM r.stream_t"), [])
            self.assertEqual(root.sql("UPDATE r.user_t SET v = 'y' WHERE id = 2")[0]["row_count"], 1)
            self.assertEqual(root.sql("DELETE FROM r.shared_t WHERE v = 'a'")[0]["row_count"], 1)
            server.login("u", "pw")

    def test_a_stop_by_signal_is_clean_and_quick(self):
        for sig in (signal.SIGTERM, signal.SIGINT):
            with Server() as server:
                root = server.login()
                root.sql("CREATE TABLE default.t (id INT PRIMARY KEY) WITH (TYPE = 'SHARED'); INSERT INTO default.t (id) VALUES (1)")
                server.process.send_signal(sig)
                self.assertEqual(server.process.wait(15), 0)
                server.start()
                self.assertEqual(root.rows("SELECT id FROM default.t"), [[1]])
                self.assertEqual(server.stop(), 0)

    def test_a_stop_under_load_is_clean_and_keeps_every_answered_write(self):
        for _ in range(3):
            with Server() as server:
                root = server.login()
                root.sql("CREATE TABLE default.t (id BIGINT PRIMARY KEY, n INT) WITH (TYPE = 'SHARED');"
                         "INSERT INTO default.t (id, n) VALUES (0, 0)")
                live = [Live(server, root.token) for _ in range(4)]
                for one in live:
                    one.subscribe("SELECT * FROM default.t")
                answered, lock = [], threading.Lock()
                go = threading.Event()

                def write(base):
                    client = root.clone()
                    for i in range(1, 100000):
                        try:
                            client.sql("INSERT INTO default.t (id) VALUES (%d) RETURNING *" % (base + i))
                            if i % 7 == 0:
                                # In the writer, on a worker, and as somebody else.
                                client.sql("UPDATE default.t SET n = n + 1 WHERE id = 0")
                                client.sql("UPDATE default.t SET n = 1 WHERE n IS NULL; SELECT count(*) FROM default.t")
                        except (SqlError, OSError, http.client.HTTPException, ValueError):
                            return
                        with lock:
                            answered.append(base + i)
                        if i == 20:
                            go.set()

                threads = [threading.Thread(target=write, args=(n * 1000000,)) for n in range(1, 9)]
                for thread in threads:
                    thread.start()
                self.assertTrue(go.wait(60))
                server.process.send_signal(signal.SIGTERM)
                self.assertEqual(server.process.wait(30), 0)
                for thread in threads:
                    thread.join()
                server.start()
                stored = {int(row[0]) for row in root.rows("SELECT id FROM default.t")}
                self.assertEqual([i for i in answered if i not in stored], [])

    def test_a_second_server_on_the_same_data_is_refused(self):
        with Server() as server:
            other = Server(directory=server.directory)
            other.config = os.path.join(server.directory, "other.toml")
            other.write_config()
            p = subprocess.run([os.path.join(BINARIES, "kalamdb-server"), other.config], capture_output=True, text=True, timeout=30)
            self.assertEqual(p.returncode, 1)
            self.assertIn("FATAL", p.stderr)
            self.assertEqual(server.login().value("SELECT 1"), 1)

    def test_bad_configurations_are_refused_with_one_clear_line(self):
        directory = tempfile.mkdtemp(prefix="kalamdb-test-")
        base = '[server]\nhost="127.0.0.1"\nport=0\n[storage]\n[limits]\n[logging]\n[performance]\n'
        for text, words in ((base, "Server port cannot be 0"),
                            (base.replace("port=0", "port=18080").replace("[logging]", '[logging]\nlevel="loud"'), "Invalid log level"),
                            ("[server", "FATAL: Failed to load"), ("", "FATAL: Failed to load"),
                            (base.replace("127.0.0.1", "0.0.0.0").replace("port=0", "port=18080"), "FATAL")):
            path = os.path.join(directory, "server.toml")
            with open(path, "w") as f:
                f.write(text)
            p = subprocess.run([os.path.join(BINARIES, "kalamdb-server"), path], capture_output=True, text=True, timeout=30, cwd=directory)
            self.assertEqual(p.returncode, 1, text)
            self.assertIn(words, p.stderr)
        p = subprocess.run([os.path.join(BINARIES, "kalamdb-server"), directory + "/missing.toml"], capture_output=True, text=True)
        self.assertIn("FATAL: Config file not found", p.stderr)
        self.assertEqual(p.returncode, 1)

    def test_an_unknown_format_of_the_data_is_refused(self):
        with Server() as server:
            server.login()
            server.stop()
            path = server.directory + "/data/FORMAT"
            with open(path) as f:
                text = f.read()
            with open(path, "w") as f:
                f.write("999" + text)
            p = subprocess.run([os.path.join(BINARIES, "kalamdb-server"), server.config], capture_output=True, text=True, timeout=30)
            self.assertEqual(p.returncode, 1)
            self.assertIn("FATAL", p.stderr)

    def test_generated_ids_and_versions_rise_over_restarts(self):
        with Server() as server:
            root = server.login()
            root.sql("CREATE TABLE default.t (id BIGINT PRIMARY KEY DEFAULT SNOWFLAKE_ID(), n INT) WITH (TYPE = 'SHARED')")
            for n in range(4):
                root.sql("INSERT INTO default.t (n) VALUES (%d)" % n)
                server.kill()
                server.start()
            rows = root.rows("SELECT id, _seq FROM default.t ORDER BY n")
            for column in (0, 1):
                values = [int(r[column]) for r in rows]
                self.assertEqual(values, sorted(set(values)))


class TestStreams(unittest.TestCase):
    def test_stream_rows_are_gone_for_readers_once_their_time_is_over(self):
        with Server() as server:
            root = server.login()
            root.sql("CREATE TABLE default.s (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'STREAM', TTL_SECONDS = 2)")
            root.sql("INSERT INTO default.s (id, v) VALUES (1, 'a'), (1, 'again'), (2, 'b')")
            self.assertEqual(root.value("SELECT COUNT(*) FROM default.s"), "3")
            root.sql("DELETE FROM default.s WHERE id = 2")
            self.assertEqual(root.value("SELECT COUNT(*) FROM default.s"), "2")
            self.assertIn("UPDATE not supported", root.error("UPDATE default.s SET v = 'x' WHERE id = 1").message)
            deadline = time.time() + 10
            while root.value("SELECT COUNT(*) FROM default.s") != "0":
                self.assertLess(time.time(), deadline)
            self.assertEqual(root.rows("SELECT s.id FROM default.s s JOIN default.s r ON s.id = r.id"), [])


if __name__ == "__main__":
    unittest.main()
