// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "models/transformer/operator_observer.h"
#include "sim/platform/functional_computation.h"

namespace lutsim::tools {

/// Compares every tensor that the simulated machine computed with the golden transformer's, bit for
/// bit.
class GoldenComparison : public models::OperatorObserver {
 public:
  GoldenComparison(const workloads::OperatorTrace& trace,
                   const sim::FunctionalComputation& machine);

  void on_operator(const models::ExecutedOperator& op) override;

  std::uint64_t tensors() const { return tensors_; }
  std::uint64_t values() const { return values_; }
  std::uint64_t mismatches() const { return mismatches_; }
  /// "layers.0.attention.q@0[17]: golden 0x..., machine 0x...", empty without a mismatch.
  const std::string& first_mismatch() const { return first_mismatch_; }

 private:
  const workloads::OperatorTrace& trace_;
  const sim::FunctionalComputation& machine_;
  std::unordered_map<std::string, workloads::TensorId> ids_;
  std::uint64_t tensors_ = 0, values_ = 0, mismatches_ = 0;
  std::string first_mismatch_;
};

/// Runs `prompt` and `generate` tokens through the golden transformer with a cache of that format;
/// returns the tokens that it chose.
std::vector<std::uint32_t> run_golden(const models::QuantizedModel& model,
                                      const spec::ArchSpec& arch,
                                      const std::vector<std::uint32_t>& prompt,
                                      std::uint32_t generate,
                                      const models::SamplingOptions& sampling,
                                      spec::NumberFormat kv_format,
                                      models::OperatorObserver* observer);

}  // namespace lutsim::tools
