// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>
#include <utility>

#include "models/config/diagnostics.h"
#include "workloads/trace/import/arguments.h"
#include "workloads/trace/import/json_stream.h"
#include "workloads/trace/import/readers.h"

namespace lutsim::workloads {

namespace {

using nlohmann::json;

struct Node {
  std::uint64_t id = 0, parent = 0;
  SourceOperator op;
};

class NodeReader {
 public:
  explicit NodeReader(std::string file) : file_(std::move(file)) {}

  void node(const json& n, std::size_t index) {
    if (!n.is_object()) refuse(index, "", "expected an object");
    const auto id = n.find("id");
    if (id == n.end() || !id->is_number_unsigned()) refuse(index, "/id", "expected an id");
    const auto name = n.find("name");
    if (name == n.end() || !name->is_string()) refuse(index, "/name", "expected a text");
    Node node;
    node.id = id->get<std::uint64_t>();
    node.op.name = name->get<std::string>();
    node.parent = parent_of(n);
    node.op.inputs = arguments_of(n, "inputs", "input", index);
    node.op.outputs = arguments_of(n, "outputs", "output", index);
    nodes_.push_back(std::move(node));
  }

  /// In the order of their ids: an id is given when an operator begins.
  std::vector<Node> take() {
    std::stable_sort(nodes_.begin(), nodes_.end(),
                     [](const Node& a, const Node& b) { return a.id < b.id; });
    return std::move(nodes_);
  }

 private:
  [[noreturn]] void refuse(std::size_t index, const std::string& key, const std::string& what) {
    throw config::InputError(file_, "/nodes/" + std::to_string(index) + key + ": " + what);
  }
  /// The caller; schemas before 1.0.3 call it `parent`.
  static std::uint64_t parent_of(const json& n) {
    for (const char* key : {"ctrl_deps", "parent"}) {
      const auto found = n.find(key);
      if (found != n.end() && found->is_number_unsigned()) return found->get<std::uint64_t>();
    }
    return 0;
  }
  /// {values, shapes, types}, or before schema 1.0.3 three lists of the node.
  std::vector<SourceArgument> arguments_of(const json& n, const char* key,
                                           const std::string& old_prefix, std::size_t index) {
    const auto found = n.find(key);
    if (found == n.end()) return {};
    static const json kNothing = json::array();
    const auto list = [&](const json& from, const std::string& name) -> const json& {
      const auto it = from.find(name);
      return it == from.end() ? kNothing : *it;
    };
    const bool is_old = found->is_array();
    const json& values = is_old ? *found : list(*found, "values");
    const json& shapes = is_old ? list(n, old_prefix + "_shapes") : list(*found, "shapes");
    const json& types = is_old ? list(n, old_prefix + "_types") : list(*found, "types");
    if (!values.is_array() || !shapes.is_array() || !types.is_array() ||
        shapes.size() != types.size()) {
      refuse(index, std::string("/") + key, "expected as many shapes as types");
    }
    return read_arguments(values, shapes, types);
  }

  std::string file_;
  std::vector<Node> nodes_;
};

Pass own_pass(const std::string& name) {
  if (name.rfind("autograd::engine", 0) == 0) return Pass::backward;
  if (name.rfind("Optimizer.", 0) == 0) return Pass::optimizer;
  return Pass::forward;
}

}  // namespace

SourceTrace read_pytorch_et(const std::filesystem::path& file, const ReadProgress& progress) {
  NodeReader reader(file.string());
  stream_json_array(
      file, "nodes", [&](const json& n, std::size_t i) { reader.node(n, i); },
      [](const std::string&, const json&) {}, progress);
  SourceTrace trace;
  trace.format = "pytorch-et";
  std::unordered_map<std::uint64_t, std::size_t> index_of;
  for (Node& node : reader.take()) {
    SourceOperator op = std::move(node.op);
    op.pass = own_pass(op.name);
    const auto parent = index_of.find(node.parent);
    if (parent != index_of.end() && node.parent != node.id) {
      op.parent = parent->second;
      if (op.pass == Pass::forward) op.pass = trace.operators[op.parent].pass;
    }
    index_of.emplace(node.id, trace.operators.size());
    trace.operators.push_back(std::move(op));
  }
  return trace;
}

}  // namespace lutsim::workloads
