// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <unordered_map>
#include <vector>

#include "models/gpu/gpu_model.h"
#include "models/transformer/model_shape.h"
#include "workloads/serving/device.h"
#include "workloads/trace/expert_routing.h"

namespace lutsim::workloads {

/// GPUs that serve together, and how.
struct GpuServerOptions {
  models::GpuSpec gpu;
  std::uint32_t count = 1;  ///< tensor parallel
  models::GpuLine line = models::GpuLine::served;
  models::GpuPrecision precision = models::GpuPrecision::fp16;
  std::vector<models::ModelShape> shapes;
  RoutingRequest routing;
  std::uint32_t page_tokens = 16;
  /// Share of the memory that holds neither weights nor cache: vLLM's gpu_memory_utilization is
  /// 0.9.
  double reserve = 0.1;
  double adapter_bytes = 0;  ///< of one adapter's scales
  std::uint32_t adapters = 1;
};

/// The kernels of an iteration: matrices and element-wise kernels with all rows of all sequences,
/// the LM head with the rows that are sampled, one attention kernel for all sequences.
class MixedSteps {
 public:
  /// `chips` > 1: what one of them executes.
  MixedSteps(models::ModelShape shape, std::uint32_t chips, const RoutingRequest& routing);

  models::GpuStep step(const Batch& batch);

  /// Without a step: weights and an FP16 cache of `tokens` positions.
  models::GpuWorkload storage(std::uint32_t tokens) const;
  const models::ModelShape& shape() const { return shape_; }

 private:
  struct Attention {
    Operator score, value;
    std::uint32_t layers = 1;
    /// By the positions that one decoded row attends to.
    std::vector<models::GpuKernel> decode;
  };

  OperatorTrace trace_of(std::uint32_t rows) const;
  models::GpuKernel attend(const Attention& attention, std::uint32_t start,
                           std::uint32_t rows) const;
  const models::GpuKernel& decode(Attention& attention, std::uint32_t start);
  const std::vector<models::GpuKernel>& body(std::uint32_t rows);
  const std::vector<models::GpuKernel>& head(std::uint32_t rows);

  models::ModelShape shape_;
  std::uint32_t chips_;
  RoutingRequest routing_;
  std::vector<Attention> attention_;
  std::unordered_map<std::uint32_t, std::vector<models::GpuKernel>> bodies_, heads_;
};

/// A GPU, or several that share every layer.
class GpuServer : public Device {
 public:
  explicit GpuServer(GpuServerOptions options);
  IterationCost execute(const Batch& batch) override;
  double idle_watts() const override;
  const DeviceMemory& memory() const { return memory_; }

  /// Joules of all iterations so far.
  const models::GpuEstimate& joules() const { return joules_; }
  std::uint64_t adapter_moves() const { return adapter_moves_; }

 private:
  GpuServerOptions options_;
  std::vector<MixedSteps> steps_;
  DeviceMemory memory_;
  AdapterSwitch adapters_;
  models::GpuEstimate joules_;
  std::uint64_t adapter_moves_ = 0;
};

}  // namespace lutsim::workloads
