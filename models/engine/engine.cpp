// SPDX-License-Identifier: Apache-2.0
#include "models/engine/engine.h"

#include <algorithm>
#include <vector>

#include "models/bcq/uniform_view.h"
#include "models/engine/kernels.h"
#include "models/numerics/float_format.h"

namespace lutsim::models {
namespace {

void run(const EngineCall& call) {
  switch (call.spec.engine) {
    case spec::Engine::fp:
      run_fp(call);
      break;
    case spec::Engine::lut_f:
      run_lut_f(call);
      break;
    case spec::Engine::ifpu:
    case spec::Engine::figna:
    case spec::Engine::lut_i:
      run_aligned(call);
      break;
  }
}

}  // namespace

void require_weights(const spec::MatrixSpec& spec, std::uint32_t weight_bits, bool has_offset,
                     const std::string& name) {
  if (spec::is_bit_serial(spec.engine)) return;
  const std::string engine = "engine " + to_string_of(spec.engine);
  if (!has_offset) {
    throw spec::SpecError(name + ": " + engine +
                          " takes uniform weights (method rtn); these are binary-coded without "
                          "offsets, for ifpu, lut-f and lut-i");
  }
  if (weight_bits > spec.planes) {
    throw spec::SpecError(name + ": weight_bits = " + std::to_string(weight_bits) + ", " + engine +
                          " was built for at most matrix.planes = " + std::to_string(spec.planes));
  }
}

void require_weights(const spec::MatrixSpec& spec, const BcqMatrix& w, const std::string& name) {
  require_weights(spec, w.weight_bits, w.has_offset(), name);
  if (!spec::is_bit_serial(spec.engine)) require_uniform(w, name);
}

float scale_accumulate(float acc, float scale, std::int64_t sum, std::int32_t exponent) {
  const float value = scale_by_power_of_two(fp32_from_int(sum), exponent);
  const float term = scale * value;
  return canonical(acc + term);
}

void engine_segment(const spec::MatrixSpec& spec, const float* x, const BcqMatrix& w,
                    const KSegment& seg, std::uint32_t n_begin, std::uint32_t n_end, float* acc) {
  run({spec, {seg}, x, 1, w, n_begin, n_end, acc, n_end - n_begin});
}

void engine_gemm(const spec::MatrixSpec& spec, const float* x, std::uint32_t m, const BcqMatrix& w,
                 float* y) {
  std::fill(y, y + std::size_t{m} * w.n, 0.0f);
  std::vector<float> ordered;
  if (!w.input_order.empty()) {
    ordered = in_column_order(w, x, m);
    x = ordered.data();
  }
  run({spec, k_segments(w.k, w.group_size, spec.lanes_k()), x, m, w, 0, w.n, y, w.n});
}

}  // namespace lutsim::models
