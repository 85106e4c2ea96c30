// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/gate_report.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <map>
#include <set>
#include <stdexcept>
#include <utility>

#include "models/config/data_root.h"
#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/energy/technology.h"
#include "tools/energy_flow/gate_studies.h"
#include "tools/energy_flow/markdown.h"
#include "tools/support/read_file.h"

namespace lutsim::gates {
namespace {

std::string provenance(const GateReportInput& input) {
  const Measurements& m = input.measured;
  std::string text = heading({"what", "which"});
  text += row({"synthesis", m.synthesis});
  text += row({"library", m.library + ", SHA-256 " + m.library_hash.substr(0, 16)});
  text += row({"RTL", "SHA-256 " + m.rtl_hash.substr(0, 16)});
  for (const std::string& stimulus : m.stimuli) text += row({"operands", stimulus});
  return text;
}

/// Energy of an event in the runs of a unit with 4-bit weights.
GateEnergy event_energy(const MeasuredUnit& unit, const std::string& event) {
  return unit.energy(parts_of_event(event, unit.matrix.engine)) * (1 / unit.count(event.c_str()));
}

std::string events(const GateReportInput& input) {
  std::string text = heading({"event", "engine", "events", "pJ", "pJ with glitches", "factor",
                              "formula / measured", "fJ at 28 nm"});
  const double to_28 = target_scaling(target_28nm()).value;
  for (const char* name : {"lut-i", "lut-f", "ifpu", "figna", "fp"}) {
    const MeasuredUnit& unit = input.measured.unit(name);
    spec::ArchSpec arch;
    arch.matrix = unit.matrix;
    for (const auto& [event, count] : unit.runs.front().events) {
      const GateEnergy each = event_energy(unit, event);
      const double formula = event_pj(event, arch, input.gates_180nm);
      text +=
          row({"`" + event + "`", name, number(unit.count(event.c_str()), "%.0f"),
               number(each.zero_delay), number(each.with_glitches),
               number(each.with_glitches / each.zero_delay, "%.2f"),
               number(formula / each.zero_delay, "%.2f"), number(each.zero_delay * to_28 * 1000)});
    }
  }
  return text;
}

std::string geometries(const GateReportInput& input) {
  std::string text = heading({"unit", "mu", "RACs per LUT", "event", "pJ measured", "pJ by formula",
                              "formula / measured"});
  for (const MeasuredUnit& unit : input.measured.units) {
    if (unit.name.rfind("lut-i-", 0) != 0) continue;
    spec::ArchSpec arch;
    arch.matrix = unit.matrix;
    for (const char* event : {"matrix.lut_generate", "matrix.lut_write", "matrix.lut_read"}) {
      const double measured = event_energy(unit, event).zero_delay;
      const double formula = event_pj(event, arch, input.gates_180nm);
      text += row({unit.name, std::to_string(unit.matrix.mu),
                   std::to_string(unit.matrix.racs_per_lut), std::string("`") + event + "`",
                   number(measured), number(formula), number(formula / measured, "%.2f")});
    }
  }
  return text;
}

std::string areas(const GateReportInput& input) {
  std::string text = heading({"block", "of", "gates", "registers", "cells, um2 at 180 nm",
                              "um2 at 28 nm", "leakage, nW at 180 nm"});
  const double to_28 = models::area_factor(target_28nm().node_nm) / 0.7;
  const auto add = [&](const std::string& part, const std::string& of, const MeasuredPart& p) {
    text +=
        row({part, of, std::to_string(p.gates), std::to_string(p.registers),
             number(p.area_um2, "%.0f"), number(p.area_um2 * to_28, "%.1f"), number(p.leakage_nw)});
  };
  for (const char* name : {"lut-i", "lut-f", "ifpu", "figna", "fp"}) {
    const MeasuredUnit& unit = input.measured.unit(name);
    for (const auto& [part, p] : unit.runs.front().parts) add(part, name, p);
  }
  std::set<std::string> seen;
  for (const MeasuredBlock& block : input.measured.blocks) {
    if (block.parts.size() != 1 || !seen.insert(block.name).second) continue;
    add(block.name, "-", block.parts.begin()->second);
  }
  return text;
}

std::string operations(const GateReportInput& input) {
  std::string text = heading({"operation", "node", "published, pJ", "source", "ours, pJ",
                              "ours with glitches", "published / ours"});
  for (const OperationCheck& check : operation_checks(input.measured)) {
    text += row({"`" + check.name + "`", number(check.node_nm) + " nm", number(check.published_pj),
                 check.source, number(check.scaled.zero_delay), number(check.scaled.with_glitches),
                 number(check.published_pj / check.scaled.zero_delay, "%.2f")});
  }
  return text;
}

std::string scaling(const GateReportInput&) {
  std::string text = heading({"to", "by", "energy x", "range"});
  const auto add = [&](const char* to, const char* by, const ScalingFactor& f) {
    text += row({to, by, number(f.value), number(f.low) + " .. " + number(f.high)});
  };
  add("45 nm, 0.9 V", "Stillmaker and Baas", energy_scaling(45, 0.9));
  add("28 nm, 0.8 V", "Stillmaker and Baas; `rtl-28nm`", target_scaling(target_28nm()));
  add("7 nm, 0.8 V", "Stillmaker and Baas", energy_scaling(7, 0.8));
  add("7 nm", "the same to 45 nm, then published 7 nm / 45 nm operations",
      energy_scaling_by_operations_to_7nm());
  add("7 nm", "both; `rtl-7nm`", target_scaling(target_7nm()));
  return text;
}

std::string tables(const GateReportInput& input) {
  std::string text = heading({"table, readers", "what happens", "LUT", "LUT, ungated clock", "mux",
                              "decoder", "mux + decoder"});
  const auto part = [](const MeasuredBlock& block, const char* name) {
    const auto found = block.parts.find(name);
    return found == block.parts.end()
               ? 0.0
               : found->second.energy.zero_delay / static_cast<double>(block.operations);
  };
  for (const char* readers : {"1", "32"}) {
    for (const char* kind : {"rewritten", "held"}) {
      const auto block = [&](const char* which) {
        return input.measured.block(std::string(which) + "_table_" + readers + "_" + kind, "run");
      };
      // Everything in units of the full table, its clock never gated.
      const auto ungated = [&](const MeasuredBlock& b) {
        const MeasuredPart& lut = b.parts.at("lut");
        return (lut.energy.zero_delay - lut.clock_pj + lut.ungated_clock_pj) /
               static_cast<double>(b.operations);
      };
      const double unit = ungated(block("full"));
      for (const char* which : {"full", "half"}) {
        const MeasuredBlock b = block(which);
        const double mux = part(b, "mux") / unit, decoder = part(b, "decoder") / unit;
        text += row({std::string(which) + ", " + readers, kind,
                     number(part(b, "lut") / unit, "%.3f"), number(ungated(b) / unit, "%.3f"),
                     number(mux, "%.3f"), number(decoder, "%.3f"), number(mux + decoder, "%.3f")});
      }
    }
  }
  text += row({"FIGLUT, full", "Table III", "-", "1.000", "0.003", "0.000", "0.003"});
  text += row({"FIGLUT, half", "Table III", "-", "0.494", "0.002", "0.003", "0.005"});
  return text;
}

std::string weight_bits(const GateReportInput& input) {
  std::string text = heading({"engine", "event", "4 bits, pJ", "3 bits", "2 bits"});
  const std::pair<const char*, const char*> kEvents[] = {{"lut-i", "matrix.lut_read"},
                                                         {"lut-f", "matrix.lut_read"},
                                                         {"ifpu", "matrix.add_sub"},
                                                         {"figna", "matrix.integer_mac"},
                                                         {"fp", "matrix.fp_mac"}};
  for (const auto& [name, event] : kEvents) {
    const MeasuredUnit& unit = input.measured.unit(name);
    std::map<std::uint32_t, std::pair<double, double>> sums;
    for (const MeasuredRun& run : unit.runs) {
      for (const std::string& part : parts_of_event(event, unit.matrix.engine)) {
        const auto found = run.parts.find(part);
        if (found != run.parts.end())
          sums[run.weight_bits].first += found->second.energy.zero_delay;
      }
      sums[run.weight_bits].second += static_cast<double>(run.events.at(event));
    }
    text += row({name, std::string("`") + event + "`", number(sums[4].first / sums[4].second),
                 number(sums[3].first / sums[3].second), number(sums[2].first / sums[2].second)});
  }
  return text;
}

Measurements shipped_measurements() {
  return read_measurements(
      tools::read_file(config::data_root() / "tools" / "energy_flow" / "measured.json"));
}

models::EnergyTableFile shipped_table(const std::string& name) {
  return config::read_yaml<models::EnergyTableFile>(
      config::find_named(config::kEnergyFolder, name, "energy table").string());
}

models::EnergyTable table_of(const Measurements& measured, const TargetProcess& target) {
  const models::EnergyTableFile literature = shipped_table(target.literature);
  models::EnergyTable table(gate_table(measured, target, literature), target.table);
  table.include(models::EnergyTable(shipped_table(literature.include), literature.include));
  return table;
}

using Section = std::string (*)(const GateReportInput&);

std::string engines(const GateReportInput& input) { return engine_study(input.gates_180nm); }
std::string chip_areas(const GateReportInput& input) { return area_study(input.rtl_28nm); }
std::string racs(const GateReportInput& input) { return racs_study(input.gates_180nm); }
std::string mu(const GateReportInput& input) { return mu_study(input.gates_180nm); }
std::string figlut(const GateReportInput& input) { return figlut_table_v(input.rtl_28nm); }
std::string figlut_bits(const GateReportInput& input) { return figlut_bit_ratios(input.rtl_28nm); }

const std::vector<std::pair<std::string, Section>>& sections() {
  static const std::vector<std::pair<std::string, Section>> list{
      {"gates-provenance", provenance},
      {"gates-events", events},
      {"gates-geometries", geometries},
      {"gates-areas", areas},
      {"gates-chip-areas", chip_areas},
      {"gates-operations", operations},
      {"gates-scaling", scaling},
      {"gates-tables", tables},
      {"gates-weight-bits", weight_bits},
      {"gates-engines", engines},
      {"gates-racs", racs},
      {"gates-mu", mu},
      {"gates-figlut", figlut},
      {"gates-figlut-bits", figlut_bits}};
  return list;
}

}  // namespace

GateReportInput read_gate_report_input() {
  const Measurements measured = shipped_measurements();
  return {measured, table_of(measured, gates_180nm()), table_of(measured, target_28nm()),
          table_of(measured, target_7nm())};
}

std::string generated_gate_table(const TargetProcess& target) {
  return gate_table_yaml(
      gate_table(shipped_measurements(), target, shipped_table(target.literature)));
}

std::vector<std::string> gate_report_sections() {
  std::vector<std::string> names;
  for (const auto& section : sections()) names.push_back(section.first);
  return names;
}

std::string gate_report_section(const std::string& name, const GateReportInput& input) {
  for (const auto& section : sections()) {
    if (section.first == name) return section.second(input);
  }
  throw std::invalid_argument("no section is called '" + name + "'");
}

}  // namespace lutsim::gates
