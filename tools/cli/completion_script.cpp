// SPDX-License-Identifier: Apache-2.0
#include "tools/cli/completion_script.h"

#include <fmt/core.h>

#include <algorithm>

#include "models/config/diagnostics.h"
#include "models/config/named.h"
#include "models/gpu/gpu_model.h"
#include "tools/compare/metric.h"
#include "tools/run/run_spec.h"
#include "tools/support/choice.h"
#include "workloads/checkpoint/checkpoint.h"
#include "workloads/llm/shape_library.h"

namespace lutsim::tools {

namespace {

std::vector<std::string> model_names() {
  std::vector<std::string> names = workloads::embedded_models();
  for (const std::string& name : workloads::list_models()) names.push_back(name);
  return names;
}

std::vector<std::string> candidate_names() {
  std::vector<std::string> names = config::list_archs();
  for (const std::string& name : models::list_gpus()) names.push_back(name);
  return names;
}

std::vector<std::string> metric_names() {
  std::vector<std::string> names;
  for (const MetricInfo& m : metrics()) names.emplace_back(m.name);
  return names;
}

/// A command and the commands above it: "trace import".
struct Command {
  std::string path;
  const CLI::App* app;
};

std::vector<Command> commands(const CLI::App& app, const std::string& path = "") {
  std::vector<Command> list{{path, &app}};
  for (const CLI::App* sub : app.get_subcommands(nullptr)) {
    const auto below =
        commands(*sub, path.empty() ? sub->get_name() : path + " " + sub->get_name());
    list.insert(list.end(), below.begin(), below.end());
  }
  return list;
}

std::vector<std::string> subcommand_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::App* sub : app.get_subcommands(nullptr)) names.push_back(sub->get_name());
  return names;
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

bool takes_value(const CLI::Option& option) { return option.get_items_expected_max() > 0; }

/// Name of the list that the option's value comes from; empty when it is a file or free.
std::string list_of(const CLI::Option& option) {
  for (const WordList& list : word_lists()) {
    for (const std::string& name : list.options) {
      const bool is_long = name.rfind("--", 0) == 0;
      if (is_long ? option.check_lname(name.substr(2)) : option.get_name(true) == name) {
        return list.name;
      }
    }
  }
  return "";
}

std::vector<std::string> option_names(const CLI::App& app) {
  std::vector<std::string> names;
  for (const CLI::Option* option : app.get_options()) {
    for (const std::string& name : option->get_lnames()) names.push_back("--" + name);
  }
  return names;
}

/// "--arch|--a": patterns of a shell's case for each list.
std::string value_cases(const std::string& indent, const std::string& action) {
  std::string text;
  for (const WordList& list : word_lists()) {
    std::string pattern;
    for (const std::string& name : list.options) {
      if (name.rfind("--", 0) == 0) pattern += (pattern.empty() ? "" : "|") + name;
    }
    if (pattern.empty()) continue;
    text += indent + pattern + ") " + fmt::format(fmt::runtime(action), list.name) + " ;;\n";
  }
  return text;
}

/// The list of the command's positional argument; empty when it has none.
std::string positional_list(const CLI::App& app) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() && !list_of(*option).empty()) return list_of(*option);
  }
  return "";
}

/// The body that bash and zsh share: sets `words` for the command in `chain`.
std::string command_cases(const CLI::App& app, const std::string& indent) {
  std::string text;
  for (const Command& command : commands(app)) {
    std::string words = joined(subcommand_names(*command.app));
    const std::string options = joined(option_names(*command.app));
    words += (words.empty() || options.empty() ? "" : " ") + options;
    const std::string list = positional_list(*command.app);
    if (!list.empty()) words += " $(lutsim completion names " + list + " 2>/dev/null)";
    text += fmt::format("{}'{}') words=\"{}\" ;;\n", indent, command.path, words);
  }
  return text;
}

/// Every path of commands, so that a script tells a subcommand from an argument.
std::string path_pattern(const CLI::App& app) {
  std::string text;
  for (const Command& command : commands(app)) {
    if (!command.path.empty()) text += (text.empty() ? "'" : "|'") + command.path + "'";
  }
  return text;
}

