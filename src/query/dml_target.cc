// See dml_target.h.
#include "query/dml_target.h"

#include "query/expr_binder.h"
#include "types/convert.h"

namespace kalamdb::query {

using expr::ExprPtr;

Result<catalog::TablePtr> FindTarget(const Sources& sources, std::string_view verb,
                                     std::string_view schema, std::string_view table,
                                     const PlanOptions& options) {
  std::string_view ns = schema.empty() ? std::string_view(options.default_ns) : schema;
  for (std::string_view system : {"system", "information_schema", "pg_catalog", "datafusion"}) {
    if (ns == system) {
      return InvalidOperation(fmt::format("Cannot {} system table '{}.{}'", verb, ns, table));
    }
  }
  KDB_ASSIGN_OR_RETURN(TableLookup found, FindSource(sources, schema, table, options.default_ns));
  if (found.table == nullptr || found.table->kind == TableKind::kSystem) {
    return InvalidOperation(fmt::format("Cannot {} system table '{}.{}'", verb, ns, table));
  }
  return std::move(found.table);
}

Result<size_t> FindTargetColumn(const catalog::TableInfo& table, const std::string& name) {
  const std::optional<size_t> ordinal = table.schema->Find(name);
  if (!ordinal || table.schema->slot(*ordinal) < 0) {
    return InvalidOperation(fmt::format("Column '{}' does not exist", name));
  }
  return *ordinal;
}

bool IsGeneratedId(const ColumnDefault& value) {
  using Function = ColumnDefault::Function;
  return value.kind == ColumnDefault::Kind::kFunction &&
         (value.function == Function::kSnowflakeId || value.function == Function::kUuidV7 ||
          value.function == Function::kUlid);
}

Result<Datum> EvalDefault(const Column& column, expr::EvalFrame& frame) {
  using Function = ColumnDefault::Function;
  const ColumnDefault& value = column.default_value;
  Datum d;
  switch (value.kind) {
    case ColumnDefault::Kind::kNone:
      return Datum::Null(column.type.kind);
    case ColumnDefault::Kind::kLiteral:
      d = value.literal.datum();
      break;
    case ColumnDefault::Kind::kFunction:
      switch (value.function) {
        case Function::kNow:
          d = Datum::Int(TypeKind::kTimestamp, frame.now_micros);
          break;
        case Function::kCurrentUser:
          d = Datum::Text(frame.user);
          break;
        case Function::kSnowflakeId:
        case Function::kUuidV7:
        case Function::kUlid: {
          if (frame.ids == nullptr) return InternalError("no source of ids");
          if (value.function == Function::kSnowflakeId) {
            d = Datum::BigInt(frame.ids->Snowflake());
          } else if (value.function == Function::kUlid) {
            d = Datum::Text(frame.arena->Copy(frame.ids->Ulid()));
          } else {
            const std::array<unsigned char, 16> uuid = frame.ids->UuidV7();
            if (column.type.kind == TypeKind::kUuid) {
              d = Datum::Bytes(TypeKind::kUuid,
                               frame.arena->Copy({reinterpret_cast<const char*>(uuid.data()), 16}));
            } else {
              d = Datum::Text(frame.arena->Copy(FormatUuid(uuid.data())));
            }
          }
          break;
        }
      }
      break;
  }
  if (d.null) return Datum::Null(column.type.kind);
  return CoerceForColumn(d, column.type, column.name, frame.arena);
}

Status NotNullViolation(const Column& column, size_t row) {
  return {ErrorCode::kConstraintViolation,
          fmt::format("NOT NULL constraint violation: column '{}' cannot be NULL (row {})",
                      column.name, row)};
}

Status ApplyValues(const catalog::TableInfo& table, const StoredRow& old,
                   const std::vector<BoundAssignment>& assignments, std::span<const Datum> values,
                   std::string* row, bool* changed) {
  const Schema& schema = *table.schema;
  std::vector<Datum> slots;
  slots.reserve(schema.stored().size());
  for (uint16_t ordinal : schema.stored()) slots.push_back(old.Column(ordinal));
  *changed = false;
  for (size_t i = 0; i < assignments.size(); ++i) {
    const size_t ordinal = assignments[i].ordinal;
    const Column& column = schema.column(ordinal);
    if (values[i].null && !column.nullable) return NotNullViolation(column, 1);
    Datum& slot = slots[static_cast<size_t>(schema.slot(ordinal))];
    if (SameValue(slot, values[i])) continue;
    *changed = true;
    slot = values[i];
  }
  row->clear();
  if (*changed) EncodeRow(schema, slots, row);
  return Status::Ok();
}

Status ApplyAssignments(const catalog::TableInfo& table, const StoredRow& old,
                        const std::vector<BoundAssignment>& assignments, expr::EvalFrame& frame,
                        std::string* row, bool* changed) {
  std::vector<Datum> values;
  values.reserve(assignments.size());
  for (const BoundAssignment& assignment : assignments) {
    if (assignment.value == nullptr) {
      KDB_ASSIGN_OR_RETURN(Datum d, EvalDefault(table.schema->column(assignment.ordinal), frame));
      values.push_back(d);
    } else {
      values.push_back(assignment.value->Eval(frame));
      if (!frame.error.ok()) return std::move(frame.error);
    }
  }
  return ApplyValues(table, old, assignments, values, row, changed);
}

expr::EvalFrame WriterContext::Frame(Arena* arena) const {
  expr::EvalFrame frame;
  frame.params = params;
  frame.user = user;
  frame.role = role;
  frame.now_micros = now_micros;
  frame.ids = ids;
  frame.arena = arena;
  return frame;
}

std::string OwnerOf(const catalog::TableInfo& table, const RunContext& context) {
  return table.owned() ? std::string(context.user) : std::string();
}

Result<std::shared_ptr<const ReturningList>> ReturningList::Bind(
    const std::vector<sql::SelectItem>& items, const Sources& sources, catalog::TablePtr table,
    const BindScope& scope) {
  auto list = std::make_shared<ReturningList>();
  list->sources_ = sources;
  auto add = [&](ExprPtr bound, std::string name) {
    ResultColumn column;
    column.name = std::move(name);
    column.type = bound->type();
    if (bound->node() == expr::Node::kColumn) {
      const Column& source = table->schema->column(bound->index());
      column.primary_key = source.primary_key;
      column.not_null = !source.nullable;
    }
    column.masked = ReadsSecret(*bound, *table->schema);
    list->columns_.push_back(std::move(column));
    list->outputs_.push_back(std::move(bound));
  };
  for (const sql::SelectItem& item : items) {
    if (item.expr->kind == sql::ExprKind::kStar) {
      for (size_t i = 0; i < table->schema->size(); ++i) {
        const Column& column = table->schema->column(i);
        const auto& except = item.expr->except;
        if (std::find(except.begin(), except.end(), column.name) != except.end()) continue;
        add(expr::MakeColumn(i, column.type), column.name);
      }
      continue;
    }
    Result<ExprPtr> bound = BindExpr(*item.expr, scope);
    if (bound.code() == ErrorCode::kNeedsAnalytics) {
      return NotImplemented("RETURNING takes expressions over the row alone");
    }
    if (!bound.ok()) return bound.status();
    add(bound.Take(), item.alias.empty() ? DefaultColumnName(*item.expr) : item.alias);
  }
  list->table_ = std::move(table);
  return std::shared_ptr<const ReturningList>(std::move(list));
}

Status ReturningList::Emit(const RunContext& context, const std::vector<std::string>& stored,
                           ResultSink& sink) const {
  KDB_RETURN_IF_ERROR(sink.Begin(columns_));
  StoredRow row(*table_);
  Arena arena;
  expr::EvalFrame frame = MakeFrame(sources_, context, &arena);
  frame.row = &row;
  std::vector<Datum> cells(outputs_.size());
  for (const std::string& encoded : stored) {
    if (encoded.empty()) continue;  // nothing was written: ON CONFLICT DO NOTHING, or its WHERE
    KDB_RETURN_IF_ERROR(row.Set(encoded));
    for (size_t i = 0; i < outputs_.size(); ++i) cells[i] = outputs_[i]->Eval(frame);
    if (!frame.error.ok()) return std::move(frame.error);
    KDB_RETURN_IF_ERROR(sink.Row(cells));
    arena.Reset();
  }
  return Status::Ok();
}

size_t PreparedDml::ChangedRows(const shard::CommandOutcome& outcome) const {
  switch (kind) {
    case DmlKind::kInsert:
      return outcome.inserted + outcome.updated;
    case DmlKind::kUpdate:
      return outcome.updated;
    case DmlKind::kDelete:
      return distinct_keys_ == 0 ? outcome.deleted : std::min(distinct_keys_, outcome.deleted);
  }
  return 0;
}

Status PreparedDml::EmitRows(const RunContext& context, const std::vector<std::string>& stored,
                             ResultSink& sink) const {
  if (returning_ == nullptr) return InternalError("the statement returns no rows");
  return returning_->Emit(context, stored, sink);
}

}  // namespace kalamdb::query
