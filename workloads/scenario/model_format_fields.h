// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>

#include "models/spec/field.h"

/// Fields that say how a model is stored, the same in every input that names one.
namespace lutsim::workloads {

template <class S>
constexpr auto weight_bits_field(std::uint32_t S::*member, const char* description) {
  return spec::field("weight_bits", member, description).in(spec::Unit::bit).range(1, 8).maybe();
}

template <class S>
constexpr auto group_size_field(std::uint32_t S::*member) {
  return spec::field(
             "group_size", member,
             "weights along K that share their scales; 0: the largest of 128, 64, 32 that fits")
      .range(0, 1 << 20)
      .maybe();
}

template <class S>
constexpr auto kv_bits_field(std::uint32_t S::*member, const char* description) {
  return spec::field("kv_bits", member, description).in(spec::Unit::bit).range(4, 16).maybe();
}

}  // namespace lutsim::workloads
