// SPDX-License-Identifier: Apache-2.0
#include "tools/support/interrupt.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <stdexcept>

namespace lutsim::tools {

namespace {

// What a signal handler may touch.
std::atomic<int> signals{0};
std::atomic<const char*> first_notice{nullptr};
std::array<int, 2> kill_pipe{-1, -1};
std::array<struct sigaction, 2> before;
constexpr std::array<int, 2> kSignals{SIGINT, SIGTERM};

void on_signal(int) {
  const int saved = errno;
  if (++signals == 1) {
    const char* notice = first_notice;
    if (::write(STDERR_FILENO, notice, std::strlen(notice)) < 0) errno = saved;
  } else if (::write(kill_pipe[1], "k", 1) < 0) {
    errno = saved;
  }
  errno = saved;
}

}  // namespace

Interrupt::Interrupt(const char* notice) {
  if (::pipe2(kill_pipe.data(), O_CLOEXEC | O_NONBLOCK) != 0)
    throw std::runtime_error("no pipe for signals");
  signals = 0;
  first_notice = notice;
  struct sigaction action {};
  action.sa_handler = on_signal;
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &action, &before[i]);
}

Interrupt::~Interrupt() {
  for (std::size_t i = 0; i < kSignals.size(); ++i) ::sigaction(kSignals[i], &before[i], nullptr);
  for (int& end : kill_pipe) {
    ::close(end);
    end = -1;
  }
}

bool Interrupt::stops() const { return signals > 0; }
int Interrupt::kill_fd() const { return kill_pipe[0]; }

}  // namespace lutsim::tools
