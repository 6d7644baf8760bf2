// What clients are told of an error, and who is told what.
#include "engine/error_reply.h"

#include <gtest/gtest.h>

namespace kalamdb::engine {
namespace {

struct Case {
  ErrorCode code;
  const char* message;
  ErrorPhase phase;
  int http_status;
  const char* wire_code;
  const char* to_user;
  const char* to_admin;
};

TEST(ErrorReply, HidesFromUsersWhatTellsOfOthers) {
  constexpr auto kRunning = ErrorPhase::kRunning, kPreflight = ErrorPhase::kPreflight;
  const Case cases[] = {
      {ErrorCode::kInvalidSql, "near x", kPreflight, 400, "INVALID_SQL",
       "SQL statement is invalid or not allowed", "near x"},
      {ErrorCode::kInvalidSql, "SQL query too long: 2 bytes", kPreflight, 400, "INVALID_SQL",
       "SQL query too long: 2 bytes", "SQL query too long: 2 bytes"},
      {ErrorCode::kBatchParse, "open quote", kPreflight, 400, "BATCH_PARSE_ERROR",
       "Failed to parse SQL batch", "open quote"},
      {ErrorCode::kTableNotFound, "a.b", kRunning, 400, "SQL_EXECUTION_ERROR",
       "SQL statement failed", "Statement 2 failed: Table not found: a.b"},
      {ErrorCode::kNotFound, "Table 'b' not found in namespace 'a'", kRunning, 400,
       "SQL_EXECUTION_ERROR", "SQL statement failed",
       "Statement 2 failed: Not found: Table 'b' not found in namespace 'a'"},
      {ErrorCode::kExecution, "it broke", kRunning, 400, "SQL_EXECUTION_ERROR",
       "SQL statement failed", "Statement 2 failed: Execution error: it broke"},
      {ErrorCode::kExecution, "Column x is bad", kRunning, 400, "SQL_EXECUTION_ERROR",
       "Statement 2 failed: Execution error: Column x is bad",
       "Statement 2 failed: Execution error: Column x is bad"},
      {ErrorCode::kStorage, "/data/x: no space", kRunning, 400, "SQL_EXECUTION_ERROR",
       "SQL statement failed", "Statement 2 failed: Storage error: /data/x: no space"},
      {ErrorCode::kInternal, "at 0x1", kRunning, 500, "INTERNAL_ERROR", "SQL request failed",
       "Statement 2 failed: Internal error: at 0x1"},
      {ErrorCode::kCorruption, "key 17", kRunning, 500, "INTERNAL_ERROR", "SQL request failed",
       "Statement 2 failed: Internal error: key 17"},
      {ErrorCode::kPermissionDenied, "no", kRunning, 403, "PERMISSION_DENIED",
       "Statement 2 failed: Permission denied: no", "Statement 2 failed: Permission denied: no"},
      {ErrorCode::kUnauthorized, "no", kPreflight, 403, "PERMISSION_DENIED", "Unauthorized: no",
       "Unauthorized: no"},
      {ErrorCode::kUnavailable, "full", kPreflight, 503, "INTERNAL_ERROR", "full", "full"},
  };
  for (const Case& c : cases) {
    for (const Role role : {Role::kUser, Role::kService, Role::kDba, Role::kSystem}) {
      const ErrorReply reply =
          MakeErrorReply(Status(c.code, c.message), c.phase, 2, role, "SELECT 1", "SELECT 1");
      EXPECT_EQ(reply.http_status, c.http_status) << c.message;
      EXPECT_EQ(reply.code, c.wire_code) << c.message;
      EXPECT_EQ(reply.message, IsAdmin(role) ? c.to_admin : c.to_user);
      EXPECT_EQ(reply.details.empty(), !IsAdmin(role) || c.phase == kPreflight) << c.message;
    }
  }
}

TEST(ErrorReply, PlacesAnErrorInTheWholeRequestByCharacters) {
  constexpr std::string_view kRequest = "SELECT 1;\nSELECT '\xc3\xa9', nope";
  const auto details = [&](ErrorCode code, ErrorPhase phase, Role role, int64_t position) {
    return MakeErrorReply(Status(code, "x").At(position), phase, 2, role, "SELECT ...", kRequest)
        .details;
  };
  constexpr auto kRunning = ErrorPhase::kRunning, kPreflight = ErrorPhase::kPreflight;
  const auto nope = static_cast<int64_t>(kRequest.find("nope"));
  EXPECT_EQ(details(ErrorCode::kColumnNotFound, kRunning, Role::kDba, nope),
            "line 2, column 13: SELECT ...");
  EXPECT_EQ(details(ErrorCode::kColumnNotFound, kRunning, Role::kUser, nope), "line 2, column 13");
  EXPECT_EQ(details(ErrorCode::kInvalidSql, kPreflight, Role::kUser, nope), "line 2, column 13");
  EXPECT_EQ(details(ErrorCode::kInvalidSql, kPreflight, Role::kDba, nope), "line 2, column 13");
  // Which table is unknown stays hidden.
  EXPECT_EQ(details(ErrorCode::kTableNotFound, kRunning, Role::kUser, nope), "");
  EXPECT_EQ(details(ErrorCode::kColumnNotFound, kRunning, Role::kUser, -1), "");
  EXPECT_EQ(details(ErrorCode::kColumnNotFound, kRunning, Role::kUser, 1000), "");
}

TEST(ErrorReply, TheBodyEscapesAndRounds) {
  ErrorReply reply;
  reply.code = "INVALID_SQL";
  reply.message = "a \"b\"\n";
  EXPECT_EQ(
      ErrorBody(reply, 1.23456),
      R"({"status":"error","results":[],"took":1.235,"error":{"code":"INVALID_SQL","message":"a \"b\"\n"}})");
}

