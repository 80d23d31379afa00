#include "cost/cluster_usage.h"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

namespace tarn::cost {
namespace {

using nlohmann::json;

// Numbers may be texts, as templates write them.
double number_at(const json& in, const char* member, double otherwise) {
  const auto found = in.find(member);
  if (found == in.end()) return otherwise;
  if (found->is_number()) return found->get<double>();
  if (!found->is_string()) return otherwise;
  const std::string text = found->get<std::string>();
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return end == text.c_str() ? otherwise : value;
}

std::string text_at(const json& in, const char* member) {
  const auto found = in.find(member);
  return found != in.end() && found->is_string() ? found->get<std::string>() : std::string();
}

// Of an EbsConfiguration; nullopt where there is none.
std::optional<double> storage_of(const json& in, const std::string& what, Usage& usage) {
  const json ebs = in.value("EbsConfiguration", json::object());
  const auto devices = ebs.find("EbsBlockDeviceConfigs");
  if (devices == ebs.end() || !devices->is_array()) return std::nullopt;
  double gb = 0;
  for (const json& device : *devices) {
    const json volume = device.value("VolumeSpecification", json::object());
    const double each =
        number_at(volume, "SizeInGB", 0) * number_at(device, "VolumesPerInstance", 1);
    const std::string type = text_at(volume, "VolumeType");
    if (type == "gp2" || type.empty()) {
      gb += each;
    } else {
      usage.not_counted.push_back(
          fmt::format("{}: {} GB of {}: only gp2 has a rate here", what, each, type));
    }
  }
  return gb;
}

void add(const std::string& what, const std::string& type, double count, bool spot,
         std::optional<double> gb, double hours, Usage& usage) {
  if (count <= 0) return;
  usage.instances.push_back({what, type, count, hours, spot, gb});
}

}  // namespace

void add_group(const json& group, const std::string& name, double hours, Usage& usage) {
  const std::string what = name + text_at(group, "InstanceRole");
  add(what, text_at(group, "InstanceType"), number_at(group, "InstanceCount", 1),
      text_at(group, "Market") == "SPOT", storage_of(group, what, usage), hours, usage);
}

void add_fleet(const json& fleet, const std::string& name, double hours, Usage& usage) {
  const std::string what = name + text_at(fleet, "InstanceFleetType");
  const json types = fleet.value("InstanceTypeConfigs", json::array());
  if (types.empty()) {
    usage.not_counted.push_back(what + ": the fleet names no instance type");
    return;
  }
  const json& first = types.front();
  const double weight = std::max(1.0, number_at(first, "WeightedCapacity", 1));
  const std::optional<double> gb = storage_of(first, what, usage);
  for (const auto& [member, spot] :
       {std::pair("TargetOnDemandCapacity", false), std::pair("TargetSpotCapacity", true)}) {
    add(what, text_at(first, "InstanceType"), std::ceil(number_at(fleet, member, 0) / weight), spot,
        gb, hours, usage);
  }
}

Status add_cluster(const json& instances, const std::string& name, double hours, Usage& usage) {
  const auto groups = instances.find("InstanceGroups");
  const auto fleets = instances.find("InstanceFleets");
  const std::string primary = text_at(instances, "MasterInstanceType");
  if (groups != instances.end() && groups->is_array()) {
    for (const json& group : *groups) add_group(group, name, hours, usage);
  } else if (fleets != instances.end() && fleets->is_array()) {
    for (const json& fleet : *fleets) add_fleet(fleet, name, hours, usage);
  } else if (!primary.empty()) {
    add(name + "MASTER", primary, 1, false, std::nullopt, hours, usage);
    add(name + "CORE", text_at(instances, "SlaveInstanceType"),
        number_at(instances, "InstanceCount", 1) - 1, false, std::nullopt, hours, usage);
  } else {
    return Error(code::kInvalid,
                 "Instances has no MasterInstanceType, InstanceGroups or InstanceFleets.");
  }
  return {};
}

}  // namespace tarn::cost
