// SPDX-License-Identifier: Apache-2.0
#include "tools/mutation/mutation.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <random>
#include <set>
#include <stdexcept>
#include <thread>

#include "models/config/data_root.h"
#include "models/config/diagnostics.h"
#include "tools/coverage/waivers.h"
#include "tools/mutation/equivalence.h"
#include "tools/process/process.h"
#include "tools/support/parallel.h"

namespace lutsim::tools {
namespace {

// A bug may make a block wait for ever: the check finds that out itself, this is for bugs in it.
constexpr double kCheckSeconds = 120;

/// Value of a variable of CMakeCache.txt; empty if there is none.
std::string cached(const std::filesystem::path& build_folder, const std::string& name) {
  std::ifstream cache(build_folder / "CMakeCache.txt");
  for (std::string line; std::getline(cache, line);) {
    if (line.rfind(name + ":", 0) == 0) return line.substr(line.find('=') + 1);
  }
  return "";
}

std::string tail(const std::string& text) {
  constexpr std::size_t kTail = 2000;
  return text.size() <= kTail ? text : text.substr(text.size() - kTail);
}

std::filesystem::path mutant_waiver_file() {
  return config::data_root() / "tools" / "mutation" / "waivers.txt";
}

bool is_waived(const Mutant& mutant, const Waiver& waiver) {
  return matches(waiver.what, mutant.where() + " " + mutant.what());
}

}  // namespace

std::string Mutant::where() const {
  const std::string source = value_of(command, "-src");
  const std::string file = std::filesystem::path(source).filename().string();
  return file.substr(0, file.find('.', file.find(':')));
}

std::string Mutant::what() const {
  std::string cell = value_of(command, "-cell");
  cell = cell.substr(0, cell.find('$', 1));
  std::string text = fmt::format("{} of {} port {} bit {}", value_of(command, "-mode"), cell,
                                 value_of(command, "-port"), value_of(command, "-portbit"));
  const std::string wire = value_of(command, "-wire");
  if (!wire.empty()) text += fmt::format(" ({}[{}])", wire, value_of(command, "-wirebit"));
  return text;
}

MutationCampaign::MutationCampaign(const std::filesystem::path& build_folder)
    : build_folder_(build_folder) {
  std::vector<config::Diagnostic> missing;
  const auto need = [&](bool there, const std::string& what) {
    if (!there) missing.push_back({"--mutate", 0, 0, "expected " + what + ", which is missing"});
  };
  for (const char* program : {"yosys", "yosys-abc", "verilator", "python3", "cmake"}) {
    need(is_installed(program), fmt::format("{} in PATH", program));
  }
  const auto list = build_folder / "tools" / "mutation" / "mutated_blocks.txt";
  if (std::filesystem::exists(list)) {
    const std::string compiler = cached(build_folder, "CMAKE_CXX_COMPILER");
    need(std::filesystem::exists(compiler), "the compiler " + compiler);
  } else {
    need(false, "the build folder of this program (" + build_folder.string() + ")");
  }
  if (!missing.empty()) throw config::InputError(missing);

  std::ifstream stream(list);
  for (std::string block, target, folder, top; stream >> block >> target >> folder >> top;) {
    models_[block] = {target, folder, top};
  }
}

void MutationCampaign::build(const std::vector<std::string>& blocks) const {
  std::vector<std::string> command = {"cmake",
                                      "--build",
                                      build_folder_.string(),
                                      "--parallel",
                                      std::to_string(std::thread::hardware_concurrency()),
                                      "--target"};
  for (const std::string& block : blocks) command.push_back(models_.at(block).target);
  const ProcessResult result = run_process(command);
  if (result.status != 0) {
    throw std::runtime_error("the mutants do not build:\n" + tail(result.out + result.err));
  }
}

bool MutationCampaign::check_fails(const std::string& block, std::uint32_t number,
                                   const CheckOptions& options) const {
  ProcessOptions process;
  process.timeout_s = kCheckSeconds;
  process.environment = {"LUTSIM_MUTANT=" + std::to_string(number)};
  const std::string program = build_folder_ / "tools" / "mutation" / models_.at(block).target;
  const ProcessResult result =
      run_process({program, block, "--vectors", std::to_string(options.vectors), "--seed",
                   std::to_string(options.seed), "--stop"},
                  process);
  // 2 and 3 are errors of the worker; a crash or a check without end is the bug.
  if (!result.timed_out && (result.status == 2 || result.status == 3)) {
    throw std::runtime_error(block + ", mutant " + std::to_string(number) + ": " + result.err);
  }
  return result.status != 0;
}

MutationResult MutationCampaign::run(
    const std::string& block, std::uint32_t count, const CheckOptions& options,
    const std::function<void(std::uint64_t, std::uint64_t)>& progress) const {
  if (check_fails(block, 0, options)) {
    throw std::runtime_error(block + ": the check fails without a bug");
  }
  std::vector<Mutant> mutants;
  std::ifstream list(models_.at(block).folder / "mutations.txt");
  for (std::string line; std::getline(list, line);) {
    mutants.push_back({static_cast<std::uint32_t>(mutants.size()) + 1, line});
  }
  std::vector<Mutant> drawn = mutants;
  std::mt19937_64 random(options.seed);
  for (std::size_t i = drawn.size(); i > 1; --i) std::swap(drawn[i - 1], drawn[random() % i]);
  if (count < drawn.size()) drawn.resize(count);
  std::vector<Waiver> waivers = read_waivers(mutant_waiver_file(), {"mutant"});
  waivers.erase(std::remove_if(waivers.begin(), waivers.end(),
                               [&](const Waiver& w) { return !matches(w.block, block); }),
                waivers.end());

  const EquivalenceProver prover(models_.at(block).folder, models_.at(block).top);
  enum Fate : char { kKilled, kEquivalent, kSurvived };
  std::vector<Fate> fates(drawn.size());
  std::uint64_t done = 0;
  std::mutex mutex;
  for_each_parallel(drawn.size(), std::thread::hardware_concurrency(), [&](std::size_t i) {
    const bool is_killed = check_fails(block, drawn[i].number, options);
    const bool waived = std::any_of(waivers.begin(), waivers.end(),
                                    [&](const Waiver& w) { return is_waived(drawn[i], w); });
    fates[i] = is_killed                                                     ? kKilled
               : !waived && prover.proven(drawn[i].command, drawn[i].number) ? kEquivalent
                                                                             : kSurvived;
    const std::lock_guard<std::mutex> lock(mutex);
    progress(++done, drawn.size());
  });
  MutationResult result;
  result.mutants = drawn.size();
  std::set<std::uint32_t> of_no_use;  // lines
  for (const Waiver& waiver : waivers) {
    const auto waives = [&](const Mutant& mutant) { return is_waived(mutant, waiver); };
    if (std::none_of(mutants.begin(), mutants.end(), waives)) of_no_use.insert(waiver.line);
  }
  for (std::size_t i = 0; i < drawn.size(); ++i) {
    const auto waiver = std::find_if(waivers.begin(), waivers.end(),
                                     [&](const Waiver& w) { return is_waived(drawn[i], w); });
    const bool waived = waiver != waivers.end();
    if (fates[i] == kKilled) ++result.killed;
    if (fates[i] == kEquivalent) ++result.equivalent;
    if (fates[i] == kSurvived && waived) ++result.waived;
    if (fates[i] == kSurvived && !waived) result.survivors.push_back(drawn[i]);
    if (fates[i] != kSurvived && waived) of_no_use.insert(waiver->line);
  }
  for (const Waiver& waiver : waivers) {
    if (of_no_use.count(waiver.line) == 0) continue;
    result.stale_waivers.push_back(fmt::format("waivers.txt:{}: {}", waiver.line, waiver.what));
  }
  if (result.equivalent > 0) {
    // Assumptions that contradict each other prove everything.
    const auto killed = std::find(fates.begin(), fates.end(), kKilled);
    if (killed != fates.end()) {
      const Mutant& mutant = drawn[static_cast<std::size_t>(killed - fates.begin())];
      if (prover.proven_from_reset(mutant.command, mutant.number, false)) {
        throw std::logic_error(fmt::format("{}: mutant {} is noticed and proven to change nothing",
                                           block, mutant.number));
      }
    }
  }
  return result;
}

}  // namespace lutsim::tools
