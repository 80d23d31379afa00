// AddJobFlowSteps, ListSteps, DescribeStep, CancelSteps.
#include <algorithm>
#include <utility>

#include <fmt/format.h>

#include "services/emr/actions.h"
#include "services/emr/describe.h"
#include "services/emr/request.h"

namespace tarn::emr {
namespace {

// https://docs.aws.amazon.com/emr/latest/APIReference/API_ListSteps.html
constexpr std::size_t kStepsPerPage = 50;
constexpr std::size_t kMostNamedSteps = 10;

StepSummary summary_of(const ClusterRecord& cluster, const StepRecord& step) {
  StepSummary out;
  out.id = step.id;
  out.name = step.config.name;
  out.config = config_of(step);
  out.action_on_failure = std::string(step.on_failure());
  out.status = status_of(cluster, step);
  const std::string logs = log_folder_of(cluster, step);
  if (!logs.empty()) out.log_uri = logs;
  return out;
}

bool contains(const std::optional<std::vector<std::string>>& list, const std::string& value) {
  return list && std::find(list->begin(), list->end(), value) != list->end();
}

}  // namespace

Task<Result<AddJobFlowStepsOutput>> handle(AddJobFlowSteps /*tag*/, EmrService& emr,
                                           const Caller& caller, AddJobFlowStepsInput input) {
  TARN_CO_CHECK(refuse(input.execution_role_arn.has_value(), "ExecutionRoleArn"));
  TARN_CO_TRY(const Clusters::Entry life, find_job_flow(emr, caller, input.job_flow_id));
  ClusterRecord& cluster = life->cluster();
  if (!cluster.living()) {
    co_return Error("ValidationException",
                    "A job flow that is shutting down, terminated, or finished may not be "
                    "modified.");
  }
  TARN_CO_TRY(std::vector<StepRecord> steps, make_steps(emr, cluster, input.steps));
  AddJobFlowStepsOutput out;
  out.step_ids.emplace();
  for (StepRecord& step : steps) {
    out.step_ids->push_back(step.id);
    cluster.steps.push_back(std::move(step));
    life->touch(cluster.steps.back());
  }
  TARN_CO_CHECK(co_await life->save());
  co_return out;
}

// Newest first.
Task<Result<ListStepsOutput>> handle(ListSteps /*tag*/, EmrService& emr, const Caller& caller,
                                     ListStepsInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_cluster(emr, caller, input.cluster_id));
  if (input.step_ids && input.step_ids->size() > kMostNamedSteps) {
    co_return Error("InvalidRequestException",
                    fmt::format("At most {} steps are named in a request.", kMostNamedSteps));
  }
  ClusterRecord& cluster = life->cluster();
  std::vector<StepSummary> wanted;
  for (auto step = cluster.steps.rbegin(); step != cluster.steps.rend(); ++step) {
    if (input.step_ids && !input.step_ids->empty() && !contains(input.step_ids, step->id)) continue;
    const bool any_state = !input.step_states || input.step_states->empty();
    if (any_state || contains(input.step_states, step->state)) {
      wanted.push_back(summary_of(cluster, *step));
    }
  }
  ListStepsOutput out;
  TARN_CO_TRY(out.steps, take_page(wanted, input.marker, kStepsPerPage, out.marker));
  co_return out;
}

Task<Result<DescribeStepOutput>> handle(DescribeStep /*tag*/, EmrService& emr, const Caller& caller,
                                        DescribeStepInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_cluster(emr, caller, input.cluster_id));
  const StepRecord* const found = life->cluster().find_step(input.step_id);
  if (found == nullptr) {
    co_return Error("InvalidRequestException",
                    fmt::format("Step id '{}' is not valid.", input.step_id));
  }
  const StepSummary summary = summary_of(life->cluster(), *found);
  DescribeStepOutput out;
  Step& step = out.step.emplace();
  step.id = summary.id;
  step.name = summary.name;
  step.config = summary.config;
  step.action_on_failure = summary.action_on_failure;
  step.status = summary.status;
  step.log_uri = summary.log_uri;
  co_return out;
}

Task<Result<CancelStepsOutput>> handle(CancelSteps /*tag*/, EmrService& emr, const Caller& caller,
                                       CancelStepsInput input) {
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.cluster_id));
  const bool by_force =
      input.step_cancellation_option == values::step_cancellation_option::kTerminateProcess;
  CancelStepsOutput out;
  out.cancel_steps_info_list.emplace();
  for (const std::string& id : input.step_ids) {
    CancelStepsInfo& info = out.cancel_steps_info_list->emplace_back();
    info.step_id = id;
    StepRecord* const step = life->cluster().find_step(id);
    if (step != nullptr && life->cancel_step(*step, by_force)) {
      info.status = values::cancel_steps_request_status::kSubmitted;
      continue;
    }
    info.status = values::cancel_steps_request_status::kFailed;
    info.reason = step == nullptr ? fmt::format("Step id '{}' is not valid.", id)
                                  : fmt::format("The step is {}.", step->state);
  }
  TARN_CO_CHECK(co_await life->save());
  co_return out;
}

}  // namespace tarn::emr
