// SPDX-License-Identifier: Apache-2.0
#include "models/energy/technology.h"

#include <stdexcept>
#include <string>

namespace lutsim::models {
namespace {

struct Polynomial {
  double a, b, c;
  double at(double volts) const { return (a * volts + b) * volts + c; }
};

struct Node {
  double nm;
  Polynomial high_performance, low_power;
  double area;
};

// Largest first.
constexpr Node kNodes[] = {
    {180, {24.64, -17.98, 0}, {24.64, -17.98, 0}, 1},
    {130, {7.171, -6.709, 2.904}, {7.171, -6.709, 2.904}, 0.34},
    {90, {4.762, -4.781, 2.092}, {4.762, -4.781, 2.092}, 0.15},
    {65, {3.755, -4.398, 1.975}, {3.755, -4.398, 1.975}, 0.08},
    {45, {1.018, -0.3107, 0.1539}, {1.103, -0.362, 0.2767}, 0.053},
    {32, {0.8367, -0.4341, 0.1701}, {0.9559, -0.7823, 0.471}, 0.025},
    {20, {0.373, -0.1582, 0.04104}, {0.2632, -0.14, 0.06841}, 0.011},
    {16, {0.2958, -0.1241, 0.03024}, {0.2139, -0.1187, 0.05639}, 0.01},
    {14, {0.2363, -0.09675, 0.02239}, {0.1556, -0.06472, 0.03066}, 0.0093},
    {10, {0.2068, -0.09311, 0.02375}, {0.1261, -0.0518, 0.02769}, 0.0055},
    {7, {0.1776, -0.09097, 0.02447}, {0.09365, -0.03409, 0.02043}, 0.0032},
};

/// `value` of the nodes around `nm`, interpolated.
template <class Value>
double between_nodes(double nm, const Value& value) {
  const Node* larger = nullptr;
  for (const Node& node : kNodes) {
    if (node.nm == nm) return value(node);
    if (node.nm > nm) {
      larger = &node;
      continue;
    }
    if (larger == nullptr) break;
    const double part = (larger->nm - nm) / (larger->nm - node.nm);
    return value(*larger) + part * (value(node) - value(*larger));
  }
  throw std::invalid_argument("no scaling is known for a node of " + std::to_string(nm) + " nm");
}

}  // namespace

double energy_factor(double node_nm, Device device, double volts) {
  return between_nodes(node_nm, [&](const Node& node) {
    return (device == Device::low_power ? node.low_power : node.high_performance).at(volts);
  });
}

double area_factor(double node_nm) {
  return between_nodes(node_nm, [](const Node& node) { return node.area; });
}

}  // namespace lutsim::models
