// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <tuple>

#include "models/spec/arch_spec.h"
#include "workloads/scenario/model_format_fields.h"
#include "workloads/serving/request_generator.h"

namespace lutsim::tools {

/// What becomes of a request that is longer than the longest that is served.
enum class LongRequests { refuse, cut };
inline auto enum_names(LongRequests) {
  return std::array<spec::EnumName<LongRequests>, 2>{
      {{LongRequests::refuse, "refuse"}, {LongRequests::cut, "cut"}}};
}

/// Everything that a serving run depends on. Its text is config.resolved.yaml, which `lutsim serve
/// --config` runs again to the same result. Lists are separated by commas.
struct ServeSpec {
  std::string schema = kSchema;
  spec::ArchSpec arch;
  bool accelerator = true;
  std::string models;
  std::uint32_t weight_bits = 4;
  std::uint32_t group_size = 0;
  std::uint32_t kv_bits = 16;
  std::uint32_t adapters = 1;
  std::uint32_t replicas = 1;
  std::uint32_t token_budget = 128;
  std::uint32_t max_sequences = 64;
  bool exact = false;
  std::string gpus;
  std::string gpu_formats = "fp16";
  std::string gpu_lines = "served";
  std::uint32_t gpu_replicas = 1;
  std::uint32_t gpu_token_budget = 2048;
  std::uint32_t gpu_max_sequences = 256;
  double gpu_reserve = 0.1;
  double reserve = 0.02;
  std::uint32_t page_tokens = 16;
  std::uint32_t max_context = 16384;
  bool prefix_reuse = true;
  std::string trace;
  double rate = 0;
  double duration = 0;
  double burstiness = 1;
  workloads::LengthProfile lengths = workloads::LengthProfile::azure_conv;
  double shared_share = 0;
  std::uint32_t shared_groups = 8;
  std::uint32_t shared_tokens = 512;
  LongRequests long_requests = LongRequests::refuse;
  double objective_ttft = 0;
  double objective_tpot = 0;
  std::uint64_t seed = 1;

  static constexpr const char* kSchema = "lutsim.serve/1";

  static constexpr auto fields() {
    using S = ServeSpec;
    using spec::field;
    using spec::Unit;
    return std::make_tuple(
        field("schema", &S::schema, "format of this file: lutsim.serve/1"),
        field("arch", &S::arch, "the accelerator"),
        field("accelerator", &S::accelerator, "serve on the accelerator; false: on GPUs only")
            .maybe(),
        field("models", &S::models, "names of the model shapes that are served"),
        workloads::weight_bits_field(&S::weight_bits, "accelerator: bit-planes of a weight"),
        workloads::group_size_field(&S::group_size),
        workloads::kv_bits_field(&S::kv_bits, "accelerator: bits of a cached key or value element"),
        field("adapters", &S::adapters, "sets of scales of each model, drawn evenly by requests")
            .range(1, 4096)
            .maybe(),
        field("replicas", &S::replicas, "accelerators (each of system.chips chips) side by side")
            .range(1, 4096)
            .maybe(),
        field("token_budget", &S::token_budget, "accelerator: rows of one iteration")
            .range(1, 65536)
            .maybe(),
        field("max_sequences", &S::max_sequences, "accelerator: sequences that run at a time")
            .range(1, 4096)
            .maybe(),
        field("exact", &S::exact, "simulate every distinct pass, no interpolation").maybe(),
        field("gpus", &S::gpus,
              "GPUs, NAME or NAME:COUNT for COUNT tensor-parallel ones; empty: none")
            .maybe(),
        field("gpu_formats", &S::gpu_formats, "precisions of each GPU").maybe(),
        field("gpu_lines", &S::gpu_lines, "lines of each GPU: ideal, kernel, served").maybe(),
        field("gpu_replicas", &S::gpu_replicas, "GPUs (each of COUNT) side by side")
            .range(1, 4096)
            .maybe(),
        field("gpu_token_budget", &S::gpu_token_budget, "GPU: rows of one iteration")
            .range(1, 65536)
            .maybe(),
        field("gpu_max_sequences", &S::gpu_max_sequences, "GPU: sequences that run at a time")
            .range(1, 4096)
            .maybe(),
        field("gpu_reserve", &S::gpu_reserve,
              "share of a GPU's memory for neither weights nor cache")
            .range(0, 0.9)
            .maybe(),
        field("reserve", &S::reserve, "the same of the accelerator's DRAM").range(0, 0.9).maybe(),
        field("page_tokens", &S::page_tokens, "positions of a page of the cache")
            .range(1, 4096)
            .maybe(),
        field("max_context", &S::max_context,
              "longest sequence that is served, prompt and output; at most the model's own")
            .range(1, 1 << 24)
            .maybe(),
        field("prefix_reuse", &S::prefix_reuse, "share cached pages of equal beginnings").maybe(),
        field("trace", &S::trace,
              "azure-conv, azure-code, sharegpt or a file; empty: generated requests")
            .maybe(),
        field("rate", &S::rate, "generated requests per second").range(0, 1e6).maybe(),
        field("duration", &S::duration, "of the arrivals; 0: the whole trace")
            .in(Unit::second)
            .range(0, 1e7)
            .maybe(),
        field("burstiness", &S::burstiness,
              "coefficient of variation of generated gaps; 1: Poisson")
            .range(0.01, 100)
            .maybe(),
        field("lengths", &S::lengths, "whose lengths generated requests have").maybe(),
        field("shared_share", &S::shared_share, "of the requests whose prompt begins like others")
            .range(0, 1)
            .maybe(),
        field("shared_groups", &S::shared_groups, "different shared beginnings")
            .range(1, 1 << 20)
            .maybe(),
        field("shared_tokens", &S::shared_tokens, "length of a shared beginning")
            .range(0, 1 << 20)
            .maybe(),
        field("long_requests", &S::long_requests,
              "longer than max_context: refuse, or cut the prompt")
            .maybe(),
        field("objective_ttft", &S::objective_ttft, "time to first token of a good request; 0: any")
            .in(Unit::second)
            .range(0, 1e6)
            .maybe(),
        field("objective_tpot", &S::objective_tpot, "time per further token; 0: any")
            .in(Unit::second)
            .range(0, 1e6)
            .maybe(),
        field("seed", &S::seed, "of requests, adapters and intervals").maybe());
  }
};

}  // namespace lutsim::tools
