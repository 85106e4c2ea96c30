// SPDX-License-Identifier: Apache-2.0
#include "workloads/trace/trace_json.h"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <limits>
#include <sstream>
#include <system_error>
#include <type_traits>

#include "workloads/trace/json_object.h"

namespace lutsim::workloads {

namespace {

using nlohmann::json;

/// Version 1 describes Llamas. Version 2 has the same keys and more, version 3 also what a profiler
/// measured.
constexpr const char* kSchema1 = "lutsim.trace/1";
constexpr const char* kSchema2 = "lutsim.trace/2";
constexpr const char* kSchema3 = "lutsim.trace/3";
constexpr std::uint64_t kMaxUint32 = std::numeric_limits<std::uint32_t>::max();

std::string quoted(const std::string& text) { return json(text).dump(); }

/// Writes `"key": value` pairs with commas between them.
class PairPrinter {
 public:
  explicit PairPrinter(std::ostream& out) : out_(out) { out_ << '{'; }
  ~PairPrinter() { out_ << '}'; }
  PairPrinter(const PairPrinter&) = delete;
  PairPrinter& operator=(const PairPrinter&) = delete;

  void pair(const char* key, const json& value) { begin(key) << value.dump(); }

  template <class Number>
  void list(const char* key, const std::vector<Number>& values) {
    begin(key) << '[';
    for (std::size_t i = 0; i < values.size(); ++i) out_ << (i == 0 ? "" : ", ") << values[i];
    out_ << ']';
  }

 private:
  std::ostream& begin(const char* key) {
    out_ << (first_ ? "" : ", ") << '"' << key << "\": ";
    first_ = false;
    return out_;
  }

  std::ostream& out_;
  bool first_ = true;
};

/// Optional fields that have their default are left out.
void print(const models::ModelShape& model, std::ostream& out) {
  PairPrinter printer(out);
  const models::ModelShape plain;
  spec::for_each_field<models::ModelShape>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    const Value& value = model.*f.member;
    if (f.optional && value == plain.*f.member) return;
    if constexpr (std::is_enum_v<Value>) {
      printer.pair(f.key, spec::to_string_of(value));
    } else {
      printer.pair(f.key, value);
    }
  });
}

void print(const Tensor& tensor, std::ostream& out) {
  PairPrinter printer(out);
  printer.pair("name", tensor.name);
  printer.list("shape", tensor.shape);
  printer.pair("role", spec::to_string_of(tensor.role));
  if (tensor.role == TensorRole::weight && tensor.weight.is_bcq()) {
    printer.pair("weight_bits", tensor.weight.weight_bits);
    printer.pair("group_size", tensor.weight.group_size);
    printer.pair("has_offset", tensor.weight.has_offset);
    if (tensor.weight.code.is_coded()) {
      json code;
      spec::for_each_field<PlaneCode>(
          [&](const auto& f) { code[f.key] = tensor.weight.code.*f.member; });
      printer.pair("code", code);
    }
  } else {
    printer.pair("format", spec::to_string_of(tensor.format));
  }
}

void print(const Operator& op, std::ostream& out) {
  PairPrinter printer(out);
  printer.pair("kind", spec::to_string_of(op.kind));
  printer.pair("name", op.name);
  printer.pair("phase", spec::to_string_of(op.phase));
  printer.pair("request", op.request);
  printer.pair("step", op.step);
  printer.pair("layer", op.layer);
  printer.pair("batch", op.batch);
  spec::for_each_field<Operator>([&](const auto& f) {
    if (!uses_size(op.kind, f.key) || (f.optional && op.*f.member == 0)) return;
    printer.pair(f.key, op.*f.member);
  });
  if (!op.groups.empty()) {
    json runs = json::array();
    for (const GroupRows& run : op.groups) runs.push_back({run.first, run.count, run.rows});
    printer.pair("groups", runs);
  }
  printer.list("inputs", op.inputs);
  printer.list("outputs", op.outputs);
  printer.list("depends_on", op.depends_on);
}

