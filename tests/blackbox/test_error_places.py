"""error.details says where in the request an error lies: `line L, column C`, in characters, from 1."""
import re
import unittest

from kalamdb import Server


class TestErrorPlaces(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = Server().start()
        cls.root = cls.server.login()
        cls.root.sql("CREATE NAMESPACE e")
        cls.root.sql("CREATE TABLE e.t (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED', ACCESS_LEVEL = 'PUBLIC')")
        cls.root.sql("CREATE USER 'plain' WITH PASSWORD 'pw' ROLE user")
        cls.plain = cls.server.login("plain", "pw")

    @classmethod
    def tearDownClass(cls):
        cls.server.__exit__()

    def check(self, marked, client=None, **options):
        """`marked` is SQL with a ^ in front of what is wrong."""
        at = marked.index("^")
        text = marked[:at] + marked[at + 1:]
        before = text[:at]
        line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
        details = (client or self.root).error(text, **options).details
        self.assertRegex(details or "(none)", "^line %d, column %d(: |$)" % (line, column), text)
        return details

    def test_syntax_errors(self):
        for marked in ("^SELEC", "SELECT 1 FORM ^x", "SELECT *\n  FROM e.t\n WHERE id = ^, 1", "SELECT (1^",
                       "INSERT INTO e.t (id) ^VALUE (1)", "SELECT 'é', 'ü' FORM ^x", "\n\n  SELECT 1 FORM ^x  ;\n"):
            self.check(marked)

    def test_a_statement_in_a_batch_is_placed_in_the_whole_text(self):
        self.check("SELECT 1;\n-- ;\n/* é */ SELECT 2; SELECT 3 FORM ^x; SELECT 4")
        self.check("SELECT 1;\nSELECT ^nope FROM e.t;\nSELECT 4")
        self.check("SELECT 1;\n SELECT ^'é open; SELECT 2")

    def test_rewriting_in_front_does_not_move_the_place(self):
        self.check("SELECT CURRENT_USER(), TRY_CAST('1' AS INT), * EXCEPT (v) ^FORM e.t")
        self.check("SELECT CURRENT_USER(), TRY_CAST('1' AS INT), ^nope FROM e.t")
        self.check("INSERT e.t (id, ^nope) VALUES (1, 2)")
        self.check("SELECT `id`, ^`nope` FROM e.t")
        self.check("EXECUTE AS USER 'plain' (SELECT ^nope FROM e.t)")
        self.check("SELECT $1, ^nope FROM e.t WHERE id = $1", params=[1])

    def test_names_that_are_unknown(self):
        self.check("SELECT id, ^nope FROM e.t")
        self.check("SELECT id FROM e.t WHERE v = 'x' AND ^nope > 1")
        self.check("SELECT id FROM ^e.absent")
        self.check("SELECT ^nofunction(id) FROM e.t")
        self.check("UPDATE e.t SET v = 'x', ^nope = 1 WHERE id = 1")
        self.check("UPDATE ^e.absent SET v = 'x' WHERE id = 1")
        self.check("DELETE FROM ^e.absent WHERE id = 1")
        self.check("INSERT INTO ^e.absent VALUES (1)")
        self.check("SELECT a.id FROM e.t a JOIN e.t b ON a.id = ^b.nope")
        self.check("SELECT a.id FROM e.t a JOIN ^e.absent b ON a.id = b.id")

    def test_own_statements(self):
        self.check("CREATE TABLE e.u (id INT PRIMARY KEY,\n  v ^, w TEXT)")
        self.check("CREATE TABLE e.u (id INT PRIMARY KEY,\n  v ^NOTYPE)")
        self.check("CREATE NAMESPACE^ ; SELECT 1")

    def test_admins_read_the_statement_behind_the_place(self):
        details = self.check("SELECT 1; SELECT ^nope FROM e.t")
        self.assertTrue(details.endswith(": SELECT nope FROM e.t"), details)

    def test_others_learn_the_place_of_what_they_may_read_only(self):
        self.assertEqual(self.check("SELECT 1 FORM ^x", client=self.plain), "line 1, column 15")
        self.assertEqual(self.check("SELECT ^nope FROM e.t", client=self.plain), "line 1, column 8")
        self.assertIsNone(self.plain.error("SELECT * FROM e.absent").details)

    def test_what_has_no_place_says_none(self):
        self.root.sql("INSERT INTO e.t (id) VALUES (1)")
        details = self.root.error("INSERT INTO e.t (id) VALUES (1)").details
        self.assertIsNone(re.match("line ", details), details)
