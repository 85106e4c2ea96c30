// SPDX-License-Identifier: Apache-2.0
#include <CLI/CLI.hpp>
#include <exception>
#include <iostream>
#include <string>

#include "models/config/diagnostics.h"
#include "sim/rtl_bridge/rtl_probe.h"
#include "tools/verify/result_json.h"
#include "tools/verify/verify.h"

/// Checks one block in a process of its own: with the instrumented blocks, or with mutated ones.
/// `lutsim verify` starts it and reads the JSON that it prints (docs/decisions/0011).
namespace {

int run(int argc, char** argv) {
  using namespace lutsim;
  CLI::App app{"Checks one RTL block for `lutsim verify`"};
  std::string block;
  tools::CheckOptions options;
  rtl::ProbeRequest probe;
  bool list = false;
  app.add_option("BLOCK", block, "block to check");
  app.add_flag("--list", list, "print the names of the blocks that this program holds");
  app.add_option("--vectors", options.vectors);
  app.add_option("--seed", options.seed);
  app.add_flag("--stop", options.stop_at_mismatch, "end with the first mismatch");
  app.add_option("--coverage", probe.coverage_folder, "write the counters to this folder");
  app.add_option("--trace", probe.trace_file, "write a waveform to this file");
  app.add_option("--trace-block", probe.trace_end.block, "of the Verilated block with this number");
  app.add_option("--trace-end", probe.trace_end.count, "up to and with this evaluation");
  app.add_option("--trace-length", probe.trace_length, "from so many evaluations before it");
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  if (list) {
    for (const std::string& name : tools::block_names()) std::cout << name << "\n";
    return 0;
  }
  rtl::request_probe(probe);
  const tools::BlockResult result = tools::verify_block(block, options);
  nlohmann::ordered_json json = tools::result_json(result);
  const rtl::Evaluation last = rtl::last_evaluation();
  json["last_evaluation"] = {{"block", last.block}, {"count", last.count}};
  std::cout << json.dump() << "\n";
  return result.passed() ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (const lutsim::config::InputError& error) {
    std::cerr << error.what();
    return 2;
  } catch (const std::exception& error) {
    std::cerr << error.what() << "\n";
    return 3;
  }
}