void print(const MeasuredTimes& measured, std::ostream& out) {
  PairPrinter printer(out);
  printer.pair("source", measured.source);
  printer.pair("device", measured.device);
  printer.pair("precision", measured.precision);
  printer.pair("kernels", measured.kernels);
  printer.pair("kernel_s", measured.kernel_s);
  printer.pair("span_s", measured.span_s);
  json kinds = json::array();
  for (const MeasuredKind& k : measured.kinds) {
    kinds.push_back({{"kind", k.kind}, {"kernels", k.kernels}, {"seconds", k.seconds}});
  }
  printer.pair("kinds", kinds);
}

template <class Item>
void print_lines(const char* key, const std::vector<Item>& items, std::ostream& out) {
  out << '"' << key << "\": [";
  for (std::size_t i = 0; i < items.size(); ++i) {
    out << (i == 0 ? "\n" : ",\n");
    print(items[i], out);
  }
  out << "\n]";
}

models::ModelShape read_model(JsonObject object) {
  models::ModelShape model;
  spec::for_each_field<models::ModelShape>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    auto& value = model.*f.member;
    if (f.optional && !object.contains(f.key)) return;
    if constexpr (std::is_enum_v<Value>) {
      value = object.enumerator<Value>(f.key);
    } else if constexpr (std::is_same_v<Value, std::string>) {
      value = object.string(f.key);
    } else if constexpr (std::is_same_v<Value, bool>) {
      value = object.boolean(f.key);
    } else if constexpr (std::is_same_v<Value, double>) {
      value = object.number(f.key, f.min, f.max);
    } else {
      value = static_cast<Value>(object.integer(f.key, static_cast<std::uint64_t>(f.min),
                                                static_cast<std::uint64_t>(f.max)));
    }
  });
  object.finish();
  return model;
}

PlaneCode read_code(JsonObject object) {
  PlaneCode code;
  spec::for_each_field<PlaneCode>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    if (f.optional && !object.contains(f.key)) return;
    code.*f.member = static_cast<Value>(object.integer(f.key, 0, kMaxUint32));
  });
  if (code.n_in == 0) object.report("n_in", "expected at least 1");
  if (code.n_out == 0) object.report("n_out", "expected at least 1");
  if (code.mask_bits > 1) object.report("mask_bits", "expected 0 or 1");
  object.finish();
  return code;
}

MeasuredTimes read_measured(JsonObject object, JsonErrors& errors) {
  constexpr double kMostSeconds = 1e9;
  MeasuredTimes measured;
  measured.source = object.string("source");
  measured.device = object.string("device");
  measured.precision = object.string("precision");
  measured.kernels = object.integer("kernels", 1);
  measured.kernel_s = object.number("kernel_s", 0, kMostSeconds);
  measured.span_s = object.number("span_s", 0, kMostSeconds);
  if (measured.kernel_s <= 0 || measured.span_s <= 0)
    object.report("kernel_s", "expected times of kernels above 0");
  const json& kinds = object.array("kinds");
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    JsonObject entry(kinds[i], object.pointer_to("kinds/" + std::to_string(i)), errors);
    MeasuredKind kind;
    kind.kind = entry.string("kind");
    kind.kernels = entry.integer("kernels", 0);
    kind.seconds = entry.number("seconds", 0, kMostSeconds);
    entry.finish();
    measured.kinds.push_back(std::move(kind));
  }
  object.finish();
  return measured;
}

