// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>

#include "workloads/trace/import/input_stream.h"

namespace lutsim::workloads {

/// Reads a JSON file whose root is an object, one element of `array` at a time: only that element
/// is in memory. `element` gets it and its index; `other` gets every other value of the root, but
/// for objects and arrays of more than a million values. Throws config::InputError with line and
/// column when the text is no JSON, when the root is no object or has no such array.
void stream_json_array(const std::filesystem::path& file, const std::string& array,
                       const std::function<void(const nlohmann::json&, std::size_t)>& element,
                       const std::function<void(const std::string&, const nlohmann::json&)>& other,
                       const ReadProgress& progress);

/// The keys of the root object up to `most` bytes into the file, to tell formats apart. Empty when
/// the file does not begin as a JSON object.
std::vector<std::string> first_json_keys(const std::filesystem::path& file);

}  // namespace lutsim::workloads
