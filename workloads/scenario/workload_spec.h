// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <string>
#include <tuple>

#include "models/spec/field.h"
#include "models/transformer/quantized_model.h"
#include "workloads/scenario/model_format_fields.h"
#include "workloads/trace/task_switch.h"

namespace lutsim::workloads {

/// What runs: a model, how it is compressed, and what it is asked for. A file of schema
/// "lutsim.workload/1", or the options of `lutsim run`.
struct WorkloadSpec {
  std::string schema = kSchema;
  std::string name;
  std::string model;
  std::string trace;
  std::string prompt;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t cached_tokens = 0;
  std::uint32_t generate_tokens = 1;
  std::uint32_t batch = 1;
  models::QuantizationMethod method = models::QuantizationMethod::rtn;
  std::uint32_t weight_bits = 4;
  std::uint32_t group_size = 0;
  double sparsity = 0.0;
  std::uint32_t kv_bits = 16;
  std::string adapter;
  std::string quality_text;
  std::uint32_t quality_items = 0;
  TaskSwitch task_switch = TaskSwitch::none;
  std::uint64_t expert_seed = 1;
  double expert_skew = 0.0;
  std::string expert_histogram;
  double temperature = 0.0;
  double top_p = 1.0;

  static constexpr const char* kSchema = "lutsim.workload/1";

  static constexpr auto fields() {
    using S = WorkloadSpec;
    using spec::field;
    return std::make_tuple(
        field("schema", &S::schema, "format of this file: lutsim.workload/1"),
        field("name", &S::name, "name of the workload").maybe(),
        field("model", &S::model, "model name or checkpoint file").maybe(),
        field("trace", &S::trace, "operator trace file to run instead of a model").maybe(),
        field("prompt", &S::prompt, "text that starts the sequence").maybe(),
        field("prompt_tokens", &S::prompt_tokens, "tokens of the prompt when there is no text")
            .range(0, 1 << 24)
            .maybe(),
        field("cached_tokens", &S::cached_tokens, "tokens whose keys and values are cached already")
            .range(0, 1 << 24)
            .maybe(),
        field("generate_tokens", &S::generate_tokens,
              "tokens to generate for each sequence; 0: nothing but the task switch")
            .range(0, 1 << 24)
            .maybe(),
        field("batch", &S::batch, "sequences that run together").range(1, 65536).maybe(),
        field("method", &S::method, "quantiser of a checkpoint's weights").maybe(),
        weight_bits_field(&S::weight_bits, "bit-planes of a weight"),
        group_size_field(&S::group_size),
        field(
            "sparsity", &S::sparsity,
            "share of pruned weights of the decoder's matrices, stored through the XOR code of the "
            "chip's weight decoders; 0: stored as they are")
            .range(0, 0.999)
            .maybe(),
        kv_bits_field(&S::kv_bits, "bits of a cached key or value element"),
        field("adapter", &S::adapter,
              "file of scales that a task has over a quantised checkpoint (lutsim adapt)")
            .maybe(),
        field(
            "quality_text", &S::quality_text,
            "text that a checkpoint is scored on, in the run's arithmetic; documents separated by "
            "<|endoftext|>")
            .maybe(),
        field("quality_items", &S::quality_items, "documents of it to score; 0: all").maybe(),
        field(
            "task_switch", &S::task_switch,
            "what of the weights is replaced first, from where DRAM keeps other tasks: the scales "
            "(an adapter), or all weights of the quantised matrices")
            .maybe(),
        field("expert_seed", &S::expert_seed, "seed of the draw of experts").maybe(),
        field("expert_skew", &S::expert_skew,
              "Zipf exponent of the experts' popularity; 0: all alike")
            .range(0, 8)
            .maybe(),
        field("expert_histogram", &S::expert_histogram,
              "file of captured counts for each expert, instead of expert_skew")
            .maybe(),
        field("temperature", &S::temperature, "0 takes the most likely token, else sampling")
            .range(0, 100)
            .maybe(),
        field("top_p", &S::top_p, "share of the probability that sampling draws from")
            .range(1e-6, 1)
            .maybe());
  }
};

}  // namespace lutsim::workloads
