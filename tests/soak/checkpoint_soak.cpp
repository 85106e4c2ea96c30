// SPDX-License-Identifier: Apache-2.0
// Damaged checkpoints: every loader gets bytes that are cut, flipped, replaced, moved and made
// absurd. It reads them or refuses them with an InputError, and takes no more memory than the
// file's size justifies; anything else is a failure. Meant for the sanitizers.
#include <openssl/sha.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <new>
#include <random>

#include "models/config/diagnostics.h"
#include "tests/soak/checkpoint_samples.h"
#include "tests/workloads/checkpoint/checkpoint_files.h"
#include "workloads/checkpoint/checkpoint.h"

namespace {

std::atomic<std::size_t> largest_allocation{0};

void* counted(std::size_t bytes) {
  std::size_t largest = largest_allocation.load();
  while (bytes > largest && !largest_allocation.compare_exchange_weak(largest, bytes)) {
  }
  if (void* memory = std::malloc(bytes == 0 ? 1 : bytes)) return memory;
  throw std::bad_alloc();
}

}  // namespace

void* operator new(std::size_t bytes) { return counted(bytes); }
void* operator new[](std::size_t bytes) { return counted(bytes); }
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  try {
    return counted(bytes);
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}
void* operator new[](std::size_t bytes, const std::nothrow_t& tag) noexcept {
  return operator new(bytes, tag);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }

namespace lutsim::soak {
namespace {

/// Most bytes that one allocation may take for each byte of the file: an 8-bit weight in groups of
/// one has 8 alphas of 2 bytes and an offset of 4; JSON in memory is wider than its text.
constexpr std::size_t kMemoryPerByte = 64;

class Damage {
 public:
  explicit Damage(std::uint64_t seed) : random_(seed) {}

  std::string operator()(std::string bytes) {
    const std::uint64_t times = 1 + below(3);
    for (std::uint64_t i = 0; i < times && !bytes.empty(); ++i) once(bytes);
    return bytes;
  }

 private:
  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }
  /// A place in the file; headers are short, so that most are among the first bytes.
  std::size_t place(const std::string& bytes) {
    const std::uint64_t limits[] = {64, 1024, 8192, bytes.size()};
    return below(std::min<std::uint64_t>(bytes.size(), limits[below(4)]));
  }

  template <class Number>
  void put(std::string& bytes, Number number) {
    const std::size_t at = place(bytes);
    std::memcpy(bytes.data() + at, &number, std::min(sizeof number, bytes.size() - at));
  }

  void once(std::string& bytes) {
    static constexpr std::uint64_t kAbsurd[] = {0,
                                                1,
                                                0x7fffffff,
                                                0x80000000,
                                                0xffffffff,
                                                std::uint64_t{1} << 40,
                                                std::uint64_t{1} << 63,
                                                ~std::uint64_t{0}};
    static constexpr const char* kText[] = {"-1",
                                            "1e999",
                                            "null",
                                            "[",
                                            "}",
                                            "\"",
                                            "99999999999999999999",
                                            "\\u0000",
                                            "\xff",
                                            "18446744073709551615",
                                            "{}",
                                            "[]"};
    switch (below(9)) {
      case 0:
        bytes.resize(place(bytes));
        break;
      case 1: {
        char& byte = bytes[place(bytes)];
        byte = static_cast<char>(byte ^ (1 << below(8)));
        break;
      }
      case 2:
        bytes[place(bytes)] = static_cast<char>(random_());
        break;
      case 3:
        put(bytes, static_cast<std::uint32_t>(kAbsurd[below(8)]));
        break;
      case 4:
        put(bytes, kAbsurd[below(8)]);
        break;
      case 5:
        bytes.erase(place(bytes), 1 + below(16));
        break;
      case 6:
        bytes.insert(place(bytes), bytes.substr(place(bytes), 1 + below(64)));
        break;
      case 7: {  // a digit of a number in text
        const std::size_t at = bytes.find_first_of("0123456789", place(bytes));
        if (at != std::string::npos) bytes[at] = static_cast<char>('0' + below(10));
        break;
      }
      default: {
        const std::size_t at = place(bytes);
        bytes.replace(at, below(8), kText[below(std::size(kText))]);
        break;
      }
    }
  }

