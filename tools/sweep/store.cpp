// SPDX-License-Identifier: Apache-2.0
#include "tools/sweep/store.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <stdexcept>

#include "models/config/diagnostics.h"
#include "tools/output/output_directory.h"
#include "tools/support/read_file.h"
#include "tools/support/sha256.h"

namespace lutsim::tools::sweep {

namespace {

using json = nlohmann::ordered_json;
namespace fs = std::filesystem;

constexpr const char* kSpaceFile = "space.yaml";

int open_append(const fs::path& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) throw config::InputError(file.string(), "cannot be written");
  return fd;
}

void write_line(int fd, const std::string& line, const fs::path& folder) {
  for (std::size_t done = 0; done < line.size();) {
    const ssize_t count = ::write(fd, line.data() + done, line.size() - done);
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) throw std::runtime_error(folder.string() + ": a record cannot be written");
    done += static_cast<std::size_t>(count);
  }
}

/// Takes the lock of a file that this process opens only once. It is of this process alone, unlike
/// that of flock(): workers do not inherit it, so it is free as soon as a sweep is killed.
bool is_locked_for_us(int fd) {
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  return ::fcntl(fd, F_SETLK, &whole) == 0;
}

/// The number that a text is as a whole; 0 for any other text.
std::uint32_t whole_number(const std::string& text) {
  const bool is_digits =
      !text.empty() && text.size() < 7 && text.find_first_not_of("0123456789") == std::string::npos;
  return is_digits ? static_cast<std::uint32_t>(std::stoul(text)) : 0;
}

void keep(json record, Records& records) {
  const std::string key = record.at("key");
  const auto [entry, is_new] = records.emplace(key, json());
  const bool is_worse =
      !is_new && entry->second.at("status") == "ok" && record.at("status") != "ok";
  if (!is_worse) entry->second = std::move(record);
}

}  // namespace

Shard parse_shard(const std::string& text) {
  const std::size_t slash = text.find('/');
  const Shard shard{whole_number(text.substr(0, slash)),
                    slash == std::string::npos ? 0 : whole_number(text.substr(slash + 1))};
  if (shard.count == 0 || shard.index == 0 || shard.index > shard.count)
    throw config::InputError("--shard", "'" + text + "' is not i/K with 1 <= i <= K",
                             "for example --shard 1/8");
  return shard;
}

std::uint64_t read_records(const fs::path& file, Records& records) {
  const std::string text = read_file(file);
  std::size_t begin = 0;
  for (std::uint32_t line = 1; begin < text.size(); ++line) {
    const std::size_t end = text.find('\n', begin);
    if (end == std::string::npos) return begin;  // torn
    json record = json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                              text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    const bool is_record = record.is_object() && record.contains("key") &&
                           record.value("schema", "") == "lutsim.point/1";
    if (!is_record) {
      if (end + 1 == text.size()) return begin;
      throw config::InputError({{file.string(), line, 1, "this is no record of a sweep"}});
    }
    keep(std::move(record), records);
    begin = end + 1;
  }
  return begin;
}

std::vector<fs::path> record_files(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder, absent)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("results-", 0) == 0 && entry.path().extension() == ".jsonl")
      files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  return files;
}

Store::Store(fs::path folder, const std::string& space_text, Shard shard, bool resume)
    : folder_(std::move(folder)), shard_(shard) {
  OutputDirectory check(folder_);  // refuses what cannot be written
  const fs::path results = folder_ / ("results-" + shard_.name() + ".jsonl");
  const fs::path space = folder_ / kSpaceFile;
  if (fs::exists(space) && read_file(space) != space_text)
    throw config::InputError(folder_.string(), "holds the results of another space (space.yaml)",
                             "choose another folder, and --reuse this one for what they share");
  const bool has_results = shard_.count > 1 ? fs::exists(results) : !record_files(folder_).empty();
  if (has_results && !resume)
    throw config::InputError(folder_.string(), "holds results of this sweep",
                             "go on with --resume, or choose another --out");
  fs::create_directories(folder_ / "constants");
  if (!fs::exists(space)) write_file(space, space_text);

  log_ = open_append(folder_ / ("log-" + shard_.name() + ".jsonl"));
  if (!is_locked_for_us(log_)) {
    ::close(log_);
    throw config::InputError(results.string(), "another process is writing it");
  }
  results_ = open_append(results);
  // Shards know only what is theirs: the others may be written at this moment.
  for (const fs::path& file : record_files(folder_))
    if (shard_.count == 1 && file != results) read_records(file, records_);
  const std::uint64_t whole = read_records(results, records_);
  if (::ftruncate(results_, static_cast<off_t>(whole)) != 0)
    throw std::runtime_error(results.string() + ": its torn last line cannot be removed");
}

Store::~Store() {
  ::close(results_);
  ::close(log_);
}

const json* Store::find(const std::string& key) const {
  const auto found = records_.find(key);
  return found == records_.end() ? nullptr : &found->second;
}

void Store::append(const json& record) {
  const std::string line = record.dump() + "\n";
  const std::lock_guard<std::mutex> lock(mutex_);
  write_line(results_, line, folder_);
  if (::fdatasync(results_) != 0)
    throw std::runtime_error(folder_.string() + ": the disk does not take a record");
  keep(record, records_);
}

void Store::log(const json& entry) {
  const std::string line = entry.dump() + "\n";
  const std::lock_guard<std::mutex> lock(mutex_);
  write_line(log_, line, folder_);
}

std::string Store::keep_constants(const json& constants) {
  const std::string text = constants.dump(2) + "\n";
  const std::string name = sha256_hex(text);
  const fs::path file = folder_ / "constants" / (name + ".json");
  const std::lock_guard<std::mutex> lock(mutex_);
  if (!fs::exists(file)) write_file(file, text);
  return name;
}

}  // namespace lutsim::tools::sweep
