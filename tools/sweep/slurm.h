// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace lutsim::tools::sweep {

/// A job array of shards: one task a shard, so that the seconds that a task costs the scheduler are
/// paid K times and not once a point.
struct ArrayJob {
  std::string program;          ///< lutsim, as the nodes see it
  std::filesystem::path space;  ///< absolute, on a file system that the nodes share
  std::filesystem::path out;    ///< likewise
  std::string name;
  std::uint32_t shards = 1;
  unsigned jobs = 1;                 ///< points at a time in a task: its CPUs
  std::vector<std::string> options;  ///< further lines "#SBATCH ..."
};

/// The batch script. A task that was killed or requeued goes on where it was.
std::string slurm_script(const ArrayJob& job);

/// Writes OUT/slurm.sh, submits it and returns the number of the job. Throws config::InputError
/// when there is no Slurm, std::runtime_error with Slurm's words when it refuses.
std::string submit_slurm(const ArrayJob& job);

/// Tasks that wait or run.
std::size_t unfinished_tasks(const std::string& job);

/// Looks every few seconds until no task is left; calls `look` each time with the tasks that are
/// left. False when `look` returned false: the job goes on without us.
bool watch_slurm(const std::string& job, const std::function<bool(std::size_t tasks)>& look);

}  // namespace lutsim::tools::sweep
