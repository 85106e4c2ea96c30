// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/point.h"

#include <algorithm>

#include "models/config/diagnostics.h"
#include "models/config/document.h"
#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/config/units.h"
#include "models/config/write_yaml.h"
#include "models/energy/energy_table.h"
#include "tools/support/read_file.h"
#include "tools/support/sha256.h"
#include "tools/support/split.h"
#include "workloads/checkpoint/checkpoint.h"
#include "workloads/scenario/workload_files.h"

namespace lutsim::tools::sweep {

namespace {

using config::Kind;
using config::TypeInfo;
using config::Value;
using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

/// What a dotted path leads to in a run; null pointers when there is nothing.
struct Place {
  const TypeInfo* type = nullptr;
  Value* value = nullptr;
};
Place find(const TypeInfo& type, Value& value, const std::string& path) {
  Place place{&type, &value};
  for (std::size_t begin = 0; begin <= path.size();) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string key = path.substr(begin, end - begin);
    if (place.type->kind != Kind::structure) return {};
    const auto& fields = place.type->fields;
    const auto field =
        std::find_if(fields.begin(), fields.end(), [&](const auto& f) { return f.key == key; });
    if (field == fields.end()) return {};
    auto& children = std::get<std::vector<Value>>(place.value->data);
    place = {&field->type, &children[static_cast<std::size_t>(field - fields.begin())]};
    begin = end + 1;
  }
  return place;
}

/// The place of a parameter by its axis name, in the accelerator or in the workload.
Place find_parameter(Value& run, const std::string& name) {
  const TypeInfo& type = config::type_info<RunSpec>();
  for (const char* block : {"arch.", "workload."}) {
    const Place place = find(type, run, block + name);
    if (place.value != nullptr) return place;
  }
  return {};
}

bool is_special(const std::string& axis) { return axis == "arch" || axis == "engine"; }

/// The values of enumerators are held by name.
spec::Engine engine_of(const Value& value) {
  auto engine = spec::Engine::lut_i;
  config::from_value(value, engine);
  return engine;
}

/// A value in base units, as an axis holds it.
Value value_of(const config::FieldEntry& field, const json& j, const std::string& source) {
  const auto wrong = [&] {
    return config::InputError(source, field.key + " = " + j.dump() + " is no legal value",
                              config::range_text(field));
  };
  Value value;
  switch (field.type.kind) {
    case Kind::boolean:
      if (!j.is_boolean()) throw wrong();
      return Value{j.get<bool>()};
    case Kind::integer:
      if (!j.is_number_integer() || j.get<double>() < std::max(0.0, field.min) ||
          j.get<double>() > std::min(field.max, static_cast<double>(field.type.max_integer)))
        throw wrong();
      return Value{j.get<std::uint64_t>()};
    case Kind::real:
      if (!j.is_number() || j.get<double>() < field.min || j.get<double>() > field.max)
        throw wrong();
      return Value{j.get<double>()};
    default:
      if (!j.is_string()) throw wrong();
  }
  const std::string text = j;
  const auto& names = field.type.names;
  if (!names.empty() && std::find(names.begin(), names.end(), text) == names.end())
    throw config::InputError(
        source, field.key + ": '" + text + "' is not one of: " + config::comma_list(names),
        config::did_you_mean(text, names));
  return Value{text};
}

}  // namespace

json point_json(const SweepSpace& space, const Point& point) {
  json result = json::object();
  for (std::size_t i = 0; i < space.axes.size(); ++i)
    result[space.axes[i].name()] = config::to_json(space.axes[i].field.type, point.at(i));
  return result;
}

Point point_of(const SweepSpace& space, const json& j, const std::string& source) {
  if (!j.is_object()) throw config::InputError(source, "a point is an object of axis values");
  std::vector<std::string> names;
  for (const Axis& axis : space.axes) names.push_back(axis.name());
  for (const auto& entry : j.items()) {
    if (std::find(names.begin(), names.end(), entry.key()) == names.end())
      throw config::InputError(source, "'" + entry.key() + "' is no axis of the sweep",
                               config::did_you_mean(entry.key(), names));
  }
  Point point;
  for (const Axis& axis : space.axes) {
    if (!j.contains(axis.name()))
      throw config::InputError(source, "the axis '" + axis.name() + "' has no value");
    point.push_back(value_of(axis.field, j.at(axis.name()), source));
  }
  return point;
}

