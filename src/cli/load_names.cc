// System tables for those who may read them; SHOW tells everybody else what they can see.
#include "cli/load_names.h"

#include <fmt/format.h>

#include <optional>

namespace kalamdb::cli {
namespace {

class Loader {
 public:
  explicit Loader(Context* context) : context_(context) {}

  // Calls `take(result, row)` for every row; false when the server refuses the query.
  template <typename Take>
  bool Rows(std::string_view sql, const Take& take) {
    if (broken_) return false;
    const Result<client::SqlReply> reply = context_->session->Query(sql);
    if (!reply.ok()) {
      broken_ = reply.code() == ErrorCode::kUnavailable || reply.code() == ErrorCode::kTimeout ||
                reply.code() == ErrorCode::kInvalidOperation;
      context_->Verbose(fmt::format("Completion: {}", reply.status().message()));
      return false;
    }
    if (reply->results.empty() || reply->results[0].rows() == nullptr) return true;
    const client::SqlResult& result = reply->results[0];
    for (size_t row = 0; row < result.rows()->size(); ++row) take(result, row);
    return true;
  }

 private:
  Context* context_;
  bool broken_ = false;  // the network, or Ctrl+C
};

std::string ByName(const client::SqlResult& result, size_t row, std::string_view name) {
  for (size_t i = 0; i < result.columns.size(); ++i) {
    if (result.columns[i].name == name) return result.Text(row, i);
  }
  return {};
}

}  // namespace

void LoadNames(Context* context, NameCatalog* names) {
  names->Reset();
  Loader loader(context);
  const auto namespace_row = [names](const client::SqlResult& result, size_t row) {
    names->AddNamespace(ByName(result, row, "name"));
  };
  const auto table_row = [names](const client::SqlResult& result, size_t row) {
    names->AddTable(ByName(result, row, "namespace_id"), ByName(result, row, "table_name"));
  };
  if (!loader.Rows("SELECT name FROM system.namespaces ORDER BY name", namespace_row)) {
    loader.Rows("SHOW NAMESPACES", namespace_row);
  }
  if (!loader.Rows(fmt::format("SELECT table_name, namespace_id FROM system.tables LIMIT {}",
                               NameCatalog::kMaxNames),
                   table_row)) {
    loader.Rows("SHOW TABLES", table_row);
  }
  loader.Rows(
      "SELECT table_schema, table_name FROM information_schema.tables WHERE table_schema IN "
      "('system', 'information_schema') ORDER BY table_schema, table_name",
      [names](const client::SqlResult& result, size_t row) {
        names->AddTable(ByName(result, row, "table_schema"), ByName(result, row, "table_name"));
      });
  // Tables of the same name in two namespaces are two tables, hence the schema. People's own tables
  // come first: the bound cuts the end off.
  for (const char* which : {"NOT IN", "IN"}) {
    loader.Rows(
        fmt::format("SELECT table_schema, table_name, column_name FROM information_schema.columns "
                    "WHERE table_schema {} ('system', 'information_schema') "
                    "ORDER BY table_name, ordinal_position LIMIT {}",
                    which, NameCatalog::kMaxNames),
        [names](const client::SqlResult& result, size_t row) {
          names->AddColumn(ByName(result, row, "table_schema"), ByName(result, row, "table_name"),
                           ByName(result, row, "column_name"));
        });
  }
}

std::string ClusterName(Context* context) {
  std::string name;
  Loader loader(context);
  loader.Rows(
      "SELECT cluster_id, node_id, role, status, api_addr, is_self, is_leader, version FROM "
      "system.cluster ORDER BY is_leader DESC, node_id ASC",
      [&name](const client::SqlResult& result, size_t row) {
        if (name.empty()) name = ByName(result, row, "cluster_id");
      });
  return name;
}

}  // namespace kalamdb::cli
