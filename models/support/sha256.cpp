// SPDX-License-Identifier: Apache-2.0
#include "models/support/sha256.h"

#include <openssl/evp.h>

#include <stdexcept>

namespace lutsim::models {
namespace {

void check(int result) {
  if (result != 1) throw std::runtime_error("OpenSSL cannot compute a SHA-256");
}

}  // namespace

struct Sha256::State {
  EVP_MD_CTX* context = EVP_MD_CTX_new();
  State() = default;
  ~State() { EVP_MD_CTX_free(context); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;
};

Sha256::Sha256() : state_(std::make_unique<State>()) {
  check(EVP_DigestInit_ex(state_->context, EVP_sha256(), nullptr));
}

Sha256::~Sha256() = default;

void Sha256::add(const void* data, std::size_t bytes) {
  check(EVP_DigestUpdate(state_->context, data, bytes));
}

Sha256Digest Sha256::digest() {
  Sha256Digest result{};
  unsigned length = 0;
  check(EVP_DigestFinal_ex(state_->context, result.data(), &length));
  return result;
}

Sha256Digest sha256(const void* data, std::size_t bytes) {
  Sha256 sum;
  sum.add(data, bytes);
  return sum.digest();
}

std::string hex(const Sha256Digest& digest) {
  constexpr char kDigits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : digest) {
    text += kDigits[byte >> 4];
    text += kDigits[byte & 15];
  }
  return text;
}

std::string sha256_hex(const std::string& text) { return hex(sha256(text.data(), text.size())); }

}  // namespace lutsim::models
