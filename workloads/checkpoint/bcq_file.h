// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <optional>
#include <string>

#include "models/sparsity/pruned_planes.h"
#include "models/transformer/quantized_model.h"
#include "workloads/checkpoint/byte_reader.h"
#include "workloads/checkpoint/sealed_file.h"
#include "workloads/checkpoint/tokenizer.h"

/// Quantised checkpoints, formats "lutsim.bcq/1" and "lutsim.bcq/2", which can also hold coded
/// planes and input orders. Layout: docs/checkpoints.md.
namespace lutsim::workloads {

inline constexpr SealedKind kBcq{"LUTSIMBQ", "lutsim.bcq", 2, "lutsim quantize"};

/// How the planes of a file's matrices were coded.
struct CodedPlanes {
  spec::XorCodeSpec code;
  std::map<std::string, models::PlaneCounts> matrices;  ///< by name in traces
};

struct BcqModel {
  std::uint32_t version = 1;
  models::QuantizedModel model;  ///< decoded
  Tokenizer tokenizer;
  std::optional<CodedPlanes> coded;
};

/// Stores the planes of pruned matrices through a code; `for_each` runs the encoder.
struct PlaneCoding {
  spec::XorCodeSpec code;
  models::ForEach for_each = models::one_by_one;
};

/// Writes the file whole or not at all (a temporary file beside it is renamed). The same model
/// gives the same bytes, in the lowest version that can hold it. Throws config::InputError when the
/// place cannot be written, spec::SpecError when the planes cannot be coded.
void save_bcq(const std::filesystem::path& path, const models::QuantizedModel& model,
              const Tokenizer& tokenizer, const std::optional<PlaneCoding>& coding = {});

/// Throws config::InputError for another version, a size or checksum that does not fit, or contents
/// that are no model.
BcqModel read_bcq(ByteReader& file);

}  // namespace lutsim::workloads
