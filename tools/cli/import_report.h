// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>

#include "workloads/trace/import/trace_import.h"

namespace lutsim::tools {

/// What an importer did with a file, schema "lutsim.trace_import/1" (docs/trace_import.md).
nlohmann::ordered_json import_json(const workloads::ImportedTrace& imported);

/// The same as tables for people, ending in a newline.
std::string import_text(const workloads::ImportedTrace& imported);

}  // namespace lutsim::tools
