// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <array>
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "workloads/trace/import/input_stream.h"
#include "workloads/trace/operator_trace.h"

/// Operator traces of other tools, in our format (docs/trace_import.md).
namespace lutsim::workloads {

enum class ImportFormat { kineto, pytorch_et, chakra, scalesim };
inline auto enum_names(ImportFormat) {
  using F = ImportFormat;
  return std::array<spec::EnumName<F>, 4>{{{F::kineto, "kineto"},
                                           {F::pytorch_et, "pytorch-et"},
                                           {F::chakra, "chakra"},
                                           {F::scalesim, "scalesim"}}};
}

struct ImportRequest {
  std::filesystem::path file;
  std::optional<ImportFormat> format;  ///< empty: by what the file begins with
  /// Kineto: a profile that replays the graph that `file` captured, for its kernel times.
  std::filesystem::path replay;
  std::uint32_t context = 0;       ///< positions of each sequence in a paged cache; 0: not known
  std::uint32_t weight_bits = 16;  ///< 16: weights as captured; else BCQ matrices of the layers
  std::uint32_t group_size = 128;
};

/// Captured operators of one kind, or of one name where we have no kind. Multiply-adds, operations
/// and bytes are those of the captured operators: each operand moved once, in its captured format.
struct ImportRow {
  std::string name;
  std::uint64_t count = 0;      ///< operators of ours, or units of work
  std::uint64_t operators = 0;  ///< captured operators that they stand for
  std::uint64_t multiply_adds = 0, flops = 0, bytes = 0, kernels = 0;
  double seconds = 0;
};

/// What became of every operator and every kernel of the file.
struct ImportReport {
  std::string format, device;
  bool has_times = false;
  double kernel_s = 0, span_s = 0;  ///< of the profile, without what ran before it
  std::uint64_t kernels = 0;
  std::uint64_t source_operators = 0;  ///< in the file
  std::uint64_t views = 0;  ///< of these: without work of their own, or called by one that counts
  std::vector<ImportRow> mapped;    ///< by kind; what the trace has
  std::vector<ImportRow> movement;  ///< by name; copies, which the trace does not have
  std::vector<ImportRow> unknown;   ///< by name, largest share first; not in the trace
  std::vector<ImportRow> training;  ///< backward pass and optimiser; not in the trace
  ImportRow before_profile;         ///< kernels that ran before the profile began
  std::vector<std::string> notes;   ///< what differs between file and trace

  /// Part of `row` in all operators of the forward pass: of their kernel time, else of their count.
  double share(const ImportRow& row) const;
};

struct ImportedTrace {
  OperatorTrace trace;  ///< without operators when none maps
  ImportReport report;
};

/// The format that a file has by its first bytes. Throws config::InputError when it is none of
/// them.
ImportFormat detect_format(const std::filesystem::path& file);

/// Throws config::InputError for a damaged file, spec::SpecError for a request that does not fit.
ImportedTrace import_trace(const ImportRequest& request, const ReadProgress& progress = {});

}  // namespace lutsim::workloads
