// SPDX-License-Identifier: Apache-2.0
#include <iostream>
#include <memory>

#include "tools/cli/completion_script.h"
#include "tools/cli/session.h"
#include "tools/support/choice.h"

namespace lutsim::tools {

void add_completion_command(CLI::App& app, Session& session) {
  CLI::App* c = app.add_subcommand("completion", "completion of the command line for your shell");
  c->require_subcommand(1);
  for (const auto& shell : enum_names(Shell{})) {
    const std::string name = shell.name;
    CLI::App* s = c->add_subcommand(name, "print the script that " + name + " reads");
    s->callback([shell = shell.value, &app, &session] {
      std::cout << completion_script(shell, app);
      session.status = kDone;
    });
  }
  auto list = std::make_shared<std::string>();
  CLI::App* names = c->add_subcommand("names", "print the words that an option may take");
  names->add_option("LIST", *list, "arch, gpu, model, ...")->required();
  names->callback([list, &session] {
    for (const std::string& word : words_of(*list)) std::cout << word << "\n";
    session.status = kDone;
  });
}

}  // namespace lutsim::tools
