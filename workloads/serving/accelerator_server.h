// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <memory>
#include <vector>

#include "models/energy/account.h"
#include "models/spec/memory_standard.h"
#include "models/transformer/model_shape.h"
#include "workloads/serving/device.h"
#include "workloads/serving/operating_points.h"
#include "workloads/trace/trace_builder.h"

namespace lutsim::workloads {

/// One model on the accelerator.
struct AcceleratorModel {
  models::ModelShape shape;
  TraceRequest formats;  ///< weight and cache formats, routing; sizes are ignored
};

struct AcceleratorOptions {
  spec::ArchSpec arch;
  spec::MemoryStandard memory;
  std::vector<AcceleratorModel> models;
  std::uint32_t page_tokens = 16;
  std::uint32_t adapters = 1;
  /// Share of the DRAM that holds neither weights nor cache: spilled activations, host buffers.
  double reserve = 0.02;
};

/// What the DRAM of all chips has room for: stored bytes of the weights, scales of the adapters.
DeviceMemory accelerator_memory(const AcceleratorOptions& options);

/// Bytes of the scales and offsets of all quantised matrices, of all chips: what an adapter brings.
double scale_bytes(const AcceleratorModel& model, std::uint32_t chips);

/// The accelerator as the scheduler sees it. All sequences of a simulated pass have one length, and
/// rows of prompts and decoded rows do not stand in one pass. So an iteration costs
///
///   one decode pass of all decoding sequences at their mean context (rounded)
///   + one pass for each chunk of a prompt, one after the other
///   + a task switch of scales for every adapter that is not in place, as it was simulated.
///
/// A real mixed pass would stream the weights once: the sum is an upper bound.
class AcceleratorServer : public Device {
 public:
  /// `points` and `switches`, the cost of a switch between two adapters, of each model.
  AcceleratorServer(const AcceleratorOptions& options, const models::EnergyTable& table,
                    std::vector<std::shared_ptr<PointSource>> points,
                    std::vector<PointCost> switches);
  IterationCost execute(const Batch& batch) override;
  double idle_watts() const override { return static_watts_; }

  /// Events of all iterations so far, rounded.
  models::EventCounts events() const;
  std::uint64_t adapter_moves() const { return adapter_moves_; }
  /// Relative difference between a decode pass at the mean context and the mean of passes at each
  /// sequence's own context, of some of the iterations.
  double mean_context_error() const { return samples_ > 0 ? context_error_ / samples_ : 0; }
  double largest_context_error() const { return largest_context_error_; }

 private:
  void check_context(const Batch& batch, std::uint32_t sequences, const PointCost& at_mean);

  std::vector<std::shared_ptr<PointSource>> points_;
  std::array<double, models::kEventCount> joules_each_{};
  double static_watts_ = 0;
  std::vector<PointCost> switches_;
  AdapterSwitch adapters_;
  std::array<double, models::kEventCount> events_{};
  std::uint64_t adapter_moves_ = 0, iterations_ = 0, samples_ = 0;
  double context_error_ = 0, largest_context_error_ = 0;
};

}  // namespace lutsim::workloads
