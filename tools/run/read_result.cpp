// SPDX-License-Identifier: Apache-2.0
#include "tools/run/read_result.h"

#include <filesystem>
#include <fstream>

#include "models/config/diagnostics.h"

namespace lutsim::tools {

using json = nlohmann::ordered_json;

json read_result(const std::string& run) {
  constexpr const char* kSchema = "lutsim.result/1";
  std::filesystem::path file = run;
  if (std::filesystem::is_directory(file)) file /= "result.json";
  std::ifstream in(file);
  if (!in) {
    throw config::InputError(file.string(), "cannot be read",
                             "give the folder of a run made with `lutsim run --out FOLDER`");
  }
  json result;
  try {
    result = json::parse(in);
  } catch (const json::parse_error& error) {
    throw config::InputError(file.string(), std::string("is not JSON: ") + error.what());
  }
  const std::string schema = result.is_object() ? result.value("schema", "") : "";
  if (schema != kSchema) {
    throw config::InputError(file.string(),
                             "schema is '" + schema + "', this program reads '" + kSchema + "'");
  }
  return result;
}

}  // namespace lutsim::tools
