# Scalar expressions; expected results are PostgreSQL's where it knows the function.

query
SELECT 7 / 2, -7 / 2, 7 % 4, -7 % 4, 2 ^ 10, 7.0 / 2
----
3|-3|3|-3|1024.0|3.5

statement error division by zero
SELECT 1 / 0

statement error
SELECT 9223372036854775807 + 1

query
SELECT 1 = 1, 1 <> 1, NULL = NULL, NULL IS NULL, 1 IS DISTINCT FROM NULL
----
true|false|NULL|true|true

query
SELECT (NULL AND false), (NULL OR true), NOT NULL::boolean, 1 IN (2, NULL), 1 IN (1, NULL), 1 NOT IN (2, NULL)
----
false|true|NULL|NULL|true|NULL

query
SELECT 'abc' LIKE 'a%', 'abc' LIKE '_b_', 'a%c' LIKE 'a\%c', 'ABC' ILIKE 'a%', 'abc' SIMILAR TO '(a|b)%', 'abc' ~ '^a.c$'
----
true|true|true|true|true|true

query
SELECT UPPER('aé'), LOWER('ÀB'), LENGTH('héllo'), SUBSTR('hello', 2, 3), SUBSTRING('hello' FROM 2 FOR 3), POSITION('l' IN 'hello')
----
AÉ|àb|5|ell|ell|3

query
SELECT TRIM('  x '), LTRIM('xxa', 'x'), REPLACE('aXb', 'X', '-'), LEFT('héllo', 2), RIGHT('hello', 2), LPAD('7', 3, '0'), 'a' || 'b' || 1
----
x|a|a-b|hé|lo|007|ab1

query
SELECT CAST('12' AS INT), CAST(3.9 AS BIGINT), CAST(2.5 AS INT), CAST(-2.5 AS INT), '2024-02-29'::date, CAST('true' AS BOOLEAN), CAST(1 AS TEXT)
----
12|4|3|-3|19782|true|1

query
SELECT ABS(-4), ROUND(2.567, 2), CEIL(1.2), FLOOR(-1.2), SIGN(-3), MOD(7, 4), POWER(2, 3), SQRT(16)
----
4|2.57|2.0|-2.0|-1.0|3|8.0|4.0

query
SELECT COALESCE(NULL, 'x'), NULLIF(1, 1), GREATEST(1, 3, 2), LEAST(1, NULL, 2), CASE WHEN 1 > 2 THEN 'a' ELSE 'b' END, CASE 2 WHEN 1 THEN 'a' WHEN 2 THEN 'b' END
----
x|NULL|3|1|b|b

query
SELECT '{"a":{"b":[1,2]},"c":"x"}'::json -> 'a' -> 'b' ->> 1, '{"c":"x"}'::json ->> 'c', '{"c":null}'::json ->> 'c', '{"c":1}'::json ? 'c'
----
2|x|NULL|true

query
SELECT json_get_int('{"a":5}', 'a'), json_get_str('{"a":5}', 'a'), json_length('[1,2,3]'), json_contains('{"a":1}', 'b')
----
5|NULL|3|false

query
SELECT DATE_TRUNC('hour', '2024-05-01 10:20:30'::timestamp), EXTRACT(YEAR FROM '2024-05-01'::timestamp), TIMESTAMP '1970-01-01 00:00:01.5'
----
1714557600000000|2024.0|1500000

statement error Invalid function
SELECT no_such_function(1)

query
SELECT 1 BETWEEN 0 AND 2, 1 NOT BETWEEN 0 AND 2, 'b' BETWEEN 'a' AND 'c'
----
true|false|true

query
SELECT CURRENT_USER(), CURRENT_ROLE()
----
root|system
