// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <fstream>
#include <iostream>
#include <memory>
#include <nlohmann/json.hpp>

#include "models/config/diagnostics.h"
#include "tools/cli/session.h"
#include "tools/run/text_report.h"

namespace lutsim::tools {

namespace {

using json = nlohmann::ordered_json;

constexpr const char* kResultSchema = "lutsim.result/1";

json read_result(const std::string& run) {
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
  if (schema != kResultSchema) {
    throw config::InputError(
        file.string(), "schema is '" + schema + "', this program reads '" + kResultSchema + "'");
  }
  return result;
}

struct ExplainOptions {
  std::string run;
  bool json = false;
};

}  // namespace

void add_explain_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<ExplainOptions>();
  CLI::App* c = app.add_subcommand("explain", "where the time and energy of a run went");
  c->add_option("RUN", o->run, "folder of a run, or its result.json")->required();
  c->add_flag("--json", o->json, "print the machine-readable result");
  c->callback([o, &session] {
    const json result = read_result(o->run);
    if (o->json) {
      const json answer = {{"bound_by", bottleneck(result)},
                           {"bounds_s", result.at("bounds_s")},
                           {"utilization", result.at("utilization")},
                           {"cycles", result.at("cycles")},
                           {"critical_path", result.at("critical_path")},
                           {"operators", result.at("operators")},
                           {"energy_j", result.at("energy_j")},
                           {"events", result.at("events")}};
      std::cout << answer.dump(2) << "\n";
    } else {
      std::cout << explain_report(result);
    }
    session.status = kDone;
  });
}

}  // namespace lutsim::tools
