// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/gpu/gpu_model.h"
#include "workloads/trace/operator_trace.h"

namespace lutsim::workloads {

/// The kernels that a GPU engine launches for a trace, fused as real engines fuse them: matmuls
/// that read the same activation (query, key, value; gate, up) are one GEMM; score, softmax and
/// value are one attention kernel, which reads a latent cache once; the experts of a layer are one
/// grouped GEMM; biases go with their GEMM, learned positions with the embedding, a residual with
/// the norm that follows; both rotations and both cache writes are one kernel each. The formats of
/// the trace do not matter: the GPU has its own (GpuPrecision). Equal kernels of the layers are
/// counted, not repeated.
///
/// `gpus` > 1: they share every layer as tensor_parallel() says, and the workload is that of the
/// first, which has the largest parts; all_reduce and all_gather are collectives.
///
/// Throws std::invalid_argument when attention_value does not follow its attention_score, and what
/// tensor_parallel() throws.
models::GpuWorkload gpu_workload(const OperatorTrace& whole, std::uint32_t gpus = 1);

/// The same for a trace that is that of one of `gpus` GPUs already.
models::GpuWorkload gpu_share_workload(const OperatorTrace& trace, std::uint32_t gpus);

}  // namespace lutsim::workloads
