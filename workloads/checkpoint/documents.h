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

/// `items` documents of a file (0: all) after the first `skip`, each encoded with BOS. Throws
/// config::InputError when the file cannot be read or does not hold that many, or none.
std::vector<std::vector<std::uint32_t>> load_documents(const std::filesystem::path& path,
                                                       const Tokenizer& tokenizer,
                                                       std::size_t items = 0, std::size_t skip = 0);

}  // namespace lutsim::workloads
