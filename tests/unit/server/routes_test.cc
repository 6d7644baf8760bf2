// The routes' own rules: SQL bodies, authentication, bootstrap.
#include "server_fixture.h"

namespace kalamdb::server {
namespace {

class Routes : public ServerTest {
 protected:
  HttpResponse Ask(const std::string& request) {
    Client c(port());
    return c.Ask(request);
  }
};

bool Has(const HttpResponse& r, std::string_view text) {
  return r.body().find(text) != std::string::npos;
}

TEST_F(Routes, SqlChecksTokenThenRateThenBody) {
  config_.rate_limit.max_queries_per_sec = 2;
  Start();
  Client c(port());
  HttpResponse r = c.Ask(Post("/v1/api/sql", "not json"));
  EXPECT_EQ(r.result_int(), 401U);
  EXPECT_TRUE(Has(r, R"("code":"MISSING_AUTHORIZATION","message":"Authentication required")"));
  r = c.Ask(Post("/v1/api/sql", "{}", "Authorization: Basic eDp5\r\n"));
  EXPECT_EQ(r.result_int(), 401U);
  EXPECT_TRUE(Has(r, "INVALID_CREDENTIALS"));
  EXPECT_EQ(c.Ask(Post("/v1/api/sql", "not json", Bearer())).result_int(), 400U);
  EXPECT_EQ(c.Ask(Sql("echo a")).result_int(), 200U);
  r = c.Ask(Post("/v1/api/sql", "not json", Bearer()));
  EXPECT_EQ(r.result_int(), 429U);
  EXPECT_TRUE(Has(r, "Too many queries per second. Please slow down."));
}

TEST_F(Routes, SqlBodiesCarryTypedParameters) {
  Start();
  const HttpResponse r = Ask(Post(
      "/v1/api/sql",
      R"({"other":{"deep":[1,{"sql":"x"}]},"sql":"echo \u00e9\n","namespace_id":"app",)"
      R"("params":[9007199254740993,-9223372036854775808,1.5,0.1,18446744073709551615,"t\"x",true,null]})",
      Bearer() + "X-Request-ID: req-7\r\n"));
  ASSERT_EQ(r.result_int(), 200U) << r.body();
  const engine::SqlRequest got = sql_.last();
  EXPECT_EQ(got.sql, "echo \u00e9\n");
  EXPECT_EQ(got.ns, "app");
  EXPECT_EQ(got.user, "alice");
  EXPECT_EQ(got.role, Role::kUser);
  EXPECT_EQ(got.client_ip, "127.0.0.1");
  EXPECT_EQ(got.request_id, "req-7");
  EXPECT_TRUE(got.has_params);
  ASSERT_EQ(got.params.size(), 8U);
  EXPECT_EQ(got.params[0].datum().i, 9007199254740993);
  EXPECT_EQ(got.params[0].datum().kind, TypeKind::kBigInt);
  EXPECT_EQ(got.params[1].datum().i, INT64_MIN);
  EXPECT_EQ(got.params[2].datum().d, 1.5);
  EXPECT_EQ(got.params[3].datum().d, 0.1);
  EXPECT_EQ(got.params[4].datum().kind, TypeKind::kDouble);
  EXPECT_EQ(got.params[5].datum().text(), "t\"x");
  EXPECT_TRUE(got.params[6].datum().b);
  EXPECT_TRUE(got.params[7].null());
}

