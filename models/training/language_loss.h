// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/training/decoder_block.h"

/// The negative log-likelihood of a token sequence and its gradient, through the whole model: the
/// function that ReferenceTransformer and evaluate() compute, over all tokens at once.
namespace lutsim::models::training {

/// A model's weights as Eigen matrices.
template <class Scalar>
struct ModelBlocks {
  Matrix<Scalar> embedding, lm_head;  ///< [vocab][hidden]
  std::vector<BlockWeights<Scalar>> layers;
  RowVector<Scalar> final_norm;  ///< [hidden]
};

template <class Scalar>
ModelBlocks<Scalar> model_blocks(const ModelWeights& weights);

/// Sum over t of -ln p(tokens[t+1] | tokens[0..t]). Adds `scale` times its gradient with respect to
/// the weights of the layers to `gradient` [layers]; embedding, norms at the end and head are
/// constants. Preconditions: two tokens or more, all below shape.vocab, at most max_context + 1.
template <class Scalar>
Scalar nll_gradient(const ModelShape& shape, const ModelBlocks<Scalar>& model,
                    const ops::RopeTable& rope, const std::vector<std::uint32_t>& tokens,
                    Scalar scale, std::vector<BlockWeights<Scalar>>& gradient);

}  // namespace lutsim::models::training
