// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <chrono>
#include <cstdint>
#include <string>

namespace lutsim::tools {

/// Progress of something long, on standard error. On a terminal one line that redraws itself five
/// times a second; elsewhere, or with CI set, one plain line every 30 seconds.
class Progress {
 public:
  explicit Progress(std::string what);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  /// `done` of `total` units of work, 0 < done <= total.
  void update(std::uint64_t done, std::uint64_t total);
  /// Removes the line.
  void finish();

 private:
  using Clock = std::chrono::steady_clock;
  std::string what_;
  bool terminal_;
  bool drawn_ = false;
  Clock::time_point start_;
  Clock::time_point last_;
};

}  // namespace lutsim::tools
