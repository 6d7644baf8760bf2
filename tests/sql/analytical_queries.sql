# Joins, grouping, windows, CTEs: what the analytical engine answers.

statement ok
CREATE TABLE dept (id INT PRIMARY KEY, name TEXT) WITH (TYPE = 'SHARED')

statement ok
CREATE TABLE emp (id INT PRIMARY KEY, dept INT, name TEXT, pay DECIMAL(10,2), boss INT) WITH (TYPE = 'SHARED')

statement count 3
INSERT INTO dept (id, name) VALUES (1, 'dev'), (2, 'ops'), (3, 'none')

statement count 5
INSERT INTO emp (id, dept, name, pay, boss) VALUES (1, 1, 'Ann', 100.50, NULL), (2, 1, 'Bob', 80, 1), (3, 2, 'Cid', 70.25, 1), (4, 2, 'Dan', NULL, 3), (5, NULL, 'Eve', 60, 3)

query
SELECT d.name, COUNT(e.id), SUM(e.pay) FROM dept d LEFT JOIN emp e ON e.dept = d.id GROUP BY d.name ORDER BY d.name
----
dev|2|180.50
none|0|NULL
ops|2|70.25

query
SELECT e.name, b.name FROM emp e LEFT JOIN emp b ON e.boss = b.id ORDER BY e.id
----
Ann|NULL
Bob|Ann
Cid|Ann
Dan|Cid
Eve|Cid

query
WITH RECURSIVE chain(id, depth) AS (SELECT id, 0 FROM emp WHERE boss IS NULL UNION ALL SELECT e.id, c.depth + 1 FROM emp e JOIN chain c ON e.boss = c.id) SELECT id, depth FROM chain ORDER BY id
----
1|0
2|1
3|1
4|2
5|2

query
SELECT name, ROW_NUMBER() OVER (PARTITION BY dept ORDER BY pay DESC NULLS LAST) FROM emp WHERE dept IS NOT NULL ORDER BY id
----
Ann|1
Bob|2
Cid|1
Dan|2

query
SELECT dept FROM emp GROUP BY dept HAVING COUNT(*) > 1 ORDER BY dept DESC
----
2
1

query
SELECT DISTINCT dept FROM emp ORDER BY dept
----
1
2
NULL

query
SELECT name FROM emp WHERE pay = (SELECT MAX(pay) FROM emp)
----
Ann

query
SELECT name FROM dept d WHERE EXISTS (SELECT 1 FROM emp e WHERE e.dept = d.id AND e.pay > 90)
----
dev

query
SELECT name FROM emp WHERE dept IN (SELECT id FROM dept WHERE name = 'ops') ORDER BY name
----
Cid
Dan

query
SELECT name FROM dept UNION SELECT name FROM emp ORDER BY name LIMIT 3
----
Ann
Bob
Cid

query
SELECT STRING_AGG(name, ',' ORDER BY name) FROM emp WHERE dept = 1
----
Ann,Bob

query
SELECT COUNT(*) FILTER (WHERE dept = 1), COUNT(DISTINCT dept), AVG(id) FROM emp
----
2|2|3.0

query
SELECT dept, name, COUNT(*) FROM emp WHERE dept = 1 GROUP BY ROLLUP (dept, name) ORDER BY dept NULLS LAST, name NULLS LAST
----
1|Ann|1
1|Bob|1
1|NULL|2
NULL|NULL|2

# Nothing of the engine's own world can be reached.
statement error
SELECT * FROM read_csv('/etc/passwd')

statement error
SELECT * FROM '/etc/passwd'

statement error
SELECT * FROM duckdb_settings()

statement error
COPY emp TO '/tmp/x'

statement error
ATTACH '/tmp/x' AS y

statement error
PRAGMA version

statement error
INSTALL httpfs

statement error Invalid function
SELECT getenv('HOME')

statement error
SELECT e.id FROM emp e JOIN dept d ON d.id = e.nocolumn

statement error
SELECT id, COUNT(*) FROM emp

statement ok
UPDATE emp SET pay = 1 WHERE id = (SELECT MAX(id) FROM emp)

query
SELECT id, pay FROM emp WHERE pay = 1
----
5|1.00

statement count 2
DELETE FROM emp WHERE boss IN (SELECT id FROM emp WHERE name = 'Cid')

query
SELECT COUNT(*) FROM emp
----
3
