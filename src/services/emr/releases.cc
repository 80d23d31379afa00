#include "services/emr/releases.h"

#include <algorithm>
#include <array>

#include <fmt/format.h>

namespace tarn::emr {
namespace {

constexpr std::array<std::string_view, 33> kLabels = {
    "emr-7.12.0", "emr-7.11.0", "emr-7.10.0", "emr-7.9.0",  "emr-7.8.0",  "emr-7.7.0",
    "emr-7.6.0",  "emr-7.5.0",  "emr-7.4.0",  "emr-7.3.0",  "emr-7.2.0",  "emr-7.1.0",
    "emr-7.0.0",  "emr-6.15.0", "emr-6.14.0", "emr-6.13.0", "emr-6.12.0", "emr-6.11.1",
    "emr-6.11.0", "emr-6.10.1", "emr-6.10.0", "emr-6.9.1",  "emr-6.9.0",  "emr-6.8.1",
    "emr-6.8.0",  "emr-6.7.0",  "emr-6.6.0",  "emr-6.5.0",  "emr-6.4.0",  "emr-6.3.1",
    "emr-5.36.2", "emr-5.36.1", "emr-5.36.0"};

// https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-700-release.html
constexpr std::array<std::string_view, 21> kApplications = {"AmazonCloudWatchAgent",
                                                            "Delta",
                                                            "Flink",
                                                            "HBase",
                                                            "HCatalog",
                                                            "Hadoop",
                                                            "Hive",
                                                            "Hudi",
                                                            "Hue",
                                                            "Iceberg",
                                                            "JupyterEnterpriseGateway",
                                                            "JupyterHub",
                                                            "Livy",
                                                            "Oozie",
                                                            "Phoenix",
                                                            "Pig",
                                                            "Presto",
                                                            "Spark",
                                                            "Tez",
                                                            "Trino",
                                                            "Zeppelin"};

}  // namespace

std::span<const std::string_view> release_labels() {
  return kLabels;
}

Status check_release(std::string_view label) {
  if (std::find(kLabels.begin(), kLabels.end(), label) != kLabels.end()) return {};
  return Error(
      "ValidationException",
      fmt::format("The supplied release label is invalid: {}. ListReleaseLabels lists what "
                  "is taken.",
                  label));
}

std::span<const std::string_view> known_applications() {
  return kApplications;
}

}  // namespace tarn::emr
