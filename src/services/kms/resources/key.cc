// AWS::KMS::Key and AWS::KMS::Alias.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kms-key.html
#include <array>
#include <charconv>
#include <utility>

#include "services/kms/resources/resources.h"

namespace tarn::kms {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::Property;
using cloudformation::ResourceOrder;

constexpr int kLongestWindow = 30;  // days; what a template that says none gets

int window_of(const Json& properties) {
  const auto found = properties.find("PendingWindowInDays");
  if (found == properties.end()) return kLongestWindow;
  if (found->is_number()) return found->get<int>();
  const auto text = found->get<std::string>();
  int days = kLongestWindow;
  std::from_chars(text.data(), text.data() + text.size(), days);
  return days;
}

bool is_true(const Json& properties, const char* name) {
  const auto found = properties.find(name);
  return found != properties.end() && (*found == true || *found == "true");
}

class KeyType final : public cloudformation::ResourceType {
 public:
  explicit KeyType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::KMS::Key"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 8> kProperties = {{{"Description"},
                                                             {"KeyPolicy"},
                                                             {"EnableKeyRotation"},
                                                             {"PendingWindowInDays"},
                                                             {"KeySpec"},
                                                             {"KeyUsage"},
                                                             {"MultiRegion"},
                                                             {"Tags"}}};
    return kProperties;
  }
  // A repeated order makes another key: the first one has no name by which it could be found again.
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = cloudformation::pick(order.properties, {"Description", "KeySpec", "KeyUsage"});
    const auto policy = order.properties.find("KeyPolicy");
    if (policy != order.properties.end())
      input["Policy"] = policy->is_string() ? policy->get<std::string>() : policy->dump();
    if (is_true(order.properties, "MultiRegion")) input["MultiRegion"] = true;
    const Json named = cloudformation::tag_map(order);
    Json tags = Json::array();
    for (const auto& [key, value] : named.items())
      tags.push_back({{"TagKey", key}, {"TagValue", value}});
    if (!tags.empty()) input["Tags"] = std::move(tags);
    TARN_CO_TRY(const Json made,
                co_await calls_.call("kms:CreateKey", order.caller, std::move(input)));
    const Json& key = made["KeyMetadata"];
    if (is_true(order.properties, "EnableKeyRotation")) {
      Json rotated = {{"KeyId", key["KeyId"]}};
      TARN_CO_TRY(const Json done,
                  co_await calls_.call("kms:EnableKeyRotation", order.caller, std::move(rotated)));
    }
    MadeResource out{key["KeyId"].get<std::string>(), Json::object()};
    out.attributes = {{"Arn", key["Arn"]}, {"KeyId", key["KeyId"]}};
    co_return out;
  }
  Task<Status> remove(Caller caller, std::string physical_id, Json properties) const override {
    Json input = {{"KeyId", physical_id}, {"PendingWindowInDays", window_of(properties)}};
    auto done =
        co_await calls_.call("kms:ScheduleKeyDeletion", std::move(caller), std::move(input));
    // One that is to go already is in no state to be scheduled again.
    const bool is_gone = !done.ok() && (done.error().is("NotFoundException") ||
                                        done.error().is("KMSInvalidStateException"));
    if (done.ok() || is_gone) co_return Status();
    co_return std::move(done).error();
  }

 private:
  const gateway::InProcess& calls_;
};

class AliasType final : public cloudformation::ResourceType {
 public:
  explicit AliasType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::KMS::Alias"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {{"AliasName", true}, {"TargetKeyId", true}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = cloudformation::pick(order.properties, {"AliasName", "TargetKeyId"});
    auto made = co_await calls_.call("kms:CreateAlias", order.caller, std::move(input));
    const bool is_there =
        !made.ok() && order.is_repeated && made.error().is("AlreadyExistsException");
    if (!made.ok() && !is_there) co_return std::move(made).error();
    co_return MadeResource{order.properties["AliasName"].get<std::string>(), Json::object()};
  }
  Task<Status> remove(Caller caller, std::string physical_id, Json /*properties*/) const override {
    Json input = {{"AliasName", physical_id}};
    auto done = co_await calls_.call("kms:DeleteAlias", std::move(caller), std::move(input));
    if (done.ok() || done.error().is("NotFoundException")) co_return Status();
    co_return std::move(done).error();
  }

 private:
  const gateway::InProcess& calls_;
};

}  // namespace

std::unique_ptr<cloudformation::ResourceType> key_type(const gateway::InProcess& calls) {
  return std::make_unique<KeyType>(calls);
}

std::unique_ptr<cloudformation::ResourceType> alias_type(const gateway::InProcess& calls) {
  return std::make_unique<AliasType>(calls);
}

}  // namespace tarn::kms
