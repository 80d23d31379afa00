// Describe: clusters, steps and instances as the API tells them.
//
// Place: services/emr, under the handlers. Threads: pure functions.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "services/emr/api.h"
#include "services/emr/cluster.h"

namespace tarn::emr {

[[nodiscard]] ClusterStatus status_of(const ClusterRecord& cluster);
[[nodiscard]] ClusterSummary summary_of(const ClusterRecord& cluster);
[[nodiscard]] StepStatus status_of(const ClusterRecord& cluster, const StepRecord& step);
[[nodiscard]] HadoopStepConfig config_of(const StepRecord& step);

[[nodiscard]] std::vector<Tag> tag_list(const std::map<std::string, std::string>& tags);

// Where a step's logs are; empty: nowhere.
[[nodiscard]] std::string log_folder_of(const ClusterRecord& cluster, const StepRecord& step);

}  // namespace tarn::emr
