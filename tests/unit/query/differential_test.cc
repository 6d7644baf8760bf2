// Both engines on statements that nobody thought of: the same table, the same SELECT, the same
// answer. Statements are made from a table of shapes by a generator with fixed seeds; a failure
// prints the statement, which is all that is needed to run it again.
//
// Shapes that can fail at run time (division, overflow, bad text) are asked about one row and one
// expression at a time: which of several rows or operands is evaluated first is nobody's promise,
// whether one row fails is.
#include <cmath>
#include <map>
#include <random>
#include <set>

#include "expr/functions.h"
#include "query/analytics.h"
#include "query_fixture.h"

namespace kalamdb::query {
namespace {

// Classes of expressions: the letter behind '@' in a shape asks for one of that class.
//   b boolean     i small whole number   w any whole number   r finite double   z any double
//   m decimal     t text                 p pattern            s timestamp       d date
//   j JSON        c time of day          u UUID               y bytes           e embedding
//   0 NULL of no type, only shown
//   q double whose last bits are nobody's promise (logarithms, sines): only shown, never an operand
//   k constant 0..4     o name of a time field      x text that may read as a number
struct Shape {
  char result;
  const char* text;
  bool may_fail = false;
};

constexpr Shape kShapes[] = {
    // logic
    {'b', "(@b AND @b)"},
    {'b', "(@b OR @b)"},
    {'b', "(NOT @b)"},
    {'b', "(@b AND NOT (@b OR @b))"},
    {'b', "(@b IS TRUE)"},
    {'b', "(@b IS NOT TRUE)"},
    {'b', "(@b IS FALSE)"},
    {'b', "(@b IS NOT FALSE)"},
    {'b', "(@b IS UNKNOWN)"},
    {'b', "(@b IS NOT UNKNOWN)"},
    {'b', "(@b = @b)"},
    {'b', "(@b < @b)"},
    {'b', "(@b IS NULL)"},
    {'b', "CASE WHEN @b THEN @b ELSE @b END"},
    // comparison
    {'b', "(@i = @i)"},
    {'b', "(@i <> @w)"},
    {'b', "(@w <= @i)"},
    {'b', "(@w > @w)"},
    {'b', "(@i < @r)"},
    {'b', "(@z = @z)"},
    {'b', "(@z < @z)"},
    {'b', "(@z >= @i)"},
    {'b', "(@z <> @r)"},
    {'b', "(@m = @m)"},
    {'b', "(@m < @i)"},
    {'b', "(@m >= 1.5)"},
    {'b', "(@m > @r)"},
    {'b', "(@w <> @m)"},
    {'b', "(big = 1.23456789012)"},
    {'b', "(big < m)"},
    {'b', "(big <> -1.50000000000000000000000000001)"},
    {'b', "(big IN (0.0000000001, 0.00000000010001, -1.5))"},
    {'b', "(big BETWEEN -1.500000000000001 AND @m)"},
    {'b', "(big IS DISTINCT FROM 0.00000000010001)"},
    {'b', "(@t = @t)"},
    {'b', "(@t < @t)"},
    {'b', "(@t >= @t)"},
    {'b', "(@s < @s)"},
    {'b', "(@s >= '2024-02-29 12:00:00')"},
    {'b', "(@s = @d)"},
    {'b', "(@d <= @d)"},
    {'b', "(@d <> '2024-02-29')"},
    {'b', "(@c < @c)"},
    {'b', "(@c > '12:00:00')"},
    {'b', "(@u = @u)"},
    {'b', "(@u < @u)"},
    {'b', "(@u = '0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b')"},
    {'b', "(@y = @y)"},
    {'b', "(@y < @y)"},
    {'b', "(@i = '3')"},
    {'b', "(@r > '0.5')"},
    {'b', "(@m = '1.50')"},
    {'b', "(@i IS NULL)"},
    {'b', "(@t IS NOT NULL)"},
    {'b', "(@z IS NULL)"},
    {'b', "(@i IS DISTINCT FROM @w)"},
    {'b', "(@t IS NOT DISTINCT FROM @t)"},
    {'b', "(@z IS DISTINCT FROM @z)"},
    {'b', "(@i IN (1, 2, @i))"},
    {'b', "(@i NOT IN (1, NULL, 3))"},
    {'b', "(@w IN (9223372036854775807, -1))"},
    {'b', "(@m IN (1.5, 2, -0.25))"},
    {'b', "(@r IN (0.5, 2, -1))"},
    {'b', "(@t IN ('abc', '', @t))"},
    {'b', "(@t NOT IN ('abc', NULL))"},
    {'b', "(@s IN ('1969-12-31 23:59:59.999999', '2024-02-29'))"},
    {'b', "(@i BETWEEN @i AND @i)"},
    {'b', "(@i NOT BETWEEN -2 AND 3)"},
    {'b', "(@w BETWEEN -5 AND @w)"},
    {'b', "(@z BETWEEN -1 AND @z)"},
    {'b', "(@m BETWEEN -0.5 AND 10)"},
    {'b', "(@t BETWEEN 'a' AND @t)"},
    {'b', "(@s BETWEEN '1960-01-01' AND @s)"},
    {'b', "(@i = ANY(ARRAY[1, 2]))"},
    // patterns
    {'b', "(@t LIKE @p)"},
    {'b', "(@t NOT LIKE @p)"},
    {'b', "(@t ILIKE @p)"},
    {'b', "(@t NOT ILIKE @p)"},
    {'b', "(@t LIKE 'a!%%' ESCAPE '!')"},
    {'b', "(@t SIMILAR TO '(a|b)%')"},
    {'b', "(@t ~ '^[a-c]+')"},
    {'b', "(@t ~* 'B')"},
    {'b', "(@t !~ 'o.$')"},
    // whole numbers
    {'i', "(@i + @i)"},
    {'i', "(@i - @i)"},
    {'i', "(- @i)"},
    {'w', "(@i * 3)"},
    {'w', "(@i & 7)"},
    {'w', "(@i | @i)"},
    {'w', "(@i # @i)"},
    {'w', "(~ @i)"},
    {'w', "(@i << @k)"},
    {'w', "(@w << @i)"},
    {'w', "(@i >> @k)"},
    {'i', "(@i / 3)"},
    {'i', "(@i % 3)"},
    {'i', "mod(@i, 4)"},
    {'i', "div(@i, 2)"},
    {'i', "abs(@i)"},
    {'w', "sign(@i)"},
    {'i', "coalesce(@i, @i, 0)"},
    {'i', "nvl(@i, @i)"},
    {'i', "nullif(@i, @i)"},
    {'i', "greatest(@i, @i, 2)"},
    {'i', "least(@i, @i)"},
    {'i', "CASE WHEN @b THEN @i END"},
    {'i', "CASE @i WHEN 1 THEN @i WHEN 2 THEN 5 ELSE @i END"},
    {'w', "greatest(@w, @i)"},
    {'w', "CASE WHEN @b THEN @w ELSE @i END"},
    {'i', "length(@t)"},
    {'i', "char_length(@t)"},
    {'i', "character_length(@t)"},
    {'i', "octet_length(@t)"},
    {'i', "bit_length(@t)"},
    {'w', "ascii(@t)"},
    {'i', "strpos(@t, @t)"},
    {'i', "position('b' IN @t)"},
    {'w', "gcd(@i, @i)"},
    {'w', "lcm(@i, @i)"},
    {'w', "factorial(@k)"},
    {'i', "CAST(@b AS INT)"},
    {'i', "CAST(i * 0.5 AS INT)"},
    {'i', "CAST(@r AS INT)", true},
    {'w', "CAST(@r AS BIGINT)"},
    {'w', "CAST(@m AS BIGINT)"},
    {'w', "CAST(@i AS BIGINT)"},
    {'i', "CAST(@k AS SMALLINT)"},
    {'i', "CAST(@i AS SMALLINT)", true},
    {'i', "TRY_CAST(@x AS INT)"},
    {'w', "TRY_CAST(@w AS INT)"},
    {'w', "TRY_CAST(@z AS BIGINT)"},
    {'w', "json_array_length(@j)", true},
    {'w', "json_length(@j)"},
    {'w', "json_get_int(@j, 'a')"},
    {'w', "(@d - @d)"},
    {'w', "(@i / @i)", true},
    {'w', "(@i % @i)", true},
    {'w', "(@w % @i)", true},
    {'w', "(@w / @i)", true},
    {'w', "mod(@w, @i)", true},
    {'w', "div(@w, @i)", true},
    {'w', "(@w + @w)", true},
    {'w', "(@w - @w)", true},
    {'w', "(@w * @i)", true},
    {'w', "(- @w)", true},
    {'w', "abs(@w)", true},
    {'w', "(s * s)", true},
    {'w', "(s + 1)", true},
    {'w', "(i * 1000000000)", true},
    {'w', "CAST(@z AS BIGINT)", true},
    {'w', "CAST(@z AS INT)", true},
    {'w', "CAST(@w AS INT)", true},
    {'w', "CAST(@w AS SMALLINT)", true},
    {'w', "CAST(@x AS BIGINT)", true},
    {'w', "CAST(@x AS INT)", true},
    {'w', "CAST(@t AS INT)", true},
    {'w', "factorial(@i)", true},
    {'w', "lcm(@w, @w)", true},
    {'w', "gcd(@w, @w)", true},
    // doubles
    {'r', "(@r + @r)"},
    {'r', "(@r - @i)"},
    {'r', "(@i * 0.5)"},
    {'r', "(@r / 4)"},
    {'r', "(- @r)"},
    {'r', "abs(@r)"},
    {'r', "sign(@r)"},
    {'r', "floor(@r)"},
    {'r', "ceil(@r)"},
    {'r', "ceiling(@r)"},
    {'r', "round(@r)"},
    {'r', "trunc(@r)"},
    {'z', "floor(@z)"},
    {'z', "ceil(@z)"},
    {'z', "round(@z)"},
    {'z', "trunc(@z)"},
    {'z', "abs(@z)"},
    {'z', "sign(@z)"},
    {'z', "(- @z)"},
    {'z', "greatest(@z, @r)"},
    {'z', "least(@z, @z)"},
    {'z', "nullif(@z, @z)"},
    {'z', "coalesce(@z, @r)"},
    {'b', "isnan(@z)"},
    {'r', "CAST(@i AS DOUBLE)"},
    {'r', "CAST(@m AS DOUBLE)"},
    {'z', "CAST(@z AS FLOAT)", true},
    {'z', "TRY_CAST(@x AS DOUBLE)"},
    {'z', "CAST(@x AS DOUBLE)", true},
    {'r', "CASE WHEN @b THEN @r ELSE @i END"},
    {'r', "greatest(@r, @i)"},
    {'z', "json_get_float(@j, 'a')"},
    {'z', "(@z + @z)", true},
    {'z', "(@z * @r)", true},
    {'z', "(@r / @r)", true},
    {'z', "(@z / @z)", true},
    {'z', "(@z % @r)", true},
    {'z', "mod(@r, @r)", true},
    {'q', "round(@r, @k)"},
    {'q', "trunc(@r, @k)"},
    {'q', "sqrt(abs(@r))"},
    {'q', "(@r + @r * @r - @r / 3)"},
    {'q', "sqrt(@z)", true},
    {'q', "cbrt(@r)"},
    {'q', "cbrt(@z)"},
    {'q', "exp(@r)"},
    {'q', "exp(@z)", true},
    {'q', "ln(@z)", true},
    {'q', "log(@z)", true},
    {'q', "log(2, @z)", true},
    {'q', "log10(@z)", true},
    {'q', "log2(@z)", true},
    {'q', "ln(@m)", true},
    {'q', "power(@r, @k)", true},
    {'q', "pow(@z, @z)", true},
    {'q', "(@r ^ @k)", true},
    {'q', "(@i ^ @i)", true},
    {'z', "(@z - @z)", true},
    {'z', "(@r - @r)"},
    {'z', "(f + f)", true},
    {'z', "(f * f)", true},
    {'z', "(f * 2)", true},
    {'z', "(f / @i)", true},
    {'z', "(@i / f)", true},
    {'z', "(@m / @r)", true},
    {'z', "(@m / @m)", true},
    {'z', "(@w * @z)", true},
    {'q', "sin(@r)"},
    {'q', "cos(@r)"},
    {'q', "tan(@r)"},
    {'q', "sin(@z)", true},
    {'q', "cos(@z)", true},
    {'q', "tan(@z)", true},
    {'q', "cot(@z)", true},
    {'q', "asin(@z)", true},
    {'q', "acos(@z)", true},
    {'q', "atan(@z)"},
    {'q', "atan2(@z, @r)"},
    {'q', "sinh(@z)", true},
    {'q', "cosh(@z)", true},
    {'q', "tanh(@z)"},
    {'q', "asinh(@z)"},
    {'q', "acosh(@z)", true},
    {'q', "atanh(@z)", true},
    {'q', "degrees(@r)"},
    {'q', "radians(@r)"},
    {'q', "degrees(@z)", true},
    {'q', "pi()"},
    {'q', "cosine_distance(@e, @e)"},
    // decimals
    {'m', "(@m + @m)"},
    {'m', "(@m - 0.25)"},
    {'m', "(@m * 2)"},
    {'m', "(@m * 1.5)"},
    {'m', "(- @m)"},
    {'m', "abs(@m)"},
    {'m', "floor(@m)"},
    {'m', "ceil(@m)"},
    {'m', "round(@m)"},
    {'m', "round(@m, 1)"},
    {'m', "trunc(@m)"},
    {'m', "trunc(@m, 1)"},
    {'m', "coalesce(@m, 0)"},
    {'m', "coalesce(@m, 1.125)"},
    {'m', "greatest(@m, @m)"},
    {'m', "least(@m, @i)"},
    {'m', "nullif(@m, 1.5)"},
    {'m', "CASE WHEN @b THEN @m ELSE 0.5 END"},
    {'m', "CAST(@i AS DECIMAL(12,3))"},
    {'m', "CAST(@r AS DECIMAL(20,4))"},
    {'m', "CAST('1.505' AS DECIMAL(5,2))"},
    {'m', "TRY_CAST(@x AS DECIMAL(6,2))"},
    {'m', "TRY_CAST(@w AS DECIMAL(6,2))"},
    {'m', "sign(@m)"},
    {'m', "CAST(@x AS DECIMAL(6,2))", true},
    {'m', "CAST(@w AS DECIMAL(6,2))", true},
    {'m', "CAST(@z AS DECIMAL(10,2))", true},
    {'m', "(m / m)", true},
    {'m', "(m / 3)", true},
    {'m', "(m % 3)", true},
    {'m', "(m % 0.7)", true},
    {'m', "mod(m, 2)", true},
    {'m', "(m * m)", true},
    {'m', "coalesce(big, 0.123456789012)", true},
    {'m', "greatest(big, 0.00000000010001, m)", true},
    {'m', "CASE WHEN b THEN big WHEN i > 1 THEN 0.123456789012 ELSE m END", true},
    {'m', "(big * big)", true},
    {'m', "(big + big)", true},
    {'m', "(big + 1)", true},
    {'m', "(m * @i)", true},
    {'m', "(m / @i)", true},
    {'z', "(m * @r)", true},
    // text
    {'t', "(@t || @t)"},
    {'t', "(@t || NULL)"},
    {'0', "NULL"},
    {'0', "CASE WHEN @b THEN NULL ELSE NULL END"},
    {'i', "CASE WHEN @b THEN 1 WHEN @b THEN NULL END"},
    {'t', "coalesce(NULL, @t)"},
    {'s', "CASE WHEN @b THEN dt ELSE ts END"},
    {'s', "coalesce(d, @s)"},
    {'m', "CASE m WHEN 1.5 THEN 2.25 WHEN -0.5 THEN m ELSE 1 END"},
    {'t', "(@t || @i)"},
    {'t', "(@b || @t)"},
    {'t', "(@t || @m)"},
    {'t', "concat(@t, @i, @b, @t)"},
    {'t', "concat(@r, NULL, @m)"},
    {'t', "concat_ws('-', @t, @i, @t)"},
    {'t', "concat_ws(@t, 'x', NULL, @t)"},
    {'t', "upper(@t)"},
    {'t', "lower(@t)"},
    {'t', "initcap(@t)"},
    {'t', "trim(@t)"},
    {'t', "trim(BOTH 'xa' FROM @t)"},
    {'t', "trim(LEADING FROM @t)"},
    {'t', "btrim(@t, 'ab')"},
    {'t', "ltrim(@t)"},
    {'t', "ltrim(@t, @t)"},
    {'t', "rtrim(@t)"},
    {'t', "rtrim(@t, 'cé')"},
    {'t', "left(@t, @i)"},
    {'t', "right(@t, @i)"},
    {'t', "substr(@t, @i)"},
    {'t', "substr(@t, @i, @k)"},
    {'t', "substring(@t, 2)"},
    {'t', "substring(@t FROM @i FOR 3)"},
    {'t', "substr(@t, @i, @i)", true},
    {'t', "lpad(@t, @i)"},
    {'t', "lpad(@t, @i, @t)"},
    {'t', "rpad(@t, 6, 'é!')"},
    {'t', "rpad(@t, @i)"},
    {'t', "replace(@t, @t, 'é')"},
    {'t', "replace(@t, 'a', @t)"},
    {'t', "translate(@t, 'abé', 'xy')"},
    {'t', "translate(@t, 'aab', 'xyz')"},
    {'t', "reverse(@t)"},
    {'t', "repeat(@t, @i)"},
    {'t', "split_part(@t, ' ', 1)"},
    {'t', "split_part(@t, 'b', 2)"},
    {'t', "split_part(@t, '', 1)"},
    {'t', "split_part(@t, @t, @i)", true},
    {'t', "split_part(@t, 'b', -1)"},
    {'t', "overlay(@t PLACING 'zz' FROM 2)"},
    {'t', "overlay(@t PLACING @t FROM 1 FOR 2)"},
    {'t', "chr(@i + 200)"},
    {'t', "to_hex(@w)"},
    {'t', "quote_literal(@t)"},
    {'t', "quote_ident(@t)"},
    {'t', "encode(@y, 'hex')"},
    {'t', "encode(@y, 'base64')"},
    {'t', "format('%s|%s', @t, @i)"},
    {'t', "coalesce(@t, @t)"},
    {'t', "nullif(@t, 'abc')"},
    {'t', "greatest(@t, @t)"},
    {'t', "least(@t, 'b')"},
    {'t', "CASE WHEN @b THEN @t WHEN @b THEN 'second' ELSE @t END"},
    {'t', "CASE @t WHEN 'abc' THEN 'found' WHEN NULL THEN 'never' END"},
    {'t', "CAST(@i AS TEXT)"},
    {'t', "CAST(@w AS TEXT)"},
    {'t', "CAST(@b AS TEXT)"},
    {'t', "CAST(@r AS TEXT)"},
    {'t', "CAST(@z AS TEXT)"},
    {'t', "CAST(f AS TEXT)"},
    {'t', "CAST(@m AS TEXT)"},
    {'t', "CAST(@s AS TEXT)"},
    {'t', "CAST(@d AS TEXT)"},
    {'t', "CAST(@c AS TEXT)"},
    {'t', "CAST(@u AS TEXT)"},
    {'t', "CAST(@y AS TEXT)"},
    {'t', "CAST(@j AS TEXT)"},
    {'t', "pg_typeof(@m)"},
    {'t', "pg_typeof(@s)"},
    {'t', "to_char(@s, 'YYYY-MM-DD HH24:MI:SS')"},
    {'t', "to_char(@s, 'Day, DD Mon YYYY HH12 AM')"},
    {'b', "starts_with(@t, @t)"},
    {'b', "ends_with(@t, @t)"},
    {'b', "contains(@t, @t)"},
    {'b', "starts_with(@t, 'a')"},
    {'b', "CAST(@i AS BOOLEAN)"},
    {'b', "TRY_CAST(@x AS BOOLEAN)"},
    {'b', "CAST(@x AS BOOLEAN)", true},
    {'y', "decode('00fF', 'hex')"},
    {'y', "CAST(@t AS BYTES)", true},
    // time
    {'s', "date_trunc('@o', @s)"},
    {'s', "date_trunc('day', @d)"},
    {'s', "date_trunc('Month', @s)"},
    {'s', "date_trunc('century', @s)"},
    {'s', "date_trunc('decade', @s)"},
    {'s', "date_trunc(x, @s)", true},
    {'s', "coalesce(@s, @s)"},
    {'s', "greatest(@s, @s)"},
    {'s', "CASE WHEN @b THEN @s ELSE @s END"},
    {'s', "CAST(@d AS TIMESTAMP)"},
    {'s', "(@s + INTERVAL '1 hour')"},
    {'s', "(@s - INTERVAL '2 days')"},
    {'s', "CAST('2024-05-01T12:00:00.5+02:00' AS TIMESTAMP)"},
    {'s', "make_timestamp(2024, 2, 28 + @k / 4, 1, 2, 3.5)"},
    {'s', "to_timestamp(@i)"},
    {'s', "TRY_CAST(@x AS TIMESTAMP)"},
    {'d', "CAST(@s AS DATE)"},
    {'d', "date(@s)"},
    {'d', "(@d + @i)"},
    {'d', "(@d - @k)"},
    {'d', "make_date(2024, 1 + @k, 1)"},
    {'d', "make_date(2023, 2, 26 + @k)", true},
    {'d', "TRY_CAST(@x AS DATE)"},
    {'d', "CAST(@x AS DATE)", true},
    {'c', "CAST(@s AS TIME)"},
    {'c', "make_time(1, 2 + @k, 3.25)"},
    {'r', "date_part('@o', @s)"},
    {'r', "extract(@o FROM @s)"},
    {'r', "extract(dow FROM @d)"},
    {'r', "extract(isodow FROM @s)"},
    {'r', "extract(doy FROM @s)"},
    {'r', "extract(epoch FROM @s)"},
    {'r', "extract(hour FROM @c)"},
    // JSON
    {'j', "(@j -> 'a')"},
    {'j', "(@j -> 0)"},
    {'t', "(@j ->> 'a')"},
    {'t', "(@j ->> 1)"},
    {'j', "(@j #> '{a,b}')"},
    {'t', "(@j #>> '{a,b,0}')"},
    {'b', "(@j ? 'a')"},
    {'b', "(@j @> '{\"a\": 1}')"},
    {'b', "(@j @> '[1]')"},
    {'t', "json_typeof(@j)"},
    {'t', "json_get_str(@j, 'a')"},
    {'b', "json_get_bool(@j, 'a')"},
    {'j', "json_get_json(@j, 'a')"},
    {'j', "json_get(@j, 'a')"},
    {'t', "json_as_text(@j, 'a', 'b')"},
    {'b', "json_contains(@j, 'a')"},
    {'b', "json_valid(@t)"},
    {'b', "json_valid(x)"},
    {'j', "json_extract_path(@j, 'a', 'b')"},
    {'t', "json_extract_path_text(@j, 'a')"},
    {'j', "json_build_object('k', @i, 't', @t)"},
    {'j', "json_build_array(@i, @t, @b, @m)"},
    {'j', "to_json(@t)"},
    {'j', "to_json(@i)"},
    {'j', "to_json(@j)"},
    {'j', "to_jsonb(@z)"},
    {'j', "jsonb_build_array(@j, @t, @j -> 'a')"},
    {'j', "json_build_object(@t, @j)", true},
    {'t', "pg_typeof(@j)"},
    {'t', "concat(@j, '|', @s, @d, @u)"},
    {'t', "json_from_scalar(@r)"},
    {'j', "CAST('{\"a\": [1, 2]}' AS JSON)"},
};

// Functions that both engines have and no shape calls: what they give differs from call to call or
// from one engine's run to the next.
constexpr std::string_view kNotComparable[] = {"gen_random_uuid", "random", "uuid"};

constexpr const char* kTable =
    "CREATE TABLE app.v (id BIGINT PRIMARY KEY, b BOOLEAN, s SMALLINT, i INT, n BIGINT, w BIGINT, "
    "r DOUBLE, z DOUBLE, f FLOAT, m DECIMAL(10,2), big DECIMAL(38,10), t TEXT, x TEXT, ts "
    "TIMESTAMP, dt DATETIME, d DATE, c TIME, j JSON, y BYTES, u UUID, e EMBEDDING(3)) WITH "
    "(TYPE='SHARED')";

class DifferentialTest : public QueryTest {
 protected:
  DifferentialTest() {
    AnalyticsOptions options;
    options.library_path = KDB_DUCKDB_LIBRARY;
    options.temp_directory = path_ + "/spill";
    options.idle_seconds = 3600;
    engine_ = std::make_unique<AnalyticalEngine>(sources_, options);
    Create(kTable);
    Fill();
  }

