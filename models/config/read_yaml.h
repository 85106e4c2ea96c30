// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstddef>
#include <filesystem>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "models/config/document.h"
#include "models/config/node.h"
#include "models/config/type_info.h"
#include "models/spec/field.h"

/// Parameter structs from YAML (docs/configuration.md). `Spec` is any struct with fields().
///
/// Reading is strict. Unknown, duplicate and missing keys, wrong types, units and ranges are all
/// reported at once, in one InputError; then what fields cannot say alone: `problems(spec)` (all of
/// them), or `validate` (the first one), whichever the struct has. Overrides ("sets") are texts
/// "matrix.mu=4" that pass the same checks.
namespace lutsim::config {

namespace internal {

template <class Spec, class = void>
struct has_problems : std::false_type {};
template <class Spec>
struct has_problems<Spec, std::void_t<decltype(problems(std::declval<const Spec&>()))>>
    : std::true_type {};

template <class Spec, class = void>
struct has_free_validate : std::false_type {};
template <class Spec>
struct has_free_validate<Spec, std::void_t<decltype(validate(std::declval<const Spec&>()))>>
    : std::true_type {};

template <class Spec, class = void>
struct has_member_validate : std::false_type {};
template <class Spec>
struct has_member_validate<Spec, std::void_t<decltype(std::declval<const Spec&>().validate())>>
    : std::true_type {};

template <class Spec>
void check_whole(const Spec& spec, Document& document) {
  if constexpr (has_problems<Spec>::value) {
    for (const spec::Problem& p : problems(spec)) {
      document.add_error(p.path, p.path + " " + p.message);
    }
  } else if constexpr (has_free_validate<Spec>::value || has_member_validate<Spec>::value) {
    try {
      if constexpr (has_free_validate<Spec>::value) {
        validate(spec);
      } else {
        spec.validate();
      }
    } catch (const spec::SpecError& error) {
      document.add_error(leading_path(error.what()), error.what());
    }
  }
  document.throw_if_errors();
}

template <class Spec>
Spec finish(Document& document, const std::vector<std::string>& sets) {
  for (std::size_t i = 0; i < sets.size(); ++i) {
    document.set(sets[i], "<--set #" + std::to_string(i + 1) + ">");
  }
  document.throw_if_errors();
  Spec spec = Spec();
  from_value(document.value(), spec);
  check_whole(spec, document);
  return spec;
}

}  // namespace internal

/// Reads a text; `name` stands for the file in messages.
template <class Spec>
Spec read_yaml_text(const std::string& text, const std::string& name,
                    const std::vector<std::string>& sets = {}) {
  Document document(type_info<Spec>(), to_value(Spec()));
  document.read(Source(name, text));
  return internal::finish<Spec>(document, sets);
}

/// Reads a file, then applies the overrides.
template <class Spec>
Spec read_yaml(const std::filesystem::path& file, const std::vector<std::string>& sets = {}) {
  Document document(type_info<Spec>(), to_value(Spec()));
  document.read(read_source(file));
  return internal::finish<Spec>(document, sets);
}

/// Applies overrides; `spec` is unchanged when one of them is refused.
template <class Spec>
void apply_sets(Spec& spec, const std::vector<std::string>& sets) {
  Document document(type_info<Spec>(), to_value(spec));
  spec = internal::finish<Spec>(document, sets);
}

/// Applies one override; `label` ("--set #1", "axis matrix.mu") stands for the file in messages.
template <class Spec>
void apply_set(Spec& spec, const std::string& assignment, const std::string& label) {
  Document document(type_info<Spec>(), to_value(spec));
  document.set(assignment, "<" + label + ">");
  spec = internal::finish<Spec>(document, {});
}

}  // namespace lutsim::config
