// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/liberty_syntax.h"

#include <algorithm>
#include <cctype>
#include <cstdlib>
#include <stdexcept>

namespace lutsim::gates {
namespace {

/// Words, strings without their quotes, and single punctuation marks; comments and line ends are
/// skipped.
class Tokens {
 public:
  explicit Tokens(const std::string& text) : text_(text) { advance(); }

  bool end() const { return token_.empty() && !quoted_; }
  bool is(const char* mark) const { return !quoted_ && token_ == mark; }
  std::string take() {
    std::string token = token_;
    advance();
    return token;
  }
  void expect(const char* mark) {
    if (!is(mark)) fail(std::string("expected '") + mark + "', got '" + token_ + "'");
    advance();
  }
  [[noreturn]] void fail(const std::string& what) const {
    const auto line =
        std::count(text_.begin(), text_.begin() + static_cast<std::ptrdiff_t>(at_), '\n');
    throw std::runtime_error("Liberty, line " + std::to_string(line + 1) + ": " + what);
  }

 private:
  void skip() {
    for (;;) {
      while (at_ < text_.size() && (std::isspace(text_[at_]) || text_[at_] == '\\')) ++at_;
      if (text_.compare(at_, 2, "/*") != 0) return;
      const std::size_t close = text_.find("*/", at_ + 2);
      if (close == std::string::npos) fail("a comment without an end");
      at_ = close + 2;
    }
  }
  void advance() {
    skip();
    token_.clear();
    quoted_ = false;
    if (at_ >= text_.size()) return;
    if (text_[at_] == '"') {
      const std::size_t close = text_.find('"', at_ + 1);
      if (close == std::string::npos) fail("a string without an end");
      token_ = text_.substr(at_ + 1, close - at_ - 1);
      quoted_ = true;
      at_ = close + 1;
      return;
    }
    const std::string marks = "(){}:;,";
    if (marks.find(text_[at_]) != std::string::npos) {
      token_ = text_[at_++];
      return;
    }
    while (at_ < text_.size() && !std::isspace(text_[at_]) &&
           marks.find(text_[at_]) == std::string::npos && text_[at_] != '"') {
      token_ += text_[at_++];
    }
  }

  const std::string& text_;
  std::size_t at_ = 0;
  std::string token_;
  bool quoted_ = false;
};

void read_body(Tokens& tokens, LibertyGroup* group) {
  while (!tokens.is("}")) {
    if (tokens.end()) tokens.fail("group '" + group->type + "' without an end");
    const std::string name = tokens.take();
    if (tokens.is(":")) {
      tokens.take();
      group->attributes.push_back({name, {tokens.take()}});
      if (tokens.is(";")) tokens.take();
      continue;
    }
    tokens.expect("(");
    std::vector<std::string> arguments;
    while (!tokens.is(")")) {
      if (tokens.end()) tokens.fail("'" + name + "' without ')'");
      if (tokens.is(",")) {
        tokens.take();
      } else {
        arguments.push_back(tokens.take());
      }
    }
    tokens.expect(")");
    if (tokens.is("{")) {
      tokens.take();
      LibertyGroup child{name, std::move(arguments), {}, {}};
      read_body(tokens, &child);
      group->groups.push_back(std::move(child));
    } else {
      group->attributes.push_back({name, std::move(arguments)});
      if (tokens.is(";")) tokens.take();
    }
  }
  tokens.expect("}");
}

/// Recursive descent over a Liberty function; values are truth tables.
class FunctionParser {
 public:
  FunctionParser(const std::string& text, const std::vector<std::string>& inputs)
      : text_(text), inputs_(inputs) {}
  std::uint64_t parse() {
    const std::uint64_t value = sum();
    skip();
    if (at_ != text_.size()) fail();
    const std::size_t rows = std::size_t{1} << inputs_.size();
    return rows == 64 ? value : value & ((std::uint64_t{1} << rows) - 1);
  }

 private:
  [[noreturn]] void fail() const {
    throw std::runtime_error("Liberty: function '" + text_ + "' is not understood at character " +
                             std::to_string(at_ + 1));
  }
  void skip() {
    while (at_ < text_.size() && std::isspace(text_[at_])) ++at_;
  }
  bool next_is(const char* marks) {
    skip();
    return at_ < text_.size() && std::string(marks).find(text_[at_]) != std::string::npos;
  }
  std::uint64_t sum() {
    std::uint64_t value = exclusive();
    while (next_is("+|")) {
      ++at_;
      value |= exclusive();
    }
    return value;
  }
  std::uint64_t exclusive() {
    std::uint64_t value = product();
    while (next_is("^")) {
      ++at_;
      value ^= product();
    }
    return value;
  }
  std::uint64_t product() {
    std::uint64_t value = factor();
    for (;;) {
      if (next_is("*&")) ++at_;
      skip();
      const bool more = at_ < text_.size() && (std::isalnum(text_[at_]) || text_[at_] == '(' ||
                                               text_[at_] == '!' || text_[at_] == '_');
      if (!more) return value;
      value &= factor();
    }
  }
  std::uint64_t factor() {
    std::uint64_t value = 0;
    if (next_is("!")) {
      ++at_;
      return ~factor();
    }
    if (next_is("(")) {
      ++at_;
      value = sum();
      if (!next_is(")")) fail();
      ++at_;
    } else {
      value = name();
    }
    while (next_is("'")) {
      ++at_;
      value = ~value;
    }
    return value;
  }
  std::uint64_t name() {
    skip();
    std::string word;
    while (at_ < text_.size() && (std::isalnum(text_[at_]) || text_[at_] == '_'))
      word += text_[at_++];
    if (word == "0") return 0;
    if (word == "1") return ~std::uint64_t{0};
    const auto found = std::find(inputs_.begin(), inputs_.end(), word);
    if (found == inputs_.end()) fail();
    const auto bit = static_cast<std::size_t>(found - inputs_.begin());
    std::uint64_t value = 0;
    for (std::size_t row = 0; row < 64; ++row) value |= std::uint64_t{(row >> bit) & 1} << row;
    return value;
  }

  const std::string& text_;
  const std::vector<std::string>& inputs_;
  std::size_t at_ = 0;
};

}  // namespace

const std::vector<std::string>* LibertyGroup::values(const std::string& name) const {
  for (const auto& attribute : attributes) {
    if (attribute.first == name) return &attribute.second;
  }
  return nullptr;
}

std::string LibertyGroup::value(const std::string& name, const std::string& otherwise) const {
  const auto* list = values(name);
  return list == nullptr || list->empty() ? otherwise : list->front();
}

double LibertyGroup::number(const std::string& name, double otherwise) const {
  const std::string text = value(name);
  return text.empty() ? otherwise : std::strtod(text.c_str(), nullptr);
}

LibertyGroup parse_liberty(const std::string& text) {
  Tokens tokens(text);
  LibertyGroup file{"file", {}, {}, {}};
  const std::string type = tokens.take();
  tokens.expect("(");
  const std::string name = tokens.take();
  tokens.expect(")");
  tokens.expect("{");
  LibertyGroup library{type, {name}, {}, {}};
  read_body(tokens, &library);
  return library;
}

std::uint64_t truth_table(const std::string& function, const std::vector<std::string>& inputs) {
  return FunctionParser(function, inputs).parse();
}

}  // namespace lutsim::gates
