// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <limits>
#include <map>
#include <string>
#include <vector>

#include "models/spec/number_format.h"

/// What a reader found in a file of another format, in one form for all of them.
namespace lutsim::workloads {

/// One argument of a captured operator.
struct SourceArgument {
  std::vector<std::uint64_t> shape;  ///< of a tensor; empty: a scalar, a list, none
  std::string type;                  ///< as the file calls it, without "Tensor(...)"
  std::string scalar;                ///< value of an argument that is no tensor, as text
  std::uint64_t storage = 0;         ///< memory that a tensor lies in; 0: the file does not say
  bool is_tensor() const { return !shape.empty(); }
  std::uint64_t elements() const;
};

/// Bits of one element of a captured type ("c10::BFloat16", "float", "long int"). An unknown type
/// counts as 32 bits.
std::uint32_t type_bits(const std::string& type);

/// The format of our traces that is nearest to a captured type.
spec::NumberFormat format_of_type(const std::string& type);

/// What an operator is part of. Only the forward pass is an inference.
enum class Pass { forward, backward, optimizer };

struct SourceOperator {
  static constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

  std::string name;
  std::size_t parent = kNone;  ///< index of the operator that called it, smaller than its own
  Pass pass = Pass::forward;
  std::vector<SourceArgument> inputs, outputs;
  double kernel_s = 0;                 ///< of the kernels that it launched itself, not its children
  std::uint32_t kernels = 0;           ///< that it launched itself
  std::uint32_t captured_kernels = 0;  ///< launched into a graph, not executed
};

/// Kernels of one name, or of one reason.
struct KernelTotals {
  std::uint64_t kernels = 0;
  double seconds = 0;
};

struct SourceTrace {
  std::string format;           ///< "kineto", "pytorch-et", "chakra", "scalesim"
  std::string device;           ///< name of the GPU; empty: the file does not say
  bool has_times = false;       ///< of the kernels
  bool knows_launches = false;  ///< an operator without kernels launched none
  double span_s = 0;            ///< from the begin of the first kernel to the end of the last
  std::vector<SourceOperator> operators;  ///< in the order of execution, a caller before the called
  /// Kernels that no operator of the file launched, for example those of a replayed graph.
  std::map<std::string, KernelTotals> without_operator;
  /// Kernels that were running or queued when the profile began: no part of it.
  KernelTotals before_profile;
};

}  // namespace lutsim::workloads
