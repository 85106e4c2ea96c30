// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "workloads/serving/batch.h"
#include "workloads/serving/scheduler.h"

namespace lutsim::workloads {

struct IterationCost {
  double seconds = 0;
  double joules = 0;
};

/// What a device has room for.
struct DeviceMemory {
  double capacity_bytes = 0;  ///< of all chips or GPUs
  double weight_bytes = 0;    ///< of all models and their adapters
  double reserved_bytes = 0;  ///< neither weights nor cache
  double page_bytes = 0;
  std::uint32_t pages = 0;
  std::vector<ServedModel> models;
};

/// Pages of what weights and reserve leave. The model that caches most for a token gets
/// `page_tokens` to a page, the others as many as fit. Throws SpecError when nothing is left.
DeviceMemory divide_memory(double capacity_bytes, double weight_bytes, double reserved_bytes,
                           const std::vector<double>& cache_bytes_per_token,
                           const std::vector<std::uint32_t>& max_context, std::uint32_t page_tokens,
                           const std::string& name);

/// What executes iterations. Devices keep what they have executed, so every iteration is asked
/// for once.
class Device {
 public:
  virtual ~Device() = default;
  virtual IterationCost execute(const Batch& batch) = 0;
  virtual double idle_watts() const = 0;
};

/// Times that the scales of an adapter have to be moved when a batch is executed: each adapter of
/// the batch once, but for the one that `resident` says is in place; it becomes the last one.
class AdapterSwitch {
 public:
  std::uint32_t moves(const Batch& batch);

 private:
  std::uint64_t resident_ = 0;  ///< model and adapter
};

}  // namespace lutsim::workloads
