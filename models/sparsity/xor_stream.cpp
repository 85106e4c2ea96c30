// SPDX-License-Identifier: Apache-2.0
#include "models/sparsity/xor_stream.h"

#include <string>

#include "models/sparsity/xor_matrix.h"

namespace lutsim::models {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw spec::SpecError("XOR stream: " + what); }

std::uint8_t parity(std::uint32_t value) {
  value ^= value >> 16;
  value ^= value >> 8;
  value ^= value >> 4;
  return (0x6996u >> (value & 0xfu)) & 1u;
}

void append(std::vector<std::uint8_t>& bytes, const std::vector<std::uint16_t>& words,
            std::uint32_t width) {
  const std::size_t begin = bytes.size();
  bytes.resize(begin + spec::ceil_div(words.size() * width, 8));
  std::size_t at = 0;
  for (const std::uint16_t word : words) {
    for (std::uint32_t i = 0; i < width; ++i, ++at) {
      bytes[begin + at / 8] |= static_cast<std::uint8_t>(((word >> i) & 1u) << (at % 8));
    }
  }
}

std::vector<std::uint16_t> take(const std::uint8_t* bytes, std::size_t count, std::uint32_t width) {
  std::vector<std::uint16_t> words(count);
  std::size_t at = 0;
  for (std::uint16_t& word : words) {
    for (std::uint32_t i = 0; i < width; ++i, ++at) {
      word |= static_cast<std::uint16_t>(((bytes[at / 8] >> (at % 8)) & 1u) << i);
    }
  }
  return words;
}

}  // namespace

BitVector xor_decode(const spec::XorCodeSpec& code, const std::vector<std::uint16_t>& blocks) {
  validate(code);
  BitVector bits(blocks.size() * code.n_out);
  for (std::size_t t = 0; t < blocks.size(); ++t) {
    if (blocks[t] >> code.n_in != 0) {
      refuse("block " + std::to_string(t) + " has more than " + std::to_string(code.n_in) +
             " bits");
    }
    for (std::uint32_t r = 0; r < code.n_out; ++r) {
      std::uint32_t tapped = 0;
      for (std::uint32_t s = 0; s <= code.n_stages && s <= t; ++s) {
        tapped ^= xor_taps(r, s, code.n_in) & blocks[t - s];
      }
      bits[t * code.n_out + r] = parity(tapped);
    }
  }
  return bits;
}

std::vector<std::uint16_t> patch_tokens(const spec::XorCodeSpec& code,
                                        const std::vector<std::uint64_t>& positions,
                                        std::uint64_t length) {
  const std::uint64_t skip = code.skip_token();
  std::vector<std::uint16_t> tokens;
  std::uint64_t cursor = 0;
  for (const std::uint64_t at : positions) {
    for (; at - cursor >= skip; cursor += skip) tokens.push_back(static_cast<std::uint16_t>(skip));
    tokens.push_back(static_cast<std::uint16_t>(at - cursor));
    cursor = at + 1;
  }
  for (; cursor < length; cursor += skip) tokens.push_back(static_cast<std::uint16_t>(skip));
  return tokens;
}

std::vector<std::uint64_t> patch_positions(const spec::XorCodeSpec& code,
                                           const std::vector<std::uint16_t>& tokens,
                                           std::uint64_t length) {
  const std::uint64_t skip = code.skip_token();
  std::vector<std::uint64_t> positions;
  std::uint64_t cursor = 0;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    const std::uint64_t token = tokens[i];
    const std::string name = "patch token " + std::to_string(i);
    if (token > skip) refuse(name + " has more than " + std::to_string(code.patch_bits) + " bits");
    if (cursor >= length) refuse(name + " comes after the end of the stream");
    if (token == skip) {
      cursor += skip;
      continue;
    }
    if (cursor + token >= length) refuse(name + " flips a bit behind the end of the stream");
    positions.push_back(cursor + token);
    cursor = positions.back() + 1;
  }
  if (cursor < length) {
    refuse("the patch tokens end at bit " + std::to_string(cursor) + " of " +
           std::to_string(length));
  }
  return positions;
}

BitVector decode(const spec::XorCodeSpec& code, const XorStream& stream) {
  if (spec::ceil_div(stream.bits, code.n_out) != stream.blocks.size()) {
    refuse(std::to_string(stream.blocks.size()) + " blocks of " + std::to_string(code.n_out) +
           " bits for " + std::to_string(stream.bits) + " bits");
  }
  BitVector bits = xor_decode(code, stream.blocks);
  for (const std::uint64_t at : patch_positions(code, stream.patches, bits.size())) bits[at] ^= 1u;
  bits.resize(stream.bits);
  return bits;
}

std::vector<std::uint32_t> patches_of_blocks(const spec::XorCodeSpec& code,
                                             const XorStream& stream) {
  std::vector<std::uint32_t> patches(stream.blocks.size());
  const std::uint64_t length = stream.blocks.size() * code.n_out;
  for (const std::uint64_t at : patch_positions(code, stream.patches, length)) {
    ++patches[at / code.n_out];
  }
  return patches;
}

std::uint64_t stored_bits(const spec::XorCodeSpec& code, const XorStream& stream) {
  return stream.blocks.size() * code.n_in + stream.patches.size() * code.patch_bits;
}

std::vector<std::uint8_t> pack(const spec::XorCodeSpec& code, const XorStream& stream) {
  std::vector<std::uint8_t> bytes;
  append(bytes, stream.blocks, code.n_in);
  append(bytes, stream.patches, code.patch_bits);
  return bytes;
}

XorStream unpack(const spec::XorCodeSpec& code, const std::vector<std::uint8_t>& bytes,
                 std::uint64_t bits, std::size_t tokens) {
  const std::size_t blocks = spec::ceil_div(bits, code.n_out);
  const std::size_t block_bytes = spec::ceil_div(blocks * code.n_in, 8);
  const std::size_t expected = block_bytes + spec::ceil_div(tokens * code.patch_bits, 8);
  if (bytes.size() != expected) {
    refuse(std::to_string(bytes.size()) + " bytes, expected " + std::to_string(expected));
  }
  return {bits, take(bytes.data(), blocks, code.n_in),
          take(bytes.data() + block_bytes, tokens, code.patch_bits)};
}

}  // namespace lutsim::models
