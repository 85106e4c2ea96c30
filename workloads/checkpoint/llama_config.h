// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <optional>

#include "models/transformer/model_shape.h"

namespace lutsim::workloads {

enum class PackedFormat { gptq, awq };

/// How a checkpoint's decoder matrices are packed.
struct PackedConfig {
  PackedFormat format = PackedFormat::gptq;
  std::uint32_t weight_bits = 4;
  std::uint32_t group_size = 0;  ///< 0: the whole of K (-1 in the file)
  std::int32_t zero_bias = 1;    ///< GPTQ: what the stored zeros lack
};

struct LlamaConfig {
  models::ModelShape shape;
  std::optional<PackedConfig> packed;  ///< empty: floating-point weights
};

/// Reads config.json of a Hugging Face folder, and its quantization_config, or quantize_config.json
/// (AutoGPTQ) or quant_config.json (AutoAWQ) beside it. Keys that do not change what a Llama
/// computes are ignored. Throws config::InputError with every value that is missing, wrong, or asks
/// for something that the decoder of this project does not compute.
LlamaConfig read_llama_config(const std::filesystem::path& folder);

}  // namespace lutsim::workloads
