// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <vector>

namespace lutsim::models {

/// A stretch of K that the array processes at once: it lies in one scale group and is at most
/// lanes_k() long. Segments are walked by increasing k.
struct KSegment {
  std::uint32_t k_begin;
  std::uint32_t length;  ///< 1..lanes_k()
  std::uint32_t group;   ///< index of the scale group
};

/// Cuts K at every group boundary and then every lanes_k elements.
std::vector<KSegment> k_segments(std::uint32_t k, std::uint32_t group_size, std::uint32_t lanes_k);
/// The one with this index among them, without the others. Precondition: there is one.
KSegment k_segment(std::uint32_t index, std::uint32_t k, std::uint32_t group_size,
                   std::uint32_t lanes_k);

}  // namespace lutsim::models
