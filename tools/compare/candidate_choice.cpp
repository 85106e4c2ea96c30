// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/candidate_choice.h"

#include <algorithm>
#include <optional>

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "tools/run/gpu_comparison.h"
#include "tools/support/choice.h"
#include "tools/support/split.h"

namespace lutsim::tools {

namespace {

bool is_file(const std::string& name) {
  return name.find('/') != std::string::npos || name.find(".yaml") != std::string::npos;
}

/// What hardware may choose for itself without another job to do.
bool is_hardware_choice(const std::string& key) {
  static const std::vector<std::string> kKeys{"weight_bits", "group_size", "kv_bits", "sparsity",
                                              "method"};
  return std::find(kKeys.begin(), kKeys.end(), key) != kKeys.end();
}

AcceleratorChoice accelerator(const std::string& text, const std::vector<std::string>& parts,
                              const spec::ArchSpec& arch, const RunSpec& base) {
  AcceleratorChoice choice{text, base};
  RunSpec& spec = choice.spec;
  spec.arch = arch;
  spec.gpus.clear();
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::string& part = parts[i];
    const std::size_t equal = part.find('=');
    if (equal == std::string::npos) {
      config::apply_set(spec, "arch.system.chips=" + part, text);
      continue;
    }
    const std::string key = part.substr(0, equal), value = part.substr(equal + 1);
    if (key == "engine") {
      const auto engine = find_choice<spec::Engine>(value);
      if (!engine) throw config::InputError(text, "'" + value + "' is no engine");
      spec.arch.matrix = spec::with_engine(spec.arch.matrix, *engine);
    } else if (is_hardware_choice(key)) {
      // A bare number of bits, as the options of the command line have it.
      const bool is_bare = key.find("bits") != std::string::npos &&
                           value.find_first_not_of("0123456789") == std::string::npos;
      config::apply_set(spec, "workload." + part + (is_bare ? " bit" : ""), text);
    } else {
      config::apply_set(spec, "arch." + part, text);
    }
  }
  return choice;
}

std::vector<CandidateChoice> gpu_lines(const std::string& text, const RunSpec& base) {
  const GpuSelection gpus = parse_gpu_selection(text);
  const models::GpuLine line = gpus.line.value_or(models::GpuLine::served);
  std::vector<CandidateChoice> choices;
  for (const models::GpuPrecision precision : precisions_of(gpus, base.workload.weight_bits)) {
    const std::string name =
        gpus.name() + ":" + spec::to_string_of(precision) + ":" + spec::to_string_of(line);
    choices.emplace_back(GpuLineChoice{name, gpus, precision, line});
  }
  return choices;
}

}  // namespace

std::vector<CandidateChoice> parse_candidate(const std::string& text, const RunSpec& base) {
  namespace fs = std::filesystem;
  if (fs::is_directory(text)) return {RunChoice{text, fs::path(text) / "result.json"}};
  if (fs::path(text).extension() == ".json" && fs::exists(text)) return {RunChoice{text, text}};
  const std::vector<std::string> parts = split(text, ':');
  if (parts.empty()) throw config::InputError("lutsim compare", "a candidate has no name");
  if (is_file(parts[0]) || config::is_arch_name(parts[0])) {
    return {accelerator(text, parts, config::load_arch(parts[0]), base)};
  }
  std::vector<std::string> names = models::list_gpus();
  if (std::find(names.begin(), names.end(), parts[0]) != names.end()) {
    return gpu_lines(text, base);
  }
  for (const std::string& name : config::list_archs()) names.push_back(name);
  throw config::InputError(text, "is neither a run, an accelerator nor a GPU",
                           config::did_you_mean(parts[0], names));
}

}  // namespace lutsim::tools
