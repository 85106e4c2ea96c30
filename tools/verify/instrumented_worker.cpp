// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/instrumented_worker.h"

#include <algorithm>
#include <sstream>
#include <stdexcept>

#include "models/config/diagnostics.h"
#include "tools/process/process.h"
#include "tools/support/temporary_folder.h"
#include "tools/verify/result_json.h"

namespace lutsim::tools {
namespace {

// A clock cycle is two evaluations: two thousand cycles hold every directed tile and most random
// ones.
constexpr const char* kTraceLength = "4000";

nlohmann::ordered_json run_worker(const std::filesystem::path& program, const std::string& block,
                                  const CheckOptions& options,
                                  const std::vector<std::string>& more) {
  std::vector<std::string> arguments = {program.string(), block,
                                        "--vectors",      std::to_string(options.vectors),
                                        "--seed",         std::to_string(options.seed)};
  arguments.insert(arguments.end(), more.begin(), more.end());
  const ProcessResult process = run_process(arguments);
  if (process.status > 1) {
    throw std::runtime_error(program.string() + " " + block + " ended with status " +
                             std::to_string(process.status) + ":\n" + process.err);
  }
  return nlohmann::ordered_json::parse(process.out);
}

}  // namespace

InstrumentedWorker::InstrumentedWorker(std::filesystem::path program)
    : program_(std::move(program)) {
  if (!std::filesystem::exists(program_)) {
    throw config::InputError(program_.string(), "expected the instrumented build of the checks",
                             "build the target lutsim_verify_instrumented");
  }
  std::istringstream names(run_process({program_.string(), "--list"}).out);
  for (std::string name; std::getline(names, name);) blocks_.push_back(name);
}

bool InstrumentedWorker::has(const std::string& block) const {
  return std::find(blocks_.begin(), blocks_.end(), block) != blocks_.end();
}

InstrumentedWorker::Run InstrumentedWorker::check(const std::string& block,
                                                  const CheckOptions& options) const {
  const TemporaryFolder folder;
  Run run;
  run.result =
      read_result(run_worker(program_, block, options, {"--coverage", folder.path().string()}));
  run.coverage = read_coverage_folder(folder.path());
  return run;
}

InstrumentedWorker::Replay InstrumentedWorker::replay(const std::string& block,
                                                      const CheckOptions& options,
                                                      const std::filesystem::path& folder) const {
  Replay replay;
  const nlohmann::ordered_json first = run_worker(program_, block, options, {"--stop"});
  replay.result = read_result(first);
  if (replay.result.passed()) return replay;

  std::string name = "verify-" + block + ".fst";
  std::replace(name.begin(), name.end(), ':', '-');
  std::filesystem::create_directories(folder);
  replay.waveform = folder / name;
  const nlohmann::ordered_json& last = first.at("last_evaluation");
  run_worker(
      program_, block, options,
      {"--stop", "--trace", replay.waveform.string(), "--trace-block", last.at("block").dump(),
       "--trace-end", last.at("count").dump(), "--trace-length", kTraceLength});
  return replay;
}

}  // namespace lutsim::tools
