// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_builder.h"

#include <string>
#include <utility>

#include "workloads/trace/pass_builder.h"
#include "workloads/trace/trace_assembler.h"
#include "workloads/trace/trace_tensors.h"

namespace lutsim::workloads {

namespace {

using spec::NumberFormat;
using spec::SpecError;

void require_positive(const char* what, std::uint64_t value) {
  if (value == 0) throw SpecError(std::string(what) + " = 0: must be at least 1");
}

void check(const models::ModelShape& shape, const TraceRequest& request) {
  require_positive("layers", shape.layers);
  require_positive("hidden", shape.hidden);
  require_positive("heads", shape.heads);
  require_positive("kv_heads", shape.kv_heads);
  require_positive("head_dim", shape.head_dim);
  require_positive("ffn", shape.ffn);
  require_positive("vocab", shape.vocab);
  require_positive("batch", request.batch);
  require_positive("generated_tokens", request.generated_tokens);
  const std::string problem = models::shape_problem(shape);
  if (!problem.empty()) throw SpecError(shape.name + ": " + problem);
  if (request.prompt_tokens == 0 && request.cached_tokens == 0)
    throw SpecError("prompt_tokens = 0: must be at least 1 when nothing is cached");
  if (!request.layer_bits.empty() && request.layer_bits.size() != shape.layers) {
    throw SpecError("layer_bits has " + std::to_string(request.layer_bits.size()) +
                    " entries: " + shape.name + " has " + std::to_string(shape.layers) + " layers");
  }
  const std::uint64_t context = final_context(request);
  if (context > shape.max_context) {
    throw SpecError(std::to_string(context) + " positions: " + shape.name + " has max_context " +
                    std::to_string(shape.max_context));
  }
}

}  // namespace

spec::NumberFormat kv_cache_format(std::uint32_t kv_bits) {
  switch (kv_bits) {
    case 16:
      return NumberFormat::fp16;
    case 8:
      return NumberFormat::int8;
    case 4:
      return NumberFormat::int4;
    default:
      throw SpecError("kv_bits = " + std::to_string(kv_bits) + ": must be 16, 8 or 4");
  }
}

WeightFormat decoder_weight_format(const TraceRequest& request, std::uint32_t layer) {
  const std::uint32_t bits =
      request.layer_bits.empty() ? request.weight_bits : request.layer_bits.at(layer);
  if (bits == 16) return {16, 0, false};
  if (bits < 1 || bits > 8) {
    throw SpecError("weight_bits = " + std::to_string(bits) +
                    ": must be 1 to 8 (BCQ) or 16 (plain FP16)");
  }
  require_positive("group_size", request.group_size);
  return {bits, request.group_size, request.has_offset};
}

std::uint64_t final_context(const TraceRequest& request) {
  // The last generated token is never fed back, unless there was no prefill to produce the first.
  const std::uint64_t decoded = request.generated_tokens - (request.prompt_tokens > 0 ? 1 : 0);
  return std::uint64_t{request.cached_tokens} + request.prompt_tokens + decoded;
}

OperatorTrace build_trace(const models::ModelShape& shape, const TraceRequest& request) {
  check(shape, request);
  OperatorTrace empty;
  empty.model = shape;
  empty.batch = request.batch;
  empty.cached_tokens = request.cached_tokens;
  empty.prompt_tokens = request.prompt_tokens;
  empty.generated_tokens = request.generated_tokens;
  TraceAssembler assembler(std::move(empty));

  const ExpertRouter router(shape, request.routing);
  const bool has_prefill = request.prompt_tokens > 0;
  const std::uint32_t first_step = has_prefill ? 0 : 1;
  const std::uint32_t last_step = request.generated_tokens - (has_prefill ? 1 : 0);
  std::uint64_t position = request.cached_tokens;
  TensorId tokens = 0;
  for (std::uint32_t step = first_step; step <= last_step; ++step) {
    const std::uint32_t rows = step == 0 ? request.prompt_tokens : 1;
    Operator common;
    common.phase = step == 0 ? Phase::prefill : Phase::decode;
    common.step = step;
    common.batch = request.batch;
    common.m = std::uint64_t{request.batch} * rows;
    common.position = position;
    common.context = position + rows;
    if (step == first_step) tokens = assembler.tensor(input_tokens(step, common.m));
    tokens = PassBuilder(assembler, request, router, common).build(tokens);
    position += rows;
  }
  return assembler.take();
}

}  // namespace lutsim::workloads
