// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/transformer/model_shape.h"
#include "workloads/trace/expert_routing.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::workloads {

/// What a model is asked to execute, for `batch` sequences of equal lengths.
///
/// The prefill pass (step 0) computes `prompt_tokens` rows of every sequence on top of
/// `cached_tokens` positions that are cached already, and produces the first generated token. Every
/// further token is one decode step: step s = 1 .. generated_tokens - 1, one row per sequence.
/// Without a prompt (prompt_tokens = 0, cached_tokens >= 1) there is no prefill, and every
/// generated token is a decode step, s = 1 .. generated_tokens; the first of them attends to
/// cached_tokens + 1 positions.
struct TraceRequest {
  std::uint32_t batch = 1;
  std::uint32_t prompt_tokens = 0;
  std::uint32_t generated_tokens = 1;
  std::uint32_t cached_tokens = 0;
  std::uint32_t weight_bits = 4;   ///< BCQ bit-planes of the decoder's matrices, or 16: plain FP16
  std::uint32_t group_size = 128;  ///< along K; ignored when weight_bits = 16
  std::vector<std::uint32_t> layer_bits;  ///< weight_bits of each layer; empty: the same in all
  bool has_offset = true;                 ///< ignored when weight_bits = 16
  std::uint32_t kv_bits = 16;             ///< 16: FP16, 8: INT8, 4: INT4
  RoutingRequest routing;                 ///< of models with experts
};

/// Element format of the KV cache. Throws SpecError unless kv_bits is 16, 8 or 4.
spec::NumberFormat kv_cache_format(std::uint32_t kv_bits);

/// Storage of a layer's weight matrices. Throws SpecError unless weight_bits is 1..8 with a
/// group_size of at least 1, or 16.
WeightFormat decoder_weight_format(const TraceRequest& request, std::uint32_t layer);

/// Positions that each sequence has cached after the last pass.
std::uint64_t final_context(const TraceRequest& request);

/// The trace of a model from its shape alone. Names, order and formats of operators and tensors are
/// those of docs/trace_format.md. Embedding and position tables, the LM head and routers are plain
/// FP16, norm weights and biases FP32. Throws SpecError when the shape or the request cannot be
/// executed (zero sizes, models::shape_problem(), layer_bits of another length, more positions than
/// the model's max_context, a routing that ExpertRouter refuses).
OperatorTrace build_trace(const models::ModelShape& shape, const TraceRequest& request);

}  // namespace lutsim::workloads
