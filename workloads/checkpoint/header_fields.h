// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <nlohmann/json.hpp>
#include <string>
#include <type_traits>

#include "models/spec/field.h"
#include "workloads/trace/json_object.h"

/// Parameter structs with fields() in the JSON headers of binary files.
namespace lutsim::workloads {

/// Optional fields that have their default are left out.
template <class Spec>
nlohmann::ordered_json write_fields(const Spec& spec) {
  nlohmann::ordered_json json;
  const Spec plain{};
  spec::for_each_field<Spec>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    if (f.optional && spec.*f.member == plain.*f.member) return;
    if constexpr (std::is_enum_v<Value>) {
      json[f.key] = spec::to_string_of(spec.*f.member);
    } else {
      json[f.key] = spec.*f.member;
    }
  });
  return json;
}

template <class Spec>
void read_fields(JsonObject& json, Spec& spec) {
  spec::for_each_field<Spec>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    if (f.optional && !json.contains(f.key)) return;
    if constexpr (std::is_enum_v<Value>) {
      spec.*f.member = json.enumerator<Value>(f.key);
    } else if constexpr (std::is_same_v<Value, bool>) {
      spec.*f.member = json.boolean(f.key);
    } else if constexpr (std::is_same_v<Value, std::string>) {
      spec.*f.member = json.string(f.key);
    } else if constexpr (std::is_floating_point_v<Value>) {
      spec.*f.member = json.number(f.key, f.min, f.max);
    } else {
      spec.*f.member = static_cast<Value>(json.integer(f.key, static_cast<std::uint64_t>(f.min),
                                                       static_cast<std::uint64_t>(f.max)));
    }
  });
}

/// The fingerprints of documents at `key`: numbers below 2^53.
inline std::vector<std::uint64_t> read_fingerprints(JsonObject& json, const char* key) {
  return json.integers(key, 0, (std::uint64_t{1} << 53) - 1);
}

}  // namespace lutsim::workloads
