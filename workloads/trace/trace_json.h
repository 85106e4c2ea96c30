// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <ostream>
#include <string>
#include <string_view>

#include "workloads/trace/operator_trace.h"

namespace lutsim::workloads {

/// Writes a trace in the format of docs/trace_format.md: one tensor or operator a line. The schema
/// is the first of lutsim.trace/1, /2 and /3 that can say it.
void print_trace(const OperatorTrace& trace, std::ostream& out);

/// Writes a trace file. It appears whole or not at all: written beside `path`, then renamed. Throws
/// config::InputError when the place cannot be written.
void write_trace(const OperatorTrace& trace, const std::filesystem::path& path);

/// Reads a trace. Throws config::InputError that lists what is wrong, each with `file` and either
/// line and column (text that is no JSON) or a JSON pointer: another schema version, an unknown,
/// missing or duplicate key, a size of zero or below, a tensor id that no tensor has, a dependency
/// on the operator itself or on a later one.
OperatorTrace parse_trace(std::string_view text, const std::string& file);

/// parse_trace() of a file.
OperatorTrace read_trace(const std::filesystem::path& path);

}  // namespace lutsim::workloads
