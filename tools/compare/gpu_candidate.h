// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/cost/cost_table.h"
#include "tools/compare/candidate.h"
#include "tools/compare/candidate_choice.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::tools {

/// One line of a GPU doing the operators of a trace.
Candidate gpu_candidate(const GpuLineChoice& choice, const workloads::OperatorTrace& trace,
                        const models::CostTable& costs);

/// Bits of a decoder weight at this precision.
double weight_bits_of(models::GpuPrecision precision);

}  // namespace lutsim::tools
