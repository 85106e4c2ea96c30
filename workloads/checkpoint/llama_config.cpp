// SPDX-License-Identifier: Apache-2.0
#include "workloads/checkpoint/llama_config.h"

#include <nlohmann/json.hpp>
#include <string>

#include "models/config/diagnostics.h"
#include "workloads/checkpoint/byte_reader.h"
#include "workloads/checkpoint/shape_check.h"
#include "workloads/trace/json_object.h"

namespace lutsim::workloads {
namespace {

using nlohmann::json;

/// Longer than any configuration or index is.
constexpr std::uint64_t kLongestJson = 256ull << 20;

bool is_given(const json& object, const char* key) {
  return object.is_object() && object.contains(key) && !object.at(key).is_null();
}

std::uint32_t dimension(JsonObject& config, const char* key) {
  return static_cast<std::uint32_t>(config.integer(key, 1, INT32_MAX));
}

void require_text(const json& object, JsonObject& view, const char* key, const char* expected) {
  if (!is_given(object, key)) return;
  const std::string found = view.string(key);
  if (found != expected) {
    view.report(key, std::string("expected '") + expected + "', found '" + found + "'");
  }
}

void require_false(const json& object, JsonObject& view, const char* key) {
  if (is_given(object, key) && view.boolean(key)) {
    view.report(key, "expected false: the decoder has no biases");
  }
}

/// Rotary scaling of any kind moves the frequencies.
void require_plain_rotation(const json& object, const std::string& pointer, JsonErrors& errors) {
  if (!object.is_object()) return;
  for (const char* key : {"rope_type", "type"}) {
    if (is_given(object, key) && object.at(key) != "default") {
      errors.add(pointer + "/" + key, "expected 'default', found " + object.at(key).dump(),
                 "rotary scaling is not computed");
    }
  }
}

double rope_base(const json& root, JsonObject& config, JsonErrors& errors) {
  if (is_given(root, "rope_scaling")) {
    require_plain_rotation(root.at("rope_scaling"), "/rope_scaling", errors);
  }
  if (is_given(root, "rope_parameters")) {
    const json& parameters = root.at("rope_parameters");
    require_plain_rotation(parameters, "/rope_parameters", errors);
    if (is_given(parameters, "rope_theta")) {
      return JsonObject(parameters, "/rope_parameters", errors).number("rope_theta", 1, 1e9);
    }
  }
  return is_given(root, "rope_theta") ? config.number("rope_theta", 1, 1e9) : 10000.0;
}

models::ModelShape read_shape(const json& root, const std::filesystem::path& folder,
                              JsonErrors& errors) {
  JsonObject config(root, "", errors);
  if (config.string("model_type") != "llama") {
    config.report("model_type", "expected 'llama', the only architecture that is read");
  }
  models::ModelShape s;
  s.name = std::filesystem::absolute(folder / "x").parent_path().filename().string();
  s.layers = dimension(config, "num_hidden_layers");
  s.hidden = dimension(config, "hidden_size");
  s.ffn = dimension(config, "intermediate_size");
  s.heads = dimension(config, "num_attention_heads");
  s.kv_heads =
      is_given(root, "num_key_value_heads") ? dimension(config, "num_key_value_heads") : s.heads;
  s.head_dim = is_given(root, "head_dim") ? dimension(config, "head_dim") : s.hidden / s.heads;
  s.vocab = dimension(config, "vocab_size");
  s.max_context = dimension(config, "max_position_embeddings");
  s.norm_epsilon = config.number("rms_norm_eps", 0, 1);
  s.rope_base = rope_base(root, config, errors);
  s.tied_embedding = is_given(root, "tie_word_embeddings") && config.boolean("tie_word_embeddings");
  require_text(root, config, "hidden_act", "silu");
  require_false(root, config, "attention_bias");
  require_false(root, config, "mlp_bias");
  return s;
}

/// An integer under the first of two names that is there.
std::uint64_t either(const json& object, JsonObject& view, const char* first, const char* second,
                     std::uint64_t least, std::uint64_t most) {
  return view.integer(is_given(object, first) || !is_given(object, second) ? first : second, least,
                      most);
}

/// -1: one group for the whole of K.
std::uint32_t group_size(const json& object, JsonObject& view) {
  const char* key = is_given(object, "q_group_size") ? "q_group_size" : "group_size";
  if (is_given(object, key) && object.at(key) == -1) return 0;
  return static_cast<std::uint32_t>(view.integer(key, 1, 1 << 20));
}

PackedConfig read_gptq(const json& object, JsonObject& view) {
  PackedConfig packed;
  packed.weight_bits = static_cast<std::uint32_t>(view.integer("bits", 1, 8));
  if (packed.weight_bits != 2 && packed.weight_bits != 3 && packed.weight_bits != 4 &&
      packed.weight_bits != 8) {
    view.report("bits", "expected 2, 3, 4 or 8, found " + std::to_string(packed.weight_bits));
  }
  packed.group_size = group_size(object, view);
  if (is_given(object, "checkpoint_format")) {
    const std::string format = view.string("checkpoint_format");
    if (format == "gptq_v2") packed.zero_bias = 0;
    if (format != "gptq" && format != "gptq_v2") {
      view.report("checkpoint_format", "expected 'gptq' or 'gptq_v2', found '" + format + "'");
    }
  }
  return packed;
}

PackedConfig read_awq(const json& object, JsonObject& view) {
  PackedConfig packed;
  packed.format = PackedFormat::awq;
  packed.weight_bits = static_cast<std::uint32_t>(either(object, view, "bits", "w_bit", 4, 4));
  packed.group_size = group_size(object, view);
  if (is_given(object, "version")) {
    const std::string version = view.string("version");
    if (version != "gemm" && version != "GEMM") {
      view.report("version", "expected 'gemm', found '" + version + "'",
                  "other layouts of AWQ are not read");
    }
  }
  if (is_given(object, "zero_point") && !view.boolean("zero_point")) {
    view.report("zero_point", "expected true: GEMM checkpoints store zeros");
  }
  return packed;
}

json read_json(const std::filesystem::path& path) {
  ByteReader file(path);
  if (file.size() > kLongestJson) {
    file.fail(kLongestJson, "the end of the file", std::to_string(file.size()) + " bytes");
  }
  return parse_strict_json(file.text(file.size(), "JSON"), file.path());
}

}  // namespace

LlamaConfig read_llama_config(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / "config.json";
  const json root = read_json(path);
  LlamaConfig config;
  {
    JsonErrors errors(path.string());
    config.shape = read_shape(root, folder, errors);
    if (is_given(root, "quantization_config")) {
      const json& object = root.at("quantization_config");
      JsonObject view(object, "/quantization_config", errors);
      const std::string method = view.string("quant_method");
      if (method == "gptq") {
        config.packed = read_gptq(object, view);
      } else if (method == "awq") {
        config.packed = read_awq(object, view);
      } else {
        view.report("quant_method", "expected 'gptq' or 'awq', found '" + method + "'");
      }
    }
    errors.throw_if_any();
  }
  const std::string error = shape_error(config.shape);
  if (!error.empty()) throw config::InputError(path.string(), error);

  if (!config.packed) {
    for (const char* name : {"quantize_config.json", "quant_config.json"}) {
      if (!std::filesystem::exists(folder / name)) continue;
      const json object = read_json(folder / name);
      JsonErrors errors((folder / name).string());
      JsonObject view(object, "", errors);
      config.packed = std::string(name) == "quant_config.json" ? read_awq(object, view)
                                                               : read_gptq(object, view);
      errors.throw_if_any();
      break;
    }
  }
  return config;
}

}  // namespace lutsim::workloads
