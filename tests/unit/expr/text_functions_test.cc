#include "build.h"

namespace kalamdb::expr::test {
namespace {

// The expected values of this file are PostgreSQL's answers.

TEST(TextFunctions, PartsAreCountedInCharacters) {
  EXPECT_EQ(ValueOf("substr", Text("hello"), Int(0), Int(3)), "he");
  EXPECT_EQ(ValueOf("substr", Text("hello"), Int(-2), Int(4)), "h");
  EXPECT_EQ(ValueOf("substr", Text("hello"), Int(2)), "ello");
  EXPECT_EQ(ValueOf("substring", Text("añb"), Int(2), Int(1)), "ñ");
  EXPECT_EQ(ValueOf("substr", Text("hello"), Big(INT64_MAX)), "");
  EXPECT_EQ(ValueOf("substr", Text("hello"), Int(3), Big(INT64_MAX)), "llo");
  EXPECT_EQ(ValueOf("substr", Text("hello"), Big(INT64_MIN), Int(3)), "");
  EXPECT_EQ(ValueOf("substr", Text("hello"), Int(2), Int(-1)),
            "error: negative substring length not allowed");
  EXPECT_EQ(ValueOf("left", Text("hello"), Int(-2)), "hel");
  EXPECT_EQ(ValueOf("right", Text("hello"), Int(-2)), "llo");
  EXPECT_EQ(ValueOf("left", Text("añb"), Int(2)), "añ");
  EXPECT_EQ(ValueOf("right", Text("añb"), Int(2)), "ñb");
  EXPECT_EQ(ValueOf("left", Text("abc"), Big(INT64_MIN)), "");
  EXPECT_EQ(ValueOf("right", Text("abc"), Big(INT64_MIN)), "");
  EXPECT_EQ(ValueOf("right", Text("abc"), Big(INT64_MAX)), "abc");
  EXPECT_EQ(ValueOf("length", Text("añb")), "3");
  EXPECT_EQ(ValueOf("octet_length", Text("añb")), "4");
  EXPECT_EQ(ValueOf("bit_length", Text("é")), "16");
}

TEST(TextFunctions, PadAndTrim) {
  EXPECT_EQ(ValueOf("lpad", Text("hi"), Int(5), Text("xy")), "xyxhi");
  EXPECT_EQ(ValueOf("rpad", Text("hi"), Int(5), Text("xy")), "hixyx");
  EXPECT_EQ(ValueOf("lpad", Text("hello"), Int(2)), "he");
  EXPECT_EQ(ValueOf("rpad", Text("é"), Int(3), Text("ñü")), "éñü");
  EXPECT_EQ(ValueOf("lpad", Text("hi"), Int(5), Text("")), "hi");
  EXPECT_EQ(ValueOf("lpad", Text("hi"), Int(-1)), "");
  EXPECT_EQ(ValueOf("lpad", Text("hi"), Int(INT32_MAX)), "error: requested length too large");
  EXPECT_EQ(ValueOf("btrim", Text("xyxhixx"), Text("xy")), "hi");
  EXPECT_EQ(ValueOf("ltrim", Text("xxa"), Text("x")), "a");
  EXPECT_EQ(ValueOf("rtrim", Text("éaé"), Text("é")), "éa");
  EXPECT_EQ(ValueOf("trim", Text("  a b ")), "a b");
  EXPECT_EQ(ValueOf("btrim", Text("abc"), Text("")), "abc");
  EXPECT_EQ(ValueOf("btrim", Text("日a日"), Text("日")), "a");
}

TEST(TextFunctions, SearchAndReplace) {
  EXPECT_EQ(ValueOf("strpos", Text("añbc"), Text("b")), "3");
  EXPECT_EQ(ValueOf("strpos", Text("abc"), Text("")), "1");
  EXPECT_EQ(ValueOf("position", Text("abc"), Text("c")), "3");
  EXPECT_EQ(ValueOf("strpos", Text(""), Text("a")), "0");
  EXPECT_EQ(ValueOf("replace", Text("aXbX"), Text("X"), Text("yy")), "ayybyy");
  EXPECT_EQ(ValueOf("replace", Text("abc"), Text(""), Text("x")), "abc");
  EXPECT_EQ(ValueOf("translate", Text("12345"), Text("143"), Text("ax")), "a2x5");
  EXPECT_EQ(ValueOf("split_part", Text("a,b,c"), Text(","), Int(2)), "b");
  EXPECT_EQ(ValueOf("split_part", Text("a,b,c"), Text(","), Int(-1)), "c");
  EXPECT_EQ(ValueOf("split_part", Text("a,b"), Text(","), Int(5)), "");
  EXPECT_EQ(ValueOf("split_part", Text("a,b"), Text(""), Int(1)), "a,b");
  EXPECT_EQ(ValueOf("split_part", Text("a,b"), Text(","), Int(-3)), "");
  EXPECT_EQ(ValueOf("split_part", Text("a"), Text(","), Int(0)),
            "error: field position must not be zero");
  EXPECT_EQ(ValueOf("starts_with", Text("abc"), Text("ab")), "true");
  EXPECT_EQ(ValueOf("overlay", Text("abcdef"), Text("XY"), Int(2), Int(3)), "aXYef");
  EXPECT_EQ(ValueOf("overlay", Text("abc"), Text("Z"), Int(2)), "aZc");
}

TEST(TextFunctions, CaseAndOrder) {
  EXPECT_EQ(ValueOf("upper", Text("straße éσя")), "STRAßE ÉΣЯ");
  EXPECT_EQ(ValueOf("lower", Text("ÀÉΣЯ")), "àéσя");
  EXPECT_EQ(ValueOf("initcap", Text("hi THERE o'neil x2y éa")), "Hi There O'Neil X2y Éa");
  EXPECT_EQ(ValueOf("reverse", Text("añb")), "bña");
  EXPECT_EQ(ValueOf("repeat", Text("ab"), Int(3)), "ababab");
  EXPECT_EQ(ValueOf("repeat", Text("a"), Int(-1)), "");
  EXPECT_EQ(ValueOf("repeat", Text("ab"), Big(INT64_MAX)), "error: requested length too large");
}

TEST(TextFunctions, ConcatSkipsNullsAndTheOperatorDoesNot) {
  EXPECT_EQ(ValueOf("concat", Text("a"), Null(), Int(1), Real(2.5)), "a12.5");
  EXPECT_EQ(ValueOf("concat_ws", Text(","), Text("a"), Null(), Int(3)), "a,3");
  EXPECT_EQ(ValueOf("concat_ws", Null(), Text("a")), "NULL");
  EXPECT_EQ(ValueOf("||", Text("a"), Int(1)), "a1");
  EXPECT_EQ(ValueOf("||", Text("a"), Null()), "NULL");
}

TEST(TextFunctions, CodesAndEncodings) {
  EXPECT_EQ(ValueOf("ascii", Text("é")), "233");
  EXPECT_EQ(ValueOf("ascii", Text("")), "0");
  EXPECT_EQ(ValueOf("chr", Int(233)), "é");
  EXPECT_EQ(ValueOf("chr", Int(0)), "error: null character not permitted");
  EXPECT_EQ(ValueOf("chr", Int(0xD800)),
            "error: requested character not valid for encoding: 55296");
  EXPECT_EQ(ValueOf("to_hex", Int(255)), "ff");
  EXPECT_EQ(ValueOf("to_hex", Int(-1)), "ffffffff");
  EXPECT_EQ(ValueOf("encode", Text("hello"), Text("base64")), "aGVsbG8=");
  EXPECT_EQ(ValueOf("encode",
                    Text(std::string("\x00\xff"
                                     "A",
                                     3)),
                    Text("hex")),
            "00ff41");
  EXPECT_EQ(ValueOf("encode",
                    Text(std::string("\x00\xff"
                                     "A",
                                     3)),
                    Text("escape")),
            "\\000\\377A");
  EXPECT_EQ(ValueOf("decode", Text("aGVsbG8="), Text("BASE64")), "\\x68656c6c6f");
  EXPECT_EQ(ValueOf("decode", Text("0aFF"), Text("hex")), "\\x0aff");
  EXPECT_EQ(ValueOf("decode", Text("0a F"), Text("hex")),
            "error: invalid hexadecimal data: odd number of digits");
  EXPECT_EQ(ValueOf("decode", Text("a==="), Text("base64")), "error: invalid base64 end sequence");
  EXPECT_EQ(ValueOf("encode", Text(std::string(60, 'a')), Text("base64")),
            "YWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFhYWFh\nYWFh");
}

TEST(TextFunctions, FormatFillsItsPlaces) {
  EXPECT_EQ(ValueOf("format", Text("%s-%I-%L-%%"), Text("a"), Text("B c"), Text("it's")),
            "a-\"B c\"-'it''s'-%");
  EXPECT_EQ(ValueOf("format", Text("%2$s %1$s"), Text("a"), Text("b")), "b a");
  EXPECT_EQ(ValueOf("format", Text("%s|%L"), Null(), Null()), "|NULL");
  EXPECT_EQ(ValueOf("format", Text("%s")), "error: too few arguments for format()");
  EXPECT_EQ(ValueOf("format", Text("%")), "error: unterminated format() type specifier");
}

TEST(TextFunctions, ANullArgumentGivesNull) {
  EXPECT_EQ(ValueOf("upper", Null()), "NULL");
  EXPECT_EQ(ValueOf("substr", Text("a"), Null()), "NULL");
  EXPECT_EQ(ValueOf("replace", Text("a"), Text("b"), Null()), "NULL");
}

TEST(TextFunctions, BytesThatAreNoTextNeverCrash) {
  const ExprPtr odd = Text("a\xc3\x28\xff");
  for (const char* name : {"upper", "lower", "initcap", "reverse", "length", "trim", "ascii"}) {
    EXPECT_EQ(ValueOf(name, odd).find("error"), std::string::npos) << name;
  }
  EXPECT_EQ(ValueOf("length", odd), "4");
}

TEST(Functions, UnknownOnesAreNamed) {
  const Status s = Refused("no_such", Int(1));
  EXPECT_EQ(s.code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(s.message(), "Invalid function 'no_such'.");
  EXPECT_EQ(Refused("upper").code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(Refused("upper", Text("a"), Text("b")).code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(Refused("abs", Column(0, TypeKind::kText)).code(), ErrorCode::kInvalidSql);
  EXPECT_EQ(Refused("levenshtein", Text("a"), Text("b")).code(), ErrorCode::kNeedsAnalytics);
  EXPECT_EQ(Refused("sum", Int(1)).code(), ErrorCode::kNeedsAnalytics);
}

}  // namespace
}  // namespace kalamdb::expr::test
