// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "models/bcq/bcq_matrix.h"
#include "models/sparsity/xor_stream.h"

/// Planes of a pruned matrix as they are stored: a mask of the weights that are not 0, and the bits
/// of those through an XOR code. docs/units/decoder.md, "Storage".
namespace lutsim::models {

/// Weight bits of a stream, about: long enough that its ends cost nothing, short enough that a
/// matrix has work for all threads.
constexpr std::uint32_t kStreamBits = 1u << 16;

/// Rows of one plane of a matrix of that K that make a stream.
constexpr std::uint32_t rows_per_stream(std::uint32_t k) {
  return k >= kStreamBits ? 1 : kStreamBits / k;
}

/// Streams of all planes of a matrix, with so many rows of a plane in each.
inline std::size_t stream_count(const BcqMatrix& matrix, std::uint32_t rows) {
  return std::size_t{matrix.weight_bits} * spec::ceil_div(matrix.n, rows);
}

struct PrunedPlanes {
  spec::XorCodeSpec code;
  std::uint32_t rows = 0;           ///< of a stream; the last of a plane may have fewer
  std::vector<std::uint64_t> mask;  ///< as one plane of BcqMatrix; 1: the weight is not 0
  std::vector<XorStream> streams;   ///< [plane][block of rows], row after row
};

/// What the planes cost.
struct PlaneCounts {
  std::uint64_t bits = 0;  ///< of all planes
  std::uint64_t kept = 0;  ///< weights with mask 1
  std::uint64_t blocks = 0, flips = 0, tokens = 0;
  std::uint64_t code_bits = 0;  ///< stored: blocks and tokens, without the mask

  /// E: unpruned bits that need no patch; `weight_bits` planes.
  double efficiency(std::uint32_t weight_bits) const;
  void add(const PlaneCounts& other);
};
PlaneCounts count_planes(const PrunedPlanes& planes);

/// Calls a function of an index for 0 <= i < count, in any order, on any threads.
using ForEach = std::function<void(std::size_t, const std::function<void(std::size_t)>&)>;
void one_by_one(std::size_t count, const std::function<void(std::size_t)>& task);

/// Encodes the planes of a matrix of uniform weights. A weight is pruned when it is exactly 0, that
/// is when its code is the zero point of its group; its bits cost nothing. Memory beside the
/// result: that of one stream for each thread. Throws spec::SpecError when the matrix is not
/// uniform (0 is no value of binary-coded weights) or for a code that xor_encode() refuses.
PrunedPlanes encode_planes(const spec::XorCodeSpec& code, const BcqMatrix& matrix,
                           const ForEach& for_each = one_by_one);

/// Puts the planes into `matrix`, whose other members are there: the stored bits where the mask is
/// 1, those of the zero point where it is 0. The inverse of encode_planes(), bit for bit. Throws
/// spec::SpecError for streams that are none of the matrix.
void decode_planes(const PrunedPlanes& planes, BcqMatrix& matrix,
                   const ForEach& for_each = one_by_one);

/// A code for weights of which a share `sparsity` is pruned: n_in = 8, n_out = floor(n_in / (1 -
/// sparsity)), and patch tokens twice as wide in reach as patches are apart. Throws spec::SpecError
/// unless 0 <= sparsity < 1 and n_stages is 0, 1 or 2.
spec::XorCodeSpec code_of_sparsity(double sparsity, std::uint32_t n_stages);

}  // namespace lutsim::models
