// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string>

#include "models/transformer/model_weights.h"
#include "models/transformer/quantized_model.h"
#include "workloads/checkpoint/imported_scales.h"
#include "workloads/checkpoint/tokenizer.h"

namespace lutsim::workloads {

/// A Llama checkpoint as Hugging Face keeps it: a folder with config.json, the weights in one or
/// several safetensors files, and a tokenizer. Exactly one of `weights` (FP32, FP16, BF16) and
/// `quantized` (GPTQ, AWQ) is there.
struct LlamaFolder {
  std::string format;  ///< "safetensors", "safetensors/gptq" or "safetensors/awq"
  std::optional<models::ModelWeights> weights;
  std::optional<models::QuantizedModel> quantized;
  ImportedScales scales;
};

/// Throws config::InputError for anything that is wrong or that the decoder does not compute. Rows
/// of wq and wk go from Hugging Face's rotary pairs (i, i + head_dim/2) to (2i, 2i+1).
LlamaFolder read_llama_folder(const std::filesystem::path& folder);

/// Row of a Hugging Face wq or wk that stands at each row here.
std::vector<std::uint32_t> rotary_rows(std::uint32_t heads, std::uint32_t head_dim);

}  // namespace lutsim::workloads
