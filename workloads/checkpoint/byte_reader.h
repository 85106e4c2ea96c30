// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

/// Reads of a little-endian binary file that cannot leave it. Everything that is wrong is a
/// config::InputError with the file, the byte offset, what was expected and what was found.
namespace lutsim::workloads {

static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__,
              "the files and the host are little-endian");

/// A file in memory, mapped and read-only, and a place in it.
class ByteReader {
 public:
  /// Throws InputError when the file cannot be opened.
  explicit ByteReader(const std::filesystem::path& path);
  ~ByteReader();
  ByteReader(const ByteReader&) = delete;
  ByteReader& operator=(const ByteReader&) = delete;

  const std::string& path() const { return path_; }
  std::uint64_t size() const { return size_; }
  std::uint64_t offset() const { return offset_; }
  std::uint64_t remaining() const { return size_ - offset_; }
  const std::uint8_t* data() const { return data_; }

  /// The next `count` bytes. `what` names them in the error message.
  const std::uint8_t* bytes(std::uint64_t count, const std::string& what);

  /// The next number.
  template <class T>
  T number(const std::string& what) {
    T value;
    std::memcpy(&value, bytes(sizeof(T), what), sizeof(T));
    return value;
  }

  /// The next `count` numbers.
  template <class T>
  std::vector<T> numbers(std::uint64_t count, const std::string& what) {
    require_elements(count, sizeof(T), what);
    std::vector<T> values(count);
    const std::uint8_t* source = bytes(count * sizeof(T), what);
    if (count > 0) std::memcpy(values.data(), source, count * sizeof(T));
    return values;
  }

  /// The next `count` FP32 values, all finite.
  std::vector<float> finite_floats(std::uint64_t count, const std::string& what);

  /// The next `length` bytes as text.
  std::string text(std::uint64_t length, const std::string& what);

  /// Moves to `offset`. Precondition: offset <= size().
  void seek(std::uint64_t offset);

  /// Fails unless `count` elements of at least `element_bytes` each are still there; guards an
  /// allocation whose size came from the file.
  void require_elements(std::uint64_t count, std::uint64_t element_bytes, const std::string& what);

  /// Throws InputError "at byte OFFSET: expected EXPECTED, found FOUND".
  [[noreturn]] void fail(std::uint64_t offset, const std::string& expected,
                         const std::string& found, const std::string& hint = {}) const;

 private:
  std::string path_;
  const std::uint8_t* data_ = nullptr;
  std::uint64_t size_ = 0;
  std::uint64_t offset_ = 0;
};

}  // namespace lutsim::workloads
