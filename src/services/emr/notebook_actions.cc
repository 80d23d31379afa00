// StartNotebookExecution, DescribeNotebookExecution, ListNotebookExecutions, StopNotebookExecution.
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "services/emr/actions.h"
#include "services/emr/describe.h"
#include "services/emr/members.h"
#include "services/emr/request.h"
#include "wire/json_value.h"

namespace tarn::emr {
namespace {

constexpr std::size_t kExecutionsPerPage = 50;
// https://docs.aws.amazon.com/emr/latest/APIReference/API_ListNotebookExecutions.html: `From`
// without a value is 30 days before now.
constexpr std::chrono::hours kUsualSpan{24 * 30};

Error invalid_execution(std::string text) {
  return {"InvalidRequestException", std::move(text)};
}

Status check_execution(const StartNotebookExecutionInput& input) {
  if (input.editor_id || input.relative_path) {
    return Error(
        "NotImplemented",
        "EditorId and RelativePath are not implemented by tarn: it has no Workspaces; give "
        "NotebookS3Location.");
  }
  TARN_CHECK(refuse(input.execution_engine.execution_role_arn.has_value(), "ExecutionRoleArn"));
  const auto& from = input.notebook_s3_location;
  if (!from || from->bucket.value_or("").empty() || from->key.value_or("").empty())
    return invalid_execution("NotebookS3Location needs the Bucket and Key of the notebook.");
  const auto& to = input.output_notebook_s3_location;
  if (to && to->bucket.value_or("").empty())
    return invalid_execution("OutputNotebookS3Location needs a Bucket.");
  if (input.output_notebook_format && !to)
    return invalid_execution("OutputNotebookFormat needs an OutputNotebookS3Location.");
  const auto parameters = wire::parse_json(input.notebook_params.value_or("{}"));
  if (!parameters.is_object())
    return invalid_execution("NotebookParams is not a JSON object of names and values.");
  return {};
}

// A key that names a file is the output's; another is its folder.
std::string output_key(const std::string& key, const std::string& id, bool html) {
  const std::string extension = html ? ".html" : ".ipynb";
  if (key.ends_with(extension)) return key;
  if (key.empty()) return id + extension;
  return key.ends_with('/') ? key + id + extension : key + "/" + id + extension;
}

Result<NotebookExecutions::Entry> find_execution(EmrService& emr, const Caller& caller,
                                                 const std::string& id) {
  auto execution = emr.executions().find(caller, id);
  if (execution) return execution;
  return invalid_execution(fmt::format("Notebook execution id '{}' is not valid.", id));
}

NotebookS3LocationForOutput input_of(const ExecutionRecord& record) {
  NotebookS3LocationForOutput out;
  out.bucket = record.request.notebook_s3_location->bucket;
  out.key = record.request.notebook_s3_location->key;
  return out;
}

NotebookExecution describe_execution(const ExecutionRecord& record) {
  const StartNotebookExecutionInput& asked = record.request;
  NotebookExecution out;
  out.notebook_execution_id = record.id;
  out.execution_engine = asked.execution_engine;
  out.notebook_execution_name = asked.notebook_execution_name;
  out.notebook_params = asked.notebook_params;
  out.status = record.state;
  out.start_time = record.started;
  out.end_time = record.ended;
  out.arn = record.arn();
  out.last_state_change_reason = record.reason;
  out.notebook_instance_security_group_id = asked.notebook_instance_security_group_id;
  out.tags = tag_list(record.tags);
  out.notebook_s3_location = input_of(record);
  out.output_notebook_format = asked.output_notebook_format;
  out.environment_variables = asked.environment_variables;
  if (record.output_bucket.empty()) return out;
  auto& output = out.output_notebook_s3_location.emplace();
  output.bucket = record.output_bucket;
  output.key = record.output_key;
  if (record.over())
    out.output_notebook_uri = fmt::format("s3://{}/{}", record.output_bucket, record.output_key);
  return out;
}

bool asked_for(const ExecutionRecord& record, const ListNotebookExecutionsInput& input,
               Timestamp from) {
  if (input.status && *input.status != record.state) return false;
  if (input.execution_engine_id && *input.execution_engine_id != record.request.execution_engine.id)
    return false;
  if (input.editor_id) return false;
  return !(record.started < from) && (!input.to || !(*input.to < record.started));
}

}  // namespace

Task<Result<StartNotebookExecutionOutput>> handle(StartNotebookExecution /*tag*/, EmrService& emr,
                                                  const Caller& caller,
                                                  StartNotebookExecutionInput input) {
  TARN_CO_CHECK(check_execution(input));
  TARN_CO_TRY(const Clusters::Entry life, find_living(emr, caller, input.execution_engine.id));
  if (!Notebooks::wanted(life->cluster())) {
    co_return invalid_execution(
        fmt::format("Cluster {} has no Livy: name it among the Applications of RunJobFlow.",
                    life->cluster().id));
  }
  ExecutionRecord record;
  record.id = new_id(emr.platform().random, "ex");
  record.account = caller.account_id;
  record.region = caller.region;
  record.started = emr.platform().clock.now();
  TARN_CO_CHECK(add_tags(caller, input.tags.value_or(std::vector<Tag>()), record.tags));
  if (const auto& to = input.output_notebook_s3_location) {
    record.output_bucket = to->bucket.value_or("");
    record.output_key =
        output_key(to->key.value_or(""), record.id, input.output_notebook_format.has_value());
  }
  input.tags.reset();
  record.request = std::move(input);
  StartNotebookExecutionOutput out;
  out.notebook_execution_id = record.id;
  TARN_CO_CHECK(co_await emr.executions().add(std::move(record), life));
  co_return out;
}

Task<Result<DescribeNotebookExecutionOutput>> handle(DescribeNotebookExecution /*tag*/,
                                                     EmrService& emr, const Caller& caller,
                                                     DescribeNotebookExecutionInput input) {
  TARN_CO_TRY(const auto execution, find_execution(emr, caller, input.notebook_execution_id));
  DescribeNotebookExecutionOutput out;
  out.notebook_execution = describe_execution(*execution);
  co_return out;
}

Task<Result<ListNotebookExecutionsOutput>> handle(ListNotebookExecutions /*tag*/, EmrService& emr,
                                                  const Caller& caller,
                                                  ListNotebookExecutionsInput input) {
  Timestamp from = emr.platform().clock.now();
  from.ms -= std::chrono::milliseconds(kUsualSpan).count();
  if (input.from) from = *input.from;
  std::vector<NotebookExecutionSummary> all;
  for (const auto& execution : emr.executions().list(caller)) {
    if (!asked_for(*execution, input, from)) continue;
    NotebookExecutionSummary& told = all.emplace_back();
    told.notebook_execution_id = execution->id;
    told.notebook_execution_name = execution->request.notebook_execution_name;
    told.status = execution->state;
    told.start_time = execution->started;
    told.end_time = execution->ended;
    told.notebook_s3_location = input_of(*execution);
    told.execution_engine_id = execution->request.execution_engine.id;
  }
  ListNotebookExecutionsOutput out;
  TARN_CO_TRY(out.notebook_executions,
              take_page(all, input.marker, kExecutionsPerPage, out.marker));
  co_return out;
}

Task<Result<wire::Unit>> handle(StopNotebookExecution /*tag*/, EmrService& emr,
                                const Caller& caller, StopNotebookExecutionInput input) {
  TARN_CO_TRY(const auto execution, find_execution(emr, caller, input.notebook_execution_id));
  emr.executions().stop(execution);
  co_return wire::Unit();
}

}  // namespace tarn::emr
