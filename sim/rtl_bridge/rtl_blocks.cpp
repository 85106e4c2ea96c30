// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/rtl_blocks.h"

#include <string>

#include "Vint_to_fp32.h"
#include "Vint_to_fp32_wide.h"
#include "Vlut_generator.h"
#include "Vlut_generator_mu5.h"
#include "Vlut_pe.h"
#include "Vpre_aligner_bf16.h"
#include "Vpre_aligner_bf16_pre_aligner.h"
#include "Vpre_aligner_fp16.h"
#include "Vpre_aligner_fp16_pre_aligner.h"
#include "Vpre_aligner_fp32.h"
#include "Vpre_aligner_fp32_pre_aligner.h"
#include "sim/rtl_bridge/port_bits.h"
#include "sim/rtl_bridge/verilated_block.h"

namespace lutsim::rtl {
namespace {

[[noreturn]] void not_verilated(const std::string& what) {
  throw spec::SpecError(what + " was not verilated: rtl/CMakeLists.txt");
}

}  // namespace

struct RtlIntToFp32::Impl {
  virtual ~Impl() = default;
  virtual std::uint32_t convert(std::int64_t sum, std::int32_t exponent) = 0;
};

namespace {

template <class Top, std::uint32_t kSumBits, class Base>
struct IntToFp32 : Base {
  VerilatedBlock<Top> block;

  std::uint32_t convert(std::int64_t sum, std::int32_t exponent) override {
    set_bits(block.top.sum_i, 0, kSumBits, static_cast<std::uint64_t>(sum));
    set_bits(block.top.exponent_i, 0, RtlIntToFp32::kExponentBits,
             static_cast<std::uint64_t>(exponent));
    block.top.eval();
    return block.top.value_o;
  }
};

}  // namespace

RtlIntToFp32::RtlIntToFp32(std::uint32_t sum_bits) {
  switch (sum_bits) {
    case kNarrow:
      impl_ = std::make_unique<IntToFp32<Vint_to_fp32, kNarrow, Impl>>();
      break;
    case kWide:
      impl_ = std::make_unique<IntToFp32<Vint_to_fp32_wide, kWide, Impl>>();
      break;
    default:
      not_verilated("int_to_fp32 with SumBits = " + std::to_string(sum_bits));
  }
}
RtlIntToFp32::~RtlIntToFp32() = default;
std::uint32_t RtlIntToFp32::operator()(std::int64_t sum, std::int32_t exponent) {
  return impl_->convert(sum, exponent);
}

struct RtlLutGenerator::Impl {
  explicit Impl(const spec::MatrixSpec& s) : spec(s) {}
  virtual ~Impl() = default;
  virtual std::vector<std::int64_t> fill(const std::vector<std::int32_t>& activations) = 0;
  const spec::MatrixSpec spec;
};

namespace {

template <class Top, class Base>
struct Generator : Base {
  using Base::Base;
  VerilatedBlock<Top> block;