  // Each column has its awkward values, NULL among them, at a stride of its own, so that they meet.
  void Fill() {
    const std::map<std::string, std::vector<std::string>> values = {
        {"b", {"true", "false", "NULL"}},
        {"s", {"0", "-1", "32767", "NULL", "-32768", "7", "181"}},
        {"i", {"0", "1", "-1", "2", "NULL", "3", "-7", "12", "5"}},
        {"n", {"4", "0", "-3", "NULL", "10", "2", "1", "-12"}},
        {"w",
         {"9223372036854775807", "-9223372036854775808", "0", "-1", "NULL", "4294967296",
          "9007199254740993", "32768"}},
        {"r", {"0.5", "-1.5", "2.5", "0", "NULL", "-0.1", "3.25", "123456.789", "1e-7"}},
        {"z",
         {"'NaN'::double", "'Infinity'::double", "'-Infinity'::double", "-0.0", "1e308", "5e-324",
          "NULL", "0.1", "-2.5", "1", "1e16"}},
        {"f", {"0.1", "NULL", "-1.5", "16777217", "1e-10", "'NaN'::float"}},
        {"m", {"1.50", "-0.25", "0", "NULL", "12345678.99", "-0.50", "2", "0.05"}},
        {"big",
         {"0.0000000001", "-1.5", "NULL", "9999999999999999999999999999.9999999999",
          "1234567890123456789.5"}},
        {"t",
         {"'abc'", "''", "NULL", "'Hällo Wörld'", "'a%b'", "'日本語'", "'a_c'", "' pad '", "'bca'",
          "'ABC'", "'é'", "'a\\b'", "'😀x'"}},
        {"x",
         {"'12'", "' 7 '", "'-3.5'", "'abc'", "''", "NULL", "'1e3'", "'true'", "'2024-02-29'",
          "'99999999999'", "'NaN'", "'0.125'", "'1969-12-31 23:59:59.5'", "'yes'"}},
        {"ts",
         {"'2024-02-29 12:34:56.789012'", "'1969-12-31 23:59:59.999999'", "NULL", "'2000-01-01'",
          "'1900-03-01 00:00:00'", "'2262-05-05 01:02:03'", "'0001-01-01 00:00:00'"}},
        {"dt", {"'2025-12-31T23:59:59Z'", "NULL", "'1970-01-01T00:00:00Z'"}},
        {"d", {"'2024-02-29'", "'1969-12-31'", "NULL", "'2100-12-31'", "'1582-10-15'"}},
        {"c", {"'00:00:00'", "'23:59:59.999999'", "NULL", "'12:30:01.5'"}},
        {"j",
         {"'{\"a\":1,\"k\":null}'", "'[1,\"two\",[3]]'", "NULL", "'{\"a\":{\"b\":[true,2.5]}}'",
          "'\"text\"'", "'null'", "'{\"a\":\"é\\\"\"}'", "'{\"a\":false}'", "'17'"}},
        {"y", {"X''", "X'00ff10'", "NULL", "X'616263'"}},
        {"u",
         {"'0190a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b'", "NULL",
          "'ffffffff-0000-4000-8000-000000000000'"}},
        {"e", {"'[1, 0, -0.5]'", "NULL", "'[0, 2, 1]'"}},
    };
    std::string names = "id", rows;
    for (const auto& [name, list] : values) names += ", " + name;
    for (size_t row = 0; row < kRows; ++row) {
      rows += fmt::format("{}({}", row == 0 ? "" : ", ", static_cast<int>(row) - 3);
      size_t column = 0;
      for (const auto& [name, list] : values) {
        rows += ", " + list[(row + row / list.size() * column++) % list.size()];
      }
      rows += ")";
    }
    ASSERT_EQ(Change("INSERT INTO v (" + names + ") VALUES " + rows), kRows);
  }

