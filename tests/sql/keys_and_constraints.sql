# Primary keys, NOT NULL, defaults, and what statements count.

statement ok
CREATE TABLE t (id BIGINT PRIMARY KEY, v TEXT NOT NULL, n INT DEFAULT 7) WITH (TYPE = 'SHARED')

statement count 2
INSERT INTO t (id, v) VALUES (1, 'a'), (2, 'b')

statement error Primary key violation: value '1' already exists in column 'id'
INSERT INTO t (id, v) VALUES (1, 'x')

# A failing row takes the whole statement with it.
statement error Primary key violation
INSERT INTO t (id, v) VALUES (3, 'c'), (1, 'x')

statement error appears multiple times
INSERT INTO t (id, v) VALUES (4, 'c'), (4, 'd')

statement error NOT NULL constraint violation: column 'v' cannot be NULL
INSERT INTO t (id, v) VALUES (5, NULL)

statement error NOT NULL constraint violation: column 'v' is missing
INSERT INTO t (id) VALUES (5)

statement error NOT NULL
UPDATE t SET v = NULL WHERE id = 1

statement error cannot modify primary key
UPDATE t SET id = 9 WHERE id = 1

statement error requires a WHERE clause
UPDATE t SET v = 'x'

statement error requires a WHERE clause
DELETE FROM t WHERE true

query
SELECT id, v, n FROM t
----
1|a|7
2|b|7

# A row whose values stay is not counted and gets no new version.
statement count 0
UPDATE t SET v = 'a' WHERE id = 1

statement count 1
UPDATE t SET n = n + 1 WHERE id = 1

statement count 2
UPDATE t SET v = 'z' WHERE id IN (1, 2, 3)

statement count 1
DELETE FROM t WHERE id = 2

statement count 0
DELETE FROM t WHERE id = 2

# Deleted keys are free again; the tombstone can be seen when asked for.
query
SELECT id, _deleted FROM t WHERE _deleted = true
----
2|true

statement count 1
INSERT INTO t (id, v) VALUES (2, 'again')

query
SELECT id, v, n FROM t ORDER BY id
----
1|z|8
2|again|7

statement error No field named
SELECT nocol FROM t

statement error does not exist
INSERT INTO t (id, v, nocol) VALUES (6, 'x', 1)

statement error does not exist
INSERT INTO t (id, v, _seq) VALUES (6, 'x', 1)

statement error
INSERT INTO t (id, v) VALUES (1, 'x', 3)

statement error
INSERT INTO t (id, v, v) VALUES (6, 'x', 'y')

statement count 1
INSERT INTO t VALUES (10, 'all', 11)

statement count 1
INSERT INTO t (id, v, n) VALUES (11, 'd', DEFAULT)

query
SELECT id, n FROM t WHERE id >= 10
----
10|11
11|7

statement error not a whole number
INSERT INTO t (id, v, n) VALUES (12, 'x', 1.7)

statement count 1
INSERT INTO t (id, v, n) VALUES (12, 'x', 2.0)

statement ok
CREATE TABLE u (id UUID PRIMARY KEY DEFAULT UUID_V7(), v INT) WITH (TYPE = 'SHARED')

statement count 2
INSERT INTO u (v) VALUES (1), (2)

statement count 1
INSERT INTO u (id, v) VALUES ('0190A1B2-C3D4-7E5F-8A9B-0C1D2E3F4A5B', 3)

statement error Primary key violation
INSERT INTO u (id, v) VALUES ('0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b', 3)

statement count 1
UPDATE u SET v = 4 WHERE id = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'

query
SELECT id, v FROM u WHERE v = 4
----
0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b|4

# What is accepted without effect is said, and does not hold.
statement message without effect: UNIQUE, CHECK
CREATE TABLE loose (id INT PRIMARY KEY, v INT UNIQUE CHECK (v > 0)) WITH (TYPE = 'SHARED')

statement count 2
INSERT INTO loose (id, v) VALUES (1, -1), (2, -1)
