// Prices: the rates of AWS, with their date and sources.
//
// Place: cost; read from spec/prices. Threads: immutable after read().
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "platform/files.h"

namespace tarn::cost {

class Prices {
 public:
  // instance-types.json and services.json of the folder. Blocks. Errors: kIo, kNotFound, kCorrupt.
  [[nodiscard]] static Result<Prices> read(platform::Files& files, const std::string& folder);

  // US dollars an hour, On-Demand; nullopt: no rate is known of the type.
  [[nodiscard]] std::optional<double> instance_hour(std::string_view type) const;
  // "kinesis_shard_hour" and its like.
  [[nodiscard]] double rate(std::string_view name) const;
  // Of "ec2", "kinesis", …: where its rates come from.
  [[nodiscard]] std::string source(std::string_view service) const;
  // GB of gp2 that EMR gives an instance of the type by default, without its root volume; nullopt:
  // not known of its size.
  [[nodiscard]] std::optional<double> default_storage(std::string_view type) const;

  std::string region;
  std::string as_of;           // year and month of all rates
  double hours_per_month = 0;  // as the pricing calculator counts
  double emr_share = 0;        // of the On-Demand price of an instance
  double spot_least = 0;       // of the On-Demand price: what Spot cost at the least
  double spot_most = 0;        // and at the most
  double root_gb = 0;          // of each instance

 private:
  std::map<std::string, double, std::less<>> instances_;
  std::map<std::string, double, std::less<>> rates_;
  std::map<std::string, std::string, std::less<>> sources_;
  std::map<std::string, double, std::less<>> storage_;  // by size: "2xlarge"
};

}  // namespace tarn::cost
