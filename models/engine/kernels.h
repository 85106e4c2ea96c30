// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/engine/segments.h"
#include "models/spec/matrix_spec.h"

/// What engine.cpp chooses from: the arithmetic of each kind of engine.
namespace lutsim::models {

/// `m` rows of x[m][k] times features [n_begin, n_end) of w over `segments`, added to
/// acc[m][acc_stride], acc[0] being feature n_begin. A NaN result is canonical.
struct EngineCall {
  const spec::MatrixSpec& spec;
  const std::vector<KSegment>& segments;
  const float* x;
  std::uint32_t m;
  const BcqMatrix& w;
  std::uint32_t n_begin, n_end;
  float* acc;
  std::size_t acc_stride;
};

void run_aligned(const EngineCall& call);  ///< ifpu, figna, lut-i
void run_lut_f(const EngineCall& call);
void run_fp(const EngineCall& call);

}  // namespace lutsim::models
