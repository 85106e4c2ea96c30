// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/bcq_file.h"

#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <fstream>
#include <functional>
#include <limits>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <utility>

#include "models/bcq/bcq_matrix.h"
#include "models/config/diagnostics.h"
#include "models/numerics/float_format.h"
#include "models/transformer/decoder_matrix.h"
#include "workloads/checkpoint/shape_check.h"
#include "workloads/trace/json_object.h"

namespace lutsim::workloads {
namespace {

using models::BcqMatrix;
using models::Fp16Matrix;
using models::ModelShape;
using models::QuantizationRecipe;
using models::QuantizedLayer;
using models::QuantizedModel;
using nlohmann::ordered_json;

constexpr std::uint64_t kMagicBytes = 8;
constexpr std::uint32_t kNewest = 2;
constexpr std::uint64_t kPrefixBytes = kMagicBytes + 4 + 4 + 8;
constexpr std::uint64_t kDigestBytes = 32;

using Digest = std::array<std::uint8_t, kDigestBytes>;

Digest sha256(const void* data, std::size_t bytes) {
  Digest digest;
  unsigned int length = 0;
  if (EVP_Digest(data, bytes, digest.data(), &length, EVP_sha256(), nullptr) != 1 ||
      length != kDigestBytes) {
    throw std::runtime_error("OpenSSL cannot compute a SHA-256");
  }
  return digest;
}

// ---- header -----------------------------------------------------------------------------------

template <class T>
constexpr bool is_number = std::is_arithmetic_v<T> && !std::is_same_v<T, bool>;

/// Optional fields that have their default are left out.
template <class Spec>
ordered_json write_fields(const Spec& spec) {
  ordered_json json;
  const Spec plain{};
  spec::for_each_field<Spec>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    if (f.optional && spec.*f.member == plain.*f.member) return;
    if constexpr (std::is_enum_v<Value>) {
      json[f.key] = spec::to_string_of(spec.*f.member);
    } else {
      json[f.key] = spec.*f.member;
    }
  });
  return json;
}

template <class Spec>
void read_fields(JsonObject& json, Spec& spec) {
  spec::for_each_field<Spec>([&](const auto& f) {
    using Value = typename std::decay_t<decltype(f)>::Value;
    if (f.optional && !json.contains(f.key)) return;
    if constexpr (std::is_enum_v<Value>) {
      spec.*f.member = json.enumerator<Value>(f.key);
    } else if constexpr (std::is_same_v<Value, bool>) {
      spec.*f.member = json.boolean(f.key);
    } else if constexpr (std::is_same_v<Value, std::string>) {
      spec.*f.member = json.string(f.key);
    } else if constexpr (std::is_floating_point_v<Value>) {
      spec.*f.member = json.number(f.key, f.min, f.max);
    } else {
      spec.*f.member = static_cast<Value>(json.integer(f.key, static_cast<std::uint64_t>(f.min),
                                                       static_cast<std::uint64_t>(f.max)));
    }
  });
}

const char* schema_of(std::uint32_t version) { return version == 1 ? kBcqSchema1 : kBcqSchema2; }

