// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/shape_check.h"

#include <type_traits>
#include <vector>

#include "models/config/diagnostics.h"
#include "models/transformer/golden_support.h"

namespace lutsim::workloads {
namespace {

std::string number(double value) {
  const auto integer = static_cast<std::int64_t>(value);
  return static_cast<double>(integer) == value ? std::to_string(integer) : std::to_string(value);
}

}  // namespace

std::string shape_error(const models::ModelShape& shape) {
  std::string error;
  spec::for_each_field<models::ModelShape>([&](const auto& field) {
    using Value = typename std::decay_t<decltype(field)>::Value;
    if constexpr (std::is_arithmetic_v<Value> && !std::is_same_v<Value, bool>) {
      const auto value = static_cast<double>(shape.*field.member);
      if (error.empty() && !(value >= field.min && value <= field.max)) {
        error = std::string(field.key) + " = " + number(value) + " is outside " +
                number(field.min) + ".." + number(field.max);
      }
    }
  });
  if (!error.empty()) return error;
  error = models::shape_problem(shape);
  if (!error.empty()) return error;
  const std::vector<std::string> missing = models::beyond_golden(shape);
  if (!missing.empty()) {
    return "the golden transformer does not compute " + config::comma_list(missing);
  }
  return {};
}

}  // namespace lutsim::workloads
