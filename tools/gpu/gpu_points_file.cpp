// SPDX-License-Identifier: Apache-2.0
#include <fstream>
#include <functional>
#include <map>

#include "models/config/diagnostics.h"
#include "tools/gpu/gpu_point.h"
#include "workloads/llm/csv.h"

namespace lutsim::tools {

namespace {

using Setter = std::function<bool(GpuPoint&, const std::string&)>;

Setter text(std::string GpuPoint::*member) {
  return [member](GpuPoint& p, const std::string& value) {
    p.*member = value;
    return true;
  };
}

Setter number(std::uint32_t GpuPoint::*member) {
  return [member](GpuPoint& p, const std::string& value) {
    const bool is_number = value.size() <= 9 &&
                           value.find_first_not_of("0123456789") == std::string::npos &&
                           std::stoul(value) > 0;
    if (is_number) p.*member = static_cast<std::uint32_t>(std::stoul(value));
    return is_number;
  };
}

const std::map<std::string, Setter>& columns() {
  static const std::map<std::string, Setter> all = {
      {"gpu", text(&GpuPoint::gpu)},
      {"tensor_parallel", number(&GpuPoint::tensor_parallel)},
      {"gemm", text(&GpuPoint::gemm)},
      {"model", text(&GpuPoint::model)},
      {"phase", text(&GpuPoint::phase)},
      {"format", text(&GpuPoint::format)},
      {"line", text(&GpuPoint::line)},
      {"batch", number(&GpuPoint::batch)},
      {"context", number(&GpuPoint::context)}};
  return all;
}

std::vector<std::string> names() {
  std::vector<std::string> result;
  for (const auto& column : columns()) result.push_back(column.first);
  return result;
}

}  // namespace

std::vector<GpuPoint> read_gpu_points(const std::filesystem::path& file, const GpuPoint& usual) {
  std::ifstream in(file);
  std::string line;
  if (!in || !std::getline(in, line))
    throw config::InputError(file.string(), "cannot be read, or has no header");
  std::vector<config::Diagnostic> wrong;
  const auto complain = [&](std::uint32_t at, std::string message, std::string hint = {}) {
    wrong.push_back({file.string(), at, 1, std::move(message), std::move(hint), line});
  };
  const std::vector<std::string> header = workloads::split_csv_line(line);
  for (const std::string& name : header) {
    if (columns().count(name) == 0) {
      complain(1, "'" + name + "' is not one of the columns " + config::comma_list(names()),
               config::did_you_mean(name, names()));
    }
  }
  std::vector<GpuPoint> points;
  for (std::uint32_t at = 2; wrong.empty() && std::getline(in, line); ++at) {
    if (line.empty()) continue;
    const std::vector<std::string> fields = workloads::split_csv_line(line);
    if (fields.size() > header.size()) {
      complain(at, "has " + std::to_string(fields.size()) + " fields, the header has " +
                       std::to_string(header.size()));
      break;
    }
    points.push_back(usual);
    for (std::size_t i = 0; i < fields.size(); ++i) {
      if (fields[i].empty()) continue;
      if (!columns().at(header[i])(points.back(), fields[i]))
        complain(at, header[i] + " = " + fields[i] + ": must be a whole number from 1");
    }
  }
  if (!wrong.empty()) throw config::InputError(std::move(wrong));
  return points;
}

}  // namespace lutsim::tools
