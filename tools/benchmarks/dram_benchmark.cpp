// SPDX-License-Identifier: Apache-2.0
// Speed of one DRAM channel: both paths, streams and single bursts, in the same run. The paths give
// the same commands (tests/sim/memory/row_against_burst_test.cpp); what they differ in is time.
#include <benchmark/benchmark.h>

#include <random>
#include <string>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/spec/memory_standard.h"
#include "sim/memory/channel.h"

namespace lutsim {
namespace {

spec::MemoryStandard memory(const std::string& name) {
  return config::read_yaml<spec::MemoryStandard>(
      config::find_named(config::kMemoryFolder, name, "memory"));
}

void drain(sim::Channel& channel) {
  for (sim::Slot wake = channel.next_wake(); wake != sim::kNever; wake = channel.next_wake()) {
    channel.advance(wake);
    channel.take_completions();
  }
}

void report(benchmark::State& state, std::uint64_t bursts, const spec::MemoryStandard& standard) {
  const auto done = static_cast<double>(state.iterations()) * static_cast<double>(bursts);
  state.counters["bursts/s"] = benchmark::Counter(done, benchmark::Counter::kIsRate);
  state.counters["simulated_bytes/s"] =
      benchmark::Counter(done * standard.burst_bytes(), benchmark::Counter::kIsRate);
}

/// One read of consecutive bursts.
void stream(benchmark::State& state, const std::string& name, spec::AddressMapping mapping,
            sim::DramPath path) {
  constexpr std::uint64_t kBursts = 1 << 20;
  const spec::MemoryStandard standard = memory(name);
  for ([[maybe_unused]] auto _ : state) {
    sim::Channel channel(standard, mapping, spec::Refresh::all_bank, path);
    channel.submit(0, {0, false, {{0, kBursts}}}, 0);
    drain(channel);
  }
  report(state, kBursts, standard);
}

/// Reads of single bursts anywhere in 256 MiB, as many in flight as the queue takes.
void random_bursts(benchmark::State& state, const std::string& name, sim::DramPath path) {
  constexpr std::uint64_t kBursts = 1 << 16, kSpan = 256 << 20;
  const spec::MemoryStandard standard = memory(name);
  for ([[maybe_unused]] auto _ : state) {
    sim::Channel channel(standard, spec::AddressMapping::ro, spec::Refresh::all_bank, path);
    std::mt19937_64 random(1);
    for (std::uint64_t i = 0; i < kBursts; ++i) {
      channel.submit(0, {i, false, {{random() % (kSpan / standard.burst_bytes()), 1}}}, 0);
    }
    drain(channel);
  }
  report(state, kBursts, standard);
}

void register_all() {
  for (const std::string& name : config::list_named(config::kMemoryFolder)) {
    for (const auto path : {sim::DramPath::burst, sim::DramPath::row}) {
      const std::string end = path == sim::DramPath::row ? "/row" : "/burst";
      benchmark::RegisterBenchmark(("stream/" + name + "/ro" + end).c_str(), stream, name,
                                   spec::AddressMapping::ro, path)
          ->Unit(benchmark::kMillisecond);
      benchmark::RegisterBenchmark(("stream/" + name + "/mop" + end).c_str(), stream, name,
                                   spec::AddressMapping::mop, path)
          ->Unit(benchmark::kMillisecond);
      benchmark::RegisterBenchmark(("random/" + name + end).c_str(), random_bursts, name, path)
          ->Unit(benchmark::kMillisecond);
    }
  }
}

}  // namespace
}  // namespace lutsim

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 1;
  lutsim::register_all();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
