// Connects, asks, and follows a live query:
//   live_query http://localhost:8080 USER PASSWORD 'SELECT * FROM chat.messages'
#include <boost/json/serialize.hpp>
#include <cstdio>
#include <string>

#include "client/client.h"

namespace client = kalamdb::client;
using kalamdb::Status;
using Kind = client::LiveEvent::Kind;

namespace {

const char* NameOf(Kind kind) {
  return kind == Kind::kBatch    ? "row"
         : kind == Kind::kInsert ? "insert"
         : kind == Kind::kUpdate ? "update"
                                 : "delete";
}

Status Run(const std::string& url, const char* user, const char* password, const char* query) {
  KDB_ASSIGN_OR_RETURN(const client::Endpoint endpoint, client::ParseServerUrl(url));
  const client::Timeouts timeouts;

  client::Session session(endpoint, timeouts);
  KDB_RETURN_IF_ERROR(session.Login(user, password));
  KDB_ASSIGN_OR_RETURN(const client::SqlReply reply, session.Query("SELECT $1 AS word", {"hello"}));
  std::printf("%s\n", reply.results.at(0).Text(0, 0).c_str());

  const std::string& token = session.tokens().access_token;
  KDB_ASSIGN_OR_RETURN(const auto live,
                       client::LiveConnection::Open(endpoint, token, timeouts, /*compress=*/false));
  KDB_RETURN_IF_ERROR(live->Subscribe("example", query, {}));
  for (;;) {
    KDB_ASSIGN_OR_RETURN(const client::LiveEvent event, live->Next(client::kNoDeadline));
    if (event.kind == Kind::kError || event.kind == Kind::kClosed) {
      return {kalamdb::ErrorCode::kUnavailable, event.code + " " + event.message};
    }
    // What is deleted comes as its old values.
    for (const auto& row : event.kind == Kind::kDelete ? event.old_values : event.rows) {
      std::printf("%s %s\n", NameOf(event.kind), boost::json::serialize(row).c_str());
    }
    std::fflush(stdout);
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 5) return std::fputs("usage: live_query URL USER PASSWORD QUERY\n", stderr), 2;
  const Status status = Run(argv[1], argv[2], argv[3], argv[4]);
  std::fprintf(stderr, "%s\n", std::string(status.message()).c_str());
  return 1;
}
