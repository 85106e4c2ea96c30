// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

/// Liberty as text: groups, attributes, functions.
namespace lutsim::gates {

/// `type (arguments) { attributes groups }`
struct LibertyGroup {
  std::string type;
  std::vector<std::string> arguments;
  /// `name : value;` has one value, `name (a, b);` any number.
  std::vector<std::pair<std::string, std::vector<std::string>>> attributes;
  std::vector<LibertyGroup> groups;

  /// Values of an attribute, or null.
  const std::vector<std::string>* values(const std::string& name) const;
  /// First value of an attribute, or `otherwise`.
  std::string value(const std::string& name, const std::string& otherwise = "") const;
  double number(const std::string& name, double otherwise) const;
};

/// Throws std::runtime_error with the line for text that is no Liberty.
LibertyGroup parse_liberty(const std::string& text);

/// Truth table of a Liberty function such as "(!((S A) + (!S B)))": ! or ' is not, * & or a space
/// and, + | or, ^ exclusive or. Throws std::runtime_error naming what is not understood.
std::uint64_t truth_table(const std::string& function, const std::vector<std::string>& inputs);

}  // namespace lutsim::gates
