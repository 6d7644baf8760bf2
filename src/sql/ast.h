// Syntax trees of queries and DML, as PostgreSQL's grammar gives them, in our own types: nothing of
// libpg_query is visible outside src/sql. Only what the dialect has gets a node; the rest of the
// grammar is refused by the bridge with a message that names it. Names are folded to lower case
// unless noted; nothing is resolved.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "types/datum.h"

namespace kalamdb::sql {

struct Expr;
struct Select;
using ExprPtr = std::unique_ptr<Expr>;
using SelectPtr = std::unique_ptr<Select>;

struct OrderItem {
  ExprPtr expr;
  bool descending = false;
  enum class Nulls : uint8_t { kDefault, kFirst, kLast } nulls = Nulls::kDefault;
};

// A frame bound of a window: UNBOUNDED PRECEDING, n PRECEDING, CURRENT ROW, n FOLLOWING, UNBOUNDED
// FOLLOWING.
struct FrameBound {
  enum class Kind : uint8_t {
    kUnboundedPreceding,
    kPreceding,
    kCurrentRow,
    kFollowing,
    kUnboundedFollowing
  };
  Kind kind = Kind::kUnboundedPreceding;
  ExprPtr offset;
};

struct Window {
  std::string name;     // WINDOW w AS (...), empty when inline
  std::string refname;  // OVER w, or the window that this one extends
  std::vector<ExprPtr> partition_by;
  std::vector<OrderItem> order_by;
  bool has_frame = false;
  enum class Mode : uint8_t { kRange, kRows, kGroups } mode = Mode::kRange;
  FrameBound start, end;
  enum class Exclude : uint8_t { kNone, kCurrentRow, kGroup, kTies } exclude = Exclude::kNone;
};

enum class ExprKind : uint8_t {
  kLiteral,   // value; a string literal is kText, a whole number kInt or kBigInt, any other number
              // kDouble with its spelling in `text`
  kParam,     // $n: number is n, from 1
  kColumn,    // path: 1..4 names (column; table.column; ns.table.column; kalam.ns.table.column)
  kStar,      // * or table.* (path is the qualifier); `except` lists columns left out
  kCall,      // name(args) with the aggregate and window clauses
  kOperator,  // name is the operator or one of the spelled ones of expr::MakeCall; args are the
              // operands. "and" and "or" have two or more; "any" and "all" compare args[0] by the
              // operator `text` with the elements of the array args[1]; "|", "&", "#", "<<", ">>"
              // and prefix "~" are bitwise
  kCase,      // operand (may be null); args: when, then, ...; else_
  kCast,      // args[0], type; is_try (array_depth > 0: an array of type)
  kSubquery,  // subquery with `sublink`
  kArray,     // ARRAY[args]
  kRow,       // (a, b, c)
  kInterval,  // INTERVAL literal: text, its unit included
  kExtract,   // EXTRACT(field FROM args[0]): name is the field
  kIndex,     // args[0][args[1]] (array subscript)
};
enum class SubLink : uint8_t { kScalar, kExists, kAny, kAll, kArray };

struct Expr {
  ExprKind kind = ExprKind::kLiteral;
  std::string name;
  std::string text;
  Value value;
  int number = 0;
  std::vector<std::string> path;
  std::vector<ExprPtr> args;
  // kCall
  bool distinct = false;
  bool star = false;                // count(*)
  std::vector<OrderItem> order_by;  // inside the parentheses, or WITHIN GROUP
  bool within_group = false;
  ExprPtr filter;
  std::unique_ptr<Window> over;
  // kCase
  ExprPtr operand, else_;
  // kCast; arrays: the element type and array_depth
  DataType type;
  int array_depth = 0;
  bool is_try = false;
  // kSubquery; kAny/kAll: args[0] is the left side, name the operator ("=" for IN)
  SubLink sublink = SubLink::kScalar;
  SelectPtr subquery;
  std::vector<std::string> except;
  int location = -1;  // byte offset in the statement's text, -1 unknown
};

enum class JoinKind : uint8_t { kInner, kLeft, kRight, kFull, kCross };

struct TableRef {
  enum class Kind : uint8_t { kTable, kSubquery, kJoin, kFunction, kValues } kind = Kind::kTable;
  // kTable: schema may be empty
  std::string schema, table;
  std::string alias;
  std::vector<std::string> column_aliases;
  bool lateral = false;
  SelectPtr subquery;  // kSubquery, kValues
  ExprPtr function;    // kFunction: a kCall
  bool with_ordinality = false;
  // kJoin
  JoinKind join = JoinKind::kInner;
  bool natural = false;
  std::unique_ptr<TableRef> left, right;
  ExprPtr on;
  std::vector<std::string> using_columns;
  int location = -1;
};
using TableRefPtr = std::unique_ptr<TableRef>;

struct SelectItem {
  ExprPtr expr;
  std::string alias;  // empty: none given. A quoted one keeps its case: compare with references
                      // ignoring case
};

struct CommonTable {
  std::string name;
  std::vector<std::string> column_aliases;
  SelectPtr query;
};

// One GROUP BY item: a plain expression, or ROLLUP / CUBE / GROUPING SETS over lists of
// expressions.
struct GroupItem {
  enum class Kind : uint8_t { kExpr, kRollup, kCube, kSets } kind = Kind::kExpr;
  ExprPtr expr;
  std::vector<std::vector<ExprPtr>> sets;
};

enum class SetOp : uint8_t { kNone, kUnion, kIntersect, kExcept };

struct Select {
  std::vector<CommonTable> with;
  bool recursive = false;
  // Either a set operation ...
  SetOp set_op = SetOp::kNone;
  bool set_all = false;
  SelectPtr left, right;
  // ... or VALUES ...
  std::vector<std::vector<ExprPtr>> values;
  // ... or a plain SELECT.
  bool distinct = false;
  std::vector<ExprPtr> distinct_on;
  std::vector<SelectItem> items;
  std::vector<TableRefPtr> from;  // comma list
  ExprPtr where;
  std::vector<GroupItem> group_by;
  ExprPtr having;
  std::vector<Window> windows;
  // Of all three.
  std::vector<OrderItem> order_by;
  ExprPtr limit, offset;
  bool with_ties = false;
  bool for_update = false;  // accepted and ignored
};

struct Assignment {
  std::string column;
  ExprPtr value;  // null: DEFAULT
  int location = -1;
};

struct OnConflict {
  std::vector<std::string> target;  // columns; empty: none given
  bool do_nothing = false;
  std::vector<Assignment> set;  // EXCLUDED.c is a kColumn path {"excluded", "c"}
  ExprPtr where;
};

struct Insert {
  std::string schema, table;
  int location = -1;                  // of the table's name, as in Expr
  std::vector<std::string> columns;   // empty: none given
  std::vector<int> column_locations;  // one for each of columns
  SelectPtr
      source;  // VALUES or SELECT; null: DEFAULT VALUES. A DEFAULT among values is a null ExprPtr
  std::optional<OnConflict> on_conflict;
  std::vector<SelectItem> returning;
};

struct Update {
  std::string schema, table, alias;
  int location = -1;
  std::vector<Assignment> set;
  ExprPtr where;
};

struct Delete {
  std::string schema, table, alias;
  int location = -1;
  ExprPtr where;
};

}  // namespace kalamdb::sql
