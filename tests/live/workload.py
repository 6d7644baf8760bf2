"""What the soak writes and what its subscriptions ask for: tables, filters, and the writers with a process of their own."""
import collections
import http.client
import multiprocessing
import os
import sys
import threading
import time
import traceback

sys.path.insert(0, os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "blackbox"))
from kalamdb import Client, SqlError  # noqa: E402
from wsloop import seeded  # noqa: E402

COLUMNS = ("id", "grp", "n", "v", "big", "flag")
DDL = "CREATE TABLE %s (id INT PRIMARY KEY, grp INT, n INT, v TEXT, big BIGINT, flag BOOLEAN) WITH (TYPE = '%s'%s)"
GROUPS = 6
SENTINELS = 10_000_000  # ids from here on are written when the writers have stopped

# A filter as SQL, and the same in Python over a row whose NULLs are None. It is TRUE or the row is not seen.
Filter = collections.namedtuple("Filter", "sql holds columns")


def three(value):
    return value is True


FILTERS = [
    Filter(None, lambda r: True, ()),
    Filter("n >= 50", lambda r: r["n"] is not None and r["n"] >= 50, ("n",)),
    Filter("flag", lambda r: three(r["flag"]), ("flag",)),
    Filter("grp IN (1, 2, 3) AND n < 60", lambda r: r["grp"] in (1, 2, 3) and r["n"] is not None and r["n"] < 60, ("grp", "n")),
    Filter("v LIKE 'a%'", lambda r: r["v"] is not None and r["v"].startswith("a"), ("v",)),
    Filter("v IS NULL", lambda r: r["v"] is None, ("v",)),
    Filter("NOT flag OR grp = 4", lambda r: r["flag"] is False or r["grp"] == 4, ("flag", "grp")),
] + [Filter("grp = %d" % g, lambda r, g=g: r["grp"] == g, ("grp",)) for g in range(GROUPS)]
PROJECTIONS = [None, None, ("id", "v", "n"), ("grp", "id"), ("id", "big", "flag")]
Query = collections.namedtuple("Query", "table filter columns")


def select(query, columns=None):
    text = "SELECT %s FROM %s" % (", ".join(columns or query.columns or "*"), query.table)
    return text + (" WHERE " + query.filter.sql if query.filter.sql else "")


def sentinel_rows(phase):
    """Rows of which every filter sees at least one."""
    first = SENTINELS + 100 * phase
    rows = [(first + g, g, 70, "a sentinel", 2 ** 60 + g, True) for g in range(GROUPS)]
    rows.append((first + 50, 1, 10, None, None, False))
    return rows


def literal(value):
    if value is None:
        return "NULL"
    if value is True or value is False:
        return str(value).lower()
    return "'%s'" % value if isinstance(value, str) else str(value)


def values(rows):
    return ", ".join("(%s)" % ", ".join(literal(v) for v in row) for row in rows)


def random_row(random, key):
    text = None if random.random() < 0.15 else random.choice("abc") + "x" * random.choice((3, 20, 150, 600))
    return (key, random.randrange(GROUPS) if random.random() < 0.95 else None, random.randrange(100) if random.random() < 0.9 else None,
            text, random.choice((None, random.randrange(2 ** 62), -5)), random.choice((True, False, None)))


class Writer(threading.Thread):
    """Changes one part of one table with statements of all kinds. Others change the same rows."""

    def __init__(self, client, table, keys, random, stop, pause, as_user=None):
        super().__init__(daemon=True)
        self.client, self.table, self.keys, self.random, self.stop, self.pause = client, table, keys, random, stop, pause
        self.as_user = as_user
        self.statements = self.rows = 0
        self.failure = None

    def run(self):
        try:
            while not self.stop.is_set():
                self.one()
                if self.pause:
                    self.stop.wait(self.random.random() * self.pause * 2)
        except Exception:
            self.failure = traceback.format_exc()
            self.stop.set()

    def execute(self, sql):
        if self.as_user:
            sql = "EXECUTE AS USER '%s' (%s)" % (self.as_user, sql)
        try:
            self.rows += int(self.client.sql(sql)[0]["row_count"])
            self.statements += 1
            return True
        except SqlError as e:
            # A key that another writer was faster with.
            if "rimary key" not in e.message:
                raise
            return False

    def some_keys(self, most):
        start = self.random.randrange(self.keys)
        return sorted({(start + self.random.randrange(most * 2)) % self.keys for _ in range(self.random.randint(1, most))})

    def one(self):
        r, t = self.random, self.table
        kind = r.random()
        if kind < 0.2:
            self.execute("INSERT INTO %s VALUES %s" % (t, values([random_row(r, r.randrange(self.keys))])))
        elif kind < 0.35:
            self.execute("INSERT INTO %s VALUES %s ON CONFLICT (id) DO UPDATE SET grp = EXCLUDED.grp, n = EXCLUDED.n, v = EXCLUDED.v, "
                         "big = EXCLUDED.big, flag = EXCLUDED.flag" % (t, values([random_row(r, k) for k in self.some_keys(20)])))
        elif kind < 0.45:
            keys = self.some_keys(8)
            self.execute("DELETE FROM %s WHERE id IN (%s)" % (t, ", ".join(map(str, keys))))
            if r.random() < 0.5:
                self.execute("INSERT INTO %s VALUES %s" % (t, values([random_row(r, k) for k in keys])))
        elif kind < 0.6:
            self.execute("UPDATE %s SET grp = %d WHERE id IN (%s)" % (t, r.randrange(GROUPS), ", ".join(map(str, self.some_keys(10)))))
        elif kind < 0.7:
            self.execute("UPDATE %s SET n = n + %d, flag = NOT flag WHERE id = %d" % (t, r.randrange(-50, 50), r.randrange(self.keys)))
        elif kind < 0.8:
            self.execute("UPDATE %s SET v = NULL, big = big + 1 WHERE id IN (%s)" % (t, ", ".join(map(str, self.some_keys(5)))))
        elif kind < 0.9:
            self.execute("UPDATE %s SET v = '%s' WHERE id = %d" % (t, r.choice("ab") + "y" * r.randrange(300), r.randrange(self.keys)))
        elif kind < 0.97:
            g = r.randrange(GROUPS)
            self.execute("UPDATE %s SET grp = %d, n = %d WHERE grp = %d AND id %% 17 = %d"
                         % (t, (g + 1) % GROUPS, r.randrange(100), g, r.randrange(17)))
        else:
            self.execute("DELETE FROM %s WHERE grp = %d AND id %% 11 = %d" % (t, r.randrange(GROUPS), r.randrange(11)))


