// Request: what the requests of EMR have in common.
//
// Place: services/emr, between the wire's inputs and the clusters. Threads: the control strand.
#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "services/emr/api.h"
#include "services/emr/service.h"

namespace tarn::emr {

// The cluster that a request names as ClusterId or ResourceId. Error: InvalidRequestException.
[[nodiscard]] Result<Clusters::Entry> find_cluster(EmrService& emr, const Caller& caller,
                                                   const std::optional<std::string>& id);
// The same, and it lives. Errors: InvalidRequestException.
[[nodiscard]] Result<Clusters::Entry> find_living(EmrService& emr, const Caller& caller,
                                                  const std::optional<std::string>& id);
// The cluster that a request names as JobFlowId. Error: ValidationException.
[[nodiscard]] Result<Clusters::Entry> find_job_flow(EmrService& emr, const Caller& caller,
                                                    const std::string& id);

// Error: NotImplemented by the parameter's name, where `given`.
[[nodiscard]] Status refuse(bool given, std::string_view parameter);

// Adds tags. Errors: InvalidRequestException (more than 50, "aws:", a key twice).
[[nodiscard]] Status add_tags(const Caller& caller, const std::vector<Tag>& added,
                              std::map<std::string, std::string>& tags);

// Error: as above ("aws:").
[[nodiscard]] Status remove_tags(const Caller& caller, const std::vector<std::string>& keys,
                                 std::map<std::string, std::string>& tags);

// Steps as they are recorded. Errors: ValidationException (more than 256 active, an
// ActionOnFailure that concurrency forbids, no Jar).
[[nodiscard]] Result<std::vector<StepRecord>> make_steps(EmrService& emr,
                                                         const ClusterRecord& cluster,
                                                         const std::vector<StepConfig>& configs);

// Error: ValidationException (not between 60 s and seven days).
[[nodiscard]] Status check_idle_timeout(const std::optional<AutoTerminationPolicy>& policy);
// Error: ValidationException (not between 1 and 256).
[[nodiscard]] Status check_concurrency(std::int32_t level);

// The page of `all` that begins at `marker`, and the marker of the next where there is one. Error:
// InvalidRequestException (no marker of ours).
template <class Entry>
Result<std::vector<Entry>> take_page(const std::vector<Entry>& all,
                                     const std::optional<std::string>& marker, std::size_t size,
                                     std::optional<std::string>& next);

// The place that a marker names. Error: InvalidRequestException.
[[nodiscard]] Result<std::size_t> place_of(const std::optional<std::string>& marker);
[[nodiscard]] std::string marker_of(std::size_t place);

template <class Entry>
Result<std::vector<Entry>> take_page(const std::vector<Entry>& all,
                                     const std::optional<std::string>& marker, std::size_t size,
                                     std::optional<std::string>& next) {
  TARN_TRY(const std::size_t place, place_of(marker));
  std::vector<Entry> out;
  for (std::size_t i = place; i < all.size() && out.size() < size; ++i) out.push_back(all[i]);
  if (place + out.size() < all.size()) next = marker_of(place + out.size());
  return out;
}

}  // namespace tarn::emr
