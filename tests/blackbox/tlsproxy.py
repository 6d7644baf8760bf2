"""A TLS end in front of a server, and the certificates for it (made by the program openssl)."""
import os
import select
import socket
import ssl
import subprocess
import threading


def openssl(*args):
    subprocess.run(["openssl", *args], check=True, capture_output=True, timeout=60)


class Authority:
    """An issuer of certificates; `file` is its own, for SSL_CERT_FILE."""

    def __init__(self, directory, name):
        self.directory = directory
        self.name = name
        self.file = self.path("crt")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=" + name, "-keyout", self.path("key"), "-out", self.file)

    def path(self, suffix, name=None):
        return os.path.join(self.directory, "%s.%s" % (name or self.name, suffix))

    def issue(self, name, alternatives, days="2"):
        """(certificate, key) for subjectAltName `alternatives`, as DNS:localhost,IP:127.0.0.1."""
        with open(self.path("ext", name), "w") as f:
            f.write("subjectAltName=%s\n" % alternatives)
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=" + name,
                "-keyout", self.path("key", name), "-out", self.path("csr", name))
        openssl("x509", "-req", "-in", self.path("csr", name), "-CA", self.file, "-CAkey", self.path("key"),
                "-CAcreateserial", "-days", days, "-extfile", self.path("ext", name), "-out", self.path("crt", name))
        return self.path("crt", name), self.path("key", name)


class TlsProxy:
    """Takes TLS on a port of its own and hands the bytes to `target_port`. Use as a context manager."""

    def __init__(self, certificate, key, target_port):
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.load_cert_chain(certificate, key)
        self.target_port = target_port
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.sessions = []

    def __enter__(self):
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        try:
            with self.context.wrap_socket(connection, server_side=True) as near:
                self.sessions.append((near.version(), near.selected_alpn_protocol()))
                with socket.create_connection(("127.0.0.1", self.target_port)) as far:
                    while self._pump(near, far):
                        pass
                    near.unwrap()
        except (OSError, ValueError):
            pass

    @staticmethod
    def _pump(near, far):
        ready = [near] if near.pending() else select.select([near, far], [], [])[0]
        for source in ready:
            data = source.recv(65536)
            if not data:
                return False
            (far if source is near else near).sendall(data)
        return True
