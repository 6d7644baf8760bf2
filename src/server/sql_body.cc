// Fields of a SQL request and the binding of JSON values to parameters.
#include "server/sql_body.h"

#include "base/ids.h"
#include "server/json_visit.h"
#include "server/multipart.h"

namespace kalamdb::server {

namespace {

using Kind = JsonItem::Kind;

class ParamsReader {
 public:
  Status Add(const JsonItem& item, std::vector<Value>* params) {
    ++count_;
    switch (item.kind) {
      case Kind::kArray:
      case Kind::kObject:
        return Status(ErrorCode::kInvalidParameter,
                      fmt::format("Parameter ${} invalid: {} parameters not yet supported", count_,
                                  item.kind == Kind::kArray ? "Array" : "Object"));
      default:
        break;
    }
    if (count_ > kMaxReadParams) return Status::Ok();
    switch (item.kind) {
      case Kind::kBool:
        params->emplace_back(Datum::Bool(item.boolean));
        break;
      case Kind::kInt:
        params->emplace_back(Datum::BigInt(item.integer));
        break;
      case Kind::kDouble:
        params->emplace_back(Datum::Real(TypeKind::kDouble, item.real));
        break;
      case Kind::kString:
        params->emplace_back(Datum::Text(item.text));
        break;
      default:
        params->emplace_back(Datum::Null());
    }
    return Status::Ok();
  }
  [[nodiscard]] Status Finish() const {
    if (count_ <= kMaxReadParams) return Status::Ok();
    return Status(
        ErrorCode::kParameterBinding,
        fmt::format("Parameter count exceeded: maximum 50 parameters allowed, got {}", count_));
  }

 private:
  size_t count_ = 0;
};

Status CheckBody(SqlBody* body, bool has_namespace) {
  if (has_namespace) {
    if (const std::string_view why = BadIdReason(body->ns); !why.empty()) {
      return Status(ErrorCode::kInvalidInput, fmt::format("Invalid namespace_id: {}", why));
    }
  }
  if (body->sql.size() > kMaxSqlBytes) {
    return InvalidSql(fmt::format("SQL query too long: {} bytes (maximum {} bytes)",
                                  body->sql.size(), kMaxSqlBytes));
  }
  body->has_params = !body->params.empty();
  return Status::Ok();
}

class SqlJson final : public JsonVisitor {
 public:
  explicit SqlJson(SqlBody* out) : out_(out) {}

  Status Field(std::string_view key, const JsonItem& item) override {
    if (key == "sql") {
      KDB_RETURN_IF_ERROR(Once(&has_sql_, key));
      if (item.kind != Kind::kString) return WrongType(key, "a string");
      out_->sql = item.text;
    } else if (key == "params") {
      KDB_RETURN_IF_ERROR(Once(&has_params_, key));
      if (item.kind != Kind::kArray && item.kind != Kind::kNull) return WrongType(key, "an array");
    } else if (key == "namespace_id") {
      KDB_RETURN_IF_ERROR(Once(&seen_namespace_, key));
      if (item.kind == Kind::kNull) return Status::Ok();
      if (item.kind != Kind::kString) return WrongType(key, "a string");
      has_namespace_ = true;
      out_->ns = item.text;
    }
    return Status::Ok();
  }
  Status Element(std::string_view key, const JsonItem& item) override {
    return key == "params" ? params_.Add(item, &out_->params) : Status::Ok();
  }
  Status Finish() {
    if (!has_sql_) return Status(ErrorCode::kInvalidInput, "missing field `sql`");
    KDB_RETURN_IF_ERROR(params_.Finish());
    return CheckBody(out_, has_namespace_);
  }

 private:
  static Status Once(bool* seen, std::string_view key) {
    if (*seen) return Status(ErrorCode::kInvalidInput, fmt::format("duplicate field `{}`", key));
    *seen = true;
    return Status::Ok();
  }
  static Status WrongType(std::string_view key, std::string_view wanted) {
    return Status(ErrorCode::kInvalidInput, fmt::format("field `{}` must be {}", key, wanted));
  }

  SqlBody* const out_;
  ParamsReader params_;
  bool has_sql_ = false, has_params_ = false, seen_namespace_ = false, has_namespace_ = false;
};

class ParamsJson final : public JsonVisitor {
 public:
  explicit ParamsJson(SqlBody* out) : out_(out) {}
  Status Field(std::string_view, const JsonItem&) override { return Status::Ok(); }
  Status Element(std::string_view, const JsonItem& item) override {
    return params_.Add(item, &out_->params);
  }
  [[nodiscard]] Status Finish() const { return params_.Finish(); }

 private:
  SqlBody* const out_;
  ParamsReader params_;
};

bool IsBlank(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

}  // namespace

Status ParseSqlJson(std::string_view body, SqlBody* out) {
  SqlJson reader(out);
  if (Status s = VisitJsonObject(body, &reader); !s.ok()) {
    if (s.code() != ErrorCode::kInvalidInput) return s;
    return Status(ErrorCode::kInvalidInput, fmt::format("Invalid JSON payload: {}", s.message()));
  }
  return reader.Finish();
}

Status ParseSqlForm(std::string_view content_type, std::string_view body, SqlBody* out) {
  KDB_ASSIGN_OR_RETURN(std::vector<FormPart> parts, ParseMultipart(content_type, body));
  bool has_namespace = false;
  std::optional<std::string_view> params;
  for (const FormPart& part : parts) {
    if (part.name.starts_with("file:")) {
      return Status(ErrorCode::kInvalidInput, "File uploads are not supported yet");
    }
    if (part.name == "sql") {
      out->sql = part.content;
    } else if (part.name == "params") {
      params = part.content;
    } else if (part.name == "namespace_id") {
      out->ns = part.content;
      has_namespace = true;
    }
  }
  if (IsBlank(out->sql)) return Status(ErrorCode::kEmptySql, "SQL statement is required");
  if (params) {
    ParamsJson reader(out);
    if (Status s = VisitJsonArray(*params, &reader); !s.ok()) {
      if (s.code() != ErrorCode::kInvalidInput) return s;
      return Status(ErrorCode::kInvalidParameter, fmt::format("Invalid params: {}", s.message()));
    }
    KDB_RETURN_IF_ERROR(reader.Finish());
  }
  return CheckBody(out, has_namespace);
}

}  // namespace kalamdb::server
