// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/gate_studies.h"

#include <algorithm>
#include <cmath>
#include <stdexcept>
#include <utility>
#include <vector>

#include "models/config/named.h"
#include "models/energy/area.h"
#include "models/energy/event_energy.h"
#include "tools/energy_flow/figlut_study.h"
#include "tools/energy_flow/markdown.h"

namespace lutsim::gates {
namespace {

constexpr double kPico = 1e12;

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
  return row({label, number(share.generate), number(share.write), number(share.read),
              number(share.total()), remark});
}

/// TOPS/W of an energy per MAC.
double efficiency(double joules) { return 2 / joules * 1e-12; }

std::string miss(double ours, double published) {
  return number(100 * (ours / published - 1), "%+.0f %%");
}

}  // namespace

double event_pj(const std::string& event, const spec::ArchSpec& arch,
                const models::EnergyTable& table) {
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
  std::string text = heading({"batch", "engine", "4 bits, pJ", "3 bits", "2 bits", "align",
                              "tables", "lanes", "output", "4 bits, of fp"});
  for (const std::uint32_t batch : {32u, 1u}) {
    double fp = 0;
    for (const char* engine : {"fp", "ifpu", "figna", "lut-f", "lut-i"}) {
      const spec::ArchSpec arch = config::load_arch(std::string("figlut-") + engine);
      const auto mac = [&](std::uint32_t bits) { return opt_6_7b_mac(arch, gates, bits, batch); };
      const MacEnergy four = mac(4);
      if (fp == 0) fp = four.matrix();
      text +=
          row({std::to_string(batch), engine, number(four.matrix() * kPico),
               number(mac(3).matrix() * kPico), number(mac(2).matrix() * kPico),
               number(four.align * kPico), number(four.tables * kPico), number(four.lanes * kPico),
               number(four.output * kPico), number(four.matrix() / fp, "%.2f")});
    }
  }
  return text;
}

std::string area_study(const models::EnergyTable& table) {
  constexpr double kSquareMilli = 1e6;
  const std::vector<std::pair<const char*, std::vector<const char*>>> columns{
      {"align", {"matrix.align"}},
      {"LUTs and generators", {"matrix.lut_generator", "matrix.lut"}},
      {"lanes", {"matrix.rac", "matrix.lanes", "matrix.dequantizer"}},
      {"output", {"matrix.scale_accumulate"}},
      {"partial sums", {"matrix.psum"}}};
  std::vector<std::string> head{"configuration"};
  for (const auto& column : columns) head.emplace_back(column.first);
  for (const char* name : {"matrix unit", "range", "vector unit", "chip"}) head.emplace_back(name);
  std::string text = heading(head);
  for (const char* name :
       {"figlut-fp", "figlut-ifpu", "figlut-figna", "figlut-lut-f", "figlut-lut-i", "default"}) {
    const models::AreaReport report = models::chip_area(config::load_arch(name), table);
    const auto sum = [&](const std::vector<const char*>& parts, double models::AreaRange::*member) {
      double total = 0;
      for (const models::AreaPart& part : report.parts) {
        const auto same = [&](const char* wanted) { return part.name == wanted; };
        if (std::any_of(parts.begin(), parts.end(), same)) total += part.area.*member;
      }
      return total * kSquareMilli;
    };
    std::vector<std::string> cells{std::string("`") + name + "`"};
    std::vector<const char*> all;
    for (const auto& column : columns) {
      cells.push_back(number(sum(column.second, &models::AreaRange::value)));
      all.insert(all.end(), column.second.begin(), column.second.end());
    }
    cells.push_back(number(sum(all, &models::AreaRange::value)));
    cells.push_back(number(sum(all, &models::AreaRange::low)) + " .. " +
                    number(sum(all, &models::AreaRange::high)));
    cells.push_back(number(sum({"vector"}, &models::AreaRange::value)));
    cells.push_back(number(report.total.value * kSquareMilli));
    text += row(cells);
  }
  return text;
}

std::string racs_study(const models::EnergyTable& gates) {
  std::string text =
      heading({"RACs per LUT", "generate", "write", "read", "pJ per one-bit MAC", ""});
  for (const std::uint32_t racs : {1u, 2u, 4u, 8u, 16u, 32u, 64u}) {
    text += share_row(std::to_string(racs), rac_share(gates, 4, racs),
                      racs == 32 ? "FIGLUT's choice" : "");
  }
  return text;
}

