// SPDX-License-Identifier: Apache-2.0
#include <fmt/core.h>

#include "models/engine/half_lut.h"
#include "sim/rtl_bridge/rtl_blocks.h"
#include "tools/verify/block_check.h"

/// The generator of a half LUT, and the processing element that reads one.
namespace lutsim::tools {
namespace {

/// The message of an entry that is wrong.
std::string describe(const std::vector<std::int32_t>& a, std::uint32_t key, std::int64_t expected,
                     std::int64_t found) {
  std::string text = "entry of";
  for (const std::int32_t value : a) text += fmt::format(" {}", value);
  return text + fmt::format(" key {:#x}: expected {}, found {}", key, expected, found);
}

std::vector<std::int32_t> random_activations(Random& random, std::uint32_t mu,
                                             std::uint32_t align_bits) {
  const std::int64_t limit = (std::int64_t{1} << (align_bits - 1)) - 1;
  const bool extreme = one_in(random, 4);
  std::vector<std::int32_t> a(mu);
  for (std::int32_t& value : a) {
    value = static_cast<std::int32_t>(extreme ? (one_in(random, 2) ? limit : -limit)
                                              : random_int(random, -limit, limit));
  }
  return a;
}

/// Every pattern of signs of the greatest magnitude, each element alone, all zero.
std::vector<std::vector<std::int32_t>> corner_activations(std::uint32_t mu,
                                                          std::uint32_t align_bits) {
  const std::int32_t limit = (std::int32_t{1} << (align_bits - 1)) - 1;
  std::vector<std::vector<std::int32_t>> corners = {std::vector<std::int32_t>(mu, 0)};
  for (std::uint32_t signs = 0; signs < 1u << mu; ++signs) {
    std::vector<std::int32_t> a;
    for (std::uint32_t t = 0; t < mu; ++t) a.push_back((signs >> t) & 1u ? limit : -limit);
    corners.push_back(a);
  }
  for (std::uint32_t t = 0; t < mu; ++t) {
    for (std::uint32_t bit = 0; bit + 1 < align_bits; ++bit) {
      std::vector<std::int32_t> a(mu, 0);
      a[t] = std::int32_t{1} << bit;
      corners.push_back(a);
      a[t] = -a[t];
      corners.push_back(a);
    }
  }
  return corners;
}

void compare_entries(Comparison& comparison, rtl::RtlLutGenerator& generator,
                     const std::vector<std::int32_t>& a) {
  const models::HalfLut golden(generator.mu(), a.data());
  const std::vector<std::int64_t> entries = generator(a);
  for (std::uint32_t key = 0; key < entries.size(); ++key) {
    const std::int64_t expected = golden.entry(key);
    comparison.equal(entries[key] == expected,
                     [&] { return describe(a, key, expected, entries[key]); });
    comparison.hit_if(expected == 0, "entry zero");
  }
  const std::int64_t limit = (std::int64_t{1} << (generator.align_bits() - 1)) - 1;
  bool greatest = true, cancels = false, zero = true;
  for (const std::int32_t value : a) {
    greatest = greatest && (value == limit || value == -limit);
    cancels = cancels || value == -a[0];
    zero = zero && value == 0;
  }
  comparison.hit_if(greatest, "every magnitude greatest");
  comparison.hit_if(cancels && a[0] != 0, "elements cancel");
  comparison.hit_if(zero, "all elements zero");
  comparison.hit(generator.mu() % 2 == 0 ? "even mu" : "odd mu");
}

/// The readers under every key, also when nothing is loaded.
class PeCheck {
 public:
  explicit PeCheck(Comparison& comparison) : comparison_(comparison) {
    comparison_.declare_bins({"key that is stored", "key that is complemented",
                              "readers with different keys", "readers with the same key",
                              "entries kept while others are offered",
                              "keys kept while others are offered"});
  }

  void compare(const std::vector<std::int32_t>& a, const std::vector<std::int32_t>& others) {
    const models::HalfLut golden(kMu, a.data());
    pe_.load_entries(golden.stored());
    for (std::uint32_t key = 0; key < 1u << kMu; ++key) {
      std::vector<std::uint32_t> keys;
      for (std::uint32_t r = 0; r < rtl::RtlLutPe::kReaders; ++r) {
        keys.push_back((key + r * 5) % (1u << kMu));
      }
      pe_.load_keys(keys);
      expect(golden, a, keys, "read");
      comparison_.hit("readers with different keys");
      comparison_.hit((key >> (kMu - 1)) != 0 ? "key that is complemented" : "key that is stored");

      std::vector<std::uint32_t> offered = keys;
      for (std::uint32_t& other : offered) other ^= (1u << kMu) - 1;
      pe_.idle(models::HalfLut(kMu, others.data()).stored(), offered);
      expect(golden, a, keys, "read after an idle cycle");
      comparison_.hit("entries kept while others are offered");
      comparison_.hit("keys kept while others are offered");
    }
    pe_.load_keys(std::vector<std::uint32_t>(rtl::RtlLutPe::kReaders, 6));
    expect(golden, a, std::vector<std::uint32_t>(rtl::RtlLutPe::kReaders, 6), "read");
    comparison_.hit("readers with the same key");
  }

  static constexpr std::uint32_t kMu = 4, kAlignBits = 16;

 private:
  void expect(const models::HalfLut& golden, const std::vector<std::int32_t>& a,
              const std::vector<std::uint32_t>& keys, const char* what) {
    const std::vector<std::int64_t> values = pe_.values();
    for (std::uint32_t r = 0; r < rtl::RtlLutPe::kReaders; ++r) {
      const std::int64_t expected = golden.entry(keys[r]);
      comparison_.equal(values[r] == expected, [&] {
        return fmt::format("{}, reader {}: {}", what, r, describe(a, keys[r], expected, values[r]));
      });
    }
  }

  Comparison& comparison_;
  rtl::RtlLutPe pe_;
};

}  // namespace

void check_lut_generator(Comparison& comparison, std::uint64_t vectors, Random& random) {
  comparison.declare_bins({"every magnitude greatest", "elements cancel", "all elements zero",
                           "entry zero", "even mu", "odd mu"});
  rtl::RtlLutGenerator generators[] = {rtl::RtlLutGenerator(4), rtl::RtlLutGenerator(5)};
  for (rtl::RtlLutGenerator& generator : generators) {
    for (const auto& a : corner_activations(generator.mu(), generator.align_bits())) {
      compare_entries(comparison, generator, a);
    }
  }
  const std::uint64_t until = comparison.vectors() + vectors;
  while (comparison.vectors() < until) {
    rtl::RtlLutGenerator& generator = generators[random() % 2];
    compare_entries(comparison, generator,
                    random_activations(random, generator.mu(), generator.align_bits()));
  }
}

void check_lut_pe(Comparison& comparison, std::uint64_t vectors, Random& random) {
  PeCheck check(comparison);
  const auto draw = [&] { return random_activations(random, PeCheck::kMu, PeCheck::kAlignBits); };
  // Entries that differ from each other in every bit and sign.
  check.compare({1, 2, 4, 8}, {-8, 4, -2, 1});
  check.compare({32767, -32767, 32767, 32767}, {0, 0, 0, 0});
  check.compare({0, 0, 0, 0}, {32767, 32767, 32767, 32767});
  const std::uint64_t until = comparison.vectors() + vectors;
  while (comparison.vectors() < until) check.compare(draw(), draw());
}

}  // namespace lutsim::tools
