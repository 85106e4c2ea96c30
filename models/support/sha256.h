// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>

namespace lutsim::models {

using Sha256Digest = std::array<std::uint8_t, 32>;

/// SHA-256 (FIPS 180-4) of bytes that come piece by piece.
class Sha256 {
 public:
  Sha256();
  ~Sha256();
  Sha256(const Sha256&) = delete;
  Sha256& operator=(const Sha256&) = delete;

  void add(const void* data, std::size_t bytes);
  /// Of all that was added; the last call.
  Sha256Digest digest();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

Sha256Digest sha256(const void* data, std::size_t bytes);

/// 64 hexadecimal digits.
std::string hex(const Sha256Digest& digest);
std::string sha256_hex(const std::string& text);

}  // namespace lutsim::models
