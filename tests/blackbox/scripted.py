"""Servers that misbehave on purpose: silent ones, and ones that follow a script connection by connection."""
import base64
import hashlib
import json
import socket
import threading


class Silent:
    """Listens and never answers; what arrives is dropped."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]

    def close(self):
        self.listener.close()


class Script:
    """A server whose connections are handled by `serve(connection, n)`, n counting from 1."""

    def __init__(self, serve):
        self.serve = serve
        self.connections = 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = "http://127.0.0.1:%d" % self.listener.getsockname()[1]
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            try:
                self.serve(connection, self.connections)
            except OSError:
                connection.close()

    def close(self):
        self.listener.close()


def read_head(connection):
    data = b""
    while b"\r\n\r\n" not in data:
        more = connection.recv(65536)
        if not more:
            raise OSError("closed")
        data += more
    return data.decode("latin-1")


def upgrade(connection):
    head = read_head(connection)
    key = [line.split(": ", 1)[1] for line in head.split("\r\n") if line.lower().startswith("sec-websocket-key")][0]
    accept = base64.b64encode(hashlib.sha1((key + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").encode()).digest()).decode()
    connection.sendall(("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                        "Sec-WebSocket-Accept: %s\r\n\r\n" % accept).encode())


def send_text(connection, message):
    data = json.dumps(message).encode()
    size = bytes([len(data)]) if len(data) < 126 else b"\x7e" + len(data).to_bytes(2, "big")
    connection.sendall(b"\x81" + size + data)


def forward(connection, port):
    """Joins the connection with a server's port, both ways, on threads."""
    far = socket.create_connection(("127.0.0.1", port))

    def copy(source, target):
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass
        target.close()
    threading.Thread(target=copy, args=(connection, far), daemon=True).start()
    threading.Thread(target=copy, args=(far, connection), daemon=True).start()
