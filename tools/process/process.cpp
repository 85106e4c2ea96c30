// SPDX-License-Identifier: Apache-2.0
#include "tools/process/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <cstring>
#include <sstream>
#include <stdexcept>

namespace lutsim::tools {
namespace {

using Clock = std::chrono::steady_clock;

/// Both ends close on exec: a child of another thread must not keep them open.
struct Pipe {
  int read_end = -1, write_end = -1;
  Pipe() {
    int ends[2];
    if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error("no pipe for a child process");
    read_end = ends[0];
    write_end = ends[1];
  }
  ~Pipe() {
    close_write();
    ::close(read_end);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  void close_write() {
    if (write_end >= 0) ::close(write_end);
    write_end = -1;
  }
};

/// `words` followed by null; they must not change.
std::vector<char*> pointers(std::vector<std::string>& words) {
  std::vector<char*> list;
  list.reserve(words.size() + 1);
  for (std::string& word : words) list.push_back(word.data());
  list.push_back(nullptr);
  return list;
}

/// Between fork and exec: only calls that a signal handler may make. Returns when something failed.
void become(const ProcessOptions& options, const Pipe& out, const Pipe& err, pid_t parent,
            char* const* arguments, char* const* environment) {
  if (options.own_group) {
    ::setpgid(0, 0);
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != parent) ::_exit(127);
  }
  if (options.address_space > 0) {
    const rlimit limit{options.address_space, options.address_space};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) return;
  }
  if (::dup2(out.write_end, STDOUT_FILENO) < 0) return;
  if (options.collect_err && ::dup2(err.write_end, STDERR_FILENO) < 0) return;
  ::execvpe(arguments[0], arguments, environment);
}

/// Reads both until they end or the process has to go; whether they ended.
bool collect(Pipe& out, Pipe& err, ProcessResult& result, const ProcessOptions& options) {
  const Clock::time_point begin = Clock::now();
  pollfd files[3] = {
      {out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}, {options.cancel_fd, POLLIN, 0}};
  std::string* texts[2] = {&result.out, &result.err};
  while (files[0].fd >= 0 || files[1].fd >= 0) {
    int wait_ms = -1;
    if (options.timeout_s > 0) {
      const double left =
          options.timeout_s - std::chrono::duration<double>(Clock::now() - begin).count();
      if (left <= 0) {
        result.timed_out = true;
        return false;
      }
      wait_ms = static_cast<int>(left * 1000) + 1;
    }
    if (::poll(files, 3, wait_ms) < 0) {
      if (errno == EINTR) continue;
      return false;
    }
    if (files[2].revents != 0) {
      result.cancelled = true;
      return false;
    }
    for (int i = 0; i < 2; ++i) {
      if (files[i].fd < 0 || files[i].revents == 0) continue;
      char buffer[4096];
      const ssize_t count = ::read(files[i].fd, buffer, sizeof buffer);
      if (count > 0) texts[i]->append(buffer, static_cast<std::size_t>(count));
      if (count == 0) files[i].fd = -1;
    }
  }
  return true;
}

}  // namespace

ProcessResult run_process(const std::vector<std::string>& arguments,
                          const ProcessOptions& options) {
  Pipe out, err;
  std::vector<std::string> words = arguments;
  std::vector<std::string> environment = options.environment;
  for (char** variable = environ; *variable != nullptr; ++variable) {
    environment.emplace_back(*variable);
  }

  const std::vector<char*> argument_list = pointers(words), variables = pointers(environment);
  const pid_t parent = ::getpid();
  Pipe failure;  // closes by itself when the program starts; otherwise it carries errno
  const pid_t child = ::fork();
  if (child == 0) {
    become(options, out, err, parent, argument_list.data(), variables.data());
    const int reason = errno;
    if (::write(failure.write_end, &reason, sizeof reason) < 0) ::_exit(126);
    ::_exit(127);
  }
  if (child < 0) throw std::runtime_error(words.at(0) + " cannot be started: no process");
  failure.close_write();
  int reason = 0;
  ssize_t count = 0;
  while ((count = ::read(failure.read_end, &reason, sizeof reason)) < 0 && errno == EINTR) {
  }
  if (count == sizeof reason) {
    while (::waitpid(child, nullptr, 0) < 0 && errno == EINTR) {
    }
    throw std::runtime_error(words.at(0) + " cannot be started: " + std::strerror(reason));
  }
  out.close_write();
  err.close_write();

  ProcessResult result;
  if (!collect(out, err, result, options)) ::kill(options.own_group ? -child : child, SIGKILL);
  int status = 0;
  rusage usage{};
  while (::wait4(child, &status, 0, &usage) < 0 && errno == EINTR) {
  }
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  result.cpu_s = seconds(usage.ru_utime) + seconds(usage.ru_stime);
  result.peak_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
  result.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return result;
}

bool is_installed(const std::string& program) {
  const char* path = std::getenv("PATH");
  std::istringstream folders(path == nullptr ? "" : path);
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (::access(folder.append("/").append(program).c_str(), X_OK) == 0) return true;
  }
  return false;
}

}  // namespace lutsim::tools
