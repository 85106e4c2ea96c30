// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>

#include "models/transformer/model_weights.h"
#include "models/transformer/quantized_model.h"
#include "workloads/checkpoint/byte_reader.h"
#include "workloads/checkpoint/imported_scales.h"
#include "workloads/checkpoint/tokenizer.h"

/// Checkpoints of llama2.c (github.com/karpathy/llama2.c, export.py).
namespace lutsim::workloads {

/// First four bytes of versions 1 and 2; version 0 has no magic.
constexpr std::uint32_t kLlama2cMagic = 0x616b3432;

/// Version 0: seven int32 {dim, hidden, layers, heads, kv_heads, vocab, seq}, vocab > 0 telling
/// that the embedding is tied, then FP32 arrays and two rotary tables that are not used.
models::ModelWeights read_llama2c_v0(ByteReader& file);

/// A version 2 checkpoint, twice.
struct Llama2cQ8 {
  models::ModelWeights weights;  ///< what the file says, in FP32
  /// The same integers in BCQ, their FP32 scales as FP16 alphas. Groups of the file that cross the
  /// end of a row (group_size does not divide K) are several groups with one scale here.
  models::QuantizedModel quantized;
  ImportedScales scales;
};

/// Version 2: Q8_0 matrices (int8 values, FP32 scale per group), FP32 norms.
Llama2cQ8 read_llama2c_v2(ByteReader& file);

/// Tokenizer: int32 longest piece, then {FP32 score, int32 length, bytes} for each token.
Tokenizer read_llama2c_tokenizer(const std::filesystem::path& path, std::uint32_t vocab);

}  // namespace lutsim::workloads
