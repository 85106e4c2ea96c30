// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_builder.h"

#include <string>
#include <utility>

#include "workloads/trace/trace_assembler.h"

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
  if (shape.heads % shape.kv_heads != 0) {
    throw SpecError("kv_heads = " + std::to_string(shape.kv_heads) +
                    ": must divide heads = " + std::to_string(shape.heads));
  }
  if (shape.head_dim % 2 != 0) {
    throw SpecError("head_dim = " + std::to_string(shape.head_dim) +
                    ": must be even, RoPE rotates pairs");
  }
  if (request.prompt_tokens == 0 && request.cached_tokens == 0)
    throw SpecError("prompt_tokens = 0: must be at least 1 when nothing is cached");
  const std::uint64_t context = final_context(request);
  if (context > shape.max_context) {
    throw SpecError(std::to_string(context) + " positions: " + shape.name + " has max_context " +
                    std::to_string(shape.max_context));
  }
}

/// One forward pass over the decoder.
class PassBuilder {
 public:
  PassBuilder(TraceAssembler& assembler, const TraceRequest& request, Operator common)
      : assembler_(assembler),
        shape_(assembler.trace().model),
        weights_(
            decoder_weight_format(request.weight_bits, request.group_size, request.has_offset)),
        kv_format_(kv_cache_format(request.kv_bits)),
        cache_rows_(request.batch * final_context(request)),
        common_(std::move(common)) {}

  /// Appends the pass. `tokens` holds the input tokens; returns the tensor of the chosen ones.
  TensorId build(TensorId tokens) {
    TensorId residual = embedding(tokens);
    for (std::uint32_t layer = 0; layer < shape_.layers; ++layer) {
      common_.layer = layer;
      prefix_ = "layers." + std::to_string(layer) + '.';
      residual = attention(residual);
      residual = feed_forward(residual);
    }
    common_.layer = 0;
    prefix_.clear();
    return head(residual);
  }

 private:
  TensorId embedding(TensorId tokens) {
    Operator op = common_;
    op.n = shape_.hidden;
    return append(OperatorKind::embedding, "embedding", op, {tokens, embedding_weight()},
                  {op.m, op.n}, NumberFormat::fp32);
  }

  TensorId attention(TensorId residual) {
    const std::uint32_t q_dim = shape_.q_dim();
    const std::uint32_t kv_dim = shape_.kv_dim();
    const TensorId normed = norm("attention_norm", residual);
    const TensorId q = matmul("attention.q", normed, "attention.wq", shape_.hidden, q_dim);
    const TensorId k = matmul("attention.k", normed, "attention.wk", shape_.hidden, kv_dim);
    const TensorId v = matmul("attention.v", normed, "attention.wv", shape_.hidden, kv_dim);
    const TensorId rotated_q = rope("attention.rope_q", q, shape_.heads);
    const TensorId rotated_k = rope("attention.rope_k", k, shape_.kv_heads);
    const TensorId keys = kv_append("attention.kv_append_k", rotated_k, "k_cache");
    const TensorId values = kv_append("attention.kv_append_v", v, "v_cache");
    const TensorId score = attend(OperatorKind::attention_score, "attention.score", rotated_q, keys,
                                  score_shape(), NumberFormat::fp32);
    Operator op = common_;
    op.heads = shape_.heads;
    const TensorId probabilities = append(OperatorKind::softmax, "attention.softmax", op, {score},
                                          score_shape(), NumberFormat::fp32);
    const TensorId value = attend(OperatorKind::attention_value, "attention.value", probabilities,
                                  values, {common_.m, q_dim}, NumberFormat::fp16);
    const TensorId o = matmul("attention.o", value, "attention.wo", q_dim, shape_.hidden);
    return add("attention_add", residual, o);
  }

  TensorId feed_forward(TensorId residual) {
    const TensorId normed = norm("ffn_norm", residual);
    const TensorId gate = matmul("ffn.gate", normed, "ffn.w_gate", shape_.hidden, shape_.ffn);
    const TensorId up = matmul("ffn.up", normed, "ffn.w_up", shape_.hidden, shape_.ffn);
    Operator op = common_;
    op.n = shape_.ffn;
    const TensorId gated = append(OperatorKind::silu_multiply, "ffn.silu_multiply", op, {gate, up},
                                  {op.m, op.n}, NumberFormat::fp16);
    const TensorId down = matmul("ffn.down", gated, "ffn.w_down", shape_.ffn, shape_.hidden);
    return add("ffn_add", residual, down);
  }

  /// The LM head sees the last row of each sequence only.
  TensorId head(TensorId residual) {
    const TensorId normed = norm("final_norm", residual);
    const TensorId table =
        shape_.tied_embedding
            ? embedding_weight()
            : assembler_.tensor(plain_weight("lm_head.weight", {shape_.hidden, shape_.vocab},
                                             NumberFormat::fp16));
    Operator op = common_;
    op.m = op.batch;
    op.n = shape_.vocab;
    op.k = shape_.hidden;
    const TensorId logits = append(OperatorKind::matmul, "lm_head", op, {normed, table},
                                   {op.m, op.n}, NumberFormat::fp16);
    op.k = 0;
    return append(OperatorKind::sample, "sample", op, {logits}, {op.m}, NumberFormat::int32,
                  TensorRole::token);
  }

