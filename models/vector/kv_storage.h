// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/spec/field.h"
#include "models/spec/number_format.h"

/// Bytes of the KV cache as stored in DRAM: the one definition that the operator trace, the
/// lowering, the vector unit, serving and the sweep share.
namespace lutsim::models {

/// FP16 scale and FP16 zero point of the codes of one cached position and head (KvGroup).
constexpr std::uint64_t kKvScaleBytes = 4;

constexpr bool is_quantized_kv(spec::NumberFormat format) { return !spec::is_float(format); }

/// One cached position of one head, or its first `elements` elements: scale and zero point lie
/// before the codes, so that both are one run of bytes. Rows begin on whole bytes.
constexpr std::uint64_t kv_row_bytes(spec::NumberFormat format, std::uint64_t elements) {
  return (is_quantized_kv(format) ? kKvScaleBytes : 0) +
         spec::ceil_div(elements * spec::width_bits(format), 8);
}

}  // namespace lutsim::models
