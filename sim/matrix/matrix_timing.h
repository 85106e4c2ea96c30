// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>

#include "models/spec/matrix_spec.h"

/// Cycle counts of the matrix unit, quoted by the SystemC model and checked against the Verilated
/// rtl/matrix/matrix_unit.sv.
namespace lutsim::sim {

/// One segment command: `passes` over `beats` output beats.
struct SegmentShape {
  bool lut_broadcast = false;
  std::uint32_t planes = 1;
  bool has_offset = false;
  std::uint64_t beats = 1;
  std::uint64_t columns = 1;  ///< PE columns that have weights: ceil(length / mu)
};

/// Steps of one segment command: passes x beats.
constexpr std::uint64_t segment_steps(const spec::MatrixSpec& spec, const SegmentShape& segment) {
  return spec.passes(segment.planes, segment.has_offset) * segment.beats;
}

/// The clock of an idle unit that is given segment commands back to back, every operand offered in
/// time: cycle 0 is that of the first step.
///
/// A step takes a cycle, and commands follow each other without one between them. Weight-stationary
/// passes also wait for their weights, which are loaded one column a cycle, at the earliest from
/// the cycle in which the pass before took its own (docs/units/matrix.md, "Loading weights").
class PipelineClock {
 public:
  explicit constexpr PipelineClock(const spec::MatrixSpec& spec)
      : spec_(spec), next_(spec.front_stages()) {}

  constexpr void add(const SegmentShape& segment) {
    const std::uint32_t slots = spec_.slots();
    const std::uint32_t passes = spec_.passes(segment.planes, segment.has_offset);
    for (std::uint32_t pass = 0; pass < passes; ++pass) {
      const bool has_planes = pass * slots < segment.planes;  // else it is the offset's alone
      if (!segment.lut_broadcast && has_planes) {
        next_ = std::max(next_, load_begin_ + static_cast<std::int64_t>(segment.columns));
        load_begin_ = next_;
      }
      next_ += static_cast<std::int64_t>(segment.beats);
    }
  }

  /// Cycle in which the unit is idle again: all steps of all commands have left.
  constexpr std::uint64_t idle() const {
    return static_cast<std::uint64_t>(next_) + spec_.pipeline_stages() - spec_.front_stages();
  }

 private:
  spec::MatrixSpec spec_;
  std::int64_t next_;  ///< cycle in which the next step can leave the front stages
  std::int64_t load_begin_ =
      -1;  ///< first cycle of the load at hand: a cycle before the first step
};

}  // namespace lutsim::sim
