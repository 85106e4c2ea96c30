// SPDX-License-Identifier: Apache-2.0
#include "sim/memory/dram_bench.h"

#include <algorithm>
#include <random>
#include <string>

namespace lutsim::sim {
namespace {

constexpr std::uint64_t kDefaultSpan = std::uint64_t{256} << 20;
/// `mix`: one access in this many is a write.
constexpr std::uint64_t kMixPeriod = 3;

class Run {
  struct Piece {
    bool write;
    std::uint64_t first;
    std::uint64_t bursts;
  };

 public:
  Run(const spec::MemoryStandard& standard, const DramPatternSpec& pattern)
      : standard_(standard), pattern_(pattern), span_(pattern.span) {
    if (span_ == 0) {
      span_ = pattern.pattern == DramPattern::seq ? pattern.requests * standard.burst_bytes()
                                                  : kDefaultSpan;
    }
    check();
    for (std::uint32_t c = 0; c < pattern.channels; ++c) {
      channels_.emplace_back(standard, pattern.mapping, pattern.refresh, pattern.path);
    }
    pieces_.resize(pattern.channels);
  }

  DramPatternResult play() {
    const std::uint64_t bursts = span_ / standard_.burst_bytes();
    const std::uint64_t step = pattern_.stride / standard_.burst_bytes();
    std::mt19937_64 random(pattern_.seed);
    std::uniform_int_distribution<std::uint64_t> any(0, bursts - 1);
    std::uniform_int_distribution<std::uint64_t> one_of(0, kMixPeriod - 1);
    for (std::uint64_t i = 0; i < pattern_.requests; ++i) {
      switch (pattern_.pattern) {
        case DramPattern::seq:
          add(i % bursts, false);
          break;
        case DramPattern::stride:
          add((i * step) % bursts, false);
          break;
        case DramPattern::rand:
          add(any(random), false);
          break;
        case DramPattern::chase:
          chase(any(random));
          break;
        case DramPattern::mix: {
          const std::uint64_t burst = any(random);
          add(burst, one_of(random) == 0);
          break;
        }
      }
    }
    for (std::uint32_t c = 0; c < pattern_.channels; ++c) flush(c);
    for (auto& channel : channels_) drain(channel);
    return result();
  }

 private:
  void check() const {
    const std::uint32_t burst = standard_.burst_bytes();
    const auto refuse = [](const std::string& text) { throw spec::SpecError(text); };
    if (pattern_.requests == 0) refuse("requests = 0: expected at least 1");
    if (pattern_.channels == 0) refuse("channels = 0: expected at least 1");
    if (span_ % burst != 0 || span_ == 0) {
      refuse("span = " + std::to_string(span_) + " B is not a multiple of the access of " +
             std::to_string(burst) + " B");
    }
    if (span_ > spec::capacity_bytes(standard_, pattern_.channels)) {
      refuse("span = " + std::to_string(span_) + " B is beyond the capacity of " +
             std::to_string(spec::capacity_bytes(standard_, pattern_.channels)) + " B");
    }
    if (pattern_.pattern == DramPattern::stride &&
        (pattern_.stride % burst != 0 || pattern_.stride == 0)) {
      refuse("stride = " + std::to_string(pattern_.stride) +
             " B is not a multiple of the access of " + std::to_string(burst) + " B");
    }
  }

  /// Neighbours in the address space of a channel become one request.
  void add(std::uint64_t burst, bool write) {
    const auto c = static_cast<std::uint32_t>(burst % pattern_.channels);
    const std::uint64_t first = burst / pattern_.channels;
    Piece& piece = pieces_[c];
    if (piece.bursts > 0 && piece.write == write && piece.first + piece.bursts == first) {
      ++piece.bursts;
      return;
    }
    flush(c);
    piece = {write, first, 1};
  }

  void flush(std::uint32_t c) {
    Piece& piece = pieces_[c];
    if (piece.bursts == 0) return;
    channels_[c].submit(0, {next_id_++, piece.write, {{piece.first, piece.bursts}}}, 0);
    piece.bursts = 0;
  }

  void chase(std::uint64_t burst) {
    Channel& channel = channels_[burst % pattern_.channels];
    channel.submit(0, {next_id_++, false, {{burst / pattern_.channels, 1}}}, now_);
    now_ = drain(channel);
  }

  /// Plays a channel until it has nothing left to do; returns the end of the last data.
  static Slot drain(Channel& channel) {
    for (Slot wake = channel.next_wake(); wake != kNever; wake = channel.next_wake()) {
      channel.advance(wake);
      channel.take_completions();
    }
    return channel.statistics().last_data;
  }

  DramPatternResult result() const {
    DramPatternResult r;
    r.peak_gb_per_s = spec::peak_bytes_per_second(standard_, pattern_.channels) / 1e9;
    Slot end = 0;
    std::uint64_t reads = 0;
    Slot latency_slots = 0;
    for (const auto& channel : channels_) {
      const ChannelStatistics s = channel.statistics();
      reads += s.reads;
      latency_slots += s.read_latency_slots;
      end = std::max(end, s.last_data);
      r.bytes_read += s.reads * standard_.burst_bytes();
      r.bytes_written += s.writes * standard_.burst_bytes();
      r.row_hits += s.row_hits;
      r.row_misses += s.row_misses;
      r.row_conflicts += s.row_conflicts;
      r.activates += s.activates;
      r.refreshes += s.refreshes;
    }
    r.time_s = static_cast<double>(end) * standard_.slot_ps() * 1e-12;
    r.gb_per_s = static_cast<double>(r.bytes_read + r.bytes_written) / r.time_s / 1e9;
    if (reads > 0) {
      r.mean_latency_ns = static_cast<double>(latency_slots) / static_cast<double>(reads) *
                          standard_.slot_ps() * 1e-3;
    }
    return r;
  }

  const spec::MemoryStandard& standard_;
  const DramPatternSpec& pattern_;
  std::uint64_t span_;
  std::vector<Channel> channels_;
  std::vector<Piece> pieces_;  ///< by channel, not handed over yet; none when bursts is 0
  std::uint64_t next_id_ = 0;
  Slot now_ = 0;
};

}  // namespace

DramPatternResult run_dram_pattern(const spec::MemoryStandard& standard,
                                   const DramPatternSpec& pattern) {
  return Run(standard, pattern).play();
}

}  // namespace lutsim::sim
