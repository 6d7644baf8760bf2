// CREATE, ALTER and DROP USER (docs/sql.md, "Users"). Worker threads only: passwords are hashed
// here.
#pragma once

#include <string>

#include "engine/scope.h"
#include "sql/statement.h"

namespace kalamdb::engine {

Result<std::string> CreateUser(const EngineDeps& deps, const Scope& scope,
                               const sql::CreateUser& s);
Result<std::string> AlterUser(const EngineDeps& deps, const Scope& scope, const sql::AlterUser& s);
Result<std::string> DropUser(const EngineDeps& deps, const Scope& scope, const sql::DropUser& s);

}  // namespace kalamdb::engine
