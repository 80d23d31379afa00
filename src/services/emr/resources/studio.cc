// AWS::EMR::Studio and AWS::EMR::StudioSessionMapping.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-emr-studio.html
#include <array>
#include <utility>

#include <fmt/format.h>

#include "base/ids.h"
#include "gateway/present.h"
#include "services/emr/resources/resources.h"

namespace tarn::emr {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

// EMR tells what is not there like what cannot be.
bool is_absent(const tarn::Error& error) {
  return error.is("InvalidRequestException");
}

// What Fn::GetAtt gives, of what CreateStudio and DescribeStudio tell.
Json studio_attributes(const Caller& caller, const Json& studio) {
  const std::string id = studio["StudioId"];
  return {{"StudioId", id},
          {"Url", studio["Url"]},
          {"Arn", make_arn("elasticmapreduce", caller.region, caller.account_id, "studio/" + id)}};
}

class StudioType final : public cloudformation::ResourceType {
 public:
  explicit StudioType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::EMR::Studio"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 13> kProperties = {
        {replacing("AuthMode", true),
         {"DefaultS3Location", true},
         {"Description"},
         replacing("EngineSecurityGroupId", true),
         replacing("IdpAuthUrl"),
         replacing("IdpRelayStateParameterName"),
         {"Name", true},
         replacing("ServiceRole", true),
         {"SubnetIds", true},
         {"Tags"},
         replacing("UserRole"),
         replacing("VpcId", true),
         replacing("WorkspaceSecurityGroupId", true)}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override;
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override;
  Task<Status> remove(ResourceOrder order) const override;
  std::string_view identifier() const override { return "StudioId"; }
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override;

 private:
  const gateway::InProcess& calls_;
};

Task<Result<MadeResource>> StudioType::create(ResourceOrder order) const {
  Json input = order.properties;
  input["Tags"] = cloudformation::tag_list(order);
  TARN_CO_TRY(const Json made,
              co_await calls_.call("emr:CreateStudio", order.caller, std::move(input)));
  const std::string id = made["StudioId"];
  co_return MadeResource{id, studio_attributes(order.caller, made)};
}

Task<Result<std::optional<PresentResource>>> StudioType::read(ResourceOrder order) const {
  Json asked = {{"StudioId", order.physical_id}};
  std::string absent = "InvalidRequestException";
  std::string action = "emr:DescribeStudio";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls_, std::move(action), order.caller,
                                                     std::move(asked), std::move(absent)));
  if (told.is_null()) co_return std::optional<PresentResource>();
  const Json& studio = told["Studio"];
  PresentResource out;
  out.properties = cloudformation::pick(
      studio, {"AuthMode", "DefaultS3Location", "Description", "EngineSecurityGroupId",
               "IdpAuthUrl", "IdpRelayStateParameterName", "Name", "ServiceRole", "SubnetIds",
               "UserRole", "VpcId", "WorkspaceSecurityGroupId"});
  gateway::tell_tags(order, studio.value("Tags", Json::array()), out.properties);
  out.attributes = studio_attributes(order.caller, studio);
  co_return std::optional(std::move(out));
}

Task<Result<MadeResource>> StudioType::update(ResourceOrder order, ResourceBefore before) const {
  Json input = cloudformation::pick(order.properties, {"Name", "SubnetIds", "DefaultS3Location"});
  input["StudioId"] = order.physical_id;
  input["Description"] = order.properties.value("Description", "");
  TARN_CO_TRY(const Json done,
              co_await calls_.call("emr:UpdateStudio", order.caller, std::move(input)));
  const Json dropped = cloudformation::dropped_tags(order, before);
  if (!dropped.empty()) {
    Json untagged = {{"ResourceId", order.physical_id}, {"TagKeys", dropped}};
    TARN_CO_TRY(const Json gone,
                co_await calls_.call("emr:RemoveTags", order.caller, std::move(untagged)));
  }
  const Json tags = cloudformation::tag_list(order);
  if (cloudformation::tags_differ(order, before) && !tags.empty()) {
    Json tagged = {{"ResourceId", order.physical_id}, {"Tags", tags}};
    TARN_CO_TRY(const Json kept,
                co_await calls_.call("emr:AddTags", order.caller, std::move(tagged)));
  }
  co_return MadeResource{order.physical_id, order.attributes};
}

Task<Status> StudioType::remove(ResourceOrder order) const {
  const Json studio = {{"StudioId", order.physical_id}};
  auto told = co_await calls_.call("emr:DescribeStudio", order.caller, studio);
  if (!told.ok() && is_absent(told.error())) co_return Status();
  auto done = co_await calls_.call("emr:DeleteStudio", order.caller, studio);
  if (done.ok()) co_return Status();
  co_return std::move(done).error();
}

class StudioMappingType final : public cloudformation::ResourceType {
 public:
  explicit StudioMappingType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::EMR::StudioSessionMapping"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 4> kProperties = {{replacing("IdentityName", true),
                                                             replacing("IdentityType", true),
                                                             {"SessionPolicyArn", true},
                                                             replacing("StudioId", true)}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    const Json& wanted = order.properties;
    auto made = co_await calls_.call("emr:CreateStudioSessionMapping", order.caller, wanted);
    if (!made.ok() && order.is_repeated) {
      // It may have been made then.
      made = co_await calls_.call("emr:UpdateStudioSessionMapping", order.caller, wanted);
    }
    if (!made.ok()) co_return std::move(made).error();
    co_return MadeResource{fmt::format("{}|{}|{}", wanted["StudioId"].get<std::string>(),
                                       wanted["IdentityType"].get<std::string>(),
                                       wanted["IdentityName"].get<std::string>()),
                           Json::object()};
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore /*before*/) const override {
    TARN_CO_TRY(const Json done, co_await calls_.call("emr:UpdateStudioSessionMapping",
                                                      order.caller, order.properties));
    co_return MadeResource{order.physical_id, order.attributes};
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input =
        cloudformation::pick(order.properties, {"StudioId", "IdentityType", "IdentityName"});
    auto done =
        co_await calls_.call("emr:DeleteStudioSessionMapping", order.caller, std::move(input));
    if (done.ok() || is_absent(done.error())) co_return Status();
    co_return std::move(done).error();
  }

 private:
  const gateway::InProcess& calls_;
};

}  // namespace

std::unique_ptr<cloudformation::ResourceType> studio_type(const gateway::InProcess& calls) {
  return std::make_unique<StudioType>(calls);
}

std::unique_ptr<cloudformation::ResourceType> studio_session_mapping_type(
    const gateway::InProcess& calls) {
  return std::make_unique<StudioMappingType>(calls);
}

}  // namespace tarn::emr
