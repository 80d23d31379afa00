// AWS::Lambda::Version and AWS::Lambda::Alias.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-lambda-version.html
#include <array>
#include <utility>

#include "services/lambda/resources/resources.h"

namespace tarn::lambda {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

// The last part of an ARN with a qualifier.
std::string qualifier_of(const std::string& arn) {
  return arn.substr(arn.rfind(':') + 1);
}
std::string function_of(const std::string& arn) {
  return arn.substr(0, arn.rfind(':'));
}

class VersionType final : public cloudformation::ResourceType {
 public:
  explicit VersionType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::Lambda::Version"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 3> kProperties = {
        {replacing("FunctionName", true), replacing("CodeSha256"), replacing("Description")}};
    return kProperties;
  }
  // One that is published twice is one: the function has not changed.
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input =
        cloudformation::pick(order.properties, {"FunctionName", "CodeSha256", "Description"});
    TARN_CO_TRY(const Json made,
                co_await calls_.call("lambda:PublishVersion", order.caller, std::move(input)));
    MadeResource out{made["FunctionArn"].get<std::string>(), Json::object()};
    out.attributes = {{"Version", made["Version"]}, {"FunctionArn", made["FunctionArn"]}};
    co_return out;
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"FunctionName", function_of(order.physical_id)},
                  {"Qualifier", qualifier_of(order.physical_id)}};
    auto gone = co_await calls_.call("lambda:DeleteFunction", order.caller, std::move(input));
    const bool is_gone = !gone.ok() && (gone.error().is("ResourceNotFoundException") ||
                                        gone.error().is("InvalidParameterValueException"));
    if (gone.ok() || is_gone) co_return Status();
    co_return std::move(gone).error();
  }

 private:
  const gateway::InProcess& calls_;
};

class AliasType final : public cloudformation::ResourceType {
 public:
  explicit AliasType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::Lambda::Alias"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 5> kProperties = {{replacing("FunctionName", true),
                                                             replacing("Name", true),
                                                             {"FunctionVersion", true},
                                                             {"Description"},
                                                             {"RoutingConfig"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    Json input = cloudformation::pick(order.properties, {"FunctionName", "Name", "FunctionVersion",
                                                         "Description", "RoutingConfig"});
    auto made = co_await calls_.call("lambda:CreateAlias", order.caller, std::move(input));
    if (!made.ok() && order.is_repeated && made.error().is("ResourceConflictException"))
      co_return co_await update(std::move(order), ResourceBefore());
    if (!made.ok()) co_return std::move(made).error();
    MadeResource out{(*made)["AliasArn"].get<std::string>(), Json::object()};
    out.attributes = {{"AliasArn", (*made)["AliasArn"]}};
    co_return out;
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    Json input = cloudformation::pick(order.properties, {"FunctionName", "Name", "FunctionVersion",
                                                         "Description", "RoutingConfig"});
    TARN_CO_TRY(const Json made,
                co_await calls_.call("lambda:UpdateAlias", order.caller, std::move(input)));
    MadeResource out{made["AliasArn"].get<std::string>(), Json::object()};
    out.attributes = {{"AliasArn", made["AliasArn"]}};
    co_return out;
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"FunctionName", function_of(order.physical_id)},
                  {"Name", qualifier_of(order.physical_id)}};
    auto gone = co_await calls_.call("lambda:DeleteAlias", order.caller, std::move(input));
    if (gone.ok() || gone.error().is("ResourceNotFoundException")) co_return Status();
    co_return std::move(gone).error();
  }

 private:
  const gateway::InProcess& calls_;
};

}  // namespace

std::unique_ptr<cloudformation::ResourceType> version_type(const gateway::InProcess& calls) {
  return std::make_unique<VersionType>(calls);
}

std::unique_ptr<cloudformation::ResourceType> alias_type(const gateway::InProcess& calls) {
  return std::make_unique<AliasType>(calls);
}

}  // namespace tarn::lambda
