// SPDX-License-Identifier: Apache-2.0
#include <algorithm>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "models/config/diagnostics.h"
#include "workloads/trace/import/json_stream.h"
#include "workloads/trace/import/readers.h"

namespace lutsim::workloads {

namespace {

using nlohmann::json;

constexpr double kMicro = 1e-6;

struct TimedOperator {
  double begin = 0, end = 0;
  std::int64_t thread = 0;
  std::uint64_t external = 0;
  SourceOperator op;
};

struct Kernel {
  double begin = 0, duration = 0;
  std::uint64_t external = 0, correlation = 0;
  std::uint32_t name = 0;
  bool is_copy = false;  ///< of memory, by a copy engine or a fill
};

/// A call of the host that starts something on the GPU.
struct Launch {
  double begin = 0;
  std::uint64_t external = 0, correlation = 0;
  std::string kernel;  ///< empty: the file does not say, or the call launches no single kernel
};

/// What matters of a profile; everything else (Python frames, memory events) is dropped while
/// reading.
struct Profile {
  std::string device;
  std::vector<TimedOperator> operators;
  std::vector<Kernel> kernels;
  std::vector<std::string> kernel_names;
  std::vector<Launch> launches;
};

std::vector<std::uint64_t> shape_of(const json& dims) {
  std::vector<std::uint64_t> shape;
  if (!dims.is_array()) return shape;
  for (const json& d : dims) {
    if (!d.is_number_unsigned()) return {};
    shape.push_back(d.get<std::uint64_t>());
  }
  return shape;
}

class ProfileReader {
 public:
  explicit ProfileReader(std::string file) : file_(std::move(file)) {}

  void event(const json& e, std::size_t index) {
    if (!e.is_object()) refuse(index, "", "expected an object");
    const auto phase = e.find("ph");
    const auto category = e.find("cat");
    if (phase == e.end() || *phase != "X" || category == e.end()) return;
    const std::string cat = category->is_string() ? category->get<std::string>() : "";
    if (cat == "cpu_op") return operator_event(e, index);
    if (cat == "kernel" || cat == "gpu_memcpy" || cat == "gpu_memset") {
      return kernel_event(e, index, cat != "kernel");
    }
    if (cat == "cuda_runtime" || cat == "cuda_driver") launch_event(e, index);
  }

  void other(const std::string& key, const json& value) {
    if (key != "deviceProperties" || !value.is_array() || value.empty()) return;
    const auto name = value[0].is_object() ? value[0].find("name") : value[0].end();
    if (value[0].is_object() && name != value[0].end() && name->is_string()) {
      profile_.device = name->get<std::string>();
    }
  }

  Profile take() { return std::move(profile_); }

 private:
  [[noreturn]] void refuse(std::size_t index, const std::string& key, const std::string& what) {
    throw config::InputError(file_, "/traceEvents/" + std::to_string(index) + key + ": " + what);
  }
  double number(const json& e, const char* key, std::size_t index) {
    const auto found = e.find(key);
    if (found == e.end() || !found->is_number()) {
      refuse(index, std::string("/") + key, "expected a number of microseconds");
    }
    return found->get<double>();
  }
  static std::uint64_t id(const json& args, const char* key) {
    const auto found = args.find(key);
    return found != args.end() && found->is_number_unsigned() ? found->get<std::uint64_t>() : 0;
  }
  const json& args_of(const json& e, std::size_t index) {
    const auto args = e.find("args");
    if (args == e.end() || !args->is_object()) refuse(index, "/args", "expected an object");
    return *args;
  }
  std::string name_of(const json& e, std::size_t index) {
    const auto name = e.find("name");
    if (name == e.end() || !name->is_string()) refuse(index, "/name", "expected a text");
    return name->get<std::string>();
  }

  void operator_event(const json& e, std::size_t index) {
    const json& args = args_of(e, index);
    TimedOperator t;
    t.begin = number(e, "ts", index);
    t.end = t.begin + number(e, "dur", index);
    const auto thread = e.find("tid");
    if (thread != e.end() && thread->is_number_integer()) t.thread = thread->get<std::int64_t>();
    t.external = id(args, "External id");
    t.op.name = name_of(e, index);
    if (id(args, "Fwd thread id") > 0) t.op.pass = Pass::backward;
    read_arguments(args, t.op, index);
    profile_.operators.push_back(std::move(t));
  }

