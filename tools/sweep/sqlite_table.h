// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <nlohmann/json.hpp>
#include <vector>

#include "tools/sweep/sweep_space.h"

namespace lutsim::tools::sweep {

/// The records as an SQLite file, whole or not at all: table `points` with the columns of
/// results.csv, table `constants` with the definitions, table `amounts` (key, constant, amount).
/// Throws std::runtime_error.
void write_sqlite(const std::filesystem::path& file, const SweepSpace& space,
                  const std::vector<const nlohmann::ordered_json*>& rows,
                  const nlohmann::ordered_json& summary);

}  // namespace lutsim::tools::sweep
