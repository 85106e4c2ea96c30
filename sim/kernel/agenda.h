// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <algorithm>
#include <cstdint>
#include <systemc>
#include <vector>

namespace lutsim::sim {

/// When the units of one chip go on, in an order that nothing but the chip decides.
///
/// The kernel orders what is due at the same time by the shape of its heap, hence by whatever else
/// is simulated. Units that meet at a shared port would then be served in an order that another
/// chip in the same simulation can change. Here, what is due at the same time goes on in the order
/// in which the timers were made.
class Agenda : public sc_core::sc_module {
 public:
  /// What one process waits for, one thing at a time.
  class Timer {
   public:
    explicit Timer(Agenda& agenda) : agenda_(agenda), rank_(agenda.timers_++) {}
    Timer(const Timer&) = delete;
    Timer& operator=(const Timer&) = delete;
    ~Timer() { cancel(); }

    /// Suspends the calling thread.
    void wait(const sc_core::sc_time& delay) {
      set(delay);
      sc_core::wait(event_);
    }
    /// Notifies event() after `delay`, unless it is due earlier anyway.
    void set(const sc_core::sc_time& delay) {
      const sc_core::sc_time at = sc_core::sc_time_stamp() + delay;
      if (is_set_ && at_ <= at) return;
      cancel();
      at_ = at;
      is_set_ = true;
      agenda_.add(*this);
    }
    const sc_core::sc_event& event() const { return event_; }

   private:
    friend class Agenda;
    void cancel() {
      if (is_set_) agenda_.remove(*this);
      is_set_ = false;
    }

    Agenda& agenda_;
    const std::uint32_t rank_;
    bool is_set_ = false;
    sc_core::sc_time at_;
    sc_core::sc_event event_;
  };

  explicit Agenda(const sc_core::sc_module_name& name) : sc_module(name) {
    SC_HAS_PROCESS(Agenda);
    SC_METHOD(wake);
    sensitive << due_;
    dont_initialize();
  }

 private:
  static bool is_after(const Timer* a, const Timer* b) {
    return a->at_ != b->at_ ? a->at_ > b->at_ : a->rank_ > b->rank_;
  }
  void add(Timer& timer) {
    set_.insert(std::upper_bound(set_.begin(), set_.end(), &timer, is_after), &timer);
    // An event keeps the earliest of its notifications.
    due_.notify(set_.back()->at_ - sc_core::sc_time_stamp());
  }
  void remove(Timer& timer) {
    set_.erase(std::lower_bound(set_.begin(), set_.end(), &timer, is_after));
  }
  void wake() {
    const sc_core::sc_time now = sc_core::sc_time_stamp();
    while (!set_.empty() && set_.back()->at_ <= now) {
      Timer& timer = *set_.back();
      timer.cancel();
      timer.event_.notify();
    }
    if (!set_.empty()) due_.notify(set_.back()->at_ - now);
  }

  sc_core::sc_event due_{"due"};
  std::vector<Timer*> set_;  ///< the next one last: a few dozen at most
  std::uint32_t timers_ = 0;
};

}  // namespace lutsim::sim
