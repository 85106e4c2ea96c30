// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/engine/engine.h"
#include "models/spec/arch_spec.h"
#include "sim/kernel/macro_command.h"

namespace lutsim::sim {

/// Placement of one BCQ matrix in DRAM and the tiles in which it streams on chip.
///
/// N is cut into parts of whole lanes_n blocks, so that one scale group (or, if that is too much,
/// one K segment) of a part fits a slot of the weight buffer. DRAM holds the planes part by part,
/// in a part group by group (or segment by segment, if a group does not fit), in a group feature by
/// feature: a GEMV reads one sequential stream, a GEMM block reads one run per group. Scales lie in a region of their own, part by
/// part, group by group, so that a task switch replaces scales without touching planes.
class WeightLayout {
 public:
  /// Throws spec::SpecError when not even one block of one segment fits a slot.
  WeightLayout(const spec::ArchSpec& arch, std::uint32_t k, std::uint32_t n,
               const workloads::WeightFormat& format, std::uint64_t planes_address,
               std::uint64_t scales_address);

  struct Part {
    std::uint32_t n_begin, n_count;
  };
  /// Consecutive segments that travel together.
  struct Chunk {
    std::uint32_t segment_begin, segment_count;
  };

  const std::vector<models::KSegment>& segments() const { return segments_; }
  const std::vector<Part>& parts() const { return parts_; }
  /// Chunks of K for tiles of n_count features: whole groups where a group fits the slot.
  std::vector<Chunk> chunks(std::uint32_t n_count) const;
  /// Transfers that bring one tile on chip. The features must lie in one part.
  std::vector<DmaTransfer> tile_transfers(std::uint32_t n_begin, std::uint32_t n_count,
                                          const Chunk& chunk) const;

 private:
  /// What lies together for each feature: a group of K, or a segment.
  struct Unit {
    std::uint32_t k_begin, length;
    std::uint32_t segment_begin, segment_count;
  };

  std::uint64_t scale_entry_bytes() const;
  std::uint64_t chunk_bytes(std::uint32_t n_count, const Chunk& chunk) const;
  const Part& part_of(std::uint32_t n_begin) const;

  std::uint32_t k_, block_;
  std::uint64_t slot_bytes_;
  workloads::WeightFormat format_;
  std::uint64_t planes_address_, scales_address_;
  std::vector<models::KSegment> segments_;
  std::vector<Unit> units_;
  std::vector<Part> parts_;
};

}  // namespace lutsim::sim
