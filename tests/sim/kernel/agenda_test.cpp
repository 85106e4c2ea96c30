// SPDX-License-Identifier: Apache-2.0
#define SC_INCLUDE_DYNAMIC_PROCESSES
#include "sim/kernel/agenda.h"

#include <gmock/gmock.h>

#include <functional>
#include <string>
#include <vector>

#include "tests/support/sc_test.h"

namespace lutsim::sim {
namespace {

using sc_core::SC_NS;
using sc_core::sc_time;
using testing::ElementsAre;

/// Waits once and writes its name down.
class Sleeper : public sc_core::sc_module {
 public:
  Sleeper(const sc_core::sc_module_name& name, Agenda& agenda, sc_time first, sc_time second,
          std::vector<std::string>& log)
      : sc_module(name), timer_(agenda), first_(first), second_(second), log_(log) {
    SC_HAS_PROCESS(Sleeper);
    SC_THREAD(run);
  }

 private:
  void run() {
    timer_.wait(first_);
    timer_.wait(second_);
    log_.push_back(std::string(name()) + "@" +
                   std::to_string(static_cast<int>(sc_core::sc_time_stamp() / sc_time(1, SC_NS))));
  }
  Agenda::Timer timer_;
  sc_time first_, second_;
  std::vector<std::string>& log_;
};

class AgendaTest : public test::ScTest {
 protected:
  Agenda agenda_{"agenda"};
  std::vector<std::string> log_;
};

TEST_F(AgendaTest, WhatIsDueAtOneTimeGoesOnInTheOrderOfTheTimers) {
  // All are due at 10 ns; the kernel was told in the order c, b, a.
  Sleeper a("a", agenda_, sc_time(8, SC_NS), sc_time(2, SC_NS), log_);
  Sleeper b("b", agenda_, sc_time(5, SC_NS), sc_time(5, SC_NS), log_);
  Sleeper c("c", agenda_, sc_time(1, SC_NS), sc_time(9, SC_NS), log_);
  Sleeper d("d", agenda_, sc_time(1, SC_NS), sc_time(2, SC_NS), log_);
  sc_core::sc_start();
  EXPECT_THAT(log_, ElementsAre("d@3", "a@10", "b@10", "c@10"));
}

TEST_F(AgendaTest, ATimerKeepsTheEarliestTimeThatItWasSetTo) {
  Agenda::Timer timer(agenda_);
  timer.set(sc_time(10, SC_NS));
  timer.set(sc_time(4, SC_NS));
  timer.set(sc_time(7, SC_NS));
  double at = 0;
  int times = 0;
  sc_core::sc_spawn([&] {
    while (true) {
      wait(timer.event());
      at = sc_core::sc_time_stamp() / sc_time(1, SC_NS);
      ++times;
    }
  });
  sc_core::sc_start();
  EXPECT_EQ(at, 4);
  EXPECT_EQ(times, 1);
}

TEST_F(AgendaTest, NoDelayIsTheSameTimeLater) {
  Sleeper a("a", agenda_, sc_core::SC_ZERO_TIME, sc_core::SC_ZERO_TIME, log_);
  sc_core::sc_start();
  EXPECT_THAT(log_, ElementsAre("a@0"));
}

}  // namespace
}  // namespace lutsim::sim
