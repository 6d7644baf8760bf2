// file('path') in statements, and the forms that carry the files.
#include "client/file_calls.h"

#include <gtest/gtest.h>

namespace kalamdb::client {
namespace {

std::string Replaced(std::string_view sql) {
  Result<FileCalls> calls = TakeFileCalls(sql);
  EXPECT_TRUE(calls.ok()) << sql << calls.status().message();
  return calls.ok() ? calls->sql : "";
}

TEST(FileCalls, AreReplacedByPlaceholdersOfTheirNames) {
  Result<FileCalls> found = TakeFileCalls(
      "INSERT INTO t VALUES (1, file('/a/My Photo.PNG'), file('b/x.bin', 'image/png'))");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->sql, "INSERT INTO t VALUES (1, FILE(\"My_Photo.PNG\"), FILE(\"x.bin\"))");
  ASSERT_EQ(found->calls.size(), 2u);
  EXPECT_EQ(found->calls[0].path, "/a/My Photo.PNG");
  EXPECT_EQ(found->calls[0].mime, "");
  EXPECT_EQ(found->calls[1].placeholder, "x.bin");
  EXPECT_EQ(found->calls[1].mime, "image/png");
}

TEST(FileCalls, OfOneNameGetNumbers) {
  EXPECT_EQ(Replaced("SELECT file('a'), file('b/a'), file('a')"),
            "SELECT FILE(\"a\"), FILE(\"a_2\"), FILE(\"a_3\")");
  EXPECT_EQ(Replaced("SELECT file('a_2'), file('a'), file('a')"),
            "SELECT FILE(\"a_2\"), FILE(\"a\"), FILE(\"a_3\")");
}

TEST(FileCalls, AreNotLookedForInTextsNamesAndComments) {
  for (const char* sql : {
           "SELECT 'file(''x'')'",
           "SELECT \"file('x')\"",
           "SELECT 1 -- file('x')",
           "SELECT /* file('x') */ 1",
           "SELECT $$file('x')$$",
           "SELECT FILE('x')",
           "SELECT profile('x')",
           "SELECT file FROM t",
           "SELECT a.file(1)",
           "INSERT INTO file(id) VALUES (1)",
           "CREATE TABLE IF NOT EXISTS file(id INT)",
       }) {
    EXPECT_EQ(Replaced(sql), sql);
  }
}

TEST(FileCalls, KeepQuotesAndBlanksOfPaths) {
  Result<FileCalls> found = TakeFileCalls("SELECT file( 'it''s a file.txt' /* c */ )");
  ASSERT_TRUE(found.ok());
  EXPECT_EQ(found->calls[0].path, "it's a file.txt");
  EXPECT_EQ(found->calls[0].placeholder, "it_s_a_file.txt");
}

TEST(FileCalls, RefuseWhatIsNoCall) {
  for (const char* sql :
       {"SELECT file()", "SELECT file(1)", "SELECT file('a'", "SELECT file('a', 'b')",
        "SELECT file('a', 'b/c', 'd')", "SELECT file('')", "SELECT file('a/')",
        "SELECT file(\"a\")", "SELECT file('a", "SELECT file(E'a')",
        "SELECT file('a', 'b/c\r\nX: y')"}) {
    const Status status = TakeFileCalls(sql).status();
    EXPECT_EQ(status.message().substr(0, 35), "Parse error: Invalid file() syntax:") << sql;
  }
  std::string many = "SELECT 1";
  for (size_t i = 0; i <= kMaxFileCalls; ++i) many += ", file('a')";
  EXPECT_FALSE(TakeFileCalls(many).ok());
}

TEST(BuildForm, HoldsEveryPartBetweenItsBoundaries) {
  const Form form = BuildForm("SELECT 1", "[1]", "ns",
                              {{"a.txt", "a \"b\"\r\n.txt", "", std::string("x\0y", 3)}});
  const size_t at = form.content_type.find("boundary=");
  ASSERT_NE(at, std::string::npos);
  const std::string line = "--" + form.content_type.substr(at + 9);
  EXPECT_EQ(form.body,
            line + "\r\nContent-Disposition: form-data; name=\"sql\"\r\n\r\nSELECT 1\r\n" + line +
                "\r\nContent-Disposition: form-data; name=\"params\"\r\n\r\n[1]\r\n" + line +
                "\r\nContent-Disposition: form-data; name=\"namespace_id\"\r\n\r\nns\r\n" + line +
                "\r\nContent-Disposition: form-data; name=\"file:a.txt\"; "
                "filename=\"a \\\"b\\\"__.txt\"\r\nContent-Type: application/octet-stream\r\n\r\n" +
                std::string("x\0y", 3) + "\r\n" + line + "--\r\n");
  ASSERT_EQ(form.file_ends.size(), 1u);
  EXPECT_EQ(form.body.substr(form.file_ends[0] - 3, 3), std::string("x\0y", 3));
}

}  // namespace
}  // namespace kalamdb::client
