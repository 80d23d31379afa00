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

struct KnownApplication {
  std::string_view name;
  std::string_view here;  // what of it there is; empty: nothing of it runs
};

constexpr std::string_view kLivyHere =
    "tarn's own server of Livy's API, at port 8998 of the primary node";
constexpr std::string_view kGlueHere =
    "not running: Spark has the Glue Data Catalog as Hive's metastore, by spark-hive-site";
constexpr std::string_view kNoSqlServer =
    "not running: there is no such server; Spark SQL reads the same tables";

// https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-700-release.html, emr-6150-release.html,
// emr-5362-release.html
constexpr std::array<KnownApplication, 28> kApplications = {{
    {"AmazonCloudWatchAgent", ""},
    {"Delta", ""},
    {"Flink", ""},
    {"Ganglia", ""},
    {"HBase", ""},
    {"HCatalog", kGlueHere},
    {"Hadoop",
     "its libraries; neither YARN nor HDFS runs: executors are Spark's own, files are in S3"},
    {"Hive", kGlueHere},
    {"Hudi", ""},
    {"Hue", ""},
    {"Iceberg", "part of every Spark here"},
    {"JupyterEnterpriseGateway", kLivyHere},
    {"JupyterHub", "not running: `tarn notebook --cluster` is JupyterLab on this cluster"},
    {"Livy", kLivyHere},
    {"MXNet", ""},
    {"Mahout", ""},
    {"Oozie", ""},
    {"Phoenix", ""},
    {"Pig", ""},
    {"Presto", kNoSqlServer},
    {"PrestoSQL", kNoSqlServer},
    {"Spark", "as its Version says"},
    {"Sqoop", ""},
    {"TensorFlow", ""},
    {"Tez", ""},
    {"Trino", kNoSqlServer},
    {"Zeppelin", ""},
    {"ZooKeeper", ""},
}};

const KnownApplication* find_application_kind(std::string_view name) {
  const auto* const found =
      std::find_if(kApplications.begin(), kApplications.end(),
                   [name](const KnownApplication& each) { return each.name == name; });
  return found == kApplications.end() ? nullptr : found;
}

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

bool is_application(std::string_view name) {
  return find_application_kind(name) != nullptr;
}

std::string_view application_here(std::string_view name) {
  const KnownApplication* const known = find_application_kind(name);
  return known == nullptr || known->here.empty() ? "not running: only Spark runs on this cluster"
                                                 : known->here;
}

}  // namespace tarn::emr