TEST(RedactSecrets, BlanksPasswordsHoweverTheyAreWritten) {
  for (const char* sql : {
           "CREATE USER a WITH PASSWORD 'hush hush'",
           "create user a with password='hush hush'",
           "ALTER USER a SET PASSWORD   \n 'hush hush'",
           "x IDENTIFIED BY 'hush hush'",
           "x IDENTIFIED  \t by 'hush hush'",
           "x PASSWORD /* c */ 'hush hush'",
           "x PASSWORD -- c\n 'hush hush'",
           "x PASSWORD \"hush hush\"",
           "x PASSWORD E'a\\'hush hush'",
           "x PASSWORD 'a''hush hush'",
           "x PASSWORD $$hush hush$$",
           "x PASSWORD $t$hush hush$t$",
           "x PASSWORD 'hush hush",
           "x WITH OAUTH '{\"subject\":\"hush hush\"}'",
           "A PASSWORD 'x\\'; B PASSWORD 'hush hush'",
           "INSERT INTO t VALUES ('the password'); CREATE USER a WITH PASSWORD 'hush hush'",
           "-- don't\nx PASSWORD 'hush hush'",
       }) {
    const std::string out = RedactSecrets(sql);
    EXPECT_EQ(out.find("hush"), std::string::npos) << out;
    EXPECT_NE(out.find("'[REDACTED]'"), std::string::npos) << out;
  }
}

TEST(RedactSecrets, LeavesTheRestAlone) {
  for (const char* sql :
       {"", "SELECT 'password' FROM t", "SELECT my_password, 'x' FROM t", "SELECT oauths FROM 'x'",
        "SELECT * FROM t WHERE password = $1 AND x = $2"}) {
    EXPECT_EQ(RedactSecrets(sql), sql);
  }
  EXPECT_EQ(RedactSecrets("A PASSWORD 'x' ROLE user"), "A PASSWORD '[REDACTED]' ROLE user");
}

}  // namespace
}  // namespace kalamdb::engine
