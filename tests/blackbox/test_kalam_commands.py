"""Backslash commands, consume mode and credentials."""
import base64
import json
import os
import re
import signal
import stat
import time

from kalamcli import ServedCase
from kalamdb import PASSWORD
from scripted import Script, read_head


class TestKalamCommands(ServedCase):
    def test_info_has_all_its_sections(self):
        out = self.ok("-c", "\\info")
        sections = re.findall(r"^([A-Z][A-Za-z ]*)$", out, re.M)
        self.assertEqual(sections, ["Connection", "Server", "Cluster", "CLI Config", "History", "Client", "Statistics",
                                    "Credentials"])
        for row in ("Server URL:", "User ID:", "Connected:", "Session time:", "Version:", "API Version:"):
            self.assertIn(row, out)
        self.assertRegex(out, r"Mode: +Standalone")
        self.assertEqual(self.ok("-c", "\\session").splitlines()[0], "Connection")

    def test_info_of_someone_without_rights(self):
        self.root.sql("CREATE USER 'info_user' WITH PASSWORD 'pw' ROLE user")
        out = self.ok("--user", "info_user", "--password", "pw", "-c", "\\info", login=False)
        self.assertRegex(out, r"Cluster: +unknown")

    def test_sessions_and_stats(self):
        self.assertIn("session_id", self.ok("-c", "\\sessions"))
        out = self.ok("--csv", "-c", "\\metrics")
        self.assertTrue(out.startswith("metric_name,metric_value\n"))
        for name in ("server_workers_effective,", "max_connections,"):
            self.assertRegex(out, "(?m)^" + name + r"\d+$")

    def test_as_doubles_quotes_and_takes_quoted_users(self):
        self.root.sql("CREATE USER 'o''hara' WITH PASSWORD 'pw' ROLE user")
        for text in ("\\as o'hara SELECT CURRENT_USER() AS who;;", "\\as \"o'hara\" SELECT CURRENT_USER() AS who"):
            self.assertEqual(self.ok("--csv", "-c", text), "who\no'hara\n")

    def test_flush_says_what_the_server_answers(self):
        r = self.kalam("-c", "\\flush")
        self.assertIn("Storage flushing all tables in current namespace...", r.stdout)
        if r.returncode == 0:
            self.assertIn("Storage flush completed successfully", r.stdout)
        else:
            self.assertIn("Error: Server error (", r.stderr)

    def test_history_is_a_notice_outside_the_shell(self):
        r = self.kalam("-c", "\\h")
        self.assertEqual((r.returncode, r.stdout), (0, ""))
        self.assertIn("history", r.stderr)

    def test_cluster_list_of_a_single_server(self):
        out = self.ok("-c", "\\cluster list")
        for text in ("CLUSTER OVERVIEW", "Mode: Standalone", "Nodes: 1 total, 1 active, 0 offline", "NODES", "(this node)"):
            self.assertIn(text, out)
        self.assertNotIn("GROUP", out)
        self.assertEqual(self.ok("-c", "\\cluster ls;").splitlines()[:5], out.splitlines()[:5])
        self.assertIn("Mode: Standalone", self.ok("-c", "\\cluster list groups"))
        self.assertTrue(self.ok("--csv", "-c", "\\cluster list").startswith("cluster_id,node_id,role,"))
        self.assertTrue(self.ok("--csv", "-c", "\\cluster list groups").startswith("group_id,group_type,"))

    def test_cluster_actions_show_the_servers_refusal(self):
        for text in ("snapshot", "purge --upto 5", "purge 5", "trigger-election", "trigger election", "transfer-leader 2",
                     "transfer leader 2", "rebalance", "stepdown", "step-down", "clear", "join 2 h:1 h:2"):
            self.assertIn("Error: Server error (", self.fails("-c", "\\cluster " + text), text)
        for text, message in (("", "\\cluster requires a subcommand"), ("purge", "requires a log index"),
                              ("purge x", "requires a log index"), ("transfer-leader", "requires a node id"),
                              ("join 2 h:1", "\\cluster join requires"), ("list x", "Unknown cluster subcommand: list x"),
                              ("nope", "Unknown cluster subcommand: nope")):
            self.assertIn("Error: Parse error: ", self.fails("-c", "\\cluster " + text))
            self.assertIn(message, self.fails("-c", "\\cluster " + text))

    def replying(self, *tables):
        """A server that answers its SQL requests with these tables of (columns, rows), one after the other."""
        bodies = [json.dumps({"status": "success", "took": 1, "results": [{
            "schema": [{"name": n, "data_type": "Text", "index": i} for i, n in enumerate(columns)], "rows": rows,
            "row_count": len(rows)}]}).encode() for columns, rows in tables]

        def serve(connection, n):
            read_head(connection)
            body = bodies[n - 1]
            connection.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: %d\r\n\r\n" % len(body) + body)
            connection.close()
        server = Script(serve)
        self.addCleanup(server.close)
        return server.url

    def summary(self, command, *tables):
        return self.ok("--token", "x", "-c", "\\cluster " + command, login=False, url=self.replying(*tables))

    def test_cluster_actions_are_summed_up(self):
        columns = ["action", "group_id", "success", "error", "snapshot_index", "target_node_id", "upto", "snapshots_dir"]
        out = self.summary("snapshot", (columns, [["snapshot", "meta", True, None, "42", None, None, "/data/snapshots"],
                                                  ["snapshot", "user_data:1", False, "no quorum", None, None, None, "/data/snapshots"]]))
        self.assertEqual(out.splitlines(), ["Cluster snapshot completed: 1/2 groups succeeded", "Snapshots directory: /data/snapshots",
                                            "  - meta: index 42", "Failed groups:", "  ✗ user_data:1: no quorum"])
        out = self.summary("transfer-leader 2", (columns, [["transfer_leader", "g%d" % i, False, "e", None, "2", None, None]
                                                           for i in range(15)]))
        self.assertIn("Cluster transfer leader completed: 0/15 groups succeeded\nTarget node: 2\n", out)
        self.assertIn("... and 5 more", out)
        out = self.summary("join 2 a b", (["node_id", "rpc_addr", "api_addr", "rebalance_requested"], [["2", "h:1", "h:2", True]]))
        self.assertEqual(out, "Cluster join completed: node 2 (rpc h:1, api h:2)\nRebalance requested: yes\n")
        out = self.summary("clear", (["snapshots_dir", "snapshots_dir_exists", "total_snapshots_found", "total_size_bytes",
                                      "snapshots_cleared", "cleared_size_bytes", "error_count", "error"],
                                     [["/s", True, "4", "400", "3", "300", "1", "busy"]]))
        self.assertEqual(out.splitlines(), ["Cluster clear completed: 3/4 snapshots cleared (300 of 400 bytes)",
                                            "Snapshots directory: /s", "Errors: 1", "Error: busy"])

    def test_cluster_list_of_several_nodes(self):
        nodes = (["cluster_id", "node_id", "role", "status", "rpc_addr", "api_addr", "is_self", "is_leader", "groups_leading",
                  "total_groups", "current_term", "replication_lag"],
                 [["prod", "1", "leader", "active", "a:1", "a:2", True, True, "3", "5", "7", None],
                  ["prod", "2", "follower", "offline", "b:1", "b:2", False, False, "0", "5", "7", "12"]])
        groups = (["group_id", "group_type", "current_term", "last_applied", "snapshot", "state", "current_leader"],
                  [["10", "meta", "7", "90", "80", "Leader", "1"], ["101", "user_data", "7", "9", None, "Leader", "1"],
                   ["200", "shared_data", "7", "9", None, "Follower", "2"]])
        out = self.summary("list", nodes, groups)
        for text in ("Cluster: prod", "Mode: Cluster", "Nodes: 2 total, 1 active, 1 offline", "node 1 leader active a:2 (this node) (leader)",
                     "leads 3/5 groups", "lag 12", "GROUP STATUS SUMMARY", "user_data: 1 Leader", "GROUP SAMPLE"):
            self.assertIn(text, out)
        for label in ("Meta", "U1", "S0"):
            self.assertRegex(out, r"(?m)^  %s +(Leader|Follower)" % label)


