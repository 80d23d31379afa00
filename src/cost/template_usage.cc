#include "cost/template_usage.h"

#include <array>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <nlohmann/json.hpp>
#include <yaml-cpp/yaml.h>

#include "cost/cluster_usage.h"

namespace tarn::cost {
namespace {

using nlohmann::json;

// !Ref x → {"Ref": x}, !Sub x → {"Fn::Sub": x}
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/intrinsic-function-reference.html)
json tagged(const std::string& tag, json value) {
  if (tag.size() < 2 || tag[0] != '!' || tag == "!!str" || tag[1] == '<') return value;
  const std::string name = tag.substr(1);
  if (name == "Ref" || name == "Condition") return {{name, std::move(value)}};
  return {{"Fn::" + name, std::move(value)}};
}

json to_json(const YAML::Node& node) {
  json out;
  if (node.IsSequence()) {
    out = json::array();
    for (const YAML::Node& each : node) out.push_back(to_json(each));
  } else if (node.IsMap()) {
    out = json::object();
    for (const auto& entry : node) out[entry.first.Scalar()] = to_json(entry.second);
  } else if (node.IsScalar()) {
    out = node.Scalar();
  }
  return tagged(node.Tag(), std::move(out));
}

// A template with its parameters put in.
class Reader {
 public:
  Reader(const json& whole, const std::map<std::string, std::string>& parameters) : whole_(whole) {
    const json declared = whole.value("Parameters", json::object());
    for (const auto& [name, parameter] : declared.items()) {
      if (parameter.is_object() && parameter.contains("Default"))
        values_[name] = parameter["Default"];
    }
    for (const auto& [name, value] : parameters) values_[name] = value;
  }

  // What cannot be read becomes null, and the first such function is kept in unread().
  json resolve(const json& value) {
    if (value.is_array()) {
      json out = json::array();
      for (const json& each : value) out.push_back(resolve(each));
      return out;
    }
    if (!value.is_object()) return value;
    if (value.size() == 1 && is_function(value.begin().key())) return call(value);
    json out = json::object();
    for (const auto& [name, each] : value.items()) out[name] = resolve(each);
    return out;
  }

  [[nodiscard]] std::string take_unread() { return std::exchange(unread_, {}); }

 private:
  static bool is_function(const std::string& name) {
    return name == "Ref" || name.starts_with("Fn::");
  }
  json call(const json& value) {
    const std::string name = value.begin().key();
    const json& argument = value.begin().value();
    if (name == "Ref" && argument.is_string()) {
      const auto found = values_.find(argument.get<std::string>());
      if (found != values_.end()) return found->second;
    }
    if (name == "Fn::FindInMap") {
      const json path = resolve(argument);
      if (auto found = in_map(path)) return *found;
    }
    if (unread_.empty()) unread_ = fmt::format("{} {}", name, argument.dump());
    return nullptr;
  }
  [[nodiscard]] std::optional<json> in_map(const json& path) const {
    json at = whole_.value("Mappings", json::object());
    if (!path.is_array() || path.size() != 3) return std::nullopt;
    for (const json& step : path) {
      if (!step.is_string() || !at.is_object() || !at.contains(step.get<std::string>()))
        return std::nullopt;
      json next = at[step.get<std::string>()];
      at = std::move(next);
    }
    return at;
  }

