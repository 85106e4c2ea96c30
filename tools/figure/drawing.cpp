// SPDX-License-Identifier: Apache-2.0
#include "tools/figure/drawing.h"

#include <fmt/core.h>

#include <cstdlib>
#include <stdexcept>
#include <vector>

#include "models/config/data_root.h"
#include "models/config/diagnostics.h"
#include "tools/process/process.h"

namespace lutsim::tools::figure {

namespace {

constexpr int kRefused = 2;  // exit status of a script: the CSV is wrong

bool has_matplotlib(const std::string& python) {
  try {
    return run_process({python, "-c", "import matplotlib"}).status == 0;
  } catch (const std::runtime_error&) {  // there is no such program
    return false;
  }
}

std::string without_newline(std::string text) {
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

}  // namespace

std::string python_with_matplotlib() {
  const char* chosen = std::getenv("LUTSIM_PYTHON");
  std::vector<std::string> candidates{"/usr/bin/python3", "python3"};
  if (chosen != nullptr && *chosen != '\0') candidates = {chosen};
  for (const std::string& python : candidates) {
    if (has_matplotlib(python)) return python;
  }
  throw config::InputError(
      "lutsim figure", "matplotlib is missing in " + config::comma_list(candidates),
      "apt-get install python3-matplotlib, or name a Python that has it in LUTSIM_PYTHON");
}

void draw(const std::string& python, const std::string& figure, const std::filesystem::path& csv,
          const std::filesystem::path& stem, double width_inches) {
  const auto script = config::data_root() / "tools/figure/scripts" / (figure + ".py");
  const ProcessResult drawn =
      run_process({python, "-B", script.string(), csv.string(), stem.string(), "--width",
                   fmt::format("{}", width_inches)});
  if (drawn.status == kRefused) {
    throw config::InputError(csv.string(), without_newline(drawn.err));
  }
  if (drawn.status != 0) {
    throw std::runtime_error(script.string() + ": " + without_newline(drawn.err));
  }
}

}  // namespace lutsim::tools::figure
