#include "build.h"

namespace kalamdb::expr::test {
namespace {

ExprPtr Doc(std::string_view text) { return Typed(text, TypeKind::kJson); }

TEST(JsonOperators, WalkObjectsAndArrays) {
  const ExprPtr doc =
      Doc(R"({"a":{"b":[1, {"c" : "x"}]}, "n":null, "t":"q\"\u00e9", "d":1, "d":2})");
  EXPECT_EQ(Eval(Call("->", Call("->", Call("->", doc, Text("a")), Text("b")), Int(0))), "1");
  EXPECT_EQ(ValueOf("->", Call("->", doc, Text("a")), Text("b")), R"([1,{"c":"x"}])");
  EXPECT_EQ(ValueOf("->", doc, Text("n")), "null");
  EXPECT_EQ(ValueOf("->>", doc, Text("n")), "NULL");
  EXPECT_EQ(ValueOf("->", doc, Text("t")), R"("q\"\u00e9")");
  EXPECT_EQ(ValueOf("->>", doc, Text("t")), "q\"é");
  EXPECT_EQ(ValueOf("->", doc, Text("missing")), "NULL");
  EXPECT_EQ(ValueOf("->", doc, Text("d")), "2");
  EXPECT_EQ(ValueOf("->", doc, Int(0)), "NULL");
  EXPECT_EQ(ValueOf("->", Doc("[5]"), Text("0")), "NULL");
  EXPECT_EQ(ValueOf("->", Doc("[1,2,3]"), Int(-1)), "3");
  EXPECT_EQ(ValueOf("->", Doc("[1,2,3]"), Int(-4)), "NULL");
  EXPECT_EQ(ValueOf("->", Doc("[1,2,3]"), Big(INT64_MIN)), "NULL");
  EXPECT_EQ(ValueOf("#>", doc, Text("{a,b,1}")), R"({"c":"x"})");
  EXPECT_EQ(ValueOf("#>>", doc, Text("{a,b,1,c}")), "x");
  EXPECT_EQ(ValueOf("#>>", doc, Text("{a, \"b\" ,-1,c}")), "x");
  EXPECT_EQ(ValueOf("#>", doc, Text("a")), "error: malformed array literal: \"a\"");
}

TEST(JsonOperators, KeepNumbersAsTheyWereWritten) {
  const ExprPtr doc =
      Doc(R"({"big":9007199254740993,"huge":123456789012345678901234567890,"f":1.50,"e":1e400})");
  EXPECT_EQ(ValueOf("->>", doc, Text("big")), "9007199254740993");
  EXPECT_EQ(ValueOf("->>", doc, Text("huge")), "123456789012345678901234567890");
  EXPECT_EQ(ValueOf("->>", doc, Text("f")), "1.50");
  EXPECT_EQ(ValueOf("->>", doc, Text("e")), "1e400");
  EXPECT_EQ(ValueOf("json_get_int", doc, Text("big")), "9007199254740993");
  EXPECT_EQ(ValueOf("json_get_int", doc, Text("huge")), "NULL");
}

TEST(JsonOperators, KeyExistence) {
  EXPECT_EQ(ValueOf("?", Doc(R"({"a":null})"), Text("a")), "true");
  EXPECT_EQ(ValueOf("?", Doc(R"({"a":1})"), Text("b")), "false");
  EXPECT_EQ(ValueOf("?", Doc(R"(["a","b"])"), Text("b")), "true");
  EXPECT_EQ(ValueOf("?", Doc(R"({"\u0061":1})"), Text("a")), "true");
  EXPECT_EQ(ValueOf("json_contains", Doc(R"({"a":[1]})"), Text("a"), Int(0)), "true");
  EXPECT_EQ(ValueOf("json_contains", Doc(R"({"a":[1]})"), Text("a"), Int(1)), "false");
}

TEST(JsonOperators, ContainmentIsThatOfJsonb) {
  struct Case {
    const char* whole;
    const char* part;
    bool contained;
  };
  const Case cases[] = {
      {R"({"a":{"b":1,"c":2},"d":[1,2,3]})", R"({"a":{"b":1},"d":[3,1]})", true},
      {"[1,2,[1,3]]", "[1,3]", false},
      {"[1,2,[1,3]]", "[[1,3]]", true},
      {R"(["foo","bar"])", R"("bar")", true},
      {R"("bar")", R"(["bar"])", false},
      {R"({"a":{"b":1}})", R"({"b":1})", false},
      {"[1,2,2]", "[2,2,2]", true},
      {"1", "1.0", true},
      {"[[1]]", "1", false},
      {"{}", "{}", true},
      {R"([{"a":1,"b":2}])", R"([{"a":1}])", true},
      {R"({"a":[]})", R"({"a":{}})", false},
  };
  for (const Case& c : cases) {
    EXPECT_EQ(ValueOf("@>", Doc(c.whole), Doc(c.part)), c.contained ? "true" : "false")
        << c.whole << " @> " << c.part;
  }
}

TEST(JsonFunctions, GiveNullForTheWrongKind) {
  const ExprPtr doc = Doc(R"({"i":7,"f":1.5,"s":"x","b":true,"a":[1, 2],"o":{"k":1},"n":null})");
  EXPECT_EQ(ValueOf("json_get_int", doc, Text("i")), "7");
  EXPECT_EQ(ValueOf("json_get_int", doc, Text("f")), "NULL");
  EXPECT_EQ(ValueOf("json_get_float", doc, Text("f")), "1.5");
  EXPECT_EQ(ValueOf("json_get_float", doc, Text("i")), "7");
  EXPECT_EQ(ValueOf("json_get_float", doc, Text("s")), "NULL");
  EXPECT_EQ(ValueOf("json_get_str", doc, Text("s")), "x");
  EXPECT_EQ(ValueOf("json_get_str", doc, Text("i")), "NULL");
  EXPECT_EQ(ValueOf("json_get_bool", doc, Text("b")), "true");
  EXPECT_EQ(ValueOf("json_get_bool", doc, Text("i")), "NULL");
  EXPECT_EQ(ValueOf("json_get_array", doc, Text("a")), "[1,2]");
  EXPECT_EQ(ValueOf("json_get_array", doc, Text("o")), "NULL");
  EXPECT_EQ(ValueOf("json_get_json", doc, Text("o"), Text("k")), "1");
  EXPECT_EQ(ValueOf("json_as_text", doc, Text("n")), "NULL");
  EXPECT_EQ(ValueOf("json_length", doc), "7");
  EXPECT_EQ(ValueOf("json_length", doc, Text("a")), "2");
  EXPECT_EQ(ValueOf("json_length", doc, Text("i")), "NULL");
  EXPECT_EQ(ValueOf("json_object_keys", doc, Text("o")), R"(["k"])");
  EXPECT_EQ(ValueOf("json_typeof", Doc("[]")), "array");
}

TEST(JsonFunctions, TextThatIsNoJsonIsNull) {
  for (const char* bad :
       {"", "bad", "{", "[1,]", "{\"a\":}", "{\"a\" 1}", "01", "1.", "+1", "\"\x01\"", "\"\\x\"",
        "\"\\u12g4\"", "[1] 2", "nul", "{a:1}", "'a'", "-"}) {
    EXPECT_EQ(ValueOf("->", Text(bad), Text("a")), "NULL") << bad;
    EXPECT_EQ(ValueOf("json_length", Text(bad)), "NULL") << bad;
    EXPECT_EQ(ValueOf("@>", Text(bad), Text("1")), "NULL") << bad;
    EXPECT_EQ(ValueOf("json_valid", Text(bad)), "false") << bad;
  }
  EXPECT_EQ(ValueOf("json_valid", Text(" { \"a\" : [ -1.5e+3 , \"\\ud83d\\ude00\" ] } ")), "true");
}

TEST(JsonFunctions, NestingIsBounded) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  EXPECT_EQ(ValueOf("json_length", Text(deep)), "NULL");
  EXPECT_EQ(ValueOf("@>", Text(deep), Text("1")), "NULL");
}

