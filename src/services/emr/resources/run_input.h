// What templates say of clusters, as EMR's actions take it.
//
// Place: services/emr/resources. Threads: pure functions.
#pragma once

#include <map>
#include <string>

#include "wire/json_value.h"

namespace tarn::emr {

// Templates have ConfigurationProperties where actions have Properties, at any depth.
[[nodiscard]] nlohmann::json configurations_of(const nlohmann::json& given);
// The same the other way.
[[nodiscard]] nlohmann::json template_configurations_of(const nlohmann::json& told);
// Of a fleet or group: its instance types' configurations and its own.
[[nodiscard]] nlohmann::json collection_of(nlohmann::json given);
// A step; StepProperties is a list of Key and Value.
[[nodiscard]] nlohmann::json step_of(nlohmann::json given);
// The input of RunJobFlow but for its tags, from the properties of AWS::EMR::Cluster.
[[nodiscard]] nlohmann::json run_input_of(const nlohmann::json& properties);

// Of the property Instances: fleets and groups by the names of their members ("CoreInstanceFleet",
// "TaskInstanceGroups/0"), without what changes in place, which is told apart.
struct Sizes {
  nlohmann::json fixed;                                 // Instances without sizes and protection
  std::map<std::string, nlohmann::json> by_collection;  // counts and capacities
};
[[nodiscard]] Sizes sizes_of(const nlohmann::json& instances);

}  // namespace tarn::emr