Tensor read_tensor(JsonObject object, JsonErrors& errors) {
  Tensor tensor;
  tensor.name = object.string("name");
  tensor.shape = object.integers("shape", 1, kMaxUint32);
  tensor.role = object.enumerator<TensorRole>("role");
  if (tensor.role == TensorRole::weight && object.contains("weight_bits")) {
    tensor.weight.weight_bits = static_cast<std::uint32_t>(object.integer("weight_bits", 1, 8));
    tensor.weight.group_size =
        static_cast<std::uint32_t>(object.integer("group_size", 1, kMaxUint32));
    tensor.weight.has_offset = object.boolean("has_offset");
    if (object.contains("code")) {
      tensor.weight.code =
          read_code(JsonObject(object.object("code"), object.pointer_to("code"), errors));
    }
    if (tensor.shape.size() != 2)
      object.report("shape", "expected [K, N], the shape of a BCQ weight");
  } else {
    tensor.format = object.enumerator<spec::NumberFormat>("format");
    if (tensor.role == TensorRole::weight)
      tensor.weight = {spec::width_bits(tensor.format), 0, false, {}};
  }
  object.finish();
  return tensor;
}

/// Ids below `end` of the array at `key`.
std::vector<std::uint32_t> read_ids(JsonObject& object, const char* key, std::size_t end,
                                    const std::string& what) {
  std::vector<std::uint32_t> ids;
  const std::vector<std::uint64_t> numbers = object.integers(key, 0, kMaxUint32);
  for (const std::uint64_t id : numbers) {
    if (id < end) {
      ids.push_back(static_cast<std::uint32_t>(id));
    } else {
      object.report(key, "id " + std::to_string(id) + what);
    }
  }
  return ids;
}

/// One run of groups, [first, count, rows].
GroupRows read_group(const json& value) {
  GroupRows run;
  if (!value.is_array() || value.size() != 3) return run;
  for (const json& number : value) {
    if (!number.is_number_unsigned() || number.get<std::uint64_t>() > kMaxUint32) return run;
  }
  run.first = value[0].get<std::uint32_t>();
  run.count = value[1].get<std::uint32_t>();
  run.rows = value[2].get<std::uint64_t>();
  return run;
}

/// The runs of a grouped operator: ascending, of at least one row, m rows in all.
std::vector<GroupRows> read_groups(JsonObject& object, std::uint64_t m) {
  std::vector<GroupRows> groups;
  std::uint64_t next = 0, rows = 0;
  for (const json& value : object.array("groups")) {
    const GroupRows run = read_group(value);
    if (run.count == 0 || run.rows == 0 || run.first < next) {
      object.report("groups",
                    "expected ascending runs [first, count, rows], found " + value.dump());
      return groups;
    }
    next = std::uint64_t{run.first} + run.count;
    rows += run.count * run.rows;
    groups.push_back(run);
  }
  if (rows != m) {
    object.report("groups", "expected m = " + std::to_string(m) + " rows in all, found " +
                                std::to_string(rows));
  }
  return groups;
}

/// The weight of a grouped operator has columns for all of its groups.
void check_group_weight(JsonObject& object, const Operator& op,
                        const std::vector<Tensor>& tensors) {
  if (op.groups.empty()) return;
  const std::uint64_t needed =
      (std::uint64_t{op.groups.back().first} + op.groups.back().count) * op.n;
  if (op.inputs.size() < 2 || tensors[op.inputs[1]].shape.empty()) {
    object.report("inputs", "expected a weight as the second input of a grouped operator");
  } else if (tensors[op.inputs[1]].shape.back() < needed) {
    object.report("groups", "reach column " + std::to_string(needed) + " of " +
                                tensors[op.inputs[1]].name + ", which has " +
                                std::to_string(tensors[op.inputs[1]].shape.back()));
  }
}

