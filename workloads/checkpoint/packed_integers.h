// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "models/bcq/uniform_matrix.h"

/// Weights W[K,N] as GPTQ and AWQ checkpoints pack them into 32-bit words. All functions throw
/// spec::SpecError for contents that no quantiser writes; the sizes of the vectors are a
/// precondition.
namespace lutsim::workloads {

struct PackedShape {
  std::uint32_t k = 0, n = 0;
  std::uint32_t weight_bits = 0;
  std::uint32_t group_size = 0;  ///< 1..K

  std::uint32_t groups() const { return (k + group_size - 1) / group_size; }
};

/// Throws spec::SpecError unless rows of `count` values of `bits` bits fill whole words.
void require_whole_words(std::uint32_t count, std::uint32_t bits, const char* what);

/// GPTQ (AutoGPTQ@9f7d3707, qlinear_cuda_old.py): each column's values one after another along K,
/// least significant bit first, in qweight[K * bits / 32][N]; zeros in the same way along N in
/// qzeros[G][N * bits / 32], less `zero_bias` (1; 0 in checkpoint_format gptq_v2);
/// scales FP16[G][N]; w = scale (q - zero). `g_idx`[K] names the group of every row of W; with
/// act-order it does not ascend, and the result has an input_order that brings groups together.
struct GptqTensors {
  std::vector<std::int32_t> qweight, qzeros, g_idx;  ///< g_idx empty: k / group_size
  std::vector<std::uint16_t> scales;
};
models::UniformMatrix unpack_gptq(const PackedShape& shape, const GptqTensors& tensors,
                                  std::int32_t zero_bias);

/// AWQ GEMM (AutoAWQ@88e4c76b): 4 bits; qweight[K][N/8] and qzeros[G][N/8] hold eight columns a
/// word, bits 4i..4i+3 being column 0,2,4,6,1,3,5,7 for i = 0..7; scales FP16[G][N].
struct AwqTensors {
  std::vector<std::int32_t> qweight, qzeros;
  std::vector<std::uint16_t> scales;
};
models::UniformMatrix unpack_awq(const PackedShape& shape, const AwqTensors& tensors);

}  // namespace lutsim::workloads
