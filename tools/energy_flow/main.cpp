// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <chrono>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>
#include <vector>

#include "models/config/data_root.h"
#include "tools/energy_flow/characterization.h"
#include "tools/support/read_file.h"

/// Measures blocks of the RTL as gates and writes what it found into measured.json.
namespace {

using nlohmann::ordered_json;
namespace gates = lutsim::gates;

/// Puts the entries of a measurement in the place of those that have their names.
void replace(ordered_json* list, const ordered_json& entry) {
  for (ordered_json& old : *list) {
    if (old.at("name") == entry.at("name") &&
        old.value("operands", "") == entry.value("operands", "")) {
      old = entry;
      return;
    }
  }
  list->push_back(entry);
}

void save(const std::filesystem::path& file, const ordered_json& results) {
  const std::filesystem::path whole = file.string() + ".new";
  std::ofstream stream(whole, std::ios::binary);
  stream << results.dump(1) << "\n";
  stream.close();
  if (!stream) throw std::runtime_error(file.string() + ": cannot be written");
  std::filesystem::rename(whole, file);
}

int run(int argc, char** argv) {
  const std::filesystem::path root = lutsim::config::data_root();
  CLI::App app{"Measures energy and area of RTL blocks as gates of a cell library"};
  gates::FlowPaths paths;
  paths.rtl = root / "rtl";
  std::string liberty = paths.liberty.string();
  std::string work = (root / "runs" / "characterize").string();
  std::string out = (root / "tools" / "energy_flow" / "measured.json").string();
  std::vector<std::string> names;
  bool list = false;
  app.add_option("block", names, "what to measure; nothing: everything");
  app.add_flag("--list", list, "print what can be measured and end");
  app.add_option("--liberty", liberty, "cell library")->capture_default_str();
  app.add_option("--work", work, "folder for netlists and logs")->capture_default_str();
  app.add_option("--out", out, "file that takes the results")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  const std::vector<std::string> known = gates::measurement_names();
  if (list) {
    for (const std::string& name : known) std::cout << name << "\n";
    return 0;
  }
  for (const std::string& name : names) {
    if (std::find(known.begin(), known.end(), name) == known.end()) {
      std::cerr << "'" << name << "' cannot be measured; --list prints what can\n";
      return 2;
    }
  }
  if (names.empty()) names = known;
  if (!std::filesystem::exists(liberty)) {
    std::cerr << liberty << " does not exist; tools/bootstrap energy installs it\n";
    return 2;
  }
  paths.liberty = liberty;
  paths.work = work;
  std::filesystem::create_directories(paths.work);
  const gates::CellLibrary library = gates::read_library(lutsim::tools::read_file(paths.liberty));

  ordered_json results{{"schema", "lutsim.gates/1"}};
  if (std::filesystem::exists(out)) results = ordered_json::parse(lutsim::tools::read_file(out));
  results["provenance"] = gates::provenance(paths, library);
  for (const char* section : {"blocks", "units"}) {
    if (!results.contains(section)) results[section] = ordered_json::array();
  }
  for (const std::string& name : names) {
    const auto begin = std::chrono::steady_clock::now();
    const ordered_json measured = gates::measure(name, paths, library);
    if (measured.is_array()) {
      for (const ordered_json& entry : measured) replace(&results["blocks"], entry);
    } else {
      replace(&results["units"], measured);
    }
    save(out, results);
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - begin;
    std::cerr << name << ": equal to the golden model, " << static_cast<int>(seconds.count())
              << " s\n";
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 1;
  }
}
