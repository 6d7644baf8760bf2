"""What tests of the command line share: a home of their own, and kalam run against a server."""
import os
import shutil
import subprocess
import tempfile
import unittest

from kalamdb import BINARIES, PASSWORD, Server

KALAM = os.path.join(BINARIES, "kalam")


class KalamCase(unittest.TestCase):
    """Every test has an empty home directory. `self.url` is the server's."""
    url = None

    def setUp(self):
        self.home = tempfile.mkdtemp(prefix="kalam-home-")
        self.addCleanup(shutil.rmtree, self.home, True)

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items() if k not in ("KALAMDB_CREDENTIALS_PATH", "COLUMNS")}
        return {**env, "HOME": self.home, **more}

    def configure(self, text):
        os.makedirs(os.path.join(self.home, ".kalam"), exist_ok=True)
        with open(os.path.join(self.home, ".kalam", "config.toml"), "w") as f:
            f.write(text)

    def write(self, name, content):
        path = os.path.join(self.home, name)
        with open(path, "w" if isinstance(content, str) else "wb") as f:
            f.write(content)
        return path

    def command(self, *args, login=True, url=None):
        head = [KALAM, "-u", url or self.url]
        return head + (["--user", "root", "--password", PASSWORD] if login else []) + list(args)

    def kalam(self, *args, login=True, text=None, url=None, env=None):
        return subprocess.run(self.command(*args, login=login, url=url), input=text,
                              stdin=None if text is not None else subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, env=self.environment(**(env or {})))

    def ok(self, *args, **options):
        r = self.kalam(*args, **options)
        self.assertEqual(r.returncode, 0, r.stdout + r.stderr)
        return r.stdout

    def fails(self, *args, **options):
        """Standard error of a run that exits 1."""
        r = self.kalam(*args, **options)
        self.assertEqual(r.returncode, 1, r.stdout + r.stderr)
        return r.stderr

    def start(self, *args, env=None, **options):
        p = subprocess.Popen(self.command(*args, **options), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True, env=self.environment(**(env or {})))
        self.addCleanup(lambda: (p.kill(), p.wait(), p.stdout.close(), p.stderr.close()))
        return p

    def line(self, p, word):
        """The first line with the word; the read ends at the latest with the process."""
        seen = []
        for text in iter(p.stdout.readline, ""):
            seen.append(text)
            if word in text:
                return text
        self.fail("no line with %r in %r, %r" % (word, seen, p.stderr.read()))


class ServedCase(KalamCase):
    """With a server for the whole class; `root` is logged in there."""

    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.url = "http://127.0.0.1:%d" % cls.server.port
        cls.root = cls.server.login()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()
