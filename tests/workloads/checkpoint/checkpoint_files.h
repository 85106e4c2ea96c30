// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include "models/config/diagnostics.h"
#include "models/transformer/model_weights.h"
#include "tests/support/outside_data.h"
#include "workloads/checkpoint/tokenizer.h"

/// Checkpoint files made by tests, and files outside the project.
namespace lutsim::test {

/// A folder that disappears with the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "lutsim_test_XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    path_ = name;
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

/// Bytes of a binary file under construction.
class Bytes {
 public:
  template <class T>
  Bytes& add(T value) {
    const auto* begin = reinterpret_cast<const char*>(&value);
    data_.append(begin, sizeof value);
    return *this;
  }
  Bytes& add_text(const std::string& text) {
    data_ += text;
    return *this;
  }
  Bytes& add_floats(const std::vector<float>& values) {
    for (const float v : values) add(v);
    return *this;
  }
  Bytes& pad_to(std::size_t alignment) {
    while (data_.size() % alignment != 0) data_ += '\0';
    return *this;
  }
  std::string& data() { return data_; }
  const std::string& data() const { return data_; }

 private:
  std::string data_;
};

inline void write_file(const std::filesystem::path& path, const std::string& data) {
  std::ofstream(path, std::ios::binary) << data;
}

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

/// The message of the InputError that `action` throws; a test failure when it throws none.
inline std::string input_error(const std::function<void()>& action) {
  try {
    action();
  } catch (const config::InputError& e) {
    return e.what();
  }
  ADD_FAILURE() << "no InputError";
  return {};
}

/// 3 special tokens, 256 bytes, and some pieces.
inline workloads::Tokenizer small_tokenizer(std::uint32_t vocab) {
  const std::vector<std::string> words{" ", "a", "b", "c", "ab", " a", "bc", "abc", " ab"};
  std::vector<std::string> pieces{"<unk>", "<s>", "</s>"};
  for (int byte = 0; byte < 256; ++byte) {
    char piece[8];
    std::snprintf(piece, sizeof piece, "<0x%02X>", static_cast<unsigned>(byte));
    pieces.emplace_back(piece);
  }
  std::vector<float> scores(pieces.size(), 0.0f);
  for (std::size_t i = 0; pieces.size() < vocab; ++i) {
    pieces.push_back(i < words.size() ? words[i] : "word" + std::to_string(i));
    scores.push_back(-static_cast<float>(i));
  }
  return {pieces, scores};
}

}  // namespace lutsim::test
