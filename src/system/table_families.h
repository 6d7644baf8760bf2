// The tables of this room, one function per file.
#pragma once

#include <functional>
#include <span>

#include "system/computed_table.h"

namespace kalamdb::system {

std::span<const TableSpec> AccountTables();  // users, audit_log
std::span<const TableSpec>
CatalogTables();                         // namespaces, schemas, storages, tables, columns, describe
std::span<const TableSpec> JobTables();  // jobs, job_nodes
std::span<const TableSpec> TopicTables();              // topics, topic_offsets
std::span<const TableSpec> ManifestTables();           // manifest
std::span<const TableSpec> SessionTables();            // live, sessions, transactions
std::span<const TableSpec> StatsTables();              // stats
std::span<const TableSpec> SettingsTables();           // settings
std::span<const TableSpec> ServerLogTables();          // server_logs
std::span<const TableSpec> ClusterTables();            // cluster, cluster_groups
std::span<const TableSpec> DatatypeTables();           // datatypes
std::span<const TableSpec> InformationSchemaTables();  // information_schema.*

// All of them; `visit` returns false to stop.
void ForEachTableSpec(const std::function<bool(const TableSpec&)>& visit);

}  // namespace kalamdb::system
