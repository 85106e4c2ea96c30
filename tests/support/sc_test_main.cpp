// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>

#include <systemc>

/// Entry point of every test executable that elaborates SystemC modules. A SystemC warning is a
/// test failure: renamed duplicates and dropped writes are bugs in a model.
int sc_main(int argc, char** argv) {
  sc_core::sc_report_handler::set_actions(sc_core::SC_WARNING, sc_core::SC_THROW);
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