  static bool Floating(const Datum& cell) { return !cell.null && IsFloating(cell.kind); }

  struct Outcome {
    Status status;
    std::vector<ResultColumn> columns;
    std::vector<std::vector<std::string>> cells;
    std::vector<std::vector<double>> reals;  // NaN where the cell is no floating point number
  };
  class Collector final : public ResultSink {
   public:
    explicit Collector(Outcome* out) : out_(out) {}
    Status Begin(const std::vector<ResultColumn>& columns) override {
      out_->columns = columns;
      return Status::Ok();
    }
    Status Row(std::span<const Datum> cells) override {
      auto& texts = out_->cells.emplace_back();
      auto& reals = out_->reals.emplace_back();
      for (const Datum& cell : cells) {
        std::string text;
        AppendCell(&text, cell);
        // The wire shows these as null.
        if (Floating(cell) && !std::isfinite(cell.d))
          text = std::isnan(cell.d) ? "NaN" : cell.d > 0 ? "inf" : "-inf";
        texts.push_back(std::move(text));
        reals.push_back(Floating(cell) ? cell.d : std::nan(""));
      }
      return Status::Ok();
    }

   private:
    Outcome* out_;
  };

  Outcome RunOn(EngineChoice choice, const sql::Select& select) {
    Outcome outcome;
    PlanOptions options = Options();
    options.engine = choice;
    Result<SelectPlanPtr> plan = PlanSelect(select, sources_, engine_.get(), options);
    if (!plan.ok()) {
      outcome.status = plan.status();
      return outcome;
    }
    Collector sink(&outcome);
    bool truncated = false;
    outcome.status = (*plan)->Run(Context(), sink, &truncated);
    return outcome;
  }

