// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/space_type.h"

#include <algorithm>
#include <set>

namespace lutsim::tools::sweep {

namespace {

using config::FieldEntry;
using config::Kind;
using config::TypeInfo;
using config::Value;

FieldEntry optional_entry(const std::string& key, const std::string& doc, TypeInfo type,
                          Value initial) {
  FieldEntry entry;
  entry.key = key;
  entry.doc = doc;
  entry.optional = true;
  entry.type = std::move(type);
  entry.initial = std::move(initial);
  return entry;
}

}  // namespace

Value initial_of(const TypeInfo& structure) {
  std::vector<Value> values;
  for (const FieldEntry& f : structure.fields) values.push_back(f.initial);
  return Value{std::move(values)};
}

TypeInfo range_type(const FieldEntry& field) {
  TypeInfo type;
  type.kind = Kind::structure;
  for (const char* key : {"from", "to"}) {
    FieldEntry bound = field;
    bound.key = key;
    bound.doc = std::string(key) == "from" ? "first value" : "no value lies above it";
    bound.optional = false;
    type.fields.push_back(bound);
  }
  FieldEntry step = field;
  step.key = "step";
  step.doc = "distance of two values; 0: factor says the next one";
  step.min = 0;
  step.optional = true;
  step.initial = field.type.kind == Kind::integer ? Value{std::uint64_t{0}} : Value{0.0};
  type.fields.push_back(step);
  FieldEntry factor = optional_entry("factor", "ratio of two values, above 1",
                                     config::type_info<double>(), Value{0.0});
  factor.min = 0;
  type.fields.push_back(factor);
  return type;
}

namespace {

TypeInfo list_of(const TypeInfo& item) {
  TypeInfo list;
  list.kind = Kind::list;
  list.item.push_back(item);
  return list;
}

/// Every single value below a structure, the key being its path.
void flatten(const TypeInfo& type, const std::string& path, std::vector<FieldEntry>& out) {
  for (FieldEntry f : type.fields) {
    f.key = path.empty() ? f.key : path + "." + f.key;
    if (f.type.kind == Kind::structure) {
      flatten(f.type, f.key, out);
    } else if (f.type.kind != Kind::list) {
      out.push_back(std::move(f));
    }
  }
}

std::vector<FieldEntry> all_axis_fields() {
  std::vector<FieldEntry> fields;
  flatten(config::type_info<spec::ArchSpec>(), "", fields);
  flatten(config::type_info<workloads::WorkloadSpec>(), "", fields);
  // What names or describes is no parameter.
  const std::set<std::string> text_only{"schema", "name", "description"};
  fields.erase(std::remove_if(fields.begin(), fields.end(),
                              [&](const FieldEntry& f) { return text_only.count(f.key) != 0; }),
               fields.end());
  FieldEntry engine = optional_entry("engine", "engine at equal peak throughput, as run --engine",
                                     config::type_info<spec::Engine>(), Value{std::string{}});
  FieldEntry arch = optional_entry("arch", "accelerator that the other axes change, as run --arch",
                                   config::type_info<std::string>(), Value{std::string{}});
  fields.insert(fields.begin(), {arch, engine});
  return fields;
}

TypeInfo workload_type() {
  TypeInfo type = config::type_info<workloads::WorkloadSpec>();
  type.fields.erase(std::remove_if(type.fields.begin(), type.fields.end(),
                                   [](const FieldEntry& f) { return f.key == "schema"; }),
                    type.fields.end());
  return type;
}

TypeInfo make_space_type() {
  TypeInfo type = config::type_info<SpaceKeys>();
  TypeInfo axes, ranges;
  axes.kind = ranges.kind = Kind::structure;
  for (const FieldEntry& field : axis_fields()) {
    FieldEntry axis = field;
    axis.optional = true;
    axis.type = list_of(field.type);
    axis.initial = Value{std::vector<Value>{}};
    axes.fields.push_back(axis);
    if (field.type.kind != Kind::integer && field.type.kind != Kind::real) continue;
    FieldEntry range = optional_entry(field.key, field.doc, range_type(field), Value{});
    range.initial = initial_of(range.type);
    ranges.fields.push_back(std::move(range));
  }
  const Value workload_initial = initial_of(workload_type());
  FieldEntry workload = optional_entry("workload", "what runs, as far as no axis says it",
                                       workload_type(), workload_initial);
  FieldEntry axes_entry =
      optional_entry("axes", "values of each parameter that varies", axes, initial_of(axes));
  FieldEntry ranges_entry = optional_entry("ranges", "the same as first, last and step or factor",
                                           ranges, initial_of(ranges));
  // After `arch`, in the order in which a reader asks.
  const auto at = std::find_if(type.fields.begin(), type.fields.end(),
                               [](const FieldEntry& f) { return f.key == "gpus"; });
  type.fields.insert(at, {workload, axes_entry, ranges_entry});
  return type;
}

}  // namespace

const std::vector<FieldEntry>& axis_fields() {
  static const std::vector<FieldEntry> fields = all_axis_fields();
  return fields;
}

const TypeInfo& space_type() {
  static const TypeInfo type = make_space_type();
  return type;
}

}  // namespace lutsim::tools::sweep
