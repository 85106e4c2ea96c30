// SPDX-License-Identifier: Apache-2.0
#include "sim/matrix/matrix_cost.h"

#include <algorithm>

#include "sim/matrix/matrix_tile.h"

namespace lutsim::sim {

using models::Event;
using spec::ceil_div;
using spec::NumberFormat;

namespace {

/// Shape of one segment of a tile, as the events count it.
struct SegmentCount {
  std::uint64_t length;   ///< elements of K
  std::uint64_t columns;  ///< PE columns that they take
  std::uint64_t passes;
  std::uint64_t activation_beats;  ///< activations enter once (their LUTs stay), or every step
  std::uint64_t features;          ///< of the tile
  std::uint64_t outputs;           ///< features times rows
};

/// Sums along K and what feeds them, by engine.
void add_array_events(const spec::MatrixSpec& spec, const MatrixWork& work,
                      const SegmentCount& count, models::EventCounts& events) {
  const std::uint64_t planes = work.planes;
  // Weights of a feature come once per plane, those of a weight-stationary pass by way of the
  // shadow registers; the offset pass needs none.
  const std::uint64_t writes = work.lut_broadcast ? 1 : 2;
  const std::uint64_t words = spec::is_bit_serial(spec.engine) ? planes : 1;
  events.add(Event::matrix_key_write, writes * words * count.features * count.columns);

  // A bit-serial engine treats the offset as one more plane.
  const std::uint64_t reads = (planes + (work.has_offset ? 1 : 0)) * count.outputs * count.columns;
  switch (spec.engine) {
    case spec::Engine::lut_i:
    case spec::Engine::lut_f: {
      const std::uint64_t pe_rows = spec::ceil_div(
          std::min<std::uint64_t>(count.features, spec.lanes_n()), spec.racs_per_lut);
      events.add(Event::matrix_lut_generate, count.activation_beats * count.columns);
      events.add(Event::matrix_lut_write, count.activation_beats * count.columns * pe_rows);
      events.add(Event::matrix_lut_read, reads);
      break;
    }
    case spec::Engine::ifpu:
      events.add(Event::matrix_activation_write, count.activation_beats * count.length);
      events.add(Event::matrix_add_sub, reads);
      break;
    case spec::Engine::figna:
      events.add(Event::matrix_activation_write, count.activation_beats * count.length);
      events.add(Event::matrix_integer_mac, count.outputs * count.length);
      break;
    case spec::Engine::fp:
      events.add(Event::matrix_activation_write, count.activation_beats * count.length);
      events.add(Event::matrix_dequantize, count.features * count.length);
      events.add(Event::matrix_fp_mac, count.outputs * count.length);
      break;
  }
}

/// From the sums to the partial sums.
void add_output_events(const spec::MatrixSpec& spec, const MatrixWork& work,
                       const SegmentCount& count, models::EventCounts& events) {
  if (spec.scale_stages() > 0) {
    const std::uint64_t terms =
        spec::is_bit_serial(spec.engine) ? work.planes + (work.has_offset ? 1u : 0u) : 1u;
    events.add(Event::matrix_scale, terms * count.outputs);
  }
  events.add(Event::matrix_slot_add, count.passes * (spec.slots() - 1) * count.outputs);
  events.add(Event::matrix_accumulate, count.passes * count.outputs);
}

/// Scales of one feature and group, as the unit reads them.
std::uint64_t scale_bits(const spec::MatrixSpec& spec, const MatrixWork& work) {
  const std::uint64_t fp16 = spec::width_bits(NumberFormat::fp16);
  if (!spec::is_bit_serial(spec.engine)) return fp16 + work.planes;  // scale and zero point
  return work.planes * fp16 + (work.has_offset ? spec::width_bits(NumberFormat::fp32) : 0);
}

}  // namespace

std::uint64_t one_bit_operations(const spec::MatrixSpec& spec, const models::EventCounts& events) {
  return events[Event::matrix_lut_read] * spec.mu + events[Event::matrix_add_sub] +
         (events[Event::matrix_integer_mac] + events[Event::matrix_fp_mac]) * spec.planes;
}

MatrixCost matrix_cost(const spec::MatrixSpec& spec, const MatrixWork& work) {
  SegmentCount count{};
  count.passes = spec.passes(work.planes, work.has_offset);
  count.features = work.n_count;
  // What one pass over all its beats serves: every block of the part, or the block once per row.
  count.outputs = work.lut_broadcast ? work.n_count : work.m_count * work.n_count;
  count.activation_beats = work.lut_broadcast ? 1 : count.passes * work.m_count;

  MatrixCost cost;
  const auto segments = tile_segments(spec, work);
  for (const models::KSegment& segment : segments) {
    count.length = segment.length;
    count.columns = ceil_div(segment.length, spec.mu);
    if (spec::is_aligned(spec.engine)) {
      cost.events.add(Event::matrix_align, count.activation_beats * count.length);
    }
    add_array_events(spec, work, count, cost.events);
    add_output_events(spec, work, count, cost.events);
    cost.weight_read_bits += work.n_count * (work.planes * count.length + scale_bits(spec, work));
    cost.activation_read_bits +=
        count.activation_beats * count.length * spec::width_bits(spec.act_format);
  }
  const std::uint64_t act_bits = spec::width_bits(spec.act_format);
  const std::uint64_t k_end = segments.back().k_begin + segments.back().length;
  cost.activation_stride = ceil_div(work.k * act_bits, 8);
  cost.activation_address =
      work.m_begin * cost.activation_stride + segments.front().k_begin * act_bits / 8;
  cost.activation_run_bytes = ceil_div((k_end - segments.front().k_begin) * act_bits, 8);
  if (work.last) cost.activation_write_bits = count.outputs * spec::width_bits(NumberFormat::fp32);
  cost.cycles = tile_cycles(spec, work);
  cost.events.add(Event::sram_weight_read_bit, cost.weight_read_bits);
  cost.events.add(Event::sram_act_read_bit, cost.activation_read_bits);
  cost.events.add(Event::sram_act_write_bit, cost.activation_write_bits);
  return cost;
}

}  // namespace lutsim::sim