std::string write_header(const QuantizedModel& model, std::uint32_t version,
                         const std::optional<PlaneCoding>& coding) {
  ordered_json header;
  header["schema"] = schema_of(version);
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
  const char* schema = schema_of(result.version);
  if (root.string("schema") != schema) {
    root.report("schema", std::string("expected \"") + schema + "\"");
  }
  JsonObject shape(root.object("model"), "/model", errors);
  read_fields(shape, model.shape);
  shape.finish();
  JsonObject recipe(root.object("recipe"), "/recipe", errors);
  read_fields(recipe, model.recipe);
  for (const std::uint64_t bits : recipe.integers("layer_bits", 1, models::kMaxWeightBits)) {
    model.recipe.layer_bits.push_back(static_cast<std::uint32_t>(bits));
  }
  if (recipe.contains("calibration")) {
    model.recipe.calibration = recipe.integers("calibration", 0, (std::uint64_t{1} << 53) - 1);
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

class Writer {
 public:
  template <class T>
  void number(T value) {
    raw(&value, sizeof value);
  }
  template <class T>
  void numbers(const std::vector<T>& values) {
    raw(values.data(), values.size() * sizeof(T));
  }
  void text(const std::string& text) { raw(text.data(), text.size()); }
  void raw(const void* data, std::size_t bytes) {
    const auto* begin = static_cast<const char*>(data);
    data_.insert(data_.end(), begin, begin + bytes);
  }
  void put(std::size_t offset, std::uint64_t value) {
    std::memcpy(data_.data() + offset, &value, sizeof value);
  }
  const std::vector<char>& data() const { return data_; }

 private:
  std::vector<char> data_;
};

void write(Writer& out, const Fp16Matrix& matrix) {
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

void write_coded(Writer& out, const BcqMatrix& matrix, const PlaneCoding& coding) {
  const models::PrunedPlanes planes = encode_planes(coding.code, matrix, coding.for_each);
  out.number(planes.rows);
  out.numbers(planes.mask);
  for (const models::XorStream& stream : planes.streams) {
    out.number(static_cast<std::uint32_t>(stream.patches.size()));
  }
  for (const models::XorStream& stream : planes.streams)
    out.numbers(models::pack(coding.code, stream));
}

void write(Writer& out, const BcqMatrix& matrix, const std::optional<PlaneCoding>& coding) {
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

void write(Writer& out, const Tokenizer& tokenizer) {
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

void check_digest(const ByteReader& file) {
  const std::uint64_t contents = file.size() - kDigestBytes;
  const Digest digest = sha256(file.data(), contents);
  if (std::memcmp(digest.data(), file.data() + contents, kDigestBytes) != 0) {
    file.fail(contents, "the SHA-256 of the bytes before it", "another",
              "the file is damaged; write it again with lutsim quantize");
  }
}

}  // namespace

void save_bcq(const std::filesystem::path& path, const QuantizedModel& model,
              const Tokenizer& tokenizer, const std::optional<PlaneCoding>& coding) {
  const std::uint32_t version = coding || has_input_order(model) ? 2 : 1;
  Writer out;
  const std::string header = write_header(model, version, coding);
  out.raw(kBcqMagic, kMagicBytes);
  out.number(version);
  out.number(static_cast<std::uint32_t>(header.size()));
  const std::size_t size_at = out.data().size();
  out.number(std::uint64_t{0});
  out.text(header);
  write(out, model.embedding);
  if (!model.shape.tied_embedding) write(out, model.output);
  out.numbers(model.final_norm);
  for (const QuantizedLayer& layer : model.layers) {
    out.numbers(layer.attention_norm);
    out.numbers(layer.ffn_norm);
    for (const auto& m : decoder_matrices(model.shape)) write(out, matrix_of(layer, m.id), coding);
  }
  write(out, tokenizer);
  out.put(size_at, out.data().size() + kDigestBytes);
  const Digest digest = sha256(out.data().data(), out.data().size());
  out.raw(digest.data(), digest.size());

  const std::filesystem::path temporary = path.string() + ".tmp" + std::to_string(getpid());
  std::ofstream file(temporary, std::ios::binary);
  file.write(out.data().data(), static_cast<std::streamsize>(out.data().size()));
  file.close();
  std::error_code error;
  if (file) std::filesystem::rename(temporary, path, error);
  if (!file || error) {
    std::error_code ignored;
    std::filesystem::remove(temporary, ignored);
    throw config::InputError(path.string(), "cannot write the file");
  }
}

BcqModel read_bcq(ByteReader& file) {
  file.bytes(kMagicBytes, "the magic 'LUTSIMBQ'");
  const std::uint64_t version_offset = file.offset();
  BcqModel result;
  result.version = file.number<std::uint32_t>("the version");
  if (result.version < 1 || result.version > kNewest) {
    file.fail(version_offset, std::string("version 1 or 2 (") + kBcqSchema2 + ")",
              "version " + std::to_string(result.version));
  }
  const auto header_bytes = file.number<std::uint32_t>("the length of the header");
  const auto file_bytes = file.number<std::uint64_t>("the length of the file");
  if (file_bytes != file.size() || file_bytes < kPrefixBytes + header_bytes + kDigestBytes) {
    file.fail(kPrefixBytes - 8, "a file of " + std::to_string(file_bytes) + " bytes by its header",
              std::to_string(file.size()) + " bytes");
  }
  check_digest(file);

  QuantizedModel& model = result.model;
  read_header(file, file.text(header_bytes, "the header"), result);
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
  if (file.remaining() != kDigestBytes) {
    file.fail(file.offset(), "the SHA-256 that ends the file",
              std::to_string(file.remaining()) + " bytes");
  }
  return result;
}

}  // namespace lutsim::workloads
