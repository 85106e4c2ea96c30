// SPDX-License-Identifier: Apache-2.0
#pragma once

namespace lutsim::tools {

/// SIGINT and SIGTERM while it lives: the first asks to stop, the second to stop at once. One at a
/// time in a process.
class Interrupt {
 public:
  /// `notice`, a literal, goes to standard error at the first signal.
  explicit Interrupt(const char* notice);
  ~Interrupt();
  Interrupt(const Interrupt&) = delete;
  Interrupt& operator=(const Interrupt&) = delete;

  bool stops() const;
  /// Can be read from after the second signal (ProcessOptions::cancel_fd).
  int kill_fd() const;
};

}  // namespace lutsim::tools
