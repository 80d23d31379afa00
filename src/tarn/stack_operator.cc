#include "tarn/stack_operator.h"

#include <cstdio>
#include <vector>

#include <fmt/format.h>

#include "platform/real/process_table.h"

namespace tarn::app {

namespace {

using Json = nlohmann::json;

constexpr std::string_view kApiVersion = "2010-05-15";
constexpr std::chrono::milliseconds kLookAtStack{150};
constexpr std::string_view kUnderWay = "_IN_PROGRESS";

bool is_absent(const Error& error) {
  return error.is("ValidationError") && error.message.find("does not exist") != std::string::npos;
}

bool is_complete(std::string_view status) {
  return status == "CREATE_COMPLETE" || status == "UPDATE_COMPLETE" ||
         status == "UPDATE_ROLLBACK_COMPLETE" || status == "IMPORT_COMPLETE";
}

}  // namespace

Result<Json> StackOperator::describe(const std::string& name) const {
  TARN_TRY(const Json answer,
           calls_.query("cloudformation", kApiVersion, "DescribeStacks", {{"StackName", name}}));
  const auto stacks = list_in(answer, "Stacks");
  if (stacks.empty()) return Error(code::kNotFound, "there is no stack " + name);
  return stacks.front();
}

Result<std::string> StackOperator::status(const std::string& name) const {
  const auto stack = describe(name);
  if (!stack.ok() && is_absent(stack.error())) return std::string();
  if (!stack.ok()) return stack.error();
  const std::string status = text_in(*stack, "StackStatus");
  return status == "DELETE_COMPLETE" ? std::string() : status;
}

Result<StackOperator::Values> StackOperator::outputs(const std::string& name) const {
  TARN_TRY(const Json stack, describe(name));
  Values out;
  for (const Json& each : list_in(stack, "Outputs"))
    out[text_in(each, "OutputKey")] = text_in(each, "OutputValue");
  return out;
}

Result<StackOperator::Values> StackOperator::resources(const std::string& name) const {
  TARN_TRY(const Json answer, calls_.query("cloudformation", kApiVersion, "DescribeStackResources",
                                           {{"StackName", name}}));
  Values out;
  for (const Json& each : list_in(answer, "StackResources"))
    out[text_in(each, "LogicalResourceId")] = text_in(each, "PhysicalResourceId");
  return out;
}

// Of a nested stack that failed, what failed in it.
Status StackOperator::note_failure(const Json& event) {
  const std::string type = text_in(event, "ResourceType");
  const std::string physical = text_in(event, "PhysicalResourceId");
  if (type != "AWS::CloudFormation::Stack") {
    failures_ += fmt::format("\n  {} ({}): {}", text_in(event, "LogicalResourceId"), type,
                             text_in(event, "ResourceStatusReason"));
    return {};
  }
  // The stack's own event says what its resources' do.
  if (physical == text_in(event, "StackId") || !physical.starts_with("arn:")) return {};
  TARN_TRY(const Json answer, calls_.query("cloudformation", kApiVersion, "DescribeStackEvents",
                                           {{"StackName", physical}}));
  for (const Json& each : list_in(answer, "StackEvents")) {
    if (text_in(each, "ResourceStatus").ends_with("_FAILED")) TARN_CHECK(note_failure(each));
  }
  return {};
}

Status StackOperator::tell_events(const std::string& stack) {
  TARN_TRY(const Json answer, calls_.query("cloudformation", kApiVersion, "DescribeStackEvents",
                                           {{"StackName", stack}}));
  auto events = list_in(answer, "StackEvents");
  for (auto each = events.rbegin(); each != events.rend(); ++each) {
    if (!told_.insert(text_in(*each, "EventId")).second) continue;
    const std::string status = text_in(*each, "ResourceStatus");
    if (status.ends_with(kUnderWay)) continue;
    const std::string reason = text_in(*each, "ResourceStatusReason");
    const std::string logical = text_in(*each, "LogicalResourceId");
    fmt::print("      {:<34} {}{}{}\n", logical, status, reason.empty() ? "" : ": ", reason);
    if (status.ends_with("_FAILED")) TARN_CHECK(note_failure(*each));
  }
  std::fflush(stdout);
  return {};
}

Result<std::string> StackOperator::watch(const std::string& stack) {
  const int looks = static_cast<int>(kLongest / kLookAtStack);
  for (int look = 0; look < looks; ++look) {
    TARN_TRY(const std::string now, status(stack));
    // Once it is gone, its events are known by its id alone.
    if (now.empty() && !stack.starts_with("arn:")) return now;
    TARN_CHECK(tell_events(stack));
    if (!now.ends_with(kUnderWay)) return now;
    platform::real::pause_thread(kLookAtStack);
  }
  return Error(code::kTimeout,
               fmt::format("stack {} is still under way; it goes on, and the same command goes on "
                           "waiting for it",
                           stack));
}

Status StackOperator::ended(const std::string& name, const std::string& status,
                            std::string_view wanted) {
  const bool good = wanted.empty() ? status.empty() : status == wanted;
  if (good) return {};
  return Error(code::kInvalid,
               fmt::format("stack {} is {}{}", name, status.empty() ? "gone" : status, failures_));
}

Status StackOperator::make(const StackOrder& order) {
  failures_.clear();
  TARN_TRY(std::string before, status(order.name));
  if (before.ends_with(kUnderWay)) {
    TARN_TRY(before, watch(order.name));
  }
  if (is_complete(before)) {
    fmt::print("      is there already ({})\n", before);
    return {};
  }
  if (!before.empty()) {
    fmt::print("      is {}: deleted, and made anew\n", before);
    TARN_CHECK(remove(order.name));
    failures_.clear();
  }
  AwsCalls::Parameters input = {{"StackName", order.name},
                                {"TemplateURL", order.template_url},
                                {"Capabilities.member.1", "CAPABILITY_NAMED_IAM"}};
  int number = 0;
  for (const auto& [name, value] : order.parameters) {
    const std::string member = fmt::format("Parameters.member.{}.", ++number);
    input[member + "ParameterKey"] = name;
    input[member + "ParameterValue"] = value;
  }
  TARN_TRY(const Json made,
           calls_.query("cloudformation", kApiVersion, "CreateStack", std::move(input)));
  TARN_TRY(const std::string status, watch(text_in(made, "StackId")));
  return ended(order.name, status, "CREATE_COMPLETE");
}

Status StackOperator::remove(const std::string& name) {
  failures_.clear();
  const auto stack = describe(name);
  if (!stack.ok() && is_absent(stack.error())) {
    fmt::print("      is not there\n");
    return {};
  }
  if (!stack.ok()) return stack.error();
  // What happened to it until now is not told.
  const std::string id = text_in(*stack, "StackId");
  TARN_TRY(const Json before,
           calls_.query("cloudformation", kApiVersion, "DescribeStackEvents", {{"StackName", id}}));
  for (const Json& each : list_in(before, "StackEvents")) told_.insert(text_in(each, "EventId"));
  if (text_in(*stack, "StackStatus") != "DELETE_IN_PROGRESS") {
    TARN_TRY(const Json asked,
             calls_.query("cloudformation", kApiVersion, "DeleteStack", {{"StackName", id}}));
  }
  TARN_TRY(const std::string status, watch(id));
  return ended(name, status, "");
}

}  // namespace tarn::app
