// SPDX-License-Identifier: Apache-2.0
#include "tools/coverage/coverage_report.h"

#include <fmt/core.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <sstream>

#include "models/config/diagnostics.h"

namespace lutsim::tools {
namespace {

// A bit that changed twice rose and fell.
constexpr std::uint64_t kHitsOfAToggle = 2;

/// Lines of a source, read when they are asked for.
class Sources {
 public:
  const std::vector<std::string>& of(const std::string& file) {
    const auto known = lines_.find(file);
    if (known != lines_.end()) return known->second;
    std::vector<std::string>& lines = lines_[file];
    std::ifstream stream(file);
    for (std::string line; std::getline(stream, line);) lines.push_back(line);
    return lines;
  }
  /// Without indentation; empty past the end.
  std::string text(const CoveragePoint& point) {
    const std::vector<std::string>& lines = of(point.file);
    if (point.line == 0 || point.line > lines.size()) return "";
    const std::string& line = lines[point.line - 1];
    const std::size_t begin = line.find_first_not_of(" \t");
    return begin == std::string::npos ? "" : line.substr(begin);
  }

 private:
  std::map<std::string, std::vector<std::string>> lines_;
};

/// How reports and waivers name a point. The text of the line, not its number: that changes.
std::string name_of(const CoveragePoint& point, Sources& sources) {
  const std::string file = std::filesystem::path(point.file).filename().string();
  if (point.kind == CoveragePoint::Kind::toggle) return file + ": " + point.what;
  return file + ": " + point.what + ": " + sources.text(point);
}

/// Waivers of one block, and which of them were of use.
class WaiversOfBlock {
 public:
  WaiversOfBlock(const std::string& block, const std::vector<Waiver>& all) {
    for (const Waiver& waiver : all) {
      if (matches(waiver.block, block)) waivers_.push_back(&waiver);
    }
  }
  bool waives(const std::string& kind, const std::string& name) {
    bool found = false;
    for (const Waiver* waiver : waivers_) {
      if (waiver->kind != kind || !matches(waiver->what, name)) continue;
      used_.insert(waiver);
      found = true;
    }
    return found;
  }
  std::vector<std::string> stale() const {
    std::vector<std::string> list;
    for (const Waiver* waiver : waivers_) {
      // One of several blocks may be in use for another.
      if (used_.count(waiver) == 0 && waiver->block.find('*') == std::string::npos) {
        list.push_back(
            fmt::format("waivers.txt:{}: {} {}", waiver->line, waiver->kind, waiver->what));
      }
    }
    return list;
  }

 private:
  std::vector<const Waiver*> waivers_;
  std::set<const Waiver*> used_;
};

void count(Covered& covered, bool hit, const std::string& kind, const std::string& name,
           WaiversOfBlock& waivers) {
  if (!hit && waivers.waives(kind, name)) {
    ++covered.waived;
    return;
  }
  ++covered.total;
  covered.hit += hit ? 1 : 0;
  if (!hit) covered.unhit.push_back(name);
}

/// What stands in front of a line: hits of the least hit point, bits that toggled.
struct Annotation {
  std::optional<std::uint64_t> hits;
  std::uint64_t bits = 0, toggled = 0;
};

/// The modules that the checks of other blocks answer for: those of `tops` and all within them. As
/// in tools/mutation, what is in one of them is left to it wherever it is.
std::set<std::string> checked_elsewhere(const std::string& top, const CoverageData& data,
                                        const std::vector<std::string>& tops, Sources& sources) {
  std::map<std::string, std::string> files;
  for (const auto& [point, hits] : data) files.emplace(point.module, point.file);
  std::set<std::string> elsewhere;
  const std::function<void(const std::string&)> leave_out = [&](const std::string& module) {
    if (files.count(module) == 0 || !elsewhere.insert(module).second) return;
    // A line that begins with the name of a module instantiates it.
    for (const std::string& line : sources.of(files[module])) {
      std::istringstream words(line);
      std::string first;
      if (words >> first && first != module) leave_out(first);
    }
  };
  for (const std::string& module : tops) {
    if (module != top) leave_out(module);
  }
  return elsewhere;
}

}  // namespace

std::string top_of(const std::string& block) { return block.substr(0, block.find(':')); }

BlockCoverage block_coverage(const std::string& block, const CoverageData& data,
                             const std::map<std::string, std::uint64_t>& bins,
                             const std::vector<std::string>& tops,
                             const std::vector<Waiver>& waivers) {
  WaiversOfBlock of_block(block, waivers);
  Sources sources;
  BlockCoverage coverage;
  const std::set<std::string> elsewhere = checked_elsewhere(top_of(block), data, tops, sources);
  for (const auto& [point, hits] : data) {
    if (elsewhere.count(point.module) > 0) continue;
    if (point.kind == CoveragePoint::Kind::line) {
      count(coverage.lines, hits > 0, "line", name_of(point, sources), of_block);
    } else {
      count(coverage.toggles, hits >= kHitsOfAToggle, "toggle", name_of(point, sources), of_block);
    }
  }
  for (const auto& [bin, hits] : bins) count(coverage.bins, hits > 0, "bin", bin, of_block);
  coverage.stale_waivers = of_block.stale();
  return coverage;
}

void write_annotated_sources(const CoverageData& data, const std::filesystem::path& folder) {
  std::map<std::string, std::map<std::uint32_t, Annotation>> files;
  for (const auto& [point, hits] : data) {
    Annotation& at = files[point.file][point.line];
    if (point.kind == CoveragePoint::Kind::toggle) {
      ++at.bits;
      at.toggled += hits >= kHitsOfAToggle ? 1 : 0;
    } else {
      at.hits = std::min(at.hits.value_or(hits), hits);
    }
  }
  std::filesystem::create_directories(folder);
  Sources sources;
  for (const auto& [file, annotations] : files) {
    const std::filesystem::path to = folder / std::filesystem::path(file).filename();
    std::ofstream out(to);
    out << "    hits    toggled\n";
    std::uint32_t number = 0;
    for (const std::string& line : sources.of(file)) {
      const auto found = annotations.find(++number);
      const Annotation at = found == annotations.end() ? Annotation() : found->second;
      const std::string toggled = at.bits == 0 ? "" : fmt::format("{}/{}", at.toggled, at.bits);
      const bool missed = (at.hits && *at.hits == 0) || at.toggled < at.bits;
      out << fmt::format("{} {:>6} {:>10}  {}\n", missed ? '!' : ' ',
                         at.hits ? std::to_string(*at.hits) : "", toggled, line);
    }
    if (!out.flush()) throw config::InputError(to.string(), "cannot be written");
  }
}

}  // namespace lutsim::tools
