// SPDX-License-Identifier: Apache-2.0
#include "tools/energy_flow/operation_checks.h"

#include <algorithm>
#include <cmath>

#include "models/energy/technology.h"

namespace lutsim::gates {
namespace {

/// Where the gates were measured.
constexpr double kNode = 180, kVolts = 1.8;

struct Published {
  const char* block;
  double pj_45, pj_7;
};
/// M. Horowitz, ISSCC 2014, 45 nm at 0.9 V; N. Jouppi et al., ISCA 2021, Table 2, 7 nm (recalled).
constexpr Published kPublished[] = {
    {"int8_add", 0.03, 0.007},     {"int32_add", 0.1, 0.03},   {"int8_multiply", 0.2, 0.07},
    {"int32_multiply", 3.1, 1.48}, {"fp16_add", 0.4, 0.16},    {"fp16_multiply", 1.1, 0.34},
    {"bf16_add", 0, 0.11},         {"bf16_multiply", 0, 0.21}, {"fp32_add", 0.9, 0.38},
    {"fp32_multiply", 3.7, 1.31},
};
/// Aladdin's library (Shao et al., ISCA 2014) at 40 nm and 1 ns.
constexpr Published kAladdin[] = {{"int32_add", 0.21, 0}, {"int32_multiply", 12.68, 0}};

}  // namespace

std::vector<OperationCheck> operation_checks(const Measurements& measured) {
  std::vector<OperationCheck> checks;
  const auto add = [&](const char* block, double node, double volts, double published,
                       const char* source) {
    if (published == 0) return;
    checks.push_back({block, node, published, source,
                      measured.block(block, "random").each() * energy_scaling(node, volts).value});
  };
  for (const Published& p : kPublished) add(p.block, 45, 0.9, p.pj_45, "Horowitz 2014");
  for (const Published& p : kAladdin) add(p.block, 40, 0.9, p.pj_45, "Aladdin library");
  for (const Published& p : kPublished) add(p.block, 7, 0.8, p.pj_7, "Jouppi 2021 (recalled)");
  return checks;
}

ScalingFactor energy_scaling(double node_nm, double volts) {
  using models::Device;
  const double from = models::energy_factor(kNode, Device::high_performance, kVolts);
  const double fast = models::energy_factor(node_nm, Device::high_performance, volts) / from;
  const double slow = models::energy_factor(node_nm, Device::low_power, volts) / from;
  return {std::sqrt(fast * slow), std::min(fast, slow), std::max(fast, slow)};
}

ScalingFactor energy_scaling_by_operations_to_7nm() {
  const ScalingFactor to_45 = energy_scaling(45, 0.9);
  double product = 1, least = 1, greatest = 0;
  int count = 0;
  for (const Published& p : kPublished) {
    if (p.pj_45 == 0) continue;
    const double ratio = p.pj_7 / p.pj_45;
    product *= ratio;
    least = std::min(least, ratio);
    greatest = std::max(greatest, ratio);
    ++count;
  }
  return {to_45.value * std::pow(product, 1.0 / count), to_45.low * least, to_45.high * greatest};
}

}  // namespace lutsim::gates
