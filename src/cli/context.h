// What every mode of the command line works with.
#pragma once

#include <memory>
#include <string>

#include "cli/credential_store.h"
#include "cli/options.h"
#include "cli/output.h"
#include "cli/shell_config.h"
#include "client/session.h"

namespace kalamdb::cli {

// Of the SQL that was sent; several statements may share a request.
struct Statistics {
  uint64_t requests = 0;
  uint64_t failures = 0;
  double took_millis = 0;  // as the server measured it
};

struct Context {
  Options options;
  ShellConfig config;
  CredentialStore store;
  Output output;
  client::Endpoint endpoint;
  std::unique_ptr<client::Session> session;
  // Who is logged in, as far as it is known: "jwt-user" for a raw token, "anonymous" without one.
  std::string user = "anonymous";
  client::Clock::time_point started = client::Clock::now();
  Statistics statistics;
  // Where tables without a namespace are looked for; empty: the server's default.
  std::string namespace_id;
  // Somebody at a terminal waits for answers.
  bool spins = false;

  void Verbose(std::string_view line) const;
};

// Runs SQL and prints its answer. Statements that only read are tried again after network errors,
// as often as configured.
// Files that it names by file('path') go along.
Status RunSql(Context* context, std::string_view sql);
Result<client::SqlReply> Execute(Context* context, std::string_view sql);
// Prints an answer, or follows the live query that it asks for.
Status PrintReply(Context* context, const client::SqlReply& reply);

// A network error with what a person can do about it; other errors as they are.
Status WithDiagnostics(const Context& context, const Status& status);

}  // namespace kalamdb::cli
