// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/spec/xor_code_spec.h"

namespace lutsim::models {

/// What pruned weights cost in a code, block by block.
struct CodeSample {
  double flips_per_block = 0;   ///< bits that a patch flips
  double tokens_per_block = 0;  ///< patch tokens, those that skip included
};

/// Encodes `blocks` blocks of independent random bits, of which a share `sparsity` does not matter,
/// and counts. A layer pruned by magnitude is close to that (docs/units/decoder.md, "Measured").
/// Throws spec::SpecError for a code that cannot be encoded, or unless 0 <= sparsity < 1.
CodeSample sample_code(const spec::XorCodeSpec& code, double sparsity, std::uint64_t blocks,
                       std::uint64_t seed);

}  // namespace lutsim::models
