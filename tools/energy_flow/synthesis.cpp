// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/synthesis.h"

#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <vector>

#include "tools/generate/rtl_package.h"
#include "tools/support/read_file.h"

namespace lutsim::gates {
namespace {

/// Blocks that stay instances. The others are merged into the block around them.
const char* const kKept[] = {"pre_aligner",    "lut_generator", "fp_lut_generator", "lut_pe",
                             "lut_row",        "add_sub_row",   "integer_row",      "fp_row",
                             "int_adder_tree", "fp_adder_tree", "output_lane",      "int_to_fp32",
                             "fp_multiplier",  "fp_adder",      "fp_converter",     "dequantizer",
                             "column_loader",  "table_mux"};

void write(const std::filesystem::path& file, const std::string& text) {
  std::ofstream stream(file, std::ios::binary);
  stream << text;
  if (!stream.flush()) throw std::runtime_error(file.string() + ": cannot be written");
}

}  // namespace

Netlist synthesize(const FlowPaths& paths, const CellLibrary& library, const std::string& name,
                   const std::string& top, const spec::MatrixSpec& matrix,
                   const std::string& wrapper) {
  const std::filesystem::path base = paths.work / name;
  const std::string stem = base.string();
  const std::string rtl = paths.rtl.string();
  write(stem + ".pkg.sv", tools::rtl_package(matrix));
  std::string sources =
      stem + ".pkg.sv " + rtl + "/gen/xor_code_pkg.sv " + rtl + "/gen/function_rom.sv";
  for (const char* folder : {"arithmetic", "decoder", "matrix", "vector"})
    sources += " " + rtl + "/" + folder + "/*.sv";
  if (!wrapper.empty()) {
    write(stem + ".top.sv", wrapper);
    sources += " " + stem + ".top.sv";
  }
  std::string script =
      "read_verilog -sv -defer " + sources + "\nhierarchy -check -top " + top + "\n";
  // A module that was given parameters is called $paramod...\BLOCK, with \PARAMETERS behind it or
  // not.
  for (const char* block : kKept) {
    if (top == block) continue;
    script += std::string("setattr -mod -set keep_hierarchy 1 *\\\\") + block + " *\\\\" + block +
              "\\\\*\n";
  }
  // `synth -noshare`: the SAT-based resource sharing takes minutes on the floating-point data path.
  script +=
      "synth -noshare -flatten -top " + top +
      "\ndfflegalize -cell $_DFF_P_ x -cell $_DFFE_PP_ x\nopt_clean\ncheck -assert\nabc -liberty " +
      paths.liberty.string() + "\nopt_clean\nsetundef -zero\nwrite_json " + stem + ".json\n";
  write(stem + ".ys", script);
  const std::string command =
      "yosys -q -l '" + stem + ".log' -s '" + stem + ".ys' > /dev/null 2>&1";
  if (std::system(command.c_str()) != 0) {
    const std::string log = tools::read_file(stem + ".log");
    throw std::runtime_error("Yosys does not synthesise " + name + ":\n" +
                             log.substr(log.size() > 800 ? log.size() - 800 : 0));
  }
  return read_netlist(tools::read_file(stem + ".json"), top, library, kRegisterCell);
}

}  // namespace lutsim::gates
