// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <tuple>

#include "models/spec/arch_spec.h"
#include "workloads/scenario/workload_spec.h"

namespace lutsim::tools {

/// What stands in the matrix unit's place: the golden model, or the Verilated RTL.
enum class EngineImpl { model, rtl };
inline auto enum_names(EngineImpl) {
  return std::array<spec::EnumName<EngineImpl>, 2>{
      {{EngineImpl::model, "model"}, {EngineImpl::rtl, "rtl"}}};
}

/// Everything that one run depends on. Its text is config.resolved.yaml, which `lutsim run
/// --config` runs again to the same result.
struct RunSpec {
  std::string schema = kSchema;
  spec::ArchSpec arch;
  workloads::WorkloadSpec workload;
  bool functional = false;
  EngineImpl engine_impl = EngineImpl::model;
  std::string rtl_layers;
  bool exact = false;
  std::string gpus = "a100-80gb,h100-sxm";
  std::uint64_t seed = 1;

  static constexpr const char* kSchema = "lutsim.run/1";

  static constexpr auto fields() {
    using S = RunSpec;
    using spec::field;
    return std::make_tuple(
        field("schema", &S::schema, "format of this file: lutsim.run/1"),
        field("arch", &S::arch, "the accelerator"), field("workload", &S::workload, "what it runs"),
        field("functional", &S::functional, "compute every tensor, not only the time").maybe(),
        field("engine_impl", &S::engine_impl, "matrix unit: golden model or Verilated RTL").maybe(),
        field(
            "rtl_layers", &S::rtl_layers,
            "layers whose matrices run on the RTL with engine_impl rtl, for example 0,3-5; empty: "
            "all")
            .maybe(),
        field("exact", &S::exact, "simulate every command, no shortcut").maybe(),
        field("gpus", &S::gpus, "GPUs to compare with, separated by commas; empty: none").maybe(),
        field("seed", &S::seed, "seed of sampling and of the uncertainty analysis").maybe());
  }
};

}  // namespace lutsim::tools
