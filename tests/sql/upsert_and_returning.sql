# INSERT ... ON CONFLICT and RETURNING.

statement ok
CREATE TABLE t (id INT PRIMARY KEY, v TEXT, n INT DEFAULT 1) WITH (TYPE = 'USER')

user alice

query
INSERT INTO t (id, v) VALUES (1, 'a'), (2, 'b') RETURNING id, v, n
----
1|a|1
2|b|1

statement count 1
INSERT INTO t (id, v) VALUES (1, 'x'), (3, 'c') ON CONFLICT (id) DO NOTHING

query
INSERT INTO t (id, v) VALUES (1, 'new'), (4, 'd') ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v, n = n + 10 RETURNING id, v, n
----
1|new|11
4|d|1

query
INSERT INTO t (id, v) VALUES (2, 'no') ON CONFLICT (id) DO UPDATE SET v = EXCLUDED.v WHERE n > 5 RETURNING id
----

query
SELECT id, v, n FROM t
----
1|new|11
2|b|1
3|c|1
4|d|1

statement error
INSERT INTO t (id, v) VALUES (2, 'no') ON CONFLICT (v) DO NOTHING

user bob

query
SELECT COUNT(*) FROM t
----
0

statement count 1
INSERT INTO t (id, v) VALUES (1, 'mine')

user root

query
SELECT COUNT(*) FROM t
----
0

query
EXECUTE AS USER 'upsert_and_returning_bob' (SELECT v FROM t)
----
mine

# What is computed from a credential is masked like the credential.
user root

statement ok
CREATE TABLE secrets (id INT PRIMARY KEY, credentials TEXT) WITH (TYPE = 'USER')

user alice

query
INSERT INTO secrets (id, credentials) VALUES (1, 'key') RETURNING id, upper(credentials), credentials
----
1|***|***
