// SPDX-License-Identifier: Apache-2.0
#include "tools/compare/uncertain_inputs.h"

#include <cmath>

namespace lutsim::tools {

namespace {

bool same(const UncertainInput& a, const UncertainInput& b) {
  return a.estimate.value == b.estimate.value && a.estimate.low == b.estimate.low &&
         a.estimate.high == b.estimate.high && a.shares == b.shares;
}

}  // namespace

std::size_t UncertainInputs::add(UncertainInput input, const std::string& owner) {
  auto found = by_name_.find(input.name);
  if (found != by_name_.end() && !same(inputs_[found->second], input)) {
    input.name += " (" + owner + ")";
    found = by_name_.find(input.name);
  }
  if (found != by_name_.end()) return found->second;
  by_name_[input.name] = inputs_.size();
  inputs_.push_back(std::move(input));
  return inputs_.size() - 1;
}

InputValues UncertainInputs::nominal() const {
  InputValues values;
  for (const UncertainInput& i : inputs_) values.push_back(Draws::Constant(1, i.estimate.value));
  return values;
}

InputValues UncertainInputs::draws(const models::Sampling& sampling) const {
  InputValues values;
  for (const UncertainInput& i : inputs_) {
    models::ConstantUse use;
    use.constant.name = i.name;
    use.constant.value = i.estimate.value;
    use.constant.low = i.estimate.low;
    use.constant.high = i.estimate.high;
    use.constant.shares = i.shares;
    use.amount = 1;
    const std::vector<double> drawn = models::draw_joules({use}, sampling);
    values.push_back(
        Eigen::Map<const Draws>(drawn.data(), static_cast<Eigen::Index>(drawn.size())));
  }
  return values;
}

std::vector<UncertainInputs::Cause> UncertainInputs::causes() const {
  std::vector<Cause> list;
  std::map<std::string, std::size_t> shared;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const std::string& cause = inputs_[i].shares;
    if (cause.empty()) {
      list.push_back({inputs_[i].name, {i}});
    } else if (const auto known = shared.find(cause); known != shared.end()) {
      list[known->second].members.push_back(i);
    } else {
      shared[cause] = list.size();
      list.push_back({cause, {i}});
    }
  }
  return list;
}

InputValues UncertainInputs::moved(const Cause& cause, double position) const {
  InputValues values = nominal();
  for (const std::size_t i : cause.members) {
    const models::Estimate& e = inputs_[i].estimate;
    const double end = position < 0 ? e.low : e.high;
    values[i](0) = e.value * std::pow(end / e.value, std::abs(position));
  }
  return values;
}

}  // namespace lutsim::tools