RunSpec run_of(const SweepSpace& space, const Point& point, Fidelity fidelity) {
  RunSpec run = space.base;
  const auto value_of_axis = [&](const char* name) -> const Value* {
    for (std::size_t i = 0; i < space.axes.size(); ++i)
      if (space.axes[i].name() == name) return &point.at(i);
    return nullptr;
  };
  if (const Value* arch = value_of_axis("arch"))
    run.arch = config::load_arch(std::get<std::string>(arch->data));
  Value tree = config::to_value(run);
  for (std::size_t i = 0; i < space.axes.size(); ++i) {
    const std::string& name = space.axes[i].name();
    if (!is_special(name)) *find_parameter(tree, name).value = point.at(i);
  }
  config::from_value(tree, run);
  if (const Value* engine = value_of_axis("engine"))
    run.arch.matrix = spec::with_engine(run.arch.matrix, engine_of(*engine));
  run.functional = fidelity == Fidelity::rtl;
  run.engine_impl = fidelity == Fidelity::rtl ? EngineImpl::rtl : EngineImpl::model;
  config::apply_sets(run, {});
  spec::validate(run.arch);
  return run;
}

Lookup lookup_of(const RunSpec& run, const json* metrics) {
  return [tree = config::to_value(run),
          metrics](const std::string& name) mutable -> std::optional<NamedValue> {
    const Place place = find_parameter(tree, name == "engine" ? "matrix.engine" : name);
    if (name == "arch") return std::get<std::string>(find_parameter(tree, "name").value->data);
    if (place.value != nullptr) {
      const auto& data = place.value->data;
      if (const auto* flag = std::get_if<bool>(&data)) return *flag ? 1.0 : 0.0;
      if (const auto* whole = std::get_if<std::uint64_t>(&data)) return static_cast<double>(*whole);
      if (const auto* real = std::get_if<double>(&data)) return *real;
      if (const auto* text = std::get_if<std::string>(&data)) return *text;
      return std::nullopt;
    }
    if (metrics == nullptr || !metrics->contains(name)) return std::nullopt;
    return metrics->at(name).get<double>();
  };
}

bool is_parameter(const std::string& name) {
  const auto& fields = axis_fields();
  return std::any_of(fields.begin(), fields.end(), [&](const auto& f) { return f.key == name; });
}

const std::string& PointKeys::digest_of(const fs::path& file) {
  const auto [entry, is_new] = digests_.emplace(file.string(), "");
  if (is_new) entry->second = sha256_hex(read_file(file));
  return entry->second;
}

const std::string& PointKeys::constants_digest(const fs::path& table) {
  const auto [entry, is_new] = digests_.emplace("constants of " + table.string(), "");
  if (is_new) {
    std::string text;
    const models::EnergyTable read = models::read_energy_table(table.string());
    for (const auto& [name, c] : read.constants())
      text += name + " " + config::shortest(c.value) + " " + config::shortest(c.low) + " " +
              config::shortest(c.high) + " " + spec::to_string_of(c.confidence) + " " + c.shares +
              " " + c.source + "\n";
    entry->second = sha256_hex(text);
  }
  return entry->second;
}

std::string PointKeys::key_of(const RunSpec& run, Fidelity fidelity) {
  std::string all = "lutsim.point/1 " + build_ + "\n" + spec::to_string_of(fidelity) + "\n" +
                    config::write_yaml(run);
  const auto add = [&](const fs::path& file) { all += digest_of(file) + "\n"; };
  add(config::find_named(config::kMemoryFolder, run.arch.memory.standard, "memory"));
  const fs::path table =
      config::find_named(config::kEnergyFolder, run.arch.energy_table, "energy table");
  all += constants_digest(table) + "\n";
  // "h100-sxm:4" is a group of four.
  for (const std::string& gpu : split_names(run.gpus))
    add(config::find_named(config::kGpuFolder, split(gpu, ':').front(), "GPU"));
  const auto embedded = workloads::embedded_models();
  if (std::find(embedded.begin(), embedded.end(), run.workload.model) != embedded.end())
    add(workloads::find_model(run.workload.model));
  for (const std::string& file : workloads::files_of(run.workload)) add(file);
  return sha256_hex(all);
}

}  // namespace lutsim::tools::sweep
