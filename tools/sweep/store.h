// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <filesystem>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

/// The folder of a sweep (docs/sweep.md, "Folder"). Records only ever grow: one object a line, one
/// write a line, synchronised to the disk before the next point starts.
namespace lutsim::tools::sweep {

/// Part `index` of `count`, from 1: the points whose number leaves that remainder.
struct Shard {
  std::uint32_t index = 1, count = 1;
  bool has(std::uint64_t number) const { return number % count == index - 1; }
  std::string name() const { return std::to_string(index) + "-of-" + std::to_string(count); }
};

/// "2/8". Throws config::InputError.
Shard parse_shard(const std::string& text);

/// Records by key. Of two records of one key the later one counts, but `ok` beats any other.
using Records = std::map<std::string, nlohmann::ordered_json>;

/// Adds what stands in a file of records. A last line without its newline, or that is no JSON, was
/// being written when the process was killed and is left out; anything else that is wrong is a
/// damaged file and throws config::InputError. Returns the bytes of the whole lines.
std::uint64_t read_records(const std::filesystem::path& file, Records& records);

/// Every results-*.jsonl of a folder, sorted.
std::vector<std::filesystem::path> record_files(const std::filesystem::path& folder);

class Store {
 public:
  /// Opens the shard's files. A folder that holds another space, results without `resume`, or a
  /// sweep that is running is refused: config::InputError.
  Store(std::filesystem::path folder, const std::string& space_text, Shard shard, bool resume);
  ~Store();
  Store(const Store&) = delete;
  Store& operator=(const Store&) = delete;

  /// Null when there is none. Valid until append() of the same key.
  const nlohmann::ordered_json* find(const std::string& key) const;
  const Records& records() const { return records_; }

  /// Throws std::runtime_error when the disk does not take it. May be called by several threads.
  void append(const nlohmann::ordered_json& record);

  /// One line of log-*.jsonl: when, how long, on which host. Nothing in it is part of a result.
  void log(const nlohmann::ordered_json& entry);

  /// Keeps definitions of constants in constants/NAME.json, once; returns NAME, a SHA-256.
  std::string keep_constants(const nlohmann::ordered_json& constants);

  const std::filesystem::path& folder() const { return folder_; }
  const Shard& shard() const { return shard_; }

 private:
  std::filesystem::path folder_;
  Shard shard_;
  Records records_;
  int results_ = -1, log_ = -1;
  std::mutex mutex_;
};

}  // namespace lutsim::tools::sweep
