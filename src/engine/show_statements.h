// Statements that list things: SHOW ..., DESCRIBE ..., SUBSCRIBE TO. They write rows into the
// answer.
#pragma once

#include "engine/result_json.h"
#include "engine/scope.h"
#include "sql/statement.h"

namespace kalamdb::engine {

Status ShowNamespaces(const EngineDeps& deps, RowResultWriter& rows);
Status ShowTables(const EngineDeps& deps, const sql::ShowTables& s, RowResultWriter& rows);
Status ShowStorages(const EngineDeps& deps, const Scope& scope, RowResultWriter& rows);
// Others than dba and system see scopes of their own only.
Status ShowManifest(const EngineDeps& deps, const Scope& scope, RowResultWriter& rows);
Status ShowStats(const EngineDeps& deps, const Scope& scope, const sql::ShowStats& s,
                 RowResultWriter& rows);
Status ShowAll(const EngineDeps& deps, RowResultWriter& rows);
Status ShowColumns(const EngineDeps& deps, const Scope& scope, const sql::ShowColumns& s,
                   RowResultWriter& rows);
Status DescribeTable(const EngineDeps& deps, const Scope& scope, const sql::DescribeTable& s,
                     RowResultWriter& rows);
Status DescribeQueryEngine(const EngineDeps& deps, const Scope& scope,
                           const sql::DescribeQueryEngine& s, RowResultWriter& rows);
Status SubscribeTo(const EngineDeps& deps, const Scope& scope, const sql::SubscribeTo& s,
                   RowResultWriter& rows);

}  // namespace kalamdb::engine
