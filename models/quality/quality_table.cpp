// SPDX-License-Identifier: Apache-2.0
#include "models/quality/quality_table.h"

#include <algorithm>
#include <cctype>
#include <cmath>

#include "models/config/named.h"
#include "models/config/read_yaml.h"

namespace lutsim::models {

namespace {

bool same_name(const std::string& a, const std::string& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](unsigned char x, unsigned char y) {
    return std::tolower(x) == std::tolower(y);
  });
}

}  // namespace

QualityTable load_quality_table(const std::string& name_or_path) {
  return config::read_yaml<QualityTable>(
      config::find_named(config::kQualityFolder, name_or_path, "quality table"));
}

std::optional<QualityRow> best_quality(const QualityTable& table, const std::string& model,
                                       double weight_bits) {
  constexpr double kSameBits = 0.05;
  std::optional<QualityRow> best;
  for (const QualityRow& row : table.entries) {
    if (!same_name(row.model, model) || std::abs(row.weight_bits - weight_bits) > kSameBits)
      continue;
    if (!best || row.ratio() < best->ratio()) best = row;
  }
  return best;
}

}  // namespace lutsim::models
