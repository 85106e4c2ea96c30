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
    if (std::none_of(groups.begin(), groups.end(), same)) groups.push_back({name, 0, {}});
  };
  for (std::size_t i = 0; i < kEventCount; ++i) add(event_info(static_cast<Event>(i)).group);
  add("static");
  return groups;
}

/// Amounts of constants by name: of the whole run and of its groups.
class Uses {
 public:
  void add(const std::string& group, const ConstantUse& use) {
    for (auto* sum : {&total_, &groups_[group]}) {
      ConstantUse& entry = (*sum)[use.constant.name];
      entry.constant = use.constant;
      entry.amount += use.amount;
    }
  }
  std::vector<ConstantUse> total() const { return list(total_); }
  std::vector<ConstantUse> of(const std::string& group) { return list(groups_[group]); }

 private:
  using Sum = std::map<std::string, ConstantUse>;
  static std::vector<ConstantUse> list(const Sum& sum) {
    std::vector<ConstantUse> uses;
    uses.reserve(sum.size());
    for (const auto& entry : sum) uses.push_back(entry.second);
    return uses;
  }

  Sum total_;
  std::map<std::string, Sum> groups_;
};

EnergyGroup& group_of(EnergyReport* report, const std::string& name) {
  for (EnergyGroup& group : report->groups) {
    if (group.name == name) return group;
  }
  throw std::out_of_range("no energy group '" + name + "'");
}

void add_events(const spec::ArchSpec& arch, const EnergyTable& table, const EventCounts& counts,
                EnergyReport* report, Uses* uses) {
  for (std::size_t i = 0; i < kEventCount; ++i) {
    const Event event = static_cast<Event>(i);
    const EventInfo info = event_info(event);
    if (counts[event] == 0) continue;
    EventEnergy energy{event, counts[event], event_joules(event, arch, table), 0, {}};
    energy.joules = static_cast<double>(energy.count) * energy.joules_each;
    for (const Term& term : event_terms(event, arch, table)) {
      const double amount = term.amount * static_cast<double>(energy.count);
      energy.constants.push_back({table.at(term.name, info.name), amount, 0});
      uses->add(info.group, energy.constants.back());
    }
    group_of(report, info.group).joules += energy.joules;
    report->events.push_back(std::move(energy));
  }
}

void add_static(const spec::ArchSpec& arch, const EnergyTable& table, double seconds,
                EnergyReport* report, Uses* uses) {
  for (const StaticPart& part : static_parts(arch, table)) {
    for (const Term& term : part.per_second) {
      const Constant& constant = table.at(term.name, "static power");
      const double amount = term.amount * seconds;
      uses->add(part.group, {constant, amount, 0});
      group_of(report, part.group).joules += amount * constant.value;
    }
  }
}

void rank_constants(const Uses& uses, EnergyReport* report) {
  for (Confidence confidence : {Confidence::measured, Confidence::published, Confidence::derived,
                                Confidence::scaled, Confidence::guessed}) {
    report->evidence.push_back({confidence, 0});
  }
  for (ConstantUse& use : report->constants = uses.total()) {
    if (report->total > 0) use.share = use.amount * use.constant.value / report->total;
    report->evidence[static_cast<std::size_t>(use.constant.confidence)].share += use.share;
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
  Uses uses;
  add_events(arch, table, counts, &report, &uses);
  add_static(arch, table, seconds, &report, &uses);
  for (EnergyGroup& group : report.groups) {
    group.constants = uses.of(group.name);
    report.total += group.joules;
  }
  rank_constants(uses, &report);
  return report;
}

}  // namespace lutsim::models
