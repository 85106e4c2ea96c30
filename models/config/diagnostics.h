// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

/// How lutsim says that an input is wrong. Every reader of an outside file throws InputError; the
/// command maps it to exit status 2.
namespace lutsim::config {

/// One thing that is wrong with an input.
struct Diagnostic {
  std::string file;              ///< path as the user gave it, or "<--set #1>"
  std::uint32_t line = 0;        ///< from 1; 0 when the input has no lines
  std::uint32_t column = 0;      ///< from 1, in bytes; 0 when `line` is 0
  std::string message;           ///< what was expected and what was found
  std::string hint = {};         ///< whole sentence that tells the way out, may be empty
  std::string source_line = {};  ///< text of `line`, may be empty
};

/// `file:line:col: error: message`, the source line with a caret, and the hint; ends with a
/// newline.
std::string to_string(const Diagnostic& diagnostic);

/// An input that lutsim refuses. what() prints all diagnostics and ends in a line "N errors".
class InputError : public std::runtime_error {
 public:
  /// Precondition: `diagnostics` is not empty.
  explicit InputError(std::vector<Diagnostic> diagnostics);

  /// One error about an input without lines (a binary file, a missing file, an option).
  InputError(const std::string& file, const std::string& message, const std::string& hint = {});

  const std::vector<Diagnostic>& diagnostics() const { return diagnostics_; }

 private:
  std::vector<Diagnostic> diagnostics_;
};

/// "at byte N: expected EXPECTED, found FOUND": the message of an error in a binary file.
std::string at_byte(std::uint64_t offset, const std::string& expected, const std::string& found);

/// The candidate with the smallest edit distance to `name`, upper and lower case being equal; empty
/// when none is near enough to be a slip of the hand (more than a third of the longer word
/// differs).
std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates);

/// "did you mean 'x'?" with the nearest name; empty when there is none.
std::string did_you_mean(const std::string& name, const std::vector<std::string>& candidates);

/// "a, b, c"
std::string comma_list(const std::vector<std::string>& names);

}  // namespace lutsim::config