  static bool Near(double a, double b) {
    return std::isfinite(a) && std::isfinite(b) &&
           std::abs(a - b) <= 1e-14 * std::max({std::abs(a), std::abs(b), 1e-300});
  }
  static std::string Describe(const Outcome& o) {
    std::string text = o.status.ok() ? "" : fmt::format("error: {}", o.status.message());
    return text;
  }

  // Nothing when both engines say the same, what differs otherwise. `ordered`: rows have a place.
  std::string Difference(const std::string& text, bool ordered = true) {
    ++statements_;
    Result<sql::Statement> parsed = sql::ParseStatement(text, role_);
    if (!parsed.ok()) return fmt::format("does not parse: {}", parsed.status().message());
    const sql::Select& select = *std::get<sql::SelectPtr>(parsed->body);
    Outcome rows = RunOn(EngineChoice::kRowOnly, select);
    if (rows.status.code() == ErrorCode::kNeedsAnalytics) {
      ++refused_;
      return "";
    }
    Outcome analytics = RunOn(EngineChoice::kAnalyticsOnly, select);
    if (rows.status.ok() != analytics.status.ok()) {
      return fmt::format("row engine: {}\n analytics: {}",
                         rows.status.ok() ? Shown(rows) : Describe(rows),
                         analytics.status.ok() ? Shown(analytics) : Describe(analytics));
    }
    if (!rows.status.ok()) {
      ++failed_;
      return "";
    }
    if (rows.columns.size() != analytics.columns.size()) return "number of columns";
    for (size_t i = 0; i < rows.columns.size(); ++i) {
      const ResultColumn &a = rows.columns[i], &b = analytics.columns[i];
      if (a.name != b.name) return fmt::format("column names {} and {}", a.name, b.name);
      if (SqlTypeName(a.type) != SqlTypeName(b.type)) {
        return fmt::format("types of '{}': {} and {}", a.name, SqlTypeName(a.type),
                           SqlTypeName(b.type));
      }
      if (a.primary_key != b.primary_key || a.not_null != b.not_null || a.masked != b.masked) {
        return fmt::format("flags of {}", a.name);
      }
    }
    if (!ordered) {
      std::sort(rows.cells.begin(), rows.cells.end());
      std::sort(analytics.cells.begin(), analytics.cells.end());
    }
    if (rows.cells.size() != analytics.cells.size()) {
      return fmt::format("{} rows and {}", rows.cells.size(), analytics.cells.size());
    }
    for (size_t r = 0; r < rows.cells.size(); ++r) {
      for (size_t c = 0; c < rows.cells[r].size(); ++c) {
        if (rows.cells[r][c] == analytics.cells[r][c]) continue;
        if (ordered && Near(rows.reals[r][c], analytics.reals[r][c])) continue;
        return fmt::format("row {} column {} ({}): {} and {}", r, c, rows.columns[c].name,
                           rows.cells[r][c], analytics.cells[r][c]);
      }
    }
    return "";
  }
  static std::string Shown(const Outcome& o) {
    std::string text;
    for (size_t r = 0; r < std::min<size_t>(o.cells.size(), 4); ++r) {
      for (const std::string& cell : o.cells[r]) text += cell + " ";
      text += "/ ";
    }
    return text.substr(0, 300);
  }
  void Compare(const std::string& text, bool ordered = true) {
    const std::string difference = Difference(text, ordered);
    EXPECT_TRUE(difference.empty()) << text << "\n " << difference;
  }

