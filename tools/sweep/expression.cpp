// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/expression.h"

#include <cctype>
#include <cmath>

#include "models/config/units.h"

namespace lutsim::tools::sweep {

/// A leaf holds a value or a name, every other node an operator ('n' negates its left side).
struct ExpressionNode {
  char op = 0;
  std::size_t at = 0;
  NamedValue value = 0.0;
  std::string name;
  std::shared_ptr<const ExpressionNode> left, right;
};

namespace {

using NodePtr = std::shared_ptr<const ExpressionNode>;

constexpr std::size_t kDeepest = 64;  // parentheses and signs; a reader is a recursion

/// The unit of any dimension that is called so.
const config::UnitName* find_unit(const std::string& name) {
  using spec::Unit;
  for (const Unit unit : {Unit::bit, Unit::byte, Unit::hertz, Unit::second, Unit::bit_per_second,
                          Unit::byte_per_second, Unit::joule, Unit::watt, Unit::square_metre,
                          Unit::volt, Unit::metre}) {
    for (const config::UnitName& u : config::unit_names(unit)) {
      if (name == u.name) return &u;
    }
  }
  return nullptr;
}

class Parser {
 public:
  Parser(const std::string& text, std::vector<std::string>& names) : text_(text), names_(names) {}

  NodePtr sum() {
    NodePtr left = product();
    while (peek() == '+' || peek() == '-') left = binary(left, &Parser::product);
    return left;
  }

  std::string relation() {
    skip();
    for (const char* r : {"<=", ">=", "==", "!=", "<", ">"}) {
      const std::string name = r;
      if (text_.compare(at_, name.size(), name) == 0) {
        at_ += name.size();
        return name;
      }
    }
    throw ExpressionError{at_, "expected a comparison: <=, <, >=, >, == or !="};
  }

  void end() {
    skip();
    if (at_ < text_.size()) throw ExpressionError{at_, "unexpected '" + text_.substr(at_) + "'"};
  }

 private:
  NodePtr product() {
    NodePtr left = factor();
    while (peek() == '*' || peek() == '/') left = binary(left, &Parser::factor);
    return left;
  }

  NodePtr binary(NodePtr left, NodePtr (Parser::*operand)()) {
    auto node = std::make_shared<ExpressionNode>();
    node->at = at_;
    node->op = text_[at_++];
    node->left = std::move(left);
    node->right = (this->*operand)();
    return node;
  }

  NodePtr factor() {
    const char c = peek();
    auto node = std::make_shared<ExpressionNode>();
    node->at = at_;
    if (c == '(' || c == '-') {
      if (++depth_ > kDeepest) throw ExpressionError{at_, "too deep"};
      ++at_;
      NodePtr inside = c == '(' ? sum() : factor();
      --depth_;
      if (c == '-') {
        node->op = 'n';
        node->left = std::move(inside);
        return node;
      }
      if (peek() != ')') throw ExpressionError{at_, "expected ')'"};
      ++at_;
      return inside;
    }
    if (c == '"' || c == '\'') {
      const std::size_t close = text_.find(c, at_ + 1);
      if (close == std::string::npos) throw ExpressionError{at_, "a quote is not closed"};
      node->value = text_.substr(at_ + 1, close - at_ - 1);
      at_ = close + 1;
      return node;
    }
    if (std::isdigit(static_cast<unsigned char>(c)) != 0) {
      node->value = number();
      return node;
    }
    node->name = word("_.");
    if (node->name.empty() || std::isalpha(static_cast<unsigned char>(node->name[0])) == 0)
      throw ExpressionError{node->at, "expected a number, a name, a text in quotes or '('"};
    names_.push_back(node->name);
    return node;
  }

  double number() {
    const std::size_t begin = at_;
    const auto parts = config::split_number(text_.substr(at_));
    if (!parts) throw ExpressionError{begin, "not a number"};
    at_ = begin + parts->number.size();
    const std::size_t after = at_;
    skip();
    const std::string name = word("/");
    if (name.empty()) at_ = after;
    const config::UnitName* unit = name.empty() ? nullptr : find_unit(name);
    if (!name.empty() && unit == nullptr)
      throw ExpressionError{after, "unknown unit '" + name + "'"};
    const auto value = config::to_double(parts->number, unit);
    if (!value) throw ExpressionError{begin, "too large or too small for a double"};
    return *value;
  }

  /// Letters, digits and what `more` has; a unit with '/' ("GB/s") begins with a letter.
  std::string word(const std::string& more) {
    const std::size_t begin = at_;
    while (at_ < text_.size() && (std::isalnum(static_cast<unsigned char>(text_[at_])) != 0 ||
                                  (at_ > begin && more.find(text_[at_]) != std::string::npos)))
      ++at_;
    return text_.substr(begin, at_ - begin);
  }

  void skip() {
    while (at_ < text_.size() && text_[at_] == ' ') ++at_;
  }
  char peek() {
    skip();
    return at_ < text_.size() ? text_[at_] : '\0';
  }

  const std::string& text_;
  std::vector<std::string>& names_;
  std::size_t at_ = 0, depth_ = 0;
};

std::optional<NamedValue> evaluate(const ExpressionNode& node, const Lookup& lookup);

std::optional<double> number_of(const ExpressionNode& node, const Lookup& lookup) {
  const auto value = evaluate(node, lookup);
  if (!value) return std::nullopt;
  if (const double* number = std::get_if<double>(&*value)) return *number;
  throw ExpressionError{node.at, "'" + std::get<std::string>(*value) + "' is text, not a number"};
}

std::optional<NamedValue> evaluate(const ExpressionNode& node, const Lookup& lookup) {
  if (node.op == 0) return node.name.empty() ? std::optional(node.value) : lookup(node.name);
  const auto left = number_of(*node.left, lookup);
  if (!left) return std::nullopt;
  if (node.op == 'n') return -*left;
  const auto right = number_of(*node.right, lookup);
  if (!right) return std::nullopt;
  switch (node.op) {
    case '+':
      return *left + *right;
    case '-':
      return *left - *right;
    case '*':
      return *left * *right;
    default:
      return *left / *right;
  }
}

}  // namespace

Comparison Comparison::parse(const std::string& text) {
  Comparison result;
  Parser parser(text, result.names_);
  result.left_ = parser.sum();
  result.relation_ = parser.relation();
  result.right_ = parser.sum();
  parser.end();
  return result;
}

bool Comparison::holds(const Lookup& lookup) const {
  const auto left = evaluate(*left_, lookup);
  const auto right = evaluate(*right_, lookup);
  if (!left || !right) return false;
  if (relation_ == "==" || relation_ == "!=") {
    if (left->index() != right->index())
      throw ExpressionError{right_->at, "text is compared with a number"};
    const double* number = std::get_if<double>(&*left);
    if (number != nullptr && (std::isnan(*number) || std::isnan(std::get<double>(*right))))
      return false;
    return (*left == *right) == (relation_ == "==");
  }
  const double a = number_of(*left_, lookup).value(), b = number_of(*right_, lookup).value();
  if (relation_ == "<=") return a <= b;
  if (relation_ == "<") return a < b;
  return relation_ == ">=" ? a >= b : a > b;
}

}  // namespace lutsim::tools::sweep
