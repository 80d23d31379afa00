// Usage: how much of what AWS charges for.
//
// Place: cost. Threads: values.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace tarn::cost {

// Instances of one type for so many hours each.
struct Instances {
  std::string what;  // for a person: "CORE", "j-… CORE"
  std::string type;
  double count = 0;
  double hours = 0;
  bool spot = false;         // as they were asked for
  std::optional<double> gb;  // gp2 of each, beside its root; nullopt: EMR's default
};

struct Usage {
  std::vector<Instances> instances;
  double shard_hours = 0;
  double million_put_units = 0;  // of 25 KB
  double nat_hours = 0;
  double nat_gb = 0;
  double s3_gb_months = 0;
  double kms_key_months = 0;
  double million_lambda_requests = 0;
  double lambda_gb_seconds = 0;
  std::vector<std::string> not_counted;  // what could not be read or has no rate, for a person
};

}  // namespace tarn::cost
