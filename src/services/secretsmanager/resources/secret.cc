// AWS::SecretsManager::Secret.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-secretsmanager-secret.html
#include <array>
#include <span>
#include <utility>

#include "gateway/present.h"
#include "services/secretsmanager/resources/resources.h"

namespace tarn::secretsmanager {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::pick;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

class SecretType final : public cloudformation::ResourceType {
 public:
  explicit SecretType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::SecretsManager::Secret"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 6> kProperties = {{replacing("Name"),
                                                             {"Description"},
                                                             {"KmsKeyId"},
                                                             {"SecretString"},
                                                             {"GenerateSecretString"},
                                                             {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    const std::string name = order.properties.value("Name", order.physical_name);
    Json input = pick(order.properties, {"Description", "KmsKeyId"});
    input["Name"] = name;
    Json tags = cloudformation::tag_list(order);
    if (!tags.empty()) input["Tags"] = std::move(tags);
    TARN_CO_TRY(Json value, co_await value_of(order));
    if (value.is_string()) input["SecretString"] = std::move(value);
    auto made = co_await calls_.call("secretsmanager:CreateSecret", order.caller, std::move(input));
    if (!made.ok() && order.is_repeated && made.error().is("ResourceExistsException")) {
      Json asked = {{"SecretId", name}};
      made = co_await calls_.call("secretsmanager:DescribeSecret", order.caller, std::move(asked));
    }
    if (!made.ok()) co_return std::move(made).error();
    co_return told((*made)["ARN"].get<std::string>());
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override {
    Json input = pick(order.properties, {"Description", "KmsKeyId"});
    input["SecretId"] = order.physical_id;
    const bool renews =
        cloudformation::differs(before.properties, order.properties, "SecretString") ||
        cloudformation::differs(before.properties, order.properties, "GenerateSecretString");
    if (renews) {
      TARN_CO_TRY(Json value, co_await value_of(order));
      if (value.is_string()) input["SecretString"] = std::move(value);
    }
    TARN_CO_TRY(const Json changed, co_await calls_.call("secretsmanager:UpdateSecret",
                                                         order.caller, std::move(input)));
    TARN_CO_CHECK(co_await set_tags(order, before));
    co_return told(order.physical_id);
  }
  // Without a window, as a stack's secret goes on AWS.
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"SecretId", order.physical_id}, {"ForceDeleteWithoutRecovery", true}};
    auto gone = co_await calls_.call("secretsmanager:DeleteSecret", order.caller, std::move(input));
    if (gone.ok() || gone.error().is("ResourceNotFoundException")) co_return Status();
    co_return std::move(gone).error();
  }
  std::string_view identifier() const override { return "Id"; }
  // One that is to be deleted is gone for its stack.
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override {
    Json asked = {{"SecretId", order.physical_id}};
    std::string absent = "ResourceNotFoundException";
    std::string action = "secretsmanager:DescribeSecret";
    TARN_CO_TRY(const Json secret, co_await gateway::ask(calls_, std::move(action), order.caller,
                                                         std::move(asked), std::move(absent)));
    if (secret.is_null() || secret.contains("DeletedDate"))
      co_return std::optional<PresentResource>();
    PresentResource out;
    out.properties = pick(secret, {"Name", "KmsKeyId"});
    out.properties["Description"] = secret.value("Description", "");
    out.untold = {"GenerateSecretString", "SecretString"};
    gateway::tell_tags(order, secret.value("Tags", Json::array()), out.properties);
    out.attributes = told(order.physical_id).attributes;
    co_return std::optional(std::move(out));
  }

 private:
  static MadeResource told(const std::string& arn) { return {arn, {{"Id", arn}}}; }

  // A text, or null where there is to be no value yet.
  [[nodiscard]] Task<Result<Json>> value_of(const ResourceOrder& order) const {
    const bool is_given = order.properties.contains("SecretString");
    if (is_given && order.properties.contains("GenerateSecretString")) {
      co_return Error("ValidationError",
                      "SecretString and GenerateSecretString exclude one another.", 400);
    }
    if (is_given) co_return order.properties["SecretString"];
    if (!order.properties.contains("GenerateSecretString")) co_return Json();
    Json rules = order.properties["GenerateSecretString"];
    const std::string text = rules.value("SecretStringTemplate", "");
    const std::string key = rules.value("GenerateStringKey", "");
    rules.erase("SecretStringTemplate");
    rules.erase("GenerateStringKey");
    Json whole = wire::parse_json(text.empty() ? "{}" : text);
    if (!whole.is_object() || text.empty() != key.empty()) {
      co_return Error("ValidationError",
                      "GenerateSecretString: SecretStringTemplate is a JSON object and has "
                      "GenerateStringKey beside it.",
                      400);
    }
    TARN_CO_TRY(const Json made, co_await calls_.call("secretsmanager:GetRandomPassword",
                                                      order.caller, std::move(rules)));
    if (key.empty()) co_return made["RandomPassword"];
    whole[key] = made["RandomPassword"];
    co_return Json(whole.dump());
  }
  [[nodiscard]] Task<Status> set_tags(const ResourceOrder& order,
                                      const ResourceBefore& before) const {
    if (!cloudformation::tags_differ(order, before)) co_return Status();
    Json dropped = cloudformation::dropped_tags(order, before);
    if (!dropped.empty()) {
      Json input = {{"SecretId", order.physical_id}, {"TagKeys", std::move(dropped)}};
      TARN_CO_TRY(const Json done, co_await calls_.call("secretsmanager:UntagResource",
                                                        order.caller, std::move(input)));
    }
    Json tags = cloudformation::tag_list(order);
    if (tags.empty()) co_return Status();
    Json input = {{"SecretId", order.physical_id}, {"Tags", std::move(tags)}};
    TARN_CO_TRY(const Json done,
                co_await calls_.call("secretsmanager:TagResource", order.caller, std::move(input)));
    co_return Status();
  }

  const gateway::InProcess& calls_;
};

}  // namespace

std::unique_ptr<cloudformation::ResourceType> secret_type(const gateway::InProcess& calls) {
  return std::make_unique<SecretType>(calls);
}

}  // namespace tarn::secretsmanager
