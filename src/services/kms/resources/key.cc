// AWS::KMS::Key and AWS::KMS::Alias.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-kms-key.html
#include <array>
#include <charconv>
#include <utility>

#include "gateway/present.h"
#include "services/kms/resources/resources.h"

namespace tarn::kms {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
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

// A key's tags, as its actions take them.
Json key_tags(const ResourceOrder& order) {
  const Json named = cloudformation::tag_map(order);
  Json out = Json::array();
  for (const auto& [key, value] : named.items())
    out.push_back({{"TagKey", key}, {"TagValue", value}});
  return out;
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
                                                             replacing("KeySpec"),
                                                             replacing("KeyUsage"),
                                                             replacing("MultiRegion"),
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
    Json tags = key_tags(order);
    if (!tags.empty()) input["Tags"] = std::move(tags);
    TARN_CO_TRY(const Json made,
                co_await calls_.call("kms:CreateKey", order.caller, std::move(input)));
    const Json& key = made["KeyMetadata"];
    if (is_true(order.properties, "EnableKeyRotation")) {
      Json rotated = {{"KeyId", key["KeyId"]}};
      TARN_CO_TRY(const Json done,
                  co_await calls_.call("kms:EnableKeyRotation", order.caller, std::move(rotated)));
    }
    Json attributes = cloudformation::pick(key, {"Arn", "KeyId"});
    co_return MadeResource{key["KeyId"].get<std::string>(), std::move(attributes)};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"KeyId", order.physical_id},
                  {"PendingWindowInDays", window_of(order.properties)}};
    auto done = co_await calls_.call("kms:ScheduleKeyDeletion", order.caller, std::move(input));
    // One that is to go already is in no state to be scheduled again.
    const bool is_gone = !done.ok() && (done.error().is("NotFoundException") ||
                                        done.error().is("KMSInvalidStateException"));
    if (done.ok() || is_gone) co_return Status();
    co_return std::move(done).error();
  }
  std::string_view identifier() const override { return "KeyId"; }
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override;

 private:
  [[nodiscard]] Task<Result<Json>> all_tags(Caller caller, std::string key) const;

  const gateway::InProcess& calls_;
};

Task<Result<Json>> KeyType::all_tags(Caller caller, std::string key) const {
  Json out = Json::array();
  Json asked = {{"KeyId", key}};
  while (true) {
    TARN_CO_TRY(const Json told, co_await calls_.call("kms:ListResourceTags", caller, asked));
    for (const Json& tag : told.value("Tags", Json::array())) out.push_back(tag);
    if (!told.value("Truncated", false)) co_return out;
    asked["Marker"] = told["NextMarker"];
  }
}

// One that is to be deleted is gone for its stack.
Task<Result<std::optional<PresentResource>>> KeyType::read(ResourceOrder order) const {
  const Json asked = {{"KeyId", order.physical_id}};
  std::string absent = "NotFoundException";
  std::string action = "kms:DescribeKey";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls_, std::move(action), order.caller, asked,
                                                     std::move(absent)));
  const Json key = told.is_null() ? Json() : told["KeyMetadata"];
  if (key.is_null() || key.value("KeyState", "") == "PendingDeletion")
    co_return std::optional<PresentResource>();
  PresentResource out;
  out.properties = cloudformation::pick(key, {"KeySpec", "KeyUsage"});
  out.properties["Description"] = key.value("Description", "");
  out.properties["MultiRegion"] = key.value("MultiRegion", false);
  out.untold = {"PendingWindowInDays"};
  action = "kms:GetKeyPolicy";
  TARN_CO_TRY(const Json policy, co_await calls_.call(std::move(action), order.caller, asked));
  out.properties["KeyPolicy"] = gateway::told_document(gateway::written(order, "KeyPolicy"),
                                                       policy["Policy"].get<std::string>());
  // Keys that cannot be rotated are not, and so are those that nobody may use now.
  auto rotation = co_await calls_.call("kms:GetKeyRotationStatus", order.caller, asked);
  if (rotation.ok()) {
    out.properties["EnableKeyRotation"] = rotation->value("KeyRotationEnabled", false);
  } else if (!rotation.error().is("UnsupportedOperationException") &&
             !rotation.error().is("KMSInvalidStateException")) {
    co_return std::move(rotation).error();
  }
  TARN_CO_TRY(const Json tags, co_await all_tags(order.caller, order.physical_id));
  gateway::tell_tags(order, tags, out.properties, {.key = "TagKey", .value = "TagValue"});
  out.attributes = cloudformation::pick(key, {"Arn", "KeyId"});
  co_return std::optional(std::move(out));
}

