"""A program on a pseudo-terminal: keys go in, the screen is read. Whoever waits, waits for what the screen shows."""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time

import pyte

UP, DOWN, RIGHT, LEFT = "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D"
HOME, END, PAGE_UP, PAGE_DOWN = "\x1b[H", "\x1b[F", "\x1b[5~", "\x1b[6~"
ESC, TAB, ENTER, BACKSPACE = "\x1b", "\t", "\r", "\x7f"
CTRL_A, CTRL_C, CTRL_D, CTRL_K, CTRL_R, CTRL_U, CTRL_Z = "\x01", "\x03", "\x04", "\x0b", "\x12", "\x15", "\x1a"


class Terminal:
    def __init__(self, command, env, columns=100, rows=40):
        self.columns, self.rows = columns, rows
        self.master, self.slave = pty.openpty()
        self.resize(columns, rows, tell=False)
        self.screen = pyte.Screen(columns, rows)
        self.stream = pyte.ByteStream(self.screen)
        self.raw = b""
        self.settings = termios.tcgetattr(self.slave)
        self.process = subprocess.Popen(command, stdin=self.slave, stdout=self.slave, stderr=self.slave, env=env,
                                        preexec_fn=self._take_terminal)

    def _take_terminal(self):
        # Whoever runs the tests in the background may have these ignored, and that is inherited.
        for number in (signal.SIGHUP, signal.SIGINT, signal.SIGQUIT, signal.SIGTERM):
            signal.signal(number, signal.SIG_DFL)
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)

    def resize(self, columns, rows, tell=True):
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        if tell:
            self.columns, self.rows = columns, rows
            self.screen.resize(rows, columns)

    def send(self, keys):
        """Keys as bytes; the screen is read meanwhile, so that a long paste does not block both sides."""
        data = keys.encode() if isinstance(keys, str) else keys
        while data:
            readable, writable, _ = select.select([self.master], [self.master], [], 30)
            if readable:
                self._read()
            if writable:
                data = data[os.write(self.master, data[:1024]):]

    def _read(self):
        try:
            data = os.read(self.master, 65536)
        except OSError:
            data = b""
        self.raw += data
        self.stream.feed(data)
        return data

    def lines(self):
        return [line.rstrip() for line in self.screen.display]

    def text(self):
        """The screen without empty lines at its end."""
        return "\n".join(self.lines()).rstrip()

    def last(self):
        return self.text().split("\n")[-1]

    def cursor_line(self):
        return self.lines()[self.screen.cursor.y]

    def wait(self, condition, what="", timeout=30):
        """Reads until condition(self) holds."""
        deadline = time.time() + timeout
        while not condition(self):
            left = deadline - time.time()
            if left <= 0:
                raise AssertionError("the screen never showed %s:\n%s" % (what or "what was waited for", self.text()))
            if select.select([self.master], [], [], min(left, 0.5))[0]:
                self._read()
            elif self.process.poll() is not None and not select.select([self.master], [], [], 0)[0]:
                if condition(self):
                    return self
                raise AssertionError("the program ended (%s) without %s:\n%s" % (self.process.returncode, what, self.text()))
        return self

    def wait_for(self, text, timeout=30):
        return self.wait(lambda t: text in t.text(), repr(text), timeout)

    def wait_line(self, text, timeout=30):
        """Waits until the line of the cursor ends with text."""
        return self.wait(lambda t: t.cursor_line().endswith(text), "a line with the cursor ending in %r" % text, timeout)

    def wait_raw(self, data, since=0, timeout=30):
        return self.wait(lambda t: data in t.raw[since:], repr(data), timeout)

    def attributes(self, word):
        """Of the first character of `word` where it stands lowest: (colour, bold, reverse)."""
        for y in reversed(range(self.screen.lines)):
            x = self.screen.display[y].find(word)
            if x >= 0:
                c = self.screen.buffer[y][x]
                return c.fg, c.bold, c.reverse
        raise AssertionError("%r is not on the screen:\n%s" % (word, self.text()))

    def exit_status(self, timeout=30):
        deadline = time.time() + timeout
        while self.process.poll() is None:
            if time.time() > deadline:
                raise AssertionError("the program does not end:\n" + self.text())
            if select.select([self.master], [], [], 0.05)[0]:
                self._read()
        while select.select([self.master], [], [], 0)[0] and self._read():
            pass
        return self.process.returncode

    def is_restored(self):
        """The terminal's settings are what they were before the program."""
        return termios.tcgetattr(self.slave) == self.settings

    def close(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()
        for fd in (self.master, self.slave):
            os.close(fd)
