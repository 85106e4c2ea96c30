// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>

#include "models/transformer/model_weights.h"
#include "models/transformer/quantized_model.h"
#include "workloads/checkpoint/byte_reader.h"
#include "workloads/checkpoint/imported_scales.h"
#include "workloads/checkpoint/tokenizer.h"

/// Checkpoints in GGUF version 3 (ggml-org/ggml, docs/gguf.md), architecture "llama", tensors in
/// F32, F16, Q8_0, Q4_0 or Q4_1, tokenizer model "llama" inside.
namespace lutsim::workloads {

constexpr std::uint32_t kGgufMagic = 0x46554747;  ///< "GGUF"

struct GgufModel {
  models::ModelWeights weights;
  /// The same integers in BCQ, when all matrices of the decoder are stored in blocks.
  std::optional<models::QuantizedModel> quantized;
  ImportedScales scales;  ///< of `quantized`
  Tokenizer tokenizer;
};

/// Throws config::InputError for anything that is wrong or that the decoder of this project does
/// not compute (rope scaling, biases, other tensor types).
GgufModel read_gguf(ByteReader& file);

}  // namespace lutsim::workloads
