// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/gguf_blocks.h"

#include <array>
#include <cstring>

#include "models/bcq/uniform_matrix.h"
#include "models/numerics/float_format.h"

namespace lutsim::workloads {
namespace {

constexpr std::array<GgufBlockType, 3> kTypes{
    {{2, "Q4_0", 4, 8, false}, {3, "Q4_1", 4, 0, true}, {8, "Q8_0", 8, 128, false}}};

float half_at(const std::uint8_t* data) {
  std::uint16_t bits = 0;
  std::memcpy(&bits, data, sizeof bits);
  return models::fp16_from_bits(bits);
}

}  // namespace

const GgufBlockType* gguf_block_type(std::uint32_t type) {
  for (const GgufBlockType& known : kTypes) {
    if (known.type == type) return &known;
  }
  return nullptr;
}

float GgufBlocks::weight(std::size_t index) const {
  const std::size_t block = index / kGgufBlock;
  const float product = scale[block] * static_cast<float>(codes[index] - type->zero);
  return type->has_minimum ? product + minimum[block] : product;
}

GgufBlocks unpack_gguf_blocks(const GgufBlockType& type, const std::uint8_t* data,
                              std::uint64_t blocks) {
  GgufBlocks result;
  result.type = &type;
  result.scale.resize(blocks);
  result.minimum.resize(blocks, 0.0f);
  result.codes.resize(blocks * kGgufBlock);
  for (std::uint64_t b = 0; b < blocks; ++b) {
    const std::uint8_t* block = data + b * type.bytes();
    result.scale[b] = half_at(block);
    if (type.has_minimum) result.minimum[b] = half_at(block + 2);
    const std::uint8_t* packed = block + (type.has_minimum ? 4 : 2);
    std::uint8_t* codes = result.codes.data() + b * kGgufBlock;
    for (std::uint32_t i = 0; i < kGgufBlock; ++i) {
      // 4 bits: the first half of the block in the low, the second in the high halves of its bytes.
      codes[i] = type.bits == 8
                     ? static_cast<std::uint8_t>(packed[i] ^ 0x80u)
                     : static_cast<std::uint8_t>(packed[i % 16] >> (i < 16 ? 0 : 4)) & 0xfu;
    }
  }
  return result;
}

models::BcqMatrix to_bcq(const GgufBlocks& blocks, std::uint32_t n, std::uint32_t k,
                         ImportedScales& counts) {
  models::UniformMatrix m{k, n, blocks.type->bits, kGgufBlock, {}, {}, blocks.codes};
  const std::uint32_t groups = m.groups();
  m.scale.resize(std::size_t{groups} * n);
  m.zero.assign(m.scale.size(), blocks.type->zero);
  for (std::uint32_t row = 0; row < n; ++row) {
    for (std::uint32_t g = 0; g < groups; ++g) {
      m.scale[std::size_t{g} * n + row] =
          imported_scale(blocks.scale[std::size_t{row} * groups + g], counts);
    }
  }
  models::BcqMatrix bcq = models::to_bcq(m);
  if (!blocks.type->has_minimum) return bcq;
  for (std::uint32_t row = 0; row < n; ++row) {
    for (std::uint32_t g = 0; g < groups; ++g) {
      float& offset = bcq.offset[std::size_t{g} * n + row];
      const double exact = double{offset} + double{blocks.minimum[std::size_t{row} * groups + g]};
      offset = static_cast<float>(exact);
      if (offset != exact) ++counts.rounded;
    }
  }
  return bcq;
}

}  // namespace lutsim::workloads
