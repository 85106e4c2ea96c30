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
};

/// All rows, in the order of the table. Column `more_fields` holds fields of ModelShape that have
/// no column of their own, KEY=VALUE with spaces between; a KEY alone is true. Throws
/// config::InputError with file and line when a row has a missing column, a value that cannot be
/// read, or a shape that models::shape_problem() refuses.
std::vector<PublishedModel> read_models(const std::filesystem::path& csv);

/// The table that the project ships.
const std::vector<PublishedModel>& published_models();

/// Names of the shipped models, in the order of the table.
std::vector<std::string> list_models();

/// The same names, and those in parentheses also without what stands there: what a misspelt name is
/// compared with.
std::vector<std::string> model_spellings();

/// True when find_shape() knows the name.
bool is_published(const std::string& name);

/// Shape of a shipped model. Upper and lower case are equal; a final "-hf" and what stands in
/// parentheses may be left out. norm_epsilon is 1e-5, the value of the Llama and Mistral families.
/// Throws config::InputError with the nearest name when there is no such model.
models::ModelShape find_shape(const std::string& name);

/// Weights of a model by what they are.
struct ParameterCount {
  std::uint64_t matrices = 0;         ///< of the layers, routers and all experts included
  std::uint64_t active_matrices = 0;  ///< of these, those that one token is multiplied with
  std::uint64_t embedding = 0;        ///< token table, with a projection to hidden and back
  std::uint64_t head = 0;             ///< LM head, unless it is the token table
  std::uint64_t positions = 0;        ///< learned table
  std::uint64_t vectors = 0;          ///< norms, biases, sinks
  std::uint64_t idle_vectors = 0;     ///< of these, biases of experts that a token does not use

  std::uint64_t total() const { return matrices + embedding + head + positions + vectors; }
  /// What one token is multiplied with or added to: without the table that it only looks up.
  std::uint64_t active() const {
    return active_matrices + (head > 0 ? head : embedding) + vectors - idle_vectors;
  }
};

ParameterCount count_parameters(const models::ModelShape& shape);

}  // namespace lutsim::workloads
