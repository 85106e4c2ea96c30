// SPDX-License-Identifier: Apache-2.0
//
// lutsim_soak --runs N [--seed S] [--jobs J] [--case SEED]: runs random machines, each in a process
// of its own, until every command has retired or the machine is refused with a reason. A deadlock,
// a crash, a finding of a sanitizer, a hang or a broken bound is a failure; its seed is printed.
#include <sys/wait.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>
#include <map>
#include <string>
#include <systemc>

#include "sim/platform/bounds.h"
#include "sim/platform/platform.h"
#include "tests/soak/random_case.h"
#include "workloads/trace/tensor_parallel.h"

namespace lutsim::soak {
namespace {

enum End { kRetired = 0, kRefused = 10, kFailed = 11 };
constexpr unsigned kTimeoutSeconds = 120;

/// The parts of every unit's time and the counts of a run that must add up.
void check_sums(const sim::RunStatistics& s) {
  for (const sim::UnitCycles& unit : s.units) {
    const double sum = unit.busy + unit.wait_memory + unit.wait_dependency + unit.idle;
    if (std::abs(sum - s.cycles) > 1e-6 * s.cycles || unit.idle < -1e-6 * s.cycles) {
      throw sim::SimulationError(unit.unit + ": its times do not add up to the run");
    }
  }
  double path = 0;
  for (const sim::PathShare& share : s.critical_path) path += share.seconds;
  if (std::abs(path - s.seconds) > 1e-6 * s.seconds) {
    throw sim::SimulationError("the critical path is not as long as the run");
  }
}

/// Runs one case in this process.
End run_case(std::uint64_t seed) {
  try {
    const RandomCase c = random_case(seed);
    auto traces = workloads::chip_traces(c.trace, c.arch.system.chips, seed % 2 == 0);
    for (auto& trace : traces) trace = workloads::with_task_switch(std::move(trace), c.task_switch);
    sim::RunOptions options;
    options.dram_path = seed % 3 == 0 ? sim::DramPath::burst : sim::DramPath::row;
    const sim::RunStatistics s = sim::run_platform(c.arch, c.memory, traces, nullptr, options);
    sim::check(sim::bounds_of(c.arch, c.trace, s), s);
    check_sums(s);
    return kRetired;
  } catch (const spec::SpecError& error) {
    std::printf("case %llu refused: %s\n", static_cast<unsigned long long>(seed), error.what());
    return std::string(error.what()).empty() ? kFailed : kRefused;
  } catch (const std::exception& error) {
    std::printf("case %llu FAILED: %s\n", static_cast<unsigned long long>(seed), error.what());
    return kFailed;
  }
}

/// The same in a child: a SystemC kernel elaborates once, and a crash costs one case.
pid_t start_case(std::uint64_t seed, bool verbose) {
  std::fflush(stdout);
  const pid_t child = fork();
  if (child != 0) return child;
  if (!verbose && std::freopen("/dev/null", "w", stderr) == nullptr) _exit(kFailed);
  alarm(kTimeoutSeconds);
  const End end = run_case(seed);
  std::fflush(stdout);
  _exit(end);
}

int soak(std::uint64_t runs, std::uint64_t first_seed, unsigned jobs) {
  std::map<int, std::uint64_t> ends;
  std::map<pid_t, std::uint64_t> running;
  std::uint64_t started = 0;
  while (started < runs || !running.empty()) {
    while (started < runs && running.size() < jobs) {
      const std::uint64_t seed = first_seed + started++;
      running[start_case(seed, false)] = seed;
    }
    int status = 0;
    const pid_t child = wait(&status);
    const std::uint64_t seed = running.at(child);
    running.erase(child);
    const int end = WIFEXITED(status) ? WEXITSTATUS(status) : kFailed;
    if (end != kRetired && end != kRefused) {
      std::printf("case %llu ended badly: %s %d; lutsim_soak --case %llu shows it\n",
                  static_cast<unsigned long long>(seed), WIFSIGNALED(status) ? "signal" : "status",
                  WIFSIGNALED(status) ? WTERMSIG(status) : end,
                  static_cast<unsigned long long>(seed));
      ++ends[kFailed];
    } else {
      ++ends[end];
    }
    if ((started - running.size()) % 100 == 0) {
      std::fprintf(stderr, "%llu of %llu\n",
                   static_cast<unsigned long long>(started - running.size()),
                   static_cast<unsigned long long>(runs));
    }
  }
  std::printf(
      "%llu machines: %llu retired every command, %llu refused with a reason, %llu failed\n",
      static_cast<unsigned long long>(runs), static_cast<unsigned long long>(ends[kRetired]),
      static_cast<unsigned long long>(ends[kRefused]),
      static_cast<unsigned long long>(ends[kFailed]));
  // Machines that are refused prove nothing: most must run.
  return ends[kFailed] == 0 && ends[kRetired] > runs / 2 ? 0 : 1;
}

}  // namespace
}  // namespace lutsim::soak

int sc_main(int argc, char** argv) {
  CLI::App app("random machines and traces");
  std::uint64_t runs = 100, seed = 1, one = 0;
  unsigned jobs = 2;
  app.add_option("--runs", runs, "machines")->capture_default_str();
  app.add_option("--seed", seed, "of the first machine")->capture_default_str();
  app.add_option("--jobs", jobs, "at a time")->capture_default_str();
  const CLI::Option* single = app.add_option("--case", one, "run the machine of this seed only");
  CLI11_PARSE(app, argc, argv);
  if (*single) return lutsim::soak::run_case(one) == lutsim::soak::kFailed ? 1 : 0;
  return lutsim::soak::soak(runs, seed, jobs);
}
