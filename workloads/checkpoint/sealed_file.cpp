// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/sealed_file.h"

#include <unistd.h>

#include <fstream>

#include "models/config/diagnostics.h"
#include "models/support/sha256.h"

namespace lutsim::workloads {
namespace {

constexpr std::uint64_t kMagicBytes = 8;
constexpr std::uint64_t kLengthAt = kMagicBytes + 4 + 4;
constexpr std::uint64_t kPrefixBytes = kLengthAt + 8;
constexpr std::uint64_t kDigestBytes = sizeof(models::Sha256Digest);

/// "1", "1 or 2"
std::string versions(const SealedKind& kind) {
  std::string text = "1";
  for (std::uint32_t v = 2; v <= kind.newest; ++v) text += " or " + std::to_string(v);
  return text;
}

}  // namespace

std::string schema_of(const SealedKind& kind, std::uint32_t version) {
  return std::string(kind.schema) + "/" + std::to_string(version);
}

SealedWriter::SealedWriter(const SealedKind& kind, std::uint32_t version,
                           const std::string& header) {
  raw(kind.magic, kMagicBytes);
  number(version);
  number(static_cast<std::uint32_t>(header.size()));
  number(std::uint64_t{0});  // the length, when it is known
  text(header);
}

void SealedWriter::raw(const void* data, std::size_t bytes) {
  const auto* begin = static_cast<const char*>(data);
  data_.insert(data_.end(), begin, begin + bytes);
}

void SealedWriter::save(const std::filesystem::path& path) {
  const std::uint64_t length = data_.size() + kDigestBytes;
  std::memcpy(data_.data() + kLengthAt, &length, sizeof length);
  const models::Sha256Digest digest = models::sha256(data_.data(), data_.size());
  raw(digest.data(), digest.size());

  const std::filesystem::path temporary = path.string() + ".tmp" + std::to_string(getpid());
  std::ofstream file(temporary, std::ios::binary);
  file.write(data_.data(), static_cast<std::streamsize>(data_.size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (!file || error) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw config::InputError(path.string(), "cannot write the file");
  }
}

SealedHeader open_sealed(const SealedKind& kind, ByteReader& file) {
  const std::string magic = file.text(kMagicBytes, std::string("the magic '") + kind.magic + "'");
  if (magic != kind.magic) {
    file.fail(0, std::string("the magic '") + kind.magic + "'", "other bytes",
              std::string("such files are written by ") + kind.command);
  }
  SealedHeader header;
  header.version = file.number<std::uint32_t>("the version");
  if (header.version < 1 || header.version > kind.newest) {
    file.fail(kMagicBytes, "version " + versions(kind) + " (" + schema_of(kind, kind.newest) + ")",
              "version " + std::to_string(header.version));
  }
  const auto header_bytes = file.number<std::uint32_t>("the length of the header");
  const auto file_bytes = file.number<std::uint64_t>("the length of the file");
  if (file_bytes != file.size() || file_bytes < kPrefixBytes + header_bytes + kDigestBytes) {
    file.fail(kLengthAt, "a file of " + std::to_string(file_bytes) + " bytes by its header",
              std::to_string(file.size()) + " bytes");
  }
  const std::uint64_t contents = file.size() - kDigestBytes;
  const models::Sha256Digest digest = models::sha256(file.data(), contents);
  if (std::memcmp(digest.data(), file.data() + contents, kDigestBytes) != 0) {
    file.fail(contents, "the SHA-256 of the bytes before it", "another",
              std::string("the file is damaged; write it again with ") + kind.command);
  }
  header.json = file.text(header_bytes, "the header");
  return header;
}

void close_sealed(const ByteReader& file) {
  if (file.remaining() != kDigestBytes) {
    file.fail(file.offset(), "the SHA-256 that ends the file",
              std::to_string(file.remaining()) + " bytes");
  }
}

}  // namespace lutsim::workloads
