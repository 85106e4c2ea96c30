// SPDX-License-Identifier: Apache-2.0
#include "tools/run/pruned_storage.h"

#include <cmath>

#include "models/sparsity/code_sample.h"

namespace lutsim::tools {

namespace {

/// Blocks whose patches are counted: a search over all contents of two stages takes 1 ms a block.
constexpr std::uint64_t kBlocks = 4096, kBlocksOfManyStages = 384;
constexpr std::uint64_t kSeed = 1;

std::uint64_t of_a_million(double per_block) {
  return static_cast<std::uint64_t>(std::llround(per_block * workloads::PlaneCode::kMillion));
}

}  // namespace

void store_pruned(const spec::XorCodeSpec& code, double sparsity, workloads::OperatorTrace& trace) {
  const models::CodeSample sample =
      models::sample_code(code, sparsity, code.n_stages < 2 ? kBlocks : kBlocksOfManyStages, kSeed);
  const workloads::PlaneCode planes{code.n_in, code.n_out, code.patch_bits,
                                    of_a_million(sample.flips_per_block),
                                    of_a_million(sample.tokens_per_block)};
  for (workloads::Tensor& tensor : trace.tensors) {
    if (tensor.weight.is_bcq()) tensor.weight.code = planes;
  }
}

}  // namespace lutsim::tools
