// AWS::CloudFormation::Stack: a stack that is a resource of another.
//
// Place: services/cloudformation. Threads: the control strand.
// https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-cloudformation-stack.html
#pragma once

#include <memory>

#include "platform/clock.h"
#include "services/cloudformation/resource_type.h"
#include "services/cloudformation/stacks.h"
#include "services/cloudformation/template_source.h"

namespace tarn::cloudformation {

// All must live on.
[[nodiscard]] std::unique_ptr<ResourceType> nested_stack_type(Stacks& stacks,
                                                              const TemplateSource& source,
                                                              const iam::Authorizer& authorizer,
                                                              platform::Clock& clock);

}  // namespace tarn::cloudformation
