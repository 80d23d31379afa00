// ResourceUsage: what a resource of a CloudFormation stack runs.
//
// Place: cost. Threads: pure functions.
//
// Properties are evaluated: of a stack that is there, or of a template with its parameters.
#pragma once

#include <string>

#include "cost/usage.h"
#include "wire/json_value.h"

namespace tarn::cost {

struct Resource {
  std::string name;  // the logical id
  std::string type;  // "AWS::EMR::Cluster"
  nlohmann::json properties = nlohmann::json::object();
};

// Adds a month of `hours`. What is charged by use alone, and what a property leaves open, is told
// in not_counted.
void add_resource(const Resource& resource, double hours, Usage& usage);

}  // namespace tarn::cost
