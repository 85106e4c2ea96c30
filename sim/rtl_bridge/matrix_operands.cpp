// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/matrix_operands.h"

#include <algorithm>

#include "models/numerics/float_format.h"

namespace lutsim::rtl {
namespace {

/// `count` <= 32 bits of a row of a plane from bit `begin`; bits past the row are 0.
std::uint32_t row_bits(const std::uint64_t* row, std::uint32_t words, std::uint32_t begin,
                       std::uint32_t count) {
  const std::uint32_t word = begin / 64, shift = begin % 64;
  std::uint64_t bits = row[word] >> shift;
  if (shift != 0 && word + 1 < words) bits |= row[word + 1] << (64 - shift);
  return static_cast<std::uint32_t>(bits & ((std::uint64_t{1} << count) - 1));
}

}  // namespace

TileOperands::TileOperands(const spec::MatrixSpec& spec, const sim::MatrixTile& tile)
    : spec_(spec), tile_(tile) {
  sim::validate(spec, tile);
  segments_ = sim::tile_segments(spec, tile.work);
  beats_ = sim::tile_beats(spec, tile.work);
  passes_ = tile.work.planes + (tile.work.has_offset ? 1 : 0);
  weight_beats_ = tile.work.lut_broadcast ? beats_ : 1;
}

MatrixOperands::Counts TileOperands::counts() const {
  const sim::MatrixWork& work = tile_.work;
  const std::size_t segments = segments_.size();
  Counts counts;
  counts.commands = segments;
  counts.activations = segments * (work.lut_broadcast ? 1 : std::size_t{passes_} * beats_);
  counts.keys = segments * work.planes * weight_beats_;
  counts.scales = segments * passes_ * weight_beats_;
  counts.outputs = work.last ? beats_ : 0;
  return counts;
}

MatrixCommand TileOperands::command(std::size_t index) const {
  const sim::MatrixWork& work = tile_.work;
  MatrixCommand command;
  command.lut_broadcast = work.lut_broadcast;
  command.beats = beats_;
  command.planes = work.planes;
  command.has_offset = work.has_offset;
  command.first = work.first && index == 0;
  command.last = work.last && index + 1 == segments_.size();
  return command;
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

void TileOperands::keys(std::size_t index, std::uint32_t* words) const {
  const models::BcqMatrix& w = *tile_.weights;
  const Place at = place(index, tile_.work.planes, weight_beats_);
  const auto [begin, end] = features(at.beat);
  std::fill(words, words + LutMatrixPins::key_words(spec_), 0u);
  for (std::uint32_t n = begin; n < end; ++n) {
    const std::uint64_t* row =
        w.plane_words.data() + (std::size_t{at.pass} * w.n + n) * w.words_per_row();
    std::size_t to = std::size_t{n - begin} * spec_.lanes_k();
    for (std::uint32_t k = 0; k < at.segment->length;) {
      // Up to the next boundary of a word of the port.
      const std::uint32_t room = 32 - static_cast<std::uint32_t>(to % 32);
      const std::uint32_t count = std::min(room, at.segment->length - k);
      words[to / 32] |= row_bits(row, w.words_per_row(), at.segment->k_begin + k, count)
                        << (to % 32);
      to += count;
      k += count;
    }
  }
}

void TileOperands::scales(std::size_t index, std::uint32_t* lanes) const {
  const models::BcqMatrix& w = *tile_.weights;
  const Place at = place(index, passes_, weight_beats_);
  const auto [begin, end] = features(at.beat);
  const bool offset_pass = at.pass == tile_.work.planes;
  for (std::uint32_t n = begin; n < end; ++n) {
    lanes[n - begin] = models::fp32_bits(offset_pass ? w.offset_of(at.segment->group, n)
                                                     : w.alpha_of(at.segment->group, n, at.pass));
  }
  std::fill(lanes + (end - begin), lanes + spec_.lanes_n(), 0u);
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

MatrixCommand SequenceOperands::command(std::size_t index) const {
  const TileOperands& tile = find(&Counts::commands, index);
  return tile.command(index);
}

void SequenceOperands::activations(std::size_t index, std::uint32_t* lanes) const {
  const TileOperands& tile = find(&Counts::activations, index);
  tile.activations(index, lanes);
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
