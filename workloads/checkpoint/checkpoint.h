// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "models/transformer/model_weights.h"
#include "models/transformer/quantized_model.h"
#include "workloads/checkpoint/bcq_file.h"
#include "workloads/checkpoint/tokenizer.h"

/// A model from a file. docs/checkpoints.md.
namespace lutsim::workloads {

/// `weights` is what a trained or quantised checkpoint says, in FP32. `quantized` is there when its
/// decoder is stored in integers or BCQ, and is what the engines run. At least one is there; both
/// for llama2.c version 2 and quantised GGUF files.
struct Checkpoint {
  std::string path;
  /// "llama2.c/0", "llama2.c/2", "gguf/3", "safetensors", "safetensors/gptq", "safetensors/awq",
  /// "lutsim.bcq/1" or "lutsim.bcq/2"
  std::string format;
  /// What the engines compute otherwise than the file says; empty: nothing.
  std::string note = {};
  std::optional<models::ModelWeights> weights;
  std::optional<models::QuantizedModel> quantized;
  std::optional<CodedPlanes> coded = {};  ///< how the planes of `quantized` are stored
  Tokenizer tokenizer;

  const models::ModelShape& shape() const { return weights ? weights->shape : quantized->shape; }
};

/// Reads any format above; the first bytes of the file tell which, and a folder is one of Hugging
/// Face. A llama2.c file keeps its
/// tokenizer in a second file: `tokenizer_path`, or else tok<vocab>.bin or tokenizer.bin beside it.
/// Throws config::InputError naming the file, the byte, and what was expected there: wrong magic
/// or version, a shape that no model has, a file that ends early or late, a weight that is not
/// finite.
Checkpoint load_checkpoint(const std::filesystem::path& path,
                           const std::optional<std::filesystem::path>& tokenizer_path = {});

/// Names of the models that the project ships (workloads/embedded/NAME.gguf), sorted.
std::vector<std::string> embedded_models();

/// The file behind a model name: an embedded model, or the path of an existing file or of a folder
/// with a config.json as it stands.
/// Throws config::InputError with the nearest name otherwise.
std::filesystem::path find_model(const std::string& name_or_path);

}  // namespace lutsim::workloads
