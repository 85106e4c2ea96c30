// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <string>
#include <vector>

#include "models/config/type_info.h"

/// Tables of the documentation. A Markdown file holds, each on a line of its own,
///
///     <!-- BEGIN GENERATED lutsim_generate matrix -->
///     <!-- END GENERATED -->
///
/// and what stands between the two is written from the field list of the block that the first
/// names.
namespace lutsim::tools {

/// What may stand in a marker.
std::vector<std::string> block_names();

/// The text of a block. Precondition: `name` is one of block_names().
std::string block_text(const std::string& name);

/// A column of values and its heading.
struct ValueColumn {
  std::string heading;
  config::Value value;
};

/// Markdown table of every single value below a structure: its path, its value in each column, what
/// is legal, what it means, its name in the RTL.
std::string parameter_table(const config::TypeInfo& type, const std::vector<ValueColumn>& columns);

/// `markdown` with every generated block rewritten. Throws config::InputError, with the line, for a
/// block that does not exist and for one without an end; `name` stands for the file.
std::string replace_blocks(const std::string& markdown, const std::string& name);

}  // namespace lutsim::tools
