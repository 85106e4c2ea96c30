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
  std::uint32_t open(const ChannelRequest& request) {
    const State state{request.id, request.bursts, 0};
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
  /// A lower bound of the bursts that any open request still lacks; 0 when none is open.
  std::uint64_t fewest_left() const {
    if (states_.size() - free_.size() > kMostSearched) return 1;
    std::uint64_t fewest = 0;
    for (const State& s : states_) {
      if (s.left > 0 && (fewest == 0 || s.left < fewest)) fewest = s.left;
    }
    return fewest;
  }
  bool empty() const { return free_.size() == states_.size(); }

 private:
  /// A long queue of requests is not worth searching: one of them will end soon.
  static constexpr std::size_t kMostSearched = 64;
  struct State {
    std::uint64_t id;
    std::uint64_t left;
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

  void push(std::uint32_t port, std::uint32_t request, const ChannelRequest& r) {
    if (port >= ports_.size()) ports_.resize(port + 1);
    ports_[port].push_back({request, r.write, r.first, r.bursts});
    ++waiting_;
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
