// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/operator_writer.h"

#include <algorithm>
#include <utility>

#include "models/transformer/decoder_matrix.h"
#include "workloads/trace/trace_tensors.h"

namespace lutsim::workloads {

OperatorWriter::OperatorWriter(TraceAssembler& assembler, const TraceRequest& request,
                               Operator common)
    : assembler_(assembler),
      shape_(assembler.trace().model),
      request_(request),
      common_(std::move(common)) {}

void OperatorWriter::enter_layer(std::uint32_t layer) {
  common_.layer = layer;
  prefix_ = models::layer_prefix(layer);
  weights_ = decoder_weight_format(request_, layer);
}

void OperatorWriter::leave_layers() {
  common_.layer = 0;
  prefix_.clear();
}

TensorId OperatorWriter::embedding(TensorId tokens) {
  return row_wise(OperatorKind::embedding, "embedding",
                  {tokens, assembler_.tensor(embedding_table(shape_))}, shape_.embedding_width());
}

TensorId OperatorWriter::position_add(TensorId input) {
  return row_wise(OperatorKind::position_add, "position_add",
                  {input, assembler_.tensor(position_table(shape_))}, shape_.hidden);
}

TensorId OperatorWriter::norm(const std::string& name, TensorId input) {
  const bool is_layer_norm = shape_.norm == models::NormKind::layer_norm;
  Operator op = of_kind(is_layer_norm ? OperatorKind::layer_norm : OperatorKind::rms_norm, name);
  op.k = shape_.hidden;
  std::vector<TensorId> inputs{input, assembler_.tensor(norm_weight(op.name + ".weight", op.k))};
  if (is_layer_norm) inputs.push_back(assembler_.tensor(norm_weight(op.name + ".bias", op.k)));
  return append(op, std::move(inputs));
}

TensorId OperatorWriter::part_norm(const std::string& name, TensorId input, std::uint64_t count,
                                   std::uint64_t k) {
  Operator op = of_kind(OperatorKind::rms_norm, name);
  op.m *= count;
  op.k = k;
  return append(op, {input, assembler_.tensor(norm_weight(op.name + ".weight", k))});
}

std::vector<TensorId> OperatorWriter::project(TensorId input, std::uint64_t k,
                                              const std::vector<Projection>& projections) {
  std::vector<TensorId> outputs;
  outputs.reserve(projections.size());
  for (const Projection& projection : projections) {
    Operator op = of_kind(OperatorKind::matmul, projection.name);
    op.n = projection.n;
    op.k = k;
    outputs.push_back(append(op, {input, assembler_.tensor(decoder_weight(
                                             prefix_ + projection.weight, k, op.n, weights_))}));
  }
  for (std::size_t i = 0; i < projections.size(); ++i) {
    if (projections[i].has_bias)
      outputs[i] = bias_add(projections[i].name, outputs[i], projections[i].n);
  }
  return outputs;
}

TensorId OperatorWriter::project_one(TensorId input, std::uint64_t k,
                                     const Projection& projection) {
  return project(input, k, std::vector<Projection>{projection}).front();
}

std::vector<TensorId> OperatorWriter::project(TensorId input, std::uint64_t k,
                                              const std::vector<Projection>& projections,
                                              const Grouping& grouping) {
  std::uint64_t rows = 0;
  for (const GroupRows& run : grouping.groups) rows += run.count * run.rows;
  std::vector<TensorId> outputs;
  const auto inputs_of = [&grouping](TensorId x, TensorId weight) {
    std::vector<TensorId> inputs{x, weight};
    inputs.insert(inputs.end(), grouping.routing.begin(), grouping.routing.end());
    return inputs;
  };
  for (const Projection& projection : projections) {
    Operator op = of_kind(OperatorKind::matmul, projection.name);
    op.m = rows;
    op.n = projection.n;
    op.k = k;
    op.groups = grouping.groups;
    const TensorId weight = assembler_.tensor(
        decoder_weight(prefix_ + projection.weight, k, grouping.all * op.n, weights_));
    outputs.push_back(append(op, inputs_of(input, weight)));
  }
  for (std::size_t i = 0; i < projections.size(); ++i) {
    if (!projections[i].has_bias) continue;
    const std::string& name = projections[i].name;
    Operator op = of_kind(OperatorKind::bias_add, name + "_bias");
    op.m = rows;
    op.n = projections[i].n;
    op.groups = grouping.groups;
    const TensorId bias =
        assembler_.tensor(norm_weight(prefix_ + name + ".bias", grouping.all * op.n));
    outputs[i] = append(op, inputs_of(outputs[i], bias));
  }
  return outputs;
}

TensorId OperatorWriter::plain_matmul(const std::string& name, TensorId input, Tensor weight,
                                      std::uint64_t k, std::uint64_t n) {
  Operator op = of_kind(OperatorKind::matmul, name);
  op.n = n;
  op.k = k;
  return append(op, {input, assembler_.tensor(std::move(weight))});
}

TensorId OperatorWriter::bias_add(const std::string& name, TensorId input, std::uint64_t n) {
  return row_wise(OperatorKind::bias_add, name + "_bias",
                  {input, assembler_.tensor(norm_weight(prefix_ + name + ".bias", n))}, n);
}

TensorId OperatorWriter::rope(const std::string& name, TensorId input, std::uint32_t heads,
                              std::uint32_t head_dim, std::uint32_t rotary_dim) {
  Operator op = of_kind(OperatorKind::rope, name);
  op.heads = heads;
  op.head_dim = head_dim;
  op.rotary_dim = rotary_dim < head_dim ? rotary_dim : 0;
  return append(op, {input});
}

TensorId OperatorWriter::kv_append(const std::string& name, std::vector<TensorId> inputs,
                                   const std::string& cache, std::uint32_t kv_heads,
                                   std::uint32_t head_dim) {
  Operator op = of_kind(OperatorKind::kv_append, name);
  op.kv_heads = kv_heads;
  op.head_dim = head_dim;
  const TensorId output =
      assembler_.tensor(cache_tensor(prefix_ + cache, request_.batch * final_context(request_),
                                     kv_heads, head_dim, kv_cache_format(request_.kv_bits)));
  finish(std::move(op), std::move(inputs), output);
  return output;
}

TensorId OperatorWriter::attend(OperatorKind kind, const std::string& name,
                                std::vector<TensorId> inputs, std::uint32_t kv_heads,
                                std::uint32_t head_dim) {
  Operator op = of_kind(kind, name);
  op.heads = shape_.heads;
  if (uses_size(kind, "kv_heads")) {
    op.kv_heads = kv_heads;
    op.head_dim = head_dim;
  }
  const std::uint32_t window = shape_.window_of(common_.layer);
  if (window > 0 && window < op.context) {
    op.window = window;
    op.context -= first_visible(op, 0);
  }
  return append(op, std::move(inputs));
}

TensorId OperatorWriter::sinks() {
  return assembler_.tensor(norm_weight(prefix_ + "attention.sinks", shape_.heads));
}

TensorId OperatorWriter::row_wise(OperatorKind kind, const std::string& name,
                                  std::vector<TensorId> inputs, std::uint64_t n, std::uint64_t k) {
  Operator op = of_kind(kind, name);
  op.n = n;
  op.k = k;
  return append(op, std::move(inputs));
}

Operator OperatorWriter::of_kind(OperatorKind kind, const std::string& name) const {
  Operator op = common_;
  op.kind = kind;
  op.name = prefix_ + name;
  if (!uses_size(kind, "context")) op.context = 0;
  if (!uses_size(kind, "position")) op.position = 0;
  return op;
}

TensorId OperatorWriter::append(const Operator& op, std::vector<TensorId> inputs) {
  const TensorId output = assembler_.tensor(output_tensor(op));
  finish(op, std::move(inputs), output);
  return output;
}

void OperatorWriter::finish(Operator op, std::vector<TensorId> inputs, TensorId output) {
  op.inputs = std::move(inputs);
  op.outputs = {output};
  assembler_.append(std::move(op));
}

}  // namespace lutsim::workloads
