// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "workloads/serving/device.h"

namespace lutsim::test {

/// An iteration costs a second and a millisecond a row, and as many joules as seconds.
class FakeDevice : public workloads::Device {
 public:
  workloads::IterationCost execute(const workloads::Batch& batch) override {
    double seconds = 1;
    for (const auto& slice : batch.slices) seconds += 1e-3 * slice.rows;
    return {seconds, seconds};
  }
  double idle_watts() const override { return 0.5; }
};

/// Memory for `pages` pages of 4 positions and one model.
inline workloads::DeviceMemory small_memory(std::uint32_t pages, std::uint32_t max_context = 64) {
  workloads::DeviceMemory memory;
  memory.pages = pages;
  memory.page_bytes = 1;
  memory.models = {{max_context, 4}};
  return memory;
}

inline workloads::Request request(double arrival, std::uint32_t prompt, std::uint32_t output) {
  workloads::Request r;
  r.arrival_s = arrival;
  r.prompt_tokens = prompt;
  r.output_tokens = output;
  return r;
}

}  // namespace lutsim::test
