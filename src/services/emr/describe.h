// Describe: clusters, steps and instances as the API tells them.
//
// Place: services/emr, under the handlers. Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "services/emr/api.h"
#include "services/emr/cluster.h"

namespace tarn::emr {

[[nodiscard]] ClusterStatus status_of(const ClusterRecord& cluster);
[[nodiscard]] ClusterSummary summary_of(const ClusterRecord& cluster);
[[nodiscard]] StepStatus status_of(const ClusterRecord& cluster, const StepRecord& step);
[[nodiscard]] HadoopStepConfig config_of(const StepRecord& step);

// Where a step's logs are; empty: nowhere.
[[nodiscard]] std::string log_folder_of(const ClusterRecord& cluster, const StepRecord& step);

}  // namespace tarn::emr
