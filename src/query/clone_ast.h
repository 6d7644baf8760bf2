// Deep copies of syntax: a statement's predicate becomes part of a SELECT that is made from it.
#pragma once

#include "sql/ast.h"

namespace kalamdb::query {

sql::ExprPtr CloneExpr(const sql::Expr& e);
sql::SelectPtr CloneSelect(const sql::Select& s);

}  // namespace kalamdb::query
