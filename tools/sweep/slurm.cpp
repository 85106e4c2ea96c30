// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/slurm.h"

#include <fmt/core.h>

#include <algorithm>
#include <chrono>
#include <stdexcept>
#include <thread>

#include "models/config/diagnostics.h"
#include "tools/output/output_directory.h"
#include "tools/process/process.h"

namespace lutsim::tools::sweep {

namespace {

using namespace std::chrono_literals;

/// One word of a shell.
std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
  return out + "'";
}

std::string trimmed(std::string text) {
  while (!text.empty() && (text.back() == '\n' || text.back() == ' ')) text.pop_back();
  return text;
}

}  // namespace

std::string slurm_script(const ArrayJob& job) {
  std::string script = "#!/bin/bash\n";
  const auto option = [&](const std::string& text) { script += "#SBATCH " + text + "\n"; };
  std::string name = job.name;
  std::replace_if(
      name.begin(), name.end(), [](char c) { return c == ' ' || c == '"'; }, '_');
  option("--job-name=\"" + name + "\"");
  option(fmt::format("--array=1-{}", job.shards));
  option("--ntasks=1");
  option(fmt::format("--cpus-per-task={}", job.jobs));
  option("--requeue");
  option("--open-mode=append");
  option("--output=\"" + (job.out / "slurm-%a.out").string() + "\"");
  for (const std::string& line : job.options) option(line);
  return script + fmt::format(
                      "exec {} sweep {} --shard \"$SLURM_ARRAY_TASK_ID/{}\" --jobs {} --resume "
                      "--out {}\n",
                      quoted(job.program), quoted(job.space.string()), job.shards, job.jobs,
                      quoted(job.out.string()));
}

std::string submit_slurm(const ArrayJob& job) {
  if (!is_installed("sbatch"))
    throw config::InputError("--cluster slurm", "there is no sbatch in PATH",
                             "on another scheduler use --shard, see docs/sweep.md");
  const std::filesystem::path script = job.out / "slurm.sh";
  write_file(script, slurm_script(job));
  const ProcessResult sbatch = run_process({"sbatch", "--parsable", script.string()});
  const std::string number = trimmed(sbatch.out.substr(0, sbatch.out.find(';')));
  if (sbatch.status != 0 || number.empty())
    throw std::runtime_error("sbatch refused " + script.string() + ": " + sbatch.err);
  return number;
}

std::size_t unfinished_tasks(const std::string& job) {
  const ProcessResult squeue = run_process({"squeue", "-h", "-r", "-j", job, "-o", "%i %T"});
  // A job that is over is forgotten after a while: "Invalid job id specified".
  if (squeue.status != 0) return 0;
  return static_cast<std::size_t>(std::count(squeue.out.begin(), squeue.out.end(), '\n'));
}

bool watch_slurm(const std::string& job, const std::function<bool(std::size_t)>& look) {
  constexpr auto kInterval = 2s;
  for (std::size_t left = unfinished_tasks(job); left > 0; left = unfinished_tasks(job)) {
    if (!look(left)) return false;
    std::this_thread::sleep_for(kInterval);
  }
  return true;
}

}  // namespace lutsim::tools::sweep
