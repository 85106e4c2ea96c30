// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/byte_reader.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cassert>
#include <cerrno>
#include <cmath>
#include <system_error>

#include "models/config/diagnostics.h"

namespace lutsim::workloads {
namespace {

std::string reason(int error) { return std::generic_category().message(error); }

}  // namespace

ByteReader::ByteReader(const std::filesystem::path& path) : path_(path.string()) {
  const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) {
    throw config::InputError(path_, "cannot open the file: " + reason(errno));
  }
  struct stat status = {};
  if (fstat(file, &status) != 0 || !S_ISREG(status.st_mode)) {
    close(file);
    throw config::InputError(path_, "expected a file, found a directory or a device");
  }
  size_ = static_cast<std::uint64_t>(status.st_size);
  if (size_ > 0) {
    void* mapped = mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, file, 0);
    if (mapped == MAP_FAILED) {
      const int error = errno;
      close(file);
      throw config::InputError(path_, "cannot read the file: " + reason(error));
    }
    data_ = static_cast<const std::uint8_t*>(mapped);
  }
  close(file);
}

ByteReader::~ByteReader() {
  if (data_ != nullptr) munmap(const_cast<std::uint8_t*>(data_), size_);
}

const std::uint8_t* ByteReader::bytes(std::uint64_t count, const std::string& what) {
  if (count > remaining()) {
    fail(offset_, what + " (" + std::to_string(count) + " bytes)",
         "the end of the file after " + std::to_string(remaining()));
  }
  const std::uint8_t* begin = data_ + offset_;
  offset_ += count;
  return begin;
}

std::vector<float> ByteReader::finite_floats(std::uint64_t count, const std::string& what) {
  const std::uint64_t begin = offset_;
  std::vector<float> values = numbers<float>(count, what);
  for (std::uint64_t i = 0; i < count; ++i) {
    if (!std::isfinite(values[i])) {
      fail(begin + i * sizeof(float), "a finite number in " + what, std::to_string(values[i]));
    }
  }
  return values;
}

std::string ByteReader::text(std::uint64_t length, const std::string& what) {
  const std::uint8_t* begin = bytes(length, what);
  return {begin, begin + length};
}

void ByteReader::seek(std::uint64_t offset) {
  assert(offset <= size_);
  offset_ = offset;
}

void ByteReader::require_elements(std::uint64_t count, std::uint64_t element_bytes,
                                  const std::string& what) {
  if (count > remaining() / element_bytes) {
    fail(offset_,
         what + " (" + std::to_string(count) + " elements of at least " +
             std::to_string(element_bytes) + " bytes)",
         "the end of the file after " + std::to_string(remaining()) + " bytes");
  }
}

void ByteReader::fail(std::uint64_t offset, const std::string& expected, const std::string& found,
                      const std::string& hint) const {
  throw config::InputError(path_, config::at_byte(offset, expected, found), hint);
}

}  // namespace lutsim::workloads
