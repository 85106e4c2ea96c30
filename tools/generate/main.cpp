// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <string>

#include "models/config/data_root.h"
#include "models/config/named.h"
#include "tools/generate/generated_files.h"
#include "tools/generate/rtl_package.h"

/// Writes the committed files that follow from the field lists, or checks that they are current.
namespace {

int generate(const std::filesystem::path& root, bool check_only) {
  const auto stale = lutsim::tools::stale_files(root);
  if (check_only) {
    if (!stale.empty()) std::cerr << lutsim::tools::stale_message(stale) << "\n";
    return stale.empty() ? 0 : 1;
  }
  for (const auto& file : stale) {
    std::filesystem::create_directories((root / file.path).parent_path());
    std::ofstream stream(root / file.path, std::ios::binary);
    stream << file.text;
    if (!stream.flush()) {
      std::cerr << (root / file.path).string() << ": cannot be written\n";
      return 2;
    }
    std::cerr << "wrote " << file.path.string() << "\n";
  }
  return 0;
}

int run(int argc, char** argv) {
  CLI::App app{
      "Generates RTL packages, JSON Schemas and documentation tables from the field lists"};
  bool check_only = false;
  std::string arch;
  std::string root = lutsim::config::data_root().string();
  app.add_flag("--check", check_only, "write nothing; exit 1 when a committed file is out of date");
  app.add_option("--verilator-args", arch, "print the -G options for a named architecture and end");
  app.add_option("--root", root, "source tree")->capture_default_str();
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (arch.empty()) return generate(root, check_only);
  std::cout << lutsim::tools::verilator_args(lutsim::config::load_arch(arch).matrix) << "\n";
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 2;
  }
}
