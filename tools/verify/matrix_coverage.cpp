// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/matrix_coverage.h"

#include <cmath>
#include <string>

namespace lutsim::tools {
namespace {

std::string planes_bin(std::uint32_t planes) {
  return std::to_string(planes) + (planes == 1 ? " plane" : " planes");
}

}  // namespace

void declare_matrix_bins(Comparison& comparison, const spec::MatrixSpec& spec) {
  comparison.declare_bins({"weight-stationary",
                           "with offset",
                           "remainder of K",
                           "no remainder of K",
                           "remainder of N",
                           "no remainder of N",
                           "one feature",
                           "segment of one element",
                           "several groups",
                           "group ends inside the array",
                           "one beat",
                           "psum_depth beats",
                           "fewer beats than columns",
                           "partial sums kept",
                           "partial sums continued",
                           "infinity or NaN",
                           "result NaN",
                           "command waited",
                           "activations waited",
                           "columns waited",
                           "scales waited",
                           "command late",
                           "activations late",
                           "columns late",
                           "scales late",
                           "output refused",
                           "every handshake late",
                           "reset while busy"});
  if (spec::is_lut(spec.engine)) {
    comparison.declare_bins({"LUT-broadcast", "keys waited", "keys late"});
  }
  if (spec.slots() > 1) {
    comparison.declare_bins({"step with slots that have no plane", "offset beside planes",
                             "offset in a step of its own"});
  }
  const bool bit_serial = spec::is_bit_serial(spec.engine);
  if (bit_serial) comparison.declare_bins({"without offset"});
  const std::uint32_t most = bit_serial ? models::kMaxWeightBits : spec.planes;
  for (std::uint32_t planes = 1; planes <= most; ++planes) comparison.bin(planes_bin(planes));
}

void note_tiles(Comparison& comparison, const spec::MatrixSpec& spec,
                const std::vector<sim::MatrixTile>& tiles, const std::vector<float>& results) {
  for (const sim::MatrixTile& tile : tiles) {
    const sim::MatrixWork& work = tile.work;
    const std::uint32_t beats = sim::tile_beats(spec, work);
    comparison.hit(work.lut_broadcast ? "LUT-broadcast" : "weight-stationary");
    comparison.hit(work.has_offset ? "with offset" : "without offset");
    comparison.hit(planes_bin(work.planes));
    comparison.hit(work.n_count % spec.lanes_n() == 0 ? "no remainder of N" : "remainder of N");
    comparison.hit_if(work.n_count == 1, "one feature");
    comparison.hit_if(work.group_size < work.k, "several groups");
    comparison.hit_if(work.group_size < work.k && work.group_size % spec.lanes_k() != 0,
                      "group ends inside the array");
    comparison.hit_if(beats == 1, "one beat");
    comparison.hit_if(beats == spec.psum_depth, "psum_depth beats");
    comparison.hit_if(!work.lut_broadcast && beats < spec.array_cols, "fewer beats than columns");
    if (spec.slots() > 1) {
      const std::uint32_t terms = work.planes + (work.has_offset ? 1 : 0);
      comparison.hit_if(terms % spec.slots() != 0, "step with slots that have no plane");
      comparison.hit_if(work.has_offset && work.planes % spec.slots() != 0, "offset beside planes");
      comparison.hit_if(work.has_offset && work.planes % spec.slots() == 0,
                        "offset in a step of its own");
    }
    comparison.hit_if(!work.last, "partial sums kept");
    comparison.hit_if(!work.first, "partial sums continued");
    for (const models::KSegment& segment : sim::tile_segments(spec, work)) {
      comparison.hit(segment.length == spec.lanes_k() ? "no remainder of K" : "remainder of K");
      comparison.hit_if(segment.length == 1, "segment of one element");
      bool finite = true;
      for (std::uint32_t row = 0; row < work.m_count; ++row) {
        const float* x = tile.activations + (work.m_begin + row) * work.k + segment.k_begin;
        for (std::uint32_t k = 0; k < segment.length; ++k) finite = finite && std::isfinite(x[k]);
      }
      comparison.hit_if(!finite, "infinity or NaN");
    }
  }
  for (const float y : results) comparison.hit_if(std::isnan(y), "result NaN");
}

void note_stream(Comparison& comparison, const spec::MatrixSpec& spec, const rtl::Pacing& pacing,
                 const rtl::StreamOutcome& outcome) {
  comparison.hit_if(outcome.refused.commands > 0, "command waited");
  comparison.hit_if(outcome.refused.activations > 0, "activations waited");
  comparison.hit_if(outcome.refused.columns > 0, "columns waited");
  comparison.hit_if(outcome.refused.keys > 0, "keys waited");
  comparison.hit_if(outcome.refused.scales > 0, "scales waited");
  comparison.hit_if(pacing.command < 100, "command late");
  comparison.hit_if(pacing.activations < 100, "activations late");
  comparison.hit_if(pacing.columns < 100, "columns late");
  if (spec::is_lut(spec.engine)) comparison.hit_if(pacing.keys < 100, "keys late");
  comparison.hit_if(pacing.scales < 100, "scales late");
  comparison.hit_if(pacing.out < 100, "output refused");
  comparison.hit_if(pacing.command < 100 && pacing.activations < 100 && pacing.columns < 100 &&
                        pacing.keys < 100 && pacing.scales < 100 && pacing.out < 100,
                    "every handshake late");
}

std::vector<CornerTiles> corner_tiles(const spec::MatrixSpec& spec) {
  const std::uint32_t lanes_k = spec.lanes_k(), lanes_n = spec.lanes_n();
  std::vector<CornerTiles> corners;
  for (const bool lut_broadcast : {false, true}) {
    if (lut_broadcast && !spec::is_lut(spec.engine)) continue;
    // From small to large: what fails first is short to look at.
    const auto add = [&](std::uint32_t beats, std::uint32_t n_last, std::uint32_t k,
                         std::uint32_t group_size, std::uint32_t planes, bool has_offset) {
      TileShape shape;
      shape.lut_broadcast = lut_broadcast;
      shape.rows = lut_broadcast ? 1 : beats;
      shape.n_count = lut_broadcast ? (beats - 1) * lanes_n + n_last : n_last;
      shape.n = shape.n_count;
      shape.k = k;
      shape.group_size = group_size;
      shape.planes = planes;
      shape.has_offset = has_offset;
      corners.push_back({shape});
      return &corners.back();
    };
    add(1, 1, 1, 1, 1, false);
    add(1, lanes_n, lanes_k, lanes_k, 1, false);
    add(2, lanes_n, lanes_k, lanes_k, 1, true);
    for (std::uint32_t planes = 1; planes <= models::kMaxWeightBits; ++planes) {
      for (const bool has_offset : {false, true}) {
        add(2, lanes_n, lanes_k, lanes_k, planes, has_offset)->special_values = true;
      }
    }
    add(2, 1, lanes_k + 1, lanes_k + 1, 2, true);
    add(2, lanes_n, lanes_k - 1, lanes_k - 1, 2, true)->non_finite = true;
    add(3, lanes_n, 2 * lanes_k, 2 * lanes_k, 1, false)->shape.tile_segments = {1, 1};
    add(1, lanes_n, 3 * lanes_k, lanes_k + 1, 3, true)->shape.tile_segments = {2, 1, 1, 1};
    add(spec.psum_depth, lanes_n, lanes_k, lanes_k, 2, true);
    add(spec.psum_depth, lanes_n, 2 * lanes_k, lanes_k / 2 + 1, 1, true)->special_values = true;
  }
  return corners;
}

}  // namespace lutsim::tools
