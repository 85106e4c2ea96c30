// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "models/transformer/quantized_model.h"
#include "workloads/checkpoint/byte_reader.h"
#include "workloads/checkpoint/tokenizer.h"

/// Quantised checkpoints, format "lutsim.bcq/1". Layout: docs/checkpoints.md.
namespace lutsim::workloads {

constexpr char kBcqMagic[] = "LUTSIMBQ";  ///< first eight bytes
constexpr const char* kBcqSchema = "lutsim.bcq/1";

struct BcqModel {
  models::QuantizedModel model;
  Tokenizer tokenizer;
};

/// Writes the file whole or not at all (a temporary file beside it is renamed). The same model
/// gives the same bytes. Throws config::InputError when the place cannot be written.
void save_bcq(const std::filesystem::path& path, const models::QuantizedModel& model,
              const Tokenizer& tokenizer);

/// Throws config::InputError for another version, a size or checksum that does not fit, or contents
/// that are no model.
BcqModel read_bcq(ByteReader& file);

}  // namespace lutsim::workloads
