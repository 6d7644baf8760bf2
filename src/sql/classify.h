// Which statement a text is, by its leading words, and who may run it at all.
#pragma once

#include <string_view>

#include "base/ids.h"
#include "base/status.h"
#include "sql/lexer.h"
#include "sql/statement.h"

namespace kalamdb::sql {

struct ClassifiedStatement {
  StatementVariant body;
  int max_param = 0;
};

// Parses one statement, wrapper taken off. Statements that only admins may run are refused with
// kPermissionDenied before anything else about them is looked at.
Result<ClassifiedStatement> ClassifyAndParse(std::string_view text, Tokens tokens, Role role);

}  // namespace kalamdb::sql
