// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/verify.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>

#include "models/config/diagnostics.h"
#include "sim/rtl_bridge/matrix_pins.h"
#include "tools/verify/block_check.h"

namespace lutsim::tools {
namespace {

constexpr const char* kMatrixUnit = "matrix_unit";

struct Block {
  std::string name;
  BlockCheck check;
};

std::vector<Block> blocks() {
  std::vector<Block> all = {{"fp_adder", check_fp_adder},
                            {"fp_multiplier", check_fp_multiplier},
                            {"fp_converter", check_fp_converter},
                            {"int_to_fp32", check_int_to_fp32},
                            {"pre_aligner", check_pre_aligner},
                            {"lut_generator", check_lut_generator},
                            {"lut_pe", check_lut_pe},
                            {"function_unit", check_function_unit},
                            {"softmax", check_softmax},
                            {"norm", check_norm},
                            {"kv_quantizer", check_kv_quantizer},
                            {"xor_decoder", check_xor_decoder}};
  for (const rtl::BuiltMatrixUnit& unit : rtl::built_matrix_units()) {
    all.push_back(
        {std::string(kMatrixUnit) + ":" + unit.name,
         [name = unit.name](Comparison& comparison, std::uint64_t vectors, Random& random) {
           check_matrix_unit(name, comparison, vectors, random);
         }});
  }
  return all;
}

bool selects(const std::string& name, const std::string& block) {
  return name == block || (name == kMatrixUnit && block.rfind(name + ":", 0) == 0);
}

void refuse_unknown(const std::vector<std::string>& names) {
  std::vector<std::string> known = block_names();
  known.push_back(kMatrixUnit);
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      throw config::InputError(name, "expected a block: " + config::comma_list(known),
                               config::did_you_mean(name, known));
    }
  }
}

}  // namespace

std::vector<std::string> BlockResult::unhit_bins() const {
  std::vector<std::string> unhit;
  for (const auto& [bin, hits] : bins) {
    if (hits == 0) unhit.push_back(bin);
  }
  return unhit;
}

std::vector<std::string> block_names() {
  std::vector<std::string> names;
  for (const Block& block : blocks()) names.push_back(block.name);
  return names;
}

std::vector<std::string> select_blocks(const std::vector<std::string>& names) {
  refuse_unknown(names);
  std::vector<std::string> selected;
  for (const std::string& block : block_names()) {
    const bool wanted =
        names.empty() || std::any_of(names.begin(), names.end(),
                                     [&](const std::string& name) { return selects(name, block); });
    if (wanted) selected.push_back(block);
  }
  return selected;
}

BlockResult verify_block(const std::string& name, const CheckOptions& options) {
  if (options.vectors == 0) {
    throw config::InputError("--vectors", "expected at least 1: a check of nothing cannot pass");
  }
  const std::vector<Block> all = blocks();
  const auto block =
      std::find_if(all.begin(), all.end(), [&](const Block& b) { return b.name == name; });
  if (block == all.end()) refuse_unknown({name});

  BlockResult result;
  result.name = name;
  result.reproduce_command =
      fmt::format("lutsim verify {} --vectors {} --seed {}", name, options.vectors, options.seed);
  const auto begin = std::chrono::steady_clock::now();
  Comparison comparison(result, options.stop_at_mismatch);
  Random random(options.seed);
  try {
    block->check(comparison, options.vectors, random);
  } catch (const StoppedAtMismatch&) {
    // As asked for.
  } catch (const std::logic_error& error) {
    // The unit broke its protocol: a beat too many or too few, or it is stuck.
    ++result.mismatches;
    if (result.first_mismatch.empty()) result.first_mismatch = error.what();
  }
  result.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  return result;
}

std::vector<BlockResult> verify_blocks(const std::vector<std::string>& names, std::uint64_t vectors,
                                       std::uint64_t seed) {
  std::vector<BlockResult> results;
  for (const std::string& name : select_blocks(names)) {
    results.push_back(verify_block(name, {vectors, seed}));
  }
  return results;
}

}  // namespace lutsim::tools
