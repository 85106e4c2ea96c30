// SPDX-License-Identifier: Apache-2.0
#include <google/protobuf/io/coded_stream.h>
#include <google/protobuf/io/zero_copy_stream_impl.h>

#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <unordered_map>

#include "models/config/diagnostics.h"
#include "workloads/trace/import/arguments.h"
#include "workloads/trace/import/chakra.pb.h"
#include "workloads/trace/import/readers.h"

namespace lutsim::workloads {

namespace {

using nlohmann::json;
namespace io = google::protobuf::io;

constexpr double kMicro = 1e-6;
constexpr std::uint32_t kMostMessageBytes = 64u << 20;

/// A list in Python's notation: quotes are single, constants are True, False, None.
json parse_python_list(const std::string& text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    const auto replace = [&](const char* word, const char* by) {
      if (text.compare(i, std::char_traits<char>::length(word), word) != 0) return false;
      out += by;
      i += std::char_traits<char>::length(word);
      return true;
    };
    if (text[i] == '\'') {
      const std::size_t end = text.find('\'', i + 1);
      if (end == std::string::npos) return json(json::value_t::discarded);
      out += json(text.substr(i + 1, end - i - 1)).dump();
      i = end + 1;
    } else if (!replace("True", "true") && !replace("False", "false") && !replace("None", "null") &&
               !replace("-inf", "null") && !replace("inf", "null") && !replace("nan", "null")) {
      out += text[i++];
    }
  }
  return json::parse(out, nullptr, false);
}

/// Messages of a file, each after its length.
class MessageReader {
 public:
  MessageReader(const std::filesystem::path& file, const ReadProgress& progress)
      : file_(file.string()), in_(file, progress), raw_(&in_.stream()) {}

  /// False at the end of the file.
  bool next(google::protobuf::Message& message) {
    io::CodedInputStream coded(&raw_);
    std::uint32_t size = 0;
    if (!coded.ReadVarint32(&size)) {
      if (coded.CurrentPosition() == 0) return false;
      refuse("the length of a message", "the end of the file");
    }
    if (size > kMostMessageBytes) {
      refuse("the length of a message", std::to_string(size) + " bytes");
    }
    const auto limit = coded.PushLimit(static_cast<int>(size));
    if (!message.ParseFromCodedStream(&coded) || coded.BytesUntilLimit() != 0) {
      refuse("message " + std::to_string(count_) + " of " + std::to_string(size) +
                 " bytes, schema 1.0.x of Chakra",
             "something else");
    }
    coded.PopLimit(limit);
    begin_ += static_cast<std::uint64_t>(coded.CurrentPosition());
    ++count_;
    return true;
  }

  [[noreturn]] void refuse(const std::string& expected, const std::string& found) const {
    throw config::InputError(file_, config::at_byte(begin_, expected, found));
  }

 private:
  std::string file_;
  InputStream in_;
  io::IstreamInputStream raw_;
  std::uint64_t begin_ = 0;  ///< of the next message
  std::uint64_t count_ = 0;
};

std::vector<SourceArgument> arguments_of(const chakra::Arguments& text, const MessageReader& reader,
                                         std::uint64_t id) {
  if (text.types().empty()) return {};
  const json values = parse_python_list(text.values()), shapes = parse_python_list(text.shapes()),
             types = parse_python_list(text.types());
  if (!values.is_array() || !shapes.is_array() || !types.is_array()) {
    reader.refuse(
        "lists of values, shapes and types in the node " + std::to_string(id) + " before this byte",
        "another text");
  }
  return read_arguments(values, shapes, types);
}

/// An operator that calls several kernels is cut into pieces "NAME(0)", "NAME(1)", ...: NAME.
std::string whole_name(const std::string& name) {
  const std::size_t open = name.rfind('(');
  if (open == std::string::npos || name.back() != ')' || open + 2 > name.size() - 1) return name;
  const std::string number = name.substr(open + 1, name.size() - open - 2);
  const bool is_piece = number.find_first_not_of("0123456789") == std::string::npos;
  return is_piece ? name.substr(0, open) : name;
}

class NodeCollector {
 public:
  explicit NodeCollector(const MessageReader& reader) : reader_(reader) {}

