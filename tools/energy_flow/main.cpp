#include <cstdio>
#include <fstream>
#include <sstream>
#include "tools/energy_flow/synthesis.h"
#include "tools/energy_flow/unit_run.h"
using namespace lutsim;
int main(int argc, char** argv) {
  gates::FlowPaths paths; paths.rtl = "rtl"; paths.work = "/tmp/energy_work";
  std::filesystem::create_directories(paths.work);
  std::ifstream f(paths.liberty); std::ostringstream t; t << f.rdbuf();
  auto lib = gates::read_library(t.str());
  auto st = gates::capture_stimulus(4, 32);
  for (int a = 1; a < argc; ++a) {
  std::string e = argv[a];
  spec::MatrixSpec s; s.psum_depth=16; s.array_rows = 1;
  if (e == "lut-i") { s.engine = spec::Engine::lut_i; s.mu=4; s.racs_per_lut=8; s.array_cols=16; }
  if (e == "lut-f") { s.engine = spec::Engine::lut_f; s.mu=4; s.racs_per_lut=4; s.array_cols=4; s.acc_format = spec::AccFormat::fp32; }
  if (e == "ifpu") { s.engine = spec::Engine::ifpu; s.mu=1; s.racs_per_lut=1; s.array_cols=64; s.array_rows=8; }
  if (e == "figna") { s.engine = spec::Engine::figna; s.mu=1; s.racs_per_lut=1; s.array_cols=64; s.array_rows=2; s.planes=4; }
  if (e == "fp") { s.engine = spec::Engine::fp; s.mu=1; s.racs_per_lut=1; s.array_cols=16; s.array_rows=1; s.planes=4; s.acc_format = spec::AccFormat::fp32; }
  auto n = gates::synthesize(paths, lib, e, "matrix_unit", s);
  printf("=== %s %zu gates %zu regs\n", e.c_str(), n.gates.size(), n.registers.size());
  for (bool b : {false, true}) {
    if (b && !spec::is_lut(s.engine)) continue;
    auto r = gates::run_unit(s, n, lib, st, b, {});
    printf("cycles %lu macs %lu\n", r.cycles, r.macs);
    for (auto& [name, z] : r.zero_delay) { auto& g = r.with_glitches[name];
      printf("%-18s gates %7lu regs %6lu area %9.0f zero %10.0f glitch %10.0f clk %8.0f idle %8.0f ungated %8.0f\n", name.c_str(), z.gates, z.registers, z.area_um2, z.dynamic_pj(), g.dynamic_pj(), z.clock_pj, z.idle_clock_pj, z.ungated_clock_pj); }
    for (size_t i = 0; i < models::kEventCount; ++i) { auto e=(models::Event)i; if (r.events[e]) printf("%s %lu\n", models::event_info(e).name, r.events[e]); }
    fflush(stdout);
  }}
}
