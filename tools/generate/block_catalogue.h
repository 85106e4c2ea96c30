// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <string>

namespace lutsim::tools {

/// Table of the blocks of rtl/: what each computes, latency and throughput from the comment at the
/// head of its file; gates from tools/synthesis/block_gates.json; the proofs of tests/formal that
/// read it.
std::string block_catalogue(const std::filesystem::path& root);

/// What the comment at the head of a SystemVerilog file says.
struct BlockComment {
  std::string purpose;  ///< its first sentence
  std::string
      latency;  ///< after "Latency:" up to the full stop; "none" if it says "Combinational."
  std::string throughput;  ///< after "Throughput:" up to the full stop
};
BlockComment block_comment(const std::string& source);

}  // namespace lutsim::tools
