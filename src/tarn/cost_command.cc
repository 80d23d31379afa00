#include "tarn/cost_command.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include "cost/bill.h"
#include "cost/cluster_usage.h"
#include "cost/template_usage.h"
#include "platform/real/files.h"
#include "tarn/server_call.h"
#include "tarn/server_file.h"

namespace tarn::app {

namespace {

struct CostOptions {
  std::string what;  // a cluster's id, or a file
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

// What a cluster of the server, or a file, comes to in a month.
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
  TARN_TRY(const std::string text, files.read(options.what));
  const nlohmann::json request = nlohmann::json::parse(text, nullptr, false);
  if (request.is_object() && request.contains("Instances")) {
    TARN_CHECK(cost::add_cluster(request["Instances"], "", hours, out));
    return out;
  }
  TARN_TRY(const auto parameters, parameters_of(options));
  return cost::read_template(text, parameters, hours);
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
      "estimate", "A month of a cluster, of RunJobFlow's JSON, or of a template, by AWS's prices");
  command
      ->add_option("what", options->what,
                   "a cluster's id, a file of RunJobFlow's input, or a CloudFormation template")
      ->type_name("CLUSTER|FILE");
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
               "  tarn cost estimate template.yaml --parameter MemoryProfile=Small");
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
