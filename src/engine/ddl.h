// CREATE, ALTER and DROP of namespaces and tables: rights, checks, one commit together with its
// audit entry. Worker threads only. Each returns the message of its result.
#pragma once

#include <string>

#include "engine/scope.h"
#include "sql/statement.h"

namespace kalamdb::engine {

Result<std::string> CreateNamespace(const EngineDeps& deps, const Scope& scope,
                                    const sql::CreateNamespace& s);
Result<std::string> AlterNamespace(const EngineDeps& deps, const Scope& scope,
                                   const sql::AlterNamespace& s);
Result<std::string> DropNamespace(const EngineDeps& deps, const Scope& scope,
                                  const sql::DropNamespace& s);
Result<std::string> CreateTable(const EngineDeps& deps, const Scope& scope,
                                const sql::CreateTable& s);
Result<std::string> AlterTable(const EngineDeps& deps, const Scope& scope,
                               const sql::AlterTable& s);
Result<std::string> DropTable(const EngineDeps& deps, const Scope& scope, const sql::DropTable& s);

}  // namespace kalamdb::engine
