// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <functional>
#include <istream>
#include <memory>

namespace lutsim::workloads {

/// Called with the bytes of the file that were read, and its size.
using ReadProgress = std::function<void(std::uint64_t, std::uint64_t)>;

/// A file as a stream, unpacked when it is gzip. It holds a buffer, never the file. Throws
/// config::InputError when it cannot be opened; a damaged gzip ends the stream and damage() says
/// so.
class InputStream {
 public:
  explicit InputStream(const std::filesystem::path& file, ReadProgress progress = {});
  ~InputStream();
  InputStream(const InputStream&) = delete;
  InputStream& operator=(const InputStream&) = delete;

  std::istream& stream();
  /// What zlib says is wrong with the file; empty: nothing.
  std::string damage() const;

 private:
  class Buffer;
  std::unique_ptr<Buffer> buffer_;
  std::istream stream_;
};

}  // namespace lutsim::workloads
