// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <utility>
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
/// feature: a GEMV reads one sequential stream, a GEMM block reads one run per group. Scales lie in
/// a region of their own, part by part, group by group, so that a task switch replaces scales
/// without touching planes.
class WeightLayout {
 public:
  /// Throws spec::SpecError when not even one block of one segment fits a slot.
  WeightLayout(const spec::ArchSpec& arch, std::uint32_t k, std::uint32_t n,
               const workloads::WeightFormat& format);

  /// Regions that the matrix takes.
  std::uint64_t planes_bytes() const;
  std::uint64_t tokens_bytes() const;  ///< patch tokens of coded planes
  std::uint64_t scales_bytes() const;
  /// Says where they are.
  void place(std::uint64_t planes, std::uint64_t tokens, std::uint64_t scales) {
    planes_address_ = planes;
    tokens_address_ = tokens;
    scales_address_ = scales;
  }

  std::uint64_t planes_address() const { return planes_address_; }
  std::uint64_t tokens_address() const { return tokens_address_; }
  std::uint64_t scales_address() const { return scales_address_; }

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

  /// Units of a chunk, by number.
  std::pair<std::size_t, std::size_t> units_of(const Chunk& chunk) const;
  void add_plain_planes(std::uint32_t n_begin, std::uint32_t n_count, const Chunk& chunk,
                        std::vector<DmaTransfer>& transfers) const;
  void add_coded_planes(std::uint32_t n_begin, std::uint32_t n_count, const Chunk& chunk,
                        std::vector<DmaTransfer>& transfers) const;
  /// Weight bits of one unit of `features` features.
  std::uint64_t unit_bits(const Unit& unit, std::uint64_t features) const {
    return features * format_.weight_bits * unit.length;
  }
  /// Blocks of the streams of a part's features [begin, end), whole blocks of features, in a unit.
  std::uint64_t coded_blocks(const Unit& unit, std::uint64_t begin, std::uint64_t end) const;
  /// Stored bytes of coded planes of a part's first `features` features in its first `units` units:
  /// each block of features of each unit is a stream of its own, with its mask behind it.
  std::uint64_t coded_bytes(std::uint64_t features, std::size_t units) const;

  std::uint64_t scale_entry_bytes() const;
  std::uint64_t chunk_bytes(std::uint32_t n_count, const Chunk& chunk) const;
  const Part& part_of(std::uint32_t n_begin) const;

  std::uint32_t k_, block_;
  std::uint64_t slot_bytes_;
  workloads::WeightFormat format_;
  std::uint64_t planes_address_ = 0, tokens_address_ = 0, scales_address_ = 0;
  std::vector<models::KSegment> segments_;
  std::vector<Unit> units_;
  std::vector<Part> parts_;
  /// By unit: coded bytes of a whole block of features in all units before it, and of the last,
  /// narrower block of N.
  std::vector<std::uint64_t> whole_before_, rest_before_;
  std::uint32_t rest_ = 0;  ///< features of that last block; 0: it is whole
};

}  // namespace lutsim::sim
