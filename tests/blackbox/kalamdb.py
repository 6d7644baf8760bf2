"""What black-box tests need: a server of their own, SQL over HTTP, live queries over WebSocket.

The WebSocket client is the package websocket-client, so that our frames are judged by a library that others keep.
"""
import collections
import gzip
import http.client
import json
import os
import queue
import select
import shutil
import signal
import subprocess
import tempfile
import threading
import time

import msgpack
import websocket

ROOT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
BINARIES = os.environ.get("KALAMDB_BINARIES", os.path.join(ROOT, "build", "release"))
PASSWORD = "root-password-of-tests"

CONFIG = """
[server]
host = "127.0.0.1"
port = {port}
[storage]
data_path = "{data}"
[limits]
{limits}
[logging]
level = "info"
logs_path = "{logs}"
log_to_console = false
[performance]
[auth]
jwt_secret = "a-secret-of-the-tests-that-is-long-enough"
bcrypt_cost = 4
"""
GENEROUS = """
[rate_limit]
max_queries_per_sec = 1000000
max_messages_per_sec = 1000000
max_subscriptions_per_user = 1000000
max_auth_requests_per_ip_per_sec = 1000000
"""


def free_port():
    import socket
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Server:
    """A server process with a directory of its own. Use as a context manager."""

    def __init__(self, extra=GENEROUS, env=None, directory=None, limits=""):
        self.directory = directory or tempfile.mkdtemp(prefix="kalamdb-test-")
        self.own_directory = directory is None
        self.port = free_port()
        self.env = env or {}
        self.process = None
        self.extra = extra
        self.limits = limits
        self.config = os.path.join(self.directory, "server.toml")

    def write_config(self):
        with open(self.config, "w") as f:
            f.write(CONFIG.format(port=self.port, data=self.directory + "/data", logs=self.directory + "/logs",
                                  limits=self.limits) + self.extra)

    def start(self):
        self.write_config()
        ready = os.path.join(self.directory, "ready")
        if os.path.exists(ready):
            os.remove(ready)
        os.mkfifo(ready)
        fd = os.open(ready, os.O_RDWR | os.O_NONBLOCK)
        env = {**os.environ, "KALAMDB_ROOT_PASSWORD": PASSWORD, **self.env}
        self.process = subprocess.Popen([os.path.join(BINARIES, "kalamdb-server"), "--ready-file", ready, self.config],
                                        env=env, stderr=subprocess.PIPE, text=True, cwd=self.directory)
        try:
            deadline = time.time() + 60
            while not select.select([fd], [], [], 0.2)[0]:
                if self.process.poll() is not None:
                    raise RuntimeError("the server ended: " + self.process.stderr.read())
                if time.time() > deadline:
                    raise RuntimeError("the server does not get ready")
        finally:
            os.close(fd)
        return self

    def kill(self):
        """SIGKILL, as a crash does it."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()
        self.process.stderr.close()

    def stop(self, timeout=60):
        """SIGTERM; returns the exit status."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        status = self.process.wait(timeout)
        self.process.stderr.close()
        return status

    def __enter__(self):
        return self.start()

    def __exit__(self, *_):
        if self.process and self.process.poll() is None:
            self.kill()
        if self.own_directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def request(self, method, path, body=None, headers=None, timeout=60):
        c = http.client.HTTPConnection("127.0.0.1", self.port, timeout=timeout)
        try:
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
                headers = {"Content-Type": "application/json", **(headers or {})}
            c.request(method, path, body, headers or {})
            r = c.getresponse()
            return r.status, dict((k.lower(), v) for k, v in r.getheaders()), r.read()
        finally:
            c.close()

    def login(self, user="root", password=PASSWORD):
        status, _, body = self.request("POST", "/v1/api/auth/login", {"user": user, "password": password})
        assert status == 200, (status, body)
        return Client(self, user, json.loads(body)["access_token"])

    def memory(self):
        """Resident and anonymous KiB (with swap)."""
        out = {"VmRSS": 0, "RssAnon": 0, "VmSwap": 0}
        with open("/proc/%d/status" % self.process.pid) as f:
            for line in f:
                k, _, v = line.partition(":")
                if k in out:
                    out[k] = int(v.split()[0])
        return out["VmRSS"], out["RssAnon"] + out["VmSwap"]


class SqlError(Exception):
    def __init__(self, status, error):
        super().__init__("%s %s: %s" % (status, error.get("code"), error.get("message")))
        self.status = status
        self.code = error.get("code")
        self.message = error.get("message", "")
        self.details = error.get("details")


