// SPDX-License-Identifier: Apache-2.0
#include "tools/run/gpu_selection.h"

#include <algorithm>
#include <vector>

#include "models/config/diagnostics.h"
#include "tools/support/choice.h"
#include "tools/support/split.h"

namespace lutsim::tools {

using models::GpuLine;
using models::GpuPrecision;

namespace {

[[noreturn]] void refuse(const std::string& text, const std::string& part) {
  std::vector<std::string> names = choice_names<GpuPrecision>();
  for (const std::string& line : choice_names<GpuLine>()) names.push_back(line);
  throw config::InputError(
      text,
      "'" + part + "' is neither a count, a precision nor a line: " + config::comma_list(names),
      config::did_you_mean(part, names));
}

}  // namespace

std::string GpuSelection::name() const {
  return gpu.name + (count == 1 ? "" : ":" + std::to_string(count));
}

std::string GpuSelection::title() const {
  return (count == 1 ? "" : std::to_string(count) + " x ") + gpu.title;
}

GpuSelection parse_gpu_selection(const std::string& text) {
  const std::vector<std::string> parts = split(text, ':');
  if (parts.empty()) throw config::InputError("--gpu", "a GPU has no name");
  std::size_t next = 1;
  const bool has_count = parts.size() > 1 && !parts[1].empty() &&
                         parts[1].find_first_not_of("0123456789") == std::string::npos;
  const models::GpuGroup group =
      models::load_gpu_group(has_count ? parts[0] + ":" + parts[1] : parts[0]);
  if (has_count) next = 2;
  GpuSelection selection{group.gpu, std::max(1u, group.count), {}, {}};
  for (; next < parts.size(); ++next) {
    if (const auto precision = find_choice<GpuPrecision>(parts[next])) {
      selection.precision = precision;
    } else if (const auto line = find_choice<GpuLine>(parts[next])) {
      selection.line = line;
    } else {
      refuse(text, parts[next]);
    }
  }
  return selection;
}

}  // namespace lutsim::tools
