// SPDX-License-Identifier: Apache-2.0
#include "sim/matrix/matrix_cost.h"

#include <algorithm>

#include "sim/matrix/matrix_tile.h"
#include "sim/matrix/matrix_timing.h"

namespace lutsim::sim {

using models::Event;
using spec::ceil_div;
using spec::NumberFormat;

MatrixCost matrix_cost(const spec::MatrixSpec& spec, const MatrixWork& work) {
  const std::uint64_t passes = work.planes + (work.has_offset ? 1 : 0);
  // Features that one pass over all its beats serves: every block of the part, or the block once
  // per row.
  const std::uint64_t outputs = work.lut_broadcast ? work.n_count : work.m_count * work.n_count;

  MatrixCost cost;
  for (const models::KSegment& segment : tile_segments(spec, work)) {
    const std::uint64_t length = segment.length;
    const std::uint64_t columns = ceil_div(length, spec.mu);

    // Activations enter once per segment (their LUTs stay), or once per pass and row.
    const std::uint64_t activation_beats = work.lut_broadcast ? 1 : passes * work.m_count;
    const std::uint64_t pe_rows = ceil_div(
        work.lut_broadcast ? std::min<std::uint64_t>(work.n_count, spec.lanes_n()) : work.n_count,
        spec.racs_per_lut);
    cost.events.add(Event::matrix_align, activation_beats * length);
    cost.events.add(Event::matrix_lut_generate, activation_beats * columns);
    cost.events.add(Event::matrix_lut_write, activation_beats * columns * pe_rows);

    // Keys and scales of a feature come once per plane; the offset pass needs no keys.
    cost.events.add(Event::matrix_key_write, std::uint64_t{work.planes} * work.n_count * columns);
    cost.events.add(Event::matrix_lut_read, passes * outputs * columns);
    cost.events.add(Event::matrix_scale, passes * outputs);
    cost.events.add(Event::matrix_accumulate, passes * outputs);

    const std::uint64_t scale_bits = work.planes * spec::width_bits(NumberFormat::fp16) +
                                     (work.has_offset ? spec::width_bits(NumberFormat::fp32) : 0);
    cost.weight_read_bits += work.n_count * (work.planes * length + scale_bits);
    cost.activation_read_bits += activation_beats * length * spec::width_bits(spec.act_format);
  }
  if (work.last) cost.activation_write_bits = outputs * spec::width_bits(NumberFormat::fp32);
  cost.cycles = tile_cycles(tile_steps(spec, work));
  cost.events.add(Event::sram_weight_read_bit, cost.weight_read_bits);
  cost.events.add(Event::sram_act_read_bit, cost.activation_read_bits);
  cost.events.add(Event::sram_act_write_bit, cost.activation_write_bits);
  return cost;
}

}  // namespace lutsim::sim
