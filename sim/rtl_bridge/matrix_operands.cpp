// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/matrix_operands.h"

#include <algorithm>

#include "models/bcq/uniform_view.h"
#include "models/numerics/float_format.h"

namespace lutsim::rtl {
namespace {

/// Sets `count` <= 64 bits of a beat from bit `to` on; they are 0 before.
void put_bits(std::uint32_t* words, std::size_t to, std::uint64_t bits, std::uint32_t count) {
  for (std::uint32_t done = 0; done < count;) {
    const auto offset = static_cast<std::uint32_t>((to + done) % 32);
    words[(to + done) / 32] |= static_cast<std::uint32_t>(bits >> done) << offset;
    done += 32 - offset;
  }
}

}  // namespace

TileOperands::TileOperands(const spec::MatrixSpec& spec, const sim::MatrixTile& tile)
    : spec_(spec), tile_(tile) {
  sim::validate(spec, tile);
  models::require_weights(spec, *tile.weights, "matrix tile");
  const sim::MatrixWork& work = tile.work;
  segments_ = sim::tile_segments(spec, work);
  beats_ = sim::tile_beats(spec, work);
  passes_ = spec.passes(work.planes, work.has_offset);
  weight_passes_ = spec.passes(work.planes, false);
  weight_beats_ = work.lut_broadcast ? beats_ : 1;
  if (work.lut_broadcast) return;
  for (std::uint32_t s = 0; s < segments_.size(); ++s) {
    const auto columns = static_cast<std::uint32_t>(spec::ceil_div(segments_[s].length, spec.mu));
    for (std::uint32_t pass = 0; pass < weight_passes_; ++pass) {
      for (std::uint32_t c = 0; c < columns; ++c)
        columns_.push_back({s, pass, c, c + 1 == columns});
    }
  }
}

MatrixOperands::Counts TileOperands::counts() const {
  const sim::MatrixWork& work = tile_.work;
  const std::size_t segments = segments_.size();
  Counts counts;
  counts.commands = segments;
  counts.activations = segments * (work.lut_broadcast ? 1 : std::size_t{passes_} * beats_);
  counts.columns = columns_.size();
  counts.keys = work.lut_broadcast ? segments * weight_passes_ * weight_beats_ : 0;
  counts.scales = segments * passes_ * weight_beats_;
  counts.outputs = work.last ? beats_ : 0;
  return counts;
}

void TileOperands::command(std::size_t index, MatrixCommand& command) const {
  const sim::MatrixWork& work = tile_.work;
  command.lut_broadcast = work.lut_broadcast;
  command.beats = beats_;
  command.planes = work.planes;
  command.has_offset = work.has_offset && spec::is_bit_serial(spec_.engine);
  command.first = work.first && index == 0;
  command.last = work.last && index + 1 == segments_.size();
}

TileOperands::Place TileOperands::place(std::size_t index, std::uint32_t passes,
                                        std::uint32_t beats) const {
  const std::size_t pass = index / beats;
  return {&segments_[pass / passes], static_cast<std::uint32_t>(pass % passes),
          static_cast<std::uint32_t>(index % beats)};
}

std::pair<std::uint32_t, std::uint32_t> TileOperands::features(std::uint32_t beat) const {
  const std::uint32_t begin = tile_.work.n_begin + beat * spec_.lanes_n();
  return {begin, std::min(begin + spec_.lanes_n(), tile_.work.n_begin + tile_.work.n_count)};
}

void TileOperands::activations(std::size_t index, std::uint32_t* lanes) const {
  const sim::MatrixWork& work = tile_.work;
  const Place at = work.lut_broadcast ? place(index, 1, 1) : place(index, passes_, beats_);
  const float* x = tile_.activations + (work.m_begin + at.beat) * work.k + at.segment->k_begin;
  for (std::uint32_t k = 0; k < at.segment->length; ++k) {
    lanes[k] = models::bits_of(spec_.act_format, x[k]);
  }
  std::fill(lanes + at.segment->length, lanes + spec_.lanes_k(), 0u);
}

void TileOperands::column(std::size_t index, MatrixColumn& column) const {
  const models::BcqMatrix& w = *tile_.weights;
  const ColumnPlace& at = columns_[index];
  const models::KSegment& segment = segments_[at.segment];
  const auto [begin, end] = features(0);
  const std::uint32_t first = at.column * spec_.mu;
  const std::uint32_t elements = std::min(spec_.mu, segment.length - first);
  column.last = at.last;
  column.bits.assign(MatrixPins::column_words(spec_), 0);
  column.zeros.assign(spec_.lanes_n(), 0);
  for (std::uint32_t p = 0; p < spec_.planes; ++p) {
    const std::uint32_t plane = at.pass * spec_.slots() + p;
    if (plane >= w.weight_bits) break;
    for (std::uint32_t n = begin; n < end; ++n) {
      const std::size_t to = (std::size_t{p} * spec_.lanes_n() + (n - begin)) * spec_.mu;
      put_bits(column.bits.data(), to, w.bits(plane, n, segment.k_begin + first, elements),
               elements);
    }
  }
  if (spec::is_bit_serial(spec_.engine)) return;
  for (std::uint32_t n = begin; n < end; ++n) {
    column.zeros[n - begin] =
        static_cast<std::uint32_t>(models::uniform_scale(w, segment.group, n).zero);
  }
}

void TileOperands::keys(std::size_t index, std::uint32_t* words) const {
  const models::BcqMatrix& w = *tile_.weights;
  const Place at = place(index, weight_passes_, weight_beats_);
  const auto [begin, end] = features(at.beat);
  std::fill(words, words + MatrixPins::key_words(spec_), 0u);
  for (std::uint32_t p = 0; p < spec_.slots(); ++p) {
    const std::uint32_t plane = at.pass * spec_.slots() + p;
    if (plane >= w.weight_bits) break;
    for (std::uint32_t n = begin; n < end; ++n) {
      const std::size_t to = (std::size_t{p} * spec_.lanes_n() + (n - begin)) * spec_.lanes_k();
      for (std::uint32_t k = 0; k < at.segment->length; k += 64) {
        const std::uint32_t count = std::min(64u, at.segment->length - k);
        put_bits(words, to + k, w.bits(plane, n, at.segment->k_begin + k, count), count);
      }
    }
  }
}

void TileOperands::scales(std::size_t index, std::uint32_t* lanes) const {
  const models::BcqMatrix& w = *tile_.weights;
  const Place at = place(index, passes_, weight_beats_);
  const auto [begin, end] = features(at.beat);
  const std::uint32_t slots = spec_.slots();
  std::fill(lanes, lanes + std::size_t{spec_.lanes_n()} * slots, 0u);
  for (std::uint32_t n = begin; n < end; ++n) {
    std::uint32_t* scales = lanes + std::size_t{n - begin} * slots;
    if (!spec::is_bit_serial(spec_.engine)) {
      scales[0] = models::fp32_bits(models::uniform_scale(w, at.segment->group, n).scale);
      continue;
    }
    for (std::uint32_t p = 0; p < slots; ++p) {
      const std::uint32_t plane = at.pass * slots + p;
      if (plane > w.weight_bits) break;
      scales[p] =
          models::fp32_bits(plane == w.weight_bits ? w.offset_of(at.segment->group, n)
                                                   : w.alpha_of(at.segment->group, n, plane));
    }
  }
}

SequenceOperands::SequenceOperands(const spec::MatrixSpec& spec,
                                   const std::vector<sim::MatrixTile>& tiles) {
  for (const sim::MatrixTile& tile : tiles) tiles_.emplace_back(spec, tile);
}

MatrixOperands::Counts SequenceOperands::counts() const {
  Counts total;
  for (const TileOperands& tile : tiles_) {
    const Counts counts = tile.counts();
    total.commands += counts.commands;
    total.activations += counts.activations;
    total.columns += counts.columns;
    total.keys += counts.keys;
    total.scales += counts.scales;
    total.outputs += counts.outputs;
  }
  return total;
}

const TileOperands& SequenceOperands::find(std::size_t Counts::*channel, std::size_t& index) const {
  auto tile = tiles_.begin();
  for (; index >= tile->counts().*channel; ++tile) index -= tile->counts().*channel;
  return *tile;
}

void SequenceOperands::command(std::size_t index, MatrixCommand& command) const {
  const TileOperands& tile = find(&Counts::commands, index);
  tile.command(index, command);
}

void SequenceOperands::activations(std::size_t index, std::uint32_t* lanes) const {
  const TileOperands& tile = find(&Counts::activations, index);
  tile.activations(index, lanes);
}

void SequenceOperands::column(std::size_t index, MatrixColumn& column) const {
  const TileOperands& tile = find(&Counts::columns, index);
  tile.column(index, column);
}

void SequenceOperands::keys(std::size_t index, std::uint32_t* words) const {
  const TileOperands& tile = find(&Counts::keys, index);
  tile.keys(index, words);
}

void SequenceOperands::scales(std::size_t index, std::uint32_t* lanes) const {
  const TileOperands& tile = find(&Counts::scales, index);
  tile.scales(index, lanes);
}

}  // namespace lutsim::rtl
