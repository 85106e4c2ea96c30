// SPDX-License-Identifier: Apache-2.0
#include "models/config/diagnostics.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <utility>

namespace lutsim::config {
namespace {

/// Blanks as wide as the first `bytes` bytes of `text`: tabs stay tabs, a UTF-8 character is one.
std::string blanks_under(const std::string& text, std::size_t bytes) {
  std::string blanks;
  for (std::size_t i = 0; i < bytes; ++i) {
    const auto byte = i < text.size() ? static_cast<unsigned char>(text[i]) : ' ';
    const bool continues_a_character = (byte & 0xc0u) == 0x80u;
    if (!continues_a_character) blanks += byte == '\t' ? '\t' : ' ';
  }
  return blanks;
}

std::string print_all(const std::vector<Diagnostic>& diagnostics) {
  std::string text;
  for (const Diagnostic& d : diagnostics) text += to_string(d);
  const std::size_t n = diagnostics.size();
  return text + std::to_string(n) + (n == 1 ? " error" : " errors");
}

std::string lower(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text;
}

/// Insertions, deletions, substitutions and exchanges of neighbours that turn a into b (the optimal
/// string alignment distance).
std::size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<std::size_t> before_last(b.size() + 1);
  std::vector<std::size_t> last(b.size() + 1);
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(last.begin(), last.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t substitute = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, substitute});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) {
        row[j] = std::min(row[j], before_last[j - 2] + 1);
      }
    }
    before_last.swap(last);
    last.swap(row);
  }
  return last.back();
}

}  // namespace

std::string to_string(const Diagnostic& d) {
  const std::string line = std::to_string(d.line);
  std::string text = d.file;
  if (d.line > 0) text += ":" + line + ":" + std::to_string(d.column);
  text += ": error: " + d.message + "\n";
  if (d.line > 0 && !d.source_line.empty()) {
    const std::size_t before_caret = d.column > 0 ? d.column - 1 : 0;
    text += "  " + line + " | " + d.source_line + "\n";
    text += "  " + std::string(line.size(), ' ') + " | " +
            blanks_under(d.source_line, before_caret) + "^\n";
  }
  if (!d.hint.empty()) text += "  hint: " + d.hint + "\n";
  return text;
}

InputError::InputError(std::vector<Diagnostic> diagnostics)
    : std::runtime_error(print_all(diagnostics)), diagnostics_(std::move(diagnostics)) {}

InputError::InputError(const std::string& file, const std::string& message, const std::string& hint)
    : InputError(std::vector<Diagnostic>{Diagnostic{file, 0, 0, message, hint, {}}}) {}

std::string at_byte(std::uint64_t offset, const std::string& expected, const std::string& found) {
  return "at byte " + std::to_string(offset) + ": expected " + expected + ", found " + found;
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates) {
  std::string nearest;
  std::size_t smallest = 0;
  for (const std::string& candidate : candidates) {
    const std::size_t distance = edit_distance(lower(name), lower(candidate));
    const std::size_t limit = std::max<std::size_t>(1, std::max(name.size(), candidate.size()) / 3);
    if (distance <= limit && (nearest.empty() || distance < smallest)) {
      nearest = candidate;
      smallest = distance;
    }
  }
  return nearest;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& candidates) {
  const std::string nearest = nearest_name(name, candidates);
  return nearest.empty() ? std::string{} : "did you mean '" + nearest + "'?";
}

std::string comma_list(const std::vector<std::string>& names) {
  std::string text;
  for (const std::string& name : names) text += (text.empty() ? "" : ", ") + name;
  return text;
}

}  // namespace lutsim::config
