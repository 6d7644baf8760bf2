#!/usr/bin/python3
"""Kills the server with SIGKILL again and again under concurrent writes, and compares what is there with what was answered.

  crash_test.py [KILLS] [WRITERS]        default 50 kills, 6 writers

Every writer owns a range of keys, so that it knows what each key must hold. A statement that was answered must be there afterwards;
one that was not answered because of the kill may be there or not, but never half (multi-row statements are checked for that), and
nothing that was answered may be undone. Last line: N passed, N failed.
"""
import http.client
import os
import random
import sys
import threading

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
from kalamdb import Server, SqlError  # noqa: E402

KEYS = 40     # of each writer
GROUP = 5     # rows of a multi-row statement


class Writer(threading.Thread):
    """Inserts, updates and deletes in its own range until the connection breaks."""

    def __init__(self, client, table, first, seed):
        super().__init__(daemon=True)
        self.client = client
        self.table = table
        self.first = first
        self.random = random.Random(seed)
        # key -> set of values that may be there: one when the last statement was answered; None in it means "no row"
        self.possible = {first + i: {None} for i in range(KEYS)}
        self.answered = 0
        self.counter = 0
        self.problem = None

    def run(self):
        try:
            while True:
                self.step()
        except (http.client.HTTPException, OSError, ValueError):
            pass  # the kill
        except SqlError as e:
            self.problem = "unexpected answer: %s" % e

    def step(self):
        self.counter += 1
        kind = self.random.random()
        group = self.first + GROUP * self.random.randrange(KEYS // GROUP)
        keys = range(group, group + GROUP)
        known = [next(iter(self.possible[k])) for k in keys]
        value = "%s-%d" % (self.first, self.counter)
        if kind < 0.5:
            free = [k for k, v in zip(keys, known) if v is None]
            if not free:
                return
            sql = "INSERT INTO %s (id, v) VALUES %s" % (self.table, ",".join("(%d,'%s')" % (k, value) for k in free))
            after = {k: value for k in free}
        elif kind < 0.8:
            # By key range: the rows are selected on a snapshot.
            after = {k: value for k, v in zip(keys, known) if v is not None}
            sql = "UPDATE %s SET v = '%s' WHERE id >= %d AND id < %d" % (self.table, value, group, group + GROUP)
        elif kind < 0.9:
            key = self.random.choice(list(keys))
            after = {key: value} if next(iter(self.possible[key])) is not None else {}
            sql = "UPDATE %s SET v = '%s' WHERE id = %d" % (self.table, value, key)
        else:
            after = {k: None for k, v in zip(keys, known) if v is not None}
            sql = "DELETE FROM %s WHERE id >= %d AND id < %d" % (self.table, group, group + GROUP)
        self.pending = after
        before = {k: self.possible[k] for k in after}
        for k, v in after.items():
            self.possible[k] = before[k] | {v}
        self.last = (sql, before, after)
        status, body = self.client.post({"sql": sql}, retry=False)
        if status != 200:
            raise SqlError(status, body.get("error") or {})
        if body["results"][0]["row_count"] != len(after):
            raise SqlError(status, {"message": "%s changed %d rows, not %d" % (sql, body["results"][0]["row_count"], len(after))})
        for k, v in after.items():
            self.possible[k] = {v}
        self.last = None
        self.answered += 1

    def check(self, found):
        """Compares with the rows after the crash; returns problems and settles what is known."""
        problems = []
        for key, values in self.possible.items():
            if found.get(key) not in values:
                problems.append("key %d holds %r, expected %r" % (key, found.get(key), values))
        if getattr(self, "last", None):
            _, _, after = self.last
            states = {found.get(k) == v for k, v in after.items()}
            if len(states) > 1:
                problems.append("half of a statement: %s" % self.last[0])
        for key in self.possible:
            self.possible[key] = {found.get(key)}
        self.last = None
        return problems


def main():
    kills = int(sys.argv[1]) if len(sys.argv) > 1 else 50
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 6
    passed, failed = 0, 0
    chooser = random.Random(7)
    with Server() as server:
        root = server.login()
        root.sql("CREATE TABLE default.shared_t (id BIGINT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED')")
        root.sql("CREATE TABLE default.user_t (id BIGINT PRIMARY KEY, v TEXT) WITH (TYPE = 'USER')")
        state = {}
        answered = 0
        for kill in range(kills):
            writers = []
            for i in range(count):
                table = "default.shared_t" if i % 2 else "default.user_t"
                w = Writer(root.clone(), table, 1000 * (i + 1), kill * 100 + i)
                if i in state:
                    w.possible = state[i].possible
                    w.counter = state[i].counter
                state[i] = w
                writers.append(w)
            enough = threading.Event()
            for w in writers:
                w.start()
            # The moment of the kill is a number of answers, not a time.
            target = sum(w.answered for w in writers) + chooser.randrange(20, 150)
            while sum(w.answered for w in writers) < target and any(w.is_alive() for w in writers):
                enough.wait(0.001)
            server.kill()
            for w in writers:
                w.join()
            answered += sum(w.answered for w in writers)
            server.start()
            root.connection = None
            problems = [w.problem for w in writers if w.problem]
            for table in ("default.shared_t", "default.user_t"):
                rows = root.rows("SELECT id, v, _seq FROM %s" % table)
                keys = [int(r[0]) for r in rows]
                if len(keys) != len(set(keys)) or len({r[2] for r in rows}) != len(rows):
                    problems.append("%s holds a row twice" % table)
                found = {int(r[0]): r[1] for r in rows}
                for w in writers:
                    if w.table == table:
                        problems += w.check(found)
            if problems:
                failed += 1
                print("FAIL - kill %d: %s" % (kill, "; ".join(problems[:5])), flush=True)
            else:
                passed += 1
    print("%d statements answered over %d kills" % (answered, kills))
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