class Bulk(threading.Thread):
    """More deletes than one resume reports, now and then."""
    ROWS = 11_000

    def __init__(self, client, table, random, stop, every):
        super().__init__(daemon=True)
        self.client, self.table, self.random, self.stop, self.every = client, table, random, stop, every
        self.statements = self.rows = 0
        self.failure = None

    def run(self):
        try:
            while not self.stop.wait(self.every * (0.5 + self.random.random())):
                first = self.random.randrange(1000)
                for begin in range(first, first + self.ROWS, 1000):
                    self.client.sql("INSERT INTO %s (id, grp) VALUES %s ON CONFLICT (id) DO NOTHING"
                                    % (self.table, ", ".join("(%d, %d)" % (k, k % GROUPS) for k in range(begin, begin + 1000))))
                self.stop.wait(self.random.random() * 3)
                self.client.sql("DELETE FROM %s WHERE id >= 0 AND id < %d" % (self.table, SENTINELS - self.random.randrange(2)))
                self.rows += 2 * self.ROWS
                self.statements += 12
        except Exception:
            self.failure = traceback.format_exc()
            self.stop.set()


class Dropper(threading.Thread):
    """Drops a table and makes it again; takes the right to read another away and gives it back."""

    def __init__(self, client, dropped, altered, random, stop, every):
        super().__init__(daemon=True)
        self.client, self.dropped, self.altered = client, dropped, altered
        self.random, self.stop, self.every = random, stop, every
        self.statements = self.rows = 0
        self.failure = None

    def run(self):
        try:
            while not self.stop.wait(self.every * (0.5 + self.random.random())):
                if self.random.random() < 0.5:
                    self.client.sql("DROP TABLE " + self.dropped)
                    self.stop.wait(self.random.random() / 2)
                    make_shared(self.client, self.dropped)
                    self.client.sql("INSERT INTO %s VALUES %s" % (self.dropped, values([random_row(self.random, k) for k in range(30)])))
                    self.client.sql("DELETE FROM %s WHERE id = %d" % (self.dropped, self.random.randrange(30)))
                else:
                    # With the right to read, and sometimes for a while without.
                    if self.random.random() < 0.3:
                        self.client.sql("ALTER TABLE %s SET TBLPROPERTIES (ACCESS_LEVEL = 'DBA')" % self.altered)
                        self.stop.wait(self.random.random())
                    self.client.sql("ALTER TABLE %s SET ACCESS LEVEL PUBLIC" % self.altered)
                self.statements += 3
        except Exception:
            self.failure = traceback.format_exc()
            self.stop.set()


def make_shared(client, table):
    client.sql(DDL % (table, "SHARED", ", ACCESS_LEVEL = 'PUBLIC'"))


class Address:
    """What a Client needs of a server, in another process."""

    def __init__(self, port):
        self.port = port


def _write(port, tokens, plan, seed, stop, failures, statements, rows):
    sys.stdin.close()
    http.client.HTTPConnection.debuglevel = 0
    address = Address(port)
    threads = []
    for i, (kind, user, args) in enumerate(plan):
        random = seeded(seed, "writer", i)
        threads.append(kind(Client(address, user, tokens[user]), random=random, stop=stop, **args))
    for t in threads:
        t.start()
    while any(t.is_alive() for t in threads):
        for t in threads:
            t.join(0.2)
        statements.value = sum(t.statements for t in threads)
        rows.value = sum(t.rows for t in threads)
    for t in threads:
        if t.failure:
            failures.put(t.failure)


class Writers:
    """All writers, in one process beside that of the clients."""

    def __init__(self, port, tokens, plan, seed):
        context = multiprocessing.get_context("fork")
        self.stop = context.Event()
        self.failures = context.SimpleQueue()
        self.statements = context.Value("q", 0)
        self.rows = context.Value("q", 0)
        self.process = context.Process(target=_write, daemon=True, args=(
            port, tokens, plan, seed, self.stop, self.failures, self.statements, self.rows))

    def start(self):
        self.process.start()

    def finish(self, loop, timeout=120):
        """Stops them while `loop` goes on; returns what went wrong."""
        self.stop.set()
        deadline = time.monotonic() + timeout
        while self.process.is_alive() and time.monotonic() < deadline:
            loop.turn()
        out = []
        if self.process.is_alive():
            out.append("the writers do not end")
            self.process.kill()
        while not self.failures.empty():
            out.append(self.failures.get())
        return out
