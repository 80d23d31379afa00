// Resource policies of streams and consumers: kept, and given to the authorizer.
#include "services/kinesis/faults.h"
#include "services/kinesis/handlers.h"
#include "services/kinesis/shapes.h"

namespace tarn::kinesis {

namespace {

// https://docs.aws.amazon.com/streams/latest/dev/resource-based-policy-examples.html
constexpr std::size_t kMaxPolicyBytes = 20U << 10;

Status check_policy(const std::string& policy) {
  if (policy.size() > kMaxPolicyBytes) {
    return invalid_argument(fmt::format("The policy has {} bytes; at most {} are taken.",
                                        policy.size(), kMaxPolicyBytes));
  }
  using iam::policy::Document;
  const auto parsed = Document::parse(policy, Document::Kind::kResource);
  return parsed.ok() ? Status() : Status(invalid_argument(parsed.error().message));
}

// Where the policy of `resource` stands in a stream's state; nullptr: the consumer is gone.
std::string* policy_in(StreamState& state, const NamedResource& resource) {
  if (!resource.consumer) return &state.policy;
  for (ConsumerState& consumer : state.consumers) {
    if (consumer.name == *resource.consumer) return &consumer.policy;
  }
  return nullptr;
}

Task<Status> change_policy(KinesisService& kinesis, NamedResource resource, std::string policy) {
  Catalog::Edit edit = [&](StreamState& state) -> Status {
    std::string* const kept = policy_in(state, resource);
    if (kept == nullptr) return consumer_not_found(*resource.consumer);
    if (kept->empty() && policy.empty()) return no_policy(state.name);
    *kept = policy;
    return {};
  };
  const std::string id = resource.stream->state().id;
  Status changed = co_await kinesis.catalog().change(id, std::move(edit));
  co_return changed;
}

}  // namespace

Answer<PutResourcePolicy> handle(PutResourcePolicy, KinesisService& kinesis, const Caller& caller,
                                 PutResourcePolicyInput input) {
  TARN_CO_TRY(const NamedResource resource, find_resource(kinesis, caller, input.resource_arn));
  TARN_CO_CHECK(check_policy(input.policy));
  TARN_CO_CHECK(co_await change_policy(kinesis, resource, input.policy));
  co_return wire::Unit();
}

Answer<GetResourcePolicy> handle(GetResourcePolicy, KinesisService& kinesis, const Caller& caller,
                                 GetResourcePolicyInput input) {
  TARN_CO_TRY(const NamedResource resource, find_resource(kinesis, caller, input.resource_arn));
  const StreamState& state = resource.stream->state();
  GetResourcePolicyOutput output;
  output.policy =
      resource.consumer ? state.find_consumer(*resource.consumer)->policy : state.policy;
  if (output.policy.empty()) co_return no_policy(input.resource_arn);
  co_return output;
}

Answer<DeleteResourcePolicy> handle(DeleteResourcePolicy, KinesisService& kinesis,
                                    const Caller& caller, DeleteResourcePolicyInput input) {
  TARN_CO_TRY(const NamedResource resource, find_resource(kinesis, caller, input.resource_arn));
  const std::string none;
  TARN_CO_CHECK(co_await change_policy(kinesis, resource, none));
  co_return wire::Unit();
}

}  // namespace tarn::kinesis
