// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <string>

/// The command `lutsim`: one file per subcommand, each declares its options and what runs.
namespace lutsim::tools {

/// Exit statuses, the same for every subcommand.
enum ExitStatus {
  kDone = 0,
  kCheckFailed = 1,       ///< it ran and a check did not hold
  kBadInput = 2,          ///< the input is wrong; nothing was written
  kSimulationFailed = 3,  ///< a deadlock, a broken protocol
  kPointsFailed = 4,      ///< a sweep is over, and points of it failed or are missing
  kInterrupted = 130,     ///< results so far are kept
};

/// What subcommands share: how the program was called, and the status that it will return.
struct Session {
  std::string command_line;
  int status = kDone;
};

void add_run_command(CLI::App& app, Session& session);
void add_trace_command(CLI::App& app, Session& session);
void add_quantize_command(CLI::App& app, Session& session);
void add_adapt_command(CLI::App& app, Session& session);
void add_eval_command(CLI::App& app, Session& session);
void add_verify_command(CLI::App& app, Session& session);
void add_energy_command(CLI::App& app, Session& session);
void add_explain_command(CLI::App& app, Session& session);
void add_config_command(CLI::App& app, Session& session);
void add_dram_command(CLI::App& app, Session& session);
void add_gpu_command(CLI::App& app, Session& session);
void add_serve_command(CLI::App& app, Session& session);
void add_compare_command(CLI::App& app, Session& session);
void add_figure_command(CLI::App& app, Session& session);
void add_completion_command(CLI::App& app, Session& session);
void add_report_command(CLI::App& app, Session& session);
void add_sweep_command(CLI::App& app, Session& session);

}  // namespace lutsim::tools
