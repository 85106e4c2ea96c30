// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "models/transformer/quantized_model.h"
#include "tools/run/run_spec.h"
#include "workloads/checkpoint/bcq_file.h"
#include "workloads/checkpoint/tokenizer.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::tools {

/// A workload ready to run: its operator trace and, for a checkpoint, the weights behind it.
struct PreparedWorkload {
  std::string model_name;
  workloads::OperatorTrace trace;
  double weight_bits = 0;  ///< planes of a decoder weight, on average
  std::uint32_t group_size = 0;
  std::optional<models::QuantizedModel> model;   ///< empty: a shape or a trace file, no weights
  std::optional<workloads::CodedPlanes> coded;   ///< how a checkpoint stores the planes of `model`
  workloads::Tokenizer tokenizer;                ///< of `model`
  std::vector<std::uint32_t> prompt;             ///< of `model`
  std::vector<std::uint64_t> adapter_documents;  ///< fingerprints of what its adapter has seen
};

/// Finds the model (an embedded one, a checkpoint file, or a shape by name) or the trace file,
/// quantises the weights as the workload says, and builds the trace. Throws config::InputError or
/// spec::SpecError when a name is unknown, a file is damaged, or the request does not fit the
/// model.
PreparedWorkload prepare_workload(const workloads::WorkloadSpec& workload);

/// Sets the formats of a trace's matrices to those that the model's have, which may differ from
/// matrix to matrix.
void take_weight_formats(workloads::OperatorTrace& trace, const models::QuantizedModel& model);

}  // namespace lutsim::tools
