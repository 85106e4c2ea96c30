// SPDX-License-Identifier: Apache-2.0
#include "sim/matrix/matrix_tile.h"

#include <algorithm>
#include <string>

namespace lutsim::sim {
namespace {

void require(bool legal, const std::string& name, std::uint64_t value, const std::string& what) {
  if (!legal) {
    throw spec::SpecError("matrix tile: " + name + " = " + std::to_string(value) + ", must be " +
                          what);
  }
}

std::string up_to(std::uint64_t limit) { return "1.." + std::to_string(limit); }

}  // namespace

void validate(const spec::MatrixSpec& spec, const MatrixTile& tile) {
  const MatrixWork& work = tile.work;
  if (tile.weights == nullptr || tile.activations == nullptr) {
    throw spec::SpecError("matrix tile: weights and activations must be given");
  }
  const models::BcqMatrix& w = *tile.weights;
  const auto same = [](const char* name, std::uint64_t value, std::uint64_t of_weights) {
    require(value == of_weights, name, value, std::to_string(of_weights) + ", that of the weights");
  };
  same("k", work.k, w.k);
  same("group_size", work.group_size, w.group_size);
  same("planes", work.planes, w.weight_bits);
  same("has_offset", work.has_offset, w.has_offset());

  models::require_weights(spec, w.weight_bits, w.has_offset(), "matrix tile");
  require(!work.lut_broadcast || spec::is_lut(spec.engine), "lut_broadcast", 1,
          "0: the engine " + to_string_of(spec.engine) + " has no LUTs");

  const std::uint64_t rows = work.lut_broadcast ? 1 : spec.psum_depth;
  const std::uint64_t features =
      std::uint64_t{spec.lanes_n()} * (work.lut_broadcast ? spec.psum_depth : 1);
  require(work.m_count >= 1 && work.m_count <= rows, "m_count", work.m_count, up_to(rows));
  require(work.n_count >= 1 && work.n_count <= features, "n_count", work.n_count, up_to(features));
  require(std::uint64_t{work.n_begin} + work.n_count <= w.n, "n_begin + n_count",
          std::uint64_t{work.n_begin} + work.n_count, up_to(w.n));
  const std::uint64_t segments = models::k_segments(work.k, work.group_size, spec.lanes_k()).size();
  const std::uint64_t end = std::uint64_t{work.segment_begin} + work.segment_count;
  require(work.segment_count >= 1, "segment_count", work.segment_count, up_to(segments));
  require(end <= segments, "segment_begin + segment_count", end, up_to(segments));
}

std::uint32_t tile_beats(const spec::MatrixSpec& spec, const MatrixWork& work) {
  return static_cast<std::uint32_t>(
      work.lut_broadcast ? spec::ceil_div(work.n_count, spec.lanes_n()) : work.m_count);
}

std::vector<models::KSegment> tile_segments(const spec::MatrixSpec& spec, const MatrixWork& work) {
  std::vector<models::KSegment> segments;
  segments.reserve(work.segment_count);
  for (std::uint32_t i = 0; i < work.segment_count; ++i) {
    segments.push_back(
        models::k_segment(work.segment_begin + i, work.k, work.group_size, spec.lanes_k()));
  }
  return segments;
}

void add_tile(const spec::MatrixSpec& spec, const MatrixWork& work, PipelineClock& clock) {
  SegmentShape shape;
  shape.lut_broadcast = work.lut_broadcast;
  shape.planes = work.planes;
  shape.has_offset = work.has_offset;
  shape.beats = tile_beats(spec, work);
  for (const models::KSegment& segment : tile_segments(spec, work)) {
    shape.columns = spec::ceil_div(segment.length, spec.mu);
    clock.add(shape);
  }
}

std::uint64_t tile_cycles(const spec::MatrixSpec& spec, const MatrixWork& work) {
  PipelineClock clock(spec);
  add_tile(spec, work, clock);
  return clock.idle();
}

PsumMemory::PsumMemory(const spec::MatrixSpec& spec)
    : lanes_n_(spec.lanes_n()), sums_(std::size_t{spec.psum_depth} * spec.lanes_n(), 0.0f) {}

float* PsumMemory::beat(std::uint32_t address) {
  return sums_.data() + std::size_t{address} * lanes_n_;
}

TileOutcome golden_tile(const spec::MatrixSpec& spec, const MatrixTile& tile, PsumMemory& psums) {
  validate(spec, tile);
  const MatrixWork& work = tile.work;
  const auto segments = tile_segments(spec, work);
  TileOutcome outcome;
  outcome.cycles = tile_cycles(spec, work);
  for (std::uint64_t row = 0; row < work.m_count; ++row) {
    // A beat is a row, or the blocks of a row lie one after another: both are contiguous.
    float* acc = psums.beat(static_cast<std::uint32_t>(row));
    if (work.first) std::fill(acc, acc + work.n_count, 0.0f);
    const float* x = tile.activations + (work.m_begin + row) * work.k;
    for (const models::KSegment& segment : segments) {
      models::engine_segment(spec, x, *tile.weights, segment, work.n_begin,
                             work.n_begin + work.n_count, acc);
    }
    if (work.last) outcome.y.insert(outcome.y.end(), acc, acc + work.n_count);
  }
  return outcome;
}

}  // namespace lutsim::sim
