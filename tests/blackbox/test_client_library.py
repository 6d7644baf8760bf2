"""The client library in programs of others: the example, as the build makes it and from what is installed."""
import os
import shutil
import subprocess
import tempfile
import unittest

from kalamcli import ServedCase
from kalamdb import BINARIES, PASSWORD, ROOT

EXAMPLE = os.path.join(ROOT, "examples", "live_query.cc")


class TestClientLibrary(ServedCase):
    def follow(self, program):
        name = "c.t%d" % abs(hash(program))
        self.root.sql("CREATE NAMESPACE IF NOT EXISTS c")
        self.root.sql("CREATE TABLE %s (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED')" % name)
        self.root.sql("INSERT INTO %s (id, v) VALUES (1, 'first')" % name)
        p = subprocess.Popen([program, self.url, "root", PASSWORD, "SELECT * FROM " + name], stdout=subprocess.PIPE,
                             stderr=subprocess.PIPE, text=True)
        self.addCleanup(lambda: (p.kill(), p.wait(), p.stdout.close(), p.stderr.close()))
        self.assertEqual(p.stdout.readline(), "hello\n")
        self.assertRegex(p.stdout.readline(), '^row .*"first"')
        self.root.sql("INSERT INTO %s (id, v) VALUES (2, 'second')" % name)
        self.assertRegex(p.stdout.readline(), '^insert .*"second"')
        self.root.sql("UPDATE %s SET v = 'changed' WHERE id = 2" % name)
        self.assertRegex(p.stdout.readline(), '^update .*"changed"')
        self.root.sql("DELETE FROM %s WHERE id = 2" % name)
        self.assertRegex(p.stdout.readline(), '^delete .*"changed"')

    def test_the_example_connects_asks_and_follows(self):
        self.follow(os.path.join(BINARIES, "examples", "live_query"))
        with open(EXAMPLE) as f:
            self.assertLessEqual(len(f.readlines()), 60)

    def test_what_is_installed_is_enough_to_build_it(self):
        place = tempfile.mkdtemp(prefix="kalam-client-")
        self.addCleanup(shutil.rmtree, place, True)
        subprocess.run(["cmake", "--install", BINARIES, "--component", "client", "--prefix", place], check=True,
                       capture_output=True, timeout=60)
        flags = subprocess.run(["pkg-config", "--cflags", "--libs", "kalamdb-client"], check=True, capture_output=True, text=True,
                               env={**os.environ, "PKG_CONFIG_PATH": os.path.join(place, "lib", "pkgconfig")}).stdout.split()
        program = os.path.join(place, "live_query")
        r = subprocess.run(["g++", "-std=c++20", EXAMPLE, "-o", program, *flags], capture_output=True, text=True, timeout=300)
        self.assertEqual(r.returncode, 0, r.stderr)
        self.follow(program)

    def test_a_refusal_is_an_error_of_the_example(self):
        r = subprocess.run([os.path.join(BINARIES, "examples", "live_query"), self.url, "root", "wrong", "SELECT 1"],
                           capture_output=True, text=True, timeout=30)
        self.assertEqual((r.returncode, r.stderr), (1, "Login failed: invalid credentials\n"))
