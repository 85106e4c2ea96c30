// SPDX-License-Identifier: Apache-2.0
#include "tools/generate/block_catalogue.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <sstream>
#include <vector>

#include "tools/support/read_file.h"

namespace lutsim::tools {
namespace {

/// Files below `folder` that end in one of `endings`, in the order of their paths.
std::vector<std::filesystem::path> files(const std::filesystem::path& folder,
                                         const std::vector<std::string>& endings) {
  std::vector<std::filesystem::path> found;
  std::error_code no_folder;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(folder, no_folder)) {
    const std::string ending = entry.path().extension().string();
    if (std::find(endings.begin(), endings.end(), ending) != endings.end()) {
      found.push_back(entry.path());
    }
  }
  std::sort(found.begin(), found.end());
  return found;
}

/// From `begin` up to the next full stop that ends a sentence.
std::string sentence(const std::string& text, std::size_t begin) {
  const std::size_t end = text.find(". ", begin);
  std::string words = text.substr(begin, end == std::string::npos ? end : end - begin);
  while (!words.empty() && (words.back() == ' ' || words.back() == '.')) words.pop_back();
  return words;
}

std::string after(const std::string& text, const std::string& label) {
  const std::size_t at = text.find(label);
  return at == std::string::npos ? "" : sentence(text, at + label.size());
}

std::string or_dash(const std::string& text) { return text.empty() ? "-" : text; }

std::string row(const std::vector<std::string>& cells) {
  std::string text = "|";
  for (const std::string& cell : cells) text.append(" ").append(cell).append(" |");
  return text + "\n";
}

/// Proofs of tests/formal that read the file, or whose line in gates.txt names the block.
std::string proofs_of(const std::filesystem::path& root, const std::string& file,
                      const std::string& block) {
  std::string names;
  const auto add = [&](const std::string& name) {
    names += (names.empty() ? "`" : ", `") + name + "`";
  };
  for (const auto& proof : files(root / "tests" / "formal", {".sv"})) {
    // "rtl/decoder/x.sv" of a proof, but not in the line of a mutant alone.
    std::istringstream lines(read_file(proof));
    bool reads = false;
    for (std::string line; std::getline(lines, line);) {
      reads = reads || (line.find(file) != std::string::npos &&
                        line.find("prove: mutant") == std::string::npos);
    }
    if (reads) add(proof.stem().string());
  }
  std::istringstream lines(read_file(root / "tests" / "formal" / "gates.txt"));
  for (std::string line; std::getline(lines, line);) {
    std::istringstream words(line);
    std::string kind, name, configuration, proved;
    words >> kind >> name >> configuration >> proved;
    if ((kind == "proof" || kind == "campaign") && proved == block) add(name);
  }
  return names;
}

}  // namespace

BlockComment block_comment(const std::string& source) {
  std::istringstream lines(source);
  std::string text;
  for (std::string line; std::getline(lines, line) && line.rfind("//", 0) == 0;) {
    if (line.find("SPDX") != std::string::npos) continue;
    // Formulas and paragraphs end a sentence too.
    const std::string words = line.substr(2);
    text += words.empty() ? ". " : words.substr(words.find_first_not_of(' ')) + " ";
  }
  const std::size_t begin = text.find_first_not_of(". ");
  BlockComment comment;
  if (begin == std::string::npos) return comment;
  comment.purpose = sentence(text, begin);
  while (!comment.purpose.empty() && comment.purpose.back() == ':') comment.purpose.pop_back();
  comment.latency = after(text, "Latency: ");
  comment.throughput = after(text, "Throughput: ");
  if (comment.latency.empty() && text.find("Combinational.") != std::string::npos) {
    comment.latency = "none";
    comment.throughput = "combinational";
  }
  return comment;
}

std::string block_catalogue(const std::filesystem::path& root) {
  const auto gates =
      nlohmann::json::parse(read_file(root / "tools" / "synthesis" / "block_gates.json"));
  std::string table =
      "| block | computes | latency | throughput | gates | of which registers | with | proofs |\n"
      "|---|---|---|---|---|---|---|---|\n";
  for (const auto& path : files(root / "rtl", {".sv"})) {
    const std::string file = path.lexically_relative(root).generic_string();
    const std::string name = path.stem().string();
    // Packages and tables that tools/generate writes compute nothing.
    if (file.rfind("rtl/gen/", 0) == 0) continue;
    const BlockComment comment = block_comment(read_file(path));
    const auto count = gates.value(name, nlohmann::json::object());
    const auto number = [&](const char* key) {
      return count.contains(key) ? std::to_string(count[key].get<std::uint64_t>()) : "-";
    };
    const std::string parameters = count.value("parameters", "");
    table += row({std::string("[`").append(name).append("`](../").append(file).append(")"),
                  comment.purpose, or_dash(comment.latency), or_dash(comment.throughput),
                  number("gates"), number("registers"),
                  parameters.empty() ? "defaults" : std::string("`").append(parameters).append("`"),
                  or_dash(proofs_of(root, file.substr(4), name))});
  }
  return table;
}

}  // namespace lutsim::tools
