#include "services/emr/describe.h"

namespace tarn::emr {

ClusterStatus status_of(const ClusterRecord& cluster) {
  ClusterStatus out;
  out.state = cluster.state;
  ClusterStateChangeReason& reason = out.state_change_reason.emplace();
  if (!cluster.reason.code.empty()) reason.code = cluster.reason.code;
  if (!cluster.reason.message.empty()) reason.message = cluster.reason.message;
  ClusterTimeline& timeline = out.timeline.emplace();
  timeline.creation_date_time = cluster.created;
  timeline.ready_date_time = cluster.ready;
  timeline.end_date_time = cluster.ended;
  return out;
}

ClusterSummary summary_of(const ClusterRecord& cluster) {
  ClusterSummary out;
  out.id = cluster.id;
  out.name = cluster.request.name;
  out.status = status_of(cluster);
  out.cluster_arn = cluster.arn();
  return out;
}

std::string log_folder_of(const ClusterRecord& cluster, const StepRecord& step) {
  const std::string folder = cluster.log_folder();
  return folder.empty() ? folder : folder + "steps/" + step.id + "/";
}

StepStatus status_of(const ClusterRecord& cluster, const StepRecord& step) {
  StepStatus out;
  out.state = step.state;
  StepStateChangeReason& reason = out.state_change_reason.emplace();
  if (!step.why.empty()) reason.message = step.why;
  StepTimeline& timeline = out.timeline.emplace();
  timeline.creation_date_time = step.created;
  timeline.start_date_time = step.started;
  timeline.end_date_time = step.ended;
  if (step.state != step_state::kFailed) return out;
  FailureDetails& details = out.failure_details.emplace();
  details.reason = step.why;
  if (!step.last_words.empty()) details.message = step.last_words;
  const std::string logs = log_folder_of(cluster, step);
  if (!logs.empty()) details.log_file = logs + "stderr.gz";
  return out;
}

HadoopStepConfig config_of(const StepRecord& step) {
  const HadoopJarStepConfig& from = step.config.hadoop_jar_step;
  HadoopStepConfig out;
  out.jar = from.jar;
  out.main_class = from.main_class;
  out.args = from.args.value_or(std::vector<std::string>());
  auto& properties = out.properties.emplace();
  for (const KeyValue& each : from.properties.value_or(std::vector<KeyValue>())) {
    properties[each.key.value_or("")] = each.value.value_or("");
  }
  return out;
}

std::vector<Tag> tag_list(const std::map<std::string, std::string>& tags) {
  std::vector<Tag> out;
  for (const auto& [key, value] : tags) {
    Tag& tag = out.emplace_back();
    tag.key = key;
    tag.value = value;
  }
  return out;
}

}  // namespace tarn::emr
