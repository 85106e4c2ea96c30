// SPDX-License-Identifier: Apache-2.0
#include "tools/run/seen_documents.h"

#include <algorithm>

#include "models/config/diagnostics.h"
#include "models/transformer/quantized_model.h"

namespace lutsim::tools {

void refuse_seen_documents(const std::string& who, const std::vector<std::uint64_t>& seen,
                           const std::vector<std::vector<std::uint32_t>>& documents,
                           const std::string& text, const std::string& hint) {
  std::size_t count = 0, first = 0;
  for (std::size_t i = 0; i < documents.size(); ++i) {
    if (std::find(seen.begin(), seen.end(), models::fingerprint(documents[i])) == seen.end()) {
      continue;
    }
    if (count++ == 0) first = i + 1;
  }
  if (count == 0) return;
  throw config::InputError(text,
                           who + " has seen " + std::to_string(count) + " of the " +
                               std::to_string(documents.size()) + " documents, number " +
                               std::to_string(first) +
                               " first: a model is judged on text that it was not fitted to",
                           hint);
}

}  // namespace lutsim::tools