  std::mt19937_64 random_;
};

void mend_digest(std::string& bytes) {
  if (bytes.size() < SHA256_DIGEST_LENGTH) return;
  // The length of the file, too, or nothing else of it would ever be read.
  const std::uint64_t size = bytes.size();
  if (size >= 24) std::memcpy(bytes.data() + 16, &size, sizeof size);
  auto* data = reinterpret_cast<unsigned char*>(bytes.data());
  SHA256(data, bytes.size() - SHA256_DIGEST_LENGTH, data + bytes.size() - SHA256_DIGEST_LENGTH);
}

struct Count {
  std::uint64_t read = 0, refused = 0, failed = 0;
  std::size_t largest = 0;
};

void read(const CheckpointSample& sample, const test::TemporaryFolder& folder) {
  if (sample.read) return sample.read(folder / sample.load);
  workloads::load_checkpoint(folder / sample.load);
}

/// Writes the damaged sample and loads it; true when that went as it should.
bool run_case(const CheckpointSample& sample, const test::TemporaryFolder& folder,
              std::uint64_t seed, Count& count) {
  std::string bytes = Damage(seed)(sample.files.at(sample.damaged));
  if (sample.has_digest && seed % 8 != 0) mend_digest(bytes);
  test::write_file(folder / sample.damaged, bytes);
  std::size_t all_bytes = bytes.size();
  for (const auto& [name, contents] : sample.files) all_bytes += contents.size();
  const std::size_t most = kMemoryPerByte * all_bytes;
  std::string failure;
  largest_allocation = 0;
  try {
    read(sample, folder);
    ++count.read;
  } catch (const config::InputError& error) {
    ++count.refused;
    if (std::string(error.what()).find("error:") == std::string::npos) failure = "an empty error";
  } catch (const std::exception& error) {
    failure = std::string("another exception: ") + error.what();
  }
  const std::size_t largest = largest_allocation;
  count.largest = std::max(count.largest, largest);
  if (largest > most) failure = "an allocation of " + std::to_string(largest) + " bytes";
  if (failure.empty()) return true;
  ++count.failed;
  std::printf("%s, seed %llu FAILED: %s\n", sample.name.c_str(),
              static_cast<unsigned long long>(seed), failure.c_str());
  return false;
}

int soak(const std::string& loader, std::uint64_t runs, std::uint64_t first) {
  bool sound = true, any = false;
  std::printf("%-18s %8s %8s %8s %8s %16s\n", "loader", "inputs", "refused", "read", "failed",
              "largest block, B");
  for (const CheckpointSample& sample : checkpoint_samples()) {
    if (!loader.empty() && loader != sample.name) continue;
    any = true;
    const test::TemporaryFolder folder;
    for (const auto& [name, contents] : sample.files) test::write_file(folder / name, contents);
    read(sample, folder);  // undamaged it must be read
    Count count;
    for (std::uint64_t i = 0; i < runs; ++i) sound &= run_case(sample, folder, first + i, count);
    std::printf("%-18s %8llu %8llu %8llu %8llu %16zu\n", sample.name.c_str(),
                static_cast<unsigned long long>(runs),
                static_cast<unsigned long long>(count.refused),
                static_cast<unsigned long long>(count.read),
                static_cast<unsigned long long>(count.failed), count.largest);
    std::fflush(stdout);
    // A campaign that refuses nothing has damaged nothing.
    sound &= count.refused > 0;
  }
  return sound && any ? 0 : 1;
}

}  // namespace
}  // namespace lutsim::soak

int main(int argc, char** argv) {
  CLI::App app("damaged checkpoints");
  std::uint64_t runs = 1000, seed = 1;
  std::string loader;
  app.add_option("--runs", runs, "inputs for each loader")->capture_default_str();
  app.add_option("--seed", seed, "of the first input")->capture_default_str();
  app.add_option("--loader", loader, "this one only");
  CLI11_PARSE(app, argc, argv);
  try {
    return lutsim::soak::soak(loader, runs, seed);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
    return 1;
  }
}
