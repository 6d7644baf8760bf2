# Who may see and change what.

statement ok
CREATE TABLE pub (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED', ACCESS_LEVEL = 'PUBLIC')

statement ok
CREATE TABLE priv (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED')

statement ok
CREATE TABLE summit (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'SHARED', ACCESS_LEVEL = 'DBA')

statement ok
CREATE TABLE own (id INT PRIMARY KEY, v TEXT) WITH (TYPE = 'USER')

statement count 1
INSERT INTO pub (id, v) VALUES (1, 'p')

user alice

query
SELECT v FROM pub
----
p

statement error PERMISSION_DENIED
INSERT INTO pub (id, v) VALUES (2, 'x')

statement error PERMISSION_DENIED
SELECT * FROM priv

statement error PERMISSION_DENIED
SELECT COUNT(*) FROM priv p JOIN pub q ON p.id = q.id

statement error PERMISSION_DENIED
SELECT * FROM system.users

statement error PERMISSION_DENIED
SELECT * FROM pub WHERE id IN (SELECT failed_login_attempts FROM system.users)

statement error PERMISSION_DENIED
DROP TABLE own

statement error PERMISSION_DENIED
CREATE TABLE mine (id INT PRIMARY KEY) WITH (TYPE = 'SHARED')

statement ok
CREATE TABLE mine (id INT PRIMARY KEY) WITH (TYPE = 'USER')

statement error PERMISSION_DENIED
CREATE NAMESPACE alices

statement error PERMISSION_DENIED
CREATE USER 'x' WITH PASSWORD 'x' ROLE user

statement error PERMISSION_DENIED
ALTER TABLE pub SET TBLPROPERTIES (ACCESS_LEVEL = 'PRIVATE')

statement error PERMISSION_DENIED
EXECUTE AS USER 'root' (SELECT 1)

statement count 1
INSERT INTO own (id, v) VALUES (1, 'of alice')

user bob

query
SELECT * FROM own
----

statement count 0
UPDATE own SET v = 'x' WHERE id = 1

user service

query
SELECT COUNT(*) FROM priv
----
0

statement count 1
INSERT INTO priv (id, v) VALUES (1, 'by service')

statement error PERMISSION_DENIED
SELECT * FROM summit

statement error PERMISSION_DENIED
ALTER TABLE summit SET TBLPROPERTIES (ACCESS_LEVEL = 'PUBLIC')

statement error PERMISSION_DENIED
ALTER TABLE priv SET TBLPROPERTIES (ACCESS_LEVEL = 'DBA')

query
EXECUTE AS USER 'rights_alice' (SELECT v, CURRENT_USER() FROM own)
----
of alice|rights_alice

statement error SQL_EXECUTION_ERROR
EXECUTE AS USER 'rights_alice' (INSERT INTO priv (id, v) VALUES (2, 'x'))

user dba

statement error cannot grant System role
CREATE USER 'rights_x' WITH PASSWORD 'x' ROLE system

statement error
ALTER USER root SET PASSWORD 'mine now'

statement error
DROP USER root

statement error
ALTER USER root SET ROLE user

statement error Cannot insert system table
INSERT INTO system.users (user_id) VALUES ('x')

statement error
DROP NAMESPACE default

statement error
DROP NAMESPACE s_rights

user root

statement ok
ALTER TABLE pub SET TBLPROPERTIES (ACCESS_LEVEL = 'PRIVATE')

user alice

statement error PERMISSION_DENIED
SELECT v FROM pub
