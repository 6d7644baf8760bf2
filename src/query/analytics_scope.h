// What names mean while SQL for DuckDB is written: relations, columns, common tables, from the
// inside out. Internal to the analytical engine.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/status.h"
#include "types/schema.h"

namespace kalamdb::query {

// The default order of a result goes by the key of a stored table, or by `_seq` of one that has no
// key.
enum class OrderRole : uint8_t { kNone, kKey, kSeqWithoutKey };

struct ScopeColumn {
  std::string name;  // as the client sees it
  std::string sql;   // as DuckDB does: "t"."c" in a scope, "c" among the outputs of a query
  std::optional<DataType> type;  // when known
  bool primary_key = false;
  bool not_null = false;
  bool masked = false;  // comes from a column with credentials, whatever was done to it
  OrderRole order = OrderRole::kNone;
  int scan = -1;  // a plain column of that scan
};

// One item of FROM.
struct Relation {
  std::string ns, table;  // of a stored or virtual table
  std::string alias;      // what qualifies its columns: the alias, else the table's name
  bool aliased = false;
  bool renamed = false;   // its columns go by other names than the schema's
  bool nullable = false;  // on the optional side of an outer join
  int scan = -1;
  std::vector<ScopeColumn> columns;
};

struct CommonTableInfo {
  std::string sql;                   // its quoted name
  std::vector<ScopeColumn> columns;  // sql: the quoted name alone
};

// What is true for one SELECT and everything of its level.
struct LevelState {
  bool in_where = false;        // WHERE or ON: `_deleted` named here shows deleted rows
  bool in_select_list = false;  // set-returning functions are allowed
  bool aggregates = false;      // one was seen outside a window
  // ORDER BY and HAVING may name an output: expression texts by output name.
  const std::vector<ScopeColumn>* outputs = nullptr;
};

struct Scope {
  const Scope* parent = nullptr;
  LevelState* level = nullptr;
  std::vector<Relation*> relations;
  std::vector<ScopeColumn> star;  // what * gives, in order; USING columns once
  std::map<std::string, CommonTableInfo, std::less<>> common_tables;

  [[nodiscard]] const CommonTableInfo* FindCommonTable(std::string_view name) const;
};

struct ResolvedColumn {
  ScopeColumn column;
  bool local = false;  // of this scope, not of an outer query
};
// path: 1..4 names. Errors: kColumnNotFound `No field named x. Valid fields are t.a, t.b.`;
// kInvalidSql when ambiguous.
Result<ResolvedColumn> ResolveColumn(const Scope& scope, const std::vector<std::string>& path);
// The relation that `t.*`, `ns.t.*` mean; kColumnNotFound-like error when there is none.
Result<const Relation*> ResolveRelation(const Scope& scope, const std::vector<std::string>& path);

// Aliases keep their case, references are lower case.
bool SameName(std::string_view name, std::string_view reference);

std::string QuoteIdentifier(std::string_view name);
// NUL cannot be part of it.
std::string QuoteText(std::string_view text);

}  // namespace kalamdb::query