TEST_F(Routes, MalformedSqlBodiesAreRefused) {
  Start();
  const std::string deep = std::string(40, '[') + std::string(40, ']');
  for (const std::string& bad :
       {std::string(""), std::string("[]"), std::string("{}"), std::string(R"({"sql":1})"),
        std::string(R"({"sql":"a","sql":"b"})"), std::string(R"({"sql":"a"} x)"),
        std::string(R"({"sql":"a","params":{}})"), std::string(R"({"sql":"a","namespace_id":7})"),
        std::string(R"({"sql":"a","namespace_id":""})"),
        std::string(R"({"sql":"a","namespace_id":"../x"})"), std::string("{\"sql\":\"\xff\"}"),
        R"({"sql":"a","x":)" + deep + "}"}) {
    const HttpResponse r = Ask(Post("/v1/api/sql", bad, Bearer()));
    EXPECT_EQ(r.result_int(), 400U) << bad;
    EXPECT_TRUE(Has(r, "INVALID_INPUT")) << r.body();
  }
  HttpResponse r = Ask(Post("/v1/api/sql", R"({"sql":"a","params":[1,[2]]})", Bearer()));
  EXPECT_TRUE(
      Has(r, R"("INVALID_PARAMETER","message":"Parameter $2 invalid: Array parameters not yet)"))
      << r.body();
  r = Ask(Post("/v1/api/sql", "{\"sql\":\"" + std::string(1048577, 'x') + "\"}", Bearer()));
  EXPECT_TRUE(Has(r, "SQL query too long: 1048577 bytes (maximum 1048576 bytes)"));
  EXPECT_TRUE(Has(r, "INVALID_SQL"));
  r = Ask("POST /v1/api/sql HTTP/1.1\r\n" + Bearer() +
          "Content-Type: text/plain\r\nContent-Length: 2\r\n\r\n{}");
  EXPECT_TRUE(Has(r, "INVALID_INPUT"));
  EXPECT_EQ(sql_.executed(), 0);
}

TEST_F(Routes, AFormWithoutFilesWorksLikeJson) {
  Start();
  auto form = [&](const std::string& parts) {
    const std::string body = parts + "--XX--\r\n";
    return Ask(
        fmt::format("POST /v1/api/sql HTTP/1.1\r\n{}Content-Type: multipart/form-data; "
                    "boundary=\"XX\"\r\nContent-Length: {}\r\n\r\n{}",
                    Bearer(), body.size(), body));
  };
  auto part = [](std::string_view name, std::string_view content) {
    return fmt::format("--XX\r\nContent-Disposition: form-data; name=\"{}\"\r\n\r\n{}\r\n", name,
                       content);
  };
  HttpResponse r = form(part("sql", "echo form") + part("params", "[1,\"b\"]") + part("else", ""));
  EXPECT_EQ(r.body(), R"({"echo":"form"})");
  EXPECT_EQ(sql_.last().params.size(), 2U);
  r = form(part("sql", "x") + part("params", "{}"));
  EXPECT_TRUE(Has(r, "INVALID_PARAMETER"));
  r = form(part("params", "[]"));
  EXPECT_TRUE(Has(r, R"("EMPTY_SQL","message":"SQL statement is required")"));
  r = form(part("sql", "x") + part("file:a", "bytes"));
  EXPECT_TRUE(Has(r, "File uploads are not supported yet"));
  const std::string cut = part("sql", "echo form");
  r =
      Ask(fmt::format("POST /v1/api/sql HTTP/1.1\r\n{}Content-Type: multipart/form-data; "
                      "boundary=XX\r\nContent-Length: {}\r\n\r\n{}",
                      Bearer(), cut.size() - 4, cut.substr(0, cut.size() - 4)));
  EXPECT_TRUE(Has(r, "INVALID_INPUT"));
}

TEST_F(Routes, LoginAnswersTokensCookiesAndTheUser) {
  Start();
  Client c(port());
  HttpResponse r = c.Ask(Post("/v1/api/auth/login", R"({"user":"alice","password":"wonderland"})"));
  ASSERT_EQ(r.result_int(), 200U) << r.body();
  EXPECT_TRUE(
      r.body().starts_with(R"({"user":{"id":"alice","role":"user","email":null,"created_at":"20)"))
      << r.body();
  EXPECT_TRUE(Has(r, R"("admin_ui_access":false,"expires_at":")"));
  EXPECT_EQ(r.count("set-cookie"), 2U);
  EXPECT_NE(r["set-cookie"].find("HttpOnly; SameSite=Strict; Path=/; Expires="), std::string::npos);
  EXPECT_EQ(r["set-cookie"].find("Secure"), std::string::npos);
  const std::string cookie(r["set-cookie"].substr(0, r["set-cookie"].find(';')));
  std::string refresh;
  for (const auto& f : r) {
    if (f.value().starts_with("kalamdb_refresh="))
      refresh = f.value().substr(0, f.value().find(';'));
  }
  r = c.Ask(Get("/v1/api/auth/me", "Cookie: a=b; " + cookie + "\r\n"));
  EXPECT_EQ(r.result_int(), 200U);
  EXPECT_TRUE(Has(r, R"("id":"alice")"));
  r = c.Ask(
      Post("/v1/api/auth/refresh", "", "Cookie: " + refresh + "\r\nX-Forwarded-Proto: https\r\n"));
  EXPECT_EQ(r.result_int(), 200U) << r.body();
  EXPECT_NE(r["set-cookie"].find("; Secure"), std::string::npos);
  r = c.Ask(Post("/v1/api/auth/refresh", "", "Cookie: kalamdb_refresh=\r\n" + Bearer()));
  EXPECT_TRUE(Has(r, "No refresh token found"));
  r = c.Ask(Post("/v1/api/auth/refresh", "", Bearer()));
  EXPECT_TRUE(Has(r, "Refresh endpoint requires a refresh token")) << r.body();
  r = c.Ask(Post("/v1/api/auth/logout", ""));
  EXPECT_EQ(r.body(), R"({"message":"Logged out successfully"})");
  EXPECT_NE(r["set-cookie"].find("kalamdb_auth=; "), std::string::npos);
  EXPECT_NE(r["set-cookie"].find("Expires=Thu, 01 Jan 1970 00:00:00 GMT"), std::string::npos);
}

TEST_F(Routes, BadLoginsSayNoMoreThanNeeded) {
  Start();
  auto login = [&](const std::string& body) { return Ask(Post("/v1/api/auth/login", body)); };
  HttpResponse r = login(R"({"user":"alice","password":"wrong"})");
  EXPECT_EQ(r.result_int(), 401U);
  EXPECT_EQ(r.body(), R"({"error":"unauthorized","message":"Invalid credentials"})");
  EXPECT_EQ(login(R"({"user":"nobody","password":"x"})").body(), r.body());
  for (const char* bad :
       {R"({"user":"a"})", R"({"user":"a","password":"b","c":1})",
        R"({"user":"a","username":"a","password":"b"})", R"(["a","b"])",
        R"({"user":"a","user":"a","password":"b"})", R"({"user":"a","password":"b"}})"}) {
    r = login(bad);
    EXPECT_EQ(r.result_int(), 400U) << bad;
    EXPECT_EQ(r["content-type"], "text/plain; charset=utf-8");
  }
  EXPECT_TRUE(Has(login(R"({"user":"a"})"), "Json deserialize error: missing field `password`"));
  EXPECT_EQ(login(R"({"user":")" + std::string(129, 'u') + R"(","password":"b"})").result_int(),
            400U);
  EXPECT_EQ(Ask("POST /v1/api/auth/login HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}").body(),
            "Content type error");
}

TEST_F(Routes, MeNamesWhatIsWrongWithTheHeader) {
  Start();
  auto me = [&](std::string_view headers) { return Ask(Get("/v1/api/auth/me", headers)); };
  EXPECT_TRUE(Has(me(""), "No auth token found"));
  EXPECT_TRUE(Has(me("Authorization: Basic x\r\n"), "Authorization header must use Bearer token"));
  EXPECT_TRUE(Has(me("Authorization: Bearer\r\n"), "Bearer token missing"));
  EXPECT_TRUE(Has(me("Authorization: bearer rubbish\r\n"), "Invalid credentials"));
  EXPECT_EQ(me("Authorization: bearer " + token_ + "\r\n").result_int(), 200U);
}

TEST_F(Routes, LoginsOfOneAddressShareABucket) {
  config_.rate_limit.max_auth_requests_per_ip_per_sec = 3;
  Start();
  int limited = 0;
  for (int i = 0; i < 10; ++i) {
    const HttpResponse r = Ask(Post("/v1/api/auth/login", R"({"user":"nobody","password":"x"})"));
    limited += r.result_int() == 429;
    if (r.result_int() == 429) {
      EXPECT_EQ(r.body(), R"({"error":"rate_limited","message":"Too many authentication attempts. )"
                          R"(Please retry shortly."})");
    }
  }
  EXPECT_GE(limited, 3);
}

TEST_F(Routes, SetupRunsOnceAndOnlyFromHere) {
  ASSERT_TRUE(authenticator_->EnsureRoot("").ok());
  Start();
  EXPECT_TRUE(Has(Ask(Get("/v1/api/auth/status")), R"({"needs_setup":true)"));
  EXPECT_EQ(Ask(Get("/v1/api/auth/status", "X-Real-IP: 203.0.113.8\r\n")).result_int(), 403U);
  HttpResponse r = Ask(Post("/v1/api/auth/login", R"({"user":"root","password":""})"));
  EXPECT_EQ(r.result_int(), 428U);
  EXPECT_TRUE(Has(r, "setup_required"));
  auto setup = [&](std::string_view user, std::string_view password, std::string_view more = "") {
    return Ask(Post("/v1/api/auth/setup",
                    fmt::format(R"({{"user":"{}","password":"{}","root_password":"rootroot1"{}}})",
                                user, password, more)));
  };
  EXPECT_TRUE(Has(setup("admin", "short"), "DBA user password: Weak password: "));
  EXPECT_TRUE(Has(setup("root", "longenough1"), "invalid_user"));
  EXPECT_TRUE(Has(setup("  ", "longenough1"), "invalid_user"));
  EXPECT_TRUE(Has(setup("alice", "longenough1"), "user_exists"));
  r = setup("admin", "longenough1", R"(,"email":"a@b.c")");
  EXPECT_EQ(r.result_int(), 200U) << r.body();
  EXPECT_TRUE(Has(r, R"("id":"admin","role":"dba","email":"a@b.c")"));
  EXPECT_FALSE(Has(r, "token"));
  EXPECT_EQ(setup("other", "longenough1").result_int(), 409U);
  r = Ask(Post("/v1/api/auth/login", R"({"username":"admin","password":"longenough1"})"));
  EXPECT_EQ(r.result_int(), 200U);
  EXPECT_TRUE(Has(r, R"("admin_ui_access":true)"));
  // Commits are in order: once this one is answered, the entry is there.
  auth::User later;
  later.id = "later";
  ASSERT_TRUE(users_->Create(later).ok());
  int logins = 0;
  ASSERT_TRUE(audit_
                  ->ForEach([&](const auth::AuditEntry& e) {
                    logins += e.action == "LOGIN" && e.target == "user:admin" &&
                              e.ip_address == "127.0.0.1";
                    return true;
                  })
                  .ok());
  EXPECT_EQ(logins, 1);
}

TEST_F(Routes, ClusterHealthShowsOneNode) {
  Start();
  const HttpResponse r = Ask(Get("/v1/api/cluster/health"));
  EXPECT_EQ(r.result_int(), 200U);
  EXPECT_TRUE(Has(r, R"("is_cluster_mode":true)"));
  EXPECT_TRUE(Has(r, R"("role":"leader","status":"active")"));
  EXPECT_EQ(Ask(Get("/v1/api/cluster/health", "X-Forwarded-For: 10.1.2.3\r\n")).body(),
            R"({"error":"Access denied. Cluster health is localhost-only."})");
}

TEST_F(Routes, AbsentFeaturesAreRefusedClearly) {
  Start();
  EXPECT_EQ(Ask(Post("/v1/api/topics/consume", "{}")).result_int(), 401U);
  EXPECT_TRUE(Has(Ask(Post("/v1/api/topics/consume", "{}", Bearer())), R"("code":"FORBIDDEN")"));
  const HttpResponse r = Ask(Get("/v1/files/a/b/f0001/x.png", Bearer()));
  EXPECT_EQ(r.result_int(), 501U);
  EXPECT_TRUE(Has(r, "File downloads are not supported by this version"));
}

}  // namespace
}  // namespace kalamdb::server
