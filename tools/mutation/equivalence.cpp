// SPDX-License-Identifier: Apache-2.0
#include "tools/mutation/equivalence.h"

#include <fmt/core.h>

#include <sstream>

#include "tools/process/process.h"

namespace lutsim::tools {
namespace {

// Those that succeed take seconds on a machine that has nothing else to do.
constexpr double kProofSeconds = 240;
// Of a search for invariants, which has no end where there are none.
constexpr int kSearchSeconds = 60;

ProcessResult run_for_a_while(const std::vector<std::string>& command) {
  ProcessOptions process;
  process.timeout_s = kProofSeconds;
  return run_process(command, process);
}

/// A file that is there as long as this object.
struct TemporaryFile {
  explicit TemporaryFile(const std::filesystem::path& file) : path(file) {}
  ~TemporaryFile() {
    std::error_code ignored;
    std::filesystem::remove(path, ignored);
  }
  TemporaryFile(const TemporaryFile&) = delete;
  TemporaryFile& operator=(const TemporaryFile&) = delete;
  const std::string path;
};

}  // namespace

std::string value_of(const std::string& command, const std::string& option) {
  std::istringstream words(command);
  std::string found;
  for (std::string word, value; words >> word;) {
    if (word == option && words >> value) found = value;
  }
  return found;
}

bool EquivalenceProver::proven(const std::string& command, unsigned number) const {
  // From what takes a second to what takes half a minute. In the whole block others never ask
  // everything of a module.
  const std::string module = value_of(command, "-module");
  return proven_from_every_state(command, number, module, false) ||
         proven_from_reset(command, number, false) ||
         proven_from_every_state(command, number, module, true) ||
         (module != whole_ && proven_from_every_state(command, number, whole_, true)) ||
         proven_from_reset(command, number, true);
}

bool EquivalenceProver::proven_from_every_state(const std::string& command, unsigned number,
                                                const std::string& module, bool flat) const {
  const std::string design = folder_ / "design.il";
  const TemporaryFile gate(folder_ / fmt::format("gate_{}.il", number));
  // The two netlists are equal if every register takes the same value from the same state. Other
  // names are hidden, or `expose` would make outputs of them as well. `opt -full` joins what the
  // mutation does not touch.
  const std::string combinational = fmt::format(
      "hierarchy -top {0}; {1} memory_map {0}; opt_clean; "
      "rename -hide w:* t:$dff* %x:+[Q] w:* %i %d; expose -evert-dff {2} {0}; opt_clean; "
      "hierarchy -top {0};",
      module, flat ? "flatten;" : "", flat ? "" : "-evert");
  const std::string script = fmt::format(
      "read_rtlil {0}; {1}; {2} rename -top gate; write_rtlil {3}; design -reset; "
      "read_rtlil {0}; {2} rename -top gold; read_rtlil {3}; "
      "miter -equiv -flatten -make_assert gold gate miter; hierarchy -top miter; opt -full; "
      "sat -verify -prove-asserts -set-def-inputs miter",
      design, command, combinational, gate.path);
  return run_for_a_while({"yosys", "-q", "-p", script}).status == 0;
}

bool EquivalenceProver::proven_from_reset(const std::string& command, unsigned number,
                                          bool flat) const {
  const TemporaryFile gate(folder_ / fmt::format("gate_{}.il", number));
  const TemporaryFile circuit(folder_ / fmt::format("miter_{}.aig", number));
  // The modules from the top to the bug are flattened; cells of the others become ports of the top.
  std::string one_module =
      fmt::format("hierarchy -top {}; select -set path {}; ", whole_, value_of(command, "-module"));
  constexpr int kDeepest = 6;
  for (int i = 0; i < kDeepest; ++i) one_module += "select -set path @path @path %C %m %u; ";
  one_module += fmt::format("select -set kept {}; ", flat ? "*/t:$mem* %m" : "*");
  one_module += "setattr -mod -set keep_hierarchy 1 @kept @path %d; ";
  one_module += fmt::format(
      "flatten; hierarchy -top {0}; memory_map {0}; opt_clean; rename -hide w:*; "
      "expose -evert {0}; opt_clean; hierarchy -top {0};",
      whole_);
  const std::string script = fmt::format(
      "read_rtlil {0}/design.il; {1}; {2} rename -top gate; write_rtlil {3}; design -reset; "
      "read_rtlil {0}/assumed.il; {2} rename -top gold; read_rtlil {3}; "
      "miter -equiv -flatten -make_assert gold gate miter; hierarchy -top miter; "
      "delete -output o:*; opt_clean; techmap; dffunmap; setundef -undriven -zero; "
      "setundef -init -zero; opt_clean; aigmap; opt_clean; write_aiger -I -L {4}",
      folder_.string(), command, one_module, gate.path, circuit.path);
  if (run_for_a_while({"yosys", "-q", "-p", script}).status != 0) return false;
  // `fold` makes assumptions part of the property, or complains that there are none.
  const ProcessResult result = run_for_a_while(
      {"yosys-abc", "-c",
       fmt::format("read_aiger {}; fold; scorr; pdr -T {}", circuit.path, kSearchSeconds)});
  return result.status == 0 && result.out.find("Property proved") != std::string::npos;
}

}  // namespace lutsim::tools
