// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/code_sample.h"

#include <random>
#include <string>

#include "models/sparsity/xor_encoder.h"

namespace lutsim::models {

CodeSample sample_code(const spec::XorCodeSpec& code, double sparsity, std::uint64_t blocks,
                       std::uint64_t seed) {
  if (!(sparsity >= 0 && sparsity < 1)) {
    throw spec::SpecError("sparsity = " + std::to_string(sparsity) + ": must be in [0, 1)");
  }
  std::mt19937_64 random(seed);
  BitVector bits(blocks * code.n_out), mask(bits.size());
  for (std::size_t i = 0; i < bits.size(); ++i) {
    bits[i] = random() & 1;
    constexpr double kTwoTo64 = 18446744073709551616.0;
    mask[i] = static_cast<double>(random()) >= sparsity * kTwoTo64;
  }
  const XorEncoding encoding = xor_encode(code, bits, mask);
  const auto of_blocks = static_cast<double>(encoding.stream.blocks.size());
  return {static_cast<double>(encoding.mismatches) / of_blocks,
          static_cast<double>(encoding.stream.patches.size()) / of_blocks};
}

}  // namespace lutsim::models
