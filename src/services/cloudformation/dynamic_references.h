// Dynamic references: "{{resolve:ssm:NAME}}" and its kin in the properties of resources, which
// stand for values that SSM and Secrets Manager keep.
//
// Place: services/cloudformation, under operation.h. Threads: the control strand.
//
// They are resolved for a resource's type alone: records, events and answers have them as they are
// written. Forms as
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/dynamic-references.html has them.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "base/task.h"
#include "gateway/in_process.h"
#include "services/cloudformation/resource_type.h"

namespace tarn::cloudformation {

// `properties` with every reference's value, read as `caller`. Errors: ValidationError (a form that
// is none, nothing of that name); AccessDenied.
[[nodiscard]] Task<Result<Json>> resolve_references(const gateway::InProcess& calls, Caller caller,
                                                    Json properties);

// What stands between "{{resolve:" and "}}", at its colons; an ARN is one part.
[[nodiscard]] std::vector<std::string> parts_of_reference(std::string_view inside);

}  // namespace tarn::cloudformation
