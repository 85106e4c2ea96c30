// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/documents.h"

#include <cstring>

#include "models/config/diagnostics.h"
#include "workloads/checkpoint/byte_reader.h"

namespace lutsim::workloads {
namespace {

/// The white space of Python's str.strip() within ASCII.
constexpr const char* kWhiteSpace = " \t\n\v\f\r";

}  // namespace

std::vector<std::string> split_documents(const std::string& text) {
  std::vector<std::string> documents;
  std::size_t begin = 0;
  while (begin <= text.size()) {
    const std::size_t end = std::min(text.find(kDocumentSeparator, begin), text.size());
    const std::string document = text.substr(begin, end - begin);
    const std::size_t first = document.find_first_not_of(kWhiteSpace);
    if (first != std::string::npos) {
      const std::size_t last = document.find_last_not_of(kWhiteSpace);
      documents.push_back(document.substr(first, last - first + 1));
    }
    begin = end + std::strlen(kDocumentSeparator);
  }
  return documents;
}

std::vector<std::vector<std::uint32_t>> load_documents(const std::filesystem::path& path,
                                                       const Tokenizer& tokenizer,
                                                       std::size_t items, std::size_t skip) {
  ByteReader file(path);
  std::vector<std::string> texts = split_documents(file.text(file.size(), "the text"));
  const std::size_t least = skip + (items == 0 ? 1 : items);
  if (texts.size() < least) {
    throw config::InputError(file.path(),
                             "expected " + std::to_string(least) + " documents or more, found " +
                                 std::to_string(texts.size()),
                             std::string("documents are separated by ") + kDocumentSeparator);
  }
  texts.erase(texts.begin(), texts.begin() + static_cast<std::ptrdiff_t>(skip));
  if (items > 0) texts.resize(items);
  std::vector<std::vector<std::uint32_t>> documents;
  documents.reserve(texts.size());
  for (const std::string& text : texts) documents.push_back(tokenizer.encode(text));
  return documents;
}

}  // namespace lutsim::workloads
