// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/input_kinds.h"

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/cost/cost_table.h"
#include "models/energy/energy_table.h"
#include "models/gpu/gpu_spec.h"
#include "models/quality/quality_table.h"
#include "models/spec/arch_spec.h"
#include "models/spec/memory_standard.h"
#include "tools/run/run_spec.h"
#include "tools/serve/serve_spec.h"
#include "tools/sweep/sweep_space.h"
#include "workloads/scenario/workload_spec.h"

namespace lutsim::tools {
namespace {

/// Example spaces.
constexpr const char* kSpaceFolder = "tools/sweep/examples";

template <class Spec>
InputKind kind(const char* name, const char* doc, const char* folder) {
  return {name, doc, folder, &config::type_info<Spec>(),
          [](const std::filesystem::path& file) { config::read_yaml<Spec>(file); }};
}

/// An architecture also names two other files, which must be there.
void check_arch(const std::filesystem::path& file) {
  const auto arch = config::read_yaml<spec::ArchSpec>(file);
  config::find_named(config::kMemoryFolder, arch.memory.standard, "memory");
  config::find_named(config::kEnergyFolder, arch.energy_table, "energy table");
}

}  // namespace

const std::vector<InputKind>& input_kinds() {
  static const std::vector<InputKind> kinds = [] {
    std::vector<InputKind> list{
        kind<spec::ArchSpec>("arch", "an accelerator", config::kHardwareFolder),
        kind<spec::MemoryStandard>("memory", "a DRAM standard and speed bin",
                                   config::kMemoryFolder),
        kind<models::EnergyTableFile>("energy", "energies, powers and areas",
                                      config::kEnergyFolder),
        kind<models::GpuSpec>("gpu", "a GPU of the baseline", config::kGpuFolder),
        kind<models::CostTableFile>("cost", "prices of silicon, memory, GPUs and electricity",
                                    config::kCostFolder),
        kind<models::QualityTable>("quality", "perplexities of quantised models",
                                   config::kQualityFolder),
        kind<workloads::WorkloadSpec>("workload", "what runs", ""),
        kind<RunSpec>("run", "everything that one run depends on (config.resolved.yaml)", ""),
        kind<ServeSpec>("serve", "everything that a serving run depends on", ""),
        {"sweep", "a space of designs and what to look for", kSpaceFolder, &sweep::space_type(),
         [](const std::filesystem::path& file) { sweep::read_space(file); }},
    };
    list.front().check = check_arch;
    return list;
  }();
  return kinds;
}

const InputKind& input_kind(const std::string& name) {
  std::vector<std::string> names;
  for (const InputKind& k : input_kinds()) {
    if (k.name == name) return k;
    names.push_back(k.name);
  }
  throw config::InputError(name,
                           "no kind of input file (one of: " + config::comma_list(names) + ")",
                           config::did_you_mean(name, names));
}

}  // namespace lutsim::tools
