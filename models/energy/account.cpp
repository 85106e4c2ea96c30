// SPDX-License-Identifier: Apache-2.0
#include "models/energy/account.h"

#include <algorithm>
#include <map>
#include <stdexcept>

#include "models/energy/event_energy.h"

namespace lutsim::models {
namespace {

std::vector<EnergyGroup> empty_groups() {
  std::vector<EnergyGroup> groups;
  const auto add = [&groups](const std::string& name) {
    const auto same = [&name](const EnergyGroup& g) { return g.name == name; };
    if (std::none_of(groups.begin(), groups.end(), same)) groups.push_back({name, 0});
  };
  for (std::size_t i = 0; i < kEventCount; ++i) add(event_info(static_cast<Event>(i)).group);
  add("static");
  return groups;
}

double& joules_of(std::vector<EnergyGroup>* groups, const std::string& name) {
  for (EnergyGroup& group : *groups) {
    if (group.name == name) return group.joules;
  }
  throw std::out_of_range("no energy group '" + name + "'");
}

void count_use(std::map<std::string, ConstantUse>* uses, const Constant& constant, double amount) {
  ConstantUse& use = (*uses)[constant.name];
  use.constant = constant;
  use.amount += amount;
}

void add_events(const spec::ArchSpec& arch, const EnergyTable& table, const EventCounts& counts,
                EnergyReport* report, std::map<std::string, ConstantUse>* uses) {
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const Event event = static_cast<Event>(i);
    const EventInfo info = event_info(event);
    if (counts[event] == 0) continue;
    EventEnergy energy{event, counts[event], event_joules(event, arch, table), 0};
    energy.joules = static_cast<double>(energy.count) * energy.joules_each;
    for (const Term& term : event_terms(event, arch, table)) {
      count_use(uses, table.at(term.name, info.name),
                term.amount * static_cast<double>(energy.count));
    }
    joules_of(&report->groups, info.group) += energy.joules;
    report->events.push_back(energy);
  }
}

void add_static(const spec::ArchSpec& arch, const EnergyTable& table, double seconds,
                EnergyReport* report, std::map<std::string, ConstantUse>* uses) {
  for (const StaticPart& part : static_parts(arch, table)) {
    for (const Term& term : part.per_second) {
      const Constant& constant = table.at(term.name, "static power");
      const double amount = term.amount * seconds;
      count_use(uses, constant, amount);
      joules_of(&report->groups, part.group) += amount * constant.value;
    }
  }
}

void rank_constants(const std::map<std::string, ConstantUse>& uses, EnergyReport* report) {
  for (Confidence confidence : {Confidence::measured, Confidence::published, Confidence::derived,
                                Confidence::scaled, Confidence::guessed}) {
    report->evidence.push_back({confidence, 0});
  }
  for (const auto& entry : uses) {
    ConstantUse use = entry.second;
    if (report->total > 0) use.share = use.amount * use.constant.value / report->total;
    report->evidence[static_cast<std::size_t>(use.constant.confidence)].share += use.share;
    report->constants.push_back(std::move(use));
  }
  std::stable_sort(report->constants.begin(), report->constants.end(),
                   [](const ConstantUse& a, const ConstantUse& b) { return a.share > b.share; });
}

}  // namespace

double EnergyReport::group(const std::string& name) const {
  for (const EnergyGroup& g : groups) {
    if (g.name == name) return g.joules;
  }
  throw std::out_of_range("no energy group '" + name + "'");
}

EnergyReport account(const spec::ArchSpec& arch, const EnergyTable& table,
                     const EventCounts& counts, double seconds) {
  EnergyReport report;
  report.groups = empty_groups();
  std::map<std::string, ConstantUse> uses;
  add_events(arch, table, counts, &report, &uses);
  add_static(arch, table, seconds, &report, &uses);
  for (const EnergyGroup& group : report.groups) report.total += group.joules;
  rank_constants(uses, &report);
  return report;
}

}  // namespace lutsim::models
