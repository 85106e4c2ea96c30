// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <memory>
#include <vector>

#include "models/lut/lut_i.h"
#include "models/spec/arch_spec.h"

/// The blocks of the matrix unit on their own, as functions (the floating-point ones: fp_blocks.h).
/// Each object holds one Verilated block
/// in a simulation context of its own. Parameters of the Verilated blocks: rtl/CMakeLists.txt.
namespace lutsim::rtl {

/// rtl/arithmetic/int_to_fp32.sv: FP32 bits of fp32(sum) * 2^exponent.
class RtlIntToFp32 {
 public:
  static constexpr std::uint32_t kNarrow = 22;  ///< sum bits of the default configuration
  static constexpr std::uint32_t kWide = 40;    ///< sums that the conversion must round
  static constexpr std::uint32_t kExponentBits = 10;

  /// `sum_bits` is kNarrow or kWide.
  explicit RtlIntToFp32(std::uint32_t sum_bits);
  ~RtlIntToFp32();
  std::uint32_t operator()(std::int64_t sum, std::int32_t exponent);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// rtl/matrix/lut_generator.sv: the stored entries of mu aligned activations.
class RtlLutGenerator {
 public:
  /// `mu` is 4 (align_bits 16) or 5 (align_bits 9).
  explicit RtlLutGenerator(std::uint32_t mu);
  ~RtlLutGenerator();
  std::uint32_t mu() const;
  std::uint32_t align_bits() const;
  std::vector<std::int64_t> operator()(const std::vector<std::int32_t>& activations);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// rtl/matrix/lut_pe.sv with mu = 4, 18-bit entries and kReaders readers.
class RtlLutPe {
 public:
  static constexpr std::uint32_t kReaders = 4;

  RtlLutPe();
  ~RtlLutPe();
  /// Loads the 8 stored entries, or the keys, at a clock edge.
  void load_entries(const std::vector<std::int64_t>& entries);
  void load_keys(const std::vector<std::uint32_t>& keys);
  void load_ones();
  /// What the readers read: [kReaders].
  std::vector<std::int64_t> values() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

/// rtl/matrix/pre_aligner.sv.
class RtlPreAligner {
 public:
  /// fp16, bf16 or fp32: one verilated geometry each.
  explicit RtlPreAligner(spec::NumberFormat act_format);
  ~RtlPreAligner();
  /// lanes_k, act_format and align_bits of the Verilated block.
  const spec::MatrixSpec& spec() const;
  /// Aligns up to lanes_k values (act_format bits); the other lanes are +0. Two clock edges.
  models::AlignedSegment operator()(const std::vector<std::uint32_t>& activations);

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace lutsim::rtl
