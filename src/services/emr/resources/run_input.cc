#include "services/emr/resources/run_input.h"

#include <array>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include <fmt/format.h>

namespace tarn::emr {
namespace {

using nlohmann::json;

constexpr std::array<std::string_view, 3> kSizeNames = {"InstanceCount", "TargetOnDemandCapacity",
                                                        "TargetSpotCapacity"};

// A member of Instances in a template, and what its collections are to RunJobFlow.
struct Collections {
  const char* member;
  const char* list;  // of RunJobFlow
  const char* role_member;
  const char* role;
};
constexpr std::array<Collections, 6> kCollections = {{
    {"MasterInstanceFleet", "InstanceFleets", "InstanceFleetType", "MASTER"},
    {"CoreInstanceFleet", "InstanceFleets", "InstanceFleetType", "CORE"},
    {"TaskInstanceFleets", "InstanceFleets", "InstanceFleetType", "TASK"},
    {"MasterInstanceGroup", "InstanceGroups", "InstanceRole", "MASTER"},
    {"CoreInstanceGroup", "InstanceGroups", "InstanceRole", "CORE"},
    {"TaskInstanceGroups", "InstanceGroups", "InstanceRole", "TASK"},
}};

json instances_of(json given) {
  for (const Collections& each : kCollections) {
    const auto found = given.find(each.member);
    if (found == given.end()) continue;
    const json all = found->is_array() ? *found : json::array({*found});
    given.erase(found);
    for (const json& one : all) {
      json collection = collection_of(one);
      collection[each.role_member] = each.role;
      given[each.list].push_back(std::move(collection));
    }
  }
  return given;
}

void take_sizes(std::string name, json& collection, Sizes& out) {
  json sizes = json::object();
  for (const std::string_view member : kSizeNames) {
    const auto found = collection.find(member);
    if (found == collection.end()) continue;
    sizes[std::string(member)] = *found;
    collection.erase(found);
  }
  out.by_collection.emplace(std::move(name), std::move(sizes));
}

}  // namespace

json configurations_of(const json& given) {
  json out = json::array();
  for (json each : given) {
    if (each.contains("ConfigurationProperties")) {
      each["Properties"] = each["ConfigurationProperties"];
      each.erase("ConfigurationProperties");
    }
    if (each.contains("Configurations"))
      each["Configurations"] = configurations_of(each["Configurations"]);
    out.push_back(std::move(each));
  }
  return out;
}

json template_configurations_of(const json& told) {
  json out = json::array();
  for (const json& each : told) {
    json one = json::object();
    one["Classification"] = each.value("Classification", "");
    if (each.contains("Properties")) one["ConfigurationProperties"] = each["Properties"];
    if (each.contains("Configurations"))
      one["Configurations"] = template_configurations_of(each["Configurations"]);
    out.push_back(std::move(one));
  }
  return out;
}

json collection_of(json given) {
  if (given.contains("Configurations"))
    given["Configurations"] = configurations_of(given["Configurations"]);
  if (given.contains("InstanceTypeConfigs")) {
    for (json& type : given["InstanceTypeConfigs"]) {
      if (type.contains("Configurations"))
        type["Configurations"] = configurations_of(type["Configurations"]);
    }
  }
  return given;
}

json step_of(json given) {
  const auto jar = given.find("HadoopJarStep");
  if (jar == given.end() || !jar->contains("StepProperties")) return given;
  (*jar)["Properties"] = (*jar)["StepProperties"];
  jar->erase("StepProperties");
  return given;
}

json run_input_of(const json& properties) {
  json out = properties;
  out.erase("Tags");
  out["Instances"] = instances_of(out.value("Instances", json::object()));
  // A cluster of a stack stays, unless its template says otherwise.
  if (!out["Instances"].contains("KeepJobFlowAliveWhenNoSteps"))
    out["Instances"]["KeepJobFlowAliveWhenNoSteps"] = true;
  if (out.contains("Configurations"))
    out["Configurations"] = configurations_of(out["Configurations"]);
  if (out.contains("Steps")) {
    for (json& step : out["Steps"]) step = step_of(std::move(step));
  }
  return out;
}

Sizes sizes_of(const json& instances) {
  Sizes out;
  out.fixed = instances;
  if (!instances.is_object()) return out;
  out.fixed.erase("TerminationProtected");
  for (const Collections& each : kCollections) {
    const auto found = out.fixed.find(each.member);
    if (found == out.fixed.end()) continue;
    if (!found->is_array()) {
      take_sizes(each.member, *found, out);
      continue;
    }
    for (std::size_t i = 0; i < found->size(); ++i)
      take_sizes(fmt::format("{}/{}", each.member, i), (*found)[i], out);
  }
  return out;
}

}  // namespace tarn::emr
