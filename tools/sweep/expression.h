// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

/// Constraints of a sweep: one comparison of two sums.
///
///   comparison = sum ("<=" | "<" | ">=" | ">" | "==" | "!=") sum
///   sum        = product {("+" | "-") product}
///   product    = factor {("*" | "/") factor}
///   factor     = number [unit] | name | text in quotes | "(" sum ")" | "-" factor
///
/// A name is a dotted path. A number with a unit is in base units: 800 MHz is 8e8. Text is compared
/// with == and != only.
namespace lutsim::tools::sweep {

/// What a name stands for; nothing when it has no value (a metric that the point lacks).
using NamedValue = std::variant<double, std::string>;
using Lookup = std::function<std::optional<NamedValue>(const std::string&)>;

/// A constraint that cannot be read or evaluated. `at` is a byte of the text, from 0.
struct ExpressionError {
  std::size_t at = 0;
  std::string message;
};

struct ExpressionNode;

/// A comparison as read. Copies share the tree, which does not change.
class Comparison {
 public:
  Comparison() = default;

  /// Throws ExpressionError.
  static Comparison parse(const std::string& text);

  /// Every name, in the order of the text.
  const std::vector<std::string>& names() const { return names_; }

  /// Whether it holds; false when a name has no value or a number is no number (0 / 0). Throws
  /// ExpressionError when text is used as a number.
  bool holds(const Lookup& lookup) const;

 private:
  std::shared_ptr<const ExpressionNode> left_, right_;
  std::string relation_;
  std::vector<std::string> names_;
};

}  // namespace lutsim::tools::sweep
