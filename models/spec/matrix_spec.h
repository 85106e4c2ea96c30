// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <tuple>
#include <vector>

#include "models/spec/field.h"
#include "models/spec/number_format.h"

namespace lutsim::spec {

/// Arithmetic of the matrix unit, docs/units/matrix.md. The order is the RTL's parameter `Engine`.
enum class Engine { fp, ifpu, figna, lut_f, lut_i };

inline auto enum_names(Engine) {
  return std::array<EnumName<Engine>, 5>{{{Engine::fp, "fp"},
                                          {Engine::ifpu, "ifpu"},
                                          {Engine::figna, "figna"},
                                          {Engine::lut_f, "lut-f"},
                                          {Engine::lut_i, "lut-i"}}};
}

/// Reads tables instead of adding or multiplying weight by weight; has the LUT-broadcast dataflow.
constexpr bool is_lut(Engine e) { return e == Engine::lut_f || e == Engine::lut_i; }
/// Works on activations that were aligned to integers.
constexpr bool is_aligned(Engine e) {
  return e == Engine::ifpu || e == Engine::figna || e == Engine::lut_i;
}
/// Takes a weight bit-plane by bit-plane, so that it runs any BCQ matrix of any width. The others
/// take a weight as one integer: uniform weights only.
constexpr bool is_bit_serial(Engine e) { return e != Engine::fp && e != Engine::figna; }

/// Format of the sums that the array forms before they are scaled.
enum class AccFormat { integer, fp16, fp32 };

inline auto enum_names(AccFormat) {
  return std::array<EnumName<AccFormat>, 3>{
      {{AccFormat::integer, "int"}, {AccFormat::fp16, "fp16"}, {AccFormat::fp32, "fp32"}}};
}

/// Matrix unit: an array of array_rows x array_cols processing elements. Columns lie along K, rows
/// along N. A PE of a LUT engine is a half LUT of mu activations that racs_per_lut read-accumulate
/// units share; a PE of another engine is one lane, mu = racs_per_lut = 1.
struct MatrixSpec {
  Engine engine = Engine::lut_i;
  std::uint32_t mu = 4;
  std::uint32_t racs_per_lut = 32;
  std::uint32_t array_rows = 8;
  std::uint32_t array_cols = 16;
  std::uint32_t planes = 1;
  NumberFormat act_format = NumberFormat::fp16;
  AccFormat acc_format = AccFormat::integer;
  std::uint32_t align_bits = 16;
  std::uint32_t psum_depth = 64;

  static constexpr auto fields() {
    using S = MatrixSpec;
    return std::make_tuple(
        field("engine", &S::engine, "arithmetic of the array"),
        field("mu", &S::mu, "activations folded into one LUT key; 1 for engines without LUT")
            .range(1, 8)
            .as_rtl("Mu"),
        field("racs_per_lut", &S::racs_per_lut, "RACs that read one LUT; 1 for engines without LUT")
            .range(1, 256)
            .as_rtl("RacsPerLut"),
        field("array_rows", &S::array_rows, "PE rows, along the output features N")
            .range(1, 4096)
            .as_rtl("ArrayRows"),
        field("array_cols", &S::array_cols, "PE columns, along the reduction K")
            .range(1, 4096)
            .as_rtl("ArrayCols"),
        field("planes", &S::planes,
              "bit-planes of a weight in one step; fp and figna: width of their integer weights")
            .range(1, 8)
            .as_rtl("Planes"),
        field("act_format", &S::act_format,
              "number format of the activations that enter the array"),
        field("acc_format", &S::acc_format,
              "format of the sums of the array: int for ifpu, figna, lut-i; fp16 or fp32 for the "
              "others"),
        field("align_bits", &S::align_bits,
              "width of an aligned activation, sign and magnitude bits; not used by fp and lut-f")
            .in(Unit::bit)
            .range(4, 32)
            .as_rtl("AlignBits"),
        field("psum_depth", &S::psum_depth, "FP32 partial sums kept for each output lane")
            .range(1, 4096)
            .as_rtl("PsumDepth"));
  }

