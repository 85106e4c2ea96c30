// SPDX-License-Identifier: Apache-2.0
#include <cerrno>
#include <cstring>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include "models/config/node.h"

namespace lutsim::config {
namespace {

constexpr std::uintmax_t kLargestFile = std::uintmax_t{64} << 20;

}  // namespace

const char* YamlNode::kind_text() const {
  switch (kind) {
    case Kind::map:
      return "a map";
    case Kind::list:
      return "a list";
    case Kind::scalar:
      return "a single value";
    case Kind::null:
      break;
  }
  return "empty";
}

Source::Source(std::string name, std::string text)
    : name_(std::move(name)), text_(std::move(text)) {
  std::istringstream stream(text_);
  for (std::string line; std::getline(stream, line);) {
    if (!line.empty() && line.back() == '\r') line.pop_back();
    lines_.push_back(line);
  }
}

Position Source::end() const {
  if (lines_.empty()) return {};
  return {static_cast<std::uint32_t>(lines_.size()),
          static_cast<std::uint32_t>(lines_.back().size() + 1)};
}

Diagnostic Source::error(Position at, const std::string& message, const std::string& hint) const {
  const bool known = at.line >= 1 && at.line <= lines_.size();
  return {name_, at.line, at.column, message, hint, known ? lines_[at.line - 1] : std::string{}};
}

Source read_source(const std::filesystem::path& file) {
  const std::string name = file.string();
  std::error_code error;
  const auto status = std::filesystem::status(file, error);
  if (!std::filesystem::exists(status)) throw InputError(name, "no such file");
  if (std::filesystem::is_directory(status)) {
    throw InputError(name, "expected a file, found a directory");
  }
  if (!std::filesystem::is_regular_file(status)) throw InputError(name, "not a regular file");
  if (std::filesystem::file_size(file, error) > kLargestFile) {
    throw InputError(name, "larger than 64 MiB: not a configuration file");
  }
  std::ifstream stream(file, std::ios::binary);
  if (!stream) throw InputError(name, std::string("cannot be read: ") + std::strerror(errno));
  std::ostringstream text;
  text << stream.rdbuf();
  const std::size_t nul = text.str().find('\0');
  if (nul != std::string::npos) throw InputError(name, at_byte(nul, "text", "a NUL byte"));
  return Source(name, text.str());
}

}  // namespace lutsim::config
