// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>

#include "models/spec/arch_spec.h"
#include "models/spec/memory_standard.h"
#include "sim/memory/channel.h"

namespace lutsim::sim {

/// Access patterns of `lutsim dram`. Addresses are multiples of the burst and wrap around at
/// `span`.
enum class DramPattern {
  seq,     ///< one burst after the other
  stride,  ///< `stride` bytes apart
  rand,    ///< uniform
  chase,   ///< uniform, each issued when the data of the one before have arrived
  mix,     ///< uniform, one write to two reads
};
inline auto enum_names(DramPattern) {
  return std::array<spec::EnumName<DramPattern>, 5>{{{DramPattern::seq, "seq"},
                                                     {DramPattern::stride, "stride"},
                                                     {DramPattern::rand, "rand"},
                                                     {DramPattern::chase, "chase"},
                                                     {DramPattern::mix, "mix"}}};
}
inline auto enum_names(DramPath) {
  return std::array<spec::EnumName<DramPath>, 2>{
      {{DramPath::burst, "burst"}, {DramPath::row, "row"}}};
}

struct DramPatternSpec {
  DramPattern pattern = DramPattern::seq;
  std::uint64_t requests = 100000;  ///< bursts, over all channels
  std::uint64_t span = 0;           ///< bytes; 0: requests * burst for seq, else 256 MiB
  std::uint64_t stride = 4096;      ///< bytes between neighbours of `stride`
  std::uint32_t channels = 1;
  spec::AddressMapping mapping = spec::AddressMapping::ro;
  spec::Refresh refresh = spec::Refresh::all_bank;
  DramPath path = DramPath::burst;
  std::uint64_t seed = 1;
};

struct DramPatternResult {
  double gb_per_s = 0.0;         ///< bytes moved over the time from start to last data, 1e9 B/s
  double mean_latency_ns = 0.0;  ///< of reads, from entering the queue of a channel to last data
  double peak_gb_per_s = 0.0;
  double time_s = 0.0;
  std::uint64_t bytes_read = 0;
  std::uint64_t bytes_written = 0;
  std::uint64_t row_hits = 0;
  std::uint64_t row_misses = 0;
  std::uint64_t row_conflicts = 0;
  std::uint64_t activates = 0;
  std::uint64_t refreshes = 0;  ///< over all channels
};

/// Plays a pattern against channels that are idle at the start. All requests but those of `chase`
/// are there from the start, in order, and enter the queue of their channel as it has room.
/// Throws SpecError for a span or stride that is not a multiple of the burst, that is beyond the
/// capacity, and for zero requests.
DramPatternResult run_dram_pattern(const spec::MemoryStandard& standard,
                                   const DramPatternSpec& pattern);

}  // namespace lutsim::sim
