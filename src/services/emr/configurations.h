// Configurations: what the classifications of a request mean for the processes of a cluster here.
//
// Place: services/emr, under launch.h. Threads: pure functions.
// Sources: https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-configure-apps.html,
// https://docs.aws.amazon.com/emr/latest/ReleaseGuide/emr-spark-configure.html
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/emr/cluster.h"

namespace tarn::emr {

// Of livy-conf.
inline constexpr std::string_view kLivyTimeout = "livy.server.session.timeout";
inline constexpr std::string_view kLivyTimeoutCheck = "livy.server.session.timeout-check";

struct Applied {
  std::map<std::string, std::string> spark_defaults;
  std::map<std::string, std::string> hadoop;       // of core-site and its like: spark.hadoop.KEY
  std::map<std::string, std::string> environment;  // of steps, drivers and executors
  std::map<std::string, std::string> log4j2;
  std::map<std::string, std::string> livy;  // how long its sessions live
  std::vector<std::string> kept;  // "yarn-site: there is no YARN here", for each step's log
};

// What the cluster's configurations and, over them, those of its primary group or fleet mean; those
// of other groups are kept, as all of a cluster's instances share one configuration here.
[[nodiscard]] Applied apply_configurations(const RunJobFlowInput& request);

// Error: ValidationException (a classification twice in one list, none, or nested deeper than AWS
// takes them).
[[nodiscard]] Status check_configurations(const RunJobFlowInput& request);

// The text of Spark's log4j2.properties with the properties of spark-log4j2 over Spark's own.
[[nodiscard]] std::string log4j2_text(const std::map<std::string, std::string>& properties);

}  // namespace tarn::emr