  static constexpr size_t kRows = 29;
  std::unique_ptr<AnalyticalEngine> engine_;
  int statements_ = 0, refused_ = 0, failed_ = 0;
};

class Generator {
 public:
  explicit Generator(uint64_t seed) : random_(seed) {}

  size_t Below(size_t n) { return random_() % n; }
  bool Chance(int percent) { return Below(100) < static_cast<size_t>(percent); }
  template <size_t N>
  std::string Pick(const char* const (&from)[N]) {
    return from[Below(N)];
  }

  std::string Leaf(char kind) {
    switch (kind) {
      case 'b':
        return Pick({"b", "b", "b", "true", "false", "(i > 1)", "(t = 'abc')", "(m IS NULL)"});
      case 'i':
        return Pick({"i", "i", "n", "n", "id", "2", "-3", "0", "CAST(NULL AS INT)"});
      case 'w':
        return Pick({"w", "w", "w", "s", "i", "n", "9223372036854775807", "-1"});
      case 'r':
        return Pick({"r", "r", "r", "0.5", "-1.25", "CAST(3 AS DOUBLE)"});
      case 'z':
        return Pick({"z", "z", "z", "f", "r", "1e16", "'NaN'::double"});
      case 'm':
        return Pick({"m", "m", "m", "CAST(2.50 AS DECIMAL(5,2))", "CAST(-0.5 AS DECIMAL(3,1))"});
      case 't':
        return Pick({"t", "t", "t", "t", "x", "'b'", "'é'", "''", "'o W'"});
      case 'x':
        return Pick({"x", "x", "x", "t"});
      case 'p':
        return Pick({"'a%'", "'%b%'", "'_'", "'%'", "''", "'a\\%b'", "'A_C'", "'%ö%'", "'%語'", "t",
                     "'a\\\\b'", "'%É%'"});
      case 's':
        return Pick({"ts", "ts", "ts", "dt", "CAST('2024-02-29 23:00:00' AS TIMESTAMP)"});
      case 'd':
        return Pick({"d", "d", "DATE '2000-02-29'"});
      case 'c':
        return Pick({"c", "c", "TIME '12:30:01.5'"});
      case 'j':
        return "j";
      case 'y':
        return Pick({"y", "y", "X'616263'"});
      case 'u':
        return "u";
      case 'e':
        return Pick({"e", "e", "'[1, 2, 2]'"});
      case 'k':
        return Pick({"0", "1", "2", "3", "4"});
      default:
        return Pick({"year", "month", "day", "hour", "minute", "second", "week", "quarter",
                     "decade", "millisecond", "century"});
    }
  }