  /// Output features that the array computes at once.
  constexpr std::uint32_t lanes_n() const { return array_rows * racs_per_lut; }
  /// Reduction length that the array covers at once.
  constexpr std::uint32_t lanes_k() const { return array_cols * mu; }
  /// Entries of a half LUT: those whose most significant key bit is 0; the others are negations.
  constexpr std::uint32_t lut_entries() const { return 1u << (mu - 1); }
  /// Format of the array's sums of a floating-point engine.
  constexpr NumberFormat float_acc() const {
    return acc_format == AccFormat::fp16 ? NumberFormat::fp16 : NumberFormat::fp32;
  }
  /// Width of one LUT entry: a sum of mu aligned activations of magnitude < 2^(align_bits-1), or a
  /// number of acc_format.
  constexpr std::uint32_t entry_bits() const {
    return is_aligned(engine) ? align_bits + ceil_log2(mu) : width_bits(float_acc());
  }
  /// Width of the sum over the whole reduction length of the array.
  constexpr std::uint32_t sum_bits() const {
    if (!is_aligned(engine)) return width_bits(float_acc());
    const std::uint32_t weight = engine == Engine::figna ? planes : 0;
    return align_bits + weight + ceil_log2(lanes_k());
  }
  /// Sums that one output feature forms in a step, each with its own scale.
  constexpr std::uint32_t slots() const { return is_bit_serial(engine) ? planes : 1; }
  /// One-bit weight lanes: weights x planes processed per cycle.
  constexpr std::uint64_t one_bit_lanes() const {
    return std::uint64_t{lanes_n()} * lanes_k() * planes;
  }
  /// Passes over the output beats that weights of `weight_bits` take: a bit-serial engine treats
  /// the offset as one more plane, the others fold it into the integer weight.
  constexpr std::uint32_t passes(std::uint32_t weight_bits, bool has_offset) const {
    if (!is_bit_serial(engine)) return 1;
    return static_cast<std::uint32_t>(ceil_div(weight_bits + (has_offset ? 1u : 0u), planes));
  }

  // Register stages of the pipeline, in order (docs/units/matrix.md, "Pipeline").

  /// Activations: greatest exponent and shift, or the activations themselves.
  constexpr std::uint32_t front_stages() const { return is_aligned(engine) ? 2 : 1; }
  /// Sums along K: integers in one stage, one stage for each level of a floating-point tree.
  constexpr std::uint32_t reduce_stages() const {
    return is_aligned(engine) ? 1 : std::max(1u, ceil_log2(array_cols));
  }
  /// Conversion to FP32 (integers) and multiplication by the scale.
  constexpr std::uint32_t scale_stages() const {
    return is_aligned(engine) ? 2 : engine == Engine::lut_f ? 1 : 0;
  }
  /// Tree over the slots of a step.
  constexpr std::uint32_t slot_stages() const { return ceil_log2(slots()); }
  /// All of them, with the stage of the weights and LUTs and that of the partial sums.
  constexpr std::uint32_t pipeline_stages() const {
    return front_stages() + 1 + reduce_stages() + scale_stages() + slot_stages() + 1;
  }
};

/// What ranges of single fields cannot say, every violation; paths start at "matrix.".
std::vector<Problem> problems(const MatrixSpec& matrix);

/// The same arithmetic problem on another engine at equal peak throughput: the same lanes_k and
/// one_bit_lanes, FP32 sums for the floating-point engines. Engines without LUT get one lane for
/// each PE of the others, fp and figna four planes a lane (FIGLUT, arXiv 2503.06862, section IV).
/// Throws SpecError if lanes_n is no multiple of 4 where that is needed, or a size leaves its
/// range.
MatrixSpec with_engine(const MatrixSpec& matrix, Engine engine);

}  // namespace lutsim::spec
