// Availability zones of a region.
//
// Place: services/ec2. Source of how many there are:
// https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace tarn::ec2 {

struct Zone {
  std::string name;  // "us-west-2a"
  std::string id;    // "usw2-az1"
};

[[nodiscard]] std::vector<Zone> zones_of(std::string_view region);

// The regions that every account has without asking
// (https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-regions.html).
[[nodiscard]] const std::vector<std::string>& usual_regions();

}  // namespace tarn::ec2