  void read_arguments(const json& args, SourceOperator& op, std::size_t index) {
    const auto dims = args.find("Input Dims");
    const auto types = args.find("Input type");
    const auto values = args.find("Concrete Inputs");
    if (dims == args.end()) return;
    if (!dims->is_array()) refuse(index, "/args/Input Dims", "expected an array of shapes");
    for (std::size_t i = 0; i < dims->size(); ++i) {
      SourceArgument argument;
      argument.shape = shape_of((*dims)[i]);
      if (types != args.end() && i < types->size() && (*types)[i].is_string()) {
        argument.type = (*types)[i].get<std::string>();
      }
      if (values != args.end() && i < values->size() && (*values)[i].is_string()) {
        argument.scalar = (*values)[i].get<std::string>();
      }
      op.inputs.push_back(std::move(argument));
    }
  }

  void kernel_event(const json& e, std::size_t index, bool is_copy) {
    const json& args = args_of(e, index);
    const auto [entry, is_new] =
        names_.emplace(name_of(e, index), static_cast<std::uint32_t>(profile_.kernel_names.size()));
    if (is_new) profile_.kernel_names.push_back(entry->first);
    profile_.kernels.push_back({number(e, "ts", index), number(e, "dur", index),
                                id(args, "External id"), id(args, "correlation"), entry->second,
                                is_copy});
  }

  void launch_event(const json& e, std::size_t index) {
    const auto args = e.find("args");
    if (args == e.end() || !args->is_object()) return;
    Launch launch{number(e, "ts", index), id(*args, "External id"), id(*args, "correlation"), {}};
    const auto kernel = args->find("kernel");
    if (kernel != args->end() && kernel->is_string()) launch.kernel = kernel->get<std::string>();
    profile_.launches.push_back(std::move(launch));
  }

  std::string file_;
  Profile profile_;
  std::unordered_map<std::string, std::uint32_t> names_;
};

Profile read_profile(const std::filesystem::path& file, const ReadProgress& progress) {
  ProfileReader reader(file.string());
  stream_json_array(
      file, "traceEvents", [&](const json& e, std::size_t i) { reader.event(e, i); },
      [&](const std::string& key, const json& value) { reader.other(key, value); }, progress);
  return reader.take();
}

/// Callers from the nesting in time, thread by thread.
void find_parents(std::vector<TimedOperator>& operators) {
  std::sort(operators.begin(), operators.end(), [](const auto& a, const auto& b) {
    return std::tie(a.begin, b.end, a.external) < std::tie(b.begin, a.end, b.external);
  });
  std::unordered_map<std::int64_t, std::vector<std::size_t>> open;
  for (std::size_t i = 0; i < operators.size(); ++i) {
    auto& stack = open[operators[i].thread];
    while (!stack.empty() && operators[stack.back()].end <= operators[i].begin) stack.pop_back();
    SourceOperator& op = operators[i].op;
    if (!stack.empty()) {
      op.parent = stack.back();
      if (operators[op.parent].op.pass == Pass::backward) op.pass = Pass::backward;
    }
    if (op.name.rfind("autograd::engine", 0) == 0) op.pass = Pass::backward;
    if (op.name.rfind("Optimizer.step", 0) == 0) op.pass = Pass::optimizer;
    stack.push_back(i);
  }
}

/// Kernels to the operators that launched them.
class KernelAssignment {
 public:
  KernelAssignment(Profile& profile, SourceTrace& trace) : profile_(profile), trace_(trace) {
    for (std::size_t i = 0; i < profile.operators.size(); ++i) {
      by_external_.emplace(profile.operators[i].external, i);
    }
    for (const Launch& launch : profile.launches) {
      external_of_launch_.emplace(launch.correlation, launch.external);
    }
  }

  void assign() {
    for (const Kernel& k : profile_.kernels) {
      const auto launch = external_of_launch_.find(k.correlation);
      std::uint64_t external = k.external;
      if (external == 0 && launch != external_of_launch_.end()) external = launch->second;
      const auto op = by_external_.find(external);
      const double seconds = k.duration * kMicro;
      if (external != 0 && op != by_external_.end()) {
        profile_.operators[op->second].op.kernel_s += seconds;
        ++profile_.operators[op->second].op.kernels;
      } else if (external == 0 && launch == external_of_launch_.end()) {
        ++trace_.before_profile.kernels;
        trace_.before_profile.seconds += seconds;
        continue;
      } else {
        KernelTotals& totals = trace_.without_operator[profile_.kernel_names[k.name]];
        ++totals.kernels;
        totals.seconds += seconds;
      }
      extend_span(k);
    }
  }

  void finish_span() {
    trace_.has_times = trace_.knows_launches = end_ > begin_;
    trace_.span_s = end_ > begin_ ? (end_ - begin_) * kMicro : 0;
  }

 private:
  void extend_span(const Kernel& k) {
    begin_ = std::min(begin_, k.begin);
    end_ = std::max(end_, k.begin + k.duration);
  }

