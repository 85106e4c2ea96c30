// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/transformer/model_shape.h"

namespace lutsim::test {

/// A decoder that is small enough to count by hand; every width differs from the others.
inline models::ModelShape tiny_shape() {
  models::ModelShape shape;
  shape.name = "tiny";
  shape.layers = 2;
  shape.hidden = 24;
  shape.heads = 6;
  shape.kv_heads = 2;
  shape.head_dim = 4;
  shape.ffn = 40;
  shape.vocab = 50;
  shape.max_context = 32;
  return shape;
}

}  // namespace lutsim::test
