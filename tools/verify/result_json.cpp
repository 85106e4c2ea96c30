// SPDX-License-Identifier: Apache-2.0
#include "tools/verify/result_json.h"

namespace lutsim::tools {

nlohmann::ordered_json result_json(const BlockResult& r) {
  return {{"name", r.name},
          {"vectors", r.vectors},
          {"mismatches", r.mismatches},
          {"cycle_mismatches", r.cycle_mismatches},
          {"seconds", r.seconds},
          {"bins", r.bins},
          {"first_mismatch", r.first_mismatch},
          {"reproduce", r.reproduce_command}};
}

BlockResult read_result(const nlohmann::ordered_json& json) {
  BlockResult r;
  json.at("name").get_to(r.name);
  json.at("vectors").get_to(r.vectors);
  json.at("mismatches").get_to(r.mismatches);
  json.at("cycle_mismatches").get_to(r.cycle_mismatches);
  json.at("seconds").get_to(r.seconds);
  json.at("bins").get_to(r.bins);
  json.at("first_mismatch").get_to(r.first_mismatch);
  json.at("reproduce").get_to(r.reproduce_command);
  return r;
}

}  // namespace lutsim::tools
