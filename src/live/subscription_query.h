// What one subscription asks for: a table, a filter and a projection, bound when it subscribes.
// Immutable and shared by all subscriptions that ask for the same.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "catalog/table.h"
#include "expr/expr.h"
#include "query/context.h"

namespace kalamdb::live {

struct SubscriptionQuery {
  catalog::TablePtr table;
  std::string owner;              // the subscriber for USER and STREAM tables, empty for SHARED
  expr::ExprPtr filter;           // null: every row
  bool all_columns = false;       // SELECT *
  std::vector<uint16_t> columns;  // projected ordinals; for * all in order, system columns included
  bool masks_secrets = false;     // the subscriber may not read credentials: they show as "***"
  std::string fingerprint;        // equal for equal filter, projection and masking
  // A conjunct `column = constant`, by which changes find this query without evaluating it; -1:
  // none.
  int equality_column = -1;
  Value equality_value;
};
using SubscriptionQueryPtr = std::shared_ptr<const SubscriptionQuery>;

// Why a subscription was refused: a code of the protocol and a complete message.
struct Refusal {
  std::string_view code;
  std::string message;
};

struct Subscriber {
  std::string_view user;
  Role role;
};

// Null, with `refusal` filled in, when the text is no subscription that this subscriber may have.
SubscriptionQueryPtr BindSubscription(const query::Sources& sources, std::string_view sql,
                                      const Subscriber& who, int64_t now_micros, Refusal* refusal);
// Whether `who` may (still) subscribe to `table`.
bool MaySubscribe(const catalog::TableInfo& table, Role role, Refusal* refusal);

}  // namespace kalamdb::live
