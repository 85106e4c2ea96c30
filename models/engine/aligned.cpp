// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/engine/kernels.h"
#include "models/engine/token_block.h"

namespace lutsim::models {
namespace {

/// Tables of this size at most are alive at a time, so that they stay in the host's second cache.
constexpr std::size_t kTableBytes = std::size_t{256} << 10;
/// Rows of W that pass by all live tables before the next ones do.
constexpr std::uint32_t kRowBlock = 64;
/// Tokens that share a pass over W: eight 32-bit sums are half a cache line. A block takes about as
/// long as two and a half single tokens (tools/benchmarks), so it pays from three on.
constexpr std::uint32_t kTokenBlock = 8;
constexpr std::uint32_t kLeastForBlock = 3;

/// Rows [first, first + tokens) of x, tokens <= kTokens.
template <class Sum, std::uint32_t kTokens>
void multiply_block(const EngineCall& call, std::uint32_t first, std::uint32_t tokens) {
  using Block = TokenBlock<Sum, kTokens>;
  const std::vector<KSegment>& segments = call.segments;
  const std::size_t batch =
      std::max<std::size_t>(1, kTableBytes / Block::table_bytes(call.spec.lanes_k()));
  const std::uint32_t rows = call.n_end - call.n_begin;
  const float* x = call.x + std::size_t{first} * call.w.k;
  float* y = call.acc + first * call.acc_stride;
  std::vector<float> acc(std::size_t{rows} * kTokens, 0.0f);
  for (std::uint32_t t = 0; t < tokens; ++t) {
    for (std::uint32_t n = 0; n < rows; ++n) {
      acc[std::size_t{n} * kTokens + t] = y[t * call.acc_stride + n];
    }
  }
  std::vector<Block> blocks;
  for (std::size_t begin = 0; begin < segments.size(); begin += batch) {
    blocks.clear();
    for (std::size_t s = begin; s < std::min(begin + batch, segments.size()); ++s) {
      blocks.emplace_back(call.spec, x, tokens, call.w.k, segments[s]);
    }
    for (std::uint32_t n = 0; n < rows; n += kRowBlock) {
      const std::uint32_t n_end = std::min(n + kRowBlock, rows);
      for (const Block& block : blocks) {
        block.accumulate(call.w, call.n_begin + n, call.n_begin + n_end,
                         acc.data() + std::size_t{n} * kTokens);
      }
    }
  }
  for (std::uint32_t t = 0; t < tokens; ++t) {
    for (std::uint32_t n = 0; n < rows; ++n) {
      y[t * call.acc_stride + n] = acc[std::size_t{n} * kTokens + t];
    }
  }
}

template <class Sum>
void multiply(const EngineCall& call) {
  for (std::uint32_t done = 0; done < call.m;) {
    const std::uint32_t left = call.m - done;
    const std::uint32_t tokens = left < kLeastForBlock ? 1 : std::min(left, kTokenBlock);
    if (tokens == 1) {
      multiply_block<Sum, 1>(call, done, tokens);
    } else {
      multiply_block<Sum, kTokenBlock>(call, done, tokens);
    }
    done += tokens;
  }
}

}  // namespace

void run_aligned(const EngineCall& call) {
  // int32 must hold every sum, and twice an element, of a segment.
  const bool fits_int32 = call.spec.align_bits + spec::ceil_log2(call.spec.lanes_k()) < 32;
  if (fits_int32) {
    multiply<std::int32_t>(call);
  } else {
    multiply<std::int64_t>(call);
  }
}

}  // namespace lutsim::models
