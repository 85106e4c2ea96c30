// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

#include "models/transformer/model_shape.h"
#include "tools/serve/execute_serve.h"
#include "workloads/serving/accelerator_server.h"
#include "workloads/serving/gpu_server.h"

/// The devices of execute_serve().
namespace lutsim::tools {

class Stopwatch {
 public:
  double seconds() const {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  }

 private:
  std::chrono::steady_clock::time_point begin_ = std::chrono::steady_clock::now();
};

/// No device serves longer sequences than the run asks for.
inline void limit_context(workloads::DeviceMemory& memory, const ServeSpec& spec) {
  for (workloads::ServedModel& model : memory.models)
    model.max_context = std::min(model.max_context, spec.max_context);
}
workloads::AcceleratorOptions accelerator_options(const ServeSpec& spec,
                                                  const std::vector<models::ModelShape>& shapes);

/// Simulates the passes that are missing, then serves.
ServedDevice serve_accelerator(const ServeSpec& spec, const ServeOptions& options,
                               const std::vector<models::ModelShape>& shapes,
                               const std::vector<workloads::Request>& requests);

/// With `count` GPUs; 0: the fewest, doubling, that hold the models. Throws SpecError when they do
/// not hold the models.
workloads::GpuServerOptions fitted(workloads::GpuServerOptions o, std::uint32_t count);

ServedDevice serve_gpu(const ServeSpec& spec, const ServeOptions& options,
                       const workloads::GpuServerOptions& o,
                       const std::vector<workloads::Request>& requests);

}  // namespace lutsim::tools
