// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "models/transformer/model_shape.h"

/// Shapes of published language models: workloads/llm/models.csv, whose column `source` says where
/// each row was read.
namespace lutsim::workloads {

/// One row of the table.
struct PublishedModel {
  models::ModelShape shape;      ///< vocab is the rows of the table as stored, padding included
  double matrix_parameters = 0;  ///< count of the table, without biases and norms; 0: it has none
  std::vector<std::string>
      missing;  ///< what the operator trace lacks to describe it; empty: nothing
};

/// All rows, in the order of the table. Throws config::InputError with file and line when a row has
/// a missing column or a value that is no number.
std::vector<PublishedModel> read_models(const std::filesystem::path& csv);

/// The table that the project ships.
const std::vector<PublishedModel>& published_models();

/// Names of the shipped models that the operator trace can describe, in the order of the table.
std::vector<std::string> list_models();

/// Shape of a shipped model. Upper and lower case are equal and a final "-hf" may be left out.
/// norm_epsilon is 1e-5, the value of the Llama and Mistral families. Throws config::InputError: no
/// such model (with the nearest name), or a model that needs what the trace does not describe.
models::ModelShape find_shape(const std::string& name);

/// Weights of a model: matrices, norms, embedding and, unless tied, the LM head.
std::uint64_t parameter_count(const models::ModelShape& shape);

}  // namespace lutsim::workloads
