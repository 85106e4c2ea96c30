// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/transformer/model_shape.h"
#include "workloads/trace/trace_assembler.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::workloads {

/// One of several matrices that read the same activation.
struct Projection {
  std::string name;    ///< of the operator, after the layer's prefix: "attention.q"
  std::string weight;  ///< "attention.wq"
  std::uint64_t n;
  bool has_bias;
};

/// Groups of a grouped matmul and, when a router chose them, the router's choice.
struct Grouping {
  const std::vector<GroupRows>& groups;
  std::uint32_t all = 0;          ///< groups that the weight has
  std::vector<TensorId> routing;  ///< one tensor, or none
};

/// Appends the operators of a forward pass one at a time, each with its sizes, weights and output.
class OperatorWriter {
 public:
  /// `common` has phase, step, batch, m, context and position of every operator of the pass.
  OperatorWriter(TraceAssembler& assembler, const TraceRequest& request, Operator common);

  const models::ModelShape& shape() const { return shape_; }
  /// Names and quantisation are those of `layer` from now on, or those outside the layers.
  void enter_layer(std::uint32_t layer);
  void leave_layers();
  /// Rows of the operators from now on, of all sequences.
  void set_rows(std::uint64_t m) { common_.m = m; }
  std::uint64_t rows() const { return common_.m; }
  std::uint32_t batch() const { return common_.batch; }
  std::uint32_t step() const { return common_.step; }
  std::uint32_t layer() const { return common_.layer; }

  TensorId embedding(TensorId tokens);
  TensorId position_add(TensorId input);
  /// The model's kind of norm over rows of hidden elements.
  TensorId norm(const std::string& name, TensorId input);
  /// RMSNorm of `count` parts of k elements of every row.
  TensorId part_norm(const std::string& name, TensorId input, std::uint64_t count, std::uint64_t k);
  /// Quantised matrices on one input: all matmuls, then all biases.
  std::vector<TensorId> project(TensorId input, std::uint64_t k,
                                const std::vector<Projection>& projections);
  TensorId project_one(TensorId input, std::uint64_t k, const Projection& projection);
  std::vector<TensorId> project(TensorId input, std::uint64_t k,
                                const std::vector<Projection>& projections,
                                const Grouping& grouping);
  /// A matrix that stays FP16.
  TensorId plain_matmul(const std::string& name, TensorId input, Tensor weight, std::uint64_t k,
                        std::uint64_t n);
  TensorId bias_add(const std::string& name, TensorId input, std::uint64_t n);
  TensorId rope(const std::string& name, TensorId input, std::uint32_t heads,
                std::uint32_t head_dim, std::uint32_t rotary_dim);
  TensorId kv_append(const std::string& name, std::vector<TensorId> inputs,
                     const std::string& cache, std::uint32_t kv_heads, std::uint32_t head_dim);
  /// Score, ALiBi, softmax, value: an operator over the cached positions that the layer sees.
  TensorId attend(OperatorKind kind, const std::string& name, std::vector<TensorId> inputs,
                  std::uint32_t kv_heads, std::uint32_t head_dim);
  /// One logit for each head, an input of softmax.
  TensorId sinks();
  /// An operator of m rows of n elements; k for the kinds that have it.
  TensorId row_wise(OperatorKind kind, const std::string& name, std::vector<TensorId> inputs,
                    std::uint64_t n, std::uint64_t k = 0);

 private:
  Operator of_kind(OperatorKind kind, const std::string& name) const;
  /// Appends `op` with a new activation as its output.
  TensorId append(const Operator& op, std::vector<TensorId> inputs);
  void finish(Operator op, std::vector<TensorId> inputs, TensorId output);

  TraceAssembler& assembler_;
  const models::ModelShape shape_;
  const TraceRequest& request_;
  Operator common_;
  std::string prefix_;    ///< of the names of the layer at hand
  WeightFormat weights_;  ///< of the matrices of the layer at hand
};

}  // namespace lutsim::workloads
