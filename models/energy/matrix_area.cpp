// SPDX-License-Identifier: Apache-2.0
#include "models/energy/matrix_area.h"

#include "models/energy/geometry.h"
#include "models/engine/half_lut.h"

namespace lutsim::models {
namespace {

/// BF16 is priced as FP16, whose significand is wider.
const char* fp_adder_area(spec::NumberFormat format) {
  return format == spec::NumberFormat::fp32 ? "area.fp32_add" : "area.fp16_add";
}
const char* fp_multiplier_area(spec::NumberFormat format) {
  return format == spec::NumberFormat::fp32 ? "area.fp32_multiply" : "area.fp16_multiply";
}

/// A weight has a shadow register for the pass that is being loaded, and the active one.
constexpr double kWeightRegisters = 2;

std::vector<AreaCells> lut_array(const spec::MatrixSpec& matrix, const MatrixGeometry& m) {
  const bool integer = spec::is_aligned(matrix.engine);
  const spec::NumberFormat acc = matrix.float_acc();
  // One generator serves a column, the PEs of its rows keep a copy.
  const double additions = m.columns * generator_additions(matrix.mu);
  const Term generator = integer ? Term{"area.int_add_bit", additions * m.entry_bits}
                                 : Term{fp_adder_area(acc), additions};
  // A RAC selects with a tree of lut_entries - 1 stages and inverts with one more.
  const double readers = m.racs * m.planes;
  std::vector<Term> rac{{"area.register_bit", readers * m.mu * kWeightRegisters},
                        {"area.mux_bit", readers * m.lut_entries * m.entry_bits}};
  if (integer) {
    rac.push_back({"area.int_add_bit", readers * m.sum_bits});
  } else {
    rac.push_back({fp_adder_area(acc), readers});
    rac.push_back({"area.register_bit", readers * m.sum_bits});
  }
  return {{"matrix.lut_generator", true, {generator}},
          {"matrix.lut", true, {{"area.register_bit", m.pes * m.lut_bits}}},
          {"matrix.rac", true, rac}};
}

std::vector<AreaCells> lane_array(const spec::MatrixSpec& matrix, const MatrixGeometry& m) {
  const double lanes = m.pes;
  const Term weights{"area.register_bit", lanes * kWeightRegisters * m.weight_bits *
                                              (matrix.engine == spec::Engine::ifpu ? m.planes : 1)};
  switch (matrix.engine) {
    case spec::Engine::ifpu:
      return {{"matrix.lanes",
               true,
               {weights,
                {"area.mux_bit", lanes * m.planes * m.align_bits},
                {"area.int_add_bit", lanes * m.planes * m.sum_bits}}}};
    case spec::Engine::figna:
      return {{"matrix.lanes",
               true,
               {weights,
                {"area.int_multiply_bit2", lanes * m.align_bits * (m.planes + 1)},
                {"area.int_add_bit", lanes * m.sum_bits}}}};
    default:
      return {{"matrix.lanes",
               true,
               {weights,
                {fp_multiplier_area(matrix.act_format), lanes},
                {fp_adder_area(matrix.float_acc()), lanes},
                {"area.register_bit", lanes * m.sum_bits}}},
              {"matrix.dequantizer",
               true,
               {{"area.int_add_bit", m.lanes_n * (m.planes + 1)},
                {"area.shift_bit", m.lanes_n * (m.planes + 1)},
                {fp_multiplier_area(matrix.act_format), m.lanes_n}}}};
  }
}

}  // namespace

std::vector<AreaCells> matrix_cells(const spec::MatrixSpec& matrix) {
  const MatrixGeometry m(matrix);
  const bool integer = spec::is_aligned(matrix.engine);
  std::vector<AreaCells> parts;
  std::vector<Term> front{{"area.register_bit", m.lanes_k * m.act_bits}};
  if (integer) {
    front = {{"area.int_add_bit", m.lanes_k * (2 * m.act_exponent_bits + m.align_bits)},
             {"area.shift_bit", m.lanes_k * m.align_bits},
             {"area.register_bit", m.lanes_k * (m.act_bits + m.align_bits)}};
  }
  // Engines without LUT read the activations from one more register.
  if (!spec::is_lut(matrix.engine)) {
    front.push_back({"area.register_bit", m.lanes_k * (integer ? m.align_bits : m.act_bits)});
  }
  parts.push_back({"matrix.align", true, front});

  const auto array = spec::is_lut(matrix.engine) ? lut_array(matrix, m) : lane_array(matrix, m);
  parts.insert(parts.end(), array.begin(), array.end());

  const double terms = m.lanes_n * m.slots;
  std::vector<Term> output;
  if (integer) {
    output = {{"area.int_add_bit", terms * (m.sum_bits + kFp32ExponentBits)},
              {"area.shift_bit", terms * m.sum_bits}};
  }
  if (matrix.scale_stages() > 0) output.push_back({"area.fp32_multiply", terms});
  output.push_back({"area.fp32_add", terms});  // the tree over the slots and the accumulation
  parts.push_back({"matrix.scale_accumulate", true, output});
  parts.push_back({"matrix.psum", true, {{"area.psum_bit", m.lanes_n * m.psum_bits}}});
  return parts;
}

}  // namespace lutsim::models
