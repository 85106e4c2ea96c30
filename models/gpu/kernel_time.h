// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "models/gpu/gpu_model.h"

/// Seconds of one launch (docs/gpu_baseline.md).
namespace lutsim::models {

/// Which end of the sources' range of a weight-only kernel.
enum class GpuBound { value, fastest, slowest };

/// What a precision makes of the data sheet.
struct GpuArithmetic {
  double weight_bytes = 0;       ///< per element of the decoder's matrices
  double peak = 0;               ///< operations per second of the decoder's GEMMs
  double weight_efficiency = 0;  ///< share of the bandwidth on the decoder's weights
  double kv_share = 1;           ///< bytes of the cache, FP16 being 1
  double unpacking = 0;          ///< joules per weight
};

/// Throws SpecError when the GPU lacks the precision.
GpuArithmetic gpu_arithmetic(const GpuSpec& gpu, GpuPrecision precision, GpuBound bound);

/// One launch at one precision.
struct GpuLoad {
  double weight_bytes = 0;
  double kv_bytes = 0;
  double bytes = 0;  ///< weights, cache and activations
  double flops = 0;
  double peak = 0;
  double unpacked = 0;  ///< weights that are turned into numbers
};

GpuLoad gpu_load(const GpuSpec& gpu, const GpuArithmetic& arithmetic, const GpuKernel& kernel);

/// On the lines `kernel` and `served`.
double kernel_seconds(const GpuSpec& gpu, const GpuArithmetic& arithmetic, const GpuKernel& kernel);

}  // namespace lutsim::models
