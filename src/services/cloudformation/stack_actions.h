// The handlers of actions about stacks.
//
// Place: services/cloudformation. Threads: the control strand.
#pragma once

#include "base/result.h"
#include "base/task.h"
#include "services/cloudformation/api.h"
#include "services/cloudformation/service.h"

namespace tarn::cloudformation {

Task<Result<CreateStackOutput>> handle(CreateStack, CloudFormation& room, const Caller& caller,
                                       CreateStackInput input);
Task<Result<UpdateStackOutput>> handle(UpdateStack, CloudFormation& room, const Caller& caller,
                                       UpdateStackInput input);
Task<Result<wire::Unit>> handle(CancelUpdateStack, CloudFormation& room, const Caller& caller,
                                CancelUpdateStackInput input);
Task<Result<ContinueUpdateRollbackOutput>> handle(ContinueUpdateRollback, CloudFormation& room,
                                                  const Caller& caller,
                                                  ContinueUpdateRollbackInput input);
Task<Result<RollbackStackOutput>> handle(RollbackStack, CloudFormation& room, const Caller& caller,
                                         RollbackStackInput input);
Task<Result<wire::Unit>> handle(DeleteStack, CloudFormation& room, const Caller& caller,
                                DeleteStackInput input);
Task<Result<DescribeStacksOutput>> handle(DescribeStacks, CloudFormation& room,
                                          const Caller& caller, DescribeStacksInput input);
Task<Result<ListStacksOutput>> handle(ListStacks, CloudFormation& room, const Caller& caller,
                                      ListStacksInput input);
Task<Result<DescribeStackEventsOutput>> handle(DescribeStackEvents, CloudFormation& room,
                                               const Caller& caller,
                                               DescribeStackEventsInput input);
Task<Result<DescribeStackResourcesOutput>> handle(DescribeStackResources, CloudFormation& room,
                                                  const Caller& caller,
                                                  DescribeStackResourcesInput input);
Task<Result<DescribeStackResourceOutput>> handle(DescribeStackResource, CloudFormation& room,
                                                 const Caller& caller,
                                                 DescribeStackResourceInput input);
Task<Result<ListStackResourcesOutput>> handle(ListStackResources, CloudFormation& room,
                                              const Caller& caller, ListStackResourcesInput input);
Task<Result<GetTemplateOutput>> handle(GetTemplate, CloudFormation& room, const Caller& caller,
                                       GetTemplateInput input);
Task<Result<ListExportsOutput>> handle(ListExports, CloudFormation& room, const Caller& caller,
                                       ListExportsInput input);
Task<Result<ListImportsOutput>> handle(ListImports, CloudFormation& room, const Caller& caller,
                                       ListImportsInput input);
Task<Result<UpdateTerminationProtectionOutput>> handle(UpdateTerminationProtection,
                                                       CloudFormation& room, const Caller& caller,
                                                       UpdateTerminationProtectionInput input);

}  // namespace tarn::cloudformation
