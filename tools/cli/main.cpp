// SPDX-License-Identifier: Apache-2.0
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <exception>
#include <iostream>
#include <string>
#include <systemc>

#include "models/config/diagnostics.h"
#include "models/spec/field.h"
#include "sim/platform/platform.h"
#include "tools/cli/session.h"

namespace {

std::string join(int argc, char** argv) {
  std::string line = "lutsim";
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const bool plain =
        !word.empty() && word.find_first_of(" '\"$\\*?;&|<>()`") == std::string::npos;
    line += ' ';
    line += plain ? word : "'" + word + "'";
  }
  return line;
}

void print_error(const std::string& text) {
  std::cerr << text;
  if (text.empty() || text.back() != '\n') std::cerr << '\n';
}

/// Parses and runs; every failure becomes an exit status.
int run(int argc, char** argv) {
  using namespace lutsim::tools;
  Session session;
  session.command_line = join(argc, argv);

  CLI::App app("lutsim: hardware/software co-design simulator of a LUT-based LLM accelerator",
               "lutsim");
  app.require_subcommand(1);
  app.set_version_flag("--version", "lutsim " LUTSIM_VERSION);
  app.footer(
      "Exit status: 0 done; 1 it ran and a check did not hold; 2 the input is wrong;\n"
      "3 the simulation failed; 4 points of a sweep failed; 130 interrupted.");
  add_run_command(app, session);
  add_trace_command(app, session);
  add_quantize_command(app, session);
  add_adapt_command(app, session);
  add_eval_command(app, session);
  add_verify_command(app, session);
  add_explain_command(app, session);
  add_energy_command(app, session);
  add_config_command(app, session);
  add_dram_command(app, session);
  add_gpu_command(app, session);
  add_serve_command(app, session);
  add_compare_command(app, session);
  add_figure_command(app, session);
  add_completion_command(app, session);
  add_report_command(app, session);
  add_sweep_command(app, session);

  try {
    app.parse(argc, argv);
    return session.status;
  } catch (const CLI::Success& success) {  // --help, --version
    return app.exit(success);
  } catch (const CLI::ParseError& error) {
    app.exit(error, std::cout, std::cerr);
    return kBadInput;
  } catch (const lutsim::config::InputError& error) {
    print_error(error.what());
    return kBadInput;
  } catch (const lutsim::spec::SpecError& error) {
    print_error(std::string("error: ") + error.what());
    return kBadInput;
  } catch (const std::invalid_argument& error) {
    print_error(std::string("error: ") + error.what());
    return kBadInput;
  } catch (const lutsim::sim::SimulationError& error) {
    print_error(std::string("simulation failed: ") + error.what());
    return kSimulationFailed;
  } catch (const std::exception& error) {
    print_error(std::string("internal error: ") + error.what());
    return kSimulationFailed;
  }
}

}  // namespace

/// SystemC's library brings a main() that prints a banner and calls sc_main(). Ours takes its
/// place; the kernel needs neither.
int sc_main(int, char**) { return lutsim::tools::kSimulationFailed; }

int main(int argc, char** argv) {
  try {
    return run(argc, argv);
  } catch (...) {
    std::fputs("internal error: the report of an error failed\n", stderr);
    return lutsim::tools::kSimulationFailed;
  }
}
