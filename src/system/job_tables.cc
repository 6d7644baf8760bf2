// system.jobs and system.job_nodes. This build runs no background jobs: they have no rows.
#include "system/table_families.h"

namespace kalamdb::system {

namespace {

constexpr ColumnSpec kJobs[] = {{"job_id", T, kKey},
                                {"job_type", T},
                                {"status", T},
                                {"leader_status", T, kNullable},
                                {"parameters", J, kNullable},
                                {"message", T, kNullable},
                                {"exception_trace", T, kNullable},
                                {"idempotency_key", T, kNullable},
                                {"queue", T, kNullable},
                                {"priority", I, kNullable},
                                {"retry_count", S},
                                {"max_retries", S},
                                {"memory_used", B, kNullable},
                                {"cpu_used", B, kNullable},
                                {"created_at", Ts},
                                {"updated_at", Ts},
                                {"started_at", Ts, kNullable},
                                {"finished_at", Ts, kNullable},
                                {"node_id", B},
                                {"leader_node_id", B, kNullable}};

constexpr ColumnSpec kJobNodes[] = {{"job_id", T, kKey},
                                    {"node_id", B, kKey},
                                    {"status", T},
                                    {"error_message", T, kNullable},
                                    {"created_at", Ts},
                                    {"started_at", Ts, kNullable},
                                    {"finished_at", Ts, kNullable},
                                    {"updated_at", Ts}};

constexpr TableSpec kSpecs[] = {{"system", "jobs", true, kJobs, nullptr},
                                {"system", "job_nodes", true, kJobNodes, nullptr}};

}  // namespace

std::span<const TableSpec> JobTables() { return kSpecs; }

}  // namespace kalamdb::system
