// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/bcq_file.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "models/bcq/bcq_matrix.h"
#include "models/config/diagnostics.h"
#include "models/numerics/float_format.h"
#include "models/transformer/decoder_matrix.h"
#include "workloads/checkpoint/header_fields.h"
#include "workloads/checkpoint/shape_check.h"

namespace lutsim::workloads {
namespace {

using models::BcqMatrix;
using models::Fp16Matrix;
using models::ModelShape;
using models::QuantizationRecipe;
using models::QuantizedLayer;
using models::QuantizedModel;
using nlohmann::ordered_json;

// ---- header -----------------------------------------------------------------------------------

std::string write_header(const QuantizedModel& model, std::uint32_t version,
                         const std::optional<PlaneCoding>& coding) {
  ordered_json header;
  header["schema"] = schema_of(kBcq, version);
  header["model"] = write_fields(model.shape);
  header["recipe"] = write_fields(model.recipe);
  header["recipe"]["layer_bits"] = model.recipe.layer_bits;
  if (!model.recipe.calibration.empty()) {
    header["recipe"]["calibration"] = model.recipe.calibration;
  }
  if (coding) header["code"] = write_fields(coding->code);
  return header.dump();
}

void read_header(const ByteReader& file, const std::string& text, BcqModel& result) {
  QuantizedModel& model = result.model;
  const nlohmann::json json = parse_strict_json(text, file.path());
  JsonErrors errors(file.path());
  JsonObject root(json, "", errors);
  const std::string schema = schema_of(kBcq, result.version);
  if (root.string("schema") != schema) root.report("schema", "expected \"" + schema + "\"");
  JsonObject shape(root.object("model"), "/model", errors);
  read_fields(shape, model.shape);
  shape.finish();
  JsonObject recipe(root.object("recipe"), "/recipe", errors);
  read_fields(recipe, model.recipe);
  for (const std::uint64_t bits : recipe.integers("layer_bits", 1, models::kMaxWeightBits)) {
    model.recipe.layer_bits.push_back(static_cast<std::uint32_t>(bits));
  }
  if (recipe.contains("calibration")) {
    model.recipe.calibration = read_fingerprints(recipe, "calibration");
  }
  recipe.finish();
  if (result.version >= 2 && root.contains("code")) {
    result.coded.emplace();
    JsonObject code(root.object("code"), "/code", errors);
    read_fields(code, result.coded->code);
    code.finish();
  }
  root.finish();
  errors.throw_if_any();
  const std::string error = shape_error(model.shape);
  if (!error.empty()) throw config::InputError(file.path(), "/model: " + error);
  try {
    if (result.coded) validate(result.coded->code);
  } catch (const spec::SpecError& e) {
    throw config::InputError(file.path(), std::string("/code: ") + e.what());
  }
}

// ---- tensors ----------------------------------------------------------------------------------

void write(SealedWriter& out, const Fp16Matrix& matrix) {
  for (std::uint32_t row = 0; row < matrix.n; ++row) {
    for (std::uint32_t col = 0; col < matrix.k; ++col) {
      out.number(models::fp16_bits(matrix.at(row, col)));
    }
  }
}

Fp16Matrix read_fp16(ByteReader& file, std::uint32_t n, std::uint32_t k, const std::string& name) {
  const auto bits = file.numbers<std::uint16_t>(std::uint64_t{n} * k, name);
  Fp16Matrix matrix{n, k, std::vector<float>(bits.size())};
  for (std::uint32_t row = 0; row < n; ++row) {
    for (std::uint32_t col = 0; col < k; ++col) {
      matrix.values[std::size_t{col} * n + row] =
          models::fp16_from_bits(bits[std::size_t{row} * k + col]);
    }
  }
  return matrix;
}

/// What a BCQ matrix has, in its third word. Version 1 has the first alone.
enum MatrixFlag : std::uint32_t { kHasOffset = 1, kHasInputOrder = 2, kHasCodedPlanes = 4 };

void write_coded(SealedWriter& out, const BcqMatrix& matrix, const PlaneCoding& coding) {
  const models::PrunedPlanes planes = encode_planes(coding.code, matrix, coding.for_each);
  out.number(planes.rows);
  out.numbers(planes.mask);
  for (const models::XorStream& stream : planes.streams) {
    out.number(static_cast<std::uint32_t>(stream.patches.size()));
  }
  for (const models::XorStream& stream : planes.streams)
    out.numbers(models::pack(coding.code, stream));
}

void write(SealedWriter& out, const BcqMatrix& matrix, const std::optional<PlaneCoding>& coding) {
  std::uint32_t flags = 0;
  if (matrix.has_offset()) flags |= kHasOffset;
  if (!matrix.input_order.empty()) flags |= kHasInputOrder;
  if (coding) flags |= kHasCodedPlanes;
  out.number(matrix.weight_bits);
  out.number(matrix.group_size);
  out.number(flags);
  out.numbers(matrix.input_order);
  coding ? write_coded(out, matrix, *coding) : out.numbers(matrix.plane_words);
  out.numbers(matrix.alpha);
  out.numbers(matrix.offset);
}

/// Planes of `matrix`, of which the sizes are there.
models::PrunedPlanes read_coded(ByteReader& file, const BcqMatrix& matrix,
                                const spec::XorCodeSpec& code, const std::string& name) {
  models::PrunedPlanes planes;
  planes.code = code;
  const std::uint64_t rows_offset = file.offset();
  planes.rows = file.number<std::uint32_t>(name + ": rows of a stream");
  if (planes.rows < 1 || planes.rows > matrix.n) {
    file.fail(rows_offset, "1.." + std::to_string(matrix.n) + " rows of a stream in " + name,
              std::to_string(planes.rows));
  }
  planes.mask = file.numbers<std::uint64_t>(std::uint64_t{matrix.n} * matrix.words_per_row(),
                                            name + ": mask");
  const std::uint32_t blocks = spec::ceil_div(matrix.n, planes.rows);
  const auto tokens = file.numbers<std::uint32_t>(std::uint64_t{matrix.weight_bits} * blocks,
                                                  name + ": patch tokens of the streams");
  for (std::size_t s = 0; s < tokens.size(); ++s) {
    const std::uint32_t begin = static_cast<std::uint32_t>(s % blocks) * planes.rows;
    const std::uint64_t bits = std::uint64_t{std::min(planes.rows, matrix.n - begin)} * matrix.k;
    const std::uint64_t bytes = spec::ceil_div(spec::ceil_div(bits, code.n_out) * code.n_in, 8) +
                                spec::ceil_div(std::uint64_t{tokens[s]} * code.patch_bits, 8);
    const std::uint8_t* data = file.bytes(bytes, name + ": stream " + std::to_string(s));
    planes.streams.push_back(models::unpack(code, {data, data + bytes}, bits, tokens[s]));
  }
  return planes;
}

BcqMatrix read_bcq_matrix(ByteReader& file, std::uint32_t n, std::uint32_t k,
                          const std::string& name, BcqModel& result) {
  const std::uint64_t begin = file.offset();
  BcqMatrix matrix;
  matrix.n = n;
  matrix.k = k;
  matrix.weight_bits = file.number<std::uint32_t>(name + ": weight_bits");
  matrix.group_size = file.number<std::uint32_t>(name + ": group_size");
  const auto flags = file.number<std::uint32_t>(name + ": flags");
  try {
    models::check_shape(k, n, matrix.weight_bits, matrix.group_size);
  } catch (const spec::SpecError& e) {
    file.fail(begin, "a BCQ matrix in " + name, e.what());
  }
  std::uint32_t legal = result.version == 1 ? kHasOffset : kHasOffset | kHasInputOrder;
  if (result.coded) legal |= kHasCodedPlanes;
  if ((flags & ~legal) != 0) {
    file.fail(begin + 8, "no flags of " + name + " but " + std::to_string(legal),
              std::to_string(flags));
  }
  if ((flags & kHasInputOrder) != 0) {
    matrix.input_order = file.numbers<std::uint32_t>(k, name + ": input order");
  }
  const std::uint64_t scales = std::uint64_t{matrix.groups()} * n;
  std::optional<models::PrunedPlanes> planes;
  if ((flags & kHasCodedPlanes) != 0) {
    planes = read_coded(file, matrix, result.coded->code, name);
  } else {
    matrix.plane_words = file.numbers<std::uint64_t>(
        std::uint64_t{matrix.weight_bits} * n * matrix.words_per_row(), name + ": bit-planes");
  }
  matrix.alpha = file.numbers<std::uint16_t>(scales * matrix.weight_bits, name + ": alphas");
  if ((flags & kHasOffset) != 0) matrix.offset = file.numbers<float>(scales, name + ": offsets");
  if (planes) {
    decode_planes(*planes, matrix);
    result.coded->matrices[name] = count_planes(*planes);
  }
  return matrix;
}

void write(SealedWriter& out, const Tokenizer& tokenizer) {
  for (std::uint32_t id = 0; id < tokenizer.vocab(); ++id) {
    out.number(tokenizer.scores()[id]);
    out.number(static_cast<std::uint32_t>(tokenizer.pieces()[id].size()));
    out.text(tokenizer.pieces()[id]);
  }
}

Tokenizer read_tokenizer(ByteReader& file, std::uint32_t vocab) {
  std::vector<std::string> pieces;
  std::vector<float> scores;
  for (std::uint32_t id = 0; id < vocab; ++id) {
    const std::string name = "token " + std::to_string(id);
    scores.push_back(file.number<float>(name));
    pieces.push_back(file.text(file.number<std::uint32_t>(name), name));
  }
  return {std::move(pieces), std::move(scores)};
}

bool has_input_order(const QuantizedModel& model) {
  for (const QuantizedLayer& layer : model.layers) {
    for (const auto& m : decoder_matrices(model.shape)) {
      if (!matrix_of(layer, m.id).input_order.empty()) return true;
    }
  }
  return false;
}

}  // namespace

void save_bcq(const std::filesystem::path& path, const QuantizedModel& model,
              const Tokenizer& tokenizer, const std::optional<PlaneCoding>& coding) {
  const std::uint32_t version = coding || has_input_order(model) ? 2 : 1;
  SealedWriter out(kBcq, version, write_header(model, version, coding));
  write(out, model.embedding);
  if (!model.shape.tied_embedding) write(out, model.output);
  out.numbers(model.final_norm);
  for (const QuantizedLayer& layer : model.layers) {
    out.numbers(layer.attention_norm);
    out.numbers(layer.ffn_norm);
    for (const auto& m : decoder_matrices(model.shape)) write(out, matrix_of(layer, m.id), coding);
  }
  write(out, tokenizer);
  out.save(path);
}

BcqModel read_bcq(ByteReader& file) {
  const SealedHeader header = open_sealed(kBcq, file);
  BcqModel result;
  result.version = header.version;
  QuantizedModel& model = result.model;
  read_header(file, header.json, result);
  const ModelShape& s = model.shape;
  model.embedding = read_fp16(file, s.vocab, s.hidden, "embedding.weight");
  if (!s.tied_embedding) model.output = read_fp16(file, s.vocab, s.hidden, "lm_head.weight");
  model.final_norm = file.finite_floats(s.hidden, "final_norm.weight");
  try {
    for (std::uint32_t l = 0; l < s.layers; ++l) {
      const std::string prefix = models::layer_prefix(l);
      QuantizedLayer layer;
      layer.attention_norm = file.finite_floats(s.hidden, prefix + "attention_norm.weight");
      layer.ffn_norm = file.finite_floats(s.hidden, prefix + "ffn_norm.weight");
      for (const auto& m : decoder_matrices(s)) {
        matrix_of(layer, m.id) = read_bcq_matrix(file, m.n, m.k, prefix + m.tensor, result);
      }
      model.layers.push_back(std::move(layer));
    }
    result.tokenizer = read_tokenizer(file, s.vocab);
    models::validate(model);
  } catch (const std::invalid_argument& e) {
    throw config::InputError(file.path(), e.what());
  } catch (const spec::SpecError& e) {
    throw config::InputError(file.path(), e.what());
  }
  close_sealed(file);
  return result;
}

}  // namespace lutsim::workloads
