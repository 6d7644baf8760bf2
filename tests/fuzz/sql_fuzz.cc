// Any bytes as SQL: split, parsed as statements, as a subscription and as an expression.
#include <string_view>

#include "sql/parser.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kalamdb;
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Result<std::vector<std::string_view>> statements = sql::SplitBatch(text);
  if (statements.ok()) {
    for (const std::string_view statement : *statements) {
      for (Role role : {Role::kUser, Role::kSystem}) {
        Result<sql::Statement> parsed = sql::ParseStatement(statement, role);
        if (parsed.ok()) continue;
        const Status& error = parsed.status();
        if (error.message().empty()) __builtin_trap();
        if (error.position() > static_cast<int64_t>(statement.size())) __builtin_trap();
      }
    }
  }
  (void)sql::ParseSubscription(text);
  (void)sql::ParseExpression(text);
  return 0;
}
