// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "models/config/diagnostics.h"

/// A YAML document as it was written, before anybody asks what it means.
namespace lutsim::config {

/// Line and column, both from 1.
struct Position {
  std::uint32_t line = 1;
  std::uint32_t column = 1;
};

/// One value of the document. Scalars stay text: only the field list knows their type.
struct YamlNode {
  enum class Kind { null, scalar, map, list };
  struct Key {
    std::string name;
    Position at;
  };

  Kind kind = Kind::null;
  Position at;
  std::string text;     ///< scalar
  bool quoted = false;  ///< scalar: in quotes, so it is text and no number
  std::vector<std::pair<Key, YamlNode>>
      entries;                  ///< map, in the order of the file, duplicates kept
  std::vector<YamlNode> items;  ///< list

  /// "a map", "a list", "a single value" or "empty", for messages.
  const char* kind_text() const;
};

/// A text with its name and lines: what a Diagnostic quotes.
class Source {
 public:
  Source(std::string name, std::string text);
  const std::string& name() const { return name_; }
  const std::string& text() const { return text_; }
  Position end() const;  ///< just after the last character
  Diagnostic error(Position at, const std::string& message, const std::string& hint = {}) const;

 private:
  std::string name_;
  std::string text_;
  std::vector<std::string> lines_;
};

/// The file's text. Throws InputError when it cannot be read, is no regular file, is larger than
/// any configuration (64 MiB) or holds a NUL byte.
Source read_source(const std::filesystem::path& file);

/// Parses one YAML (or JSON) document. Syntax errors and what a configuration does not use
/// (anchors, aliases, tags, keys that are not scalars, a second document) go to `errors`; the
/// result is then not meaningful.
YamlNode parse_yaml(const Source& source, std::vector<Diagnostic>& errors);

}  // namespace lutsim::config
