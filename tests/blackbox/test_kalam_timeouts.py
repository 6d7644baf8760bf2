"""Servers that keep silent: every wait of the command line has its own end."""
import json
import socket
import time

from kalamcli import KalamCase, ServedCase
from scripted import Script, Silent, forward, read_head, send_text, upgrade


class TestKalamTimeouts(KalamCase):
    TOKEN = ("--token", "x.y.z")

    def silent(self):
        server = Silent()
        self.addCleanup(server.close)
        return server

    def script(self, serve):
        server = Script(serve)
        self.addCleanup(server.close)
        return server

    def timed(self, server, *args, at_least, at_most):
        begun = time.monotonic()
        text = self.fails(*self.TOKEN, *args, login=False, url=server.url)
        took = time.monotonic() - begun
        self.assertGreaterEqual(took, at_least * 0.95, text)
        self.assertLess(took, at_most, text)
        return text

    def test_timeout_ends_a_request(self):
        text = self.timed(self.silent(), "--timeout", "0.5", "-c", "SELECT 1", at_least=0.5, at_most=5)
        self.assertIn("Connection failed: Request timeout: no answer within 0.5 s", text)

    def test_timeout_bounds_an_answer_that_trickles(self):
        def serve(connection, _):
            read_head(connection)
            connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
            while True:
                connection.sendall(b" ")
                time.sleep(0.05)
        text = self.timed(self.script(serve), "--timeout", "1", "-c", "SELECT 1", at_least=1, at_most=10)
        self.assertIn("no answer within 1 s", text)

    def test_receive_timeout_ends_silence(self):
        text = self.timed(self.silent(), "--receive-timeout", "0.5", "-c", "SELECT 1", at_least=0.5, at_most=5)
        self.assertIn("no answer within 0.5 s", text)

    def test_timeout_ends_a_request_that_nobody_reads(self):
        path = self.write("big.bin", b"x" * (32 << 20))
        text = self.timed(self.silent(), "--timeout", "1", "-c", "INSERT INTO a.b (f) VALUES (file('%s'))" % path,
                          at_least=1, at_most=15)
        self.assertIn("timeout while sending", text)

    def test_connection_timeout_ends_a_tls_handshake(self):
        server = self.silent()
        server.url = server.url.replace("http:", "https:")
        text = self.timed(server, "--connection-timeout", "0.5", "-c", "SELECT 1", at_least=0.5, at_most=5)
        self.assertIn("within 0.5 s", text)

    def test_connection_timeout_ends_a_tcp_connect(self):
        # A full queue of connections: further ones get no answer.
        listener = socket.socket()
        self.addCleanup(listener.close)
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        waiting = []
        for _ in range(4):
            s = socket.socket()
            s.setblocking(False)
            s.connect_ex(listener.getsockname())
            waiting.append(s)
            self.addCleanup(s.close)
        server = Silent.__new__(Silent)
        server.url = "http://127.0.0.1:%d" % listener.getsockname()[1]
        text = self.timed(server, "--connection-timeout", "0.5", "-c", "SELECT 1", at_least=0.5, at_most=5)
        self.assertIn("no connection to 127.0.0.1", text)

    def test_fast_timeouts_are_short(self):
        self.timed(self.silent(), "--fast-timeouts", "-c", "SELECT 1", at_least=5, at_most=15)

    def test_an_option_wins_over_a_preset(self):
        self.timed(self.silent(), "--relaxed-timeouts", "--timeout", "0.5", "-c", "SELECT 1", at_least=0.5, at_most=5)

    def test_auth_timeout_ends_a_websocket_login(self):
        text = self.timed(self.silent(), "--auth-timeout", "0.5", "--subscribe", "SELECT * FROM a.b", at_least=0.5, at_most=5)
        self.assertIn("did not answer the WebSocket upgrade in time", text)

        def serve(connection, _):
            upgrade(connection)
            connection.recv(1)
        text = self.timed(self.script(serve), "--auth-timeout", "0.5", "--subscribe", "SELECT * FROM a.b", at_least=0.5, at_most=5)
        self.assertIn("did not accept the token in time", text)

    def live(self, *messages):
        def serve(connection, _):
            upgrade(connection)
            send_text(connection, {"type": "auth_success", "user": "x", "role": "user"})
            frame = connection.recv(65536)
            size, at = frame[1] % 128, 2
            if size == 126:
                size, at = int.from_bytes(frame[2:4], "big"), 4
            mask = frame[at:at + 4]
            text = bytes(b ^ mask[i % 4] for i, b in enumerate(frame[at + 4:at + 4 + size]))
            sub_id = json.loads(text)["subscription"]["id"]
            for message in messages:
                send_text(connection, {**message, "subscription_id": sub_id})
            while connection.recv(65536):
                pass
        return self.script(serve)

    def test_initial_data_timeout_ends_a_snapshot_that_stops(self):
        text = self.timed(self.live(), "--initial-data-timeout", "0.5", "--subscribe", "SELECT * FROM a.b",
                          at_least=0.5, at_most=5)
        self.assertIn("the server did not answer in time", text)
        control = {"batch_num": 0, "has_more": True, "status": "loading"}
        ack = {"type": "subscription_ack", "total_rows": 2, "schema": [], "batch_control": control}
        batch = {"type": "initial_data_batch", "rows": [{"id": 1}], "batch_control": {**control, "last_seq_id": 5}}
        text = self.timed(self.live(ack, batch), "--initial-data-timeout", "0.5", "--subscribe", "SELECT * FROM a.b",
                          at_least=0.5, at_most=5)
        self.assertIn("no initial data in time", text)

    def test_a_subscription_timeout_waits_for_the_snapshot(self):
        control = {"batch_num": 0, "has_more": True, "status": "loading"}
        ack = {"type": "subscription_ack", "total_rows": 2, "schema": [], "batch_control": control}
        text = self.timed(self.live(ack), "--subscription-timeout", "0.1", "--initial-data-timeout", "1", "--subscribe",
                          "SELECT * FROM a.b", at_least=1, at_most=10)
        self.assertIn("no initial data in time", text)


class TestKalamRetries(ServedCase):
    def flaky(self, failures):
        """Closes the first connections without an answer; the later ones go to the server."""
        def serve(connection, n):
            if n <= failures:
                read_head(connection)
                connection.close()
                return
            forward(connection, self.server.port)
        server = Script(serve)
        self.addCleanup(server.close)
        return server

    def test_statements_that_only_read_are_tried_again_as_often_as_configured(self):
        self.configure("[server]\nmax_retries = 2\n")
        token = ("--token", self.root.token)
        server = self.flaky(2)
        self.assertEqual(self.ok(*token, "--csv", "-c", "SELECT 7 AS a", login=False, url=server.url), "a\n7\n")
        self.assertEqual(server.connections, 3)
        server = self.flaky(3)
        self.assertIn("Connection failed", self.fails(*token, "-c", "SELECT 7 AS a", login=False, url=server.url))
        self.assertEqual(server.connections, 3)

    def test_statements_that_write_are_sent_once(self):
        self.configure("[server]\nmax_retries = 2\n")
        server = self.flaky(1)
        self.fails("--token", self.root.token, "-c", "CREATE NAMESPACE retried", login=False, url=server.url)
        self.assertEqual(server.connections, 1)

    def test_without_configuration_nothing_is_tried_again(self):
        server = self.flaky(1)
        self.fails("--token", self.root.token, "-c", "SELECT 1", login=False, url=server.url)
        self.assertEqual(server.connections, 1)
