"""Thousands of WebSocket connections in one thread: a loop over a selector, and a client without threads.

kalamdb.Live judges our frames with another's library; this one is for load, and for the clients that behave badly: they
stop reading, tear their connections off, send fragments.
"""
import gzip
import heapq
import itertools
import json
import random
import resource
import selectors
import socket
import struct
import time

import msgpack


def raise_file_limit(wanted):
    """At least `wanted` descriptors, or an error that says so."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard < wanted:
        raise RuntimeError("needs %d file descriptors, the limit is %d" % (wanted, hard))
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))


class Loop:
    def __init__(self):
        self.selector = selectors.DefaultSelector()
        self.timers = []
        self.order = itertools.count()

    def after(self, seconds, call):
        heapq.heappush(self.timers, (time.monotonic() + seconds, next(self.order), call))

    def turn(self, most=0.05):
        wait = most
        if self.timers:
            wait = max(0.0, min(wait, self.timers[0][0] - time.monotonic()))
        for key, events in self.selector.select(wait):
            key.data.on_ready(events)
        now = time.monotonic()
        while self.timers and self.timers[0][0] <= now:
            heapq.heappop(self.timers)[2]()

    def until(self, condition, timeout, what="the condition"):
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError("%s did not come about within %d s" % (what, timeout))
            self.turn()


class Socket:
    """One connection. The owner has on_message(dict), on_open() and on_closed(code or None); each ends in the loop."""

    def __init__(self, loop, port, token, owner, header=True, compress=False, packed=False,
                 receive_buffer=None, fragments=None):
        self.loop = loop
        self.owner = owner
        self.fragments = fragments  # a random.Random: messages are cut where it says
        self.received = bytearray()
        self.unsent = bytearray()
        self.opened = False
        self.authenticated = False
        self.paused = False
        self.closed = False
        self.close_sent = False
        self.close_code = None
        self.events = 0
        self.token = None if header else token
        self.compress = compress
        self.packed = packed
        self.socket = socket.socket()
        if receive_buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        self.socket.connect(("127.0.0.1", port))
        self.socket.setblocking(False)
        self._write(("GET /v1/ws%s HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n%s"
                     "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n"
                     % ("?x" + ("" if compress else "&compress=false") + ("&serialization=msgpack" if packed else ""),
                        "Authorization: Bearer %s\r\n" % token if header else "")).encode())

    # ---- to the server

    def send(self, message):
        packed = self.packed and self.authenticated
        data = msgpack.packb(message) if packed else json.dumps(message).encode()
        first = 0x02 if packed else 0x01
        if self.fragments is None or len(data) < 2 or self.fragments.random() < 0.5:
            self._frame(0x80 | first, data)
            return
        cut = self.fragments.randrange(1, len(data))
        self._frame(first, data[:cut])
        if self.fragments.random() < 0.5:
            self._frame(0x89, b"between")
        self._frame(0x80, data[cut:])

    def close(self):
        """Begins a clean end; on_closed comes when the server has answered."""
        if not self.closed and not self.close_sent:
            self.close_sent = True
            self._frame(0x88, struct.pack(">H", 1000))

    def abort(self):
        """Ends with a reset. on_closed comes before this returns."""
        if not self.closed:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            self._end()

    def pause(self):
        self.paused = True
        self._watch()

    def go_on(self):
        if not self.closed:
            self.paused = False
            self._watch()
            if self.opened:
                self.loop.after(0, self._take_frames)

    def _frame(self, first, payload):
        # A mask of zeros is a mask, and leaves the payload as it is.
        size = len(payload)
        if size < 126:
            head = struct.pack(">BB", first, 0x80 | size)
        elif size < 65536:
            head = struct.pack(">BBH", first, 0x80 | 126, size)
        else:
            head = struct.pack(">BBQ", first, 0x80 | 127, size)
        self._write(head + b"\0\0\0\0" + payload)

    def _write(self, data):
        if self.closed:
            return
        self.unsent += data
        self._flush()

    def _flush(self):
        try:
            while self.unsent:
                n = self.socket.send(self.unsent)
                del self.unsent[:n]
        except BlockingIOError:
            pass
        except OSError:
            self.loop.after(0, self._end)
            return
        self._watch()

    def _watch(self):
        wanted = (0 if self.paused else selectors.EVENT_READ) | (selectors.EVENT_WRITE if self.unsent else 0)
        if self.closed or wanted == self.events:
            return
        if not self.events:
            self.loop.selector.register(self.socket, wanted, self)
        elif wanted:
            self.loop.selector.modify(self.socket, wanted, self)
        else:
            self.loop.selector.unregister(self.socket)
        self.events = wanted

    # ---- from the server

    def on_ready(self, events):
        if events & selectors.EVENT_WRITE:
            self._flush()
        if not events & selectors.EVENT_READ or self.closed:
            return
        try:
            data = self.socket.recv(65536)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            return self._end()
        self.received += data
        if not self.opened and not self._take_head():
            return
        self._take_frames()

    def _take_head(self):
        end = self.received.find(b"\r\n\r\n")
        if end < 0:
            return False
        if not self.received.startswith(b"HTTP/1.1 101 "):
            raise AssertionError("no upgrade: %s" % bytes(self.received[:300]))
        del self.received[:end + 4]
        self.opened = True
        if self.token is not None:
            self.send({"type": "authenticate", "method": "jwt", "token": self.token,
                       "protocol": {"serialization": "msgpack" if self.packed else "json", "compression": "gzip" if self.compress else "none"}})
        return True

    def _take_frames(self):
        buffer, at = self.received, 0
        while not self.closed and not self.paused and len(buffer) - at >= 2:
            first, size, head = buffer[at], buffer[at + 1], 2
            if size == 126:
                if len(buffer) - at < 4:
                    break
                size, head = struct.unpack_from(">H", buffer, at + 2)[0], 4
            elif size == 127:
                if len(buffer) - at < 10:
                    break
                size, head = struct.unpack_from(">Q", buffer, at + 2)[0], 10
            if len(buffer) - at < head + size:
                break
            payload = bytes(buffer[at + head:at + head + size])
            at += head + size
            self._take(first, payload)
        del buffer[:at]

    def _take(self, first, payload):
        if first in (0x81, 0x82):
            binary = first == 0x82
            if binary and payload.startswith(b"\x1f\x8b"):
                assert self.compress, "compressed, against what was asked for"
                payload = gzip.decompress(payload)
            elif binary:
                assert self.packed, "a binary frame of neither gzip nor MessagePack"
            message = msgpack.unpackb(payload) if binary and self.packed else json.loads(payload)
            assert not self.packed or binary or message["type"] in ("auth_success", "error"), message
            if self.authenticated:
                self.owner.on_message(message)
            else:
                assert message["type"] == "auth_success", message
                self.authenticated = True
                self.owner.on_open()
        elif first == 0x89:
            self._frame(0x8A, payload)
        elif first == 0x88:
            self.close_code = int.from_bytes(payload[:2], "big") if payload else 0
            if not self.close_sent:
                self.close_sent = True
                self._frame(0x88, payload[:2])
        else:
            assert first == 0x8A, "a frame that nobody sends: %#x" % first

    def _end(self):
        if self.closed:
            return
        self.closed = True
        if self.events:
            self.loop.selector.unregister(self.socket)
        self.socket.close()
        self.owner.on_closed(self.close_code)


def seeded(seed, *names):
    """A generator of its own for each part of a test, so that one seed repeats all of them."""
    return random.Random("/".join(str(x) for x in (seed,) + names))
