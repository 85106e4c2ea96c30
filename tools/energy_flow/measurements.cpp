// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/measurements.h"

#include <nlohmann/json.hpp>
#include <stdexcept>

namespace lutsim::gates {
namespace {

using nlohmann::json;

constexpr std::uint32_t kReferenceBits = 4;

MeasuredParts parts_of(const json& object) {
  MeasuredParts parts;
  for (const auto& [name, value] : object.items()) {
    MeasuredPart part;
    part.gates = value.at("gates");
    part.registers = value.at("registers");
    part.area_um2 = value.at("area_um2");
    part.leakage_nw = value.at("leakage_nw");
    part.clock_pj = value.at("clock_pj");
    part.idle_clock_pj = value.at("idle_clock_pj");
    part.ungated_clock_pj = value.at("ungated_clock_pj");
    part.load = {value.at("load_pj"), value.at("glitch_load_pj")};
    const GateEnergy internal{value.at("internal_pj"), value.at("glitch_internal_pj")};
    part.energy = {part.clock_pj, part.clock_pj};
    part.energy += internal;
    part.energy += part.load;
    parts.emplace(name, part);
  }
  return parts;
}

spec::MatrixSpec matrix_of(const json& unit) {
  spec::MatrixSpec m;
  const std::string engine = unit.at("engine");
  for (const auto& [value, name] : spec::enum_names(spec::Engine{})) {
    if (engine == name) m.engine = value;
  }
  m.mu = unit.at("mu");
  m.racs_per_lut = unit.at("racs_per_lut");
  m.array_rows = unit.at("array_rows");
  m.array_cols = unit.at("array_cols");
  m.planes = unit.at("planes");
  m.align_bits = unit.at("align_bits");
  m.psum_depth = unit.at("psum_depth");
  m.acc_format = spec::is_aligned(m.engine) ? spec::AccFormat::integer : spec::AccFormat::fp32;
  return m;
}

MeasuredUnit unit_of(const json& object) {
  MeasuredUnit unit;
  unit.name = object.at("name");
  unit.matrix = matrix_of(object);
  for (const json& entry : object.at("runs")) {
    MeasuredRun run;
    run.weight_bits = entry.at("weight_bits");
    run.lut_broadcast = entry.at("dataflow") == "lut-broadcast";
    run.cycles = entry.at("cycles");
    run.macs = entry.at("macs");
    for (const auto& [name, count] : entry.at("events").items()) run.events[name] = count;
    run.parts = parts_of(entry.at("parts"));
    unit.runs.push_back(std::move(run));
  }
  return unit;
}

}  // namespace

GateEnergy MeasuredBlock::each() const {
  GateEnergy sum;
  for (const auto& part : parts) sum += part.second.energy;
  return sum * (1.0 / static_cast<double>(operations));
}

double MeasuredBlock::area_um2() const {
  double sum = 0;
  for (const auto& part : parts) sum += part.second.area_um2;
  return sum;
}

GateEnergy MeasuredUnit::energy(const std::vector<std::string>& names) const {
  GateEnergy sum;
  for (const MeasuredRun& run : runs) {
    if (run.weight_bits != kReferenceBits) continue;
    for (const std::string& name : names) {
      const auto part = run.parts.find(name);
      if (part != run.parts.end()) sum += part->second.energy;
    }
  }
  return sum;
}

GateEnergy MeasuredUnit::load(const std::vector<std::string>& names) const {
  GateEnergy sum;
  for (const MeasuredRun& run : runs) {
    if (run.weight_bits != kReferenceBits) continue;
    for (const std::string& name : names) sum += run.parts.at(name).load;
  }
  return sum;
}

double MeasuredUnit::count(const char* event) const {
  std::uint64_t sum = 0;
  for (const MeasuredRun& run : runs) {
    const auto found = run.events.find(event);
    if (run.weight_bits == kReferenceBits && found != run.events.end()) sum += found->second;
  }
  return static_cast<double>(sum);
}

double MeasuredUnit::area_um2(const std::vector<std::string>& names) const {
  double sum = 0;
  for (const std::string& name : names) {
    const auto part = runs.front().parts.find(name);
    if (part != runs.front().parts.end()) sum += part->second.area_um2;
  }
  return sum;
}

const MeasuredBlock& Measurements::block(const std::string& name,
                                         const std::string& operands) const {
  for (const MeasuredBlock& entry : blocks) {
    if (entry.name == name && entry.operands == operands) return entry;
  }
  throw std::out_of_range("measured.json has no block '" + name + "' on " + operands + " operands");
}

const MeasuredUnit& Measurements::unit(const std::string& name) const {
  for (const MeasuredUnit& entry : units) {
    if (entry.name == name) return entry;
  }
  throw std::out_of_range("measured.json has no unit '" + name + "'");
}

Measurements read_measurements(const std::string& text) {
  const json file = json::parse(text);
  if (file.at("schema") != "lutsim.gates/1")
    throw std::runtime_error("measured.json is not lutsim.gates/1");
  Measurements measured;
  const json& from = file.at("provenance");
  measured.synthesis = from.at("synthesis");
  measured.library = from.at("library").at("package");
  measured.library_hash = from.at("library").at("sha256");
  measured.rtl_hash = from.at("rtl_sha256");
  for (const json& stimulus : from.at("stimulus")) {
    measured.stimuli.push_back(stimulus.at("description").get<std::string>() + ", SHA-256 " +
                               stimulus.at("sha256").get<std::string>().substr(0, 16));
  }
  for (const json& entry : file.at("blocks")) {
    measured.blocks.push_back({entry.at("name"), entry.at("operands"), entry.at("operations"),
                               parts_of(entry.at("parts"))});
  }
  for (const json& entry : file.at("units")) measured.units.push_back(unit_of(entry));
  return measured;
}

std::vector<std::string> parts_of_event(const std::string& event, spec::Engine engine) {
  if (event == "matrix.align") return {"align"};
  if (event == "matrix.lut_generate") {
    return engine == spec::Engine::lut_f ? std::vector<std::string>{"lut_generate", "activation"}
                                         : std::vector<std::string>{"lut_generate"};
  }
  if (event == "matrix.lut_write") return {"lut"};
  if (event == "matrix.activation_write") return {"activation"};
  if (event == "matrix.key_write") return {"key"};
  if (event == "matrix.dequantize") return {"dequantize"};
  if (event == "matrix.scale") return {"scale.convert", "scale.multiply", "scale.rest"};
  if (event == "matrix.slot_add") return {"slot_add"};
  // The partial sums are a memory in the machine; its energy is not that of the RTL's registers.
  if (event == "matrix.accumulate") return {"accumulate.adder", "accumulate.rest"};
  return {"read", "multiply", "sum.adder", "sum.rest"};
}

}  // namespace lutsim::gates
