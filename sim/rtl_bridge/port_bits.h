// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <verilated.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Bit fields of Verilated ports of any width. Verilator declares a port as an unsigned integer of
/// 8 to 64 bits or, above that, as an array of 32-bit words, least significant first.
namespace lutsim::rtl {

/// `width` <= 64 bits from bit `lsb` of a wide port.
template <std::size_t kWords>
std::uint64_t get_bits(const VlWide<kWords>& port, std::size_t lsb, std::uint32_t width) {
  std::uint64_t value = 0;
  for (std::uint32_t done = 0; done < width;) {
    const std::size_t at = lsb + done;
    const std::uint64_t word = port.at(at / 32) >> (at % 32);
    value |= word << done;
    done += 32 - static_cast<std::uint32_t>(at % 32);
  }
  return width == 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

/// The same of a port of at most 64 bits.
template <class Integer>
std::uint64_t get_bits(const Integer& port, std::size_t lsb, std::uint32_t width) {
  const std::uint64_t value = static_cast<std::uint64_t>(port) >> lsb;
  return width == 64 ? value : value & ((std::uint64_t{1} << width) - 1);
}

/// Sets `width` <= 64 bits from bit `lsb` of a wide port to the low bits of `value`.
template <std::size_t kWords>
void set_bits(VlWide<kWords>& port, std::size_t lsb, std::uint32_t width, std::uint64_t value) {
  for (std::uint32_t done = 0; done < width;) {
    const std::size_t at = lsb + done;
    const auto offset = static_cast<std::uint32_t>(at % 32);
    const std::uint32_t count = std::min(width - done, 32 - offset);
    const std::uint32_t mask = static_cast<std::uint32_t>((std::uint64_t{1} << count) - 1)
                               << offset;
    const auto bits = static_cast<std::uint32_t>(value >> done) << offset;
    port.at(at / 32) = (port.at(at / 32) & ~mask) | (bits & mask);
    done += count;
  }
}

template <class Integer>
void set_bits(Integer& port, std::size_t lsb, std::uint32_t width, std::uint64_t value) {
  const std::uint64_t ones = width == 64 ? ~std::uint64_t{0} : (std::uint64_t{1} << width) - 1;
  const std::size_t shift = lsb % 64;
  port = static_cast<Integer>((port & ~(ones << shift)) | ((value & ones) << shift));
}

/// A signed field of 1 to 64 bits.
template <class Port>
std::int64_t get_signed_bits(const Port& port, std::size_t lsb, std::uint32_t width) {
  const std::uint32_t unused = (64 - width) % 64;
  return static_cast<std::int64_t>(get_bits(port, lsb, width) << unused) >> unused;
}

/// Copies 32-bit words, least significant first, into a port.
template <std::size_t kWords>
void copy_words(VlWide<kWords>& port, const std::uint32_t* words) {
  std::memcpy(port.data(), words, kWords * sizeof(std::uint32_t));
}

template <class Integer>
void copy_words(Integer& port, const std::uint32_t* words) {
  std::uint64_t value = words[0];
  if (sizeof(Integer) > sizeof(std::uint32_t)) value |= std::uint64_t{words[1]} << 32;
  port = static_cast<Integer>(value);
}

}  // namespace lutsim::rtl
