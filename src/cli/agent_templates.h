// The files of --init-agent. {{NAME}} and the like stand for what is filled in (agent_project.cc).
#pragma once

#include <span>
#include <string_view>

namespace kalamdb::cli {

struct AgentTemplate {
  std::string_view path;
  std::string_view text;
  bool executable = false;
};

std::span<const AgentTemplate> AgentTemplates();

}  // namespace kalamdb::cli
