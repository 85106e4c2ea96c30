// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/scheduler.h"

#include <algorithm>
#include <stdexcept>

#include "models/spec/field.h"

namespace lutsim::workloads {

namespace {

PageKey mixed(PageKey key, std::uint64_t value) {
  // SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
  std::uint64_t z = (key ^ value) + 0x9e3779b97f4a7c15;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
  z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
  return z ^ (z >> 31);
}

/// Keys of the full pages of a prompt, as far as its content is known. Adapters change keys and
/// values, so a page is shared within one adapter of one model only.
std::vector<PageKey> keys_of(const Request& request, std::uint32_t tokens_per_page) {
  std::vector<PageKey> keys;
  PageKey key = mixed(mixed(1, request.model), request.adapter);
  const bool has_ids = !request.prompt_ids.empty();
  const std::uint32_t known = has_ids ? request.prompt_tokens : request.shared_tokens;
  if (!has_ids) key = mixed(key, 0x5eed0000ull + request.shared_group);
  for (std::uint32_t end = tokens_per_page; end <= known; end += tokens_per_page) {
    for (std::uint32_t i = end - tokens_per_page; i < end; ++i)
      key = mixed(key, has_ids ? request.prompt_ids[i] : i);
    keys.push_back(key == 0 ? 1 : key);
  }
  return keys;
}

}  // namespace

Scheduler::Scheduler(std::vector<ServedModel> models, std::uint32_t pages, SchedulerPolicy policy)
    : models_(std::move(models)), policy_(policy), cache_(pages), waiting_(models_.size()) {
  if (models_.empty()) throw std::invalid_argument("a scheduler without a model");
  if (policy_.token_budget == 0 || policy_.max_sequences == 0)
    throw std::invalid_argument("a scheduler needs a budget of rows and of sequences");
}

std::uint32_t Scheduler::pages_for(const Sequence& s, std::uint32_t tokens) const {
  return spec::ceil_div(tokens, models_[s.request.model].tokens_per_page);
}

bool Scheduler::has_work() const {
  return !running_.empty() || std::any_of(waiting_.begin(), waiting_.end(),
                                          [](const auto& queue) { return !queue.empty(); });
}

bool Scheduler::has_work(std::uint32_t model) const {
  return !waiting_[model].empty() ||
         std::any_of(running_.begin(), running_.end(),
                     [&](std::uint32_t s) { return sequences_[s].request.model == model; });
}

void Scheduler::arrive(std::uint32_t index, const Request& request) {
  RequestRecord record;
  record.request = index;
  record.arrival_s = request.arrival_s;
  record.prompt_tokens = request.prompt_tokens;
  Sequence s;
  s.request = request;
  if (request.model >= models_.size())
    throw std::invalid_argument("a request for an unknown model");
  const ServedModel& model = models_[request.model];
  s.target = std::max(1u, request.prompt_tokens);
  // The last token is not computed any further: it needs no place in the cache.
  const std::uint64_t positions =
      std::uint64_t{s.target} + (request.output_tokens > 0 ? request.output_tokens - 1 : 0);
  if (positions > model.max_context) {
    record.refused = "longer than the longest context";
  } else if (pages_for(s, static_cast<std::uint32_t>(positions)) > cache_.pages()) {
    record.refused = "longer than the whole cache";
  } else {
    if (policy_.prefix_reuse) s.keys = keys_of(request, model.tokens_per_page);
    waiting_[request.model].push_back(static_cast<std::uint32_t>(sequences_.size()));
    outstanding_ += positions;
  }
  sequences_.push_back(std::move(s));
  records_.push_back(std::move(record));
}

std::optional<Batch> Scheduler::next(double now_s) {
  const auto count = static_cast<std::uint32_t>(models_.size());
  for (std::uint32_t i = 1; i <= count; ++i) {
    Batch batch;
    batch.model = (last_model_ + i) % count;
    if (!has_work(batch.model)) continue;
    std::uint32_t budget = policy_.token_budget;
    const std::size_t before = running_.size();
    run(batch, budget);
    // What lost its pages must not come back in the same iteration.
    if (running_.size() == before) admit(batch, budget, now_s);
    if (batch.slices.empty()) continue;
    last_model_ = batch.model;
    peak_pages_ = std::max(peak_pages_, cache_.used_pages());
    return batch;
  }
  if (has_work()) throw std::logic_error("the scheduler has work and cannot go on");
  return std::nullopt;
}

void Scheduler::add_slice(Batch& batch, std::uint32_t sequence, std::uint32_t rows) const {
  const Sequence& s = sequences_[sequence];
  const bool reaches_end = s.computed + rows == s.target;
  batch.slices.push_back(
      {sequence, s.computed, rows, reaches_end && s.request.output_tokens > 0, s.request.adapter});
}

void Scheduler::run(Batch& batch, std::uint32_t& budget) {
  // By index: a preemption shortens the list at its end.
  for (std::size_t i = 0; i < running_.size() && budget > 0; ++i) {
    const std::uint32_t sequence = running_[i];
    Sequence& s = sequences_[sequence];
    if (s.request.model != batch.model) continue;
    const std::uint32_t rows = std::min(budget, s.target - s.computed);
    if (!make_room(sequence, s.computed + rows, batch)) return;
    add_slice(batch, sequence, rows);
    budget -= rows;
  }
}

bool Scheduler::make_room(std::uint32_t sequence, std::uint32_t tokens, const Batch& batch) {
  Sequence& s = sequences_[sequence];
  while (!cache_.grow(s.pages, pages_for(s, tokens))) {
    const std::uint32_t victim = running_.back();
    const bool is_scheduled =
        std::any_of(batch.slices.begin(), batch.slices.end(),
                    [&](const Slice& slice) { return slice.sequence == victim; });
    if (is_scheduled) throw std::logic_error("a sequence of this iteration would lose its pages");
    preempt(victim);
    if (victim == sequence) return false;
  }
  return true;
}

void Scheduler::preempt(std::uint32_t sequence) {
  Sequence& s = sequences_[sequence];
  RequestRecord& record = records_[sequence];
  ++record.preemptions;
  record.recomputed_tokens += s.computed;
  outstanding_ += s.computed;
  cache_.release(s.pages);
  s.computed = 0;
  running_.pop_back();
  waiting_[s.request.model].push_front(sequence);
}

void Scheduler::admit(Batch& batch, std::uint32_t& budget, double now_s) {
  std::deque<std::uint32_t>& queue = waiting_[batch.model];
  while (!queue.empty() && budget > 0 && running_.size() < policy_.max_sequences) {
    const std::uint32_t sequence = queue.front();
    if (!admit_one(sequence, budget)) return;
    queue.pop_front();
    running_.push_back(sequence);
    Sequence& s = sequences_[sequence];
    const std::uint32_t rows = std::min(budget, s.target - s.computed);
    add_slice(batch, sequence, rows);
    budget -= rows;
    RequestRecord& record = records_[sequence];
    if (record.scheduled_s < 0) record.scheduled_s = now_s;
  }
}

bool Scheduler::admit_one(std::uint32_t sequence, std::uint32_t rows_left) {
  Sequence& s = sequences_[sequence];
  const std::uint32_t page = models_[s.request.model].tokens_per_page;
  // At least one row must be computed, or there is no token to begin with.
  const std::uint32_t shared = std::min(cache_.known_pages(s.keys), (s.target - 1) / page);
  cache_.share(s.pages, s.keys, shared);
  const std::uint32_t computed = shared * page;
  const std::uint32_t rows = std::min(rows_left, s.target - computed);
  const bool prompt_fits = pages_for(s, s.target) - shared <= cache_.available_pages();
  if (!prompt_fits || !cache_.grow(s.pages, pages_for(s, computed + rows))) {
    cache_.release(s.pages);
    return false;
  }
  s.computed = computed;
  s.published = shared;
  outstanding_ -= computed;
  RequestRecord& record = records_[sequence];
  if (record.preemptions > 0) {
    record.recomputed_tokens -= computed;
  } else {
    record.reused_tokens = computed;
  }
  return true;
}

void Scheduler::publish(Sequence& s) {
  const std::uint32_t page = models_[s.request.model].tokens_per_page;
  for (; s.published < s.keys.size() && (s.published + 1) * page <= s.computed; ++s.published)
    cache_.publish(s.pages[s.published], s.keys[s.published]);
}

void Scheduler::finish(std::uint32_t sequence, double now_s) {
  RequestRecord& record = records_[sequence];
  record.finished = true;
  record.end_s = now_s;
  cache_.release(sequences_[sequence].pages);
  running_.erase(std::find(running_.begin(), running_.end(), sequence));
}

void Scheduler::complete(const Batch& batch, double now_s) {
  for (const Slice& slice : batch.slices) {
    Sequence& s = sequences_[slice.sequence];
    RequestRecord& record = records_[slice.sequence];
    s.computed += slice.rows;
    outstanding_ -= slice.rows;
    publish(s);
    if (s.computed < s.target) continue;
    if (slice.samples) {
      ++record.generated;
      if (record.first_token_s < 0) record.first_token_s = now_s;
      record.last_token_s = now_s;
      ++s.target;
    }
    if (record.generated == s.request.output_tokens) finish(slice.sequence, now_s);
  }
}

}  // namespace lutsim::workloads
