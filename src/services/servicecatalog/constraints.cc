#include "services/servicecatalog/constraints.h"

#include <fmt/format.h>

#include "base/ids.h"
#include "services/cloudformation/launches.h"
#include "services/servicecatalog/request.h"

namespace tarn::servicecatalog {
namespace {

using Json = nlohmann::json;

Status check_launch(const Json& json) {
  const bool by_arn = json.contains("RoleArn");
  const bool by_name = json.contains("LocalRoleName");
  if (by_arn == by_name) return invalid("A LAUNCH constraint has either RoleArn or LocalRoleName.");
  const Json& given = json[by_arn ? "RoleArn" : "LocalRoleName"];
  if (!given.is_string()) return invalid("The role of a LAUNCH constraint is a text.");
  const auto text = given.get<std::string>();
  const bool is_role =
      text.starts_with("arn:aws:iam::") && text.find(":role/") != std::string::npos;
  if (by_arn && !is_role) return invalid(fmt::format("RoleArn {} is no ARN of a role.", text));
  if (by_name && text.find_first_of(":/") != std::string::npos)
    return invalid(fmt::format("LocalRoleName {} is no name of a role.", text));
  return {};
}

Status check_notification(const Json& json) {
  const auto arns = json.find("NotificationArns");
  if (arns == json.end() || !arns->is_array() || arns->empty())
    return invalid("A NOTIFICATION constraint has NotificationArns: a list of topics.");
  for (const Json& arn : *arns) {
    if (!arn.is_string() || !arn.get<std::string>().starts_with("arn:aws:sns:"))
      return invalid(fmt::format("{} is no ARN of an SNS topic.", arn.dump()));
  }
  return {};
}

}  // namespace

Status check_constraint(std::string_view type, std::string_view parameters) {
  if (type == "RESOURCE_UPDATE" || type == "STACKSET")
    return not_offered(fmt::format("A constraint of type {}", type));
  if (type != "LAUNCH" && type != "TEMPLATE" && type != "NOTIFICATION") {
    return invalid(fmt::format(
        "{} is no type of constraint: LAUNCH, NOTIFICATION, RESOURCE_UPDATE, STACKSET, TEMPLATE.",
        type));
  }
  const Json json = wire::parse_json(parameters);
  if (!json.is_object()) return invalid("The Parameters of a constraint are a JSON object.");
  if (type == "LAUNCH") return check_launch(json);
  if (type == "NOTIFICATION") return check_notification(json);
  const Status form = cloudformation::check_rule_form(parameters);
  if (form.ok()) return {};
  return invalid(form.error().message);
}

std::string launch_role_of(const Caller& caller, std::string_view parameters) {
  const Json json = wire::parse_json(parameters);
  if (json.contains("RoleArn")) return json["RoleArn"].get<std::string>();
  return make_arn("iam", "", caller.account_id, "role/" + json["LocalRoleName"].get<std::string>());
}

std::vector<std::string> notification_arns_of(std::string_view parameters) {
  const Json json = wire::parse_json(parameters);
  return json["NotificationArns"].get<std::vector<std::string>>();
}

}  // namespace tarn::servicecatalog
