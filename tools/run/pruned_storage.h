// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/spec/xor_code_spec.h"
#include "workloads/checkpoint/bcq_file.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::tools {

/// Says of every BCQ matrix of a trace that a share `sparsity` of its weights is pruned and that
/// its planes are stored in `code`. How many patches that takes is counted on encoded random blocks
/// (models::sample_code()). Throws spec::SpecError for a code that cannot be encoded.
void store_pruned(const spec::XorCodeSpec& code, double sparsity, workloads::OperatorTrace& trace);

/// Says of the matrices of a checkpoint in which code it has them, with its own patches. Throws
/// spec::SpecError when that is not `code`, the chip's.
void store_coded(const spec::XorCodeSpec& code, const workloads::CodedPlanes& coded,
                 workloads::OperatorTrace& trace);

}  // namespace lutsim::tools
