// SPDX-License-Identifier: Apache-2.0
#include "tools/support/sha256.h"

#include <fmt/core.h>
#include <openssl/evp.h>

#include <array>

namespace lutsim::tools {

std::string sha256_hex(const std::string& text) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned length = 0;
  EVP_Digest(text.data(), text.size(), digest.data(), &length, EVP_sha256(), nullptr);
  std::string hex;
  for (unsigned i = 0; i < length; ++i) hex += fmt::format("{:02x}", digest[i]);
  return hex;
}

}  // namespace lutsim::tools