std::string mu_study(const models::EnergyTable& gates) {
  std::string text =
      heading({"mu, RACs per LUT", "generate", "write", "read", "pJ per one-bit MAC", ""});
  for (const std::uint32_t racs : {1u, 32u}) {
    std::uint32_t best = 2;
    for (std::uint32_t mu = 2; mu <= 8; ++mu) {
      if (rac_share(gates, mu, racs).total() < rac_share(gates, best, racs).total()) best = mu;
    }
    for (std::uint32_t mu = 2; mu <= 8; ++mu) {
      const std::string remark =
          std::string(mu == best ? "ours" : "") + (mu == 4 && racs == 32 ? " FIGLUT's choice" : "");
      text += share_row(std::to_string(mu) + ", " + std::to_string(racs),
                        rac_share(gates, mu, racs), remark.c_str());
    }
  }
  return text;
}

std::string figlut_table_v(const models::EnergyTable& table) {
  const struct {
    const char* engine;
    double tops_per_watt;
  } published[] = {{"ifpu", 0.21}, {"figna", 0.33}, {"lut-i", 0.47}};
  std::string text = heading({"engine", "matrix, pJ per MAC", "SRAM and link", "DRAM accesses",
                              "standby, leakage, clock", "TOPS", "TOPS/W without standby", "TOPS/W",
                              "published", "miss", "relative to figna", "published", "miss"});
  const auto mac = [&](const char* engine) {
    return opt_6_7b_mac(config::load_arch(std::string("figlut-") + engine), table, 4, 32);
  };
  const double figna = mac("figna").total();
  for (const auto& p : published) {
    const MacEnergy ours = mac(p.engine);
    const double relative = figna / ours.total(), theirs = p.tops_per_watt / 0.33;
    text +=
        row({p.engine, number(ours.matrix() * kPico), number(ours.sram * kPico),
             number(ours.dram * kPico), number(ours.idle * kPico), number(2 / ours.seconds * 1e-12),
             number(efficiency(ours.dynamic())), number(efficiency(ours.total())),
             number(p.tops_per_watt), miss(efficiency(ours.total()), p.tops_per_watt),
             number(relative, "%.2f"), number(theirs, "%.2f"), miss(relative, theirs)});
  }
  return text;
}

std::string figlut_bit_ratios(const models::EnergyTable& table) {
  const spec::ArchSpec lut = config::load_arch("figlut-lut-i"),
                       figna = config::load_arch("figlut-figna");
  const MacEnergy base = opt_6_7b_mac(figna, table, 4, 32);
  const MacEnergy two = opt_6_7b_mac(lut, table, 2, 32), three = opt_6_7b_mac(lut, table, 3, 32),
                  four = opt_6_7b_mac(lut, table, 4, 32);
  // 2.4 bits: three fifths of the weights of two bits, two fifths of three.
  const auto mixed = [&](double of_two, double of_three) { return 0.6 * of_two + 0.4 * of_three; };
  const struct {
    const char* what;
    double matrix, dynamic, total, published;
  } rows[] = {
      {"4 bits", four.matrix(), four.dynamic(), four.total(), 1.2},
      {"3 bits", three.matrix(), three.dynamic(), three.total(), 1.59},
      {"2 bits", two.matrix(), two.dynamic(), two.total(), 2.4},
      {"2.4 bits against 3", mixed(two.matrix(), three.matrix()),
       mixed(two.dynamic(), three.dynamic()), mixed(two.total(), three.total()), 1.98},
  };
  std::string text =
      heading({"FIGLUT against FIGNA, TOPS/W", "matrix unit alone", "with SRAM and DRAM accesses",
               "miss", "with standby and leakage", "miss", "published"});
  for (const auto& r : rows) {
    const double dynamic = base.dynamic() / r.dynamic, total = base.total() / r.total;
    text += row({r.what, number(base.matrix() / r.matrix, "%.2f"), number(dynamic, "%.2f"),
                 miss(dynamic, r.published), number(total, "%.2f"), miss(total, r.published),
                 number(r.published, "%.2f")});
  }
  return text;
}

}  // namespace lutsim::gates
