// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>

#include "models/spec/number_format.h"

/// The blocks of rtl/arithmetic/ as functions on bits of their formats. Each object holds one
/// Verilated block in a simulation context of its own; the constructors throw spec::SpecError for
/// formats that rtl/CMakeLists.txt does not verilate.
namespace lutsim::rtl {

/// rtl/arithmetic/fp_adder.sv in FP16, BF16 or FP32.
class RtlFpAdder {
 public:
  explicit RtlFpAdder(spec::NumberFormat format);
  ~RtlFpAdder();
  std::uint32_t operator()(std::uint32_t a, std::uint32_t b);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// rtl/arithmetic/fp_multiplier.sv: each format to itself, and FP16 to FP32.
class RtlFpMultiplier {
 public:
  RtlFpMultiplier(spec::NumberFormat in, spec::NumberFormat out);
  ~RtlFpMultiplier();
  std::uint32_t operator()(std::uint32_t a, std::uint32_t b);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// rtl/arithmetic/fp_converter.sv between any two of FP16, BF16 and FP32.
class RtlFpConverter {
 public:
  RtlFpConverter(spec::NumberFormat in, spec::NumberFormat out);
  ~RtlFpConverter();
  std::uint32_t operator()(std::uint32_t value);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lutsim::rtl
