// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

#include "workloads/trace/operator_trace.h"

namespace lutsim::workloads {

/// The trace of chip `chip` of `chips` that share every layer (tensor parallel, after Megatron-LM,
/// Shoeybi et al., arXiv 1909.08053).
///
/// Attention is shared by KV heads, with their query heads; if there are fewer KV heads than chips,
/// by query heads, and a KV head lives on every chip that needs it. The feed-forward layer is
/// shared by hidden elements, which each chip cuts into groups of its own, the LM head by entries
/// of the vocabulary, padded to equal parts. A matmul that reads shared features is followed by an
/// all_reduce of its sums; each chip samples its part of the vocabulary, and the candidates (value
/// and index) are gathered. Norms, residuals and the embedding, whose table every chip has, are
/// repeated.
///
/// `chips` = 1 gives the trace as it is. Throws spec::SpecError when a layer has fewer parts than
/// there are chips, when KV heads can neither be shared nor repeated evenly, or when the trace has
/// an operator whose parts are not known.
OperatorTrace tensor_parallel(const OperatorTrace& trace, std::uint32_t chips, std::uint32_t chip);

/// The traces of all chips; a single one if they are equal and `every_chip` is false.
std::vector<OperatorTrace> chip_traces(const OperatorTrace& trace, std::uint32_t chips,
                                       bool every_chip);

}  // namespace lutsim::workloads