  TensorId norm(const std::string& name, TensorId input) {
    Operator op = common_;
    op.k = shape_.hidden;
    const TensorId weight = assembler_.tensor(
        plain_weight(prefix_ + name + ".weight", {shape_.hidden}, NumberFormat::fp32));
    return append(OperatorKind::rms_norm, name, op, {input, weight}, {op.m, op.k},
                  NumberFormat::fp16);
  }

  TensorId matmul(const std::string& name, TensorId input, const std::string& weight,
                  std::uint32_t k, std::uint32_t n) {
    Operator op = common_;
    op.n = n;
    op.k = k;
    const Tensor matrix{prefix_ + weight, {k, n}, TensorRole::weight, NumberFormat::fp16, weights_};
    return append(OperatorKind::matmul, name, op, {input, assembler_.tensor(matrix)}, {op.m, n},
                  NumberFormat::fp32);
  }

  TensorId rope(const std::string& name, TensorId input, std::uint32_t heads) {
    Operator op = common_;
    op.heads = heads;
    op.head_dim = shape_.head_dim;
    return append(OperatorKind::rope, name, op, {input}, {op.m, heads * shape_.head_dim},
                  NumberFormat::fp16);
  }

  TensorId kv_append(const std::string& name, TensorId input, const std::string& cache) {
    Operator op = common_;
    op.kv_heads = shape_.kv_heads;
    op.head_dim = shape_.head_dim;
    const TensorId output = assembler_.tensor(
        {prefix_ + cache, {cache_rows_, shape_.kv_dim()}, TensorRole::kv_cache, kv_format_, {}});
    finish(OperatorKind::kv_append, name, op, {input}, output);
    return output;
  }

  TensorId attend(OperatorKind kind, const std::string& name, TensorId input, TensorId cache,
                  std::vector<std::uint64_t> shape, NumberFormat format) {
    Operator op = common_;
    op.heads = shape_.heads;
    op.kv_heads = shape_.kv_heads;
    op.head_dim = shape_.head_dim;
    return append(kind, name, op, {input, cache}, std::move(shape), format);
  }

  TensorId add(const std::string& name, TensorId a, TensorId b) {
    Operator op = common_;
    op.n = shape_.hidden;
    return append(OperatorKind::add, name, op, {a, b}, {op.m, op.n}, NumberFormat::fp32);
  }

  /// Appends `op` with a new activation as its output.
  TensorId append(OperatorKind kind, const std::string& name, const Operator& op,
                  std::vector<TensorId> inputs, std::vector<std::uint64_t> shape,
                  NumberFormat format, TensorRole role = TensorRole::activation) {
    const TensorId output = assembler_.tensor(
        {activation_name(prefix_ + name, op.step), std::move(shape), role, format, {}});
    finish(kind, name, op, std::move(inputs), output);
    return output;
  }

  void finish(OperatorKind kind, const std::string& name, Operator op, std::vector<TensorId> inputs,
              TensorId output) {
    op.kind = kind;
    op.name = prefix_ + name;
    if (!uses_size(kind, "context")) op.context = 0;
    if (!uses_size(kind, "position")) op.position = 0;
    op.inputs = std::move(inputs);
    op.outputs = {output};
    assembler_.append(std::move(op));
  }

  std::vector<std::uint64_t> score_shape() const {
    return {common_.batch, shape_.heads, common_.rows(), common_.context};
  }

  TensorId embedding_weight() {
    return assembler_.tensor(
        plain_weight("embedding.weight", {shape_.vocab, shape_.hidden}, NumberFormat::fp16));
  }

  static Tensor plain_weight(const std::string& name, std::vector<std::uint64_t> shape,
                             NumberFormat format) {
    return {name, std::move(shape), TensorRole::weight, format,
            plain_format(spec::width_bits(format))};
  }

  static WeightFormat plain_format(std::uint32_t bits) { return {bits, 0, false}; }

  TraceAssembler& assembler_;
  const models::ModelShape shape_;
  const WeightFormat weights_;
  const NumberFormat kv_format_;
  const std::uint64_t cache_rows_;
  Operator common_;  ///< phase, step, batch, m, context, position of every operator of the pass
  std::string prefix_;
};

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

WeightFormat decoder_weight_format(std::uint32_t weight_bits, std::uint32_t group_size,
                                   bool has_offset) {
  if (weight_bits == 16) return {16, 0, false};
  if (weight_bits < 1 || weight_bits > 8) {
    throw SpecError("weight_bits = " + std::to_string(weight_bits) +
                    ": must be 1 to 8 (BCQ) or 16 (plain FP16)");
  }
  require_positive("group_size", group_size);
  return {weight_bits, group_size, has_offset};
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
    if (step == first_step) {
      tokens = assembler.tensor({activation_name("tokens", step),
                                 {common.m},
                                 TensorRole::token,
                                 NumberFormat::int32,
                                 {}});
    }
    tokens = PassBuilder(assembler, request, common).build(tokens);
    position += rows;
  }
  return assembler.take();
}

}  // namespace lutsim::workloads