  std::string Expr(char kind, int depth) {
    if (depth <= 0 || Chance(20)) return Leaf(kind);
    std::vector<const Shape*> fitting;
    for (const Shape& shape : kShapes) {
      if (shape.result == kind && !shape.may_fail) fitting.push_back(&shape);
    }
    return fitting.empty() ? Leaf(kind) : Expand(*fitting[Below(fitting.size())], depth - 1);
  }
  std::string Expand(const Shape& shape, int depth) {
    std::string out;
    for (const char* p = shape.text; *p != '\0'; ++p) {
      if (*p == '@' && std::isalpha(static_cast<unsigned char>(p[1])) != 0) {
        out += Expr(*++p, depth);
      } else {
        out += *p;
      }
    }
    return out;
  }

  // A value that can be shown and sorted by.
  std::string Shown() {
    return Expr(Pick({"b", "i", "w", "r", "z", "m", "t", "t", "s", "d", "c"})[0], 3);
  }

  std::string OrderKey() {
    return Shown() + Pick({"", " ASC", " DESC"}) + Pick({"", " NULLS FIRST", " NULLS LAST"});
  }

  // A statement; `*ordered` tells whether its rows have a place.
  std::string Statement(bool* ordered) {
    *ordered = true;
    const std::string where = Chance(75) ? " WHERE " + Expr('b', 3) : "";
    if (Chance(20)) {
      std::string list;
      for (size_t i = 0, n = 1 + Below(3); i < n; ++i) list += (i > 0 ? ", " : "") + Aggregate();
      return "SELECT " + list + " FROM v" + where;
    }
    std::string list;
    for (size_t i = 0, n = 1 + Below(3); i < n; ++i) list += (i > 0 ? ", " : "") + Shown();
    if (Chance(10)) {
      *ordered = false;
      return "SELECT DISTINCT " + list + " FROM v" + where;
    }
    std::string text = "SELECT id, " + list + " FROM v" + where;
    if (Chance(50)) {
      text += " ORDER BY " + OrderKey() + (Chance(30) ? ", " + OrderKey() : "") + ", id";
      if (Chance(50)) text += fmt::format(" LIMIT {}", Below(12));
      if (Chance(30)) text += fmt::format(" OFFSET {}", Below(8));
    }
    return text;
  }
  std::string Aggregate() {
    std::string call;
    switch (Below(7)) {
      case 0:
        call = "count(*)";
        break;
      case 1:
        call = "count(" + Shown() + ")";
        break;
      case 2:
        call = "sum(" + Expr(Pick({"i", "r", "m"})[0], 2) + ")";
        break;
      case 3:
        call = "avg(" + Expr(Pick({"i", "r", "m"})[0], 2) + ")";
        break;
      case 4:
        call = "min(" + Shown() + ")";
        break;
      case 5:
        call = "max(" + Shown() + ")";
        break;
      default:
        call = "count(DISTINCT " + Shown() + ")";
    }
    return call + (Chance(20) ? " FILTER (WHERE " + Expr('b', 2) + ")" : "");
  }