  Profile& profile_;
  SourceTrace& trace_;
  std::unordered_map<std::uint64_t, std::size_t> by_external_;
  std::unordered_map<std::uint64_t, std::uint64_t> external_of_launch_;
  double begin_ = std::numeric_limits<double>::infinity(), end_ = 0;
};

/// Launches that were captured into a graph: they name a kernel, and it was not executed.
std::vector<const Launch*> captured_launches(const Profile& profile) {
  std::unordered_set<std::uint64_t> executed;
  for (const Kernel& k : profile.kernels) executed.insert(k.correlation);
  std::vector<const Launch*> captured;
  for (const Launch& launch : profile.launches) {
    if (!launch.kernel.empty() && executed.count(launch.correlation) == 0) {
      captured.push_back(&launch);
    }
  }
  std::sort(captured.begin(), captured.end(),
            [](const Launch* a, const Launch* b) { return a->begin < b->begin; });
  return captured;
}

/// The kernels of the first replayed graph that has as many kernels as were captured.
std::vector<const Kernel*> replayed_kernels(const Profile& replay, std::size_t captured) {
  std::map<std::uint64_t, std::vector<const Kernel*>> graphs;
  for (const Kernel& k : replay.kernels) graphs[k.correlation].push_back(&k);
  for (auto& [correlation, kernels] : graphs) {
    if (kernels.size() != captured) continue;
    std::sort(kernels.begin(), kernels.end(),
              [](const Kernel* a, const Kernel* b) { return a->begin < b->begin; });
    return kernels;
  }
  return {};
}

/// Gives the operators of a captured graph the times of a replay: its kernels run in the order of
/// the capture and must have the same names.
void take_replay_times(const std::filesystem::path& file, Profile& capture, const Profile& replay,
                       SourceTrace& trace) {
  const std::vector<const Launch*> launches = captured_launches(capture);
  const std::vector<const Kernel*> kernels = replayed_kernels(replay, launches.size());
  if (launches.empty() || kernels.empty()) {
    throw config::InputError(file.string(), "expected the replay of a graph of " +
                                                std::to_string(launches.size()) +
                                                " kernels, which the other file captures");
  }
  std::unordered_map<std::uint64_t, std::size_t> by_external;
  for (std::size_t i = 0; i < capture.operators.size(); ++i) {
    by_external.emplace(capture.operators[i].external, i);
    capture.operators[i].op.kernels = 0;
    capture.operators[i].op.kernel_s = 0;
  }
  trace.without_operator.clear();
  double begin = std::numeric_limits<double>::infinity(), end = 0;
  for (std::size_t i = 0; i < launches.size(); ++i) {
    const Kernel& k = *kernels[i];
    if (replay.kernel_names[k.name] != launches[i]->kernel) {
      throw config::InputError(file.string(),
                               "kernel " + std::to_string(i) + " of the replayed graph: expected " +
                                   launches[i]->kernel + ", found " + replay.kernel_names[k.name]);
    }
    const auto op = by_external.find(launches[i]->external);
    if (op == by_external.end()) {
      KernelTotals& totals = trace.without_operator[launches[i]->kernel];
      ++totals.kernels;
      totals.seconds += k.duration * kMicro;
    } else {
      capture.operators[op->second].op.kernel_s += k.duration * kMicro;
      ++capture.operators[op->second].op.kernels;
    }
    begin = std::min(begin, k.begin);
    end = std::max(end, k.begin + k.duration);
  }
  trace.has_times = trace.knows_launches = true;
  trace.span_s = (end - begin) * kMicro;
  trace.device = replay.device;
}

}  // namespace

SourceTrace read_kineto(const std::filesystem::path& file, const std::filesystem::path& replay,
                        const ReadProgress& progress) {
  Profile profile = read_profile(file, progress);
  SourceTrace trace;
  trace.format = "kineto";
  trace.device = profile.device;
  find_parents(profile.operators);
  KernelAssignment assignment(profile, trace);
  assignment.assign();
  assignment.finish_span();
  if (!replay.empty()) {
    take_replay_times(replay, profile, read_profile(replay, progress), trace);
  } else {
    std::unordered_map<std::uint64_t, std::size_t> by_external;
    for (std::size_t i = 0; i < profile.operators.size(); ++i) {
      by_external.emplace(profile.operators[i].external, i);
    }
    const std::vector<const Launch*> captured = captured_launches(profile);
    for (const Launch* launch : captured) {
      const auto op = by_external.find(launch->external);
      if (op != by_external.end()) ++profile.operators[op->second].op.captured_kernels;
    }
    // A graph was captured: the few kernels that ran are no measure of it.
    trace.knows_launches = trace.knows_launches || !captured.empty();
    trace.has_times = trace.has_times && captured.size() < profile.kernels.size();
  }
  for (TimedOperator& t : profile.operators) trace.operators.push_back(std::move(t.op));
  return trace;
}

}  // namespace lutsim::workloads
