// Bill: usage and prices as the line items that AWS would write.
//
// Place: cost. Threads: pure functions.
#pragma once

#include <string>
#include <vector>

#include "cost/prices.h"
#include "cost/usage.h"
#include "wire/json_value.h"

namespace tarn::cost {

// An amount in US dollars by On-Demand prices and by the least and most of Spot's; alike for what
// has no Spot price.
struct Amount {
  double on_demand = 0;
  double spot_least = 0;
  double spot_most = 0;
};

struct LineItem {
  std::string service;  // "EC2", "EMR", "EBS", "Kinesis", "NAT", "S3", "KMS", "Lambda"
  std::string what;     // "3 × m7g.2xlarge CORE"
  double quantity = 0;
  std::string unit;  // "instance-hours"
  double rate = 0;   // US dollars a unit, On-Demand
  Amount amount;
  std::string source;
};

struct Bill {
  std::vector<LineItem> items;
  Amount sum;
  // As asked for: On-Demand and Spot instances each by their price, Spot's at the most.
  double as_asked = 0;
  std::vector<std::string> not_counted;
};

[[nodiscard]] Bill make_bill(const Usage& usage, const Prices& prices);

// For a person; `period` is "a month", "so far".
[[nodiscard]] std::string bill_table(const Bill& bill, const Prices& prices,
                                     const std::string& period);
[[nodiscard]] nlohmann::ordered_json bill_json(const Bill& bill, const Prices& prices,
                                               const std::string& period);

}  // namespace tarn::cost
