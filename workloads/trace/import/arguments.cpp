// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/import/arguments.h"

namespace lutsim::workloads {

namespace {

using nlohmann::json;

constexpr const char* kTensor = "Tensor(";
constexpr std::size_t kStorageOfValue = 1;

SourceArgument read_tensor(const json& value, const json& shape, const std::string& type) {
  SourceArgument argument;
  const std::size_t begin = std::string(kTensor).size();
  argument.type = type.substr(begin, type.size() - begin - 1);
  if (shape.is_array()) {
    for (const json& d : shape) {
      if (!d.is_number_unsigned()) return argument;
      argument.shape.push_back(d.get<std::uint64_t>());
    }
  }
  if (value.is_array() && value.size() > kStorageOfValue &&
      value[kStorageOfValue].is_number_unsigned()) {
    argument.storage = value[kStorageOfValue].get<std::uint64_t>();
  }
  return argument;
}

}  // namespace

std::vector<SourceArgument> read_arguments(const json& values, const json& shapes,
                                           const json& types) {
  std::vector<SourceArgument> arguments;
  for (std::size_t i = 0; i < types.size(); ++i) {
    const std::string type = types[i].is_string() ? types[i].get<std::string>() : "";
    const json none;
    const json& value = i < values.size() ? values[i] : none;
    const json& shape = i < shapes.size() ? shapes[i] : none;
    if (type.rfind(kTensor, 0) == 0 && type.back() == ')') {
      arguments.push_back(read_tensor(value, shape, type));
      continue;
    }
    SourceArgument argument;
    argument.type = type;
    argument.scalar = value.is_string() ? value.get<std::string>() : value.dump();
    arguments.push_back(std::move(argument));
  }
  return arguments;
}

}  // namespace lutsim::workloads
