// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>

#include "workloads/trace/import/input_stream.h"
#include "workloads/trace/import/source_trace.h"

/// One reader for each format (docs/trace_import.md). All throw config::InputError with the file
/// and the place when it is not what it should be.
namespace lutsim::workloads {

/// PyTorch profiler, Chrome trace events. `replay`, when not empty, is a profile in which the graph
/// that `file` captured is replayed: its kernels give the times.
SourceTrace read_kineto(const std::filesystem::path& file, const std::filesystem::path& replay,
                        const ReadProgress& progress);

/// PyTorch execution trace, JSON, of ExecutionTraceObserver.
SourceTrace read_pytorch_et(const std::filesystem::path& file, const ReadProgress& progress);

/// Chakra execution trace, length-delimited protobuf messages.
SourceTrace read_chakra(const std::filesystem::path& file, const ReadProgress& progress);

/// SCALE-Sim topology: layers by shape, either "Layer,M,N,K" or convolutions.
SourceTrace read_scalesim(const std::filesystem::path& file);

}  // namespace lutsim::workloads
