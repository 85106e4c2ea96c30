// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/import/source_trace.h"

#include <functional>
#include <numeric>

namespace lutsim::workloads {

namespace {

struct TypeRow {
  const char* name;
  std::uint32_t bits;
  spec::NumberFormat format;
};

/// Names that the profiler, the execution trace and the dispatcher use. FP8 has the storage of INT8
/// in our formats.
const TypeRow* find_type(const std::string& type) {
  using F = spec::NumberFormat;
  static const TypeRow kTypes[] = {{"c10::BFloat16", 16, F::bf16},
                                   {"c10::Half", 16, F::fp16},
                                   {"BFloat16", 16, F::bf16},
                                   {"Half", 16, F::fp16},
                                   {"float", 32, F::fp32},
                                   {"double", 64, F::fp32},
                                   {"long int", 64, F::int32},
                                   {"long", 64, F::int32},
                                   {"int", 32, F::int32},
                                   {"short", 16, F::int32},
                                   {"signed char", 8, F::int8},
                                   {"unsigned char", 8, F::int8},
                                   {"char", 8, F::int8},
                                   {"bool", 8, F::int8},
                                   {"c10::Float8_e4m3fn", 8, F::int8},
                                   {"c10::Float8_e5m2", 8, F::int8},
                                   {"c10::Float8_e4m3fnuz", 8, F::int8}};
  for (const TypeRow& row : kTypes) {
    if (type == row.name) return &row;
  }
  return nullptr;
}

}  // namespace

std::uint64_t SourceArgument::elements() const {
  if (shape.empty()) return 0;
  return std::accumulate(shape.begin(), shape.end(), std::uint64_t{1}, std::multiplies<>());
}

std::uint32_t type_bits(const std::string& type) {
  const TypeRow* row = find_type(type);
  return row ? row->bits : 32;
}

spec::NumberFormat format_of_type(const std::string& type) {
  const TypeRow* row = find_type(type);
  return row ? row->format : spec::NumberFormat::fp32;
}

}  // namespace lutsim::workloads