// A policy that is not given any more stays as it was: a key is never without one.
Task<Result<MadeResource>> KeyType::update(ResourceOrder order, ResourceBefore before) const {
  const std::string& id = order.physical_id;
  const Json& wanted = order.properties;
  std::vector<std::pair<std::string, Json>> steps;
  if (cloudformation::differs(before.properties, wanted, "Description")) {
    steps.emplace_back("kms:UpdateKeyDescription",
                       Json{{"KeyId", id}, {"Description", wanted.value("Description", "")}});
  }
  const auto policy = wanted.find("KeyPolicy");
  if (policy != wanted.end() && cloudformation::differs(before.properties, wanted, "KeyPolicy")) {
    steps.emplace_back(
        "kms:PutKeyPolicy",
        Json{{"KeyId", id},
             {"Policy", policy->is_string() ? policy->get<std::string>() : policy->dump()}});
  }
  const bool rotates = is_true(wanted, "EnableKeyRotation");
  if (rotates != is_true(before.properties, "EnableKeyRotation")) {
    steps.emplace_back(rotates ? "kms:EnableKeyRotation" : "kms:DisableKeyRotation",
                       Json{{"KeyId", id}});
  }
  const Json dropped = cloudformation::dropped_tags(order, before);
  if (!dropped.empty())
    steps.emplace_back("kms:UntagResource", Json{{"KeyId", id}, {"TagKeys", dropped}});
  const Json tags = key_tags(order);
  if (cloudformation::tags_differ(order, before) && !tags.empty())
    steps.emplace_back("kms:TagResource", Json{{"KeyId", id}, {"Tags", tags}});
  for (auto& [action, input] : steps) {
    TARN_CO_TRY(const Json done, co_await calls_.call(action, order.caller, std::move(input)));
  }
  co_return MadeResource{id, order.attributes};
}

class AliasType final : public cloudformation::ResourceType {
 public:
  explicit AliasType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::KMS::Alias"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 2> kProperties = {
        {replacing("AliasName", true), {"TargetKeyId", true}}};
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
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    Json input = cloudformation::pick(order.properties, {"AliasName", "TargetKeyId"});
    TARN_CO_TRY(const Json done,
                co_await calls_.call("kms:UpdateAlias", order.caller, std::move(input)));
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"AliasName", order.physical_id}};
    auto done = co_await calls_.call("kms:DeleteAlias", order.caller, std::move(input));
    if (done.ok() || done.error().is("NotFoundException")) co_return Status();
    co_return std::move(done).error();
  }
  std::string_view identifier() const override { return "AliasName"; }
  // The key is told as the template names it: by its id, unless by its ARN.
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override {
    Json asked = {{"KeyId", order.physical_id}};
    std::string absent = "NotFoundException";
    std::string action = "kms:DescribeKey";
    TARN_CO_TRY(const Json told, co_await gateway::ask(calls_, std::move(action), order.caller,
                                                       std::move(asked), std::move(absent)));
    if (told.is_null()) co_return std::optional<PresentResource>();
    const Json& key = told["KeyMetadata"];
    const bool by_arn = gateway::written(order, "TargetKeyId") == key["Arn"];
    PresentResource out;
    out.properties = {{"AliasName", order.physical_id},
                      {"TargetKeyId", by_arn ? key["Arn"] : key["KeyId"]}};
    co_return std::optional(std::move(out));
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
