// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

namespace lutsim::tools {

/// How a child process ended.
struct ProcessResult {
  int status = -1;         ///< exit status, 128 + signal if it was killed
  bool timed_out = false;  ///< it was killed because its time was over
  std::string out;         ///< its standard output
  std::string err;         ///< its standard error, unless that was left with this process
};

struct ProcessOptions {
  double timeout_s = 0;                  ///< 0: none
  std::vector<std::string> environment;  ///< NAME=VALUE, added to that of this process
  bool collect_err = true;               ///< otherwise standard error is that of this process
};

/// Runs a program (found in PATH unless it has a slash) until it ends. May be called by several
/// threads. Throws std::runtime_error if it cannot be started.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options = {});

/// Whether PATH holds an executable of that name.
bool is_installed(const std::string& program);

}  // namespace lutsim::tools
