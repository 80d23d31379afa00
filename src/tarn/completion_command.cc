#include <algorithm>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "tarn/commands.h"

namespace tarn::app {

namespace {

std::string word_list(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

void add_words(const CLI::App& command, std::vector<std::string>& words) {
  for (const CLI::Option* option : command.get_options()) {
    for (const std::string& name : option->get_lnames()) words.push_back("--" + name);
    for (const std::string& name : option->get_snames()) words.push_back("-" + name);
  }
  for (const CLI::App* subcommand : command.get_subcommands({})) {
    words.push_back(subcommand->get_name());
    add_words(*subcommand, words);
  }
}

std::string words_of(const CLI::App& command) {
  std::vector<std::string> words;
  add_words(command, words);
  std::sort(words.begin(), words.end());
  words.erase(std::unique(words.begin(), words.end()), words.end());
  return word_list(words);
}

// One bash function for all: the words come from the command line's own declaration, so they cannot
// go stale. What follows `tarn aws` is completed by the AWS CLI's own completer.
std::string bash_script(const CLI::App& app, const Configuration& configuration) {
  std::vector<std::string> commands;
  std::string cases;
  for (const CLI::App* command : app.get_subcommands({})) {
    commands.push_back(command->get_name());
    cases += fmt::format("    {}) words='{}' ;;\n", command->get_name(), words_of(*command));
  }
  return fmt::format(
      R"(# Completion of tarn. In ~/.bashrc:  source <(tarn completion bash)
_tarn() {{
  local word=${{COMP_WORDS[COMP_CWORD]}} previous=${{COMP_WORDS[COMP_CWORD-1]}} words=''
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W '{commands} --help' -- "$word"))
    return
  fi
  case "$previous" in
    --data-dir) COMPREPLY=($(compgen -d -- "$word")); return ;;
    --template) COMPREPLY=($(compgen -f -- "$word")); return ;;
    --shell) COMPREPLY=($(compgen -W 'bash fish json' -- "$word")); return ;;
    completion) COMPREPLY=($(compgen -W 'bash zsh --help' -- "$word")); return ;;
  esac
  case "${{COMP_WORDS[1]}}" in
    aws)
      local cut=${{COMP_LINE%%aws*}}
      COMPREPLY=($(COMP_LINE="${{COMP_LINE#"$cut"}}" COMP_POINT=$((COMP_POINT - ${{#cut}})) '{completer}' 2>/dev/null))
      return ;;
{cases}  esac
  COMPREPLY=($(compgen -W "$words" -- "$word"))
}}
complete -F _tarn tarn
)",
      fmt::arg("commands", word_list(commands)), fmt::arg("cases", cases),
      fmt::arg("completer", configuration.runtime_directory + "/python/bin/aws_completer"));
}

std::string zsh_script(const CLI::App& app, const Configuration& configuration) {
  return "# Completion of tarn. In ~/.zshrc:  source <(tarn completion zsh)\n"
         "autoload -U +X compinit && compinit -u\n"
         "autoload -U +X bashcompinit && bashcompinit\n" +
         bash_script(app, configuration);
}

}  // namespace

void add_completion_command(CLI::App& app, Context& context) {
  auto shell = std::make_shared<std::string>();
  CLI::App* command = app.add_subcommand(
      "completion", "Print what makes a shell complete tarn's commands and options");
  command->add_option("shell", *shell, "bash or zsh")
      ->required()
      ->check(CLI::IsMember({"bash", "zsh"}));
  add_examples(*command,
               "  source <(tarn completion bash)\n"
               "  tarn completion zsh > ~/.zsh/tarn && echo 'source ~/.zsh/tarn' >> ~/.zshrc");
  command->callback([&app, &context, shell] {
    const bool zsh = *shell == "zsh";
    fmt::print("{}", zsh ? zsh_script(app, context.configuration)
                         : bash_script(app, context.configuration));
    context.exit_code = 0;
  });
}

}  // namespace tarn::app
