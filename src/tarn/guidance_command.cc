#include "tarn/guidance_command.h"

#include <iostream>
#include <memory>
#include <string>

#include <unistd.h>

#include <fmt/format.h>

#include "platform/real/clock.h"
#include "platform/real/files.h"
#include "platform/real/threads.h"
#include "tarn/guidance.h"
#include "tarn/sample_templates.h"
#include "tarn/server_file.h"

namespace tarn::app {

namespace {

struct GuidanceArguments {
  GuidanceOptions options;
  bool yes = false;
};

using GuidancePart = std::function<Status(Guidance& guidance)>;

int with_guidance(const Configuration& configuration, GuidanceOptions options,
                  const GuidancePart& part) {
  const auto facts = find_server(configuration);
  if (!facts.ok()) return report(facts.error());
  if (options.key_file.empty()) {
    options.key_file =
        fmt::format("{}/keys/{}.pem", configuration.data_directory, options.key_name);
  }
  if (options.templates.empty())
    options.templates =
        fmt::format("https://s3.us-west-2.amazonaws.com/{}/templates", kSampleBucket);
  platform::real::Files files;
  platform::real::Threads threads({.io_threads = 1, .blocking_threads = 1});
  const platform::real::Clock clock(threads);
  const AwsCalls calls(*facts, clock);
  Guidance guidance(*facts, calls, files, std::move(options));
  const Status done = part(guidance);
  std::fflush(stdout);
  return done.ok() ? 0 : report(done.error());
}

bool ask_on_terminal(std::size_t objects, const std::string& bucket) {
  if (::isatty(STDIN_FILENO) != 1) return false;
  fmt::print("      delete {}{} objects of s3://{}? [y/N] ", objects,
             objects == 1000 ? " or more" : "", bucket);
  std::fflush(stdout);
  std::string line;
  std::getline(std::cin, line);
  return line == "y" || line == "Y" || line == "yes";
}

void add_key_options(CLI::App& command, GuidanceOptions& options) {
  command.add_option("--key-name", options.key_name, "the key pair of the clusters' primary nodes")
      ->type_name("NAME")
      ->capture_default_str();
  command
      .add_option("--key-file", options.key_file,
                  "its private key, where it is made here; keys/NAME.pem of the data directory by "
                  "default")
      ->type_name("FILE")
      ->transform([](const std::string& path) { return absolute_path(path); });
}

}  // namespace

void add_deploy_command(CLI::App& app, Context& context) {
  CLI::App* command = app.add_subcommand("deploy", "Deploy what is known by name: the guidance");
  command->fallthrough();  // its options may stand after those of a subcommand
  add_data_directory(*command, context);
  command->require_subcommand(1);
  add_examples(*command, "  tarn deploy guidance");
  auto arguments = std::make_shared<GuidanceArguments>();
  GuidanceOptions& options = arguments->options;
  CLI::App* guidance = command->add_subcommand(
      "guidance", "EMR Studio, cluster product, Kinesis stream and data generator");
  guidance
      ->add_option("--iam-user-arn", options.user_arn,
                   "who may assume the EMR Studio admin role; by default all of the account whose "
                   "policies let them")
      ->type_name("ARN");
  add_key_options(*guidance, options);
  guidance
      ->add_option("--templates", options.templates,
                   "https URL of the folder of templates; that of the bucket "
                   "emrstudio.sample.templates by default")
      ->type_name("URL");
  guidance->footer(
      "Makes a key pair and the stacks analytics-with-emr, emr-service-catalog-product, "
      "emr-kinesis-stream and\n"
      "kinesis-data-generator. What is there already is left as it is, so that it may be asked "
      "again.\n\n"
      "Examples:\n"
      "  tarn deploy guidance\n"
      "  tarn deploy guidance --iam-user-arn arn:aws:iam::123456789012:user/ana\n"
      "  tarn deploy guidance --key-name my-key --key-file ~/.ssh/my-key.pem");
  guidance->callback([&context, arguments] {
    context.exit_code = with_guidance(context.configuration, arguments->options,
                                      [](Guidance& all) { return all.deploy(); });
  });
}

void add_destroy_command(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("destroy", "Take away what `tarn deploy` has made: the guidance");
  command->fallthrough();
  add_data_directory(*command, context);
  command->require_subcommand(1);
  add_examples(*command, "  tarn destroy guidance");
  auto arguments = std::make_shared<GuidanceArguments>();
  CLI::App* guidance = command->add_subcommand(
      "guidance", "Launched clusters, the bucket's objects, the stacks and the key pair");
  add_key_options(*guidance, arguments->options);
  guidance->add_flag("--yes", arguments->yes, "delete the bucket's objects without asking");
  guidance->footer(
      "In the order of the guidance's cleanup; what is gone already is passed over. Key pairs that "
      "were there before stay.\n\n"
      "Examples:\n"
      "  tarn destroy guidance\n"
      "  tarn destroy guidance --yes");
  guidance->callback([&context, arguments] {
    const Guidance::Ask ask = [arguments](std::size_t objects, const std::string& bucket) {
      return arguments->yes || ask_on_terminal(objects, bucket);
    };
    context.exit_code = with_guidance(context.configuration, arguments->options,
                                      [&ask](Guidance& all) { return all.destroy(ask); });
  });
}

}  // namespace tarn::app
