// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <deque>
#include <optional>
#include <vector>

#include "sim/memory/address_map.h"
#include "sim/memory/request.h"

namespace lutsim::sim {

/// Requests of a channel that are not finished yet, by a small index.
class RequestTable {
 public:
  std::uint32_t open(const BurstRequest& request) {
    std::uint64_t bursts = 0;
    for (const BurstRange& range : request.ranges) bursts += range.bursts;
    const State state{request.id, bursts, bursts, 0};
    if (free_.empty()) {
      states_.push_back(state);
      return static_cast<std::uint32_t>(states_.size() - 1);
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    states_[index] = state;
    return index;
  }
  /// Records that `bursts` of a request are over at `data_end`.
  std::optional<Completion> finish(std::uint32_t index, std::uint64_t bursts, Slot data_end) {
    State& state = states_[index];
    state.left -= bursts;
    state.data_end = std::max(state.data_end, data_end);
    if (state.left > 0) return std::nullopt;
    free_.push_back(index);
    return Completion{state.id, state.data_end};
  }
  /// Records that `bursts` of a request have entered their queue.
  void enter(std::uint32_t index, std::uint64_t bursts) { states_[index].outside -= bursts; }
  /// Bursts of an open request that are not over.
  std::uint64_t left(std::uint32_t index) const { return states_[index].left; }
  /// The least left() of the requests that have entered as a whole; kNone without one.
  std::uint64_t fewest_left_inside() const {
    std::uint64_t fewest = kNone;
    for (const State& s : states_) {
      if (s.left > 0 && s.outside == 0) fewest = std::min(fewest, s.left);
      if (fewest == 1) break;
    }
    return fewest;
  }
  std::size_t open() const { return states_.size() - free_.size(); }

  static constexpr std::uint64_t kNone = ~std::uint64_t{0};

 private:
  struct State {
    std::uint64_t id;
    std::uint64_t left;
    std::uint64_t outside;  ///< not in a queue yet
    Slot data_end;
  };
  std::vector<State> states_;
  std::vector<std::uint32_t> free_;
};

/// Puts the requests of several ports into one order: ports take turns, one row visit each.
class RequestFeed {
 public:
  /// The part of a request that is next in order: it lies in one row visit.
  struct Piece {
    std::uint32_t request;  ///< index in the RequestTable
    bool write;
    std::uint64_t first;
    std::uint64_t bursts;
  };

  explicit RequestFeed(const AddressMap& map) : map_(map) {}

  void push(std::uint32_t port, std::uint32_t request, const BurstRequest& r) {
    if (port >= ports_.size()) ports_.resize(port + 1);
    for (const BurstRange& range : r.ranges) {
      ports_[port].push_back({request, r.write, range.first, range.bursts});
      ++waiting_;
    }
  }
  bool empty() const { return waiting_ == 0; }
  /// What is next. Whose turn it is is settled only when a part of it is taken: a request that
  /// arrives before that may come first. Precondition: not empty.
  const Piece& front() {
    if (begun_) return piece_;
    port_ = last_port_;
    do {
      port_ = (port_ + 1) % ports_.size();
    } while (ports_[port_].empty());
    piece_ = ports_[port_].front();
    piece_.bursts = std::min(piece_.bursts, map_.visit_bursts(piece_.first));
    return piece_;
  }
  /// Takes the first `bursts` of the front. Precondition: front().bursts >= bursts.
  void take(std::uint64_t bursts) {
    Piece& rest = ports_[port_].front();
    rest.first += bursts;
    rest.bursts -= bursts;
    piece_.first += bursts;
    piece_.bursts -= bursts;
    begun_ = piece_.bursts > 0;
    if (begun_) return;
    last_port_ = port_;
    if (rest.bursts == 0) {
      ports_[port_].pop_front();
      --waiting_;
    }
  }
  /// Calls f(rest, entries) for what each port has yet to hand over of its first request: so many
  /// bursts must enter at least until its last one has. Requests behind it take no fewer.
  template <class F>
  void for_each_waiting(F f) const {
    std::uint64_t ahead = begun_ ? piece_.bursts : 0;
    if (begun_) f(ports_[port_].front(), ports_[port_].front().bursts);
    const std::size_t last = begun_ ? port_ : last_port_;
    for (std::size_t turn = 0, port = last; turn < ports_.size(); ++turn) {
      port = port + 1 == ports_.size() ? 0 : port + 1;
      if (ports_[port].empty() || (begun_ && port == port_)) continue;
      const Piece& first = ports_[port].front();
      f(first, ahead + first.bursts);
      ahead += std::min(first.bursts, map_.visit_bursts(first.first));
    }
  }

 private:
  AddressMap map_;
  std::vector<std::deque<Piece>> ports_;
  std::size_t waiting_ = 0;
  std::size_t port_ = 0;       ///< whose piece_ it is
  std::size_t last_port_ = 0;  ///< served last
  bool begun_ = false;         ///< a part of piece_ has been taken
  Piece piece_{};
};

}  // namespace lutsim::sim
