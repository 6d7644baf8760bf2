// Bodies of /v1/api/sql, as JSON and as a form: no crash, bounds kept.
#include <cstdint>
#include <cstdlib>
#include <string>

#include "server/sql_body.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace kalamdb::server;
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  SqlBody json, form;
  if (ParseSqlJson(bytes, &json).ok()) {
    if (json.sql.size() > kMaxSqlBytes || json.params.size() > kMaxReadParams) std::abort();
    if (json.has_params == json.params.empty()) std::abort();
  }
  (void)ParseSqlForm("multipart/form-data; boundary=b", bytes, &form);
  return 0;
}
