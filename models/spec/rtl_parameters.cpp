// SPDX-License-Identifier: Apache-2.0
#include "models/spec/rtl_parameters.h"

#include <type_traits>

namespace lutsim::spec {

std::vector<RtlParameter> rtl_parameters(const MatrixSpec& matrix) {
  std::vector<RtlParameter> list;
  for_each_field<MatrixSpec>([&](const auto& f) {
    if constexpr (std::is_unsigned_v<typename std::decay_t<decltype(f)>::Value>) {
      if (f.rtl != nullptr) list.push_back({f.rtl, matrix.*(f.member), f.doc});
    }
  });
  const FloatEncoding act = float_encoding(matrix.act_format);
  const FloatEncoding acc = float_encoding(matrix.float_acc());
  list.push_back({"Engine", static_cast<std::uint64_t>(matrix.engine),
                  "0 fp, 1 ifpu, 2 figna, 3 lut-f, 4 lut-i"});
  list.push_back({"LutEntries", matrix.lut_entries(), "entries of a half LUT"});
  list.push_back({"LanesN", matrix.lanes_n(), "output features that the array computes at once"});
  list.push_back({"LanesK", matrix.lanes_k(), "reduction length that the array covers at once"});
  list.push_back({"EntryBits", matrix.entry_bits(), "width of one LUT entry"});
  list.push_back({"SumBits", matrix.sum_bits(), "width of a sum over the whole reduction length"});
  list.push_back({"Slots", matrix.slots(), "sums of one feature in a step, each with its scale"});
  list.push_back({"FrontStages", matrix.front_stages(), "register stages of the activations"});
  list.push_back({"ReduceStages", matrix.reduce_stages(), "register stages of the sum along K"});
  list.push_back({"ScaleStages", matrix.scale_stages(), "register stages of conversion and scale"});
  list.push_back(
      {"SlotStages", matrix.slot_stages(), "register stages of the tree over the slots"});
  list.push_back({"ActExpBits", act.exponent_bits, "exponent bits of an activation"});
  list.push_back(
      {"ActManBits", act.mantissa_bits, "mantissa bits of an activation, hidden bit excluded"});
  list.push_back({"AccExpBits", acc.exponent_bits, "exponent bits of floating-point sums"});
  list.push_back({"AccManBits", acc.mantissa_bits, "mantissa bits of floating-point sums"});
  return list;
}

}  // namespace lutsim::spec