std::string bash_script(const CLI::App& app) {
  return fmt::format(
      "# bash completion of lutsim: eval \"$(lutsim completion bash)\"\n"
      "_lutsim() {{\n"
      "  local cur=${{COMP_WORDS[COMP_CWORD]}} prev=${{COMP_WORDS[COMP_CWORD-1]}} chain= words= i "
      "next\n"
      "  case $prev in\n{}  esac\n"
      "  for ((i = 1; i < COMP_CWORD; i++)); do\n"
      "    next=${{chain:+$chain }}${{COMP_WORDS[i]}}\n"
      "    case $next in {}) chain=$next ;; *) break ;; esac\n"
      "  done\n"
      "  case $chain in\n{}  esac\n"
      "  COMPREPLY=($(compgen -W \"$words\" -- \"$cur\"))\n"
      "}}\n"
      "complete -o default -o bashdefault -F _lutsim lutsim\n",
      value_cases("    ",
                  "COMPREPLY=($(compgen -W \"$(lutsim completion names {} 2>/dev/null)\" -- "
                  "\"$cur\")); return"),
      path_pattern(app), command_cases(app, "    "));
}

std::string zsh_script(const CLI::App& app) {
  return fmt::format(
      "#compdef lutsim\n"
      "# zsh completion of lutsim: source <(lutsim completion zsh), after compinit\n"
      "_lutsim() {{\n"
      "  local prev=${{words[CURRENT-1]}} chain= next i\n"
      "  case $prev in\n{}  esac\n"
      "  for ((i = 2; i < CURRENT; i++)); do\n"
      "    next=${{chain:+$chain }}${{words[i]}}\n"
      "    case $next in {}) chain=$next ;; *) break ;; esac\n"
      "  done\n"
      "  local words\n"
      "  case $chain in\n{}  esac\n"
      "  compadd -- ${{=words}}\n"
      "  _files\n"
      "}}\n"
      "compdef _lutsim lutsim\n",
      value_cases("    ", "compadd -- $(lutsim completion names {} 2>/dev/null); return"),
      path_pattern(app), command_cases(app, "    "));
}

std::string fish_quoted(std::string text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return "'" + out + "'";
}

std::string fish_script(const CLI::App& app) {
  std::string text = "# fish completion of lutsim: lutsim completion fish | source\n";
  for (const Command& command : commands(app)) {
    std::string condition = "__fish_use_subcommand";
    if (!command.path.empty()) {
      condition.clear();
      std::string word;
      for (const char c : command.path + " ") {
        if (c != ' ') {
          word += c;
          continue;
        }
        condition += (condition.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
        word.clear();
      }
    }
    const std::string head = "complete -c lutsim -n " + fish_quoted(condition);
    for (const CLI::App* sub : command.app->get_subcommands(nullptr)) {
      text += fmt::format("{} -a {} -d {}\n", head, sub->get_name(),
                          fish_quoted(sub->get_description()));
    }
    for (const CLI::Option* option : command.app->get_options()) {
      const std::string list = list_of(*option);
      const std::string values =
          list.empty() ? "" : " -xa " + fish_quoted("(lutsim completion names " + list + ")");
      for (const std::string& name : option->get_lnames()) {
        text +=
            fmt::format("{} -l {} -d {}{}\n", head, name, fish_quoted(option->get_description()),
                        takes_value(*option) ? (values.empty() ? " -r" : values) : "");
      }
      if (option->get_lnames().empty() && !values.empty()) text += head + values + "\n";
    }
  }
  return text;
}

}  // namespace

const std::vector<WordList>& word_lists() {
  static const std::vector<WordList> lists{
      {"arch", {"--arch"}, config::list_archs},
      {"gpu", {"--gpu"}, models::list_gpus},
      {"model", {"--model", "MODEL"}, model_names},
      {"memory", {"--memory"}, [] { return config::list_named(config::kMemoryFolder); }},
      {"candidate", {"CANDIDATE"}, candidate_names},
      {"metric", {"--objective"}, metric_names},
      {"engine", {"--engine"}, choice_names<spec::Engine>},
      {"engine-impl", {"--engine-impl"}, choice_names<EngineImpl>},
      {"method", {"--method"}, choice_names<models::QuantizationMethod>},
      {"precision", {"--format", "--gpu-format"}, choice_names<models::GpuPrecision>},
      {"line", {"--line", "--gpu-line"}, choice_names<models::GpuLine>},
  };
  return lists;
}

std::vector<std::string> words_of(const std::string& list) {
  std::vector<std::string> names;
  for (const WordList& l : word_lists()) {
    if (l.name == list) return l.words();
    names.push_back(l.name);
  }
  throw config::InputError("lutsim completion names",
                           "'" + list + "' is not one of: " + config::comma_list(names),
                           config::did_you_mean(list, names));
}

std::string completion_script(Shell shell, const CLI::App& app) {
  switch (shell) {
    case Shell::bash:
      return bash_script(app);
    case Shell::zsh:
      return zsh_script(app);
    default:
      return fish_script(app);
  }
}

}  // namespace lutsim::tools
