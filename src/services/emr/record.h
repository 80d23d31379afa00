// Records: keys and values of the EMR room in the store; described in docs/formats/emr.md.
//
// Place: services/emr. Threads: pure functions. Decoding fails with kCorrupt and the record's name.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/result.h"
#include "services/emr/cluster.h"

namespace tarn::emr {

inline constexpr std::string_view kClusterPrefix = "c";
inline constexpr std::string_view kStepPrefix = "s";

[[nodiscard]] std::string cluster_key(std::string_view cluster_id);
// `place` is the step's in Cluster::steps.
[[nodiscard]] std::string step_key(std::string_view cluster_id, std::size_t place);
// The keys of all steps of a cluster begin so.
[[nodiscard]] std::string steps_prefix(std::string_view cluster_id);

// Without its steps, which have records of their own.
[[nodiscard]] std::string encode(const ClusterRecord& cluster);
[[nodiscard]] Result<ClusterRecord> decode_cluster(std::string_view record);
[[nodiscard]] std::string encode(const StepRecord& step);
[[nodiscard]] Result<StepRecord> decode_step(std::string_view record);

}  // namespace tarn::emr
