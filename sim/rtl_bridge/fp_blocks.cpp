// SPDX-License-Identifier: Apache-2.0
#include "sim/rtl_bridge/fp_blocks.h"

#include <string>

#include "Vfp_adder_bf16.h"
#include "Vfp_adder_fp16.h"
#include "Vfp_adder_fp32.h"
#include "Vfp_converter_bf16_to_fp16.h"
#include "Vfp_converter_bf16_to_fp32.h"
#include "Vfp_converter_fp16_to_bf16.h"
#include "Vfp_converter_fp16_to_fp32.h"
#include "Vfp_converter_fp32_to_bf16.h"
#include "Vfp_converter_fp32_to_fp16.h"
#include "Vfp_multiplier_bf16.h"
#include "Vfp_multiplier_fp16.h"
#include "Vfp_multiplier_fp16_to_fp32.h"
#include "Vfp_multiplier_fp32.h"
#include "sim/rtl_bridge/verilated_block.h"

namespace lutsim::rtl {
namespace {

using spec::NumberFormat;

/// Sets a port to the low bits of `bits`: the rest of the integer that holds it stays 0.
template <class Port>
void set_port(Port& port, NumberFormat format, std::uint32_t bits) {
  port = static_cast<Port>(spec::width_bits(format) == 16 ? bits & 0xffffu : bits);
}

template <class Top, class Base>
struct Adder : Base {
  explicit Adder(NumberFormat f) : format(f) {}
  const NumberFormat format;
  VerilatedBlock<Top> block;

  std::uint32_t add(std::uint32_t a, std::uint32_t b) override {
    set_port(block.top.a_i, format, a);
    set_port(block.top.b_i, format, b);
    block.top.eval();
    return block.top.sum_o;
  }
};

template <class Top, class Base>
struct Multiplier : Base {
  explicit Multiplier(NumberFormat f) : format(f) {}
  const NumberFormat format;
  VerilatedBlock<Top> block;

  std::uint32_t multiply(std::uint32_t a, std::uint32_t b) override {
    set_port(block.top.a_i, format, a);
    set_port(block.top.b_i, format, b);
    block.top.eval();
    return block.top.product_o;
  }
};

template <class Top, class Base>
struct Converter : Base {
  explicit Converter(NumberFormat f) : format(f) {}
  const NumberFormat format;
  VerilatedBlock<Top> block;

  std::uint32_t convert(std::uint32_t value) override {
    set_port(block.top.value_i, format, value);
    block.top.eval();
    return block.top.value_o;
  }
};

[[noreturn]] void not_verilated(const char* block, NumberFormat in, NumberFormat out) {
  throw spec::SpecError(std::string(block) + " from " + spec::to_string_of(in) + " to " +
                        spec::to_string_of(out) + " was not verilated: rtl/CMakeLists.txt");
}

}  // namespace

struct RtlFpAdder::Impl {
  virtual ~Impl() = default;
  virtual std::uint32_t add(std::uint32_t a, std::uint32_t b) = 0;
};

RtlFpAdder::RtlFpAdder(NumberFormat format) {
  if (format == NumberFormat::fp16) {
    impl_ = std::make_unique<Adder<Vfp_adder_fp16, Impl>>(format);
  } else if (format == NumberFormat::bf16) {
    impl_ = std::make_unique<Adder<Vfp_adder_bf16, Impl>>(format);
  } else if (format == NumberFormat::fp32) {
    impl_ = std::make_unique<Adder<Vfp_adder_fp32, Impl>>(format);
  } else {
    not_verilated("fp_adder", format, format);
  }
}
RtlFpAdder::~RtlFpAdder() = default;
std::uint32_t RtlFpAdder::operator()(std::uint32_t a, std::uint32_t b) { return impl_->add(a, b); }

struct RtlFpMultiplier::Impl {
  virtual ~Impl() = default;
  virtual std::uint32_t multiply(std::uint32_t a, std::uint32_t b) = 0;
};

RtlFpMultiplier::RtlFpMultiplier(NumberFormat in, NumberFormat out) {
  if (in == NumberFormat::fp16 && out == NumberFormat::fp16) {
    impl_ = std::make_unique<Multiplier<Vfp_multiplier_fp16, Impl>>(in);
  } else if (in == NumberFormat::fp16 && out == NumberFormat::fp32) {
    impl_ = std::make_unique<Multiplier<Vfp_multiplier_fp16_to_fp32, Impl>>(in);
  } else if (in == NumberFormat::bf16 && out == NumberFormat::bf16) {
    impl_ = std::make_unique<Multiplier<Vfp_multiplier_bf16, Impl>>(in);
  } else if (in == NumberFormat::fp32 && out == NumberFormat::fp32) {
    impl_ = std::make_unique<Multiplier<Vfp_multiplier_fp32, Impl>>(in);
  } else {
    not_verilated("fp_multiplier", in, out);
  }
}
RtlFpMultiplier::~RtlFpMultiplier() = default;
std::uint32_t RtlFpMultiplier::operator()(std::uint32_t a, std::uint32_t b) {
  return impl_->multiply(a, b);
}

struct RtlFpConverter::Impl {
  virtual ~Impl() = default;
  virtual std::uint32_t convert(std::uint32_t value) = 0;
};

RtlFpConverter::RtlFpConverter(NumberFormat in, NumberFormat out) {
  if (in == NumberFormat::fp16 && out == NumberFormat::bf16) {
    impl_ = std::make_unique<Converter<Vfp_converter_fp16_to_bf16, Impl>>(in);
  } else if (in == NumberFormat::fp16 && out == NumberFormat::fp32) {
    impl_ = std::make_unique<Converter<Vfp_converter_fp16_to_fp32, Impl>>(in);
  } else if (in == NumberFormat::bf16 && out == NumberFormat::fp16) {
    impl_ = std::make_unique<Converter<Vfp_converter_bf16_to_fp16, Impl>>(in);
  } else if (in == NumberFormat::bf16 && out == NumberFormat::fp32) {
    impl_ = std::make_unique<Converter<Vfp_converter_bf16_to_fp32, Impl>>(in);
  } else if (in == NumberFormat::fp32 && out == NumberFormat::fp16) {
    impl_ = std::make_unique<Converter<Vfp_converter_fp32_to_fp16, Impl>>(in);
  } else if (in == NumberFormat::fp32 && out == NumberFormat::bf16) {
    impl_ = std::make_unique<Converter<Vfp_converter_fp32_to_bf16, Impl>>(in);
  } else {
    not_verilated("fp_converter", in, out);
  }
}
RtlFpConverter::~RtlFpConverter() = default;
std::uint32_t RtlFpConverter::operator()(std::uint32_t value) { return impl_->convert(value); }

}  // namespace lutsim::rtl
