// A store, a catalog and a commit pipeline in a directory of their own, and statements run through
// them as the server does: parse, plan, prepare, commit.
#pragma once

#include <gtest/gtest.h>

#include <filesystem>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/id_source.h"
#include "base/logging.h"
#include "catalog/catalog.h"
#include "query/dml.h"
#include "query/select.h"
#include "shard/executor.h"
#include "sql/parser.h"
#include "types/convert.h"
#include "types/json_cell.h"

namespace kalamdb::query {

// Cells as the wire shows them.
class CollectingSink final : public ResultSink {
 public:
  Status Begin(const std::vector<ResultColumn>& columns) override {
    ++begun;
    this->columns = columns;
    return Status::Ok();
  }
  Status Row(std::span<const Datum> cells) override {
    std::string row;
    for (const Datum& cell : cells) {
      if (!row.empty()) row += ' ';
      AppendCell(&row, cell);
    }
    rows.push_back(std::move(row));
    return Status::Ok();
  }

  int begun = 0;
  std::vector<ResultColumn> columns;
  std::vector<std::string> rows;
};

struct Answer {
  Status status;
  std::vector<ResultColumn> columns;
  std::vector<std::string> rows;
  size_t changed = 0;
  bool truncated = false;
  int prepared = 0;  // how often rows were selected
};

using Rows = std::vector<std::string>;

class QueryTest : public ::testing::Test {
 protected:
  QueryTest() : clock_(1'750'000'000'000'000), log_(Logger::Null()) {
    std::string pattern = (std::filesystem::temp_directory_path() / "kdb-query-XXXXXX").string();
    if (::mkdtemp(pattern.data()) == nullptr) abort();
    path_ = pattern;
    storage::StoreOptions options;
    options.sync_writes = false;
    store_ = storage::HotStore::Open(path_, options).Take();
    catalog_ = catalog::Catalog::Open(store_.get(), "/", "{namespace}", "{namespace}", 1).Take();
    ids_ = std::make_unique<IdSource>(&clock_, 1, 0, [](int64_t) { return true; });
    executor_ = shard::LocalExecutor::Open(store_.get(), &clock_, log_.get(), {}).Take();
    sources_.store = store_.get();
    sources_.catalog = catalog_.get();
    sources_.ids = ids_.get();
    catalog::NamespaceInfo ns;
    ns.name = "app";
    Meta(catalog_->PrepareCreateNamespace(ns).Take());
  }
  ~QueryTest() override {
    executor_.reset();
    catalog_.reset();
    store_.reset();
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }

  void Meta(catalog::MetaChange change) {
    shard::Command command;
    command.meta = std::move(change);
    Status status = executor_->Execute(std::move(command)).status;
    ASSERT_TRUE(status.ok()) << status.message();
  }

  // CREATE TABLE by its text, without the rights and checks of the engine.
  void Create(const std::string& text) {
    Result<sql::Statement> parsed = sql::ParseStatement(text, Role::kSystem);
    ASSERT_TRUE(parsed.ok()) << parsed.status().message();
    const auto& create = std::get<sql::CreateTable>(parsed->body);
    catalog::TableInfo info;
    info.ns = create.name.schema.empty() ? "app" : create.name.schema;
    info.name = create.name.table;
    info.kind = create.kind;
    info.created_millis = clock_.WallMillis();
    info.options.ttl_seconds = create.ttl_seconds.value_or(0);
    info.options.access_level = create.access_level.value_or(AccessLevel::kPrivate);
    std::vector<Column> columns;
    for (const sql::ColumnSpec& spec : create.columns) columns.push_back(ToColumn(spec));
    catalog::TablePtr created;
    Meta(catalog_->PrepareCreateTable(std::move(info), std::move(columns), &created).Take());
  }
  static Column ToColumn(const sql::ColumnSpec& spec) {
    Column column;
    column.name = spec.name;
    column.type = spec.type;
    column.nullable = !spec.not_null && !spec.primary_key;
    column.primary_key = spec.primary_key;
    column.default_value = spec.default_value;
    return column;
  }
  catalog::TablePtr Table(std::string_view name) { return catalog_->FindTable("app", name).Take(); }

  // A new version of the table with these columns (ids set by the caller).
  void Alter(const std::string& name, std::vector<Column> columns) {
    catalog::TablePtr old = Table(name);
    auto schema = std::make_shared<const Schema>(old->schema->version() + 1, std::move(columns));
    catalog::TablePtr altered;
    Meta(catalog_->PrepareAlterTable(old, schema, old->options, 2, &altered).Take());
  }