Operator read_operator(JsonObject object, std::size_t index, const std::vector<Tensor>& tensors) {
  Operator op;
  op.kind = object.enumerator<OperatorKind>("kind");
  op.name = object.string("name");
  op.phase = object.enumerator<Phase>("phase");
  op.request = static_cast<std::uint32_t>(object.integer("request", 0, kMaxUint32));
  op.step = static_cast<std::uint32_t>(object.integer("step", 0, kMaxUint32));
  op.layer = static_cast<std::uint32_t>(object.integer("layer", 0, kMaxUint32));
  op.batch = static_cast<std::uint32_t>(object.integer("batch", 1, kMaxUint32));
  spec::for_each_field<Operator>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    if (!uses_size(op.kind, f.key) || (f.optional && !object.contains(f.key))) return;
    const std::uint64_t least = std::string_view(f.key) == "position" ? 0 : 1;
    op.*f.member = static_cast<Value>(object.integer(f.key, least, kMaxUint32));
  });
  if (op.m % op.batch != 0) {
    object.report("m", "expected a multiple of batch = " + std::to_string(op.batch) + ", found " +
                           std::to_string(op.m));
  }
  const std::string dangling =
      " names no tensor: the trace has " + std::to_string(tensors.size()) + " tensors";
  const bool has_groups = op.kind == OperatorKind::matmul || op.kind == OperatorKind::bias_add;
  if (has_groups && object.contains("groups")) op.groups = read_groups(object, op.m);
  op.inputs = read_ids(object, "inputs", tensors.size(), dangling);
  op.outputs = read_ids(object, "outputs", tensors.size(), dangling);
  check_group_weight(object, op, tensors);
  op.depends_on =
      read_ids(object, "depends_on", index,
               " is not an earlier operator: this is operator " + std::to_string(index));
  object.finish();
  return op;
}

/// True for what only version 2 and later can say: what differs from a Llama.
bool is_version_2(const OperatorTrace& trace) {
  bool differs = false;
  const models::ModelShape plain;
  spec::for_each_field<models::ModelShape>([&](const auto& f) {
    differs = differs || (f.optional && trace.model.*f.member != plain.*f.member);
  });
  const auto is_new = [](const Operator& op) {
    using K = OperatorKind;
    constexpr K kVersion1[] = {K::embedding, K::rms_norm,        K::matmul,
                               K::rope,      K::kv_append,       K::attention_score,
                               K::softmax,   K::attention_value, K::silu_multiply,
                               K::add,       K::sample};
    return std::find(std::begin(kVersion1), std::end(kVersion1), op.kind) == std::end(kVersion1) ||
           !op.groups.empty() || op.window > 0 || op.rotary_dim > 0;
  };
  differs = differs || std::any_of(trace.tensors.begin(), trace.tensors.end(),
                                   [](const Tensor& t) { return t.weight.code.is_coded(); });
  return differs || std::any_of(trace.operators.begin(), trace.operators.end(), is_new);
}

void check_schema(const json& root, const std::string& file) {
  const auto schema = root.is_object() ? root.find("schema") : root.end();
  if (!root.is_object() || schema == root.end() || !schema->is_string()) {
    throw config::InputError(file, std::string("not a trace: expected the key schema with ") +
                                       kSchema1 + ", " + kSchema2 + " or " + kSchema3);
  }
  const auto& name = schema->get_ref<const std::string&>();
  if (name != kSchema1 && name != kSchema2 && name != kSchema3) {
    throw config::InputError(file, "trace of schema " + name + ", this program reads " + kSchema1 +
                                       ", " + kSchema2 + " and " + kSchema3);
  }
}

const char* schema_of(const OperatorTrace& trace) {
  if (trace.measured) return kSchema3;
  return is_version_2(trace) ? kSchema2 : kSchema1;
}

void check_names(const OperatorTrace& trace, JsonErrors& errors) {
  std::vector<std::string> names;
  names.reserve(trace.tensors.size());
  for (const Tensor& tensor : trace.tensors) names.push_back(tensor.name);
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end()) errors.add("/tensors", "two tensors are called '" + *twice + "'");
}