  const json& whole_;
  std::map<std::string, json> values_;
  std::string unread_;
};

double number_of(const json& value, double otherwise) {
  if (value.is_number()) return value.get<double>();
  if (!value.is_string()) return otherwise;
  const std::string text = value.get<std::string>();
  char* end = nullptr;
  const double number = std::strtod(text.c_str(), &end);
  return end == text.c_str() ? otherwise : number;
}

constexpr std::array<std::pair<const char*, const char*>, 3> kRoles = {
    {{"Master", "MASTER"}, {"Core", "CORE"}, {"Task", "TASK"}}};

// AWS::EMR::Cluster writes its groups and fleets by role.
// (https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-properties-emr-cluster-jobflowinstancesconfig.html)
bool add_emr_cluster(const json& properties, const std::string& name, double hours, Usage& usage) {
  const json instances = properties.value("Instances", json::object());
  bool any = false;
  const auto add_one = [&](json part, const char* role, bool fleet) {
    if (!part.is_object()) return;
    any = true;
    part[fleet ? "InstanceFleetType" : "InstanceRole"] = role;
    if (fleet) {
      add_fleet(part, name, hours, usage);
    } else {
      add_group(part, name, hours, usage);
    }
  };
  for (const auto& [role, wire] : kRoles) {
    const std::string prefix = role;
    for (const bool fleet : {false, true}) {
      const std::string member = prefix + (fleet ? "InstanceFleet" : "InstanceGroup");
      if (instances.contains(member)) add_one(instances[member], wire, fleet);
      if (!instances.contains(member + "s")) continue;
      for (const json& each : instances[member + "s"]) add_one(each, wire, fleet);
    }
  }
  return any;
}

// What is charged by use alone, and what runs a template of its own.
constexpr std::array<std::pair<const char*, const char*>, 5> kByUse = {
    {{"AWS::S3::Bucket", "storage is charged by use: --s3-gb"},
     {"AWS::Lambda::Function", "charged by use: --lambda-requests, --lambda-gb-seconds"},
     {"AWS::CloudFormation::Stack", "a nested stack: estimate its template"},
     {"AWS::ServiceCatalog::CloudFormationProduct", "a product: estimate its template"},
     {"AWS::DynamoDB::Table", "charged by use, without a rate here"}}};

void add_resource(const std::string& name, const std::string& type, const json& properties,
                  double hours, double month, Usage& usage) {
  if (type == "AWS::EMR::Cluster") {
    if (!add_emr_cluster(properties, name + " ", hours, usage))
      usage.not_counted.push_back(name + ": its Instances are not there as they stand");
  } else if (type == "AWS::EMR::InstanceFleetConfig") {
    add_fleet(properties, name + " ", hours, usage);
  } else if (type == "AWS::EMR::InstanceGroupConfig") {
    add_group(properties, name + " ", hours, usage);
  } else if (type == "AWS::Kinesis::Stream") {
    if (properties.contains("ShardCount")) {
      usage.shard_hours += number_of(properties["ShardCount"], 1) * hours;
    } else {
      usage.not_counted.push_back(name +
                                  ": an on-demand stream is charged by use, without a rate "
                                  "here");
    }
  } else if (type == "AWS::EC2::NatGateway") {
    usage.nat_hours += hours;
  } else if (type == "AWS::KMS::Key") {
    usage.kms_key_months += month;
  }
  for (const auto& [known, why] : kByUse) {
    if (type == known) usage.not_counted.push_back(name + ": " + why);
  }
}

}  // namespace

Result<Usage> read_template(const std::string& text,
                            const std::map<std::string, std::string>& parameters, double hours) {
  json whole;
  try {
    whole = to_json(YAML::Load(text));
  } catch (const YAML::Exception& failure) {
    return Error(code::kInvalid, fmt::format("the template cannot be read: {}", failure.what()));
  }
  if (!whole.is_object() || !whole.contains("Resources") || !whole["Resources"].is_object())
    return Error(code::kInvalid, "the template has no Resources");
  Usage out;
  if (whole.contains("Transform"))
    out.not_counted.push_back(fmt::format("Transform {} is not run", whole["Transform"].dump()));
  Reader reader(whole, parameters);
  for (const auto& [name, resource] : whole["Resources"].items()) {
    if (!resource.is_object() || !resource.contains("Type")) continue;
    const std::string type = resource["Type"].is_string() ? resource["Type"] : json("");
    // References between resources are no numbers: only what is read below is asked for.
    const json properties = reader.resolve(resource.value("Properties", json::object()));
    const std::string unread = reader.take_unread();
    const std::size_t before = out.instances.size();
    add_resource(name, type, properties, hours, 1, out);
    const bool lost = !unread.empty() && type.starts_with("AWS::EMR::") &&
                      unread.find("GetAtt") == std::string::npos && out.instances.size() == before;
    if (lost)
      out.not_counted.push_back(
          fmt::format("{}: needs the CloudFormation engine for {}", name, unread));
  }
  return out;
}

}  // namespace tarn::cost
