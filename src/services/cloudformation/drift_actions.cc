// Drift: detected, and told.
#include "services/cloudformation/drift_actions.h"

#include <algorithm>
#include <set>
#include <utility>

#include <fmt/format.h>

#include "services/cloudformation/request.h"

namespace tarn::cloudformation {
namespace {

constexpr std::size_t kDriftsAPage = 100;

StackResourceDrift told_drift(const StackRecord& stack, const ResourceRecord& resource) {
  StackResourceDrift out;
  out.stack_id = stack.id;
  out.logical_resource_id = resource.name;
  out.physical_resource_id = if_any(resource.physical_id);
  out.resource_type = resource.type;
  out.stack_resource_drift_status = resource.drift.status;
  out.timestamp = Timestamp{resource.drift.checked_ms};
  out.expected_properties = resource.properties.dump();
  if (!resource.drift.actual.is_null()) out.actual_properties = resource.drift.actual.dump();
  auto& differences = out.property_differences.emplace();
  for (const PropertyDrift& each : resource.drift.differences)
    differences.push_back({each.path, each.expected, each.actual, each.kind});
  return out;
}

}  // namespace

Task<Result<DetectStackDriftOutput>> handle(DetectStackDrift, CloudFormation& room,
                                            const Caller& caller, DetectStackDriftInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  std::set<std::string> names;
  if (input.logical_resource_ids)
    names.insert(input.logical_resource_ids->begin(), input.logical_resource_ids->end());
  TARN_CO_CHECK(co_await room.drift.detect(caller, stack, std::move(names)));
  DetectStackDriftOutput out;
  out.stack_drift_detection_id = stack->drift.detection_id;
  co_return out;
}

Task<Result<DescribeStackDriftDetectionStatusOutput>> handle(
    DescribeStackDriftDetectionStatus, CloudFormation& room, const Caller& caller,
    DescribeStackDriftDetectionStatusInput input) {
  const auto all = room.stacks.list(caller);
  const auto found = std::find_if(all.begin(), all.end(), [&](const auto& stack) {
    return stack->drift.detection_id == input.stack_drift_detection_id;
  });
  if (found == all.end()) {
    co_return tarn::Error("ValidationError",
                          fmt::format("Drift detection {} does not exist: only the last one of a "
                                      "stack is kept",
                                      input.stack_drift_detection_id),
                          400);
  }
  const StackRecord& stack = **found;
  DescribeStackDriftDetectionStatusOutput out;
  out.stack_id = stack.id;
  out.stack_drift_detection_id = stack.drift.detection_id;
  out.stack_drift_status = stack.drift.status;
  out.detection_status = stack.drift.failure.empty() ? "DETECTION_COMPLETE" : "DETECTION_FAILED";
  out.detection_status_reason = if_any(stack.drift.failure);
  out.drifted_stack_resource_count = static_cast<std::int32_t>(stack.drift.drifted);
  out.timestamp = Timestamp{stack.drift.checked_ms};
  co_return out;
}

Task<Result<DescribeStackResourceDriftsOutput>> handle(DescribeStackResourceDrifts,
                                                       CloudFormation& room, const Caller& caller,
                                                       DescribeStackResourceDriftsInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  const auto& all = stack->resources;
  TARN_CO_TRY(std::size_t place, place_of(input.next_token, all.size()));
  const auto passes = [&](const ResourceRecord& each) {
    if (each.drift.checked_ms == 0) return false;
    const auto& filters = input.stack_resource_drift_status_filters;
    return !filters || filters->empty() ||
           std::find(filters->begin(), filters->end(), each.drift.status) != filters->end();
  };
  const std::size_t most =
      static_cast<std::size_t>(input.max_results.value_or(static_cast<std::int32_t>(kDriftsAPage)));
  DescribeStackResourceDriftsOutput out;
  for (; place < all.size() && out.stack_resource_drifts.size() < most; ++place) {
    if (passes(all[place])) out.stack_resource_drifts.push_back(told_drift(*stack, all[place]));
  }
  if (place < all.size()) out.next_token = std::to_string(place);
  co_return out;
}

Task<Result<DetectStackResourceDriftOutput>> handle(DetectStackResourceDrift, CloudFormation& room,
                                                    const Caller& caller,
                                                    DetectStackResourceDriftInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  std::set<std::string> names;
  names.insert(input.logical_resource_id);
  TARN_CO_CHECK(co_await room.drift.detect(caller, stack, std::move(names)));
  const ResourceRecord& resource = *stack->find(input.logical_resource_id);
  if (resource.drift.checked_ms == 0) {
    co_return tarn::Error(
        "ValidationError",
        stack->drift.failure.empty()
            ? fmt::format("Drift detection is not supported for resource type {}", resource.type)
            : stack->drift.failure,
        400);
  }
  DetectStackResourceDriftOutput out;
  out.stack_resource_drift = told_drift(*stack, resource);
  co_return out;
}

}  // namespace tarn::cloudformation
