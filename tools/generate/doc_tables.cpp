// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/doc_tables.h"

#include <algorithm>
#include <functional>
#include <sstream>
#include <utility>

#include "models/config/data_root.h"
#include "models/config/describe.h"
#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/config/node.h"
#include "models/spec/arch_spec.h"
#include "models/spec/xor_code_spec.h"
#include "tools/energy_flow/gate_report.h"
#include "tools/generate/block_catalogue.h"
#include "tools/generate/error_example.h"
#include "tools/generate/input_kinds.h"
#include "tools/generate/model_table.h"

namespace lutsim::tools {
namespace {

using config::TypeInfo;

constexpr const char* kBegin = "<!-- BEGIN GENERATED lutsim_generate ";
constexpr const char* kBeginEnd = " -->";
constexpr const char* kEnd = "<!-- END GENERATED -->";

std::string code(const std::string& text) { return text.empty() ? "" : "`" + text + "`"; }

/// A cell must not end the table.
std::string cell(const std::string& text) {
  std::string out;
  for (const char c : text) out += c == '|' ? std::string("\\|") : std::string(1, c);
  return " " + out + " |";
}

std::string legal_cell(const config::FieldInfo& field) {
  std::string names;
  for (const std::string& n : field.choices) names += (names.empty() ? "" : ", ") + code(n);
  return cell(names.empty() ? config::legal_text(field) : names);
}

/// Table of one block of an architecture with what the reference chip gives.
template <class Part>
std::string arch_table(
    std::initializer_list<std::pair<const char*, Part spec::ArchSpec::*>> parts) {
  const spec::ArchSpec arch = config::load_arch("default");
  std::vector<ValueColumn> columns;
  for (const auto& [heading, member] : parts) {
    columns.push_back({heading, config::to_value(arch.*member)});
  }
  return parameter_table(config::type_info<Part>(), columns);
}

struct Block {
  std::string name;
  std::function<std::string()> text;
};

constexpr const char* kReference = "`default`";

std::vector<Block> blocks() {
  using A = spec::ArchSpec;
  std::vector<Block> list{
      {"matrix",
       [] {
         return arch_table<spec::MatrixSpec>({{kReference, &A::matrix}});
       }},
      {"vector",
       [] {
         return arch_table<spec::VectorSpec>({{kReference, &A::vector}});
       }},
      {"scratchpad",
       [] {
         return arch_table<spec::ScratchpadSpec>({{"`weight_buffer`", &A::weight_buffer},
                                                  {"`activation_buffer`", &A::activation_buffer}});
       }},
      {"dma",
       [] {
         return arch_table<spec::DmaSpec>({{kReference, &A::dma}});
       }},
      {"command",
       [] {
         return arch_table<spec::CommandSpec>({{kReference, &A::command}});
       }},
      {"noc",
       [] {
         return arch_table<spec::NocSpec>({{kReference, &A::noc}});
       }},
      {"decoder",
       [] {
         return arch_table<spec::DecoderSpec>({{kReference, &A::decoder}});
       }},
      {"system",
       [] {
         return arch_table<spec::SystemSpec>({{kReference, &A::system}});
       }},
      {"memory",
       [] {
         return arch_table<spec::MemorySpec>({{kReference, &A::memory}});
       }},
      {"xor-code",
       [] {
         return parameter_table(config::type_info<spec::XorCodeSpec>(),
                                {{"default", config::to_value(spec::XorCodeSpec{})}});
       }},
      {"rtl-blocks", [] { return block_catalogue(config::data_root()); }},
      {"error-example", [] { return error_example(); }},
      {"units", [] { return unit_table(); }},
      {"models", [] { return model_table(); }},
  };
  for (const InputKind& kind : input_kinds()) {
    list.push_back(
        {kind.name + "-file", [&kind] {
           std::vector<ValueColumn> values;
           if (kind.name == "arch") {
             values.push_back({kReference, config::to_value(config::load_arch("default"))});
           }
           return parameter_table(*kind.type, values);
         }});
  }
  for (const std::string& section : gates::gate_report_sections()) {
    list.push_back({section, [section] {
                      return gates::gate_report_section(section, gates::read_gate_report_input());
                    }});
  }
  return list;
}

}  // namespace

std::vector<std::string> block_names() {
  std::vector<std::string> names;
  for (const Block& b : blocks()) names.push_back(b.name);
  return names;
}

std::string block_text(const std::string& name) {
  for (const Block& b : blocks()) {
    if (b.name == name) return b.text();
  }
  throw config::InputError(name, "no generated block");
}

std::string parameter_table(const TypeInfo& type, const std::vector<ValueColumn>& columns) {
  const std::vector<config::FieldInfo> fields = config::describe_fields(type);
  std::vector<std::vector<config::FieldInfo>> values;
  values.reserve(columns.size());
  for (const ValueColumn& c : columns) values.push_back(config::describe_fields(type, c.value));
  const bool has_rtl = std::any_of(fields.begin(), fields.end(),
                                   [](const config::FieldInfo& f) { return !f.rtl.empty(); });
  std::string head = "| parameter |";
  for (const ValueColumn& c : columns) head += cell(c.heading);
  head += " legal values | meaning |";
  if (has_rtl) head += " RTL |";
  std::string rule = "|";
  for (std::size_t i = 0; i < 3 + columns.size() + (has_rtl ? 1 : 0); ++i) rule += "---|";
  std::string text = head + "\n" + rule + "\n";
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const config::FieldInfo& f = fields[i];
    text += "|" + cell(code(f.path));
    for (const auto& column : values) text += cell(column.at(i).value);
    text += legal_cell(f) + cell(f.doc + (f.optional ? " (may be absent)" : ""));
    if (has_rtl) text += cell(code(f.rtl));
    text += "\n";
  }
  return text;
}

std::string replace_blocks(const std::string& markdown, const std::string& name) {
  const config::Source source(name, markdown);
  const std::vector<std::string> names = block_names();
  std::string out;
  std::string open;  // block that the lines belong to, empty outside
  config::Position begin;
  std::istringstream lines(markdown);
  std::uint32_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    const bool begins = line.rfind(kBegin, 0) == 0;
    if (begins && !open.empty()) break;
    if (begins) {
      const std::size_t at = std::string(kBegin).size();
      open = line.substr(at, line.find(kBeginEnd, at) - at);
      begin = {number, static_cast<std::uint32_t>(at + 1)};
      if (std::find(names.begin(), names.end(), open) == names.end()) {
        throw config::InputError(std::vector<config::Diagnostic>{source.error(
            begin, "no generated block '" + open + "' (one of: " + config::comma_list(names) + ")",
            config::did_you_mean(open, names))});
      }
      out += line + "\n" + block_text(open);
    } else if (line == kEnd) {
      open.clear();
      out += line + "\n";
    } else if (open.empty()) {
      out += line + "\n";
    }
  }
  if (!open.empty()) {
    throw config::InputError(std::vector<config::Diagnostic>{source.error(
        begin, "the block '" + open + "' has no end", std::string("close it with ") + kEnd)});
  }
  return out;
}

}  // namespace lutsim::tools
