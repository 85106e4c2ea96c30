// SPDX-License-Identifier: Apache-2.0
#include "models/gpu/gpu_spec.h"

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/config/read_yaml.h"

namespace lutsim::models {

namespace {

constexpr const char* kGpuFolder = "models/hardware/gpu";

void validate_weight_only(const char* key, const GpuWeightOnlySpec& kernel) {
  if (kernel.low > kernel.bandwidth_efficiency || kernel.high < kernel.bandwidth_efficiency) {
    throw spec::SpecError(std::string(key) +
                          ".bandwidth_efficiency = " + std::to_string(kernel.bandwidth_efficiency) +
                          ": must lie between low and high");
  }
}

}  // namespace

void validate(const GpuSpec& gpu) {
  if (gpu.schema != GpuSpec::kSchema) {
    throw spec::SpecError("schema = " + gpu.schema + ": this program reads " + GpuSpec::kSchema);
  }
  validate_weight_only("int4", gpu.int4);
  validate_weight_only("int3", gpu.int3);
}

std::vector<std::string> list_gpus() { return config::list_named(kGpuFolder); }

GpuSpec load_gpu(const std::string& name_or_path) {
  return config::read_yaml<GpuSpec>(config::find_named(kGpuFolder, name_or_path, "GPU"));
}

GpuGroup load_gpu_group(const std::string& text) {
  const std::size_t colon = text.rfind(':');
  GpuGroup group{load_gpu(text.substr(0, colon)), 0};
  if (colon == std::string::npos) return group;
  const std::string count = text.substr(colon + 1);
  if (count.empty() || count.size() > 3 ||
      count.find_first_not_of("0123456789") != std::string::npos || std::stoul(count) == 0) {
    throw config::InputError("--gpu", "'" + text + "' is not NAME or NAME:COUNT");
  }
  group.count = static_cast<std::uint32_t>(std::stoul(count));
  return group;
}

}  // namespace lutsim::models