  PlanOptions Options() const {
    PlanOptions options;
    options.default_ns = "app";
    options.params = params_;
    options.default_limit = default_limit_;
    options.max_limit = max_limit_;
    return options;
  }
  RunContext Context() {
    RunContext context;
    context.user = user_;
    context.role = role_;
    context.params = params_;
    context.now_micros = clock_.WallMicros();
    context.snapshot = store_->GetSnapshot();
    context.scan_budget = budget_;
    return context;
  }

  Answer Run(const std::string& text, std::vector<Value> params = {}) {
    params_ = std::move(params);
    Answer answer;
    Result<sql::Statement> parsed = sql::ParseStatement(text, role_);
    if (!parsed.ok()) {
      answer.status = parsed.status();
    } else if (auto* select = std::get_if<sql::SelectPtr>(&parsed->body)) {
      RunSelect(**select, &answer);
    } else if (auto* insert = std::get_if<sql::Insert>(&parsed->body)) {
      RunDml(PlanInsert(*insert, sources_, analytics_, Options()), &answer);
    } else if (auto* update = std::get_if<sql::Update>(&parsed->body)) {
      RunDml(PlanUpdate(*update, sources_, analytics_, Options()), &answer);
    } else if (auto* del = std::get_if<sql::Delete>(&parsed->body)) {
      RunDml(PlanDelete(*del, sources_, analytics_, Options()), &answer);
    } else {
      answer.status = InternalError("no query");
    }
    return answer;
  }
  void RunSelect(const sql::Select& select, Answer* answer) {
    Result<SelectPlanPtr> plan = PlanSelect(select, sources_, analytics_, Options());
    if (!plan.ok()) {
      answer->status = plan.status();
      return;
    }
    CollectingSink sink;
    answer->status = (*plan)->Run(Context(), sink, &answer->truncated);
    answer->rows = std::move(sink.rows);
    answer->columns = (*plan)->columns();
  }
  void RunDml(const Result<DmlPlanPtr>& plan, Answer* answer) {
    if (!plan.ok()) {
      answer->status = plan.status();
      return;
    }
    shard::CommandOutcome outcome;
    PreparedDml prepared;
    for (answer->prepared = 1; answer->prepared <= 8; ++answer->prepared) {
      Result<PreparedDml> made = (*plan)->Prepare(Context());
      if (!made.ok()) {
        answer->status = made.status();
        return;
      }
      prepared = made.Take();
      if (prepared.rows.empty()) break;
      shard::Command command;
      command.rows = std::move(prepared.rows);
      if (between_) std::exchange(between_, nullptr)();
      outcome = executor_->Execute(std::move(command));
      if (outcome.status.code() != ErrorCode::kRetry) break;
    }
    answer->status = outcome.status;
    if (!outcome.status.ok()) return;
    answer->changed = prepared.ChangedRows(outcome);
    if (prepared.returning()) {
      CollectingSink sink;
      answer->status = prepared.EmitRows(Context(), outcome.rows, sink);
      answer->rows = std::move(sink.rows);
      answer->columns = std::move(sink.columns);
    }
  }

  // Of a statement that has to work.
  Rows Query(const std::string& text, std::vector<Value> params = {}) {
    Answer answer = Run(text, std::move(params));
    EXPECT_TRUE(answer.status.ok()) << text << ": " << answer.status.message();
    return answer.rows;
  }
  size_t Change(const std::string& text, std::vector<Value> params = {}) {
    Answer answer = Run(text, std::move(params));
    EXPECT_TRUE(answer.status.ok()) << text << ": " << answer.status.message();
    return answer.changed;
  }
  // The message of a statement that has to fail.
  std::string Error(const std::string& text, std::vector<Value> params = {}) {
    Answer answer = Run(text, std::move(params));
    EXPECT_FALSE(answer.status.ok()) << text;
    return std::string(answer.status.message());
  }
  static Value Int(int64_t v) { return Value(Datum::BigInt(v)); }
  static Value Real(double v) { return Value(Datum::Real(TypeKind::kDouble, v)); }
  static Value Text(const std::string& v) { return Value::Text(v); }

  ManualClock clock_;
  std::unique_ptr<Logger> log_;
  std::string path_;
  std::unique_ptr<storage::HotStore> store_;
  std::unique_ptr<catalog::Catalog> catalog_;
  std::unique_ptr<IdSource> ids_;
  std::unique_ptr<shard::LocalExecutor> executor_;
  Sources sources_;
  AnalyticalEngine* analytics_ = nullptr;  // set where a statement needs it

  std::string user_ = "ann";
  Role role_ = Role::kService;
  std::vector<Value> params_;
  uint64_t default_limit_ = 0, max_limit_ = 0;
  size_t budget_ = 0;
  std::function<void()> between_;  // runs once, between Prepare and commit
};

}  // namespace kalamdb::query
