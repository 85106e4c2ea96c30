// SPDX-License-Identifier: Apache-2.0
#include "tools/run/golden_comparison.h"

#include <fmt/core.h>

#include "models/numerics/float_format.h"
#include "models/transformer/golden_transformer.h"

namespace lutsim::tools {

GoldenComparison::GoldenComparison(const workloads::OperatorTrace& trace,
                                   const sim::FunctionalComputation& machine)
    : trace_(trace), machine_(machine) {
  for (workloads::TensorId id = 0; id < trace.tensors.size(); ++id) {
    ids_[trace.tensors[id].name] = id;
  }
}

void GoldenComparison::on_operator(const models::ExecutedOperator& op) {
  if (op.kind == models::OperatorKind::sample) return;  // tokens are compared as the run's output
  ++tensors_;
  const auto report = [&](const std::string& text) {
    ++mismatches_;
    if (first_mismatch_.empty()) first_mismatch_ = op.output + ": " + text;
  };
  const auto found = ids_.find(op.output);
  if (found == ids_.end()) return report("the machine has no such tensor");
  const std::vector<float>& machine = machine_.values(found->second);

  // A cache holds the rows of all steps; the operator wrote those from its position on.
  std::uint64_t offset = 0;
  if (trace_.tensors[found->second].role == workloads::TensorRole::kv_cache) {
    offset = op.position * op.kv_heads * op.head_dim;
  }
  if (offset + op.count > machine.size()) {
    return report(fmt::format("golden has {} values, the machine {}", op.count, machine.size()));
  }
  values_ += op.count;
  for (std::size_t i = 0; i < op.count; ++i) {
    const std::uint32_t golden = models::fp32_bits(op.values[i]);
    const std::uint32_t computed = models::fp32_bits(machine[offset + i]);
    if (golden != computed) {
      report(fmt::format("element {}: golden 0x{:08x}, machine 0x{:08x}", i, golden, computed));
    }
  }
}

std::vector<std::uint32_t> run_golden(const models::QuantizedModel& model,
                                      const spec::ArchSpec& arch,
                                      const std::vector<std::uint32_t>& prompt,
                                      std::uint32_t generate,
                                      const models::SamplingOptions& sampling,
                                      spec::NumberFormat kv_format,
                                      models::OperatorObserver* observer) {
  models::GoldenTransformer golden(model, arch.matrix, kv_format, arch.attention);
  golden.observe_with(observer);
  models::Sampler sampler(sampling);
  std::vector<std::uint32_t> generated;
  std::vector<std::uint32_t> input = prompt;
  while (generated.size() < generate) {
    const std::vector<float> logits = golden.forward(input);
    generated.push_back(golden.sample(sampler, logits));
    input = {generated.back()};
  }
  return generated;
}

}  // namespace lutsim::tools
