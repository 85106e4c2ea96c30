// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/config_command.h"

#include <iostream>
#include <memory>

#include "models/config/data_root.h"
#include "models/config/diagnostics.h"
#include "models/config/document.h"
#include "models/config/named.h"
#include "models/config/node.h"
#include "models/config/units.h"
#include "tools/cli/session.h"
#include "tools/generate/input_kinds.h"

namespace lutsim::tools {
namespace {

std::string schema_of(const InputKind& kind) {
  for (const config::FieldEntry& f : kind.type->fields) {
    std::string schema = config::required_schema(f);
    if (!schema.empty()) return schema;
  }
  return "";
}

/// The kind that a file says it is: "arch" of "lutsim.arch/1".
const InputKind& kind_of(const std::string& path) {
  const config::Source source = config::read_source(path);
  std::vector<config::Diagnostic> errors;
  const config::YamlNode root = config::parse_yaml(source, errors);
  if (!errors.empty()) throw config::InputError(errors);
  std::vector<std::string> schemas;
  for (const InputKind& kind : input_kinds()) schemas.push_back(schema_of(kind));
  for (const auto& [key, node] : root.entries) {
    if (key.name != "schema") continue;
    const std::string stem = node.text.substr(0, node.text.find('/'));
    for (const InputKind& kind : input_kinds()) {
      // Another version of a known format: its reader says so.
      if (schema_of(kind).substr(0, schema_of(kind).find('/')) == stem) return kind;
    }
    throw config::InputError(std::vector<config::Diagnostic>{source.error(
        node.at, "schema '" + node.text + "' is not one of: " + config::comma_list(schemas),
        config::did_you_mean(node.text, schemas))});
  }
  throw config::InputError(std::vector<config::Diagnostic>{
      source.error({1, 1}, "missing key 'schema' (one of: " + config::comma_list(schemas) + ")")});
}

std::vector<std::string> shipped_files() {
  std::vector<std::string> paths;
  for (const InputKind& kind : input_kinds()) {
    if (kind.folder.empty()) continue;
    for (const std::string& name : config::list_named(kind.folder)) {
      paths.push_back((config::data_root() / kind.folder / (name + ".yaml")).string());
    }
  }
  return paths;
}

std::vector<Explanation> every_field() {
  std::vector<Explanation> all;
  for (const InputKind& kind : input_kinds()) {
    const auto fields =
        kind.name == "arch"
            ? config::describe_fields(*kind.type, config::to_value(config::load_arch("default")))
            : config::describe_fields(*kind.type);
    for (const config::FieldInfo& f : fields) all.push_back({kind.name, schema_of(kind), f});
  }
  return all;
}

bool lies_at_or_below(const std::string& path, const std::string& block) {
  return path == block || path.rfind(block + ".", 0) == 0;
}

}  // namespace

std::vector<CheckedFile> config_check(const std::vector<std::string>& paths) {
  std::vector<CheckedFile> checked;
  std::vector<config::Diagnostic> errors;
  for (const std::string& path : paths.empty() ? shipped_files() : paths) {
    try {
      const InputKind& kind = kind_of(path);
      kind.check(path);
      checked.push_back({path, kind.name});
    } catch (const config::InputError& error) {
      errors.insert(errors.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  if (!errors.empty()) throw config::InputError(errors);
  return checked;
}

nlohmann::ordered_json config_schema(const std::string& kind) {
  return config::json_schema(*input_kind(kind).type);
}

std::vector<Explanation> config_explain(const std::string& path) {
  std::vector<Explanation> found;
  std::vector<std::string> paths;
  for (const Explanation& e : every_field()) {
    if (e.kind == path || lies_at_or_below(e.field.path, path)) found.push_back(e);
    paths.push_back(e.field.path);
  }
  if (!found.empty()) return found;
  std::string hint = config::did_you_mean(path, paths);
  for (const std::string& p : paths) {
    const bool same_key = p.substr(p.rfind('.') + 1) == path;
    if (hint.empty() && same_key) hint = "did you mean '" + p + "'?";
  }
  throw config::InputError(path, "no parameter has this path", hint);
}

std::string explanation_text(const std::vector<Explanation>& explanations) {
  std::string text;
  for (const Explanation& e : explanations) {
    const config::FieldInfo& f = e.field;
    text += f.path + (f.value.empty() ? "" : " = " + f.value) + "    (" + e.schema + ")\n";
    text += "  " + f.doc + "\n";
    text += "  legal: " + config::legal_text(f) + (f.optional ? "; may be absent" : "") + "\n";
    if (f.unit != spec::Unit::none) {
      text += "  units: " + config::comma_list(config::unit_spellings(f.unit)) + "\n";
    }
    if (!f.rtl.empty()) text += "  RTL:   " + f.rtl + "\n";
  }
  return text;
}

nlohmann::ordered_json explanation_json(const std::vector<Explanation>& explanations) {
  auto list = nlohmann::ordered_json::array();
  for (const Explanation& e : explanations) {
    const config::FieldInfo& f = e.field;
    list.push_back({{"path", f.path},
                    {"schema", e.schema},
                    {"value", f.value},
                    {"doc", f.doc},
                    {"legal", config::legal_text(f)},
                    {"units", config::unit_spellings(f.unit)},
                    {"optional", f.optional},
                    {"rtl", f.rtl}});
  }
  return list;
}

void add_config_command(CLI::App& app, Session& session) {
  struct Options {
    std::vector<std::string> files;
    std::string kind = "arch";
    std::string path;
    bool json = false;
  };
  auto o = std::make_shared<Options>();
  CLI::App* c =
      app.add_subcommand("config", "input files: check them, their schema, their parameters");
  c->require_subcommand(1);

  CLI::App* check =
      c->add_subcommand("check", "read files strictly; without any, all shipped ones");
  check->add_option("files", o->files, "YAML files");
  check->add_flag("--json", o->json, "print the machine-readable result");
  check->callback([o, &session] {
    auto list = nlohmann::ordered_json::array();
    for (const CheckedFile& file : config_check(o->files)) {
      list.push_back({{"path", file.path}, {"kind", file.kind}});
      if (!o->json) std::cout << file.path << ": ok (" << file.kind << ")\n";
    }
    if (o->json) std::cout << list.dump(2) << "\n";
    session.status = kDone;
  });

  CLI::App* schema = c->add_subcommand("schema", "print the JSON Schema of a kind of file");
  std::vector<std::string> kinds;
  for (const InputKind& kind : input_kinds()) kinds.push_back(kind.name);
  schema->add_option("kind", o->kind, config::comma_list(kinds))->capture_default_str();
  schema->add_flag("--json", o->json, "same: the schema is JSON");
  schema->callback([o, &session] {
    std::cout << config_schema(o->kind).dump(2) << "\n";
    session.status = kDone;
  });

  CLI::App* explain = c->add_subcommand("explain", "say what a parameter means and what is legal");
  explain->add_option("path", o->path, "matrix.mu, matrix, or a kind of file")->required();
  explain->add_flag("--json", o->json, "print the machine-readable result");
  explain->callback([o, &session] {
    const auto found = config_explain(o->path);
    std::cout << (o->json ? explanation_json(found).dump(2) + "\n" : explanation_text(found));
    session.status = kDone;
  });
}

}  // namespace lutsim::tools
