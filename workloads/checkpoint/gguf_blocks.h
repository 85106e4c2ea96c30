// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "workloads/checkpoint/imported_scales.h"

/// Quantised tensors of GGUF (ggml/src/ggml-common.h and ggml-quants.c): blocks of 32 weights of a
/// row with an FP16 scale d, and in Q4_1 an FP16 minimum m.
namespace lutsim::workloads {

constexpr std::uint32_t kGgufBlock = 32;  ///< weights

/// w = d (code - zero), or d code + m.
struct GgufBlockType {
  std::uint32_t type;  ///< as in ggml/include/ggml.h
  const char* name;
  std::uint32_t bits;  ///< of a code
  std::int32_t zero;   ///< of the codes; Q8_0 stores code - 128
  bool has_minimum;
  std::uint32_t bytes() const { return (has_minimum ? 4 : 2) + kGgufBlock * bits / 8; }
};

/// The type with that number; nullptr: it is none of ours.
const GgufBlockType* gguf_block_type(std::uint32_t type);

/// Blocks one after another, taken apart.
struct GgufBlocks {
  const GgufBlockType* type = nullptr;
  std::vector<float> scale;         ///< [blocks]
  std::vector<float> minimum;       ///< [blocks], zeros without minima
  std::vector<std::uint8_t> codes;  ///< [blocks][32]

  /// As ggml computes it in FP32.
  float weight(std::size_t index) const;
};

/// `blocks` blocks from `data` on.
GgufBlocks unpack_gguf_blocks(const GgufBlockType& type, const std::uint8_t* data,
                              std::uint64_t blocks);

/// A matrix of n rows of k weights, whole blocks, in BCQ: the same numbers, but for scales that
/// imported_scale() rounds and minima whose sum with the alphas FP32 rounds; both are counted.
/// Throws spec::SpecError for a scale that is not finite or too large.
models::BcqMatrix to_bcq(const GgufBlocks& blocks, std::uint32_t n, std::uint32_t k,
                         ImportedScales& counts);

}  // namespace lutsim::workloads
