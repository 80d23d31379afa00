#include "cost/bill.h"

#include <optional>

#include <fmt/format.h>

namespace tarn::cost {
namespace {

class Writer {
 public:
  Writer(const Prices& prices, Bill& bill) : prices_(prices), bill_(bill) {}

  void instances(const Instances& each) {
    const std::string what = fmt::format("{:g} × {} {}", each.count, each.type, each.what);
    const auto rate = prices_.instance_hour(each.type);
    const double hours = each.count * each.hours;
    if (rate) {
      const double full = hours * *rate;
      const Amount amount{full, full * prices_.spot_least, full * prices_.spot_most};
      add({"EC2", what, hours, "instance-hours", *rate, amount, prices_.source("ec2")},
          each.spot ? amount.spot_most : full);
      // EMR charges the same for either.
      plain("EMR", what, hours, "instance-hours", *rate * prices_.emr_share, "emr");
    } else {
      bill_.not_counted.push_back(what + ": no price of this instance type is known here");
    }
    const auto storage = each.gb ? each.gb : prices_.default_storage(each.type);
    if (!storage) {
      bill_.not_counted.push_back(what + ": EMR's default storage of its size is not known here");
      return;
    }
    const double months = each.hours / prices_.hours_per_month;
    plain("EBS", fmt::format("{} (gp2, {:g} GB and {:g} GB root)", what, *storage, prices_.root_gb),
          each.count * (*storage + prices_.root_gb) * months, "GB-months",
          prices_.rate("ebs_gb_month"), "ebs");
  }

  // What has one price; nothing where there is none of it.
  void plain(const char* service, const std::string& what, double quantity, const char* unit,
             double rate, const char* source) {
    if (quantity <= 0) return;
    const double amount = quantity * rate;
    add({service, what, quantity, unit, rate, {amount, amount, amount}, prices_.source(source)},
        amount);
  }

 private:
  void add(LineItem item, double as_asked) {
    bill_.sum.on_demand += item.amount.on_demand;
    bill_.sum.spot_least += item.amount.spot_least;
    bill_.sum.spot_most += item.amount.spot_most;
    bill_.as_asked += as_asked;
    bill_.items.push_back(std::move(item));
  }

  const Prices& prices_;
  Bill& bill_;
};

}  // namespace

Bill make_bill(const Usage& usage, const Prices& prices) {
  Bill out;
  Writer writer(prices, out);
  for (const Instances& each : usage.instances) writer.instances(each);
  writer.plain("Kinesis", "shards", usage.shard_hours, "shard-hours",
               prices.rate("kinesis_shard_hour"), "kinesis");
  writer.plain("Kinesis", "PUT payload units of 25 KB", usage.million_put_units, "million",
               prices.rate("kinesis_million_put_units"), "kinesis");
  writer.plain("NAT", "gateways", usage.nat_hours, "hours", prices.rate("nat_hour"), "nat");
  writer.plain("NAT", "data processed", usage.nat_gb, "GB", prices.rate("nat_gb"), "nat");
  writer.plain("S3", "standard storage", usage.s3_gb_months, "GB-months",
               prices.rate("s3_gb_month"), "s3");
  writer.plain("KMS", "customer managed keys", usage.kms_key_months, "key-months",
               prices.rate("kms_key_month"), "kms");
  writer.plain("Lambda", "requests", usage.million_lambda_requests, "million",
               prices.rate("lambda_million_requests"), "lambda");
  writer.plain("Lambda", "duration", usage.lambda_gb_seconds, "GB-seconds",
               prices.rate("lambda_gb_second"), "lambda");
  out.not_counted.insert(out.not_counted.end(), usage.not_counted.begin(), usage.not_counted.end());
  return out;
}

std::string bill_table(const Bill& bill, const Prices& prices, const std::string& period) {
  constexpr const char* kRow = "{:<8} {:<52} {:>12} {:<15} {:>12} {:>11} {:>22}\n";
  std::string out = fmt::format(fmt::runtime(kRow), "SERVICE", "WHAT", "QUANTITY", "UNIT", "RATE $",
                                "ON-DEMAND $", "SPOT $");
  const auto spot = [](const Amount& amount) {
    return fmt::format("{:.2f} to {:.2f}", amount.spot_least, amount.spot_most);
  };
  for (const LineItem& item : bill.items) {
    const bool has_spot = item.amount.spot_most != item.amount.on_demand;
    out += fmt::format(fmt::runtime(kRow), item.service, item.what,
                       fmt::format("{:.2f}", item.quantity), item.unit,
                       fmt::format("{:g}", item.rate), fmt::format("{:.2f}", item.amount.on_demand),
                       has_spot ? spot(item.amount) : "-");
  }
  out += fmt::format(fmt::runtime(kRow), "SUM", period, "", "", "",
                     fmt::format("{:.2f}", bill.sum.on_demand), spot(bill.sum));
  out += fmt::format("As asked for, Spot at its most: ${:.2f} {}.\n", bill.as_asked, period);
  out += fmt::format(
      "Rates of {}, {}; Spot as it was then, {:g} to {:g} % of On-Demand. Sources: "
      "spec/prices, or --json.\n",
      prices.region, prices.as_of, 100 * prices.spot_least, 100 * prices.spot_most);
  for (const std::string& each : bill.not_counted) out += fmt::format("Not counted: {}.\n", each);
  return out;
}

nlohmann::ordered_json bill_json(const Bill& bill, const Prices& prices,
                                 const std::string& period) {
  using Json = nlohmann::ordered_json;
  const auto amount_json = [](const Amount& amount) -> Json {
    return {{"on_demand", amount.on_demand},
            {"spot_least", amount.spot_least},
            {"spot_most", amount.spot_most}};
  };
  Json items = Json::array();
  for (const LineItem& item : bill.items) {
    items.push_back({{"service", item.service},
                     {"what", item.what},
                     {"quantity", item.quantity},
                     {"unit", item.unit},
                     {"rate_usd", item.rate},
                     {"amount_usd", amount_json(item.amount)},
                     {"source", item.source}});
  }
  return {{"period", period},
          {"region", prices.region},
          {"rates_of", prices.as_of},
          {"items", std::move(items)},
          {"sum_usd", amount_json(bill.sum)},
          {"as_asked_usd", bill.as_asked},
          {"not_counted", bill.not_counted}};
}

}  // namespace tarn::cost
