// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/pass_builder.h"

#include <string>
#include <utility>

#include "models/transformer/decoder_matrix.h"
#include "workloads/trace/trace_tensors.h"

namespace lutsim::workloads {

namespace {

using models::Activation;
using models::Block;
using models::NormPlacement;
using models::Positions;

OperatorKind activation_kind(const models::ModelShape& shape) {
  switch (shape.activation) {
    case Activation::silu:
      return shape.gated_ffn ? OperatorKind::silu_multiply : OperatorKind::silu;
    case Activation::relu:
      return shape.gated_ffn ? OperatorKind::relu_multiply : OperatorKind::relu;
    case Activation::gelu:
      return shape.gated_ffn ? OperatorKind::gelu_multiply : OperatorKind::gelu;
    case Activation::gelu_tanh:
      return shape.gated_ffn ? OperatorKind::gelu_tanh_multiply : OperatorKind::gelu_tanh;
    case Activation::silu_clamped:
      break;
  }
  return OperatorKind::clamped_swiglu;
}

/// Matrices that read the input of a feed-forward layer.
std::vector<Projection> inner_matrices(const models::ModelShape& shape, const std::string& prefix,
                                       std::uint64_t width) {
  std::vector<Projection> matrices;
  if (shape.gated_ffn)
    matrices.push_back({prefix + "gate", prefix + "w_gate", width, shape.ffn_bias});
  matrices.push_back({prefix + "up", prefix + "w_up", width, shape.ffn_bias});
  return matrices;
}

}  // namespace

PassBuilder::PassBuilder(TraceAssembler& assembler, const TraceRequest& request,
                         const ExpertRouter& router, Operator common)
    : writer_(assembler, request, std::move(common)), shape_(writer_.shape()), router_(router) {}

TensorId PassBuilder::build(TensorId tokens) {
  TensorId residual = embedding(tokens);
  for (std::uint32_t i = 0; i < shape_.layers; ++i) {
    writer_.enter_layer(i);
    residual = shape_.block == Block::sequential ? layer(residual) : parallel_layer(residual);
  }
  writer_.leave_layers();
  return head(residual);
}

TensorId PassBuilder::embedding(TensorId tokens) {
  TensorId x = writer_.embedding(tokens);
  if (shape_.embedding_width() != shape_.hidden) {
    x = writer_.plain_matmul(
        "embedding.project_in", x,
        plain_matrix("embedding.w_project_in", shape_.embedding_width(), shape_.hidden),
        shape_.embedding_width(), shape_.hidden);
  }
  return shape_.positions == Positions::learned ? writer_.position_add(x) : x;
}

TensorId PassBuilder::layer(TensorId residual) {
  const bool normalises_input = shape_.norm_placement != NormPlacement::after;
  TensorId x = normalises_input ? writer_.norm("attention_norm", residual) : residual;
  residual = leave_block("attention", residual, attention(x));
  x = normalises_input ? writer_.norm("ffn_norm", residual) : residual;
  return leave_block("ffn", residual, feed_forward(x));
}

TensorId PassBuilder::parallel_layer(TensorId residual) {
  const TensorId attention_input = writer_.norm("attention_norm", residual);
  const TensorId attended = attention(attention_input);
  const TensorId ffn_input = shape_.block == Block::parallel_one_norm
                                 ? attention_input
                                 : writer_.norm("ffn_norm", residual);
  const TensorId fed = feed_forward(ffn_input);
  return leave_block("ffn", leave_block("attention", residual, attended), fed);
}

TensorId PassBuilder::leave_block(const std::string& block, TensorId residual, TensorId output) {
  if (shape_.norm_placement == NormPlacement::around)
    output = writer_.norm(block + "_post_norm", output);
  const TensorId sum =
      writer_.row_wise(OperatorKind::add, block + "_add", {residual, output}, shape_.hidden);
  return shape_.norm_placement == NormPlacement::after ? writer_.norm(block + "_norm", sum) : sum;
}

TensorId PassBuilder::attention(TensorId x) {
  const TensorId value = shape_.has_latent() ? latent_attention(x) : plain_attention(x);
  return writer_.project_one(value, shape_.attention_dim(),
                             {"attention.o", "attention.wo", shape_.hidden, shape_.output_bias});
}

TensorId PassBuilder::plain_attention(TensorId x) {
  const bool bias = shape_.qkv_bias;
  const auto qkv = writer_.project(x, shape_.hidden,
                                   {{"attention.q", "attention.wq", shape_.q_dim(), bias},
                                    {"attention.k", "attention.wk", shape_.kv_dim(), bias},
                                    {"attention.v", "attention.wv", shape_.kv_dim(), bias}});
  TensorId q = qkv[0], k = qkv[1];
  if (shape_.qk_norm) {
    q = writer_.part_norm("attention.q_norm", q, shape_.heads, shape_.head_dim);
    k = writer_.part_norm("attention.k_norm", k, shape_.kv_heads, shape_.head_dim);
  }
  if (shape_.positions == Positions::rotary) {
    const std::uint32_t rotated = shape_.rotary_dim > 0 ? shape_.rotary_dim : shape_.head_dim;
    q = writer_.rope("attention.rope_q", q, shape_.heads, shape_.head_dim, rotated);
    k = writer_.rope("attention.rope_k", k, shape_.kv_heads, shape_.head_dim, rotated);
  }
  const TensorId keys =
      writer_.kv_append("attention.kv_append_k", {k}, "k_cache", shape_.kv_heads, shape_.head_dim);
  const TensorId values = writer_.kv_append("attention.kv_append_v", {qkv[2]}, "v_cache",
                                            shape_.kv_heads, shape_.head_dim);
  const TensorId score = writer_.attend(OperatorKind::attention_score, "attention.score", {q, keys},
                                        shape_.kv_heads, shape_.head_dim);
  return writer_.attend(OperatorKind::attention_value, "attention.value",
                        {probabilities(score), values}, shape_.kv_heads, shape_.head_dim);
}

/// The absorbed form: queries are brought into the latent, all heads attend to the one cached row
/// of a position, and what comes out is brought to the heads' values.
TensorId PassBuilder::latent_attention(TensorId x) {
  const std::uint32_t heads = shape_.heads;
  const std::uint32_t latent = shape_.kv_latent, rotary = shape_.rope_head_dim;
  const std::uint32_t plain = shape_.plain_head_dim();

  const std::vector<Projection> queries{
      {"attention.q_plain", "attention.w_q_plain", std::uint64_t{heads} * plain, shape_.qkv_bias},
      {"attention.q_rotary", "attention.w_q_rotary", std::uint64_t{heads} * rotary,
       shape_.qkv_bias}};
  const std::vector<Projection> q_latent{
      {"attention.q_latent", "attention.w_q_latent", shape_.q_latent, shape_.qkv_bias}};
  // All that reads the block's input comes first, so that an engine may join it.
  std::vector<Projection> first = shape_.q_latent > 0 ? q_latent : queries;
  first.push_back({"attention.kv_latent", "attention.w_kv_latent", latent, shape_.qkv_bias});
  first.push_back({"attention.k_rotary", "attention.w_k_rotary", rotary, shape_.qkv_bias});
  std::vector<TensorId> q = writer_.project(x, shape_.hidden, first);
  const TensorId k_rotary = q.back(), kv_latent = q[q.size() - 2];
  if (shape_.q_latent > 0)
    q[0] = writer_.part_norm("attention.q_latent_norm", q[0], 1, shape_.q_latent);
  const TensorId kv = writer_.part_norm("attention.kv_latent_norm", kv_latent, 1, latent);
  if (shape_.q_latent > 0) q = writer_.project(q[0], shape_.q_latent, queries);

  const std::vector<GroupRows> all_heads{{0, heads, writer_.rows()}};
  const Grouping by_head{all_heads, heads, {}};
  const TensorId absorbed =
      writer_
          .project(q[0], plain, {{"attention.q_absorb", "attention.w_uk", latent, false}}, by_head)
          .front();
  const TensorId rotated_q = writer_.rope("attention.rope_q", q[1], heads, rotary, rotary);
  const TensorId rotated_k = writer_.rope("attention.rope_k", k_rotary, 1, rotary, rotary);
  const TensorId cache =
      writer_.kv_append("attention.kv_append", {kv, rotated_k}, "kv_cache", 1, shape_.cached_dim());
  const TensorId score = writer_.attend(OperatorKind::attention_score, "attention.score",
                                        {absorbed, rotated_q, cache}, 1, shape_.cached_dim());
  const TensorId value = writer_.attend(OperatorKind::attention_value, "attention.value",
                                        {probabilities(score), cache}, 1, latent);
  return writer_
      .project(value, latent,
               {{"attention.v_absorb", "attention.w_uv", shape_.value_head_dim, false}}, by_head)
      .front();
}

TensorId PassBuilder::probabilities(TensorId score) {
  if (shape_.positions == Positions::alibi)
    score = writer_.attend(OperatorKind::alibi, "attention.alibi", {score}, 0, 0);
  std::vector<TensorId> inputs{score};
  if (shape_.attention_sinks) inputs.push_back(writer_.sinks());
  return writer_.attend(OperatorKind::softmax, "attention.softmax", std::move(inputs), 0, 0);
}

TensorId PassBuilder::feed_forward(TensorId x) {
  return shape_.has_experts(writer_.layer()) ? experts(x) : dense(x, shape_.ffn, "ffn.");
}

TensorId PassBuilder::dense(TensorId x, std::uint64_t width, const std::string& prefix) {
  const auto wide = writer_.project(x, shape_.hidden, inner_matrices(shape_, prefix, width));
  const OperatorKind kind = activation_kind(shape_);
  const TensorId active = writer_.row_wise(kind, prefix + spec::to_string_of(kind), wide, width);
  return writer_.project_one(active, width,
                             {prefix + "down", prefix + "w_down", shape_.hidden, shape_.ffn_bias});
}

/// The router's choice comes first, so that the shared experts run while it is made.
TensorId PassBuilder::experts(TensorId x) {
  const std::uint64_t tokens = writer_.rows();
  TensorId logits =
      writer_.plain_matmul("ffn.router", x,
                           plain_matrix(models::layer_prefix(writer_.layer()) + "ffn.w_router",
                                        shape_.hidden, shape_.experts),
                           shape_.hidden, shape_.experts);
  if (shape_.router_bias) logits = writer_.bias_add("ffn.router", logits, shape_.experts);
  const TensorId routing = writer_.row_wise(OperatorKind::route, "ffn.route", {logits},
                                            shape_.experts, shape_.experts_per_token);
  TensorId shared = 0;
  if (shape_.shared_experts > 0) {
    shared = dense(x, std::uint64_t{shape_.shared_experts} * shape_.expert_ffn, "ffn.shared.");
  }

  const std::vector<GroupRows> chosen = router_.draw(writer_.step(), writer_.layer(), tokens);
  const Grouping by_expert{chosen, shape_.experts, {routing}};
  const std::string prefix = "ffn.experts.";
  const auto wide = writer_.project(x, shape_.hidden,
                                    inner_matrices(shape_, prefix, shape_.expert_ffn), by_expert);
  const OperatorKind kind = activation_kind(shape_);
  writer_.set_rows(tokens * shape_.experts_per_token);
  const TensorId active =
      writer_.row_wise(kind, prefix + spec::to_string_of(kind), wide, shape_.expert_ffn);
  writer_.set_rows(tokens);
  const auto down = writer_.project(
      active, shape_.expert_ffn,
      {{prefix + "down", prefix + "w_down", shape_.hidden, shape_.ffn_bias}}, by_expert);
  const TensorId combined =
      writer_.row_wise(OperatorKind::combine, "ffn.combine", {down.front(), routing}, shape_.hidden,
                       shape_.experts_per_token);
  if (shape_.shared_experts == 0) return combined;
  return writer_.row_wise(OperatorKind::add, "ffn.shared_add", {combined, shared}, shape_.hidden);
}

/// The LM head sees the last row of each sequence only.
TensorId PassBuilder::head(TensorId residual) {
  TensorId x = shape_.norm_placement == NormPlacement::after ? residual
                                                             : writer_.norm("final_norm", residual);
  const std::uint64_t width = shape_.embedding_width();
  writer_.set_rows(writer_.batch());
  if (width != shape_.hidden) {
    x = writer_.plain_matmul("lm_head.project_out", x,
                             plain_matrix("lm_head.w_project_out", shape_.hidden, width),
                             shape_.hidden, width);
  }
  TensorId logits = writer_.plain_matmul("lm_head", x, lm_head_weight(shape_), width, shape_.vocab);
  if (shape_.head_bias) logits = writer_.bias_add("lm_head", logits, shape_.vocab);
  return writer_.row_wise(OperatorKind::sample, "sample", {logits}, shape_.vocab);
}

}  // namespace lutsim::workloads
