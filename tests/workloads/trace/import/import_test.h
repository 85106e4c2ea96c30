// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include "models/config/diagnostics.h"
#include "tests/support/outside_data.h"
#include "workloads/trace/import/trace_import.h"

namespace lutsim::test {

using workloads::ImportedTrace;
using workloads::ImportRequest;
using workloads::ImportRow;
using workloads::Operator;
using workloads::OperatorKind;

/// A hand-written sample, which is part of lutsim.
inline std::filesystem::path sample(const std::string& name) {
  return std::filesystem::path(LUTSIM_SOURCE_DIR) / "tests/workloads/trace/import/samples" / name;
}

inline ImportedTrace import_file(const std::filesystem::path& file) {
  ImportRequest request;
  request.file = file;
  return workloads::import_trace(request);
}

/// A file of this test.
inline std::filesystem::path written(const std::string& name, const std::string& content) {
  const auto* info = testing::UnitTest::GetInstance()->current_test_info();
  const auto folder = std::filesystem::path(LUTSIM_BINARY_DIR) / "test_scratch" /
                      (std::string(info->test_suite_name()) + "." + info->name());
  std::filesystem::create_directories(folder);
  std::ofstream(folder / name, std::ios::binary) << content;
  return folder / name;
}

inline std::string read_all(const std::filesystem::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

/// The error with which an import is refused; empty when it is not.
inline std::string refusal(const std::filesystem::path& file) {
  try {
    import_file(file);
  } catch (const config::InputError& error) {
    return error.what();
  }
  return "";
}

inline ImportRow row(const std::vector<ImportRow>& rows, const std::string& name) {
  for (const ImportRow& r : rows) {
    if (r.name == name) return r;
  }
  ADD_FAILURE() << "no row " << name;
  return {};
}

inline std::vector<std::string> kinds(const workloads::OperatorTrace& trace) {
  std::vector<std::string> names;
  for (const Operator& op : trace.operators) names.push_back(spec::to_string_of(op.kind));
  return names;
}

inline std::filesystem::path outside_traces() { return outside_data() / "op_traces"; }

/// Skips the test when a file of the outside data is absent.
#define LUTSIM_NEEDS_TRACE(file) \
  LUTSIM_NEEDS_OUTSIDE_DATA(std::filesystem::path("op_traces") / (file))

}  // namespace lutsim::test
