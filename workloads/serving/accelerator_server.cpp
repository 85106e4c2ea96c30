// SPDX-License-Identifier: Apache-2.0
#include "workloads/serving/accelerator_server.h"

#include <algorithm>
#include <cmath>

#include "models/energy/event_energy.h"
#include "workloads/trace/tensor_parallel.h"

namespace lutsim::workloads {

namespace {

constexpr std::uint64_t kCheckEvery = 64;  // iterations
constexpr double kBitsPerByte = 8;

OperatorTrace one_step(const AcceleratorModel& model, std::uint32_t chips) {
  TraceRequest request = model.formats;
  request.batch = 1;
  request.prompt_tokens = 0;
  request.cached_tokens = 1;
  request.generated_tokens = 1;
  return tensor_parallel(build_trace(model.shape, request), chips, 0);
}

struct Stored {
  double weights = 0, scales = 0, cache = 0;
};

/// Of one chip; the cache of the two positions of one_step().
Stored stored(const AcceleratorModel& model, std::uint32_t chips) {
  Stored bytes;
  for (const Tensor& tensor : one_step(model, chips).tensors) {
    const auto size = static_cast<double>(stored_bytes(tensor));
    if (tensor.role == TensorRole::kv_cache) bytes.cache += size;
    if (tensor.role != TensorRole::weight) continue;
    bytes.weights += size;
    if (!tensor.weight.is_bcq()) continue;
    double elements = 1;
    for (const std::uint64_t extent : tensor.shape) elements *= static_cast<double>(extent);
    bytes.scales += size - elements * tensor.weight.weight_bits / kBitsPerByte;
  }
  return bytes;
}

double joules_of(const spec::ArchSpec& arch, const models::EnergyTable& table,
                 models::Event event) {
  try {
    return models::event_joules(event, arch, table);
  } catch (const std::exception&) {
    return NAN;  // an error only if it happens
  }
}

}  // namespace

double scale_bytes(const AcceleratorModel& model, std::uint32_t chips) {
  return stored(model, chips).scales * chips;
}

DeviceMemory accelerator_memory(const AcceleratorOptions& o) {
  const std::uint32_t chips = o.arch.system.chips;
  constexpr double kPositions = 2;
  double weights = 0;
  std::vector<double> cache;
  std::vector<std::uint32_t> context;
  for (const AcceleratorModel& model : o.models) {
    const Stored bytes = stored(model, chips);
    // A switch copies the scales of a task to where the matrices have theirs.
    const std::uint32_t stored_tasks = o.adapters > 1 ? o.adapters : 0;
    weights += chips * (bytes.weights + bytes.scales * stored_tasks);
    cache.push_back(chips * bytes.cache / kPositions);
    context.push_back(model.shape.max_context);
  }
  const double capacity =
      static_cast<double>(spec::capacity_bytes(o.memory, o.arch.memory.channels)) * chips;
  return divide_memory(capacity, weights, o.reserve * capacity, cache, context, o.page_tokens,
                       o.arch.name);
}

AcceleratorServer::AcceleratorServer(const AcceleratorOptions& options,
                                     const models::EnergyTable& table,
                                     std::vector<std::shared_ptr<PointSource>> points,
                                     std::vector<PointCost> switches)
    : points_(std::move(points)), switches_(std::move(switches)) {
  for (std::size_t i = 0; i < models::kEventCount; ++i)
    joules_each_[i] = joules_of(options.arch, table, static_cast<models::Event>(i));
  static_watts_ = models::account(options.arch, table, {}, 1).total;
}

IterationCost AcceleratorServer::execute(const Batch& batch) {
  PointSource& points = *points_[batch.model];
  PointCost cost;
  std::uint64_t context = 0;
  std::uint32_t sequences = 0;
  for (const Slice& slice : batch.slices) {
    if (slice.is_decode()) {
      ++sequences;
      context += slice.start;
    } else {
      cost += points.cost({true, slice.rows, slice.start});
    }
  }
  if (sequences > 0) {
    const auto mean = static_cast<std::uint32_t>((context + sequences / 2) / sequences);
    const PointCost pass = points.cost({false, sequences, std::max(1u, mean)});
    check_context(batch, sequences, pass);
    cost += pass;
  }
  const std::uint32_t moves = adapters_.moves(batch);
  adapter_moves_ += moves;
  if (moves > 0) cost += switches_[batch.model].scaled(moves);

  double joules = static_watts_ * cost.seconds;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (cost.events[i] == 0) continue;
    events_[i] += cost.events[i];
    joules += cost.events[i] * joules_each_[i];
  }
  return {cost.seconds, joules};
}

void AcceleratorServer::check_context(const Batch& batch, std::uint32_t sequences,
                                      const PointCost& at_mean) {
  if (iterations_++ % kCheckEvery != 0) return;
  auto* points = dynamic_cast<InterpolatedPoints*>(points_[batch.model].get());
  if (points == nullptr) return;  // as many simulations as sequences
  double each = 0;
  for (const Slice& slice : batch.slices)
    if (slice.is_decode()) each += points->cost({false, sequences, slice.start}).seconds;
  const double error = std::abs(at_mean.seconds / (each / sequences) - 1);
  ++samples_;
  context_error_ += error;
  largest_context_error_ = std::max(largest_context_error_, error);
}

models::EventCounts AcceleratorServer::events() const {
  models::EventCounts counts;
  for (std::size_t i = 0; i < events_.size(); ++i)
    counts.add(static_cast<models::Event>(i), static_cast<std::uint64_t>(std::llround(events_[i])));
  return counts;
}

}  // namespace lutsim::workloads
