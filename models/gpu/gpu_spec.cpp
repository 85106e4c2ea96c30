// SPDX-License-Identifier: Apache-2.0
#include "models/gpu/gpu_spec.h"

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

}  // namespace lutsim::models
