// SPDX-License-Identifier: Apache-2.0
#include "tools/mutation/mutation.h"

#include <fmt/core.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <mutex>
#include <random>
#include <sstream>
#include <stdexcept>
#include <thread>

#include "models/config/diagnostics.h"
#include "tools/verify/process.h"

namespace lutsim::tools {
namespace {

// A bug may make a block wait for ever: the check finds that out itself, this is for bugs in it.
constexpr double kCheckSeconds = 120;
// Of a proof that a survivor computes the same: those that succeed take seconds.
constexpr double kProofSeconds = 60;

/// Words that follow `option` in a command of Yosys.
std::vector<std::string> values_of(const std::string& command, const std::string& option) {
  std::istringstream words(command);
  std::vector<std::string> values;
  for (std::string word, value; words >> word;) {
    if (word == option && words >> value) values.push_back(value);
  }
  return values;
}

std::string value_of(const std::string& command, const std::string& option) {
  const auto values = values_of(command, option);
  return values.empty() ? "" : values.back();
}

/// Value of a variable of CMakeCache.txt; empty if there is none.
std::string cached(const std::filesystem::path& build_folder, const std::string& name) {
  std::ifstream cache(build_folder / "CMakeCache.txt");
  for (std::string line; std::getline(cache, line);) {
    if (line.rfind(name + ":", 0) == 0) return line.substr(line.find('=') + 1);
  }
  return "";
}

/// Calls task(i) for 0 <= i < count on all cores. The first exception ends it and is thrown again.
void for_each_parallel(std::size_t count, const std::function<void(std::size_t)>& task) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex mutex;
  const auto work = [&] {
    for (std::size_t i = next++; i < count; i = next++) {
      try {
        task(i);
      } catch (...) {
        const std::lock_guard<std::mutex> lock(mutex);
        if (!failure) failure = std::current_exception();
        next = count;
      }
    }
  };
  std::vector<std::thread> threads;
  const unsigned cores = std::max(1u, std::thread::hardware_concurrency());
  for (unsigned i = 0; i < cores; ++i) threads.emplace_back(work);
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

std::string tail(const std::string& text) {
  constexpr std::size_t kTail = 2000;
  return text.size() <= kTail ? text : text.substr(text.size() - kTail);
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
  for (const char* program : {"yosys", "verilator", "python3", "cmake"}) {
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

bool MutationCampaign::proven_equivalent(const std::string& block, const Mutant& mutant) const {
  const std::filesystem::path& folder = models_.at(block).folder;
  const std::string design = folder / "design.il";
  const std::string gate = folder / fmt::format("mutant_{}.il", mutant.number);
  // Registers become inputs and outputs (`expose -evert-dff`): the two netlists are equal if every
  // register takes the same value from the same state. Other names are hidden, or they would become
  // outputs as well. `opt -full` joins what the mutation does not touch.
  const auto proven_in = [&](const std::string& top, bool with_children) {
    const std::string combinational = fmt::format(
        "hierarchy -top {}; {} memory_map; opt_clean; "
        "rename -hide w:* t:$dff* %x:+[Q] w:* %i %d; expose -evert-dff {}; opt_clean; "
        "hierarchy -top {};",
        top, with_children ? "flatten;" : "", with_children ? "" : "-evert", top);
    const std::string script = fmt::format(
        "read_rtlil {0}; {1}; {2} rename -top gate; write_rtlil {3}; design -reset; "
        "read_rtlil {0}; {2} rename -top gold; read_rtlil {3}; "
        "miter -equiv -flatten -make_assert gold gate miter; hierarchy -top miter; opt -full; "
        "sat -verify -prove-asserts -set-def-inputs miter",
        design, mutant.command, combinational, gate);
    ProcessOptions process;
    process.timeout_s = kProofSeconds;
    return run_process({"yosys", "-q", "-p", script}, process).status == 0;
  };

  // From what takes a second to what takes half a minute: the module with the ports of its children
  // as its own, with its children, in the whole block, where others never ask everything of it.
  const std::string whole = models_.at(block).top + "_mutated";
  const std::string module = value_of(mutant.command, "-module");
  const bool proven = proven_in(module, false) || proven_in(module, true) ||
                      (module != whole && proven_in(whole, true));
  std::filesystem::remove(gate);
  return proven;
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
  std::mt19937_64 random(options.seed);
  for (std::size_t i = mutants.size(); i > 1; --i) std::swap(mutants[i - 1], mutants[random() % i]);
  if (count < mutants.size()) mutants.resize(count);

  enum Fate : char { kKilled, kEquivalent, kSurvived };
  std::vector<Fate> fates(mutants.size());
  std::uint64_t done = 0;
  std::mutex mutex;
  for_each_parallel(mutants.size(), [&](std::size_t i) {
    fates[i] = check_fails(block, mutants[i].number, options) ? kKilled
               : proven_equivalent(block, mutants[i])         ? kEquivalent
                                                              : kSurvived;
    const std::lock_guard<std::mutex> lock(mutex);
    progress(++done, mutants.size());
  });
  MutationResult result;
  result.mutants = mutants.size();
  for (std::size_t i = 0; i < mutants.size(); ++i) {
    if (fates[i] == kKilled) ++result.killed;
    if (fates[i] == kEquivalent) ++result.equivalent;
    if (fates[i] == kSurvived) result.survivors.push_back(mutants[i]);
  }
  return result;
}

}  // namespace lutsim::tools
