// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lutsim::tools {

/// How a child process ended.
struct ProcessResult {
  int status = -1;               ///< exit status, 128 + signal if it was killed
  bool timed_out = false;        ///< it was killed because its time was over
  bool cancelled = false;        ///< it was killed because ProcessOptions::cancel_fd asked for it
  double cpu_s = 0;              ///< user and system time of it and of what it waited for
  std::uint64_t peak_bytes = 0;  ///< largest resident set
  std::string out;               ///< its standard output
  std::string err;               ///< its standard error, unless that was left with this process
};

struct ProcessOptions {
  double timeout_s = 0;                  ///< 0: none
  std::vector<std::string> environment;  ///< NAME=VALUE, added to that of this process
  bool collect_err = true;               ///< otherwise standard error is that of this process
  std::uint64_t address_space = 0;       ///< bytes that it may map; 0: no limit
  /// A process group of its own: a Ctrl-C in the terminal does not reach it, a kill reaches what it
  /// started, and it is killed when the thread that started it goes, also by SIGKILL.
  bool own_group = false;
  int cancel_fd = -1;  ///< when something can be read from it, the process is killed
};

/// Runs a program (found in PATH unless it has a slash) until it ends. May be called by several
/// threads. Throws std::runtime_error if it cannot be started.
ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options = {});

/// Whether PATH holds an executable of that name.
bool is_installed(const std::string& program);

}  // namespace lutsim::tools
