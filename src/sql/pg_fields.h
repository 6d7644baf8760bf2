// Field numbers of libpg_query's parse tree (pg_query.proto of PostgreSQL 15): the messages that
// the bridge reads. They are fixed within a PostgreSQL version and differ between versions;
// pg_parse.cc checks the version.
#pragma once

#include <cstdint>

namespace kalamdb::sql::pg {

enum NodeTag : uint32_t {
  kRangeVar = 2,
  kGroupingFunc = 7,
  kNamedArgExpr = 11,
  kBoolExpr = 16,
  kSubLink = 17,
  kCaseExpr = 27,
  kCaseWhen = 28,
  kRowExpr = 31,
  kCoalesceExpr = 33,
  kMinMaxExpr = 34,
  kSqlValueFunction = 35,
  kXmlExpr = 36,
  kNullTest = 37,
  kBooleanTest = 38,
  kSetToDefault = 41,
  kJoinExpr = 47,
  kInsertStmt = 54,
  kDeleteStmt = 55,
  kUpdateStmt = 56,
  kSelectStmt = 58,
  kAExpr = 171,
  kColumnRef = 172,
  kParamRef = 173,
  kFuncCall = 174,
  kAStar = 175,
  kAIndices = 176,
  kAIndirection = 177,
  kAArrayExpr = 178,
  kResTarget = 179,
  kMultiAssignRef = 180,
  kTypeCast = 181,
  kCollateClause = 182,
  kSortBy = 183,
  kWindowDef = 184,
  kRangeSubselect = 185,
  kRangeFunction = 186,
  kRangeTableSample = 187,
  kTypeName = 190,
  kIndexElem = 192,
  kGroupingSet = 201,
  kCommonTableExpr = 216,
  kInteger = 230,
  kString = 233,
  kList = 235,
  kAConst = 238,
};

struct ParseResult {
  enum : uint32_t { kStmts = 2 };
};
struct RawStmt {
  enum : uint32_t { kStmt = 1 };
};
// Integer, Float, Boolean, String, BitString and List hold their value in field 1.
inline constexpr uint32_t kValue = 1;
struct AConst {
  enum : uint32_t {
    kInt = 1,
    kFloat = 2,
    kBool = 3,
    kString = 4,
    kBits = 5,
    kIsNull = 10,
    kLocation = 11
  };
};
struct Alias {
  enum : uint32_t { kName = 1, kColumns = 2 };
};
struct RangeVar {
  enum : uint32_t {
    kCatalog = 1,
    kSchema = 2,
    kTable = 3,
    kInherits = 4,
    kAlias = 6,
    kLocation = 7
  };
};
struct AExpr {
  enum : uint32_t { kKind = 1, kName = 2, kLeft = 3, kRight = 4, kLocation = 5 };
  enum Kind : int64_t {
    kOp = 1,
    kOpAny = 2,
    kOpAll = 3,
    kDistinct = 4,
    kNotDistinct = 5,
    kNullIf = 6,
    kIn = 7,
    kLike = 8,
    kILike = 9,
    kSimilar = 10,
    kBetween = 11,
    kNotBetween = 12,
    kBetweenSymmetric = 13,
    kNotBetweenSymmetric = 14
  };
};
struct BoolExpr {
  enum : uint32_t { kOp = 2, kArgs = 3, kLocation = 4 };
  enum Op : int64_t { kAnd = 1, kOr = 2, kNot = 3 };
};
struct SubLink {
  enum : uint32_t { kType = 2, kTest = 4, kOperator = 5, kSelect = 6, kLocation = 7 };
  enum Type : int64_t { kExists = 1, kAll = 2, kAny = 3, kScalar = 5, kArray = 7 };
};
struct CaseExpr {
  enum : uint32_t { kArg = 4, kWhens = 5, kElse = 6, kLocation = 7 };
};
struct CaseWhen {
  enum : uint32_t { kCondition = 2, kResult = 3 };
};
struct CoalesceExpr {
  enum : uint32_t { kArgs = 4, kLocation = 5 };
};
struct MinMaxExpr {
  enum : uint32_t { kOp = 5, kArgs = 6, kLocation = 7 };
  static constexpr int64_t kGreatest = 1;
};
struct SqlValueFunction {
  enum : uint32_t { kOp = 2, kLocation = 5 };
};
struct NullTest {
  enum : uint32_t { kArg = 2, kType = 3, kLocation = 5 };
  static constexpr int64_t kIsNull = 1;
};
struct BooleanTest {
  enum : uint32_t { kArg = 2, kType = 3, kLocation = 4 };
};
struct SetToDefault {
  enum : uint32_t { kLocation = 5 };
};
struct ParamRef {
  enum : uint32_t { kNumber = 1, kLocation = 2 };
};
struct ColumnRef {
  enum : uint32_t { kFields = 1, kLocation = 2 };
};
struct AIndices {
  enum : uint32_t { kIsSlice = 1, kUpper = 3 };
};
struct AIndirection {
  enum : uint32_t { kArg = 1, kSteps = 2 };
};
struct AArrayExpr {
  enum : uint32_t { kElements = 1, kLocation = 2 };
};
struct ResTarget {
  enum : uint32_t { kName = 1, kIndirection = 2, kValue = 3, kLocation = 4 };
};
struct TypeCast {
  enum : uint32_t { kArg = 1, kType = 2, kLocation = 3 };
};
struct CollateClause {
  enum : uint32_t { kArg = 1, kName = 2, kLocation = 3 };
};
struct FuncCall {
  enum : uint32_t {
    kName = 1,
    kArgs = 2,
    kOrder = 3,
    kFilter = 4,
    kOver = 5,
    kWithinGroup = 6,
    kStar = 7,
    kDistinct = 8,
    kVariadic = 9,
    kFormat = 10,
    kLocation = 11
  };
  static constexpr int64_t kSqlSyntax = 4;
};
struct RowExpr {
  enum : uint32_t { kArgs = 2, kLocation = 6 };
};
struct WindowDef {
  enum : uint32_t {
    kName = 1,
    kRefName = 2,
    kPartition = 3,
    kOrder = 4,
    kFrame = 5,
    kStart = 6,
    kEnd = 7,
    kLocation = 8
  };
};
struct SortBy {
  enum : uint32_t { kNode = 1, kDirection = 2, kNulls = 3 };
  static constexpr int64_t kDescending = 3, kUsing = 4;
  static constexpr int64_t kNullsFirst = 2, kNullsLast = 3;
};
struct JoinExpr {
  enum : uint32_t {
    kType = 1,
    kNatural = 2,
    kLeft = 3,
    kRight = 4,
    kUsing = 5,
    kUsingAlias = 6,
    kOn = 7,
    kAlias = 8
  };
  enum Type : int64_t { kInner = 1, kLeftOuter = 2, kFull = 3, kRightOuter = 4 };
};
struct RangeSubselect {
  enum : uint32_t { kLateral = 1, kSubquery = 2, kAlias = 3 };
};
struct RangeFunction {
  enum : uint32_t { kLateral = 1, kOrdinality = 2, kFunctions = 4, kAlias = 5, kColumnDefs = 6 };
};
struct TypeName {
  enum : uint32_t {
    kNames = 1,
    kSetOf = 3,
    kPercentType = 4,
    kModifiers = 5,
    kArrayBounds = 7,
    kLocation = 8
  };
};
struct GroupingFunc {
  enum : uint32_t { kArgs = 2, kLocation = 6 };
};
struct GroupingSet {
  enum : uint32_t { kKind = 1, kContent = 2 };
  enum Kind : int64_t { kEmpty = 1, kSimple = 2, kRollup = 3, kCube = 4, kSets = 5 };
};
struct WithClause {
  enum : uint32_t { kTables = 1, kRecursive = 2 };
};
struct CommonTableExpr {
  enum : uint32_t { kName = 1, kColumns = 2, kQuery = 4, kSearch = 5, kCycle = 6 };
};
struct InferClause {
  enum : uint32_t { kElements = 1, kWhere = 2, kConstraint = 3 };
};
struct IndexElem {
  enum : uint32_t { kName = 1 };
};
struct OnConflictClause {
  enum : uint32_t { kAction = 1, kInfer = 2, kTargets = 3, kWhere = 4 };
  static constexpr int64_t kNothing = 2;
};
struct SelectStmt {
  enum : uint32_t {
    kDistinct = 1,
    kInto = 2,
    kTargets = 3,
    kFrom = 4,
    kWhere = 5,
    kGroup = 6,
    kGroupDistinct = 7,
    kHaving = 8,
    kWindows = 9,
    kValues = 10,
    kSort = 11,
    kOffset = 12,
    kLimit = 13,
    kLimitOption = 14,
    kLocking = 15,
    kWith = 16,
    kOp = 17,
    kAll = 18,
    kLeft = 19,
    kRight = 20
  };
  enum Op : int64_t { kNone = 1, kUnion = 2, kIntersect = 3, kExcept = 4 };
  static constexpr int64_t kWithTies = 3;
};
struct InsertStmt {
  enum : uint32_t {
    kRelation = 1,
    kColumns = 2,
    kSource = 3,
    kOnConflict = 4,
    kReturning = 5,
    kWith = 6,
    kOverride = 7
  };
  static constexpr int64_t kNoOverride = 1;
};
struct UpdateStmt {
  enum : uint32_t { kRelation = 1, kTargets = 2, kWhere = 3, kFrom = 4, kReturning = 5, kWith = 6 };
};
struct DeleteStmt {
  enum : uint32_t { kRelation = 1, kUsing = 2, kWhere = 3, kReturning = 4, kWith = 5 };
};

// FRAMEOPTION_* bits of WindowDef.
namespace frame {
inline constexpr int64_t kNonDefault = 0x1, kRange = 0x2, kRows = 0x4, kGroups = 0x8,
                         kStartUnboundedPreceding = 0x20, kEndUnboundedFollowing = 0x100,
                         kStartCurrentRow = 0x200, kEndCurrentRow = 0x400, kStartPreceding = 0x800,
                         kEndPreceding = 0x1000, kStartFollowing = 0x2000, kEndFollowing = 0x4000,
                         kExcludeCurrentRow = 0x8000, kExcludeGroup = 0x10000,
                         kExcludeTies = 0x20000;
}  // namespace frame

}  // namespace kalamdb::sql::pg
