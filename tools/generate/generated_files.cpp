// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/generated_files.h"

#include <algorithm>
#include <fstream>
#include <system_error>

#include "models/config/describe.h"
#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "tools/energy_flow/gate_report.h"
#include "tools/generate/doc_tables.h"
#include "tools/generate/function_rom.h"
#include "tools/generate/input_kinds.h"
#include "tools/generate/rtl_package.h"
#include "tools/generate/xor_package.h"
#include "tools/support/read_file.h"

namespace lutsim::tools {
namespace {}  // namespace

std::vector<GeneratedFile> generated_files(const std::filesystem::path& root) {
  std::vector<GeneratedFile> files{
      {"rtl/gen/lutsim_pkg.sv", rtl_package(config::load_arch("default").matrix)},
      {"rtl/gen/rtl_configs.cmake", rtl_configs()},
      {"rtl/gen/xor_code_pkg.sv", xor_code_package()},
      {"rtl/gen/function_rom.sv", function_rom()},
  };
  for (const gates::TargetProcess* target : {&gates::target_28nm(), &gates::target_7nm()}) {
    files.push_back({std::filesystem::path(config::kEnergyFolder) / (target->table + ".yaml"),
                     gates::generated_gate_table(*target)});
  }
  for (const InputKind& kind : input_kinds()) {
    files.push_back({"docs/schema/" + kind.name + ".schema.json",
                     config::json_schema(*kind.type).dump(2) + "\n"});
  }
  std::vector<std::filesystem::path> documents;
  std::error_code no_docs;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(root / "docs", no_docs)) {
    if (entry.path().extension() == ".md") documents.push_back(entry.path());
  }
  std::sort(documents.begin(), documents.end());
  for (const auto& document : documents) {
    const std::string text = read_file(document);
    const auto path = document.lexically_relative(root);
    const std::string generated = replace_blocks(text, path.string());
    if (text.find("<!-- BEGIN GENERATED lutsim_generate ") != std::string::npos) {
      files.push_back({path, generated});
    }
  }
  return files;
}

std::vector<GeneratedFile> stale_files(const std::filesystem::path& root) {
  std::vector<GeneratedFile> stale;
  for (GeneratedFile& file : generated_files(root)) {
    if (read_file(root / file.path) != file.text) stale.push_back(std::move(file));
  }
  return stale;
}

std::string stale_message(const std::vector<GeneratedFile>& stale) {
  if (stale.empty()) return "";
  std::vector<std::string> names;
  names.reserve(stale.size());
  for (const GeneratedFile& file : stale) names.push_back(file.path.string());
  return config::comma_list(names) + (names.size() == 1 ? " is" : " are") +
         " out of date; run: cmake --build build/release --target regenerate";
}

}  // namespace lutsim::tools
