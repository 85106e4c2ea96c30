// SPDX-License-Identifier: Apache-2.0
#include "sim/lowering/matmul_plan.h"

#include <algorithm>

#include "models/spec/field.h"

namespace lutsim::sim {

MatmulPlan plan_matmul(const MatmulRoom& room) {
  MatmulPlan plan;
  plan.groups = spec::ceil_div(room.m, std::clamp<std::uint64_t>(room.input_rows, 1, room.m));
  const std::uint64_t group_rows = spec::ceil_div(room.m, plan.groups);
  plan.group_tiles = spec::ceil_div(group_rows, std::max<std::uint64_t>(1, room.max_tile_rows));
  plan.holds_weights = plan.group_tiles > 1 && room.block_slots <= room.weight_slots;
  return plan;
}

}  // namespace lutsim::sim
