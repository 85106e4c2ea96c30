// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "tools/sweep/sweep_space.h"

/// Parts of space_type() that the reader asks for.
namespace lutsim::tools::sweep {

/// The initialisers of a structure.
config::Value initial_of(const config::TypeInfo& structure);

/// What stands under `ranges` for a parameter: `from`, `to`, `step` and `factor`.
config::TypeInfo range_type(const config::FieldEntry& field);

}  // namespace lutsim::tools::sweep
