#include "tarn/cost_command.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "cost/bill.h"
#include "cost/cluster_usage.h"
#include "platform/real/clock.h"
#include "platform/real/files.h"
#include "platform/real/threads.h"
#include "tarn/aws_calls.h"
#include "tarn/cost_resources.h"
#include "tarn/server_call.h"
#include "tarn/server_file.h"
#include "wire/json_value.h"

namespace tarn::app {

namespace {

struct CostOptions {
  std::string what;  // a cluster's id, a file, or a stack's name
  std::vector<std::string> parameters;
  bool as_json = false;
  cost::Usage extra;
  double shards = 0;
  double nat_gateways = 0;
};

Result<cost::Prices> prices_of(const Configuration& configuration) {
  platform::real::Files files;
  return cost::Prices::read(files, configuration.share_directory + "/prices");
}

int print_bill(const cost::Usage& usage, const cost::Prices& prices, const std::string& period,
               bool as_json) {
  const cost::Bill bill = cost::make_bill(usage, prices);
  if (as_json) {
    fmt::print("{}\n", cost::bill_json(bill, prices, period).dump(2));
  } else {
    fmt::print("{}", cost::bill_table(bill, prices, period));
  }
  return 0;
}

// Error: kInvalid (one without "=").
Result<std::map<std::string, std::string>> parameters_of(const CostOptions& options) {
  std::map<std::string, std::string> out;
  for (const std::string& each : options.parameters) {
    const std::size_t equals = each.find('=');
    if (equals == std::string::npos)
      return Error(code::kInvalid, fmt::format("--parameter {}: write it as NAME=VALUE", each));
    out[each.substr(0, equals)] = each.substr(equals + 1);
  }
  return out;
}

Result<cost::Usage> usage_of_stack(const Configuration& configuration, const std::string& name,
                                   double hours) {
  TARN_TRY(const ServerFacts facts, find_server(configuration));
  platform::real::Threads threads({.io_threads = 1, .blocking_threads = 1});
  const platform::real::Clock clock(threads);
  const AwsCalls calls(facts, clock);
  TARN_TRY(const auto resources, resources_of_stack(calls, name));
  cost::Usage out;
  for (const cost::Resource& each : resources) cost::add_resource(each, hours, out);
  return out;
}

// What a cluster or stack of the server, or a file, comes to in a month.
Result<cost::Usage> usage_of(const Configuration& configuration, const CostOptions& options,
                             double hours) {
  cost::Usage out;
  if (options.what.empty()) return out;
  if (options.what.starts_with("j-")) {
    TARN_TRY(const ServerFacts facts, find_server(configuration));
    TARN_TRY(const nlohmann::json cluster,
             call_server(facts, "GET", "/_tarn/clusters/" + options.what, ""));
    const nlohmann::json request = cluster.value("request", nlohmann::json::object());
    TARN_CHECK(
        cost::add_cluster(request.value("Instances", nlohmann::json::object()), "", hours, out));
    return out;
  }
  platform::real::Files files;
  const auto read = files.read(options.what);
  if (!read.ok() && read.error().is(code::kNotFound)) {
    auto stack = usage_of_stack(configuration, options.what, hours);
    if (!stack.ok() && stack.error().is(code::kNotFound)) {
      return Error(code::kNotFound,
                   fmt::format("there is no file {}, and no stack can be asked for: {}",
                               options.what, stack.error().message));
    }
    if (stack.ok() || !stack.error().is("ValidationError")) return stack;
    return Error(code::kNotFound, fmt::format("{} is neither a file nor a stack", options.what));
  }
  if (!read.ok()) return read.error();
  const std::string& text = *read;
  const nlohmann::json request = wire::parse_json(text);
  if (request.is_object() && request.contains("Instances")) {
    TARN_CHECK(cost::add_cluster(request["Instances"], "", hours, out));
    return out;
  }
  TARN_TRY(const auto parameters, parameters_of(options));
  TARN_TRY(const auto resources, resources_of_template(text, parameters, out.not_counted));
  for (const cost::Resource& each : resources) cost::add_resource(each, hours, out);
  return out;
}

int estimate(const Configuration& configuration, const CostOptions& options) {
  const auto prices = prices_of(configuration);
  if (!prices.ok()) return report(prices.error());
  const double month = prices->hours_per_month;
  auto usage = usage_of(configuration, options, month);
  if (!usage.ok()) return report(usage.error());
  const cost::Usage& extra = options.extra;
  usage->shard_hours += options.shards * month;
  usage->million_put_units += extra.million_put_units;
  usage->nat_hours += options.nat_gateways * month;
  usage->nat_gb += extra.nat_gb;
  usage->s3_gb_months += extra.s3_gb_months;
  usage->kms_key_months += extra.kms_key_months;
  usage->million_lambda_requests += extra.million_lambda_requests;
  usage->lambda_gb_seconds += extra.lambda_gb_seconds;
  return print_bill(*usage, *prices, "a month", options.as_json);
}

// EMR and EC2 charge by the second, a minute at the least.
// (https://aws.amazon.com/emr/pricing/)
double hours_run(const nlohmann::json& cluster, std::int64_t now_ms) {
  constexpr double kMsPerHour = 3.6e6;
  constexpr double kLeastHours = 1.0 / 60;
  const nlohmann::json& begin = cluster.at("ready_ms");
  if (!begin.is_number()) return 0;  // it never computed
  const nlohmann::json& end = cluster.at("ended_ms");
  const std::int64_t last = end.is_number() ? end.get<std::int64_t>() : now_ms;
  return std::max(kLeastHours, static_cast<double>(last - begin.get<std::int64_t>()) / kMsPerHour);
}

Result<cost::Usage> meters_of(const Configuration& configuration, const CostOptions& options) {
  TARN_TRY(const ServerFacts facts, find_server(configuration));
  TARN_TRY(const nlohmann::json answer, call_server(facts, "GET", "/_tarn/clusters", ""));
  const auto now = answer.value("now_ms", std::int64_t{0});
  cost::Usage out;
  bool found = options.what.empty();
  for (const nlohmann::json& cluster : answer.value("clusters", nlohmann::json::array())) {
    const std::string id = cluster.value("id", "");
    if (!options.what.empty() && options.what != id) continue;
    found = true;
    const double hours = hours_run(cluster, now);
    if (hours == 0) continue;
    const nlohmann::json request = cluster.value("request", nlohmann::json::object());
    TARN_CHECK(cost::add_cluster(request.value("Instances", nlohmann::json::object()), id + " ",
                                 hours, out));
  }
  if (!found) return Error(code::kNotFound, fmt::format("there is no cluster {}", options.what));
  return out;
}

int actual(const Configuration& configuration, const CostOptions& options) {
  const auto prices = prices_of(configuration);
  if (!prices.ok()) return report(prices.error());
  const auto usage = meters_of(configuration, options);
  if (!usage.ok()) return report(usage.error());
  return print_bill(*usage, *prices, "so far", options.as_json);
}

void add_estimate(CLI::App& parent, Context& context) {
  auto options = std::make_shared<CostOptions>();
  CLI::App* command = parent.add_subcommand(
      "estimate",
      "A month of a cluster, a stack, a template or RunJobFlow's JSON, by AWS's prices");
  command
      ->add_option(
          "what", options->what,
          "a cluster's id, a running stack's name, a CloudFormation template, or a file of "
          "RunJobFlow's input")
      ->type_name("CLUSTER|STACK|FILE");
  command->add_option("--parameter", options->parameters, "of the template")
      ->type_name("NAME=VALUE");
  command->add_option("--kinesis-shards", options->shards, "shards besides, all month");
  command->add_option("--kinesis-put-units", options->extra.million_put_units,
                      "PUT payload units of 25 KB, in millions");
  command->add_option("--nat-gateways", options->nat_gateways, "NAT gateways besides, all month");
  command->add_option("--nat-gb", options->extra.nat_gb, "data through them, in GB");
  command->add_option("--s3-gb", options->extra.s3_gb_months, "stored in S3, in GB");
  command->add_option("--kms-keys", options->extra.kms_key_months, "KMS keys besides");
  command->add_option("--lambda-requests", options->extra.million_lambda_requests, "in millions");
  command->add_option("--lambda-gb-seconds", options->extra.lambda_gb_seconds, "of Lambda");
  command->add_flag("--json", options->as_json, "print JSON");
  add_examples(*command,
               "  tarn cost estimate cluster.json --kinesis-shards 2 --nat-gateways 1\n"
               "  tarn cost estimate template.yaml --parameter MemoryProfile=Small\n"
               "  tarn cost estimate analytics-with-emr");
  command->callback(
      [&context, options] { context.exit_code = estimate(context.configuration, *options); });
}

}  // namespace

void add_cost_command(CLI::App& app, Context& context) {
  CLI::App* command =
      app.add_subcommand("cost", "What it would cost on AWS: line items, rates and their date");
  add_data_directory(*command, context);
  command->require_subcommand(1);
  add_examples(*command,
               "  tarn cost estimate j-1K48XXXXXXHCB\n"
               "  tarn cost actual --json");
  add_estimate(*command, context);
  auto options = std::make_shared<CostOptions>();
  CLI::App* meters = command->add_subcommand(
      "actual", "What the clusters that have run here would have cost on AWS so far");
  meters->add_option("cluster", options->what, "only this one")->type_name("CLUSTER");
  meters->add_flag("--json", options->as_json, "print JSON");
  meters->callback(
      [&context, options] { context.exit_code = actual(context.configuration, *options); });
}

}  // namespace tarn::app
