// system.topics and system.topic_offsets. This build has no topics: they have no rows.
#include "system/table_families.h"

namespace kalamdb::system {

namespace {

constexpr ColumnSpec kTopics[] = {{"topic_id", T, kKey},
                                  {"name", T},
                                  {"alias", T, kNullable},
                                  {"partitions", I},
                                  {"retention_seconds", B, kNullable},
                                  {"retention_max_bytes", B, kNullable},
                                  {"routes", J},
                                  {"created_at", Ts},
                                  {"updated_at", Ts}};

constexpr ColumnSpec kTopicOffsets[] = {{"topic_id", T, kKey},
                                        {"group_id", T, kKey},
                                        {"partition_id", I, kKey},
                                        {"last_acked_offset", B},
                                        {"updated_at", Ts}};

constexpr TableSpec kSpecs[] = {{"system", "topics", true, kTopics, nullptr},
                                {"system", "topic_offsets", true, kTopicOffsets, nullptr}};

}  // namespace

std::span<const TableSpec> TopicTables() { return kSpecs; }

}  // namespace kalamdb::system
