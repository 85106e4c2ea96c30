// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "models/adapter/scale_adapter.h"
#include "workloads/checkpoint/sealed_file.h"

/// Files of scale adapters, format "lutsim.adapter/1". Layout: docs/checkpoints.md.
namespace lutsim::workloads {

inline constexpr SealedKind kAdapter{"LUTSIMAD", "lutsim.adapter", 1, "lutsim adapt"};

/// Writes the file whole or not at all. The same adapter gives the same bytes. Throws
/// config::InputError when the place cannot be written.
void save_adapter(const std::filesystem::path& path, const models::ScaleAdapter& adapter);

/// Throws config::InputError for another magic or version, a size or checksum that does not fit, a
/// header that is none and a scale that is not finite. Whether it fits a model, models::apply()
/// says.
models::ScaleAdapter load_adapter(const std::filesystem::path& path);

/// models::apply(), with the file in the error.
models::QuantizedModel apply_adapter(const std::filesystem::path& path,
                                     const models::ScaleAdapter& adapter,
                                     models::QuantizedModel base);

}  // namespace lutsim::workloads