 private:
  std::string Pick(std::initializer_list<const char*> from) {
    return from.begin()[Below(from.size())];
  }
  std::mt19937_64 random_;
};

TEST_F(DifferentialTest, EveryShapeAloneMeansTheSameInBothEngines) {
  for (const Shape& shape : kShapes) {
    Generator generator(1);
    std::set<std::string> seen;
    for (int round = 0; round < 6; ++round) {
      const std::string expression = generator.Expand(shape, 0);
      if (!seen.insert(expression).second) continue;
      const std::string difference =
          shape.may_fail ? "" : Difference("SELECT id, " + expression + " AS e FROM v");
      EXPECT_TRUE(difference.empty()) << expression << "\n " << difference;
      if (!difference.empty()) break;
    }
  }
  EXPECT_LT(refused_ * 10, statements_);
}

TEST_F(DifferentialTest, WhatFailsForARowFailsInBothEngines) {
  for (const Shape& shape : kShapes) {
    if (!shape.may_fail) continue;
    Generator generator(2);
    for (int round = 0; round < 12; ++round) {
      const std::string text =
          fmt::format("SELECT {} AS e FROM v WHERE id = {}", generator.Expand(shape, 0),
                      static_cast<int>(generator.Below(kRows)) - 3);
      const std::string difference = Difference(text);
      EXPECT_TRUE(difference.empty()) << text << "\n " << difference;
      if (!difference.empty()) break;
    }
  }
  EXPECT_GT(failed_, statements_ / 20);
  EXPECT_LT(failed_, statements_ / 2);
  EXPECT_LT(refused_ * 10, statements_);
}

TEST_F(DifferentialTest, StatementsMadeAtRandomMeanTheSameInBothEngines) {
  for (uint64_t seed = 1; seed <= 1500; ++seed) {
    bool ordered = true;
    const std::string text = Generator(seed).Statement(&ordered);
    const std::string difference = Difference(text, ordered);
    EXPECT_TRUE(difference.empty()) << "seed " << seed << ": " << text << "\n " << difference;
  }
  EXPECT_LT(refused_ * 2, statements_);
  // Constants and ambiguous names in ORDER BY; nothing else can fail here.
  EXPECT_LT(failed_ * 10, statements_);
}

TEST_F(DifferentialTest, AggregatesOfEveryTypeMeanTheSameInBothEngines) {
  for (const char* column : {"b", "s",  "i",  "n", "w", "r", "z", "f", "m", "big",
                             "t", "ts", "dt", "d", "c", "j", "y", "u", "e", "NULL"}) {
    for (const char* call :
         {"count", "count(DISTINCT", "sum", "avg", "min", "max", "sum(DISTINCT"}) {
      const std::string open =
          std::string_view(call).find('(') == std::string_view::npos ? "(" : " ";
      for (const char* where : {"", " WHERE id % 3 = 0", " WHERE id > 100", " WHERE id % 5 = 2"}) {
        Compare(fmt::format("SELECT {}{}{}) AS e, count(*) FROM v{}", call, open, column, where));
      }
    }
  }
  EXPECT_LT(refused_ * 2, statements_);
}

TEST_F(DifferentialTest, NestedCallsStayShort) {
  for (const char* call : {"substr({}, 1, 3)", "lpad({}, 5)", "rpad({}, 5, 'x')",
                           "split_part({}, 'b', 1)", "mod({}, 7)", "(1 / {})", "(1.5 + {})",
                           "coalesce({}, t)", "CASE {} WHEN 'x' THEN 'y' END"}) {
    std::string nested = std::string_view(call).find("t)") != std::string_view::npos ||
                                 std::string_view(call).find('\'') != std::string_view::npos ||
                                 std::string_view(call).find("pad") != std::string_view::npos ||
                                 std::string_view(call).find("sub") != std::string_view::npos
                             ? "t"
                             : "5";
    for (int i = 0; i < 40; ++i) nested = fmt::format(fmt::runtime(call), nested);
    Compare("SELECT id, " + nested + " AS e FROM v WHERE id = 1");
  }
}

TEST_F(DifferentialTest, EveryFunctionOfBothEnginesHasAShape) {
  std::string all = " count( sum( avg( min( max( ";
  for (const Shape& shape : kShapes) all += fmt::format(" {}", shape.text);
  for (const expr::FunctionInfo& function : expr::AllFunctions()) {
    if (!function.row_engine || function.duckdb.empty()) continue;
    if (std::count(std::begin(kNotComparable), std::end(kNotComparable), function.name) > 0)
      continue;
    EXPECT_NE(all.find(fmt::format("{}(", function.name)), std::string::npos) << function.name;
  }
}

}  // namespace
}  // namespace kalamdb::query
