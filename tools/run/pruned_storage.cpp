// SPDX-License-Identifier: Apache-2.0
#include "tools/run/pruned_storage.h"

#include <cmath>
#include <string>

#include "models/config/units.h"
#include "models/sparsity/code_sample.h"

namespace lutsim::tools {

namespace {

/// Blocks whose patches are counted: a search over all contents of two stages takes 1 ms a block.
constexpr std::uint64_t kBlocks = 4096, kBlocksOfManyStages = 384;
constexpr std::uint64_t kSeed = 1;
/// Which weights are pruned: pruned bits decode to anything.
constexpr std::uint32_t kMaskBits = 1;

std::uint64_t of_a_million(double per_block) {
  return static_cast<std::uint64_t>(std::llround(per_block * workloads::PlaneCode::kMillion));
}

}  // namespace

void store_pruned(const spec::XorCodeSpec& code, double sparsity, workloads::OperatorTrace& trace) {
  const models::CodeSample sample =
      models::sample_code(code, sparsity, code.n_stages < 2 ? kBlocks : kBlocksOfManyStages, kSeed);
  const workloads::PlaneCode planes{code.n_in,
                                    code.n_out,
                                    code.patch_bits,
                                    of_a_million(sample.flips_per_block),
                                    of_a_million(sample.tokens_per_block),
                                    kMaskBits};
  for (workloads::Tensor& tensor : trace.tensors) {
    if (tensor.weight.is_bcq()) tensor.weight.code = planes;
  }
}

void store_coded(const spec::XorCodeSpec& code, const workloads::CodedPlanes& coded,
                 workloads::OperatorTrace& trace) {
  bool same = true;
  spec::for_each_field<spec::XorCodeSpec>(
      [&](const auto& f) { same = same && code.*f.member == coded.code.*f.member; });
  if (!same) {
    std::string sets;
    spec::for_each_field<spec::XorCodeSpec>([&](const auto& f) {
      sets += " --set 'decoder.code." + std::string(f.key) + "=" +
              config::quantity_text(std::uint64_t{coded.code.*f.member}, f.unit) + "'";
    });
    throw spec::SpecError(
        "decoder.code: the checkpoint's planes are stored in another code than the chip decodes; "
        "build it with" +
        sets);
  }
  for (workloads::Tensor& tensor : trace.tensors) {
    const auto found = coded.matrices.find(tensor.name);
    if (found == coded.matrices.end()) continue;
    const models::PlaneCounts& counts = found->second;
    const auto blocks = static_cast<double>(counts.blocks);
    tensor.weight.code = {code.n_in,
                          code.n_out,
                          code.patch_bits,
                          of_a_million(static_cast<double>(counts.flips) / blocks),
                          of_a_million(static_cast<double>(counts.tokens) / blocks),
                          kMaskBits};
  }
}

}  // namespace lutsim::tools
