// SPDX-License-Identifier: Apache-2.0
#include "models/spec/matrix_spec.h"

#include <string>

namespace lutsim::spec {
namespace {

/// Planes of the equal-throughput comparison: one lane of fp and figna does what four bit-serial
/// lanes do (FIGLUT, arXiv 2503.06862, section IV: arrays of equal throughput at 4 bits).
constexpr std::uint32_t kReferencePlanes = 4;
/// Widest integer sum that the conversion to FP32 takes.
constexpr std::uint32_t kWidestSum = 63;

}  // namespace

std::vector<Problem> problems(const MatrixSpec& matrix) {
  std::vector<Problem> found;
  const std::string engine = to_string_of(matrix.engine);
  const auto wrong = [&](const char* key, const std::string& value, const std::string& what) {
    found.push_back({std::string("matrix.") + key, "= " + value + " " + what});
  };
  if (is_lut(matrix.engine) && matrix.mu < 2) {
    wrong("mu", std::to_string(matrix.mu), "is too small for the engine " + engine + ": 2..8");
  }
  if (!is_lut(matrix.engine) && matrix.mu != 1) {
    wrong("mu", std::to_string(matrix.mu), "must be 1: the engine " + engine + " has no LUTs");
  }
  if (!is_lut(matrix.engine) && matrix.racs_per_lut != 1) {
    wrong("racs_per_lut", std::to_string(matrix.racs_per_lut),
          "must be 1: the engine " + engine + " has no LUTs");
  }
  if (!is_float(matrix.act_format)) {
    wrong("act_format", to_string_of(matrix.act_format),
          "is not a floating-point format (fp16, bf16, fp32)");
  }
  const bool integer = matrix.acc_format == AccFormat::integer;
  if (integer != is_aligned(matrix.engine)) {
    wrong("acc_format", to_string_of(matrix.acc_format),
          "does not go with the engine " + engine + ": it must be " +
              (is_aligned(matrix.engine) ? "int" : "fp16 or fp32"));
  }
  if (matrix.acc_format == AccFormat::fp16 && matrix.act_format != NumberFormat::fp16) {
    wrong("acc_format", "fp16",
          "cannot hold the sums of " + to_string_of(matrix.act_format) + " activations: fp32");
  }
  if (matrix.sum_bits() > kWidestSum) {
    wrong("align_bits", std::to_string(matrix.align_bits),
          "needs an integer sum of " + std::to_string(matrix.sum_bits()) + " bits, more than " +
              std::to_string(kWidestSum));
  }
  return found;
}

MatrixSpec with_engine(const MatrixSpec& matrix, Engine engine) {
  if (engine == matrix.engine) return matrix;
  MatrixSpec other = matrix;
  other.engine = engine;
  if (!is_aligned(engine)) {
    other.acc_format =
        matrix.acc_format == AccFormat::integer ? AccFormat::fp32 : matrix.acc_format;
  } else {
    other.acc_format = AccFormat::integer;
  }
  if (is_lut(engine) && is_lut(matrix.engine)) return other;
  if (is_lut(engine)) {
    throw SpecError("engine = " + to_string_of(engine) +
                    " cannot take the geometry of a configuration without LUTs: choose one that "
                    "has them with --arch");
  }
  other.mu = other.racs_per_lut = 1;
  other.array_cols = matrix.lanes_k();
  std::uint64_t lanes = matrix.one_bit_lanes() / matrix.lanes_k();
  other.planes = is_bit_serial(engine) ? matrix.slots() : kReferencePlanes;
  if (lanes % other.planes != 0) {
    throw SpecError("engine = " + to_string_of(engine) + ": " + std::to_string(lanes) +
                    " one-bit lanes along N are no multiple of " + std::to_string(other.planes) +
                    " planes");
  }
  lanes /= other.planes;
  for_each_field<MatrixSpec>([&](const auto& f) {
    const std::uint64_t wanted = std::string(f.key) == "array_rows"   ? lanes
                                 : std::string(f.key) == "array_cols" ? other.array_cols
                                                                      : 0;
    if (static_cast<double>(wanted) > f.max) {
      throw SpecError("engine = " + to_string_of(engine) + " needs " + f.key + " = " +
                      std::to_string(wanted) + " for equal peak throughput, above its range");
    }
  });
  other.array_rows = static_cast<std::uint32_t>(lanes);
  return other;
}

}  // namespace lutsim::spec
