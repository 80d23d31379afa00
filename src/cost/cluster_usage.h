// ClusterUsage: the instances that a cluster is, as usage.
//
// Place: cost; over the wire's form of RunJobFlow's input, so that a file, a template's properties
// and a cluster of the server are read alike. Threads: pure functions.
// Source: https://docs.aws.amazon.com/emr/latest/APIReference/API_JobFlowInstancesConfig.html
#pragma once

#include <string>

#include "base/result.h"
#include "cost/usage.h"
#include "wire/json_value.h"

namespace tarn::cost {

// Adds the groups or fleets of `instances` (the member Instances of RunJobFlow), each instance for
// `hours`. A fleet is counted in instances of its first type, as many as reach its target. `name`
// stands before what each line is. Error: kInvalid (neither types, groups nor fleets).
[[nodiscard]] Status add_cluster(const nlohmann::json& instances, const std::string& name,
                                 double hours, Usage& usage);

// One group, or one fleet, in the same form.
void add_group(const nlohmann::json& group, const std::string& name, double hours, Usage& usage);
void add_fleet(const nlohmann::json& fleet, const std::string& name, double hours, Usage& usage);

}  // namespace tarn::cost
