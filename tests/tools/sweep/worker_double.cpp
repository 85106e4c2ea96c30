// SPDX-License-Identifier: Apache-2.0
#include <signal.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <iterator>
#include <string>
#include <vector>

/// Stands in for `lutsim sweep-point`: numbers from the configuration alone, in no time, and faults
/// for some values of dma.setup_cycles. Called with --fidelity F CONFIG. Appends the name of CONFIG
/// to the file $LUTSIM_TEST_CALLS.
namespace {

/// The number behind a key of the YAML file, inside a block.
double number(const std::string& text, const std::string& block, const std::string& key) {
  const std::size_t at = text.find("\n" + block + ":\n");
  const std::size_t found = text.find(" " + key + ": ", at == std::string::npos ? 0 : at);
  return found == std::string::npos ? 0 : std::atof(text.c_str() + found + key.size() + 3);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) return 2;
  std::ifstream stream(argv[3]);
  const std::string text((std::istreambuf_iterator<char>(stream)),
                         std::istreambuf_iterator<char>());
  if (const char* calls = std::getenv("LUTSIM_TEST_CALLS"))
    std::ofstream(calls, std::ios::app) << argv[3] << "\n";
  // The second level of a run: "arch:" holds "  matrix:".
  const double mu = number(text, "  matrix", "mu"), rows = number(text, "  matrix", "array_rows");
  const double fault = number(text, "  dma", "setup_cycles");
  if (fault == 101) ::raise(SIGSEGV);
  if (fault == 102) {
    const pid_t grandchild = ::fork();
    if (const char* file = std::getenv("LUTSIM_TEST_GRANDCHILD"); file != nullptr && grandchild > 0)
      std::ofstream(file) << grandchild;
    ::sleep(600);
  }
  if (fault == 103) {
    std::vector<std::vector<char>> all;
    for (;;) all.emplace_back(std::size_t{16} << 20, 'x');
  }
  if (fault == 104) {
    std::cerr << "simulation failed: a deadlock\nmore\n";
    return 3;
  }
  if (fault == 105) {
    std::cerr << "error: these values do not go together\n";
    return 2;
  }
  if (fault == 106) {
    std::cout << "{\"metrics\": 1";  // torn
    return 0;
  }
  if (const char* pause = std::getenv("LUTSIM_TEST_PAUSE_MS"))
    ::usleep(static_cast<useconds_t>(std::atoi(pause)) * 1000);
  const bool is_bound = std::strcmp(argv[2], "bound") == 0;
  const double time = (is_bound ? 0.5 : 1.0) / (mu * rows), area = mu * mu + rows;
  std::printf(
      "{\"metrics\": {\"time_s.total\": %.17g, \"area_mm2.total\": %.17g, \"energy_j.total\": "
      "%.17g},"
      " \"intervals\": {\"energy_j.total\": [%.17g, %.17g]},"
      " \"constants\": [{\"name\": \"c\", \"value\": 2, \"unit\": \"J\", \"low\": 1, \"high\": 3, "
      "\"source\": \"test\", \"confidence\": \"guessed\"}], \"amounts\": {\"c\": %.17g}}\n",
      time, area, 2 * mu, mu, 3 * mu, mu);
  return 0;
}
