"""--init-agent writes a project of an agent."""
import json
import os
import re
import stat

from kalamcli import KalamCase, ServedCase

FILES = ["package.json", "tsconfig.json", ".env.example", ".gitignore", "setup.sql", "setup.sh", "scripts/ensure-sdk.sh",
         "src/agent.ts", "src/langchain-openai.d.ts", "README.md"]


class TestKalamAgent(KalamCase):
    url = "http://127.0.0.1:1"

    def init(self, *args):
        return self.ok("--init-agent", "--init-agent-non-interactive", "--agent-output", self.home, *args, login=False)

    def read(self, *path):
        with open(os.path.join(self.home, *path)) as f:
            return f.read()

    def test_the_defaults_make_a_whole_project(self):
        out = self.init()
        self.assertIn("npm run setup", out)
        root = os.path.join(self.home, "blogs-agent")
        found = [os.path.relpath(os.path.join(d, name), root) for d, _, names in os.walk(root) for name in names]
        self.assertEqual(sorted(found), sorted(FILES))
        for name in FILES:
            self.assertNotIn("{{", self.read("blogs-agent", name), name)
        self.assertEqual(json.loads(self.read("blogs-agent", "package.json"))["name"], "blogs-agent")
        self.assertTrue(os.stat(os.path.join(root, "setup.sh")).st_mode & stat.S_IXUSR)
        sql = self.read("blogs-agent", "setup.sql")
        self.assertEqual(re.findall(r"CREATE TABLE IF NOT EXISTS (\S+)", sql), ["blog.blogs", "blog.blogs_agent_failures"])
        self.assertEqual(re.findall(r"ADD SOURCE blog.blogs ON (\w+) WITH \(payload = 'full'\)", sql), ["INSERT", "UPDATE"])

    def test_everything_can_be_named(self):
        self.init("--agent-name", "digest", "--agent-table", "news.items", "--agent-topic", "news.feed", "--agent-group", "g1",
                  "--agent-id-column", "item_id", "--agent-input-column", "body", "--agent-output-column", "digest",
                  "--agent-system-prompt", 'Say "hello"\n')
        sql = self.read("digest", "setup.sql")
        for text in ("CREATE NAMESPACE IF NOT EXISTS news;", "CREATE TOPIC news.feed;", "item_id BIGINT PRIMARY KEY", "body TEXT NOT NULL"):
            self.assertIn(text, sql)
        self.assertIn('const SYSTEM_PROMPT = "Say \\"hello\\"\\n";', self.read("digest", "src", "agent.ts"))
        self.assertIn("KALAMDB_GROUP=g1", self.read("digest", ".env.example"))

    def test_what_cannot_be_is_refused(self):
        for args, message in ((("--agent-table", "blogs"), "agent-table must be namespace.table"),
                              (("--agent-table", "a.b; DROP TABLE c"), "agent-table must be namespace.table"),
                              (("--agent-name", "../x"), "agent-name must be"), (("--agent-topic", "x"), "agent-topic must be"),
                              (("--agent-id-column", "a b"), "is no name of a column"),
                              (("--agent-id-column", "content"), "must differ"),
                              (("--agent-output", "/no/such/place"), "is no directory")):
            output = () if args[0] == "--agent-output" else ("--agent-output", self.home)
            self.assertIn(message, self.fails("--init-agent", *output, *args, login=False))
        self.assertEqual(os.listdir(self.home), [".kalam"])
        self.init()
        self.assertIn("exists and is not empty", self.fails("--init-agent", "--agent-output", self.home, login=False))
        self.assertEqual(self.kalam("--agent-name", "x").returncode, 2)


class TestKalamAgentSql(ServedCase):
    def test_the_tables_can_be_made(self):
        self.ok("--init-agent", "--agent-output", self.home)
        with open(os.path.join(self.home, "blogs-agent", "setup.sql")) as f:
            tables = f.read().split("CREATE TOPIC")[0]
        self.ok("-f", self.write("tables.sql", tables))
        self.root.sql("INSERT INTO blog.blogs (content) VALUES ('x')")
        self.assertEqual(self.root.value("SELECT count(*) FROM blog.blogs WHERE summary IS NULL"), "1")
