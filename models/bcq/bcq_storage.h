// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/spec/field.h"

/// Bytes of a BCQ matrix as stored in DRAM and in files: the one definition that the operator
/// trace, the lowering and the checkpoint format share.
namespace lutsim::models {

constexpr std::uint64_t kAlphaBytes = 2;   ///< FP16
constexpr std::uint64_t kOffsetBytes = 4;  ///< FP32

/// What the size depends on. Letters as in Y[M,N] = X[M,K] W[K,N].
struct BcqStorage {
  std::uint64_t k;
  std::uint64_t n;
  std::uint32_t weight_bits;
  std::uint64_t group_size;
  bool has_offset;
};

/// Scales and offset of one row and one group.
constexpr std::uint64_t scale_entry_bytes(std::uint32_t weight_bits, bool has_offset) {
  return kAlphaBytes * weight_bits + (has_offset ? kOffsetBytes : 0);
}

/// All bit-planes, packed without padding and rounded up to whole bytes once.
constexpr std::uint64_t plane_bytes(std::uint64_t k, std::uint64_t n, std::uint32_t weight_bits) {
  return spec::ceil_div(k * n * weight_bits, 8);
}

/// All scales and offsets; a remainder of K is a group of its own. Precondition: group_size > 0.
constexpr std::uint64_t scale_bytes(std::uint64_t k, std::uint64_t n, std::uint32_t weight_bits,
                                    std::uint64_t group_size, bool has_offset) {
  return spec::ceil_div(k, group_size) * n * scale_entry_bytes(weight_bits, has_offset);
}

constexpr std::uint64_t plane_bytes(const BcqStorage& s) {
  return plane_bytes(s.k, s.n, s.weight_bits);
}
constexpr std::uint64_t scale_bytes(const BcqStorage& s) {
  return scale_bytes(s.k, s.n, s.weight_bits, s.group_size, s.has_offset);
}
constexpr std::uint64_t stored_bytes(const BcqStorage& s) {
  return plane_bytes(s) + scale_bytes(s);
}

}  // namespace lutsim::models