class TestKalamCredentials(ServedCase):
    def test_commands_show_store_and_forget(self):
        path = os.path.join(self.home, ".kalam", "credentials.toml")
        self.assertIn("No credentials stored for this instance", self.ok("-c", "\\show-credentials"))
        self.assertEqual(self.ok("-c", "\\update-credentials root " + PASSWORD), "Logging in...\n✓ Credentials updated successfully\n")
        self.assertEqual(stat.S_IMODE(os.stat(path).st_mode), 0o600)
        out = self.ok("-c", "\\credentials")
        for text in ("Stored Credentials\n", "  Instance: local\n", "  User: root\n", "  JWT Token: [redacted]\n", path):
            self.assertIn(text, out)
        for _ in range(2):
            self.assertEqual(self.ok("-c", "\\delete-credentials"), "✓ Credentials deleted successfully\n")
        self.assertIn("Error: Configuration error: Login failed: invalid credentials", self.fails("-c", "\\update-credentials root wrong"))
        self.assertIn("Parse error: \\update-credentials requires", self.fails("-c", "\\update-credentials root"))

    def test_options_show_store_and_forget(self):
        out = self.ok("--update-credentials", "--instance", "prod")
        self.assertIn("Successfully logged in and saved credentials for instance 'prod'\nToken expires: ", out)
        self.assertIn("Refresh token expires: ", out)
        self.assertEqual(self.ok("--list-instances"), "Stored credential instances:\n  • prod (user: root)\n")
        out = self.ok("--show-credentials", "--instance", "prod")
        for text in ("Instance: prod", "User: root", "JWT Token: [redacted]", "Refresh Token: [redacted]", "Server URL: " + self.url):
            self.assertIn(text, out)
        self.assertEqual(self.ok("--show-credentials"), "No credentials stored for instance 'local'\n")
        for _ in range(2):
            self.assertEqual(self.ok("--delete-credentials", "--instance", "prod"), "Deleted credentials for instance 'prod'\n")
        self.assertEqual(self.ok("--list-instances"), "No stored credentials\n")
        self.assertIn("Error: Configuration error: Login failed: ",
                      self.fails("--update-credentials", "--user", "root", "--password", "x", login=False))


