// Function calls and windows.
#include <fmt/format.h>

#include "sql/bridge.h"
#include "sql/pg_fields.h"

namespace kalamdb::sql {

// SUBSTRING(x FROM a FOR b), TRIM(BOTH ...), EXTRACT(...): the grammar turns them into calls of
// functions in pg_catalog. Null when the name needs no treatment of its own.
ExprPtr Bridge::SqlSyntaxCall(std::string_view name, const PgMessage& m, int location) {
  using F = pg::FuncCall;
  std::string_view ours = name;
  if (name == "extract") {
    std::vector<ExprPtr> args = ToExprs(m.Repeated(F::kArgs));
    if (failed() || args.size() != 2 || args[0]->kind != ExprKind::kLiteral) {
      Unsupported("this EXTRACT");
      return nullptr;
    }
    ExprPtr e = Make(ExprKind::kExtract, location);
    e->name = Name(args[0]->value.datum().text());
    e->args.push_back(std::move(args[1]));
    return e;
  }
  if (name == "position") ours = "strpos";  // (text, part), as the grammar orders them
  if (name == "btrim") ours = "trim";
  const bool known = ours == "strpos" || ours == "trim" || ours == "ltrim" || ours == "rtrim" ||
                     ours == "substring" || ours == "overlay" || ours == "timezone";
  if (!known) {
    Unsupported(fmt::format("the form of {}", name));
    return nullptr;
  }
  return ToList(ExprKind::kCall, ours, m.Repeated(F::kArgs), location);
}

ExprPtr Bridge::ToCall(const PgMessage& m) {
  using F = pg::FuncCall;
  const int location = Location(m, F::kLocation);
  const std::vector<std::string> name = Names(m.Repeated(F::kName));
  if (failed() || name.empty()) return nullptr;
  const bool internal = name.size() == 2 && name[0] == "pg_catalog";
  if (name.size() > 1 && !internal) {
    Refuse(fmt::format("Invalid function '{}'.", fmt::join(name, ".")), location);
    return nullptr;
  }
  if (m.Bool(F::kVariadic)) Unsupported("VARIADIC");
  if (internal && m.Int(F::kFormat) == F::kSqlSyntax) {
    return SqlSyntaxCall(name[1], m, location);
  }
  ExprPtr e = ToList(ExprKind::kCall, name.back(), m.Repeated(F::kArgs), location);
  e->distinct = m.Bool(F::kDistinct);
  e->star = m.Bool(F::kStar);
  e->within_group = m.Bool(F::kWithinGroup);
  e->order_by = ToOrder(m.Repeated(F::kOrder));
  if (m.Has(F::kFilter)) e->filter = ToExpr(m.Node(F::kFilter));
  if (m.Has(F::kOver)) e->over = ToWindow(PgMessage(m.Bytes(F::kOver)), true);
  return e;
}

// `over`: of OVER, where a bare name refers to a window; else of the WINDOW clause.
std::unique_ptr<Window> Bridge::ToWindow(const PgMessage& m, bool over) {
  using W = pg::WindowDef;
  namespace frame = pg::frame;
  auto window = std::make_unique<Window>();
  window->name = Name(m.Bytes(W::kName));
  window->refname = Name(m.Bytes(W::kRefName));
  if (over && !window->name.empty()) {
    window->refname = std::move(window->name);
    window->name.clear();
  }
  window->partition_by = ToExprs(m.Repeated(W::kPartition));
  window->order_by = ToOrder(m.Repeated(W::kOrder));
  const int64_t options = m.Int(W::kFrame);
  if ((options & frame::kNonDefault) == 0) return window;
  window->has_frame = true;
  if ((options & frame::kRows) != 0) window->mode = Window::Mode::kRows;
  if ((options & frame::kGroups) != 0) window->mode = Window::Mode::kGroups;
  using Bound = FrameBound::Kind;
  if ((options & frame::kStartCurrentRow) != 0) window->start.kind = Bound::kCurrentRow;
  if ((options & frame::kStartPreceding) != 0) window->start.kind = Bound::kPreceding;
  if ((options & frame::kStartFollowing) != 0) window->start.kind = Bound::kFollowing;
  window->end.kind = Bound::kCurrentRow;
  if ((options & frame::kEndUnboundedFollowing) != 0) window->end.kind = Bound::kUnboundedFollowing;
  if ((options & frame::kEndPreceding) != 0) window->end.kind = Bound::kPreceding;
  if ((options & frame::kEndFollowing) != 0) window->end.kind = Bound::kFollowing;
  if (m.Has(W::kStart)) window->start.offset = ToExpr(m.Node(W::kStart));
  if (m.Has(W::kEnd)) window->end.offset = ToExpr(m.Node(W::kEnd));
  if ((options & frame::kExcludeCurrentRow) != 0) window->exclude = Window::Exclude::kCurrentRow;
  if ((options & frame::kExcludeGroup) != 0) window->exclude = Window::Exclude::kGroup;
  if ((options & frame::kExcludeTies) != 0) window->exclude = Window::Exclude::kTies;
  return window;
}

}  // namespace kalamdb::sql
