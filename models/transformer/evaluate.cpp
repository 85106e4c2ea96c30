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

/// Linearised error of the ratio sum of nll(d) / sum of tokens(d), documents being the sample.
template <class Nll>
double error_over_documents(const Evaluation& e, double nll_per_token, const Nll& nll) {
  const auto count = static_cast<double>(e.documents.size());
  double sum = 0.0;
  for (std::size_t d = 0; d < e.documents.size(); ++d) {
    const double deviation = nll(d) - static_cast<double>(e.documents[d].tokens) * nll_per_token;
    sum += deviation * deviation;
  }
  return std::sqrt(sum * count / (count - 1.0)) / static_cast<double>(e.tokens);
}

double standard_error(const Evaluation& e) {
  const auto tokens = static_cast<double>(e.tokens);
  if (e.documents.size() == 1) {
    const double variance = e.documents[0].nll_squared / tokens - e.nll_per_token * e.nll_per_token;
    return std::sqrt(std::max(0.0, variance) / tokens);
  }
  return error_over_documents(e, e.nll_per_token,
                              [&](std::size_t d) { return e.documents[d].nll; });
}

}  // namespace

PairedDifference paired_difference(const Evaluation& a, const Evaluation& b) {
  const auto same_tokens = [](const DocumentScore& x, const DocumentScore& y) {
    return x.tokens == y.tokens;
  };
  if (a.documents.size() < 2 || !std::equal(a.documents.begin(), a.documents.end(),
                                            b.documents.begin(), b.documents.end(), same_tokens)) {
    throw std::invalid_argument(
        "a paired difference needs two evaluations of the same documents, more than one");
  }
  PairedDifference result;
  result.nll_per_token = a.nll_per_token - b.nll_per_token;
  result.standard_error = error_over_documents(a, result.nll_per_token, [&](std::size_t d) {
    return a.documents[d].nll - b.documents[d].nll;
  });
  return result;
}

Evaluation evaluate(const ModelFactory& make_model,
                    const std::vector<std::vector<std::uint32_t>>& documents, std::uint32_t jobs,
                    const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
  if (jobs == 0) jobs = std::max(1u, std::thread::hardware_concurrency());
  jobs = static_cast<std::uint32_t>(
      std::min<std::size_t>(jobs, std::max<std::size_t>(1, documents.size())));
  Evaluation result;
  result.documents.resize(documents.size());
  std::uint64_t done = 0;
  std::mutex progress_mutex;
  run_all(make_model, documents.size(), jobs, [&](LanguageModel& model, std::size_t i) {
    result.documents[i] = score(model, documents[i]);
    if (!progress) return;
    const std::lock_guard<std::mutex> lock(progress_mutex);
    progress(++done, documents.size());
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
