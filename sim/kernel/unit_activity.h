// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <systemc>

namespace lutsim::sim {

/// Where a unit's time went. The four parts add up to the length of the run.
struct UnitActivity {
  sc_core::sc_time busy;             ///< executing a command
  sc_core::sc_time wait_memory;      ///< holding a command whose data are not on chip yet
  sc_core::sc_time wait_dependency;  ///< holding a command that needs another unit's result
  sc_core::sc_time idle;             ///< no command in the queue
};

}  // namespace lutsim::sim
