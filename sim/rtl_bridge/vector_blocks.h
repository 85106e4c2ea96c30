// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

#include "models/vector/function_unit.h"
#include "models/vector/kv_quantizer.h"

/// The blocks of rtl/vector/ as plain C++ classes. Each object holds one Verilated block in a
/// simulation context of its own. Parameters of the Verilated blocks: rtl/CMakeLists.txt.
///
/// run() throws std::logic_error when the block breaks its protocol: it is stuck, gives too many
/// results or fails an assertion.
namespace lutsim::rtl {

/// How often each side of a handshake is there, in percent of the cycles in which it is not already
/// waiting. 100: always, the default. Command and beats of the next row are on offer too.
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

/// Lanes of the sequencers and of the quantizer that were verilated.
constexpr std::array<std::uint32_t, 2> kVectorLanes{1, 4};

/// What a row gave.
struct RowOutcome {
  std::vector<std::uint32_t> y;  ///< FP32 bits
  std::uint64_t cycles = 0;
};

/// rtl/vector/softmax_sequencer.sv.
class RtlSoftmax {
 public:
  /// `lanes` is one of kVectorLanes.
  explicit RtlSoftmax(std::uint32_t lanes);
  ~RtlSoftmax();
  std::uint32_t max_elements() const;
  /// One row of FP32 bits.
  RowOutcome run(const std::vector<std::uint32_t>& x, const VectorPacing& pacing = {});

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

/// One row for a norm, FP32 bits throughout.
struct NormRow {
  bool layer_norm = false;
  std::uint32_t reciprocal = 0;  ///< 1 / elements
  std::uint32_t epsilon = 0;
  std::vector<std::uint32_t> x, weight, bias;  ///< as many; bias counts for LayerNorm only
};

/// rtl/vector/norm_sequencer.sv.
class RtlNorm {
 public:
  explicit RtlNorm(std::uint32_t lanes);
  ~RtlNorm();
  std::uint32_t max_elements() const;
  RowOutcome run(const NormRow& row, const VectorPacing& pacing = {});

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

/// rtl/vector/kv_quantizer.sv.
class RtlKvQuantizer {
 public:
  struct Outcome {
    models::KvGroup group;
    std::uint64_t cycles = 0;
  };

  explicit RtlKvQuantizer(std::uint32_t lanes);
  ~RtlKvQuantizer();
  std::uint32_t max_elements() const;
  /// One group of FP32 bits; `bits` is 4 or 8.
  Outcome run(const std::vector<std::uint32_t>& x, std::uint32_t bits,
              const VectorPacing& pacing = {});

  struct Impl;

 private:
  std::unique_ptr<Impl> impl_;
};

}  // namespace lutsim::rtl
