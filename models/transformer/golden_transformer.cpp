// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/golden_transformer.h"

#include <algorithm>
#include <utility>

#include "models/engine/engine.h"
#include "models/transformer/golden_support.h"

namespace lutsim::models {
namespace {

void require_float(const char* name, spec::NumberFormat format) {
  if (!spec::is_float(format)) {
    throw spec::SpecError(std::string(name) + " = " + spec::to_string_of(format) +
                          " is not a floating-point format (fp16, bf16, fp32)");
  }
}

ExecutedOperator of_kind(OperatorKind kind) {
  ExecutedOperator op;
  op.kind = kind;
  return op;
}

}  // namespace

GoldenTransformer::GoldenTransformer(const QuantizedModel& model, const spec::MatrixSpec& matrix,
                                     spec::NumberFormat kv_format, spec::AttentionUnit attention)
    : model_(model),
      matrix_(matrix),
      kv_format_(kv_format),
      attention_(attention),
      heads_{model.shape.heads, model.shape.kv_heads, model.shape.head_dim},
      rope_(model.shape.head_dim, model.shape.rope_base, model.shape.max_context),
      k_cache_(model.shape.layers),
      v_cache_(model.shape.layers),
      k_groups_(model.shape.layers),
      v_groups_(model.shape.layers) {
  require_golden(model.shape);
  require_float("matrix.act_format", matrix.act_format);
  if (kv_format != spec::NumberFormat::int8 && kv_format != spec::NumberFormat::int4) {
    require_float("kv_format", kv_format);
  }
  if (attention == spec::AttentionUnit::matrix) require_matrix_attention(matrix, kv_format);
  for (std::size_t i = 0; i < model.layers.size(); ++i) {
    for (const DecoderMatrixInfo& info : decoder_matrices(model.shape)) {
      require_weights(matrix_, matrix_of(model.layers[i], info.id),
                      "layers." + std::to_string(i) + "." + info.tensor);
    }
  }
}

void GoldenTransformer::reset() {
  position_ = 0;
  step_ = 0;
  for (auto& cache : k_cache_) cache.clear();
  for (auto& cache : v_cache_) cache.clear();
  for (auto& cache : k_groups_) cache.clear();
  for (auto& cache : v_groups_) cache.clear();
}

std::vector<float> GoldenTransformer::forward(const std::vector<std::uint32_t>& tokens) {
  return run(tokens, false);
}

std::vector<float> GoldenTransformer::forward_all(const std::vector<std::uint32_t>& tokens) {
  return run(tokens, true);
}

std::vector<float> GoldenTransformer::run(const std::vector<std::uint32_t>& tokens,
                                          bool all_logits) {
  check_tokens(tokens);
  const ModelShape& s = shape();
  rows_ = static_cast<std::uint32_t>(tokens.size());
  layer_ = 0;

  std::vector<float> residual(std::size_t{rows_} * s.hidden);
  ops::embedding(model_.embedding, tokens.data(), rows_, residual.data());
  ExecutedOperator op = of_kind(OperatorKind::embedding);
  op.m = rows_;
  op.n = s.hidden;
  op.position = position_;
  // After the first pass the tokens are those that the pass before has sampled.
  const std::string sampled = "sample@" + std::to_string(step_ == 0 ? 0 : step_ - 1);
  const Operand source =
      step_ == 0 ? Operand{"tokens", false, true} : Operand{sampled.c_str(), false, false};
  residual_name_ = "embedding";
  observe(op, {"embedding", false, false}, {source, {"embedding.weight", false, false}},
          {"embedding", false, true}, residual);

  for (const QuantizedLayer& weights : model_.layers) {
    attention(weights, residual);
    feed_forward(weights, residual);
    ++layer_;
  }
  layer_ = 0;

  const std::vector<float> normed = norm("final_norm", false, residual, model_.final_norm);
  const std::uint32_t logit_rows = all_logits ? rows_ : 1;
  const Fp16Matrix& head = model_.lm_head();
  std::vector<float> logits(std::size_t{logit_rows} * s.vocab);
  ops::matmul(normed.data() + std::size_t{rows_ - logit_rows} * s.hidden, logit_rows, head, 0,
              s.vocab, logits.data());
  op = of_kind(OperatorKind::matmul);
  op.m = logit_rows;
  op.n = s.vocab;
  op.k = s.hidden;
  const char* table = s.tied_embedding ? "embedding.weight" : "lm_head.weight";
  observe(op, {"lm_head", false, false}, {{"final_norm", false, true}, {table, false, false}},
          {"lm_head", false, true}, logits);
  position_ += rows_;
  ++step_;
  return logits;
}

std::uint32_t GoldenTransformer::sample(Sampler& sampler, const std::vector<float>& logits) {
  const std::uint32_t token = LanguageModel::sample(sampler, logits);
  if (observer_ == nullptr) return token;
  ExecutedOperator op = of_kind(OperatorKind::sample);
  op.name = "sample";
  op.step = step_ == 0 ? 0 : step_ - 1;
  op.m = 1;
  op.n = logits.size();
  const std::string at_step = "@" + std::to_string(op.step);
  op.inputs = {"lm_head" + at_step};
  op.output = "sample" + at_step;
  op.token = token;
  observer_->on_operator(op);
  return token;
}

void GoldenTransformer::attention(const QuantizedLayer& weights, std::vector<float>& residual) {
  const ModelShape& s = shape();
  const std::uint32_t context = position_ + rows_;
  const std::vector<float> normed = norm("attention_norm", true, residual, weights.attention_norm);
  const std::vector<float> q =
      matmul("attention.q", normed, "attention_norm", weights.wq, "attention.wq");
  const std::vector<float> k =
      matmul("attention.k", normed, "attention_norm", weights.wk, "attention.wk");
  const std::vector<float> v =
      matmul("attention.v", normed, "attention_norm", weights.wv, "attention.wv");
  const std::vector<float> rotated_q =
      rope("attention.rope_q", matrix_.act_format, q, "attention.q", s.heads);
  const std::vector<float> rotated_k =
      rope("attention.rope_k", ops::rotated_key_format(kv_format_), k, "attention.k", s.kv_heads);
  std::vector<float>& keys = k_cache_[layer_];
  std::vector<float>& values = v_cache_[layer_];
  KvGroups& key_groups = k_groups_[layer_];
  KvGroups& value_groups = v_groups_[layer_];
  append("attention.kv_append_k", rotated_k, "attention.rope_k", keys, key_groups, "k_cache");
  append("attention.kv_append_v", v, "attention.v", values, value_groups, "v_cache");
  const bool on_matrix_unit = attention_ == spec::AttentionUnit::matrix;
  const std::uint32_t kv_bits = spec::width_bits(kv_format_);

  ExecutedOperator op = of_kind(OperatorKind::attention_score);
  op.m = rows_;
  op.heads = s.heads;
  op.kv_heads = s.kv_heads;
  op.head_dim = s.head_dim;
  op.context = context;
  op.position = position_;
  std::vector<float> scores(std::size_t{s.heads} * rows_ * context);
  if (on_matrix_unit) {
    ops::matrix_attention_score(matrix_, heads_, kv_bits, rotated_q.data(), rows_, position_,
                                key_groups, scores.data());
  } else {
    ops::attention_score(heads_, rotated_q.data(), rows_, position_, keys.data(), 0, context,
                         scores.data());
  }
  observe(op, {"attention.score", true, false},
          {{"attention.rope_q", true, true}, {"k_cache", true, false}},
          {"attention.score", true, true}, scores);

  ops::softmax(scores.data(), s.heads, rows_, context, position_, scores.data());
  ExecutedOperator softmax = of_kind(OperatorKind::softmax);
  softmax.m = rows_;
  softmax.heads = s.heads;
  softmax.context = context;
  softmax.position = position_;
  observe(softmax, {"attention.softmax", true, false}, {{"attention.score", true, true}},
          {"attention.softmax", true, true}, scores);

  std::vector<float> mixed(std::size_t{rows_} * s.q_dim());
  if (on_matrix_unit) {
    ops::matrix_attention_value(matrix_, heads_, kv_bits, scores.data(), rows_, position_,
                                value_groups, mixed.data());
  } else {
    ops::attention_value(heads_, scores.data(), rows_, position_, values.data(), 0, context,
                         mixed.data());
    ops::convert(matrix_.act_format, mixed.data(), mixed.size(), mixed.data());
  }
  op.kind = OperatorKind::attention_value;
  observe(op, {"attention.value", true, false},
          {{"attention.softmax", true, true}, {"v_cache", true, false}},
          {"attention.value", true, true}, mixed);

  const std::vector<float> out =
      matmul("attention.o", mixed, "attention.value", weights.wo, "attention.wo");
  add("attention_add", residual, out, "attention.o");
}

void GoldenTransformer::feed_forward(const QuantizedLayer& weights, std::vector<float>& residual) {
  const std::vector<float> normed = norm("ffn_norm", true, residual, weights.ffn_norm);
  std::vector<float> gate = matmul("ffn.gate", normed, "ffn_norm", weights.w_gate, "ffn.w_gate");
  const std::vector<float> up = matmul("ffn.up", normed, "ffn_norm", weights.w_up, "ffn.w_up");
  ops::silu_multiply(matrix_.act_format, gate.data(), up.data(), gate.size(), gate.data());
  ExecutedOperator op = of_kind(OperatorKind::silu_multiply);
  op.m = rows_;
  op.n = shape().ffn;
  observe(op, {"ffn.silu_multiply", true, false},
          {{"ffn.gate", true, true}, {"ffn.up", true, true}}, {"ffn.silu_multiply", true, true},
          gate);
  const std::vector<float> down =
      matmul("ffn.down", gate, "ffn.silu_multiply", weights.w_down, "ffn.w_down");
  add("ffn_add", residual, down, "ffn.down");
}

std::vector<float> GoldenTransformer::norm(const char* name, bool in_layer,
                                           const std::vector<float>& x,
                                           const std::vector<float>& weight) {
  std::vector<float> y(x.size());
  ops::rms_norm(matrix_.act_format, x.data(), rows_, shape().hidden, weight.data(),
                static_cast<float>(shape().norm_epsilon), y.data());
  ExecutedOperator op = of_kind(OperatorKind::rms_norm);
  op.m = rows_;
  op.k = shape().hidden;
  const std::string weight_name = std::string(name) + ".weight";
  observe(op, {name, in_layer, false}, {this->residual(), {weight_name.c_str(), in_layer, false}},
          {name, in_layer, true}, y);
  return y;
}

std::vector<float> GoldenTransformer::matmul(const char* name, const std::vector<float>& x,
                                             const char* input, const BcqMatrix& w,
                                             const char* weight) {
  std::vector<float> y(std::size_t{rows_} * w.n);
  engine_gemm(matrix_, x.data(), rows_, w, y.data());
  ExecutedOperator op = of_kind(OperatorKind::matmul);
  op.m = rows_;
  op.n = w.n;
  op.k = w.k;
  observe(op, {name, true, false}, {{input, true, true}, {weight, true, false}}, {name, true, true},
          y);
  return y;
}

std::vector<float> GoldenTransformer::rope(const char* name, spec::NumberFormat format,
                                           const std::vector<float>& x, const char* input,
                                           std::uint32_t heads) {
  std::vector<float> y(x.size());
  ops::rope(format, rope_, x.data(), rows_, heads, position_, y.data());
  ExecutedOperator op = of_kind(OperatorKind::rope);
  op.m = rows_;
  op.heads = heads;
  op.head_dim = shape().head_dim;
  op.position = position_;
  observe(op, {name, true, false}, {{input, true, true}}, {name, true, true}, y);
  return y;
}

void GoldenTransformer::append(const char* name, const std::vector<float>& x, const char* input,
                               std::vector<float>& cache, KvGroups& groups,
                               const char* cache_name) {
  std::vector<float> rows(x.size());
  ops::kv_append(kv_format_, x.data(), rows_, shape().kv_heads, shape().head_dim, rows.data());
  cache.insert(cache.end(), rows.begin(), rows.end());
  if (attention_ == spec::AttentionUnit::matrix) {
    append_kv_groups(x.data(), rows_, shape().kv_heads, shape().head_dim,
                     spec::width_bits(kv_format_), groups);
  }
  ExecutedOperator op = of_kind(OperatorKind::kv_append);
  op.m = rows_;
  op.kv_heads = shape().kv_heads;
  op.head_dim = shape().head_dim;
  op.context = position_ + rows_;
  op.position = position_;
  observe(op, {name, true, false}, {{input, true, true}}, {cache_name, true, false}, rows);
}

void GoldenTransformer::add(const char* name, std::vector<float>& residual,
                            const std::vector<float>& x, const char* input) {
  ops::add(residual.data(), x.data(), residual.size(), residual.data());
  ExecutedOperator op = of_kind(OperatorKind::add);
  op.m = rows_;
  op.n = shape().hidden;
  observe(op, {name, true, false}, {this->residual(), {input, true, true}}, {name, true, true},
          residual);
  residual_name_ = full_name({name, true, false});
}

void GoldenTransformer::observe(ExecutedOperator op, Operand name,
                                std::initializer_list<Operand> inputs, Operand output,
                                const std::vector<float>& values) {
  if (observer_ == nullptr) return;
  op.name = full_name(name);
  op.step = step_;
  op.layer = layer_;
  for (const Operand& input : inputs) op.inputs.push_back(full_name(input));
  op.output = full_name(output);
  op.values = values.data();
  op.count = values.size();
  observer_->on_operator(op);
}

std::string GoldenTransformer::full_name(const Operand& operand) const {
  std::string name;
  if (operand.in_layer) name = layer_prefix(layer_);
  name += operand.name;
  if (operand.is_activation) name += "@" + std::to_string(step_);
  return name;
}

}  // namespace lutsim::models
