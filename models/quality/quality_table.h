// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "models/spec/field.h"

/// What few bits cost a model in perplexity: models/quality/NAME.yaml, or a file of one's own.
namespace lutsim::models {

/// One measured model.
struct QualityRow {
  std::string model;
  double weight_bits = 0;
  std::string method;
  std::string text;
  double perplexity = 0;
  double full_precision = 0;
  std::string source;

  /// Perplexity over that of the same model without quantisation, on the same text.
  double ratio() const { return perplexity / full_precision; }

  static constexpr auto fields() {
    using S = QualityRow;
    using spec::field;
    return std::make_tuple(
        field("model", &S::model, "name of the model shape, or the embedded model"),
        field("weight_bits", &S::weight_bits, "of a decoder weight, on average").range(1, 16),
        field("method", &S::method, "quantiser and its group size"),
        field("text", &S::text, "what was scored"),
        field("perplexity", &S::perplexity, "with these weights").range(1, 1e9),
        field("full_precision", &S::full_precision, "the same model with its own weights")
            .range(1, 1e9),
        field("source", &S::source, "who measured it"));
  }
};

struct QualityTable {
  std::string schema = kSchema;
  std::string name;
  std::string description;
  std::vector<QualityRow> entries;

  static constexpr const char* kSchema = "lutsim.quality/1";

  static constexpr auto fields() {
    using S = QualityTable;
    using spec::field;
    return std::make_tuple(field("schema", &S::schema, "format of this file: lutsim.quality/1"),
                           field("name", &S::name, "name of the table"),
                           field("description", &S::description, "what it stands for").maybe(),
                           field("entries", &S::entries, "measured models"));
  }
};

/// Reads a table by name or from a file. Throws config::InputError.
QualityTable load_quality_table(const std::string& name_or_path);

/// The row of least perplexity ratio for a model at `weight_bits`; a model of 16 bits is that of
/// full precision and needs none. Nothing when nobody measured it. Names are compared without
/// case, bits to a tenth of a bit.
std::optional<QualityRow> best_quality(const QualityTable& table, const std::string& model,
                                       double weight_bits);

}  // namespace lutsim::models
