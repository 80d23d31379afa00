// Commands: one file each, NAME_command.cc, which adds itself to the command line.
//
// Place: tarn. Threads: the main thread's.
#pragma once

#include <string>

#include <CLI/CLI.hpp>

#include "base/result.h"
#include "tarn/configuration.h"

namespace tarn::app {

// Exit codes besides 0 and what a program that a command runs gives.
inline constexpr int kFailed = 1;
inline constexpr int kUsage = 2;

// What every command gets: it may change `configuration` by its options, and leaves its exit code.
struct Context {
  Configuration configuration;
  int exit_code = 0;
};

// Each adds its subcommand to `app`, to run from CLI11's callback; `context` outlives the parse.
void add_up_command(CLI::App& app, Context& context);
void add_down_command(CLI::App& app, Context& context);
void add_status_command(CLI::App& app, Context& context);
void add_logs_command(CLI::App& app, Context& context);
void add_env_command(CLI::App& app, Context& context);
void add_aws_command(CLI::App& app, Context& context);
void add_completion_command(CLI::App& app, Context& context);
void add_version_command(CLI::App& app, Context& context);

// --data-dir of a command that has to do with a server.
void add_data_directory(CLI::App& command, Context& context);

// The examples at the end of a command's help.
void add_examples(CLI::App& command, const std::string& lines);

// Parses the command line and runs the command that it names; gives the exit code of the program.
int run_command_line(int argument_count, char** arguments);

// "tarn: what is wrong" on standard error; gives kFailed.
int report(const Error& error);

}  // namespace tarn::app
