"""Files on the command line: scripts of any length, and uploads."""
import os
import pty
import resource
import select
import signal
import subprocess

from kalamcli import ServedCase
from scripted import Script, read_head


class TestKalamScripts(ServedCase):
    def test_the_first_failure_is_named_by_number_and_line(self):
        path = self.write("a.sql", "-- first;\nSELECT 1 AS a;\n\n/* two\n */ SELECT 2 AS a;\nSELECT 3,\n  nope;\nSELECT 4 AS a;\n")
        r = self.kalam("--csv", "-f", path)
        self.assertEqual((r.returncode, r.stdout), (1, "a\n1\na\n2\n"), r.stderr)
        self.assertIn("Error: Server error (400): ", r.stderr)
        self.assertIn("in statement 3 at line 6 of " + path, r.stderr)

    def test_a_script_is_never_in_memory_as_a_whole(self):
        with open(os.path.join(self.home, "long.sql"), "w") as f:
            comment = "-- " + "x" * 1021 + "\n"
            for i in range(64):
                f.write(comment * 1024)
                f.write("SELECT %d AS a;\n" % i)
        size = os.path.getsize(f.name)
        self.assertGreater(size, 64 << 20)
        bound = (size // 2, size // 2)
        r = subprocess.run(self.command("--csv", "-f", f.name), env=self.environment(), stdout=subprocess.DEVNULL, timeout=120,
                           preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_DATA, bound))
        self.assertEqual(r.returncode, 0)

    def test_a_pipe_is_a_script_too(self):
        r = self.kalam("--csv", "-f", "/dev/stdin", text="SELECT 1 AS a;\nSELECT 2 AS a")
        self.assertEqual((r.returncode, r.stdout), (0, "a\n1\na\n2\n"), r.stderr)

    def test_a_terminal_shows_how_far_it_is(self):
        path = self.write("many.sql", "SELECT 1 AS a;\n" * 200000)
        main, side = pty.openpty()
        p = subprocess.Popen(self.command("--csv", "-f", path), stdout=subprocess.DEVNULL, stderr=side,
                             stdin=subprocess.DEVNULL, env=self.environment())
        os.close(side)
        self.addCleanup(os.close, main)
        seen = ""
        while "/s" not in seen:
            self.assertTrue(select.select([main], [], [], 30)[0], seen)
            seen += os.read(main, 65536).decode()
        p.send_signal(signal.SIGKILL)
        p.wait()
        self.assertRegex(seen, r"\d+ statements, \d+%, \d+/s")


class TestKalamUploads(ServedCase):
    """The server parses the form and refuses files; a scripted one shows what was sent."""

    def test_files_travel_as_parts_of_a_form(self):
        received = []
        answer = b'{"status":"success","results":[{"row_count":1,"message":"Inserted 1 row(s)"}],"took":1}'

        def serve(connection, _):
            head = read_head(connection)
            head, _, body = head.partition("\r\n\r\n")
            length = int([line for line in head.split("\r\n") if line.lower().startswith("content-length")][0].split(":")[1])
            body = body.encode("latin-1")
            while len(body) < length:
                body += connection.recv(65536)
            received.append((head, body))
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
        server = Script(serve)
        self.addCleanup(server.close)
        content = bytes(range(256)) * 300
        one = self.write("My photo.png", content)
        self.write("b.txt", "text")
        sql = "INSERT INTO a.b (f, g, note) VALUES (file('%s', 'image/png'), file('~/b.txt'), 'not file(''x'')')" % one
        self.ok("--token", "x", "-c", sql, login=False, url=server.url)
        head, body = received[0]
        self.assertRegex(head, "(?i)content-type: multipart/form-data; boundary=")
        boundary = b"--" + head.split("boundary=")[1].split("\r\n")[0].encode()
        parts = body.split(b"\r\n" + boundary)
        self.assertEqual(parts[-1], b"--\r\n")
        self.assertTrue(parts[0].endswith(
            b"\r\n\r\nINSERT INTO a.b (f, g, note) VALUES (FILE(\"My_photo.png\"), FILE(\"b.txt\"), 'not file(''x'')')"), parts[0])
        self.assertIn(b'name="file:My_photo.png"; filename="My photo.png"\r\nContent-Type: image/png\r\n\r\n' + content, parts[1])
        self.assertIn(b'name="file:b.txt"; filename="b.txt"\r\nContent-Type: application/octet-stream\r\n\r\ntext', parts[2])

    def test_the_server_reads_the_form(self):
        path = self.write("x.bin", b"\x00\r\n--kalam\r\n" * 1000)
        text = self.fails("-c", "INSERT INTO a.b (f) VALUES (file('%s'))" % path)
        self.assertIn("Error: Server error (400): File uploads are not supported yet", text)

    def test_what_cannot_be_sent_is_said_before_anything_is(self):
        for sql, message in (("SELECT file('/no/such.bin')", "File error: File not found: /no/such.bin"),
                             ("SELECT file('%s')" % self.home, "File error: Failed to read"),
                             ("SELECT file()", "Parse error: Invalid file() syntax: "),
                             ("SELECT file('a', 'b')", "Parse error: Invalid file() syntax: ")):
            self.assertIn("Error: " + message, self.fails("--token", "x", "-c", sql, login=False, url="http://127.0.0.1:1"))

    def test_a_leader_elsewhere_is_followed_once(self):
        path = self.write("x", "x")
        text = "Not leader for shard. Leader: Some(\\\"http://127.0.0.1:%d\\\")" % self.server.port
        answer = ('{"status":"error","results":[],"took":1,"error":{"code":"NOT_LEADER","message":"%s"}}' % text).encode()

        def serve(connection, _):
            read_head(connection)
            connection.sendall(b"HTTP/1.1 503 No\r\nContent-Length: %d\r\n\r\n" % len(answer) + answer)
        server = Script(serve)
        self.addCleanup(server.close)
        text = self.fails("--token", self.root.token, "-c", "INSERT INTO a.b (f) VALUES (file('%s'))" % path, login=False,
                          url=server.url)
        self.assertIn("File uploads are not supported yet", text)
        self.assertEqual(server.connections, 1)
