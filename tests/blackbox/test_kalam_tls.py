"""https:// and live queries over TLS: who is talked to is verified."""
import shutil
import signal
import socket
import tempfile
import threading
import unittest

from kalamcli import ServedCase
from tlsproxy import Authority, TlsProxy


class TestKalamTls(ServedCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.directory = tempfile.mkdtemp(prefix="kalam-tls-")
        cls.authority = Authority(cls.directory, "authority")
        cls.good = cls.authority.issue("good", "DNS:localhost,IP:127.0.0.1")
        cls.root.sql("CREATE NAMESPACE tls")
        cls.root.sql("CREATE TABLE tls.t (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED')")

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        shutil.rmtree(cls.directory, ignore_errors=True)

    def proxy(self, certificate):
        proxy = TlsProxy(*certificate, self.server.port).__enter__()
        self.addCleanup(proxy.__exit__)
        return proxy

    def trusting(self, authority=None):
        return {"SSL_CERT_FILE": (authority or self.authority).file}

    def test_a_server_with_a_certificate_that_holds_is_talked_to(self):
        proxy = self.proxy(self.good)
        for host in ("localhost", "127.0.0.1"):
            url = "https://%s:%d" % (host, proxy.port)
            self.assertEqual(self.ok("--csv", "-c", "SELECT 42 AS a", url=url, env=self.trusting()), "a\n42\n")
        self.assertIn(("TLSv1.3", None), proxy.sessions)

    def test_many_statements_go_over_one_connection(self):
        proxy = self.proxy(self.good)
        path = self.write("many.sql", "".join("SELECT %d AS a;\n" % i for i in range(50)))
        out = self.ok("--csv", "-f", path, url="https://localhost:%d" % proxy.port, env=self.trusting())
        self.assertEqual(out.splitlines()[1::2], [str(i) for i in range(50)])
        self.assertEqual(len(proxy.sessions), 1)

    def test_a_long_answer_arrives_whole(self):
        proxy = self.proxy(self.good)
        out = self.ok("--csv", "-c", "SELECT repeat('x', 900000) AS a", url="https://localhost:%d" % proxy.port,
                      env=self.trusting())
        self.assertEqual(out, "a\n" + "x" * 900000 + "\n")

    def test_an_unknown_issuer_is_refused_and_explained(self):
        proxy = self.proxy(self.good)
        other = Authority(tempfile.mkdtemp(dir=self.directory), "other")
        for env in ({}, self.trusting(other)):
            text = self.fails("-c", "SELECT 1", url="https://localhost:%d" % proxy.port, env=env)
            self.assertIn("the certificate of localhost does not hold", text)
            self.assertIn("issuer", text)
            self.assertIn("SSL_CERT_FILE", text)

    def test_a_certificate_of_another_host_is_refused(self):
        proxy = self.proxy(self.authority.issue("elsewhere", "DNS:elsewhere.example,IP:127.0.0.9"))
        for host in ("localhost", "127.0.0.1"):
            text = self.fails("-c", "SELECT 1", url="https://%s:%d" % (host, proxy.port), env=self.trusting())
            self.assertIn("the certificate of %s does not hold" % host, text)
            self.assertIn("made out to another name", text)

    def test_a_name_is_no_address_and_a_common_name_does_not_count(self):
        proxy = self.proxy(self.authority.issue("localhost", "DNS:127.0.0.1"))
        for host in ("localhost", "127.0.0.1"):
            self.assertIn("does not hold", self.fails("-c", "SELECT 1", url="https://%s:%d" % (host, proxy.port),
                                                      env=self.trusting()))

    def test_nothing_is_sent_to_a_server_that_is_not_trusted(self):
        seen = []
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        proxy = self.proxy((self.good[0], self.good[1]))
        proxy.target_port = listener.getsockname()[1]

        def accept():
            try:
                connection, _ = listener.accept()
                with connection:
                    seen.append(connection.recv(1))
            except OSError:
                pass
        threading.Thread(target=accept, daemon=True).start()
        self.fails("-c", "SELECT 1", url="https://localhost:%d" % proxy.port)
        # The proxy reaches its target only after a handshake.
        self.assertEqual(([], []), (seen, proxy.sessions))

    def test_a_server_without_tls_is_told_apart(self):
        text = self.fails("-c", "SELECT 1", url="https://127.0.0.1:%d" % self.server.port, env=self.trusting())
        self.assertIn("does not speak TLS", text)

    def test_live_queries_go_over_tls_too(self):
        proxy = self.proxy(self.good)
        p = self.start("--subscribe", "SELECT * FROM tls.t", url="https://localhost:%d" % proxy.port, env=self.trusting())
        self.line(p, "(complete)")
        self.root.sql("INSERT INTO tls.t (id, v) VALUES (1, 'over tls')")
        self.assertIn("over tls", self.line(p, "INSERT"))
        p.send_signal(signal.SIGINT)
        self.assertEqual(p.wait(30), 0)
        self.assertEqual(self.fails("--subscribe", "SELECT * FROM tls.t", "--token", "x", login=False,
                                    url="https://localhost:%d" % proxy.port).count("does not hold"), 1)
