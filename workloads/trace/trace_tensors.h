// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "models/transformer/model_shape.h"
#include "workloads/trace/operator_trace.h"

/// Shapes and formats of the tensors of a trace, the one definition for those who build traces.
namespace lutsim::workloads {

/// The activation (or tokens) that `op` writes. Preconditions: kind, name, step, batch and sizes of
/// `op` are set; its kind is not kv_append.
Tensor output_tensor(const Operator& op);

/// Tokens that enter the first pass of a trace.
Tensor input_tokens(std::uint32_t step, std::uint64_t rows);

/// Weight matrix [k,n] of the decoder.
Tensor decoder_weight(const std::string& name, std::uint64_t k, std::uint64_t n,
                      const WeightFormat& format);

/// FP32 weights of a norm, or biases.
Tensor norm_weight(const std::string& name, std::uint64_t elements);

/// FP16 matrix [k,n] that is never quantised: a router, a projection of the embedding.
Tensor plain_matrix(const std::string& name, std::uint64_t k, std::uint64_t n);

/// FP16 table of learned positions [position_rows,hidden].
Tensor position_table(const models::ModelShape& shape);

/// FP16 table [vocab,embedding_width] that the embedding gathers from, and a tied LM head
/// multiplies with.
Tensor embedding_table(const models::ModelShape& shape);

/// FP16 matrix [embedding_width,vocab] of an LM head that is not tied, else the embedding table.
Tensor lm_head_weight(const models::ModelShape& shape);

/// Keys or values of one layer: `rows` positions of all sequences together.
Tensor cache_tensor(const std::string& name, std::uint64_t rows, std::uint64_t kv_heads,
                    std::uint64_t head_dim, spec::NumberFormat format);

}  // namespace lutsim::workloads
