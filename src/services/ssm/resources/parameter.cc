// AWS::SSM::Parameter.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-ssm-parameter.html
#include <array>
#include <span>
#include <utility>

#include "gateway/present.h"
#include "services/ssm/resources/resources.h"

namespace tarn::ssm {
namespace {

using cloudformation::Json;
using cloudformation::MadeResource;
using cloudformation::pick;
using cloudformation::PresentResource;
using cloudformation::Property;
using cloudformation::replacing;
using cloudformation::ResourceBefore;
using cloudformation::ResourceOrder;

class ParameterType final : public cloudformation::ResourceType {
 public:
  explicit ParameterType(const gateway::InProcess& calls) : calls_(calls) {}

  std::string_view name() const override { return "AWS::SSM::Parameter"; }
  std::span<const Property> properties() const override {
    static constexpr std::array<Property, 8> kProperties = {{replacing("Name"),
                                                             replacing("Type", true),
                                                             {"Value", true},
                                                             {"Description"},
                                                             {"AllowedPattern"},
                                                             {"Tier"},
                                                             {"DataType"},
                                                             {"Tags"}}};
    return kProperties;
  }
  Task<Result<MadeResource>> create(ResourceOrder order) const override {
    if (order.properties["Type"] == "SecureString") {
      co_return Error("ValidationError",
                      "A stack makes no SecureString, as on AWS: its value would be told.", 400);
    }
    const std::string name = order.properties.value("Name", order.physical_name);
    Json input = asked(order, name);
    Json tags = cloudformation::tag_list(order);
    if (!tags.empty()) input["Tags"] = std::move(tags);
    auto made = co_await calls_.call("ssm:PutParameter", order.caller, std::move(input));
    const bool is_there =
        !made.ok() && order.is_repeated && made.error().is("ParameterAlreadyExists");
    if (!made.ok() && !is_there) co_return std::move(made).error();
    co_return told(order, name);
  }
  Task<Result<MadeResource>> update(ResourceOrder order, ResourceBefore before) const override {
    Json input = asked(order, order.physical_id);
    input["Overwrite"] = true;
    TARN_CO_TRY(const Json changed,
                co_await calls_.call("ssm:PutParameter", order.caller, std::move(input)));
    if (cloudformation::tags_differ(order, before)) TARN_CO_CHECK(co_await set_tags(order, before));
    co_return told(order, order.physical_id);
  }
  Task<Status> remove(ResourceOrder order) const override {
    Json input = {{"Name", order.physical_id}};
    auto gone = co_await calls_.call("ssm:DeleteParameter", order.caller, std::move(input));
    if (gone.ok() || gone.error().is("ParameterNotFound")) co_return Status();
    co_return std::move(gone).error();
  }
  std::string_view identifier() const override { return "Name"; }
  Task<Result<std::optional<PresentResource>>> read(ResourceOrder order) const override;

 private:
  static Json asked(const ResourceOrder& order, const std::string& name) {
    Json out = pick(order.properties,
                    {"Type", "Value", "Description", "AllowedPattern", "Tier", "DataType"});
    out["Name"] = name;
    return out;
  }
  static MadeResource told(const ResourceOrder& order, const std::string& name) {
    return {name, pick(order.properties, {"Type", "Value"})};
  }
  [[nodiscard]] Task<Status> set_tags(const ResourceOrder& order,
                                      const ResourceBefore& before) const {
    const Json of = {{"ResourceType", "Parameter"}, {"ResourceId", order.physical_id}};
    Json dropped = cloudformation::dropped_tags(order, before);
    if (!dropped.empty()) {
      Json input = of;
      input["TagKeys"] = std::move(dropped);
      TARN_CO_TRY(const Json done, co_await calls_.call("ssm:RemoveTagsFromResource", order.caller,
                                                        std::move(input)));
    }
    Json tags = cloudformation::tag_list(order);
    if (tags.empty()) co_return Status();
    Json input = of;
    input["Tags"] = std::move(tags);
    TARN_CO_TRY(const Json done,
                co_await calls_.call("ssm:AddTagsToResource", order.caller, std::move(input)));
    co_return Status();
  }

  const gateway::InProcess& calls_;
};

Task<Result<std::optional<PresentResource>>> ParameterType::read(ResourceOrder order) const {
  Json named = {{"Name", order.physical_id}};
  std::string absent = "ParameterNotFound";
  std::string action = "ssm:GetParameter";
  TARN_CO_TRY(const Json told, co_await gateway::ask(calls_, std::move(action), order.caller,
                                                     std::move(named), std::move(absent)));
  if (told.is_null()) co_return std::optional<PresentResource>();
  const Json& parameter = told["Parameter"];
  PresentResource out;
  out.properties = pick(parameter, {"Type", "Value", "DataType"});
  out.properties["Name"] = order.physical_id;
  const Json filter = {
      {"Key", "Name"}, {"Option", "Equals"}, {"Values", Json::array({order.physical_id})}};
  Json asked = {{"ParameterFilters", Json::array({filter})}};
  action = "ssm:DescribeParameters";
  TARN_CO_TRY(const Json listed,
              co_await calls_.call(std::move(action), order.caller, std::move(asked)));
  for (const Json& each : listed.value("Parameters", Json::array()))
    out.properties.update(pick(each, {"Description", "AllowedPattern", "Tier"}));
  // By a value's size it is one of both.
  if (gateway::written(order, "Tier") == "Intelligent-Tiering")
    out.properties["Tier"] = "Intelligent-Tiering";
  Json of_tags = {{"ResourceType", "Parameter"}, {"ResourceId", order.physical_id}};
  action = "ssm:ListTagsForResource";
  TARN_CO_TRY(const Json tags,
              co_await calls_.call(std::move(action), order.caller, std::move(of_tags)));
  gateway::tell_tags(order, tags.value("TagList", Json::array()), out.properties, {.is_map = true});
  out.attributes = pick(parameter, {"Type", "Value"});
  co_return std::optional(std::move(out));
}

}  // namespace

std::unique_ptr<cloudformation::ResourceType> parameter_type(const gateway::InProcess& calls) {
  return std::make_unique<ParameterType>(calls);
}

}  // namespace tarn::ssm
