// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "workloads/checkpoint/byte_reader.h"

/// What the binary files of lutsim have around their contents: magic, version, length, a JSON
/// header, and at the end a SHA-256. Layout: docs/checkpoints.md.
namespace lutsim::workloads {

/// A kind of sealed file.
struct SealedKind {
  const char* magic;     ///< eight characters
  const char* schema;    ///< "lutsim.bcq"; the header says schema "lutsim.bcq/VERSION"
  std::uint32_t newest;  ///< versions 1..newest are read
  const char* command;   ///< what writes such files
};

std::string schema_of(const SealedKind& kind, std::uint32_t version);

/// A sealed file under construction, little-endian and without padding.
class SealedWriter {
 public:
  SealedWriter(const SealedKind& kind, std::uint32_t version, const std::string& header);

  template <class T>
  void number(T value) {
    raw(&value, sizeof value);
  }
  template <class T>
  void numbers(const std::vector<T>& values) {
    raw(values.data(), values.size() * sizeof(T));
  }
  void text(const std::string& text) { raw(text.data(), text.size()); }

  /// Adds the length and the SHA-256 and writes the file whole or not at all (a temporary file
  /// beside it is renamed); the last call. Throws config::InputError when the place cannot be
  /// written.
  void save(const std::filesystem::path& path);

 private:
  void raw(const void* data, std::size_t bytes);
  std::vector<char> data_;
};

struct SealedHeader {
  std::uint32_t version = 0;
  std::string json;
};

/// Checks magic, version, length and SHA-256 of a file and returns its header; the contents come
/// next. Throws config::InputError.
SealedHeader open_sealed(const SealedKind& kind, ByteReader& file);

/// Throws config::InputError unless the contents have been read to their end.
void close_sealed(const ByteReader& file);

}  // namespace lutsim::workloads
