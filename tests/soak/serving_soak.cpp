// SPDX-License-Identifier: Apache-2.0
//
// lutsim_serving_soak --runs N [--seed S]: serves random traces of requests on random caches and
// policies until nothing is left. Sizes of zero, one and the longest context, bursts, shared
// beginnings, several models and adapters are frequent. Every request must be served whole or be
// refused with a reason, and every page come back; after every run. A failure prints its seed.
#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <random>
#include <stdexcept>

#include "tests/workloads/serving/fake_device.h"
#include "workloads/serving/serving_run.h"

namespace lutsim::soak {
namespace {

using workloads::Request;

struct Case {
  std::vector<Request> requests;
  workloads::DeviceMemory memory;
  workloads::SchedulerPolicy policy;
  std::uint32_t replicas = 1;
};

Case random_case(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  const auto below = [&](std::uint64_t end) { return static_cast<std::uint32_t>(random() % end); };
  Case c;
  c.memory = test::small_memory(1 + below(below(2) ? 12 : 200));
  c.memory.models.clear();
  const std::uint32_t models = 1 + below(3);
  for (std::uint32_t i = 0; i < models; ++i)
    c.memory.models.push_back({1 + below(200), 1 + below(20)});
  c.policy = {1 + below(below(2) ? 8 : 300), 1 + below(below(2) ? 3 : 40), below(4) > 0};
  c.replicas = 1 + below(3);
  double now = 0;
  const std::uint32_t count = below(80);
  for (std::uint32_t i = 0; i < count; ++i) {
    // Half of the arrivals come at the same instant as the one before.
    if (below(2) == 0) now += below(8) * 0.7;
    Request r;
    r.arrival_s = now;
    r.model = below(models);
    r.adapter = below(3);
    const std::uint32_t context = c.memory.models[r.model].max_context;
    const auto size = [&] {
      switch (below(6)) {
        case 0:
          return 0u;
        case 1:
          return 1u;
        case 2:
          return context + below(3) - 1;
        default:
          return below(context + 2);
      }
    };
    r.prompt_tokens = size();
    r.output_tokens = below(3) == 0 ? size() : below(30);
    if (below(2) == 0) {
      r.shared_group = below(2);
      r.shared_tokens = below(r.prompt_tokens + 1);
    } else if (below(2) == 0) {
      for (std::uint32_t t = 0; t < r.prompt_tokens; ++t) r.prompt_ids.push_back(below(40) == 0);
    }
    c.requests.push_back(std::move(r));
  }
  return c;
}

[[noreturn]] void fail(const char* what) { throw std::logic_error(what); }

/// serve() itself checks that no request is lost and no page kept.
void check(const Case& c, const workloads::ServingRun& run) {
  if (run.records.size() != c.requests.size()) fail("a request has no record");
  for (std::size_t i = 0; i < c.requests.size(); ++i) {
    const Request& request = c.requests[i];
    const workloads::RequestRecord& r = run.records[i];
    const std::uint64_t positions = std::uint64_t{std::max(1u, request.prompt_tokens)} +
                                    (request.output_tokens > 0 ? request.output_tokens - 1 : 0);
    const auto& model = c.memory.models[request.model];
    const std::uint64_t pages = (positions + model.tokens_per_page - 1) / model.tokens_per_page;
    const bool fits = positions <= model.max_context && pages <= c.memory.pages;
    if (fits != r.refused.empty()) fail("a request is refused, or not, without reason");
    if (!fits) continue;
    if (r.generated != request.output_tokens) fail("a request has too few or too many tokens");
    if (r.scheduled_s < request.arrival_s || r.end_s <= r.scheduled_s) fail("time runs backwards");
    if (r.generated > 0 && (r.first_token_s <= r.scheduled_s || r.last_token_s != r.end_s ||
                            r.first_token_s > r.last_token_s))
      fail("tokens come at impossible times");
    if (r.reused_tokens >= std::max(1u, request.prompt_tokens)) fail("nothing was computed");
  }
  if (run.idle_s < -1e-6) fail("a replica was busy for longer than the run");
}

/// Requests that were served and refused.
struct Count {
  std::uint64_t requests = 0, refused = 0, preemptions = 0, reused = 0;
};

void run_case(std::uint64_t seed, Count& count) {
  const Case c = random_case(seed);
  std::vector<std::unique_ptr<workloads::Device>> devices;
  for (std::uint32_t i = 0; i < c.replicas; ++i)
    devices.push_back(std::make_unique<test::FakeDevice>());
  const workloads::ServingRun run = workloads::serve(c.requests, c.memory, c.policy, devices);
  check(c, run);
  for (const auto& record : run.records) {
    ++count.requests;
    count.refused += record.refused.empty() ? 0 : 1;
    count.preemptions += record.preemptions;
    count.reused += record.reused_tokens > 0 ? 1 : 0;
  }
}

int soak(std::uint64_t runs, std::uint64_t first) {
  Count count;
  std::uint64_t failed = 0;
  for (std::uint64_t i = 0; i < runs; ++i) {
    try {
      run_case(first + i, count);
    } catch (const std::exception& error) {
      ++failed;
      std::printf("case %llu FAILED: %s\n", static_cast<unsigned long long>(first + i),
                  error.what());
    }
  }
  std::printf(
      "%llu traces: %llu requests, %llu refused with a reason, %llu preemptions, %llu "
      "prompts begun from the cache, %llu traces failed\n",
      static_cast<unsigned long long>(runs), static_cast<unsigned long long>(count.requests),
      static_cast<unsigned long long>(count.refused),
      static_cast<unsigned long long>(count.preemptions),
      static_cast<unsigned long long>(count.reused), static_cast<unsigned long long>(failed));
  // Without preemptions and reuse the run has proved little.
  const bool has_seen_all = count.preemptions > 0 && count.reused > 0 && count.refused > 0 &&
                            count.refused < count.requests / 2;
  return failed == 0 && (has_seen_all || runs < 20) ? 0 : 1;
}

}  // namespace
}  // namespace lutsim::soak

int main(int argc, char** argv) {
  CLI::App app("random traces of requests");
  std::uint64_t runs = 1000, seed = 1;
  app.add_option("--runs", runs, "traces")->capture_default_str();
  app.add_option("--seed", seed, "of the first trace")->capture_default_str();
  CLI11_PARSE(app, argc, argv);
  return lutsim::soak::soak(runs, seed);
}
