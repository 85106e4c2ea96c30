// SPDX-License-Identifier: Apache-2.0
#include "models/transformer/evaluate.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <mutex>
#include <stdexcept>
#include <thread>

namespace lutsim::models {
namespace {

/// -ln softmax(logits)[token] in double.
double negative_log_likelihood(const float* logits, std::uint32_t n, std::uint32_t token) {
  const double largest = *std::max_element(logits, logits + n);
  double sum = 0.0;
  for (std::uint32_t i = 0; i < n; ++i) sum += std::exp(logits[i] - largest);
  return std::log(sum) + largest - logits[token];
}

DocumentScore score(LanguageModel& model, const std::vector<std::uint32_t>& document) {
  DocumentScore result;
  if (document.size() < 2) return result;
  const std::size_t length = std::min<std::size_t>(document.size() - 1, model.shape().max_context);
  const std::uint32_t vocab = model.shape().vocab;
  model.reset();
  const std::vector<float> logits =
      model.forward_all({document.begin(), document.begin() + static_cast<std::ptrdiff_t>(length)});
  for (std::size_t t = 0; t < length; ++t) {
    const double nll =
        negative_log_likelihood(logits.data() + t * vocab, vocab, document.at(t + 1));
    result.nll += nll;
    result.nll_squared += nll * nll;
  }
  result.tokens = length;
  return result;
}

/// Runs work(0..count-1) on `jobs` threads, each with its own model; rethrows the first exception.
void run_all(const ModelFactory& make_model, std::size_t count, std::uint32_t jobs,
             const std::function<void(LanguageModel&, std::size_t)>& work) {
  std::atomic<std::size_t> next{0};
  std::exception_ptr failure;
  std::mutex failure_mutex;
  const auto worker = [&] {
    try {
      const std::unique_ptr<LanguageModel> model = make_model();
      for (std::size_t i = next++; i < count; i = next++) work(*model, i);
    } catch (...) {
      const std::lock_guard<std::mutex> lock(failure_mutex);
      if (!failure) failure = std::current_exception();
      next = count;
    }
  };
  std::vector<std::thread> threads;
  for (std::uint32_t j = 1; j < jobs; ++j) threads.emplace_back(worker);
  worker();
  for (std::thread& thread : threads) thread.join();
  if (failure) std::rethrow_exception(failure);
}

double standard_error(const Evaluation& e) {
  const auto count = static_cast<double>(e.documents.size());
  const auto tokens = static_cast<double>(e.tokens);
  if (e.documents.size() == 1) {
    const double variance = e.documents[0].nll_squared / tokens - e.nll_per_token * e.nll_per_token;
    return std::sqrt(std::max(0.0, variance) / tokens);
  }
  double sum = 0.0;
  for (const DocumentScore& d : e.documents) {
    const double deviation = d.nll - static_cast<double>(d.tokens) * e.nll_per_token;
    sum += deviation * deviation;
  }
  return std::sqrt(sum * count / (count - 1.0)) / tokens;
}

}  // namespace

Evaluation evaluate(const ModelFactory& make_model,
                    const std::vector<std::vector<std::uint32_t>>& documents, std::uint32_t jobs) {
  if (jobs == 0) jobs = std::max(1u, std::thread::hardware_concurrency());
  jobs = static_cast<std::uint32_t>(
      std::min<std::size_t>(jobs, std::max<std::size_t>(1, documents.size())));
  Evaluation result;
  result.documents.resize(documents.size());
  run_all(make_model, documents.size(), jobs, [&](LanguageModel& model, std::size_t i) {
    result.documents[i] = score(model, documents[i]);
  });
  double nll = 0.0;
  for (const DocumentScore& d : result.documents) {
    nll += d.nll;
    result.tokens += d.tokens;
  }
  if (result.tokens == 0) throw std::invalid_argument("no document holds a token to score");
  result.nll_per_token = nll / static_cast<double>(result.tokens);
  result.perplexity = std::exp(result.nll_per_token);
  result.standard_error = standard_error(result);
  return result;
}

}  // namespace lutsim::models
