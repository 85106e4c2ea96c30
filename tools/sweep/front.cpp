// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/front.h"

#include <algorithm>
#include <numeric>
#include <pagmo/utils/hypervolume.hpp>
#include <pagmo/utils/multi_objective.hpp>

namespace lutsim::tools::sweep {

Values objectives_of(const SweepSpace& space, const nlohmann::ordered_json& record) {
  Values values;
  if (record.at("status") != "ok" || !record.at("feasible").get<bool>()) return values;
  const auto& metrics = record.at("metrics");
  for (const Objective& o : space.keys.objectives) {
    if (!metrics.contains(o.key)) return {};
    const double value = metrics.at(o.key);
    values.push_back(o.goal == Goal::minimise ? value : -value);
  }
  return values;
}

bool dominates(const Values& a, const Values& b) {
  bool is_better = false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (a[i] > b[i]) return false;
    is_better = is_better || a[i] < b[i];
  }
  return is_better;
}

std::vector<std::size_t> pareto_front(const std::vector<Values>& points) {
  std::vector<std::size_t> order(points.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  // A point is dominated by one that comes before it in this order, if at all; and then also by one
  // of the front, as domination is transitive.
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return points[a] != points[b] ? points[a] < points[b] : a < b;
  });
  std::vector<std::size_t> front;
  for (const std::size_t i : order) {
    const auto beats = [&](std::size_t f) { return dominates(points[f], points[i]); };
    if (std::none_of(front.begin(), front.end(), beats)) front.push_back(i);
  }
  std::sort(front.begin(), front.end());
  return front;
}

Values worst_of(const std::vector<Values>& points) {
  Values worst = points.front();
  for (const Values& p : points)
    for (std::size_t i = 0; i < worst.size(); ++i) worst[i] = std::max(worst[i], p[i]);
  return worst;
}

double hypervolume(const std::vector<Values>& points, const Values& reference) {
  std::vector<Values> inside;
  for (const Values& p : points) {
    bool is_inside = true;
    for (std::size_t i = 0; i < p.size(); ++i) is_inside = is_inside && p[i] < reference[i];
    if (is_inside) inside.push_back(p);
  }
  if (inside.empty()) return 0;
  if (reference.size() == 1)  // pagmo's begins at two objectives
    return reference[0] - std::min_element(inside.begin(), inside.end())->front();
  std::vector<Values> front;
  for (const std::size_t i : pareto_front(inside)) front.push_back(inside[i]);
  return pagmo::hypervolume(front).compute(reference);
}

std::vector<std::size_t> best_of(const std::vector<Values>& points, std::size_t count) {
  std::vector<std::size_t> best(points.size());
  std::iota(best.begin(), best.end(), std::size_t{0});
  if (points.size() <= count) return best;
  if (points.front().size() == 1) {  // pagmo's begins at two objectives
    std::stable_sort(best.begin(), best.end(),
                     [&](std::size_t a, std::size_t b) { return points[a] < points[b]; });
    best.resize(count);
  } else {
    best = pagmo::select_best_N_mo(points, count);
  }
  std::sort(best.begin(), best.end());
  return best;
}

}  // namespace lutsim::tools::sweep
