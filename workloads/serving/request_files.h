// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "workloads/serving/request.h"

/// Recorded requests. Arrivals count from the first request; requests are sorted by arrival. Every
/// reader throws config::InputError with file and line.
namespace lutsim::workloads {

/// Azure LLM inference traces: the columns TIMESTAMP ("2023-11-16 18:15:46.6805900"),
/// ContextTokens and GeneratedTokens.
RequestTrace read_azure_csv(const std::filesystem::path& file);

/// One JSON object a line: input_toks, output_toks, arrival_time_ns, and if there are
/// any input_tok_ids. Arrivals count from zero of the file's clock.
RequestTrace read_sharegpt_jsonl(const std::filesystem::path& file);

/// Either of the two, by the end of the name.
RequestTrace read_requests(const std::filesystem::path& file);

}  // namespace lutsim::workloads