class TestKalamConsume(ServedCase):
    def test_arguments_are_checked_first(self):
        for args, message in ((("--consume",), "Configuration error: --topic is required for consume mode"),
                              (("--consume", "--topic", "a.t", "--from", "x"), "Parse error: Invalid --from value: x. "),
                              (("-c", "\\consume"), "Parse error: \\consume requires a topic"),
                              (("-c", "\\consume a.t --nope 1"), "Parse error: Unknown option for \\consume: --nope"),
                              (("-c", "\\consume a.t --group"), "Parse error: --group requires a value"),
                              (("-c", "\\consume a.t --limit x"), "Parse error: Invalid --limit value: x"),
                              (("-c", "\\consume a.t b.t"), "Parse error: \\consume takes one topic")):
            self.assertIn("Error: " + message, self.fails(*args, "--token", "x", login=False, url="http://127.0.0.1:1"))
        self.assertEqual(self.kalam("--topic", "a.t").returncode, 2)

    def test_a_server_without_topics_says_so(self):
        r = self.kalam("--consume", "--topic", "a.t", "--group", "g")
        self.assertEqual(r.returncode, 1)
        self.assertIn("Error: Server error (501): ", r.stderr)
        self.assertIn("Consumed 0 message(s). Last offset: none.", r.stdout)

    def topic(self, *batches, acks=None):
        """A server that answers polls with these lists of messages (or an HTTP status), then with empty ones."""
        left = list(batches)
        asked = []

        def serve(connection, _):
            while True:
                head, _, body = read_head(connection).partition("\r\n\r\n")
                length = int(re.search(r"(?i)content-length: (\d+)", head).group(1))
                while len(body) < length:
                    body += connection.recv(65536).decode()
                asked.append((head.split(" ")[1], json.loads(body)))
                status, answer = 200, {"success": True, "acknowledged_offset": 0}
                if "/consume" in head:
                    batch = left.pop(0) if left else []
                    if isinstance(batch, int):
                        status, answer = batch, {"error": "Topic 'a.t' does not exist", "code": "X"}
                    else:
                        answer = {"messages": [{"topic_id": "a.t", "partition_id": 0, "offset": o, "key": None, "timestamp_ms": 1, "op": op,
                                                "payload": base64.b64encode(json.dumps(p).encode()).decode()} for o, op, p in batch],
                                  "next_offset": batch[-1][0] + 1 if batch else 0, "has_more": False}
                data = json.dumps(answer).encode()
                connection.sendall(b"HTTP/1.1 %d X\r\nContent-Length: %d\r\n\r\n" % (status, len(data)) + data)
        server = Script(serve)
        self.addCleanup(server.close)
        return server.url, asked

    def consume(self, url, *args):
        return self.kalam("--token", "x", "--consume", "--topic", "a.t", *args, login=False, url=url)

    MESSAGES = ([(7, "Insert", {"id": 1, "v": 'a,"b"'})], [(8, "Delete", {"id": 1})])

    def test_messages_are_printed_and_acknowledged(self):
        url, asked = self.topic(*self.MESSAGES)
        r = self.consume(url, "--group", "g", "--from", "earliest", "--consume-limit", "2")
        self.assertEqual(r.returncode, 0, r.stderr)
        self.assertEqual(r.stdout.splitlines()[:-1], [
            "Consuming from topic: a.t", "Consumer group: g", "Starting from: earliest", "Limit: 2 messages", "Press Ctrl+C to stop...",
            '[offset=7] INSERT: {"id":1,"v":"a,\\"b\\""}', '[offset=8] DELETE: {"id":1}', "Committing offsets... ✓ Committed offset: 8"])
        self.assertRegex(r.stdout.splitlines()[-1], r"^Consumed 2 message\(s\)\. Last offset: 8\. Duration: \d+\.\d\ds$")
        self.assertEqual([(path, body.get("start"), body.get("limit")) for path, body in asked],
                         [("/v1/api/topics/consume", "Earliest", 2), ("/v1/api/topics/consume", {"Offset": 8}, 1), ("/v1/api/topics/ack", None, None)])
        self.assertEqual(asked[2][1], {"topic_id": "a.t", "group_id": "g", "partition_id": 0, "upto_offset": 8})

    def test_json_and_csv_hold_nothing_but_messages(self):
        r = self.consume(self.topic(*self.MESSAGES)[0], "--group", "g", "--consume-limit", "2", "--json")
        self.assertEqual([json.loads(line) for line in r.stdout.splitlines()],
                         [{"offset": 7, "operation": "INSERT", "payload": {"id": 1, "v": 'a,"b"'}}, {"offset": 8, "operation": "DELETE", "payload": {"id": 1}}])
        r = self.consume(self.topic(*self.MESSAGES)[0], "--group", "g", "--consume-limit", "2", "--csv")
        self.assertEqual(r.stdout, 'offset,operation,payload\n7,INSERT,"{""id"":1,""v"":""a,\\""b\\""""}"\n8,DELETE,"{""id"":1}"\n')

    def test_without_a_group_nothing_is_acknowledged(self):
        url, asked = self.topic(*self.MESSAGES)
        r = self.consume(url, "--consume-limit", "2")
        self.assertEqual(r.returncode, 0)
        self.assertIn("no --group", r.stderr)
        self.assertNotIn("Committing", r.stdout)
        self.assertEqual([path for path, _ in asked], ["/v1/api/topics/consume"] * 2)
        self.assertEqual(asked[0][1]["group_id"], asked[1][1]["group_id"])

    def test_the_timeout_ends_it(self):
        begun = time.monotonic()
        r = self.consume(self.topic()[0], "--group", "g", "--consume-timeout", "1")
        self.assertLess(time.monotonic() - begun, 10)
        self.assertEqual(r.returncode, 0)
        self.assertIn("Timeout reached", r.stdout)
        self.assertIn("Committing offsets... ✗ Failed: Configuration error: No processed offsets to commit", r.stdout)

    def test_three_errors_in_a_row_end_it(self):
        url, asked = self.topic(404, 404, [(1, "Insert", {})], 404, 404, 404)
        r = self.consume(url, "--group", "g")
        self.assertEqual(r.returncode, 1)
        self.assertEqual(r.stderr.count("❌ Topic 'a.t' not found"), 5)
        self.assertIn("❌ Too many consecutive errors. Exiting.", r.stderr)
        self.assertIn("✓ Committed offset: 1", r.stdout)
        r = self.consume(self.topic(403)[0], "--group", "g")
        self.assertEqual(r.returncode, 1)
        self.assertIn("Error: Server error (403): ", r.stderr)

    def test_ctrl_c_acknowledges_and_ends_it(self):
        url, asked = self.topic(*self.MESSAGES)
        p = self.start("--token", "x", "-c", "\\consume a.t --group g --from 7", login=False, url=url)
        self.line(p, "offset=8")
        p.send_signal(signal.SIGINT)
        self.assertEqual(p.wait(30), 0)
        self.assertIn("✓ Committed offset: 8", p.stdout.read())
        self.assertEqual(asked[0][1]["start"], {"Offset": 7})
