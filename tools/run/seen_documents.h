// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

namespace lutsim::tools {

/// Throws config::InputError when a document of `documents` is one that `who` has seen; `seen` are
/// fingerprints.
void refuse_seen_documents(const std::string& who, const std::vector<std::uint64_t>& seen,
                           const std::vector<std::vector<std::uint32_t>>& documents,
                           const std::string& text, const std::string& hint);

}  // namespace lutsim::tools
