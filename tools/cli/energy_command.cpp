// SPDX-License-Identifier: Apache-2.0
#include <filesystem>
#include <iostream>
#include <memory>
#include <optional>

#include "models/config/named.h"
#include "models/config/read_yaml.h"
#include "models/config/write_yaml.h"
#include "models/energy/accelergy.h"
#include "tools/cli/session.h"
#include "tools/output/output_directory.h"
#include "tools/support/choice.h"

namespace lutsim::tools {

namespace {

/// Of both subcommands; an empty text was not given.
struct EnergyOptions {
  std::string arch = "default";
  std::vector<std::string> sets;
  std::string ert, art, base, name, out;
  std::string origin = "imported by lutsim energy import";
  std::string confidence = "guessed";
  double low = 0.5, high = 2;
};

std::string energy_table_file(const std::string& name) {
  return config::find_named(config::kEnergyFolder, name, "energy table").string();
}

int export_tables(const EnergyOptions& o) {
  if (o.ert.empty() && o.art.empty()) {
    throw config::InputError("lutsim energy export", "neither --ert nor --art says what to write");
  }
  const spec::ArchSpec arch = config::load_arch(o.arch, o.sets);
  const models::EnergyTable table = models::read_energy_table(energy_table_file(arch.energy_table));
  // Both before either is written.
  const std::string ert = models::to_ert(arch, table), art = models::to_art(arch, table);
  if (!o.ert.empty()) write_file(o.ert, ert);
  if (!o.art.empty()) write_file(o.art, art);
  return kDone;
}

int import_tables(const EnergyOptions& o) {
  models::EnergyTableFile base;
  if (!o.base.empty()) {
    base = config::read_yaml<models::EnergyTableFile>(energy_table_file(o.base));
  }
  models::AccelergyImport import;
  import.name = o.name.empty() ? std::filesystem::path(o.out).stem().string() : o.name;
  import.origin = o.origin;
  import.low_factor = o.low;
  import.high_factor = o.high;
  import.confidence = choice<models::Confidence>("--confidence", o.confidence);
  const config::Source art = o.art.empty() ? config::Source("", "") : config::read_source(o.art);
  const models::EnergyTableFile table =
      models::from_accelergy(config::read_source(o.ert), art, base, import);
  write_file(o.out, "# SPDX-License-Identifier: Apache-2.0\n" + config::write_yaml(table));
  std::cerr << o.out << ": `leak` of the ERT is left out, "
            << (base.name.empty() ? "static power, and areas that are not in the ART, are missing"
                                  : "static power is that of " + base.name)
            << "\n";
  return kDone;
}

}  // namespace

void add_energy_command(CLI::App& app, Session& session) {
  auto o = std::make_shared<EnergyOptions>();
  CLI::App* c = app.add_subcommand(
      "energy", "energies and areas as Accelergy's reference tables (ERT, ART), and back");
  c->require_subcommand(1);

  CLI::App* to = c->add_subcommand("export", "energies of events and areas of units of one chip");
  to->add_option("--arch", o->arch, "named accelerator or its YAML file")->capture_default_str();
  to->add_option("--set", o->sets, "override of one parameter, key=value (repeatable)")
      ->type_size(1)
      ->allow_extra_args(false);
  to->add_option("--ert", o->ert, "file for the energies, pJ");
  to->add_option("--art", o->art, "file for the areas, um2");
  to->callback([o, &session] { session.status = export_tables(*o); });

  CLI::App* from = c->add_subcommand("import", "an energy table from an ERT and an ART");
  from->add_option("--ert", o->ert, "energies, pJ")->required();
  from->add_option("--art", o->art, "areas, um2");
  from->add_option("--base", o->base, "energy table that gives what they lack");
  from->add_option("--name", o->name, "of the new table; that of the file if absent");
  from->add_option("--origin", o->origin, "where the numbers are from, for the sources")
      ->capture_default_str();
  from->add_option("--confidence", o->confidence, choices<models::Confidence>())
      ->capture_default_str();
  from->add_option("--low", o->low, "lowest credible value over the value, as an ERT has no ranges")
      ->capture_default_str();
  from->add_option("--high", o->high, "highest credible value over the value")
      ->capture_default_str();
  from->add_option("--out", o->out, "file for the table: --set energy_table=./FILE")->required();
  from->callback([o, &session] { session.status = import_tables(*o); });
}

}  // namespace lutsim::tools
