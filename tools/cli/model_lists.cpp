// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/model_lists.h"

#include <vector>

#include "models/config/named.h"
#include "models/gpu/gpu_spec.h"
#include "workloads/checkpoint/checkpoint.h"
#include "workloads/llm/shape_library.h"

namespace lutsim::tools {

std::string all_names() {
  std::string text;
  const auto section = [&text](const std::string& title, const std::vector<std::string>& names) {
    text += title + "\n";
    for (const auto& name : names) text += "  " + name + "\n";
  };
  section("architectures (--arch)", config::list_archs());
  section("memories (--set memory.standard=...)", config::list_named(config::kMemoryFolder));
  section("energy tables (--set energy_table=...)", config::list_named(config::kEnergyFolder));
  section("GPUs (--gpu)", models::list_gpus());
  section("embedded models (--model)", workloads::embedded_models());
  section("model shapes (--model)", workloads::list_models());
  return text;
}

}  // namespace lutsim::tools
