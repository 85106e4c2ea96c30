// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/lut/lut_i.h"
#include "models/lut/token_block.h"

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

/// `tokens` <= kTokens rows of x times W into y.
template <class Sum, std::uint32_t kTokens>
void multiply_block(const spec::MatrixSpec& spec, const std::vector<KSegment>& segments,
                    const float* x, std::uint32_t tokens, const BcqMatrix& w, float* y) {
  using Block = TokenBlock<Sum, kTokens>;
  const std::size_t batch =
      std::max<std::size_t>(1, kTableBytes / Block::table_bytes(spec.lanes_k()));
  std::vector<float> acc(std::size_t{w.n} * kTokens, 0.0f);
  std::vector<Block> blocks;
  for (std::size_t begin = 0; begin < segments.size(); begin += batch) {
    blocks.clear();
    for (std::size_t s = begin; s < std::min(begin + batch, segments.size()); ++s) {
      blocks.emplace_back(spec, x, tokens, w.k, segments[s]);
    }
    for (std::uint32_t n = 0; n < w.n; n += kRowBlock) {
      const std::uint32_t n_end = std::min(n + kRowBlock, w.n);
      for (const Block& block : blocks) {
        block.accumulate(w, n, n_end, acc.data() + std::size_t{n} * kTokens);
      }
    }
  }
  for (std::uint32_t t = 0; t < tokens; ++t) {
    for (std::uint32_t n = 0; n < w.n; ++n) {
      y[std::size_t{t} * w.n + n] = acc[std::size_t{n} * kTokens + t];
    }
  }
}

template <class Sum>
void multiply(const spec::MatrixSpec& spec, const float* x, std::uint32_t m, const BcqMatrix& w,
              float* y) {
  const std::vector<KSegment> segments = k_segments(w.k, w.group_size, spec.lanes_k());
  for (std::uint32_t done = 0; done < m;) {
    const float* rows = x + std::size_t{done} * w.k;
    float* results = y + std::size_t{done} * w.n;
    const std::uint32_t left = m - done;
    const std::uint32_t tokens = left < kLeastForBlock ? 1 : std::min(left, kTokenBlock);
    if (tokens == 1) {
      multiply_block<Sum, 1>(spec, segments, rows, tokens, w, results);
    } else {
      multiply_block<Sum, kTokenBlock>(spec, segments, rows, tokens, w, results);
    }
    done += tokens;
  }
}

/// True when int32 holds every sum, and twice an element, of a segment.
bool fits_int32(const spec::MatrixSpec& spec) { return spec.sum_bits() < 32; }

}  // namespace

void lut_i_segment(const spec::MatrixSpec& spec, const float* x, const BcqMatrix& w,
                   const KSegment& seg, std::uint32_t n_begin, std::uint32_t n_end, float* acc) {
  if (fits_int32(spec)) {
    TokenBlock<std::int32_t, 1>(spec, x, 1, w.k, seg).accumulate(w, n_begin, n_end, acc);
  } else {
    TokenBlock<std::int64_t, 1>(spec, x, 1, w.k, seg).accumulate(w, n_begin, n_end, acc);
  }
}

void lut_i_gemm(const spec::MatrixSpec& spec, const float* x, std::uint32_t m, const BcqMatrix& w,
                float* y) {
  if (fits_int32(spec)) {
    multiply<std::int32_t>(spec, x, m, w, y);
  } else {
    multiply<std::int64_t>(spec, x, m, w, y);
  }
}

}  // namespace lutsim::models
