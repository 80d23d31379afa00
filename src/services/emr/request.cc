#include "services/emr/request.h"

#include <charconv>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "gateway/system_tags.h"
#include "services/emr/members.h"
#include "wire/encoding.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/ManagementGuide/emr-plan-tags.html
constexpr std::size_t kMostTags = 50;
constexpr std::string_view kMarker = "tarn-emr-";
// https://docs.aws.amazon.com/emr/latest/APIReference/API_ModifyCluster.html
constexpr std::int32_t kMostConcurrency = 256;

Error invalid_request(std::string text) {
  return {"InvalidRequestException", std::move(text)};
}

Status check_tag_key(const Caller& caller, const std::string& key) {
  if (gateway::may_change_tag(caller, wire::to_lower(key))) return {};
  return invalid_request("Tag keys that begin with aws: are reserved.");
}

Error validation(std::string text) {
  return {"ValidationException", std::move(text)};
}

}  // namespace

Result<Clusters::Entry> find_cluster(EmrService& emr, const Caller& caller,
                                     const std::optional<std::string>& id) {
  const std::string name = id.value_or("");
  Clusters::Entry found = emr.clusters().find(caller, name);
  if (!found) return invalid_request(fmt::format("Cluster id '{}' is not valid.", name));
  return found;
}

Result<Clusters::Entry> find_living(EmrService& emr, const Caller& caller,
                                    const std::optional<std::string>& id) {
  TARN_TRY(Clusters::Entry found, find_cluster(emr, caller, id));
  if (found->cluster().living()) return found;
  return invalid_request(fmt::format("Cluster '{}' is {}: it takes no changes.",
                                     found->cluster().id, found->cluster().state));
}

Result<Clusters::Entry> find_job_flow(EmrService& emr, const Caller& caller,
                                      const std::string& id) {
  Clusters::Entry found = emr.clusters().find(caller, id);
  if (!found) return validation("Specified job flow ID does not exist.");
  return found;
}

Status refuse(bool given, std::string_view parameter) {
  if (!given) return {};
  return Error("NotImplemented",
               fmt::format("{} is not implemented by tarn: leave it out", parameter));
}

Status add_tags(const Caller& caller, const std::vector<Tag>& added,
                std::map<std::string, std::string>& tags) {
  std::set<std::string> seen;
  std::map<std::string, std::string> out = tags;
  for (const Tag& tag : added) {
    const std::string key = tag.key.value_or("");
    if (key.empty()) return invalid_request("A tag's key is not empty.");
    TARN_CHECK(check_tag_key(caller, key));
    if (!seen.insert(key).second) {
      return invalid_request(fmt::format("Duplicate tag key '{}'.", key));
    }
    out[key] = tag.value.value_or("");
  }
  if (gateway::count_own_tags(out) > kMostTags) {
    return invalid_request(fmt::format("A cluster has at most {} tags.", kMostTags));
  }
  tags = std::move(out);
  return {};
}

Status remove_tags(const Caller& caller, const std::vector<std::string>& keys,
                   std::map<std::string, std::string>& tags) {
  for (const std::string& key : keys) {
    TARN_CHECK(check_tag_key(caller, key));
    tags.erase(key);
  }
  return {};
}

Result<std::vector<StepRecord>> make_steps(EmrService& emr, const ClusterRecord& cluster,
                                           const std::vector<StepConfig>& configs) {
  if (cluster.active_steps() + configs.size() > kMostActiveSteps) {
    return validation(
        fmt::format("Maximum number of active steps(State = 'Running', 'Pending' or "
                    "'Cancel_Pending') for cluster exceeded. A cluster has at most {}.",
                    kMostActiveSteps));
  }
  std::vector<StepRecord> out;
  for (const StepConfig& config : configs) {
    if (config.hadoop_jar_step.jar.empty()) return validation("A step names a Jar.");
    TARN_CHECK(
        refuse(config.step_monitoring_configuration.has_value(), "StepMonitoringConfiguration"));
    StepRecord& step = out.emplace_back();
    step.id = new_id(emr.platform().random, "s");
    step.config = config;
    step.created = emr.platform().clock.now();
    if (cluster.step_concurrency > 1 && step.on_failure() != values::action_on_failure::kContinue) {
      return validation(
          "The ActionOnFailure of a step of a cluster whose StepConcurrencyLevel is greater than 1 "
          "must be CONTINUE.");
    }
  }
  return out;
}

Status check_idle_timeout(const std::optional<AutoTerminationPolicy>& policy) {
  if (!policy || !policy->idle_timeout) return {};
  if (*policy->idle_timeout >= kLeastIdleTimeout && *policy->idle_timeout <= kMostIdleTimeout) {
    return {};
  }
  return validation(fmt::format("IdleTimeout {} is not between {} and {} seconds.",
                                *policy->idle_timeout, kLeastIdleTimeout, kMostIdleTimeout));
}

Status check_concurrency(std::int32_t level) {
  if (level >= 1 && level <= kMostConcurrency) return {};
  return validation(
      fmt::format("StepConcurrencyLevel {} is not between 1 and {}.", level, kMostConcurrency));
}

Result<std::size_t> place_of(const std::optional<std::string>& marker) {
  if (!marker) return std::size_t{0};
  const auto text = wire::from_base64(*marker);
  if (text && text->starts_with(kMarker)) {
    std::size_t place = 0;
    const char* const end = text->data() + text->size();
    const auto read = std::from_chars(text->data() + kMarker.size(), end, place);
    if (read.ec == std::errc() && read.ptr == end) return place;
  }
  return invalid_request("The Marker is not one that an earlier page gave.");
}

std::string marker_of(std::size_t place) {
  return wire::to_base64(std::string(kMarker) + std::to_string(place));
}

}  // namespace tarn::emr
