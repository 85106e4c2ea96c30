// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/checkpoint.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "models/config/data_root.h"
#include "models/config/diagnostics.h"
#include "workloads/checkpoint/adapter_file.h"
#include "workloads/checkpoint/bcq_file.h"
#include "workloads/checkpoint/byte_reader.h"
#include "workloads/checkpoint/gguf.h"
#include "workloads/checkpoint/llama2c.h"
#include "workloads/checkpoint/llama_folder.h"
#include "workloads/checkpoint/llama_tokenizer.h"

namespace lutsim::workloads {
namespace {

namespace fs = std::filesystem;

constexpr const char* kEmbeddedSuffix = ".gguf";

fs::path embedded_directory() { return config::data_root() / "workloads" / "embedded"; }

fs::path find_llama2c_tokenizer(const fs::path& checkpoint, std::uint32_t vocab) {
  const std::string by_size = "tok" + std::to_string(vocab) + ".bin";
  for (const std::string& name : {by_size, std::string("tokenizer.bin")}) {
    if (fs::exists(checkpoint.parent_path() / name)) return checkpoint.parent_path() / name;
  }
  throw config::InputError(
      checkpoint.string(),
      "expected its tokenizer beside it, found neither " + by_size + " nor tokenizer.bin",
      "name the tokenizer file");
}

constexpr const char* kFolderMark = "config.json";

Checkpoint load_folder(const fs::path& path, const std::optional<fs::path>& tokenizer_path) {
  LlamaFolder folder = read_llama_folder(path);
  Checkpoint checkpoint;
  checkpoint.path = path.string();
  checkpoint.format = folder.format;
  checkpoint.note = folder.scales.note();
  checkpoint.weights = std::move(folder.weights);
  checkpoint.quantized = std::move(folder.quantized);
  const std::uint32_t vocab = checkpoint.shape().vocab;
  checkpoint.tokenizer = tokenizer_path ? read_llama2c_tokenizer(*tokenizer_path, vocab)
                                        : read_llama_tokenizer(path, vocab);
  return checkpoint;
}

}  // namespace

Checkpoint load_checkpoint(const fs::path& path, const std::optional<fs::path>& tokenizer_path) {
  if (fs::is_directory(path) && fs::exists(path / kFolderMark)) {
    return load_folder(path, tokenizer_path);
  }
  ByteReader file(path);
  const std::uint8_t* start = file.bytes(8, "a checkpoint");
  std::uint32_t magic = 0;
  std::memcpy(&magic, start, sizeof magic);
  const bool is_bcq = std::memcmp(start, kBcq.magic, 8) == 0;
  if (std::memcmp(start, kAdapter.magic, 8) == 0) {
    throw config::InputError(path.string(), "is an adapter, expected a model",
                             "give the model that it belongs to, and this file with --adapter");
  }
  file.seek(0);

  Checkpoint checkpoint;
  checkpoint.path = path.string();
  if (is_bcq) {
    BcqModel bcq = read_bcq(file);
    checkpoint.format = schema_of(kBcq, bcq.version);
    checkpoint.coded = std::move(bcq.coded);
    checkpoint.quantized = std::move(bcq.model);
    checkpoint.tokenizer = std::move(bcq.tokenizer);
  } else if (magic == kGgufMagic) {
    GgufModel gguf = read_gguf(file);
    checkpoint.format = "gguf/3";
    checkpoint.weights = std::move(gguf.weights);
    checkpoint.quantized = std::move(gguf.quantized);
    checkpoint.note = gguf.scales.note();
    checkpoint.tokenizer = std::move(gguf.tokenizer);
  } else {
    const bool has_magic = magic == kLlama2cMagic;
    checkpoint.format = has_magic ? "llama2.c/2" : "llama2.c/0";
    if (has_magic) {
      Llama2cQ8 q8 = read_llama2c_v2(file);
      checkpoint.weights = std::move(q8.weights);
      checkpoint.quantized = std::move(q8.quantized);
      checkpoint.note = q8.scales.note();
    } else {
      checkpoint.weights = read_llama2c_v0(file);
    }
    const std::uint32_t vocab = checkpoint.weights->shape.vocab;
    checkpoint.tokenizer = read_llama2c_tokenizer(
        tokenizer_path ? *tokenizer_path : find_llama2c_tokenizer(path, vocab), vocab);
    return checkpoint;
  }
  if (tokenizer_path) {
    checkpoint.tokenizer = read_llama2c_tokenizer(*tokenizer_path, checkpoint.shape().vocab);
  }
  return checkpoint;
}

std::vector<std::string> embedded_models() {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator(embedded_directory(), error)) {
    if (entry.path().extension() == kEmbeddedSuffix) names.push_back(entry.path().stem().string());
  }
  std::sort(names.begin(), names.end());
  return names;
}

fs::path find_model(const std::string& name_or_path) {
  const std::vector<std::string> names = embedded_models();
  if (std::find(names.begin(), names.end(), name_or_path) != names.end()) {
    return embedded_directory() / (name_or_path + kEmbeddedSuffix);
  }
  if (fs::is_regular_file(name_or_path)) return name_or_path;
  if (fs::exists(fs::path(name_or_path) / kFolderMark)) return name_or_path;
  const std::string hint = config::did_you_mean(name_or_path, names);
  throw config::InputError(name_or_path,
                           "expected an embedded model (" + config::comma_list(names) +
                               ") or the path of a checkpoint file or folder, found neither",
                           hint);
}

}  // namespace lutsim::workloads
