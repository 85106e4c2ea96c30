// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "tools/verify/verify.h"

/// Can the check of a block fail? Bugs that Yosys draws from its netlist are run against it, one
/// after another (docs/units/verify.md, "Mutation").
namespace lutsim::tools {

/// A bug.
struct Mutant {
  std::uint32_t number = 0;  ///< from 1, in the model that holds it
  std::string command;       ///< of Yosys, that plants it

  /// "pre_aligner.sv:89": where the changed cell comes from.
  std::string where() const;
  /// "cnot0 of port A, bit 0, of $eq": what is changed.
  std::string what() const;
};

struct MutationResult {
  std::uint64_t mutants = 0;      ///< that were run
  std::uint64_t killed = 0;       ///< the check failed, as it should
  std::uint64_t equivalent = 0;   ///< proven to compute the same as the block
  std::uint64_t waived = 0;       ///< neither, but tools/mutation/waivers.txt says why
  std::vector<Mutant> survivors;  ///< none of these
  /// Waivers that name no bug of the block, or one that is killed.
  std::vector<std::string> stale_waivers;

  bool complete() const { return survivors.empty() && stale_waivers.empty(); }
};

class MutationCampaign {
 public:
  /// `build_folder` is the one that CMake filled. Throws config::InputError naming what is missing:
  /// Yosys and its ABC, Verilator, Python, CMake, the compiler, the build folder.
  explicit MutationCampaign(const std::filesystem::path& build_folder);

  /// Whether mutants of that block can be built: tools/mutation/CMakeLists.txt lists them.
  bool has(const std::string& block) const { return models_.count(block) != 0; }

  /// Builds the models of blocks that it has. Throws std::runtime_error with the compiler's words.
  void build(const std::vector<std::string>& blocks) const;

  /// Runs the check of a block that was built against `count` of its mutants, drawn with
  /// options.seed; all that the model holds if they are fewer. `progress(done, total)` is called
  /// by one thread at a time. Throws std::runtime_error if the check fails without a bug.
  MutationResult run(const std::string& block, std::uint32_t count, const CheckOptions& options,
                     const std::function<void(std::uint64_t, std::uint64_t)>& progress) const;

 private:
  struct Model {
    std::string target;
    std::filesystem::path folder;
    std::string top;
  };
  bool check_fails(const std::string& block, std::uint32_t number,
                   const CheckOptions& options) const;

  std::filesystem::path build_folder_;
  std::map<std::string, Model> models_;
};

}  // namespace lutsim::tools
