// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

/// Who may know whom (docs/architecture.md), as a check of texts.
namespace lutsim::test {

/// What is wrong with the #include lines of a file, "sim/dma/x.cpp:3: includes "sim/matrix/y.h":
/// ...". `path` is below the root of the tree.
std::vector<std::string> include_violations(const std::string& path, const std::string& text);

/// What is wrong with the links of lutsim_library() and lutsim_interface_library() in a
/// CMakeLists.txt.
std::vector<std::string> link_violations(const std::string& path, const std::string& text);

}  // namespace lutsim::test
