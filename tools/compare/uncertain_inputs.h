// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <Eigen/Core>
#include <map>
#include <string>
#include <vector>

#include "models/energy/uncertainty.h"

/// The uncertain numbers behind a comparison, each drawn once for all candidates that use it: two
/// chips with the same memory are cheap or dear together.
namespace lutsim::tools {

using Draws = Eigen::ArrayXd;

/// A number with its range; `unit` is for people ("J", "W", "$", "x" for a factor).
struct UncertainInput {
  std::string name;
  std::string unit;
  models::Estimate estimate;
  std::string shares;  ///< common cause, as in the energy tables; empty: none
};

/// One value, or one for each draw, of every input.
using InputValues = std::vector<Draws>;

class UncertainInputs {
 public:
  /// Index of the input. One of the same name, range and cause is the same input; one of the same
  /// name with another value belongs to another technology and gets `owner` behind its name.
  std::size_t add(UncertainInput input, const std::string& owner);

  const std::vector<UncertainInput>& all() const { return inputs_; }

  /// Everything at its best estimate, arrays of one.
  InputValues nominal() const;
  /// The draws of models::draw_joules(), so that intervals agree with those of a run.
  InputValues draws(const models::Sampling& sampling) const;

  /// Inputs that move together: those of one common cause, or one alone.
  struct Cause {
    std::string name;
    std::vector<std::size_t> members;
  };
  std::vector<Cause> causes() const;

  /// Nominal values, but the members of `cause` moved: -1 to their low, 1 to their high values,
  /// geometrically between.
  InputValues moved(const Cause& cause, double position) const;

 private:
  std::vector<UncertainInput> inputs_;
  std::map<std::string, std::size_t> by_name_;
};

}  // namespace lutsim::tools
