// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "workloads/checkpoint/tokenizer.h"

/// Text for evaluation: documents between separators.
namespace lutsim::workloads {

constexpr const char* kDocumentSeparator = "<|endoftext|>";

/// The documents of `text`, white space around each removed, empty ones left out.
std::vector<std::string> split_documents(const std::string& text);

/// The first `items` documents of a file (0: all), each encoded with BOS. Throws config::InputError
/// when the file cannot be read or holds fewer than `items` documents, or none.
std::vector<std::vector<std::uint32_t>> load_documents(const std::filesystem::path& path,
                                                       const Tokenizer& tokenizer,
                                                       std::size_t items = 0);

}  // namespace lutsim::workloads