class Client:
    """SQL as one user, over one kept connection. Not for several threads at once."""

    def __init__(self, server, user, token):
        self.server = server
        self.user = user
        self.token = token
        self.connection = None

    def clone(self):
        return Client(self.server, self.user, self.token)

    def post(self, payload, retry=True):
        body = payload if isinstance(payload, (str, bytes)) else json.dumps(payload)
        headers = {"Content-Type": "application/json", "Authorization": "Bearer " + self.token}
        for attempt in (0, 1):
            if self.connection is None:
                self.connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
            try:
                self.connection.request("POST", "/v1/api/sql", body, headers)
                r = self.connection.getresponse()
                return r.status, json.loads(r.read())
            except (http.client.RemoteDisconnected, BrokenPipeError, ConnectionResetError, ConnectionRefusedError):
                self.connection.close()
                self.connection = None
                # A kept connection may have been closed while it was idle; a fresh one may not.
                if attempt or not retry:
                    raise

    def sql(self, text, params=None, ns=None):
        payload = {"sql": text}
        if params is not None:
            payload["params"] = params
        if ns is not None:
            payload["namespace_id"] = ns
        status, body = self.post(payload)
        if status != 200 or body.get("status") != "success":
            raise SqlError(status, body.get("error") or {})
        return body["results"]

    def rows(self, text, params=None, ns=None):
        return self.sql(text, params, ns)[0]["rows"]

    def dicts(self, text, params=None, ns=None):
        result = self.sql(text, params, ns)[0]
        names = [c["name"] for c in result["schema"]]
        return [dict(zip(names, row)) for row in result["rows"]]

    def value(self, text, params=None, ns=None):
        return self.rows(text, params, ns)[0][0]

    def error(self, text, params=None, ns=None):
        try:
            self.sql(text, params, ns)
        except SqlError as e:
            return e
        raise AssertionError("succeeded: " + text)


class Live:
    """One WebSocket connection; messages are sorted by subscription id as they come."""

    def __init__(self, server, token, header=False, options="?compress=false", protocol=None):
        headers = ["Authorization: Bearer " + token] if header else []
        self.ws = websocket.create_connection("ws://127.0.0.1:%d/v1/ws%s" % (server.port, options), header=headers, timeout=30)
        if not header:
            self.send({"type": "authenticate", "method": "jwt", "token": token,
                       "protocol": protocol or {"serialization": "json", "compression": "none"}})
        opcode, data = self.ws.recv_data()
        assert opcode == websocket.ABNF.OPCODE_TEXT, data
        self.auth = json.loads(data)
        self.packed = self.auth.get("protocol", {}).get("serialization") == "msgpack"
        self.frames = collections.Counter()  # by (opcode, whether it was compressed)
        self.queues = {}
        self.lock = threading.Lock()
        self.closed = threading.Event()
        self.close_code = None
        self.counter = 0
        self.thread = threading.Thread(target=self._read, daemon=True)
        self.thread.start()

    def send(self, message):
        self.ws.send(json.dumps(message))

    def send_packed(self, message, compress=False):
        data = msgpack.packb(message)
        self.ws.send_binary(gzip.compress(data) if compress else data)

    def decode(self, opcode, data):
        compressed = data.startswith(b"\x1f\x8b")
        if compressed:
            data = gzip.decompress(data)
        packed = self.packed and opcode == websocket.ABNF.OPCODE_BINARY
        message = msgpack.unpackb(data) if packed else json.loads(data)
        self.frames[opcode, compressed] += 1
        return message

    def queue_of(self, sub_id):
        with self.lock:
            return self.queues.setdefault(sub_id, queue.Queue())

    def _read(self):
        try:
            while True:
                opcode, data = self.ws.recv_data()
                if opcode == websocket.ABNF.OPCODE_CLOSE:
                    if len(data) >= 2:
                        self.close_code = int.from_bytes(data[:2], "big")
                    break
                message = self.decode(opcode, data)
                self.queue_of(message.get("subscription_id")).put(message)
        except (websocket.WebSocketException, OSError, ValueError):
            pass
        self.closed.set()

    def subscribe(self, sql, options=None, sub_id=None):
        """Subscribes with a full snapshot (or `options`), pages it through, returns the subscription."""
        self.counter += 1
        s = Subscription(self, sub_id or "s%d" % self.counter)
        s.start(sql, {} if options is None else options)
        return s

    def close(self):
        self.ws.close()
        self.thread.join(10)


class Subscription:
    def __init__(self, live, sub_id):
        self.live = live
        self.id = sub_id
        self.queue = live.queue_of(sub_id)
        self.rows = []
        self.early = []
        self.ack = None

    def start(self, sql, options):
        self.live.send({"type": "subscribe", "subscription": {"id": self.id, "sql": sql, "options": options}})
        self.ack = self.next()
        if self.ack["type"] == "error":
            raise SqlError(0, self.ack)
        if options == "none":
            return
        control = self.ack["batch_control"]
        while True:
            m = self.next()
            if m["type"] == "change":
                self.early.append(m)
                continue
            if m["type"] == "error":
                raise SqlError(0, m)
            self.rows += m["rows"]
            control = m["batch_control"]
            if not control["has_more"]:
                break
            self.live.send({"type": "next_batch", "subscription_id": self.id, "last_seq_id": control["last_seq_id"]})
        self.last_seq = control["last_seq_id"]

    def next(self, timeout=30):
        return self.queue.get(timeout=timeout)

    def changes(self, n, timeout=30):
        """The next n changes as (type, row or old row)."""
        out = []
        deadline = time.time() + timeout
        while len(out) < n:
            m = self.next(max(0.01, deadline - time.time()))
            assert m["type"] == "change", m
            row = m["rows"][0] if m.get("rows") else m["old_values"][0]
            out.append((m["change_type"], row))
        return out
