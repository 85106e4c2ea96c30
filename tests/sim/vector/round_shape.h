// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/transformer/model_shape.h"

namespace lutsim::test {

/// A shape whose sizes are easy to divide: 64 lanes are one reduction.
inline models::ModelShape round_shape() {
  models::ModelShape s;
  s.name = "round";
  s.layers = 1;
  s.hidden = 128;
  s.heads = 4;
  s.kv_heads = 2;
  s.head_dim = 32;
  s.ffn = 256;
  s.vocab = 512;
  s.max_context = 64;
  return s;
}

}  // namespace lutsim::test
