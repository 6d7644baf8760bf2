// --init-agent: a TypeScript project of an agent that reads a topic and writes back what a model
// made of each row.
#pragma once

#include <string>

#include "base/status.h"

namespace kalamdb::cli {

// Empty: the default, which may follow from the others.
struct AgentOptions {
  std::string name;           // <table>-agent
  std::string output = ".";   // the directory that the project's goes into
  std::string table;          // blog.blogs
  std::string topic;          // <ns>.<table>_agent
  std::string group;          // <name>-group
  std::string id_column;      // blog_id
  std::string input_column;   // content
  std::string output_column;  // summary
  std::string system_prompt;
};

// Fills in the defaults and checks every name: `Configuration error: agent-table must be
// namespace.table, ...` and the like.
Status CompleteAgentOptions(AgentOptions* options);

// Writes <output>/<name> and tells what to do next. <output> must exist; a directory that holds
// something is refused. Asks for table and name when `interactive` and they were not given.
Status WriteAgentProject(AgentOptions options, bool interactive);

}  // namespace kalamdb::cli
