// SPDX-License-Identifier: Apache-2.0
#pragma once

/// Scaling of energy and area between logic processes: A. Stillmaker, B. Baas, "Scaling equations
/// for the accurate prediction of CMOS device performance from 180 nm to 7 nm", Integration 58,
/// 2017, Tables 1 and 5. Nodes between two of the paper are interpolated linearly.
namespace lutsim::models {

/// Device models of the paper below 65 nm; above they are one.
enum class Device { high_performance, low_power };

/// The paper's energy factor a V^2 + b V + c of a node: energies of two nodes are in the ratio of
/// their factors. Throws std::invalid_argument for a node outside 7 .. 180 nm.
double energy_factor(double node_nm, Device device, double volts);

/// Area of the same logic, 1 at 180 nm. Throws as energy_factor().
double area_factor(double node_nm);

}  // namespace lutsim::models
