// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/adapter_file.h"

#include <cmath>
#include <utility>

#include "models/config/diagnostics.h"
#include "models/numerics/float_format.h"
#include "workloads/checkpoint/header_fields.h"

namespace lutsim::workloads {
namespace {

using models::AdapterLayer;
using models::ScaleAdapter;
using models::ScaleTable;

/// More than any model has; a header that claims more is refused before anything is read.
constexpr std::uint64_t kMostLayers = 1 << 16;
constexpr std::size_t kFingerprintDigits = 64;

std::string write_header(const ScaleAdapter& adapter) {
  nlohmann::ordered_json header;
  header["schema"] = schema_of(kAdapter, 1);
  header["name"] = adapter.name;
  header["base"] = adapter.base;
  header["layers"] = adapter.layers.size();
  header["recipe"] = write_fields(adapter.recipe);
  header["steps_done"] = adapter.steps_done;
  header["documents"] = adapter.documents;
  return header.dump();
}

/// The number of layers.
std::uint64_t read_header(const ByteReader& file, const std::string& text, ScaleAdapter& adapter) {
  const nlohmann::json json = parse_strict_json(text, file.path());
  JsonErrors errors(file.path());
  JsonObject root(json, "", errors);
  const std::string schema = schema_of(kAdapter, 1);
  if (root.string("schema") != schema) root.report("schema", "expected \"" + schema + "\"");
  adapter.name = root.string("name");
  adapter.base = root.string("base");
  if (adapter.base.size() != kFingerprintDigits ||
      adapter.base.find_first_not_of("0123456789abcdef") != std::string::npos) {
    root.report("base", "expected a SHA-256 as 64 hexadecimal digits");
  }
  const std::uint64_t layers = root.integer("layers", 1, kMostLayers);
  JsonObject recipe(root.object("recipe"), "/recipe", errors);
  read_fields(recipe, adapter.recipe);
  recipe.finish();
  adapter.steps_done =
      static_cast<std::uint32_t>(root.integer("steps_done", 0, adapter.recipe.steps));
  adapter.documents = read_fingerprints(root, "documents");
  root.finish();
  errors.throw_if_any();
  return layers;
}

ScaleTable read_table(ByteReader& file, const std::string& name) {
  ScaleTable table;
  table.groups = file.number<std::uint32_t>(name + ": groups");
  table.n = file.number<std::uint32_t>(name + ": rows");
  const std::uint64_t begin = file.offset();
  table.alpha =
      file.numbers<std::uint16_t>(std::uint64_t{table.groups} * table.n, name + ": scales");
  for (std::size_t i = 0; i < table.alpha.size(); ++i) {
    const float scale = models::fp16_from_bits(table.alpha[i]);
    if (std::isfinite(scale)) continue;
    file.fail(begin + i * sizeof(std::uint16_t), "a finite scale in " + name,
              std::to_string(scale));
  }
  return table;
}

}  // namespace

void save_adapter(const std::filesystem::path& path, const ScaleAdapter& adapter) {
  SealedWriter out(kAdapter, 1, write_header(adapter));
  for (const AdapterLayer& layer : adapter.layers) {
    for (const models::DecoderMatrix id : models::kDecoderMatrices) {
      const ScaleTable& table = matrix_of(layer, id);
      out.number(table.groups);
      out.number(table.n);
      out.numbers(table.alpha);
    }
  }
  out.save(path);
}

ScaleAdapter load_adapter(const std::filesystem::path& path) {
  ByteReader file(path);
  const SealedHeader header = open_sealed(kAdapter, file);
  ScaleAdapter adapter;
  const std::uint64_t layers = read_header(file, header.json, adapter);
  // Names of matrices as traces have them; their shapes do not matter here.
  const auto matrices = decoder_matrices(models::ModelShape{});
  for (std::uint32_t l = 0; l < layers; ++l) {
    AdapterLayer layer;
    for (const auto& m : matrices) {
      matrix_of(layer, m.id) = read_table(file, models::layer_prefix(l) + m.tensor);
    }
    adapter.layers.push_back(std::move(layer));
  }
  close_sealed(file);
  return adapter;
}

models::QuantizedModel apply_adapter(const std::filesystem::path& path, const ScaleAdapter& adapter,
                                     models::QuantizedModel base) {
  try {
    return models::apply(adapter, std::move(base));
  } catch (const spec::SpecError& e) {
    throw config::InputError(path.string(), e.what());
  }
}

}  // namespace lutsim::workloads
