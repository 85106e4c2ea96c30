// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "workloads/serving/batch.h"
#include "workloads/serving/paged_cache.h"
#include "workloads/serving/request.h"

namespace lutsim::workloads {

struct SchedulerPolicy {
  std::uint32_t token_budget = 2048;  ///< rows of one iteration
  std::uint32_t max_sequences = 256;  ///< that run at a time
  bool prefix_reuse = true;
};

/// A served model as the cache sees it.
struct ServedModel {
  std::uint32_t max_context = 0;
  std::uint32_t tokens_per_page = 16;
};

/// What became of a request.
struct RequestRecord {
  std::uint32_t request = 0;
  std::string refused;  ///< why it was not served; empty: it was
  bool finished = false;
  double arrival_s = 0, scheduled_s = -1, first_token_s = -1, last_token_s = -1, end_s = -1;
  std::uint32_t prompt_tokens = 0, generated = 0;
  std::uint32_t reused_tokens = 0;      ///< of the prompt, found in the cache
  std::uint32_t recomputed_tokens = 0;  ///< computed again after a preemption
  std::uint32_t preemptions = 0;
};

/// Continuous batching with chunked prefill and a paged cache.
///
/// An iteration serves one model; models with work take turns. Running sequences come first, in the
/// order of their admission: one row each, or the next chunk of a prompt; then waiting requests are
/// admitted, first come first served, as long as rows, sequences and pages are left. A request is
/// admitted when the pages of its whole prompt are available. When a running sequence needs a page
/// and there is none, the sequence that was admitted last loses its pages, and waits at the front
/// to be computed again from its prompt and the tokens that it has. The rules are those of
/// vLLM's first-come-first-served policy.
class Scheduler {
 public:
  Scheduler(std::vector<ServedModel> models, std::uint32_t pages, SchedulerPolicy policy);

  /// Takes a request, or refuses it for good: longer than the model's context or the whole cache.
  void arrive(std::uint32_t index, const Request& request);

  /// Composes the next iteration; nothing when there is no work.
  std::optional<Batch> next(double now_s);

  /// The iteration has ended.
  void complete(const Batch& batch, double now_s);

  bool has_work() const;
  /// Rows and tokens that its requests still need.
  std::uint64_t outstanding_tokens() const { return outstanding_; }
  const std::vector<RequestRecord>& records() const { return records_; }
  const PagedCache& cache() const { return cache_; }
  std::uint32_t peak_pages() const { return peak_pages_; }

 private:
  struct Sequence {
    Request request;
    std::vector<PageKey> keys;  ///< of the full pages of its prompt
    PageTable pages;
    std::uint32_t computed = 0;  ///< cached positions
    std::uint32_t target = 0;    ///< rows until the next token: prompt and tokens so far
    std::uint32_t published = 0;
  };

  std::uint32_t pages_for(const Sequence& s, std::uint32_t tokens) const;
  bool has_work(std::uint32_t model) const;
  bool make_room(std::uint32_t sequence, std::uint32_t tokens, const Batch& batch);
  void preempt(std::uint32_t sequence);
  void run(Batch& batch, std::uint32_t& budget);
  void admit(Batch& batch, std::uint32_t& budget, double now_s);
  bool admit_one(std::uint32_t sequence, std::uint32_t rows_left);
  void add_slice(Batch& batch, std::uint32_t sequence, std::uint32_t rows) const;
  void publish(Sequence& s);
  void finish(std::uint32_t sequence, double now_s);

  std::vector<ServedModel> models_;
  SchedulerPolicy policy_;
  PagedCache cache_;
  std::vector<Sequence> sequences_;
  std::vector<RequestRecord> records_;
  std::vector<std::uint32_t> running_;              ///< in the order of admission
  std::vector<std::deque<std::uint32_t>> waiting_;  ///< of each model
  std::uint32_t last_model_ = 0;
  std::uint64_t outstanding_ = 0;
  std::uint32_t peak_pages_ = 0;
};

}  // namespace lutsim::workloads
