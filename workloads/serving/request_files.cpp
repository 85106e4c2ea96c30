// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/request_files.h"

#include <algorithm>
#include <charconv>
#include <ctime>
#include <fstream>
#include <nlohmann/json.hpp>

#include "models/config/diagnostics.h"
#include "workloads/llm/csv.h"

namespace lutsim::workloads {

namespace {

namespace fs = std::filesystem;

constexpr const char* kAzureHeader = "TIMESTAMP,ContextTokens,GeneratedTokens";
constexpr double kNanosecond = 1e-9;
constexpr std::uint32_t kLargestCount = 1u << 24;

[[noreturn]] void refuse(const fs::path& file, std::size_t line, const std::string& what) {
  throw config::InputError(file.string() + ":" + std::to_string(line), what);
}

std::ifstream open(const fs::path& file) {
  std::ifstream in(file);
  if (!in) throw config::InputError(file.string(), "cannot be read");
  return in;
}

std::uint32_t count_of(const std::string& text, const fs::path& file, std::size_t line) {
  std::uint32_t value = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stop != end || value > kLargestCount)
    refuse(file, line, "'" + text + "' is not a number of tokens");
  return value;
}

/// Seconds of a time stamp with a fraction of any length, in UTC.
double seconds_of(const std::string& text, const fs::path& file, std::size_t line) {
  std::tm time{};
  const char* rest = strptime(text.c_str(), "%Y-%m-%d %H:%M:%S", &time);
  if (rest == nullptr || (*rest != '\0' && *rest != '.'))
    refuse(file, line, "'" + text + "' is not a time like 2023-11-16 18:15:46.68");
  double fraction = 0, place = 1;
  if (*rest == '.') {
    for (++rest; *rest != '\0'; ++rest) {
      if (*rest < '0' || *rest > '9') refuse(file, line, "'" + text + "' is not a time");
      place /= 10;
      fraction += place * (*rest - '0');
    }
  }
  return static_cast<double>(timegm(&time)) + fraction;
}

void sort_by_arrival(std::vector<Request>& requests) {
  std::stable_sort(requests.begin(), requests.end(),
                   [](const Request& a, const Request& b) { return a.arrival_s < b.arrival_s; });
}

}  // namespace

RequestTrace read_azure_csv(const fs::path& file) {
  std::ifstream in = open(file);
  RequestTrace trace{file.stem().string(), file.filename().string(), {}};
  std::string line;
  std::size_t number = 0;
  while (std::getline(in, line)) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (number == 1) {
      if (line != kAzureHeader) refuse(file, 1, std::string("the columns are not ") + kAzureHeader);
      continue;
    }
    if (line.empty()) continue;
    const auto fields = split_csv_line(line);
    if (fields.size() != 3) refuse(file, number, "expected 3 fields");
    Request request;
    request.arrival_s = seconds_of(fields[0], file, number);
    request.prompt_tokens = count_of(fields[1], file, number);
    request.output_tokens = count_of(fields[2], file, number);
    trace.requests.push_back(std::move(request));
  }
  if (trace.requests.empty()) refuse(file, number, "there is no request");
  sort_by_arrival(trace.requests);
  const double first = trace.requests.front().arrival_s;
  for (Request& request : trace.requests) request.arrival_s -= first;
  return trace;
}

RequestTrace read_sharegpt_jsonl(const fs::path& file) {
  std::ifstream in = open(file);
  RequestTrace trace{file.stem().string(), file.filename().string(), {}};
  std::string line;
  for (std::size_t number = 1; std::getline(in, line); ++number) {
    if (line.empty()) continue;
    try {
      const auto row = nlohmann::json::parse(line);
      Request request;
      request.arrival_s = kNanosecond * row.at("arrival_time_ns").get<double>();
      request.prompt_tokens = row.at("input_toks");
      request.output_tokens = row.at("output_toks");
      if (row.contains("adapter")) {
        request.adapter = row.at("adapter");
        trace.names_adapters = true;
      }
      if (row.contains("input_tok_ids"))
        request.prompt_ids = row.at("input_tok_ids").get<std::vector<std::uint32_t>>();
      if (!request.prompt_ids.empty() && request.prompt_ids.size() != request.prompt_tokens)
        refuse(file, number, "input_toks is not the number of input_tok_ids");
      trace.requests.push_back(std::move(request));
    } catch (const nlohmann::json::exception& error) {
      refuse(file, number, error.what());
    }
  }
  if (trace.requests.empty()) refuse(file, 1, "there is no request");
  sort_by_arrival(trace.requests);
  return trace;
}

RequestTrace read_requests(const fs::path& file) {
  const std::string end = file.extension().string();
  if (end == ".csv") return read_azure_csv(file);
  if (end == ".jsonl") return read_sharegpt_jsonl(file);
  throw config::InputError(file.string(), "is neither .csv (Azure columns) nor .jsonl (ShareGPT)");
}

}  // namespace lutsim::workloads
