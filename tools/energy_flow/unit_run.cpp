// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/unit_run.h"

#include <algorithm>
#include <stdexcept>

#include "models/numerics/float_format.h"
#include "sim/matrix/matrix_cost.h"
#include "sim/matrix/matrix_tile.h"
#include "sim/rtl_bridge/matrix_operands.h"
#include "sim/rtl_bridge/matrix_stream.h"
#include "tools/energy_flow/gate_matrix_pins.h"

namespace lutsim::gates {
namespace {

bool has(const std::string& text, const char* word) { return text.find(word) != std::string::npos; }

std::string row_part(const Place& place) {
  const std::string& path = place.path;
  if (has(path, "u_dequantizer")) return "dequantize";
  if (has(path, "u_tree")) return has(path, "u_adder") ? "sum.adder" : "sum.rest";
  if (has(path, "u_multiplier")) return "multiply";
  if (has(path, "u_pe")) {
    if (place.signal.empty()) return "read";
    return has(place.signal, "entry_q") ? "lut" : "key";
  }
  // Registers of a row are weights; its gates feed them or the lanes.
  if (!place.signal.empty() || place.feeds == "key") return "key";
  return "read";
}

std::string lane_part(const Place& place) {
  const std::string& path = place.path;
  if (has(path, "u_int_to_fp32") || has(path, "u_converter")) return "scale.convert";
  if (has(path, "u_multiplier")) return "scale.multiply";
  if (has(path, "u_tree")) return "slot_add";
  if (has(path, "u_adder")) return "accumulate.adder";
  if (has(place.signal, "psum_q")) return "psum";
  if (has(place.signal, "out_o")) return "accumulate.rest";
  if (!place.signal.empty() || place.feeds == "scale.rest") return "scale.rest";
  return "psum";
}

/// The tiles of a matmul: all of its K for the first features.
std::vector<sim::MatrixTile> tiles_of(const spec::MatrixSpec& spec, const CapturedMatmul& matmul,
                                      const models::BcqMatrix& weights, bool lut_broadcast,
                                      const TileChoice& choice) {
  sim::MatrixTile tile;
  tile.weights = &weights;
  tile.activations = matmul.x.data();
  sim::MatrixWork& work = tile.work;
  work.lut_broadcast = lut_broadcast;
  work.m_begin = lut_broadcast ? matmul.m - 1 : 0;
  work.m_count =
      lut_broadcast ? 1 : std::min<std::uint64_t>({matmul.m, spec.psum_depth, choice.rows});
  const std::uint32_t features = lut_broadcast ? spec.lanes_n() * spec.psum_depth : spec.lanes_n();
  work.n_count = std::min(weights.n, features);
  work.k = weights.k;
  work.group_size = weights.group_size;
  work.planes = weights.weight_bits;
  work.has_offset = weights.has_offset();
  work.segment_count = static_cast<std::uint32_t>(
      models::k_segments(work.k, work.group_size, spec.lanes_k()).size());
  return {tile};
}

/// Matmuls of the run, evenly spread.
std::vector<const CapturedMatmul*> chosen(const Stimulus& stimulus, std::uint32_t count) {
  std::vector<const CapturedMatmul*> list;
  const std::size_t all = stimulus.matmuls.size();
  for (std::size_t i = 0; i < count; ++i) {
    list.push_back(&stimulus.matmuls.at((2 * i + 1) * all / (std::size_t{2} * count)));
  }
  return list;
}

EnergyByPart simulate(const spec::MatrixSpec& spec, const Netlist& netlist,
                      const CellLibrary& library, const std::vector<sim::MatrixTile>& tiles,
                      GateSimulator::Delays delays) {
  GateMatrixPins pins(spec, netlist, delays);
  sim::PsumMemory psums(spec);
  pins.simulator().reset_counts();
  for (const sim::MatrixTile& tile : tiles) {
    const auto stream = rtl::run_stream(spec, pins, rtl::TileOperands(spec, tile));
    const std::vector<float> gates = rtl::tile_results(spec, tile.work, stream.outputs);
    const sim::TileOutcome golden = sim::golden_tile(spec, tile, psums);
    if (gates.size() != golden.y.size() || stream.cycles != golden.cycles) {
      throw std::runtime_error("the gates of matrix_unit took " + std::to_string(stream.cycles) +
                               " cycles, the golden tile " + std::to_string(golden.cycles));
    }
    for (std::size_t i = 0; i < gates.size(); ++i) {
      if (models::fp32_bits(gates[i]) != models::fp32_bits(golden.y[i])) {
        throw std::runtime_error("the gates of matrix_unit give " + std::to_string(gates[i]) +
                                 ", the golden tile " + std::to_string(golden.y[i]));
      }
    }
  }
  return energy_by_part(netlist, pins.simulator(), map_parts(netlist, unit_part), library);
}

}  // namespace

std::string unit_part(const Place& place) {
  const std::string &path = place.path, &signal = place.signal;
  if (has(path, "u_pre_aligner")) return "align";
  if (has(path, "u_row")) return row_part(place);
  if (has(path, "u_lane")) return lane_part(place);
  if (has(path, "u_generator")) return "lut_generate";
  // FP16 activations of lut-f become numbers of the sums' format.
  if (has(path, "u_converter")) return "lut_generate";
  // The operand registers; lut-f has one in front of its generators.
  if (has(signal, "activation_q") || has(signal, "mantissa_q") || has(signal, "operand_q")) {
    return "activation";
  }
  return "control";
}

UnitRun run_unit(const spec::MatrixSpec& spec, const Netlist& netlist, const CellLibrary& library,
                 const Stimulus& stimulus, bool lut_broadcast, const TileChoice& choice) {
  const auto matrices = models::matrices_by_name(stimulus.model);
  std::vector<sim::MatrixTile> tiles;
  UnitRun run;
  for (const CapturedMatmul* matmul : chosen(stimulus, choice.matmuls)) {
    for (const sim::MatrixTile& tile :
         tiles_of(spec, *matmul, *matrices.at(matmul->weight), lut_broadcast, choice)) {
      const sim::MatrixCost cost = sim::matrix_cost(spec, tile.work);
      run.events += cost.events;
      run.cycles += cost.cycles;
      run.macs += tile.work.m_count * tile.work.n_count * tile.work.k;
      tiles.push_back(tile);
    }
  }
  run.zero_delay = simulate(spec, netlist, library, tiles, GateSimulator::Delays::zero);
  run.with_glitches = simulate(spec, netlist, library, tiles, GateSimulator::Delays::liberty);
  return run;
}

}  // namespace lutsim::gates
