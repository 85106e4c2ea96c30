// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/characterization.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <stdexcept>

#include "models/energy/event.h"
#include "tools/energy_flow/small_blocks.h"
#include "tools/energy_flow/unit_run.h"
#include "tools/support/read_file.h"
#include "tools/support/sha256.h"

namespace lutsim::gates {
namespace {

using nlohmann::ordered_json;

constexpr std::uint32_t kTokens = 32;

const Stimulus& stimulus_of(std::uint32_t weight_bits) {
  static std::map<std::uint32_t, Stimulus> captured;
  const auto found = captured.find(weight_bits);
  if (found != captured.end()) return found->second;
  return captured.emplace(weight_bits, capture_stimulus(weight_bits, kTokens)).first->second;
}

/// Six significant digits: what is left of a sum over some hundred thousand transitions.
double rounded(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return std::strtod(text, nullptr);
}

ordered_json parts_json(const EnergyByPart& zero, const EnergyByPart& glitches) {
  ordered_json parts;
  for (const auto& [name, part] : zero) {
    if (part.gates + part.registers == 0) continue;
    const PartEnergy& delayed = glitches.at(name);
    parts[name] = {{"gates", part.gates},
                   {"registers", part.registers},
                   {"area_um2", rounded(part.area_um2)},
                   {"leakage_nw", rounded(part.leakage_nw)},
                   {"clock_pj", rounded(part.clock_pj)},
                   {"idle_clock_pj", rounded(part.idle_clock_pj)},
                   {"ungated_clock_pj", rounded(part.ungated_clock_pj)},
                   {"internal_pj", rounded(part.internal_pj)},
                   {"load_pj", rounded(part.load_pj)},
                   {"glitch_internal_pj", rounded(delayed.internal_pj)},
                   {"glitch_load_pj", rounded(delayed.load_pj)}};
  }
  return parts;
}

ordered_json unit_json(const UnitGeometry& unit, const FlowPaths& paths,
                       const CellLibrary& library) {
  const spec::MatrixSpec& m = unit.matrix;
  ordered_json entry{{"name", unit.name},
                     {"engine", spec::to_string_of(m.engine)},
                     {"mu", m.mu},
                     {"racs_per_lut", m.racs_per_lut},
                     {"array_rows", m.array_rows},
                     {"array_cols", m.array_cols},
                     {"planes", m.planes},
                     {"align_bits", m.align_bits},
                     {"psum_depth", m.psum_depth}};
  const Netlist netlist = synthesize(paths, library, unit.name, "matrix_unit", m);
  for (const std::uint32_t bits : unit.weight_bits) {
    for (const bool lut_broadcast : {false, true}) {
      if (lut_broadcast && !spec::is_lut(m.engine)) continue;
      TileChoice choice;
      choice.matmuls = unit.matmuls;
      const UnitRun run = run_unit(m, netlist, library, stimulus_of(bits), lut_broadcast, choice);
      ordered_json events;
      for (std::size_t i = 0; i < models::kEventCount; ++i) {
        const auto event = static_cast<models::Event>(i);
        const std::string name = models::event_info(event).name;
        if (run.events[event] != 0 && name.rfind("matrix.", 0) == 0)
          events[name] = run.events[event];
      }
      entry["runs"].push_back({{"weight_bits", bits},
                               {"dataflow", lut_broadcast ? "lut-broadcast" : "weight-stationary"},
                               {"cycles", run.cycles},
                               {"macs", run.macs},
                               {"events", std::move(events)},
                               {"parts", parts_json(run.zero_delay, run.with_glitches)}});
    }
  }
  return entry;
}

ordered_json blocks_json(const std::vector<BlockRun>& runs) {
  ordered_json list = ordered_json::array();
  for (const BlockRun& run : runs) {
    list.push_back({{"name", run.name},
                    {"operands", run.operands},
                    {"operations", run.operations},
                    {"parts", parts_json(run.zero_delay, run.with_glitches)}});
  }
  return list;
}

using BlockFunction = std::vector<BlockRun> (*)(const FlowPaths&, const CellLibrary&,
                                                const Stimulus&);

const std::vector<std::pair<std::string, BlockFunction>>& block_functions() {
  static const std::vector<std::pair<std::string, BlockFunction>> list{
      {"operations", run_operations},
      {"function_unit", run_function_unit},
      {"xor_decoder", run_decoder_block},
      {"tables", run_tables}};
  return list;
}

std::string output_of(const std::string& command) {
  const std::unique_ptr<FILE, int (*)(FILE*)> pipe(popen(command.c_str(), "r"), pclose);
  std::string text;
  std::array<char, 256> part{};
  while (pipe && std::fgets(part.data(), part.size(), pipe.get()) != nullptr) text += part.data();
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

/// Of every file of the RTL in the order of their names.
std::string rtl_hash(const std::filesystem::path& rtl) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(rtl)) {
    if (entry.path().extension() == ".sv") files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  std::string all;
  for (const auto& file : files)
    all += file.lexically_relative(rtl).generic_string() + "\n" + tools::read_file(file);
  return tools::sha256_hex(all);
}

std::string operands_hash(const Stimulus& stimulus) {
  std::string all;
  for (const CapturedMatmul& matmul : stimulus.matmuls) {
    const models::BcqMatrix& weights = *models::matrices_by_name(stimulus.model).at(matmul.weight);
    all += matmul.weight;
    all.append(reinterpret_cast<const char*>(matmul.x.data()), matmul.x.size() * sizeof(float));
    all.append(reinterpret_cast<const char*>(weights.plane_words.data()),
               weights.plane_words.size() * sizeof(std::uint64_t));
  }
  return tools::sha256_hex(all);
}

}  // namespace

std::vector<UnitGeometry> unit_geometries() {
  const auto unit = [](spec::Engine engine, std::uint32_t rows, std::uint32_t cols) {
    spec::MatrixSpec m;
    m.engine = engine;
    m.mu = m.racs_per_lut = 1;
    m.array_rows = rows;
    m.array_cols = cols;
    m.planes = spec::is_bit_serial(engine) ? 1 : 4;
    m.acc_format = spec::is_aligned(engine) ? spec::AccFormat::integer : spec::AccFormat::fp32;
    m.psum_depth = 16;
    return m;
  };
  const auto lut = [&](spec::Engine engine, std::uint32_t mu, std::uint32_t racs,
                       std::uint32_t cols) {
    spec::MatrixSpec m = unit(engine, 1, cols);
    m.mu = mu;
    m.racs_per_lut = racs;
    return m;
  };
  using spec::Engine;
  std::vector<UnitGeometry> list{
      {"lut-i", lut(Engine::lut_i, 4, 8, 16), {4, 3, 2}, 4},
      {"ifpu", unit(Engine::ifpu, 4, 64), {4, 3, 2}, 4},
      {"figna", unit(Engine::figna, 2, 64), {4, 3, 2}, 4},
      {"fp", unit(Engine::fp, 1, 16), {4, 3, 2}, 4},
      {"lut-f", lut(Engine::lut_f, 4, 4, 4), {4, 3, 2}, 2},
  };
  for (const std::uint32_t mu : {2u, 3u, 4u, 5u, 6u}) {
    list.push_back({"lut-i-mu" + std::to_string(mu), lut(Engine::lut_i, mu, 8, 8), {4}, 2});
  }
  for (const std::uint32_t racs : {1u, 32u}) {
    list.push_back({"lut-i-racs" + std::to_string(racs), lut(Engine::lut_i, 4, racs, 8), {4}, 2});
  }
  return list;
}

std::vector<std::string> measurement_names() {
  std::vector<std::string> names;
  for (const auto& block : block_functions()) names.push_back(block.first);
  for (const UnitGeometry& unit : unit_geometries()) names.push_back(unit.name);
  return names;
}

ordered_json measure(const std::string& name, const FlowPaths& paths, const CellLibrary& library) {
  for (const auto& block : block_functions()) {
    if (block.first == name) return blocks_json(block.second(paths, library, stimulus_of(4)));
  }
  for (const UnitGeometry& unit : unit_geometries()) {
    if (unit.name == name) return unit_json(unit, paths, library);
  }
  throw std::invalid_argument("no measurement is called '" + name + "'");
}

ordered_json provenance(const FlowPaths& paths, const CellLibrary& library) {
  ordered_json stimuli;
  for (const std::uint32_t bits : {4u, 3u, 2u}) {
    stimuli.push_back({{"description", stimulus_of(bits).description},
                       {"sha256", operands_hash(stimulus_of(bits))}});
  }
  return {{"synthesis", output_of("yosys -V")},
          {"library",
           {{"name", library.name},
            {"package", output_of("dpkg-query -W -f '${Package} ${Version}' qflow-tech-osu018")},
            {"sha256", tools::sha256_hex(tools::read_file(paths.liberty))},
            {"node", "180 nm"},
            {"voltage", std::to_string(library.voltage).substr(0, 3) + " V"},
            {"slew_ns", kSlewNs}}},
          {"rtl_sha256", rtl_hash(paths.rtl)},
          {"stimulus", stimuli}};
}

}  // namespace lutsim::gates
