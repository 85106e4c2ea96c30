// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "models/vector/function_unit.h"

/// The blocks of rtl/vector/ as plain C++ classes. Each object holds one Verilated block in a
/// simulation context of its own. Parameters of the Verilated blocks: rtl/CMakeLists.txt.
///
/// run() throws std::logic_error when the block breaks its protocol: it is stuck, gives too many
/// results or fails an assertion.
namespace lutsim::rtl {

/// How often each side of a handshake is there, in percent of the cycles in which it is not already
/// waiting. 100: always, the default.
struct VectorPacing {
  std::uint32_t command = 100, in = 100, weights = 100, out = 100;
  std::uint64_t seed = 0;
};

/// rtl/vector/function_unit.sv.
class RtlFunctionUnit {
 public:
  struct Operand {
    models::VectorFunction function;
    std::uint32_t x;  ///< FP32 bits
  };
  struct Outcome {
    std::vector<std::uint32_t> y;  ///< FP32 bits
    std::uint64_t cycles = 0;
  };

  RtlFunctionUnit();
  ~RtlFunctionUnit();
  Outcome run(const std::vector<Operand>& operands, const VectorPacing& pacing = {});

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lutsim::rtl
