// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "tools/coverage/coverage_report.h"
#include "tools/mutation/mutation.h"
#include "tools/verify/verify.h"

namespace lutsim::tools {

/// Everything that `lutsim verify` found out about one block.
struct VerifiedBlock {
  BlockResult result;
  std::optional<BlockCoverage> coverage;   ///< with --coverage, if the block is instrumented
  std::optional<MutationResult> mutation;  ///< with --mutate, if the block has mutants
  std::string waveform;                    ///< of the first mismatch, or why there is none

  bool passed() const {
    return result.passed() && (!coverage || coverage->complete()) &&
           (!mutation || mutation->complete());
  }
};

nlohmann::ordered_json verify_json(const std::vector<VerifiedBlock>& blocks, std::uint64_t seed);

/// The table on standard output, with everything below a block that is not as it should be.
void print_verify_table(const std::vector<VerifiedBlock>& blocks);

}  // namespace lutsim::tools
