// SPDX-License-Identifier: Apache-2.0
#include "workloads/llm/shape_library.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <map>
#include <string_view>

#include "models/config/data_root.h"
#include "models/config/diagnostics.h"
#include "workloads/llm/csv.h"

namespace lutsim::workloads {

namespace {

constexpr const char* kTable = "workloads/llm/models.csv";
constexpr std::string_view kRopePrefix = "RoPE(base=";
constexpr std::string_view kHuggingFaceSuffix = "-hf";
constexpr double kBillion = 1e9;

/// One line of the table, by column.
class Row {
 public:
  Row(const std::vector<std::string>& columns, const std::string& line, std::string file,
      std::uint32_t line_number)
      : file_(std::move(file)), line_number_(line_number) {
    const std::vector<std::string> fields = split_csv_line(line);
    if (fields.size() != columns.size()) {
      fail("expected " + std::to_string(columns.size()) + " columns, found " +
           std::to_string(fields.size()));
    }
    for (std::size_t i = 0; i < columns.size(); ++i) fields_[columns[i]] = fields[i];
  }

  const std::string& text(const std::string& column) const {
    const auto field = fields_.find(column);
    if (field == fields_.end()) fail("the table has no column '" + column + "'");
    return field->second;
  }

  /// The integer in a column; 0 when it is empty.
  std::uint32_t integer(const std::string& column) const {
    return number<std::uint32_t>(text(column), column);
  }
  double real(const std::string& column) const { return number<double>(text(column), column); }

  template <class Number>
  Number number(std::string_view digits, const std::string& column) const {
    Number value = 0;
    if (digits.empty()) return value;
    const auto end = digits.data() + digits.size();
    const auto parsed = std::from_chars(digits.data(), end, value);
    if (parsed.ec != std::errc{} || parsed.ptr != end)
      fail(column + ": expected a number, found '" + std::string(digits) + "'");
    return value;
  }

  bool notes_have(const char* word) const { return text("notes").find(word) != std::string::npos; }

 private:
  [[noreturn]] void fail(const std::string& message) const {
    config::Diagnostic diagnostic;
    diagnostic.file = file_;
    diagnostic.line = line_number_;
    diagnostic.column = 1;
    diagnostic.message = message;
    throw config::InputError({diagnostic});
  }

  std::string file_;
  std::uint32_t line_number_;
  std::map<std::string, std::string> fields_;
};

bool has_plain_rope(const Row& row) {
  return std::string_view(row.text("position")).substr(0, kRopePrefix.size()) == kRopePrefix;
}

/// What the operators of models::OperatorKind cannot express. A sliding window that is as long as
/// max_context has no effect and is none.
std::vector<std::string> missing_features(const Row& row) {
  std::vector<std::string> missing;
  if (row.integer("experts") > 0) missing.emplace_back("mixture of experts");
  if (row.notes_have("MLA")) missing.emplace_back("latent attention");
  if (row.notes_have("qk-norm")) missing.emplace_back("norms of queries and keys");
  if (row.notes_have("bias")) missing.emplace_back("biases");
  if (row.notes_have("attn sinks")) missing.emplace_back("attention sinks");
  if (row.text("norm") != "RMSNorm") missing.push_back(row.text("norm"));
  if (row.text("activation") != "SiLU") missing.push_back(row.text("activation"));
  if (row.text("ffn_kind") != "gated") missing.emplace_back("a feed-forward layer without gate");
  if (!has_plain_rope(row)) missing.push_back(row.text("position") + " positions");
  return missing;
}

PublishedModel read_model(const Row& row) {
  PublishedModel model;
  models::ModelShape& shape = model.shape;
  shape.name = row.text("model");
  shape.layers = row.integer("layers");
  shape.hidden = row.integer("hidden");
  shape.heads = row.integer("heads");
  shape.kv_heads = row.integer("kv_heads");
  shape.head_dim = row.integer("head_dim");
  shape.ffn = row.integer("ffn");
  shape.vocab = row.integer("vocab_rows");
  shape.max_context = row.integer("max_context");
  shape.tied_embedding = row.integer("tied_embedding") != 0;
  if (has_plain_rope(row)) {
    std::string_view base = row.text("position");
    base.remove_prefix(kRopePrefix.size());
    shape.rope_base = row.number<double>(base.substr(0, base.find(')')), "position");
  }
  model.matrix_parameters = row.real("params_B_computed_no_bias") * kBillion;
  model.missing = missing_features(row);
  return model;
}

std::string folded(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  const std::size_t kept = name.size() - std::min(name.size(), kHuggingFaceSuffix.size());
  if (name.compare(kept, std::string::npos, kHuggingFaceSuffix) == 0) name.resize(kept);
  return name;
}

}  // namespace

std::vector<PublishedModel> read_models(const std::filesystem::path& csv) {
  std::ifstream in(csv);
  if (!in) throw config::InputError(csv.string(), "cannot be opened");
  std::string line;
  std::getline(in, line);
  const std::vector<std::string> columns = split_csv_line(line);
  std::vector<PublishedModel> models;
  for (std::uint32_t number = 2; std::getline(in, line); ++number) {
    if (!line.empty()) models.push_back(read_model(Row(columns, line, csv.string(), number)));
  }
  return models;
}

const std::vector<PublishedModel>& published_models() {
  static const std::vector<PublishedModel> models = read_models(config::data_root() / kTable);
  return models;
}

std::vector<std::string> list_models() {
  std::vector<std::string> names;
  for (const PublishedModel& model : published_models()) {
    if (model.missing.empty()) names.push_back(model.shape.name);
  }
  return names;
}

models::ModelShape find_shape(const std::string& name) {
  std::vector<std::string> names;
  for (const PublishedModel& model : published_models()) {
    names.push_back(model.shape.name);
    if (folded(model.shape.name) != folded(name)) continue;
    if (model.missing.empty()) return model.shape;
    throw config::InputError(name,
                             "model " + model.shape.name + " needs " +
                                 config::comma_list(model.missing) +
                                 ", which the trace does not describe yet",
                             "models that it describes: " + config::comma_list(list_models()));
  }
  throw config::InputError(name, "no such model", config::did_you_mean(name, names));
}

std::uint64_t parameter_count(const models::ModelShape& shape) {
  const std::uint64_t hidden = shape.hidden;
  const std::uint64_t attention = hidden * (2 * shape.q_dim() + 2 * shape.kv_dim());
  const std::uint64_t feed_forward = 3 * hidden * shape.ffn;
  const std::uint64_t norms = 2 * hidden;
  const std::uint64_t tables = (shape.tied_embedding ? 1 : 2) * hidden * shape.vocab;
  return shape.layers * (attention + feed_forward + norms) + hidden + tables;
}

}  // namespace lutsim::workloads
