// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_builder.h"

#include <string>
#include <utility>

#include "models/transformer/decoder_matrix.h"
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

/// One forward pass over the decoder.
class PassBuilder {
 public:
  /// `common` has phase, step, batch, m, context and position of every operator of the pass.
  PassBuilder(TraceAssembler& assembler, const TraceRequest& request, Operator common)
      : assembler_(assembler),
        shape_(assembler.trace().model),
        request_(request),
        common_(std::move(common)) {}

  /// Appends the pass. `tokens` holds the input tokens; returns the tensor of the chosen ones.
  TensorId build(TensorId tokens) {
    TensorId residual = embedding(tokens);
    for (std::uint32_t layer = 0; layer < shape_.layers; ++layer) {
      common_.layer = layer;
      prefix_ = models::layer_prefix(layer);
      weights_ = decoder_weight_format(request_, layer);
      residual = attention(residual);
      residual = feed_forward(residual);
    }
    common_.layer = 0;
    prefix_.clear();
    return head(residual);
  }

 private:
  TensorId embedding(TensorId tokens) {
    Operator op = of_kind(OperatorKind::embedding, "embedding");
    op.n = shape_.hidden;
    return append(op, {tokens, assembler_.tensor(embedding_table(shape_))});
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
    const TensorId score =
        attend(OperatorKind::attention_score, "attention.score", rotated_q, keys);
    Operator softmax = of_kind(OperatorKind::softmax, "attention.softmax");
    softmax.heads = shape_.heads;
    const TensorId probabilities = append(softmax, {score});
    const TensorId value =
        attend(OperatorKind::attention_value, "attention.value", probabilities, values);
    const TensorId o = matmul("attention.o", value, "attention.wo", q_dim, shape_.hidden);
    return add("attention_add", residual, o);
  }

  TensorId feed_forward(TensorId residual) {
    const TensorId normed = norm("ffn_norm", residual);
    const TensorId gate = matmul("ffn.gate", normed, "ffn.w_gate", shape_.hidden, shape_.ffn);
    const TensorId up = matmul("ffn.up", normed, "ffn.w_up", shape_.hidden, shape_.ffn);
    Operator op = of_kind(OperatorKind::silu_multiply, "ffn.silu_multiply");
    op.n = shape_.ffn;
    const TensorId gated = append(op, {gate, up});
    const TensorId down = matmul("ffn.down", gated, "ffn.w_down", shape_.ffn, shape_.hidden);
    return add("ffn_add", residual, down);
  }

  /// The LM head sees the last row of each sequence only.
  TensorId head(TensorId residual) {
    const TensorId normed = norm("final_norm", residual);
    Operator matmul = of_kind(OperatorKind::matmul, "lm_head");
    matmul.m = matmul.batch;
    matmul.n = shape_.vocab;
    matmul.k = shape_.hidden;
    const TensorId logits = append(matmul, {normed, assembler_.tensor(lm_head_weight(shape_))});
    Operator sample = of_kind(OperatorKind::sample, "sample");
    sample.m = sample.batch;
    sample.n = shape_.vocab;
    return append(sample, {logits});
  }

  TensorId norm(const std::string& name, TensorId input) {
    Operator op = of_kind(OperatorKind::rms_norm, name);
    op.k = shape_.hidden;
    return append(op, {input, assembler_.tensor(norm_weight(op.name + ".weight", op.k))});
  }

  TensorId matmul(const std::string& name, TensorId input, const std::string& weight,
                  std::uint32_t k, std::uint32_t n) {
    Operator op = of_kind(OperatorKind::matmul, name);
    op.n = n;
    op.k = k;
    return append(op, {input, assembler_.tensor(decoder_weight(prefix_ + weight, k, n, weights_))});
  }

  TensorId rope(const std::string& name, TensorId input, std::uint32_t heads) {
    Operator op = of_kind(OperatorKind::rope, name);
    op.heads = heads;
    op.head_dim = shape_.head_dim;
    return append(op, {input});
  }

  TensorId kv_append(const std::string& name, TensorId input, const std::string& cache) {
    Operator op = of_kind(OperatorKind::kv_append, name);
    op.kv_heads = shape_.kv_heads;
    op.head_dim = shape_.head_dim;
    const TensorId output =
        assembler_.tensor(cache_tensor(prefix_ + cache, request_.batch * final_context(request_),
                                       shape_.kv_dim(), kv_cache_format(request_.kv_bits)));
    finish(std::move(op), {input}, output);
    return output;
  }

  TensorId attend(OperatorKind kind, const std::string& name, TensorId input, TensorId cache) {
    Operator op = of_kind(kind, name);
    op.heads = shape_.heads;
    op.kv_heads = shape_.kv_heads;
    op.head_dim = shape_.head_dim;
    return append(op, {input, cache});
  }

  TensorId add(const std::string& name, TensorId a, TensorId b) {
    Operator op = of_kind(OperatorKind::add, name);
    op.n = shape_.hidden;
    return append(op, {a, b});
  }

  Operator of_kind(OperatorKind kind, const std::string& name) const {
    Operator op = common_;
    op.kind = kind;
    op.name = prefix_ + name;
    if (!uses_size(kind, "context")) op.context = 0;
    if (!uses_size(kind, "position")) op.position = 0;
    return op;
  }

  /// Appends `op` with a new activation as its output.
  TensorId append(const Operator& op, std::vector<TensorId> inputs) {
    const TensorId output = assembler_.tensor(output_tensor(op));
    finish(op, std::move(inputs), output);
    return output;
  }

  void finish(Operator op, std::vector<TensorId> inputs, TensorId output) {
    op.inputs = std::move(inputs);
    op.outputs = {output};
    assembler_.append(std::move(op));
  }

  TraceAssembler& assembler_;
  const models::ModelShape shape_;
  const TraceRequest& request_;
  Operator common_;
  std::string prefix_;    ///< of the names of the layer at hand
  WeightFormat weights_;  ///< of the matrices of the layer at hand
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
    tokens = PassBuilder(assembler, request, common).build(tokens);
    position += rows;
  }
  return assembler.take();
}

}  // namespace lutsim::workloads