  void add(const chakra::Node& node) {
    bool is_cpu = true;
    std::int64_t record = 0, thread = 0;
    for (const auto& attribute : node.attr()) {
      if (attribute.name() == "is_cpu_op") is_cpu = attribute.bool_val() || attribute.int32_val();
      if (attribute.name() == "rf_id") record = attribute.int64_val();
      if (attribute.name() == "tid") thread = attribute.int64_val();
    }
    if (is_cpu) return operator_node(node, record, thread);
    // The first of a kernel's data dependencies is the piece that launched it, which may come
    // later.
    kernels_.push_back({node.data_deps_size() > 0 ? node.data_deps(0) : 0, node.name(),
                        static_cast<double>(node.duration_micros()) * kMicro});
  }

  SourceTrace take() {
    for (const Kernel& kernel : kernels_) assign(kernel);
    trace_.has_times = trace_.knows_launches = !kernels_.empty();
    find_passes();
    return std::move(trace_);
  }

 private:
  struct Kernel {
    std::uint64_t launched_by;
    std::string name;
    double seconds;
  };
  struct Origin {
    std::uint64_t node;
    std::int64_t thread;
  };

  /// All pieces of an operator have its record id.
  void operator_node(const chakra::Node& node, std::int64_t record, std::int64_t thread) {
    const std::string name = whole_name(node.name());
    const auto [piece, is_new] =
        by_record_.emplace(name + '#' + std::to_string(record), trace_.operators.size());
    index_of_.emplace(node.id(), piece->second);
    if (!is_new) return;
    SourceOperator op;
    op.name = name;
    op.inputs = arguments_of(node.inputs(), reader_, node.id());
    op.outputs = arguments_of(node.outputs(), reader_, node.id());
    trace_.operators.push_back(std::move(op));
    origins_.push_back({node.id(), thread});
  }

  void assign(const Kernel& kernel) {
    const auto op = index_of_.find(kernel.launched_by);
    if (op == index_of_.end()) {
      KernelTotals& totals = trace_.without_operator[kernel.name];
      ++totals.kernels;
      totals.seconds += kernel.seconds;
      return;
    }
    ++trace_.operators[op->second].kernels;
    trace_.operators[op->second].kernel_s += kernel.seconds;
  }

  /// Autograd has a thread of its own, on which operators called "..._backward" run. What other
  /// threads do after its last operator is the optimiser.
  void find_passes() {
    std::set<std::int64_t> threads;
    for (std::size_t i = 0; i < origins_.size(); ++i) {
      const bool is_backward = trace_.operators[i].name.find("_backward") != std::string::npos;
      if (is_backward) threads.insert(origins_[i].thread);
    }
    std::uint64_t last = std::numeric_limits<std::uint64_t>::max();
    for (std::size_t i = 0; i < origins_.size(); ++i) {
      if (threads.count(origins_[i].thread) == 0) continue;
      trace_.operators[i].pass = Pass::backward;
      last = last == std::numeric_limits<std::uint64_t>::max() ? origins_[i].node
                                                               : std::max(last, origins_[i].node);
    }
    for (std::size_t i = 0; i < origins_.size(); ++i) {
      if (trace_.operators[i].pass == Pass::forward && origins_[i].node > last) {
        trace_.operators[i].pass = Pass::optimizer;
      }
    }
  }

  const MessageReader& reader_;
  SourceTrace trace_;
  std::vector<Origin> origins_;  ///< of the operators
  std::vector<Kernel> kernels_;
  std::unordered_map<std::uint64_t, std::size_t> index_of_;  ///< by node id
  std::unordered_map<std::string, std::size_t> by_record_;
};

}  // namespace

SourceTrace read_chakra(const std::filesystem::path& file, const ReadProgress& progress) {
  MessageReader reader(file, progress);
  chakra::Metadata metadata;
  if (!reader.next(metadata)) reader.refuse("the metadata of a Chakra trace", "an empty file");
  NodeCollector collector(reader);
  for (chakra::Node node; reader.next(node); node.Clear()) collector.add(node);
  SourceTrace trace = collector.take();
  trace.format = "chakra";
  return trace;
}

}  // namespace lutsim::workloads
