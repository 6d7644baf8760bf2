"""Accounts, tokens and what a change of rights does to those that are out."""
import base64
import hashlib
import hmac
import json
import time
import unittest

from kalamdb import GENEROUS, Live, PASSWORD, Server


def b64(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def forge(claims, secret="a-secret-of-the-tests-that-is-long-enough", alg="HS256", digest=hashlib.sha256):
    head = b64(json.dumps({"typ": "JWT", "alg": alg}).encode())
    body = b64(json.dumps(claims).encode())
    if alg == "none":
        return head + "." + body + "."
    return head + "." + body + "." + b64(hmac.new(secret.encode(), (head + "." + body).encode(), digest).digest())


class TestAccounts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.root = cls.server.login()

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def claims(self, **changes):
        now = int(time.time())
        out = {"iss": "kalamdb", "sub": "root", "exp": now + 600, "iat": now, "email": None, "role": "system", "token_type": "access"}
        out.update(changes)
        return {k: v for k, v in out.items() if v != "absent"}

    def status_of(self, token):
        status, _, body = self.server.request("POST", "/v1/api/sql", {"sql": "SELECT 1"}, {"Authorization": "Bearer " + token})
        return status, (json.loads(body).get("error") or {}).get("code")

    def test_only_tokens_that_are_ours_valid_and_for_access_are_taken(self):
        now = int(time.time())
        self.assertEqual(self.status_of(forge(self.claims())), (200, None))
        self.assertEqual(self.status_of(forge(self.claims(role="absent"))), (200, None))
        self.assertEqual(self.status_of(forge(self.claims(exp=now - 120))), (401, "TOKEN_EXPIRED"))
        for bad in (forge(self.claims(), alg="none"), forge(self.claims(), secret="another-secret-another-secret-xx"),
                    forge(self.claims(), alg="HS512", digest=hashlib.sha512), forge(self.claims(token_type="refresh")),
                    forge(self.claims(token_type="absent")), forge(self.claims(sub="nobody")), forge(self.claims(iss="elsewhere")),
                    forge(self.claims(role="user")), forge(self.claims(iat=now + 3600)), forge(self.claims(sub="")),
                    "nonsense", "a.b.c", ".", "", "x" * 100000):
            self.assertEqual(self.status_of(bad)[0] in (401, 431), True, bad[:50])
        status, _, body = self.server.request("POST", "/v1/api/sql", {"sql": "SELECT 1"})
        self.assertEqual((status, json.loads(body)["error"]["code"]), (401, "MISSING_AUTHORIZATION"))
        status, _, body = self.server.request("POST", "/v1/api/sql", {"sql": "SELECT 1"}, {"Authorization": "Basic cm9vdDp4"})
        self.assertEqual((status, json.loads(body)["error"]["code"]), (401, "INVALID_CREDENTIALS"))

    def test_login_answers_user_tokens_and_cookies(self):
        status, headers, body = self.server.request("POST", "/v1/api/auth/login", {"user": "root", "password": PASSWORD})
        answer = json.loads(body)
        self.assertEqual(status, 200)
        self.assertEqual((answer["user"]["id"], answer["user"]["role"], answer["admin_ui_access"]), ("root", "system", True))
        self.assertIn("kalamdb_", headers["set-cookie"])
        status, _, body = self.server.request("GET", "/v1/api/auth/me", headers={"Authorization": "Bearer " + answer["access_token"]})
        self.assertEqual((status, json.loads(body)["user"]["id"]), (200, "root"))
        status, _, body = self.server.request("POST", "/v1/api/auth/refresh",
                                              headers={"Authorization": "Bearer " + answer["refresh_token"]})
        self.assertEqual(status, 200)
        status, _, body = self.server.request("POST", "/v1/api/auth/refresh",
                                              headers={"Authorization": "Bearer " + answer["access_token"]})
        self.assertEqual((status, json.loads(body)["error"]), (401, "unauthorized"))
        status, _, body = self.server.request("POST", "/v1/api/auth/login", {"user": "root", "password": "wrong"})
        self.assertEqual((status, json.loads(body)), (401, {"error": "unauthorized", "message": "Invalid credentials"}))

    def test_five_failures_lock_an_account_and_a_new_password_frees_it(self):
        self.root.sql("CREATE USER 'locked' WITH PASSWORD 'right' ROLE user")
        for _ in range(5):
            status, _, body = self.server.request("POST", "/v1/api/auth/login", {"user": "locked", "password": "wrong"})
            self.assertEqual(json.loads(body)["error"], "unauthorized")
        _, _, body = self.server.request("POST", "/v1/api/auth/login", {"user": "locked", "password": "right"})
        self.assertEqual(json.loads(body)["error"], "account_locked")
        self.root.sql("ALTER USER 'locked' SET PASSWORD 'new'")
        self.assertEqual(self.server.login("locked", "new").value("SELECT CURRENT_USER()"), "locked")

    def test_a_changed_role_counts_from_the_next_request_and_ends_sockets(self):
        self.root.sql("CREATE USER 'mover' WITH PASSWORD 'pw' ROLE service")
        mover = self.server.login("mover", "pw")
        self.root.sql("CREATE TABLE default.mover_t (id INT PRIMARY KEY) WITH (TYPE = 'SHARED')")
        live = Live(self.server, mover.token)
        live.subscribe("SELECT * FROM default.mover_t")
        self.root.sql("ALTER USER 'mover' SET ROLE user")
        self.assertEqual(mover.post({"sql": "SELECT 1"})[0], 401)
        self.assertTrue(live.closed.wait(10))
        self.assertEqual(live.close_code, 1008)
        again = self.server.login("mover", "pw")
        self.assertEqual(again.error("SELECT * FROM default.mover_t").code, "PERMISSION_DENIED")

    def test_a_dropped_user_is_gone_at_once(self):
        self.root.sql("CREATE USER 'leaver' WITH PASSWORD 'pw' ROLE user")
        leaver = self.server.login("leaver", "pw")
        live = Live(self.server, leaver.token)
        self.root.sql("DROP USER 'leaver'")
        self.assertEqual(leaver.post({"sql": "SELECT 1"})[0], 401)
        self.assertTrue(live.closed.wait(10))
        self.assertEqual(self.server.request("POST", "/v1/api/auth/login", {"user": "leaver", "password": "pw"})[0], 401)
        self.assertIn("already exists", self.root.error("CREATE USER 'leaver' WITH PASSWORD 'pw' ROLE user").message)

    def test_a_changed_password_counts_from_the_next_login(self):
        self.root.sql("CREATE USER 'changer' WITH PASSWORD 'old' ROLE user")
        changer = self.server.login("changer", "old")
        self.root.sql("ALTER USER 'changer' SET PASSWORD 'new'")
        self.assertEqual(changer.value("SELECT 1"), 1)
        self.assertEqual(self.server.request("POST", "/v1/api/auth/login", {"user": "changer", "password": "old"})[0], 401)
        self.server.login("changer", "new")

    def test_acting_for_another_is_recorded_once_wherever_it_runs(self):
        self.root.sql("CREATE NAMESPACE acting; CREATE TABLE acting.t (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'USER')")
        for name, text in (
                ("act-inline", "INSERT INTO acting.t (id) VALUES (1)"),
                # Too much for an I/O thread: starts there and moves.
                ("act-moved", "SELECT repeat('x', 300000)"),
                ("act-analytical", "SELECT a.id FROM acting.t a JOIN acting.t b ON a.id = b.id")):
            self.root.sql("EXECUTE AS USER '%s' (%s)" % (name, text))
            deadline = time.time() + 10
            count = 0
            while count == 0 and time.time() < deadline:
                count = int(self.root.value("SELECT count(*) FROM system.audit_log WHERE action = 'EXECUTE_AS_USER' "
                                            "AND target = 'user:%s'" % name))
            self.assertEqual(count, 1, name)

    def test_an_alias_does_not_unmask_a_credential(self):
        self.root.sql("CREATE TABLE default.vault (id INT PRIMARY KEY, credentials TEXT) WITH (TYPE = 'USER')")
        self.root.sql("CREATE USER 'masked' WITH PASSWORD 'pw' ROLE user")
        user = self.server.login("masked", "pw")
        user.sql("INSERT INTO default.vault (id, credentials) VALUES (1, 'secret')")
        for sql in ("SELECT credentials FROM default.vault", "SELECT credentials AS c FROM default.vault",
                    "SELECT v.credentials AS c FROM default.vault v JOIN default.vault w ON v.id = w.id",
                    "WITH x AS (SELECT credentials AS c FROM default.vault) SELECT c AS d FROM x"):
            self.assertEqual(user.rows(sql), [["***"]], sql)

    def test_names_from_outside_never_end_the_process(self):
        bad = ["", "..", "a/b", "a\\b", "a\0b", "x" * 10000]
        for name in bad:
            quoted = name.replace("'", "''")
            for sql in ("CREATE USER '%s' WITH PASSWORD 'x' ROLE user", "ALTER USER '%s' SET EMAIL 'x'", "DROP USER '%s'",
                        "EXECUTE AS USER '%s' (SELECT 1)", "KILL LIVE QUERY '%s'", 'CREATE NAMESPACE "%s"', 'SELECT * FROM "%s".t',
                        'CREATE TABLE default."%s" (id INT PRIMARY KEY)', 'DESCRIBE TABLE "%s"', "KILL JOB '%s'"):
                self.root.error(sql % quoted)
            self.assertEqual(self.root.post({"sql": "SELECT 1", "namespace_id": name})[0], 400)
            self.server.request("POST", "/v1/api/auth/login", {"user": name, "password": name})
        self.assertEqual(self.root.value("SELECT 1"), 1)


class TestSetup(unittest.TestCase):
    def test_a_server_without_root_password_is_set_up_once(self):
        with Server(extra=GENEROUS, env={"KALAMDB_ROOT_PASSWORD": ""}) as server:
            status, _, body = server.request("GET", "/v1/api/auth/status")
            self.assertTrue(json.loads(body)["needs_setup"])
            status, _, body = server.request("POST", "/v1/api/auth/login", {"user": "root", "password": ""})
            self.assertEqual((status, json.loads(body)["error"]), (428, "setup_required"))
            ask = {"user": "boss", "password": "long enough 1", "root_password": "long enough 2", "email": None}
            weak = dict(ask, password="short")
            self.assertEqual(server.request("POST", "/v1/api/auth/setup", weak)[0], 400)
            status, _, body = server.request("POST", "/v1/api/auth/setup", ask)
            self.assertEqual((status, json.loads(body)["user"]["role"]), (200, "dba"))
            self.assertEqual(server.request("POST", "/v1/api/auth/setup", ask)[0], 409)
            server.login("root", "long enough 2")
            server.login("boss", "long enough 1")
