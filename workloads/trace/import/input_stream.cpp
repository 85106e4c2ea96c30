// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/import/input_stream.h"

#include <zlib.h>

#include <streambuf>
#include <string>
#include <vector>

#include "models/config/diagnostics.h"

namespace lutsim::workloads {

namespace {
constexpr std::size_t kBufferBytes = 1 << 18;
}

/// zlib reads plain files as they are.
class InputStream::Buffer : public std::streambuf {
 public:
  Buffer(const std::filesystem::path& path, ReadProgress progress)
      : size_(std::filesystem::is_regular_file(path) ? std::filesystem::file_size(path) : 0),
        progress_(std::move(progress)),
        bytes_(kBufferBytes) {
    if (std::filesystem::is_regular_file(path)) file_ = gzopen(path.c_str(), "rb");
    if (file_ == nullptr) throw config::InputError(path.string(), "cannot be opened");
  }
  ~Buffer() override { gzclose(file_); }
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;

  std::string damage() const {
    int error = Z_OK;
    const char* text = gzerror(file_, &error);
    return error == Z_OK || error == Z_STREAM_END ? "" : text;
  }

 protected:
  int_type underflow() override {
    const int count = gzread(file_, bytes_.data(), static_cast<unsigned>(bytes_.size()));
    if (progress_) progress_(static_cast<std::uint64_t>(gzoffset(file_)), size_);
    if (count <= 0) return traits_type::eof();
    setg(bytes_.data(), bytes_.data(), bytes_.data() + count);
    return traits_type::to_int_type(bytes_.front());
  }

 private:
  std::uint64_t size_;
  ReadProgress progress_;
  std::vector<char> bytes_;
  gzFile file_ = nullptr;
};

InputStream::InputStream(const std::filesystem::path& file, ReadProgress progress)
    : buffer_(std::make_unique<Buffer>(file, std::move(progress))), stream_(buffer_.get()) {}

InputStream::~InputStream() = default;

std::istream& InputStream::stream() { return stream_; }

std::string InputStream::damage() const { return buffer_->damage(); }

}  // namespace lutsim::workloads
