#!/usr/bin/python3
"""Runs the SQL scripts of this folder against one server. Last line: N passed, N failed (a case is one statement).

A script is plain text; blocks are separated by blank lines, `#` starts a comment line. Each script gets a namespace of its own,
which unqualified names mean, and a user `alice` and a user `bob` of its own.

  statement ok                      the statement succeeds
  INSERT INTO t VALUES (1)

  statement count 2                 ... and changes two rows
  statement message PART            ... and its message holds the text
  statement error PART OF MESSAGE   it fails, and the message holds the text
  query [sorted]                    rows follow after ----, cells joined by |, NULL as NULL, lists as JSON;
  SELECT a, b FROM t                sorted: order does not matter
  ----
  1|x

  user alice                        who runs what follows: root, alice (role user), bob (role user), service, dba
"""
import glob
import json
import os
import sys

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "blackbox"))
from kalamdb import Server, SqlError  # noqa: E402


def blocks(path):
    """Yields (line number, lines) of each block."""
    block, start = [], 0
    with open(path) as f:
        for number, line in enumerate(f, 1):
            line = line.rstrip("\n")
            if line.startswith("#"):
                continue
            if line.strip():
                if not block:
                    start = number
                block.append(line)
            elif block:
                yield start, block
                block = []
    if block:
        yield start, block


def cell(v):
    if v is None:
        return "NULL"
    if isinstance(v, bool):
        return "true" if v else "false"
    if isinstance(v, (list, dict)):
        return json.dumps(v, separators=(",", ":"))
    return str(v)


class Script:
    def __init__(self, path, server, root):
        self.name = os.path.basename(path)[:-4]
        self.ns = "s_" + self.name
        self.server = server
        self.clients = {"root": root}
        self.root = root
        self.client = root
        root.sql("CREATE NAMESPACE " + self.ns)

    def become(self, name):
        if name not in self.clients:
            role = name if name in ("service", "dba") else "user"
            user = "%s_%s" % (self.name, name)
            self.root.sql("CREATE USER '%s' WITH PASSWORD 'pw' ROLE %s" % (user, role))
            self.clients[name] = self.server.login(user, "pw")
        self.client = self.clients[name]

    def run(self, lines):
        """None, or what went wrong."""
        words = lines[0].split(None, 2)
        if words[0] == "user":
            self.become(words[1])
            return None
        if words[0] == "statement":
            text = "\n".join(lines[1:])
            try:
                results = self.client.sql(text, ns=self.ns)
            except SqlError as e:
                if words[1] != "error":
                    return str(e)
                if len(words) > 2 and words[2].lower() not in e.message.lower() and words[2] != e.code:
                    return "the error is: " + str(e)
                return None
            if words[1] == "error":
                return "it succeeded"
            if words[1] == "count":
                changed = sum(r["row_count"] for r in results)
                if changed != int(words[2]):
                    return "it changed %d rows" % changed
            if words[1] == "message" and words[2] not in results[0].get("message", ""):
                return "the message is: %s" % results[0].get("message")
            return None
        if words[0] == "query":
            at = lines.index("----")
            want = lines[at + 1:]
            try:
                result = self.client.sql("\n".join(lines[1:at]), ns=self.ns)[-1]
            except SqlError as e:
                return str(e)
            got = ["|".join(cell(c) for c in row) for row in result["rows"]]
            if words[1:] == ["sorted"]:
                got, want = sorted(got), sorted(want)
            if got != want:
                return "got:\n    " + "\n    ".join(got) + "\n  want:\n    " + "\n    ".join(want)
            return None
        return "what is `%s`?" % lines[0]


def main():
    here = os.path.dirname(os.path.abspath(__file__))
    wanted = sys.argv[1:]
    passed = failed = 0
    with Server() as server:
        root = server.login()
        for path in sorted(glob.glob(os.path.join(here, "*.sql"))):
            if wanted and not any(w in path for w in wanted):
                continue
            script = Script(path, server, root)
            for number, lines in blocks(path):
                problem = script.run(lines)
                if problem is None:
                    passed += lines[0].split()[0] != "user"
                else:
                    failed += 1
                    print("FAIL - %s:%d: %s\n  %s" % (path, number, "\n  ".join(lines[1:])[:500], problem), flush=True)
    print("%d passed, %d failed" % (passed, failed))
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
