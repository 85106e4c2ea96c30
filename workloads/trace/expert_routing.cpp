// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/expert_routing.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <fstream>
#include <numeric>
#include <string>

#include "models/config/diagnostics.h"

namespace lutsim::workloads {

namespace {

using spec::SpecError;

constexpr double kLargestSkew = 8;
constexpr double kUnitWeight = 1ull << 40;  // of the expert of rank 1
constexpr std::uint64_t kLargestCount = 1ull << 40;
constexpr int kTries = 32;  // draws of a taken expert before the remaining ones are listed

/// SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): the same numbers on every machine.
class Random {
 public:
  explicit Random(std::uint64_t seed) : state_(seed) {}
  std::uint64_t next() {
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// Uniform below `end`, which is at least 1.
  std::uint64_t below(std::uint64_t end) {
    const std::uint64_t unbiased = ~std::uint64_t{0} - ~std::uint64_t{0} % end;
    std::uint64_t value = next();
    while (value >= unbiased) value = next();
    return value % end;
  }

 private:
  std::uint64_t state_;
};

std::uint64_t mixed(std::uint64_t seed, std::uint64_t a, std::uint64_t b) {
  Random random(seed);
  Random with_a(random.next() ^ a);
  return with_a.next() ^ b;
}

/// Draws one index by weight. Taken ones are drawn again, which leaves the others in proportion.
class WeightedDraw {
 public:
  explicit WeightedDraw(std::vector<std::uint64_t> weights)
      : weights_(std::move(weights)), ends_(weights_.size()), taken_(weights_.size(), false) {
    std::partial_sum(weights_.begin(), weights_.end(), ends_.begin());
  }
  void draw(Random& random, std::uint32_t count, std::vector<std::uint64_t>& rows) {
    std::vector<std::size_t> chosen;
    while (chosen.size() < count) {
      chosen.push_back(one(random));
      taken_[chosen.back()] = true;
      ++rows[chosen.back()];
    }
    for (const std::size_t index : chosen) taken_[index] = false;
  }

 private:
  std::size_t one(Random& random) {
    for (int i = 0; i < kTries; ++i) {
      const std::uint64_t at = random.below(ends_.back());
      const auto index = static_cast<std::size_t>(std::upper_bound(ends_.begin(), ends_.end(), at) -
                                                  ends_.begin());
      if (!taken_[index]) return index;
    }
    std::uint64_t left = 0;
    for (std::size_t i = 0; i < weights_.size(); ++i) left += taken_[i] ? 0 : weights_[i];
    std::uint64_t at = random.below(left);
    std::size_t index = 0;
    for (;; ++index) {
      if (taken_[index]) continue;
      if (at < weights_[index]) return index;
      at -= weights_[index];
    }
  }

  std::vector<std::uint64_t> weights_, ends_;
  std::vector<bool> taken_;
};

}  // namespace

ExpertRouter::ExpertRouter(const models::ModelShape& shape, const RoutingRequest& request)
    : experts_(shape.experts),
      per_token_(shape.experts_per_token),
      dense_layers_(shape.dense_layers),
      request_(request) {
  if (!(request.skew >= 0 && request.skew <= kLargestSkew)) {
    throw SpecError("expert_skew = " + std::to_string(request.skew) + ": must be 0 to " +
                    std::to_string(static_cast<int>(kLargestSkew)));
  }
  const std::size_t layers = shape.layers - std::min(shape.layers, dense_layers_);
  if (request.histogram.size() > 1 && request.histogram.size() != layers) {
    throw SpecError("expert histogram has " + std::to_string(request.histogram.size()) +
                    " lines: " + shape.name + " has " + std::to_string(layers) +
                    " layers with experts, and one line would stand for all");
  }
  for (const auto& line : request.histogram) {
    if (line.size() != experts_) {
      throw SpecError("expert histogram has a line of " + std::to_string(line.size()) +
                      " counts: " + shape.name + " has " + std::to_string(experts_) + " experts");
    }
    const auto used = std::count_if(line.begin(), line.end(), [](auto count) { return count > 0; });
    if (static_cast<std::size_t>(used) < per_token_) {
      throw SpecError("expert histogram has a line with " + std::to_string(used) +
                      " experts that are used: every token of " + shape.name + " uses " +
                      std::to_string(per_token_));
    }
  }
}

std::vector<std::uint64_t> ExpertRouter::weights_of(std::uint32_t layer) const {
  if (!request_.histogram.empty()) {
    const std::size_t line = request_.histogram.size() == 1 ? 0 : layer - dense_layers_;
    return request_.histogram[line];
  }
  std::vector<std::uint64_t> weights(experts_);
  for (std::uint32_t rank = 0; rank < experts_; ++rank) {
    const double weight = kUnitWeight * std::pow(rank + 1.0, -request_.skew);
    weights[rank] = std::max<std::uint64_t>(1, static_cast<std::uint64_t>(std::llround(weight)));
  }
  // Which expert has which rank is the layer's own, and the same in all steps.
  Random random(mixed(request_.seed, ~std::uint64_t{0}, layer));
  for (std::uint32_t i = experts_ - 1; i > 0; --i) {
    std::swap(weights[i], weights[random.below(i + std::uint64_t{1})]);
  }
  return weights;
}

std::vector<GroupRows> ExpertRouter::draw(std::uint32_t step, std::uint32_t layer,
                                          std::uint64_t tokens) const {
  WeightedDraw experts(weights_of(layer));
  Random random(mixed(request_.seed, step, layer));
  std::vector<std::uint64_t> rows(experts_, 0);
  for (std::uint64_t token = 0; token < tokens; ++token) experts.draw(random, per_token_, rows);

  std::vector<GroupRows> runs;
  for (std::uint32_t expert = 0; expert < experts_; ++expert) {
    if (rows[expert] == 0) continue;
    const bool continues = !runs.empty() && runs.back().first + runs.back().count == expert &&
                           runs.back().rows == rows[expert];
    if (continues) {
      ++runs.back().count;
    } else {
      runs.push_back({expert, 1, rows[expert]});
    }
  }
  return runs;
}

std::vector<std::vector<std::uint64_t>> read_histogram(const std::filesystem::path& file) {
  std::ifstream in(file);
  if (!in) throw config::InputError(file.string(), "cannot be opened");
  std::vector<std::vector<std::uint64_t>> histogram;
  std::string line;
  for (std::uint32_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    std::vector<std::uint64_t> counts;
    const char* at = line.data();
    const char* const end = at + line.size();
    while (true) {
      std::uint64_t count = 0;
      const auto parsed = std::from_chars(at, end, count);
      const bool ends_well = parsed.ptr == end || *parsed.ptr == ',';
      if (parsed.ec != std::errc{} || !ends_well || count > kLargestCount) {
        config::Diagnostic diagnostic;
        diagnostic.file = file.string();
        diagnostic.line = number;
        diagnostic.column = static_cast<std::uint32_t>(at - line.data()) + 1;
        diagnostic.message = "expected counts of 0 to 2^40, separated by commas";
        throw config::InputError({diagnostic});
      }
      counts.push_back(count);
      if (parsed.ptr == end) break;
      at = parsed.ptr + 1;
    }
    histogram.push_back(std::move(counts));
  }
  if (histogram.empty()) throw config::InputError(file.string(), "holds no counts");
  return histogram;
}

}  // namespace lutsim::workloads
