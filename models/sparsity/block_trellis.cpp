// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/block_trellis.h"

#include <algorithm>

#include "models/sparsity/xor_matrix.h"

namespace lutsim::models {
namespace {

/// Up to so many unpruned bits one value for every bit pattern takes less time than a search of all
/// pairs of blocks, and no more than 2 MiB.
std::uint32_t most_near_bits(const spec::XorCodeSpec& code) { return std::min(2 * code.n_in, 20u); }

/// Bits per word of sums: 32, because the host's vectors count those without a multiplication
/// of 64.
constexpr std::uint32_t kWordBits = 32;

std::uint32_t ones(std::uint32_t value) {
  value -= (value >> 1) & 0x55555555u;
  value = (value & 0x33333333u) + ((value >> 2) & 0x33333333u);
  value = (value + (value >> 4)) & 0x0f0f0f0fu;
  value += value >> 8;
  return (value + (value >> 16)) & 0x3fu;
}

/// What every value of some input bits makes of the unpruned bits: sums[w * 2^n + v], where
/// `columns[w * n + i]` is what bit i makes.
void all_sums(const std::vector<std::uint32_t>& columns, std::uint32_t n, std::size_t words,
              std::vector<std::uint32_t>& sums) {
  const std::size_t size = std::size_t{1} << n;
  sums.assign(words * size, 0);
  for (std::size_t w = 0; w < words; ++w) {
    std::uint32_t* const sum = sums.data() + w * size;
    for (std::uint32_t i = 0; i < n; ++i) {
      const std::size_t half = std::size_t{1} << i;
      for (std::size_t v = 0; v < half; ++v) sum[half + v] = sum[v] ^ columns[w * n + i];
    }
  }
}

}  // namespace

BlockTrellis::BlockTrellis(const spec::XorCodeSpec& code)
    : code_(code),
      state_bits_(code.n_in * std::max(code.n_stages, 1u)),
      values_(1u << code.n_in),
      prefixes_(1u << (state_bits_ - code.n_in)) {}

Metrics BlockTrellis::start() const {
  Metrics metrics(std::size_t{1} << state_bits_, kUnreachable);
  metrics[0] = 0;
  return metrics;
}

void BlockTrellis::aim(const std::uint8_t* bits, const std::uint8_t* mask) {
  std::vector<std::uint32_t> rows;
  for (std::uint32_t r = 0; r < code_.n_out; ++r) {
    if (mask[r] != 0) rows.push_back(r);
  }
  unpruned_ = static_cast<std::uint32_t>(rows.size());
  words_ = spec::ceil_div(std::max(unpruned_, 1u), kWordBits);

  // columns[w * n + i]: the unpruned rows that tap bit i. Stages lie in a state oldest first.
  const auto columns = [&](std::uint32_t newest, std::uint32_t count) {
    std::vector<Word> column(words_ * count * code_.n_in, 0);
    for (std::uint32_t i = 0; i < count * code_.n_in; ++i) {
      const std::uint32_t stage = newest + count - 1 - i / code_.n_in;
      if (stage > code_.n_stages) continue;
      for (std::uint32_t j = 0; j < unpruned_; ++j) {
        const Word tap = (xor_taps(rows[j], stage, code_.n_in) >> (i % code_.n_in)) & 1u;
        column[(j / kWordBits) * count * code_.n_in + i] |= tap << (j % kWordBits);
      }
    }
    return column;
  };
  const std::uint32_t newer = state_bits_ / code_.n_in - 1;
  all_sums(columns(0, 1), code_.n_in, words_, present_sums_);
  all_sums(columns(1, newer), state_bits_ - code_.n_in, words_, prefix_sums_);
  all_sums(columns(1 + newer, 1), code_.n_in, words_, oldest_sums_);
  for (std::size_t w = 0; w < words_; ++w) {
    Word wanted = 0;
    for (std::size_t j = kWordBits * w; j < rows.size() && j < kWordBits * (w + 1); ++j) {
      wanted |= Word{bits[rows[j]]} << (j % kWordBits);
    }
    for (std::uint32_t p = 0; p < prefixes_; ++p) prefix_sums_[w * prefixes_ + p] ^= wanted;
  }
}

std::uint32_t BlockTrellis::mismatches(std::uint32_t present, std::uint32_t prefix,
                                       std::uint32_t oldest) const {
  std::uint32_t count = 0;
  for (std::size_t w = 0; w < words_; ++w) {
    count += ones(present_sums_[w * values_ + present] ^ prefix_sums_[w * prefixes_ + prefix] ^
                  oldest_sums_[w * values_ + oldest]);
  }
  return count;
}

// The metric of a new state is the least of before[oldest] + distance(wanted by the new state, made
// by oldest). For every bit pattern at once: put before[oldest] at the pattern that it makes, then,
// bit by bit, let each pattern take its neighbour's value plus one. Every turn takes the top bit
// and rotates it to the bottom: then the inner loop is the same for all bits, and the host's
// vectors do it.
void BlockTrellis::advance_near(const std::int16_t* before, std::uint32_t prefix, Metrics& after) {
  const std::size_t patterns = std::size_t{1} << unpruned_;
  // Above every metric, and no overflow when one is added for each bit.
  nearest_.assign(patterns, kUnreachable + kUnreachable / 2);
  turned_.resize(patterns);
  for (std::uint32_t z = 0; z < values_; ++z) {
    std::int16_t& at = nearest_[oldest_sums_[z]];
    at = std::min(at, before[z]);
  }
  for (std::uint32_t bit = 0; bit < unpruned_; ++bit) {
    const std::int16_t* const low = nearest_.data();
    const std::int16_t* const high = low + patterns / 2;
    std::int16_t* const out = turned_.data();
    for (std::size_t v = 0; v < patterns / 2; ++v) {
      out[2 * v] = std::min<std::int16_t>(low[v], static_cast<std::int16_t>(high[v] + 1));
      out[2 * v + 1] = std::min<std::int16_t>(high[v], static_cast<std::int16_t>(low[v] + 1));
    }
    nearest_.swap(turned_);
  }
  for (std::uint32_t x = 0; x < values_; ++x) {
    after[x * prefixes_ + prefix] = nearest_[present_sums_[x] ^ prefix_sums_[prefix]];
  }
}

void BlockTrellis::advance_far(const std::int16_t* before, std::uint32_t prefix, Metrics& after) {
  metrics_.resize(values_);
  for (std::uint32_t x = 0; x < values_; ++x) {
    std::copy(before, before + values_, metrics_.begin());
    for (std::size_t w = 0; w < words_; ++w) {
      const Word wanted = present_sums_[w * values_ + x] ^ prefix_sums_[w * prefixes_ + prefix];
      const Word* const oldest = oldest_sums_.data() + w * values_;
      for (std::uint32_t z = 0; z < values_; ++z)
        metrics_[z] += static_cast<std::int32_t>(ones(wanted ^ oldest[z]));
    }
    std::int32_t least = metrics_[0];
    for (const std::int32_t metric : metrics_) least = std::min(least, metric);
    after[x * prefixes_ + prefix] = static_cast<std::int16_t>(least);
  }
}

void BlockTrellis::advance(const Metrics& before, Metrics& after) {
  after.resize(before.size());
  if (code_.n_stages == 0) {
    // The block before does not matter, and the least metric before is 0.
    for (std::uint32_t x = 0; x < values_; ++x) {
      after[x] = static_cast<std::int16_t>(mismatches(x, 0, 0));
    }
  } else {
    const bool near = unpruned_ <= most_near_bits(code_);
    for (std::uint32_t p = 0; p < prefixes_; ++p) {
      const std::int16_t* const of_prefix = before.data() + std::size_t{p} * values_;
      near ? advance_near(of_prefix, p, after) : advance_far(of_prefix, p, after);
    }
  }
  const std::int16_t least = *std::min_element(after.begin(), after.end());
  for (std::int16_t& metric : after) metric = static_cast<std::int16_t>(metric - least);
}

std::uint32_t BlockTrellis::best_predecessor(const Metrics& before, std::uint32_t state) const {
  const std::uint32_t present = state / prefixes_;
  const std::uint32_t prefix = state % prefixes_;
  std::uint32_t best = 0;
  std::uint32_t best_cost = ~0u;
  for (std::uint32_t z = 0; z < values_; ++z) {
    const std::uint32_t cost =
        static_cast<std::uint32_t>(before[prefix * values_ + z]) + mismatches(present, prefix, z);
    if (cost < best_cost) {
      best_cost = cost;
      best = z;
    }
  }
  return prefix * values_ + best;
}

}  // namespace lutsim::models
