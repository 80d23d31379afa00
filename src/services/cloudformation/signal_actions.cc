#include "services/cloudformation/signal_actions.h"

#include <utility>

#include <fmt/format.h>

namespace tarn::cloudformation {

Task<Result<wire::Unit>> handle(SignalResource, CloudFormation& room, const Caller& caller,
                                SignalResourceInput input) {
  TARN_CO_TRY(const auto stack, room.stacks.find(caller, input.stack_name));
  const ResourceRecord* resource = stack->find(input.logical_resource_id);
  if (resource == nullptr) {
    co_return tarn::Error("ValidationError",
                          fmt::format("Resource {} does not exist for stack {}",
                                      input.logical_resource_id, stack->name),
                          400);
  }
  std::string place = fmt::format("{}/{}", stack->id, resource->name);
  if (room.signals.find(place) == nullptr || !resource->status.ends_with("_IN_PROGRESS")) {
    co_return tarn::Error(
        "ValidationError",
        fmt::format("Signal not accepted: resource {} is in {} state, and waits for signals while "
                    "it is CREATE_IN_PROGRESS with a CreationPolicy",
                    resource->name, resource->status.empty() ? "no" : resource->status),
        400);
  }
  std::string unique_id = std::move(input.unique_id);
  Signal signal;
  signal.is_success = input.status == "SUCCESS";
  TARN_CO_CHECK(
      co_await room.signals.add(std::move(place), std::move(unique_id), std::move(signal)));
  co_return wire::Unit();
}

}  // namespace tarn::cloudformation
