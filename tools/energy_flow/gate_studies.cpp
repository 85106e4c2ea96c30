// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/gate_studies.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <stdexcept>
#include <vector>

#include "models/config/named.h"
#include "models/energy/event_energy.h"
#include "tools/energy_flow/figlut_study.h"

namespace lutsim::gates {
namespace {

constexpr double kPico = 1e12;

std::string number(double value, const char* format = "%.3g") {
  char text[32];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string row(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) text += " " + cell + " |";
  return text + "\n";
}

std::string heading(const std::vector<std::string>& cells) {
  std::string text = row(cells) + "|";
  for (std::size_t i = 0; i < cells.size(); ++i) text += "---|";
  return text + "\n";
}

/// One RAC's share of everything that its column of PEs does, for a new table in every step of a
/// weight-stationary pass: pJ for a one-bit MAC.
struct RacShare {
  double generate, write, read;
  double total() const { return generate + write + read; }
};

RacShare rac_share(const models::EnergyTable& gates, std::uint32_t mu, std::uint32_t racs) {
  spec::ArchSpec arch = config::load_arch("figlut-lut-i");
  // The same lanes: features = rows x racs and elements = columns x mu, as far as they divide.
  const double features = arch.matrix.lanes_n();
  arch.matrix.mu = mu;
  arch.matrix.racs_per_lut = racs;
  return {event_pj("matrix.lut_generate", arch, gates) / (features * mu),
          event_pj("matrix.lut_write", arch, gates) / (racs * static_cast<double>(mu)),
          event_pj("matrix.lut_read", arch, gates) / mu};
}

std::string share_row(const std::string& label, const RacShare& share, const char* remark) {
  return row({label, number(share.generate), number(share.write), number(share.read), number(share.total()), remark});
}

double efficiency(const MacEnergy& mac) { return 2 / mac.total() * 1e-12; }

}  // namespace

double event_pj(const std::string& event, const spec::ArchSpec& arch, const models::EnergyTable& table) {
  for (std::size_t i = 0; i < models::kEventCount; ++i) {
    const auto id = static_cast<models::Event>(i);
    if (event != models::event_info(id).name) continue;
    double pj = 0;
    for (const models::Term& term : models::event_terms(id, arch, table)) {
      // Partial sums are a memory of the chip, not gates.
      if (term.name.rfind("psum_", 0) == 0) continue;
      pj += term.amount * table.at(term.name, event).value * kPico;
    }
    return pj;
  }
  throw std::invalid_argument("no event is called " + event);
}

std::string engine_study(const models::EnergyTable& gates) {
  std::string text = heading({"batch", "engine", "4 bits, pJ", "3 bits", "2 bits", "align", "tables", "lanes", "output",
                              "4 bits, of fp"});
  for (const std::uint32_t batch : {32u, 1u}) {
    double fp = 0;
    for (const char* engine : {"fp", "ifpu", "figna", "lut-f", "lut-i"}) {
      const spec::ArchSpec arch = config::load_arch(std::string("figlut-") + engine);
      const auto mac = [&](std::uint32_t bits) { return opt_6_7b_mac(arch, gates, bits, batch); };
      const MacEnergy four = mac(4);
      if (fp == 0) fp = four.matrix();
      text += row({std::to_string(batch), engine, number(four.matrix() * kPico), number(mac(3).matrix() * kPico),
                   number(mac(2).matrix() * kPico), number(four.align * kPico), number(four.tables * kPico),
                   number(four.lanes * kPico), number(four.output * kPico), number(four.matrix() / fp, "%.2f")});
    }
  }
  return text;
}

std::string racs_study(const models::EnergyTable& gates) {
  std::string text = heading({"RACs per LUT", "generate", "write", "read", "pJ per one-bit MAC", ""});
  for (const std::uint32_t racs : {1u, 2u, 4u, 8u, 16u, 32u, 64u}) {
    text += share_row(std::to_string(racs), rac_share(gates, 4, racs), racs == 32 ? "FIGLUT's choice" : "");
  }
  return text;
}

std::string mu_study(const models::EnergyTable& gates) {
  std::string text = heading({"mu, RACs per LUT", "generate", "write", "read", "pJ per one-bit MAC", ""});
  for (const std::uint32_t racs : {1u, 32u}) {
    std::uint32_t best = 2;
    for (std::uint32_t mu = 2; mu <= 8; ++mu) {
      if (rac_share(gates, mu, racs).total() < rac_share(gates, best, racs).total()) best = mu;
    }
    for (std::uint32_t mu = 2; mu <= 8; ++mu) {
      const std::string remark = std::string(mu == best ? "ours" : "") + (mu == 4 && racs == 32 ? " FIGLUT's choice" : "");
      text += share_row(std::to_string(mu) + ", " + std::to_string(racs), rac_share(gates, mu, racs), remark.c_str());
    }
  }
  return text;
}

std::string figlut_table_v(const models::EnergyTable& table) {
  const struct {
    const char* engine;
    double watts, tops_per_watt;
  } published[] = {{"ifpu", 0.67, 0.21}, {"figna", 0.41, 0.33}, {"lut-i", 0.29, 0.47}};
  std::string text = heading({"engine", "matrix, pJ per MAC", "SRAM and link", "DRAM", "leakage and clock", "total",
                              "ours, TOPS/W", "published", "ours / published", "ours, relative to figna", "published",
                              "miss"});
  const auto mac = [&](const char* engine) {
    return opt_6_7b_mac(config::load_arch(std::string("figlut-") + engine), table, 4, 32);
  };
  const double figna = efficiency(mac("figna"));
  for (const auto& p : published) {
    const MacEnergy ours = mac(p.engine);
    const double relative = efficiency(ours) / figna, theirs = p.tops_per_watt / 0.33;
    text += row({p.engine, number(ours.matrix() * kPico), number(ours.sram * kPico), number(ours.dram * kPico),
                 number(ours.leakage * kPico), number(ours.total() * kPico), number(efficiency(ours)),
                 number(p.tops_per_watt), number(efficiency(ours) / p.tops_per_watt, "%.2f"), number(relative, "%.2f"),
                 number(theirs, "%.2f"), number(100 * (relative / theirs - 1), "%+.0f %%")});
  }
  return text;
}

std::string figlut_bit_ratios(const models::EnergyTable& table) {
  const spec::ArchSpec lut = config::load_arch("figlut-lut-i"), figna = config::load_arch("figlut-figna");
  const MacEnergy base = opt_6_7b_mac(figna, table, 4, 32);
  const auto of = [&](std::uint32_t bits) { return opt_6_7b_mac(lut, table, bits, 32); };
  const struct {
    const char* what;
    double matrix, total, published;
  } rows[] = {
      {"4 bits", of(4).matrix(), of(4).total(), 1.2},
      {"3 bits", of(3).matrix(), of(3).total(), 1.59},
      {"2 bits", of(2).matrix(), of(2).total(), 2.4},
      // 2.4 bits: three fifths of the weights of two bits, two fifths of three.
      {"2.4 bits against FIGNA's 3", 0.6 * of(2).matrix() + 0.4 * of(3).matrix(),
       0.6 * of(2).total() + 0.4 * of(3).total(), 1.98},
  };
  std::string text = heading({"FIGLUT against FIGNA, TOPS/W", "matrix unit alone", "with memories and leakage", "published", "miss"});
  for (const auto& r : rows) {
    const double ours = base.total() / r.total;
    text += row({r.what, number(base.matrix() / r.matrix, "%.2f"), number(ours, "%.2f"), number(r.published, "%.2f"),
                 number(100 * (ours / r.published - 1), "%+.0f %%")});
  }
  return text;
}

}  // namespace lutsim::gates