  std::vector<std::int64_t> fill(const std::vector<std::int32_t>& activations) override {
    const spec::MatrixSpec& spec = this->spec;
    for (std::uint32_t t = 0; t < spec.mu; ++t) {
      set_bits(block.top.activation_i, std::size_t{t} * spec.align_bits, spec.align_bits,
               static_cast<std::uint64_t>(activations[t]));
    }
    block.top.eval();
    std::vector<std::int64_t> entries;
    for (std::uint32_t key = 0; key < spec.lut_entries(); ++key) {
      entries.push_back(get_signed_bits(block.top.entry_o, std::size_t{key} * spec.entry_bits(),
                                        spec.entry_bits()));
    }
    return entries;
  }
};

}  // namespace

RtlLutGenerator::RtlLutGenerator(std::uint32_t mu) {
  spec::MatrixSpec spec;
  spec.mu = mu;
  switch (mu) {
    case 4:
      impl_ = std::make_unique<Generator<Vlut_generator, Impl>>(spec);
      break;
    case 5:
      spec.align_bits = 9;
      impl_ = std::make_unique<Generator<Vlut_generator_mu5, Impl>>(spec);
      break;
    default:
      not_verilated("lut_generator with Mu = " + std::to_string(mu));
  }
}
RtlLutGenerator::~RtlLutGenerator() = default;
std::uint32_t RtlLutGenerator::mu() const { return impl_->spec.mu; }
std::uint32_t RtlLutGenerator::align_bits() const { return impl_->spec.align_bits; }
std::vector<std::int64_t> RtlLutGenerator::operator()(
    const std::vector<std::int32_t>& activations) {
  return impl_->fill(activations);
}

struct RtlLutPe::Impl : VerilatedBlock<Vlut_pe> {
  const spec::MatrixSpec spec{};
};
RtlLutPe::RtlLutPe() : impl_(std::make_unique<Impl>()) {}
RtlLutPe::~RtlLutPe() = default;

void RtlLutPe::load_entries(const std::vector<std::int64_t>& entries) {
  const std::uint32_t width = impl_->spec.entry_bits();
  for (std::uint32_t e = 0; e < impl_->spec.lut_entries(); ++e) {
    set_bits(impl_->top.entry_i, std::size_t{e} * width, width,
             static_cast<std::uint64_t>(entries[e]));
  }
  impl_->top.load_lut_i = 1;
  impl_->edge();
  impl_->top.load_lut_i = 0;
}

void RtlLutPe::load_keys(const std::vector<std::uint32_t>& keys) {
  for (std::uint32_t r = 0; r < kReaders; ++r) {
    set_bits(impl_->top.key_i, std::size_t{r} * impl_->spec.mu, impl_->spec.mu, keys[r]);
  }
  impl_->top.load_key_i = 1;
  impl_->edge();
  impl_->top.load_key_i = 0;
}

void RtlLutPe::load_ones() {
  impl_->top.ones_i = 1;
  load_keys(std::vector<std::uint32_t>(kReaders, 0));
  impl_->top.ones_i = 0;
}

std::vector<std::int64_t> RtlLutPe::values() const {
  const std::uint32_t width = impl_->spec.entry_bits();
  std::vector<std::int64_t> values;
  for (std::uint32_t r = 0; r < kReaders; ++r) {
    values.push_back(get_signed_bits(impl_->top.value_o, std::size_t{r} * width, width));
  }
  return values;
}

struct RtlPreAligner::Impl {
  explicit Impl(const spec::MatrixSpec& s) : spec(s) {}
  virtual ~Impl() = default;
  virtual models::AlignedSegment align(const std::vector<std::uint32_t>& activations) = 0;
  const spec::MatrixSpec spec;
};

namespace {

template <class Top, class Elaborated, class Base>
struct PreAligner : Base {
  explicit PreAligner(spec::NumberFormat format) : Base(elaborated_spec(format)) {}
  VerilatedBlock<Top> block;

  static spec::MatrixSpec elaborated_spec(spec::NumberFormat format) {
    spec::MatrixSpec spec;
    spec.mu = 4;
    spec.array_cols = Elaborated::LanesK / spec.mu;
    spec.act_format = format;
    spec.align_bits = Elaborated::AlignBits;
    return spec;
  }

  models::AlignedSegment align(const std::vector<std::uint32_t>& activations) override {
    const std::uint32_t width = spec::width_bits(this->spec.act_format);
    const std::uint32_t lanes = this->spec.lanes_k();
    for (std::uint32_t k = 0; k < lanes; ++k) {
      set_bits(block.top.activation_i, std::size_t{k} * width, width,
               k < activations.size() ? activations[k] : 0u);
    }
    block.top.load_i = 1;
    block.top.shift_i = 0;
    block.edge();
    block.top.load_i = 0;
    block.top.shift_i = 1;
    block.edge();
    models::AlignedSegment aligned;
    aligned.finite = !block.top.nan_o;
    aligned.exponent = static_cast<std::int32_t>(
        get_signed_bits(block.top.exponent_o, 0, Elaborated::ExponentBits));
    for (std::size_t k = 0; k < activations.size(); ++k) {
      aligned.mantissa.push_back(static_cast<std::int32_t>(
          get_signed_bits(block.top.mantissa_o, k * Elaborated::AlignBits, Elaborated::AlignBits)));
    }
    return aligned;
  }
};

}  // namespace

RtlPreAligner::RtlPreAligner(spec::NumberFormat act_format) {
  using spec::NumberFormat;
  switch (act_format) {
    case NumberFormat::fp16:
      impl_ = std::make_unique<PreAligner<Vpre_aligner_fp16, Vpre_aligner_fp16_pre_aligner, Impl>>(
          act_format);
      break;
    case NumberFormat::bf16:
      impl_ = std::make_unique<PreAligner<Vpre_aligner_bf16, Vpre_aligner_bf16_pre_aligner, Impl>>(
          act_format);
      break;
    case NumberFormat::fp32:
      impl_ = std::make_unique<PreAligner<Vpre_aligner_fp32, Vpre_aligner_fp32_pre_aligner, Impl>>(
          act_format);
      break;
    default:
      not_verilated("pre_aligner for " + spec::to_string_of(act_format));
  }
}
RtlPreAligner::~RtlPreAligner() = default;
const spec::MatrixSpec& RtlPreAligner::spec() const { return impl_->spec; }
models::AlignedSegment RtlPreAligner::operator()(const std::vector<std::uint32_t>& activations) {
  return impl_->align(activations);
}

}  // namespace lutsim::rtl