TEST(JsonFunctions, ResolveEscapes) {
  EXPECT_EQ(ValueOf("->>", Doc(R"(["\ud83d\ude00 \n\/\\"])"), Int(0)), "\xF0\x9F\x98\x80 \n/\\");
  EXPECT_EQ(ValueOf("->>", Doc(R"(["\ud83d"])"), Int(0)), "\xEF\xBF\xBD");
  EXPECT_EQ(ValueOf("->>", Doc(R"(["\ud83d\u0041"])"), Int(0)),
            "\xEF\xBF\xBD"
            "A");
}

TEST(JsonFunctions, Build) {
  EXPECT_EQ(
      ValueOf("json_build_object", Text("a"), Int(1), Text("b"), Null(), Text("c"), Doc("[1]")),
      R"({"a":1,"b":null,"c":[1]})");
  EXPECT_EQ(ValueOf("json_build_array", Text("x\"y"), Bool(true), Real(1.5)),
            R"(["x\"y",true,1.5])");
  EXPECT_EQ(ValueOf("json_from_scalar", Text("x")), R"("x")");
  EXPECT_EQ(ValueOf("json_from_scalar", Int(5)), "5");
  EXPECT_EQ(ValueOf("json_build_object", Text("a")),
            "error: argument list must have even number of elements");
}

TEST(JsonOperators, TakeParametersAsKeys) {
  Evaluation e;
  const Value params[] = {Value::Text("a"), Value(Datum::BigInt(0))};
  e.frame.params = params;
  const ExprPtr doc = Doc(R"({"a":["x"]})");
  const ExprPtr by_key = Call("->", doc, MakeParam(0, Of(TypeKind::kText)));
  EXPECT_EQ(e.Run(*Call("->>", by_key, MakeParam(1, Of(TypeKind::kBigInt)))), "x");
}

}  // namespace
}  // namespace kalamdb::expr::test
