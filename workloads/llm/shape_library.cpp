// SPDX-License-Identifier: Apache-2.0
#include "workloads/llm/shape_library.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <initializer_list>
#include <map>
#include <sstream>
#include <string_view>
#include <type_traits>
#include <utility>

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

  [[noreturn]] void fail(const std::string& message) const {
    config::Diagnostic diagnostic;
    diagnostic.file = file_;
    diagnostic.line = line_number_;
    diagnostic.column = 1;
    diagnostic.message = message;
    throw config::InputError({diagnostic});
  }

 private:
  std::string file_;
  std::uint32_t line_number_;
  std::map<std::string, std::string> fields_;
};

/// The words of a column and what they stand for.
template <class Value>
using Words = std::initializer_list<std::pair<const char*, Value>>;

template <class Value>
Value word(const Row& row, const char* column, Words<Value> words) {
  std::vector<std::string> known;
  for (const auto& [name, value] : words) {
    if (row.text(column) == name) return value;
    known.emplace_back(name);
  }
  row.fail(std::string(column) + ": unknown '" + row.text(column) +
           "' (one of: " + config::comma_list(known) + ")");
}

/// Reads one KEY=VALUE of the column more_fields.
void read_field(const Row& row, const std::string& text, models::ModelShape& shape) {
  const std::size_t equals = text.find('=');
  const std::string key = text.substr(0, equals);
  const std::string value = equals == std::string::npos ? "true" : text.substr(equals + 1);
  std::vector<std::string> keys;
  bool found = false;
  spec::for_each_field<models::ModelShape>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    if (!f.optional) return;
    keys.emplace_back(f.key);
    if (key != f.key) return;
    found = true;
    Value& member = shape.*f.member;
    if constexpr (std::is_same_v<Value, bool>) {
      if (value != "true" && value != "false") row.fail(key + ": expected true or false");
      member = value == "true";
    } else if constexpr (std::is_enum_v<Value>) {
      std::vector<std::string> names;
      bool known = false;
      for (const auto& e : enum_names(Value{})) {
        names.emplace_back(e.name);
        if (value != e.name) continue;
        member = e.value;
        known = true;
      }
      if (!known) {
        row.fail(key + ": unknown '" + value + "' (one of: " + config::comma_list(names) + ")");
      }
    } else if constexpr (std::is_arithmetic_v<Value>) {
      member = row.number<Value>(value, key);
    }
  });
  if (!found) {
    row.fail("more_fields: no field '" + key + "' (one of: " + config::comma_list(keys) + ")");
  }
}

void read_positions(const Row& row, models::ModelShape& shape) {
  std::string_view position = row.text("position");
  if (position.substr(0, kRopePrefix.size()) == kRopePrefix) {
    position.remove_prefix(kRopePrefix.size());
    shape.rope_base = row.number<double>(position.substr(0, position.find(')')), "position");
    return;
  }
  // YaRN changes the angles, which are tables here, and nothing else.
  shape.positions = word<models::Positions>(row, "position",
                                            {{"RoPE(YaRN)", models::Positions::rotary},
                                             {"learned", models::Positions::learned},
                                             {"ALiBi", models::Positions::alibi}});
}

PublishedModel read_model(const Row& row) {
  using models::Activation;
  using models::NormKind;
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
  shape.gated_ffn = word<bool>(row, "ffn_kind", {{"gated", true}, {"plain", false}});
  shape.norm = word<NormKind>(
      row, "norm", {{"RMSNorm", NormKind::rms_norm}, {"LayerNorm", NormKind::layer_norm}});
  shape.activation = word<Activation>(row, "activation",
                                      {{"SiLU", Activation::silu},
                                       {"ReLU", Activation::relu},
                                       {"GELU", Activation::gelu},
                                       {"GELU(tanh)", Activation::gelu_tanh},
                                       {"SwiGLU(clamped)", Activation::silu_clamped}});
  read_positions(row, shape);
  shape.experts = row.integer("experts");
  shape.experts_per_token = row.integer("experts_per_token");
  shape.shared_experts = row.integer("shared_experts");
  shape.expert_ffn = row.integer("expert_ffn");
  std::istringstream more(row.text("more_fields"));
  for (std::string text; more >> text;) read_field(row, text, shape);
  const std::string problem = models::shape_problem(shape);
  if (!problem.empty()) row.fail(problem);
  model.matrix_parameters = row.real("params_B_computed_no_bias") * kBillion;
  return model;
}

std::string folded(std::string name) {
  for (char& c : name) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  if (!name.empty() && name.back() == ')') name.resize(std::min(name.size(), name.find('(')));
  const std::size_t kept = name.size() - std::min(name.size(), kHuggingFaceSuffix.size());
  if (name.compare(kept, std::string::npos, kHuggingFaceSuffix) == 0) name.resize(kept);
  return name;
}

const PublishedModel* find_model(const std::string& name) {
  for (const PublishedModel& model : published_models()) {
    if (folded(model.shape.name) == folded(name)) return &model;
  }
  return nullptr;
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
  for (const PublishedModel& model : published_models()) names.push_back(model.shape.name);
  return names;
}

std::vector<std::string> model_spellings() {
  std::vector<std::string> names = list_models();
  for (const PublishedModel& model : published_models()) {
    const std::size_t parenthesis = model.shape.name.find('(');
    if (parenthesis != std::string::npos) names.push_back(model.shape.name.substr(0, parenthesis));
  }
  return names;
}

bool is_published(const std::string& name) { return find_model(name) != nullptr; }

models::ModelShape find_shape(const std::string& name) {
  if (const PublishedModel* model = find_model(name)) return model->shape;
  throw config::InputError(name, "no such model", config::did_you_mean(name, model_spellings()));
}

}  // namespace lutsim::workloads
