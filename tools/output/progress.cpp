// SPDX-License-Identifier: Apache-2.0
#include "tools/output/progress.h"

#include <fmt/core.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <utility>

namespace lutsim::tools {

using namespace std::chrono_literals;

Progress::Progress(std::string what)
    : what_(std::move(what)),
      terminal_(::isatty(STDERR_FILENO) == 1 && std::getenv("CI") == nullptr),
      start_(Clock::now()),
      last_(start_) {}

Progress::~Progress() { finish(); }

void Progress::update(std::uint64_t done, std::uint64_t total) {
  const auto now = Clock::now();
  if (now - last_ < (terminal_ ? Clock::duration(200ms) : Clock::duration(30s))) return;
  last_ = now;
  const double elapsed = std::chrono::duration<double>(now - start_).count();
  const double share = static_cast<double>(done) / static_cast<double>(total);
  const double left = share > 0 ? elapsed / share - elapsed : 0;
  constexpr int kBar = 20;
  const int full = static_cast<int>(kBar * share);
  fmt::print(
      stderr, "{}{}: {}{:5.1f} %, {:.3g}/s, {:.0f} s left{}", terminal_ ? "\r\033[K" : "", what_,
      terminal_ ? fmt::format("[{}{}] ", std::string(full, '#'), std::string(kBar - full, '-'))
                : "",
      100 * share, elapsed > 0 ? static_cast<double>(done) / elapsed : 0, left,
      terminal_ ? "" : "\n");
  std::fflush(stderr);
  drawn_ = true;
}

void Progress::finish() {
  if (drawn_ && terminal_) fmt::print(stderr, "\r\033[K");
  drawn_ = false;
}

}  // namespace lutsim::tools
