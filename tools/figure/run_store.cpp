// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/run_store.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>
#include <stdexcept>

#include "models/config/data_root.h"
#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/config/write_yaml.h"
#include "tools/output/output_directory.h"
#include "tools/run/run_child.h"
#include "tools/support/parallel.h"
#include "tools/support/read_file.h"
#include "tools/support/sha256.h"
#include "tools/support/split.h"
#include "tools/support/temporary_folder.h"
#include "workloads/scenario/workload_files.h"

namespace lutsim::tools::figure {

namespace fs = std::filesystem;
using json = nlohmann::ordered_json;

namespace {

constexpr int kRefused = 2;  // exit status of lutsim: the input is wrong

/// Throws unless the run ended well.
void require_done(const ProcessResult& run, const RunSpec& spec) {
  if (run.status == 0) return;
  const std::string what = fmt::format("{} with {} at batch {}", spec.arch.name,
                                       spec.workload.model, spec.workload.batch);
  std::string error = run.err;
  while (!error.empty() && error.back() == '\n') error.pop_back();
  if (run.status == kRefused) throw config::InputError(what, "cannot be run: " + error);
  throw std::runtime_error(fmt::format("{}: status {}: {}", what, run.status, error));
}

}  // namespace

RunStore::RunStore(std::string program, fs::path folder, unsigned jobs,
                   std::function<void(std::uint64_t, std::uint64_t)> progress)
    : program_(std::move(program)),
      folder_(std::move(folder)),
      jobs_(std::max(1u, jobs)),
      progress_(std::move(progress)),
      program_hash_(sha256_hex(read_file(program_))) {}

fs::path RunStore::file_of(const RunSpec& run, const std::string& kind) {
  const auto text_of = [](const char* place, const std::string& name) {
    return read_file(config::find_named(place, name, "file"));
  };
  std::string all = kind + "\n" + program_hash_ + "\n" + config::write_yaml(run);
  all += text_of(config::kMemoryFolder, run.arch.memory.standard);
  all += text_of(config::kEnergyFolder, run.arch.energy_table);
  // "h100-sxm:4" is a group of four.
  for (const std::string& gpu : split_names(run.gpus))
    all += text_of(config::kGpuFolder, split(gpu, ':').front());
  all += read_file(config::data_root() / "workloads/llm/models.csv");
  for (const std::string& file : workloads::files_of(run.workload)) all += read_file(file);
  return folder_ / (sha256_hex(all) + ".json");
}

std::vector<json> RunStore::results(const std::vector<RunSpec>& runs) {
  std::vector<json> results(runs.size());
  std::vector<std::size_t> missing;
  std::map<fs::path, std::size_t> first;  // of equal runs
  for (std::size_t i = 0; i < runs.size(); ++i) {
    const fs::path file = file_of(runs[i], "lutsim.result");
    results[i] = json::parse(read_file(file), nullptr, false);
    if (results[i].is_object()) continue;
    if (first.emplace(file, i).second) missing.push_back(i);
  }
  const TemporaryFolder configs;
  std::mutex mutex;
  std::uint64_t done = 0;
  for_each_parallel(missing.size(), jobs_, [&](std::size_t m) {
    const std::size_t i = missing[m];
    const ProcessResult run =
        run_child(program_, runs[i], configs.path() / fmt::format("run-{}.yaml", i));
    require_done(run, runs[i]);
    results[i] = json::parse(run.out);
    const std::lock_guard<std::mutex> lock(mutex);
    write_file(file_of(runs[i], "lutsim.result"), run.out);
    if (progress_) progress_(++done, missing.size());
  });
  for (std::size_t i = 0; i < runs.size(); ++i) {
    if (!results[i].is_object()) results[i] = results[first.at(file_of(runs[i], "lutsim.result"))];
  }
  return results;
}

json RunStore::timeline(const RunSpec& run) {
  const fs::path file = file_of(run, "lutsim.timeline");
  const json kept = json::parse(read_file(file), nullptr, false);
  if (kept.is_object()) return kept;
  const TemporaryFolder folder;
  const fs::path config = folder.path() / "run.yaml", out = folder.path() / "out";
  std::ofstream(config) << config::write_yaml(run);
  require_done(
      run_process({program_, "run", "--json", "--config", config.string(), "--out", out.string()}),
      run);
  const std::string text = read_file(out / "timeline.json");
  write_file(file, text);
  return json::parse(text);
}

}  // namespace lutsim::tools::figure
