// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/transformer/quantized_model.h"
#include "workloads/checkpoint/checkpoint.h"

namespace lutsim::tools {

/// How a checkpoint is quantised: the options that `quantize` and `eval` share.
struct QuantizerOptions {
  std::string method = "rtn", calibration;
  models::QuantizationRecipe recipe;
  std::optional<double> average_bits;
  std::size_t calibration_items = 32, calibration_skip = 0;
  std::uint32_t jobs = 0;

  void add_to(CLI::App& command);
};

/// The checkpoint's weights, quantised. Shows progress as `what`. Throws config::InputError for a
/// method without the calibration text that it needs, and for one that it has no use for.
models::QuantizedModel quantise(const workloads::Checkpoint& checkpoint,
                                const QuantizerOptions& options, const char* what);

/// "gptq 2.4 bit (2, 2, 3, 2, 3 by layer), groups of 32"
std::string description(const models::QuantizedModel& model);

}  // namespace lutsim::tools
