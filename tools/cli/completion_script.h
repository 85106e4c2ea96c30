// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <array>
#include <string>
#include <vector>

#include "models/spec/field.h"

/// Completion of the command line by shells, made from the options as CLI11 knows them.
namespace lutsim::tools {

enum class Shell { bash, zsh, fish };
inline auto enum_names(Shell) {
  return std::array<spec::EnumName<Shell>, 3>{
      {{Shell::bash, "bash"}, {Shell::zsh, "zsh"}, {Shell::fish, "fish"}}};
}

/// A list of words that the value of an option comes from.
struct WordList {
  std::string name;                  ///< "arch"
  std::vector<std::string> options;  ///< that take one of it: "--arch"
  std::vector<std::string> (*words)();
};
const std::vector<WordList>& word_lists();

/// The words of a list. Throws config::InputError with the nearest name.
std::vector<std::string> words_of(const std::string& list);

/// The script that a shell reads to complete `app`.
std::string completion_script(Shell shell, const CLI::App& app);

}  // namespace lutsim::tools