/// The operators that append to a cache say how many elements a head has.
void take_cache_heads(OperatorTrace& trace, JsonErrors& errors) {
  for (std::size_t i = 0; i < trace.operators.size(); ++i) {
    const Operator& op = trace.operators[i];
    if (op.kind != OperatorKind::kv_append || op.outputs.empty()) continue;
    Tensor& cache = trace.tensors[op.outputs.front()];
    cache.kv_head_dim = op.head_dim;
    if (cache.shape.empty() || cache.shape.back() % op.head_dim != 0) {
      errors.add("/operators/" + std::to_string(i) + "/head_dim",
                 "expected one that divides a row of " + cache.name);
    }
  }
}

}  // namespace

void print_trace(const OperatorTrace& trace, std::ostream& out) {
  out << "{\"schema\": " << quoted(schema_of(trace)) << ",\n\"model\": ";
  print(trace.model, out);
  out << ",\n\"batch\": " << trace.batch << ", \"cached_tokens\": " << trace.cached_tokens
      << ", \"prompt_tokens\": " << trace.prompt_tokens
      << ", \"generated_tokens\": " << trace.generated_tokens << ",\n";
  if (trace.measured) {
    out << "\"measured\": ";
    print(*trace.measured, out);
    out << ",\n";
  }
  print_lines("tensors", trace.tensors, out);
  out << ",\n";
  print_lines("operators", trace.operators, out);
  out << "}\n";
}

void write_trace(const OperatorTrace& trace, const std::filesystem::path& path) {
  std::filesystem::path unfinished = path;
  unfinished += ".unfinished";
  std::error_code error;
  {
    std::ofstream out(unfinished, std::ios::binary);
    print_trace(trace, out);
    out.close();
    if (!out) {
      std::filesystem::remove(unfinished, error);
      throw config::InputError(path.string(), "cannot be written");
    }
  }
  std::filesystem::rename(unfinished, path, error);
  if (error) {
    std::error_code ignored;
    std::filesystem::remove(unfinished, ignored);
    throw config::InputError(path.string(), "cannot be written: " + error.message());
  }
}

OperatorTrace parse_trace(std::string_view text, const std::string& file) {
  const json root = parse_strict_json(text, file);
  check_schema(root, file);
  JsonErrors errors(file);
  JsonObject object(root, "", errors);
  OperatorTrace trace;
  object.string("schema");
  trace.model = read_model(JsonObject(object.object("model"), "/model", errors));
  trace.batch = static_cast<std::uint32_t>(object.integer("batch", 1, kMaxUint32));
  trace.cached_tokens = static_cast<std::uint32_t>(object.integer("cached_tokens", 0, kMaxUint32));
  trace.prompt_tokens = static_cast<std::uint32_t>(object.integer("prompt_tokens", 0, kMaxUint32));
  trace.generated_tokens =
      static_cast<std::uint32_t>(object.integer("generated_tokens", 1, kMaxUint32));
  if (root.at("schema") == kSchema3 && object.contains("measured")) {
    trace.measured =
        read_measured(JsonObject(object.object("measured"), "/measured", errors), errors);
  }
  const json& tensors = object.array("tensors");
  for (std::size_t i = 0; i < tensors.size(); ++i) {
    trace.tensors.push_back(
        read_tensor(JsonObject(tensors[i], "/tensors/" + std::to_string(i), errors), errors));
  }
  check_names(trace, errors);
  const json& operators = object.array("operators");
  for (std::size_t i = 0; i < operators.size(); ++i) {
    trace.operators.push_back(read_operator(
        JsonObject(operators[i], "/operators/" + std::to_string(i), errors), i, trace.tensors));
  }
  object.finish();
  errors.throw_if_any();
  take_cache_heads(trace, errors);
  errors.throw_if_any();
  return trace;
}

OperatorTrace read_trace(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw config::InputError(path.string(), "cannot be opened");
  std::ostringstream text;
  text << in.rdbuf();
  return parse_trace(text.str(), path.string());
}

}  // namespace lutsim::workloads
